"""The shapes that pictures accept, refused in words before matplotlib meets them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ArgumentError, ShapeError

Array = NDArray[Any]


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
