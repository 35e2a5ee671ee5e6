"""Starting values: their bounds and moments, what they are for, and what is refused."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import assert_refused

from nnbook import nn
from nnbook.errors import ArgumentError, KindError, ShapeError, UnknownNameError
from nnbook.nn import init

SHAPE = (400, 900)  # enough for a standard deviation to 0.4 %
SQRT_2 = math.sqrt(2)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Name, options, expected standard deviation: the formulas of the papers, for 900 in and 400 out.
NORMAL = [
    (init.normal, {}, 1.0),
    (init.normal, {"std": 0.02}, 0.02),
    (init.xavier_normal, {}, math.sqrt(2 / 1300)),
    (init.xavier_normal, {"gain": 5 / 3}, 5 / 3 * math.sqrt(2 / 1300)),
    (init.kaiming_normal, {}, math.sqrt(2 / 900)),
    (init.kaiming_normal, {"mode": "fan_out"}, math.sqrt(2 / 400)),
    (init.kaiming_normal, {"a": 1.0}, math.sqrt(1 / 900)),
    (init.kaiming_normal, {"nonlinearity": "tanh"}, 5 / 3 / 30),
    (init.kaiming_normal, {"nonlinearity": "linear", "a": 1.0}, 1 / 30),
]
UNIFORM = [
    (init.uniform, {"low": -1.0}, math.sqrt(1 / 3)),
    (init.xavier_uniform, {}, math.sqrt(2 / 1300)),
    (init.xavier_uniform, {"gain": 2.0}, 2 * math.sqrt(2 / 1300)),
    (init.kaiming_uniform, {}, math.sqrt(2 / 900)),
    (init.kaiming_uniform, {"mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(2 / 400)),
    (init.kaiming_uniform, {"a": 2.0}, math.sqrt(2 / 5 / 900)),
]


@pytest.mark.parametrize(("draw", "options", "std"), [*NORMAL, *UNIFORM])
def test_mean_and_standard_deviation_are_those_of_the_paper(draw, options, std, rng):
    weights = draw(SHAPE, rng=rng, **options)
    assert (weights.shape, weights.dtype) == (SHAPE, np.float64)
    assert abs(weights.mean()) < 4 * std / math.sqrt(weights.size)
    np.testing.assert_allclose(weights.std(), std, rtol=0.006)


@pytest.mark.parametrize(("draw", "options", "std"), UNIFORM)
def test_uniform_values_fill_their_bounds_and_keep_to_them(draw, options, std, rng):
    bound = math.sqrt(3) * std
    weights = draw(SHAPE, rng=rng, **options)
    assert 0.999 * bound < np.abs(weights).max() <= bound


@pytest.mark.parametrize(("draw", "options", "std"), NORMAL)
def test_normal_values_have_tails(draw, options, std, rng):
    beyond = np.abs(draw(SHAPE, rng=rng, **options)) > 2 * std
    np.testing.assert_allclose(beyond.mean(), math.erfc(SQRT_2), rtol=0.05)


def test_mean_and_bounds_can_be_moved(rng):
    assert abs(init.normal(SHAPE, 5.0, 0.1, rng=rng).mean() - 5) < 1e-3
    drawn = init.uniform(SHAPE, 2.0, 3.0, rng=rng)
    assert 2 <= drawn.min() < 2.001 < 2.999 < drawn.max() < 3
    assert init.uniform(3, 1.5, 1.5, rng=rng).tolist() == [1.5] * 3


def test_zeros_and_ones():
    assert init.zeros((2, 3)).tolist() == [[0] * 3] * 2
    assert init.ones(np.int64(2)).tolist() == [1, 1]
    assert init.zeros(()).shape == ()
    assert init.zeros([0, 2]).shape == (0, 2)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((10, 784), (784, 10)),
        ((16, 3, 5, 5), (3 * 25, 16 * 25)),
        ((8, 4, 3), (12, 24)),
        ([2, 1], (1, 2)),
    ],
)
def test_fans_are_inputs_and_outputs_times_the_kernel(shape, expected):
    assert init.fan(shape) == expected


def test_a_kernel_counts_in_the_standard_deviation(rng):
    weights = init.kaiming_normal((64, 32, 5, 5), rng=rng)
    np.testing.assert_allclose(weights.std(), math.sqrt(2 / (32 * 25)), rtol=0.02)


@given(
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    gain=st.floats(0.1, 10),
    seed=st.integers(0),
)
def test_orthogonal_rows_or_columns_have_length_gain_and_right_angles(rows, columns, gain, seed):
    weights = init.orthogonal((rows, columns), gain, rng=np.random.default_rng(seed))
    product = weights @ weights.T if rows <= columns else weights.T @ weights
    np.testing.assert_allclose(product, gain**2 * np.eye(min(rows, columns)), atol=1e-12 * gain**2)


def test_an_orthogonal_kernel_is_orthogonal_with_its_axes_flattened(rng):
    weights = init.orthogonal((4, 2, 3, 3), rng=rng)
    flat = weights.reshape(4, 18)
    np.testing.assert_allclose(flat @ flat.T, np.eye(4), atol=1e-14)


def test_every_orientation_is_equally_likely(rng):
    """Without the signs, QR gives a first entry that is never positive."""
    first = np.array([init.orthogonal((2, 2), rng=rng)[0, 0] for _ in range(400)])
    assert abs((first > 0).mean() - 0.5) < 0.1


def test_activations_keep_their_size_through_thirty_layers(rng):
    """What kaiming_normal is for: the same with Xavier's half as large variance fades away."""
    sizes = {}
    for name, draw in {"kaiming": init.kaiming_normal, "xavier": init.xavier_normal}.items():
        x = rng.normal(size=(100, 300))
        for _ in range(30):
            x = np.maximum(x @ draw((300, 300), rng=rng).T, 0)
        sizes[name] = np.sqrt((x**2).mean())
    assert 0.2 < sizes["kaiming"] < 5
    assert sizes["xavier"] < 1e-3


