"""The sections of a notebook: their headings, their anchors and their words.

Whatever leads to a place in the book, such as the index or a check of links, asks here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nnbook import notebooks

SAFE_SIGNS = "!$&'*+,-./:;?@^_~|"


@dataclass(frozen=True)
class Section:
    """One heading of a notebook, and the prose under it up to the next heading.

    Attributes
    ----------
    notebook : str
        The name of the notebook's file.
    cell : str
        The id of the cell that holds the heading.
    level : int
        1 for ``#``, 2 for ``##``, and so on.
    heading : str
        As it is written in Markdown, without the signs in front of it.
    prose : str
        The words of the heading and of what is under it: see `plain`.
    """

    notebook: str
    cell: str
    level: int
    heading: str
    prose: str

    @property
    def number(self) -> str:
        """What the heading begins with: ``"3.4"``, in a title ``"3"``; empty if no number."""
        found = re.match(r"\d+(\.\d+)*(?= )", self.heading)
        return found[0] if found else ""

    @property
    def link(self) -> str:
        """Where a link from a notebook in the same folder has to lead."""
        by_heading, by_cell = self.targets
        safe = quote(by_heading, safe=SAFE_SIGNS) == by_heading
        return f"{self.notebook}#{by_heading if safe else by_cell}"

    @property
    def targets(self) -> tuple[str, str]:
        """What may follow the ``#`` of a link: the heading's anchor, or the id of its cell.

        Browsers write signs such as “ and √ in addresses as codes, and JupyterLab 4 does not turn
        these back. For headings that hold such signs only the cell's id works there.
        """
        return anchor(self.heading), f"cell-id={self.cell}"


def anchor(heading: str) -> str:
    """Return the anchor that JupyterLab gives to a heading.

    That is the text as it is shown, with hyphens for spaces. Of a formula it is the letters and
    signs; what TeX makes of a command cannot be told from here.

    Parameters
    ----------
    heading : str
        The Markdown of a heading, without the signs in front of it.
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"\$[^$]+\$", lambda formula: re.sub(r"[$^_{}\s]", "", formula[0]), text)
    return re.sub(r"[`*]", "", text).strip().replace(" ", "-")


def sections(path: Path) -> list[Section]:
    """Return the sections of a notebook, from top to bottom, of every level.

    What stands above the first heading belongs to none of them.

    Raises
    ------
    NotebookError
        When the file is no notebook.
    """
    found: list[tuple[str, int, str, list[str]]] = []
    for cell in notebooks.read(path).cells:
        if cell.cell_type == "markdown":
            before, *parts = _parts(cell.source)
            if found:
                found[-1][-1].append(before[-1])
            found += [(cell.id, level, heading, [text]) for level, heading, text in parts]
    return [
        Section(path.name, cell, level, heading, plain("\n\n".join([heading, *texts])))
        for cell, level, heading, texts in found
    ]


def _parts(markdown: str) -> Iterator[tuple[int, str, str]]:
    """Yield level, heading and text of each part; first the text before any heading."""
    blocks = [block.span() for block in re.finditer(r"(?ms)^```.*?^```", markdown)]
    marks = [
        mark
        for mark in re.finditer(r"^(#{1,6}) +(.*?)[ #]*$", markdown, re.MULTILINE)
        if not any(start <= mark.start() < end for start, end in blocks)
    ]
    ends = [*(mark.start() for mark in marks), len(markdown)]
    yield 0, "", markdown[: ends[0]]
    for mark, end in zip(marks, ends[1:], strict=True):
        yield len(mark[1]), mark[2], markdown[mark.end() : end]


def plain(markdown: str) -> str:
    """Return the words of a text, on one line.

    Code, formulas, tags and the targets of links are left out. A sign that is no word stands for
    code and formulas, so that the words on both sides do not become neighbours.
    """
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", " ∎ ", markdown)
    text = re.sub(r"(?s)<!--.*?-->|<[^>]*>", " ", text)
    text = re.sub(r"\]\([^)]*\)|https?://\S+", "]", text)
    return " ".join(re.sub(r"[*\[\]]", "", text).split())
