"""Optimizers against their formulas written out on plain numbers, and what is refused.

Schedules and clipping are here too; the same against PyTorch is in `test_torch_optim`.
"""

import copy
import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import assert_refused

from nnbook import Tensor, optim
from nnbook.errors import ArgumentError, GradientError, KindError, ShapeError
from nnbook.optim import optimizer as engine
from nnbook.optim import schedules

GRADIENTS = [[1.0, -2.0], [0.5, 4.0], [-3.0, 0.25], [1.0, 1.0]]
START = [1.0, -1.0]


def leaf(data, dtype=float):
    return Tensor(np.asarray(data, dtype), requires_grad=True)


def run(optimizer_of, gradients=GRADIENTS):
    """Feed fixed gradients and return the weights after each step."""
    w = leaf(START)
    optimizer = optimizer_of([w])
    path = []
    for gradient in gradients:
        w.grad = np.array(gradient)
        optimizer.step()
        path.append(w.data.copy())
    return np.array(path)


# Each rule takes one weight, its gradient, the step 1, 2, … and what it remembers, as the papers
# write it; it returns the next weight.


def sgd(w, g, t, memory, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    g = g + weight_decay * w
    memory["v"] = momentum * memory.get("v", 0) + g
    return w - lr * (g + momentum * memory["v"] if nesterov else memory["v"])


def adagrad(w, g, t, memory, lr=0.01, lr_decay=0, weight_decay=0, start=0, eps=1e-10):
    g = g + weight_decay * w
    memory["s"] = memory.get("s", start) + g**2
    return w - lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(memory["s"]) + eps)


def rmsprop(w, g, t, memory, lr=0.01, alpha=0.99, eps=1e-8, wd=0, momentum=0, centered=False):
    g = g + wd * w
    memory["s"] = alpha * memory.get("s", 0) + (1 - alpha) * g**2
    memory["mean"] = alpha * memory.get("mean", 0) + (1 - alpha) * g
    variance = memory["s"] - memory["mean"] ** 2 if centered else memory["s"]
    memory["v"] = momentum * memory.get("v", 0) + g / (math.sqrt(variance) + eps)
    return w - lr * memory["v"]


def adam(w, g, t, memory, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, l2=0, decay=0, amsgrad=False):
    w = w - lr * decay * w
    g = g + l2 * w
    memory["m"] = betas[0] * memory.get("m", 0) + (1 - betas[0]) * g
    memory["v"] = betas[1] * memory.get("v", 0) + (1 - betas[1]) * g**2
    memory["largest"] = max(memory.get("largest", 0), memory["v"])
    m_hat = memory["m"] / (1 - betas[0] ** t)
    v_hat = memory["largest" if amsgrad else "v"] / (1 - betas[1] ** t)
    return w - lr * m_hat / (math.sqrt(v_hat) + eps)


def written_out(rule, **options):
    """Follow a rule on each of the two weights by itself."""
    columns = []
    for k, w in enumerate(START):
        memory, column = {}, []
        for t, gradient in enumerate(GRADIENTS, start=1):
            w = rule(w, gradient[k], t, memory, **options)
            column.append(w)
        columns.append(column)
    return np.array(columns).T


