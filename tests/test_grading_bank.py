"""Every task, judged through the sandbox: as `check` judges it, answer for answer.

The first cell of each notebook is the definition itself, so that references, twins and mutants of
every kind are answers over there: functions, classes, generators, changes in place, functions and
iterators of the task's that are called back.
"""

import ast
import copy
import inspect
import os
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import bank
import numpy as np
import pytest
from sandboxes import sandbox_or_skip

from nnbook import Tensor
from nnbook.exercises import Case, Exercise, load
from nnbook.exercises.grading.grade import Limits, grade
from nnbook.exercises.grading.sandbox import Sandbox
from nnbook.exercises.grading.submissions import Notebook

# All of these are judged in one process by `test_exercise_tasks`; here it matters that they cross.
TWINS = int(os.environ.get("NNBOOK_TWINS", "3"))  # of each task
MUTANTS = 1
LONG = 5000  # a case of more numbers is thousands of requests: enough for the reference
LIMITS = Limits(request=5.0, submission=600.0)
TASKS = {
    f"{folder.parent.name}-{name}": (folder, name)
    for folder in (bank.BOOK, bank.KINDS)
    for name in load(folder)
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = sandbox_or_skip()
    yield opened
    opened.close()


@pytest.mark.parametrize(("folder", "name"), TASKS.values(), ids=TASKS)
def test_every_answer_is_judged_as_check_judges_it(sandbox, folder, name):
    task = load(folder)[name]
    found = graded(sandbox, task, {**known_answers(task), **some_mutants(task)})
    mutants = {found.pop(words)[0] for words in some_mutants(task)}
    expected = {"reference": ("right", ""), "starter": ("not attempted", "")}
    expected |= {twin.name: ("wrong", twin.name) for twin in task.twins[:TWINS]}
    assert found == {label: expected[label] for label in known_answers(task)}
    assert "right" not in mutants


def known_answers(task: Exercise) -> dict[str, str]:
    """Return label → what a cell binds to a name, for every answer of a definition."""
    starter = {"starter": "{name} = TASK.starter"} if task.starter else {}
    twins = enumerate(task.twins[:TWINS])
    of_twins = {twin.name: f"{{name}} = TASK.twins[{n}].answer" for n, twin in twins}
    return {"reference": "{name} = TASK.reference", **starter, **of_twins}


def some_mutants(task: Exercise) -> dict[str, str]:
    """Return words → a cell, for some mechanical changes of a reference."""
    whole = ast.parse(textwrap.dedent(inspect.getsource(task.reference)))
    changed = (
        (f"{ast.unparse(old)} -> {ast.unparse(new)}", copy.deepcopy(whole, {id(old): new}))
        for old in ast.walk(whole)
        for new in bank.changes(old)
    )
    telling = ((words, tree) for words, tree in changed if words not in task.equivalent)
    sources = ((words, ast.unparse(ast.fix_missing_locations(tree))) for words, tree in telling)
    return {words: _in_its_own_space(source, task) for words, source in islice(sources, MUTANTS)}


def _in_its_own_space(source: str, task: Exercise) -> str:
    """Write a cell that leaves the reference alone: twins may be made from it."""
    written = repr(source).replace("{", "{{").replace("}", "}}")
    return f"SPACE = dict(globals())\nexec({written}, SPACE)\n{{name}} = SPACE[{task.name!r}]"


def graded(sandbox: Sandbox, task: Exercise, cells: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return label → status and mistake of answers that are written in cells of their own."""
    source = Path(inspect.getsourcefile(task.reference)).read_text(encoding="utf-8")
    chosen = f"TASK = next(one for one in EXERCISES if one.name == {task.name!r})"
    names = {label: f"answer_{place}" for place, label in enumerate(cells)}
    written = [cell.format(name=names[label]) for label, cell in cells.items()]
    short = replace(task, hidden=lambda rng: [one for one in task.hidden(rng) if one.size < LONG])
    known = {
        name: replace(task if label == "reference" else short, name=name)
        for label, name in names.items()
    }
    notebook = Notebook((source, chosen, *written), {}, tuple(known))
    results = {one.name: one for one in grade(notebook, known, sandbox, 5, LIMITS)}
    return {label: (results[name].status, results[name].mistake) for label, name in names.items()}


def test_what_cannot_go_into_a_sandbox_is_said(sandbox):
    """Show what an author whose case holds an object is told by the test above."""

    def precision(predicted, labels):
        return 1.0

    task = load(bank.KINDS)["precision"]
    cases = (Case((Tensor([1.0]), np.array([1]))),)
    known = {"precision": replace(task, reference=precision, cases=cases, hidden=lambda rng: [])}
    notebook = Notebook((textwrap.dedent(inspect.getsource(precision)),), {}, tuple(known))
    (result,) = grade(notebook, known, sandbox, 1)
    assert dict(result.lines)["raised"] == (
        "KindError: grade: got a Tensor (its .numpy() is the array) as an argument of an answer, "
        "wanted data, a generator of NumPy's own kind (PCG64), a function or an iterator; "
        "let the case hold data, and make the rest of it in the task's `use`"
    )
