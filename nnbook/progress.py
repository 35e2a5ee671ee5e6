"""What the reader has done, kept in one local JSON file that nobody else sees.

The file holds three tables, one entry a name: ``tasks`` of the exercise notebooks, ``questions``
of the self-checks and ``predictions`` made before a live figure. It can be copied, edited and
deleted. Nothing here may ever break a notebook: where the disk refuses, one sentence of warning
is given and the work goes on.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from nnbook import folders
from nnbook.errors import ArgumentError, UnknownNameError

KINDS = ("tasks", "questions", "predictions")

Progress = dict[str, dict[str, dict[str, Any]]]


def path() -> Path:
    """Return where the progress file is, whether or not it exists yet.

    The folder is the environment variable ``NNBOOK_HOME``, or else the platform's own folder for
    the data of programs.
    """
    return folders.data() / "progress.json"


def read() -> Progress:
    """Return everything that is recorded: kind → name → fields.

    Every kind is present, and a field that the book reads has the type that it should have, or is
    left out. A file that cannot be understood is renamed, never deleted, and the record starts
    again empty, with a warning that says where the old one is.
    """
    try:
        return _load(path())
    except OSError as error:
        _warn(f"Your progress could not be read ({_reason(error)}); the book works without it.")
        return _empty()


def record(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    """Merge fields into the entry of one task, question or prediction, and return the entry.

    Parameters
    ----------
    kind : {"tasks", "questions", "predictions"}
        The table.
    name : str
        The entry, made when it is new.
    **fields
        What to remember, as JSON values. Of tasks, `summary` reads ``chapter``
        (int), ``passed`` and ``points``; of questions, ``chapter`` and ``right``.

    Raises
    ------
    UnknownNameError
        For another kind.
    """
    if kind not in KINDS:
        raise UnknownNameError.among("progress.record", kind, KINDS)
    try:
        return _merge(path(), kind, name, fields)
    except OSError as error:
        _warn(f"Your progress was not saved ({_reason(error)}); the book works without it.")
        return fields


def export(file: Path) -> None:
    """Write everything that is recorded to a new file, as JSON.

    Raises
    ------
    ArgumentError
        When the file exists already, or cannot be written.
    """
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(as_json())
    except OSError as error:
        raise ArgumentError(
            "progress.export",
            got=f"{file} ({_reason(error)})",
            wanted="the name of a new file in a folder that exists",
            remedy="choose another name",
        ) from None


def as_json() -> str:
    """Return everything that is recorded as the text of a JSON file."""
    return _as_text(read())


def files() -> list[Path]:
    """Return the files that there are: the record, and what was set aside as damaged."""
    aside = sorted(path().parent.glob("progress.damaged-*.json"))
    return [file for file in (path(), *aside) if file.is_file()]


def clear() -> None:
    """Forget everything that is recorded, also what was set aside."""
    try:
        for file in files():
            file.unlink(missing_ok=True)
    except OSError as error:
        _warn(f"Your progress was not deleted ({_reason(error)}).")


def summary() -> "Summary":
    """Count, chapter by chapter, what has been tried and what has been passed."""
    recorded = read()
    entries = [entry for kind in ("tasks", "questions") for entry in recorded[kind].values()]
    chapters = sorted({entry.get("chapter", 0) for entry in entries})
    return Summary(tuple(_count(recorded, chapter) for chapter in chapters))


@dataclass(frozen=True)
class ChapterProgress:
    """One row of the `Summary`: counts for one chapter."""

    chapter: int
    tasks_passed: int
    tasks_tried: int
    points: int
    questions_right: int
    questions_answered: int


@dataclass(frozen=True, repr=False)
class Summary:
    """Progress by chapter; a notebook shows it as a table."""

    rows: tuple[ChapterProgress, ...]

    def __repr__(self) -> str:
        """Return the table as aligned text."""
        if not self.rows:
            return "Nothing is recorded yet."
        table = [_HEADINGS, *map(_cells, self.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        )

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{self!r}</p>"
        head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
        body = "".join(f"<tr>{_html_row(row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


APPENDIX = 11  # it has questions, and its record stands below that of the ten chapters
_HEADINGS = ("chapter", "tasks passed", "points", "questions right")


def _cells(row: ChapterProgress) -> tuple[str, ...]:
    chapter, passed, tried, points, right, answered = astuple(row)
    name = "appendix" if chapter == APPENDIX else f"{chapter:02d}"
    return name, f"{passed} of {tried}", str(points), f"{right} of {answered}"


def _html_row(row: ChapterProgress) -> str:
    first, *others = _cells(row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def _count(recorded: Progress, chapter: int) -> ChapterProgress:
    tasks, questions = (
        [entry for entry in recorded[kind].values() if entry.get("chapter", 0) == chapter]
        for kind in ("tasks", "questions")
    )
    passed = [task for task in tasks if task.get("passed")]
    return ChapterProgress(
        chapter=chapter,
        tasks_passed=len(passed),
        tasks_tried=sum("tries" in task for task in tasks),
        points=sum(task.get("points", 0) for task in passed),
        questions_right=sum(bool(question.get("right")) for question in questions),
        questions_answered=len(questions),
    )


def _merge(file: Path, kind: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(file):
        recorded = _load(file)
        entry = {**recorded[kind].get(name, {}), **fields}
        recorded[kind][name] = entry
        _write(file, recorded)
    return entry


def _load(file: Path) -> Progress:
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return _empty()
    try:
        return _understood(json.loads(text))
    except (ValueError, RecursionError):
        _set_aside(file)
        return _empty()


def _empty() -> Progress:
    return {kind: {} for kind in KINDS}


def _understood(recorded: Any) -> Progress:
    """Return the tables with every kind present; ValueError when they are not tables."""
    if not isinstance(recorded, dict) or not _is_shallow(recorded, _DEEPEST):
        raise ValueError("not a table")
    tables = {kind: recorded.get(kind, {}) for kind in KINDS}
    if not all(isinstance(table, dict) for table in tables.values()):
        raise ValueError("not a table of tables")
    if not all(isinstance(entry, dict) for table in tables.values() for entry in table.values()):
        raise ValueError("an entry is not a table")
    fit = {
        kind: {name: _fit_fields(entry) for name, entry in table.items()}
        for kind, table in tables.items()
    }
    return recorded | fit


_DEEPEST = 20  # tables in tables: Python refuses to write what is as deep as it can still read
_LARGEST = 10**6
_FIELDS: dict[str, type[int]] = {
    **dict.fromkeys(("chapter", "points", "tries", "hints"), int),
    **dict.fromkeys(("passed", "gave_up", "right"), bool),
}


def _is_shallow(value: Any, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return True
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inside)


def _fit_fields(entry: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the book would read and could not: the file may have been edited by hand."""
    return {name: value for name, value in entry.items() if _is_fit(value, _FIELDS.get(name))}


