"""Activations and losses as functions of tensors, under the names of `torch.nn.functional`.

Every input may also be a plain array; it is then a constant. Losses never broadcast: outputs
(50, 1) and targets (50,) would silently become (50, 50) differences.
"""

from typing import Literal, TypeAlias

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, ShapeError
from nnbook.tensor import Operand, Tensor, as_tensor

Reduction: TypeAlias = Literal["mean", "sum", "none"]


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
    x_data, w_data = x.data, weight.data
    value = x_data @ w_data.T
    if bias is not None:
        value += parents[2].data

    def vjp(g: Array) -> tuple[Array | None, ...]:
        rows, inputs = g.reshape(-1, g.shape[-1]), x_data.reshape(-1, x_data.shape[-1])
        grad_x = g @ w_data if x.requires_grad else None  # the batch itself seldom needs one
        return (grad_x, rows.T @ inputs, rows.sum(axis=0))[: len(parents)]

    return Tensor._from_op(value, parents, vjp)


def sigmoid(x: Operand) -> Tensor:
    """Return ``1 / (1 + exp(-x))`` for every entry."""
    return as_tensor(x).sigmoid()


def tanh(x: Operand) -> Tensor:
    """Return the hyperbolic tangent of every entry."""
    return as_tensor(x).tanh()


def relu(x: Operand) -> Tensor:
    """Return the larger of every entry and 0."""
    return as_tensor(x).relu()


def mse_loss(outputs: Operand, targets: Operand, reduction: Reduction = "mean") -> Tensor:
    """Return the squared error, ``(outputs - targets)**2``.

    Parameters
    ----------
    outputs, targets : Tensor or array, equal shapes
    reduction : {"mean", "sum", "none"}
        What to do with the errors of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If there is no such reduction.
    """
    outputs, targets = _matching("mse_loss", outputs, targets)
    difference = outputs - targets
    return _reduce("mse_loss", difference * difference, reduction)


def binary_cross_entropy_with_logits(
    logits: Operand, targets: Operand, reduction: Reduction = "mean"
) -> Tensor:
    """Return ``-(y log p + (1 - y) log(1 - p))`` with ``p = sigmoid(z)``, from the logits z.

    It is computed as ``max(z, 0) - z y + log(1 + exp(-|z|))``, in which nothing overflows and no
    logarithm meets 0. Its gradient is ``p - y``.

    Parameters
    ----------
    logits, targets : Tensor or array, equal shapes
        Targets lie in 0 … 1.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If a target is outside 0 … 1, or if there is no such reduction.
    """
    operation = "binary_cross_entropy_with_logits"
    logits, targets = _matching(operation, logits, targets)
    z, y = logits.data, targets.data
    _refuse_improbable(operation, y)
    small = np.exp(-np.abs(z))
    value = np.maximum(z, 0) - z * y + np.log1p(small)
    p = np.where(z >= 0, 1, small) / (1 + small)
    losses = Tensor._from_op(value, (logits, targets), lambda g: (g * (p - y), -g * z))
    return _reduce(operation, losses, reduction)


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


def _matching(operation: str, outputs: Operand, targets: Operand) -> tuple[Tensor, Tensor]:
    outputs, targets = as_tensor(outputs), as_tensor(targets)
    if outputs.shape != targets.shape:
        same_size = outputs.size == targets.size
        raise ShapeError(
            operation,
            got=f"outputs {outputs.shape} and targets {targets.shape}",
            wanted="equal shapes",
            remedy=f"use targets.reshape{outputs.shape}"
            if same_size
            else "check which targets belong to this batch",
        )
    return outputs, targets


def _refuse_improbable(operation: str, targets: Array) -> None:
    if not np.all((targets >= 0) & (targets <= 1)):
        raise ArgumentError(
            operation,
            got=f"targets from {targets.min()} to {targets.max()}",
            wanted="probabilities from 0 to 1",
            remedy="number the two classes 0 and 1",
        )


def _reduce(operation: str, losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise ArgumentError(
        operation,
        got=f"reduction {reduction!r}",
        wanted="'mean', 'sum' or 'none'",
        remedy="leave it out for the mean",
    )
