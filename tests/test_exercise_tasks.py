"""What holds for every task: of the book, and of every kind that a task can be.

A task that is defined in a folder below is tested here without another line being written.
"""

import ast
import inspect
import re
import sys
import textwrap

import bank
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnbook import check, hint, solution
from nnbook.exercises import exercise, load
from nnbook.exercises.judging import expected, judge
from nnbook.exercises.running import Outcome
from nnbook.exercises.student import student_notebook

BOOK = list(load(bank.BOOK).values())
TASKS = [
    *((bank.BOOK, task) for task in BOOK),
    *((bank.KINDS, t) for t in load(bank.KINDS).values()),
]
TWINS = [(folder, task, twin) for folder, task in TASKS for twin in task.twins]

every_task = pytest.mark.parametrize(
    ("folder", "task"), TASKS, ids=[task.name for _, task in TASKS]
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep the progress of a test in a folder of its own."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))


@pytest.fixture
def book_of_tasks(folder, monkeypatch):
    """Take the folder of the task for the book's."""
    monkeypatch.setattr(exercise, "checks_folder", lambda: folder)


# --- the definition -----------------------------------------------------------------------------


@every_task
def test_the_definition_is_complete(folder, task):
    assert task.name == task.reference.__name__
    assert task.reference.__doc__
    assert task.points > 0
    assert task.minutes > 0
    assert task.difficulty in (1, 2, 3)
    assert task.title
    assert "→" in task.shapes
    assert len(task.hints) == 3
    assert set(task.may_change) <= set(task.argument_names())


@every_task
def test_there_are_five_twins_with_names_and_messages_of_their_own(folder, task):
    assert len(task.twins) >= 5, "a task knows at least five mistakes"
    assert len({twin.name for twin in task.twins}) == len(task.twins)
    assert len({twin.message for twin in task.twins}) == len(task.twins)


@every_task
def test_every_public_case_has_a_nudge_and_the_first_is_the_smallest(folder, task):
    assert all(case.about for case in task.cases), "a public case says what is special in it"
    smallest = min(case.size for case in task.cases)
    assert task.cases[0].size == smallest, "the first public case is the smallest"


@every_task
def test_equally_many_cases_are_always_hidden(folder, task):
    counts = {len(list(task.hidden(np.random.default_rng(seed)))) for seed in range(5)}
    assert counts == {task.hidden_count()}
    assert task.hidden_count() > 0


# --- the bank of answers ------------------------------------------------------------------------


@every_task
@pytest.mark.usefixtures("book_of_tasks")
def test_the_reference_gets_full_marks(folder, task):
    assert bank.verdict(task, task.reference).fault == ""
    feedback = check(task.name, task.reference)
    assert feedback.status == "right"
    assert f"{task.hidden_count()} further cases, which only a grader" in repr(feedback)


@every_task
@pytest.mark.usefixtures("book_of_tasks")
def test_the_starter_is_not_attempted(folder, task):
    assert check(task.name, definition(starter_cell(task), task)).status == "not attempted"


@pytest.mark.parametrize(
    ("folder", "task", "twin"), TWINS, ids=[f"{task.name}: {twin.name}" for _, task, twin in TWINS]
)
@pytest.mark.usefixtures("book_of_tasks")
def test_every_twin_is_caught_and_named(folder, task, twin):
    feedback = check(task.name, twin.answer)
    assert feedback.status == "wrong"
    assert dict(feedback.lines)["mistake"] == twin.message
    assert bank.verdict(task, twin.answer).twin is twin


@every_task
def test_no_mutant_gets_full_marks(folder, task, monkeypatch):
    # a mutant that loops may be stopped while Python collects garbage, and is then stopped again
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    assert bank.survivors_of(task, bank.all_cases(task)) == set(task.equivalent)
    assert list(bank.mutants(task)), "no mechanical change of the reference is known to the bank"


@every_task
@pytest.mark.usefixtures("book_of_tasks")
def test_every_kind_of_nonsense_is_wrong_and_never_a_traceback(folder, task):
    for nonsense in (np.nan, "x", {1}, [None], 1j, np.full(3, np.nan), iter(()), object, ..., ()):
        for wrapped in (nonsense, (nonsense,) * 2, [nonsense] * 3):
            feedback = check(task.name, lambda *_, value=wrapped: value)
            assert feedback.status in ("wrong", "not attempted")
            assert len(repr(feedback)) < 2000


@every_task
def test_constants_and_inputs_never_get_full_marks(folder, task):
    cases = bank.all_cases(task)
    for place in range(len(task.cases[0].arguments)):
        inputs = [Outcome(case.arguments[place]) for case in cases]
        assert judge(task, cases, inputs).status == "wrong"
    for case in task.cases:
        constant = [Outcome(expected(task, case))] * len(cases)
        assert judge(task, cases, constant).status == "wrong"


@every_task
def test_answers_learned_by_heart_fail_the_hidden_cases(folder, task):
    cases = bank.all_cases(task)
    known = [Outcome(expected(task, case)) for case in task.cases]
    outcomes = known + [known[0]] * task.hidden_count()
    assert judge(task, task.cases, known).status == "right"
    assert judge(task, cases, outcomes).status == "wrong"


# --- what the reader may see --------------------------------------------------------------------


@every_task
def test_no_hint_and_no_message_contains_a_line_of_the_solution(folder, task):
    lines = set(map(squeezed, lines_of_work(task.reference)))
    shown = [*task.hints, *(twin.message for twin in task.twins), *(c.about for c in task.cases)]
    assert [line for text in shown for line in lines if line in squeezed(text)] == []


def lines_of_work(reference):
    """Yield the statements of a solution, without names, docstrings and what every loop has."""
    whole = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    for node in ast.walk(whole):
        is_header = isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not (is_header or is_docstring):
            yield ast.unparse(node).splitlines()[0]


@every_task
def test_the_solution_that_is_shown_is_whole(folder, task):
    source = textwrap.dedent(inspect.getsource(task.reference))
    assert bank.verdict(task, definition(source, task)).status == "right"


def squeezed(text):
    return "".join(text.split())


def test_the_leak_test_finds_a_planted_line():
    (task,) = (task for task in BOOK if task.name == "neuron")
    assert "z = X @ w + b" in lines_of_work(task.reference)
    assert squeezed("z = X @ w + b") in squeezed("Write z = X@w+b first.")


@every_task
@pytest.mark.usefixtures("book_of_tasks")
def test_hints_come_in_three_levels_and_the_solution_after_giving_up(folder, task):
    assert [hint(task.name).headline for _ in task.hints] == [
        f"Hint {level} of 3 for {task.name}" for level in (1, 2, 3)
    ]
    source = textwrap.dedent(inspect.getsource(task.reference)).strip()
    assert source not in repr(solution(task.name))
    assert dict(solution(task.name, give_up=True).lines)["code"] == source


# --- the notebooks ------------------------------------------------------------------------------


def cell_of(path, grade_id):
    found = cells_of(path, grade_id=grade_id)
    assert len(found) == 1, f"{path.name} has one cell with grade_id {grade_id!r}, not {len(found)}"
    return found[0]


def cells_of(path, **nbgrader):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if nbgrader.items() <= cell.metadata.get("nbgrader", {}).items()]


