"""Optimizers, schedules of the learning rate, and clipping: how a gradient becomes a step.

Names, defaults and formulas are PyTorch's. So is the order of arguments, but for `SGD`, where
`nesterov` comes before `weight_decay`. Schedules are functions of our own.
"""

from nnbook.optim.adaptive import Adagrad, Adam, AdamW, RMSprop
from nnbook.optim.clipping import clip_grad_norm, clip_grad_value
from nnbook.optim.descent import SGD
from nnbook.optim.optimizer import Optimizer
from nnbook.optim.schedules import (
    Schedule,
    constant,
    cosine,
    exponential,
    linear,
    step_decay,
    warmup,
)

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "clip_grad_norm",
    "clip_grad_value",
    "constant",
    "cosine",
    "exponential",
    "linear",
    "step_decay",
    "warmup",
]
