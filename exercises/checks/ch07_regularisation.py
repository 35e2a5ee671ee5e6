"""The tasks of chapter 7: penalties, dropout, two normalisations, and when to stop."""

from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. l2_gradient -----------------------------------------------------------------------------


def l2_gradient(X, y, w, b, strength):
    """Return the slopes of the mean squared error with an L2 penalty, in w and in b."""
    errors = X @ w + b - y
    return 2 / len(y) * X.T @ errors + strength * w, 2 * np.mean(errors)


def _l2_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, width, strength in ((1, 1, 0.5), (4, 2, 1.0), (7, 3, 0.0), (50, 5, 0.01), (3, 6, 2)):
        X, y = rng.normal(size=(rows, width)).round(3), rng.normal(size=rows).round(3)
        yield Case((X, y, rng.normal(size=width).round(3), float(rng.normal()), strength))


def _l2_with(slope, shift=lambda b, strength: 0.0, factor=2.0):
    """Make an answer with another slope of the penalty, in w or in b, or of the error."""

    def answer(X, y, w, b, strength):
        errors = X @ w + b - y
        in_w = factor / len(y) * X.T @ errors + slope(w, strength)
        return in_w, factor * np.mean(errors) + shift(b, strength)

    return answer


_X = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])
_Y = np.array([1.0, 2.0, -1.0])

L2 = Exercise(
    name="l2_gradient",
    chapter=7,
    title="The slopes of a loss with an L2 penalty",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="X (N, D), y (N,), w (D,), b and strength numbers → (dw (D,), db)",
    reference=l2_gradient,
    parts=("dw", "db"),
    cases=(
        Case((np.array([[1.0]]), np.array([2.0]), np.array([3.0]), 0.0, 0.0), "No penalty."),
        Case(
            (np.array([[1.0]]), np.array([3.0]), np.array([3.0]), 0.0, 0.5),
            "A perfect guess: only the penalty has a slope.",
        ),
        Case(
            (np.array([[0.0], [0.0]]), np.array([4.0, 4.0]), np.array([-2.0]), 4.0, 1.0),
            "A negative weight, a large bias, and a perfect guess.",
        ),
        Case((_X, _Y, np.array([1.0, -2.0]), 0.5, 0.1), "Three examples with two inputs."),
        Case((_X, _Y, np.array([1.0, -2.0]), 0.5, 2.0), "The same with a strong penalty."),
    ),
    hidden=_l2_hidden,
    twins=(
        Twin(
            "no penalty",
            "These are the slopes of the data's loss alone: strength changes nothing.",
            _l2_with(lambda w, strength: 0 * w),
        ),
        Twin(
            "bias decayed",
            "Your penalty pulls at the bias too. The bias is left out.",
            _l2_with(lambda w, strength: strength * w, lambda b, strength: strength * b),
        ),
        Twin(
            "twice the penalty",
            "The slope of your penalty is twice what it should be. There is a ½ in front of it.",
            _l2_with(lambda w, strength: 2 * strength * w),
        ),
        Twin(
            "half the penalty",
            "The slope of your penalty is half of what it should be. The 2 of the derivative and "
            "the ½ in front of the penalty cancel.",
            _l2_with(lambda w, strength: strength * w / 2),
        ),
        Twin(
            "penalty over N",
            "You divide the penalty by the number of examples. It stands outside of the mean.",
            lambda X, y, w, b, strength: l2_gradient(X, y, w, b, strength / len(y)),
        ),
        Twin(
            "penalty itself",
            "You add the penalty to the slope. It is its slope that belongs there.",
            _l2_with(lambda w, strength: strength / 2 * np.sum(w**2)),
        ),
        Twin(
            "wrong sign",
            "Your penalty pushes weights away from 0: with this slope, descent makes them grow.",
            _l2_with(lambda w, strength: -strength * w),
        ),
        Twin(
            "sign for w",
            "The slope of your penalty has the same size for every weight. That is L1.",
            _l2_with(lambda w, strength: strength * np.sign(w)),
        ),
        Twin(
            "half the error",
            "Your slopes of the data's loss are half as steep as they should be: the loss is the "
            "mean of the squares, without a ½.",
            _l2_with(lambda w, strength: strength * w, factor=1.0),
        ),
        Twin(
            "bias forgotten in the guess",
            "Your guess is X @ w alone. The bias belongs to it.",
            lambda X, y, w, b, strength: l2_gradient(X, y, w, 0.0, strength),
        ),
        Twin(
            "sum for mean",
            "Your slopes of the data's loss grow with the number of examples.",
            lambda X, y, w, b, strength: (
                2 * X.T @ (X @ w + b - y) + strength * w,
                2 * np.sum(X @ w + b - y),
            ),
        ),
    ),
    hints=(
        "The loss is a sum of two parts, so its slope is too. Which of the two does the bias see?",
        "dw = (2/N) Xᵀ(Xw + b − y) + λw and db = (2/N) Σ (Xw + b − y)",
        """
        def l2_gradient(X, y, w, b, strength):
            errors = ...                     # (N,)
            dw = ... + ...                   # data, penalty
            return dw, ...
        """,
    ),
)

