"""Optimizers: how a gradient becomes a step. Formulas and defaults are PyTorch's."""

from collections.abc import Iterable

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, GradientError, KindError
from nnbook.tensor import Tensor


class Optimizer:
    """Base of the optimizers: the parameters, the learning rate, and the walk over both.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    lr : float
        Learning rate; may be changed between steps.

    Raises
    ------
    ArgumentError
        If there is no parameter, or if the rate is negative or not a number.
    KindError
        If something among the parameters is not a tensor that requires a gradient.
    """

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        self.params = _require_parameters(type(self).__name__, params)
        self.lr = lr

    @property
    def lr(self) -> float:
        """Learning rate."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = _require_nonnegative(type(self).__name__, "lr", rate)

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""
        for parameter in self.params:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient.

        Raises
        ------
        GradientError
            If none has one.
        """
        if all(parameter.grad is None for parameter in self.params):
            raise GradientError(
                "step",
                got="parameters without a gradient",
                wanted="a gradient from backward()",
                remedy="call loss.backward() before optimizer.step()",
            )
        for number, parameter in enumerate(self.params):
            if parameter.grad is not None:
                # A new array, not a change in place: a graph may still need the old one.
                parameter.data = parameter.data - self._move(number, parameter.data, parameter.grad)

    def _move(self, number: int, data: Array, gradient: Array) -> Array:
        """Return what to subtract from parameter `number`."""
        raise NotImplementedError(f"{type(self).__name__} needs a method _move")


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    With gradient g, momentum β, velocity v and rate η: ``g ← g + weight_decay·w``, ``v ← β v + g``
    (v = g at the first step), ``w ← w - η v``; for Nesterov's form ``w ← w - η (g + β v)``.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    lr : float
        Learning rate η.
    momentum : float
        Share β of the velocity that is kept from step to step.
    nesterov : bool
        Whether to look ahead; needs momentum.
    weight_decay : float
        Factor of the weight that is added to its gradient (L2 penalty).

    Raises
    ------
    ArgumentError
        If a number is negative, or `nesterov` is used without momentum.

    Notes
    -----
    Sutskever et al. (2013), On the importance of initialization and momentum in deep learning. As
    in PyTorch, η multiplies the whole velocity, so that a steady gradient moves η/(1-β) a step.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        momentum: float = 0,
        nesterov: bool = False,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = _require_nonnegative("SGD", "momentum", momentum)
        self.weight_decay = _require_nonnegative("SGD", "weight_decay", weight_decay)
        self.nesterov = nesterov
        self._velocities: dict[int, Array] = {}
        if nesterov and not momentum:
            raise ArgumentError(
                "SGD",
                got="nesterov=True with momentum=0",
                wanted="a velocity to look ahead along",
                remedy="pass momentum=0.9",
            )

    def _move(self, number: int, data: Array, gradient: Array) -> Array:
        if self.weight_decay:
            gradient = gradient + self.weight_decay * data
        if not self.momentum:
            return self.lr * gradient
        kept = self.momentum * self._velocities[number] if number in self._velocities else 0
        velocity = self._velocities[number] = kept + gradient
        return self.lr * (gradient + self.momentum * velocity if self.nesterov else velocity)


def _require_parameters(operation: str, params: Iterable[Tensor]) -> list[Tensor]:
    parameters: list[Tensor] = list(params)
    if not parameters:
        raise ArgumentError(
            operation,
            got="no parameters",
            wanted="at least one",
            remedy="pass model.parameters(); a generator that was used once is empty",
        )
    for parameter in parameters:
        if not (isinstance(parameter, Tensor) and parameter.requires_grad):
            raise KindError(
                operation,
                got=f"a parameter that is {type(parameter).__name__} without requires_grad",
                wanted="tensors that require a gradient",
                remedy="make it with Tensor(data, requires_grad=True)",
            )
    return parameters


def _require_nonnegative(operation: str, name: str, value: float) -> float:
    if not value >= 0:  # also refuses nan
        raise ArgumentError(
            operation,
            got=f"{name}={value}",
            wanted="a number of at least 0",
            remedy="descent subtracts the gradient itself, so keep the sign positive",
        )
    return float(value)
