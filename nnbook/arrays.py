"""NumPy's rules about shapes with our errors, and the way back through each of them.

Every function here takes and returns plain arrays; `nnbook.tensor` builds its operations on them.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ArgumentError, IndexingError, KindError, ShapeError

Array: TypeAlias = NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

_OPERATORS: dict[np.ufunc, Callable[[Any, Any], Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
    np.power: operator.pow,
    np.matmul: operator.matmul,
}


def _keep_freed_memory() -> None:
    """Let the C library keep large blocks that are freed, and hand them out again.

    A training step frees large arrays and asks for arrays of the same sizes at once. glibc gives
    large blocks back to the system, so that each new one costs a page fault for every 4 kB of it,
    which can double the time of a step. It stops doing so up to the size of the largest block that
    was ever freed, at most 32 MiB (mallopt(3), M_MMAP_THRESHOLD); so one is. The block is never
    touched and takes no memory; with other C libraries this does nothing.
    """
    np.empty(2**25 - 2**16, np.uint8)


_keep_freed_memory()


def numbers(operation: str, data: ArrayLike) -> Array:
    """Return `data` as an array of real numbers or truth values, without a copy if it is one.

    Raises
    ------
    ShapeError
        If the rows of nested lists differ in length.
    KindError
        If the entries are not real numbers of a usual precision, or are tensors that require a
        gradient.
    """
    try:
        array = np.asarray(data)
    except ValueError as error:
        remedy = "pad the rows, or leave some entries out"
        raise ShapeError(
            operation, got="rows of different lengths", wanted="a full array", remedy=remedy
        ) from error
    except KindError as error:  # from a tensor, which speaks of np.asarray
        remedy = "use .detach(), or stack(tensors) to join a list of them"
        raise KindError(operation, got=error.got, wanted=error.wanted, remedy=remedy) from error
    if array.dtype.kind not in "fiub":
        got = f"data of dtype {array.dtype}"
        remedy = "number words, take .real, or convert with np.asarray(data, float)"
        raise KindError(operation, got=got, wanted="real numbers", remedy=remedy)
    if array.dtype.kind == "f" and array.itemsize not in (4, 8):
        got, remedy = f"data of dtype {array.dtype}", "convert it with array.astype(np.float32)"
        raise KindError(operation, got=got, wanted="float32 or float64", remedy=remedy)
    return array


def broadcast(operation: str, function: Callable[..., Any], *arrays: Array) -> Any:
    """Apply an element-wise function; shapes that do not broadcast are a `ShapeError`."""
    try:
        return function(*arrays)
    except ValueError as error:
        if "broadcast" not in str(error):
            raise
        raise ShapeError(
            operation,
            got="shapes " + " and ".join(str(array.shape) for array in arrays),
            wanted="axes that are equal or 1, counted from the right",
            remedy="use .reshape or .expand_dims so that they line up",
        ) from error


def python_operator(
    ufunc: np.ufunc, method: str, shape: tuple[int, ...], options: Mapping[str, Any]
) -> Callable[[Any, Any], Any]:
    """Return the operator, such as ``+``, that NumPy calls by a function, such as np.add.

    Raises
    ------
    KindError
        For other functions, such as np.exp, and for `options`, such as out: a tensor of `shape`
        would lose its gradient there.
    """
    if method == "__call__" and ufunc in _OPERATORS and not options:
        return _OPERATORS[ufunc]
    raise KindError(
        f"np.{ufunc.__name__}",
        got=f"a tensor of shape {shape}",
        wanted="arrays",
        remedy="call a method of the tensor, such as x.exp(), or take the array x.data",
    )


def floating(a: Array) -> Array:
    """Return numbers as they are if they have a floating dtype, and otherwise as float64."""
    return a if a.dtype.kind == "f" else a.astype(float)


def logistic(a: Array) -> Array:
    """Return ``1 / (1 + exp(-a))``; where the power overflows, far below 0, that is 0."""
    with np.errstate(over="ignore"):
        result: Array = 1 / (1 + np.exp(-a))
    return result


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which broadcasting had repeated an array of `shape`."""
    if gradient.shape == shape:
        return gradient
    new_axes = gradient.ndim - len(shape)
    repeated = tuple(i + new_axes for i, length in enumerate(shape) if length == 1)
    total: Array = gradient.sum(axis=(*range(new_axes), *repeated), keepdims=True)
    return total.reshape(shape)


