"""Grade one submission: its code answers in a sandbox, and is judged here.

The answer to a task is put to use on every case, public and hidden, as `check` does with the
public ones; what differs is that it is held by a handle. Nothing that a student's process says
is a verdict.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnbook.errors import ArgumentError
from nnbook.exercises import running
from nnbook.exercises.compare import shorten
from nnbook.exercises.exercise import Case, Exercise
from nnbook.exercises.explaining import explanation, first_step, kind_of_answer
from nnbook.exercises.grading.remote import Connection, LostError, StrayError, is_callable
from nnbook.exercises.grading.submissions import Notebook
from nnbook.exercises.judging import judge
from nnbook.exercises.running import Failure, Outcome
from nnbook.exercises.timing import EndlessCall


@dataclass(frozen=True)
class Limits:
    """How long a submission may take.

    Attributes
    ----------
    request, cell, question, submission : float
        One call of an answer, one cell, all cases of one question, and everything together, in
        seconds of the clock.
    judging : float
        What definitions make of the answers, in seconds of the processor.
    """

    request: float = running.SECONDS
    cell: float = 20.0
    question: float = 40.0
    submission: float = 400.0
    judging: float = 120.0


@dataclass(frozen=True)
class TaskResult:
    """What came of one task.

    Attributes
    ----------
    name : str
        The task.
    chapter, points, possible : int
        Where it belongs, what the answer gets, and what a right one gets.
    status : {"right", "wrong", "not attempted"}
        The verdict, on public and hidden cases.
    mistake : str
        The known mistake that the answer makes, as teachers call it.
    headline : str
        The verdict in one sentence.
    lines : tuple of (str, str)
        Labels and what they label, for the student.
    """

    name: str
    chapter: int
    points: int
    possible: int
    status: str
    mistake: str = ""
    headline: str = ""
    lines: tuple[tuple[str, str], ...] = ()


def grade(
    notebook: Notebook,
    known: Mapping[str, Exercise],
    sandbox: Any,
    seed: int,
    limits: Limits = Limits(),
) -> list[TaskResult]:
    """Return what every task of a notebook is worth.

    Parameters
    ----------
    notebook : Notebook
        The student's cells.
    known : mapping of str to Exercise
        The definitions of the tasks.
    sandbox : Sandbox
        Where the code runs.
    seed : int
        What the hidden cases are drawn from.
    limits : Limits
        How long it may take.

    Raises
    ------
    SandboxError
        When the code cannot be shut in; then it has not been run.
    ArgumentError
        When a reference fails: then the definition is wrong, and no answer.
    """
    session = _Session(notebook.cells, sandbox, limits)
    try:
        return [_result(session, notebook, known[name], seed) for name in notebook.tasks]
    finally:
        session.end()


def hidden_cases(task: Exercise, seed: int) -> list[Case]:
    """Return a task's hidden cases: the same for all students of a run."""
    digest = hashlib.sha256(f"{seed} {task.name}".encode()).digest()
    return list(task.hidden(np.random.default_rng(int.from_bytes(digest[:8], "big"))))


def _result(session: "_Session", notebook: Notebook, task: Exercise, seed: int) -> TaskResult:
    found = session.answer(task.name)
    if isinstance(found, Failure):
        return _wrong(task, [("raised", found.message), ("next", _MEND)])
    if not found:
        return _undefined(session, notebook, task)
    if not is_callable(*found):
        words = f"this is {shorten(*found)}, not a {kind_of_answer(task)}"
        return _not_attempted(task, f"Nothing to grade: {words}")
    cases = [*task.cases, *hidden_cases(task, seed)]
    outcomes = session.outcomes(task.applied(*found), cases)
    return _judged(task, cases[: len(outcomes)], outcomes)


def _judged(task: Exercise, cases: list[Case], outcomes: list[Outcome]) -> TaskResult:
    try:
        with running.quietly():
            verdict = judge(task, cases, outcomes)
    except ArgumentError:  # the reference itself fails, which is nobody's wrong answer
        raise
    except _OF_A_STRANGER as error:  # a definition may not expect what is handed in
        return _wrong(task, [("raised", f"{type(error).__name__} while this was judged")])
    if verdict.status == "not attempted":
        return _not_attempted(task, f"Not attempted: {task.name} ({task.worth})")
    if verdict.status == "right":
        line = ("run here", f"{len(cases)} cases, each as expected")
        return _of(task, "right", f"Right: {task.name} ({task.worth})", [line])
    lines = explanation(task, cases[verdict.place], verdict, outcomes[verdict.place])
    return _wrong(task, lines, verdict.twin.name if verdict.twin else "")