# Our options, and those of the rule above where they have another name.
FORMULAS = [
    (optim.SGD, {"lr": 0.1}, sgd, {}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9}, sgd, {}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}, sgd, {}),
    (optim.SGD, {"lr": 0.1, "weight_decay": 0.1}, sgd, {}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.01}, sgd, {}),
    (optim.SGD, {"lr": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.01}, sgd, {}),
    (optim.Adagrad, {}, adagrad, {}),
    (optim.Adagrad, {"lr": 0.3, "lr_decay": 0.5, "weight_decay": 0.1, "eps": 0.01}, adagrad, {}),
    (optim.Adagrad, {"initial_accumulator_value": 2.0}, adagrad, {"start": 2.0}),
    (optim.RMSprop, {}, rmsprop, {}),
    (optim.RMSprop, {"lr": 0.1, "alpha": 0.5, "eps": 0.1, "momentum": 0.9}, rmsprop, {}),
    (optim.RMSprop, {"centered": True, "eps": 0.1, "momentum": 0.5}, rmsprop, {}),
    (optim.RMSprop, {"weight_decay": 0.2}, rmsprop, {"wd": 0.2}),
    (optim.Adam, {}, adam, {}),
    (optim.Adam, {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.2}, adam, {}),
    (optim.Adam, {"betas": (0.0, 0.0)}, adam, {}),
    (optim.Adam, {"weight_decay": 0.5}, adam, {"l2": 0.5}),
    (optim.Adam, {"amsgrad": True, "betas": (0.9, 0.5)}, adam, {}),
    (optim.AdamW, {}, adam, {"decay": 0.01}),
    (optim.AdamW, {"lr": 0.1, "weight_decay": 0.5, "amsgrad": True}, adam, {"decay": 0.5}),
]
SAME = ("lr", "lr_decay", "weight_decay", "momentum", "nesterov", "alpha", "eps", "betas")
SAME = (*SAME, "centered", "amsgrad")


@pytest.mark.parametrize(("kind", "options", "rule", "renamed"), FORMULAS)
def test_the_steps_are_those_of_the_paper(kind, options, rule, renamed):
    shared = {name: value for name, value in options.items() if name in SAME}
    if renamed:
        shared.pop("weight_decay", None)
    expected = written_out(rule, **shared, **renamed)
    np.testing.assert_allclose(run(lambda params: kind(params, **options)), expected, rtol=1e-12)


def test_every_optimizer_has_a_formula():
    kinds = {value for value in vars(optim).values() if isinstance(value, type)}
    optimizers = {kind for kind in kinds if issubclass(kind, optim.Optimizer)}
    assert {kind for kind, *_ in FORMULAS} == optimizers - {optim.Optimizer}


def test_decay_in_the_gradient_is_not_decay_beside_it():
    inside = run(lambda params: optim.Adam(params, weight_decay=0.5))
    beside = run(lambda params: optim.AdamW(params, weight_decay=0.5))
    assert np.abs(inside - beside).max() > 1e-4


KINDS = {
    "SGD": (lambda p, **lr: optim.SGD(p, **lr, weight_decay=0.1), set()),
    "momentum": (lambda p, **lr: optim.SGD(p, **lr, momentum=0.9), {"velocity"}),
    "Nesterov": (lambda p, **lr: optim.SGD(p, **lr, momentum=0.9, nesterov=True), {"velocity"}),
    "Adagrad": (lambda p, **lr: optim.Adagrad(p, **lr, lr_decay=0.1), {"square_sum"}),
    "RMSprop": (optim.RMSprop, {"square_average"}),
    "RMSprop with all": (
        lambda p, **lr: optim.RMSprop(p, **lr, weight_decay=0.1, momentum=0.9, centered=True),
        {"square_average", "average", "velocity"},
    ),
    "Adam": (lambda p, **lr: optim.Adam(p, **lr, weight_decay=0.1), {"m", "v"}),
    "AMSGrad": (lambda p, **lr: optim.Adam(p, **lr, amsgrad=True), {"m", "v", "v_max"}),
    "AdamW": (optim.AdamW, {"m", "v"}),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param][0]


@pytest.mark.parametrize("name", KINDS)
def test_what_is_kept_has_names_and_is_counted(name):
    make, names = KINDS[name]
    optimizer = make([leaf(np.ones((2, 3))), leaf(1.0)], lr=0.1)
    assert (set(optimizer.state), optimizer.state_size) == (names, len(names))
    shapes = [[array.shape for array in arrays] for arrays in optimizer.state.values()]
    assert all(shape == [(2, 3), ()] for shape in shapes)


def test_the_averages_of_adam_can_be_read():
    w = leaf([0.0])
    optimizer = optim.Adam([w])
    for g in (1.0, 3.0):
        w.grad = np.array([g])
        optimizer.step()
    np.testing.assert_allclose(optimizer.state["m"][0], [0.9 * 0.1 * 1 + 0.1 * 3])
    np.testing.assert_allclose(optimizer.state["v"][0], [0.999 * 0.001 * 1 + 0.001 * 9])
    assert optimizer.steps == [2]


