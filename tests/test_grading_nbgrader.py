"""The README's page for teachers: its lines bring our marks into nbgrader's gradebook."""

import csv
import importlib.util
import os
import re
from pathlib import Path

import pytest
from sandboxes import sandbox_or_skip
from test_nbgrader import NAME, nbgrader, solved, with_a_mistake, write

from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.jobs import Options

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"),
    reason="nbgrader is not installed: pip install -e '.[nbgrader]'",
)


@pytest.mark.filterwarnings("ignore")  # nbgrader's own
def test_our_marks_come_into_nbgraders_gradebook(tmp_path: Path, root: Path, monkeypatch):
    sandbox_or_skip().close()
    write(tmp_path / "source" / "one" / NAME, solved(root))
    nbgrader(tmp_path, "generate_assignment", "one")
    write(tmp_path / "submitted" / "ada" / "one" / NAME, solved(root))
    write(tmp_path / "submitted" / "bob" / "one" / NAME, with_a_mistake(solved(root)))
    grade_class(tmp_path / "submitted", tmp_path / "RESULTS", Options())
    monkeypatch.chdir(tmp_path)
    exec(lines_of(root).replace('"ASSIGNMENT"', '"one"'), {})
    nbgrader(tmp_path, "export")
    with (tmp_path / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"ada": 16, "bob": 14}


def lines_of(root: Path) -> str:
    text = (root / "README.md").read_text(encoding="utf-8")
    guide = text.split("## Grade a class\n")[1].split("\n## ")[0]
    (lines,) = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    return lines


def test_the_page_names_options_and_files_that_exist(root: Path):
    from nnbook import __main__ as command_line

    text = (root / "README.md").read_text(encoding="utf-8")
    guide = text.split("## Grade a class\n")[1].split("\n## ")[0]
    source = Path(command_line.__file__).read_text(encoding="utf-8")
    for option in set(re.findall(r"--[a-z][a-z-]+", guide)) - {"--user", "--scope"}:
        assert option in source, option
    assert os.path.exists(root / "tests" / "hostile.py")
