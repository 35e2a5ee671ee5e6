"""Schedules: the factor of the learning rate, step by step.

A schedule is called with the number of the step, from 0, and returns what the full rate is
multiplied by. Schedules multiply, ``warmup(100) * cosine(1000)``, and follow one another,
``warmup(100).then(cosine(900))``, where the second counts from 0 again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from nnbook.errors import ArgumentError, KindError
from nnbook.optim.checks import require_count, require_nonnegative, require_positive


@dataclass(frozen=True, repr=False)
class Schedule:
    """A function from a step's number to the factor of the learning rate.

    Parameters
    ----------
    name : str
        How it is written, for a legend.
    factor : callable
        Step (0, 1, …) → factor.
    length : int, optional
        Number of steps after which it is over, and `then` goes on; endless without.

    Examples
    --------
    >>> schedule = warmup(4).then(linear(4))
    >>> [schedule(step) for step in range(9)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    >>> schedule
    warmup(4).then(linear(4))
    """

    name: str
    factor: Callable[[int], float]
    length: int | None = None

    def __call__(self, step: int) -> float:
        """Return the factor at a step, counted from 0.

        Raises
        ------
        ArgumentError
            If the step is negative.
        KindError
            If it is not a whole number.
        """
        return self.factor(require_count("schedule", "step", step, least=0))

    def __mul__(self, other: "Schedule") -> "Schedule":
        """Return the product of two schedules, both counted from 0; it ends with the longer.

        Raises
        ------
        KindError
            If the other is not a schedule.
        """
        _require_schedule("*", other)
        lengths = (self.length, other.length)
        longer = None if None in lengths else max(length for length in lengths if length)
        name = f"({self} * {other})"
        return Schedule(name, lambda step: self.factor(step) * other.factor(step), longer)

    def then(self, following: "Schedule", after: int | None = None) -> "Schedule":
        """Return this schedule, and from step `after` on the other, which counts from 0 there.

        Parameters
        ----------
        following : Schedule
            What comes next.
        after : int, optional
            Number of steps before it; the length of this schedule if not given.

        Raises
        ------
        ArgumentError
            If this schedule is endless and `after` is not given, or less than 1.
        KindError
            If the other is not a schedule, or `after` not a whole number.
        """
        _require_schedule("then", following)
        start = self._end() if after is None else require_count("then", "after", after, least=1)
        end = None if following.length is None else start + following.length
        name = f"{self}.then({following}{'' if after is None else f', after={after}'})"

        def factor(step: int) -> float:
            return self.factor(step) if step < start else following.factor(step - start)

        return Schedule(name, factor, end)

    def _end(self) -> int:
        if self.length is None:
            raise ArgumentError(
                "then",
                got=f"{self}, which never ends",
                wanted="the step at which the next schedule begins",
                remedy="pass it: .then(following, after=100)",
            )
        return self.length

    def __repr__(self) -> str:
        """Show how the schedule is written."""
        return self.name


def constant(factor: float = 1.0) -> Schedule:
    """Return the schedule that multiplies the rate by `factor` at every step; endless."""
    factor = require_nonnegative("constant", "factor", factor)
    return Schedule("constant()" if factor == 1 else f"constant({factor})", lambda _: factor)


def warmup(steps: int) -> Schedule:
    """Return the schedule that rises in equal parts to 1, and stays there.

    The factor is ``(step + 1) / steps``: the first step already moves, and step number
    ``steps - 1`` is the first at the full rate.

    Parameters
    ----------
    steps : int
        Length of the rise, at least 1.

    Notes
    -----
    Goyal et al. (2017), Accurate, large minibatch SGD, section 2.2.
    """
    steps = require_count("warmup", "steps", steps, least=1)
    return Schedule(f"warmup({steps})", lambda step: min((step + 1) / steps, 1.0), steps)


def linear(total: int, start: float = 1.0, end: float = 0.0) -> Schedule:
    """Return the schedule that goes in a straight line from `start` to `end`, and stays there.

    Parameters
    ----------
    total : int
        Step at which `end` is reached, at least 1.
    start, end : float
        Factors at step 0 and from step `total` on.
    """
    total = require_count("linear", "total", total, least=1)
    start = require_nonnegative("linear", "start", start)
    end = require_nonnegative("linear", "end", end)
    ends = "" if (start, end) == (1, 0) else f", {start}, {end}"
    return Schedule(
        f"linear({total}{ends})",
        lambda step: start + (end - start) * min(step / total, 1.0),
        total,
    )


def cosine(total: int, floor: float = 0.0) -> Schedule:
    """Return the schedule that falls from 1 to `floor` along half a cosine, and stays there.

    Parameters
    ----------
    total : int
        Step at which `floor` is reached, at least 1.
    floor : float
        Factor from step `total` on, from 0 to 1.

    Notes
    -----
    Loshchilov & Hutter (2017), SGDR, equation 5, without restarts.
    """
    total = require_count("cosine", "total", total, least=1)
    floor = require_nonnegative("cosine", "floor", floor)
    if floor > 1:
        got, remedy = f"floor={floor}", "give it as a share of the full rate, such as 0.1"
        raise ArgumentError("cosine", got=got, wanted="at most 1", remedy=remedy)

    def factor(step: int) -> float:
        height = (1 + math.cos(math.pi * min(step / total, 1.0))) / 2  # 1 … 0
        return floor + (1 - floor) * height

    return Schedule(f"cosine({total}{f', {floor}' if floor else ''})", factor, total)


def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule ``factor ** (step // every)``: a stair, endless.

    Parameters
    ----------
    every : int
        Length of a tread in steps, at least 1.
    factor : float
        Height of each tread over the one before, above 0.
    """
    every = require_count("step_decay", "every", every, least=1)
    factor = require_positive("step_decay", "factor", factor, usual=0.1)
    return Schedule(f"step_decay({every}, {factor})", lambda step: factor ** (step // every))


def exponential(factor: float) -> Schedule:
    """Return the schedule ``factor ** step``, for a factor above 0; endless."""
    factor = require_positive("exponential", "factor", factor, usual=0.99)
    return Schedule(f"exponential({factor})", lambda step: factor**step)


def _require_schedule(operation: str, other: object) -> None:
    if not isinstance(other, Schedule):
        raise KindError(
            operation,
            got=repr(other),
            wanted="another schedule",
            remedy="for a plain number write constant(0.5)",
        )
