"""Live figures: a drawing, what moves it, the question before it, the formula and the words for it.

An author draws once, then says with ``explore`` what the reader can move and how the drawing
follows. The same description gives the widget for a running kernel, the picture in the saved
notebook, and its text alternative.
"""

from __future__ import annotations

import functools
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from types import CodeType, FunctionType
from typing import Any, Final

import anywidget
import traitlets
from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

from nnbook import progress
from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.live import formula as words
from nnbook.live import states
from nnbook.live.controls import Control
from nnbook.live.frames import PIXELS_PER_INCH, Frames
from nnbook.live.guesses import Guess
from nnbook.live.threads import one_thread

MOST_CONTROLS: Final = 3
MOMENT: Final = 0.015
"""Seconds of drawing ahead after which the kernel looks up for something more urgent."""
TOO_SLOW_AHEAD: Final = 0.05
"""Seconds a frame above which drawing ahead would keep the kernel from other work."""

Update = Callable[..., dict[str, Any] | None]


_DRAWING: Final = threading.RLock()


def _alone(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method draw while no other does: Jupyter runs cells and widgets in several threads."""

    @functools.wraps(method)
    def one_at_a_time(*arguments: Any, **more: Any) -> Any:
        with _DRAWING:
            return method(*arguments, **more)

    return one_at_a_time


def asset(*names: str) -> str:
    """Return the text of files beside this one, joined: the page's side of a widget."""
    folder = resources.files(__package__)
    return "\n".join(folder.joinpath(name).read_text(encoding="utf8") for name in names)


class LiveFigure(anywidget.AnyWidget):
    """A figure that follows its controls.

    The page sets ``asked`` (the newest values), ``wanted`` (values that may come next), ``look``
    and ``prediction``. The kernel answers ``asked`` by a ``frame`` or an ``error``, ``wanted`` by
    the frames ``ahead``, and lays a new ``paper`` under them where more changed than what moves.
    It answers each event at once; nothing waits in a queue, so an old value never follows a new
    one.
    """

    _esm = asset("question.js", "canvas.js", "controls.js", "frames.js", "predict.js", "figure.js")
    _css = asset("live.css")

    name = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    controls = traitlets.List(traitlets.Dict()).tag(sync=True)
    question = traitlets.Dict().tag(sync=True)

    asked = traitlets.Dict().tag(sync=True, echo_update=False)
    wanted: Any = traitlets.Dict({"values": []}).tag(sync=True, echo_update=False)
    look = traitlets.Dict({"theme": "light", "pixel_ratio": 1}).tag(sync=True, echo_update=False)
    prediction = traitlets.Dict().tag(sync=True)

    paper = traitlets.Dict().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)
    ahead = traitlets.Dict({"frames": [], "slow": False}).tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        figure: Figure,
        update: Update,
        controls: dict[str, Control],
        *,
        formula: str,
        alt: str,
        question: dict[str, Any],
        guess: Guess | None = None,
    ) -> None:
        self._update, self._controls, self._guess = _frozen(update), controls, guess
        self._formula, self._alt = formula, alt
        self.cell = _cell()
        self._frames = Frames(figure)
        guesses = guess.sliders if guess else {}
        self._movable = controls | guesses
        name = update.__name__.strip("_").replace("_", " ")
        question = question | {"guesses": _specs(guesses)}
        prediction = _remembered(name, question)
        drawn = prediction.get("answer", {}) if guess else {}
        super().__init__(
            name=name,
            width=round(figure.get_figwidth() * PIXELS_PER_INCH),
            controls=_specs(controls),
            question=question,
            asked={one: control.value for one, control in self._movable.items()} | drawn,
            prediction=prediction,
        )
        self._follow()
        self.observe(self._follow, "asked")
        self.observe(self._on_wanted, "wanted")
        self.observe(self._on_look, "look")
        self.observe(self._on_prediction, "prediction")

    @property
    def state(self) -> str:
        """The present state as a short code, for `restore`."""
        return self._code(self._values)

    @_alone
    def move_to(self, code: str) -> None:
        """Move the controls, not the prediction, to where a code of this figure has them."""
        self.asked = self._values | states.values(code, self._controls)

    def _code(self, values: dict[str, Any]) -> str:
        return states.written(self._update.__name__, self._controls, values)

    @property
    def _values(self) -> dict[str, Any]:
        return self._read(self.asked)

    def _read(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {
            name: control.read(sent.get(name, control.value))
            for name, control in self._movable.items()
        }

    @_alone
    def _follow(self, change: object = None) -> None:
        """Move the drawing to the newest values, and send what changed in one message."""
        error = ""
        try:
            frame = self._drawn(self._values)
        except Exception as raised:
            error = _in_readers_words(raised, self._update)
            frame = self._unmoved()
        with self.hold_sync():
            self.error = error
            self._lay_paper()
            self.frame = frame

    def _unmoved(self) -> dict[str, Any]:
        """Return the last frame that worked; before there was one, the figure as it was drawn."""
        if self.frame and self.frame["paper"] >= self._frames.since:
            return self.frame
        beside = {name: self.frame.get(name, "") for name in ("formula", "caption")}
        return self._framed(self._frames.draw(), self._values, **beside)

    @_alone
    def _on_wanted(self, change: dict[str, Any]) -> None:
        """Draw some of the frames that may be asked for next, as many as a moment has time for."""
        number, start, frames = self._frames.number, time.perf_counter(), []
        for sent in change["new"]["values"]:
            try:
                frames.append(self._drawn(self._read(sent)))
            except Exception:  # shown when the reader goes there
                break
            if self._frames.number > number or time.perf_counter() - start > MOMENT:
                break
        slow = time.perf_counter() - start > TOO_SLOW_AHEAD * max(len(frames), 1)
        with self.hold_sync():
            self._lay_paper()
            self.ahead = {"id": change["new"].get("id"), "frames": frames, "slow": slow}

    def _drawn(self, values: dict[str, Any]) -> dict[str, Any]:
        """Draw one frame, with all that the page shows beside the picture."""
        strokes, shown = self._draw(values)
        formula = words.mathml(self._formula, shown) if self._formula else ""
        caption = words.sentence(self._alt, shown)
        return self._framed(strokes, values, formula=formula, caption=caption)

    def _framed(
        self, strokes: dict[str, Any], values: dict[str, Any], **beside: str
    ) -> dict[str, Any]:
        paper, state = self._frames.number, self._code(values)
        return {"values": values, "strokes": strokes, "paper": paper, "state": state, **beside}

    def _draw(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Move the artists; return the strokes that show them, and the numbers that they show."""
        own = {name: values[name] for name in self._controls}
        with one_thread():
            told = self._update(**own) or {}
            if self._guess:
                self._guess.move(values, shown=not self.prediction.get("skipped"))
            return self._frames.draw(), values | told

    def _lay_paper(self) -> None:
        """Send the paper where the page does not have it yet."""
        number, since = self._frames.number, self._frames.since
        if self.paper.get("number") != number:
            picture = "data:image/png;base64," + b64encode(self._frames.paper()).decode()
            width, height = self._frames.size
            about = {"number": number, "since": since, "bytes": 4 * width * height}
            self.paper = about | {"picture": picture}

    @_alone
    def _on_look(self, change: dict[str, Any]) -> None:
        self._frames.paint(change["new"]["theme"])
        self._frames.sharpen(change["new"]["pixel_ratio"])
        self._follow()

    @_alone
    def _on_prediction(self, change: dict[str, Any]) -> None:
        answer, skipped = (change["new"].get(key) for key in ("answer", "skipped"))
        if self._guess:
            self._frames.outdate()  # frames of before show the line, or do not
            self._follow()
        if answer is not None or skipped:
            options = self.question["options"]
            in_words = options[answer] if options and answer is not None else answer
            about = {"question": self.question["text"], "skipped": bool(skipped)}
            progress.record("predictions", self.name, answer=in_words, **about)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Widget for a running kernel, picture for a saved notebook, words for everyone."""
        data, _ = super()._repr_mimebundle_() or ({}, {})
        data["image/png"], caption = self._printed()
        data["text/plain"] = f"Live figure. {caption}"
        return data, {"image/png": {"alt": caption, "width": self.width}}

    @_alone
    def _printed(self) -> tuple[bytes, str]:
        """Return the picture and the words for a saved notebook, where nothing moves."""
        if self.error:
            return self._frames.stored(), f"It is broken: {self.error}"
        try:
            return self._at_its_ends()
        except Exception as error:
            return self._frames.stored(), f"It is broken: {_in_readers_words(error, self._update)}"
        finally:
            self._follow()

    def _at_its_ends(self) -> tuple[bytes, str]:
        """Return the picture and the words with each stepper at its end."""
        ends = {
            name: getattr(control, "printed", self._values[name])
            for name, control in self._movable.items()
        }
        _, shown = self._draw(ends)
        line = words.mathtext(self._formula, shown) if self._formula else ""
        caption = words.sentence(self._alt, shown)
        return self._frames.stored(line, caption), caption


def _specs(controls: Mapping[str, Control]) -> list[dict[str, Any]]:
    return [control.spec() | {"name": name} for name, control in controls.items()]


def _remembered(name: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the reader predicted when this notebook was run before, as the page sends it.

    A prediction that does not fit the question, as after a new edition of the book, is forgotten.
    """
    entry = progress.read()["predictions"].get(name, {})
    if not question["text"] or entry.get("question") != question["text"]:
        return {}
    if entry.get("skipped"):
        return {"skipped": True}
    answer, options = entry.get("answer"), question["options"]
    if options:
        return {"answer": options.index(answer)} if answer in options else {}
    wanted = {guess["name"] for guess in question["guesses"]}
    fits = _is_guess(answer, wanted) if wanted else _is_number(answer)
    return {"answer": answer} if fits else {}


def _is_guess(answer: Any, names: set[str]) -> bool:
    return (
        isinstance(answer, dict) and set(answer) == names and all(map(_is_number, answer.values()))
    )


def _is_number(answer: Any) -> bool:
    return isinstance(answer, int | float) and not isinstance(answer, bool)


def explore(
    figure: Figure,
    *,
    predict: str,
    alt: str,
    options: Sequence[str] = (),
    formula: str = "",
    guess: Guess | None = None,
    **controls: Control,
) -> Callable[[Update], LiveFigure]:
    """Make a figure live: decorate the function that moves its artists.

    Parameters
    ----------
    figure : Figure
        What ``plot.figure`` made and the author drew on.
    predict : str
        The question that the reader answers before anything can be moved.
    alt : str
        The picture in words, with ``{name:.1f}`` where the present numbers go.
    options : sequence of str
        The answers to the question; none, and the reader predicts a number.
    formula : str
        LaTeX with ``{name:.1f|color}`` where the present numbers go; optional.
    guess : Guess
        A line that the reader draws as the prediction, made by `guess`; optional.
    **controls : Slider, Steps, Choice, Switch or Line
        What can be moved, by the name of the argument it sets; at most three.

    Returns
    -------
    callable
        A decorator. The decorated function gets the controls' values and moves artists; it may
        return a dictionary of further numbers for ``formula`` and ``alt``. What it shows must
        follow from these values alone, not from what was shown before: it is also called for
        values that the reader may come to next. The figure is displayed at once.

    Raises
    ------
    ArgumentError
        If there are more than three controls: nobody can watch the effect of four.
    KindError
        If ``guess`` is something else, such as a control.
    """
    if len(controls) > MOST_CONTROLS:
        raise ArgumentError(
            "explore",
            got=f"{len(controls)} controls",
            wanted=f"at most {MOST_CONTROLS}",
            remedy="show the rest in a figure of its own",
        )

    if guess is not None and not isinstance(guess, Guess):
        raise KindError(
            "explore",
            got=f"guess={guess!r}",
            wanted="a line to be drawn, made by live.guess",
            remedy="give a control that has this name another one",
        )
    both = sorted(set(controls) & set(guess.sliders if guess else {}))
    if both:
        raise ArgumentError(
            "explore",
            got=f"a control and a guess named {both[0]!r}",
            wanted="a name for each",
            remedy="rename the slider of the guess",
        )

    def display_live(update: Update) -> LiveFigure:
        before = update.__globals__.get(update.__name__)
        if isinstance(before, LiveFigure) and before.cell == _cell():
            before.close()  # the cell is run again; else the page would keep every figure it made
        question = {"text": predict, "options": list(options)}
        beside: dict[str, Any] = {"formula": formula, "alt": alt, "guess": guess}
        live = LiveFigure(figure, update, controls, question=question, **beside)
        display(live)
        return live

    return display_live


def restore(code: str) -> None:
    """Show a figure in the state that a code describes.

    Parameters
    ----------
    code : str
        What the figure's ``state`` or its Share button gave, such as ``"one_node?w=1.5"``. The
        cell that makes the figure must have been run.

    Raises
    ------
    UnknownNameError
        If the notebook has no such figure yet, or the figure no such control.
    ArgumentError
        If a control cannot stand where the code puts it.
    """
    shell = get_ipython()
    here = shell.user_ns if shell else {}
    figures = {name: one for name, one in here.items() if isinstance(one, LiveFigure)}
    name = states.figure_name(code)
    if name not in figures:
        raise UnknownNameError.among("restore", name, figures)
    figures[name].move_to(code)
    display(figures[name])


def picture(figure: Figure, *, alt: str) -> None:
    """Display a figure that does not move, with its text alternative."""

    def picture_at_rest() -> None:
        return None

    question = {"text": "", "options": []}
    display(LiveFigure(figure, picture_at_rest, {}, formula="", alt=alt, question=question))


def _cell() -> str | None:
    """Name the cell that is being run; None outside a notebook."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    name = parent.get("metadata", {}).get("cellId")
    return str(name) if name else None


def _frozen(function: Update) -> Update:
    """Copy a function together with the globals that it names itself, as they are now.

    A notebook uses its names again: without this, a figure would follow `x` or `border` to what a
    later cell made of them.
    """
    here = function.__globals__
    wanted = {"__builtins__", *_names(function.__code__)}  # the first for imports made by C code
    known = {name: here[name] for name in wanted if name in here}
    parts = (function.__name__, function.__defaults__, function.__closure__)
    copy = FunctionType(function.__code__, known, *parts)
    copy.__kwdefaults__ = getattr(function, "__kwdefaults__", None)
    return functools.update_wrapper(copy, function)


def _names(code: CodeType) -> set[str]:
    """Return every global name in a function's code, and in the functions inside it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _in_readers_words(error: Exception, update: Update) -> str:
    """Say what broke and in which line of the author's function."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == update.__code__.co_filename
    ]
    where = f"\nin line {own[-1].lineno} of the cell: {own[-1].line}" if own else ""
    return f"{type(error).__name__}: {error}{where}"
