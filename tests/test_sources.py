"""Sources: whatever the package or a chapter names is in the list of appendix C."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from house_rules import Notebook
from links import targets

ROOT = Path(__file__).parents[1]
# A name, perhaps more of them, and a year in or before brackets: “Kingma & Ba (2015)”.
NAMED = re.compile(
    r"([A-Z][a-zé]+)(?:, (?:[A-Z]\. )*[A-Z][a-zé]+)*"
    r"(?:,? (?:&|and) (?:[A-Z]\. )*[A-Z]?[a-zé]+|,? et al\.)? \(?((?:18|19|20)\d\d)"
)


LIST = Notebook.load(ROOT / "chapters" / "appendix_c_sources.ipynb").prose
CHAPTERS = sorted((ROOT / "chapters").glob("[01l]*.ipynb"))
MODULES = sorted((ROOT / "nnbook").rglob("*.py"))


def unlisted(text: str, sources: str = LIST) -> list[str]:
    """Name the papers of a text, by first author and year, that no line of the list has."""
    lines = sources.splitlines()
    return [
        f"{name} {year}"
        for name, year in NAMED.findall(text)
        if name not in NO_AUTHORS and not any(name in line and year in line for line in lines)
    ]


NO_AUTHORS = {"Among", "In"}  # “Among 2000 columns”, “In 1943”


def docstrings_in(code: str) -> Iterator[str]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, kinds):
            yield " ".join((ast.get_docstring(node) or "").split())


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_paper_that_a_docstring_names_is_listed(module: Path) -> None:
    found = " ".join(docstrings_in(module.read_text(encoding="utf-8")))
    assert unlisted(found) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_paper_that_a_chapter_names_is_listed(chapter: Path) -> None:
    assert unlisted(Notebook.load(chapter).prose.replace("*", "")) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_each_link_of_a_chapter_to_the_outside_is_listed(chapter: Path) -> None:
    links = targets(chapter, Notebook.load(chapter).prose)
    assert [link for link in links if "://" in link and f"({link})" not in LIST] == []


def test_the_docstrings_name_many_papers() -> None:
    code = [module.read_text(encoding="utf-8") for module in MODULES]
    found = [names for one in code for text in docstrings_in(one) for names in NAMED.findall(text)]
    assert len(found) > 40


@pytest.mark.parametrize(
    "text",
    [
        "Kingma & Nobody (2015), Adam",
        "Nobody & Ba (2015)",
        "Nobody et al. (2017)",
        "Source: A. B. Nobody, C. Somebody & D. Else (1998), A paper",
        "(Nobody 2007, How to)",
        "Nobody, Mikolov & Bengio (2013)",
        "Adam (Nobody and Ba 2015)",
    ],
)
def test_a_planted_paper_is_found(text: str) -> None:
    sources = "- D. Kingma and J. Ba (2014), *Adam*."
    assert len(unlisted(text, sources)) == 1


def test_no_reference_is_listed_without_a_year_or_a_link() -> None:
    references = LIST.partition("## Texts on the whole field")[2]
    entries = re.findall(r"^- .*$", references, re.MULTILINE)
    assert len(entries) > 80
    assert [one for one in entries if not re.search(r"\b(18|19|20)\d\d\b|\]\(http", one)] == []
