"""A whole notebook is checked: every task, whatever the others do."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import check, notebooks, progress
from nnbook.__main__ import main
from nnbook.errors import UnknownNameError
from nnbook.exercises import load
from nnbook.exercises.exercise import checks_folder
from nnbook.marks import mark_notebook

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
    mark = mark_notebook(write({"neuron": STRICT})).tasks[0]
    namespace = {}
    exec(STRICT, namespace)
    assert mark.feedback == check("neuron", namespace["neuron"])


def test_names_that_the_notebook_takes_and_checks_that_it_spoils_do_not_matter(write):
    spoilt = new_code_cell("check = hint = print = json = None\nglobals, names = 1, 2\ndel globals")
    locked = {"nbgrader": {"grade_id": "check_neuron", "grade": True, "solution": False}}
    forged = new_code_cell("neuron = None; raise ValueError", metadata=locked)
    path = write({"neuron": STRICT.replace(">", ">=")}, spoilt, forged)
    assert mark_notebook(path).points == POINTS["neuron"]


NORMAL = "def normal_equation(X, y):\n    return np.linalg.solve(X.T @ X, X.T @ y)"


def test_a_task_whose_cell_is_missing_is_not_attempted_and_still_counts(write):
    marked = mark_notebook(write({"normal_equation": NORMAL}))
    told = {mark.task: mark.feedback for mark in marked.tasks}
    assert list(told) == list(POINTS)
    assert (marked.points, marked.possible) == (POINTS["normal_equation"], sum(POINTS.values()))
    assert told["mend_node"].status == "not attempted"
    assert "Its cell is missing" in repr(told["mend_node"])


def test_an_answer_without_its_cell_is_known_by_the_cell_that_checks_it(write):
    locked = {"nbgrader": {"grade_id": "check_neuron", "grade": True, "solution": False}}
    loose = new_code_cell(STRICT.replace(">", ">="))
    checks = new_code_cell("check('neuron', neuron)", metadata=locked)
    assert mark_notebook(write({}, loose, checks)).points == POINTS["neuron"]


DEADLY = {
    "neuron": "import os\ndef neuron(X, w, b):\n    os._exit(1)",
    "perceptron_update": "import os\nos._exit(1)",
    "normal_equation": NORMAL,
}


def test_what_ends_the_kernel_costs_its_own_task_and_no_other(write):
    path = write(DEADLY)
    marked = mark_notebook(path)
    told = {mark.task: mark for mark in marked.tasks}
    assert [name for name, mark in told.items() if mark.points] == ["normal_equation"]
    assert dict(told["neuron"].feedback.lines) == {
        "raised": "DeadKernel: the cell ends its kernel",
        "next": "Call neuron in a cell of its own and see what it does.",
    }
    assert told["perceptron_update"].feedback.status == "wrong"
    assert "ends its kernel" in repr(told["perceptron_update"].feedback)


HEEDS_NOTHING = """
import time
while True:
    try:
        time.sleep(50)
    except BaseException:
        pass
"""


def test_a_cell_that_catches_every_interrupt_is_ended_with_its_kernel(write, monkeypatch):
    monkeypatch.setattr(notebooks, "SECONDS_TO_HEED", 1)
    path = write({"neuron": HEEDS_NOTHING, "normal_equation": NORMAL})
    marked = mark_notebook(path, seconds_a_cell=3)
    told = {mark.task: mark for mark in marked.tasks}
    assert [name for name, mark in told.items() if mark.points] == ["normal_equation"]
    assert "does not heed an interrupt" in repr(told["neuron"].feedback)
    assert "Mend this cell" in repr(told["neuron"].feedback)


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
    assert main(["check", str(path), "--json"]) == 2
    assert "which is no notebook" in json.loads(capsys.readouterr().out)["error"]


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
