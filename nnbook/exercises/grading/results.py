"""Records of graded submissions on disk: a run that is killed goes on where it was.

Each submission has a file of its own, which appears whole or not at all. It holds nothing that
differs from run to run: no times, no places, no order. Its key says from what it was made, so that
a record is used again for the same file, seed and definitions, and for nothing else.
"""

import csv
import hashlib
import io
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nnbook.errors import ArgumentError, NNBookError

FORMAT = 1

Record = dict[str, Any]


class DiskError(NNBookError, OSError):
    """Results that cannot be written."""


def seed_of(folder: Path, wanted: int | None) -> int:
    """Return the seed of a folder of results; a new folder gets this one, or a fresh one.

    Raises
    ------
    ArgumentError
        When the folder has another seed already.
    DiskError
        When it cannot be written to.
    """
    file = folder / "run.json"
    known = _read(file).get("seed")
    if type(known) is not int:
        known = int.from_bytes(os.urandom(4), "big") if wanted is None else wanted
        write(file, json.dumps({"format": FORMAT, "seed": known}) + "\n")
    if wanted not in (None, known):
        raise ArgumentError(
            "grade",
            got=f"--seed {wanted} for {folder}, whose marks come from seed {known}",
            wanted="one seed for all marks of a folder",
            remedy="leave --seed out, or name a new folder for the results",
        )
    return known


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other graders out of a folder of results meanwhile.

    Raises
    ------
    ArgumentError
        When another one is at work on it.
    DiskError
        When there is no such folder and none can be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _no_room(folder, error) from None
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    """Lock a folder until its descriptor is closed, or this process ends in whatever way."""
    import fcntl  # which Windows does not have, and there is no grader

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ArgumentError(
            "grade",
            got=f"{folder}, where another grader is at work",
            wanted="one grader for a folder of results",
            remedy="wait until it is done; more processes for one class are --workers",
        ) from None


def definitions_digest(folder: Path) -> str:
    """Return what changes when a definition does."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for file in sorted(folder.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def key(*parts: bytes) -> str:
    """Return what a record is made from, in short."""
    lengths = ",".join(str(len(part)) for part in parts)
    return hashlib.sha256(b"".join([lengths.encode(), *parts])).hexdigest()


def kept(folder: Path, name: str, wanted: str) -> Record | None:
    """Return a record from an earlier run, when it was made from the same."""
    record = _read(_file(folder, name))
    return dict(record) if record.get("key") == wanted else None


def keep(folder: Path, name: str, record: Record) -> None:
    """Store a record.

    Raises
    ------
    DiskError
        When that fails: then there is no record, or the one from before.
    """
    write(_file(folder, name), json.dumps(record, indent=1, sort_keys=True) + "\n")


def grades_as_csv(records: Iterable[Record], tasks: Iterable[str]) -> str:
    """Return one row a notebook: student, points, what was wrong with it, and each task's points.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front of it; words
    stand in quotes, so that one which cuts at semicolons does not make two cells of a name.
    """
    names, text, records = list(tasks), io.StringIO(), list(records)
    rows = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow(["student", "notebook", "points", "possible", "note", *names])
    for record, note in zip(records, notes(records), strict=True):
        points = {task["name"]: task["points"] for task in record["tasks"]}
        cells = [record["student"], record["notebook"], record["points"], record["possible"]]
        row = [*cells, note, *(points.get(name, "") for name in names)]
        rows.writerow(map(_harmless, row))
    return text.getvalue()


def notes(records: Sequence[Record]) -> list[str]:
    """Say of each record why it could not be graded, or that its student handed in another."""
    handed_in = Counter(
        (record["student"], task["name"]) for record in records for task in record["tasks"]
    )
    return [record["problem"] or _ANOTHER * _is_twice(record, handed_in) for record in records]


def _is_twice(record: Record, handed_in: Mapping[tuple[str, str], int]) -> bool:
    return any(handed_in[record["student"], task["name"]] > 1 for task in record["tasks"])


_ANOTHER = "this student handed in another notebook with these tasks: both are graded, count one"


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    DiskError
        When that fails.
    """
    draft = file.with_name(f".{file.name}.draft")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):  # the disk that refused the file may refuse this too
            draft.unlink(missing_ok=True)
        raise _no_room(file.parent, error) from None


def _no_room(folder: Path, error: OSError) -> DiskError:
    return DiskError(
        "grade",
        got=f"{folder} ({error.strerror})",
        wanted="a folder with room for the results",
        remedy="make room and run the same command again: what is graded stays so",
    )


def _file(folder: Path, name: str) -> Path:
    return folder / "submissions" / f"{name}.json"


def _read(file: Path) -> Mapping[str, Any]:
    """Return what a file of ours holds; nothing when it is missing or damaged."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and content.get("format") == FORMAT else {}


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    readable = value.encode("utf-8", "backslashreplace").decode()
    seen = unicodedata.normalize("NFKC", readable).lstrip()  # as there are wide forms of = and +
    return f"'{readable}" if seen.startswith(("=", "+", "-", "@", "|", "%")) else readable
