"""The tasks of chapter 1: neuron, gradient, perceptron, normal equation, spam, the mended node."""

import re
import string
from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin
from nnbook.exercises.timing import EndlessCall

# --- 1. neuron --------------------------------------------------------------------------------


def neuron(X, w, b):
    """Return 0 or 1 for every row of X."""
    z = X @ w + b
    return (z >= 0).astype(int)


def _neuron_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, columns in ((1, 1), (1, 5), (7, 1), (6, 6), (50, 3), (200, 20)):
        X = rng.normal(size=(rows, columns)).round(2)
        yield Case((X, rng.normal(size=columns).round(2), float(rng.normal())))
    grid = rng.integers(-2, 3, size=(40, 2)).astype(float)
    yield Case((grid, np.array([1.0, -1.0]), 0.0))
    yield Case((grid, np.array([2.0, 1.0]), -1))


NEURON = Exercise(
    name="neuron",
    chapter=1,
    title="Neuron and step",
    points=2,
    minutes=5,
    difficulty=1,
    shapes="X (B, D), w (D,), b a number → (B,) of 0 and 1",
    reference=neuron,
    one_for_all="You return one answer for the whole batch; there should be one for each row.",
    cases=(
        Case(
            (np.array([[2.0, 1.0]]), np.array([1.0, -1.0]), 0.5),
            "One row, one answer. Work out its weighted sum by hand first.",
        ),
        Case(
            (np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([0.5, -1.0]), 0.0),
            "Two rows: each of them gets its own weighted sum and its own answer.",
        ),
        Case(
            (np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, -1.0]), 0.0),
            "The first row has a weighted sum of exactly 0.",
        ),
        Case(
            (np.array([[-1.0], [2.0], [3.0]]), np.array([2.0]), -5.0),
            "Here the bias decides the answer to the second row.",
        ),
        Case(
            (
                np.array([[1.0, -2.0, 0.5], [0.0, 4.0, 1.0], [-1.0, -1.0, 2.0], [3.0, 1.0, 0.0]]),
                np.array([0.5, -1.0, 2.0]),
                -0.5,
            ),
            "Four rows of three inputs: the answer has one entry a row.",
        ),
    ),
    hidden=_neuron_hidden,
    twins=(
        Twin(
            "strict step",
            "Your step and the book's differ at a single point. Which weighted sum is it?",
            lambda X, w, b: (X @ w + b > 0).astype(int),
        ),
        Twin(
            "bias forgotten",
            "This is what the neuron would answer if one of its three arguments were 0.",
            lambda X, w, b: (X @ w >= 0).astype(int),
        ),
        Twin(
            "bias subtracted",
            "You use the bias as a threshold, with the opposite sign: here a larger b should make "
            "1 more likely.",
            lambda X, w, b: (X @ w - b >= 0).astype(int),
        ),
        Twin(
            "bias multiplied",
            "The bias scales your weighted sum. It should shift it.",
            lambda X, w, b: (X @ w * b >= 0).astype(int),
        ),
        Twin(
            "bias added to the inputs",
            "The bias enters too early: here every weight gets its share of it.",
            lambda X, w, b: ((X + b) @ w >= 0).astype(int),
        ),
        Twin(
            "no step",
            "These are the weighted sums. One stage of the neuron is still to come.",
            lambda X, w, b: X @ w + b,
        ),
        Twin(
            "plus and minus one",
            "The two classes are called -1 and 1 here. That is another book's convention.",
            lambda X, w, b: np.where(X @ w + b >= 0, 1, -1),
        ),
        Twin(
            "truth values",
            "These are True and False. The neuron's output goes on into sums and differences, so "
            "it has to be a number.",
            lambda X, w, b: X @ w + b >= 0,
        ),
        Twin(
            "sigmoid",
            "This is the smooth activation. The task asks for the one with an edge.",
            lambda X, w, b: 1 / (1 + np.exp(-(X @ w + b))),
        ),
        Twin(
            "a column",
            "The answers are right, but they stand in a column: a matrix with one column and a "
            "vector are not the same shape.",
            lambda X, w, b: neuron(X, w, b)[:, None],
        ),
    ),
    hints=(
        "A neuron does two things, one after the other. What does it have after the first?",
        "First z = X w + b, one number for each row; then step(z), which is 1 for z ≥ 0 and 0 "
        "otherwise. A comparison of an array gives True and False; they can be turned into "
        "numbers.",
        """
        def neuron(X, w, b):
            z = ...            # (B,), the weighted sums
            return np.where(..., ..., ...)
        """,
    ),
)

# --- 2. squared_error_gradient ------------------------------------------------------------------


def squared_error_gradient(x, y, w, b):
    """Return dL/dw and dL/db of the mean squared error of ŷ = w x + b."""
    error = w * x + b - y
    return 2 * np.mean(error * x), 2 * np.mean(error)


def _gradient_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size in (1, 2, 3, 10, 100):
        x, y = rng.normal(size=(2, size)).round(3)
        yield Case((x, y, float(rng.normal()), float(rng.normal())))
    yield Case((np.arange(5), np.arange(5), 0, 0))
    yield Case((np.zeros(4), np.ones(4), 3.0, 0.5))
    yield Case((np.arange(100.0), np.arange(100.0), -2.0, 7.0))


