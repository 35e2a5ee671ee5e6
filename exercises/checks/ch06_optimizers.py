"""The tasks of chapter 6: an epoch, momentum, rates of their own, Adam, AdamW, a plan, a clip."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. sgd_epoch -------------------------------------------------------------------------------


def sgd_epoch(X, y, w, b, order, batch_size, lr):
    """Return w and b of ŷ = Xw + b after one epoch of mini-batches, in the given order."""
    for begin in range(0, len(order), batch_size):
        rows = order[begin : begin + batch_size]
        error = X[rows] @ w + b - y[rows]
        w = w - lr * 2 * X[rows].T @ error / len(rows)
        b = b - lr * 2 * np.mean(error)
    return w, b


def _line_of(rng: np.random.Generator, count: int, features: int, size: int, about="") -> Case:
    X = rng.normal(size=(count, features)).round(2)
    y, w = rng.normal(size=count).round(2), rng.normal(size=features).round(2)
    order = rng.permutation(count)
    return Case((X, y, w, round(float(rng.normal()), 2), order, size, 0.1), about)


def _epoch_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for count, features, batch_size in ((1, 1, 4), (7, 2, 3), (8, 3, 4), (20, 4, 1), (11, 2, 11)):
        yield _line_of(rng, count, features, batch_size)


def _slopes(X, y, w, b):
    """Return the slopes, in w and b, of the mean squared error."""
    error = X @ w + b - y
    return 2 * X.T @ error / len(y), 2 * np.mean(error)


def _whole_batches(order, size):
    return [order[k : k + size] for k in range(0, len(order), size)]


def _epoch(batches=_whole_batches, slopes=_slopes, sign=-1, bias=1):
    """Return an epoch that is right but for one thing."""

    def other(X, y, w, b, order, batch_size, lr):
        for rows in batches(np.asarray(order), batch_size):
            dw, db = slopes(X[rows], y[rows], w, b)
            w, b = w + sign * lr * dw, b + sign * bias * lr * db
        return w, b

    return other


def _from_the_start(X, y, w, b, order, batch_size, lr):
    way_w, way_b = np.zeros_like(w), 0.0
    for rows in _whole_batches(order, batch_size):
        dw, db = _slopes(X[rows], y[rows], w, b)
        way_w, way_b = way_w - lr * dw, way_b - lr * db
    return w + way_w, b + way_b


def _divided_by_size(X, y, w, b, order, batch_size, lr):
    for rows in _whole_batches(order, batch_size):
        dw, db = _slopes(X[rows], y[rows], w, b)
        share = len(rows) / batch_size
        w, b = w - lr * share * dw, b - lr * share * db
    return w, b


def _bias_looks_again(X, y, w, b, order, batch_size, lr):
    for rows in _whole_batches(order, batch_size):
        w = w - lr * _slopes(X[rows], y[rows], w, b)[0]
        b = b - lr * _slopes(X[rows], y[rows], w, b)[1]
    return w, b


EPOCH = Exercise(
    name="sgd_epoch",
    chapter=6,
    title="One epoch of mini-batches",
    points=2,
    minutes=10,
    difficulty=1,
    shapes="X (N, D), y (N,), w (D,), b, order (N,), batch_size, lr → (w (D,), b)",
    reference=sgd_epoch,
    parts=("w", "b"),
    cases=(
        Case(
            (np.array([[2.0]]), np.array([1.0]), np.array([1.0]), 0.5, np.array([0]), 1, 0.1),
            "One example: one step, in which weight and bias use the same error.",
        ),
        Case(
            (
                np.array([[1.0], [2.0], [3.0]]),
                np.array([1.0, 0.0, 2.0]),
                np.array([0.5]),
                0.0,
                np.array([2, 0, 1]),
                1,
                0.1,
            ),
            "Three steps of one example, in an order of their own.",
        ),
        Case(
            (
                np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [1.0, -1.0], [-1.0, 2.0]]),
                np.array([1.0, 2.0, 0.0, 1.0, 3.0]),
                np.array([0.5, -0.5]),
                0.2,
                np.array([3, 0, 4, 2, 1]),
                2,
                0.1,
            ),
            "Five examples in batches of two: the last batch is short.",
        ),
        _line_of(np.random.default_rng(60), 3, 2, 5, "A batch that is larger than the data set."),
        _line_of(np.random.default_rng(65), 7, 1, 3, "Seven examples in batches of 3, 3 and 1."),
    ),
    hidden=_epoch_hidden,
    twins=(
        Twin(
            "last batch dropped",
            "The examples of the last, short batch are never used.",
            _epoch(lambda order, size: _whole_batches(order[: len(order) // size * size], size)),
        ),
        Twin(
            "short batch divided by the full size",
            "Right for full batches. The slopes of the short one are too small: a mean over how "
            "many?",
            _divided_by_size,
        ),
        Twin(
            "even pieces",
            "Your batches are of nearly equal size. All but the last have batch_size examples.",
            _epoch(lambda order, size: np.array_split(order, -(-len(order) // size))),
        ),
        Twin(
            "order ignored",
            "You take the examples as they lie in X, and not in the order that was drawn.",
            _epoch(lambda order, size: _whole_batches(np.arange(len(order)), size)),
        ),
        Twin(
            "all slopes at the start",
            "You work out the slopes of all batches at the first weights. Each step begins where "
            "the one before has ended.",
            _from_the_start,
        ),
        Twin(
            "one step for all",
            "You take one step with all examples. An epoch in batches has several.",
            _epoch(lambda order, size: [order]),
        ),
        Twin(
            "only the first batch",
            "You stop after the first batch. An epoch shows every example.",
            _epoch(lambda order, size: [order[:size]]),
        ),
        Twin("bias not trained", "Your bias stays what it was.", _epoch(bias=0)),
        Twin(
            "bias looks again",
            "Your bias uses the weights that have just been moved. Both slopes belong to one "
            "place: work out the error once.",
            _bias_looks_again,
        ),
        Twin(
            "sum for mean",
            "Your steps grow with the size of the batch. The loss is a mean.",
            _epoch(slopes=lambda X, y, w, b: tuple(len(y) * s for s in _slopes(X, y, w, b))),
        ),
        Twin(
            "2 forgotten",
            "Your steps have half their length: these are the slopes of half the squared error.",
            _epoch(slopes=lambda X, y, w, b: tuple(s / 2 for s in _slopes(X, y, w, b))),
        ),
        Twin("climbs", "You go up the slopes, and the loss grows.", _epoch(sign=1)),
    ),
    hints=(
        "How would you do one step, with the rows of one batch? Then: where does each batch begin, "
        "and how long is the last?",
        "error = ŷ − y for the rows of the batch; slope in w: 2/B · Xᵀ error, in b: 2 · its mean, "
        "with B the length of this batch. range(0, N, batch_size) has the beginnings.",
        """
        def sgd_epoch(X, y, w, b, order, batch_size, lr):
            for begin in range(...):
                rows = ...             # which examples are in this batch
                error = ...            # of these rows, with the present w and b
                w = w - ...
                b = b - ...
            return w, b
        """,
    ),
)

# --- 2. momentum_step ---------------------------------------------------------------------------


def momentum_step(weights, grads, velocities, lr, beta):
    """Return new weights and averaged velocities; the walk is that of v ← βv + g with rate lr."""
    if velocities is None:
        velocities = [0.0] * len(weights)
    velocities = [beta * v + (1 - beta) * g for v, g in zip(velocities, grads, strict=True)]
    moved = [w - lr / (1 - beta) * v for w, v in zip(weights, velocities, strict=True)]
    return moved, velocities


def _use_momentum(momentum_step, weights, all_grads, lr, beta):
    velocities = None
    for grads in all_grads:
        weights, velocities = momentum_step(weights, grads, velocities, lr, beta)
    return weights, velocities


def _momentum_case(rng: np.random.Generator, shapes, steps: int, beta: float, about="") -> Case:
    drawn = [[rng.normal(size=shape).round(2) for shape in shapes] for _ in range(steps + 1)]
    return Case((drawn[0], drawn[1:], 0.1, beta), about)


def _momentum_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shapes, steps, beta in (
        (((1,),), 1, 0.9),
        (((3, 2), (3,)), 4, 0.9),
        (((2,), (2, 2), (1,)), 6, 0.5),
        (((4,),), 3, 0.0),
    ):
        yield _momentum_case(rng, shapes, steps, beta)


def _momentum_like(new=lambda beta: 1 - beta, rate=lambda lr, beta: lr / (1 - beta), old=None):
    """Return a step that is right but for its shares or its rate."""

    def other(weights, grads, velocities, lr, beta):
        kept = beta if old is None else old(beta)
        velocities = velocities or [np.zeros_like(w) for w in weights]
        velocities = [kept * v + new(beta) * g for v, g in zip(velocities, grads, strict=True)]
        pairs = zip(weights, velocities, strict=True)
        return [w - rate(lr, beta) * v for w, v in pairs], velocities

    return other


def _starts_with_the_slope(weights, grads, velocities, lr, beta):
    if velocities is None:
        velocities = [np.array(g) for g in grads]
    return momentum_step(weights, grads, velocities, lr, beta)


def _remembers_nothing(weights, grads, velocities, lr, beta):
    return momentum_step(weights, grads, None, lr, beta)


def _old_velocity_moves(weights, grads, velocities, lr, beta):
    before = velocities or [np.zeros_like(w) for w in weights]
    _, velocities = momentum_step(weights, grads, velocities, lr, beta)
    return [w - lr / (1 - beta) * v for w, v in zip(weights, before, strict=True)], velocities


def _one_velocity(weights, grads, velocities, lr, beta):
    shared, moved, kept = None if velocities is None else velocities[-1], [], []
    for w, g in zip(weights, grads, strict=True):
        shared = beta * (0 if shared is None else np.mean(shared)) + (1 - beta) * g
        moved.append(w - lr / (1 - beta) * shared)
        kept.append(shared)
    return moved, kept


_THREE_SLOPES = [[np.array([g])] for g in (1.0, 1.0, -2.0)]

MOMENTUM = Exercise(
    name="momentum_step",
    chapter=6,
    title="Momentum in the other convention",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="weights, grads lists of arrays; velocities the same or None; lr, beta → two lists",
    reference=momentum_step,
    use=_use_momentum,
    parts=("the weights", "the velocities"),
    cases=(
        Case(
            ([np.array([1.0])], [[np.array([2.0])]], 0.1, 0.5),
            "One step. The velocity is None at first.",
        ),
        Case(
            ([np.array([1.0])], _THREE_SLOPES, 0.1, 0.9),
            "Three steps: the second meets a velocity.",
        ),
        Case(
            ([np.array([1.0, 2.0])], [[np.array([3.0, -1.0])]] * 2, 0.1, 0.0),
            "With β = 0 both conventions are plain descent.",
        ),
        _momentum_case(
            np.random.default_rng(61), ((2, 2), (3,)), 3, 0.75, "Two arrays, three steps."
        ),
    ),
    hidden=_momentum_hidden,
    twins=(
        Twin(
            "rate of the other convention",
            "The velocities are right. But the walk is slower than the one that is asked for: the "
            "rate belongs to the convention of the chapter.",
            _momentum_like(rate=lambda lr, beta: lr),
        ),
        Twin(
            "the chapter's convention",
            "The weights are right. Your velocities are sums, and averages were asked for.",
            _momentum_like(lambda beta: 1, lambda lr, beta: lr),
        ),
        Twin(
            "both at once",
            "Your velocities are sums, and your rate is made for averages: the walk is too fast.",
            _momentum_like(lambda beta: 1),
        ),
        Twin(
            "rate made smaller",
            "The velocities are right. Your rate is changed in the wrong direction: which of the "
            "two velocities is the longer?",
            _momentum_like(rate=lambda lr, beta: lr * (1 - beta)),
        ),
        Twin(
            "divided by beta",
            "You divide the rate by β. What is the ratio of the two velocities?",
            _momentum_like(rate=lambda lr, beta: lr / beta if beta else lr),
        ),
        Twin(
            "shares exchanged",
            "You give the old velocity the share that the new slope should have.",
            _momentum_like(lambda beta: beta, old=lambda beta: 1 - beta),
        ),
        Twin(
            "starts with the slope",
            "Your first velocity is the whole first slope. It starts at 0.",
            _starts_with_the_slope,
        ),
        Twin(
            "remembers nothing",
            "Every step begins with a velocity of 0: what was kept is not used.",
            _remembers_nothing,
        ),
        Twin(
            "old velocity moves",
            "The weights move by the velocity from before this step.",
            _old_velocity_moves,
        ),
        Twin(
            "one velocity for all",
            "Your arrays share one velocity. Each array has its own, entry by entry.",
            _one_velocity,
        ),
    ),
    hints=(
        "Two small questions: what stands in for a velocity that is None? And by how much is an "
        "averaged velocity shorter than the chapter's?",
        "v ← β v + (1 − β) g, and the rate η/(1 − β); for each array of the list. Before the first "
        "step every v is 0.",
        """
        def momentum_step(weights, grads, velocities, lr, beta):
            if ...:                   # nothing has been kept so far
                velocities = ...
            velocities = [... for v, g in zip(velocities, grads)]
            weights = [... for w, v in zip(weights, velocities)]
            return weights, velocities
        """,
    ),
    equivalent={"True -> False": "the lists have one length, so nothing has to be refused"},
)

# --- 3. effective_rates -------------------------------------------------------------------------


def effective_rates(gradients, lr, alpha, eps):
    """Return the effective rates of AdaGrad and of RMSprop after each gradient of a sequence."""
    total = average = np.zeros(gradients.shape[1])
    adagrad, rmsprop = [], []
    for g in gradients:
        total = total + g**2
        average = alpha * average + (1 - alpha) * g**2
        adagrad.append(lr / (np.sqrt(total) + eps))
        rmsprop.append(lr / (np.sqrt(average) + eps))
    return np.array(adagrad), np.array(rmsprop)


def _rates_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for steps, weights in ((1, 1), (5, 2), (30, 3)):
        yield Case((rng.normal(size=(steps, weights)), 0.1, 0.9, 1e-8))
    yield Case((rng.normal(size=(6, 2)), 0.5, 0.5, 0.3))
    yield Case((np.zeros((3, 2)), 0.5, 0.9, 0.01))


def _sums(gradients, alpha):
    """Return AdaGrad's sums and RMSprop's averages, one row a step."""
    averages, average = [], np.zeros(gradients.shape[1])
    for g in gradients:
        average = alpha * average + (1 - alpha) * g**2
        averages.append(average)
    return np.cumsum(gradients**2, axis=0), np.array(averages)


def _rates(sums=_sums, rate=lambda s, lr, eps: lr / (np.sqrt(s) + eps)):
    """Return an answer that is right but for its sums, or for what is made of them."""

    def other(gradients, lr, alpha, eps):
        return tuple(rate(s, lr, eps) for s in sums(gradients, alpha))

    return other


def _running(gradients, alpha, old, new):
    averages, average = [], np.zeros(gradients.shape[1])
    for g in gradients:
        average = old(alpha) * average + new(alpha) * g**2
        averages.append(average)
    return np.cumsum(gradients**2, axis=0), np.array(averages)


def _signed(gradients, alpha):
    """Return sums and averages of the slopes themselves, squared at the end."""
    averages, average = [], np.zeros(gradients.shape[1])
    for g in gradients:
        average = alpha * average + (1 - alpha) * g
        averages.append(average)
    return np.cumsum(gradients, axis=0) ** 2, np.array(averages) ** 2


def _before(gradients, alpha):
    return tuple(np.vstack([np.zeros_like(s[:1]), s[:-1]]) for s in _sums(gradients, alpha))


RATES = Exercise(
    name="effective_rates",
    chapter=6,
    title="The rates of AdaGrad and RMSprop",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="gradients (T, D), lr, alpha, eps → two arrays (T, D)",
    reference=effective_rates,
    parts=("AdaGrad's rates", "RMSprop's rates"),
    cases=(
        Case((np.array([[2.0]]), 0.1, 0.9, 0.01), "One gradient of one weight."),
        Case(
            (np.array([[3.0], [4.0]]), 1.0, 0.75, 0.5),
            "Two gradients, 3 and 4, and an ε that can be seen.",
        ),
        Case(
            (np.array([[1.0, 0.0], [-1.0, 0.0], [2.0, 5.0]]), 0.5, 0.5, 0.1),
            "Two weights; the second has slopes of 0 at first.",
        ),
    ),
    hidden=_rates_hidden,
    twins=(
        Twin(
            "eps in the root",
            "Your ε stands under the root. It is added to the root.",
            _rates(rate=lambda s, lr, eps: lr / np.sqrt(s + eps)),
        ),
        Twin(
            "no root",
            "You divide by the squares. Then the scale of the slope does not cancel.",
            _rates(rate=lambda s, lr, eps: lr / (s + eps)),
        ),
        Twin(
            "no eps",
            "A weight whose slopes are all 0 gets a rate that is not finite.",
            _rates(rate=lambda s, lr, eps: lr / np.sqrt(s)),
        ),
        Twin(
            "rate forgotten",
            "Your rates do not depend on the learning rate.",
            _rates(rate=lambda s, lr, eps: 1 / (np.sqrt(s) + eps)),
        ),
        Twin(
            "slopes not squared",
            "You add up the sizes of the slopes. Their squares are added, and the root is taken at "
            "the end.",
            _rates(lambda g, alpha: _sums(np.sqrt(np.abs(g)), alpha)),
        ),
        Twin(
            "slopes with their signs",
            "You add up the slopes themselves. Slopes of opposite sign must not cancel.",
            _rates(_signed),
        ),
        Twin(
            "slopes with their signs in AdaGrad",
            "RMSprop is right. In AdaGrad you add up the slopes themselves: those of opposite sign "
            "must not cancel.",
            _rates(lambda g, alpha: (_signed(g, alpha)[0], _sums(g, alpha)[1])),
        ),
        Twin(
            "steps for rates",
            "You return steps, rate times slope. The rates alone were asked for.",
            lambda gradients, lr, alpha, eps: tuple(
                rates * gradients for rates in _rates()(gradients, lr, alpha, eps)
            ),
        ),
        Twin(
            "RMSprop corrected",
            "AdaGrad is right. Your RMSprop has a bias correction; its s is used as it is.",
            _rates(
                lambda g, alpha: (
                    _sums(g, alpha)[0],
                    _sums(g, alpha)[1] / (1 - alpha ** np.arange(1, len(g) + 1))[:, None],
                )
            ),
        ),
        Twin(
            "a plain mean in RMSprop",
            "AdaGrad is right. Your RMSprop gives all squares the same weight, and forgets none.",
            _rates(
                lambda g, alpha: (
                    _sums(g, alpha)[0],
                    _sums(g, alpha)[0] / np.arange(1, len(g) + 1)[:, None],
                )
            ),
        ),
        Twin(
            "shares exchanged",
            "AdaGrad is right. RMSprop gives the old average the share of the new square.",
            _rates(lambda g, alpha: _running(g, alpha, lambda a: 1 - a, lambda a: a)),
        ),
        Twin(
            "new square in full",
            "AdaGrad is right. In your RMSprop the new square counts in full, so s is no average.",
            _rates(lambda g, alpha: _running(g, alpha, lambda a: a, lambda a: 1)),
        ),
        Twin(
            "one rate for all weights",
            "All weights share one rate. Each has its own.",
            _rates(
                lambda g, alpha: tuple(
                    s.sum(axis=1, keepdims=True) * np.ones_like(s) for s in _sums(g, alpha)
                )
            ),
        ),
        Twin(
            "one step late",
            "Your rates belong to the step before: each takes its own gradient into account.",
            _rates(_before),
        ),
        Twin(
            "a mean for a sum",
            "RMSprop is right. AdaGrad's s is a sum; you have a mean over the steps.",
            _rates(
                lambda g, alpha: (
                    _sums(g, alpha)[0] / np.arange(1, len(g) + 1)[:, None],
                    _sums(g, alpha)[1],
                )
            ),
        ),
        Twin(
            "exchanged",
            "Both are right, but in the other order.",
            lambda gradients, lr, alpha, eps: _rates()(gradients, lr, alpha, eps)[::-1],
        ),
    ),
    hints=(
        "Keep two arrays with one entry a weight: a sum and an average. What happens to each when "
        "a gradient comes in?",
        "s ← s + g² for AdaGrad, s ← α s + (1 − α) g² for RMSprop, both from 0. After each "
        "gradient the rate is η/(√s + ε).",
        """
        def effective_rates(gradients, lr, alpha, eps):
            total, average = ..., ...      # one entry a weight
            first, second = [], []
            for row in gradients:
                total = ...
                average = ...
                first.append(...)
                second.append(...)
            return np.array(first), np.array(second)
        """,
    ),
    equivalent={
        "([], []) -> ([], [])": "two empty lists, exchanged",
        "np.array(adagrad) -> adagrad": "a list of arrays holds the same numbers",
        "np.array(rmsprop) -> rmsprop": "a list of arrays holds the same numbers",
    },
)

# --- 4. adam_step -------------------------------------------------------------------------------


def adam_step(params, grads, state, lr, beta1, beta2, eps):
    """Change the arrays in params by one step of Adam, in place; state begins as an empty dict."""
    t = state["t"] = state.get("t", 0) + 1
    averages = state["averages"] = state.get("averages", {})
    for name, g in grads.items():
        m, v = averages.get(name, (0.0, 0.0))
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        averages[name] = m, v
        params[name] -= lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


def _use_adam(adam_step, params, all_grads, lr, beta1, beta2, eps):
    arrays, state = dict(params), {}
    for grads in all_grads:
        adam_step(params, grads, state, lr, beta1, beta2, eps)
    return arrays


def _adam_case(rng: np.random.Generator, shapes, missing, eps: float = 1e-8) -> Case:
    """Return a case in which, at each step, the arrays named in `missing` have no gradient."""
    params = {name: rng.normal(size=shape).round(2) for name, shape in shapes.items()}
    all_grads = [
        {
            name: rng.normal(size=shape).round(2)
            for name, shape in shapes.items()
            if name not in gone
        }
        for gone in missing
    ]
    return Case((params, all_grads, 0.1, 0.9, 0.99, eps))


_LAYER = {"W": (2, 3), "b": (2,)}


def _adam_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield _adam_case(rng, {"w": (1,)}, [""])
    yield _adam_case(rng, _LAYER, [""] * 5)
    yield _adam_case(rng, _LAYER, ["", "b", "b", "", "W"])
    yield _adam_case(rng, _LAYER, ["W", ""], 0.2)
    yield _adam_case(rng, {"w": (4,)}, [""] * 12, 0.5)


def _moments(state, name, g, beta1, beta2):
    m, v = state.get(name, (np.zeros_like(g), np.zeros_like(g)))
    state[name] = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return state[name]


def _right_way(m, v, t, beta1, beta2, eps):
    return m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)


def _adam(way=_right_way, count=lambda state, name: None, put=None, sign=-1):
    """Return an Adam that is right but for its way, its count, or where it puts the result."""

    def other(params, grads, state, lr, beta1, beta2, eps):
        state["t"] = state.get("t", 0) + 1
        for name, g in grads.items():
            own = count(state, name)
            m, v = _moments(state, name, g, beta1, beta2)
            step = sign * lr * way(m, v, own or state["t"], beta1, beta2, eps)
            if put is None:
                params[name] += step
            else:
                put(params, name, step)

    return other


def _own_count(state: dict[Any, Any], name: str) -> int:
    state["own", name] = state.get(("own", name), 0) + 1
    return state["own", name]


def _count_arrays(state: dict[Any, Any], name: str) -> int:
    state["seen"] = state.get("seen", 0) + 1
    return state["seen"]


def _new_array(params, name, step):
    params[name] = params[name] + step


def _missing_as_zero(params, grads, state, lr, beta1, beta2, eps):
    full = {name: grads.get(name, np.zeros_like(w)) for name, w in params.items()}
    _adam()(params, full, state, lr, beta1, beta2, eps)


def _forgets(params, grads, state, lr, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    _adam()(params, grads, {"t": t - 1}, lr, beta1, beta2, eps)


def _keeps_corrected(params, grads, state, lr, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    for name, g in grads.items():
        m, v = _moments(state, name, g, beta1, beta2)
        m, v = state[name] = m / (1 - beta1**t), v / (1 - beta2**t)
        params[name] -= lr * m / (np.sqrt(v) + eps)


def _slope_for_average(params, grads, state, lr, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    for name, g in grads.items():
        _, v = _moments(state, name, g, beta1, beta2)
        params[name] -= lr * g / (np.sqrt(v / (1 - beta2 ** state["t"])) + eps)


def _first_array(all_steps):
    return [{"w": np.array([g])} for g in all_steps]


ADAM = Exercise(
    name="adam_step",
    chapter=6,
    title="Adam, in place, on named arrays",
    points=4,
    minutes=16,
    difficulty=3,
    shapes="params and grads dicts of arrays, state a dict, four numbers → nothing; params change",
    reference=adam_step,
    use=_use_adam,
    may_change=("params",),
    cases=(
        Case(
            ({"w": np.array([1.0])}, _first_array([-4.0]), 0.1, 0.9, 0.999, 1e-8),
            "One step of one weight: its length is nearly lr.",
        ),
        Case(
            ({"w": np.array([1.0])}, _first_array([0.5, -2.0]), 0.1, 0.9, 0.99, 0.5),
            "Two steps, and an ε that can be seen.",
        ),
        Case(
            (
                {"W": np.array([[1.0, 2.0]]), "b": np.array([0.5])},
                [
                    {"W": np.array([[3.0, -1.0]]), "b": np.array([2.0])},
                    {"W": np.array([[-1.0, 1.0]]), "b": np.array([1.0])},
                ],
                0.1,
                0.8,
                0.9,
                1e-8,
            ),
            "Two arrays, two calls: one call is one step, however many arrays it moves.",
        ),
        Case(
            (
                {"W": np.array([[1.0]]), "b": np.array([0.5])},
                [
                    {"W": np.array([[3.0]]), "b": np.array([2.0])},
                    {"W": np.array([[1.0]])},
                    {"W": np.array([[2.0]]), "b": np.array([-1.0])},
                ],
                0.1,
                0.8,
                0.9,
                1e-8,
            ),
            "The second call has no gradient for b: b stays, and so do its averages; t counts on.",
        ),
    ),
    hidden=_adam_hidden,
    twins=(
        Twin(
            "no correction",
            "Your first steps are too long, although your averages are right: they start at 0.",
            _adam(lambda m, v, t, beta1, beta2, eps: m / (np.sqrt(v) + eps)),
        ),
        Twin(
            "m not corrected",
            "Your first steps are too short: one of the two averages is not corrected.",
            _adam(lambda m, v, t, b1, b2, eps: m / (np.sqrt(v / (1 - b2**t)) + eps)),
        ),
        Twin(
            "v not corrected",
            "Your first steps are too long: one of the two averages is not corrected.",
            _adam(lambda m, v, t, b1, b2, eps: m / (1 - b1**t) / (np.sqrt(v) + eps)),
        ),
        Twin(
            "t from 0 to 1 only",
            "You correct every step as if it was the first.",
            _adam(lambda m, v, t, b1, b2, eps: _right_way(m, v, 1, b1, b2, eps)),
        ),
        Twin(
            "counts arrays",
            "Your t grows with every array. One call is one step.",
            _adam(count=_count_arrays),
        ),
        Twin(
            "a count for each array",
            "Each of your arrays counts its own steps. Here t counts the calls, for all of them.",
            _adam(count=_own_count),
        ),
        Twin(
            "eps in the root",
            "Your ε stands under the root. It is added to the root.",
            _adam(lambda m, v, t, b1, b2, eps: m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps)),
        ),
        Twin(
            "no root",
            "You divide by v̂ itself. A slope of 4 should move as far as a slope of 1.",
            _adam(lambda m, v, t, b1, b2, eps: m / (1 - b1**t) / (v / (1 - b2**t) + eps)),
        ),
        Twin(
            "new arrays",
            "You compute the right weights and store them as new arrays. Whoever holds the old "
            "ones does not see it.",
            _adam(put=_new_array),
        ),
        Twin(
            "missing as zero",
            "An array without a gradient moves on in your function. It should stay as it is, and "
            "its averages too.",
            _missing_as_zero,
        ),
        Twin(
            "averages forgotten",
            "Your averages begin at 0 in every call. What should be kept belongs into state.",
            _forgets,
        ),
        Twin(
            "corrected averages kept",
            "You keep m̂ and v̂ in state. What is kept is m and v as they are; the correction is for "
            "this step only.",
            _keeps_corrected,
        ),
        Twin(
            "folded with a bare eps",
            "Your folded form has ε beside √v. There it has to be c·ε.",
            _adam(
                lambda m, v, t, b1, b2, eps: (
                    np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
                )
            ),
        ),
        Twin(
            "slope for its average",
            "Your step follows the newest slope, not the average of the slopes.",
            _slope_for_average,
        ),
        Twin("climbs", "You go up the gradient.", _adam(sign=1)),
    ),
    hints=(
        "First the count, once in a call. Then, for each array that has a gradient: its two "
        "averages, which were kept in state; then the step.",
        "t ← t + 1; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; m̂ = m/(1 − β₁ᵗ), "
        "v̂ = v/(1 − β₂ᵗ); w ← w − η m̂/(√v̂ + ε). d.get(name, (0.0, 0.0)) gives zeros where a "
        "dictionary d has nothing yet. An array is changed in place by -=.",
        """
        def adam_step(params, grads, state, lr, beta1, beta2, eps):
            t = state["t"] = ...
            averages = state["averages"] = state.get("averages", {})  # one pair for each name
            for name in grads:
                m, v = averages.get(name, ...)
                m, v = ..., ...
                averages[name] = ...
                params[name] -= ...
        """,
    ),
    equivalent={
        "(0.0, 0.0) -> (0.0, 0.0)": "two zeros, exchanged",
        "state.get('averages', {}) -> state": "a pair beside the count, unless an array is named t",
    },
)

# --- 5. adamw_step ------------------------------------------------------------------------------


def adamw_step(weights, grads, m, v, t, lr, decay):
    """Return new weights, m and v of step t; arrays with fewer than two axes are not decayed."""
    m = [0.9 * old + 0.1 * g for old, g in zip(m, grads, strict=True)]
    v = [0.999 * old + 0.001 * g**2 for old, g in zip(v, grads, strict=True)]
    moved = []
    for w, mean, square in zip(weights, m, v, strict=True):
        kept = 1 - lr * decay if w.ndim >= 2 else 1
        step = (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        moved.append(kept * w - lr * step)
    return moved, m, v


def _adamw_case(rng: np.random.Generator, shapes, t: int, decay: float, about="") -> Case:
    weights, grads, m = (
        [np.asarray(rng.normal(size=shape)).round(2) for shape in shapes] for _ in range(3)
    )
    v = [np.asarray(rng.uniform(0.5, 2, size=shape)).round(2) for shape in shapes]
    if t == 1:
        m, v = ([np.zeros(shape) for shape in shapes] for _ in range(2))
    return Case((weights, grads, m, v, t, 0.1, decay), about)


def _adamw_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield _adamw_case(rng, ((1,),), 1, 0.5)
    yield _adamw_case(rng, ((3, 2), (3,)), 1, 0.1)
    yield _adamw_case(rng, ((3, 2), (3,), (1, 3), (1,)), 7, 1.0)
    yield _adamw_case(rng, ((2, 1, 3, 3), (2,)), 100, 0.5)
    yield _adamw_case(rng, ((2, 2),), 3, 0.0)


def _adamw(
    decays=lambda w: w.ndim >= 2, finish=None, change=lambda g, w, decay: g, count=lambda t: t
):
    """Return an AdamW that is right but for one thing."""

    def other(weights, grads, m, v, t, lr, decay):
        moved, means, squares = [], [], []
        for w, g, mean, square in zip(weights, grads, m, v, strict=True):
            slope = change(g, w, decay)
            mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
            n = count(t)
            step = lr * (mean / (1 - 0.9**n)) / (np.sqrt(square / (1 - 0.999**n)) + 1e-8)
            pull = decay if decays(w) else 0.0
            moved.append(finish(w, step, lr, pull) if finish else w - lr * pull * w - step)
            means.append(mean)
            squares.append(square)
        return moved, means, squares

    return other


def _returns_corrected(weights, grads, m, v, t, lr, decay):
    moved, m, v = adamw_step(weights, grads, m, v, t, lr, decay)
    return moved, [mean / (1 - 0.9**t) for mean in m], [s / (1 - 0.999**t) for s in v]


def _never(w):
    return False


ADAMW = Exercise(
    name="adamw_step",
    chapter=6,
    title="AdamW that spares the biases",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="weights, grads, m, v lists of arrays; t, lr, decay numbers → three lists",
    reference=adamw_step,
    parts=("the weights", "m", "v"),
    cases=(
        Case(
            ([np.array([2.0])], [np.array([-3.0])], [np.zeros(1)], [np.zeros(1)], 1, 0.1, 0.5),
            "A bias at the first step: it moves by lr, and is not decayed.",
        ),
        Case(
            (
                [np.array([[2.0]])],
                [np.array([[4.0]])],
                [np.zeros((1, 1))],
                [np.zeros((1, 1))],
                1,
                0.1,
                0.5,
            ),
            "A weight at the first step: it moves by lr, and is decayed.",
        ),
        Case(
            ([np.array([0.5])], [np.array([2e-8])], [np.zeros(1)], [np.zeros(1)], 1, 0.1, 0.5),
            "A slope as small as ε: now the step is shorter than lr.",
        ),
        _adamw_case(
            np.random.default_rng(63),
            ((2, 2), (2,)),
            5,
            0.8,
            "Step 5 of a weight matrix and its bias, with averages from before.",
        ),
        _adamw_case(
            np.random.default_rng(64), ((1, 2, 1), (2,)), 2, 0.4, "Weights with three axes."
        ),
    ),
    hidden=_adamw_hidden,
    twins=(
        Twin("biases decayed", "You decay every array.", _adamw(lambda w: True)),
        Twin("nothing decayed", "You decay nothing: this is plain Adam.", _adamw(_never)),
        Twin(
            "biases only",
            "You decay the arrays with one axis, and spare the others.",
            _adamw(lambda w: w.ndim < 2),
        ),
        Twin(
            "matrices only",
            "Right for matrices and biases. An array with three axes holds weights, too.",
            _adamw(lambda w: w.ndim == 2),
        ),
        Twin(
            "L2 in the gradient",
            "Your decay goes through m and v. Then the pull is divided by the size of the slopes.",
            _adamw(_never, change=lambda g, w, decay: g + decay * w if w.ndim >= 2 else g),
        ),
        Twin(
            "without the rate",
            "Your decay does not depend on the learning rate.",
            _adamw(finish=lambda w, step, lr, pull: (1 - pull) * w - step),
        ),
        Twin(
            "decayed after the step",
            "You decay the weights that have moved already: Adam's step is decayed, too.",
            _adamw(finish=lambda w, step, lr, pull: (w - step) * (1 - lr * pull)),
        ),
        Twin(
            "grows",
            "Your decay makes the weights larger.",
            _adamw(finish=lambda w, step, lr, pull: (1 + lr * pull) * w - step),
        ),
        Twin(
            "every step as the first",
            "You correct every step as if t was 1.",
            _adamw(count=lambda t: 1),
        ),
        Twin(
            "a step ahead",
            "You correct with t + 1. The first step has t = 1 already.",
            _adamw(count=lambda t: t + 1),
        ),
        Twin(
            "no correction",
            "Your averages are right, and not corrected: the first steps are too long.",
            _adamw(count=lambda t: np.inf),  # 0.9 to the power of infinity is 0
        ),
        Twin(
            "corrected averages returned",
            "Your weights are right. You return m̂ and v̂, and the next step needs m and v as they "
            "are.",
            _returns_corrected,
        ),
    ),
    hints=(
        "Write plain Adam first. Then: which arrays shrink, by which factor, and before or after "
        "the step?",
        "m ← 0.9 m + 0.1 g, v ← 0.999 v + 0.001 g², both corrected by t; then "
        "w ← (1 − η d) w − η m̂/(√v̂ + 10⁻⁸), without the first factor where w.ndim is below 2.",
        """
        def adamw_step(weights, grads, m, v, t, lr, decay):
            m = [... for old, g in zip(m, grads)]
            v = [... for old, g in zip(v, grads)]
            new = []
            for w, mean, square in zip(weights, m, v):
                kept = ...            # 1 for a bias
                step = ...
                new.append(kept * w - ...)
            return new, m, v
        """,
    ),
    equivalent={"True -> False": "the lists have one length, so nothing has to be refused"},
)

# --- 6. learning_rate ---------------------------------------------------------------------------


def learning_rate(step, total, warmup, peak, floor):
    """Return the rate at a step: warm-up, then a cosine that ends exactly at step total − 1."""
    if step < warmup:
        return peak * (step + 1) / warmup
    share = min((step - warmup) / (total - 1 - warmup), 1)
    return peak * (floor + (1 - floor) * (1 + np.cos(np.pi * share)) / 2)


def _use_learning_rate(learning_rate, steps, total, warmup, peak, floor):
    return [learning_rate(step, total, warmup, peak, floor) for step in steps]


def _plan_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for total, warmup, floor in ((5, 0, 0.0), (12, 3, 0.1), (100, 10, 0.05), (1000, 200, 0.0)):
        steps = [0, warmup, total // 2, total - 1, total, *rng.integers(0, total, 6).tolist()]
        yield Case((steps, total, warmup, float(rng.uniform(0.01, 1)), floor))


def _plan(
    climb=lambda step, warmup: (step + 1) / warmup,
    share=lambda step, total, warmup: min((step - warmup) / (total - 1 - warmup), 1),
    fall=lambda x, floor: floor + (1 - floor) * (1 + np.cos(np.pi * x)) / 2,
    scale=lambda factor, peak, floor: peak * factor,
):
    """Return a plan that is right but for one thing."""

    def other(step, total, warmup, peak, floor):
        if step < warmup:
            return peak * climb(step, warmup)
        return scale(fall(share(step, total, warmup), floor), peak, floor)

    return other


PLAN = Exercise(
    name="learning_rate",
    chapter=6,
    title="Warm-up and cosine, to the last step",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="step, total, warmup whole numbers, peak, floor numbers → a number",
    reference=learning_rate,
    use=_use_learning_rate,
    cases=(
        Case(([0], 5, 2, 1.0, 0.0), "The first of two steps of warm-up: it moves already."),
        Case(([0, 1, 2, 3], 10, 4, 2.0, 0.0), "The climb. Its last step has the full rate."),
        Case(([2, 3, 4, 5, 6], 7, 2, 1.0, 0.0), "After the climb: full rate, half, and 0."),
        Case(([3, 4, 5, 7], 8, 3, 0.5, 0.1), "With a floor, of which step 7 is the last."),
        Case(([0, 2, 4], 5, 0, 1.0, 0.2), "No warm-up at all."),
        Case(([9, 10, 15, 100], 10, 3, 1.0, 0.25), "After the end the rate stays at its floor."),
    ),
    hidden=_plan_hidden,
    twins=(
        Twin(
            "starts at zero",
            "Your first step does not move. The first of `warmup` steps has its share, too.",
            _plan(lambda step, warmup: step / warmup),
        ),
        Twin(
            "ends a step too late",
            "Your cosine would reach its floor at step `total`. The last step is total − 1.",
            _plan(share=lambda step, total, warmup: min((step - warmup) / (total - warmup), 1)),
        ),
        Twin(
            "counts from 0",
            "Your cosine has begun at step 0, during the warm-up. It starts where the climb ends.",
            _plan(share=lambda step, total, warmup: min(step / (total - 1), 1)),
        ),
        Twin(
            "rises again",
            "After the end your rate rises again: a cosine goes on.",
            _plan(share=lambda step, total, warmup: (step - warmup) / (total - 1 - warmup)),
        ),
        Twin(
            "floor cuts",
            "Your cosine falls towards 0 and is cut off at the floor. It should arrive there.",
            _plan(fall=lambda x, floor: max(floor, (1 + np.cos(np.pi * x)) / 2)),
        ),
        Twin(
            "floor added",
            "Your rate rises above its peak: the floor is added to a full cosine.",
            _plan(fall=lambda x, floor: floor + (1 + np.cos(np.pi * x)) / 2),
        ),
        Twin(
            "floor as a rate",
            "Your floor is a rate. Here it is a share of the peak.",
            _plan(
                fall=lambda x, floor: (1 + np.cos(np.pi * x)) / 2,
                scale=lambda factor, peak, floor: floor + (peak - floor) * factor,
            ),
        ),
        Twin(
            "a straight line",
            "Your rate falls in a straight line.",
            _plan(fall=lambda x, floor: floor + (1 - floor) * (1 - x)),
        ),
        Twin(
            "a whole wave",
            "Your cosine runs down and up again: it should go half a wave.",
            _plan(fall=lambda x, floor: floor + (1 - floor) * (1 + np.cos(2 * np.pi * x)) / 2),
        ),
        Twin(
            "a quarter wave",
            "Your cosine goes a quarter of a wave: it starts flat, and arrives steeply.",
            _plan(fall=lambda x, floor: floor + (1 - floor) * np.cos(np.pi * x / 2)),
        ),
        Twin(
            "a factor",
            "You return shares of the peak. A rate was asked for.",
            lambda step, total, warmup, peak, floor: learning_rate(step, total, warmup, 1.0, floor),
        ),
    ),
    hints=(
        "Two branches. For the second: which share of the way down has been gone at step `warmup`, "
        "and which at step total − 1?",
        "While step < warmup: peak · (step + 1)/warmup. Then x = (step − warmup)/(total − 1 − "
        "warmup), at most 1, and peak · [f + (1 − f)(1 + cos πx)/2].",
        """
        def learning_rate(step, total, warmup, peak, floor):
            if ...:
                return ...
            share = min(..., 1)        # 0 at the top, 1 at the last step
            return peak * ...
        """,
    ),
)

# --- 7. clip_global_norm ------------------------------------------------------------------------


def clip_global_norm(grads, most):
    """Return the gradients, together no longer than `most`, and their length before."""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = most / max(norm, most)
    return [factor * g for g in grads], norm


def _clip_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shapes, size in ((((1,),), 5.0), (((3, 2), (3,)), 10.0), (((2,), (2, 2), (4,)), 0.01)):
        yield Case(([size * rng.normal(size=shape) for shape in shapes], 1.0))
    yield Case(([1e4 * rng.normal(size=(3, 3)), 1e-3 * rng.normal(size=3)], 0.5))
    yield Case(([np.zeros((2, 2)), np.zeros(1)], 2.0))


def _global_norm(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads))


def _clip(factor, norm=_global_norm, told=lambda norm, factor: norm):
    """Return a clip that is right but for one thing."""

    def other(grads, most):
        length = norm(grads)
        shrink = factor(most, length)
        return [shrink * g for g in grads], told(length, shrink)

    return other


def _right_factor(most, norm):
    return min(1, most / norm) if norm > 0 else 1


def _each_by_itself(grads, most):
    return [_right_factor(most, np.sqrt(np.sum(g**2))) * g for g in grads], _global_norm(grads)


CLIP = Exercise(
    name="clip_global_norm",
    chapter=6,
    title="Clip by the global norm",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="grads a list of arrays, most a number → (a list of arrays, a number)",
    reference=clip_global_norm,
    parts=("the gradients", "the length"),
    cases=(
        Case(([np.array([4.0])], 1.0), "One number, four times too long."),
        Case(([np.array([0.0, 0.0])], 1.0), "A gradient of zeros has no direction to keep."),
        Case(([np.array([0.03, 0.04])], 1.0), "A short gradient stays as it is."),
        Case(([np.array([3.0, -4.0])], 2.5), "Length 5: both entries are halved."),
        Case(
            ([np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([-4.0])], 4.5),
            "Two arrays, each shorter than the limit, and together longer.",
        ),
        Case(
            ([np.array([[6.0, 0.0]]), np.array([8.0]), np.array([0.1])], 5.0),
            "Three arrays: the direction of the whole must stay.",
        ),
    ),
    hidden=_clip_hidden,
    twins=(
        Twin(
            "condition lost",
            "A short gradient becomes longer in your function.",
            _clip(lambda most, norm: most / norm if norm > 0 else 1),
        ),
        Twin(
            "divides by zero",
            "Right, but for a gradient of zeros: you divide by its length.",
            lambda grads, most: (
                [g / _global_norm(grads) * min(_global_norm(grads), most) for g in grads],
                _global_norm(grads),
            ),
        ),
        Twin(
            "each array by itself",
            "You clip each array by its own length. Then the direction of the whole turns.",
            _each_by_itself,
        ),
        Twin(
            "by value",
            "You clip entry by entry. That turns the direction.",
            lambda grads, most: ([np.clip(g, -most, most) for g in grads], _global_norm(grads)),
        ),
        Twin(
            "length after",
            "The gradients are right. The length that is asked for is that before clipping.",
            _clip(_right_factor, told=lambda norm, factor: norm * factor),
        ),
        Twin(
            "the factor returned",
            "The gradients are right. In place of the length you return the factor.",
            _clip(_right_factor, told=lambda norm, factor: factor),
        ),
        Twin(
            "lengths added",
            "You add the lengths of the arrays. Lengths at right angles do not add up like that.",
            _clip(_right_factor, norm=lambda grads: sum(np.sqrt(np.sum(g**2)) for g in grads)),
        ),
        Twin(
            "no root",
            "Your length is a sum of squares. A root is missing.",
            _clip(_right_factor, norm=lambda grads: sum(np.sum(g**2) for g in grads)),
        ),
        Twin(
            "sum of sizes",
            "Your length adds up the sizes of the entries, without squares.",
            _clip(_right_factor, norm=lambda grads: sum(np.sum(np.abs(g)) for g in grads)),
        ),
        Twin(
            "largest entry",
            "Your length is the largest entry.",
            _clip(_right_factor, norm=lambda grads: max(np.max(np.abs(g)) for g in grads)),
        ),
        Twin(
            "dropped",
            "A gradient that is too long becomes zero. It should keep its direction.",
            _clip(lambda most, norm: float(norm <= most)),
        ),
    ),
    hints=(
        "How long are all the arrays together, as one long vector? Then one factor serves all.",
        "norm = root of the sum of all squared entries. Factor: c/norm where the norm is over "
        "c, and 1 elsewhere: c divided by the larger of the two.",
        """
        def clip_global_norm(grads, most):
            norm = ...                       # over all arrays
            factor = ...                     # never above 1, and no division by 0
            return [... for g in grads], norm
        """,
    ),
)

EXERCISES = (EPOCH, MOMENTUM, RATES, ADAM, ADAMW, PLAN, CLIP)
