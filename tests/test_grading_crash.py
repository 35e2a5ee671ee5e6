"""A grader that is killed at any moment, and started again, gives the marks of a quiet run.

The moments are drawn from a seed; `NNBOOK_KILLS` asks for more of them than a test run does.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import hostile
import pytest
from sandboxes import sandbox_or_skip
from test_grading import files_of, honest

KILLS = int(os.environ.get("NNBOOK_KILLS", "2"))
STUDENTS = 6
WORKERS = 2


@pytest.fixture(scope="module", autouse=True)
def walls() -> None:
    sandbox_or_skip().close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("class")
    for number in range(STUDENTS):
        honest(made / f"s{number}.ipynb", hostile.WRONG if number % 3 else hostile.RIGHT)
    return made


def grader(folder: Path, output: Path) -> "subprocess.Popen[bytes]":
    arguments = ["grade", folder, "-o", output, "--seed", "11", "--workers", WORKERS]
    return subprocess.Popen(
        [sys.executable, "-m", "nnbook", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_grader_that_is_killed_goes_on_where_it_was(folder, tmp_path):
    began = time.monotonic()
    assert grader(folder, tmp_path / "undisturbed").wait() == 0
    expected, seconds = files_of(tmp_path / "undisturbed"), time.monotonic() - began
    moments = random.Random(WORKERS)
    for _ in range(KILLS):
        process = grader(folder, tmp_path / "out")
        time.sleep(moments.uniform(0, 1.2 * seconds))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for file in (tmp_path / "out").glob("submissions/s*.json"):
            assert expected[file.relative_to(tmp_path / "out").as_posix()] == file.read_bytes()
    assert grader(folder, tmp_path / "out").wait() == 0
    files = files_of(tmp_path / "out")
    assert {name: data for name, data in files.items() if not name.endswith(".draft")} == expected


def test_what_a_killed_grader_has_started_ends_with_it(folder, tmp_path):
    process = grader(folder, tmp_path / "out")
    deadline = time.monotonic() + 60
    while not any(tmp_path.glob("out/submissions/*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    started = [one for one in processes() if str(tmp_path).encode() in command(one)]
    children = [one for one in processes() if is_below(one, process.pid)]
    assert process.pid in started
    assert children
    process.kill()
    process.wait()
    while any(alive(one) for one in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [one for one in children if alive(one)]


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def state(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def alive(process: int) -> bool:
    return bool(state(process)) and state(process)[0] != "Z"


def is_below(process: int, ancestor: int) -> bool:
    while process > 1:
        fields = state(process)
        process = int(fields[1]) if fields else 0
        if process == ancestor:
            return True
    return False
