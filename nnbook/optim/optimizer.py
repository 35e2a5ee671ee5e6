"""What all optimizers share: the parameters, the rate, the state, and the walk over them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import GradientError, MissingMethodError, ShapeError
from nnbook.optim.checks import require_nonnegative, require_parameters
from nnbook.tensor import Tensor

# An update passes several times over weights, gradient and state. In pieces of so many entries
# (1 MB of float32) only the first pass has to wait for memory; the others find them in the cache.
BLOCK = 262_144

# A call of NumPy takes about a microsecond, however few the numbers. So parameters of up to so many
# entries are joined, and move together as one vector.
SMALL = 16_384


class Optimizer:
    """Base of the optimizers: the parameters, the learning rate, and the walk over both.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    lr : float
        Learning rate; may be changed between steps.
    weight_decay : float
        How strongly the weights are pulled towards 0.
    keeps : tuple of str
        Names of the arrays to keep for every parameter, all zero at first.

    Attributes
    ----------
    params : list of Tensor
        The parameters, in order.
    state : dict of str to tuple of ndarray
        What is remembered from step to step: ``optimizer.state["m"][0]`` has the shape of the
        first parameter. A step changes these arrays in place; copy what you want to keep.
    steps : list of int
        How many steps each parameter has taken; one without a gradient is left out.

    Raises
    ------
    ArgumentError
        If there is no parameter, if one is listed twice, or if a number is negative or not finite.
    KindError
        If something among the parameters is not a leaf that requires a gradient.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        weight_decay: float = 0,
        keeps: tuple[str, ...] = (),
    ) -> None:
        self.params = require_parameters(type(self).__name__, params)
        self.lr = lr
        self.weight_decay = self._nonnegative("weight_decay", weight_decay)
        self.steps = [0] * len(self.params)
        self._shapes = [parameter.shape for parameter in self.params]
        self._groups = [_Group(numbers, self.params, keeps) for numbers in _alike(self.params)]
        views = {n: part for group in self._groups for n, part in group.views(self._shapes)}
        self.state = {
            name: tuple(views[number][k] for number in range(len(self.params)))
            for k, name in enumerate(keeps)
        }

    @property
    def lr(self) -> float:
        """Learning rate."""
        return self._lr

    @lr.setter
    def lr(self, rate: float) -> None:
        self._lr = self._nonnegative("lr", rate)

    @property
    def state_size(self) -> int:
        """How many numbers are kept beside each weight: 0 for plain SGD, 2 for Adam."""
        return len(self.state)

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""
        for parameter in self.params:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient, by assigning a new array to its data.

        Raises
        ------
        GradientError
            If none has one.
        ShapeError
            If a gradient, or the data by now, has another shape; then nothing has moved.
        """
        moving = [n for n, parameter in enumerate(self.params) if parameter.grad is not None]
        if not moving:
            raise GradientError(
                "step",
                got="parameters without a gradient",
                wanted="a gradient from backward()",
                remedy="call loss.backward() before optimizer.step()",
            )
        for number in moving:
            self._refuse_other_shapes(number)
        for group in self._groups:
            if len(moving) == len(self.params) and group.in_step(self.steps):
                self._move(group.numbers, group.parts, group.state)
                continue
            for number in set(group.numbers) & set(moving):
                state = [kept[number].reshape(-1) for kept in self.state.values()]
                self._move([number], [slice(None)], state)

    def _move(self, numbers: Sequence[int], parts: Sequence[slice], state: Sequence[Array]) -> None:
        """Move parameters that have taken equally many steps, seen as parts of one vector."""
        for number in numbers:
            self.steps[number] += 1
        moving = [self.params[number] for number in numbers]
        w = _joined([parameter.data for parameter in moving])
        g = _joined([parameter.grad for parameter in moving if parameter.grad is not None])
        # A new array, not a change in place: a graph may still need the old one.
        new = np.empty_like(w)
        for block in blocks(new, w, g, *state):
            self._update(self.steps[numbers[0]], *block)
        for parameter, part in zip(moving, parts, strict=True):
            parameter.data = new[part].reshape(parameter.data.shape)

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        """Write the weights after step `t` = 1, 2, … into `new`; each kind says how.

        All arrays have one shape. `w` and `g` are only read, `state` is changed in place, and
        `new` holds nothing yet, so that it is also the room for what comes in between.
        """
        raise MissingMethodError(
            type(self).__name__,
            got="no method _update",
            wanted="the formula of a step",
            remedy="write _update, as in nnbook/optim/descent.py",
        )

    def _penalized(self, w: Array, g: Array) -> Array:
        """Return the gradient with that of the L2 penalty, ``weight_decay/2 · w²``, added."""
        return g + self.weight_decay * w if self.weight_decay else g

    def _nonnegative(self, name: str, value: float) -> float:
        return require_nonnegative(type(self).__name__, name, value)

    def _refuse_other_shapes(self, number: int) -> None:
        data, gradient = self.params[number].data, self.params[number].grad
        if gradient is None or gradient.shape == data.shape == self._shapes[number]:
            return
        raise ShapeError(
            "step",
            got=f"data {data.shape} with a gradient {gradient.shape}",
            wanted=f"both of shape {self._shapes[number]}, as when the optimizer was made",
            remedy="let backward() fill in the gradient; make a new optimizer for new shapes",
        )


class _Group:
    """Parameters that move together, by number, and what is kept for them, as long vectors."""

    def __init__(
        self, numbers: list[int], params: Sequence[Tensor], keeps: tuple[str, ...]
    ) -> None:
        self.numbers = numbers
        members = [params[number] for number in numbers]
        size = sum(member.size for member in members)
        self.state = [np.zeros(size, members[0].dtype) for _ in keeps]
        ends = accumulate((member.size for member in members), initial=0)
        self.parts = [slice(start, stop) for start, stop in pairwise(ends)]

    def views(self, shapes: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, list[Array]]]:
        """Yield every parameter's number, and its parts of the vectors in its own shape."""
        for number, part in zip(self.numbers, self.parts, strict=True):
            yield number, [vector[part].reshape(shapes[number]) for vector in self.state]

    def in_step(self, steps: Sequence[int]) -> bool:
        """Tell whether all have taken equally many steps; one without a gradient falls behind."""
        return len({steps[number] for number in self.numbers}) == 1


def blocks(*vectors: Array) -> Iterator[tuple[Array, ...]]:
    """Yield pieces of vectors of one length that go through the processor's cache together."""
    for start in range(0, vectors[0].size, BLOCK):
        yield tuple(vector[start : start + BLOCK] for vector in vectors)


def _alike(params: Sequence[Tensor]) -> Iterator[list[int]]:
    """Yield the numbers of the small parameters of each dtype, and of each large one alone."""
    small: dict[np.dtype[Any], list[int]] = {}
    for number, parameter in enumerate(params):
        if parameter.size > SMALL:
            yield [number]
        else:
            small.setdefault(parameter.dtype, []).append(number)
    yield from small.values()


def _joined(arrays: Sequence[Array]) -> Array:
    """Return one array as a vector, several as one long vector."""
    return np.ravel(arrays[0]) if len(arrays) == 1 else np.concatenate(arrays, axis=None)
