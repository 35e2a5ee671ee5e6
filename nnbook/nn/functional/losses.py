"""Losses: one number, or one for each example, for how far outputs are from targets.

They never broadcast: (50, 1) - (50,) would silently become (50, 50) differences. Targets are taken
in the dtype of the outputs. NaN among the outputs passes through, since a diverging run shows by
it; NaN among the targets is refused.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array, floating, logistic, numbers
from nnbook.errors import ArgumentError, KindError, ShapeError, require_probability
from nnbook.graph import Vjp
from nnbook.nn.functional.activations import shifted
from nnbook.tensor import Operand, Tensor, as_tensor

Reduction: TypeAlias = Literal["mean", "sum", "none"]
Shape: TypeAlias = tuple[int, ...]


def mse_loss(outputs: Operand, targets: Operand, *, reduction: Reduction = "mean") -> Tensor:
    """Return the squared error, ``(outputs - targets)**2``.

    Parameters
    ----------
    outputs, targets : Tensor or array, equal shapes
    reduction : {"mean", "sum", "none"}
        What to do with the errors of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ, or for the mean of no entries.
    ArgumentError
        If a target is NaN, or if there is no such reduction.
    """
    pair = _Pair("mse_loss", outputs, targets)
    d = pair.outputs - pair.targets
    return pair.reduced(d * d, lambda g: pair.opposite(2 * g * d), reduction)


def l1_loss(outputs: Operand, targets: Operand, *, reduction: Reduction = "mean") -> Tensor:
    """Return the absolute error, ``|outputs - targets|``; its slope at 0 is taken as 0.

    Parameters
    ----------
    outputs, targets : Tensor or array, equal shapes
    reduction : {"mean", "sum", "none"}
        What to do with the errors of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ, or for the mean of no entries.
    ArgumentError
        If a target is NaN, or if there is no such reduction.
    """
    pair = _Pair("l1_loss", outputs, targets)
    d = pair.outputs - pair.targets
    return pair.reduced(np.abs(d), lambda g: pair.opposite(g * np.sign(d)), reduction)


def huber_loss(
    outputs: Operand, targets: Operand, *, reduction: Reduction = "mean", delta: float = 1.0
) -> Tensor:
    """Return ``d²/2`` for errors up to `delta` and ``delta (|d| - delta/2)`` for larger ones.

    Parameters
    ----------
    outputs, targets : Tensor or array, equal shapes
        Their difference is d.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the entries.
    delta : float
        Where the parabola goes over into straight lines; positive.

    Raises
    ------
    ShapeError
        If the shapes differ, or for the mean of no entries.
    ArgumentError
        If `delta` is not positive, a target is NaN, or there is no such reduction.

    Notes
    -----
    Huber (1964), Robust estimation of a location parameter.
    """
    if not delta > 0:  # also refuses nan
        remedy = "use l1_loss for straight lines all the way"
        raise ArgumentError(
            "huber_loss", got=f"delta={delta}", wanted="a positive number", remedy=remedy
        )
    pair = _Pair("huber_loss", outputs, targets)
    d = pair.outputs - pair.targets
    slope = np.clip(d, -float(delta), float(delta))
    losses = slope * (d - slope / 2)  # d · d/2 within delta, ±delta (d ∓ delta/2) outside
    return pair.reduced(losses, lambda g: pair.opposite(g * slope), reduction)


def hinge_loss(scores: Operand, labels: Operand, *, reduction: Reduction = "mean") -> Tensor:
    """Return ``max(0, 1 - labels * scores)``, the loss of a maximum-margin classifier.

    PyTorch has relatives of it (``multi_margin_loss``, ``hinge_embedding_loss``) but not this one.

    Parameters
    ----------
    scores, labels : Tensor or array, equal shapes
        Labels are -1 and +1. The slope where the product is 1 is taken as 0.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ, or for the mean of no entries.
    ArgumentError
        If a label is neither -1 nor +1, or if there is no such reduction.

    Notes
    -----
    Cortes & Vapnik (1995), Support-vector networks.
    """
    pair = _Pair("hinge_loss", scores, labels)
    s, y = pair.outputs, pair.targets
    if not (np.abs(y) == 1).all():
        raise ArgumentError(
            "hinge_loss",
            got=f"labels such as {y[np.abs(y) != 1][0]:g}",
            wanted="labels -1 and +1",
            remedy="turn 0 and 1 into them with 2 * labels - 1",
        )
    losses = np.maximum(1 - y * s, 0)
    short = losses > 0
    return pair.reduced(losses, lambda g: (-g * y * short, -g * s * short), reduction)


def binary_cross_entropy(
    probabilities: Operand, targets: Operand, *, reduction: Reduction = "mean"
) -> Tensor:
    """Return ``-(y log p + (1 - y) log(1 - p))`` for probabilities p and targets y.

    Logarithms stop at -100, as in PyTorch. `binary_cross_entropy_with_logits` needs no such stop.

    Parameters
    ----------
    probabilities, targets : Tensor or array, equal shapes
        From 0 to 1.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the entries.

    Raises
    ------
    ShapeError
        If the shapes differ, or for the mean of no entries.
    ArgumentError
        If a probability or a target is outside 0 … 1, or if there is no such reduction.
    """
    operation = "binary_cross_entropy"
    pair = _Pair(operation, probabilities, targets)
    p, y = pair.outputs, pair.targets
    _refuse_improbable(operation, y)
    if ((p < 0) | (p > 1)).any():  # lets nan pass
        raise ArgumentError(
            operation,
            got=f"outputs from {p.min()} to {p.max()}",
            wanted="probabilities from 0 to 1",
            remedy="give scores to binary_cross_entropy_with_logits instead",
        )
    with np.errstate(divide="ignore"):  # log(0) is -inf, and then -100
        log_p, log_q = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)

    def vjp(g: Array) -> Sequence[Array]:
        return g * (p - y) / np.maximum(p * (1 - p), 1e-12), g * (log_q - log_p)

    return pair.reduced(-(y * log_p + (1 - y) * log_q), vjp, reduction)


def binary_cross_entropy_with_logits(
    logits: Operand,
    targets: Operand,
    *,
    reduction: Reduction = "mean",
    pos_weight: ArrayLike | None = None,
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
    pos_weight : float or array, optional
        Factor of the first term, ``y log p``: one number, or one for each entry of the last axes.

    Raises
    ------
    ShapeError
        If the shapes differ, also those of `pos_weight` and the last axes, or for the mean of no
        entries.
    ArgumentError
        If a target is outside 0 … 1, if a weight is negative, or if there is no such reduction.
    """
    operation = "binary_cross_entropy_with_logits"
    pair = _Pair(operation, logits, targets)
    z, y = pair.outputs, pair.targets
    _refuse_improbable(operation, y)
    small = np.exp(-np.abs(z))
    log_part = np.log1p(small)
    losses = np.maximum(z, 0) - z * y + log_part
    p = logistic(z)
    slope_z, slope_y = p - y, -z
    if pos_weight is not None:
        shapes = [z.shape[first:] for first in range(z.ndim + 1)] + [(1,)]
        extra = _weights(operation, "pos_weight", pos_weight, shapes, z.dtype) - 1
        minus_log_p = np.maximum(-z, 0) + log_part
        losses = losses + extra * y * minus_log_p
        slope_z, slope_y = slope_z - extra * y * (1 - p), slope_y + extra * minus_log_p
    return pair.reduced(losses, lambda g: (g * slope_z, g * slope_y), reduction)


