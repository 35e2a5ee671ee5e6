"""Weighted sums of the inputs."""

import math

import numpy as np

from nnbook.arrays import Array, floating
from nnbook.errors import ShapeError
from nnbook.tensor import Operand, Tensor, as_tensor


def linear(x: Operand, weight: Operand, bias: Operand | None = None) -> Tensor:
    """Return ``x @ weight.T + bias``.

    Parameters
    ----------
    x : Tensor or array, (..., in)
        A batch, one example a row.
    weight : Tensor or array, (out, in)
        One row of weights for each output.
    bias : Tensor or array, (out,), optional
        Added to every row.

    Returns
    -------
    Tensor, (..., out)

    Raises
    ------
    ShapeError
        If the sizes do not fit.
    """
    x, weight = as_tensor(x), as_tensor(weight)
    parents: tuple[Tensor, ...] = (x, weight)
    if bias is not None:
        parents = (x, weight, as_tensor(bias))
    _refuse_misfit(*(parent.shape for parent in parents))
    w, examples = weight.data, math.prod(x.shape[:-1])
    rows = floating(x.data).reshape(examples, x.shape[-1])  # all examples in one product
    value = rows @ w.T
    if bias is not None:
        value += parents[2].data

    def vjp(g: Array) -> tuple[Array | None, ...]:
        g = g.reshape(value.shape)
        grad_x = (g @ w).reshape(x.shape) if x.requires_grad else None  # a batch seldom needs one
        # A sum as a product with ones, because BLAS is several times faster at it.
        grad_bias = np.ones(len(g), g.dtype) @ g
        return (grad_x, g.T @ rows, grad_bias)[: len(parents)]

    return Tensor._from_op(value.reshape(*x.shape[:-1], len(w)), parents, vjp)


def _refuse_misfit(
    x: tuple[int, ...], weight: tuple[int, ...], bias: tuple[int, ...] | None = None
) -> None:
    if len(weight) == 2 and x[-1:] == weight[1:] and bias in (None, weight[:1]):
        return
    raise ShapeError(
        "linear",
        got=f"x {x} and weight {weight}" + ("" if bias is None else f" and bias {bias}"),
        wanted="x (..., in), weight (out, in) and bias (out,)",
        remedy="give x one example a row, and the layer as many inputs as a row has entries",
    )
