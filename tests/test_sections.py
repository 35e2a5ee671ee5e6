"""The sections of a notebook: what a heading's anchor is, and what counts as prose."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nnbook.sections import Section, anchor, plain, sections


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("3.9 Weights of the right size", "3.9-Weights-of-the-right-size"),
        ("5.15 The same on arrays: `Tensor`", "5.15-The-same-on-arrays:-Tensor"),
        ("3.4 When $e^z$ is too large", "3.4-When-ez-is-too-large"),
        ("6.10 “Adam needs no tuning”", "6.10-“Adam-needs-no-tuning”"),
        ("10.8 Why divide by √d?", "10.8-Why-divide-by-√d?"),
        ("See [the map](00.ipynb#The-map) *first*", "See-the-map-first"),
    ],
)
def test_anchor_is_the_text_as_shown_with_hyphens(heading: str, expected: str) -> None:
    assert anchor(heading) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("1.9 Rosenblatt's rule", "a.ipynb#1.9-Rosenblatt's-rule"),
        ("8.3 Leaks: when?", "a.ipynb#8.3-Leaks:-when?"),
        ("10.8 Why divide by √d?", "a.ipynb#cell-id=the-cell"),
        ("Round (brackets)", "a.ipynb#cell-id=the-cell"),
    ],
)
def test_link_goes_by_the_cell_where_a_browser_would_change_the_anchor(
    heading: str, expected: str
) -> None:
    section = Section("a.ipynb", "the-cell", 2, heading, "")
    assert section.link == expected
    assert section.link.partition("#")[2] in section.targets


@pytest.mark.parametrize(
    ("heading", "number"),
    [("3.4 When", "3.4"), ("3 · Activation functions", "3"), ("Summary", ""), ("3D images", "")],
)
def test_number_is_what_the_heading_begins_with(heading: str, number: str) -> None:
    assert Section("a.ipynb", "cell", 2, heading, "").number == number


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("A **hidden** *layer*.", "A hidden layer."),
        ("one `two` three", "one ∎ three"),
        ("one $w$ three", "one ∎ three"),
        ("a\n\n$$w\n= 1$$\n\nb", "a ∎ b"),
        ("```python\nlayer = 1\n```\nno more", "∎ no more"),
        ("[bias](weights.ipynb#gradient)", "bias"),
        ("<b>bias</b> <!-- weight -->", "bias"),
        ("see https://layer.org/weight now", "see now"),
        ("a\nb", "a b"),
    ],
)
def test_plain_leaves_words_alone(markdown: str, words: str) -> None:
    assert plain(markdown) == words


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [
        new_markdown_cell("above", id="above"),
        new_markdown_cell("# Title\n\nfirst", id="one"),
        new_code_cell("## no heading", id="code"),
        new_markdown_cell("second\n\n## 1.1 Part\n\nthird\n\n### Deeper ###\n\nfourth", id="two"),
        new_markdown_cell("```\n# no heading\n```\n\nfifth\n#hash", id="three"),
    ]
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_sections_reach_from_heading_to_heading_across_cells(notebook: Path) -> None:
    found = [(one.cell, one.level, one.heading, one.prose) for one in sections(notebook)]
    assert found == [
        ("one", 1, "Title", "Title first second"),
        ("two", 2, "1.1 Part", "1.1 Part third"),
        ("two", 3, "Deeper", "Deeper fourth ∎ fifth #hash"),
    ]


def test_notebook_without_headings_has_no_sections(tmp_path: Path) -> None:
    nbformat.write(new_notebook(cells=[new_markdown_cell("words")]), tmp_path / "a.ipynb")
    assert sections(tmp_path / "a.ipynb") == []