def _undefined(session: "_Session", notebook: Notebook, task: Exercise) -> TaskResult:
    """Say why there is no answer: its cell is missing, fails, or holds something else."""
    place = notebook.homes.get(task.name)
    if place is None:
        remedy = "Its cell is missing."
    elif place in session.failures:
        raised = session.failures[place].message
        return _wrong(task, [("raised", raised), ("next", f"Its cell ends before {task.name}.")])
    else:
        remedy = f"Nothing in the notebook is called {task.name}."
    headline = f"Not attempted: {task.name} ({task.worth})"
    return _of(task, "not attempted", headline, [("next", remedy)])


_OF_A_STRANGER = (Exception, EndlessCall, LostError, StrayError)
_MEND = "Restart the kernel, run all cells, and see which of them does not end."


def _not_attempted(task: Exercise, headline: str) -> TaskResult:
    return _of(task, "not attempted", headline, [("next", first_step(task))])


def _wrong(task: Exercise, lines: list[tuple[str, str]], mistake: str = "") -> TaskResult:
    return _of(task, "wrong", f"Not right: {task.name} ({task.worth})", lines, mistake)


def _of(
    task: Exercise,
    status: str,
    headline: str,
    lines: list[tuple[str, str]],
    mistake: str = "",
) -> TaskResult:
    points = task.points if status == "right" else 0
    return TaskResult(
        task.name, task.chapter, points, task.points, status, mistake, headline, tuple(lines)
    )


@dataclass
class _Session:
    """A student's cells in a child: started when it is needed, and again when it has died.

    Attributes
    ----------
    failures : dict
        Cell → how it ended, when it did not end well.
    """

    cells: tuple[str, ...]
    sandbox: Any
    limits: Limits
    failures: dict[int, Failure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._child: Any = None
        self._connection: Any = None
        self._left_out: set[int] = set()
        self._end_of_all = time.monotonic() + self.limits.submission

    def answer(self, name: str) -> Any:
        """Begin a question: return what the student has defined under a name.

        It comes in a tuple, which is empty when there is nothing. A `Failure` says that the
        notebook does not come so far.
        """
        try:
            self._revive()
            end = self._end_in(self.limits.question)
            self._connection.limit(self.limits.request, end)
            with running.quietly():
                self._connection.forget()
                return self._connection.definition(name)
        except (EndlessCall, LostError) as error:
            return getattr(error, "failure", _TOO_LONG)

    def outcomes(self, function: Callable[..., Any], cases: list[Case]) -> list[Outcome]:
        """Run the cases of a question, up to one that ends the student's process."""
        outcomes: list[Outcome] = []
        for case in cases:
            outcomes.append(running.run(function, case, self.limits.question))
            failure = outcomes[-1].failure
            if failure and failure.kinds[0] in _DEADLY:
                self._connection.alive = False
                break
        return outcomes

    def end(self) -> None:
        """End the child, if there is one."""
        if self._child:
            self._child.end()
            self._child = None

    def _revive(self) -> None:
        """Start a child and run the cells, all but those that were the end of one before."""
        while self._child is None or not self._connection.alive:
            self.end()
            if time.monotonic() > self._end_of_all:
                raise EndlessCall
            self._child = self.sandbox.open()
            self._connection = Connection(self._child.wire)
            self._run_cells()

    def _run_cells(self) -> None:
        for place, source in enumerate(self.cells):
            if place not in self._left_out:
                self._run_cell(place, source)
            if not self._connection.alive:
                self._left_out.add(place)
                return

    def _run_cell(self, place: int, source: str) -> None:
        self._connection.limit(self.limits.cell, self._end_of_all)
        try:
            with running.quietly():
                self._connection.ask("cell", source, place + 1)
        except _OF_A_STRANGER as error:
            self.failures[place] = getattr(error, "failure", _CELL_TOO_LONG)

    def _end_in(self, seconds: float) -> float:
        return min(time.monotonic() + seconds, self._end_of_all)


_DEADLY = ("DeadKernel", EndlessCall.__name__)
_CELL_TOO_LONG = Failure(_DEADLY[1:], "EndlessCall: stopped, as the cell did not end")
_TOO_LONG = Failure(_DEADLY[1:], "EndlessCall: stopped, as the whole notebook takes too long")
