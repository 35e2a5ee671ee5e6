"""Attention layers: heads that look at other positions, and the block of a transformer."""

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, ShapeError, require_generator, require_probability
from nnbook.nn import functional, init
from nnbook.nn.functional.attention import attention_weights
from nnbook.nn.layers import Dropout, Linear, require_sizes
from nnbook.nn.module import Module, Parameter
from nnbook.nn.normalization import LayerNorm
from nnbook.tensor import Operand, Tensor, as_tensor


class MultiHeadAttention(Module):
    """Attention in several heads: project, split, let each head attend, join, project.

    Parameters
    ----------
    embed_dim : int
        Features E of every position.
    num_heads : int
        Number of heads H, a divisor of E; each sees E/H features.
    dropout : float
        Share of the attention weights dropped in training.
    bias : bool
        Whether the projections have biases.
    is_causal : bool
        Whether position t may look at positions 0 … t only.
    rng : numpy.random.Generator
        Source of the starting values and of the dropout. As in PyTorch, `in_proj_weight` is
        Xavier-uniform, `out_proj.weight` uniform in ±1/√E, and the biases are 0.

    Attributes
    ----------
    in_proj_weight : Parameter
        Shape (3 E, E): queries, keys and values one below the other.
    in_proj_bias : Parameter or None
        Shape (3 E,).
    out_proj : Linear
        From E to E.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size is not a positive whole number, `num_heads` does not divide `embed_dim`, or
        `dropout` is not in 0 … 1.

    Notes
    -----
    Vaswani et al. (2017), Attention is all you need, section 3.2.2. PyTorch's layer takes (T, B, E)
    unless told batch_first, and a mask of it is True where a query may *not* look; ours is the
    mask of `scaled_dot_product_attention`.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        is_causal: bool = False,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.rng = require_generator("MultiHeadAttention", rng)
        require_sizes("MultiHeadAttention", embed_dim, num_heads)
        require_probability("MultiHeadAttention", "dropout", dropout, use="dropped")
        if embed_dim % num_heads:
            raise ArgumentError(
                "MultiHeadAttention",
                got=f"{num_heads} heads for {embed_dim} features",
                wanted="a number of heads that divides the features",
                remedy=f"use 1 head, or {num_heads * (embed_dim // num_heads + 1)} features",
            )
        self.num_heads, self.dropout, self.is_causal = num_heads, dropout, is_causal
        weight = init.xavier_uniform((3 * embed_dim, embed_dim), rng=self.rng)
        self.in_proj_weight = Parameter(weight)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=self.rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data = np.zeros(embed_dim)

    def forward(
        self,
        query: Operand,
        key: Operand | None = None,
        value: Operand | None = None,
        *,
        attn_mask: ArrayLike | None = None,
    ) -> Tensor:
        """Let every query look at the keys.

        Parameters
        ----------
        query : Tensor or array, (B, T, E)
        key : Tensor or array, (B, S, E), optional
            The queries themselves by default: self-attention.
        value : Tensor or array, (B, S, E), optional
            The keys by default.
        attn_mask : array, broadcastable to (B, H, T, S), optional
            True where a query may look, or numbers that are added to the scores.

        Returns
        -------
        Tensor, (B, T, E)

        Raises
        ------
        ShapeError
            If the shapes do not fit.
        ArgumentError
            If there are values without keys, or a mask beside `is_causal`.
        """
        if key is None and value is not None:
            raise ArgumentError(
                "MultiHeadAttention",
                got="values without keys",
                wanted="both, or the queries alone",
                remedy="pass key too: attention(query, key, value)",
            )
        self._require_sequences(query, key, value)
        dropout = self.dropout if self.training else 0.0
        options = (attn_mask, dropout, self.is_causal)
        if key is None:
            qkv = functional.linear(query, self.in_proj_weight, self.in_proj_bias)
            joined = functional.self_attention(qkv, self.num_heads, *options, rng=self.rng)
        else:
            sources = (query, key, key if value is None else value)
            q, k, v = (self._heads(source, part) for part, source in enumerate(sources))
            heads = functional.scaled_dot_product_attention(q, k, v, *options, rng=self.rng)
            joined = heads.swapaxes(1, 2).reshape(*as_tensor(query).shape)
        return as_tensor(self.out_proj(joined))

    def attention_weights(
        self, query: Operand, key: Operand | None = None, *, attn_mask: ArrayLike | None = None
    ) -> Array:
        """Return how much every query looks at every key, (B, H, T, S), to be drawn."""
        self._require_sequences(query, key)
        sources = (query, query if key is None else key)
        q, k = (self._heads(source, part).data for part, source in enumerate(sources))
        return attention_weights(q, k, attn_mask, self.is_causal)

    def _require_sequences(self, *sources: Operand | None) -> None:
        size = self.in_proj_weight.shape[1]
        shapes = [as_tensor(source).shape for source in sources if source is not None]
        if any(len(shape) != 3 or shape[2] != size for shape in shapes):
            raise ShapeError(
                "MultiHeadAttention",
                got=" and ".join(map(str, shapes)),
                wanted=f"(B, T, {size}) for queries, keys and values alike",
                remedy="give a batch of sequences; one sequence x is the batch x[np.newaxis]",
            )

    def _heads(self, source: Operand, part: int) -> Tensor:
        """Project to queries (part 0), keys (1) or values (2), and split them, (B, H, T, E/H)."""
        size = self.in_proj_weight.shape[1]
        rows = slice(part * size, (part + 1) * size)
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        projected = functional.linear(source, self.in_proj_weight[rows], bias)
        batch, length, _ = projected.shape
        return projected.reshape(batch, length, self.num_heads, -1).swapaxes(1, 2)

    def __repr__(self) -> str:
        """Show the sizes."""
        causal = ", is_causal=True" if self.is_causal else ""
        return f"MultiHeadAttention({self.in_proj_weight.shape[1]}, {self.num_heads}{causal})"


class TransformerBlock(Module):
    """One floor of a transformer: attention, then two layers with GELU, each beside a shortcut.

    ``x ← x + attention(norm1(x))``, then ``x ← x + linear2(gelu(linear1(norm2(x))))``: the norm
    comes first, as in GPT-2. Parameters are named as in PyTorch's ``TransformerEncoderLayer``.

    Parameters
    ----------
    embed_dim : int
        Features E of every position.
    num_heads : int
        Number of heads, a divisor of E.
    hidden_size : int, optional
        Features between the two layers; 4 E by default.
    dropout : float
        Share dropped in training: of the attention weights, of the hidden features, and of what is
        added to each shortcut.
    is_causal : bool
        Whether position t may look at positions 0 … t only.
    rng : numpy.random.Generator
        Source of the starting values and of the dropout.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size is not a positive whole number, or `num_heads` does not divide `embed_dim`.

    Notes
    -----
    Vaswani et al. (2017); norm first: Radford et al. (2019), Language models are unsupervised
    multitask learners, section 2.3.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        hidden_size: int | None = None,
        dropout: float = 0.0,
        *,
        is_causal: bool = False,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = require_generator("TransformerBlock", rng)
        hidden_size = 4 * embed_dim if hidden_size is None else hidden_size
        self.self_attn = MultiHeadAttention(
            embed_dim, num_heads, dropout, is_causal=is_causal, rng=rng
        )
        self.linear1 = Linear(embed_dim, hidden_size, rng=rng)
        self.linear2 = Linear(hidden_size, embed_dim, rng=rng)
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.drop = Dropout(dropout, rng=rng)

    def forward(self, x: Operand, *, attn_mask: ArrayLike | None = None) -> Tensor:
        """Map ``x : (B, T, E)`` to the same shape."""
        x = as_tensor(x)
        x = x + self.drop(self.self_attn(self.norm1(x), attn_mask=attn_mask))
        hidden = self.drop(functional.gelu(self.linear1(self.norm2(x))))
        return x + as_tensor(self.drop(self.linear2(hidden)))
