"""The engine: accumulation, long chains, memory, and the graphs that it refuses."""

import gc
import weakref

import numpy as np
import pytest

from nnbook import Tensor
from nnbook.errors import GradientError
from nnbook.graph import topological_order


@pytest.fixture
def x():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True)


def test_gradients_accumulate_in_leaves_until_cleared(x):
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    assert x.grad.tolist() == [5, 5, 5]
    x.grad = None
    x.sum().backward()
    assert x.grad.tolist() == [1, 1, 1]


def test_only_leaves_that_ask_for_it_keep_a_gradient(x):
    constant = Tensor([1.0, 1.0, 1.0])
    middle = x * constant
    middle.sum().backward()
    assert middle.grad is None
    assert constant.grad is None


def test_siblings_do_not_share_one_gradient_array(x):
    y = Tensor(np.ones(3), requires_grad=True)
    (x + y).sum().backward()
    x.grad *= 10
    assert y.grad.tolist() == [1, 1, 1]


def test_backward_of_a_leaf_and_with_a_gradient(x):
    x.backward([1.0, 0.0, 2.0])
    (x * 2).backward(np.ones(3))
    assert x.grad.tolist() == [3, 2, 4]


def test_topological_order_puts_parents_first(x):
    a = x * 2
    b = a + x
    c = a * b
    order = topological_order(c)
    assert order[-1] is c
    assert len(order) == 4
    places = {node: i for i, node in enumerate(order)}
    assert places[x] < places[a] < places[b] < places[c]


def test_a_diamond_is_walked_once_not_twice_a_level(x):
    y = x
    for _ in range(60):
        y = y + y
    y.sum().backward()
    assert x.grad.tolist() == [2.0**60] * 3


@pytest.mark.parametrize("is_used", [True, False])
def test_a_chain_of_a_hundred_thousand_operations(x, is_used):
    y = x
    for _ in range(100_000):
        y = y + 1.0
    if is_used:
        y.sum().backward()
        assert x.grad.tolist() == [1, 1, 1]
    del y  # freeing the chain must not recurse either
    gc.collect()
    assert x.data.tolist() == [1, 2, 3]


def test_a_tensor_used_ten_thousand_times(x):
    total = Tensor(0.0)
    for _ in range(10_000):
        total = total + (x * x).sum()
    total.backward()
    np.testing.assert_allclose(x.grad, 2e4 * x.data, rtol=1e-12)


def test_a_leaf_is_copied_once_however_often_it_is_used(x):
    results = [x * 2 for _ in range(5)]
    assert len({id(result._seals[0]) for result in results}) == 1


@pytest.mark.parametrize("is_used", [True, False])
def test_memory_is_freed_with_the_loss_and_without_the_garbage_collector(x, is_used):
    gc.disable()
    try:
        middle = x * 2
        loss = (middle.tanh() @ middle).sum()
        watch = weakref.ref(middle)
        if is_used:
            loss.backward()
        del middle, loss
        assert watch() is None
    finally:
        gc.enable()


def test_backward_frees_the_graph_while_the_loss_is_kept(x):
    middle = x * 2
    loss = middle.sum()
    watch = weakref.ref(middle)
    del middle
    loss.backward()
    assert watch() is None


def test_a_second_backward_is_refused_and_changes_nothing(x):
    shared = x * 2
    loss = shared.sum()
    loss.backward()
    for result in (loss, (shared * x).sum()):
        with pytest.raises(GradientError, match=r"used up, wanted a graph of its own .* again"):
            result.backward()
    assert x.grad.tolist() == [2, 2, 2]


def change_entry(x):
    x.data[0] = 9


def change_all(x):
    x.data -= 1


def swap(x):
    x.data[:] = x.data[::-1].copy()


def make_nan(x):
    x.data[1] = np.nan


@pytest.mark.parametrize("change", [change_entry, change_all, swap, make_nan])
def test_a_change_in_place_is_refused_and_changes_nothing(x, change):
    loss = (x * x).sum()
    change(x)
    with pytest.raises(
        GradientError, match=r"backward: got data of shape \(3,\) that were changed"
    ):
        loss.backward()
    assert x.grad is None


def test_a_change_in_place_of_a_constant_or_an_array_is_refused_too(x):
    constant, array = Tensor(np.ones(3)), np.ones(3)
    for loss in [(x * constant).sum(), (x * array).sum()]:
        constant.data[0] = array[0] = 5
        with pytest.raises(GradientError, match="assign a new array"):
            loss.backward()
        constant.data[0] = array[0] = 1


def test_what_an_operation_made_is_read_only(x):
    with pytest.raises(ValueError, match="read-only"):
        (x * 2).data[0] = 1


def test_a_new_array_is_no_change_in_place(x):
    old = (x * x).sum()
    x.data = x.data - 1
    new = (x * x).sum()
    old.backward()
    assert x.grad.tolist() == [2, 4, 6]
    x.grad = None
    new.backward()
    assert x.grad.tolist() == [0, 2, 4]


def test_a_change_between_the_steps_of_a_loop_of_ones_own_is_fine(x):
    for _ in range(3):
        x.grad = None
        loss = (x * x).sum()
        loss.backward()
        x.data -= 0.25 * x.grad
    np.testing.assert_allclose(x.data, [0.125, 0.25, 0.375], rtol=1e-15)


def test_nan_in_the_data_is_not_taken_for_a_change():
    x = Tensor([np.nan, 1.0], requires_grad=True)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2]