GRADIENT = Exercise(
    name="squared_error_gradient",
    chapter=1,
    title="The gradient of the squared error",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="x (N,), y (N,), w and b numbers → (dL/dw, dL/db), two numbers",
    reference=squared_error_gradient,
    parts=("dL/dw", "dL/db"),
    cases=(
        Case(
            (np.array([2.0]), np.array([1.0]), 1.0, 0.0),
            "One example: the node answers 2 where 1 is right. Nudge w by hand, then b: how does "
            "the loss move?",
        ),
        Case(
            (np.array([1.0, 2.0]), np.array([1.0, 1.0]), 2.0, -1.0),
            "Two examples, and the node is wrong about the second only.",
        ),
        Case(
            (np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 3.0, 5.0, 7.0]), 0.0, 0.0),
            "The node knows nothing yet: all its answers are 0.",
        ),
        Case(
            (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 2.0, 1.0),
            "Here the node is right everywhere: there is nothing to improve.",
        ),
        Case(
            (np.array([-1.0, 0.5, 2.0]), np.array([2.0, 0.0, -1.0]), 1.5, 0.25),
            "Inputs of both signs: each error counts with its own input.",
        ),
    ),
    hidden=_gradient_hidden,
    twins=(
        Twin(
            "wrong sign",
            "This points downhill. The gradient points uphill; the minus sign comes with the "
            "update.",
            lambda x, y, w, b: (-2 * np.mean((w * x + b - y) * x), -2 * np.mean(w * x + b - y)),
        ),
        Twin(
            "sum for mean",
            "This is the gradient of the sum of the squared errors. Compare it with the task's "
            "loss for two examples.",
            lambda x, y, w, b: (2 * np.sum((w * x + b - y) * x), 2 * np.sum(w * x + b - y)),
        ),
        Twin(
            "factor missing",
            "This is the gradient of half the loss: a constant that the square leaves behind is "
            "missing.",
            lambda x, y, w, b: (np.mean((w * x + b - y) * x), np.mean(w * x + b - y)),
        ),
        Twin(
            "bias never trained",
            "With this gradient the bias would never learn. Nudge b a little: does the loss move?",
            lambda x, y, w, b: (2 * np.mean((w * x + b - y) * x), 0.0),
        ),
        Twin(
            "sum for the bias alone",
            "dL/dw is right. dL/db grows with the number of examples, and it should not.",
            lambda x, y, w, b: (2 * np.mean((w * x + b - y) * x), 2 * np.sum(w * x + b - y)),
        ),
        Twin(
            "sum for the weight alone",
            "dL/db is right. dL/dw grows with the number of examples, and it should not.",
            lambda x, y, w, b: (2 * np.sum((w * x + b - y) * x), 2 * np.mean(w * x + b - y)),
        ),
        Twin(
            "factor missing for the bias alone",
            "dL/dw is right. In dL/db a constant that the square leaves behind is missing.",
            lambda x, y, w, b: (2 * np.mean((w * x + b - y) * x), np.mean(w * x + b - y)),
        ),
        Twin(
            "input forgotten",
            "Your two derivatives are equal. How far does the answer move when you nudge w, and "
            "how far when you nudge b?",
            lambda x, y, w, b: (2 * np.mean(w * x + b - y), 2 * np.mean(w * x + b - y)),
        ),
        Twin(
            "divided twice",
            "You divide by the number of examples once too often.",
            lambda x, y, w, b: tuple(
                slope / len(x) for slope in squared_error_gradient(x, y, w, b)
            ),
        ),
        Twin(
            "no mean",
            "You return one slope for each example. The task asks for one number for all of them.",
            lambda x, y, w, b: (2 * (w * x + b - y) * x, 2 * (w * x + b - y)),
        ),
        Twin(
            "input in both",
            "b is not multiplied by x in the guess. Does x belong in its slope?",
            lambda x, y, w, b: (squared_error_gradient(x, y, w, b)[0],) * 2,
        ),
        Twin(
            "bias left out of the guess",
            "Your guess leaves out b.",
            lambda x, y, w, b: squared_error_gradient(x, y, w, 0),
        ),
        Twin(
            "wrong order",
            "Both numbers are right; they are in the wrong order.",
            lambda x, y, w, b: squared_error_gradient(x, y, w, b)[::-1],
        ),
    ),
    hints=(
        "Take one example and nudge w by a small amount. By how much does the answer move, and "
        "what does that do to the squared error? Then average over the examples.",
        "With e = ŷ − y for each example: dL/dw is the mean of 2 e x, and dL/db is the mean of "
        "2 e.",
        """
        def squared_error_gradient(x, y, w, b):
            error = ...        # (N,), answer minus target
            dw = 2 * np.mean(...)
            db = ...
            return dw, db
        """,
    ),
)

# --- 3. perceptron_update -----------------------------------------------------------------------


def perceptron_update(w, b, x, y):
    """Return the new w and b after one example."""
    prediction = 1 if w @ x + b >= 0 else 0
    error = y - prediction
    return w + error * x, b + error


def _update_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size in (1, 2, 5, 30):
        for label in (0, 1):
            w, x = _quarters(rng.normal(size=(2, size)))
            b = float(_quarters(rng.normal()))
            yield Case((w, b, x, label))
            yield Case((-w, -b, x, label))
    yield Case((np.array([1.0, -1.0]), 0.0, np.array([2.0, 2.0]), 0))
    yield Case((np.array([1.0, -1.0]), 0.0, np.array([2.0, 2.0]), 1))
    yield Case((np.array([1.0, 1.0]), -3, np.array([1.0, 1.0]), 1))


def _quarters(values):
    """Round to quarters: sums of their products are exact, in whatever order they are taken."""
    return np.round(4 * values) / 4


def _step(z):
    return 1 if z >= 0 else 0


def _wrong_sign(w, b, x, y):
    error = y - _step(w @ x + b)
    return w - error * x, b - error


def _always_moves(w, b, x, y):
    return w + (2 * y - 1) * x, b + (2 * y - 1)


def _adds_class_1(w, b, x, y):
    return w + y * x, b + y


