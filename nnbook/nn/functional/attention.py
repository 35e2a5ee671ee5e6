"""Attention: every query takes a weighted mean of values, by how well its key fits."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from nnbook.arrays import Array, floating
from nnbook.errors import KindError, ShapeError, require_probability
from nnbook.nn.functional.lookup import dropout_factors
from nnbook.tensor import Operand, Tensor, as_tensor

# Under a causal mask, no query of a block looks at a key after the block: those scores are never
# computed. Smaller blocks leave more of them out, larger ones make better use of the processor.
BLOCK = 64

# Scores within ±FAR have exponentials that even float32 adds up safely, so that the maximum of each
# row, which takes longer than the exponentials, need not be subtracted.
FAR = 20.0

Rows: TypeAlias = tuple[slice, slice]
Softmax: TypeAlias = tuple[Array, Array]  # exponentials, and 1 over the sum of each row


def scaled_dot_product_attention(
    query: Operand,
    key: Operand,
    value: Operand,
    attn_mask: ArrayLike | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: Generator | None = None,
) -> Tensor:
    """Return ``softmax(query @ key.T * scale + mask) @ value``.

    Parameters
    ----------
    query : Tensor or array, (..., T, d)
    key : Tensor or array, (..., S, d)
    value : Tensor or array, (..., S, v)
        The leading axes, such as batch and heads, are equal.
    attn_mask : array, broadcastable to (..., T, S), optional
        True where a query may look, or numbers that are added to the scores.
    dropout_p : float
        Share of the weights that are dropped; the others grow by 1/(1 - p).
    is_causal : bool
        Whether query t may look at keys 0 … t only, beside what the mask says. (PyTorch takes only
        one of the two.)
    scale : float, optional
        1/√d by default, which keeps the scores of random vectors near 1.
    rng : numpy.random.Generator, optional
        Needed for dropout.

    Returns
    -------
    Tensor, (..., T, v)
        A query that may look nowhere gets zeros.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ArgumentError
        If `dropout_p` is not in 0 … 1.
    KindError
        If there is dropout without `rng`, or if the mask holds whole numbers.

    Notes
    -----
    Vaswani et al. (2017), Attention is all you need, section 3.2.1.
    """
    parents = tuple(as_tensor(operand) for operand in (query, key, value))
    q, k, v = (floating(parent.data) for parent in parents)
    _refuse_misfit(q.shape, k.shape, v.shape)
    weighing = _Weighing(q, k, attn_mask, dropout_p, is_causal, scale, rng)
    out = np.empty((*q.shape[:-1], v.shape[-1]), np.result_type(q, v))
    weights = _attend(q, k, v, weighing, out)

    def vjp(g: Array) -> Sequence[Array]:
        grads = np.empty_like(q), np.zeros_like(k), np.zeros_like(v)
        _attend_vjp(g, out, (q, k, v), weights, weighing, grads)
        return grads

    return Tensor._from_op(out, parents, vjp)


def self_attention(
    qkv: Operand,
    heads: int,
    attn_mask: ArrayLike | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    rng: Generator | None = None,
) -> Tensor:
    """Split queries, keys and values into heads, let each head attend, and join the results.

    The same as `scaled_dot_product_attention` on three slices of `qkv`, reshaped to (B, heads, T,
    E/heads); here nothing is copied on the way there and back.

    Parameters
    ----------
    qkv : Tensor or array, (B, T, 3 E)
        Queries, keys and values side by side.
    heads : int
        Number of heads; divides E.
    attn_mask, dropout_p, is_causal, rng
        As for `scaled_dot_product_attention`; a mask has to broadcast to (B, heads, T, T).

    Returns
    -------
    Tensor, (B, T, E)

    Raises
    ------
    ShapeError
        If `qkv` is not (B, T, 3 E) with E a multiple of `heads`.
    """
    qkv = as_tensor(qkv)
    if qkv.ndim != 3 or heads < 1 or qkv.shape[2] % (3 * heads):
        raise ShapeError(
            "self_attention",
            got=f"qkv {qkv.shape} for {heads} heads",
            wanted="qkv (B, T, 3 E) with E a multiple of the heads",
            remedy="choose a number of heads that divides E",
        )
    batch, length, width = qkv.shape
    q, k, v = _heads(floating(qkv.data), heads)
    weighing = _Weighing(q, k, attn_mask, dropout_p, is_causal, None, rng)
    out = np.empty((batch, length, heads, width // (3 * heads)), q.dtype)
    out_heads = out.transpose(0, 2, 1, 3)
    weights = _attend(q, k, v, weighing, out_heads)

    def vjp(g: Array) -> tuple[Array]:
        grad = np.zeros(qkv.shape, q.dtype)
        g = g.reshape(out.shape).transpose(0, 2, 1, 3)
        _attend_vjp(g, out_heads, (q, k, v), weights, weighing, _heads(grad, heads))
        return (grad,)

    return Tensor._from_op(out.reshape(batch, length, width // 3), (qkv,), vjp)


def attention_weights(
    query: Array,
    key: Array,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Array:
    """Return the weights with which queries look at keys, to be drawn; nothing is differentiated.

    Parameters
    ----------
    query : array, (..., T, d)
    key : array, (..., S, d)
    attn_mask, is_causal, scale
        As for `scaled_dot_product_attention`.

    Returns
    -------
    ndarray, (..., T, S)
        Every row sums to 1, or to 0 where the mask hides every key.
    """
    query, key = floating(query), floating(key)
    _refuse_misfit(query.shape, key.shape, key.shape)
    weighing = _Weighing(query, key, attn_mask, 0.0, is_causal, scale, None)
    weights = np.zeros((*query.shape[:-1], key.shape[-2]), query.dtype)
    for rows, keys in weighing.blocks():
        exponentials, inverse = weighing.exponentials(query, key, rows, keys)
        weights[..., rows, keys] = exponentials * inverse
    return weights


class _Weighing:
    """Which scores count, how they are scaled, and which weights are dropped."""

    def __init__(
        self,
        q: Array,
        k: Array,
        attn_mask: ArrayLike | None,
        dropout_p: float,
        is_causal: bool,
        scale: float | None,
        rng: Generator | None,
    ) -> None:
        operation = "scaled_dot_product_attention"
        require_probability(operation, "dropout_p", dropout_p, use="dropped")
        self.queries, self.keys = q.shape[-2], k.shape[-2]
        self.scale = q.dtype.type(q.shape[-1] ** -0.5 if scale is None else scale)
        self.is_causal = is_causal
        scores = (*q.shape[:-1], self.keys)
        self.bias = _bias(attn_mask, scores, q.dtype)
        self.keep: Array | None = None
        if dropout_p > 0:
            self.keep = dropout_factors(operation, scores, float(dropout_p), q.dtype, rng)

    def blocks(self) -> Iterator[Rows]:
        """Yield slices of queries, each with the slice of the keys that they may look at."""
        if not self.is_causal:
            yield slice(0, self.queries), slice(0, self.keys)
            return
        for start in range(0, self.queries, BLOCK):
            stop = min(start + BLOCK, self.queries)
            yield slice(start, stop), slice(0, min(stop, self.keys))

    def exponentials(self, q: Array, k: Array, rows: slice, keys: slice) -> tuple[Array, Array]:
        """Return the exponentials of a block of scores, and 1 over the sum of each row.

        Their product is the softmax; it is cheaper to divide what the sums are multiplied with.
        """
        scores: Array = (q[..., rows, :] * self.scale) @ k[..., keys, :].swapaxes(-1, -2)
        if self.bias is not None:
            scores += self.bias[..., rows, keys]
        are_near = -FAR <= scores.min(initial=0) <= scores.max(initial=0) <= FAR
        if self.is_causal:  # only the last keys of a block lie after some of its queries
            own = scores[..., rows.start :]
            own += _after(rows.stop - rows.start, own.shape[-1], own.dtype)
        if not are_near:
            scores -= np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)
        np.exp(scores, out=scores)
        total = np.einsum("...ij->...i", scores)[..., np.newaxis]
        # A query that may look nowhere has exponentials of 0 only, and weights of 0.
        return scores, np.divide(1, total, out=np.zeros_like(total), where=total > 0)


def _attend(q: Array, k: Array, v: Array, weighing: _Weighing, out: Array) -> list[Softmax]:
    """Write the weighted means of the values into `out`, and return the weights by block."""
    kept = []
    for rows, keys in weighing.blocks():
        e, inverse = weighing.exponentials(q, k, rows, keys)
        dropped = e if weighing.keep is None else e * weighing.keep[..., rows, keys]
        np.matmul(dropped, v[..., keys, :], out=out[..., rows, :])
        out[..., rows, :] *= inverse
        kept.append((e, inverse))
    return kept


def _attend_vjp(
    g: Array,
    out: Array,
    qkv: Sequence[Array],
    weights: list[Softmax],
    weighing: _Weighing,
    grads: Sequence[Array],
) -> None:
    """Write the gradients of q into, and add those of k and v to, the three arrays `grads`.

    For a softmax, gradient_s = p * (gradient_p - Σ p gradient_p); with o = p @ v that sum is the
    product of o and its gradient, which is shorter (Dao et al. 2022, FlashAttention, appendix B).
    """
    (q, k, v), (grad_q, grad_k, grad_v) = qkv, grads
    q, k = q * weighing.scale, k * weighing.scale  # shorter than the scores
    for (rows, keys), (e, inverse) in zip(weighing.blocks(), weights, strict=True):
        share = g[..., rows, :] * inverse
        grad_s = share @ v[..., keys, :].swapaxes(-1, -2)
        dropped = e
        if weighing.keep is not None:
            grad_s *= weighing.keep[..., rows, keys]
            dropped = e * weighing.keep[..., rows, keys]
        grad_s -= np.einsum("...ij,...ij->...i", share, out[..., rows, :])[..., np.newaxis]
        grad_s *= e
        np.matmul(grad_s, k[..., keys, :], out=grad_q[..., rows, :])
        grad_k[..., keys, :] += grad_s.swapaxes(-1, -2) @ q[..., rows, :]
        grad_v[..., keys, :] += dropped.swapaxes(-1, -2) @ share


def _heads(qkv: Array, heads: int) -> tuple[Array, Array, Array]:
    """See (B, T, 3 E) as three arrays (B, heads, T, E/heads)."""
    batch, length, width = qkv.shape
    split = qkv.reshape(batch, length, 3, heads, width // (3 * heads)).transpose(2, 0, 3, 1, 4)
    return split[0], split[1], split[2]


def _after(queries: int, keys: int, dtype: np.dtype[Any]) -> Array:
    """Return -∞ where a key comes after the query, and 0 elsewhere."""
    return np.triu(np.full((queries, keys), -np.inf, dtype), 1)


def _bias(
    attn_mask: ArrayLike | None, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Array | None:
    if attn_mask is None:
        return None
    mask = np.asarray(attn_mask)
    if mask.dtype.kind not in "bf":
        raise KindError(
            "scaled_dot_product_attention",
            got=f"a mask of dtype {mask.dtype}",
            wanted="truth values, or numbers to add to the scores",
            remedy="use mask.astype(bool) if 1 means that a query may look",
        )
    if mask.ndim > len(shape) or any(
        length not in (1, whole)
        for length, whole in zip(mask.shape[::-1], shape[::-1], strict=False)
    ):
        raise ShapeError(
            "scaled_dot_product_attention",
            got=f"a mask {mask.shape} for scores {shape}",
            wanted="axes that are equal or 1, counted from the right",
            remedy="give one row for each query and one column for each key",
        )
    bias = np.where(mask, 0, -np.inf) if mask.dtype == bool else mask
    return np.broadcast_to(np.asarray(bias, dtype), shape)


def _refuse_misfit(q: tuple[int, ...], k: tuple[int, ...], v: tuple[int, ...]) -> None:
    fits = min(len(q), len(k), len(v)) >= 2 and q[:-2] == k[:-2] == v[:-2]
    if fits and q[-1] == k[-1] > 0 and k[-2] == v[-2]:
        return
    raise ShapeError(
        "scaled_dot_product_attention",
        got=f"query {q}, key {k} and value {v}",
        wanted="query (..., T, d), key (..., S, d) and value (..., S, v)",
        remedy="give all three the same leading axes, such as (B, heads, …), and d at least 1",
    )
