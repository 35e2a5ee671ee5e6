"""The book's glossary and its index, made from the terms in ``terms.toml`` and the chapters.

Nothing of the index is written by hand: which sections use a term is looked up in their prose, so
that the notebook that shows it changes with the chapters.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.sections import Section, sections

MOST_USES = 8


@dataclass(frozen=True)
class Term:
    """A term of the book.

    Attributes
    ----------
    name : str
        As the glossary lists it.
    definition : str
        One sentence, or two short ones.
    defined : str
        The section that defines it: ``"3.4"``, or ``"lab 1, The pocket"``.
    also : tuple of str
        Other names for it; the index refers from each to `name`.
    forms : tuple of str
        What counts as a use of it. A form in small letters also stands for the capitalised one,
        and a space in it for a hyphen.
    see : tuple of str
        Names of terms to look at next.
    within : tuple of str
        Where alone the forms have this meaning: chapters, sections and labs, such as ``"10"``,
        ``"3.4"`` and ``"lab 2"``; empty if everywhere.
    """

    name: str
    definition: str
    defined: str
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


def terms() -> tuple[Term, ...]:
    """Return the terms of the book in the order of the alphabet.

    Raises
    ------
    ArgumentError
        If two terms share a form or a name.
    UnknownNameError
        If a term refers to one that is not there.
    """
    text = resources.files("nnbook").joinpath("terms.toml").read_text(encoding="utf-8")
    return read_terms(text)


def read_terms(toml: str) -> tuple[Term, ...]:
    """Read terms from TOML: a table for each, under its name; see `terms`."""
    listed = [_term(name, table) for name, table in tomllib.loads(toml).items()]
    known = {term.name for term in listed}
    _meanings(listed)
    for term in listed:
        for other in term.see:
            if other not in known:
                raise UnknownNameError.among(f"term {term.name}", other, known)
    return tuple(sorted(listed, key=lambda term: _sorted_as(term.name)))


def _term(name: str, table: Mapping[str, Any]) -> Term:
    also = tuple(table.get("also", ()))
    forms = table.get("forms") or [form for one in (name, *also) for form in (one, _plural(one))]
    listed = {field: tuple(table.get(field, ())) for field in ("see", "within")}
    return Term(name, table["definition"], table["defined"], also, tuple(forms), **listed)


def _plural(noun: str) -> str:
    return noun[:-1] + "ies" if re.search(r"[^aeiou]y$", noun) else noun + "s"


def _meanings(listed: Iterable[Term]) -> dict[str, Term]:
    """Return form → term, and refuse a form that two terms share."""
    found: dict[str, Term] = {}
    for term in listed:
        for form in map(_key, dict.fromkeys(term.forms)):
            if found.setdefault(form, term) is not term:
                raise ArgumentError(
                    f"term {term.name}",
                    got=f"the form {form!r}, which {found[form].name} has too",
                    wanted="forms that belong to one term",
                    remedy="take it away from one of the two",
                )
    return found


def _key(form: str) -> str:
    return form.replace("-", " ")


# ------------------------------------------------------------------ where it is used


@dataclass(frozen=True)
class Place:
    """A section that the index can lead to.

    Attributes
    ----------
    name : str
        ``"3.4"`` for a numbered section, ``"lab 1, The pocket"`` for one of a lab.
    section : Section
        Its anchor and its prose.
    """

    name: str
    section: Section

    @property
    def label(self) -> str:
        """The name as the index shows it: for a lab and for chapter 0 without the heading."""
        return self.name.partition(",")[0]

    @property
    def link(self) -> str:
        """Label and address, as a link in Markdown."""
        return f"[{self.label}]({self.section.link})"

    def lies_in(self, part: str) -> bool:
        """Tell whether `part`, a chapter, a section or a lab, is or holds this place."""
        return part in (self.name, self.label) or self.name.startswith(f"{part}.")


def places(folder: str | Path = ".") -> list[Place]:
    """Return what the index covers, in the order of the book.

    These are the numbered sections of the chapters, and the sections of chapter 0 and of the labs.
    Titles, warm-ups, summaries and the map repeat what is said elsewhere and are left out.

    Parameters
    ----------
    folder : str or Path
        Where the chapters are; a notebook runs in its own folder, so there it need not be said.
    """
    paths = sorted(Path(folder).glob("*.ipynb"))
    found = [section for path in paths for section in sections(path) if section.level > 1]
    return [Place(name, section) for section in found if (name := _place_name(section))]


def _place_name(section: Section) -> str:
    """Name a section; an empty name keeps it out of the index."""
    if section.number or section.heading in ("Summary", "The map"):
        return section.number
    notebook = re.match(r"(lab_\d+|0(?=0_))", section.notebook)
    return f"{notebook[0].replace('_', ' ')}, {section.heading}" if notebook else ""


def uses(listed: Sequence[Term], where: Iterable[Place]) -> dict[str, Counter[str]]:
    """Count how often each term is used in each place.

    Whole words are counted, and the longest form first: “hidden layer” is a use of that term and
    none of “layer”, which has enough of its own.

    Parameters
    ----------
    listed : sequence of Term
        All terms: what one of them claims is no use of another.
    where : iterable of Place
        The sections to search.

    Returns
    -------
    dict
        Name of the term → name of the place → number of uses, where there are any.
    """
    found: dict[str, Counter[str]] = {term.name: Counter() for term in listed}
    meanings = {case: term for form, term in _meanings(listed).items() for case in _cases(form)}
    pattern = _pattern(meanings)
    for place in where:
        for match in pattern.finditer(place.section.prose):
            term = meanings[_key(match[0])]
            if not term.within or any(map(place.lies_in, term.within)):
                found[term.name][place.name] += 1
    return found


def _cases(form: str) -> set[str]:
    """Return a form, and, as at the start of a sentence, the one with a capital letter."""
    return {form, form[:1].upper() + form[1:]}


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(forms, key=len, reverse=True)
    any_form = "|".join(re.escape(form).replace(r"\ ", "[ -]") for form in longest_first)
    return re.compile(rf"(?<![\w-])(?:{any_form})(?!\w|-\w)")


# ---------------------------------------------------------------------- as it is shown


@dataclass(frozen=True)
class Listing:
    """A list of entries, as Markdown with links in a notebook and as plain text elsewhere."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        """Return the text without links and without marks for bold and italic."""
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", self.markdown)
        return text.replace("*", "")


class Book:
    """The terms of the book, and the places that use them.

    Parameters
    ----------
    folder : str or Path
        Where the chapters are; a notebook runs in its own folder, so there it need not be said.

    Attributes
    ----------
    terms : tuple of Term
        In the order of the alphabet.
    places : dict
        Name → place, in the order of the book.
    uses : dict
        Name of a term → name of a place → number of uses.
    """

    def __init__(self, folder: str | Path = ".") -> None:
        self.terms = terms()
        self.places = {place.name: place for place in places(folder)}
        self.uses = uses(self.terms, self.places.values())

    def glossary(self, start: str, end: str) -> Listing:
        """Return the definitions of the terms from the letter `start` to the letter `end`.

        Raises
        ------
        UnknownNameError
            If a term is said to be defined where there is no section.
        """
        return _listing({term.name: self._definition(term) for term in self.terms}, start, end)

    def index(self, start: str, end: str) -> Listing:
        """Return where the terms from the letter `start` to the letter `end` are used.

        The section that defines a term stands first, in bold; then those that use it most, in the
        order of the book, and the number of the others.

        Raises
        ------
        UnknownNameError
            If a term is said to be defined where there is no section.
        """
        entries = {name: f"{name}: see {term.name}" for term in self.terms for name in term.also}
        entries |= {term.name: self._uses_of(term) for term in self.terms}
        return _listing(entries, start, end)

    def _definition(self, term: Term) -> str:
        also = f" (also {', '.join(term.also)})" if term.also else ""
        see = f" *See also:* {', '.join(term.see)}." if term.see else ""
        return f"**{term.name}**{also}. {term.definition} Section {self._home(term).link}.{see}"

    def _uses_of(self, term: Term) -> str:
        chosen, others = most_used(term, self.uses[term.name])
        uses = [place.link for name, place in self.places.items() if name in chosen]
        links = ", ".join([f"**{self._home(term).link}**", *uses])
        return f"{term.name}: {links}" + (f" and {others} more" if others else "")

    def _home(self, term: Term) -> Place:
        """Return the place that defines a term."""
        if term.defined not in self.places:
            raise UnknownNameError.among(f"term {term.name}", term.defined, self.places)
        return self.places[term.defined]


def most_used(term: Term, used: Mapping[str, int]) -> tuple[set[str], int]:
    """Choose where the index leads to, beside the section that defines the term.

    Parameters
    ----------
    term : Term
        The term.
    used : mapping
        Place → number of uses.

    Returns
    -------
    chosen : set of str
        At most `MOST_USES` places, those with most uses, and one for each lab.
    others : int
        How many sections and labs are left.
    """
    best: dict[str, str] = {term.defined.partition(",")[0]: term.defined}
    for name, _ in sorted(used.items(), key=itemgetter(1), reverse=True):
        best.setdefault(name.partition(",")[0], name)
    _, *others = best.values()
    return set(others[:MOST_USES]), max(0, len(others) - MOST_USES)


def _listing(entries: Mapping[str, str], start: str, end: str) -> Listing:
    """Put the entries of some letters in order, each letter above its own."""
    names = sorted(entries, key=_sorted_as)
    chosen = [name for name in names if start <= _letter(name) <= end]
    return Listing("\n\n".join(_group(*group, entries) for group in groupby(chosen, key=_letter)))


def _group(letter: str, names: Iterable[str], entries: Mapping[str, str]) -> str:
    return f"**{letter}**\n\n" + "\n".join(f"- {entries[name]}" for name in names)


def _letter(name: str) -> str:
    return _sorted_as(name)[0].upper()


def _sorted_as(name: str) -> str:
    """Return what a name is sorted by: small letters, with spaces for hyphens."""
    return re.sub(r"[^a-z0-9]+", " ", name.lower())
