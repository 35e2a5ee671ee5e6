"""The engine: accumulation, long chains, memory, and the graphs that it refuses."""

import gc
import tracemalloc
import weakref
from itertools import islice

import numpy as np
import pytest

from nnbook import Tensor, nn, optim
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
    assert len({id(result._leaf_seals[0][1]) for result in results}) == 1


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


def training():
    """Train a small network for ever, and yield the peak of memory in each step, in bytes."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(8, 16, rng=rng), nn.Tanh(), nn.Linear(16, 1, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    inputs, targets = rng.normal(size=(32, 8)), rng.normal(size=(32, 1))
    while True:
        tracemalloc.reset_peak()
        optimizer.zero_grad()
        loss = ((model(inputs) - targets) ** 2).mean()
        loss.backward()
        optimizer.step()
        peak = tracemalloc.get_traced_memory()[1]
        # Nothing is held in circles; this also empties the lists of free tuples that Python keeps.
        assert gc.collect() == 0
        yield peak


@pytest.fixture
def traced():
    """Trace memory without the garbage collector, which would hide what is held in circles."""
    gc.collect()
    gc.freeze()  # so that later collections have only the new objects to look through
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()
    gc.unfreeze()


def test_memory_does_not_grow_from_step_to_step(traced):
    steps = training()
    list(islice(steps, 200))  # until the lists of free objects that Python keeps are full
    # The least of the peaks, because other threads allocate now and then.
    first, second = min(islice(steps, 100)), min(islice(steps, 100))
    assert second <= first + 2048  # to keep every loss would take some 27 kB


def test_a_graph_that_is_never_used_is_gone_with_its_loss(traced):
    w = Tensor(np.ones((64, 64)), requires_grad=True)
    (w @ w).sum()  # the first use seals the leaf, which keeps a copy of its bytes
    before = tracemalloc.get_traced_memory()[0]
    loss = (w @ w).tanh().sum()
    assert tracemalloc.get_traced_memory()[0] >= before + 2 * w.data.nbytes
    del loss
    assert tracemalloc.get_traced_memory()[0] <= before + 4096


def test_a_leaf_of_whole_numbers_that_asks_for_a_gradient_later_is_refused():
    x = Tensor([1, 2])
    x.requires_grad = True
    with pytest.raises(GradientError, match=r"a leaf of dtype int64 .*data\.astype\(float\)"):
        (x * 0.5).sum().backward()


def test_a_leaf_that_asks_for_a_gradient_after_it_was_used_changes_nothing():
    x, w = Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2)), requires_grad=True)
    y = (x @ w).sum()
    x.requires_grad = True
    y.backward()
    assert (x.grad, w.grad.tolist()) == (None, [[2, 2], [2, 2]])


def test_new_data_of_another_shape_are_refused(x):
    y = (x * 2).sum()
    x.data = np.ones(1)
    later = (x * 2).sum()  # which is a use of the new data, and fine
    with pytest.raises(GradientError, match=r"a leaf \(1,\) that was \(3,\) when it was used"):
        y.backward()
    later.backward()
    assert x.grad.tolist() == [2]


def test_an_index_may_change_after_it_was_used(x):
    index = np.array([0, 1])
    taken = x[index].sum() + x[[2, 2]].sum()
    index[:] = 2
    taken.backward()
    assert x.grad.tolist() == [1, 1, 2]


def test_gradients_keep_the_dtype_of_their_leaf():
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    for _ in range(2):
        (x * np.ones(2)).sum().backward()
    assert x.grad.dtype == np.float32