def _rule_of_signs(w, b, x, y):
    return _adds_class_1(w, b, x, y) if y * (w @ x + b) <= 0 else (w, b)


def _delta_rule(w, b, x, y):
    error = y - (w @ x + b)
    return w + error * x, b + error


def _in_place(w, b, x, y):
    error = y - _step(w @ x + b)
    w += error * x
    b += error
    return w, b


def _in_place_without_bias(w, b, x, y):
    w += (y - _step(w @ x + b)) * x
    return w, b


def _in_two_steps(w, b, x, y):
    w = w + (y - _step(w @ x + b)) * x
    return w, b + (y - _step(w @ x + b))


UPDATE = Exercise(
    name="perceptron_update",
    chapter=1,
    title="One step of the perceptron rule",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="w (D,), b a number, x (D,), y 0 or 1 → (new w (D,), new b)",
    reference=perceptron_update,
    parts=("w", "b"),
    cases=(
        Case(
            (np.array([0.0, 0.0]), 0.0, np.array([1.0, 2.0]), 0),
            "The weighted sum is 0, so the neuron answers 1 where 0 is right.",
        ),
        Case(
            (np.array([0.0, 0.0]), 0.0, np.array([1.0, 2.0]), 1),
            "The neuron answers 1 and 1 is right: what should happen to w and b?",
        ),
        Case(
            (np.array([1.0, -1.0]), 0.0, np.array([1.0, 3.0]), 1),
            "The neuron answers 0 where 1 is right: its weighted sum is too small.",
        ),
        Case(
            (np.array([0.5, 0.5]), -1.0, np.array([3.0, 1.0]), 1),
            "The neuron is right, with a weighted sum of 1.",
        ),
        Case(
            (np.array([-1.0, 0.5]), 0.0, np.array([2.0, 1.0]), 0),
            "The neuron is right, with a weighted sum below 0.",
        ),
        Case(
            (np.array([1.0, 1.0]), 0.5, np.array([1.0, 2.0]), 0),
            "The neuron answers 1 where 0 is right, with a weighted sum well above 0.",
        ),
        Case(
            (np.array([1.0, 0.0, -2.0]), -1.5, np.array([1.0, 4.0, 0.0]), 1),
            "Here the bias decides the neuron's answer.",
        ),
        Case(
            (np.array([5.0, 5.0]), 0.0, np.array([1.0, 0.0]), 0),
            "One update does not mend this mistake: the answer is 1 before and after it.",
        ),
        Case(
            (np.array([0.5, 0.0]), 0.0, np.array([1.0, 1.0]), 0),
            "One update mends this mistake. By how much does b move?",
        ),
    ),
    hidden=_update_hidden,
    twins=(
        Twin(
            "wrong sign",
            "Your update makes the mistake worse. Ask of one mistake: should the weighted sum "
            "have been larger or smaller?",
            _wrong_sign,
        ),
        Twin(
            "updates on right answers",
            "w and b move even when the neuron is right.",
            _always_moves,
        ),
        Twin(
            "adds every example of class 1",
            "The neuron's own answer plays no part in your update: every example of class 1 is "
            "added, and class 0 teaches nothing.",
            _adds_class_1,
        ),
        Twin(
            "labels 0 and 1 in the rule for -1 and 1",
            "This rule is made for the labels -1 and 1. With 0 and 1 it can never learn from an "
            "example of class 0.",
            _rule_of_signs,
        ),
        Twin(
            "bias not updated",
            "The weights learn and the bias stays as it was.",
            lambda w, b, x, y: (perceptron_update(w, b, x, y)[0], b),
        ),
        Twin(
            "bias not used",
            "The bias has no say in your neuron's answer.",
            lambda w, b, x, y: (w + (y - _step(w @ x)) * x, b + (y - _step(w @ x))),
        ),
        Twin(
            "in place",
            "The numbers are right, but the caller's own w has been overwritten: with += an array "
            "changes in place.",
            _in_place,
        ),
        Twin(
            "in place, and the bias forgotten",
            "Two things: the caller's own w has been overwritten, and the bias stays as it was.",
            _in_place_without_bias,
        ),
        Twin(
            "new answer for b",
            "The new w is right. Which answer did you use for b: the one from before or after w "
            "moved?",
            _in_two_steps,
        ),
        Twin(
            "delta rule",
            "You compare y with the weighted sum. The perceptron compares it with the neuron's "
            "answer, 0 or 1.",
            _delta_rule,
        ),
        Twin(
            "strict step",
            "Your neuron and the book's give different answers to one weighted sum. Which?",
            lambda w, b, x, y: (
                w + (y - (w @ x + b > 0)) * x,
                b + (y - (w @ x + b > 0)),
            ),
        ),
    ),
    hints=(
        "There are three possibilities for the error, label minus answer: it is −1, 0 or 1. What "
        "should each of them do to the weighted sum of this x?",
        "With ŷ = step(w·x + b): add (y − ŷ) x to w, and add (y − ŷ) to b.",
        """
        def perceptron_update(w, b, x, y):
            prediction = ...   # 0 or 1
            error = ...        # -1, 0 or 1
            return w + ..., b + ...
        """,
    ),
)

# --- 4. train_perceptron ------------------------------------------------------------------------


def train_perceptron(X, y, max_epochs):
    """Return w, b and the number of mistakes in each epoch."""
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, y, strict=True):
            error = target - (1 if w @ x + b >= 0 else 0)
            w, b, wrong = w + error * x, b + error, wrong + abs(error)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes


