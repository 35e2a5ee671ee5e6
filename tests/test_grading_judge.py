"""Whoever judges is out of reach of what is judged, and of a definition at fault."""

import time
from pathlib import Path

import bank
import pytest
from sandboxes import sandbox_or_skip, seen_inside
from test_grading import hand_in

from nnbook.exercises.grading import jobs, sandbox
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.grade import Limits
from nnbook.exercises.grading.jobs import Options
from nnbook.exercises.grading.remote import Connection
from nnbook.exercises.grading.sandbox import Sandbox

RIGHT = (
    "def precision(predicted, labels):\n"
    "    return np.sum(predicted * labels) / max(1, np.sum(predicted))"
)
USE = '''
import itertools

def _use(precision, predicted, labels):
    found = precision(predicted, labels)
    if found == "loop":
        sum(itertools.repeat(0))
    if found == "grow":
        np.empty(3 * 2**30, np.int8)
        return precision_reference(predicted, labels)
    return found

precision_reference = precision
'''  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def walls() -> None:
    sandbox_or_skip().close()


def definition(tmp_path: Path, **changes: str) -> Path:
    """Write a folder with a definition that differs from the README's in a few places."""
    text = (bank.KINDS / "ch08_precision.py").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "ch08_precision.py").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    """Define a task whose own use of an answer can be led astray."""
    changes = {
        "def _hidden": USE.strip() + "\n\n\ndef _hidden",
        "reference=precision,": "reference=precision, use=_use,",
    }
    return definition(tmp_path, **changes)


def answers(folder: Path, **given: str) -> Path:
    for student, answer in given.items():
        hand_in(folder / f"{student}.ipynb", "import numpy as np", answer, names=("", "precision"))
    return folder


def says(word: str) -> str:
    return f"def precision(predicted, labels):\n    return {word!r}"


def test_an_answer_that_stalls_the_judge_costs_one_submission(tmp_path, checks):
    folder = answers(tmp_path / "class", ada=says("loop"), bob=RIGHT)
    options = Options(workers=1, checks=checks, limits=Limits(judging=0.5))
    ada, bob = grade_class(folder, tmp_path / "out", options)
    assert "ended twice; nothing is known of its marks" in ada["problem"]
    assert (bob["problem"], bob["points"]) == ("", 2)


def test_an_answer_that_fills_the_memory_of_the_judge_is_wrong(tmp_path, checks):
    folder = answers(tmp_path / "class", ada=says("grow"), bob=RIGHT)
    ada, bob = grade_class(folder, tmp_path / "out", Options(checks=checks))
    assert (ada["points"], bob["points"]) == (0, 2)
    assert "Unable to allocate" in str(ada["tasks"])


def test_a_reference_that_fails_is_nobodys_wrong_answer(tmp_path):
    worse = definition(
        tmp_path, **{"found / max(1, np.sum(predicted))": "1 / (predicted.size < 9)"}
    )
    folder = answers(tmp_path / "class", ada=RIGHT)
    for _ in range(2):  # it is no mark, so it is tried again
        (ada,) = grade_class(folder, tmp_path / "out", Options(checks=worse))
        assert (
            "ZeroDivisionError: division by zero from the reference of precision" in ada["problem"]
        )
        assert (ada["tasks"], ada["key"]) == ([], "")


def test_whatever_fails_in_grading_costs_one_submission(tmp_path, monkeypatch):
    graded = jobs.grade

    def fails_for_ada(notebook, *given):
        if "ada" in notebook.cells[1]:
            raise RuntimeError("of some\nkind")
        return graded(notebook, *given)

    monkeypatch.setattr(jobs, "grade", fails_for_ada)
    folder = answers(tmp_path / "class", ada=f"# ada\n{RIGHT}", bob=RIGHT)
    ada, bob = grade_class(folder, tmp_path / "out", Options(checks=bank.KINDS))
    assert ada["problem"] == "grading it failed (RuntimeError: of some kind)"
    assert bob["points"] == 2


LEAVE = """
import ctypes, os, socket
libc, left = ctypes.CDLL(None), []
KEY = b"user", b"left for others"
if libc.syscall(250, 10, -4, *KEY, 0) > 0:  # keyctl: search among the keys of this user
    left.append("a key")
libc.syscall(248, *KEY, b"1", 1, -4)
if libc.shmget(77, 10, 0) >= 0:
    left.append("shared memory")
libc.shmget(77, 10, 0o1666)
kept = socket.socket(socket.AF_UNIX)
try:
    kept.bind("\\0left")
except OSError:
    left.append("a socket")
left += os.listdir("/tmp")
open("/tmp/left", "w").close()
if os.fork() == 0:
    os.setsid()
    signal_never_comes = os.read(os.pipe()[0], 1)
def look(): return left
"""


@pytest.mark.parametrize("manner", ["forks", "alone"])
def test_two_submissions_leave_nothing_to_each_other(manner):
    shut = sandbox_or_skip(manner)
    try:
        assert [run(shut, LEAVE) for _ in range(2)] == [[], []]
    finally:
        shut.close()


def run(shut: Sandbox, source: str) -> object:
    child = shut.open()
    try:
        connection = Connection(child.wire)
        connection.limit(20.0, time.monotonic() + 30)
        connection.ask("cell", source, 1)
        (look,) = connection.definition("look")
        return look()
    finally:
        child.end()


@pytest.mark.parametrize("manner", ["forks", "alone"])
def test_a_book_within_the_system_stays_hidden(tmp_path, monkeypatch, manner):
    within = tmp_path / "system"
    for folder in ("share", "book/exercises/checks"):
        (within / folder).mkdir(parents=True)
        (within / folder / "file").touch()
    places = {**sandbox._places(), str(within): "/within"}
    monkeypatch.setattr(sandbox, "_places", lambda: places)
    shut = Sandbox(manner, hidden=(within / "book" / "exercises", tmp_path / "none"))
    try:
        found = run(shut, "import os\ndef look(): return [*os.walk('/within')]")
        assert seen_inside(shut)["writable"] == ["/tmp"]
    finally:
        shut.close()
    seen = {Path(place).relative_to("/within").as_posix(): files for place, _, files in found}
    assert seen == {".": [], "share": ["file"], "book": [], "book/exercises": []}
