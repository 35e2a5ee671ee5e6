"""Hostile notebooks get what they deserve, and everything else survives them."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import hostile
import pytest
from hostile import Attack
from sandboxes import PATIENT, SHORT, marks, sandbox_or_skip, seen_inside

from nnbook.exercises.grading.sandbox import Sandbox

TASKS = ("neuron", "squared_error_gradient", "normal_equation")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Open a sandbox and look at its walls before anything hostile is let in."""
    yield from looked_at("")


@pytest.fixture(scope="module")
def sandbox_for_one() -> Iterator[Sandbox]:
    """Do the same where each submission has a bubblewrap of its own."""
    yield from looked_at("alone")


def looked_at(manner: str) -> Iterator[Sandbox]:
    """Yield a sandbox whose walls stand."""
    opened = sandbox_or_skip(manner)
    seen = seen_inside(opened)
    assert seen["pid"] <= 2, "the code sees the processes of this machine"
    assert 0 not in seen["users"]
    assert seen["limits"]["NPROC"][1] <= 8
    assert seen["limits"]["AS"][1] <= 2**31
    assert seen["limits"]["FSIZE"][1] <= 2**24
    assert seen["tmp"] <= 2**24
    assert seen["writable"] == ["/tmp"]
    yield opened
    opened.close()


@pytest.fixture
def others(tmp_path: Path) -> Iterator[Path]:
    """Hand in the notebook of somebody else, which nobody may change."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "ada.ipynb").write_text("hers")
    (folder / "ada.ipynb").chmod(0o666)
    yield folder
    assert [file.name for file in folder.iterdir()] == ["ada.ipynb"]
    assert (folder / "ada.ipynb").read_text() == "hers"


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on the network of this machine; nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def descendants() -> set[int]:
    """Return the processes that have been started from this one, near or far."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def test_there_are_more_than_a_hundred_attacks_and_no_two_of_a_name():
    names = [attack.name for attack in hostile.ALL]
    assert len(set(names)) == len(names) > 100


@pytest.mark.parametrize("attack", hostile.ALL, ids=lambda attack: attack.name)
def test_an_attack_gets_what_it_deserves(sandbox: Sandbox, attack: Attack, others, port):
    gets_what_it_deserves(sandbox, attack, others, port)


AT_THE_WALLS = [*hostile.ENDING[4:7], *hostile.FLOODING[:2], *hostile.SEARCHING, *hostile.STAYING]


@pytest.mark.parametrize("attack", AT_THE_WALLS, ids=lambda attack: attack.name)
def test_so_it_does_where_sandboxes_do_not_nest(sandbox_for_one: Sandbox, attack, others, port):
    gets_what_it_deserves(sandbox_for_one, attack, others, port)


def gets_what_it_deserves(sandbox: Sandbox, attack: Attack, others: Path, port: int) -> None:
    before = descendants()
    cells = [
        cell.replace("SUBMISSIONS", str(others)).replace("PORT", str(port)) for cell in attack.cells
    ]
    limits = SHORT if attack in hostile.UNENDING else PATIENT
    given = marks(tuple(cells), sandbox, TASKS, limits)
    assert sum(result.points for result in given.values()) == attack.deserved, given
    assert [given[name].points for name in TASKS[1:]] == [2, 2]
    assert given["neuron"].mistake == attack.mistake or not attack.mistake, given["neuron"]
    deadline = time.monotonic() + 5  # a bubblewrap of its own takes a moment to be gone
    while not descendants() <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert descendants() <= before
