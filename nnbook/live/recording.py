"""A long computation, run once in front of the reader and kept for a stepper to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from copy import deepcopy
from math import ceil
from time import monotonic
from typing import Any, Final, TypeVar

import anywidget
import numpy as np
import traitlets
from IPython.display import Pretty, display

from nnbook.errors import ArgumentError, KindError
from nnbook.live.livefigure import asset
from nnbook.live.threads import one_thread

SECONDS_BETWEEN_NEWS: Final = 1 / 30

Recorded = TypeVar("Recorded")


def record(
    steps: Iterable[Recorded], *, total: int | None = None, label: str = ""
) -> list[Recorded]:
    """Run a computation to its end behind a progress bar, and keep what it yields.

    A live figure can then show every step, back and forth, and nothing is computed again. Matrix
    products use one thread meanwhile: those of small networks are no work to share.

    Parameters
    ----------
    steps : iterable
        The computation; a generator such as `nnbook.training.steps`. What it yields is copied
        deeply, one step at a time: a training loop changes its arrays in place, and a list of
        what it yields would hold the last step over and over. So yield what the figure will show
        (arrays, numbers, a dictionary of them), not a whole model.
    total : int, optional
        How many steps are expected, for the bar alone: the computation goes on to its own end.
        By default ``len(steps)``; without either, the bar counts and promises nothing.
    label : str
        What the steps are of, in a word or two such as ``"training"``.

    Returns
    -------
    list
        A copy of every step. After an interrupt (the stop button, Ctrl-C), of those so far: it
        ends the computation and not the notebook.

    Raises
    ------
    KindError
        If `steps` cannot be gone through, a step cannot be copied, or `total` is not a whole
        number.
    ArgumentError
        If `total` is below 0.

    Examples
    --------
    >>> weights = live.record(
    ...     (model.weight.data for step in steps(model, data, F.mse_loss, optimizer, rng=rng)),
    ...     total=40, label="training",
    ... )  # doctest: +SKIP
    Recorded 40 steps of training.
    """
    iterator = _iterator(steps)
    bar = ProgressBar(_length(steps) if total is None else _whole(total), label)
    display(bar, exclude=("text/plain",))
    recorded: list[Recorded] = []
    done = False
    try:
        with one_thread():
            for step in iterator:
                recorded.append(_copy(step, len(recorded)))
                bar.move_to(len(recorded))
        done = True
    except KeyboardInterrupt:
        pass  # as in `fit`: what has been recorded stays
    finally:
        display(Pretty(bar.end(len(recorded), done)))
    return recorded


class ProgressBar(anywidget.AnyWidget):
    """How far a computation has come; every message to the page is one value of ``news``.

    The words of a saved notebook are known at the end only, and stand in an output of their own.
    So the bar is stored as nothing to see, and leaves the page when the computation is done; it
    stays where the computation was stopped.
    """

    _esm = asset("question.js", "recording.js")
    _css = asset("live.css")

    name = traitlets.Unicode().tag(sync=True)
    total = traitlets.Int(None, allow_none=True).tag(sync=True)
    news = traitlets.Dict().tag(sync=True)

    def __init__(self, total: int | None, label: str) -> None:
        self._label = f" of {label}" if label else ""
        self._count = 0
        self._start = self._told = monotonic()
        super().__init__(
            name=f"Recording {label}".strip(),
            total=total,
            news={"count": 0, "words": "starting", "state": "running"},
        )

    def move_to(self, count: int) -> None:
        """Count, and tell the page unless it has been told a moment ago."""
        self._count = count
        now = monotonic()
        if now - self._told >= SECONDS_BETWEEN_NEWS:
            self._told = now
            self._tell(f"{self._so_far()}{self._time_left(now)}", "running")

    def end(self, count: int, done: bool) -> str:
        """Tell the page the last news in any case, and return the words to be saved."""
        self._count = count
        if done:
            words = f"Recorded {self._steps(str(self._count))}."
            self._tell(words, "done")
        else:
            words = f"Stopped after {self._steps(self._so_far())}."
            self._tell(f"stopped at {self._so_far()}", "stopped")
        return words

    def _tell(self, words: str, state: str) -> None:
        self.news = {"count": self._count, "words": words, "state": state}

    def _so_far(self) -> str:
        return str(self._count) if self.total is None else f"{self._count} of {self.total}"

    def _steps(self, number: str) -> str:
        return f"{number} step{'' if number == '1' else 's'}{self._label}"

    def _time_left(self, now: float) -> str:
        """Say how long the rest takes if it goes on as it has gone so far."""
        if self.total is None or self._count >= self.total:
            return ""
        seconds = ceil((now - self._start) / self._count * (self.total - self._count))
        left = f"{seconds} s" if seconds < 100 else f"{ceil(seconds / 60)} min"
        return f", about {left} left"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Widget for a running kernel, nothing to see for a saved notebook: it would be broken."""
        data, _ = super()._repr_mimebundle_() or ({}, {})
        return data | {"text/html": "<!-- Here was a progress bar. -->"}, {}


def _iterator(steps: Iterable[Recorded]) -> Iterator[Recorded]:
    try:
        return iter(steps)
    except TypeError:
        remedy = "call it: live.record(training())" if callable(steps) else "pass a generator"
        raise KindError(
            "record",
            got=f"steps of type {type(steps).__name__}",
            wanted="something that yields one step after another",
            remedy=remedy,
        ) from None


def _length(steps: Iterable[Any]) -> int | None:
    return len(steps) if isinstance(steps, Sized) else None


def _whole(total: object) -> int:
    if not isinstance(total, int | np.integer) or isinstance(total, bool):
        raise KindError(
            "record",
            got=f"total={total!r}",
            wanted="a whole number of steps",
            remedy="write total=40, or leave it out",
        )
    if total < 0:
        raise ArgumentError(
            "record",
            got=f"total={total}",
            wanted="at least 0 steps",
            remedy="leave it out where the number is not known",
        )
    return int(total)


def _copy(step: Recorded, number: int) -> Recorded:
    try:
        return deepcopy(step)
    except Exception as error:
        raise KindError(
            "record",
            got=f"step {number} of type {type(step).__name__}, which cannot be copied",
            wanted="values that stay as they are while the computation goes on",
            remedy="yield arrays, numbers or a dictionary of them",
        ) from error