def test_a_step_leaves_gradients_and_old_arrays_alone(kind):
    w = leaf([1.0, 2.0])
    before, gradient = w.data, np.array([2.0, -1.0])
    optimizer = kind([w], lr=0.1)
    for _ in range(2):
        w.grad = gradient
        optimizer.step()
    assert (before.tolist(), gradient.tolist()) == ([1, 2], [2, -1])
    assert w.grad is gradient
    assert not np.shares_memory(w.data, before)
    assert np.all(w.data != before)


def test_state_is_kept_in_place(kind):
    w = leaf([1.0])
    optimizer = kind([w], lr=0.1)
    before = [arrays[0] for arrays in optimizer.state.values()]
    w.grad = np.ones(1)
    optimizer.step()
    assert all(a is b[0] for a, b in zip(before, optimizer.state.values(), strict=True))
    assert all(array != 0 for array in before)


def test_single_precision_stays_single(kind):
    w = leaf(np.ones(2), np.float32)
    optimizer = kind([w], lr=np.float64(0.1))
    for _ in range(3):
        w.grad = None
        (w * w).sum().backward()
        optimizer.step()
    kept = [array.dtype for arrays in optimizer.state.values() for array in arrays]
    assert {w.dtype, *kept} == {np.dtype(np.float32)}


def test_a_double_gradient_does_not_make_weights_double(kind):
    w = leaf(np.ones(2), np.float32)
    optimizer = kind([w], lr=0.1)
    w.grad = np.ones(2)
    optimizer.step()
    assert w.dtype == np.float32


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3, 4)])
def test_any_shape_moves_as_its_entries_would(kind, shape):
    w, flat = leaf(np.full(shape, 2.0)), leaf([2.0])
    both = kind([w], lr=0.1), kind([flat], lr=0.1)
    for factor in (1.0, -3.0, 0.5):
        w.grad, flat.grad = np.full(shape, factor), np.array([factor])
        for optimizer in both:
            optimizer.step()
    assert isinstance(w.data, np.ndarray)
    np.testing.assert_allclose(w.data, np.full(shape, flat.data), rtol=1e-15)


@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    block=st.integers(1, 12),
    order=st.sampled_from(["C", "F"]),
    name=st.sampled_from(sorted(KINDS)),
)
def test_blocks_do_not_show_in_the_result(rows, columns, block, order, name):
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(rows, columns)), rng.normal(size=(3, rows, columns))
    ends = []
    for size in (10**6, block):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "BLOCK", size)
            w = leaf(start)
            w.data = np.array(start, order=order)
            optimizer = KINDS[name][0]([w], lr=0.1)
            for gradient in gradients:
                w.grad = np.array(gradient, order=order)
                optimizer.step()
        ends.append([w.data, *(arrays[0] for arrays in optimizer.state.values())])
    np.testing.assert_array_equal(ends[0], ends[1])


def test_more_than_a_block_is_moved_to_the_last_entry():
    size = 2 * engine.BLOCK + 1
    w = leaf(np.zeros(size))
    w.grad = np.arange(1.0, size + 1)
    optim.SGD([w], lr=0.5).step()
    np.testing.assert_array_equal(w.data, -0.5 * np.arange(1.0, size + 1))


def test_a_steady_gradient_does_not_make_a_centred_variance_negative():
    w = leaf([0.0])
    optimizer = optim.RMSprop([w], alpha=0.5, centered=True)
    for _ in range(200):
        w.grad = np.array([0.7])
        optimizer.step()
    assert np.isfinite(w.data).all()


def test_the_learning_rate_can_be_changed_between_steps():
    w = leaf([0.0])
    optimizer = optim.SGD([w], lr=1)
    w.grad = np.array([1.0])
    optimizer.step()
    optimizer.lr = 0.25
    optimizer.step()
    assert w.data.tolist() == [-1.25]
    with pytest.raises(ArgumentError, match="lr=-1"):
        optimizer.lr = -1
    assert optimizer.lr == 0.25