# --- 2. l1_step ---------------------------------------------------------------------------------


def l1_step(w, b, dw, db, rate, strength):
    """Return weights and biases after a step of descent with an L1 penalty on the weights."""
    moved = w - rate * dw
    shrunk = np.sign(moved) * np.maximum(np.abs(moved) - rate * strength, 0)
    return shrunk, b - rate * db


def _l1_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape, rate, strength in (
        ((1, 1), 0.1, 1),
        ((3, 2), 0.5, 2),
        ((4, 5), 0.2, 0),
        ((6, 3), 1, 1),
    ):
        w, dw = rng.normal(size=(2, *shape)).round(3)
        b, db = rng.normal(size=(2, shape[0])).round(3)
        yield Case((w, b, dw, db, float(rate), float(strength)))


def _l1_with(shrink, shift=lambda b, t: b):
    """Make an answer with another shrinking of weights, or one of biases too."""

    def answer(w, b, dw, db, rate, strength):
        return shrink(w - rate * dw, rate * strength), shift(b - rate * db, rate * strength)

    return answer


def _soft(moved, t):
    return np.sign(moved) * np.maximum(np.abs(moved) - t, 0)


_W, _DW = np.array([[0.5, -0.5], [0.05, -0.05]]), np.zeros((2, 2))
_B = np.array([0.05, -1.0])

L1 = Exercise(
    name="l1_step",
    chapter=7,
    title="A step with L1: the soft threshold",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="w, dw (H, D), b, db (H,), rate and strength numbers → (w (H, D), b (H,))",
    reference=l1_step,
    parts=("weights", "biases"),
    cases=(
        Case(
            (np.array([[1.0]]), np.array([0.0]), np.array([[0.0]]), np.array([0.0]), 0.5, 1.0),
            "One weight, without a slope of the data: only the threshold moves it.",
        ),
        Case((_W, _B, _DW, np.zeros(2), 0.1, 1.0), "Large weights move by 0.1, small ones to 0."),
        Case((_W, _B, _DW, np.zeros(2), 0.1, 0.0), "No penalty and no slope: nothing moves."),
        Case(
            (
                np.array([[0.0, 0.3]]),
                np.array([1.0]),
                np.array([[-2.0, 2.0]]),
                np.array([3.0]),
                0.5,
                0.4,
            ),
            "The data pull a weight away from 0, and another one through 0; the bias steps too.",
        ),
        Case(
            (
                np.array([[0.2, -0.2]]),
                np.array([0.3]),
                np.array([[1.0, 1.0]]),
                np.array([-1.0]),
                0.1,
                3.0,
            ),
            "A weight that would hop over 0 has to stop there.",
        ),
    ),
    hidden=_l1_hidden,
    twins=(
        Twin(
            "sign in the slope",
            "Your penalty is a step of fixed length, and small weights hop over 0. They should "
            "stop there.",
            _l1_with(lambda moved, t: moved - t * np.sign(moved)),
        ),
        Twin(
            "sign of the old weight",
            "You put the sign of the weight into its slope, as in ordinary descent. No weight "
            "stops at 0 this way.",
            lambda w, b, dw, db, rate, strength: (
                w - rate * (dw + strength * np.sign(w)),
                b - rate * db,
            ),
        ),
        Twin(
            "hard threshold",
            "You set small weights to 0 and leave large ones as they are. Large ones move, too.",
            _l1_with(lambda moved, t: np.where(np.abs(moved) > t, moved, 0.0)),
        ),
        Twin(
            "rate forgotten",
            "Your threshold is the strength itself. A step is short, so the threshold is scaled "
            "like the step.",
            lambda w, b, dw, db, rate, strength: (_soft(w - rate * dw, strength), b - rate * db),
        ),
        Twin(
            "threshold first",
            "You shrink the weight before the step. First comes the step of the data's loss.",
            lambda w, b, dw, db, rate, strength: (
                _soft(w, rate * strength) - rate * dw,
                b - rate * db,
            ),
        ),
        Twin(
            "biases shrunk",
            "You shrink the biases too. They take an ordinary step.",
            _l1_with(_soft, _soft),
        ),
        Twin(
            "sign lost",
            "Your negative weights have become positive, or 0.",
            _l1_with(lambda moved, t: np.maximum(np.abs(moved) - t, 0)),
        ),
        Twin(
            "positive weights only",
            "Weights below 0 do not survive in your answer. The threshold works from both sides.",
            _l1_with(lambda moved, t: np.maximum(moved - t, 0)),
        ),
        Twin(
            "L2 instead",
            "You multiply the weights by a factor below 1. That is L2, and makes no exact zeros.",
            _l1_with(lambda moved, t: moved * (1 - t)),
        ),
        Twin(
            "L2 decay of the old weight",
            "Your penalty takes a share of each weight, as L2 does. It makes no exact zeros.",
            lambda w, b, dw, db, rate, strength: (
                w - rate * (dw + strength * w),
                b - rate * db,
            ),
        ),
        Twin(
            "no penalty",
            "This is an ordinary step: strength changes nothing.",
            _l1_with(lambda moved, t: moved),
        ),
        Twin(
            "wrong sign of the step",
            "Your step goes up the slope of the data.",
            lambda w, b, dw, db, rate, strength: (
                _soft(w + rate * dw, rate * strength),
                b + rate * db,
            ),
        ),
        Twin(
            "biases stand still",
            "Your biases do not move. They are spared the penalty, not the step.",
            lambda w, b, dw, db, rate, strength: (_soft(w - rate * dw, rate * strength), b),
        ),
    ),
    hints=(
        "Two moves: the step of the data's loss, then a move towards 0 that never goes beyond it.",
        "w ← S(w − η·dw, ηλ), where S takes ηλ from the size of a number, but no more than there "
        "is, and keeps its sign. b ← b − η·db.",
        """
        def l1_step(w, b, dw, db, rate, strength):
            moved = ...
            size = ...                       # what is left of |moved|, at least 0
            return ... * size, ...
        """,
    ),
)

