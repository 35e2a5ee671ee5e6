"""Judge the outcomes of a task's cases: right, wrong, not attempted; and which known mistake.

Judging calls the reference and the twins, never the reader's code: outcomes come in as data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnbook.errors import ArgumentError
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
    has_right_kind : bool
        Whether a value came there that is wrong in nothing but its entries.
    """

    status: Literal["right", "wrong", "not attempted"]
    fault: str = ""
    place: int = 0
    twin: Twin | None = None
    has_right_kind: bool = False


@dataclass(frozen=True)
class _Trial:
    """One case, what came of it, and what comes of it with the reference."""

    case: Case
    outcome: Outcome
    wanted: Any


def judge(exercise: Exercise, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> Verdict:
    """Judge an answer by its outcomes on some cases, in the same order.

    An answer is not attempted when every case gives ``None`` or ``...`` or raises
    NotImplementedError, and nothing was printed or changed; or when it does what the starter does.
    """
    trials = [
        _Trial(case, outcome, expected(exercise, case))
        for case, outcome in zip(cases, outcomes, strict=True)
    ]
    faults = [_fault(exercise, trial) for trial in trials]
    failed = [place for place, fault in enumerate(faults) if fault]
    if not failed:
        return Verdict("right")
    smallest = min(failed, key=lambda place: cases[place].size)
    if _is_untouched(exercise, trials):
        return Verdict("not attempted", place=smallest)
    twin = _twin(exercise, trials, [trials[place] for place in failed])
    right_kind = _has_right_kind(exercise, trials[smallest])
    return Verdict("wrong", faults[smallest], smallest, twin, right_kind)


def expected(exercise: Exercise, case: Case) -> Any:
    """Return what comes of a case with the reference.

    Raises
    ------
    ArgumentError
        When the reference fails: then the definition is wrong, and not the answer.
    """
    outcome = run(exercise.applied(exercise.reference), case)
    if outcome.failure:
        raise ArgumentError(
            "check",
            got=f"{outcome.failure.message} from the reference of {exercise.name}",
            wanted="a reference that gives the expected value of every case",
            remedy="mend the definition of the task",
        )
    return outcome.value


def _fault(exercise: Exercise, trial: _Trial) -> str:
    """Return what is wrong with one outcome, in words; empty when nothing is."""
    if trial.outcome.failure:
        return trial.outcome.failure.message or "an exception without words"
    tolerance = _ANY_FINITE if exercise.holds else exercise.tolerance
    words = _difference(exercise, trial.outcome.value, trial.wanted, tolerance)
    return words or _broken(exercise, trial) or _changed_inputs(exercise, trial.outcome)


def _difference(exercise: Exercise, value: Any, wanted: Any, tolerance: float) -> str:
    return difference(value, wanted, tolerance=tolerance, parts=exercise.parts) or ""


def _broken(exercise: Exercise, trial: _Trial) -> str:
    """Return what a value of the right kind and shape fails to fulfil, where values may differ."""
    if exercise.holds is None:
        return ""
    with np.errstate(all="ignore"):
        return exercise.holds(trial.outcome.value, *trial.case.arguments)


def _changed_inputs(exercise: Exercise, outcome: Outcome) -> str:
    names = [exercise.argument_names()[place] for place in outcome.changed]
    changed = " and ".join(name for name in names if name not in exercise.may_change)
    return f"the call changed its input {changed}; inputs must stay as they are" if changed else ""


def _is_untouched(exercise: Exercise, trials: Sequence[_Trial]) -> bool:
    if all(_is_blank(trial.outcome) for trial in trials):
        return not any(_has_worked(trial.outcome) for trial in trials)
    return exercise.starter is not None and _equals(exercise, exercise.starter, trials)


def _is_blank(outcome: Outcome) -> bool:
    if outcome.failure:
        return outcome.failure.kinds[0] == "NotImplementedError"
    items = outcome.value if type(outcome.value) in (tuple, list) else (outcome.value,)
    return bool(items) and all(item is None or item is ... for item in items)


def _has_worked(outcome: Outcome) -> bool:
    """Tell whether a call that returned nothing did something all the same."""
    return outcome.failure is None and bool(outcome.printed.strip() or outcome.changed)


def _twin(exercise: Exercise, trials: Sequence[_Trial], failed: Sequence[_Trial]) -> Twin | None:
    """Find the twin that the answer equals on every case, or whose sign it bears where it failed.

    Equals on every case, and not only where the twin is wrong: an answer with faults of its own
    would otherwise be told of a mistake that it does not make.
    """
    for twin in exercise.twins:
        if twin.sign is None:
            found = _equals(exercise, twin.answer, trials)
        else:
            found = all(_bears(twin.sign, exercise, trial) for trial in failed)
        if found:
            return twin
    return None


def _bears(sign: Sign, exercise: Exercise, trial: _Trial) -> bool:
    """Tell whether a value shows the sign of a mistake; only one of the right kind is asked."""
    if not _has_right_kind(exercise, trial):
        return False
    with np.errstate(all="ignore"):
        return bool(sign(trial.outcome.value, *trial.case.arguments))


def _has_right_kind(exercise: Exercise, trial: _Trial) -> bool:
    value = trial.outcome.value
    return not (trial.outcome.failure or _difference(exercise, value, trial.wanted, np.inf))


def _equals(exercise: Exercise, answer: Function, trials: Sequence[_Trial]) -> bool:
    """Tell whether an answer gives the same on every case, and not only by failing alike."""
    function, telling = exercise.applied(answer), False
    for trial in trials:
        other = run(function, trial.case)
        if not _same(exercise, trial.outcome, other):
            return False
        telling = telling or _is_telling(trial.outcome, other)
    return telling


def _is_telling(one: Outcome, other: Outcome) -> bool:
    """Tell whether two outcomes that are the same have more in common than a kind of exception.

    Any slip may raise a ValueError; a value, the same words, or a failure in the task's own use
    of an answer do not come by chance.
    """
    if one.failure is None or other.failure is None:
        return True
    return one.failure.in_use or one.failure.message == other.failure.message


def _same(exercise: Exercise, one: Outcome, other: Outcome) -> bool:
    if one.failure and other.failure:
        same_kind = one.failure.kinds[0] == other.failure.kinds[0]
        return same_kind and one.failure.in_use is other.failure.in_use
    if one.failure or other.failure or one.changed != other.changed:
        return False
    return not _difference(exercise, one.value, other.value, exercise.tolerance)
