"""Self-check questions in the page, with an answer to every option."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from nnbook import progress
from nnbook.live.livefigure import asset
from nnbook.live.questions import Question, question, warm_up_names


class Quiz(anywidget.AnyWidget):
    """One or more questions; what the reader answers is kept in the local progress file."""

    _esm = asset("question.js", "quiz.js")
    _css = asset("live.css")

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    given = traitlets.Dict().tag(sync=True)

    def __init__(self, asked: list[Question]) -> None:
        self._asked = asked
        titles = _titles(len(asked))
        super().__init__(
            questions=[
                asdict(one) | {"options": one.options, "title": title}
                for one, title in zip(asked, titles, strict=True)
            ]
        )
        self.observe(self._on_given, "given")

    def _on_given(self, change: dict[str, Any]) -> None:
        given = change["new"]
        one = self._asked[given["index"]]
        progress.record(
            "questions", one.name, chapter=one.chapter, answer=given["answer"], right=given["right"]
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Widget for a running kernel; the questions to read in a saved notebook."""
        data, _ = super()._repr_mimebundle_() or ({}, {})
        titled = list(zip(_titles(len(self._asked)), self._asked, strict=True))
        data["text/html"] = "".join(_as_html(title, one) for title, one in titled)
        data["text/plain"] = "\n".join(_as_text(title, one) for title, one in titled)
        return data, {}


def quiz(*names: str) -> None:
    """Display questions by their names, such as ``"01.bias"``.

    Raises
    ------
    UnknownNameError
        If there is no question of that name.
    """
    display(Quiz([question(name) for name in names]))


def warm_up(chapter: int) -> None:
    """Display three questions from earlier chapters; what the reader missed comes first."""
    record = progress.read().get("questions", {})
    display(Quiz([question(name) for name in warm_up_names(chapter, record)]))


def _titles(count: int) -> list[str]:
    return ["Question"] if count == 1 else [f"Question {number + 1}" for number in range(count)]


def _as_text(title: str, one: Question) -> str:
    options = [
        f"  ({letter}) {option}" for letter, option in zip("abcdefgh", one.options, strict=False)
    ]
    return "\n".join([f"{title}. {one.text}", *options])


def _as_html(title: str, one: Question) -> str:
    options = "".join(f"<li>{html.escape(option)}</li>" for option in one.options)
    listed = f'<ol type="a">{options}</ol>' if options else "<p>Your number: …</p>"
    return f"<p><strong>{title}.</strong> {html.escape(one.text)}</p>{listed}"
