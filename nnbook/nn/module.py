"""`Module`: something with parameters that turns a batch into another."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import ShapeError, UnknownNameError
from nnbook.tensor import Tensor


class Parameter(Tensor):
    """A tensor that a model learns: a leaf that requires a gradient.

    Parameters
    ----------
    data : array_like
        Starting values, of a floating dtype.
    """

    __slots__ = ()

    def __init__(self, data: ArrayLike) -> None:
        super().__init__(data, requires_grad=True)


class Module:
    """Base of layers and models: write `forward`, and keep parameters as attributes.

    Parameters and modules are found in attributes, and in lists or tuples kept in attributes; there
    is nothing to register.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter([2.0])
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scale()(Tensor([1.0, 3.0]))
    Tensor([2., 6.], requires_grad=True)
    """

    training: bool = True

    def __call__(self, *inputs: Any) -> Any:
        """Return ``forward(*inputs)``."""
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """Compute the outputs; each kind of module says how."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, x)")

    def named_children(self) -> Iterator[tuple[str, "Parameter | Module"]]:
        """Yield the parameters and modules that this one holds directly, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, list | tuple):
                yield from _members((f"{name}.{i}", item) for i, item in enumerate(value))
            else:
                yield from _members([(name, value)])

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter once, under a name such as ``0.weight``."""
        seen = set()
        for name, parameter in self._walk():
            if parameter not in seen:
                seen.add(parameter)
                yield name, parameter

    def _walk(self) -> Iterator[tuple[str, Parameter]]:
        for name, child in self.named_children():
            if isinstance(child, Parameter):
                yield name, child
            else:
                yield from ((f"{name}.{rest}", parameter) for rest, parameter in child._walk())

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter once."""
        return (parameter for _, parameter in self.named_parameters())

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> "Module":
        """Switch this module and all in it to training (or not), and return it."""
        self.training = mode
        for _, child in self.named_children():
            if isinstance(child, Module):
                child.train(mode)
        return self

    def eval(self) -> "Module":
        """Switch to evaluation, and return the module."""
        return self.train(False)

    def state_dict(self) -> dict[str, Array]:
        """Return a copy of every parameter's data by name."""
        return {name: parameter.numpy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, ArrayLike]) -> None:
        """Take over what `state_dict` of a model of the same shapes returned.

        Raises
        ------
        UnknownNameError
            If a name is missing, or one too many; then nothing is taken over.
        ShapeError
            If a shape differs; then nothing is taken over.
        """
        parameters = dict(self.named_parameters())
        for name in sorted(parameters.keys() ^ state.keys()):
            known = state if name in parameters else parameters
            raise UnknownNameError.among("load_state_dict", name, known)
        arrays = {name: np.array(state[name], parameters[name].dtype) for name in parameters}
        for name, parameter in parameters.items():
            _refuse_other_shape(name, arrays[name].shape, parameter.shape)
        for name, parameter in parameters.items():
            parameter.data = arrays[name]


def _members(values: Iterable[tuple[str, object]]) -> Iterator[tuple[str, Parameter | Module]]:
    for name, value in values:
        if isinstance(value, Parameter | Module):
            yield name, value


def _refuse_other_shape(name: str, got: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if got != wanted:
        raise ShapeError(
            "load_state_dict",
            got=f"shape {got} for {name}",
            wanted=f"{wanted}",
            remedy="build the model with the sizes it was saved with",
        )
