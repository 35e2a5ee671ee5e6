"""Judge the outcomes of a task's cases: right, wrong, not attempted; and which known mistake.

Judging calls the reference and the twins, never the reader's code: outcomes come in as data.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nnbook.exercises.compare import difference
from nnbook.exercises.exercise import Case, Exercise, Function, Twin
from nnbook.exercises.running import Outcome, run


@dataclass(frozen=True)
class Verdict:
    """What the outcomes of an answer add up to.

    Attributes
    ----------
    status : {"right", "wrong", "not attempted"}
        Right means: on the cases that were run.
    fault : str
        The first difference in words, on the first case that failed.
    place : int
        Which case that is.
    twin : Twin, optional
        The known mistake that the answer makes.
    """

    status: Literal["right", "wrong", "not attempted"]
    fault: str = ""
    place: int = 0
    twin: Twin | None = None


def judge(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Verdict:
    """Judge an answer by its outcomes on some cases, in the same order.

    An answer is not attempted when every call gives ``None`` or ``...`` or raises
    NotImplementedError, or when it does what the starter does.
    """
    faults = [_fault(exercise, *pair) for pair in zip(cases, outcomes, strict=True)]
    failed = [place for place, fault in enumerate(faults) if fault]
    if not failed:
        return Verdict("right")
    if _is_untouched(exercise, cases, outcomes):
        return Verdict("not attempted", place=failed[0])
    return Verdict("wrong", faults[failed[0]], failed[0], _twin(exercise, cases, outcomes))


def expected(exercise: Exercise, case: Case) -> Any:
    """Return what the reference answers to a case."""
    return run(exercise.reference, case).value


def _fault(exercise: Exercise, case: Case, outcome: Outcome) -> str:
    """Return what is wrong with one outcome, in words; empty when nothing is."""
    if outcome.failure:
        return outcome.failure.message
    words = _difference(exercise, outcome.value, expected(exercise, case))
    return words or _changed_inputs(exercise, outcome)


def _difference(exercise: Exercise, value: Any, wanted: Any) -> str:
    parts, tolerance = exercise.parts, exercise.tolerance
    return difference(value, wanted, tolerance=tolerance, parts=parts) or ""


def _changed_inputs(exercise: Exercise, outcome: Outcome) -> str:
    names = list(inspect.signature(exercise.reference).parameters)
    changed = " and ".join(names[place] for place in outcome.changed)
    return f"the call changed its input {changed}; inputs must stay as they are" if changed else ""


def _is_untouched(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> bool:
    if all(map(_is_blank, outcomes)):
        return True
    starter = exercise.starter
    return starter is not None and _equals(exercise, starter, cases, outcomes)


def _is_blank(outcome: Outcome) -> bool:
    if outcome.failure:
        return outcome.failure.kinds[0] == "NotImplementedError"
    items = outcome.value if type(outcome.value) is tuple else (outcome.value,)
    return all(item is None or item is ... for item in items)


def _twin(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Twin | None:
    """Find the twin that the answer equals on every case.

    On every case, and not only where the twin is wrong: an answer with faults of its own would
    otherwise be told of a mistake that it does not make.
    """
    return next(
        (twin for twin in exercise.twins if _equals(exercise, twin.function, cases, outcomes)), None
    )


def _equals(
    exercise: Exercise, function: Function, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> bool:
    return all(
        _same(exercise, outcome, run(function, case))
        for case, outcome in zip(cases, outcomes, strict=True)
    )


def _same(exercise: Exercise, one: Outcome, other: Outcome) -> bool:
    if one.failure and other.failure:
        ours, theirs = one.failure.kinds, other.failure.kinds
        return ours[0] in theirs or theirs[0] in ours
    if one.failure or other.failure or one.changed != other.changed:
        return False
    return not _difference(exercise, one.value, other.value)
