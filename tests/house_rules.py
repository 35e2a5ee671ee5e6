"""The rules of the house for notebooks: each is a function that yields complaints.

A rule takes a `Notebook` and yields one sentence for each thing that breaks it. What is run on
which notebook is said at the end, in `rules_for`; `test_house_rules.py` plants a violation of
each rule and demands that it is found.
"""

import ast
import base64
import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

from nnbook.notebooks import WIDGET_VIEW, clean

CHAPTER_IMPORTS = """\
import numpy as np

from nnbook import Tensor, check, check_gradient, datasets, fit, live, nn, optim, plot
from nnbook.nn import functional as F"""
EXERCISE_IMPORTS = "import numpy as np\n\nfrom nnbook import check, hint, solution"

LONGEST_CELL = 15
LARGEST_FILE = 1_500_000
MOST_WORDS = 120
FEWEST_FIGURES = 5
FEWEST_QUESTIONS = 6
BROKEN_FIGURE = "Live figure. It is broken: "
SHORTEST_ALTERNATIVE = 40
FEWEST_COLOURS = 20
UNWANTED = re.compile(r"\b(simply|just|easily|obviously|of course)\b", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(/home|/root|/tmp|/work|/Users|/private)/|\b[A-Z]:\\")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is stored: its path and the JSON it holds."""

    path: Path
    content: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> "Notebook":
        """Read a notebook's file, with every source and text in one string."""
        return cls(path, _joined(json.loads(path.read_text(encoding="utf-8"))))

    @property
    def cells(self) -> list[Cell]:
        """All cells, from top to bottom."""
        cells: list[Cell] = self.content["cells"]
        return cells

    @property
    def code(self) -> list[Cell]:
        """The code cells."""
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    @property
    def prose(self) -> str:
        """All that is written in Markdown."""
        return "\n\n".join(c["source"] for c in self.cells if c["cell_type"] == "markdown")

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """The outputs of all cells."""
        return [output for cell in self.code for output in cell["outputs"]]

    def shown_as(self, start: str) -> list[dict[str, Any]]:
        """Return the data of the outputs whose text alternative begins with `start`."""
        bundles = [output.get("data", {}) for output in self.outputs]
        return [data for data in bundles if data.get("text/plain", "").startswith(start)]


Rule = Callable[[Notebook], Iterator[str]]


def _joined(value: Any) -> Any:
    """Join the lists of lines in which Jupyter stores long text."""
    if isinstance(value, dict):
        return {name: _joined(part) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    lines = bool(value) and all(isinstance(part, str) for part in value)
    return "".join(value) if lines and _looks_like_text(value) else [*map(_joined, value)]


def _looks_like_text(lines: list[str]) -> bool:
    """Tell lines, which all but the last end in a line feed, from a list such as tags."""
    return len(lines) == 1 or all(line.endswith("\n") for line in lines[:-1])


# ------------------------------------------------------------ how it is stored


def has_unique_ids(notebook: Notebook) -> Iterator[str]:
    """Every cell has an id, and no two share one."""
    ids = [cell.get("id") for cell in notebook.cells]
    if not all(ids) or len(set(ids)) < len(ids):
        yield "a cell has no id, or two cells have the same"


def is_clean(notebook: Notebook) -> Iterator[str]:
    """`python -m nnbook clean` has nothing left to strip."""
    cleaned = copy.deepcopy(notebook.content)
    clean(cleaned)
    if cleaned != notebook.content:
        yield "it is not clean; run `python -m nnbook clean` on it"


def holds_no_bare_widget(notebook: Notebook) -> Iterator[str]:
    """A stored widget has a picture beside it."""
    for output in notebook.outputs:
        if WIDGET_VIEW in output.get("data", {}) and "image/png" not in output["data"]:
            yield "a widget is stored without a picture"


def names_no_machine(notebook: Notebook) -> Iterator[str]:
    """No output holds a path of the machine it was made on."""
    for text in _output_texts(notebook):
        if found := MACHINE_PATH.search(text):
            yield f"an output holds the path {found.group()!r}"


def fits_in_a_file(notebook: Notebook) -> Iterator[str]:
    """The file is small enough to be read over a slow line."""
    size = len(json.dumps(notebook.content).encode())
    if size > LARGEST_FILE:
        yield f"it has {size} bytes, and at most {LARGEST_FILE} are allowed"


# ---------------------------------------------------------------- what was run


def was_run_in_order(notebook: Notebook) -> Iterator[str]:
    """Execution counts are 1, 2, 3, … to the last code cell."""
    counts = [cell["execution_count"] for cell in notebook.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its execution counts are {counts}"


def raised_nothing(notebook: Notebook) -> Iterator[str]:
    """No cell raised an error or wrote to stderr."""
    for output in notebook.outputs:
        if output["output_type"] == "error":
            yield f"a cell raised {output['ename']}"
        if output.get("name") == "stderr":
            yield f"a cell wrote to stderr: {output['text']!r}"


def shows_no_leftovers(notebook: Notebook) -> Iterator[str]:
    """No cell ends in a call whose value is an object of Matplotlib, which would be printed."""
    for output in notebook.outputs:
        if _LEFTOVER.search(output.get("data", {}).get("text/plain", "")):
            yield f"a cell shows {output['data']['text/plain']!r}"


_LEFTOVER = re.compile(r"\bmatplotlib\.|\bText\(|<Figure ")


def was_not_run(notebook: Notebook) -> Iterator[str]:
    """A student's notebook comes without outputs and counts."""
    if notebook.outputs or any(cell["execution_count"] for cell in notebook.code):
        yield "a student's notebook holds outputs or counts"


# ---------------------------------------------------------------- how it begins


def opens_well(notebook: Notebook) -> Iterator[str]:
    """The first cell has a title, what you can do afterwards, what you need, and minutes."""
    first = notebook.cells[0]
    if first["cell_type"] != "markdown" or not first["source"].startswith("# "):
        yield "its first cell is not Markdown that begins with a title"
    for phrase in ("you can", "need", "minutes"):
        if phrase not in first["source"]:
            yield f"its first cell does not say {phrase!r}"


def imports_as_a_chapter(notebook: Notebook) -> Iterator[str]:
    """The second cell is the chapters' imports, then what this chapter needs of its own.

    That is more of nnbook, or of scikit-learn. PyTorch, which not every reader has, may be
    imported in a cell tagged `optional`. Nothing else is imported anywhere.
    """
    first, _, own = notebook.cells[1]["source"].partition(CHAPTER_IMPORTS + "\n\n")
    wanted = notebook.cells[1]["source"] if own and not first else CHAPTER_IMPORTS
    yield from _imports(notebook, wanted)
    for module in _imported(ast.parse(own)):
        if module.partition(".")[0] not in {"nnbook", "sklearn"}:
            yield f"it imports {module}"


def imports_as_an_exercise(notebook: Notebook) -> Iterator[str]:
    """The second cell is the exercises' imports; nothing is imported anywhere else."""
    yield from _imports(notebook, EXERCISE_IMPORTS)


def _imports(notebook: Notebook, wanted: str) -> Iterator[str]:
    second = notebook.cells[1]
    if second["cell_type"] != "code" or second["source"] != wanted:
        yield f"its second cell is not:\n{wanted}"
    for cell in notebook.code[1:]:
        optional = {"torch"} if "optional" in cell["metadata"].get("tags", []) else set()
        if set(_imported(ast.parse(cell["source"]))) - optional:
            yield f"cell {cell['id']!r} imports something"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


# ---------------------------------------------------------------------- its code


def has_short_cells(notebook: Notebook) -> Iterator[str]:
    """No code cell has more than fifteen lines."""
    for cell in notebook.code:
        lines = cell["source"].count("\n") + 1
        if lines > LONGEST_CELL:
            yield f"cell {cell['id']!r} has {lines} lines, and at most {LONGEST_CELL} are allowed"


def runs_under_nbval(notebook: Notebook) -> Iterator[str]:
    """No cell is empty, uses a magic, or ends in a semicolon, which strict nbval cannot run."""
    for cell in notebook.code:
        source = cell["source"].rstrip()
        if not source or source.endswith(";") or re.search(r"^\s*[%!]", source, re.MULTILINE):
            yield f"cell {cell['id']!r} is empty, uses a magic or ends in ';'"


def defines_nothing(notebook: Notebook) -> Iterator[str]:
    """A function or class is defined only from scratch on purpose, or for a live figure."""
    for cell in notebook.code:
        if "from-scratch" in cell["metadata"].get("tags", []):
            continue
        for node in _nodes(cell):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not _is_live(node):
                yield f"cell {cell['id']!r} defines {node.name}"


def live_figures(notebook: Notebook) -> Iterator[str]:
    """Yield the names of the live figures, under which the reader's predictions are kept."""
    for cell in notebook.code:
        for node in _nodes(cell):
            if isinstance(node, ast.FunctionDef) and _is_live(node):
                yield node.name


def _is_live(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).startswith("live.") for decorator in node.decorator_list)


def _nodes(cell: Cell) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(cell["source"]))


# -------------------------------------------------------------------- its figures


def has_enough_figures(notebook: Notebook) -> Iterator[str]:
    """A chapter has at least five live figures."""
    number = len(notebook.shown_as("Live figure"))
    if number < FEWEST_FIGURES:
        yield f"it shows {number} live figures, and at least {FEWEST_FIGURES} are wanted"


def has_enough_questions(notebook: Notebook) -> Iterator[str]:
    """A chapter asks at least six questions."""
    shown = "\n".join(data["text/plain"] for data in notebook.shown_as("Question"))
    number = len(re.findall(r"^Question", shown, re.MULTILINE))
    if number < FEWEST_QUESTIONS:
        yield f"it asks {number} questions, and at least {FEWEST_QUESTIONS} are wanted"


def stores_figures(notebook: Notebook) -> Iterator[str]:
    """Each live figure works, and is stored as a picture that is not blank, and as a text."""
    for number, data in enumerate(notebook.shown_as("Live figure"), start=1):
        if data["text/plain"].startswith(BROKEN_FIGURE):
            yield f"live figure {number} is broken"
        if len(data["text/plain"].removeprefix("Live figure. ")) < SHORTEST_ALTERNATIVE:
            yield f"live figure {number} has no text alternative worth the name"
        if _colours(data.get("image/png")) <= FEWEST_COLOURS:
            yield f"live figure {number} is stored without a picture, or with a blank one"


def _colours(png: str | None) -> int:
    """Count the colours of a picture in base64; many stands for “more than can be counted”."""
    if png is None:
        return 0
    picture = Image.open(io.BytesIO(base64.b64decode(png)), formats=["PNG"]).convert("RGB")
    return len(picture.getcolors(maxcolors=picture.width * picture.height) or [])


# ---------------------------------------------------------------------- its prose


def has_short_prose(notebook: Notebook) -> Iterator[str]:
    """At most 120 words stand between two code cells; a table is looked up, not read through."""
    places = [n for n, cell in enumerate(notebook.cells) if cell["cell_type"] == "code"]
    for start, end in pairwise(places):
        between = "\n".join(cell["source"] for cell in notebook.cells[start + 1 : end])
        words = len(re.sub(r"^\|.*$", "", _plain(between), flags=re.MULTILINE).split())
        if words > MOST_WORDS:
            where = notebook.cells[start + 1]["id"]
            yield f"{words} words in a row from cell {where!r}; at most {MOST_WORDS} are allowed"


def is_calm(notebook: Notebook) -> Iterator[str]:
    """The prose says nothing is easy, and does not shout."""
    text = _plain(notebook.prose)
    for found in UNWANTED.finditer(text):
        yield f"its prose says {found.group()!r}"
    if "!" in text:
        yield f"its prose shouts: …{text[: text.index('!') + 1][-40:]!r}"


def computes_its_numbers(notebook: Notebook) -> Iterator[str]:
    """A number of two or more decimals in the prose is in the code or comes out of it."""
    texts = [*(cell["source"] for cell in notebook.code), *_output_texts(notebook)]
    computed = {float(number) for text in texts for number in _NUMBER.findall(text)}
    for claim in re.findall(r"(?<![\d.])\d+\.\d{2,}(?!\d|\.\d)", _claims(notebook)):
        decimals = len(claim.partition(".")[2])
        if not any(round(number, decimals) == float(claim) for number in computed):
            yield f"its prose says {claim}, which no cell computes"


_NUMBER = re.compile(r"\d+\.?\d*(?:e[-+]?\d{1,3}(?!\d))?")


def _claims(notebook: Notebook) -> str:
    """Return the prose without links and without the numbers of sections.

    These stand in headings, and as what is shown of a link that leads to one.
    """
    without_numbers = re.sub(r"\[\d+\.\d+\]\([^)]*\)", "", notebook.prose)
    return re.sub(r"^#+ .*$", "", _without_links(without_numbers), flags=re.MULTILINE)


def _output_texts(notebook: Notebook) -> Iterator[str]:
    for output in notebook.outputs:
        yield output.get("text", "")
        yield from (
            text
            for kind, text in output.get("data", {}).items()
            if isinstance(text, str) and not kind.startswith("image/p")
        )


def without_code(text: str) -> str:
    """Return Markdown without what it shows as code."""
    return re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.DOTALL)


