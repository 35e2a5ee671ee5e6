"""Check a whole exercise notebook: what `check` says of each task, and the points.

The notebook is run in a kernel of its own, from its first cell to its last, and a cell that fails
stops no other. Then each task is asked for in a cell of its own. Neither the notebook's file nor
the reader's progress is changed. The code runs as it would in Jupyter: this is for one's own work,
not for a stranger's.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nnbook import notebooks
from nnbook.errors import UnknownNameError
from nnbook.exercises import check, find, load
from nnbook.exercises.exercise import checks_folder
from nnbook.exercises.feedback import Feedback, Status


@dataclass(frozen=True)
class TaskMark:
    """One task of a notebook: what it is worth, and what `check` said.

    Attributes
    ----------
    task : str
        Its name.
    points, possible : int
        What the answer gets, and what a right one gets.
    feedback : Feedback
        In the words that the notebook shows.
    """

    task: str
    points: int
    possible: int
    feedback: Feedback


@dataclass(frozen=True, repr=False)
class NotebookMarks:
    """All tasks of a notebook; its text is the feedback, and the points in a last line."""

    notebook: str
    tasks: tuple[TaskMark, ...]

    @property
    def points(self) -> int:
        """What all answers together get."""
        return sum(mark.points for mark in self.tasks)

    @property
    def possible(self) -> int:
        """What the notebook is worth."""
        return sum(mark.possible for mark in self.tasks)

    def __repr__(self) -> str:
        """Return the feedback on every task, and the points."""
        told = [repr(mark.feedback) for mark in self.tasks]
        return "\n\n".join([*told, f"{self.points} of {self.possible} points"])

    def as_dict(self) -> dict[str, Any]:
        """Return the marks as plain data, ready for JSON."""
        return {
            "notebook": self.notebook,
            "points": self.points,
            "possible": self.possible,
            "tasks": list(map(_task_as_dict, self.tasks)),
        }


def mark_notebook(path: Path, *, seconds_a_cell: int = 60) -> NotebookMarks:
    """Run a notebook in a fresh kernel and check every task of its chapter.

    A cell that ends the kernel, or that cannot be interrupted, is left out and the others are run
    again: it costs its own task and no other.

    Parameters
    ----------
    path : Path
        A notebook of exercises; its chapter is known by nbgrader's metadata.
    seconds_a_cell : int
        After this time a cell is interrupted; the others are still run.

    Raises
    ------
    UnknownNameError
        When no cell belongs to a task.
    NotebookError
        When the file is no notebook, or no kernel can be started.
    """
    from nbformat.v4 import new_code_cell

    notebook = notebooks.read(path)
    names, answers = _tasks_of(notebook, path), _answers_in(notebook)
    _leave_out_checks(notebook)
    questions = {name: new_code_cell(_QUESTION.format(name=name)) for name in names}
    notebook.cells.extend(questions.values())
    while fatal := notebooks.run_through(notebook, path, seconds_a_cell=seconds_a_cell):
        fatal.source = ""
    told = {name: _told_by(questions[name], name) or _undefined(name, answers) for name in names}
    return NotebookMarks(path.name, tuple(_mark(name, told[name]) for name in names))


def tell(name: str, namespace: Mapping[str, Any]) -> None:
    """Check what a notebook has defined and show it as data; for the kernel that ran it."""
    from IPython.display import publish_display_data

    if name in namespace:
        publish_display_data({_REPORT: asdict(check(name, namespace[name]))})


_REPORT = "application/vnd.nnbook.feedback+json"
# It needs no name that the notebook might have given to something else.
_QUESTION = "__import__('nnbook.marks').marks.tell({name!r}, globals())"


def _tasks_of(notebook: Any, path: Path) -> list[str]:
    """Return all tasks of the chapters that a notebook belongs to.

    Also those whose cells are missing: to delete a cell does not make a notebook worth less.
    """
    known = load(checks_folder())
    here = {_grade_id(cell).removeprefix("check_") for cell in notebook.cells}
    chapters = {task.chapter for name, task in known.items() if name in here}
    if not chapters:
        raise UnknownNameError(
            "check",
            got=f"{path}, in which no cell is the answer to a task",
            wanted="a notebook of exercises",
            remedy="name one from the folder exercises, such as exercises/01_perceptron.ipynb",
        )
    return [name for name, task in known.items() if task.chapter in chapters]


def _answers_in(notebook: Any) -> dict[str, Any]:
    """Return task → the cell that is there for its answer."""
    return {_grade_id(cell): cell for cell in notebook.cells}


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _leave_out_checks(notebook: Any) -> None:
    """Empty the cells that only check: every task is checked once, when all cells have run."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = ""


def _told_by(question: Any, name: str) -> Feedback | None:
    """Return what came of a check; None when there was nothing of that name to check."""
    reports = [out.data[_REPORT] for out in question.outputs if _REPORT in out.get("data", {})]
    if reports:
        return _feedback(**reports[0])
    if raised := _raised_in(question):
        remedy = f"Call {name} in a cell of its own and see what it does."
        return Feedback("wrong", f"Not right yet: {name}", (("raised", raised), ("next", remedy)))
    return None


def _feedback(status: Status, headline: str, lines: list[list[str]]) -> Feedback:
    return Feedback(status, headline, tuple((label, text) for label, text in lines))


def _undefined(name: str, answers: Mapping[str, Any]) -> Feedback:
    """Say why a task is not even defined: its cell is missing, fails, or holds something else."""
    if name not in answers:
        remedy = "Its cell is missing: copy it from a fresh copy of the notebook."
    elif raised := _raised_in(answers[name]):
        how = "takes too long" if raised == "KeyboardInterrupt" else "ends"
        remedy = f"Mend this cell: it {how} before {name} is defined."
        return Feedback("wrong", f"Not right yet: {name}", (("raised", raised), ("next", remedy)))
    else:
        remedy = f"Define {name} in its cell: nothing of this name is there."
    return Feedback("not attempted", f"Not attempted yet: {name}", (("next", remedy),))


def _raised_in(cell: Any) -> str:
    """Return the error that a cell ended in; empty when it ended in none."""
    failed = next((out for out in cell.get("outputs", ()) if out.output_type == "error"), None)
    if failed is None:
        return ""
    return f"{failed.ename}: {failed.evalue}" if failed.evalue else str(failed.ename)


def _mark(name: str, feedback: Feedback) -> TaskMark:
    possible = find(name).points
    return TaskMark(name, possible if feedback.status == "right" else 0, possible, feedback)


def _task_as_dict(mark: TaskMark) -> dict[str, Any]:
    return {
        "name": mark.task,
        "points": mark.points,
        "possible": mark.possible,
        **asdict(mark.feedback),
    }
