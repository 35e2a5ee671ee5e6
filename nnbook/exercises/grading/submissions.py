"""Find the notebooks of a class, and read what strangers have written without believing it."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from nnbook.errors import ArgumentError
from nnbook.exercises.exercise import Exercise
from nnbook.exercises.grading.messages import GarbageError, understood

LARGEST_FILE = 20 * 2**20  # bytes; pictures in the outputs may be large
_MOST_ITEMS = 2_000_000
_DEFINITION = re.compile(r"^(?:def|class) +(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Submission:
    """One file that was handed in.

    Attributes
    ----------
    student : str
        Whose it is: the name of the file in SUBMISSIONS, or of the folder there.
    notebook : str
        The name of the file, with the folders between the student's and it; empty where a folder
        has none.
    path : Path
        Where it is.
    """

    student: str
    notebook: str
    path: Path = field(compare=False)

    @property
    def name(self) -> str:
        """What its results are filed under: short, and safe for any file system."""
        whole = f"{self.student}\0{self.notebook}"
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9]+", "-", f"{self.student} {self.notebook}")[:60]
        return f"{readable.strip('-') or 'student'}-{digest[:12]}"


class UnreadableError(Exception):
    """A submission that cannot be graded; its message is a sentence for the teacher."""


@dataclass(frozen=True)
class Notebook:
    """What of a notebook matters here.

    Attributes
    ----------
    cells : tuple of str
        The source of its code cells, without those that only check.
    homes : mapping of str to int
        Task → the cell that is there for its answer.
    tasks : tuple of str
        The tasks that it is about: all of its chapters, also those whose cells are missing.
    """

    cells: tuple[str, ...]
    homes: Mapping[str, int]
    tasks: tuple[str, ...]


def find_submissions(folder: Path, results: Path | None = None) -> list[Submission]:
    """Return what lies in a folder as STUDENT.ipynb, or as STUDENT/…/NOTEBOOK.ipynb, in order.

    Links are not followed; names that begin with a dot are left out, and so is the folder of
    results, which may lie here too.

    Raises
    ------
    ArgumentError
        When there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise _no_submissions(f"{folder}, which is no folder")
    places = [place for place in sorted(folder.iterdir()) if not _is_same(place, results)]
    found = sorted(_found_in(places), key=lambda one: (one.student, one.notebook))
    if not found:
        raise _no_submissions(f"{folder}, in which there is no notebook")
    return found


def in_words(found: Sequence[Submission]) -> str:
    """Say how many notebooks there are, and what was taken for a student's name."""
    by_file = sum(one.path.stem == one.student and one.path.name == one.notebook for one in found)
    students = len({one.student for one in found})
    ways = {"files": by_file, "folders": len(found) - by_file}
    named = ", ".join(f"{count} named by their {kind}" for kind, count in ways.items() if count)
    return f"Notebooks: {len(found)}, of {students} students; {named}."


def read_file(submission: Submission) -> bytes:
    """Return a submission's file.

    Raises
    ------
    UnreadableError
        When it is a link, larger than any notebook has to be, or cannot be read.
    """
    path = submission.path
    try:
        if path.is_dir() and not path.is_symlink():
            next(path.iterdir(), None)
            empty = "there is no notebook in this folder"
            raise UnreadableError("it is no file" if path.suffix == ".ipynb" else empty)
        with open(path, "rb", opener=_open) as file:
            return _content(file)
    except OSError as error:
        if error.errno == errno.ELOOP:
            words = "it is a link to another place, and links are not followed"
            raise UnreadableError(words) from None
        raise UnreadableError(f"it cannot be read ({error.strerror})") from None


