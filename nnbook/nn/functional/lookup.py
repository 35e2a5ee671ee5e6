"""The functions of layers that look up and that drop."""

import numpy as np
from numpy.random import Generator

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, KindError, ShapeError, require_generator
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
    refuse_no_probability("dropout", p)
    x = as_tensor(x)
    if not training or p == 0:
        return x
    rng = require_generator("dropout", rng)
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    # For float32 the numbers are drawn in float32 too, which is faster.
    uniform = rng.random(x.shape, np.float32 if dtype == np.float32 else np.float64)
    factor = (uniform >= p) * dtype.type(1 / (1 - p) if p < 1 else 0)
    return Tensor._from_op(x.data * factor, (x,), lambda g: (g * factor,))


def refuse_no_probability(operation: str, p: float) -> None:
    """Raise an `ArgumentError` unless `p` is in 0 … 1."""
    if not 0 <= p <= 1:
        raise ArgumentError(
            operation,
            got=f"p={p}",
            wanted="a probability from 0 to 1",
            remedy="p is the share that is dropped; 0.1 to 0.5 are usual",
        )


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
