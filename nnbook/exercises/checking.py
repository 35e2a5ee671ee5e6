"""Feedback while working: `check`, `hint` and `solution`."""

import inspect
import operator
import os
import textwrap
from collections.abc import Callable
from typing import Any

from nnbook import progress
from nnbook.errors import ArgumentError, KindError
from nnbook.exercises.compare import describe, shorten
from nnbook.exercises.exercise import Exercise, find
from nnbook.exercises.explaining import explanation, first_step, kind_of_answer
from nnbook.exercises.feedback import Feedback
from nnbook.exercises.judging import Verdict, judge
from nnbook.exercises.running import Outcome, run_all


def check(task: str, answer: Callable[..., Any]) -> Feedback:
    """Run a task's public cases on your answer and say in words what came of it.

    Parameters
    ----------
    task : str
        The name of the task.
    answer : callable
        Your function or class itself: ``check("neuron", neuron)``.

    Returns
    -------
    Feedback
        Right, wrong or not attempted. Right means right on the cases that were run here; it says
        how many more only a grader runs.

    Raises
    ------
    UnknownNameError
        When there is no such task.
    AssertionError
        Instead of feedback that is not "right", when nbgrader runs the notebook. Nothing is
        recorded then: the record is the reader's own, and a warning that the disk refused it
        would cost a right answer its points.
    """
    exercise = find(task)
    feedback = _examine(exercise, answer) if callable(answer) else _not_called(exercise, answer)
    if feedback.status != "right" and _nbgrader_runs():
        raise AssertionError(repr(feedback))
    return feedback


def hint(task: str, level: int | None = None) -> Feedback:
    """Show the next hint of a task: first a nudge, then the formula, then a skeleton.

    Parameters
    ----------
    task : str
        The name of the task.
    level : {1, 2, 3}, optional
        Which hint; without it, the one after the last that was shown.

    Raises
    ------
    UnknownNameError
        When there is no such task.
    ArgumentError
        For another level.
    KindError
        For a level that is no whole number.
    """
    exercise = find(task, "hint")
    last = len(exercise.hints)
    shown = _so_far(task).get("hints", 0)
    level = min(shown + 1, last) if level is None else _whole(level)
    if level not in range(1, last + 1):
        raise ArgumentError(
            "hint", got=f"level {level}", wanted=f"1 to {last}", remedy=f'try hint("{task}")'
        )
    _remember(exercise, hints=level)
    text = textwrap.dedent(exercise.hints[level - 1]).strip()
    lines = ((_HINT_LABELS[level - 1], text), ("next", _next(task, level)))
    return Feedback("hint", f"Hint {level} of {last} for {task}", lines)


def _whole(level: object) -> int:
    try:
        return operator.index(level)  # type: ignore[arg-type]
    except TypeError:
        raise KindError(
            "hint", got=describe(level), wanted="a level, 1 to 3", remedy="write it as 1, not 1.0"
        ) from None


def solution(task: str, *, give_up: bool = False) -> Feedback:
    """Show a solution, once you have passed the task or given it up.

    Parameters
    ----------
    task : str
        The name of the task.
    give_up : bool
        Whether you want to see it although you have not passed.

    Raises
    ------
    UnknownNameError
        When there is no such task.
    """
    exercise = find(task, "solution")
    passed = _so_far(task).get("passed", False)
    if not (give_up or passed):
        return _not_yet(task)
    if not passed:
        _remember(exercise, gave_up=True)
    source = textwrap.dedent(inspect.getsource(exercise.reference)).strip()
    return Feedback("solution", f"A solution of {task}", (("code", source),))


_HINT_LABELS = ("nudge", "formula", "skeleton")
_TRIES_BEFORE_A_HINT = 2


def _examine(exercise: Exercise, answer: Callable[..., Any]) -> Feedback:
    outcomes = run_all(exercise.applied(answer), exercise.cases)
    verdict = judge(exercise, exercise.cases[: len(outcomes)], outcomes)
    if verdict.status == "not attempted":
        return _not_attempted(exercise)
    _count_try(exercise, passed=verdict.status == "right")
    if verdict.status == "right":
        return _right(exercise)
    return _wrong(exercise, verdict, outcomes[verdict.place])


def _not_called(exercise: Exercise, answer: object) -> Feedback:
    name, kind = exercise.name, kind_of_answer(exercise)
    remedy = f'Give the {kind} itself, without brackets behind its name: check("{name}", {name})'
    headline = f"Nothing to check: this is {shorten(answer)}, not a {kind}"
    return Feedback("not attempted", headline, (("next", remedy),))


def _not_attempted(exercise: Exercise) -> Feedback:
    headline = f"Not attempted yet: {exercise.name} ({exercise.worth})"
    return Feedback("not attempted", headline, (("next", first_step(exercise)),))


def _right(exercise: Exercise) -> Feedback:
    headline = f"Right: {exercise.name} ({exercise.worth})"
    here = f"{len(exercise.cases)} cases, each as expected"
    elsewhere = f"{exercise.hidden_count()} further cases, which only a grader runs"
    return Feedback("right", headline, (("run here", here), ("not run", elsewhere)))


def _wrong(exercise: Exercise, verdict: Verdict, outcome: Outcome) -> Feedback:
    lines = [*explanation(exercise, exercise.cases[verdict.place], verdict, outcome)]
    lines += _offer(exercise.name)
    return Feedback("wrong", f"Not right yet: {exercise.name}", tuple(lines))


def _offer(task: str) -> list[tuple[str, str]]:
    so_far = _so_far(task)
    tired = so_far.get("tries", 0) >= _TRIES_BEFORE_A_HINT
    return [("next", _next(task, so_far.get("hints", 0)))] if tired else []


def _next(task: str, hints: int) -> str:
    if hints < len(_HINT_LABELS):
        return f'hint("{task}") shows hint {hints + 1} of {len(_HINT_LABELS)}'
    return f'solution("{task}") shows a solution'


def _not_yet(task: str) -> Feedback:
    lines = (
        ("to go on", f'hint("{task}") shows the next hint'),
        ("to give up", f'solution("{task}", give_up=True) shows the solution'),
    )
    return Feedback("hint", f"Do you want to give up on {task}?", lines)


def _nbgrader_runs() -> bool:
    return "NBGRADER_EXECUTION" in os.environ


def _so_far(task: str) -> dict[str, Any]:
    return {} if _nbgrader_runs() else progress.read()["tasks"].get(task, {})


def _count_try(exercise: Exercise, *, passed: bool) -> None:
    tries = _so_far(exercise.name).get("tries", 0) + (not passed)
    # What has been passed stays so, also when another notebook passes it at this moment.
    _remember(exercise, tries=tries, **({"passed": True} if passed else {}))


def _remember(exercise: Exercise, **fields: Any) -> None:
    if _nbgrader_runs():
        return
    chapter, points = exercise.chapter, exercise.points
    progress.record("tasks", exercise.name, chapter=chapter, points=points, **fields)
