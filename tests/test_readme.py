"""The contributor's guide in the README: what it shows is a task that passes every test."""

import re

import bank
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import check
from nnbook.exercises import exercise
from nnbook.exercises.student import student_notebook


@pytest.fixture
def guide(root):
    """Return the section on adding a task."""
    text = (root / "README.md").read_text(encoding="utf-8")
    return text.split("## Add a task\n")[1].split("\n## ")[0]


@pytest.fixture
def precision(guide, tmp_path, monkeypatch):
    """Write the definition of the guide into a folder, take it for the book's, and load it."""
    definition, _ = code_in(guide)
    (tmp_path / "ch08_precision.py").write_text(definition, encoding="utf-8")
    monkeypatch.setattr(exercise, "checks_folder", lambda: tmp_path)
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    return exercise.find("precision")


def code_in(guide):
    return re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)


def test_the_definition_is_one_that_the_bank_of_answers_is_tried_on(guide):
    definition, _ = code_in(guide)
    assert (bank.KINDS / "ch08_precision.py").read_text(encoding="utf-8") == definition


def test_the_solution_cell_gets_full_marks_and_the_students_cell_is_not_attempted(guide, precision):
    _, solution = code_in(guide)
    metadata = {"nbgrader": {"grade_id": "precision", "solution": True}}
    given = student_notebook(new_notebook(cells=[new_code_cell(solution, metadata=metadata)]))
    assert bank.verdict(precision, defined(solution)).status == "right"
    assert check("precision", defined(solution)).status == "right"
    assert check("precision", defined(given.cells[0].source)).status == "not attempted"


def defined(source):
    import numpy as np

    namespace = {"np": np}
    exec(source, namespace)
    return namespace["precision"]


def test_the_guide_says_all_that_a_task_needs(guide):
    for needed in (
        "at least five",
        "every file there binds `EXERCISES`",
        "`precision-task`",
        "`precision-answer`",
        "`precision-check`",
        "`check_precision`",
        '"about 5 minutes for 2 points"',
        'begins "you can"',
    ):
        assert needed in guide


def test_the_guide_names_files_that_exist_and_fields_that_a_task_has(guide, root):
    for file in re.findall(r"tests/[\w/]+\.py", guide):
        assert (root / file).is_file()
    fields = {*exercise.Exercise.__dataclass_fields__, *exercise.Twin.__dataclass_fields__}
    assert {"use", "may_change", "holds", "sign", "equivalent"} <= fields
    for field in ("use", "may_change", "holds", "sign", "equivalent"):
        assert f"`{field}`" in guide
