"""Every task, judged through the sandbox: as `check` judges it here, answer for answer.

The first cell of each notebook is the definition itself, so that references, twins and mutants of
every kind are answers over there: functions, classes, generators, changes in place, functions that
are called back.
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bank
import pytest
from sandboxes import sandbox_or_skip

from nnbook.exercises import Exercise, load
from nnbook.exercises.grading.grade import Limits, grade, hidden_cases
from nnbook.exercises.grading.sandbox import Sandbox
from nnbook.exercises.grading.submissions import Notebook

SEED = 5
EVERY = 4  # the bank judges all mutants in one process; here every fourth takes the long way
LIMITS = Limits(request=2.0, cell=20.0, question=20.0, submission=600.0)
HOMES = [(folder, name) for folder in (bank.BOOK, bank.KINDS) for name in load(folder)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = sandbox_or_skip()
    yield opened
    opened.close()


def task_of(folder: Path, name: str) -> Exercise:
    """Return a task without its longest hidden cases: thousands of requests for each answer."""
    task = load(folder)[name]
    return replace(task, hidden=lambda rng: [one for one in task.hidden(rng) if one.size < 5000])


def answers(task: Exercise) -> dict[str, str]:
    """Return label → what to write in a cell, for every answer that there is to a task."""
    found = {"reference": "TASK.reference"}
    if task.starter:
        found["starter"] = "TASK.starter"
    return found | {f"twin {n}": f"TASK.twins[{n}].answer" for n in range(len(task.twins))}


def graded(sandbox: Sandbox, task: Exercise, cells: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return label → status and mistake of answers that are written in cells of their own."""
    source = Path(inspect.getsourcefile(task.reference)).read_text(encoding="utf-8")
    chosen = f"TASK = next(one for one in EXERCISES if one.name == {task.name!r})"
    names = {label: f"answer_{place}" for place, label in enumerate(cells)}
    written = [cell.format(name=names[label]) for label, cell in cells.items()]
    known = {name: replace(task, name=name) for name in names.values()}
    notebook = Notebook((source, chosen, *written), {}, tuple(known))
    results = {one.name: one for one in grade(notebook, known, sandbox, SEED, LIMITS)}
    return {label: (results[name].status, results[name].mistake) for label, name in names.items()}


def judged_here(task: Exercise, answer, place: int) -> tuple[str, str]:
    """Return status and mistake of an answer in this process, on the same cases."""
    named = replace(task, name=f"answer_{place}")
    verdict = bank.judge_on(task, [*task.cases, *hidden_cases(named, SEED)], answer)
    return verdict.status, verdict.twin.name if verdict.twin else ""


@pytest.mark.parametrize(
    ("folder", "name"), HOMES, ids=lambda part: str(getattr(part, "name", part))
)
def test_reference_starter_and_twins_are_judged_as_they_are_here(sandbox, folder, name):
    task = task_of(folder, name)
    given = graded(
        sandbox, task, {label: "{name} = " + code for label, code in answers(task).items()}
    )
    here = {"TASK": task}
    expected = {
        label: judged_here(task, eval(code, here), place)
        for place, (label, code) in enumerate(answers(task).items())
    }
    assert given == expected
    assert given["reference"] == ("right", "")
    assert given.get("starter", ("not attempted", "")) == ("not attempted", "")
    assert [given[f"twin {n}"] for n in range(len(task.twins))] == [
        ("wrong", twin.name) for twin in task.twins
    ]


def mutant_sources(task: Exercise) -> dict[str, str]:
    """Return words → source for every mechanical change of a reference."""
    whole = ast.parse(textwrap.dedent(inspect.getsource(task.reference)))
    found = {}
    for old in ast.walk(whole):
        for new in bank._changes(old):
            mutant = copy.deepcopy(whole, {id(old): new})
            words = f"{ast.unparse(old)} -> {ast.unparse(new)}"
            found.setdefault(words, ast.unparse(ast.fix_missing_locations(mutant)))
    return found


@pytest.mark.parametrize(
    ("folder", "name"), HOMES, ids=lambda part: str(getattr(part, "name", part))
)
def test_no_mutant_of_the_reference_gets_full_marks(sandbox, folder, name):
    task = task_of(folder, name)
    sources = {
        words: source.replace("{", "{{").replace("}", "}}") + f"\n{{name}} = {task.name}"
        for words, source in list(mutant_sources(task).items())[::EVERY]
        if words not in task.equivalent
    }
    given = graded(sandbox, task, sources)
    assert [words for words, (status, _) in given.items() if status == "right"] == []