def matmul(a: Array, b: Array) -> Any:
    """Return ``a @ b``; shapes that do not conform are a `ShapeError`."""
    try:
        return a @ b
    except ValueError as error:
        raise ShapeError(
            "@",
            got=f"shapes {a.shape} and {b.shape}",
            wanted="(..., n, k) and (..., k, m): the inner lengths k equal",
            remedy="transpose one of them with .T, or check the order of the two",
        ) from error


def matmul_vjp(
    gradient: Array, a: Array, b: Array, wanted: tuple[bool, bool]
) -> tuple[Array | None, Array | None]:
    """Return the `wanted` gradients of ``a @ b``; a vector counts as the matrix NumPy makes of it.

    For matrices these are ``gradient @ b.T`` and ``a.T @ gradient``.
    """
    rows = a[np.newaxis] if a.ndim == 1 else a  # (..., n, k)
    columns = b[:, np.newaxis] if b.ndim == 1 else b  # (..., k, m)
    if b.ndim == 1:
        gradient = np.expand_dims(gradient, -1)
    if a.ndim == 1:
        gradient = np.expand_dims(gradient, -2)
    grad_a = gradient @ columns.swapaxes(-1, -2) if wanted[0] else None
    grad_b = rows.swapaxes(-1, -2) @ gradient if wanted[1] else None
    return grad_a, grad_b[..., 0] if b.ndim == 1 and grad_b is not None else grad_b


def take(a: Array, index: Any) -> Any:
    """Return ``a[index]``; an index that `a` does not have is an `IndexingError`."""
    try:
        return a[index]
    except IndexError as error:
        is_array = isinstance(index, np.ndarray)
        shown = f"array {index.shape} of dtype {index.dtype}" if is_array else repr(index)
        raise IndexingError(
            "[]",
            got=f"shape {a.shape} and index {shown}",
            wanted="whole numbers within the axes, slices, or arrays of such numbers or of bools",
            remedy="count from 0, or from -1 at the end; make an index whole with int or //",
        ) from error


def reshape(a: Array, *shape: Any) -> Array:
    """Return ``a.reshape(*shape)``; another number of entries is a `ShapeError`."""
    target = shape[0] if len(shape) == 1 else shape
    try:
        return a.reshape(target)
    except TypeError as error:
        raise _no_lengths("reshape", target) from error
    except ValueError as error:
        raise ShapeError(
            "reshape",
            got=f"shape {a.shape} and target {target}",
            wanted=f"the same number of entries, {a.size}",
            remedy="let NumPy work out one length by writing -1",
        ) from error


def transpose(a: Array, *axes: Any) -> tuple[Array, tuple[int, ...]]:
    """Return ``a.transpose(*axes)``, and the order of axes that undoes it."""
    wanted = axes[0] if len(axes) == 1 else axes or range(a.ndim)[::-1]
    try:
        order = normalize_axis_tuple(wanted, a.ndim)
        return a.transpose(order), tuple(order.index(axis) for axis in range(a.ndim))
    except (TypeError, ValueError) as error:
        raise _axis_error(error, "transpose", a.shape, wanted, "every axis once") from error


def swapaxes(a: Array, first: int, second: int) -> Array:
    """Return ``a.swapaxes(first, second)``; axes that `a` does not have are a `ShapeError`."""
    try:
        return a.swapaxes(first, second)
    except (TypeError, ValueError) as error:
        raise _axis_error(error, "swapaxes", a.shape, (first, second)) from error


def squeeze(a: Array, axis: Axis) -> Array:
    """Return ``a.squeeze(axis)``; axes that are longer than 1 are a `ShapeError`."""
    dropped = None if axis is None else normalized("squeeze", a.shape, axis)
    try:
        return a.squeeze(dropped)
    except ValueError as error:
        raise ShapeError(
            "squeeze",
            got=f"axis {axis} of shape {a.shape}",
            wanted="axes of length 1",
            remedy="leave axis out to drop all of length 1, or reduce the others by .sum or .mean",
        ) from error


