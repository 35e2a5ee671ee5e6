"""nbgrader itself takes exercise 1: it makes an assignment of it and marks what is handed in.

It also takes the marks that our own grader gives, by the lines that the README shows to teachers.
"""

import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from sandboxes import sandbox_or_skip

from nnbook.exercises import find
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.jobs import Options

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


@pytest.mark.filterwarnings("ignore")  # nbgrader's own
def test_our_marks_come_into_its_gradebook(
    course: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox_or_skip().close()
    write(tmp_path / "submitted" / "ada" / "one" / NAME, solved(root))
    write(tmp_path / "submitted" / "bob" / "one" / NAME, with_a_mistake(solved(root)))
    grade_class(tmp_path / "submitted", tmp_path / "RESULTS", Options())
    shutil.copy(course / "gradebook.db", tmp_path)
    monkeypatch.chdir(tmp_path)
    exec(lines_of(root).replace('"ASSIGNMENT"', '"one"'), {})
    assert scores_in(tmp_path / "gradebook.db", "ada", "bob") == [16, 14]


def lines_of(root: Path) -> str:
    text = (root / "README.md").read_text(encoding="utf-8")
    guide = text.split("## Grade a class\n")[1].split("\n## ")[0]
    (lines,) = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    return lines


def scores_in(file: Path, *students: str) -> list[float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{file}") as book:
        return [book.find_submission("one", student).score for student in students]
