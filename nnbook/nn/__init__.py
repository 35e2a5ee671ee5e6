"""Layers, and the functions they are made of, under the names that PyTorch uses."""

from nnbook.nn import functional
from nnbook.nn.layers import Linear, ReLU, Sequential, Sigmoid, Tanh
from nnbook.nn.module import Module, Parameter
from nnbook.nn.perceptron import PerceptronRun, perceptron_rule

__all__ = [
    "Linear",
    "Module",
    "Parameter",
    "PerceptronRun",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "functional",
    "perceptron_rule",
]