def _open(path: str, flags: int) -> int:
    """Open what is no link at this very moment, and wait for nobody at the other end of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _content(file: BinaryIO) -> bytes:
    about = os.fstat(file.fileno())
    if not stat.S_ISREG(about.st_mode):
        raise UnreadableError("it is no file")
    if about.st_size > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise UnreadableError(
            f"it has {about.st_size // 2**20} MB; a notebook has at most {limit} MB"
        )
    return file.read(LARGEST_FILE)


def read_notebook(
    data: bytes, known: Mapping[str, Exercise], chapters: tuple[int, ...] = ()
) -> Notebook:
    """Return what matters of a notebook's file.

    Parameters
    ----------
    data : bytes
        The file.
    known : mapping of str to Exercise
        All tasks.
    chapters : tuple of int
        Which chapters' tasks count; without any, those that the notebook itself is about.

    Raises
    ------
    UnreadableError
        When it is no notebook, or about no task.
    """
    cells = [cell for cell in _cells(data) if cell.get("cell_type") == "code"]
    answers = [cell for cell in cells if not _about(cell).get("grade")]
    sources = [_source(cell) for cell in answers]
    named = [str(_about(cell).get("grade_id", "")).removeprefix("check_") for cell in cells]
    tasks = _tasks(named, sources, known, chapters)
    if not tasks:
        raise UnreadableError("it has no tasks: no cell is the answer to one")
    return Notebook(tuple(sources), _homes(answers, sources, tasks), tasks)


def _is_same(path: Path, other: Path | None) -> bool:
    return other is not None and os.path.abspath(path) == os.path.abspath(other)


def _found_in(places: list[Path]) -> Iterator[Submission]:
    """Yield every notebook, and everything that stands where one should be and is none."""
    for path in places:
        if path.name.startswith("."):
            continue
        if path.suffix == ".ipynb":
            yield Submission(path.stem, path.name, path)
        elif path.is_symlink():
            yield Submission(path.name, "", path)
        elif path.is_dir():
            inside = [Submission(path.name, name, path / name) for name in _notebooks_in(path)]
            yield from inside or [Submission(path.name, "", path)]


def _notebooks_in(folder: Path) -> Iterator[str]:
    """Yield the notebooks below a folder, and the folders that are links or cannot be read."""
    refused: list[OSError] = []
    for where, folders, files in os.walk(folder, onerror=refused.append):
        here = Path(where)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (here / name).is_symlink()]
        notebooks = [name for name in (*files, *folders) if name.endswith(".ipynb")]
        for name in sorted({*links, *notebooks}):
            if not name.startswith("."):
                yield (here / name).relative_to(folder).as_posix()
    yield from (Path(error.filename).relative_to(folder).as_posix() for error in refused)


def _no_submissions(got: str) -> ArgumentError:
    return ArgumentError(
        "grade",
        got=got,
        wanted="a folder with STUDENT.ipynb, or with STUDENT/NOTEBOOK.ipynb",
        remedy="name the folder in which the students' files or folders are",
    )


def _cells(data: bytes) -> list[dict[str, Any]]:
    try:
        notebook = understood(data, _MOST_ITEMS)
    except GarbageError:
        raise UnreadableError("it is no notebook: it is not written as JSON objects are") from None
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableError("it is no notebook of format 4: it has no list of cells")
    return cells


def _about(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = cell.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return about if isinstance(about, dict) else {}


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _tasks(
    named: list[str],
    sources: list[str],
    known: Mapping[str, Exercise],
    chapters: tuple[int, ...],
) -> tuple[str, ...]:
    """Return all tasks of the chapters; where no cell says what it is for, by what it defines."""
    here = {name for name in named if name in known}
    here = here or {name for source in sources for name in _DEFINITION.findall(source)}
    about = set(chapters) or {task.chapter for name, task in known.items() if name in here}
    return tuple(name for name, task in known.items() if task.chapter in about)


def _homes(
    cells: list[dict[str, Any]], sources: list[str], tasks: tuple[str, ...]
) -> dict[str, int]:
    defined = {name: n for n, source in enumerate(sources) for name in _DEFINITION.findall(source)}
    named = {str(_about(cell).get("grade_id", "")): place for place, cell in enumerate(cells)}
    return {name: place for name, place in {**defined, **named}.items() if name in tasks}
