"""Definitions: found, loaded, refused."""

from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.exercises import Case, Exercise, exercise, find, load

DEFINITION = """
from nnbook.exercises import Case, Exercise

EXERCISES = tuple(
    Exercise(
        name=name, chapter=9, title=name, points=1, minutes=1, difficulty=1, shapes="x → x",
        reference=abs, cases=(Case((1,)),), hidden=lambda rng: (Case((-1,)), Case((0,))),
        twins=(), hints=("", "", ""),
    )
    for name in {names}
)
"""


def write_definition(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ch09_made.py").write_text(DEFINITION.format(names=names))
    return folder


def test_every_task_is_found_by_its_name():
    known = load(exercise.checks_folder())
    assert "neuron" in known
    for name, task in known.items():
        assert isinstance(task, Exercise)
        assert find(name) is task


def test_an_unknown_task_lists_the_known_ones_and_the_nearest():
    with pytest.raises(UnknownNameError, match=r"got 'nueron'.*'spam_score'.*mean 'neuron'"):
        find("nueron")


@pytest.mark.parametrize("name", [abs, None, ["neuron"]])
def test_a_name_that_is_no_string_is_refused(name):
    with pytest.raises(KindError, match=r'in quotes, as in check\("neuron", neuron\)'):
        find(name)


def test_a_folder_of_definitions_is_loaded(tmp_path):
    known = load(write_definition(tmp_path, "first", "second"))
    assert list(known) == ["first", "second"]
    assert known["first"].hidden_count() == 2


def test_definitions_cannot_be_changed(tmp_path):
    known = load(write_definition(tmp_path, "first"))
    with pytest.raises(TypeError):
        known["first"] = None
    with pytest.raises(AttributeError):
        known["first"].points = 99


def test_two_tasks_of_one_name_are_refused(tmp_path):
    with pytest.raises(ArgumentError, match="first, first"):
        load(write_definition(tmp_path, "first", "first"))


def test_the_folder_is_found_upward_from_the_current_one(tmp_path, monkeypatch):
    folder = write_definition(tmp_path / "exercises" / "checks", "first")
    (tmp_path / "exercises" / "solutions").mkdir()
    monkeypatch.setattr(exercise, "__file__", str(tmp_path / "elsewhere" / "a" / "b" / "c.py"))
    monkeypatch.chdir(tmp_path / "exercises" / "solutions")
    assert exercise.checks_folder() == folder


def test_without_a_folder_it_says_where_to_stand(tmp_path, monkeypatch):
    monkeypatch.setattr(exercise, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match="open the notebook from the folder of the book"):
        find("neuron")


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((), 0),
        ((3.0, None), 2),
        ((np.zeros((2, 3)), [1, 2]), 8),
        (("four", {"ab": 1.0}), 7),
        (([np.ones(2), np.ones(1)], (True,)), 4),
    ],
)
def test_the_size_of_a_case_is_what_there_is_to_look_at(arguments, size):
    assert Case(arguments).size == size