# --- 3. inverted_dropout ------------------------------------------------------------------------


def inverted_dropout(x, g, uniform, p, training):
    """Return what dropout gives for x, and the slope that it passes back for g."""
    if not training:
        return x, g
    kept = uniform >= p
    factor = kept / (1 - p) if p < 1 else 0 * uniform
    return x * factor, g * factor


def _dropout_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape, p, training in (
        ((4,), 0.25, True), ((3, 4), 0.5, True), ((2, 3, 2), 0.8, True), ((5, 2), 0.3, False),
        ((6,), 1.0, True), ((6,), 0.0, True),
    ):  # fmt: skip
        x, g = rng.normal(size=(2, *shape)).round(3)
        yield Case((x, g, rng.random(shape), p, training))


def _dropout_with(factor, evaluation=1.0):
    """Make an answer with other factors in training, or another one in evaluation."""

    def answer(x, g, uniform, p, training):
        by = (
            factor(uniform, p)
            if training
            else evaluation(p)
            if callable(evaluation)
            else evaluation
        )
        return x * by, g * by

    return answer


def _factor(uniform, p):
    return (uniform >= p) / (1 - p) if p < 1 else 0 * uniform


def _masked_like_relu(x, g, uniform, p, training):
    out, slope = inverted_dropout(x, g, uniform, p, training)
    return out, np.where(out > 0, slope, 0) if training else slope


_U = np.array([0.1, 0.9, 0.25, 0.6])
_H = np.array([1.0, 2.0, -3.0, 4.0])
_G = np.array([1.0, -1.0, 1.0, 0.5])

