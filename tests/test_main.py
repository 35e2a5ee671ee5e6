"""The command line: arguments and exit codes."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import environment
from nnbook.__main__ import main


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1", metadata={"collapsed": True})]), path)
    return path


def test_doctor_prints_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "web_browser", lambda: environment.Finding("Browser"))
    assert main(["doctor"]) == 0
    assert "Everything is ready." in capsys.readouterr().out


def test_doctor_s_exit_code_tells_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = environment.Finding("Packages", "numpy is missing", "install it")
    monkeypatch.setattr(environment, "packages", lambda: problem)
    assert main(["doctor"]) == 1


def test_clean_works_on_every_path(notebook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", str(notebook), str(notebook)]) == 0
    assert "collapsed" not in notebook.read_text(encoding="utf-8")
    assert capsys.readouterr().out.splitlines() == [str(notebook)] * 2


def test_execute_stores_the_outputs(notebook: Path) -> None:
    assert main(["execute", str(notebook)]) == 0
    assert '"execution_count": 1' in notebook.read_text(encoding="utf-8")


def test_failing_notebook_is_a_problem_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    assert main(["execute", str(path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("execute: got ZeroDivisionError: division by zero in cell 1 of")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["clean"], ["clean", "nowhere.ipynb"], ["execute", "Makefile"]]
)
def test_what_is_not_understood_is_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m nnbook" in capsys.readouterr().err


def test_module_can_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nnbook", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "doctor" in done.stdout


def test_book_starts_jupyterlab_on_the_first_chapter_with_the_books_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[tuple[list[str], dict[str, Any]]] = []

    def run(command: list[str], **how: Any) -> SimpleNamespace:
        started.append((command, how))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(environment.subprocess, "run", run)
    assert main(["book"]) == 0
    ((command, how),) = started
    assert command[1:3] == ["-m", "jupyterlab"]
    assert (how["cwd"] / command[-1].partition("/tree/")[2]).is_file()
    assert (Path(how["env"]["JUPYTER_CONFIG_PATH"]) / "jupyter_server_config.json").is_file()
