"""A definition becomes three cells, on which every test of a task passes."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import bank
import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from nnbook import adding
from nnbook.__main__ import main
from nnbook.adding import add_task, task_cells
from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.exercises import check, exercise, load
from nnbook.exercises.student import student_notebook
from nnbook.notebooks import NotebookError

TASKS = [*load(bank.BOOK).values(), *load(bank.KINDS).values()]
PRECISION = (bank.KINDS / "ch08_precision.py").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Make a book of chapter 1 and its tasks, in which `precision` is defined; return its folder.

    What looks for the book's definitions finds those.
    """
    for file in bank.ROOT.glob("**/*01_perceptron.*"):
        place = tmp_path / file.relative_to(bank.ROOT)
        if place.parts[len(tmp_path.parts)] in ("chapters", "exercises"):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    define(tmp_path, "ch08_precision.py", PRECISION)
    for module in (exercise, adding):
        monkeypatch.setattr(module, "checks_folder", lambda: tmp_path / "exercises" / "checks")
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path / "home"))
    return tmp_path


def define(book, file, text):
    (book / "exercises" / "checks" / file).write_text(text, encoding="utf-8")


def solutions(book, name):
    return nbformat.read(book / "exercises" / "solutions" / name, as_version=4)


# --- three cells --------------------------------------------------------------------------------


def test_the_three_cells_are_the_ones_that_the_notebooks_have(book):
    add_task("precision")
    statement, answer, checked = solutions(book, "08_precision.ipynb").cells[-3:]
    assert statement.source.splitlines()[:5] == [
        "## 1. Precision",
        "",
        "`precision` · difficulty 1 of 3 · 5 minutes · 2 points",
        "",
        "Return how many of the ones that are predicted are right; 0 when none is predicted.",
    ]
    assert statement.source.endswith(
        "**Shapes:** predicted (N,), labels (N,), both of 0 and 1 → a number from 0 to 1"
    )
    assert "<!-- Say here what is asked" in statement.source
    assert answer.source == (
        "def precision(predicted, labels):\n"
        '    """Return how many of the ones that are predicted are right; '
        '0 when none is predicted."""\n'
        "    ### BEGIN SOLUTION\n"
        "    found = np.sum(predicted * labels)\n"
        "    return found / max(1, np.sum(predicted))\n"
        "    ### END SOLUTION"
    )
    assert checked.source == 'check("precision", precision)'
    assert [cell.id for cell in (statement, answer, checked)] == [
        "precision-task",
        "precision-answer",
        "precision-check",
    ]


def test_one_point_is_one_point():
    one = replace(load(bank.KINDS)["precision"], points=1)
    assert "· 1 point\n" in task_cells(one, 1)[0].source


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_the_solution_made_of_any_definition_is_right_and_its_starter_not_attempted(
    task, tmp_path, monkeypatch
):
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    folder = bank.KINDS if task in load(bank.KINDS).values() else bank.BOOK
    monkeypatch.setattr(exercise, "checks_folder", lambda: folder)
    _, answer, _ = task_cells(task, 1)
    given = student_notebook(new_notebook(cells=[answer])).cells[0]
    assert bank.verdict(task, defined(answer.source, task)).status == "right"
    assert check(task.name, defined(given.source, task)).status == "not attempted"
    assert "### BEGIN SOLUTION\n\n" not in answer.source
    assert given.source.count('"""') == answer.source.count('"""') > 0


def defined(source, task):
    import numpy as np

    namespace = {"np": np}
    exec(source, namespace)
    return namespace[task.name]


def test_the_cells_of_chapter_1_are_those_that_the_command_writes(book):
    written = {cell.id: cell for cell in solutions(book, "01_perceptron.ipynb").cells}
    tasks = [task for task in load(bank.BOOK).values() if task.chapter == 1]
    for number, task in enumerate(tasks, start=1):
        statement, *code = task_cells(task, number)
        heading = statement.source.split("\n")[:3]
        assert written[statement.id].source.split("\n")[:3] == heading
        for cell in code:
            there = written[cell.id]
            assert (there.source, there.metadata) == (cell.source, cell.metadata)


def test_a_signature_of_several_lines_stays_whole(book):
    long = "def precision(\n    predicted,\n    labels,\n):\n"
    define(
        book, "ch08_precision.py", PRECISION.replace("def precision(predicted, labels):\n", long)
    )
    add_task("precision")
    answer = solutions(book, "08_precision.ipynb").cells[-2].source
    assert answer.startswith(long + '    """Return how many')
    assert answer.split("\n")[5] == "    ### BEGIN SOLUTION"


# --- where they stand ---------------------------------------------------------------------------


def in_chapter_1(book):
    define(book, "ch01_precision.py", PRECISION.replace("chapter=8", "chapter=1"))
    (book / "exercises" / "checks" / "ch08_precision.py").unlink()


def test_a_task_stands_before_the_summary_and_all_else_stays(book):
    in_chapter_1(book)
    before = solutions(book, "01_perceptron.ipynb")
    assert main(["add-task", "precision"]) == 0
    after = solutions(book, "01_perceptron.ipynb")
    assert after.cells[-1] == before.cells[-1]
    assert after.cells[1:-4] == before.cells[1:-1]
    assert after.cells[-4].source.startswith("## 8. Precision\n")
    assert after.metadata == before.metadata


