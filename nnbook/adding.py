"""Add a task to its chapter: the three cells of a definition, in the notebook with solutions.

The statement begins with the docstring of the reference and the shapes, so that nothing has to be
written twice; whoever adds the task goes on from there. The solution cell is the reference itself,
with the marks that `student_notebook` reads around what the reader is to write.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnbook import notebooks
from nnbook.errors import ArgumentError
from nnbook.exercises.exercise import DEFINITIONS, Exercise, checks_folder, find, load

_IMPORTS = "import numpy as np\n\nfrom nnbook import check, hint, solution"
_OPENING = """\
# Exercises {chapter}: {subject}

After this notebook you can

- write `{name}`.

**You need** {needed} and arrays in NumPy. **Time:** about 0 minutes for 0 points.

Fill in the cell of each task and run it, then run the cell below it. You are told what came back \
and what was expected. Stuck? `hint("{name}")` gives a first hint, then a second and a third; \
`solution("{name}")` shows a solution."""
_STATEMENT = """\
## {number}. {title}

`{name}` · difficulty {difficulty} of 3 · {minutes} minutes · {worth}

{words}

<!-- Say here what is asked, what each argument means, and work one small case by hand. -->

**Shapes:** {shapes}"""
_TOTALS = re.compile(r"about \d+ minutes for \d+ points")


def add_task(name: str) -> Path:
    """Write the cells of a task into its chapter's notebook with solutions; return its path.

    They come last, but for a summary. A notebook that does not exist is made. The totals in its
    first cell are brought up to date: the points, and the minutes in steps of five.

    Raises
    ------
    UnknownNameError
        When no definition has this name.
    ArgumentError
        When the notebook holds the task already, or a later one of the same chapter; when its
        first cell has no totals; when the reference has no docstring.
    NotebookError
        When the notebook cannot be read.
    """
    exercise = find(name, "add-task")
    path = _path(exercise)
    notebook = notebooks.read(path) if path.exists() else _new_notebook(exercise, path)
    _insert(notebook, exercise, path)
    path.parent.mkdir(exist_ok=True)
    notebooks.store(notebook, path)
    return path


def task_cells(exercise: Exercise, number: int) -> list[Any]:
    """Return the statement, the solution and the check of what is the task of this number.

    Raises
    ------
    ArgumentError
        When the reference has no docstring.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    name = exercise.name
    cell_id = name.replace("_", "-")
    return [
        new_markdown_cell(_statement(exercise, number), id=f"{cell_id}-task"),
        new_code_cell(
            _solution(exercise), id=f"{cell_id}-answer", metadata=_nbgrader(name, solution=True)
        ),
        new_code_cell(
            f'check("{name}", {name})',
            id=f"{cell_id}-check",
            metadata=_nbgrader(f"check_{name}", points=exercise.points),
        ),
    ]


def _statement(exercise: Exercise, number: int) -> str:
    return _STATEMENT.format(
        number=number,
        title=exercise.title,
        name=exercise.name,
        difficulty=exercise.difficulty,
        minutes=exercise.minutes,
        worth=exercise.worth,
        words=inspect.getdoc(exercise.reference),
        shapes=exercise.shapes,
    )


def _solution(exercise: Exercise) -> str:
    """Return the source of the reference, with marks around what the starter stands in for."""
    source = textwrap.dedent(inspect.getsource(exercise.reference)).rstrip()
    first = _docstring(source, exercise.name)
    brings_its_own = exercise.starter is not None and exercise.starter.__doc__ is not None
    given = first.lineno - 1 if brings_its_own else first.end_lineno
    lines, indent = source.split("\n"), " " * first.col_offset
    work = "\n".join(lines[given:]).strip("\n")
    begin, end = f"{indent}### BEGIN SOLUTION", f"{indent}### END SOLUTION"
    return "\n".join([*lines[:given], begin, work, end])


def _docstring(source: str, name: str) -> ast.stmt:
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    if ast.get_docstring(definition) is None:
        raise ArgumentError(
            "add-task",
            got=f"a reference {name!r} without a docstring",
            wanted="one that says what is asked, which the reader is given",
            remedy="write it below the signature, in the definition",
        )
    return definition.body[0]


