"""The frame around the book: installation, the list of pins, and the run of the notebooks."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from packaging.requirements import Requirement

TARGETS = ["book", "test", "lint", "execute", "exercises", "bench", "requirements", "clean"]
STAMP = Path(".venv/installed")


# ------------------------------------------------------------------- the Makefile


@pytest.fixture
def fresh(root: Path, tmp_path: Path) -> Path:
    """Make a folder as a reader has it before the first `make`, with an awkward name."""
    folder = tmp_path / "a b ü"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(root / name, folder)
    return folder


def _make(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["make", *arguments]
    # the tests themselves may run under make, which speaks to its children through these
    env = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}
    }
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8"
    )


def test_help_is_the_default_and_tells_every_target(fresh: Path) -> None:
    told = _make(fresh).stdout
    assert re.findall(r"^make (\w+) ", told, re.MULTILINE) == TARGETS


def test_every_target_has_a_recipe(fresh: Path) -> None:
    for target in TARGETS:
        assert _make(fresh, "-n", target).returncode == 0


def test_unfit_python_is_refused_in_one_sentence(fresh: Path) -> None:
    done = _make(fresh, "install", "PYTHON=false")
    assert done.returncode != 0
    assert done.stdout.startswith("nnbook needs Python 3.11 or newer and 'false' is not: please")
    assert done.stdout.count("\n") == 1
    assert not (fresh / ".venv").exists()


def test_first_run_makes_the_environment_and_installs(fresh: Path) -> None:
    plan = _make(fresh, "-n", "book").stdout
    assert plan.index("-m venv") < plan.index("-r requirements.txt") < plan.index("nnbook book")


def test_second_run_installs_nothing(fresh: Path) -> None:
    _stamp(fresh)
    assert "-r requirements.txt" not in _make(fresh, "-n", "book").stdout


@pytest.mark.parametrize("changed", ["requirements.txt", "pyproject.toml"])
def test_change_of_what_is_required_installs_again(fresh: Path, changed: str) -> None:
    _stamp(fresh)
    later = (fresh / STAMP).stat().st_mtime + 10
    os.utime(fresh / changed, (later, later))
    assert "-r requirements.txt" in _make(fresh, "-n", "book").stdout


def test_interrupted_installation_is_completed(fresh: Path) -> None:
    (fresh / ".venv" / "bin").mkdir(parents=True)
    assert "-r requirements.txt" in _make(fresh, "-n", "book").stdout


def _stamp(folder: Path) -> None:
    (folder / STAMP).parent.mkdir()
    (folder / STAMP).touch()


# --------------------------------------------------------------- the list of pins


def _pins(root: Path) -> dict[str, Requirement]:
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = [Requirement(line) for line in lines if line and not line.startswith(("#", "-e"))]
    return {pin.name: pin for pin in listed}


def test_list_of_pins_installs_the_book_and_names_no_machine(root: Path) -> None:
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    assert "\n-e .\n" in text
    assert not re.search(r"://|--|/", text)


def test_every_requirement_is_pinned_within_its_range(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = _pins(root)
    for wanted in map(
        Requirement, [*project["dependencies"], *project["optional-dependencies"]["test"]]
    ):
        [pin] = pins[wanted.name].specifier
        assert pin.operator == "=="
        assert wanted.specifier.contains(pin.version)


def test_every_pin_is_exact(root: Path) -> None:
    for pin in _pins(root).values():
        assert [one.operator for one in pin.specifier] == ["=="]


# --------------------------------------------------------------------- the checks


def test_both_kinds_of_checking_run_the_same_command(root: Path) -> None:
    for file in (".ci/run", ".github/workflows/ci.yml"):
        assert re.search(r"\bmake test\b", (root / file).read_text(encoding="utf-8"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission to execute")
def test_check_can_be_executed(root: Path) -> None:
    assert os.access(root / ".ci" / "run", os.X_OK)


def test_reader_s_progress_is_not_where_tests_write() -> None:
    from platformdirs import user_data_path

    home = Path(os.environ["NNBOOK_HOME"])
    assert home.is_dir()
    assert user_data_path("nnbook", appauthor=False) not in (home, *home.parents)


# -------------------------------------------------------------- the run of notebooks


def _run_strictly(
    root: Path, folder: Path, env: "dict[str, str] | None" = None
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), "--nbval"]
    return subprocess.run(
        [*command, str(folder)], capture_output=True, text=True, cwd=root, env=env
    )


def _stored(folder: Path, source: str, shown: str) -> None:
    output = new_output("execute_result", {"text/plain": shown}, execution_count=1)
    cell = new_code_cell(source, execution_count=1, outputs=[output])
    nbformat.write(new_notebook(cells=[cell]), folder / "a.ipynb")


def test_output_that_comes_out_again_passes(root: Path, tmp_path: Path) -> None:
    _stored(tmp_path, "1 + 1", "2")
    assert _run_strictly(root, tmp_path).returncode == 0


def test_output_that_has_gone_stale_fails(root: Path, tmp_path: Path) -> None:
    _stored(tmp_path, "1 + 1", "3")
    done = _run_strictly(root, tmp_path)
    assert done.returncode == 1
    assert "mismatch 'text/plain'" in done.stdout


def test_folder_without_notebooks_fails(root: Path, tmp_path: Path) -> None:
    assert _run_strictly(root, tmp_path).returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_progress_of_a_notebook_s_kernel_is_not_the_reader_s(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / "conftest.py", tmp_path)
    source = """\
from platformdirs import user_data_path
from nnbook import progress
user_data_path("nnbook", appauthor=False) in progress.path().parents"""
    _stored(tmp_path, source, "False")
    plain = {name: value for name, value in os.environ.items() if name != "NNBOOK_HOME"}
    done = _run_strictly(root, tmp_path, plain)
    assert done.returncode == 0, done.stdout
