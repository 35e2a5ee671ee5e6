"""Glossary and index: every term is where it says, and nothing is stale; for links see links.py."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from house_rules import Notebook
from nbformat.v4 import new_markdown_cell, new_notebook

from nnbook import glossary
from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.glossary import MOST_USES, Book, Term, most_used, places, read_terms, terms, uses
from nnbook.sections import plain

CHAPTERS = Path(__file__).parents[1] / "chapters"
INDEX = CHAPTERS / "appendix_b_glossary_and_index.ipynb"

# What chapters print in bold and do not define: words that are stressed, …
STRESSED = """
    against; is; both; every; once; same; local; ordered; equal; zeros; good; clear; row; parallel;
    size; memory; sum; learn; complete; column; add; multiply; left or right; ten times; two modes;
    property; no activation; with bends; not in the figure; last layer first; without a bias;
    live on one scale; stays in its place; whatever the size of the image; for this loss;
    how much does it move; the draw; the sigmoid is a softmax of two
"""
# … names of mistakes, contestants and steps that a section lists, …
LISTED = """
    wrong sign; one wrong entry; an extra 1/N; weights without biases; difference from nothing;
    forward; two forwards; by value; i, f, g, o; variable length; mean of their embeddings
"""
# … and parts of a term, the rest of which is not bold, or words with their everyday meaning.
PARTS = "validation; test; running; out, in; mean; function"
NO_TERMS = {word.strip() for word in f"{STRESSED};{LISTED};{PARTS}".split(";")}


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(CHAPTERS)


# ------------------------------------------------------------------- the book's own terms


def test_there_are_many_terms_and_each_is_one_short_sentence_or_two() -> None:
    assert len(terms()) >= 300
    assert [term.name for term in terms() if len(term.definition.split()) > 30] == []
    assert [term.name for term in terms() if not term.definition.endswith(".")] == []


def test_no_name_stands_for_two_terms() -> None:
    names = Counter(name for term in terms() for name in (term.name, *term.also))
    assert [name for name, times in names.items() if times > 1] == []


def test_each_term_is_in_the_section_that_defines_it(book: Book) -> None:
    assert misplaced(book) == []


def misplaced(book: Book) -> list[str]:
    """Name the terms whose section is missing, or has none of their forms."""
    there = {name for name, used in book.uses.items() for place in used if used[place]}
    return [
        term.name
        for term in book.terms
        if term.name not in there or not book.uses[term.name][term.defined]
    ]


def test_each_bold_term_of_a_chapter_is_in_the_glossary() -> None:
    known = {form.replace("-", " ") for term in terms() for form in term.forms} | NO_TERMS
    found = {bold for path in CHAPTERS.glob("[01l]*.ipynb") for bold in bold_terms(path)}
    assert len(found) > 200
    assert {bold for bold in found if bold.replace("-", " ") not in known} == set()


def bold_terms(path: Path) -> Iterator[str]:
    """Yield what may be a term: bold, in small letters, and no whole sentence."""
    for bold in re.findall(r"\*\*([^*\n]+)\*\*", Notebook.load(path).prose):
        if bold[0].islower() and bold[-1] not in ".:?" and len(bold.split()) < 8:
            yield bold


def test_what_is_no_term_is_still_bold_somewhere() -> None:
    found = {bold for path in CHAPTERS.glob("[01l]*.ipynb") for bold in bold_terms(path)}
    assert found >= NO_TERMS


# --------------------------------------------------------------------------------- age


def test_the_stored_glossary_and_index_are_those_of_the_chapters(book: Book) -> None:
    assert len(stored()) > 10
    assert stale(book) == []


def stored() -> dict[tuple[str, str, str], str]:
    """Return what the notebook shows, by what it shows: ``("index", "A", "B")``."""
    cells = Notebook.load(INDEX).code
    calls = [(re.fullmatch(_CALL, cell["source"]), cell) for cell in cells]
    return {
        call.groups(): cell["outputs"][0]["data"]["text/markdown"] for call, cell in calls if call
    }


_CALL = r'book\.(\w+)\("(\w)", "(\w)"\)'


def stale(book: Book) -> list[tuple[str, str, str]]:
    """Return what would be shown in another way today."""
    return [call for call, text in stored().items() if fresh(book, *call) != text]


def fresh(book: Book, what: str, start: str, end: str) -> str:
    return str(getattr(book, what)(start, end).markdown)


def test_the_notebook_shows_every_letter(book: Book) -> None:
    for what in ("glossary", "index"):
        parts = [text for call, text in stored().items() if call[0] == what]
        assert "\n\n".join(parts) == fresh(book, what, "A", "Z")


# ------------------------------------------------------------------- what is planted is found


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a book of two chapters and a lab, with two terms."""
    write(
        tmp_path, "01_one.ipynb", "# 1 · One\n\n## Warm-up\n\nA layer.\n\n## 1.1 Layers\n\nA layer."
    )
    write(
        tmp_path, "02_two.ipynb", "# 2 · Two\n\n## 2.1 √d\n\nHidden layers.\n\n## Summary\n\nlayer"
    )
    write(
        tmp_path, "lab_1_x.ipynb", "# Lab 1 · X\n\n## Start\n\nA layer.\n\n## End\n\nLayer, layer."
    )
    listed = read_terms(SMALL)
    monkeypatch.setattr(glossary, "terms", lambda: listed)
    return tmp_path