def _train_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, columns in ((1, 1), (6, 1), (10, 2), (30, 4)):
        X = _quarters(rng.normal(size=(rows, columns)))
        direction = rng.normal(size=columns)
        yield Case((X, (X @ direction >= 0.3).astype(int), 40))
        yield Case((X, rng.integers(0, 2, size=rows), 5))
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield Case((corners, np.array([0, 1, 1, 1]), 30))
    yield Case((corners, np.array([0, 1, 1, 0]), 9))
    yield Case((corners, np.array([1, 1, 1, 0]), 2))
    yield Case((corners[::-1], np.array([0, 0, 0, 1]), 30))
    yield Case((corners, np.array([0, 0, 0, 0]), 3))


def _train(X, y, max_epochs, epoch):
    """Train with one way or another to go through the examples once."""
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    for _ in range(max_epochs):
        w, b, wrong = epoch(w, b, X, y)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes


def _epoch(w, b, X, y):
    wrong = 0
    for x, target in zip(X, y, strict=True):
        wrong += abs(target - _step(w @ x + b))
        w, b = perceptron_update(w, b, x, target)
    return w, b, wrong


def _batch_epoch(w, b, X, y):
    error = y - neuron(X, w, b)
    return w + error @ X, b + np.sum(error), int(np.sum(np.abs(error)))


def _forgetful_epoch(w, b, X, y):
    return _epoch(np.zeros(X.shape[1]), 0, X, y)


def _epoch_until_right(w, b, X, y):
    wrong = 0
    for x, target in zip(X, y, strict=True):
        if _step(w @ x + b) == target:
            break
        w, b = perceptron_update(w, b, x, target)
        wrong += 1
    return w, b, wrong


def _epoch_without_bias(w, b, X, y):
    wrong = 0
    for x, target in zip(X, y, strict=True):
        wrong += abs(target - _step(w @ x))
        w, _ = perceptron_update(w, 0, x, target)
    return w, b, wrong


def _epoch_by(update):
    """Make an epoch that counts as it should and updates in another way."""

    def epoch(w, b, X, y):
        wrong = 0
        for x, target in zip(X, y, strict=True):
            wrong += int(target != _step(w @ x + b))
            w, b = update(w, b, x, target)
        return w, b, wrong

    return epoch


def _strict_epoch(w, b, X, y):
    wrong = 0
    for x, target in zip(X, y, strict=True):
        error = target - (1 if w @ x + b > 0 else 0)
        w, b, wrong = w + error * x, b + error, wrong + abs(error)
    return w, b, wrong


def _epoch_with_unused_bias(w, b, X, y):
    wrong = 0
    for x, target in zip(X, y, strict=True):
        error = target - _step(w @ x)
        w, b, wrong = w + error * x, b + error, wrong + abs(error)
    return w, b, wrong


def _first_epoch_only(X, y, max_epochs):
    return train_perceptron(X, y, 1)


def _epoch_counted_afterwards(w, b, X, y):
    w, b, _ = _epoch(w, b, X, y)
    return w, b, int(np.sum(neuron(X, w, b) != y))


def _epoch_with_signs(w, b, X, y):
    total = 0
    for x, target in zip(X, y, strict=True):
        total += target - _step(w @ x + b)
        w, b = perceptron_update(w, b, x, target)
    return w, b, total


def _epoch_with_one_sign(w, b, X, y):
    w, b, total = _epoch_with_signs(w, b, X, y)
    return w, b, abs(total)


def _without_limit(X, y, max_epochs):
    *trained, mistakes = train_perceptron(X, y, 1000)
    if mistakes[-1]:
        raise EndlessCall
    return *trained, mistakes