def expand_dims(a: Array, axis: int | tuple[int, ...]) -> Array:
    """Return `a` with new axes of length 1; places that the result has not are a `ShapeError`."""
    try:
        return np.expand_dims(a, axis)
    except (TypeError, ValueError) as error:
        wanted = "axes of the result, each once"
        raise _axis_error(error, "expand_dims", a.shape, axis, wanted) from error


def broadcast_to(a: Array, shape: Sequence[int]) -> Array:
    """Return `a` repeated to `shape`; a shape it cannot be repeated to is a `ShapeError`."""
    try:
        return np.broadcast_to(a, shape)
    except TypeError as error:
        raise _no_lengths("broadcast_to", shape) from error
    except ValueError as error:
        raise ShapeError(
            "broadcast_to",
            got=f"shape {a.shape} and target {shape}",
            wanted="axes that are equal or 1, counted from the right",
            remedy="add the missing axis with .expand_dims",
        ) from error


def concatenate(parts: Sequence[Array], axis: int) -> Array:
    """Join arrays along an axis that they have; other axes that differ are a `ShapeError`."""
    try:
        return np.concatenate(parts, operator.index(axis))
    except TypeError as error:
        raise _axis_error(error, "concatenate", (), axis) from error
    except ValueError as error:
        raise ShapeError(
            "concatenate",
            got=f"axis {axis} of shapes {', '.join(str(part.shape) for part in parts) or 'none'}",
            wanted="at least one array, and all axes but that one equal",
            remedy="reshape the parts first, or use stack to join them along a new axis",
        ) from error


def refuse_unstackable(shapes: Sequence[tuple[int, ...]], axis: int) -> None:
    """Raise a `ShapeError` unless all shapes are one, and a new axis may be at `axis`."""
    if len(set(shapes)) != 1:
        raise ShapeError(
            "stack",
            got=f"shapes {', '.join(map(str, shapes)) or 'none'}",
            wanted="at least one array, and all of one shape",
            remedy="reshape the parts first, or use concatenate along an axis that they have",
        )
    try:
        normalize_axis_index(axis, len(shapes[0]) + 1)
    except (TypeError, ValueError) as error:
        raise _axis_error(error, "stack", shapes[0], axis, "an axis of the result") from error


def count(operation: str, shape: tuple[int, ...], axis: Axis) -> int:
    """Return how many entries a reduction along `axis` combines into one.

    Raises
    ------
    ShapeError
        If there are none, so that a mean or a maximum does not exist.
    """
    lengths = [shape[i] for i in normalized(operation, shape, axis)]
    if 0 in lengths:
        raise ShapeError(
            operation,
            got=f"nothing to combine: shape {shape}, axis {axis}",
            wanted="at least one entry along the axis",
            remedy="check that the batch is not empty",
        )
    return math.prod(lengths)


