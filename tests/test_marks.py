"""A whole notebook is checked: every task, whatever the others do."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import check, progress
from nnbook.__main__ import main
from nnbook.errors import UnknownNameError
from nnbook.exercises import load
from nnbook.exercises.exercise import checks_folder
from nnbook.marks import mark_notebook
from nnbook.notebooks import NotebookError

POINTS = {name: task.points for name, task in load(checks_folder()).items() if task.chapter == 1}

STRICT = "def neuron(X, w, b):\n    return (X @ w + b > 0).astype(int)"
ANSWERS = {
    "neuron": STRICT,
    "squared_error_gradient": "def squared_error_gradient(x, y, w, b)\n    return 1",
    "perceptron_update": "while True:\n    pass",
    "train_perceptron": "",
    "normal_equation": "def normal_equation(X, y):\n    return np.linalg.solve(X.T @ X, X.T @ y)",
    "spam_score": "spam_score = 3",
    "mend_node": "raise SystemExit('gone')",
}


def answer_cell(name, source):
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": name, "solution": True}})


@pytest.fixture
def write(tmp_path):
    """Return what writes a notebook with these answers, in a folder with a name of many letters."""

    def written(answers, *others):
        cells = [new_code_cell("import numpy as np\nfrom nnbook import check"), *others]
        cells += [answer_cell(*answer) for answer in answers.items()]
        path = tmp_path / "a b ü.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return written


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the progress of a test in a folder of its own."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path / "home"))


def test_every_task_gets_its_feedback_whatever_the_others_do(write):
    path = write(ANSWERS)
    before = path.read_bytes()
    marked = mark_notebook(path, seconds_a_cell=3)
    told = {mark.task: mark for mark in marked.tasks}
    assert list(told) == list(ANSWERS)
    assert (marked.points, marked.possible) == (POINTS["normal_equation"], sum(POINTS.values()))
    assert [name for name, mark in told.items() if mark.points] == ["normal_equation"]
    assert dict(told["squared_error_gradient"].feedback.lines)["raised"].startswith("SyntaxError")
    assert dict(told["perceptron_update"].feedback.lines) == {
        "raised": "KeyboardInterrupt",
        "next": "Mend this cell: it takes too long before perceptron_update is defined.",
    }
    assert told["train_perceptron"].feedback.status == "not attempted"
    assert "3, not a function" in told["spam_score"].feedback.headline
    assert dict(told["mend_node"].feedback.lines)["raised"] == "SystemExit: gone"
    assert repr(marked).endswith("\n\n2 of 16 points")
    assert path.read_bytes() == before
    assert progress.read()["tasks"] == {}


def test_the_feedback_is_the_notebooks_own(write):
    (mark,) = mark_notebook(write({"neuron": STRICT})).tasks
    namespace = {}
    exec(STRICT, namespace)
    assert mark.feedback == check("neuron", namespace["neuron"])


def test_names_that_the_notebook_takes_and_checks_that_it_spoils_do_not_matter(write):
    spoilt = new_code_cell("check = hint = print = json = None\nglobals, names = 1, 2\ndel globals")
    locked = {"nbgrader": {"grade_id": "check_neuron", "grade": True, "solution": False}}
    forged = new_code_cell("neuron = None; raise ValueError", metadata=locked)
    path = write({"neuron": STRICT.replace(">", ">=")}, spoilt, forged)
    assert mark_notebook(path).points == POINTS["neuron"]


def test_a_kernel_that_is_ended_cannot_be_marked(write):
    with pytest.raises(NotebookError, match="Kernel died"):
        mark_notebook(write({"neuron": "import os; os._exit(1)"}))


def test_a_kernel_that_never_starts_cannot_be_marked_and_the_exit_code_is_2(
    write, monkeypatch, capsys
):
    def dies(*_, **__):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr("nbclient.NotebookClient.execute", dies)
    assert main(["check", str(write({"neuron": STRICT}))]) == 2
    assert "Kernel died before replying" in capsys.readouterr().err


def test_a_notebook_without_tasks_is_refused(write):
    with pytest.raises(UnknownNameError, match="no cell is the answer to a task"):
        mark_notebook(write({"no_such_task": ""}))


@pytest.mark.parametrize("content", ["", "{}", "[]", "no", '{"cells": 3, "nbformat": 4}'])
def test_what_is_no_notebook_is_refused_and_the_exit_code_is_2(tmp_path, content, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    assert main(["check", str(path)]) == 2
    told = capsys.readouterr()
    assert "which is no notebook" in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_the_exit_code_is_0_for_all_points_and_the_points_are_printed(root, capsys):
    assert main(["check", str(root / "exercises" / "solutions" / "01_perceptron.ipynb")]) == 0
    told = capsys.readouterr().out
    assert told.endswith("\n16 of 16 points\n")
    assert told.count("only a grader runs") == len(POINTS)


def test_the_exit_code_is_1_when_points_are_missing_and_json_says_which(root, capsys):
    path = root / "exercises" / "01_perceptron.ipynb"
    assert main(["check", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["notebook"], told["points"], told["possible"]) == (path.name, 0, 16)
    assert {task["name"]: task["possible"] for task in told["tasks"]} == POINTS
    assert {task["status"] for task in told["tasks"]} == {"not attempted"}
    assert dict(told["tasks"][0]["lines"])["next"].startswith("The function returns None")
