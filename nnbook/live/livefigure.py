"""Live figures: a drawing, what moves it, the question before it, the formula and the words for it.

An author draws once, then says with ``explore`` what the reader can move and how the drawing
follows. The same description gives the widget for a running kernel, the picture in the saved
notebook, and its text alternative.
"""

from __future__ import annotations

import functools
import traceback
from base64 import b64encode
from collections.abc import Callable, Sequence
from importlib import resources
from types import CodeType, FunctionType
from typing import Any, Final

import anywidget
import traitlets
from IPython.display import display
from matplotlib.figure import Figure
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from nnbook import progress
from nnbook.errors import ArgumentError
from nnbook.live import formula as words
from nnbook.live.controls import Control
from nnbook.live.frames import PIXELS_PER_INCH, Frames

MOST_CONTROLS: Final = 3

Update = Callable[..., dict[str, Any] | None]


def asset(*names: str) -> str:
    """Return the text of files beside this one, joined: the page's side of a widget."""
    folder = resources.files(__package__)
    return "\n".join(folder.joinpath(name).read_text(encoding="utf8") for name in names)


class LiveFigure(anywidget.AnyWidget):
    """A figure that follows its controls.

    The page sets ``asked`` (the newest values, and whether they rest), ``look`` and ``prediction``;
    the kernel answers with ``frame`` (a data address: a browser shows it sooner than bytes in a
    blob), ``formula``, ``caption`` and ``error``, and counts in ``drawn``. It answers each event at
    once by one frame; nothing waits in a queue, so an old value never follows a new one.
    """

    _esm = asset("question.js", "figure.js")
    _css = asset("live.css")

    name = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    controls = traitlets.List(traitlets.Dict()).tag(sync=True)
    question = traitlets.Dict().tag(sync=True)

    asked = traitlets.Dict().tag(sync=True, echo_update=False)
    look = traitlets.Dict({"theme": "light", "pixel_ratio": 1}).tag(sync=True, echo_update=False)
    prediction = traitlets.Dict().tag(sync=True)

    frame = traitlets.Unicode().tag(sync=True)
    drawn = traitlets.Int().tag(sync=True)
    formula = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
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
    ) -> None:
        self._update, self._controls = _frozen(update), controls
        self._formula, self._alt = formula, alt
        self._frames = Frames(figure)
        self._values = {name: control.value for name, control in controls.items()}
        super().__init__(
            name=update.__name__.strip("_").replace("_", " "),
            width=round(figure.get_figwidth() * PIXELS_PER_INCH),
            controls=[control.spec() | {"name": name} for name, control in controls.items()],
            question=question,
            asked={"values": dict(self._values), "resting": True},
        )
        self._follow()
        self.observe(self._on_asked, "asked")
        self.observe(self._on_look, "look")
        self.observe(self._on_prediction, "prediction")

    def _follow(self) -> None:
        """Move the drawing to the present values, and send what changed in one message."""
        shown = self._draw(self._values)
        with self.hold_sync():
            self.error = ""
            self.caption = words.sentence(self._alt, shown)
            self.formula = words.mathml(self._formula, shown) if self._formula else ""
            self.frame = self._at_rest() if self.asked.get("resting") else self._in_motion()
            self.drawn += 1

    def _draw(self, values: dict[str, Any]) -> dict[str, Any]:
        """Draw one frame; return the numbers that it shows."""
        with _one_thread():
            told = self._update(**values) or {}
            self._frames.draw()
        return values | told

    def _at_rest(self) -> str:
        return "data:image/png;base64," + b64encode(self._frames.png()).decode()

    def _in_motion(self) -> str:
        return "data:image/jpeg;base64," + b64encode(self._frames.jpeg()).decode()

    def _on_asked(self, change: dict[str, Any]) -> None:
        sent = change["new"].get("values") or {}
        self._values = {
            name: control.read(sent.get(name, control.value))
            for name, control in self._controls.items()
        }
        try:
            self._follow()
        except Exception as error:
            with self.hold_sync():
                self.error = _in_readers_words(error, self._update)
                self.drawn += 1

    def _on_look(self, change: dict[str, Any]) -> None:
        self._frames.paint(change["new"]["theme"])
        self._frames.sharpen(change["new"]["pixel_ratio"])
        self._frames.draw()
        self.frame = self._at_rest()

    def _on_prediction(self, change: dict[str, Any]) -> None:
        progress.record("predictions", self.name, **change["new"])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Widget for a running kernel, picture for a saved notebook, words for everyone."""
        data, _ = super()._repr_mimebundle_() or ({}, {})
        data["image/png"], caption = self._printed()
        data["text/plain"] = f"Live figure. {caption}"
        return data, {"image/png": {"alt": caption, "width": self.width}}

    def _printed(self) -> tuple[bytes, str]:
        """Return the picture and the words for a saved notebook, where nothing moves."""
        ends = {
            name: getattr(control, "printed", self._values[name])
            for name, control in self._controls.items()
        }
        shown = self._draw(ends)
        line = words.mathtext(self._formula, shown) if self._formula else ""
        caption = words.sentence(self._alt, shown)
        picture = self._frames.stored(line, caption)
        self._draw(self._values)
        return picture, caption


def explore(
    figure: Figure,
    *,
    predict: str,
    alt: str,
    options: Sequence[str] = (),
    formula: str = "",
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
    **controls : Slider, Steps, Choice, Switch or Line
        What can be moved, by the name of the argument it sets; at most three.

    Returns
    -------
    callable
        A decorator. The decorated function gets the controls' values and moves artists; it may
        return a dictionary of further numbers for ``formula`` and ``alt``. The figure is displayed
        at once.

    Raises
    ------
    ArgumentError
        If there are more than three controls: nobody can watch the effect of four.
    """
    if len(controls) > MOST_CONTROLS:
        raise ArgumentError(
            "explore",
            got=f"{len(controls)} controls",
            wanted=f"at most {MOST_CONTROLS}",
            remedy="show the rest in a figure of its own",
        )

    def display_live(update: Update) -> LiveFigure:
        before = update.__globals__.get(update.__name__)
        if isinstance(before, LiveFigure):
            before.close()  # the cell is run again; else the page would keep every figure it made
        question = {"text": predict, "options": list(options)}
        live = LiveFigure(figure, update, controls, formula=formula, alt=alt, question=question)
        display(live)
        return live

    return display_live


def picture(figure: Figure, *, alt: str) -> None:
    """Display a figure that does not move, with its text alternative."""

    def picture_at_rest() -> None:
        return None

    question = {"text": "", "options": []}
    display(LiveFigure(figure, picture_at_rest, {}, formula="", alt=alt, question=question))


@functools.cache
def _thread_pools() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread() -> Any:
    """Let BLAS use one thread for a frame: idle ones spin and cost more than they give."""
    return _thread_pools().limit(limits=1, user_api="blas")


def _frozen(function: Update) -> Update:
    """Copy a function together with the globals that it names itself, as they are now.

    A notebook uses its names again: without this, a figure would follow `x` or `border` to what a
    later cell made of them.
    """
    here = function.__globals__
    known = {name: here[name] for name in _names(function.__code__) if name in here}
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
