"""`Module`: something with parameters that turns a batch into another."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.arrays import Array, numbers
from nnbook.errors import KindError, MissingMethodError, ShapeError, UnknownNameError
from nnbook.tensor import Tensor

LONGEST_LINE = 80


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


class Buffer(Tensor):
    """A tensor that a model keeps but does not learn, such as a running mean.

    Parameters
    ----------
    data : array_like
        Starting values.
    """

    __slots__ = ()

    def __init__(self, data: ArrayLike) -> None:
        super().__init__(data)


class Module:
    """Base of layers and models: write `forward`, and keep parameters as attributes.

    Parameters, buffers and modules are found in attributes, and in lists, tuples and dicts kept in
    attributes; there is nothing to register.

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

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Return ``forward(*inputs, **options)``."""
        return self.forward(*inputs, **options)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the outputs; each kind of module says how."""
        raise MissingMethodError(
            type(self).__name__,
            got="no method forward",
            wanted="a method forward(self, x) in the class",
            remedy="write it; if it is there, check its name and that it is indented",
        )

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """Yield the modules that this one holds directly, with their names."""
        return ((name, child) for name, child in self._members() if isinstance(child, Module))

    def named_modules(self) -> Iterator[tuple[str, "Module"]]:
        """Yield this module, named "", and every module in it, each once."""
        return _once(self._walk())

    def modules(self) -> Iterator["Module"]:
        """Yield this module and every module in it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter once, under a name such as ``0.weight``."""
        state = _once(self._named_state())
        return ((name, tensor) for name, tensor in state if isinstance(tensor, Parameter))

    def parameters(self) -> Iterator[Parameter]:
        """Yield every parameter once."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Yield every buffer once, under a name such as ``1.running_mean``."""
        state = _once(self._named_state())
        return ((name, tensor) for name, tensor in state if isinstance(tensor, Buffer))

    def buffers(self) -> Iterator[Buffer]:
        """Yield every buffer once."""
        return (buffer for _, buffer in self.named_buffers())

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> "Module":
        """Switch this module and all in it to training (or not), and return it."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        """Switch to evaluation, and return the module."""
        return self.train(False)

    def astype(self, dtype: DTypeLike) -> "Module":
        """Turn all floating parameters and buffers into another dtype, and return the module.

        In ``np.float32`` a step takes about half the time. The data have to be of the same dtype,
        since NumPy computes in the larger of two. Make the optimizer afterwards.

        Raises
        ------
        KindError
            If it is neither float32 nor float64.
        """
        kind = np.dtype(dtype)
        if kind not in (np.float32, np.float64):
            raise KindError(
                "astype",
                got=f"dtype {kind}",
                wanted="float32 or float64, in which there are gradients",
                remedy="use np.float32 or np.float64",
            )
        for _, tensor in self._named_state():
            if tensor.dtype.kind == "f":
                tensor.data, tensor.grad = tensor.data.astype(kind), None
        return self

    def state_dict(self) -> dict[str, Array]:
        """Return a copy of the data of every parameter and buffer by name, in PyTorch's order."""
        return {name: tensor.numpy() for name, tensor in self._named_state()}

    def load_state_dict(self, state: Mapping[str, ArrayLike]) -> None:
        """Take over what `state_dict` of a model of the same shapes returned.

        That may also be PyTorch's, for a model of the same layers.

        Raises
        ------
        UnknownNameError
            If a name is missing, or one too many; then nothing is taken over.
        ShapeError
            If a shape differs; then nothing is taken over.
        KindError
            If it is something else than a state, or not of numbers; then nothing is taken over.
        """
        _require_mapping(state)
        tensors = dict(self._named_state())
        _refuse_other_names(state, tensors)
        arrays = {name: numbers("load_state_dict", state[name]) for name in tensors}
        for name, tensor in tensors.items():
            _refuse_other_shape(name, arrays[name].shape, tensor.shape)
        for name, tensor in tensors.items():
            tensor.data = arrays[name].astype(tensor.dtype)

    def __repr__(self) -> str:
        """Show the modules in it, by name."""
        return show(self, (f"{name}={child!r}" for name, child in self.named_children()))

    def _members(self) -> Iterator[tuple[str, "Member"]]:
        """Yield the parameters, buffers and modules held directly, with their names."""
        for name, value in vars(self).items():
            yield from _found(name, value)

    def _walk(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        """Yield this module and those in it, as often as they are held."""
        yield prefix, self
        for name, child in self.named_children():
            yield from child._walk(f"{prefix}.{name}" if prefix else name)

    def _named_state(self) -> Iterator[tuple[str, Parameter | Buffer]]:
        """Yield parameters and buffers in PyTorch's order: of each module its own come first."""
        for prefix, module in self._walk():
            members = list(module._members())
            for kind in (Parameter, Buffer):
                for name, member in members:
                    if isinstance(member, kind):
                        yield f"{prefix}.{name}" if prefix else name, member


Member: TypeAlias = Parameter | Buffer | Module


def show(module: Module, parts: Iterable[str]) -> str:
    """Return the name of a module's class and its parts, on one line if they fit on it."""
    name, parts = type(module).__name__, list(parts)
    line = f"{name}({', '.join(parts)})"
    if len(line) <= LONGEST_LINE:
        return line
    lines = ",\n".join(parts).replace("\n", "\n    ")
    return f"{name}(\n    {lines},\n)"


def _found(name: str, value: object) -> Iterator[tuple[str, Member]]:
    """Yield the members in a value, however deep in lists, tuples and dicts."""
    if isinstance(value, Member):
        yield name, value
    elif isinstance(value, list | tuple | Mapping):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in pairs:
            yield from _found(f"{name}.{key}", item)


def _once(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Leave out what came before under another name."""
    seen = set()
    for name, item in named:
        if id(item) not in seen:
            seen.add(id(item))
            yield name, item


def _require_mapping(state: object) -> None:
    if not isinstance(state, Mapping):
        raise KindError(
            "load_state_dict",
            got=f"a state of type {type(state).__name__}",
            wanted="a dictionary of arrays by name",
            remedy="pass other_model.state_dict()",
        )


def _refuse_other_names(state: Mapping[str, object], tensors: Mapping[str, object]) -> None:
    for name in sorted(state.keys() - tensors.keys()):
        raise UnknownNameError.among("load_state_dict", name, tensors)
    for name in sorted(tensors.keys() - state.keys()):
        raise UnknownNameError(
            "load_state_dict",
            got=f"a state without {name!r}",
            wanted="all of " + ", ".join(map(repr, tensors)),
            remedy="build the model with the layers it was saved with",
        )


def _refuse_other_shape(name: str, got: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if got != wanted:
        raise ShapeError(
            "load_state_dict",
            got=f"shape {got} for {name}",
            wanted=f"{wanted}",
            remedy="build the model with the sizes it was saved with",
        )