def test_a_rate_of_zero_keeps_the_weights_but_not_the_state(kind):
    w = leaf([1.0])
    optimizer = kind([w], lr=0)
    w.grad = np.ones(1)
    optimizer.step()
    assert w.data.tolist() == [1]
    assert all(arrays[0] != 0 for arrays in optimizer.state.values())


def test_a_parameter_without_a_gradient_keeps_its_state_and_count(kind):
    """The second parameter skips a step, and is then where the first was after as many."""
    first, second = leaf([1.0]), leaf([1.0])
    optimizer = kind(iter([first, second]), lr=0.5)
    path = []
    for step in range(4):
        first.grad, second.grad = np.array([1.0]), np.array([1.0]) if step != 1 else None
        optimizer.step()
        path.append(first.data.tolist())
    assert optimizer.steps == [4, 3]
    assert second.data.tolist() == path[2]


def test_zero_grad_clears():
    w = leaf([1.0])
    w.grad = np.ones(1)
    optim.SGD([w], lr=0.5).zero_grad()
    assert w.grad is None


def test_an_older_graph_is_still_right_after_a_step(kind):
    w = leaf([3.0])
    old = (w * w).sum()
    (w * 2).sum().backward()
    kind([w], lr=1).step()
    w.grad = None
    old.backward()
    assert w.grad.tolist() == [6]


def test_a_copy_goes_its_own_way(kind):
    w = leaf([1.0])
    optimizer = kind([w], lr=0.1)
    w.grad = np.ones(1)
    optimizer.step()
    other = copy.deepcopy(optimizer)
    other.step()
    optimizer.step()
    assert other.params[0] is not w
    assert other.params[0].data.tolist() == w.data.tolist()


def step_with(gradient, data=None):
    """Take a step with a gradient, and perhaps data, that do not fit; nothing may move."""
    fine, wrong = leaf([1.0]), leaf([1.0, 2.0])
    optimizer = optim.Adam([fine, wrong])
    fine.grad, wrong.grad = np.ones(1), gradient
    if data is not None:
        wrong.data = data
    try:
        optimizer.step()
    finally:
        assert (fine.data.tolist(), optimizer.steps) == ([1], [0, 0])


