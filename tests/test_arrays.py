"""The way back through NumPy's shape rules: each adjoint against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnbook import arrays
from nnbook.errors import ShapeError


@given(st.data())
@settings(max_examples=100)
def test_unbroadcast_is_the_adjoint_of_broadcasting(data):
    """<broadcast(a), g> = <a, unbroadcast(g)> for every a and g."""
    pair = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0)
    shapes = data.draw(pair)
    rng = np.random.default_rng(0)
    a, g = rng.normal(size=shapes.input_shapes[0]), rng.normal(size=shapes.result_shape)
    back = arrays.unbroadcast(g, a.shape)
    assert back.shape == a.shape
    np.testing.assert_allclose(
        (np.broadcast_to(a, g.shape) * g).sum(), (a * back).sum(), atol=1e-12
    )


def test_scatter_adds_up_what_was_taken_twice():
    back = arrays.scatter(np.array([1.0, 2.0, 4.0]), [1, 1, 0], (3,))
    assert back.tolist() == [4, 3, 0]


@pytest.mark.parametrize(
    ("shape", "axis", "count"),
    [
        ((2, 3), None, 6),
        ((2, 3), -1, 3),
        ((2, 3, 4), (0, -1), 8),
        ((), None, 1),
        ((0, 3), 1, 3),
    ],
)
def test_count(shape, axis, count):
    assert arrays.count("mean", shape, axis) == count


@pytest.mark.parametrize("axis", [2, -3, (0, 0), (0, 2)])
def test_an_axis_that_is_not_there_or_named_twice_is_told(axis):
    with pytest.raises(ShapeError, match=r"mean: got axis .* of shape \(2, 3\), .* count axes"):
        arrays.count("mean", (2, 3), axis)


def test_an_index_outside_ends_a_loop_and_is_told_elsewhere():
    with pytest.raises(IndexError, match=r"\[\]: got shape \(2, 3\) and index 2, .* count from"):
        arrays.take(np.ones((2, 3)), 2)


def test_broadcast_passes_other_errors_on():
    def broken(_):
        raise ValueError("something else")

    with pytest.raises(ValueError, match="something else"):
        arrays.broadcast("f", broken, np.ones(2))
