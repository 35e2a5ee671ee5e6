"""Normalisation: numbers are brought to mean 0 and variance 1, then scaled and shifted.

With the mean μ and the variance σ² of K numbers, and ε against division by 0, both functions return
``n * weight + bias`` of ``n = (x - μ) / s``, where ``s = √(σ² + ε)``. As every n depends on every x
of the same K through μ and σ, the gradient with respect to x is ::

    dx = (dn - mean(dn) - n * mean(dn * n)) / s,    dn = weight * g

the part of dn that neither shifts nor stretches all K numbers together, because n does not change
when they are shifted or stretched (Ioffe & Szegedy 2015, section 3, written in this form).
"""

import math
from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np

from nnbook.arrays import Array, floating
from nnbook.errors import ArgumentError, KindError, ShapeError
from nnbook.tensor import Operand, Tensor, as_tensor

Shape: TypeAlias = tuple[int, ...]


def layer_norm(
    x: Operand,
    normalized_shape: int | Sequence[int],
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise every example over its last axes, each on its own.

    Parameters
    ----------
    x : Tensor or array, (..., *normalized_shape)
    normalized_shape : int or sequence of int
        Lengths of the last axes, over which mean and variance are taken.
    weight, bias : Tensor or array, normalized_shape, optional
        What the normalised entries are multiplied by, and what is added.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor, of the shape of `x`

    Raises
    ------
    ShapeError
        If the shapes do not fit, or there is nothing to normalise.

    Notes
    -----
    Ba et al. (2016), Layer normalization, section 3.
    """
    x = as_tensor(x)
    width = as_lengths(normalized_shape)
    if not width or x.shape[-len(width) :] != width or 0 in width:
        _refuse_axes(x.shape, width)
    K = math.prod(width)
    rows = floating(x.data).reshape(-1, K)  # (R, K)
    weight, bias = _scale_and_shift("layer_norm", width, rows.dtype, weight, bias)
    w = weight.data.reshape(-1)
    # Sums over rows and columns are products with vectors, which are several times faster.
    ones = np.ones(K, rows.dtype)
    centered = _outer(rows @ ones / -K, ones)
    centered += rows
    s = np.sqrt(np.vecdot(centered, centered) / K + float(eps))  # (R,)
    value = _outer(1 / s, w)
    value *= centered
    value += bias.data.reshape(-1)

    def vjp(g: Array) -> Sequence[Array]:
        g = g.reshape(rows.shape)
        products = g * centered
        grad_w, grad_b = (1 / s) @ products, _column_sums(g)
        mean_dn, mean_dn_n = g @ w / K, products @ w / (K * s)
        # dx from above; what has R entries is divided by s before it meets what has R × K.
        grad = _outer(1 / s, w)
        grad *= g
        grad -= _outer(mean_dn / s, ones, out=products)
        along_n = _outer(mean_dn_n / s**2, ones, out=products)
        along_n *= centered
        grad -= along_n
        return grad.reshape(x.shape), grad_w.reshape(width), grad_b.reshape(width)

    return Tensor._from_op(value.reshape(x.shape), (x, weight, bias), vjp)


def as_lengths(shape: int | Sequence[int]) -> Shape:
    """Return lengths of axes as a tuple, also if there is one."""
    return tuple(shape) if isinstance(shape, Sequence) else (shape,)


def batch_norm(
    x: Operand,
    running_mean: Operand | None = None,
    running_var: Operand | None = None,
    weight: Operand | None = None,
    bias: Operand | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise every channel over the batch, or with the statistics that were kept of batches.

    Parameters
    ----------
    x : Tensor or array, (B, C) or (B, C, ...)
        B examples of C channels.
    running_mean, running_var : Tensor, (C,), optional
        Used outside training. In training the statistics of the batch are used, and these two are
        given new data: the old times ``1 - momentum``, plus the batch's times `momentum`.
    weight, bias : Tensor or array, (C,), optional
        What the normalised channels are multiplied by, and what is added.
    training : bool
        Whether to use the statistics of the batch.
    momentum : float
        Share of the newest batch in the running statistics.
    eps : float
        Added to the variance.

    Returns
    -------
    Tensor, of the shape of `x`

    Raises
    ------
    ShapeError
        If the shapes do not fit, or in training with fewer than two values for each channel.
    ArgumentError
        If one of the running statistics is missing, or outside training both.
    KindError
        If a running statistic that has to be updated is not a tensor.

    Notes
    -----
    Ioffe & Szegedy (2015), Batch normalization, section 3. As in PyTorch, a batch is divided by
    the root of its biased variance (divided by n), and the unbiased one (n - 1) is kept.
    """
    x = as_tensor(x)
    if x.ndim < 2 or 0 in x.shape[1:]:
        _refuse_batch(x.shape, "(B, C) or (B, C, ...)", "give one example a row")
    channels = x.shape[1:2]
    moved = np.moveaxis(floating(x.data), 1, -1)
    rows = moved.reshape(-1, *channels)  # (n, C)
    weight, bias = _scale_and_shift("batch_norm", channels, rows.dtype, weight, bias)
    w = weight.data
    running = _running_statistics(running_mean, running_var, channels, training)
    if training:
        mean, centered, var = _batch_statistics(rows, x.shape)
        _update(running, (mean, var * len(rows) / (len(rows) - 1)), momentum)
    else:
        mean, var = (statistic.data.astype(rows.dtype, copy=False) for statistic in running)
        centered = rows - mean
    s = np.sqrt(var + float(eps))
    value = centered * (w / s)
    value += bias.data

    def back(entries: Array) -> Array:
        return np.moveaxis(entries.reshape(moved.shape), -1, 1)

    def vjp(g: Array) -> Sequence[Array]:
        g = np.moveaxis(g, 1, -1).reshape(rows.shape)
        grad, grad_w, grad_b = _channels_vjp(g, centered, w, s, training)
        return back(grad), grad_w, grad_b

    return Tensor._from_op(back(value), (x, weight, bias), vjp)


def _channels_vjp(
    g: Array, centered: Array, w: Array, s: Array, training: bool
) -> tuple[Array, Array, Array]:
    """Return the gradients of the rows, of the weight and of the bias of `batch_norm`."""
    grad_w, grad_b = _column_sums(g * centered) / s, _column_sums(g)
    if not training:  # mean and variance do not depend on x
        return g * (w / s), grad_w, grad_b
    # dx from above, with w taken out: the means of g and of g n are grad_b/n and grad_w/n.
    grad = centered * (-grad_w / (len(g) * s))
    grad += g
    grad -= grad_b / len(g)
    grad *= w / s
    return grad, grad_w, grad_b


def _outer(a: Array, b: Array, out: Array | None = None) -> Array:
    """Return ``np.outer(a, b)``, for float32 several times faster.

    A product of matrices goes to BLAS if its inner length is 2, and does not if it is 1.
    """
    columns, rows = np.zeros((len(a), 2), a.dtype), np.zeros((2, len(b)), b.dtype)
    columns[:, 0], rows[0] = a, b
    product: Array = np.matmul(columns, rows, out=out)
    return product


def _column_sums(a: Array) -> Array:
    total: Array = np.ones(len(a), a.dtype) @ a
    return total


def _scale_and_shift(
    operation: str,
    shape: Shape,
    dtype: np.dtype[Any],
    weight: Operand | None,
    bias: Operand | None,
) -> tuple[Tensor, Tensor]:
    """Make tensors of weight and bias, 1 and 0 where there is none."""
    pair = (
        as_tensor(np.ones(shape, dtype) if weight is None else weight),
        as_tensor(np.zeros(shape, dtype) if bias is None else bias),
    )
    for name, tensor in zip(("weight", "bias"), pair, strict=True):
        _refuse_misfit(operation, name, tensor.shape, shape)
    return pair


def _running_statistics(
    mean: Operand | None, var: Operand | None, channels: Shape, training: bool
) -> tuple[Tensor, ...]:
    """Return both running statistics, or none in training without them."""
    if mean is None and var is None and training:
        return ()
    if mean is None or var is None:
        raise ArgumentError(
            "batch_norm",
            got=f"{'no' if mean is None else 'a'} running_mean, "
            f"{'no' if var is None else 'a'} running_var and training={training}",
            wanted="both, or in training none",
            remedy="pass both, or training=True",
        )
    for name, statistic in (("running_mean", mean), ("running_var", var)):
        if training and not isinstance(statistic, Tensor):
            raise KindError(
                "batch_norm",
                got=f"{name} of type {type(statistic).__name__} and training=True",
                wanted="a tensor, whose data can be replaced",
                remedy="use nn.Buffer(array)",
            )
        _refuse_misfit("batch_norm", name, as_tensor(statistic).shape, channels)
    return as_tensor(mean), as_tensor(var)


def _batch_statistics(rows: Array, shape: Shape) -> tuple[Array, Array, Array]:
    """Return the means, the rows less these, and the biased variances."""
    if len(rows) < 2:
        wanted = "at least two values for each channel in training"
        _refuse_batch(shape, wanted, "use larger batches, or eval() outside training")
    mean = _column_sums(rows) / len(rows)
    centered = rows - mean
    return mean, centered, _column_sums(centered * centered) / len(rows)


def _update(running: tuple[Tensor, ...], batch: tuple[Array, ...], momentum: float) -> None:
    for kept, new in zip(running, batch, strict=False):  # there may be none
        kept.data = ((1 - momentum) * kept.data + momentum * new).astype(kept.dtype)


def _refuse_axes(x: Shape, width: Shape) -> NoReturn:
    raise ShapeError(
        "layer_norm",
        got=f"x {x} and normalized_shape {width}",
        wanted="x (..., *normalized_shape), with at least one entry to normalise",
        remedy="give the length of the last axis, x.shape[-1]",
    )


def _refuse_batch(x: Shape, wanted: str, remedy: str) -> NoReturn:
    raise ShapeError("batch_norm", got=f"x {x}", wanted=wanted, remedy=remedy)


def _refuse_misfit(operation: str, name: str, got: Shape, wanted: Shape) -> None:
    if got != wanted:
        remedy = "give one number for each entry that is normalised together"
        if operation == "batch_norm":
            remedy = "give one number for each channel, x.shape[1]"
        raise ShapeError(operation, got=f"{name} {got}", wanted=f"{wanted}", remedy=remedy)