nan, inf = float("nan"), float("inf")
w = leaf([1.0])
WRONG_USES = {
    "nothing": (lambda: optim.SGD([], 0.1), ArgumentError, ["SGD", "no parameters", "pass model"]),
    "used generator": (lambda: optim.Adam(iter(())), ArgumentError, ["Adam", "used once is empty"]),
    "twice": (lambda: optim.Adam([w, w]), ArgumentError, ["same parameter twice", "move twice"]),
    "negative rate": (lambda: optim.SGD([w], -0.1), ArgumentError, ["lr=-0.1", "at least 0"]),
    "no rate": (lambda: optim.SGD([w], nan), ArgumentError, ["lr=nan"]),
    "endless rate": (lambda: optim.Adam([w], inf), ArgumentError, ["lr=inf", "finite"]),
    "words": (lambda: optim.Adam([w], "fast"), KindError, ["lr='fast'", "a number"]),
    "momentum": (lambda: optim.SGD([w], 0.1, momentum=-1), ArgumentError, ["momentum=-1"]),
    "decay": (lambda: optim.AdamW([w], weight_decay=-1), ArgumentError, ["AdamW", "weight_decay"]),
    "nesterov": (lambda: optim.SGD([w], 0.1, nesterov=True), ArgumentError, ["momentum=0.9"]),
    "beta 1": (lambda: optim.Adam([w], betas=(1, 0.9)), ArgumentError, ["betas[0]=1", "below 1"]),
    "beta 2": (lambda: optim.Adam([w], betas=(0.9, -0.1)), ArgumentError, ["betas[1]=-0.1"]),
    "beta nan": (lambda: optim.AdamW([w], betas=(nan, 0.9)), ArgumentError, ["AdamW", "=nan"]),
    "one beta": (lambda: optim.Adam([w], betas=0.9), ArgumentError, ["two shares", "(0.9, 0.999)"]),
    "three": (lambda: optim.Adam([w], betas=(0.9,) * 3), ArgumentError, ["two shares"]),
    "eps": (lambda: optim.Adam([w], eps=0), ArgumentError, ["eps=0", "above 0", "eps=1e-08"]),
    "eps nan": (lambda: optim.RMSprop([w], eps=nan), ArgumentError, ["RMSprop", "eps=nan"]),
    "eps below": (lambda: optim.Adagrad([w], eps=-1), ArgumentError, ["Adagrad", "eps=-1"]),
    "alpha": (lambda: optim.RMSprop([w], alpha=1), ArgumentError, ["alpha=1", "alpha=0.99"]),
    "velocity": (lambda: optim.RMSprop([w], momentum=-1), ArgumentError, ["momentum=-1"]),
    "lr_decay": (lambda: optim.Adagrad([w], lr_decay=-1), ArgumentError, ["lr_decay=-1"]),
    "start": (
        lambda: optim.Adagrad([w], initial_accumulator_value=-1),
        ArgumentError,
        ["initial_accumulator_value=-1"],
    ),
    "constant": (lambda: optim.SGD([Tensor(1.0)], 0.1), KindError, ["requires_grad=True"]),
    "array": (lambda: optim.SGD([np.ones(2)], 0.1), KindError, ["ndarray"]),
    "single": (lambda: optim.SGD(w, 0.1), KindError, ["a single tensor", "[w]"]),
    "result": (lambda: optim.SGD([w * 2], 0.1), KindError, ["operation has made", "leaves"]),
    "early step": (lambda: optim.SGD([w], 0.1).step(), GradientError, ["loss.backward() before"]),
    "gradient": (lambda: step_with(np.ones(1)), ShapeError, ["step", "data (2,)", "gradient (1,)"]),
    "data": (lambda: step_with(np.ones(3), np.ones(3)), ShapeError, ["shape (2,)", "new optim"]),
    "clip nothing": (lambda: optim.clip_grad_norm([], 1), ArgumentError, ["no parameters"]),
    "clip at 0": (lambda: optim.clip_grad_norm([w], 0), ArgumentError, ["max_norm=0", "above 0"]),
    "clip nan": (lambda: optim.clip_grad_norm([w], nan), ArgumentError, ["max_norm=nan"]),
    "limit": (lambda: optim.clip_grad_value([w], -1), ArgumentError, ["limit=-1", "above 0"]),
    "limit nothing": (lambda: optim.clip_grad_value([], 1), ArgumentError, ["clip_grad_value"]),
    "step below 0": (lambda: optim.cosine(9)(-1), ArgumentError, ["step=-1", "at least 0"]),
    "half a step": (lambda: optim.warmup(9)(0.5), KindError, ["step=0.5", "whole number"]),
    "all steps": (lambda: optim.warmup(9)(np.arange(3)), KindError, ["schedule", "whole number"]),
    "no warmup": (lambda: optim.warmup(0), ArgumentError, ["warmup", "steps=0", "at least 1"]),
    "no cosine": (lambda: optim.cosine(0), ArgumentError, ["cosine", "total=0"]),
    "no line": (lambda: optim.linear(0), ArgumentError, ["linear", "total=0"]),
    "no tread": (lambda: optim.step_decay(0), ArgumentError, ["step_decay", "every=0"]),
    "floor": (lambda: optim.cosine(9, floor=2), ArgumentError, ["floor=2", "at most 1"]),
    "floor below": (lambda: optim.cosine(9, floor=-1), ArgumentError, ["floor=-1", "at least 0"]),
    "fall": (lambda: optim.exponential(0), ArgumentError, ["exponential", "factor=0"]),
    "stair": (lambda: optim.step_decay(3, nan), ArgumentError, ["step_decay", "factor=nan"]),
    "line below": (lambda: optim.linear(3, -1), ArgumentError, ["linear", "start=-1"]),
    "line end": (lambda: optim.linear(3, 1, -1), ArgumentError, ["linear", "end=-1"]),
    "level": (lambda: optim.constant(-1), ArgumentError, ["constant", "factor=-1"]),
    "times": (lambda: optim.warmup(3) * 0.5, KindError, ["*: got 0.5", "constant(0.5)"]),
    "then": (lambda: optim.warmup(3).then(max), KindError, ["then", "another schedule"]),
    "endless": (
        lambda: optim.constant().then(optim.cosine(9)),
        ArgumentError,
        ["constant(), which never ends", "after=100"],
    ),
    "after": (
        lambda: optim.constant().then(optim.cosine(9), after=0),
        ArgumentError,
        ["after=0", "at least 1"],
    ),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    assert_refused(*WRONG_USES[use])


def test_an_optimizer_without_a_rule_says_so():
    w = leaf([1.0])
    w.grad = np.ones(1)
    with pytest.raises(NotImplementedError, match="Optimizer: got no method _update"):
        optim.Optimizer([w], 0.1).step()


def test_public_names_exist():
    assert [name for name in optim.__all__ if not hasattr(optim, name)] == []


# ------------------------------------------------------------------------- schedules


def factors(schedule, steps):
    return [schedule(step) for step in steps]


EXACT = [
    (optim.constant(), [0, 1, 10**9], [1, 1, 1]),
    (optim.constant(0.5), [0, 7], [0.5, 0.5]),
    (optim.warmup(4), [0, 1, 2, 3, 4, 99], [0.25, 0.5, 0.75, 1, 1, 1]),
    (optim.warmup(1), [0, 1], [1, 1]),
    (optim.linear(4), [0, 1, 2, 3, 4, 99], [1, 0.75, 0.5, 0.25, 0, 0]),
    (optim.linear(2, 0.5, 1.5), [0, 1, 2, 3], [0.5, 1, 1.5, 1.5]),
    (optim.cosine(4), [0, 2, 4, 99], [1, 0.5, 0, 0]),
    (optim.cosine(3), [1, 2], [0.75, 0.25]),
    (optim.cosine(4, floor=0.5), [0, 2, 4, 99], [1, 0.75, 0.5, 0.5]),
    (optim.step_decay(3, 0.5), [0, 2, 3, 5, 6], [1, 1, 0.5, 0.5, 0.25]),
    (optim.step_decay(2), [1, 2], [1, 0.1]),
    (optim.exponential(0.5), [0, 1, 2, 10], [1, 0.5, 0.25, 2**-10]),
    (optim.warmup(4) * optim.linear(4), [0, 1, 3, 4], [0.25, 0.375, 0.25, 0]),
    (optim.warmup(2).then(optim.linear(2)), [0, 1, 2, 3, 4, 9], [0.5, 1, 1, 0.5, 0, 0]),
    (optim.constant().then(optim.linear(2), after=3), [0, 2, 3, 4, 5], [1, 1, 1, 0.5, 0]),
    (optim.warmup(4).then(optim.constant(0), after=1), [0, 1], [0.25, 0]),
    (
        optim.warmup(1).then(optim.linear(2)).then(optim.constant(3)),
        [0, 1, 2, 3],
        [1, 1, 0.5, 3],
    ),
    (
        (optim.linear(2) * optim.linear(4)).then(optim.constant(3)),
        [0, 1, 2, 3, 4],
        [1, 0.375, 0, 0, 3],
    ),
]


@pytest.mark.parametrize(("schedule", "steps", "expected"), EXACT, ids=lambda value: str(value))
def test_the_factors_are_exact(schedule, steps, expected):
    np.testing.assert_allclose(factors(schedule, steps), expected, rtol=1e-15, atol=1e-16)


def test_every_schedule_has_exact_numbers():
    shown = " ".join(str(schedule) for schedule, *_ in EXACT)
    names = ["constant", "warmup", "linear", "cosine", "step_decay", "exponential"]
    assert [name for name in names if f"{name}(" not in shown] == []


@pytest.mark.parametrize(
    "text",
    [
        "constant()",
        "constant(0.5)",
        "(warmup(100) * cosine(1000, 0.1))",
        "warmup(100).then(cosine(900))",
        "constant().then(linear(3, 1.0, 0.5), after=7)",
        "(step_decay(30, 0.1) * exponential(0.99)).then(linear(9), after=5)",
    ],
)
def test_a_schedule_shows_how_it_is_written(text):
    assert str(eval(text, vars(optim))) == text


def test_a_product_with_an_endless_schedule_is_endless():
    assert (optim.warmup(3) * optim.constant()).length is None
    assert optim.warmup(3).then(optim.constant()).length is None
    assert optim.warmup(3).then(optim.cosine(4)).length == 7


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(schedules) == (0, 3)


def test_a_numpy_step_is_a_step():
    assert optim.warmup(np.int64(4))(np.int64(1)) == 0.5


# -------------------------------------------------------------------------- clipping


def with_gradients(*gradients):
    params = [leaf(np.zeros(np.shape(gradient))) for gradient in gradients]
    for parameter, gradient in zip(params, gradients, strict=True):
        parameter.grad = np.asarray(gradient)
    return params


def test_long_gradients_are_scaled_together_in_new_arrays():
    a, b = params = with_gradients([3.0, 0.0], [[4.0]])
    old = a.grad
    assert optim.clip_grad_norm(iter(params), 1.0) == 5.0
    np.testing.assert_allclose(a.grad, [3 / 5.000001, 0], rtol=1e-15)
    np.testing.assert_allclose(b.grad, [[4 / 5.000001]], rtol=1e-15)
    assert old.tolist() == [3, 0]


def test_short_gradients_are_the_very_same_arrays():
    (a,) = params = with_gradients([3.0, 4.0])
    old = a.grad
    assert optim.clip_grad_norm(params, 5.1) == 5.0
    assert a.grad is old


def test_parameters_without_a_gradient_are_left_out():
    a, b = params = with_gradients([3.0, 4.0], [1.0])
    b.grad = None
    assert optim.clip_grad_norm(params, 1) == 5
    optim.clip_grad_value(params, 0.5)
    assert b.grad is None
    a.grad = None
    assert optim.clip_grad_norm(params, 1) == 0


@pytest.mark.parametrize(
    ("size", "dtype"), [(1e30, np.float32), (1e-30, np.float32), (1e300, float)]
)
def test_the_norm_neither_overflows_nor_underflows(size, dtype):
    params = with_gradients(np.full(4, size, dtype), np.zeros(1, dtype))
    np.testing.assert_allclose(optim.clip_grad_norm(params, 1.0), 2 * size, rtol=1e-6)
    assert params[0].grad.dtype == dtype
    assert params[0].grad.max() <= 1


def test_the_norm_is_added_up_in_double_precision():
    gradient = np.random.default_rng(0).normal(size=10**5).astype(np.float32)
    exact = math.sqrt(math.fsum(float(entry) ** 2 for entry in gradient))
    np.testing.assert_allclose(
        optim.clip_grad_norm(with_gradients(gradient), 1e9), exact, rtol=1e-13
    )


@pytest.mark.parametrize("broken", [nan, inf, -inf])
def test_a_norm_that_is_not_finite_is_refused_and_changes_nothing(broken):
    a, b = params = with_gradients([9.0], [1.0, broken])
    with pytest.raises(GradientError, match=r"clip_grad_norm: got gradients of length (nan|inf)"):
        optim.clip_grad_norm(params, 1)
    assert a.grad.tolist() == [9]
    assert b.grad[0] == 1


def test_empty_and_single_gradients_are_clipped_too():
    empty, single = params = with_gradients(np.zeros((0, 3)), 2.0)
    assert optim.clip_grad_norm(params, 1.0) == 2
    assert (empty.grad.shape, single.grad.shape) == ((0, 3), ())
    assert isinstance(single.grad, np.ndarray)


def test_values_are_limited_in_new_arrays():
    a, b = params = with_gradients([3.0, -0.5, -4.0], 2.0)
    old = a.grad
    optim.clip_grad_value(params, 1)
    assert (a.grad.tolist(), b.grad.tolist(), old.tolist()) == ([1, -0.5, -1], 1, [3, -0.5, -4])
    assert isinstance(b.grad, np.ndarray)