SMALL = """
[layer]
defined = "1.1"
definition = "Neurons side by side."
also = ["stratum"]
see = ["hidden layer"]

["hidden layer"]
defined = "2.1"
definition = "A layer in the middle."
"""


def write(folder: Path, name: str, markdown: str) -> None:
    cells = [new_markdown_cell(markdown, id="cell")]
    nbformat.write(new_notebook(cells=cells), folder / name)


def test_small_book_has_its_places_uses_and_entries(small: Path) -> None:
    book = Book(small)
    assert list(book.places) == ["1.1", "2.1", "lab 1, Start", "lab 1, End"]
    assert book.uses["layer"] == {"1.1": 2, "lab 1, Start": 1, "lab 1, End": 2}
    assert book.index("A", "Z").markdown == (
        "**H**\n\n- hidden layer: **[2.1](02_two.ipynb#cell-id=cell)**\n\n"
        "**L**\n\n- layer: **[1.1](01_one.ipynb#1.1-Layers)**, [lab 1](lab_1_x.ipynb#End)\n\n"
        "**S**\n\n- stratum: see layer"
    )
    assert repr(book.glossary("L", "L")) == (
        "L\n\n- layer (also stratum). Neurons side by side. Section 1.1. See also: hidden layer."
    )


def test_a_planted_missing_section_is_found(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for where in ("1.9", "lab 1, Start"):
        moved = read_terms(SMALL.replace('"2.1"', f'"{where}"'))
        monkeypatch.setattr(glossary, "terms", lambda listed=moved: listed)
        assert misplaced(Book(small)) == ["hidden layer"]


@pytest.mark.parametrize("what", ["glossary", "index"])
def test_a_term_without_its_section_cannot_be_shown(
    small: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    moved = read_terms(SMALL.replace('"2.1"', '"2.9"'))
    monkeypatch.setattr(glossary, "terms", lambda: moved)
    with pytest.raises(UnknownNameError, match=r"term hidden layer: .*2\.9"):
        getattr(Book(small), what)("A", "Z")


def test_a_planted_stale_index_is_found(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    used = {name: Counter(counted) for name, counted in book.uses.items()}
    used["sparse"]["9.9"] += 1
    changed = Book(CHAPTERS)
    monkeypatch.setattr(changed, "uses", used)
    assert stale(changed) == [("index", "S", "S")]


# ------------------------------------------------------------------------ reading terms


def test_a_shared_form_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'layers', which layer has too"):
        read_terms(SMALL + 'forms = ["layers"]')


def test_a_reference_to_no_term_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="hiden layer"):
        read_terms(SMALL.replace('see = ["hidden layer"]', 'see = ["hiden layer"]'))


def test_forms_are_name_and_other_names_with_plurals_unless_they_are_listed() -> None:
    toml = '[{}]\ndefined = "1.1"\ndefinition = "X."\n{}'
    (plain_one,) = read_terms(toml.format("entropy", 'also = ["cell"]'))
    assert plain_one.forms == ("entropy", "entropies", "cell", "cells")
    (listed,) = read_terms(toml.format("entropy", 'also = ["cell"]\nforms = ["an entropy"]'))
    assert listed.forms == ("an entropy",)
    (key,) = read_terms(toml.format("key", ""))
    assert key.forms == ("key", "keys")


# ------------------------------------------------------------------------ finding uses


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("A layer, two layers: Layer.", {"layer": 3}),
        ("hidden layers and a hidden layer", {"hidden layer": 2}),
        ("a layered, multi-layer, player", {}),
        ("layer-free and layer's", {"layer": 1}),
        ("a mini-batch, a mini batch", {"mini-batch": 2}),
        ("ReLU, relu, RELU", {"ReLU": 1}),
        ("`layer` and $layer$", {}),
    ],
)
def test_uses_are_whole_words_and_the_longest_form_first(
    tmp_path: Path, prose: str, found: dict[str, int]
) -> None:
    write(tmp_path, "01_one.ipynb", f"## 1.1 Now\n\n{prose}")
    listed = [Term(name, "X.", "1.1", forms=(name, f"{name}s")) for name in NAMES]
    counted = uses(listed, places(tmp_path))
    assert {name: used["1.1"] for name, used in counted.items() if used} == found


