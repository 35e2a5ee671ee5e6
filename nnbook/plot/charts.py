"""Charts over a line: contributions, learning curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnbook.plot.shapes import as_vector, one_each
from nnbook.plot.style import COLORS, FAINT, INK, legend, sign_color, signed
from nnbook.plot.style import color as named_color


def contributions(
    ax: Axes,
    names: Sequence[str],
    values: ArrayLike,
    *,
    reach: float | None = None,
    color: str | None = None,
    plus: bool = True,
) -> Callable[[ArrayLike], None]:
    """Draw one bar for each w·x: to the right in the color of plus, to the left in that of minus.

    With a color of their own, bars stand for something else, such as slopes or probabilities.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    names : sequence of str, N of them
        Labels, top to bottom.
    values : array_like, (N,)
        Contributions.
    reach : float, optional
        The axis runs from -reach to reach; by default a little more than the largest value.
    color : str, optional
        One color for all bars, by a name of the book or of matplotlib.
    plus : bool
        Whether a plus is written before numbers above 0.

    Returns
    -------
    move : callable
        ``move(values)`` shows other contributions.

    Raises
    ------
    ShapeError
        If there are not as many values as names.
    UnknownNameError
        If there is no such color.
    """
    one_color = None if color is None else named_color(color)
    rows = np.arange(len(names))[::-1]
    bars = ax.barh(rows, np.zeros(len(names)), height=0.7)
    numbers = [ax.text(0, row, "", va="center", color=INK) for row in rows]
    reach = reach or 1.3 * (float(np.max(np.abs(values), initial=0)) or 1.0)
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.set_yticks(rows, names)
    ax.tick_params(axis="y", length=0)
    ax.set(xlim=(-reach, reach), ylim=(-0.6, len(names) - 0.4))

    def move(values: ArrayLike) -> None:
        each = one_each("contributions", "values", values, len(names), "names")
        for bar, number, value in zip(bars, numbers, each, strict=True):
            bar.set(width=value, facecolor=one_color or sign_color(value))
            text = signed(value, 2)
            _write_beside(number, text if plus else text.removeprefix("+"), value, reach)

    move(values)
    return move


def residuals(
    ax: Axes, x: ArrayLike, target: ArrayLike, guess: ArrayLike
) -> Callable[[ArrayLike, ArrayLike, ArrayLike], None]:
    """Draw the gap between each target and its guess as an upright line.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits stay.
    x, target, guess : array_like, (N,)
        Positions, targets and guesses.

    Returns
    -------
    move : callable
        ``move(x, target, guess)`` shows other gaps.

    Raises
    ------
    ShapeError
        If the three are not vectors of one length.
    """
    gaps = ax.vlines([], [], [], color=FAINT, linewidth=1.5, zorder=1)

    def move(x: ArrayLike, target: ArrayLike, guess: ArrayLike) -> None:
        x = as_vector("residuals", "x", x)
        target = as_vector("residuals", "target", target, len(x))
        guess = as_vector("residuals", "guess", guess, len(x))
        gaps.set_segments(
            [[(at, end), (at, start)] for at, end, start in zip(x, target, guess, strict=True)]
        )

    move(x, target, guess)
    return move


def _write_beside(number: Any, text: str, value: float, reach: float) -> None:
    """Put the number at the bar's end, inside the axis even when the bar leaves it."""
    side = 1 if value >= 0 else -1
    end = float(np.clip(value, -0.82 * reach, 0.82 * reach))
    number.set_position((end + side * 0.02 * reach, number.get_position()[1]))
    number.set(text=text, ha="left" if side > 0 else "right")


def learning_curve(
    ax: Axes, train: ArrayLike, validation: ArrayLike | None = None, *, log: bool = False
) -> Callable[..., None]:
    """Draw the loss over the epochs: training in ink, validation dashed in its own color.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    train, validation : array_like, (E,)
        Losses, one an epoch; validation may be None, and have another length.
    log : bool
        Whether the loss axis is logarithmic.

    Returns
    -------
    move : callable
        ``move(train, validation=None)`` shows other curves in the same limits.

    Raises
    ------
    ShapeError
        If one of the two is not a vector.
    """
    (seen,) = ax.plot([], [], color=INK, label="training")
    (held_out,) = ax.plot([], [], "--", color=COLORS["validation"], label="validation")
    ax.set(xlabel="epoch", ylabel="loss", yscale="log" if log else "linear")

    def move(train: ArrayLike, validation: ArrayLike | None = None) -> None:
        validation = () if validation is None else validation
        for line, name, losses in ((seen, "train", train), (held_out, "validation", validation)):
            losses = as_vector("learning_curve", name, losses)
            line.set_data(np.arange(1, len(losses) + 1), losses)

    move(train, validation)
    ax.relim()
    ax.autoscale_view()
    if validation is not None:
        legend(ax)
    return move
