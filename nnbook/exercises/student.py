"""Make the student notebooks from the solution notebooks.

The solution notebook is the source: what stands between ``### BEGIN SOLUTION`` and
``### END SOLUTION`` is replaced by the task's starter, and the outputs are cleared. Links lose one
``../``, because the student notebook lies one folder higher. Cell ids and the metadata that
nbgrader reads stay as they are.

Run ``python -m nnbook.exercises.student exercises/solutions -o exercises``; with ``--check``
nothing is written and the exit code says whether a notebook has drifted from its source.
"""

import argparse
import copy
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnbook.errors import ArgumentError
from nnbook.exercises.exercise import body, find

_SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$", re.DOTALL | re.MULTILINE
)


def student_notebook(notebook: Any) -> Any:
    """Return a notebook for the reader, made from a solution notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The solution notebook; it stays as it is.

    Raises
    ------
    ArgumentError
        When a solution cell has no pair of marks, or a mark without its partner.
    UnknownNameError
        When the id of a solution cell is not the name of a task.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../../", "](../")
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = _without_solution(cell.source, cell.metadata.nbgrader.grade_id)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 when all is well, 1 when a notebook has drifted."""
    options = _parser().parse_args(arguments)
    sources = sorted(options.solutions.glob("*.ipynb"))
    if not sources:
        print(f"No notebooks in {options.solutions}.", file=sys.stderr)
        return 1
    made = {options.output / source.name: _made_from(source) for source in sources}
    if options.check:
        return _report_drift(made)
    options.output.mkdir(parents=True, exist_ok=True)
    for file, text in made.items():
        file.write_text(text, encoding="utf-8", newline="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nnbook.exercises.student",
        description="Make the student notebooks from the solution notebooks.",
    )
    parser.add_argument("solutions", type=Path, help="folder of the solution notebooks")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    return parser


def _made_from(source: Path) -> str:
    import nbformat

    made = student_notebook(nbformat.read(source, as_version=4))
    return str(nbformat.writes(made, version=4)).rstrip("\n") + "\n"


def _report_drift(made: dict[Path, str]) -> int:
    drifted = [
        file
        for file, text in made.items()
        if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]
    for file in drifted:
        print(f"{file} is not what its solution notebook makes: run `make exercises`.")
    return 1 if drifted else 0


def _without_solution(source: str, task: str) -> str:
    stripped, count = _SOLUTION.subn(
        lambda match: textwrap.indent(_starter(task), match["indent"]), source
    )
    if count != 1 or "### BEGIN" in stripped or "### END" in stripped:
        raise ArgumentError(
            "student_notebook",
            got=f"{count} solutions in the cell {task!r}",
            wanted="one ### BEGIN SOLUTION and one ### END SOLUTION behind it",
            remedy="put the marks on lines of their own",
        )
    return stripped


def _starter(task: str) -> str:
    exercise = find(task)
    if exercise.starter:
        return body(exercise.starter)
    blank = "raise NotImplementedError" if exercise.use else "..."
    return f"{blank}  # your code here"


if __name__ == "__main__":
    sys.exit(main())
