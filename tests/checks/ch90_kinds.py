"""Tasks of every kind: a function of functions, a class, a generator, in place, by property."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- a function that returns a function ---------------------------------------------------------


def warmup(steps):
    """Return a schedule that climbs evenly to 1 in this many steps, and stays there."""

    def schedule(step):
        return min(1.0, (step + 1) / steps)

    return schedule


def _use_schedule(warmup, steps, asked):
    schedule = warmup(steps)
    return [schedule(step) for step in asked]


def _warmup_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for steps in (1, 3, 10, 100):
        yield Case((steps, rng.integers(0, 2 * steps, size=6).tolist()))


WARMUP = Exercise(
    name="warmup",
    chapter=90,
    title="A schedule that warms up",
    points=2,
    minutes=5,
    difficulty=1,
    shapes="steps a number → a function, step → factor in (0, 1]",
    reference=warmup,
    use=_use_schedule,
    cases=(
        Case((2, [0]), "The first of two steps."),
        Case((4, [0, 1, 2, 3]), "Four steps on the way up."),
        Case((2, [1, 2, 5, 99]), "What happens when the climb is over?"),
    ),
    hidden=_warmup_hidden,
    twins=(
        Twin(
            "starts at zero",
            "Your first factor is 0, so the first step is wasted.",
            lambda steps: lambda step: min(1.0, step / steps),
        ),
        Twin(
            "never levels off",
            "Your factor goes on growing when the climb is over.",
            lambda steps: lambda step: (step + 1) / steps,
        ),
        Twin(
            "ends in zero",
            "Your factor is 0 when the climb is over.",
            lambda steps: lambda step: (step + 1) / steps if step < steps else 0.0,
        ),
        Twin(
            "falls",
            "Your schedule starts at the top and falls.",
            lambda steps: lambda step: max(1 / steps, 1 - step / steps),
        ),
        Twin(
            "a number for a function",
            "You return a factor. A function that can be asked for factors was wanted.",
            lambda steps: 1 / steps,
        ),
    ),
    hints=(
        "A function can return another that it defines inside.",
        "factor = (step + 1) / steps, at most 1",
        """
        def warmup(steps):
            def schedule(step):
                return ...
            return ...
        """,
    ),
)

# --- a class ------------------------------------------------------------------------------------


class RunningMean:
    """A mean that forgets: the share `momentum` of the old value is kept."""

    def __init__(self, momentum):
        self.momentum = momentum
        self.value = 0.0

    def update(self, batch):
        """Take a batch in, and return the new value."""
        self.value = self.momentum * self.value + (1 - self.momentum) * np.mean(batch)
        return self.value


class _Blank:
    """A mean that forgets: the share `momentum` of the old value is kept."""

    def __init__(self, momentum):
        raise NotImplementedError  # your code here

    def update(self, batch):
        """Take a batch in, and return the new value."""
        raise NotImplementedError  # your code here


def _use_mean(RunningMean, momentum, batches):
    mean = RunningMean(momentum)
    other = RunningMean(momentum)
    answers = [mean.update(batch) for batch in batches]
    return answers, mean.value, other.update(batches[0])


def _mean_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for count in (1, 2, 5):
        batches = [rng.normal(size=size) for size in range(1, count + 1)]
        yield Case((float(rng.random()), batches))


def _mean_like(step, momentum_of=lambda momentum: momentum, start=0.0):
    """Return a class that is right but for one thing."""

    class Other:
        def __init__(self, momentum):
            self.momentum, self.value = momentum_of(momentum), start

        def update(self, batch):
            self.value = step(self.value, self.momentum, batch)
            return self.value

    return Other


def _mixed(old, momentum, batch):
    return momentum * old + (1 - momentum) * np.mean(batch)


class _Shared(RunningMean):
    memory: list = []  # noqa: RUF012 - shared by all objects: the mistake

    def __init__(self, momentum):
        super().__init__(momentum)
        self.memory.clear()

    def update(self, batch):
        old = self.memory[-1] if self.memory else 0.0
        self.value = _mixed(old, self.momentum, batch)
        self.memory.append(self.value)
        return self.value


class _Silent(RunningMean):
    def update(self, batch):
        super().update(batch)


class _NotKept(RunningMean):
    def update(self, batch):
        return _mixed(self.value, self.momentum, batch)


MEAN = Exercise(
    name="RunningMean",
    chapter=90,
    title="A mean that forgets",
    points=3,
    minutes=10,
    difficulty=2,
    shapes="momentum a number; update: batch (B,) → a number",
    reference=RunningMean,
    starter=_Blank,
    use=_use_mean,
    parts=("the list of answers", "value", "the first answer of a second object"),
    cases=(
        Case((0.5, [np.array([2.0])]), "One batch of one number."),
        Case((0.75, [np.array([4.0]), np.array([8.0])]), "The second batch meets a memory."),
        Case((0.9, [np.array([1.0, 2.0, 6.0]), np.array([0.0])]), "A batch of three numbers."),
    ),
    hidden=_mean_hidden,
    twins=(
        Twin(
            "shares exchanged",
            "You keep the share of the old value that should be given to the new one.",
            _mean_like(lambda old, m, batch: (1 - m) * old + m * np.mean(batch)),
        ),
        Twin(
            "sum for mean",
            "A larger batch counts for more in your class.",
            _mean_like(lambda old, m, batch: m * old + (1 - m) * np.sum(batch)),
        ),
        Twin("not kept", "Your object forgets its value after each batch.", _NotKept),
        Twin("nothing returned", "Your method changes the value and returns nothing.", _Silent),
        Twin("one memory for all", "All objects of your class share one memory.", _Shared),
        Twin(
            "starts at one",
            "The first answer depends on a start that nobody asked for.",
            _mean_like(_mixed, start=1.0),
        ),
    ),
    hints=(
        "What belongs to one object is kept in self.",
        "value ← momentum · value + (1 − momentum) · mean of the batch",
        """
        class RunningMean:
            def __init__(self, momentum):
                self.momentum = ...
                self.value = ...

            def update(self, batch):
                self.value = ...
                return ...
        """,
    ),
)

# --- a generator --------------------------------------------------------------------------------


def batches(x, size):
    """Yield x in pieces of this size; the last may be smaller."""
    for start in range(0, len(x), size):
        yield x[start : start + size]


def _use_batches(batches, x, size):
    drawn = batches(x, size)
    first = next(drawn)
    return [first, *islice(drawn, 20)]


def _batches_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for count, size in ((1, 1), (7, 3), (8, 4), (2, 9)):
        yield Case((rng.normal(size=count), size))


def _all_at_once(x, size):
    return [x[start : start + size] for start in range(0, len(x), size)]


def _remainder_dropped(x, size):
    for start in range(0, max(1, len(x) - size + 1), size):
        yield x[start : start + size]


def _overlapping(x, size):
    for start in range(len(x)):
        yield x[start : start + size]


def _count_for_size(x, size):
    yield from np.array_split(x, size)


def _one_buffer(x, size):
    buffer = np.array(x)
    for start in range(0, len(x), size):
        piece = x[start : start + size]
        buffer[: len(piece)] = piece
        yield buffer[: len(piece)]


def _without_end(x, size):
    while True:
        yield from batches(x, size)


def _only_the_first(x, size):
    yield x[:size]


BATCHES = Exercise(
    name="batches",
    chapter=90,
    title="Mini-batches",
    points=2,
    minutes=5,
    difficulty=1,
    shapes="x (N,), size a number → a generator of arrays (size,)",
    reference=batches,
    use=_use_batches,
    cases=(
        Case((np.array([1.0, 2.0]), 1), "Two batches of one number."),
        Case((np.array([1.0, 2.0, 3.0, 4.0]), 2), "Two batches of two."),
        Case((np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 3), "Five is no multiple of three."),
    ),
    hidden=_batches_hidden,
    twins=(
        Twin(
            "a list", "You return all batches at once. Which word makes a generator?", _all_at_once
        ),
        Twin("remainder dropped", "The last examples are never shown.", _remainder_dropped),
        Twin(
            "overlapping", "Your batches overlap: by how much does each start move?", _overlapping
        ),
        Twin("count for size", "You make `size` batches, not batches of `size`.", _count_for_size),
        Twin("one buffer", "All your batches are one array, which you fill again.", _one_buffer),
        Twin("never ends", "Your generator starts again. One pass was asked for.", _without_end),
        Twin("stops early", "Your generator gives one batch and ends.", _only_the_first),
    ),
    hints=(
        "A function with `yield` in it goes on where it stopped.",
        "Batches start at 0, size, 2 · size, … below len(x).",
        """
        def batches(x, size):
            for start in ...:
                yield ...
        """,
    ),
)

# --- a change in place --------------------------------------------------------------------------


def descend(w, gradient, lr):
    """Move w one step down the gradient, in place."""
    w -= lr * gradient


def _use_descend(descend, w, gradient, lr):
    descend(w, gradient, lr)
    return w


def _descend_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1,), (3,), (2, 3)):
        yield Case((rng.normal(size=shape), rng.normal(size=shape), float(rng.random())))


def _rebinds(w, gradient, lr):
    w = w - lr * gradient  # a name of this function from here on


def _climbs(w, gradient, lr):
    w += lr * gradient


def _without_rate(w, gradient, lr):
    w -= gradient


def _spoils_gradient(w, gradient, lr):
    gradient *= lr
    w -= gradient


def _overwrites(w, gradient, lr):
    w[...] = -lr * gradient


DESCENT = Exercise(
    name="descend",
    chapter=90,
    title="One step, in place",
    points=1,
    minutes=5,
    difficulty=1,
    shapes="w and gradient of one shape, lr a number → nothing; w is changed",
    reference=descend,
    use=_use_descend,
    may_change=("w",),
    cases=(
        Case((np.array([1.0]), np.array([2.0]), 0.5), "One weight."),
        Case((np.array([1.0, -1.0]), np.array([3.0, 0.5]), 0.1), "Two weights."),
    ),
    hidden=_descend_hidden,
    twins=(
        Twin(
            "a new array",
            "You compute the right step and give it a name. The array itself stays as it was.",
            _rebinds,
        ),
        Twin("climbs", "You go up the gradient.", _climbs),
        Twin("rate forgotten", "Your step has the length of the gradient.", _without_rate),
        Twin(
            "gradient spoilt", "The gradient is changed too: who needs it again?", _spoils_gradient
        ),
        Twin("start forgotten", "You store the step where its end was wanted.", _overwrites),
    ),
    hints=(
        "An assignment to a name never changes an array; -= and w[...] do.",
        "w ← w − lr · gradient",
        """
        def descend(w, gradient, lr):
            w[...] = ...
        """,
    ),
)

# --- judged by a property -----------------------------------------------------------------------


def train_line(x, y, rng):
    """Return w and b of a line whose mean squared error is below 1/100."""
    w, b = rng.normal(size=2)
    for _ in range(300):
        error = w * x + b - y
        w, b = w - 0.2 * np.mean(error * x), b - 0.2 * np.mean(error)
    return w, b


def _use_training(train_line, x, y, seed):
    return train_line(x, y, np.random.default_rng(seed))


def _loss(answer, x, y):
    w, b = answer
    return float(np.mean((w * x + b - y) ** 2))


def _converged(answer, x, y, seed):
    loss = _loss(answer, x, y)
    return "" if loss < 0.01 else f"the loss is {loss:.3g} after training; wanted less than 0.01"


def _is_start(answer, x, y, seed):
    return np.allclose(answer, np.random.default_rng(seed).normal(size=2))


def _grew(answer, x, y, seed):
    start = np.random.default_rng(seed).normal(size=2)
    return not _loss(answer, x, y) <= 10 * _loss(start, x, y)


def _has_no_bias(answer, x, y, seed):
    return answer[1] == 0


def _is_exchanged(answer, x, y, seed):
    return _converged(answer[::-1], x, y, seed) == ""


def _is_too_slow(answer, x, y, seed):
    return _loss(answer, x, y) < _loss(np.random.default_rng(seed).normal(size=2), x, y)


def _line(seed):
    x = np.linspace(-1.5, 1.5, 8)
    slope, shift = np.random.default_rng(seed).uniform(2, 3, size=2)
    return Case((x, slope * x - shift, seed))


def _training_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield from map(_line, (11, 12, 13))


def _trained(x, y, rng, rate=0.2, passes=300, with_bias=1.0):
    w, b = rng.normal(size=2) * [1.0, with_bias]
    for _ in range(passes):
        error = w * x + b - y
        w, b = w - rate * np.mean(error * x), b - with_bias * rate * np.mean(error)
    return w, b


TRAINING = Exercise(
    name="train_line",
    chapter=90,
    title="Train until it fits",
    points=3,
    minutes=10,
    difficulty=2,
    shapes="x (N,), y (N,), rng a generator → (w, b), two numbers",
    reference=train_line,
    use=_use_training,
    holds=_converged,
    parts=("w", "b"),
    cases=(
        Case(
            (np.array([-1.0, 1.0]), np.array([-1.0, 3.0]), 0),
            "Two points, and a line through both.",
        ),
        Case(_line(1).arguments, "Eight points on a line."),
        Case(_line(2).arguments, "The same with another start."),
    ),
    hidden=_training_hidden,
    twins=(
        Twin(
            "no training",
            "w and b are where they started.",
            lambda x, y, rng: rng.normal(size=2),
            _is_start,
        ),
        Twin(
            "climbs",
            "The loss grows as you train.",
            lambda x, y, rng: _trained(x, y, rng, -0.2, 40),
            _grew,
        ),
        Twin(
            "no bias",
            "b is 0: every line of yours goes through the origin.",
            lambda x, y, rng: _trained(x, y, rng, with_bias=0.0),
            _has_no_bias,
        ),
        Twin(
            "exchanged",
            "A good w and a good b, but in the other order.",
            lambda x, y, rng: _trained(x, y, rng)[::-1],
            _is_exchanged,
        ),
        Twin(
            "stops too soon",
            "The loss falls, and you stop before it is small.",
            lambda x, y, rng: _trained(x, y, rng, passes=3),
            _is_too_slow,
        ),
    ),
    hints=(
        "Start anywhere, and move down the gradient of the loss until it is small.",
        "dL/dw = 2 · mean of error · x, dL/db = 2 · mean of error",
        """
        def train_line(x, y, rng):
            w, b = ...
            for _ in range(...):
                error = ...
                w, b = ...
            return w, b
        """,
    ),
    equivalent={
        "0.2 * np.mean(error * x) -> np.mean(error * x)": "a larger rate, and still a safe one",
        "0.2 * np.mean(error) -> np.mean(error)": "a larger rate, and still a safe one",
        "0.2 -> 1.2": "a larger rate, and still a safe one",
        "300 -> 299": "a step less matters to nobody",
        "300 -> 301": "nor does one more",
        "error * x -> error / x": "of the same sign, so w moves the right way",
    },
)

EXERCISES = (WARMUP, MEAN, BATCHES, DESCENT, TRAINING)
