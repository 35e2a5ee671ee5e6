"""Layers, and the functions they are made of, under the names that PyTorch uses."""

from nnbook.nn import functional, init
from nnbook.nn.activations import GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from nnbook.nn.attention import MultiHeadAttention, TransformerBlock
from nnbook.nn.images import AvgPool2d, Conv2d, MaxPool2d
from nnbook.nn.layers import (
    Dropout,
    Embedding,
    Flatten,
    Identity,
    Linear,
    Residual,
    Sequential,
)
from nnbook.nn.module import Buffer, Module, Parameter
from nnbook.nn.normalization import BatchNorm1d, LayerNorm
from nnbook.nn.perceptron import PerceptronRun, perceptron_rule
from nnbook.nn.recurrent import GRU, LSTM, RNN

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BatchNorm1d",
    "Buffer",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "MultiHeadAttention",
    "Parameter",
    "PerceptronRun",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "TransformerBlock",
    "functional",
    "init",
    "perceptron_rule",
]
