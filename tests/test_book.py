"""The book holds what its map promises: every chapter, live figure, question and task."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from house_rules import Notebook

from nnbook.exercises.exercise import checks_folder, load
from nnbook.live.questions import bank

ROOT = Path(__file__).parent.parent
CHAPTERS = ROOT / "chapters"
START = CHAPTERS / "00_start_here.ipynb"
ROW = re.compile(
    r"^\| \[(.+?)\]\((.+?)\) \|.*\| (\d+) \| (\d+) \| \[(\d+)\]\((.+?)\) \|$", re.MULTILINE
)
IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True)
class Promise:
    """A row of the map: what a chapter is called, where it is, and how much it holds."""

    title: str
    chapter: Path
    figures: int
    questions: int
    tasks: int
    exercises: Path


def promises() -> list[Promise]:
    """Read the map of chapter 0."""
    return [
        Promise(title, CHAPTERS / file, int(figures), int(questions), int(tasks), CHAPTERS / path)
        for title, file, figures, questions, tasks, path in ROW.findall(prose_of(START))
    ]


def broken(promise: Promise) -> Iterator[str]:
    """Yield in words what of a promise is not kept."""
    chapter, exercises = Notebook.load(promise.chapter), Notebook.load(promise.exercises)
    figures, asked = len(chapter.shown_as("Live figure")), list(questions(chapter))
    tasks, defined = list(checked(exercises)), defined_in(promise.chapter)
    if not chapter.cells[0]["source"].startswith(f"# {promise.title}\n"):
        yield f"the chapter is not called {promise.title!r}"
    if promise.figures != figures:
        yield f"{promise.figures} live figures: {figures} are shown"
    if promise.questions != len(asked):
        yield f"{promise.questions} questions: {len(asked)} are asked"
    if set(asked) != set(bank(promise.chapter.name[:2])):
        yield "the questions that are asked are not those of the bank"
    if promise.tasks != len(tasks):
        yield f"{promise.tasks} tasks: {len(tasks)} are checked"
    if tasks != defined:
        yield f"the tasks that are checked, {tasks}, are not those that are defined, {defined}"


def questions(notebook: Notebook) -> Iterator[str]:
    """Yield the names of the questions that a notebook asks."""
    return _given_to("live.quiz", notebook)


def checked(notebook: Notebook) -> Iterator[str]:
    """Yield the names of the tasks that a notebook checks."""
    return _given_to("check", notebook)


def _given_to(function: str, notebook: Notebook) -> Iterator[str]:
    for cell in notebook.code:
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == function:
                yield from (x.value for x in node.args if isinstance(x, ast.Constant))


def defined_in(chapter: Path) -> list[str]:
    tasks = load(checks_folder()).values()
    return [task.name for task in tasks if task.chapter == int(chapter.name[:2])]


def prose_of(path: Path) -> str:
    return Notebook.load(path).prose


# ------------------------------------------------------------------ what is promised


def test_map_leads_to_every_chapter_in_order() -> None:
    chapters = sorted(CHAPTERS.glob("[0-9][0-9]_*.ipynb"))
    assert [START, *(promise.chapter for promise in promises())] == chapters


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.chapter.stem)
def test_chapter_holds_what_the_map_promises(promise: Promise) -> None:
    assert list(broken(promise)) == []


@pytest.mark.parametrize("page", [START, ROOT / "README.md"], ids=lambda page: page.stem)
def test_page_leads_to_every_notebook_of_the_book(page: Path) -> None:
    text = prose_of(page) if page == START else page.read_text(encoding="utf-8")
    found = {(page.parent / target).resolve() for target in re.findall(r"\]\((\S+?)\)", text)}
    missing = {path.name for path in CHAPTERS.glob("*.ipynb")} - {path.name for path in found}
    assert missing - {START.name} == set()


def test_readme_counts_the_tasks_as_the_map_does() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"\[(\w+) tasks\]\(exercises/(.+?)\)", readme)
    assert told == [(IN_WORDS[promise.tasks], promise.exercises.name) for promise in promises()]


# ------------------------------------------------------------- and is the test any good


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "1 · The neuron"}, "not called"),
        ({"figures": 99}, "99 live figures"),
        ({"questions": 99}, "99 questions"),
        ({"tasks": 99}, "99 tasks"),
        ({"exercises": ROOT / "exercises/02_multi_layer_perceptrons.ipynb"}, "that are defined"),
    ],
)
def test_broken_promise_is_found(change: dict[str, object], words: str) -> None:
    (complaint,) = broken(replace(promises()[0], **change))
    assert words in complaint


def test_question_that_is_not_asked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(broken.__globals__, "bank", lambda chapter: {"01.of-no-chapter": None})
    assert list(broken(promises()[0])) == ["the questions that are asked are not those of the bank"]
