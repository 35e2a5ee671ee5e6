"""Where the book's links lead: inside to what exists, outside to an address that could exist.

Nothing here opens the network. A page is a file of text; of a notebook, its prose and whatever
its outputs show.
"""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from house_rules import Notebook, without_code

from nnbook.sections import sections

BOOK = Path(__file__).parent.parent
LINKED = (
    re.compile(r"\]\(<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\)"),
    re.compile(r"\b(?:href|src)=\\?[\"']([^\"'\\]+)"),
)
ADDRESS = re.compile(r"https?://\w[^\s\"'`<>\\{}|]+")
HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
IDENTIFIERS = {
    # Until 2007 a field and seven digits, until 2014 four digits behind the point, then five.
    "arxiv.org": re.compile(
        r"/(abs|pdf)/([a-z-]+/\d{7}|(0[7-9]|1[0-4])\d\d\.\d{4}|(1[5-9]|2\d)\d\d\.\d{5})(v\d+)?"
    ),
    "doi.org": re.compile(r"/10\.\d{4,9}/\S+"),
}
NUMBER = r"\d{1,2}\.\d{1,2}(?!\d)"


# ------------------------------------------------------------------- what a page holds


def text_of(path: Path) -> str:
    """Return what a page shows: for a notebook, its prose and what its outputs hold of links."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    notebook = Notebook.load(path)
    shown = [output.get("data", {}) for output in notebook.outputs]
    kinds = ("text/markdown", "text/html")
    return "\n\n".join([notebook.prose, *(data.get(kind, "") for data in shown for kind in kinds)])


def targets(path: Path, text: str) -> Iterator[str]:
    """Yield where the links of a page lead; of a program, only the addresses in its words."""
    plain = text
    if path.suffix in {".ipynb", ".md"}:
        text = without_code(text)
        for kind in LINKED:
            yield from kind.findall(text)
            plain = kind.sub(" ", plain)
    yield from (found.rstrip(".,;:)]") for found in ADDRESS.findall(plain))


def mentions(path: Path, text: str) -> Iterator[str]:
    """Yield the numbers of the sections that a page speaks of, such as “section 3.8”.

    In a chapter, “(3.8)” is one as well, where the chapter is the third.
    """
    for found in re.findall(rf"\b[Ss]ections? ({NUMBER}(?:(?:,| and| to|–) ?{NUMBER})*)", text):
        yield from re.findall(NUMBER, found)
    if path.suffix == ".ipynb" and path.name[:2].isdigit():
        yield from re.findall(rf"\(({int(path.name[:2])}\.\d{{1,2}})\)", text)


# ----------------------------------------------------------------------- where it leads


def complaints(path: Path, text: str) -> Iterator[str]:
    """Yield a sentence for each link of a page that leads nowhere or cannot be an address."""
    for target in targets(path, text):
        address = urlsplit(target)
        check = _inside(path, address) if not address.scheme else _outside(address)
        yield from (f"the link to {target} {fault}" for fault in check)
    for number in mentions(path, text):
        if number not in numbered_sections():
            yield f"it speaks of section {number}, which does not exist"


def _inside(path: Path, address: SplitResult) -> Iterator[str]:
    file = (path.parent / unquote(address.path)).resolve() if address.path else path
    if not file.is_relative_to(BOOK):
        yield "leads out of the book"
    elif not file.exists():
        yield "leads to no file"
    elif address.fragment and unquote(address.fragment) not in anchors(file):
        yield "leads to no heading"


def _outside(address: SplitResult) -> Iterator[str]:
    host = address.hostname or ""
    if address.scheme not in {"http", "https"}:
        yield "does not begin with http or https"
    if _is_number(host) or not HOST.fullmatch(host) or address.username:
        yield "names no host that everybody can reach"
    if re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})", address.geturl()):
        yield "holds a sign that an address cannot hold"
    known = IDENTIFIERS.get(host.removeprefix("www."))
    if known and address.path.strip("/") and not known.fullmatch(address.path):
        yield "is not written as this host writes its addresses"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@cache
def anchors(file: Path) -> frozenset[str]:
    """Return what leads to a heading: in a notebook by JupyterLab, in a .md file by GitHub."""
    if file.suffix == ".ipynb":
        return frozenset(target for section in sections(file) for target in section.targets)
    headings = re.findall(r"^#+ +(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings)


@cache
def numbered_sections() -> frozenset[str]:
    """Return the numbers of all sections of the chapters."""
    chapters = sorted((BOOK / "chapters").glob("[0-9][0-9]_*.ipynb"))
    return frozenset(section.number for path in chapters for section in sections(path))
