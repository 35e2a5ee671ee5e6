"""Starting values beside PyTorch's: gains, fans, defaults, and the distributions drawn from."""

import inspect

import numpy as np
import pytest

from nnbook.nn import init

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install -e '.[torch]'")

SHAPES = [(300, 700), (64, 32, 5, 5)]
NONLINEARITIES = ["relu", "leaky_relu", "tanh", "sigmoid", "linear", "selu", "conv2d"]


@pytest.mark.parametrize("name", init.GAINS)
def test_gains_are_pytorchs(name):
    assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)


@pytest.mark.parametrize("slope", [0, 0.2, 1.0, -3.0])
def test_the_slope_counts_for_leaky_relu_alone(slope):
    for name in NONLINEARITIES:
        ours, theirs = (f(name, slope) for f in (init.calculate_gain, torch.nn.init.calculate_gain))
        np.testing.assert_allclose(ours, theirs, rtol=1e-15)


@pytest.mark.parametrize(
    "layer",
    [
        torch.nn.Linear(5, 3),
        torch.nn.Conv1d(4, 8, 3),
        torch.nn.Conv2d(3, 16, (5, 2)),
        torch.nn.Conv3d(2, 3, 2),
        torch.nn.Embedding(7, 4),
    ],
    ids=repr,
)
def test_fans_are_pytorchs(layer):
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(layer.weight)
    assert init.fan(tuple(layer.weight.shape)) == theirs


DRAWS = [
    ("uniform", (-0.5, 2.0)),
    ("normal", (0.5, 2.0)),
    ("xavier_uniform", ()),
    ("xavier_uniform", (5 / 3,)),
    ("xavier_normal", ()),
    ("xavier_normal", (0.5,)),
    ("kaiming_uniform", ()),
    ("kaiming_normal", ()),
    ("orthogonal", ()),
    ("orthogonal", (2.0,)),
    *[
        (name, (0.5, mode, nonlinearity))
        for name in ("kaiming_uniform", "kaiming_normal")
        for mode in ("fan_in", "fan_out")
        for nonlinearity in NONLINEARITIES
    ],
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "options"), DRAWS)
def test_the_distribution_is_pytorchs(name, options, shape):
    """Compare the quantiles of two large samples, to a few hundredths of their spread."""
    ours = getattr(init, name)(shape, *options, rng=np.random.default_rng(1))
    theirs = getattr(torch.nn.init, f"{name}_")(
        torch.empty(shape, dtype=torch.float64),
        *options,
        generator=torch.Generator().manual_seed(1),
    ).numpy()
    spread = theirs.std()
    np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=0.015 * spread)
    np.testing.assert_allclose(ours.std(), spread, rtol=0.015)
    levels = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    np.testing.assert_allclose(
        np.quantile(ours, levels), np.quantile(theirs, levels), atol=0.04 * spread
    )


@pytest.mark.parametrize("name", ["xavier_uniform", "kaiming_uniform"])
def test_the_bounds_are_pytorchs(name):
    ours = getattr(init, name)(SHAPES[0], rng=np.random.default_rng(1))
    theirs = getattr(torch.nn.init, f"{name}_")(torch.empty(SHAPES[0], dtype=torch.float64))
    np.testing.assert_allclose(np.abs(ours).max(), theirs.abs().max().item(), rtol=1e-4)


@pytest.mark.parametrize("name", sorted({name for name, _ in DRAWS} - {"uniform", "normal"}))
def test_names_order_and_defaults_are_pytorchs(name):
    ours, theirs = (
        {key: value.default for key, value in list(inspect.signature(f).parameters.items())[1:-1]}
        for f in (getattr(init, name), getattr(torch.nn.init, f"{name}_"))
    )
    assert list(ours.items()) == list(theirs.items())