def test_a_layer_takes_the_array(rng):
    layer = nn.Linear(3, 2, rng=rng)
    layer.weight.data = init.kaiming_normal(layer.weight.shape, rng=rng)
    layer.bias.data = init.zeros(layer.bias.shape)
    assert layer(np.zeros((1, 3))).data.tolist() == [[0, 0]]
    assert np.all(layer(np.ones((1, 3))).data == layer.weight.data.sum(axis=1))


def test_the_same_generator_state_gives_the_same_numbers():
    for draw in (init.xavier_uniform, init.kaiming_normal, init.orthogonal):
        a, b = (draw((3, 4), rng=np.random.default_rng(7)) for _ in range(2))
        np.testing.assert_array_equal(a, b)


DRAWS = (
    init.uniform,
    init.normal,
    init.xavier_uniform,
    init.xavier_normal,
    init.kaiming_uniform,
    init.kaiming_normal,
    init.orthogonal,
)
SCALED = DRAWS[2:]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_missing_generator_is_refused_under_the_functions_own_name(draw):
    with pytest.raises(KindError, match=rf"^{draw.__name__}: got no rng, .*default_rng\(0\)"):
        draw((2, 3))
    with pytest.raises(KindError, match=rf"^{draw.__name__}: got rng=0"):
        draw((2, 3), rng=0)


@pytest.mark.parametrize("draw", SCALED)
@pytest.mark.parametrize("shape", [3, (), (3,), (0, 3), (3, 0), (3, 3, 0)])
def test_a_shape_without_fans_is_refused_under_the_functions_own_name(draw, shape, rng):
    with pytest.raises(ShapeError, match=rf"^{draw.__name__}: got shape .*at least two axes"):
        draw(shape, rng=rng)


g = np.random.default_rng(0)
nan, inf = float("nan"), float("inf")
WRONG_USES = {
    "fan": (lambda: init.fan((5,)), ShapeError, ["fan: got shape (5,)", "(out, in, *kernel)"]),
    "negative": (lambda: init.zeros((2, -1)), ShapeError, ["zeros", "(2, -1)", "at least 0"]),
    "half": (lambda: init.ones((2, 0.5)), KindError, ["ones", "0.5", "whole numbers"]),
    "mode": (
        lambda: init.kaiming_normal((2, 3), mode="fanin", rng=g),
        UnknownNameError,
        ["kaiming_normal: got 'fanin'", "did you mean 'fan_in'?"],
    ),
    "nonlinearity": (
        lambda: init.kaiming_uniform((2, 3), nonlinearity="leaky", rng=g),
        UnknownNameError,
        ["kaiming_uniform: got 'leaky'", "did you mean 'leaky_relu'?"],
    ),
    "gain": (lambda: init.calculate_gain("rellu"), UnknownNameError, ["calculate_gain", "'relu'?"]),
    "slope": (lambda: init.calculate_gain("leaky_relu", nan), ArgumentError, ["slope=nan"]),
    "own slope": (
        lambda: init.kaiming_normal((2, 3), inf, rng=g),
        ArgumentError,
        ["kaiming_normal: got slope=inf"],
    ),
    "gain below": (
        lambda: init.xavier_normal((2, 3), -1, rng=g),
        ArgumentError,
        ["xavier_normal: got gain=-1", "at least 0"],
    ),
    "gain nan": (lambda: init.orthogonal((2, 3), nan, rng=g), ArgumentError, ["orthogonal", "nan"]),
    "std": (lambda: init.normal((2, 3), 0, -1, rng=g), ArgumentError, ["normal: got std=-1"]),
    "mean": (lambda: init.normal((2, 3), inf, rng=g), ArgumentError, ["normal: got mean=inf"]),
    "bounds": (lambda: init.uniform(2, 1, 0, rng=g), ArgumentError, ["low=1 and high=0"]),
    "bound nan": (lambda: init.uniform(2, nan, rng=g), ArgumentError, ["low=nan"]),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    assert_refused(*WRONG_USES[use])


def test_the_example_in_the_docstring():
    assert doctest.testmod(init) == (0, 1)
