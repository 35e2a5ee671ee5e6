"""The functions of layers that look up and that drop."""

from typing import Any

import numpy as np
from numpy.random import Generator

from nnbook.arrays import Array, floating
from nnbook.errors import (
    ArgumentError,
    KindError,
    ShapeError,
    require_generator,
    require_probability,
)
from nnbook.tensor import Operand, Tensor, as_tensor


def embedding(indices: Operand, weight: Operand) -> Tensor:
    """Return the rows of `weight` that `indices` name; gradients of rows named twice add up.

    Parameters
    ----------
    indices : Tensor or array of int, (...)
        Row numbers from 0 to V - 1.
    weight : Tensor or array, (V, D)
        One row, of D numbers, for each of V things.

    Returns
    -------
    Tensor, (..., D)

    Raises
    ------
    KindError
        If the indices are not whole numbers.
    ShapeError
        If the weight is not a matrix.
    ArgumentError
        If there is no such row.

    Notes
    -----
    Bengio et al. (2003), A neural probabilistic language model, section 2.
    """
    i, weight = as_tensor(indices).data, as_tensor(weight)
    _refuse_no_rows(i, weight.shape)
    i = i.astype(np.intp)  # a copy: the reader may go on to change the indices
    value = weight.data.take(i, axis=0)
    return Tensor._from_op(value, (weight,), lambda g: (_add_rows(g, i.reshape(-1), weight),))


def dropout(
    x: Operand, p: float = 0.5, training: bool = True, *, rng: Generator | None = None
) -> Tensor:
    """Set entries to 0, each with probability `p`, and multiply the others by ``1/(1 - p)``.

    The expected value of every entry is then what it was.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    p : float
        Probability of an entry to be dropped.
    training : bool
        Outside training, `x` itself is returned.
    rng : numpy.random.Generator
        Draws one uniform number for each entry, which is kept if that is at least `p`. It may be
        left out where nothing is drawn: outside training, and for p = 0.

    Returns
    -------
    Tensor, of the shape of `x`

    Raises
    ------
    ArgumentError
        If `p` is not in 0 … 1.
    KindError
        If `rng` is missing.

    Notes
    -----
    Srivastava et al. (2014), Dropout, section 10 (inverted dropout).
    """
    require_probability("dropout", "p", p, use="dropped")
    x = as_tensor(x)
    if not training or p == 0:
        return x
    factor = dropout_factors("dropout", x.shape, float(p), floating(x.data).dtype, rng)
    return Tensor._from_op(x.data * factor, (x,), lambda g: (g * factor,))


def dropout_factors(
    operation: str, shape: tuple[int, ...], p: float, dtype: np.dtype[Any], rng: Generator | None
) -> Array:
    """Return 0 where an entry is dropped, and 1/(1 - p) elsewhere."""
    # For float32 the numbers are drawn in float32 too, which is faster.
    precision = np.float32 if dtype == np.float32 else np.float64
    uniform = require_generator(operation, rng).random(shape, precision)
    return np.multiply(uniform >= p, 1 / (1 - p) if p < 1 else 0, dtype=dtype)


def _add_rows(g: Array, i: Array, weight: Tensor) -> Array:
    """Add the rows of a gradient up by index: the product with a matrix of zeros and ones.

    ``np.add.at`` says the same, and takes ten times as long for a batch of text.
    """
    # Loaded when first used, since it takes longer to load than the rest of nnbook.
    from scipy.sparse import csc_array  # type: ignore[import-untyped]

    (rows, width), taken = weight.shape, len(i)
    ones = np.ones(taken, g.dtype)
    named = csc_array((ones, i, np.arange(taken + 1)), shape=(rows, taken))
    total: Array = named @ g.reshape(taken, width)
    return total


def _refuse_no_rows(i: Array, weight: tuple[int, ...]) -> None:
    if len(weight) != 2:
        raise ShapeError(
            "embedding",
            got=f"weight {weight}",
            wanted="(V, D), one row for each of V things",
            remedy="check the order: embedding(indices, weight)",
        )
    if i.dtype.kind not in "iu":
        raise KindError(
            "embedding",
            got=f"indices of dtype {i.dtype}",
            wanted="whole numbers",
            remedy="check the order, embedding(indices, weight), or use indices.astype(int)",
        )
    if i.size and not 0 <= i.min() <= i.max() < weight[0]:
        worst = i.max() if i.max() >= weight[0] else i.min()
        raise ArgumentError(
            "embedding",
            got=f"index {worst} for {weight[0]} rows",
            wanted=f"indices from 0 to {weight[0] - 1}",
            remedy="number what is looked up from 0, or make the table larger",
        )
