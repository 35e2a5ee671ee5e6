"""Exercise 1: right answers and known mistakes, however they are written."""

import re
import string

import bank
import numpy as np
import pytest

from nnbook import check
from nnbook.exercises import difference, find, load, running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the progress of a test in a folder of its own."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))


def verdict(name, answer):
    return bank.verdict(find(name), answer)


# --- right answers ------------------------------------------------------------------------------


def neuron_by_loops(X, w, b):
    answers = []
    for row in X:
        z = b
        for value, weight in zip(row, w, strict=True):
            z += value * weight
        answers.append(1 if z >= 0 else 0)
    return answers


def neuron_by_heaviside(X, w, b):
    return np.heaviside(X.dot(w) + b, 1.0)


def neuron_by_where(X, w, b):
    return np.where(np.einsum("bd,d->b", X, w) < -b, 0, 1)


def gradient_by_loops(x, y, w, b):
    slope_w = slope_b = 0
    for one, target in zip(x, y, strict=True):
        slope_w += 2 * (w * one + b - target) * one
        slope_b += 2 * (w * one + b - target)
    return [slope_w / len(x), slope_b / len(x)]


def gradient_by_dot_product(x, y, w, b):
    error = y - (w * x + b)
    return -2 * error @ x / x.size, np.average(-2 * error)


def gradient_as_an_array(x, y, w, b):
    inputs = np.column_stack([x, np.ones(len(x))])
    return 2 / len(x) * inputs.T @ (inputs @ [w, b] - y)


def update_by_branches(w, b, x, y):
    z = sum(weight * value for weight, value in zip(w, x, strict=True)) + b
    if z >= 0 and y == 0:
        return w - x, b - 1
    if z < 0 and y == 1:
        return w + x, b + 1
    return w, b


def update_on_a_copy(w, b, x, y):
    error = y - int(np.dot(w, x) + b >= 0)
    new = w.copy()
    new += error * x
    return new, b + error


def update_with_lists(w, b, x, y):
    error = y - int(np.dot(w, x) + b >= 0)
    return [weight + error * value for weight, value in zip(w, x, strict=True)], b + error


def training_with_a_while(X, y, max_epochs):
    theta, mistakes = np.zeros(X.shape[1] + 1), []
    inputs = np.hstack([X, np.ones((len(X), 1))])
    while len(mistakes) < max_epochs and (not mistakes or mistakes[-1]):
        mistakes.append(0)
        for row, target in zip(inputs, y, strict=True):
            answer = theta @ row >= 0
            if answer != target:
                theta = theta + (row if target else -row)
                mistakes[-1] += 1
    return theta[:-1], theta[-1], np.array(mistakes)


def training_by_indices(X, y, max_epochs):
    w, b, mistakes = [0.0] * X.shape[1], 0.0, ()
    for _ in range(max_epochs):
        count = 0
        for i in range(X.shape[0]):
            answer = 1 if sum(w[j] * X[i, j] for j in range(len(w))) + b >= 0 else 0
            count += answer != y[i]
            w = [w[j] + (y[i] - answer) * X[i, j] for j in range(len(w))]
            b += y[i] - answer
        mistakes += (int(count),)
        if not count:
            return w, b, mistakes
    return w, b, mistakes


