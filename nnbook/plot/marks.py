"""What drawn networks, matrices and graphs have in common: room, numbers and tints.

Their coordinates are points, as those of text are, from the top left corner downwards: so it is
known before anything is drawn whether a number fits into its node or cell.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from nnbook.arrays import Array
from nnbook.errors import ArgumentError
from nnbook.plot.style import COLORS, INK, signed

SMALLEST: Final = 9.0
"""The smallest size of text, in points."""

STILL: Final[dict[str, Any]] = {"color": INK, "zorder": 0.5}
"""Of text that never moves: it lies below all that moves, and so is drawn once."""

NUMBER: Final[dict[str, Any]] = {"ha": "center", "va": "center", "fontsize": 10, "color": INK}
"""Of a number in a node or on an edge."""

NUMBERED: Final = 0.65
"""Opacity of the strongest tint under a number, which stays readable on either paper."""

PLAIN: Final = 0.95
"""Opacity of the strongest tint without a number."""

LONGEST: Final = 6
"""The most characters of a number, its sign among them."""

_POINTS_PER_INCH: Final = 72
# Neighbors may still get titles and labels, and hinting makes text a little wider.
_SAFE: Final = 0.95
_MARGIN: Final = 3.0  # for outlines, in points
_ROUNDING: Final = 1e-6


def room(ax: Axes) -> tuple[float, float]:
    """Take the axis away, and measure how wide and how high a drawing can be, in points."""
    ax.set_axis_off()
    figure = _figure(ax)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    inches = figure.get_size_inches() * ax.get_position(original=True).size
    width, height = inches * (_SAFE * _POINTS_PER_INCH) - 2 * _MARGIN
    return float(width), float(height)


def fit(
    operation: str,
    ax: Axes,
    space: tuple[float, float],
    size: tuple[float, float],
    *,
    zoom: float = 1.0,
) -> None:
    """Make points the coordinates of the axes, and put a drawing in their middle.

    Parameters
    ----------
    operation : str
        What to call the drawing in an error.
    ax : Axes
        Where to draw; limits and aspect are set.
    space : tuple of float
        Width and height that `room` has measured.
    size : tuple of float
        Width and height of the drawing, which reaches from (0, 0) to there, downwards.
    zoom : float
        How many points make one unit of the coordinates.

    Raises
    ------
    ArgumentError
        If the drawing needs more room than there is.
    """
    wide, high = np.divide(space, zoom)
    width, height = size
    if width > wide + _ROUNDING or height > high + _ROUNDING:
        raise _too_small(operation, ax, width / wide, height / high)
    across, down = wide / 2 + _MARGIN / zoom, high / 2 + _MARGIN / zoom
    ax.set_aspect("equal")
    ax.set_xlim(width / 2 - across, width / 2 + across)
    ax.set_ylim(height / 2 + down, height / 2 - down)


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None  # only axes that were removed have none
    return figure


def _too_small(operation: str, ax: Axes, wider: float, higher: float) -> ArgumentError:
    now = _figure(ax).get_size_inches()
    width, height = np.ceil(10 * now * np.maximum([wider, higher], 1) - _ROUNDING) / 10
    return ArgumentError(
        operation,
        got=f"a figure of {now[0]:.1f} × {now[1]:.1f} inches",
        wanted=f"about {width:.1f} × {height:.1f} inches, for readable text",
        remedy=f"draw on plot.figure({width:.1f}, {height:.1f}), or draw less",
    )


def text_width(text: str, size: float = SMALLEST) -> float:
    """Return the width of the widest line of a text, in points."""
    font = FontProperties(family="DejaVu Sans", size=size)
    return max(
        float(text_to_path.get_text_width_height_descent(line, font, ismath="$" in line)[0])
        for line in text.split("\n")
    )


def number(value: float, decimals: int = 2, *, plus: bool = False) -> str:
    """Write a number in few characters: with fewer decimals if it is large, then as a power.

    Parameters
    ----------
    value : float
        What to write; "nan" and "∞" are numbers too.
    decimals : int
        How many decimals there are if there is room.
    plus : bool
        Whether a plus is written.

    Returns
    -------
    str
        At most six characters, with a real minus.
    """
    text = _in_few_characters(value, decimals) if isfinite(value) else f"{value:+}"
    text = text.replace("inf", "∞").replace("-", "−")
    return text if plus and text != "+nan" else text.lstrip("+")


def _in_few_characters(value: float, decimals: int) -> str:
    for fewer in range(decimals, -1, -1):
        text = signed(value, fewer)
        if len(text) <= LONGEST:
            return text
    mantissa, exponent = f"{value:+.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def tints(values: Array, reach: float, opacity: float) -> Array:
    """Return colors (…, 4) of values (…): by their sign, and the fainter the smaller they are.

    A value of size `reach` or more has the full opacity; nan has none.
    """
    colors = np.empty((*values.shape, 4))
    colors[..., :3] = np.where(values[..., None] < 0, NEGATIVE, POSITIVE)
    colors[..., 3] = opacity * strengths(values, reach)
    return colors


def strengths(values: Array, reach: float) -> Array:
    """Return sizes as shares of the reach: 1 from there on, and 0 for nan."""
    shares = np.nan_to_num(np.abs(values) / reach, nan=0.0, posinf=1.0)
    return np.asarray(np.minimum(shares, 1))


POSITIVE: Final = np.array(to_rgb(COLORS["positive"]))
NEGATIVE: Final = np.array(to_rgb(COLORS["negative"]))
