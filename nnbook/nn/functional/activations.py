"""Activations: functions of every entry, and softmax along an axis."""

import operator

import numpy as np

from nnbook.arrays import Array, floating, logistic
from nnbook.errors import KindError, ShapeError
from nnbook.tensor import Operand, Tensor, as_tensor


def sigmoid(x: Operand) -> Tensor:
    """Return ``1 / (1 + exp(-x))`` for every entry."""
    return as_tensor(x).sigmoid()


def tanh(x: Operand) -> Tensor:
    """Return the hyperbolic tangent of every entry."""
    return as_tensor(x).tanh()


def relu(x: Operand) -> Tensor:
    """Return the larger of every entry and 0."""
    return as_tensor(x).relu()


def leaky_relu(x: Operand, negative_slope: float = 0.01) -> Tensor:
    """Return every entry, those below 0 times `negative_slope`, which is also the slope at 0.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    negative_slope : float
        Slope below 0; with 0 this is `relu`.

    Notes
    -----
    Maas et al. (2013), Rectifier nonlinearities improve neural network acoustic models, section 2.
    """
    x = as_tensor(x)
    above = x.data > 0
    # The slope of every entry; np.where would take several times as long.
    slope = above + floating(x.data).dtype.type(negative_slope) * ~above
    return Tensor._from_op(slope * x.data, (x,), lambda g: (g * slope,))


def silu(x: Operand) -> Tensor:
    """Return ``x * sigmoid(x)`` for every entry, also known as swish.

    Notes
    -----
    Elfwing et al. (2018), Sigmoid-weighted linear units, section 2.
    """
    x = as_tensor(x)
    a, p = x.data, logistic(x.data)
    return Tensor._from_op(a * p, (x,), lambda g: (g * (p * (1 + a * (1 - p))),))


def softmax(x: Operand, axis: int = -1) -> Tensor:
    """Return ``exp(x)`` divided by its sum along an axis: positive shares that add up to 1.

    Parameters
    ----------
    x : Tensor or array
        Scores, of any shape with at least one axis.
    axis : int
        Axis along which the shares add up to 1. PyTorch has no default for it; ours is the last.

    Returns
    -------
    Tensor, of the shape of `x`

    Raises
    ------
    ShapeError
        If there is no such axis, or nothing along it.
    KindError
        If the axis is not a whole number.

    Notes
    -----
    Goodfellow, Bengio & Courville (2016), Deep Learning, sections 4.1 and 6.2.2.3.
    """
    x = as_tensor(x)
    p = _along("softmax", x, axis)
    np.exp(p, out=p)
    p /= np.einsum("...i->...", p)[..., np.newaxis]

    def vjp(g: Array) -> tuple[Array]:
        g = g.swapaxes(axis, -1)
        grad = g - np.einsum("...i,...i->...", g, p)[..., np.newaxis]
        grad *= p
        return (grad.swapaxes(axis, -1),)

    return Tensor._from_op(p.swapaxes(axis, -1), (x,), vjp)


def log_softmax(x: Operand, axis: int = -1) -> Tensor:
    """Return the logarithm of `softmax`, also where the share itself would round to 0.

    Parameters
    ----------
    x : Tensor or array
        Scores, of any shape with at least one axis.
    axis : int
        As for `softmax`.

    Returns
    -------
    Tensor, of the shape of `x`

    Raises
    ------
    ShapeError
        If there is no such axis, or nothing along it.
    KindError
        If the axis is not a whole number.
    """
    x = as_tensor(x)
    log_p = _along("log_softmax", x, axis)
    log_p -= np.log(np.einsum("...i->...", np.exp(log_p)))[..., np.newaxis]

    def vjp(g: Array) -> tuple[Array]:
        g = g.swapaxes(axis, -1)
        grad = np.exp(log_p)
        grad *= -np.einsum("...i->...", g)[..., np.newaxis]
        grad += g
        return (grad.swapaxes(axis, -1),)

    return Tensor._from_op(log_p.swapaxes(axis, -1), (x,), vjp)


def shifted(scores: Array) -> Array:
    """Subtract from each row (last axis) its maximum: exp is then harmless, softmax the same."""
    scores = floating(scores)
    result: Array = scores - scores.max(axis=-1, keepdims=True)
    return result


def _along(operation: str, x: Tensor, axis: int) -> Array:
    """Return a new array with `axis` last, shifted along it."""
    try:
        axis = operator.index(axis)
    except TypeError:
        raise KindError(
            operation,
            got=f"axis={axis!r}",
            wanted="a whole number",
            remedy="normalize along one axis at a time, -1 being the last",
        ) from None
    if not -x.ndim <= axis < x.ndim or not x.shape[axis]:
        raise ShapeError(
            operation,
            got=f"shape {x.shape} and axis {axis}",
            wanted="an axis with at least one entry",
            remedy="count axes from 0 at the left, or from -1 at the right",
        )
    return shifted(x.data.swapaxes(axis, -1))