def _is_fit(value: Any, wanted: type[int] | None) -> bool:
    return wanted is None or (type(value) is wanted and 0 <= value <= _LARGEST)


def _set_aside(file: Path) -> None:
    names = (file.with_name(f"progress.damaged-{number}.json") for number in count(1))
    aside = next(name for name in names if not name.exists())
    file.replace(aside)
    _warn(f"Your progress file could not be understood; it is kept as {aside}.")


def _as_text(recorded: Progress) -> str:
    return json.dumps(recorded, indent=1, sort_keys=True)


def _write(file: Path, recorded: Progress) -> None:
    """Write beside the file and rename, so that a reader never meets half a file."""
    draft = file.with_suffix(".draft")
    draft.write_text(_as_text(recorded), encoding="utf-8")
    _patiently(lambda: draft.replace(file))


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Keep other notebooks out of one read, change and write.

    The operating system owns the lock and frees it when the process ends, however it ends: the
    lock file that stays behind means nothing.
    """
    with file.with_suffix(".lock").open("a") as handle:
        _patiently(lambda: _lock(handle.fileno()))
        try:
            yield
        finally:
            _unlock(handle.fileno())


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _patiently(action: Callable[[], object], seconds: float = 2.0) -> None:
    """Repeat an action while another process is in its way."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            action()
            return
        except (BlockingIOError, PermissionError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _warn(sentence: str) -> None:
    warnings.warn(sentence, stacklevel=3)
