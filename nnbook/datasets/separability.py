"""Whether a straight cut can part two classes."""

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, ShapeError


def separable(x: ArrayLike, y: ArrayLike) -> bool:
    """Tell whether a line (a flat cut, for more than two features) parts two classes.

    Linear programming looks for w and b with w·x + b ≥ 1 on class 1 and ≤ -1 on class 0; they exist
    exactly when the classes are linearly separable (Boyd & Vandenberghe 2004, section 8.6.1).

    Parameters
    ----------
    x : array_like, (N, D)
        Examples.
    y : array_like, (N,)
        Labels, 0 or 1.

    Raises
    ------
    ShapeError
        If `x` is not (N, D) or `y` not (N,).
    ArgumentError
        For a label other than 0 and 1.
    """
    # Imported here, because it is slow.
    from scipy.optimize import linprog  # type: ignore[import-untyped]

    x, y = two_classes("separable", x, y)
    sides = np.where(y == 1, 1, -1)[:, np.newaxis]
    rows = -sides * np.column_stack([x, np.ones(len(x))])  # rows @ (w, b) ≤ -1
    aim = np.zeros(rows.shape[1])  # nothing to optimize: any such cut will do
    return bool(linprog(aim, A_ub=rows, b_ub=-np.ones(len(x)), bounds=(None, None)).success)


def two_classes(operation: str, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return examples (N, D) and their labels 0 or 1 (N,) as arrays.

    Raises
    ------
    ShapeError
        If the shapes are others.
    ArgumentError
        For a label other than 0 and 1.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ShapeError(
            operation,
            got=f"x {x.shape} and y {y.shape}",
            wanted="x (N, D) and y (N,)",
            remedy="give one row and one label for each example; flatten labels with y.ravel()",
        )
    if not np.isin(y, (0, 1)).all():
        raise ArgumentError(
            operation,
            got=f"labels {np.unique(y).tolist()}",
            wanted="labels 0 and 1",
            remedy="turn −1 into 0 with (y + 1) // 2, or one class into 1: (y == 2).astype(int)",
        )
    return x, y