def _nbgrader(grade_id: str, *, solution: bool = False, points: int | None = None) -> Any:
    """Return the metadata by which nbgrader knows a cell; one with points is graded and locked."""
    graded = points is not None
    kind = {"grade": graded, "locked": graded, "solution": solution, "task": False}
    worth = {"points": points} if graded else {}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **kind, **worth}}


def _path(exercise: Exercise) -> Path:
    """Return the notebook of a task, or where it will be: it is named as its chapter is."""
    folder = checks_folder().parent / "solutions"
    existing = sorted(folder.glob(f"{exercise.chapter:02d}_*.ipynb"))
    if existing:
        return existing[0]
    chapter = _chapter(exercise)
    if chapter:
        return folder / chapter.name
    file = exercise.reference.__module__.removeprefix(DEFINITIONS)
    return folder / f"{exercise.chapter:02d}_{re.sub(r'^ch[0-9]+_', '', file)}.ipynb"


def _chapter(exercise: Exercise) -> Path | None:
    """Return the chapter that a task belongs to, unless it is still to be written."""
    folder = checks_folder().parents[1] / "chapters"
    return next(folder.glob(f"{exercise.chapter:02d}_*.ipynb"), None)


def _new_notebook(exercise: Exercise, path: Path) -> Any:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    number, chapter = exercise.chapter, _chapter(exercise)
    link = f"[chapter {number}](../../chapters/{chapter.name})" if chapter else f"chapter {number}"
    opening = _OPENING.format(
        chapter=number,
        subject=path.stem.partition("_")[2].replace("_", " "),
        name=exercise.name,
        needed=link,
    )
    cells = [new_markdown_cell(opening, id="title"), new_code_cell(_IMPORTS, id="imports")]
    return new_notebook(cells=cells)


def _insert(notebook: Any, exercise: Exercise, path: Path) -> None:
    tasks = _tasks_in(notebook)
    made = task_cells(exercise, number=len(tasks) + 1)
    _refuse_a_second(notebook, made, exercise, path)
    _refuse_before_another(tasks, exercise, path)
    end = len(notebook.cells) - _ends_in_a_summary(notebook)
    notebook.cells[end:end] = made
    _update_totals(notebook, path)


def _tasks_in(notebook: Any) -> list[str]:
    """Return the names of the tasks in a notebook, from top to bottom."""
    metadata = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return [cell["grade_id"] for cell in metadata if cell.get("solution")]


def _refuse_a_second(notebook: Any, made: list[Any], exercise: Exercise, path: Path) -> None:
    """Refuse a task of which the notebook holds a cell, also when the other two are gone."""
    if _known_as(notebook.cells) & _known_as(made):
        raise ArgumentError(
            "add-task",
            got=f"{exercise.name!r}, which is in {path} already",
            wanted="a task that is not there yet",
            remedy="change its cells there, or delete all three and add it again",
        )


def _known_as(cells: list[Any]) -> set[str]:
    """Return the ids of cells, and those by which nbgrader knows them."""
    graded = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    return ({cell.get("id") for cell in cells} | graded) - {None}


def _refuse_before_another(tasks: Sequence[str], exercise: Exercise, path: Path) -> None:
    """Refuse a task that would stand behind one that its definition comes before."""
    defined = list(load(checks_folder()))
    later = [name for name in defined[defined.index(exercise.name) :] if name in tasks]
    if later:
        raise ArgumentError(
            "add-task",
            got=f"{exercise.name!r}, defined before {later[-1]!r}, which is in {path}",
            wanted="a definition that comes last, as the cells will",
            remedy="move it to the end of EXERCISES, or give its file a name that sorts behind",
        )


def _ends_in_a_summary(notebook: Any) -> bool:
    return any(cell.source.startswith("## Summary") for cell in notebook.cells[-1:])


def _update_totals(notebook: Any, path: Path) -> None:
    tasks = [find(name, "add-task") for name in _tasks_in(notebook)]
    minutes, points = sum(task.minutes for task in tasks), sum(task.points for task in tasks)
    told = f"about {-(-minutes // 5) * 5} minutes for {points} points"  # // rounds down
    first = notebook.cells[0]
    first.source, count = _TOTALS.subn(told, first.source)
    if count != 1:
        raise ArgumentError(
            "add-task",
            got=f"{count} sums of minutes and points in the first cell of {path}",
            wanted="one, which can be brought up to date",
            remedy=f"write there: {told}",
        )
