"""Check a whole exercise notebook: what `check` says of each task, and the points.

The notebook is run in a kernel of its own, from its first cell to its last, and a cell that fails
stops no other. Neither the notebook's file nor the reader's progress is changed. The code runs as
it would in Jupyter: this is for one's own work, not for a stranger's.
"""

from collections.abc import Mapping, Sequence
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
    """Run a notebook in a fresh kernel and check every task that it holds.

    Parameters
    ----------
    path : Path
        A notebook of exercises; the answers are known by nbgrader's metadata.
    seconds_a_cell : int
        After this time a cell is interrupted; the others are still run.

    Raises
    ------
    UnknownNameError
        When no cell is the answer to a task.
    NotebookError
        When the file is no notebook, or its kernel ends before the last cell has run.
    """
    from nbformat.v4 import new_code_cell

    notebook = notebooks.read(path)
    answers = _answers_in(notebook, path)
    _leave_out_checks(notebook)
    question = new_code_cell(_QUESTION.format(names=list(answers)))
    notebook.cells.append(question)
    notebooks.run_through(notebook, path, seconds_a_cell=seconds_a_cell)
    told = _told_by(question, path)
    return NotebookMarks(
        path.name,
        tuple(_mark(name, told.get(name) or _undefined(name, answers[name])) for name in answers),
    )


def tell(names: Sequence[str], namespace: Mapping[str, Any]) -> None:
    """Check what a notebook has defined and show it as data; for the kernel that ran it."""
    from IPython.display import publish_display_data

    told = {name: asdict(check(name, namespace[name])) for name in names if name in namespace}
    publish_display_data({_REPORT: told})


_REPORT = "application/vnd.nnbook.feedback+json"
# It needs no name that the notebook might have given to something else.
_QUESTION = "__import__('nnbook.marks').marks.tell({names}, globals())"


def _answers_in(notebook: Any, path: Path) -> dict[str, Any]:
    """Return task → the cell with its answer, in the order of the notebook."""
    known = load(checks_folder())
    answers = {name: cell for cell in notebook.cells if (name := _grade_id(cell)) in known}
    if not answers:
        raise UnknownNameError(
            "check",
            got=f"{path}, in which no cell is the answer to a task",
            wanted="a notebook of exercises",
            remedy="name one from the folder exercises, such as exercises/01_perceptron.ipynb",
        )
    return answers


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _leave_out_checks(notebook: Any) -> None:
    """Empty the cells that only check: every task is checked once, when all cells have run."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = ""


def _told_by(question: Any, path: Path) -> dict[str, Feedback]:
    outputs = [output.data for output in question.outputs if "data" in output]
    told = next((data[_REPORT] for data in outputs if _REPORT in data), None)
    if told is None:
        raise notebooks.NotebookError(
            "check",
            got=f"no answer from the kernel of {path}",
            wanted="feedback on every task",
            remedy="open it in Jupyter, run all cells, and look which one does not end",
        )
    return {name: _feedback(**fields) for name, fields in told.items()}


def _feedback(status: Status, headline: str, lines: list[list[str]]) -> Feedback:
    return Feedback(status, headline, tuple((label, text) for label, text in lines))


def _undefined(name: str, cell: Any) -> Feedback:
    """Say why a task is not even defined: its cell fails, or holds something else."""
    failed = next((out for out in cell.outputs if out.output_type == "error"), None)
    if failed is None:
        lines = (("next", f"Define {name} in its cell: nothing of this name is there."),)
        return Feedback("not attempted", f"Not attempted yet: {name}", lines)
    raised = f"{failed.ename}: {failed.evalue}" if failed.evalue else failed.ename
    how = "takes too long" if failed.ename == "KeyboardInterrupt" else "ends"
    remedy = f"Mend this cell: it {how} before {name} is defined."
    return Feedback("wrong", f"Not right yet: {name}", (("raised", raised), ("next", remedy)))


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
