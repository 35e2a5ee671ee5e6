"""Every kind of task names a mistake however it is written, and shows what was run."""

from itertools import count

import bank
import numpy as np
import pytest

from nnbook import check, progress
from nnbook.exercises import exercise, find, running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Take the sample tasks for the book's, and keep the progress of a test by itself."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    monkeypatch.setattr(exercise, "checks_folder", lambda: bank.KINDS)


# --- right answers and known mistakes, written differently ---------------------------------------


class MeanByLerp:
    def __init__(self, momentum):
        self.value, self.new = 0, 1 - momentum

    def update(self, batch):
        self.value += self.new * (sum(batch) / len(batch) - self.value)
        return self.value


class BatchIterator:
    def __init__(self, x, size):
        self.rest, self.size = x, size

    def __iter__(self):
        return self

    def __next__(self):
        if not len(self.rest):
            raise StopIteration
        piece, self.rest = self.rest[: self.size], self.rest[self.size :]
        return piece


class Ramp:
    def __init__(self, steps):
        self.steps = steps

    def __call__(self, step):
        return 1 if step >= self.steps else (step + 1) / self.steps


def descends_by_index(w, gradient, lr):
    for place in np.ndindex(w.shape):
        w[place] -= lr * gradient[place]
    return w


def fits_by_least_squares(x, y, rng):
    return np.polyfit(x, y, 1)


def fits_one_by_one(x, y, rng):
    w = b = 0.0
    for _ in range(500):
        for one, target in zip(x, y, strict=True):
            error = w * one + b - target
            w, b = w - 0.1 * error * one, b - 0.1 * error
    return [w, b]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("RunningMean", MeanByLerp),
        ("batches", BatchIterator),
        ("batches", lambda x, size: (x[n : n + size] for n in range(0, len(x), size))),
        ("warmup", Ramp),
        ("warmup", lambda steps: lambda step: np.minimum(1, (1 + step) / steps)),
        ("descend", descends_by_index),
        ("descend", lambda w, gradient, lr: np.subtract(w, lr * gradient, out=w)),
        ("train_line", fits_by_least_squares),
        ("train_line", fits_one_by_one),
    ],
)
def test_a_right_answer_written_differently_gets_full_marks(name, answer):
    assert bank.verdict(find(name), answer).fault == ""


class MeanOfSums:
    def __init__(self, momentum):
        self.m, self.value = momentum, 0.0

    def update(self, batch):
        for number in batch:
            self.value += (1 - self.m) * number
        self.value -= (1 - self.m) * sum(batch)
        self.value = self.m * self.value + (1 - self.m) * sum(batch)
        return self.value


def memory_in_a_default():
    class Mean:
        def __init__(self, momentum, memory={"value": 0.0}):  # noqa: B006 - the mistake
            self.momentum, self.memory = momentum, memory
            memory["value"] = 0.0

        @property
        def value(self):
            return self.memory["value"]

        def update(self, batch):
            mixed = self.momentum * self.value + (1 - self.momentum) * batch.mean()
            self.memory["value"] = mixed
            return mixed

    return Mean


def starts_again(x, size):
    for place in count():
        start = place * size % (len(x) + -len(x) % size)
        yield x[start : start + size]


def computes_a_new_array(w, gradient, lr):
    step = np.multiply(lr, gradient)
    return np.subtract(w, step)


def diverges(x, y, rng):
    w, b = 1.0, 1.0
    for _ in range(5000):
        error = w * x + b - y
        w, b = w - 9 * np.mean(error * x), b - 9 * np.mean(error)
    return w, b


def gives_up_early(x, y, rng):
    w, b = rng.normal(size=2)
    for one, target in zip(x[:2], y[:2], strict=True):
        error = w * one + b - target
        w, b = w - 0.1 * error * one, b - 0.1 * error
    return np.array([w, b])


def line_through_the_origin(x, y, rng):
    return x @ y / (x @ x), 0


@pytest.mark.parametrize(
    ("name", "mistake", "answer"),
    [
        ("RunningMean", "sum for mean", MeanOfSums),
        ("RunningMean", "one memory for all", memory_in_a_default()),
        ("batches", "never ends", starts_again),
        ("batches", "a list", lambda x, size: tuple(np.split(x, range(size, len(x), size)))),
        ("warmup", "never levels off", lambda steps: lambda step: step / steps + 1 / steps),
        ("warmup", "a number for a function", lambda steps: 0.5),
        ("descend", "a new array", computes_a_new_array),
        ("train_line", "climbs", diverges),
        ("train_line", "stops too soon", gives_up_early),
        ("train_line", "no bias", line_through_the_origin),
        ("train_line", "exchanged", lambda x, y, rng: np.polyfit(x, y, 1)[::-1]),
    ],
)
def test_a_mistake_is_named_however_it_is_written(name, mistake, answer):
    found = bank.verdict(find(name), answer).twin
    assert found is not None
    assert found.name == mistake


