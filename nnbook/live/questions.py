"""The bank of self-check questions: one file a chapter in ``nnbook/questions``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from zlib import crc32

from nnbook.errors import ArgumentError, UnknownNameError


@dataclass(frozen=True)
class Answer:
    """One answer and what to say to the reader who gives it.

    A choice has ``option``, the words to choose; a number has ``value``; an answer with neither is
    for every other number.
    """

    text: str
    right: bool = False
    option: str | None = None
    value: float | None = None


@dataclass(frozen=True)
class Question:
    """A question with the answers that it expects; choices, or a number within ``tolerance``.

    A number may be given with its ``unit`` or without. Where percents are asked for, that is the
    unit: without it, the page reads 50 % as 0.5.
    """

    name: str
    text: str
    answers: tuple[Answer, ...]
    tolerance: float = 0.0
    unit: str = ""

    @property
    def chapter(self) -> int:
        """The chapter that the question belongs to."""
        return int(self.name.partition(".")[0])

    @property
    def options(self) -> list[str]:
        """The choices in order; none for a number."""
        return [answer.option for answer in self.answers if answer.option is not None]


def question(name: str) -> Question:
    """Look up a question by its name, such as ``"01.bias"``.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    known = bank(name.partition(".")[0])
    if name not in known:
        raise UnknownNameError.among("quiz", name, known)
    return known[name]


@functools.cache
def bank(chapter: str) -> Mapping[str, Question]:
    """Return the questions of a chapter, ``"00"``, ``"01"`` …, by name.

    Raises
    ------
    UnknownNameError
        If the chapter has no questions.
    ArgumentError
        If a question does not have exactly one right answer.
    """
    folder = resources.files("nnbook").joinpath("questions")
    chapters = sorted(path.name[:2] for path in folder.iterdir() if path.name.endswith(".toml"))
    if chapter not in chapters:
        raise UnknownNameError.among("quiz", chapter, chapters)
    tables = tomllib.loads(folder.joinpath(f"{chapter}.toml").read_text(encoding="utf8"))
    return {
        f"{chapter}.{name}": _read(f"{chapter}.{name}", table) for name, table in tables.items()
    }


def warm_up_names(chapter: int, record: Mapping[str, Any], count: int = 3) -> list[str]:
    """Choose questions from one and from three chapters back; what was missed comes first.

    Missed is what is still wrong, and, after it, what was wrong at the first try: an answer that
    was found by trying on is worth asking for again.

    Parameters
    ----------
    chapter : int
        The chapter that is about to begin, 1 or more.
    record : mapping
        The reader's answers, by question: ``{"01.bias": {"right": True, "first_right": False}}``.
        Of records that are older than ``first_right``, the last answer says all.
    count : int
        How many to choose.

    Returns
    -------
    list of str
        Names of questions, always the same for the same record.

    Raises
    ------
    UnknownNameError
        If one of the two chapters has no questions.
    """
    earlier = [back for back in (chapter - 1, chapter - 3) if back >= 0]
    names = [name for back in earlier for name in bank(f"{back:02d}")]
    still_wrong, wrong_at_first = (
        [name for name in names if not record.get(name, {}).get(field, True)]
        for field in ("right", "first_right")
    )
    unseen = [name for name in names if name not in record]
    return list(dict.fromkeys(still_wrong + wrong_at_first + unseen + names))[:count]


def _read(name: str, table: dict[str, Any]) -> Question:
    listed = [Answer(**answer) for answer in table["answers"]]
    answers = tuple(sorted(listed, key=lambda answer: _place(name, answer)))
    right = sum(answer.right for answer in answers)
    if right != 1:
        raise ArgumentError(
            f"question {name}",
            got=f"{right} right answers",
            wanted="exactly one",
            remedy="mark one answer with right = true",
        )
    if all(answer.value is not None for answer in answers):
        raise ArgumentError(
            f"question {name}",
            got="answers to certain numbers only",
            wanted="also one for every other number",
            remedy="add an answer with neither value nor option",
        )
    optional = {field: table[field] for field in ("tolerance", "unit") if field in table}
    return Question(name, table["text"].strip(), answers, **optional)


def _place(name: str, answer: Answer) -> int:
    """Shuffle the same way on every machine, so that the order in the file gives nothing away."""
    return crc32(f"{name} {answer.option}".encode()) if answer.option else 0