def test_without_a_summary_a_task_stands_at_the_end(book):
    in_chapter_1(book)
    path = book / "exercises" / "solutions" / "01_perceptron.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[-1].source = "What else there is to read."
    nbformat.write(notebook, path)
    add_task("precision")
    assert solutions(book, path.name).cells[-1].id == "precision-check"


def test_the_totals_are_those_of_all_tasks_in_steps_of_five_minutes(book):
    in_chapter_1(book)
    tasks = [t for t in load(bank.BOOK).values() if t.chapter == 1]
    add_task("precision")
    first = solutions(book, "01_perceptron.ipynb").cells[0].source
    minutes, points = map(int, re.search(r"about (\d+) minutes for (\d+) points", first).groups())
    assert points == sum(t.points for t in tasks) + 2
    assert minutes % 5 == 0
    assert 0 <= minutes - (sum(t.minutes for t in tasks) + 5) < 5


def test_a_new_notebook_has_the_name_of_its_chapter_and_a_link_to_it(book):
    shutil.copy(
        book / "chapters" / "01_perceptron.ipynb", book / "chapters" / "08_in_practice.ipynb"
    )
    assert add_task("precision").name == "08_in_practice.ipynb"
    first = solutions(book, "08_in_practice.ipynb").cells[0].source
    assert first.startswith("# Exercises 8: in practice\n")
    assert "[chapter 8](../../chapters/08_in_practice.ipynb)" in first
    assert "about 5 minutes for 2 points" in first


# --- refusals -----------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_the_nearest(book, capsys):
    with pytest.raises(UnknownNameError, match=r"^add-task: got 'precison'.*mean 'precision'\?"):
        add_task("precison")
    assert main(["add-task", "precison"]) == 1
    assert capsys.readouterr().err.startswith("add-task: got 'precison'")
    assert not (book / "exercises" / "solutions" / "08_precision.ipynb").exists()


@pytest.mark.parametrize("left", ["precision-task", "precision-answer", "precision-check"])
def test_a_task_of_which_one_cell_is_there_is_refused_and_the_file_kept(book, left, capsys):
    path = add_task("precision")
    notebook = nbformat.read(path, 4)
    notebook.cells = [*notebook.cells[:2], *(c for c in notebook.cells if c.id == left)]
    nbformat.write(notebook, path)
    kept = path.read_bytes()
    assert main(["add-task", "precision"]) == 1
    assert "which is in" in capsys.readouterr().err
    assert path.read_bytes() == kept


def test_a_task_with_cells_under_other_ids_is_refused_too(book):
    path = add_task("precision")
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        cell.id = cell.id.replace("precision", "other")
    nbformat.write(notebook, path)
    with pytest.raises(ArgumentError, match="change its cells there"):
        add_task("precision")


def test_a_task_that_is_defined_before_one_that_is_there_is_refused(book):
    in_chapter_1(book)
    checks = book / "exercises" / "checks"
    (checks / "ch01_precision.py").rename(checks / "ch01_a.py")
    with pytest.raises(ArgumentError, match=r"'precision', defined before 'mend_node'"):
        add_task("precision")


def test_a_reference_without_a_docstring_is_refused(book):
    bare = re.sub(r'    """Return how .*\n', "", PRECISION)
    define(book, "ch08_precision.py", bare)
    with pytest.raises(ArgumentError, match="'precision' without a docstring"):
        add_task("precision")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<<<<<<< HEAD", "which is no notebook"),
        ("{}", "which is no notebook"),
        (nbformat.writes(new_notebook()), "got 0 sums of minutes and points"),
        (nbformat.writes(new_notebook(cells=[new_markdown_cell("# 8")])), "got 0 sums"),
    ],
)
def test_a_notebook_that_cannot_be_continued_is_refused(book, text, told):
    path = book / "exercises" / "solutions" / "08_precision.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ArgumentError, NotebookError), match=told):
        add_task("precision")
    assert path.read_text(encoding="utf-8") == text


# --- the whole way, as the README tells it ------------------------------------------------------


@pytest.fixture
def copy(book):
    """Make the book a whole one: the package, the tests and what pytest is told."""
    for folder in ("nnbook", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "benchmarks")
        shutil.copytree(bank.ROOT / folder, book / folder, ignore=ignored)
    for file in ("pyproject.toml", "conftest.py"):
        shutil.copy(bank.ROOT / file, book / file)
    return book


def test_every_test_of_a_task_passes_on_what_the_command_writes(copy):
    notebook = "exercises/solutions/08_precision.ipynb"
    told = run(copy, "nnbook", "add-task", "precision")
    assert "precision is now the last task of" in told
    run(copy, "nnbook", "execute", notebook)
    run(copy, "nnbook.exercises.student", "exercises/solutions", "-o", "exercises")
    assert "Right: precision (2 points)" in (copy / notebook).read_text(encoding="utf-8")
    given = nbformat.read(copy / "exercises" / "08_precision.ipynb", 4).cells[-2].source
    assert given.endswith('predicted."""\n    ...  # your code here')
    tests = ("test_exercise_tasks", "test_student", "test_house_rules")
    chosen = "precision or in_order or not_drifted or 08_"
    files = [f"tests/{name}.py" for name in tests]
    told = run(copy, "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", chosen)
    assert int(re.search(r"(\d+) passed", told)[1]) > 50


def run(folder, module, *arguments):
    """Run a module in a copy of the book, whose package comes first; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
