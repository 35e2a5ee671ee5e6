"""Clipping: limits on gradients, between `backward` and the step."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import GradientError
from nnbook.optim.checks import require_parameters, require_positive
from nnbook.optim.optimizer import blocks
from nnbook.tensor import Tensor


def clip_grad_norm(params: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients by one factor, so that together they are no longer than `max_norm`.

    Shorter ones stay as they are; longer ones get new arrays. Parameters without a gradient are
    left out.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    max_norm : float
        Greatest length allowed, above 0.

    Returns
    -------
    float
        Length before clipping: the root of the sum of all squared entries; 0 without gradients.

    Raises
    ------
    ArgumentError
        If there are no parameters, or `max_norm` is not a number above 0.
    GradientError
        If the length is not finite; then nothing has changed. (PyTorch goes on by default, and
        turns the gradients into 0 and nan; this is its ``error_if_nonfinite=True``.)

    Notes
    -----
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
    Algorithm 1. The factor is PyTorch's ``max_norm / (norm + 1e-6)``.
    """
    parameters = require_parameters("clip_grad_norm", params)
    max_norm = require_positive("clip_grad_norm", "max_norm", max_norm, usual=1.0)
    norm = _norm([p.grad for p in parameters if p.grad is not None])
    if not math.isfinite(norm):
        raise GradientError(
            "clip_grad_norm",
            got=f"gradients of length {norm}",
            wanted="finite gradients, which can be scaled",
            remedy="find the step where the loss explodes, and try a smaller learning rate",
        )
    factor = max_norm / (norm + 1e-6)
    if factor < 1:
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad = np.asarray(parameter.grad * factor)
    return norm


def clip_grad_value(params: Iterable[Tensor], limit: float) -> None:
    """Limit every entry of every gradient to -limit … limit, in new arrays.

    Unlike `clip_grad_norm`, this may turn the direction.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient; those that have none yet are left out.
    limit : float
        Greatest absolute value allowed, above 0.

    Raises
    ------
    ArgumentError
        If there are no parameters, or `limit` is not a number above 0.
    """
    parameters = require_parameters("clip_grad_value", params)
    limit = require_positive("clip_grad_value", "limit", limit, usual=1.0)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad = np.asarray(np.clip(parameter.grad, -limit, limit))


def _norm(gradients: Sequence[Array]) -> float:
    """Return the root of the sum of squares; entries are divided by the largest before squaring.

    So that an exploding gradient, which clipping is for, does not overflow here.
    """
    largest = float(np.max([np.max(np.abs(g), initial=0) for g in gradients], initial=0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    pieces = (piece for gradient in gradients for (piece,) in blocks(np.ravel(gradient)))
    return largest * math.sqrt(sum(_sum_of_squares(piece, largest) for piece in pieces))


def _sum_of_squares(piece: Array, unit: float) -> float:
    ratio = np.divide(piece, unit, dtype=np.float64)
    return float(np.vdot(ratio, ratio))
