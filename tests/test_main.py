"""The command line: arguments and exit codes."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import environment, progress
from nnbook.__main__ import main
from nnbook.datasets import downloads
from nnbook.datasets.sources import RemoteFile


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
    "arguments",
    [
        [],
        ["dance"],
        ["clean"],
        ["clean", "nowhere.ipynb"],
        ["execute", "Makefile"],
        ["data", "mnist"],
        ["data", "cifar10", "fashion_mnist"],
        ["add-task"],
        ["add-task", "neuron", "mend_node"],
        ["check"],
        ["check", "nowhere.ipynb"],
        ["progress", "--export"],
        ["progress", "--export", ""],
        ["progress", "--export", "copy.json", "--delete"],
    ],
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


@pytest.fixture
def small_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make CIFAR-10 one small file at an address where nobody listens; return its place."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    file = RemoteFile("cifar.tar.gz", hashlib.md5(b"small").hexdigest(), 2_000_000)
    source = replace(downloads.CIFAR10, address="http://127.0.0.1:1/", files=(file,))
    monkeypatch.setitem(downloads.SOURCES, "cifar10", source)
    return tmp_path / "datasets" / "cifar10" / "cifar.tar.gz"


def test_data_lists_what_can_be_downloaded_and_fetches_nothing(
    small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data"]) == 0
    fashion, cifar, hint = capsys.readouterr().out.splitlines()
    assert fashion.split()[:5] == ["fashion_mnist", "31", "MB", "not", "here;"]
    assert fashion.endswith(str(tmp_path / "datasets" / "fashion_mnist"))
    assert cifar.split()[:5] == ["cifar10", "2", "MB", "not", "here;"]
    assert hint == "To fetch one: python -m nnbook data NAME"
    assert list(tmp_path.iterdir()) == []


def test_data_says_what_is_here_and_where(
    small_source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_source.parent.mkdir(parents=True)
    small_source.write_bytes(b"small")
    assert main(["data"]) == 0
    assert f"cifar10           2 MB  here, in {small_source.parent}" in capsys.readouterr().out
    assert main(["data", "cifar10"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line == f"cifar10           2 MB  here, in {small_source.parent}"


def test_data_fetches_by_name(
    small_source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pooch

    asked: list[str] = []

    def serve(self: object, url: str, draft: Path, registry: None) -> None:
        asked.append(url)
        draft.write_bytes(b"small")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", serve)
    assert main(["data", "cifar10"]) == 0
    assert asked == ["http://127.0.0.1:1/cifar.tar.gz"]
    assert small_source.read_bytes() == b"small"
    assert "here, in" in capsys.readouterr().out


def test_data_that_cannot_be_had_is_a_problem_in_one_sentence(
    small_source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "cifar10"]) == 1
    shown = capsys.readouterr()
    told = shown.err.splitlines()[-1]  # after the bar, which a terminal wipes out
    assert told.startswith("cifar10: got no answer, wanted http://127.0.0.1:1/cifar.tar.gz;")
    assert told.endswith("use datasets.digits(), which needs no network")
    assert shown.out == ""


def test_data_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["data", "--help"])
    assert caught.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "fashion_mnist or cifar10" in told
    assert "used offline" in told


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Record one task that was passed; return where."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    progress.record("tasks", "neuron", chapter=1, points=2, tries=3, passed=True)
    return progress.path()


def test_progress_is_a_table_and_a_place(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress"]) == 0
    *table, place = capsys.readouterr().out.splitlines()
    assert table == [
        "chapter  tasks passed  points  questions right",
        "     01        1 of 1       2           0 of 0",
    ]
    assert place == f"It is kept in {record}."


def test_progress_is_exported_to_a_new_file(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.json"
    assert main(["progress", "--export", str(copy)]) == 0
    assert copy.read_bytes() == record.read_bytes()
    assert main(["progress", "--export", str(copy)]) == 1
    assert "choose another name" in capsys.readouterr().err


def test_a_dash_in_place_of_a_file_prints_the_record(
    record: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(record.parent)
    assert main(["progress", "--export", "-"]) == 0
    assert capsys.readouterr().out == record.read_text(encoding="utf-8") + "\n"
    assert not Path("-").exists()


def test_where_nothing_is_recorded_nobody_is_asked_whether_to_delete_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("asked"))
    assert main(["progress", "--delete"]) == 0
    assert capsys.readouterr().out.endswith("There is nothing to delete.\n")


def test_what_was_set_aside_is_named_and_deleted_too(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = record.with_name("progress.damaged-1.json")
    aside.write_text("damaged")
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "y")
    assert main(["progress", "--delete"]) == 0
    assert str(aside) in asked[0]
    assert not aside.exists()


@pytest.mark.parametrize(
    ("answer", "is_kept"), [("y", False), (" YES ", False), ("", True), ("n", True)]
)
def test_progress_is_deleted_only_after_a_yes(
    record: Path, monkeypatch: pytest.MonkeyPatch, answer: str, is_kept: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer)
    assert main(["progress", "--delete"]) == 0
    assert record.exists() is is_kept
    assert str(record) in asked[0]


def test_a_record_that_cannot_be_deleted_is_a_problem(
    record: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.input", lambda _: "y")
    monkeypatch.setattr(Path, "unlink", refuses)
    with pytest.warns(UserWarning, match=r"not deleted \(Permission denied\)"):
        assert main(["progress", "--delete"]) == 1
    assert "is deleted" not in capsys.readouterr().out


def test_nobody_there_to_ask_is_a_no(record: Path) -> None:
    command = [sys.executable, "-m", "nnbook", "progress", "--delete"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.endswith("Nothing was deleted.\n")
    assert record.exists()
