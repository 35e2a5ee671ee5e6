"""nbgrader itself takes exercise 1: it makes an assignment of it and marks what is handed in."""

import csv
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from nnbook.exercises import find

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"),
    reason="nbgrader is not installed: pip install -e '.[nbgrader]'",
)

NAME = "01_perceptron.ipynb"
STRICT = "def neuron(X, w, b):\n    return (X @ w + b > 0).astype(int)"


def nbgrader(course: Path, *command: str) -> None:
    """Run one of nbgrader's commands in a course; it calls programs of its own by name."""
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command, "--course", "nnbook"],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Make a course whose one assignment is exercise 1, as nbgrader releases it."""
    course = tmp_path_factory.mktemp("course")
    write(course / "source" / "one" / NAME, solved(root))
    nbgrader(course, "generate_assignment", "one")
    return course


@pytest.fixture(scope="module")
def scores(course: Path, root: Path) -> dict[str, tuple[float, float]]:
    """Hand in four notebooks and have them marked: student → score and highest score."""
    handed_in = {
        "solution": solved(root),
        "starter": nbformat.read(root / "exercises" / NAME, as_version=4),
        "released": nbformat.read(course / "release" / "one" / NAME, as_version=4),
        "one_mistake": with_a_mistake(solved(root)),
    }
    for student, notebook in handed_in.items():
        write(course / "submitted" / student / "one" / NAME, notebook)
    nbgrader(course, "autograde", "one")
    nbgrader(course, "export")
    with (course / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}


def solved(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "exercises" / "solutions" / NAME, as_version=4)


def with_a_mistake(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    answers = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    next(answers).source = STRICT
    return notebook


def write(path: Path, notebook: nbformat.NotebookNode) -> None:
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def test_the_assignment_holds_no_solution(course: Path) -> None:
    released = (course / "release" / "one" / NAME).read_text(encoding="utf-8")
    assert released.count("YOUR CODE HERE") == 7
    assert "SOLUTION" not in released
    assert "z = X @ w + b" not in released


@pytest.mark.parametrize(
    ("student", "score"),
    [
        ("solution", 16),
        ("starter", 0),
        ("released", 0),
        ("one_mistake", 16 - find("neuron").points),
    ],
)
def test_the_marks_are_those_of_the_tasks(
    scores: dict[str, tuple[float, float]], student: str, score: float
) -> None:
    assert scores[student] == (score, 16)