def normal_by_least_squares(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def normal_by_inverse(X, y):
    return np.linalg.inv(X.T @ X) @ X.T @ y


def normal_by_pseudoinverse(X, y):
    return (np.linalg.pinv(X) @ y).tolist()


def normal_by_qr(X, y):
    q, r = np.linalg.qr(X)
    return np.linalg.solve(r, q.T @ y)


def spam_by_loops(message, weights, bias):
    z = bias
    for token in message.split():
        word = token.lower()
        while word and word[0] in ".,!?:;'\"":
            word = word[1:]
        while word and word[-1] in ".,!?:;'\"":
            word = word[:-1]
        if word in weights:
            z += weights[word]
    return np.exp(z) / (np.exp(z) + 1)


def spam_by_tanh(message, weights, bias):
    words = (word.strip("\"'.,;:?!") for word in message.casefold().split())
    return np.float32((1 + np.tanh((bias + sum(weights.get(w, 0) for w in words)) / 2)) / 2)


def mended_by_matrices(x, y, w, b, passes):
    theta = np.array([w, b], float)
    limit = min(1 / (value * value + 1) for value in x)
    for _ in range(passes):
        for value, target in zip(x, y, strict=True):
            inputs = np.array([value, 1])
            theta -= limit / 2 * 2 * (theta @ inputs - target) * inputs
    return limit, theta[0], theta[1]


def mended_by_steps(x, y, w, b, passes):
    limit = 1 / (1 + np.max(np.abs(x)) ** 2)
    for i in list(range(len(x))) * passes:
        slope = 2 * (w * x[i] + b - y[i])
        w -= limit / 2 * slope * x[i]
        b -= limit / 2 * slope
    return [limit, w, b]


def mended_as_an_array(x, y, w, b, passes):
    return np.array(mended_by_steps(x, y, w, b, passes))


VARIANTS = [
    ("neuron", neuron_by_loops),
    ("neuron", neuron_by_heaviside),
    ("neuron", neuron_by_where),
    ("squared_error_gradient", gradient_by_loops),
    ("squared_error_gradient", gradient_by_dot_product),
    ("squared_error_gradient", gradient_as_an_array),
    ("perceptron_update", update_by_branches),
    ("perceptron_update", update_on_a_copy),
    ("perceptron_update", update_with_lists),
    ("train_perceptron", training_with_a_while),
    ("train_perceptron", training_by_indices),
    ("normal_equation", normal_by_least_squares),
    ("normal_equation", normal_by_inverse),
    ("normal_equation", normal_by_pseudoinverse),
    ("normal_equation", normal_by_qr),
    ("spam_score", spam_by_loops),
    ("spam_score", spam_by_tanh),
    ("mend_node", mended_by_matrices),
    ("mend_node", mended_by_steps),
    ("mend_node", mended_as_an_array),
]


@pytest.mark.parametrize("name", ["squared_error_gradient", "mend_node"])
def test_numbers_in_a_column_are_not_a_tuple_of_numbers(name):
    reference = find(name).reference
    for shape in [(-1, 1), (1, -1)]:
        answer = verdict(name, lambda *inputs, to=shape: np.array(reference(*inputs)).reshape(to))
        assert answer.status == "wrong"
        assert "expected a tuple" in answer.fault


@pytest.mark.parametrize(("name", "answer"), VARIANTS)
def test_a_right_answer_written_differently_gets_full_marks(name, answer):
    assert verdict(name, answer).fault == ""


# --- known wrong answers ------------------------------------------------------------------------


def normal_with_the_wrong_product(X, y):
    return np.linalg.inv(X @ X.T) @ X.T @ y


def training_that_goes_on(X, y, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    for _ in range(max_epochs):
        mistakes.append(0)
        for i in range(len(X)):
            error = y[i] - int(X[i] @ w + b >= 0)
            w, b = w + error * X[i], b + error
            mistakes[-1] += int(error != 0)
    return w, b, mistakes


def training_that_counts_late(X, y, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    for _ in range(max_epochs):
        for i in range(len(X)):
            error = y[i] - int(X[i] @ w + b >= 0)
            w, b = w + error * X[i], b + error
        mistakes.append(sum(int(row @ w + b >= 0) != t for row, t in zip(X, y, strict=True)))
        if mistakes[-1] == 0:
            return w, b, mistakes
    return w, b, mistakes


def training_that_adds_errors(X, y, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    while len(mistakes) < max_epochs and 0 not in mistakes:
        mistakes.append(0)
        for i in range(len(X)):
            error = y[i] - int(X[i] @ w + b >= 0)
            w, b = w + error * X[i], b + error
            mistakes[-1] += error
    return w, b, mistakes


def node_that_moves_w_first(x, y, w, b, passes):
    limit = 1 / (max(x * x) + 1)
    for x_i, y_i in zip(np.tile(x, passes), np.tile(y, passes), strict=True):
        w -= limit * (w * x_i + b - y_i) * x_i
        b -= limit * (w * x_i + b - y_i)
    return np.array([limit, w, b])


def update_of_w_first(w, b, x, y):
    w = w + (y - int(w @ x + b >= 0)) * x
    b = b + (y - int(w @ x + b >= 0))
    return w, b


def spam_of_letters(message, weights, bias):
    z = bias
    for word in re.split(r"\W+", message.lower()):
        z += weights.get(word, 0)
    return 1 / (1 + np.exp(-z))


MISTAKES_WRITTEN_DIFFERENTLY = [
    ("train_perceptron", "counted after the epoch", training_that_counts_late),
    ("train_perceptron", "errors summed with their signs", training_that_adds_errors),
    ("mend_node", "new guess for b", node_that_moves_w_first),
    (
        "squared_error_gradient",
        "no mean",
        lambda x, y, w, b: [list(2 * (w * x + b - y) * x), 2 * (w * x + b - y)],
    ),
    (
        "squared_error_gradient",
        "bias left out of the guess",
        lambda x, y, w, b: (2 * ((w * x - y) * x).mean(), 2 * (w * x - y).mean()),
    ),
    (
        "squared_error_gradient",
        "input in both",
        lambda x, y, w, b: np.full(2, 2 * np.mean((w * x + b - y) * x)),
    ),
    ("neuron", "strict step", lambda X, w, b: np.heaviside(X @ w + b, 0)),
    ("neuron", "a column", lambda X, w, b: (X @ w[:, None] + b >= 0) * 1),
    ("normal_equation", "wrong product inverted", normal_with_the_wrong_product),
    (
        "normal_equation",
        "transposed the wrong way round",
        lambda X, y: np.linalg.solve(X @ X.T, X.T.dot(y)),
    ),
    ("neuron", "bias subtracted", lambda X, w, b: np.where(X @ w >= b, 1, 0)),
    ("perceptron_update", "new answer for b", update_of_w_first),
    ("spam_score", "runs of letters", spam_of_letters),
    ("train_perceptron", "does not stop", training_that_goes_on),
    (
        "squared_error_gradient",
        "factor missing",
        lambda x, y, w, b: np.array(
            [((w * x + b - y) * x).mean(), (w * x + b - y).mean()]
        ).tolist(),
    ),
]


@pytest.mark.parametrize(("name", "mistake", "answer"), MISTAKES_WRITTEN_DIFFERENTLY)
def test_a_mistake_is_named_however_it_is_written(name, mistake, answer):
    found = verdict(name, answer).twin
    assert found is not None
    assert found.name == mistake


def raises_its_own(*_):
    raise ValueError("my own")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("normal_equation", raises_its_own),
        ("normal_equation", lambda X, y: int("x")),
        ("normal_equation", lambda X, y: [a for a, b, c in [(1, 2)]]),
        ("normal_equation", lambda X, y: np.linalg.solve(X.T @ y, X.T @ X)),
        ("spam_score", lambda message, weights, bias: weights["bias"]),
    ],
)
def test_an_answer_that_always_raises_is_told_of_no_mistake_that_it_does_not_make(name, answer):
    found = bank.verdict(find(name), answer)
    assert (found.status, found.twin) == ("wrong", None)
    assert "mistake" not in dict(check(name, answer).lines)


SPAM_MISREAD = [
    ("marks inside words removed", lambda m: re.sub("[.,!?:;'\"]", "", m).split()),
    ("runs of letters", lambda m: re.findall(r"\w+", m)),
    ("all punctuation stripped", lambda m: [w.strip(string.punctuation) for w in m.split()]),
    ("split at blanks only", lambda m: [w.strip(".,!?:;'\"") for w in m.split(" ")]),
]


@pytest.mark.parametrize(("mistake", "words"), SPAM_MISREAD)
def test_every_sentence_of_the_spam_score_has_a_public_case(mistake, words):
    def misread(message, weights, bias):
        votes = (weights.get(word, 0) for word in words(message.lower()))
        return 1 / (1 + np.exp(-bias - sum(votes)))

    feedback = check("spam_score", misread)
    assert feedback.status == "wrong"
    (twin,) = (twin for twin in find("spam_score").twins if twin.name == mistake)
    assert dict(feedback.lines)["mistake"] == twin.message


@pytest.mark.parametrize(
    "name", [task.name for task in load(bank.BOOK).values() if task.chapter == 1]
)
def test_the_public_cases_alone_tell_every_mutant_from_the_reference(name):
    task = find(name)
    assert bank.survivors_of(task, task.cases) == set(task.equivalent)


def training_without_end(X, y, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0, []
    while 0 not in mistakes:
        mistakes.append(0)
        for i in range(len(X)):
            error = y[i] - int(X[i] @ w + b >= 0)
            w, b = w + error * X[i], b + error
            mistakes[-1] += abs(error)
    return w, b, mistakes


def test_training_that_never_ends_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.5)
    feedback = check("train_perceptron", training_without_end)
    assert dict(feedback.lines)["mistake"].startswith("Your training ends at an epoch without a")


# --- examples and cases -------------------------------------------------------------------------


def test_the_bank_would_notice_cases_that_are_too_weak():
    neuron = find("neuron")
    assert "z >= 0 -> z > 0" in bank.survivors_of(neuron, neuron.cases[:2])
    assert "z >= 0 -> z > 0" not in bank.survivors_of(neuron, neuron.cases[:3])


WORKED_BY_HAND = [
    ("neuron", (np.array([[2, 1], [0, 3]]), np.array([1, -1]), 0.5), [1, 0]),
    ("squared_error_gradient", (np.array([3]), np.array([1]), 1, 0), (12, 4)),
    ("perceptron_update", (np.array([1, 0]), 0, np.array([2, 1]), 0), ([-1, -1], -1)),
    ("train_perceptron", (np.array([[2]]), np.array([0]), 10), ([-2], -1, [1, 0])),
    ("normal_equation", (np.array([[1], [3]]), np.array([1, 5])), [1.6]),
    ("spam_score", ("Win, win now!", {"win": 1, "now": -2}, 0), 0.5),
    ("mend_node", (np.array([2]), np.array([3]), 0, 0, 1), (0.2, 1.2, 0.6)),
]


@pytest.mark.parametrize(("name", "arguments", "result"), WORKED_BY_HAND)
def test_the_example_worked_by_hand_is_right(name, arguments, result):
    assert difference(find(name).reference(*arguments), result) is None
