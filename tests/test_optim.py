"""Optimizers against their formulas written out on plain numbers, and what is refused."""

import numpy as np
import pytest

from nnbook import Tensor, optim
from nnbook.errors import ArgumentError, GradientError, KindError

GRADIENTS = [[1.0, -2.0], [0.5, 4.0], [-3.0, 0.25], [1.0, 1.0]]


def run(optimizer_of, gradients=GRADIENTS):
    """Feed fixed gradients and return the weights after each step."""
    w = Tensor([1.0, -1.0], requires_grad=True)
    optimizer = optimizer_of([w])
    path = []
    for gradient in gradients:
        w.grad = np.array(gradient)
        optimizer.step()
        path.append(w.data.copy())
    return np.array(path)


def written_out(lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    """Follow the algorithm in PyTorch's documentation of SGD, entry by entry."""
    columns = []
    for k, start in enumerate([1.0, -1.0]):
        w, buffer, column = start, None, []
        for gradient in GRADIENTS:
            g = gradient[k] + weight_decay * w
            if momentum != 0:
                buffer = g if buffer is None else momentum * buffer + g
                g = g + momentum * buffer if nesterov else buffer
            w = w - lr * g
            column.append(w)
        columns.append(column)
    return np.array(columns).T


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"weight_decay": 0.1},
        {"momentum": 0.5, "weight_decay": 0.01},
        {"momentum": 0.5, "nesterov": True, "weight_decay": 0.01},
    ],
)
def test_sgd_is_pytorchs_formula(options):
    ours = run(lambda params: optim.SGD(params, 0.1, **options))
    np.testing.assert_allclose(ours, written_out(0.1, **options), rtol=1e-14)


def test_a_step_leaves_gradients_and_old_arrays_alone():
    w = Tensor([1.0], requires_grad=True)
    before = w.data
    w.grad = np.array([2.0])
    optim.SGD([w], 0.1, momentum=0.9, weight_decay=1).step()
    assert (before.tolist(), w.grad.tolist(), w.data.tolist()) == ([1], [2], [0.7])


def test_single_precision_stays_single():
    w = Tensor(np.ones(2, np.float32), requires_grad=True)
    (w * w).sum().backward()
    optim.SGD([w], np.float64(0.1), momentum=0.9, weight_decay=0.1).step()
    assert w.dtype == np.float32


def test_the_learning_rate_can_be_changed_between_steps():
    w = Tensor([0.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=1)
    w.grad = np.array([1.0])
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert w.data.tolist() == [-1.25]
    with pytest.raises(ArgumentError, match="lr=-1"):
        optimizer.lr = -1


def test_zero_grad_clears_and_a_missing_gradient_is_skipped():
    a, b = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD(iter([a, b]), lr=0.5, momentum=0.9)
    a.grad = np.array([1.0])
    optimizer.step()
    assert (a.data.tolist(), b.data.tolist()) == ([0.5], [1])
    optimizer.zero_grad()
    assert a.grad is None


def test_an_older_graph_is_still_right_after_a_step():
    w = Tensor([3.0], requires_grad=True)
    old = (w * w).sum()
    (w * 2).sum().backward()
    optim.SGD([w], lr=1).step()
    w.grad = None
    old.backward()
    assert w.grad.tolist() == [6]


w = Tensor([1.0], requires_grad=True)
WRONG_USES = {
    "nothing": (lambda: optim.SGD([], 0.1), ArgumentError, ["SGD", "no parameters", "pass model"]),
    "used generator": (lambda: optim.SGD(iter(()), 0.1), ArgumentError, ["used once is empty"]),
    "negative rate": (lambda: optim.SGD([w], -0.1), ArgumentError, ["lr=-0.1", "at least 0"]),
    "no rate": (lambda: optim.SGD([w], float("nan")), ArgumentError, ["lr=nan"]),
    "momentum": (lambda: optim.SGD([w], 0.1, momentum=-1), ArgumentError, ["momentum=-1"]),
    "decay": (lambda: optim.SGD([w], 0.1, weight_decay=-1), ArgumentError, ["weight_decay=-1"]),
    "nesterov": (lambda: optim.SGD([w], 0.1, nesterov=True), ArgumentError, ["momentum=0.9"]),
    "constant": (lambda: optim.SGD([Tensor(1.0)], 0.1), KindError, ["requires_grad=True"]),
    "array": (lambda: optim.SGD([np.ones(2)], 0.1), KindError, ["ndarray"]),
    "early step": (lambda: optim.SGD([w], 0.1).step(), GradientError, ["loss.backward() before"]),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    call, kind, parts = WRONG_USES[use]
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert [part for part in parts if part not in str(caught.value)] == []


def test_an_optimizer_without_a_rule_says_so():
    w = Tensor([1.0], requires_grad=True)
    w.grad = np.ones(1)
    with pytest.raises(NotImplementedError, match="Optimizer needs a method _move"):
        optim.Optimizer([w], 0.1).step()
