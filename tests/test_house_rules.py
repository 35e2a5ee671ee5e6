"""Every notebook keeps every rule of the house, and every rule finds what breaks it."""

import base64
import copy
import io
from collections import Counter
from pathlib import Path
from typing import Any

import house_rules as rules
import numpy as np
import pytest
from house_rules import Notebook, Rule, rules_for
from PIL import Image

ROOT = Path(__file__).parent.parent
FOLDERS = ("chapters", "exercises/solutions", "exercises")
NOTEBOOKS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
RULES = (
    *rules.EVERYWHERE,
    *rules.STORED,
    *rules.IN_CHAPTERS,
    *rules.IN_NUMBERED_CHAPTERS,
    *rules.IN_EXERCISES,
    *rules.IN_STUDENT_NOTEBOOKS,
)


def _name(value: object) -> str | None:
    if isinstance(value, Path):
        return value.relative_to(ROOT).with_suffix("").as_posix()
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(
    ("path", "rule"), [(path, rule) for path in NOTEBOOKS for rule in rules_for(path)], ids=_name
)
def test_notebook_keeps_rule(path: Path, rule: Rule) -> None:
    assert list(rule(Notebook.load(path))) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_holds_notebooks(folder: str) -> None:
    assert list((ROOT / folder).glob("*.ipynb"))


def test_each_chapter_has_its_exercises_and_solutions() -> None:
    chapters, solutions, students = (
        {path.name for path in (ROOT / folder).glob("[0-9][0-9]_*.ipynb")} for folder in FOLDERS
    )
    assert chapters - {"00_start_here.ipynb"} == solutions == students


def test_no_two_live_figures_of_the_book_share_a_name() -> None:
    names = Counter(name for path in NOTEBOOKS for name in rules.live_figures(Notebook.load(path)))
    assert names.total() >= 15
    assert [name for name, times in names.items() if times > 1] == []


# ------------------------------------------------------- the rules are tested


