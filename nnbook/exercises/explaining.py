"""Explain a verdict: what was run, what came of it, what was wanted, and which mistake it is."""

import inspect
from typing import Any

import numpy as np

from nnbook.exercises.compare import is_single, shorten
from nnbook.exercises.exercise import Case, Exercise, body
from nnbook.exercises.judging import Verdict, expected
from nnbook.exercises.running import Outcome

Lines = list[tuple[str, str]]


def explanation(exercise: Exercise, case: Case, verdict: Verdict, outcome: Outcome) -> Lines:
    """Return what a wrong answer did on a case, as labels and what they label."""
    right = "for example" if exercise.holds else "expected"
    return [
        *_what_was_run(exercise, case),
        *_what_came(exercise, verdict, outcome),
        (right, _shown(expected(exercise, case))),
        *_diagnosis(exercise, case, verdict, outcome),
    ]


def first_step(exercise: Exercise) -> str:
    """Say what to do with a task that has not been attempted."""
    if exercise.use:
        return "Put your code where it says `raise NotImplementedError`, in place of that line."
    if exercise.starter:
        return "This is what you were given: find its faults and mend them."
    return (
        "The function returns None or ... so far: put your code in place of the three dots.\n"
        "If you have done that, it still needs a return."
    )


def kind_of_answer(exercise: Exercise) -> str:
    """Say what the reader writes: a class or a function."""
    return "class" if inspect.isclass(exercise.reference) else "function"


_NOTHING_RETURNED = (
    "Your function returns nothing: what it prints or changes does not reach who calls it."
)
_ABOUT_VALUES = frozenset({"ArithmeticError", "LookupError", "ValueError"})


def _what_was_run(exercise: Exercise, case: Case) -> Lines:
    values = list(map(shorten, case.arguments))
    if not exercise.use:
        return [("called", f"{exercise.name}({', '.join(values)})")]
    named = zip(exercise.argument_names(), values, strict=True)
    return [
        ("with", "\n".join(f"{name} = {value}" for name, value in named)),
        ("run", body(exercise.use)),
    ]


def _what_came(exercise: Exercise, verdict: Verdict, outcome: Outcome) -> Lines:
    printed = [("printed", outcome.printed.strip())] if outcome.printed.strip() else []
    if not outcome.failure:
        kind = "gave" if exercise.use else "returned"
        return [*printed, (kind, _shown(outcome.value)), ("difference", verdict.fault)]
    where = f"line {outcome.failure.line_number} of the cell: {outcome.failure.line}"
    line = [("your line", where)] if outcome.failure.line else []
    return [*printed, ("raised", verdict.fault), *line]


def _shown(value: Any) -> str:
    words = shorten(value)
    has_shape = type(value) is np.ndarray and value.ndim and words.startswith("np.")
    return f"{words}  # shape {value.shape}" if has_shape else words


def _diagnosis(exercise: Exercise, case: Case, verdict: Verdict, outcome: Outcome) -> Lines:
    if verdict.twin:
        return [("mistake", verdict.twin.message)]
    if outcome.value is None and not (outcome.failure or exercise.use):
        return [("mistake", _NOTHING_RETURNED)]
    if exercise.one_for_all and is_single(outcome.value):
        return [("mistake", exercise.one_for_all)]
    if verdict.has_right_kind or _is_about_values(outcome):
        return [("look at", case.about)]
    return []


def _is_about_values(outcome: Outcome) -> bool:
    """Tell whether an exception may come from what is special in a case."""
    return outcome.failure is not None and not _ABOUT_VALUES.isdisjoint(outcome.failure.kinds)
