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
    """One or more questions; what the reader answers is kept in the local progress file.

    ``given`` holds, by question, the last answer to this widget; every view of it shows that
    answer and the reply, also a view that is drawn later. A cell that is run again makes a new
    widget. It is empty, so that the question can be answered afresh, and says in words only how
    it was answered before.
    """

    _esm = asset("question.js", "quiz.js")
    _css = asset("live.css")

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    given = traitlets.Dict().tag(sync=True)

    def __init__(self, asked: list[Question]) -> None:
        self._asked = {one.name: one for one in asked}
        record = progress.read()["questions"]
        super().__init__(
            questions=[
                _for_the_page(one) | {"title": title, "before": _before(record.get(one.name, {}))}
                for title, one in self._titled()
            ]
        )
        self.observe(self._on_given, "given")

    def _on_given(self, change: dict[str, Any]) -> None:
        for name, tried in change["new"].items():
            if tried != change["old"].get(name):
                _remember(self._asked[name], tried["answer"], tried["right"])

    def _titled(self) -> list[tuple[str, Question]]:
        asked = self._asked.values()
        if len(asked) == 1:
            return [("Question", one) for one in asked]
        return [(f"Question {number}", one) for number, one in enumerate(asked, start=1)]

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Widget for a running kernel; the questions to read in a saved notebook."""
        data, _ = super()._repr_mimebundle_() or ({}, {})
        data["text/html"] = "".join(_as_html(title, one) for title, one in self._titled())
        data["text/plain"] = "\n".join(_as_text(title, one) for title, one in self._titled())
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


def _for_the_page(one: Question) -> dict[str, Any]:
    return asdict(one) | {"options": one.options}


def _before(entry: dict[str, Any]) -> str:
    """Say how a question was answered at the last try; nothing if it never was."""
    if "right" not in entry:
        return ""
    return "right" if entry["right"] else "not yet right"


def _remember(one: Question, answer: float, right: bool) -> None:
    """Record a try as the last one, and as the first if there was none.

    What was recorded before there was a first try to remember counts as one.
    """
    tried = {"answer": answer, "right": right}
    before = tried | progress.read()["questions"].get(one.name, {})
    first = {f"first_{field}": before.get(f"first_{field}", before[field]) for field in tried}
    progress.record("questions", one.name, chapter=one.chapter, **tried, **first)


def _as_text(title: str, one: Question) -> str:
    options = [
        f"  ({letter}) {option}" for letter, option in zip("abcdefgh", one.options, strict=False)
    ]
    return "\n".join([f"{title}. {one.text}", *options])


def _as_html(title: str, one: Question) -> str:
    options = "".join(f"<li>{html.escape(option)}</li>" for option in one.options)
    unit = html.escape(f" {one.unit}" if one.unit else "")
    listed = f'<ol type="a">{options}</ol>' if options else f"<p>Your number: …{unit}</p>"
    return f"<p><strong>{title}.</strong> {html.escape(one.text)}</p>{listed}"