def test_a_value_of_the_wrong_kind_bears_no_sign():
    for nonsense in ("x", [1.0], (None, 1.0), np.zeros((2, 1)), {"w": 1, "b": 0}):
        verdict = bank.verdict(find("train_line"), lambda *_, value=nonsense: value)
        assert (verdict.status, verdict.twin) == ("wrong", None)


# --- what the reader is told --------------------------------------------------------------------


def test_the_use_of_a_class_is_shown_as_it_was_run():
    assert repr(check("RunningMean", find("RunningMean").twins[3].answer)) == (
        "Not right yet: RunningMean\n"
        "  with        momentum = 0.5\n"
        "              batches = [np.array([2.0])]\n"
        "  run         mean = RunningMean(momentum)\n"
        "              other = RunningMean(momentum)\n"
        "              answers = [mean.update(batch) for batch in batches]\n"
        "              return answers, mean.value, other.update(batches[0])\n"
        "  gave        ([None], 1.0, None)\n"
        "  difference  item [0] of the list of answers is None; expected a number\n"
        "  expected    ([1.0], 1.0, 1.0)\n"
        "  mistake     Your method changes the value and returns nothing."
    )


def test_an_object_in_place_of_its_class_is_explained():
    feedback = check("RunningMean", MeanByLerp(0.5))
    assert feedback.status == "not attempted"
    assert feedback.headline == "Nothing to check: this is a MeanByLerp, not a class"
    assert "Give the class itself, without brackets" in repr(feedback)


class FailsLate:
    def __init__(self, momentum):
        self.values = []

    def update(self, batch):
        return self.values[-1]


def test_an_exception_in_a_method_is_told_at_the_readers_line():
    told = dict(check("RunningMean", FailsLate).lines)
    assert told["raised"] == "IndexError: list index out of range"
    assert told["your line"].endswith("return self.values[-1]")


def test_an_exception_in_the_use_of_an_answer_is_not_told_at_a_line_of_the_readers():
    told = dict(check("RunningMean", abs).lines)
    assert told["raised"] == "AttributeError: 'float' object has no attribute 'update'"
    assert "your line" not in told


def test_an_exception_of_the_readers_own_is_no_misuse_of_what_came_back():
    def fails(steps):
        return None + steps

    def fails_when_called(steps):
        return lambda step: None + step

    for answer in (fails, fails_when_called):
        told = dict(check("warmup", answer).lines)
        assert told["raised"].startswith("TypeError")
        assert "mistake" not in told
        assert "None + ste" in told["your line"]


def test_a_property_that_does_not_hold_is_put_into_words():
    told = dict(check("train_line", lambda x, y, rng: (0.0, 0.0)).lines)
    assert told["difference"] == "the loss is 5 after training; wanted less than 0.01"
    assert "expected" not in told
    assert told["for example"].startswith("(")


def test_an_answer_that_is_no_number_fulfils_no_property():
    told = dict(check("train_line", lambda x, y, rng: (np.nan, 1.0)).lines)
    assert told["difference"].startswith("w is NaN, which is not a number")


def test_only_what_may_be_changed_may_be_changed():
    def spoils(w, gradient, lr):
        w -= lr * gradient
        gradient[...] = 0

    told = dict(check("descend", spoils).lines)
    assert told["difference"].startswith("the call changed its input gradient")


@pytest.mark.parametrize("name", ["RunningMean", "batches", "descend", "train_line", "warmup"])
def test_a_task_that_raises_not_implemented_is_not_attempted(name):
    def untouched(*_):
        raise NotImplementedError

    feedback = check(name, untouched)
    assert feedback.status == "not attempted"
    assert "raise NotImplementedError" in repr(feedback)
    assert progress.read()["tasks"] == {}


def test_a_generator_that_never_comes_to_a_value_is_stopped(monkeypatch):
    def searches(x, size):
        while True:
            if size < 0:
                yield x

    monkeypatch.setattr(running, "SECONDS", 0.2)
    assert dict(check("batches", searches).lines)["raised"].startswith("EndlessCall")