def _without_links(text: str) -> str:
    return re.sub(r"\]\([^)]*\)|https?://\S+", "]", text)


def _plain(text: str) -> str:
    """Return prose without code, formulas, tags, pictures' marks and the targets of links."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", " x ", without_code(text), flags=re.DOTALL)
    return re.sub(r"<!--.*?-->|<[^>]*>|!(?=\[)", " ", _without_links(text), flags=re.DOTALL)


# ------------------------------------------------------------ what applies where

EVERYWHERE: tuple[Rule, ...] = (
    has_unique_ids,
    is_clean,
    holds_no_bare_widget,
    names_no_machine,
    fits_in_a_file,
    opens_well,
    runs_under_nbval,
    is_calm,
)
STORED: tuple[Rule, ...] = (
    was_run_in_order,
    raised_nothing,
    shows_no_leftovers,
    stores_figures,
    computes_its_numbers,
)
IN_CHAPTERS: tuple[Rule, ...] = (
    imports_as_a_chapter,
    has_short_cells,
    defines_nothing,
    has_short_prose,
)
IN_NUMBERED_CHAPTERS: tuple[Rule, ...] = (has_enough_figures, has_enough_questions)
IN_EXERCISES: tuple[Rule, ...] = (imports_as_an_exercise,)
IN_STUDENT_NOTEBOOKS: tuple[Rule, ...] = (was_not_run,)


def rules_for(path: Path) -> tuple[Rule, ...]:
    """Return the rules that hold for the notebook at `path`, by its folder and its name."""
    if path.parent.name == "solutions":
        return (*EVERYWHERE, *STORED, *IN_EXERCISES)
    if path.parent.name == "exercises":
        return (*EVERYWHERE, *IN_EXERCISES, *IN_STUDENT_NOTEBOOKS)
    numbered = path.name[:2].isdigit() and not path.name.startswith("00")
    extra = IN_NUMBERED_CHAPTERS if numbered else ()
    return (*EVERYWHERE, *STORED, *IN_CHAPTERS, *extra)