def _never_stops(X, y, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    for _ in range(max_epochs):
        w, b, wrong = _epoch(w, b, X, y)
        mistakes.append(wrong)
    return w, b, mistakes


def _drops_the_zero(X, y, max_epochs):
    w, b, mistakes = train_perceptron(X, y, max_epochs)
    return w, b, [wrong for wrong in mistakes if wrong]


def _running_total(X, y, max_epochs):
    w, b, mistakes = _never_stops(X, y, max_epochs)
    totals = np.cumsum(mistakes).tolist()
    return (w, b, totals) if totals[0] else (w, b, totals[:1])


def _total_only(X, y, max_epochs):
    w, b, mistakes = train_perceptron(X, y, max_epochs)
    return w, b, sum(mistakes)


_CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

TRAINING = Exercise(
    name="train_perceptron",
    chapter=1,
    title="Train until no mistakes",
    points=3,
    minutes=15,
    difficulty=2,
    shapes="X (N, D), y (N,) of 0 and 1, max_epochs → (w (D,), b, list of mistakes)",
    reference=train_perceptron,
    parts=("w", "b", "mistakes"),
    cases=(
        Case(
            (np.array([[1.0]]), np.array([0]), 5),
            "One example: a mistake in the first epoch, none in the second, and no third.",
        ),
        Case(
            (np.array([[1.0], [2.0]]), np.array([1, 1]), 5),
            "Zero weights are right about both examples: there is one epoch and no mistake.",
        ),
        Case(
            (_CORNERS, np.array([0, 0, 0, 1]), 1),
            "One epoch and no more, although it made mistakes.",
        ),
        Case(
            (_CORNERS, np.array([0, 0, 0, 1]), 20),
            "The corners of a square with AND as the label: it needs a bias, and several epochs.",
        ),
        Case(
            (_CORNERS, np.array([0, 1, 1, 0]), 4),
            "XOR: no line is right about all four, so only max_epochs ends the training.",
        ),
    ),
    hidden=_train_hidden,
    twins=(
        Twin(
            "does not stop",
            "Your training goes on after an epoch without a mistake.",
            _never_stops,
        ),
        Twin(
            "last epoch not counted",
            "The epoch without a mistake was run as well: its 0 belongs to the list.",
            _drops_the_zero,
        ),
        Twin(
            "running total",
            "Your counts include the mistakes of the epochs before.",
            _running_total,
        ),
        Twin(
            "update at the end of the epoch",
            "You collect the changes of a whole epoch and apply them together. The rule changes "
            "w and b before it looks at the next example.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _batch_epoch),
        ),
        Twin(
            "starts afresh in every epoch",
            "What one epoch has learned is forgotten in the next.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _forgetful_epoch),
        ),
        Twin(
            "leaves the epoch at a right answer",
            "A right answer ends your epoch; the examples after it are never looked at.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_until_right),
        ),
        Twin(
            "no bias",
            "Your line goes through the origin: nothing trains b.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_without_bias),
        ),
        Twin(
            "bias not used",
            "Your b is trained, but it has no say in the neuron's answer.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_with_unused_bias),
        ),
        Twin(
            "strict step",
            "Your neuron and the book's give different answers to one weighted sum. Which?",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _strict_epoch),
        ),
        Twin(
            "wrong sign",
            "Each of your updates makes its mistake worse.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_wrong_sign)),
        ),
        Twin(
            "updates on right answers",
            "w and b move even when the neuron is right.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_always_moves)),
        ),
        Twin(
            "adds every example of class 1",
            "The neuron's own answer plays no part in your updates: class 0 teaches nothing.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_adds_class_1)),
        ),
        Twin(
            "labels 0 and 1 in the rule for -1 and 1",
            "This rule is made for the labels -1 and 1. With 0 and 1 it can never learn from an "
            "example of class 0.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_rule_of_signs)),
        ),
        Twin(
            "delta rule",
            "Your updates compare y with the weighted sum. The perceptron compares it with the "
            "neuron's answer, 0 or 1.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_delta_rule)),
        ),
        Twin(
            "new answer for b",
            "In each update w moves first, and b is then computed with the new w.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_by(_in_two_steps)),
        ),
        Twin(
            "leaves after one epoch",
            "You return after the first epoch, whatever it brought: look where your return stands.",
            _first_epoch_only,
        ),
        Twin(
            "one epoch too many",
            "Where mistakes remain, you run one epoch more than max_epochs.",
            lambda X, y, max_epochs: train_perceptron(X, y, max_epochs + 1),
        ),
        Twin(
            "one epoch too few",
            "Where mistakes remain, you run one epoch fewer than max_epochs.",
            lambda X, y, max_epochs: train_perceptron(X, y, max_epochs - 1),
        ),
        Twin(
            "max_epochs ignored",
            "Your training ends at an epoch without a mistake and nowhere else. Where no line can "
            "be right about everything, what should end it?",
            _without_limit,
        ),
        Twin(
            "counted after the epoch",
            "You count what is still wrong after the epoch; count a mistake when its example is "
            "shown, before its update.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_counted_afterwards),
        ),
        Twin(
            "errors summed with their signs",
            "A mistake has error +1 or −1; each counts once.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_with_signs),
        ),
        Twin(
            "errors summed, then the sign dropped",
            "Errors of +1 and −1 cancel in your sum: drop the sign of each error, not of the sum.",
            lambda X, y, max_epochs: _train(X, y, max_epochs, _epoch_with_one_sign),
        ),
        Twin(
            "one number for all epochs",
            "The task asks for the mistakes of each epoch, not for their sum.",
            _total_only,
        ),
    ),
    hints=(
        "There are two loops, one inside the other. Which of them does max_epochs end, and where "
        "must the count of mistakes start at 0?",
        "For each epoch: for each (x, y) in order, w ← w + (y − ŷ) x and b ← b + (y − ŷ), where ŷ "
        "uses the newest w and b; a mistake is ŷ ≠ y. Stop when an epoch's count is 0.",
        """
        def train_perceptron(X, y, max_epochs):
            w, b = ..., ...
            mistakes = []
            for epoch in range(...):
                wrong_now = 0
                for x_i, y_i in zip(X, y):
                    ...            # answer, error, update, count
                mistakes.append(...)
                ...                # is it time to stop?
            return ...
        """,
    ),
    equivalent={"True -> False": "there are as many labels as examples"},
)

# --- 5. normal_equation -------------------------------------------------------------------------


def normal_equation(X, y):
    """Return the w that makes the mean squared error of X w smallest."""
    return np.linalg.solve(X.T @ X, X.T @ y)


def _normal_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, columns in ((1, 1), (2, 2), (5, 2), (12, 5), (60, 3)):
        X = rng.normal(size=(rows, columns)) + 3 * np.eye(rows, columns)
        yield Case((X, rng.normal(size=rows)))
        yield Case((X, X @ rng.normal(size=columns)))
    yield Case((np.array([[1, 2], [0, 1], [3, 1]]), np.array([1, 0, 2])))


_FIVE_POINTS = np.array([[0.5, 1.0], [1.5, 0.5], [0.0, 1.0], [1.0, 1.5], [1.0, 0.0]])