DROPOUT = Exercise(
    name="inverted_dropout",
    chapter=7,
    title="Inverted dropout, forwards and backwards",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="x, g and uniform of one shape, p from 0 to 1, training True or False → (out, slope)",
    reference=inverted_dropout,
    parts=("out", "slope"),
    cases=(
        Case((_H, _G, _U, 0.5, True), "p = 0.5: the first and the third are dropped."),
        Case((_H, _G, _U, 0.2, True), "p = 0.2: one is dropped, and the others grow a little."),
        Case((_H, _G, _U, 0.25, True), "A number that equals p belongs to a kept entry."),
        Case((_H, _G, _U, 0.0, True), "p = 0: nothing is dropped."),
        Case((_H, _G, _U, 1.0, True), "p = 1: everything is dropped, and nothing is divided by 0."),
        Case((_H, _G, _U, 0.5, False), "Evaluation: nothing is dropped and nothing is scaled."),
        Case(
            (_H.reshape(2, 2), _G.reshape(2, 2), _U.reshape(2, 2), 0.5, True),
            "Two examples: each entry has its own draw.",
        ),
    ),
    hidden=_dropout_hidden,
    twins=(
        Twin(
            "1/p",
            "You divide by the share that is dropped. What has to be made up for is the other "
            "share: try p = 0.2.",
            _dropout_with(lambda u, p: (u >= p) / p if p else 1.0 + 0 * u),
        ),
        Twin(
            "never scaled",
            "Kept entries stay as they are, in training and in evaluation. Then the next layer "
            "gets less in training than later.",
            _dropout_with(lambda u, p: u >= p),
        ),
        Twin(
            "plain form",
            "This is the plain form, which scales in evaluation. The inverted form does so in "
            "training.",
            _dropout_with(lambda u, p: u >= p, lambda p: 1 - p),
        ),
        Twin(
            "scaled twice",
            "You scale in training and in evaluation too. Once is enough.",
            _dropout_with(_factor, lambda p: 1 - p),
        ),
        Twin(
            "scaled down",
            "Kept entries become smaller in your answer. They should grow, to stand in for those "
            "that are missing.",
            _dropout_with(lambda u, p: (u >= p) * (1 - p)),
        ),
        Twin(
            "p kept",
            "You keep with probability p. It is the probability of being dropped.",
            _dropout_with(lambda u, p: (u < p) / p if p else 0 * u),
        ),
        Twin(
            "the wrong ones dropped",
            "You drop those that should be kept, and keep the others.",
            _dropout_with(lambda u, p: (u < p) / (1 - p) if p < 1 else 1.0 + 0 * u),
        ),
        Twin(
            "the wrong ones dropped, all for p = 1",
            "You keep what should be dropped, and drop the rest.",
            _dropout_with(lambda u, p: (u < p) / (1 - p) if p < 1 else 0 * u),
        ),
        Twin(
            "equal is dropped",
            "A number that equals p should be kept.",
            _dropout_with(lambda u, p: (u > p) / (1 - p) if p < 1 else 0 * u),
        ),
        Twin(
            "on in evaluation",
            "You drop in evaluation too. There all units work together.",
            lambda x, g, uniform, p, training: inverted_dropout(x, g, uniform, p, True),
        ),
        Twin(
            "slope not masked",
            "What was dropped has no influence on the loss, so it must not get a slope.",
            lambda x, g, uniform, p, training: (inverted_dropout(x, g, uniform, p, training)[0], g),
        ),
        Twin(
            "slope masked by the sign of out",
            "Your slope is masked where the output is not above 0, as for ReLU. A kept entry may "
            "be negative.",
            _masked_like_relu,
        ),
        Twin(
            "slope not scaled",
            "Your slope is masked and not scaled. The slope of x times a factor is the factor.",
            lambda x, g, uniform, p, training: (
                inverted_dropout(x, g, uniform, p, training)[0],
                g * (uniform >= p) if training else g,
            ),
        ),
        Twin(
            "divides by 0",
            "For p = 1 you divide 0 by 0.",
            _dropout_with(lambda u, p: (u >= p) / np.float64(1 - p)),
        ),
    ),
    hints=(
        "Both results come from one array of factors: 0 where an entry is dropped. What is it "
        "elsewhere?",
        "In training: keep where uniform ≥ p, divide by 1 − p (p = 1 keeps nothing). Evaluation "
        "changes nothing. The slope gets the same factors as x.",
        """
        def inverted_dropout(x, g, uniform, p, training):
            if ...:
                return ..., ...
            factor = ...                     # 0 or 1/(1 - p), an entry each; all 0 for p = 1
            return ..., ...
        """,
    ),
    equivalent={
        "0 * uniform -> 0": "one 0 for all entries",
        "0 * uniform -> 0 / uniform": "0 by a number above 0 is 0",
    },
)

# --- 4. batch_norm ------------------------------------------------------------------------------


