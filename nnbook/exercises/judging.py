"""Judge the outcomes of a task's cases: right, wrong, not attempted; and which known mistake.

Judging calls the reference and the twins, never the reader's code: outcomes come in as data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnbook.exercises.compare import difference
from nnbook.exercises.exercise import Case, Exercise, Function, Sign, Twin
from nnbook.exercises.running import Outcome, run

_ANY_FINITE = 1e300  # a tolerance that only NaN and infinity exceed


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

    An answer is not attempted when every case gives ``None`` or ``...`` or raises
    NotImplementedError, or when it does what the starter does.
    """
    faults = [_fault(exercise, *pair) for pair in zip(cases, outcomes, strict=True)]
    failed = [place for place, fault in enumerate(faults) if fault]
    if not failed:
        return Verdict("right")
    smallest = min(failed, key=lambda place: cases[place].size)
    if _is_untouched(exercise, cases, outcomes):
        return Verdict("not attempted", place=smallest)
    twin = _twin(exercise, cases, outcomes, failed)
    return Verdict("wrong", faults[smallest], smallest, twin)


def expected(exercise: Exercise, case: Case) -> Any:
    """Return what comes of a case with the reference."""
    return run(exercise.applied(exercise.reference), case).value


def _fault(exercise: Exercise, case: Case, outcome: Outcome) -> str:
    """Return what is wrong with one outcome, in words; empty when nothing is."""
    if outcome.failure:
        return outcome.failure.message
    tolerance = _ANY_FINITE if exercise.holds else exercise.tolerance
    words = _difference(exercise, outcome.value, expected(exercise, case), tolerance)
    return words or _broken(exercise, case, outcome) or _changed_inputs(exercise, outcome)


def _difference(exercise: Exercise, value: Any, wanted: Any, tolerance: float) -> str:
    return difference(value, wanted, tolerance=tolerance, parts=exercise.parts) or ""


def _broken(exercise: Exercise, case: Case, outcome: Outcome) -> str:
    """Return what a value of the right kind and shape fails to fulfil, where values may differ."""
    with np.errstate(all="ignore"):
        return exercise.holds(outcome.value, *case.arguments) if exercise.holds else ""


def _changed_inputs(exercise: Exercise, outcome: Outcome) -> str:
    names = [exercise.argument_names()[place] for place in outcome.changed]
    changed = " and ".join(name for name in names if name not in exercise.may_change)
    return f"the call changed its input {changed}; inputs must stay as they are" if changed else ""


def _is_untouched(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> bool:
    if all(map(_is_blank, outcomes)):
        return True
    starter = exercise.starter
    return starter is not None and _equals(exercise, starter, cases, outcomes)


def _is_blank(outcome: Outcome) -> bool:
    if outcome.failure:
        return outcome.failure.kinds[0] == "NotImplementedError"
    items = outcome.value if type(outcome.value) in (tuple, list) else (outcome.value,)
    return bool(items) and all(item is None or item is ... for item in items)


def _twin(
    exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome], failed: Sequence[int]
) -> Twin | None:
    """Find the twin that the answer equals on every case, or whose sign it bears where it failed.

    Equals on every case, and not only where the twin is wrong: an answer with faults of its own
    would otherwise be told of a mistake that it does not make.
    """
    known = [(cases[place], outcomes[place]) for place in failed]
    for twin in exercise.twins:
        if twin.sign is None:
            found = _equals(exercise, twin.answer, cases, outcomes)
        else:
            found = all(_bears(twin.sign, exercise, *pair) for pair in known)
        if found:
            return twin
    return None


def _bears(sign: Sign, exercise: Exercise, case: Case, outcome: Outcome) -> bool:
    """Tell whether a value shows the sign of a mistake; only one of the right kind is asked."""
    wanted = expected(exercise, case)
    if outcome.failure or _difference(exercise, outcome.value, wanted, np.inf):
        return False
    with np.errstate(all="ignore"):
        return bool(sign(outcome.value, *case.arguments))


def _equals(
    exercise: Exercise, answer: Function, cases: Sequence[Case], outcomes: Sequence[Outcome]
) -> bool:
    function = exercise.applied(answer)
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
    return not _difference(exercise, one.value, other.value, exercise.tolerance)
