"""The environment check says what is wrong and how it is mended."""

import sys
import webbrowser
from pathlib import Path

import pytest

from nnbook import environment
from nnbook.environment import Finding, Report


def test_report_is_fine_here_and_names_no_version() -> None:
    report = environment.report()
    assert report.fine
    assert repr(report) == (
        "Python: fine\nPackages: fine\nSliders: fine\nData folder: fine\nEverything is ready."
    )


def test_report_with_a_problem_says_so_in_text_and_html() -> None:
    report = Report((Finding("Python"), Finding("Packages", "a < b is missing", "install it")))
    assert not report.fine
    assert report.lines == ["Python: fine", "Packages: a < b is missing; install it."]
    assert str(report).endswith("Something needs mending first.")
    assert "a &lt; b is missing; install it." in report._repr_html_()


def test_html_says_in_words_what_the_marks_say() -> None:
    html = Report((Finding("Python"),))._repr_html_()
    assert '<span aria-hidden="true">✓</span> Python: fine' in html


@pytest.mark.parametrize("version", [(3, 11), (3, 14), (4, 0)])
def test_new_python_is_fine(version: tuple[int, ...]) -> None:
    assert not environment.python(version).problem


@pytest.mark.parametrize("version", [(2, 7), (3, 10)])
def test_old_python_is_named(version: tuple[int, ...]) -> None:
    found = environment.python(version)
    assert f"Python {version[0]}.{version[1]}" in found.problem
    assert "install a newer one" in found.remedy


def test_package_that_is_not_installed_is_named() -> None:
    found = environment.packages("no-such-book")
    assert found.problem == "no-such-book itself is not installed"
    assert "make book" in found.remedy


def test_requirements_that_are_not_met_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    required = ["numpy>=999", "no-such-package", "pytest; extra == 'test'", "pillow"]
    monkeypatch.setattr(environment.metadata, "requires", lambda name: required)
    problem = environment.packages().problem
    assert "numpy is " in problem
    assert "the book needs >=999, no-such-package is not installed" in problem
    assert "pytest" not in problem
    assert "pillow" not in problem


def test_missing_slider_extension_is_named(tmp_path: Path) -> None:
    (tmp_path / "anywidget").mkdir()
    found = environment.sliders([str(tmp_path)])
    assert found.problem == "JupyterLab has no extension @jupyter-widgets/jupyterlab-manager"


def test_slider_extensions_may_be_in_different_folders(tmp_path: Path) -> None:
    (tmp_path / "one/anywidget").mkdir(parents=True)
    (tmp_path / "two/@jupyter-widgets/jupyterlab-manager").mkdir(parents=True)
    assert not environment.sliders([str(tmp_path / "one"), str(tmp_path / "two")]).problem


def test_data_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert not environment.data_folder(folder).problem
    assert list(folder.iterdir()) == []


def test_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = environment.data_folder(tmp_path / "file" / "folder")
    assert str(tmp_path / "file" / "folder") in found.problem
    assert "NNBOOK_HOME" in found.remedy


def test_missing_browser_is_named_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", refuse)
    assert environment.report().fine
    assert "Browser: no browser was found" in str(environment.report(browser=True))


def test_browser_that_is_there_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: object())
    assert environment.web_browser() == Finding("Browser")


def test_this_python_is_the_default() -> None:
    assert environment.python() == environment.python(tuple(sys.version_info[:2]))