def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Return the normalised batch, and both running statistics after it."""
    mean, var = running_mean, running_var
    if training:
        mean, var = np.mean(x, axis=0), np.var(x, axis=0)
        unbiased = np.var(x, axis=0, ddof=1)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * unbiased
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, running_mean, running_var


def _norm_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, width, training in (
        (2, 1, True),
        (8, 3, True),
        (5, 4, False),
        (1, 3, False),
        (30, 5, True),
    ):
        x = rng.normal(3, 2, size=(rows, width)).round(3)
        gamma, beta, mean = rng.normal(size=(3, width)).round(3)
        yield Case((x, gamma, beta, mean, rng.uniform(1, 4, width).round(3), training))
    x = rng.normal(size=(6, 2)).round(3)
    yield Case((x, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), True, 0.5, 0.1))
    yield Case((x, np.ones(2), np.zeros(2), np.zeros(2), np.ones(2), False, 0.5, 0.1))


def _norm_with(change):
    """Make an answer from the parts of the right one, some of them changed."""

    def answer(x, gamma, beta, mean, var, training, momentum=0.1, eps=1e-5):
        part = {
            "axis": 0, "ddof": 0, "kept_ddof": 1, "share": momentum, "updates": training,
            "by_batch": training, "by_new": False, "root": lambda v: np.sqrt(v + eps),
        } | change(training, momentum, eps)  # fmt: skip
        new_mean, new_var = mean, var
        if part["updates"]:
            with np.errstate(all="ignore"):
                new_mean = (1 - part["share"]) * mean + part["share"] * np.mean(x, axis=0)
                kept = np.var(x, axis=0) * len(x) / np.float64(len(x) - part["kept_ddof"])
                new_var = (1 - part["share"]) * var + part["share"] * kept
        used = (new_mean, new_var) if part["by_new"] else (mean, var)
        if part["by_batch"]:
            axis = part["axis"]
            used = (
                np.mean(x, axis, keepdims=True),
                np.var(x, axis, ddof=part["ddof"], keepdims=True),
            )
        return gamma * (x - used[0]) / part["root"](used[1]) + beta, new_mean, new_var

    return answer


_BATCH = np.array([[1.0, 10.0], [2.0, 10.0], [3.0, 40.0], [6.0, 20.0]])
_START = (np.ones(2), np.zeros(2), np.zeros(2), np.ones(2))
_LATER = (
    np.array([2.0, 1.0]),
    np.array([0.0, -1.0]),
    np.array([3.0, 20.0]),
    np.array([4.0, 100.0]),
)

BATCH = Exercise(
    name="batch_norm",
    chapter=7,
    title="Batch norm with running statistics",
    points=4,
    minutes=18,
    difficulty=3,
    shapes="x (B, D), the four that follow (D,), training True or False → three arrays",
    reference=batch_norm,
    parts=("out", "running_mean", "running_var"),
    cases=(
        Case(
            (np.array([[2.0], [6.0]]), np.ones(1), np.zeros(1), np.zeros(1), np.ones(1), True),
            "Two examples with one feature, in training.",
        ),
        Case((_BATCH, *_START, True), "Four examples with two features, in training."),
        Case((_BATCH, *_LATER, True), "The same later: other statistics, a scale and a shift."),
        Case(
            (_BATCH, *_LATER, False), "Evaluation: the kept statistics are used, and not changed."
        ),
        Case((_BATCH[:1], *_LATER, False), "Evaluation with a batch of one."),
        Case((_BATCH, *_START, True, 0.25, 1.0), "Another momentum, and a large eps."),
        Case((_BATCH, *_START, False, 0.25, 1.0), "A large eps in evaluation."),
    ),
    hidden=_norm_hidden,
    twins=(
        Twin(
            "over the features",
            "You normalise each example on its own. Batch norm shares a mean down a column.",
            _norm_with(lambda training, momentum, eps: {"axis": 1}),
        ),
        Twin(
            "momentum of the old",
            "You give the old statistics the share momentum. Here it is that of the new batch.",
            _norm_with(lambda training, momentum, eps: {"share": 1 - momentum}),
        ),
        Twin(
            "biased kept",
            "Your running variance is too small: an estimate for all data divides by "
            "another number than B.",
            _norm_with(lambda training, momentum, eps: {"kept_ddof": 0}),
        ),
        Twin(
            "unbiased used",
            "The batch itself is normalised with the variance that divides by B.",
            _norm_with(lambda training, momentum, eps: {"ddof": 1}),
        ),
        Twin(
            "variances exchanged",
            "You have two variances, and each is in the other's place.",
            _norm_with(lambda training, momentum, eps: {"ddof": 1, "kept_ddof": 0}),
        ),
        Twin(
            "always the batch",
            "In evaluation you use the batch's own statistics. The answer to an example must not "
            "depend on its neighbours.",
            _norm_with(lambda training, momentum, eps: {"by_batch": True}),
        ),
        Twin(
            "running in training",
            "In training you normalise with the running statistics. There the batch uses its own.",
            _norm_with(lambda training, momentum, eps: {"by_batch": False}),
        ),
        Twin(
            "updated ones in training",
            "In training you normalise with the running statistics that you have just brought up "
            "to date. There the batch uses its own.",
            _norm_with(lambda training, momentum, eps: {"by_batch": False, "by_new": True}),
        ),
        Twin(
            "learns in evaluation",
            "You change the running statistics in evaluation too. There they are only used.",
            _norm_with(
                lambda training, momentum, eps: {"updates": True, "kept_ddof": 1 if training else 0}
            ),
        ),
        Twin(
            "learns in evaluation, unbiased",
            "Your running statistics move in evaluation as well. There they only serve.",
            _norm_with(lambda training, momentum, eps: {"updates": True}),
        ),
        Twin(
            "never updated",
            "Your running statistics never change. Evaluation would use what they began with.",
            _norm_with(lambda training, momentum, eps: {"updates": False}),
        ),
        Twin(
            "not the root",
            "You divide by the variance. Divide by its root.",
            _norm_with(lambda training, momentum, eps: {"root": lambda v: v + eps}),
        ),
        Twin(
            "eps outside",
            "Your eps stands outside of the root.",
            _norm_with(lambda training, momentum, eps: {"root": lambda v: np.sqrt(v) + eps}),
        ),
        Twin(
            "no eps",
            "Your root is without eps.",
            _norm_with(lambda training, momentum, eps: {"root": lambda v: np.sqrt(v)}),
        ),
        Twin(
            "no scale and shift",
            "gamma and beta change nothing in your answer.",
            lambda x, gamma, beta, *rest: batch_norm(x, 0 * gamma + 1, 0 * beta, *rest),
        ),
    ),
    hints=(
        "Two questions, each with two answers: which mean and variance normalise, and what is "
        "kept? Ask them for training and for evaluation.",
        "Training: use μ and σ² of the batch (÷ B); new = (1 − m)·old + m·batch, for the variance "
        "with ÷ (B − 1). Evaluation: use the running ones and return them as they are.",
        """
        def batch_norm(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
            if ...:                                      # which mode?
                mean, var = ..., ...                     # of the batch, (D,)
                running_mean = ...
                running_var = ...                        # careful: which variance?
            else:
                mean, var = ..., ...
            out = ...
            return out, running_mean, running_var
        """,
    ),
)

# --- 5. layer_norm ------------------------------------------------------------------------------


def layer_norm(x, gamma, beta, eps=1e-5):
    """Return x with every example, or token, normalised over its last axis."""
    centred = x - np.mean(x, axis=-1, keepdims=True)
    var = np.mean(centred**2, axis=-1, keepdims=True)
    return gamma * centred / np.sqrt(var + eps) + beta


def _layer_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((4,), (1, 2), (5, 3), (3, 3), (2, 3, 4), (2, 2, 2, 3)):
        gamma, beta = rng.normal(size=(2, shape[-1])).round(3)
        yield Case((rng.normal(2, 3, size=shape).round(3), gamma, beta))
    yield Case((rng.normal(size=(3, 4)).round(3), np.ones(4), np.zeros(4), 0.5))


def _layer_with(axis=-1, ddof=0, root=lambda v, eps: np.sqrt(v + eps), centre=True, scales=True):
    def answer(x, gamma, beta, eps=1e-5):
        over = axis(x) if callable(axis) else axis
        middle = np.mean(x, axis=over, keepdims=True) * centre
        spread = np.var(x, axis=over, ddof=ddof, keepdims=True)
        if not centre:
            spread = np.mean(x**2, axis=over, keepdims=True)
        n = (x - middle) / root(spread, eps)
        return gamma * n + beta if scales else n

    return answer


_TOKENS = np.array([[[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]], [[-1.0, 5.0, 2.0], [10.0, 20.0, 30.0]]])

LAYER = Exercise(
    name="layer_norm",
    chapter=7,
    title="Layer norm for any number of axes",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="x (..., D), gamma and beta (D,) → (..., D)",
    reference=layer_norm,
    cases=(
        Case((np.array([[1.0, 5.0]]), np.ones(2), np.zeros(2)), "One example with two features."),
        Case(
            (np.array([[1.0, 5.0, 3.0], [2.0, 2.0, 8.0]]), np.ones(3), np.zeros(3)),
            "Two examples with three features.",
        ),
        Case((np.array([1.0, 2.0, 6.0]), np.ones(3), np.zeros(3)), "A single vector: one axis."),
        Case((np.full((2, 3), 7.0), np.ones(3), np.array([0.0, 1.0, 2.0])), "All features alike."),
        Case(
            (np.array([[1.0, 5.0]]), np.array([2.0, 3.0]), np.array([10.0, 20.0])),
            "A scale and a shift for each feature.",
        ),
        Case((_TOKENS, np.array([1.0, 2.0, 1.0]), np.zeros(3)), "Two texts of two tokens each."),
        Case((np.array([[0.0, 2.0]]), np.ones(2), np.zeros(2), 3.0), "A large eps."),
    ),
    hidden=_layer_hidden,
    twins=(
        Twin(
            "over the batch",
            "You normalise along the first axis: that is batch norm's way.",
            _layer_with(axis=0),
        ),
        Twin(
            "axis 1",
            "You normalise along the second axis. That is the last one only for a table.",
            _layer_with(axis=lambda x: min(1, x.ndim - 1)),
        ),
        Twin(
            "over everything",
            "You take one mean for all numbers. Each example has its own.",
            _layer_with(axis=None),
        ),
        Twin(
            "all but the first axis",
            "You normalise all tokens of a text together. Each token has its own mean.",
            _layer_with(axis=lambda x: tuple(range(1, x.ndim)) or 0),
        ),
        Twin(
            "unbiased",
            "Your variance divides by D − 1. Normalisation divides by D.",
            _layer_with(ddof=1),
        ),
        Twin(
            "not the root",
            "You divide by the variance. Divide by its root.",
            _layer_with(root=lambda v, eps: v + eps),
        ),
        Twin(
            "eps outside",
            "Your eps stands outside of the root.",
            _layer_with(root=lambda v, eps: np.sqrt(v) + eps),
        ),
        Twin(
            "no eps",
            "Without eps, an example whose features are all alike divides 0 by 0.",
            _layer_with(root=lambda v, eps: np.sqrt(v)),
        ),
        Twin(
            "no mean taken away",
            "You divide by the root mean square, and do not take the mean away. That is RMSNorm.",
            _layer_with(centre=False),
        ),
        Twin(
            "no scale and shift",
            "gamma and beta change nothing in your answer.",
            _layer_with(scales=False),
        ),
        Twin(
            "scales the shift too",
            "gamma multiplies beta too in your answer. The shift comes after the scale.",
            lambda x, gamma, beta, eps=1e-5: layer_norm(x, gamma, gamma * beta, eps),
        ),
    ),
    hints=(
        "One axis says it all: along which one does an example, or a token, hold its features?",
        "γ (x − μ) / √(σ² + ε) + β, with mean and variance over the last axis. keepdims=True keeps "
        "that axis, with length 1.",
        """
        def layer_norm(x, gamma, beta, eps=1e-5):
            mean = np.mean(x, axis=..., keepdims=...)
            var = ...
            return ...
        """,
    ),
)

# --- 6. early_stopping --------------------------------------------------------------------------


def early_stopping(losses, patience):
    """Return the epoch to go back to and the last that is trained, both counted from 1."""
    lowest = np.inf
    for epoch, loss in enumerate(losses, start=1):
        if loss < lowest:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            break
    return best, epoch


def _use_early_stopping(early_stopping, losses, patience):
    trained = []

    def training():
        for loss in losses:  # each loss costs an epoch of training
            trained.append(loss)
            yield loss

    best, last = early_stopping(training(), patience)
    return {"best": best, "last": last, "epochs trained": len(trained)}


def _stopping_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for length, patience in ((1, 1), (6, 2), (20, 3), (40, 1), (40, 8), (15, 30)):
        curve = np.abs(np.linspace(-1, 1, length)) + rng.normal(0, 0.1, length)
        yield Case(([float(loss) for loss in curve.round(2)], patience))
    for patience in (1, 2, 3, 4):
        yield Case(([3.0, 2.0, 2.0, 1.0, 4.0, 1.0, 1.0, 0.5], patience))


def _stops(
    counts, beats=lambda loss, lowest: loss < lowest, keeps=lambda best, epoch: best, shift=0
):
    """Make an answer with another rule for stopping, for what is lower, or for what is kept."""

    def answer(losses, patience):
        lowest, before, best, epoch, worse = np.inf, np.inf, 0, 0, 0
        for loss in losses:
            epoch += 1
            worse = worse + 1 if loss >= before else 0
            if beats(loss, lowest):
                lowest, best = loss, epoch
            if counts(epoch - best, worse) >= patience:
                break
            before = loss
        return keeps(best, epoch) + shift, epoch + shift

    return answer


def _since(since, worse):
    return since


def _looks_ahead(losses, patience):
    losses = list(losses)
    best, last = early_stopping(losses, patience)
    return best, last


def _lowest_loss(losses, patience):
    computed, lowest = [], np.inf
    for loss in losses:
        computed.append(loss)
        best, last = early_stopping(computed, patience)
        lowest = min(lowest, loss)
        if last - best >= patience:
            break
    return lowest, last


def _asks_once_more(losses, patience):
    best, last = early_stopping(losses, patience)
    next(losses, None)
    return best, last


def _whole_curve(losses, patience):
    losses = list(losses)
    best = int(np.argmin(losses)) + 1
    return best, min(best + patience, len(losses))


STOPPING = Exercise(
    name="early_stopping",
    chapter=7,
    title="Early stopping with patience",
    points=3,
    minutes=14,
    difficulty=2,
    shapes="losses one by one, patience a whole number → (best, last), epochs counted from 1",
    reference=early_stopping,
    use=_use_early_stopping,
    cases=(
        Case(([2.0], 5), "A single epoch."),
        Case(([3.0, 2.0, 1.0], 2), "It falls to the end: nothing stops it."),
        Case(([1.0, 2.0, 3.0, 4.0], 1), "It rises from the start, and the patience is 1."),
        Case(
            ([3.0, 1.0, 2.0, 2.5, 4.0, 0.5], 2), "It would fall again, but nobody gets to see it."
        ),
        Case(
            ([3.0, 1.0, 2.0, 1.5, 1.8, 0.5, 0.7], 4), "With patience 4 it is still there to see it."
        ),
        Case(([2.0, 1.0, 1.0, 1.0, 0.5], 2), "A tie is no improvement."),
        Case(
            ([5.0, 4.0, 4.5, 3.0, 3.5, 2.0, 2.5, 2.4], 2), "Each new lowest starts the count anew."
        ),
        Case(([4.0, 1.0, 3.0, 2.0, 2.5, 2.2, 2.1], 3), "It jitters above the lowest."),
    ),
    hidden=_stopping_hidden,
    twins=(
        Twin(
            "goes back to the last",
            "You keep the last weights. The rule goes back to those with the lowest loss.",
            _stops(_since, keeps=lambda best, epoch: epoch),
        ),
        Twin(
            "patience before the stop",
            "You go back by patience epochs. Where the training ran to its end, that is wrong.",
            lambda losses, patience: (lambda pair: (max(1, pair[1] - patience), pair[1]))(
                early_stopping(losses, patience)
            ),
        ),
        Twin(
            "ties improve",
            "You take an equal loss for an improvement.",
            _stops(_since, lambda loss, lowest: loss <= lowest),
        ),
        Twin(
            "one too late",
            "You wait one epoch longer than the patience.",
            _stops(lambda since, worse: since - 1),
        ),
        Twin(
            "one too early",
            "You stop one epoch before the patience is used up.",
            _stops(lambda since, worse: since + 1 if since else 0),
        ),
        Twin(
            "compares with the epoch before",
            "You count rises from one epoch to the next. What counts is the lowest loss so far.",
            _stops(lambda since, worse: worse),
        ),
        Twin(
            "whole curve",
            "You look for the lowest loss of the whole curve. While training, nobody knows it.",
            _whole_curve,
        ),
        Twin(
            "trains to the end",
            "Your numbers are right, but you ask for every loss first. Each of them costs an epoch "
            "of training that the rule wants to save.",
            _looks_ahead,
        ),
        Twin(
            "never stops",
            "You go through all epochs, whatever the patience.",
            _stops(lambda since, worse: -1),
        ),
        Twin(
            "exchanged",
            "Your two results are in each other's place.",
            lambda losses, patience: early_stopping(losses, patience)[::-1],
        ),
        Twin(
            "the loss for the epoch",
            "Your first result is the lowest loss. Asked for is the epoch in which it was.",
            _lowest_loss,
        ),
        Twin(
            "one loss too many",
            "Your numbers are right, but you ask for one more loss after the stop. It costs an "
            "epoch of training.",
            _asks_once_more,
        ),
        Twin(
            "counted from 0",
            "You count epochs from 0. Here the first is number 1.",
            _stops(_since, shift=-1),
        ),
    ),
    hints=(
        "Go through the losses one at a time. Remember two things: the lowest loss so far, and in "
        "which epoch it was.",
        "Stop as soon as epoch − best ≥ patience. best changes only when the loss is lower than "
        "ever before.",
        """
        def early_stopping(losses, patience):
            lowest = ...                     # of no epoch yet
            for epoch, loss in ...:          # one at a time, counted from 1
                if ...:                      # lower than ever before
                    ...
                if ...:                      # out of patience
                    ...
            return ...
        """,
    ),
)

EXERCISES = (L2, L1, DROPOUT, BATCH, LAYER, STOPPING)