NORMAL = Exercise(
    name="normal_equation",
    chapter=1,
    title="The normal equation",
    points=2,
    minutes=8,
    difficulty=2,
    shapes="X (N, D), y (N,) → w (D,)",
    reference=normal_equation,
    one_for_all="You return one number; there should be one weight for each input.",
    cases=(
        Case(
            (np.array([[1.0], [2.0]]), np.array([2.0, 4.0])),
            "One input, and y is twice that input.",
        ),
        Case(
            (np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 4.0])),
            "The three points are not on one line through the origin: errors remain.",
        ),
        Case(
            (_FIVE_POINTS, np.array([1.5, 2.0, 1.0, 2.5, 1.0])),
            "The five points of the chapter, where y is the sum of the two inputs.",
        ),
        Case(
            (
                np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]),
                np.array([3.0, 1.0, 4.0, 10.0]),
            ),
            "Here the first input is 1 in every row, so its weight acts as a bias.",
        ),
    ),
    hidden=_normal_hidden,
    twins=(
        Twin(
            "inverse forgotten",
            "This is one side of the normal equation. It still has to be solved.",
            lambda X, y: X.T @ y,
        ),
        Twin(
            "transposed the wrong way round",
            "The sizes do not fit. There is one weight for each input, so the matrix to invert is "
            "(D, D): which product of X and its transpose has that shape?",
            lambda X, y: np.linalg.solve(X @ X.T, X.T @ y),
        ),
        Twin(
            "wrong product inverted",
            "You invert a matrix of size (N, N). Weights come from one of size (D, D): one row "
            "and one column for each input.",
            lambda X, y: np.linalg.inv(X @ X.T) @ X.T @ y,
        ),
        Twin(
            "bias column added",
            "You have added a column of ones. This task has no bias: w has one entry for each "
            "column of X.",
            lambda X, y: normal_equation(np.column_stack([X, np.ones(len(X))]), y),
        ),
        Twin(
            "bias column in front",
            "You have put a column of ones in front. This task has no bias: w has one entry for "
            "each column of X.",
            lambda X, y: normal_equation(np.column_stack([np.ones(len(X)), X]), y),
        ),
        Twin(
            "inverse entry by entry",
            "You have inverted each entry of the matrix by itself. The inverse of a matrix is "
            "something else.",
            lambda X, y: (1 / (X.T @ X)) @ (X.T @ y),
        ),
        Twin(
            "predictions",
            "These are the predictions, one for each row. The weights behind them were asked for.",
            lambda X, y: X @ normal_equation(X, y),
        ),
        Twin(
            "ridge",
            "Your weights are drawn towards 0, as if there were a penalty on their size.",
            lambda X, y: np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ y),
        ),
        Twin(
            "a column",
            "The weights are right, but they stand in a column.",
            lambda X, y: normal_equation(X, y)[:, None],
        ),
    ),
    hints=(
        "At the smallest error the gradient with respect to w is 0. Write that down as an equation "
        "for w.",
        "Xᵀ(Xw − y) = 0, hence (XᵀX) w = Xᵀy: D linear equations for D unknowns.",
        """
        def normal_equation(X, y):
            A = ...   # (D, D)
            c = ...   # (D,)
            return np.linalg.solve(A, c)
        """,
    ),
)

# --- 6. spam_score ------------------------------------------------------------------------------


def spam_score(message, weights, bias):
    """Return the score, between 0 and 1."""
    words = [word.strip(".,!?:;'\"") for word in message.lower().split()]
    z = bias + sum(weights.get(word, 0.0) for word in words)
    return float(1 / (1 + np.exp(-z)))


_WEIGHTS = {"prize": 2.0, "free": 1.5, "meeting": -2.0, "don't": 0.5, "e-mail": -0.25}


def _spam_hidden(rng: np.random.Generator) -> Iterator[Case]:
    vocabulary = [*_WEIGHTS, "FREE", "Prize", "hello", "prizes", "unfree", "Don't", "it's"]
    for mark in (*".,!?:;'\"", "...", "?!"):
        words = rng.choice(vocabulary, size=5)
        yield Case((" ".join([f"{mark}prize{mark}", *words]), _WEIGHTS, 0.25))
    for size in (1, 3, 12):
        text = "\t".join(rng.choice(vocabulary, size=size)) + "\n"
        yield Case((text, _WEIGHTS, float(rng.normal())))
    yield Case(("   ", _WEIGHTS, -1))
    yield Case(("free,prize (free) prize-free", _WEIGHTS, 0.0))