def normalized(operation: str, shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """Return axes as a tuple, counted from 0 and all for None.

    Raises
    ------
    ShapeError
        If an axis does not exist, or is named twice.
    KindError
        If an axis is not a whole number.
    """
    if axis is None:
        return tuple(range(len(shape)))
    try:
        return normalize_axis_tuple(axis, len(shape))
    except (TypeError, ValueError) as error:
        raise _axis_error(error, operation, shape, axis) from error


def extreme(name: str, a: Array, axis: Axis, keepdims: bool) -> tuple[Array, Array]:
    """Return the "max" or "min" along an axis, and every entry's share of it.

    Of n entries that are equal, and the largest or smallest, each has a share of 1/n.
    """
    count(name, a.shape, axis)
    axes = normalized(name, a.shape, axis)
    value = getattr(a, name)(axis=axes, keepdims=keepdims)
    wins = a == spread(value, a.shape, axes)
    return value, (wins / wins.sum(axis=axes, keepdims=True)).astype(a.dtype)


def _axis_error(
    error: TypeError | ValueError,
    operation: str,
    shape: tuple[int, ...],
    axis: object,
    wanted: str = "axes that it has, each once",
) -> KindError | ShapeError:
    """Say in words what NumPy's error about an axis means."""
    if isinstance(error, TypeError):
        remedy = "name one axis, such as 0, or where several are allowed a tuple, such as (0, 1)"
        return KindError(operation, got=f"axis {axis!r}", wanted="whole numbers", remedy=remedy)
    return ShapeError(
        operation,
        got=f"axis {axis} of shape {shape}",
        wanted=wanted,
        remedy="count axes from 0 at the left, or from -1 at the right",
    )


def _no_lengths(operation: str, shape: object) -> KindError:
    remedy = "name lengths, such as (2, 3); divide them with // to keep them whole"
    return KindError(operation, got=f"target {shape!r}", wanted="whole numbers", remedy=remedy)


def spread(reduced: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """Repeat what a reduction along `axis` gave, with or without keepdims, over `shape` again."""
    if axis is not None and np.ndim(reduced) < len(shape):
        reduced = np.expand_dims(reduced, axis)
    return np.broadcast_to(reduced, shape)


def own_index(index: Any) -> Any:
    """Return an index that does not change when the reader goes on to change its arrays."""
    return index if _takes_each_place_once(index) else deepcopy(index)


def scatter(gradient: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Put a gradient where `index` had taken the values from; repeated places add up."""
    full = np.zeros(shape, gradient.dtype)
    if _takes_each_place_once(index):
        full[index] = gradient
    else:
        np.add.at(full, index, gradient)
    return full


def _takes_each_place_once(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(isinstance(part, int | slice | EllipsisType | None) for part in parts)


def einsum_subscripts(subscripts: str, operands: int) -> tuple[list[str], str]:
    """Split einsum's subscripts into those of each operand and those of the result.

    Raises
    ------
    ArgumentError
        If letters are missing for an operand, or if an ellipsis or a repeated letter within one
        operand is used: both have clearer spellings.
    KindError
        If the subscripts are not a string.
    """
    if not isinstance(subscripts, str):
        got, remedy = f"subscripts of type {type(subscripts).__name__}", "write them first"
        raise KindError("einsum", got=got, wanted="words such as 'ij,jk->ik'", remedy=remedy)
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    letters = inputs.split(",")
    unclear = "." in inputs or any(len(set(word)) < len(word) for word in letters)
    if unclear or not arrow or len(letters) != operands:
        raise ArgumentError(
            "einsum",
            got=f"subscripts {subscripts!r} for {operands} operands",
            wanted="one word of different letters for each operand, and an arrow, as 'ij,jk->ik'",
            remedy="write every axis as a letter of its own",
        )
    return letters, output


def einsum(subscripts: str, *arrays: Array) -> Any:
    """Return NumPy's einsum; lengths that differ under one letter are a `ShapeError`."""
    try:
        return np.einsum(subscripts, *arrays, optimize=True)
    except ValueError as error:
        raise ShapeError(
            "einsum",
            got=f"{subscripts!r} with shapes {', '.join(str(array.shape) for array in arrays)}",
            wanted="a letter for every axis, and one length for every letter",
            remedy="write each shape under its word and compare",
        ) from error


def einsum_vjp(
    gradient: Array, subscripts: tuple[list[str], str], arrays: tuple[Array, ...], which: int
) -> Array:
    """Return the gradient of an einsum with respect to operand number `which`.

    The result and the operand change places; a letter that only the operand has was summed away,
    and comes back through an operand of ones.
    """
    letters, output = subscripts
    others = [i for i in range(len(arrays)) if i != which]
    lengths = dict(zip(letters[which], arrays[which].shape, strict=True))
    words = [output, *(letters[i] for i in others), letters[which]]
    ones = np.ones(tuple(lengths.values()), gradient.dtype)
    factors = [gradient, *(arrays[i] for i in others), ones]
    result: Array = np.einsum(",".join(words) + "->" + letters[which], *factors, optimize=True)
    return result
