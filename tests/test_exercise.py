"""Definitions: found, loaded, refused."""

from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.exercises import Exercise, exercise, find, load

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


TASKS = list(load(exercise.checks_folder()).values())


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
class TestEveryTask:
    """What holds for each definition of the book."""

    def test_it_is_complete(self, task):
        assert task.name == task.reference.__name__
        assert task.reference.__doc__
        assert task.points > 0
        assert task.minutes > 0
        assert task.difficulty in (1, 2, 3)
        assert task.title
        assert "→" in task.shapes
        assert len(task.hints) == 3

    def test_it_has_five_twins_with_names_and_messages_of_their_own(self, task):
        assert len(task.twins) >= 5
        assert len({twin.name for twin in task.twins}) == len(task.twins)
        assert len({twin.message for twin in task.twins}) == len(task.twins)

    def test_every_public_case_has_a_nudge(self, task):
        assert all(case.about for case in task.cases)

    def test_the_first_public_case_is_the_smallest(self, task):
        sizes = [sum(map(np.size, case.arguments)) for case in task.cases]
        assert sizes[0] == min(sizes)

    def test_it_always_hides_equally_many_cases(self, task):
        counts = {len(list(task.hidden(np.random.default_rng(seed)))) for seed in range(5)}
        assert counts == {task.hidden_count()}
        assert task.hidden_count() > 0
