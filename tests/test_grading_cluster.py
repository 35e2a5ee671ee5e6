"""A Dask cluster gives the same bytes as one process here."""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import hostile
import pytest
from sandboxes import sandbox_or_skip
from test_grading import files_of, honest

from nnbook.errors import ArgumentError
from nnbook.exercises.grading import crews
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.jobs import Options

if importlib.util.find_spec("distributed") is None:
    words = "Dask is not installed: pip install -e '.[distributed]'"
    if os.environ.get("NNBOOK_REQUIRE_DISTRIBUTED"):
        raise pytest.UsageError(words)
    pytest.skip(words, allow_module_level=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """Start a scheduler and two workers, each a process of its own."""
    sandbox_or_skip().close()
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    common = [f"--scheduler-file={file}"]
    commands = [
        ["distributed.cli.dask_scheduler", *common, "--port=0", "--no-dashboard"],
        *(["distributed.cli.dask_worker", *common, "--nthreads=1", "--no-nanny", "--no-dashboard",
           f"--local-directory={file.parent}"] for _ in range(2)),
    ]  # fmt: skip
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        yield wait_for(file)
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def wait_for(file: Path) -> str:
    import json

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.1)
    raise TimeoutError("the scheduler did not start")


@pytest.mark.filterwarnings("ignore")  # Dask's own
def test_a_cluster_gives_the_same_bytes(address, tmp_path):
    folder = tmp_path / "class"
    for number in range(6):
        honest(folder / f"s{number}.ipynb", hostile.WRONG if number % 2 else hostile.RIGHT)
    (folder / "bad.ipynb").write_text("{")
    grade_class(folder, tmp_path / "here", Options(seed=3))
    grade_class(folder, tmp_path / "there", Options(seed=3, dask=address))
    assert files_of(tmp_path / "here") == files_of(tmp_path / "there")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("nowhere", ["tcp://127.0.0.1:1", "nonsense://"])
def test_an_address_where_nobody_answers_is_said(tmp_path, monkeypatch, nowhere):
    monkeypatch.setattr(crews, "_SECONDS_TO_CONNECT", 0.3)
    honest(tmp_path / "class" / "ada.ipynb")
    with pytest.raises(ArgumentError, match="where no scheduler answers"):
        grade_class(tmp_path / "class", tmp_path / "out", Options(dask=nowhere))