SPAM = Exercise(
    name="spam_score",
    chapter=1,
    title="A spam score from words",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="message a string, weights a dict word → number, bias a number → a number in (0, 1)",
    reference=spam_score,
    cases=(
        Case(("prize", {"prize": 1.0}, 0.0), "One word and no bias: the weighted sum is 1."),
        Case(
            ("free prize meeting", _WEIGHTS, -0.5),
            "Three words, each with its weight, and a bias.",
        ),
        Case(("", _WEIGHTS, -0.5), "A message without words: only the bias is left."),
        Case(("free free prize", _WEIGHTS, 0.0), "The same word comes twice."),
        Case(("FREE Prize", _WEIGHTS, 0.0), "Capital letters make no other word."),
        Case(
            ("Your 'free' prize!", _WEIGHTS, 0.0),
            "Punctuation at the ends of a word does not belong to it.",
        ),
        Case(("hello free world", _WEIGHTS, 0.0), "Two of these words have no weight."),
        Case(("free\tprize\n", _WEIGHTS, 0.0), "Words may stand apart by any white space."),
        Case(
            ("I don't e-mail", _WEIGHTS, 0.0),
            "Punctuation inside a word belongs to it: two of these words have a weight.",
        ),
        Case(
            ("(free) prize", _WEIGHTS, 0.0),
            "A bracket is none of the characters that are stripped.",
        ),
        Case(
            ('.free. ,free, :free: ;free; ?free? "free"', _WEIGHTS, 0.0),
            "Each mark of the list stands at both ends of a word here.",
        ),
        Case(
            ("freedom for prizes", _WEIGHTS, 1.0),
            "None of these words has a weight, though some contain one that has.",
        ),
    ),
    hidden=_spam_hidden,
    twins=(
        Twin(
            "each word once",
            "A word that comes twice counts once in your score.",
            lambda message, weights, bias: spam_score(
                " ".join(sorted(set(_words(message)))), weights, bias
            ),
        ),
        Twin(
            "case matters",
            "For your function, FREE and free are two words.",
            lambda message, weights, bias: _squash(
                bias + sum(weights.get(word.strip(_MARKS), 0.0) for word in message.split())
            ),
        ),
        Twin(
            "punctuation kept",
            "For your function, prize and prize! are two words.",
            lambda message, weights, bias: _squash(
                bias + sum(weights.get(word, 0.0) for word in message.lower().split())
            ),
        ),
        Twin(
            "mean for sum",
            "You average the weights. A neuron adds them up.",
            lambda message, weights, bias: _squash(
                bias + _votes(message, weights) / max(1, len(_words(message)))
            ),
        ),
        Twin(
            "bias forgotten",
            "A message without words gets one half here, whatever the bias is.",
            lambda message, weights, bias: _squash(_votes(message, weights)),
        ),
        Twin(
            "no sigmoid",
            "This is the weighted sum. The score has to lie between 0 and 1.",
            lambda message, weights, bias: float(bias + _votes(message, weights)),
        ),
        Twin(
            "unknown words fail",
            "A word without a weight stops your function. What should such a word count?",
            lambda message, weights, bias: _squash(
                bias + sum(weights[word] for word in _words(message))
            ),
        ),
        Twin(
            "sigmoid the wrong way round",
            "Your score falls as the weighted sum grows: look at the sign in the exponent.",
            lambda message, weights, bias: _squash(-bias - _votes(message, weights)),
        ),
        Twin(
            "marks inside words removed",
            "You take the marks out of the middle of words, too: for your function, don't is dont.",
            lambda message, weights, bias: _score_of(
                re.sub("[.,!?:;'\"]", "", message.lower()).split(), weights, bias
            ),
        ),
        Twin(
            "runs of letters",
            "Your words end at every character that is no letter: e-mail is two words for you.",
            lambda message, weights, bias: _score_of(
                re.findall(r"\w+", message.lower()), weights, bias
            ),
        ),
        Twin(
            "all punctuation stripped",
            "You strip more characters than the task lists.",
            lambda message, weights, bias: _score_of(
                (word.strip(string.punctuation) for word in message.lower().split()), weights, bias
            ),
        ),
        Twin(
            "split at blanks only",
            "For your function, a tab or the end of a line does not end a word.",
            lambda message, weights, bias: _score_of(
                (word.strip(_MARKS) for word in message.lower().split(" ")), weights, bias
            ),
        ),
        Twin(
            "parts of words",
            "You find words inside other words, like free in freedom.",
            lambda message, weights, bias: _squash(
                bias + sum(weights[word] * message.lower().count(word) for word in weights)
            ),
        ),
    ),
    hints=(
        "Do it in two stages: first make a list of clean words, then let them vote. A dict has a "
        "method that does not mind an unknown key.",
        "z = bias + the weight of every word in the message, repeated words included; the score is "
        "σ(z) = 1 / (1 + e⁻ᶻ).",
        """
        def spam_score(message, weights, bias):
            clean = []
            for word in message.split():
                clean.append(...)          # lower case, punctuation stripped
            z = bias
            for word in clean:
                z = z + ...                # 0 if unknown
            return ...
        """,
    ),
    equivalent={
        "float(1 / (1 + np.exp(-z))) -> 1 / (1 + np.exp(-z))": "a NumPy number is a number too",
    },
)

_MARKS = ".,!?:;'\""


def _words(message):
    return [word.strip(_MARKS) for word in message.lower().split()]


def _votes(message, weights):
    return sum(weights.get(word, 0.0) for word in _words(message))


def _score_of(words, weights, bias):
    return _squash(bias + sum(weights.get(word, 0.0) for word in words))


def _squash(z):
    return float(1 / (1 + np.exp(-z)))


# --- 7. mend_node -------------------------------------------------------------------------------


def mend_node(x, y, w, b, passes):
    """Return the largest safe rate, and w and b after training at half of it."""
    limit = 1 / (np.max(x**2) + 1)
    for _ in range(passes):
        for x_i, y_i in zip(x, y, strict=True):
            error = w * x_i + b - y_i
            w, b = w - limit * error * x_i, b - limit * error
    return limit, w, b


def _broken_node(x, y, w, b, passes):
    rate = 0.01
    for _ in range(passes):
        for x_i, y_i in zip(x, y, strict=True):
            error = w * x_i + b - y_i
            w = w - rate * 2 * error * x_i
    return rate, w, b


def _mend_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size in (1, 2, 5, 20):
        x, y = rng.normal(size=(2, size)).round(2)
        yield Case((x, y, float(rng.normal()), float(rng.normal()), 3))
    yield Case((np.arange(100.0), np.arange(100.0), 0.0, 0.0, 2))
    yield Case((np.zeros(3), np.array([1.0, 2.0, 3.0]), 1.0, 0.0, 2))
    yield Case((np.array([-4.0, 1.0, 2.0]), np.array([1.0, 0.0, -1.0]), 0.0, 5.0, 0))
    yield Case((np.array([1, 2, 3]), np.array([3, 5, 7]), 0, 0, 4))


def _descend(x, y, w, b, passes, rate, bias_rate=None):
    """Train example by example, the bias at a rate of its own where one is given."""
    bias_rate = rate if bias_rate is None else bias_rate
    for _ in range(passes):
        for x_i, y_i in zip(x, y, strict=True):
            slope = 2 * (w * x_i + b - y_i)
            w, b = w - rate * slope * x_i, b - bias_rate * slope
    return w, b


