"""Activations, layers and losses as functions of tensors, named as in `torch.nn.functional`.

Every input may also be a plain array; it is then a constant.
"""

from nnbook.nn.functional.activations import (
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    tanh,
)
from nnbook.nn.functional.affine import linear
from nnbook.nn.functional.attention import scaled_dot_product_attention, self_attention
from nnbook.nn.functional.gaussian import gelu
from nnbook.nn.functional.images import avg_pool2d, conv2d, max_pool2d
from nnbook.nn.functional.lookup import dropout, embedding
from nnbook.nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
)
from nnbook.nn.functional.normalization import batch_norm, layer_norm
from nnbook.nn.functional.recurrent import gru, lstm, rnn

__all__ = [
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "gru",
    "hinge_loss",
    "huber_loss",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "lstm",
    "max_pool2d",
    "mse_loss",
    "relu",
    "rnn",
    "scaled_dot_product_attention",
    "self_attention",
    "sigmoid",
    "silu",
    "softmax",
    "tanh",
]