NAMES = ("layer", "hidden layer", "mini-batch", "ReLU")


@pytest.mark.parametrize(
    ("within", "found"),
    [
        (("1",), ["1.1", "1.10"]),
        (("1.1",), ["1.1"]),
        (("lab 1",), ["lab 1, End"]),
        (("1.10", "lab 1"), ["1.10", "lab 1, End"]),
        (("10",), []),
    ],
)
def test_a_term_is_looked_for_only_within_its_chapters(
    tmp_path: Path, within: tuple[str, ...], found: list[str]
) -> None:
    write(tmp_path, "01_one.ipynb", "## 1.1 A\n\nkey\n\n## 1.10 B\n\nkey")
    write(tmp_path, "lab_1_x.ipynb", "## End\n\nkey")
    counted = uses([Term("key", "X.", "1.1", forms=("key",), within=within)], places(tmp_path))
    assert list(counted["key"]) == found


def test_most_used_places_are_chosen_and_the_others_counted() -> None:
    used = {f"2.{number}": number for number in range(1, 13)} | {"1.1": 99}
    chosen, others = most_used(Term("key", "X.", "1.1"), used)
    assert chosen == {f"2.{number}" for number in range(13 - MOST_USES, 13)}
    assert others == 12 - MOST_USES


def test_a_lab_has_one_link_and_counts_once() -> None:
    used = {"1.1": 1, "lab 2, A": 1, "lab 2, B": 5, "lab 2, C": 3}
    assert most_used(Term("key", "X.", "1.1"), used) == ({"lab 2, B"}, 0)
    assert most_used(Term("key", "X.", "lab 2, A"), used) == ({"1.1"}, 0)


def test_a_term_that_is_used_nowhere_else_has_no_further_links() -> None:
    assert most_used(Term("key", "X.", "1.1"), {"1.1": 4}) == (set(), 0)


def test_definitions_are_plain_words_that_markdown_leaves_alone() -> None:
    assert [term.name for term in terms() if "*" in plain(term.definition)] == []
