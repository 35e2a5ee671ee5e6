"""NumPy's rules about shapes with our errors, and the way back through each of them.

Every function here takes and returns plain arrays; `nnbook.tensor` builds its operations on them.
"""

import math
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ArgumentError, KindError, ShapeError

Array: TypeAlias = NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

# A training step frees large arrays and asks for arrays of the same sizes at once. glibc hands
# large blocks back to the system when they are freed, so that each new one costs a page fault for
# every 4 kB of it, which can double the time of a step. It stops doing so up to the size of the
# largest block that was ever freed, at most 32 MiB (mallopt(3), M_MMAP_THRESHOLD); so one is. The
# block is never touched and takes no memory; elsewhere this line does nothing.
np.empty(2**25 - 2**16, np.uint8)


def numbers(operation: str, data: ArrayLike) -> Array:
    """Return `data` as an array of real numbers or truth values, without a copy if it is one.

    Raises
    ------
    ShapeError
        If the rows of nested lists differ in length.
    KindError
        If the entries are not real numbers.
    """
    try:
        array = np.asarray(data)
    except ValueError as error:
        remedy = "pad the rows, or leave some entries out"
        raise ShapeError(
            operation, got="rows of different lengths", wanted="a full array", remedy=remedy
        ) from error
    if array.dtype.kind not in "fiub":
        got, remedy = f"data of dtype {array.dtype}", "convert it with np.asarray(data, float)"
        raise KindError(operation, got=got, wanted="real numbers", remedy=remedy)
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


def reshape(a: Array, *shape: Any) -> Array:
    """Return ``a.reshape(*shape)``; another number of entries is a `ShapeError`."""
    try:
        return a.reshape(*shape)
    except ValueError as error:
        raise ShapeError(
            "reshape",
            got=f"shape {a.shape} and target {shape[0] if len(shape) == 1 else shape}",
            wanted=f"the same number of entries, {a.size}",
            remedy="let NumPy work out one length by writing -1",
        ) from error


def axis_order(ndim: int, *axes: Any) -> tuple[int, ...]:
    """Return the order of axes that NumPy's ``transpose(*axes)`` means, counted from 0."""
    if not axes:
        return tuple(reversed(range(ndim)))
    return normalize_axis_tuple(axes[0] if len(axes) == 1 else axes, ndim)


def broadcast_to(a: Array, shape: Sequence[int]) -> Array:
    """Return `a` repeated to `shape`; a shape it cannot be repeated to is a `ShapeError`."""
    try:
        return np.broadcast_to(a, shape)
    except ValueError as error:
        raise ShapeError(
            "broadcast_to",
            got=f"shape {a.shape} and target {tuple(shape)}",
            wanted="axes that are equal or 1, counted from the right",
            remedy="add the missing axis with .expand_dims",
        ) from error


def concatenate(parts: Sequence[Array], axis: int) -> Array:
    """Join arrays along an axis that they have; other axes that differ are a `ShapeError`."""
    try:
        return np.concatenate(parts, axis)
    except ValueError as error:
        raise ShapeError(
            "concatenate",
            got=f"axis {axis} of shapes {', '.join(str(part.shape) for part in parts) or 'none'}",
            wanted="at least one array, and all axes but that one equal",
            remedy="reshape the parts first",
        ) from error


def count(operation: str, shape: tuple[int, ...], axis: Axis) -> int:
    """Return how many entries a reduction along `axis` combines into one.

    Raises
    ------
    ShapeError
        If there are none, so that a mean or a maximum does not exist.
    """
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    lengths = [shape[i] for i in axes]
    if 0 in lengths:
        raise ShapeError(
            operation,
            got=f"nothing to combine: shape {shape}, axis {axis}",
            wanted="at least one entry along the axis",
            remedy="check that the batch is not empty",
        )
    return math.prod(lengths)


def spread(reduced: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """Repeat what a reduction along `axis` gave, with or without keepdims, over `shape` again."""
    if axis is not None and np.ndim(reduced) < len(shape):
        reduced = np.expand_dims(reduced, axis)
    return np.broadcast_to(reduced, shape)


def scatter(gradient: Array, index: Any, shape: tuple[int, ...]) -> Array:
    """Put a gradient where `index` had taken the values from; repeated places add up."""
    full = np.zeros(shape, np.result_type(gradient))
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
    """
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
    factors = [gradient, *(arrays[i] for i in others), np.ones(tuple(lengths.values()))]
    result: Array = np.einsum(",".join(words) + "->" + letters[which], *factors, optimize=True)
    return result