def _png(colours: int) -> str:
    pixels = np.arange(colours, dtype=np.uint8).reshape(1, -1)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _code(name: str, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    base = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
    return {**base, "execution_count": None, "outputs": list(outputs)}


def _shown(text: str, **data: Any) -> dict[str, Any]:
    bundle = {"text/plain": text, **data}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def _good() -> Notebook:
    """Build a notebook that keeps the rules of a chapter."""
    figure = _shown(
        "Live figure. The line turns about the origin as w grows.", **{"image/png": _png(64)}
    )
    cells = [
        _markdown("title", "# One neuron\n\nAfter it you can vote. You need 30 minutes."),
        _code("imports", rules.CHAPTER_IMPORTS),
        _markdown("prose", "## 1.11 Loss\n\nIt is 0.25. See [1.11](good.ipynb#top)."),
        *(_code(f"figure-{n}", "live.show()", figure) for n in range(5)),
        _code("quiz", "live.quiz()", _shown("Question 1. Why?\nQuestion 2. How?")),
        *(_code(f"question-{n}", "live.quiz()", _shown("Question. Why?")) for n in range(4)),
        _code("number", "print(1 / 4.0)", _stream("0.2504\n")),
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number, cell in enumerate((c for c in cells if c["cell_type"] == "code"), start=1):
        cell["execution_count"] = number
    rules.clean(content)
    return Notebook(Path(__file__).parent / "good.ipynb", copy.deepcopy(content))


def _stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


CHAPTER_RULES = rules_for(ROOT / "chapters" / "01_perceptron.ipynb")


@pytest.mark.parametrize("rule", CHAPTER_RULES, ids=_name)
def test_good_notebook_keeps_the_rule(rule: Rule, tmp_path: Path) -> None:
    (tmp_path / "good.ipynb").touch()
    assert list(rule(Notebook(tmp_path / "good.ipynb", _good().content))) == []


def test_good_exercise_keeps_its_rules() -> None:
    notebook = _good()
    notebook.cells[1]["source"] = rules.EXERCISE_IMPORTS
    del notebook.cells[2:]
    notebook.cells[1]["execution_count"] = None
    for rule in (*rules.IN_EXERCISES, rules.was_not_run):
        assert list(rule(notebook)) == []


def _bare_widget() -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {rules.WIDGET_VIEW: {}}}


def _broken_figure() -> dict[str, Any]:
    return _shown("Live figure. It is broken: " + "words " * 9, **{"image/png": _png(64)})


def _blank_figure() -> dict[str, Any]:
    return _shown("Live figure. " + "words " * 9, **{"image/png": _png(20)})


# One or more notebooks a rule: what replaces the source or the outputs of which cell.
VIOLATIONS: list[tuple[Rule, str, dict[str, Any]]] = [
    (rules.has_unique_ids, "prose", {"id": "title"}),
    (rules.has_unique_ids, "prose", {"id": None}),
    (rules.is_clean, "number", {"metadata": {"collapsed": True}}),
    (rules.is_clean, "number", {"execution_count": 99}),
    (rules.holds_no_bare_widget, "number", {"outputs": [_bare_widget()]}),
    (rules.names_no_machine, "number", {"outputs": [_stream("/home/ada/book.py")]}),
    (rules.names_no_machine, "number", {"outputs": [_shown(r"C:\Users\ada")]}),
    (rules.fits_in_a_file, "prose", {"source": "x" * 1_500_000}),
    (rules.was_run_in_order, "number", {"execution_count": None}),
    (rules.was_run_in_order, "number", {"execution_count": 1}),
    (rules.raised_nothing, "number", {"outputs": [_stream("careful", "stderr")]}),
    (rules.raised_nothing, "number", {"outputs": [{"output_type": "error", "ename": "OSError"}]}),
    (rules.shows_no_leftovers, "number", {"outputs": [_shown("[Text(0.5, 0, 'weight')]")]}),
    (rules.shows_no_leftovers, "number", {"outputs": [_shown("<matplotlib.image.AxesImage>")]}),
    (rules.was_not_run, "number", {"outputs": []}),
    (rules.opens_well, "title", {"source": "After it you can vote. You need 30 minutes."}),
    (rules.opens_well, "title", {"source": "# One neuron\n\nYou need 30 minutes."}),
    (rules.opens_well, "title", {"source": "# One neuron\n\nAfter it you can. 30 minutes."}),
    (rules.opens_well, "title", {"source": "# One neuron\n\nAfter it you can. You need x."}),
    (rules.imports_as_a_chapter, "imports", {"source": "import numpy as np"}),
    (rules.imports_as_a_chapter, "number", {"source": "if True:\n    import os"}),
    (rules.imports_as_a_chapter, "number", {"source": "import torch"}),
    (rules.imports_as_a_chapter, "imports", {"source": rules.CHAPTER_IMPORTS + "\n\nimport os"}),
    (
        rules.imports_as_a_chapter,
        "imports",
        {"source": "from sklearn.metrics import roc_curve\n\n" + rules.CHAPTER_IMPORTS},
    ),
    (
        rules.imports_as_a_chapter,
        "number",
        {"source": "import torch, os", "metadata": {"tags": ["optional"]}},
    ),
    (rules.imports_as_an_exercise, "imports", {"source": rules.CHAPTER_IMPORTS}),
    (rules.has_short_cells, "number", {"source": "\n".join("x" * 16)}),
    (rules.runs_under_nbval, "number", {"source": "x;\n"}),
    (rules.runs_under_nbval, "number", {"source": "x\n%timeit x"}),
    (rules.runs_under_nbval, "number", {"source": ""}),
    (rules.defines_nothing, "number", {"source": "def helper():\n    return 1"}),
    (rules.defines_nothing, "number", {"source": "@alive.explore\ndef f():\n    return 1"}),
    (rules.defines_nothing, "number", {"source": "class Helper:\n    x = 1"}),
    (rules.has_enough_figures, "figure-0", {"outputs": []}),
    (rules.has_enough_questions, "question-0", {"outputs": []}),
    (rules.has_enough_questions, "quiz", {"outputs": [_shown("Question. Why?")]}),
    (rules.stores_figures, "figure-0", {"outputs": [_shown("Live figure. " + "words " * 9)]}),
    (rules.stores_figures, "figure-0", {"outputs": [_blank_figure()]}),
    (rules.stores_figures, "figure-0", {"outputs": [_broken_figure()]}),
    (
        rules.stores_figures,
        "figure-0",
        {"outputs": [_shown("Live figure. " + "w" * 39, **{"image/png": _png(64)})]},
    ),
    (rules.has_short_prose, "prose", {"source": "word " * 121}),
    (rules.is_calm, "prose", {"source": "This is Simply so."}),
    (rules.is_calm, "prose", {"source": "Of course."}),
    (rules.is_calm, "prose", {"source": "It learns!"}),
    (rules.computes_its_numbers, "prose", {"source": "The loss is 0.26."}),
    (rules.computes_its_numbers, "prose", {"source": "The loss is $0.2514$."}),
]


@pytest.mark.parametrize(("rule", "cell_id", "change"), VIOLATIONS)
def test_violation_is_found(rule: Rule, cell_id: str, change: dict[str, Any]) -> None:
    notebook = _good()
    next(cell for cell in notebook.cells if cell["id"] == cell_id).update(change)
    assert list(rule(notebook)) != []


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(RULES)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "def relu(z):\n    return z", "metadata": {"tags": ["from-scratch"]}},
        {"source": "@live.explore(fig)\ndef update(w):\n    line.set(w)"},
        {"source": "square = lambda x: x * x"},
    ],
)
def test_definition_with_a_reason_is_allowed(change: dict[str, Any]) -> None:
    notebook = _good()
    notebook.cells[-1].update(change)
    assert list(rules.defines_nothing(notebook)) == []


@pytest.mark.parametrize(
    ("cell_id", "change"),
    [
        (
            "imports",
            {"source": rules.CHAPTER_IMPORTS + "\n\nfrom sklearn.metrics import roc_curve"},
        ),
        ("imports", {"source": rules.CHAPTER_IMPORTS + "\n\nfrom nnbook.training import steps"}),
        ("number", {"source": "import torch", "metadata": {"tags": ["optional"]}}),
    ],
)
def test_import_with_a_reason_is_allowed(cell_id: str, change: dict[str, Any]) -> None:
    notebook = _good()
    next(cell for cell in notebook.cells if cell["id"] == cell_id).update(change)
    assert list(rules.imports_as_a_chapter(notebook)) == []


@pytest.mark.parametrize("prose", ["`a != b`", "![a picture](good.png)", "$5! = 120$", "adjust"])
def test_code_pictures_and_factorials_do_not_shout(prose: str) -> None:
    notebook = _good()
    notebook.cells[2]["source"] = prose
    assert list(rules.is_calm(notebook)) == []


def test_lines_of_a_stored_file_are_joined_and_tags_are_not(tmp_path: Path) -> None:
    file = tmp_path / "lines.ipynb"
    file.write_text('{"source": ["a\\n", "b"], "tags": ["x", "y"]}', encoding="utf-8")
    assert Notebook.load(file).content == {"source": "a\nb", "tags": ["x", "y"]}