def starter_cell(task):
    """Return what the reader is given, made from a solution cell as in the notebooks."""
    head, body = textwrap.dedent(inspect.getsource(task.reference)).split("\n", 1)
    source = f"{head}\n    ### BEGIN SOLUTION\n{body.rstrip()}\n    ### END SOLUTION"
    metadata = {"nbgrader": {"grade_id": task.name, "solution": True}}
    made = student_notebook(new_notebook(cells=[new_code_cell(source, metadata=metadata)]))
    return made.cells[0].source


def definition(source, task):
    """Run a cell that the reader fills in; return what it defines under the task's name."""
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[task.name]


def notebook_of(task, folder):
    paths = list((bank.ROOT / folder).glob(f"{task.chapter:02d}_*.ipynb"))
    assert len(paths) == 1, f"chapter {task.chapter} has one notebook in {folder}, not {len(paths)}"
    return paths[0]


of_the_book = pytest.mark.parametrize("task", BOOK, ids=[task.name for task in BOOK])


@of_the_book
def test_the_solution_cell_agrees_with_the_definition(task):
    cell = cell_of(notebook_of(task, "exercises/solutions"), task.name)
    answer = definition(cell.source, task)
    assert bank.verdict(task, answer).status == "right"
    names = [list(inspect.signature(one).parameters) for one in (answer, task.reference)]
    assert names[0] == names[1]


@of_the_book
def test_the_student_cell_starts_unattempted(task):
    cell = cell_of(notebook_of(task, "exercises"), task.name)
    assert check(task.name, definition(cell.source, task)).status == "not attempted"


@of_the_book
@pytest.mark.parametrize("folder", ["exercises/solutions", "exercises"])
def test_the_checked_cell_is_locked_and_worth_the_points(task, folder):
    path = notebook_of(task, folder)
    answered = cell_of(path, task.name)
    checked = cell_of(path, f"check_{task.name}")
    common = {"schema_version": 3, "task": False}
    assert checked.source == f'check("{task.name}", {task.name})'
    assert answered.metadata.nbgrader == {
        **common,
        **{"grade": False, "grade_id": task.name, "locked": False, "solution": True},
    }
    assert checked.metadata.nbgrader == {
        **common,
        **{"grade": True, "grade_id": f"check_{task.name}", "locked": True, "solution": False},
        "points": task.points,
    }


@of_the_book
def test_the_notebook_states_what_the_definition_says(task):
    cells = {cell.id: cell for cell in nbformat.read(notebook_of(task, "exercises"), 4).cells}
    named = f"{task.name.replace('_', '-')}-task"
    assert named in cells, f"the cell with the statement has the id {named!r}"
    statement = cells[named].source
    effort = f"difficulty {task.difficulty} of 3 · {task.minutes} minutes · {task.points} point"
    assert task.title in statement
    assert effort in statement


@pytest.mark.parametrize("chapter", sorted({task.chapter for task in BOOK}))
def test_a_notebook_holds_the_tasks_of_its_chapter_in_order(chapter):
    tasks = [task for task in BOOK if task.chapter == chapter]
    path = notebook_of(tasks[0], "exercises")
    answered = [cell.metadata.nbgrader.grade_id for cell in cells_of(path, solution=True)]
    assert answered == [task.name for task in tasks]
    told = re.search(r"about (\d+) minutes for (\d+) points", text_of(path))
    assert told, f"{path.name} says in its first cell: about N minutes for M points"
    minutes, points = told.groups()
    assert int(points) == sum(task.points for task in tasks)
    assert int(minutes) >= sum(task.minutes for task in tasks)


def text_of(path):
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
