"""The shapes that pictures accept, refused in words before matplotlib meets them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array, numbers
from nnbook.errors import ArgumentError, ShapeError


def as_vector(operation: str, name: str, values: ArrayLike, length: int | None = None) -> Array:
    """Return values as a vector of numbers, of a given length if there is one.

    Raises
    ------
    ShapeError
        If they are not a vector, or a vector of another length.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or (length is not None and len(array) != length):
        raise ShapeError(
            operation,
            got=f"{name} {array.shape}",
            wanted=f"{name} ({'N' if length is None else length},)",
            remedy=f"flatten {name} with .ravel(), or choose its entries",
        )
    return array


def as_matrix(
    operation: str, name: str, values: ArrayLike, shape: tuple[int, int] | None = None
) -> Array:
    """Return values as a matrix of numbers, of a given shape if there is one.

    Raises
    ------
    ShapeError
        If they are not a matrix, one of another shape, or one without entries.
    KindError
        If they are not real numbers.
    """
    array = numbers(operation, values).astype(float)
    if array.ndim == 2 and array.size and shape in (None, array.shape):
        return array
    raise ShapeError(
        operation,
        got=f"{name} {array.shape}",
        wanted=f"{name} {shape or '(R, C) with at least one entry'}",
        remedy=f"reshape {name}: {name}[None, :] makes a row of a vector, {name}[:, None] a column",
    )


def as_weights(
    operation: str, weights: Sequence[ArrayLike], sizes: Sequence[int] = ()
) -> list[Array]:
    """Return the matrices (out, in) of layers that follow each other, of given sizes if any.

    Raises
    ------
    ShapeError
        If there is none, if one does not fit the one before, or if the sizes are others.
    """
    layers = [as_matrix(operation, f"weights[{i}]", layer) for i, layer in enumerate(weights)]
    shapes = [layer.shape for layer in layers]
    wanted = [(after, before) for before, after in pairwise(sizes)]
    if wanted and shapes != wanted:
        raise _other_layers(operation, "weights", shapes, wanted)
    for i, (before, after) in enumerate(pairwise(layers), start=1):
        if after.shape[1] != before.shape[0]:
            raise ShapeError(
                operation,
                got=f"weights[{i}] {after.shape} after weights[{i - 1}] {before.shape}",
                wanted=f"weights[{i}] ({after.shape[0]}, {before.shape[0]})",
                remedy="give each layer as (out, in), which may take a .T",
            )
    if not layers:
        raise _other_layers(operation, "weights", [], [("out", "in")])
    return layers


def as_vectors(
    operation: str, name: str, vectors: Sequence[ArrayLike], sizes: Sequence[int]
) -> list[Array]:
    """Return one vector for each layer, of the sizes of the layers.

    Raises
    ------
    ShapeError
        If there are more or fewer vectors, or if one has another length.
    """
    arrays = [numbers(operation, vector).astype(float) for vector in vectors]
    wanted = [(size,) for size in sizes]
    if [array.shape for array in arrays] != wanted:
        raise _other_layers(operation, name, [array.shape for array in arrays], wanted)
    return arrays


def _other_layers(
    operation: str, name: str, got: Iterable[object], wanted: Iterable[object]
) -> ShapeError:
    return ShapeError(
        operation,
        got=f"{name} {_listed(got)}",
        wanted=f"{name} {_listed(wanted)}",
        remedy="give one array for each layer, and draw other layers anew",
    )


def _listed(shapes: Iterable[object]) -> str:
    return "[" + ", ".join(str(shape).replace("'", "") for shape in shapes) + "]"


def as_reach(operation: str, reach: float | None, values: ArrayLike) -> float:
    """Return the size that is drawn at full strength: `reach`, or else the largest of the values.

    Without a value other than zero it is 1.

    Raises
    ------
    ArgumentError
        If `reach` is not greater than 0.
    """
    if reach is None:
        sizes = np.abs(np.asarray(values, dtype=float))
        return float(np.max(sizes[np.isfinite(sizes)], initial=0)) or 1.0
    if not reach > 0:
        raise ArgumentError(
            operation,
            got=f"a reach of {reach}",
            wanted="a number greater than 0",
            remedy="give the largest size that will be shown, or leave it out",
        )
    return reach


def plane_points(operation: str, x: ArrayLike, y: ArrayLike, classes: int) -> tuple[Array, Array]:
    """Return points (N, 2) and their labels (N,), which are 0 … ``classes`` - 1.

    Raises
    ------
    ShapeError
        If ``x`` is not (N, 2) or ``y`` not (N,).
    ArgumentError
        If there is another label.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != x.shape[:1]:
        raise ShapeError(
            operation,
            got=f"x {x.shape} and y {y.shape}",
            wanted="x (N, 2) and y (N,)",
            remedy="choose two columns with x[:, [0, 1]]; flatten labels with y.ravel()",
        )
    if not np.isin(y, np.arange(classes)).all():
        raise ArgumentError(
            operation,
            got=f"labels {np.unique(y).tolist()}",
            wanted=f"labels from 0 to {classes - 1}",
            remedy="number the classes from 0, and draw all of them at first",
        )
    return x, y


def one_each(operation: str, name: str, values: ArrayLike, count: int, what: str) -> Array:
    """Return values (``count``,) as a flat array; (``count``, 1) will do.

    Raises
    ------
    ShapeError
        If there is not one value for each of what there is.
    """
    array = np.asarray(values, dtype=float)
    if array.shape not in {(count,), (count, 1)}:
        raise ShapeError(
            operation,
            got=f"{name} {array.shape} for {count} {what}",
            wanted=f"{name} ({count},)",
            remedy=f"give one number for each of the {what}",
        )
    return array.ravel()
