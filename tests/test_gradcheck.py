"""The tester is tested: it passes right derivatives and finds planted ones."""

import numpy as np
import pytest

from nnbook import Tensor, check_gradient
from nnbook.errors import GradientError


def planted(slope, index=...):
    """Return an operation ``2 x`` whose derivative is `slope` at `index` and 2 elsewhere."""

    def operation(x):
        slopes = np.full(x.shape, 2.0)
        slopes[index] = slope
        return Tensor._from_op(2 * x.data, (x,), lambda g: (g * slopes,))

    return operation


@pytest.mark.parametrize("reduce", [Tensor.sum, lambda t: t])
def test_a_planted_slope_is_found_and_named(reduce):
    wrong = planted(2.001, (1, 2))
    with pytest.raises(GradientError) as caught:
        check_gradient(lambda x: reduce(wrong(x)), np.ones((2, 3)))
    assert caught.value.got.startswith("2.001 for argument 0 at index (1, 2)")
    assert caught.value.wanted == "2 by central differences"


def test_one_slightly_wrong_entry_among_many_is_found():
    with pytest.raises(GradientError, match=r"2\.0001 for argument 0 at index \(7,\)"):
        check_gradient(planted(2.0001, 7), np.ones(40))


def test_the_right_slope_passes():
    check_gradient(planted(2.0), np.ones((2, 3)))


def test_the_worst_of_several_entries_and_the_argument_are_named():
    def wrong(a, b):
        slopes = np.array([1.0, 1.01, 1.5, 1.1])
        return Tensor._from_op(a.data + b.data, (a, b), lambda g: (g, g * slopes))

    with pytest.raises(GradientError, match=r"1\.5 for argument 1 at index \(2,\)"):
        check_gradient(wrong, np.zeros(4), np.zeros(4))


@pytest.mark.parametrize("slope", [np.nan, np.inf, 0.0, -2.0])
def test_slopes_that_are_not_numbers_or_of_the_wrong_sign_are_found(slope):
    with pytest.raises(GradientError, match="for argument 0"):
        check_gradient(planted(slope), np.ones(1))


def test_errors_in_two_outputs_do_not_cancel():
    def wrong(x):
        return Tensor._from_op(
            x.data[[0, 0]], (x,), lambda g: (np.array([1.5 * g[0] + 0.5 * g[1]]),)
        )

    with pytest.raises(GradientError, match=r"output at index \(0,\)"):
        check_gradient(wrong, [3.0])


def test_a_missing_part_of_the_graph_is_found():
    with pytest.raises(GradientError, match="got 4 for argument 0, wanted 8"):
        check_gradient(lambda x: x * Tensor(x.data), 4.0)


def test_an_argument_that_is_not_used_has_slope_zero():
    check_gradient(lambda a, b: a * 2, np.ones(2), np.ones(3))


def test_arrays_are_left_alone_and_integers_are_welcome():
    array = np.array([1, 2, 3])
    check_gradient(lambda x: x**3, array)
    assert array.tolist() == [1, 2, 3]


def test_a_constant_function_has_slopes_of_zero():
    check_gradient(lambda x: Tensor(7.0), np.ones(2))


def test_a_function_that_leaves_the_graph_is_found():
    with pytest.raises(GradientError, match="got 0 for argument 0 at index"):
        check_gradient(lambda x: Tensor(x.data * 2), np.ones(2))


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1, 1e6])
def test_slopes_of_any_size_are_compared_by_their_own_size(size):
    def operation(slope):
        return lambda x: Tensor._from_op(size * x.data, (x,), lambda g: (g * size * slope,))

    check_gradient(operation(1), np.ones(3))
    with pytest.raises(GradientError):
        check_gradient(operation(1.001), np.ones(3))
