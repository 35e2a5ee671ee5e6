"""The pages of a graded class: one for each submission, and one that shows what went wrong where.

They need no network, follow the light or dark of the browser, and show everything that a student
wrote as text and nothing else.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nnbook.exercises.grading.results import Record, notes

_MOST_MISTAKES = 20


@dataclass(frozen=True)
class TaskRow:
    """How a class did on one task."""

    name: str
    right: int
    wrong: int
    not_attempted: int

    @property
    def all(self) -> int:
        """How many were asked."""
        return self.right + self.wrong + self.not_attempted


@dataclass(frozen=True)
class MistakeRow:
    """How often a known mistake was made."""

    task: str
    mistake: str
    times: int


def submission_page(record: Record) -> str:
    """Return the page of one submission."""
    return str(_template("submission.html").render(record=record))


def class_page(records: Sequence[Record], names: Sequence[str]) -> str:
    """Return the page of the class.

    Parameters
    ----------
    records : sequence of dict
        One a submission.
    names : sequence of str
        What their pages are called.
    """
    rows = list(zip(records, names, notes(records), strict=True))
    graded = [record for record in records if not record["problem"]]
    summary = {"tasks": task_rows(graded), "mistakes": mistake_rows(graded)}
    return str(_template("class.html").render(rows=rows, graded=graded, **summary))


def task_rows(records: Sequence[Record]) -> list[TaskRow]:
    """Count, task by task, who was right."""
    counts = Counter((task["name"], task["status"]) for task in _tasks(records))
    names = dict.fromkeys(task["name"] for task in _tasks(records))
    statuses = ("right", "wrong", "not attempted")
    return [TaskRow(name, *(counts[name, status] for status in statuses)) for name in names]


def mistake_rows(records: Sequence[Record]) -> list[MistakeRow]:
    """Count the known mistakes, the most frequent first."""
    counts = Counter((task["name"], task["mistake"]) for task in _tasks(records))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [MistakeRow(*made, times) for made, times in ordered if made[1]][:_MOST_MISTAKES]


def _tasks(records: Sequence[Record]) -> list[dict[str, Any]]:
    return [task for record in records for task in record["tasks"]]


@cache
def _template(name: str) -> Any:
    import jinja2

    folder = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(
        loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)