def cross_entropy(
    logits: Operand,
    targets: Operand,
    weight: ArrayLike | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return ``-log p[target]`` with ``p = softmax(logits)`` over the classes.

    Its gradient is p, less 1 at the target.

    Parameters
    ----------
    logits : Tensor or array, (N, C), (N, C, ...) or (C,)
        Scores of C classes; the classes are on axis 1, as in PyTorch.
    targets : array of int, (N,), (N, ...) or ()
        Numbers of the right classes, from 0 to C - 1.
    weight : array, (C,), optional
        Weights of the classes. The mean is then a weighted one.
    ignore_index : int
        Targets of this value count for nothing, not even in the mean.
    reduction : {"mean", "sum", "none"}
        What to do with the losses of the examples.
    label_smoothing : float
        Share ε of the target that is spread evenly over all classes.

    Raises
    ------
    ShapeError
        If the shapes do not fit together, or for the mean of no examples.
    KindError
        If the targets are not whole numbers. (PyTorch takes probabilities too.)
    ArgumentError
        If a class does not exist, if every target is ignored, if ε is outside 0 … 1, or if there is
        no such reduction.

    Notes
    -----
    Label smoothing: Szegedy et al. (2016), Rethinking the Inception architecture, section 7.
    """
    logits, targets = as_tensor(logits), as_tensor(targets)
    classes = _number_of_classes(logits.shape, targets)
    require_probability(
        "cross_entropy", "label_smoothing", label_smoothing, use="spread out", usual="0.1"
    )
    # One row of scores for each target; for images and texts the classes were on axis 1.
    scores = shifted(np.moveaxis(logits.data, 1, -1) if logits.ndim > 2 else logits.data)
    rows, smoothing = scores.reshape(-1, classes), float(label_smoothing)
    # Flatten copies, so that the reader may go on to change the targets.
    t, kept = _without_ignored(rows, targets.data.flatten(), ignore_index)
    if weight is not None:
        weight = _weights("cross_entropy", "weight", weight, [(classes,)], rows.dtype)
    share, soft = _shares(rows, t, kept, weight, smoothing)
    losses, rows_vjp = _by_row(rows, t, (1 - smoothing) * share, soft)

    def vjp(g: Array) -> Sequence[Array]:
        grad = rows_vjp(g.reshape(-1)).reshape(scores.shape)
        return (np.moveaxis(grad, -1, 1) if logits.ndim > 2 else grad,)

    count = t.size if isinstance(share, float) else float(share.sum())
    losses = losses.reshape(targets.shape)
    return _reduced("cross_entropy", (logits,), losses, vjp, reduction, count)


def _without_ignored(rows: Array, t: Array, ignore_index: int) -> tuple[Array, Array | None]:
    """Return the classes, and which of them count, or None for all.

    What is ignored may be anything, even nan: such rows are set to 0, and their class too.
    """
    classes = rows.shape[1]
    if _are_classes(t, classes) and not 0 <= ignore_index < classes:
        return t, None
    kept = t != ignore_index
    t = np.where(kept, t, 0)
    _refuse_other_classes(t, classes)
    rows[~kept] = 0
    return t, kept.astype(rows.dtype)


def _shares(
    rows: Array, t: Array, kept: Array | None, weight: Array | None, smoothing: float
) -> tuple[Array | float, Array | None]:
    """Return how much every row counts, and what its target has of every class, if anything."""
    share: Array | float = 1.0 if weight is None else weight[t]
    share = share if kept is None else share * kept
    if smoothing == 0:
        return share, None
    soft = np.full_like(rows, smoothing / rows.shape[1])
    soft *= 1 if weight is None else weight
    soft *= 1 if kept is None else kept[:, np.newaxis]
    return share, soft


def _by_row(
    rows: Array, t: Array, own: Array | float, soft: Array | None
) -> tuple[Array, Callable[[Array], Array]]:
    """Return the cross-entropy of each row of scores with its target, and the vjp for the rows.

    The target of a row is `own` at class t, and `soft`, a row of numbers, on top. The slope is p
    times the sum of the target, less the target.
    """
    powers, each = np.exp(rows), np.arange(len(t))
    total = np.einsum("ij->i", powers)  # faster than .sum along short rows
    log_total = np.log(total)
    losses, mass = own * (log_total - rows[each, t]), own
    if soft is not None:
        more = soft.sum(axis=1)
        losses += more * log_total - np.einsum("ij,ij->i", soft, rows)
        mass = own + more

    def vjp(g: Array) -> Array:
        grad: Array = powers * (g * mass / total)[:, np.newaxis]  # p times mass
        grad[each, t] -= g * own
        if soft is not None:
            grad -= g[:, np.newaxis] * soft
        return grad

    return losses, vjp


class _Pair:
    """Outputs and targets of one shape, and what follows for every loss from having two of them."""

    def __init__(self, operation: str, outputs: Operand, targets: Operand) -> None:
        self.operation = operation
        self.parents = as_tensor(outputs), as_tensor(targets)
        _refuse_other_shape(operation, *(parent.shape for parent in self.parents))
        self.outputs = floating(self.parents[0].data)
        self.targets = self.parents[1].data.astype(self.outputs.dtype, copy=False)
        if math.isnan(self.targets.min(initial=0)):
            raise ArgumentError(
                operation,
                got="targets with nan",
                wanted="numbers",
                remedy="leave out the examples whose target is missing",
            )

    def opposite(self, slope: Array) -> Sequence[Array | None]:
        """Return the gradients where a loss depends on outputs - targets only."""
        return slope, -slope if self.parents[1].requires_grad else None

    def reduced(self, losses: Array, vjp: Vjp, reduction: Reduction) -> Tensor:
        """Reduce the losses of the entries."""
        return _reduced(self.operation, self.parents, losses, vjp, reduction, losses.size)


def _reduced(
    operation: str,
    parents: tuple[Tensor, ...],
    losses: Array,
    vjp: Vjp,
    reduction: Reduction,
    count: float,
) -> Tensor:
    """Make one node of a loss and its reduction; a mean divides by `count`."""
    if reduction == "none":
        return Tensor._from_op(losses, parents, vjp)
    if reduction == "sum":
        return Tensor._from_op(losses.sum(), parents, vjp)
    if reduction != "mean":
        raise ArgumentError(
            operation,
            got=f"reduction {reduction!r}",
            wanted="'mean', 'sum' or 'none'",
            remedy="leave it out for the mean",
        )
    _refuse_nothing(operation, losses.shape, count)
    return Tensor._from_op(losses.sum() / count, parents, lambda g: vjp(g / count))


def _refuse_nothing(operation: str, shape: tuple[int, ...], count: float) -> None:
    if 0 in shape:
        raise ShapeError(
            operation,
            got=f"no examples to take the mean of, {shape}",
            wanted="at least one",
            remedy="check that the batch is not empty, or use reduction='sum'",
        )
    if count == 0:
        raise ArgumentError(
            operation,
            got="targets that are all ignored or of weight 0",
            wanted="at least one that counts, for a mean",
            remedy="leave such batches out, or use reduction='sum'",
        )


def _refuse_other_shape(operation: str, outputs: Shape, targets: Shape) -> None:
    if outputs == targets:
        return
    remedy = "check which targets belong to this batch"
    if math.prod(outputs) == math.prod(targets):
        remedy = f"use targets.reshape{outputs}"
    raise ShapeError(
        operation,
        got=f"outputs {outputs} and targets {targets}",
        wanted="equal shapes",
        remedy=remedy,
    )


def _refuse_improbable(operation: str, targets: Array) -> None:
    if targets.size and not 0 <= targets.min() <= targets.max() <= 1:
        raise ArgumentError(
            operation,
            got=f"targets from {targets.min()} to {targets.max()}",
            wanted="probabilities from 0 to 1",
            remedy="number the two classes 0 and 1",
        )


def _weights(
    operation: str, name: str, weights: ArrayLike, shapes: Sequence[Shape], dtype: np.dtype[Any]
) -> Array:
    """Return weights as an array of one of `shapes`."""
    array = numbers(operation, weights).astype(dtype)
    if not (array >= 0).all():  # also refuses nan
        raise ArgumentError(
            operation,
            got=f"a {name} of {array.min():g}",
            wanted="weights of at least 0",
            remedy="weights multiply losses: 1 leaves a class as it is",
        )
    if array.shape not in shapes:
        raise ShapeError(
            operation,
            got=f"{name} {array.shape}",
            wanted=" or ".join(map(str, shapes)),
            remedy="give one weight for each class",
        )
    return array


def _number_of_classes(logits: Shape, targets: Tensor) -> int:
    """Return C, if there is one class number for each row of logits."""
    classes = logits[min(1, len(logits) - 1)] if logits else 0
    wanted = logits[:1] + logits[2:] if len(logits) > 1 else ()
    if classes and targets.shape == wanted and targets.dtype.kind in "iu":
        return classes
    remedy = _class_remedy(logits, targets.shape, wanted)
    if classes and targets.dtype.kind not in "iu":
        raise KindError(
            "cross_entropy",
            got=f"targets {targets.shape} of dtype {targets.dtype}",
            wanted="whole numbers that name the right classes",
            remedy=remedy or "use targets.astype(int) if these are class numbers",
        )
    raise ShapeError(
        "cross_entropy",
        got=f"logits {logits} and targets {targets.shape}",
        wanted=f"targets {wanted}" if classes else "logits (N, C) of at least one class",
        remedy=remedy or "give one class number for each example",
    )


def _class_remedy(logits: Shape, targets: Shape, wanted: Shape) -> str:
    if targets == logits:
        return f"use targets.argmax(axis={min(1, len(logits) - 1)})"
    if targets != wanted and targets == logits[:-1]:
        return f"use logits.reshape(-1, {logits[-1]}) and targets.reshape(-1)"
    if targets != wanted and math.prod(targets) == math.prod(wanted):
        return f"use targets.reshape{wanted}"
    return ""


def _are_classes(t: Array, classes: int) -> bool:
    return bool(t.min(initial=0) >= 0 and t.max(initial=0) < classes)


def _refuse_other_classes(t: Array, classes: int) -> None:
    if not _are_classes(t, classes):
        worst = t.max() if t.max() >= classes else t.min()
        raise ArgumentError(
            "cross_entropy",
            got=f"class {worst} among the targets, and logits of {classes} classes",
            wanted=f"classes from 0 to {classes - 1}",
            remedy="number the classes from 0, or give the model more outputs",
        )
