"""No link of the book leads nowhere, and one that does is found."""

from pathlib import Path

import pytest
from links import BOOK, complaints, mentions, targets, text_of

NOTEBOOK, PAGE, PROGRAM = BOOK / "chapters/new.ipynb", BOOK / "new.md", BOOK / "nnbook/new.py"


def pages() -> list[Path]:
    """Return all that a reader may read: notebooks, pages, questions, tasks, the package."""
    kinds = ("*.md", "*/*.ipynb", "*/*/*.ipynb", "nnbook/**/*.toml", "nnbook/**/*.py")
    return sorted(path for kind in (*kinds, "exercises/checks/*.py") for path in BOOK.glob(kind))


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(BOOK).as_posix())
def test_links_of_a_page_lead_somewhere(path: Path) -> None:
    assert list(complaints(path, text_of(path))) == []


# ------------------------------------------------------------- and is the check any good


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("[a](02_nothing.ipynb)", "no file"),
        ("[a](../../nnbook-of-mine/README.md)", "out of the book"),
        ("[a](#no-such-place)", "no file"),
        ("[a](01_perceptron.ipynb#no-such-place)", "no heading"),
        ("[a](../README.md#No-such-place)", "no heading"),
        ('<img src="no_picture.png">', "no file"),
        ("[a](ftp://example.org/a)", "does not begin with http"),
        ("[a](https://localhost/a)", "everybody can reach"),
        ("[a](http://10.0.0.1/a)", "everybody can reach"),
        ("[a](https://me@example.org/a)", "everybody can reach"),
        ("[a](https://example/a)", "everybody can reach"),
        ("[a](https://example.org/50%of)", "cannot hold"),
        ("[a](https://arxiv.org/abs/1706.3762)", "as this host writes"),
        ("[a](https://arxiv.org/1706.03762)", "as this host writes"),
        ("[a](https://doi.org/1038/323533a0)", "as this host writes"),
        ("See section 3.88.", "section 3.88"),
        ("See sections 3.1 and 3.77.", "section 3.77"),
    ],
)
def test_link_that_leads_nowhere_is_found(words: str, fault: str) -> None:
    (complaint,) = complaints(NOTEBOOK, words)
    assert fault in complaint


def test_links_in_outputs_are_seen() -> None:
    index = BOOK / "chapters" / "appendix_b_glossary_and_index.ipynb"
    assert len(list(targets(index, text_of(index)))) > 1500


def test_mention_in_brackets_is_of_the_same_chapter() -> None:
    third = BOOK / "chapters" / "03_activation_functions.ipynb"
    assert list(mentions(third, "It grows (3.99), by half (0.5).")) == ["3.99"]
    assert list(mentions(NOTEBOOK, "It grows (3.99).")) == []


@pytest.mark.parametrize(
    "words",
    [
        "[a](01_perceptron.ipynb)",
        "[a](../README.md#add-a-task)",
        "[a](https://arxiv.org/abs/1706.03762)",
        "[a](https://arxiv.org/abs/cs/0409051)",
        "[a](https://doi.org/10.1016/0893-6080(89)90020-8)",
        "See <https://example.org/a_(b)>.",
        "`X[i](nowhere)` and section 3.1, with 3.99 left",
    ],
)
def test_good_link_is_left_alone(words: str) -> None:
    assert list(complaints(NOTEBOOK, words)) == []


@pytest.mark.parametrize(
    ("path", "words", "found"),
    [
        (NOTEBOOK, "[a](b.ipynb#c) and [d]( https://e.org )", ["b.ipynb#c"]),
        (PAGE, "see https://example.org/a.", ["https://example.org/a"]),
        (PAGE, "[a](https://example.org/(b))", ["https://example.org/(b)"]),
        (PROGRAM, "name(w)[k](z)  # https://example.org/a", ["https://example.org/a"]),
    ],
)
def test_links_are_seen(path: Path, words: str, found: list[str]) -> None:
    assert list(targets(path, words))[: len(found)] == found
