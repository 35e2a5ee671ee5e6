"""`Tensor`: NumPy's arrays and operations, each with the way back for its gradient.

Read `nnbook.graph` first: it says what a graph is and how gradients flow through it. Here is the
table of operations, each one a value and a vjp (vector-Jacobian product).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnbook import arrays
from nnbook.arrays import Array, Axis
from nnbook.errors import KindError, ShapeError
from nnbook.graph import Node


class Tensor(Node):
    """An array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Real numbers of any shape. They are copied, and their dtype is kept.
    requires_grad : bool
        Whether `backward` leaves a gradient in `grad`; needs a floating dtype (else `KindError`).
    """

    __slots__ = ()

    def __init__(self, data: ArrayLike, requires_grad: bool = False) -> None:
        array = arrays.numbers("Tensor", data)
        if requires_grad and array.dtype.kind != "f":
            got = f"dtype {array.dtype} with requires_grad=True"
            remedy = "write 1.0 instead of 1, or use array.astype(float)"
            raise KindError("Tensor", got=got, wanted="a floating dtype", remedy=remedy)
        super().__init__(array.copy(), requires_grad)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Kind of number."""
        return self.data.dtype

    @property
    def T(self) -> Tensor:  # noqa: N802
        """The tensor with its axes in reverse order."""
        return self.transpose()

    def detach(self) -> Tensor:
        """Return a leaf that shares the data and takes no part in the graph."""
        return as_tensor(self.data)

    def numpy(self) -> Array:
        """Return a copy of the data, yours to change."""
        return self.data.copy()

    def item(self) -> Any:
        """Return the single entry as a Python number."""
        if self.size != 1:
            got, remedy = f"shape {self.shape}", "use .mean() first, or .numpy()"
            raise ShapeError("item", got=got, wanted="a single entry", remedy=remedy)
        return self.data.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Give NumPy the data, unless a gradient would get lost without a word."""
        if self.requires_grad:
            got, remedy = "a tensor that requires a gradient", "use .numpy() or .detach()"
            raise KindError("np.asarray", got=got, wanted="plain numbers", remedy=remedy)
        return np.array(self.data, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Take over ``array + tensor``, which is np.add for NumPy; refuse what is no operator."""
        operation = arrays.python_operator(ufunc, method, self.shape, options)
        return operation(as_tensor(inputs[0], beside=self), inputs[1])

    def __repr__(self) -> str:
        """Show the numbers, and whether they have a gradient."""
        numbers = np.array2string(self.data, separator=", ", prefix="Tensor(")
        return f"Tensor({numbers}{', requires_grad=True' if self.requires_grad else ''})"

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        """Yield the rows; a single number cannot be iterated (TypeError)."""
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        """Return the truth of a single number."""
        return bool(self.data)

    def __float__(self) -> float:
        """Return the single entry."""
        return float(self.item())

    def __neg__(self) -> Tensor:
        """Return ``-a``."""
        return Tensor._from_op(-self.data, (self,), lambda g: (-g,))

    def __add__(self, other: Operand) -> Tensor:
        """Return ``a + b``."""
        other = as_tensor(other, beside=self)
        value = arrays.broadcast("+", np.add, self.data, other.data)
        return Tensor._from_op(value, (self, other), lambda g: (g, g))

    def __mul__(self, other: Operand) -> Tensor:
        """Return ``a * b``."""
        other = as_tensor(other, beside=self)
        a, b = self.data, other.data
        value = arrays.broadcast("*", np.multiply, a, b)
        return Tensor._from_op(value, (self, other), lambda g: (g * b, g * a))

    def __sub__(self, other: Operand) -> Tensor:
        """Return ``a - b``."""
        other = as_tensor(other, beside=self)
        value = arrays.broadcast("-", np.subtract, self.data, other.data)
        return Tensor._from_op(value, (self, other), lambda g: (g, -g))

    def __truediv__(self, other: Operand) -> Tensor:
        """Return ``a / b``, whose slopes are 1/b and -a/b² = -value/b."""
        other = as_tensor(other, beside=self)
        b = other.data
        value = arrays.broadcast("/", np.divide, self.data, b)
        return Tensor._from_op(value, (self, other), lambda g: (g / b, -g * value / b))

    def __pow__(self, other: Operand) -> Tensor:
        """Return ``a ** b``."""
        other = as_tensor(other, beside=self)
        a, b = self.data, other.data
        value = arrays.broadcast("**", np.power, a, b)

        def vjp(g: Array) -> tuple[Array | None, Array | None]:
            base = np.where(b == 0, 1, a)  # a**0 is flat, also at a = 0
            grad_a = g * b * base ** (b - 1) if self.requires_grad else None
            grad_b = g * value * np.log(np.where(a == 0, 1, a)) if other.requires_grad else None
            return grad_a, grad_b

        return Tensor._from_op(value, (self, other), vjp)

    def __matmul__(self, other: Operand) -> Tensor:
        """Return ``a @ b`` for vectors, matrices and stacks of matrices, as in NumPy."""
        other = as_tensor(other, beside=self)
        a, b = self.data, other.data
        value = arrays.matmul(a, b)
        wanted = (self.requires_grad, other.requires_grad)
        return Tensor._from_op(value, (self, other), lambda g: arrays.matmul_vjp(g, a, b, wanted))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: ArrayLike) -> Tensor:
        """Return ``other - self``."""
        return as_tensor(other, beside=self) - self

    def __rtruediv__(self, other: ArrayLike) -> Tensor:
        """Return ``other / self``."""
        return as_tensor(other, beside=self) / self

    def __rpow__(self, other: ArrayLike) -> Tensor:
        """Return ``other ** self``."""
        return as_tensor(other, beside=self) ** self

    def __rmatmul__(self, other: ArrayLike) -> Tensor:
        """Return ``other @ self``."""
        return as_tensor(other, beside=self) @ self

    def __getitem__(self, index: Any) -> Tensor:
        """Return ``a[index]``; an entry that is taken twice gets both gradients."""
        value, shape, kept = arrays.take(self.data, index), self.shape, arrays.own_index(index)
        return Tensor._from_op(value, (self,), lambda g: (arrays.scatter(g, kept, shape),))

    def exp(self) -> Tensor:
        """Return e to the power of every entry."""
        value = np.exp(self.data)
        return Tensor._from_op(value, (self,), lambda g: (g * value,))

    def log(self) -> Tensor:
        """Return the natural logarithm."""
        a = self.data
        return Tensor._from_op(np.log(a), (self,), lambda g: (g / a,))

    def sqrt(self) -> Tensor:
        """Return the square root."""
        value = np.sqrt(self.data)
        return Tensor._from_op(value, (self,), lambda g: (g / (2 * value),))

    def abs(self) -> Tensor:
        """Return the absolute value; its slope at 0 is taken as 0."""
        a = self.data
        return Tensor._from_op(np.abs(a), (self,), lambda g: (g * np.sign(a),))

    def tanh(self) -> Tensor:
        """Return the hyperbolic tangent."""
        value = np.tanh(self.data)
        return Tensor._from_op(value, (self,), lambda g: (g * (1 - value**2),))

    def sigmoid(self) -> Tensor:
        """Return ``1 / (1 + exp(-a))``; far below 0, where the power overflows, that is 0."""
        value = arrays.logistic(self.data)
        return Tensor._from_op(value, (self,), lambda g: (g * value * (1 - value),))

    def relu(self) -> Tensor:
        """Return ``max(a, 0)``; its slope at 0 is taken as 0."""
        a = self.data
        return Tensor._from_op(np.maximum(a, 0), (self,), lambda g: (g * (a > 0),))

    def clip(self, low: float | None, high: float | None) -> Tensor:
        """Return the entries limited to low … high; outside, the slope is 0."""
        value = np.clip(self.data, low, high)
        inside = value == self.data
        return Tensor._from_op(value, (self,), lambda g: (np.where(inside, g, 0),))

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the sum along `axis` (all axes for None)."""
        shape, axes = self.shape, arrays.normalized("sum", self.shape, axis)
        value = self.data.sum(axis=axes, keepdims=keepdims)
        return Tensor._from_op(value, (self,), lambda g: (arrays.spread(g, shape, axes),))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the mean along `axis`."""
        count = arrays.count("mean", self.shape, axis)
        return self.sum(axis, keepdims) / count

    def var(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the mean squared distance from the mean (divided by n, as in NumPy)."""
        arrays.count("var", self.shape, axis)  # to refuse an empty axis under this name
        return ((self - self.mean(axis, keepdims=True)) ** 2).mean(axis, keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the largest entry along `axis`; equal ones share the gradient equally."""
        return self._extreme("max", axis, keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Return the smallest entry along `axis`; equal ones share the gradient equally."""
        return self._extreme("min", axis, keepdims)

    def _extreme(self, name: str, axis: Axis, keepdims: bool) -> Tensor:
        value, share = arrays.extreme(name, self.data, axis, keepdims)
        return Tensor._from_op(
            value, (self,), lambda g: (arrays.spread(g, share.shape, axis) * share,)
        )

    def reshape(self, *shape: Any) -> Tensor:
        """Return the entries in the same order under another shape; one length may be -1."""
        value, before = arrays.reshape(self.data, *shape), self.shape
        return Tensor._from_op(value, (self,), lambda g: (g.reshape(before),))

    def transpose(self, *axes: Any) -> Tensor:
        """Return the axes in another order; reversed when none is given."""
        value, back = arrays.transpose(self.data, *axes)
        return Tensor._from_op(value, (self,), lambda g: (g.transpose(back),))

    def swapaxes(self, first: int, second: int) -> Tensor:
        """Return the tensor with two axes exchanged."""
        value = arrays.swapaxes(self.data, first, second)
        return Tensor._from_op(value, (self,), lambda g: (g.swapaxes(first, second),))

    def squeeze(self, axis: Axis = None) -> Tensor:
        """Return the tensor without axes of length 1 (all of them, or those in `axis`)."""
        return self.reshape(arrays.squeeze(self.data, axis).shape)

    def expand_dims(self, axis: int | tuple[int, ...]) -> Tensor:
        """Return the tensor with a new axis of length 1 at `axis`."""
        return self.reshape(arrays.expand_dims(self.data, axis).shape)

    def broadcast_to(self, shape: Sequence[int]) -> Tensor:
        """Return the tensor repeated to `shape`; the engine undoes it."""
        return Tensor._from_op(arrays.broadcast_to(self.data, shape), (self,), lambda g: (g,))


Operand: TypeAlias = Tensor | ArrayLike


def as_tensor(value: Operand, beside: Tensor | None = None) -> Tensor:
    """Return a tensor as it is, and anything else as a constant that shares its data.

    A number takes the dtype of the tensor `beside` it, as NumPy has it for Python's numbers.
    """
    if isinstance(value, Tensor):
        return value
    data = arrays.numbers("Tensor", value)
    if beside is not None and isinstance(value, int | float | np.number):
        data = data.astype(np.result_type(beside.dtype, data.item()))
    return Tensor._from_op(data, (), lambda g: ())  # without parents: a leaf


def concatenate(tensors: Sequence[Operand], axis: int = 0) -> Tensor:
    """Join tensors along an axis that they have."""
    parents = tuple(as_tensor(tensor) for tensor in tensors)
    value = arrays.concatenate([parent.data for parent in parents], axis)
    ends = list(accumulate(parent.shape[axis] for parent in parents))
    return Tensor._from_op(value, parents, lambda g: np.split(g, ends[:-1], axis))


def stack(tensors: Sequence[Operand], axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis."""
    parents = [as_tensor(tensor) for tensor in tensors]
    arrays.refuse_unstackable([parent.shape for parent in parents], axis)
    return concatenate([parent.expand_dims(axis) for parent in parents], axis)


def where(condition: ArrayLike, a: Operand, b: Operand) -> Tensor:
    """Return ``a`` where the condition holds and ``b`` elsewhere; each gets its own gradient."""
    mask, a, b = arrays.numbers("where", condition).astype(bool), *_pair(a, b)
    value = arrays.broadcast("where", np.where, mask, a.data, b.data)
    return Tensor._from_op(value, (a, b), lambda g: (np.where(mask, g, 0), np.where(mask, 0, g)))


def maximum(a: Operand, b: Operand) -> Tensor:
    """Return the larger of two entries; equal ones share the gradient equally."""
    a, b = _pair(a, b)
    value = arrays.broadcast("maximum", np.maximum, a.data, b.data)
    share = np.where(a.data == b.data, 0.5, a.data == value).astype(value.dtype)
    return Tensor._from_op(value, (a, b), lambda g: (g * share, g * (1 - share)))


def einsum(subscripts: str, *operands: Operand) -> Tensor:
    """Return Einstein's sum, as in ``einsum("ij,jk->ik", a, b)``; see `numpy.einsum`."""
    words = arrays.einsum_subscripts(subscripts, len(operands))
    parents = tuple(as_tensor(operand) for operand in operands)
    data = tuple(parent.data for parent in parents)
    value = arrays.einsum(subscripts, *data)
    return Tensor._from_op(
        value, parents, lambda g: [arrays.einsum_vjp(g, words, data, i) for i in range(len(data))]
    )


def _pair(a: Operand, b: Operand) -> tuple[Tensor, Tensor]:
    """Make tensors of both; a plain number takes the dtype of the other."""
    first = as_tensor(a, beside=as_tensor(b))
    return first, as_tensor(b, beside=first)
