"""Every layer: the gradients of its input and of all its weights agree with differences."""

import inspect

import numpy as np
import pytest

from nnbook import check_gradient, nn
from nnbook.errors import GradientError

WORDS = np.array([[0, 2, 2], [1, 0, 2]])

# A layer with the shape of its input; an embedding has whole numbers as input, and none here.
LAYERS = {
    "Linear": [(lambda rng: nn.Linear(3, 2, rng=rng), (4, 3)),
               (lambda rng: nn.Linear(3, 2, bias=False, rng=rng), (2, 1, 3))],
    "Embedding": [(lambda rng: nn.Embedding(3, 2, rng=rng), None)],
    "Dropout": [(lambda rng: nn.Dropout(0.4, rng=rng), (3, 4))],
    "Flatten": [(lambda rng: nn.Flatten(), (2, 3, 2))],
    "Identity": [(lambda rng: nn.Identity(), (2, 3))],
    "Residual": [(lambda rng: nn.Residual(nn.Linear(3, 3, rng=rng), nn.Tanh()), (2, 3))],
    "Sequential": [(lambda rng: nn.Sequential(nn.Linear(2, 3, rng=rng), nn.SiLU()), (4, 2))],
    "ReLU": [(lambda rng: nn.ReLU(), (3, 4))],
    "LeakyReLU": [(lambda rng: nn.LeakyReLU(0.2), (3, 4))],
    "Sigmoid": [(lambda rng: nn.Sigmoid(), (3, 4))],
    "Tanh": [(lambda rng: nn.Tanh(), (3, 4))],
    "GELU": [(lambda rng: nn.GELU(), (3, 4)), (lambda rng: nn.GELU("tanh"), (3, 4))],
    "SiLU": [(lambda rng: nn.SiLU(), (3, 4))],
    "Softmax": [(lambda rng: nn.Softmax(), (3, 4)), (lambda rng: nn.Softmax(0), (3, 1))],
    "BatchNorm1d": [(lambda rng: nn.BatchNorm1d(3), (4, 3)),
                    (lambda rng: nn.BatchNorm1d(3).eval(), (2, 3, 2))],
    "LayerNorm": [(lambda rng: nn.LayerNorm(4), (3, 4)),
                  (lambda rng: nn.LayerNorm((2, 3)), (2, 2, 3))],
    "Conv2d": [(lambda rng: nn.Conv2d(2, 3, 2, stride=2, padding=1, rng=rng), (2, 2, 3, 4))],
    "MaxPool2d": [(lambda rng: nn.MaxPool2d(2), (1, 2, 4, 4))],
    "AvgPool2d": [(lambda rng: nn.AvgPool2d(2, 1), (1, 2, 3, 3))],
    "RNN": [(lambda rng: nn.RNN(2, 3, num_layers=2, rng=rng), (3, 2, 2)),
            (lambda rng: nn.RNN(2, 3, nonlinearity="relu", bias=False, rng=rng), (2, 1, 2))],
    "GRU": [(lambda rng: nn.GRU(2, 3, num_layers=2, rng=rng), (3, 2, 2))],
    "LSTM": [(lambda rng: nn.LSTM(2, 3, num_layers=2, batch_first=True, rng=rng), (2, 3, 2))],
    "MultiHeadAttention": [
        (lambda rng: nn.MultiHeadAttention(4, 2, rng=rng), (2, 3, 4)),
        (lambda rng: nn.MultiHeadAttention(4, 2, bias=False, is_causal=True, rng=rng), (1, 3, 4)),
    ],
    "TransformerBlock": [(lambda rng: nn.TransformerBlock(4, 2, 5, rng=rng), (2, 3, 4))],
}  # fmt: skip
CASES = [
    pytest.param(make, shape, id=f"{name}-{i}")
    for name, cases in LAYERS.items()
    for i, (make, shape) in enumerate(cases)
]


def check_layer(make, shape):
    """Put tensors in the place of the weights of a layer, and check all gradients at once."""
    rng = np.random.default_rng(1)
    layer = make(rng)
    places = [
        (module, name)
        for module in layer.modules()
        for name, value in vars(module).items()
        if isinstance(value, nn.Parameter)
    ]
    weights = [getattr(module, name).data for module, name in places]
    inputs = [] if shape is None else [rng.standard_normal(shape)]

    def run(*tensors):
        given = tensors[: len(inputs)] or (WORDS,)
        for (module, name), weight in zip(places, tensors[len(inputs) :], strict=True):
            setattr(module, name, weight)
        for module in layer.modules():
            if hasattr(module, "rng"):
                module.rng = np.random.default_rng(2)  # the same numbers are dropped each time
        out = layer(*given)
        return out[0] if isinstance(out, tuple) else out

    check_gradient(run, *inputs, *weights)


@pytest.mark.parametrize(("make", "shape"), CASES)
def test_layer(make, shape):
    check_layer(make, shape)


def test_every_layer_has_a_case():
    layers = {name for name in nn.__all__ if inspect.isclass(getattr(nn, name))}
    layers = {name for name in layers if issubclass(getattr(nn, name), nn.Module)}
    assert set(LAYERS) == layers - {"Module"}


def test_a_layer_that_cuts_the_graph_is_found():
    class Cut(nn.Linear):
        def forward(self, x):
            return nn.functional.linear(x, self.weight.data, self.bias)

    with pytest.raises(GradientError, match="got 0 for argument 1"):
        check_layer(lambda rng: Cut(3, 2, rng=rng), (4, 3))
