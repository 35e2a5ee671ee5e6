"""Definitions: found, loaded, refused."""

from pathlib import Path

import numpy as np
import pytest

from nnbook import check
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


def test_a_definition_is_loaded_whatever_its_file_is_called(tmp_path):
    write_definition(tmp_path, "first")
    (tmp_path / "ch09_made.py").rename(tmp_path / "accuracy.py")
    assert list(load(tmp_path)) == ["first"]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("def first(:", "SyntaxError: "),
        ("ACCURACY = 1", "AttributeError: module .* has no attribute 'EXERCISES'"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("EXERCISES = (3)", "EXERCISES = a number"),
        ("EXERCISES = (3,)", "EXERCISES = a tuple of length 1"),
    ],
)
def test_a_file_that_is_no_definition_is_refused_in_words_that_name_it(tmp_path, text, got):
    (tmp_path / "broken.py").write_text(text)
    with pytest.raises(ArgumentError, match=rf"{got}.*broken\.py, wanted a file that binds"):
        load(tmp_path)


def test_a_reference_that_fails_is_told_to_its_author(tmp_path, monkeypatch):
    broken = DEFINITION.format(names=["first"]).replace("Case((1,))", "Case(('x',))")
    (tmp_path / "broken.py").write_text(broken)
    monkeypatch.setattr(exercise, "checks_folder", lambda: tmp_path)
    with pytest.raises(ArgumentError, match=r"TypeError.* from the reference of first"):
        check("first", abs)


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
