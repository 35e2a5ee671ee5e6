"""The README's guides: what one shows is a task that passes every test; what they name exists."""

import re

import bank
import nbformat
import pytest
from nbformat.v4 import new_notebook

from nnbook import adding, check
from nnbook.__main__ import main
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
    folder = tmp_path / "exercises" / "checks"
    folder.mkdir(parents=True)
    (folder / "ch08_precision.py").write_text(code_in(guide), encoding="utf-8")
    for module in (exercise, adding):
        monkeypatch.setattr(module, "checks_folder", lambda: folder)
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    return exercise.find("precision")


def code_in(guide):
    (definition,) = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    return definition


def test_the_definition_is_one_that_the_bank_of_answers_is_tried_on(guide):
    assert (bank.KINDS / "ch08_precision.py").read_text(encoding="utf-8") == code_in(guide)


def test_the_command_writes_the_cells_and_the_sum_that_the_guide_tells_of(
    guide, precision, tmp_path
):
    (command,) = re.findall(r"^\.venv/bin/python -m nnbook (.*)$", guide, flags=re.MULTILINE)
    assert main(command.split()) == 0
    (path,) = (tmp_path / "exercises" / "solutions").glob("08_*.ipynb")
    first, _, _, solution, checked = nbformat.read(path, as_version=4).cells
    given = student_notebook(new_notebook(cells=[solution])).cells[0]
    assert check("precision", defined(solution.source)).status == "right"
    assert check("precision", defined(given.source)).status == "not attempted"
    assert f"`{checked.source}`" in guide
    assert re.search(r"about \d+ minutes for \d+ points", guide)[0] in first.source


def defined(source):
    import numpy as np

    namespace = {"np": np}
    exec(source, namespace)
    return namespace["precision"]


def test_the_guide_says_all_that_a_task_needs(guide):
    for needed in (
        "at least five",
        "every file there binds `EXERCISES`",
        "`### BEGIN SOLUTION`",
        "`starter`",
        "worked by hand",
        '"you can"',
    ):
        assert needed in guide


def test_the_guide_names_files_that_exist_and_fields_that_a_task_has(guide, root):
    for file in re.findall(r"tests/[\w/]+\.py", guide):
        assert (root / file).is_file()
    fields = {*exercise.Exercise.__dataclass_fields__, *exercise.Twin.__dataclass_fields__}
    assert {"use", "may_change", "holds", "sign", "equivalent"} <= fields
    for field in ("use", "may_change", "holds", "sign", "equivalent"):
        assert f"`{field}`" in guide


def test_the_guide_for_teachers_names_options_and_files_that_exist(root, capsys):
    text = (root / "README.md").read_text(encoding="utf-8")
    guide = text.split("## Grade a class\n")[1].split("\n## ")[0]
    with pytest.raises(SystemExit):
        main(["grade", "--help"])
    known = capsys.readouterr().out
    of_others = {"--user", "--scope"}  # of systemd-run
    for option in set(re.findall(r"--[a-z][a-z-]+", guide)) - of_others:
        assert option in known, option
    for file in re.findall(r"`(tests/\w+\.py)`", guide):
        assert (root / file).is_file()