def _descend_in_two_steps(x, y, w, b, passes):
    rate = _limit(x) / 2
    for _ in range(passes):
        for x_i, y_i in zip(x, y, strict=True):
            w = w - rate * 2 * (w * x_i + b - y_i) * x_i
            b = b - rate * 2 * (w * x_i + b - y_i)
    return _limit(x), w, b


def _descend_in_batches(x, y, w, b, passes):
    rate = _limit(x) / 2
    for _ in range(passes):
        slope = 2 * (w * x + b - y)
        w, b = w - rate * np.sum(slope * x), b - rate * np.sum(slope)
    return _limit(x), w, b


def _limit(x):
    return 1 / (np.max(x**2) + 1)


def _with_limit(limit):
    """Make an answer that is right but for its limit."""
    return lambda x, y, w, b, passes: (
        limit(x),
        *_descend(x, y, w, b, passes, limit(x) / 2),
    )


def _with_rate(factor, bias_factor=None):
    """Make an answer that is right but for its rates, given as multiples of the limit."""

    def answer(x, y, w, b, passes):
        limit = _limit(x)
        bias_rate = None if bias_factor is None else bias_factor * limit
        return limit, *_descend(x, y, w, b, passes, factor * limit, bias_rate)

    return answer


MEND = Exercise(
    name="mend_node",
    chapter=1,
    title="Mend the diverging node",
    points=3,
    minutes=15,
    difficulty=3,
    shapes="x (N,), y (N,), w, b and passes numbers → (limit, w, b), three numbers",
    reference=mend_node,
    starter=_broken_node,
    parts=("limit", "w", "b"),
    cases=(
        Case(
            (np.array([1.0]), np.array([2.0]), 0.0, 0.0, 1),
            "One example with x = 1, one pass: you can follow limit, w and b by hand.",
        ),
        Case(
            (np.array([0.5, 2.0]), np.array([1.0, 3.0]), 0.5, 0.0, 1),
            "Two examples: one limit has to suit both, and each moves w and b in its turn.",
        ),
        Case(
            (np.array([-3.0, 1.0]), np.array([-2.0, 2.0]), 0.0, 1.0, 2),
            "The input furthest from 0 is negative here.",
        ),
        Case(
            (np.arange(12.0), np.arange(12.0), 0.0, 0.0, 3),
            "The inputs 0 to 11, three passes: at 1/100 the last example makes its own error grow.",
        ),
    ),
    hidden=_mend_hidden,
    twins=(
        Twin(
            "limit from the weight alone",
            "Your limit would be right if only w were trained. The bias moves the answer too.",
            _with_limit(lambda x: 1 / np.max(x**2)),
        ),
        Twin(
            "mean for maximum",
            "Your limit is safe for a typical example. The example with the largest input would "
            "make its own error grow.",
            _with_limit(lambda x: 1 / (np.mean(x**2) + 1)),
        ),
        Twin(
            "input not squared",
            "Your limit grows with x in the wrong power: follow one update and see how often x "
            "enters.",
            _with_limit(lambda x: 1 / (np.max(np.abs(x)) + 1)),
        ),
        Twin(
            "half the limit returned",
            "You return the rate that you train at. The task asks for the limit itself.",
            lambda x, y, w, b, passes: (
                _limit(x) / 2,
                *_descend(x, y, w, b, passes, _limit(x) / 2),
            ),
        ),
        Twin(
            "bias not trained",
            "The limit is right, but b stays where it was.",
            _with_rate(0.5, 0.0),
        ),
        Twin(
            "trains at the limit",
            "You train at the limit itself: there the error of the largest example keeps its size "
            "and turns its sign.",
            _with_rate(1.0),
        ),
        Twin(
            "wrong sign",
            "Your update climbs: the error of an example grows at any rate.",
            _with_rate(-0.5),
        ),
        Twin(
            "factor missing",
            "Your steps have half the size they should have: the square leaves a factor behind.",
            _with_rate(0.25),
        ),
        Twin(
            "new guess for b",
            "The limit and w are right. Which ŷ did you use for b: the one from before or after w "
            "moved?",
            _descend_in_two_steps,
        ),
        Twin(
            "wrong order",
            "All three numbers are right; they are in the wrong order.",
            lambda x, y, w, b, passes: (
                *_descend(x, y, w, b, passes, _limit(x) / 2),
                _limit(x),
            ),
        ),
        Twin(
            "one step for the whole pass",
            "You add up the steps of a pass before you take them. This node moves after every "
            "example.",
            _descend_in_batches,
        ),
        Twin(
            "rate still fixed",
            "The bias is trained now, but the rate is still the one that diverges.",
            lambda x, y, w, b, passes: (0.01, *_descend(x, y, w, b, passes, 0.01)),
        ),
        Twin(
            "rate of the training still fixed",
            "The limit is right, but the training does not use it.",
            lambda x, y, w, b, passes: (_limit(x), *_descend(x, y, w, b, passes, 0.01)),
        ),
    ),
    hints=(
        "Two things are broken. For the first, ask what one update does to the error of its own "
        "example. For the second, count what is trained.",
        "One update multiplies the example's error by 1 − 2α(x² + 1). The error does not grow "
        "while this factor lies between −1 and 1. That must hold for every example.",
        """
        def mend_node(x, y, w, b, passes):
            limit = 1 / (...)
            rate = ...
            for each_pass in range(passes):
                for x_i, y_i in zip(x, y):
                    slope = ...            # 2 (answer - target)
                    w = ...
                    b = ...
            return ...
        """,
    ),
    equivalent={"True -> False": "there are as many targets as inputs"},
)

EXERCISES = (NEURON, GRADIENT, UPDATE, TRAINING, NORMAL, SPAM, MEND)
