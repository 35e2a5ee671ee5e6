"""Colors, themes and the figure that every picture of the book starts from.

Six of the seven colors are those of Okabe and Ito (2008, "Color universal design"); the violet of
held-out data shows as a thin line on either paper. All stay apart for readers with any of the three
common color-vision deficiencies, and each has one meaning in the whole book.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like, to_hex, to_rgb, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.text import Text

from nnbook.errors import UnknownNameError

COLORS: Final = {
    "class0": "#0072B2",
    "class1": "#E69F00",
    "class2": "#F0E442",
    "positive": "#009E73",
    "negative": "#D55E00",
    "gradient": "#CC79A7",
    "validation": "#7C4DFF",
}
"""What a color means: a class, the sign of a weight or contribution, a gradient, held-out data."""

MARKERS: Final = ("o", "s", "^")
"""One marker a class, so that no picture depends on color alone."""

THEMES: Final = {
    "light": {"paper": "#ffffff", "ink": "#1a1a1a", "faint": "#8a8a8a"},
    "dark": {"paper": "#111111", "ink": "#e6e6e6", "faint": "#8b8b8b"},
}
"""The neutral colors; training curves are drawn in ink."""

INK: Final = THEMES["light"]["ink"]
PAPER: Final = THEMES["light"]["paper"]
FAINT: Final = THEMES["light"]["faint"]

_RC: Final[dict[Any, Any]] = {
    "axes.edgecolor": FAINT,
    "axes.facecolor": PAPER,
    "axes.labelcolor": INK,
    "axes.labelsize": 12,
    "axes.prop_cycle": cycler(color=[INK]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 2.0,
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}


@contextmanager
def style() -> Iterator[None]:
    """Use the book's fonts and neutral colors inside a ``with`` block; nothing global changes."""
    with matplotlib.rc_context(_RC):
        yield


def figure(
    width: float = 6.4, height: float = 4.0, *, columns: int = 1, rows: int = 1, **grid: Any
) -> tuple[Figure, Any]:
    """Make a figure in the book's style, outside pyplot, so that it lives as long as it is used.

    Parameters
    ----------
    width, height : float
        Size in inches; one inch is 100 pixels of the page.
    columns, rows : int
        How many axes.
    **grid
        Passed on to ``Figure.subplots``, for example ``width_ratios``.

    Returns
    -------
    Figure
        The figure.
    Axes or ndarray of Axes
        Its axes; one alone is not in an array.
    """
    with style():
        fig = Figure(figsize=(width, height), dpi=100, layout="constrained")
        axes = fig.subplots(rows, columns, **grid)
    return fig, axes


def legend(ax: Axes) -> None:
    """Name what is drawn, in the order it was drawn, to the right of the axes and off the data."""
    with style():
        drawn = ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.4)
    # It stands beside the data, so no order shows; but what lies above a thing that moves is
    # drawn again at each step of a live figure.
    drawn.set_zorder(0)


def color(name: str) -> str:
    """Look up what a color name of the book stands for; any matplotlib color is passed through.

    Raises
    ------
    UnknownNameError
        If it is neither a name of the book nor a color.
    """
    if name in COLORS:
        return COLORS[name]
    if name in THEMES["light"]:
        return THEMES["light"][name]
    if not is_color_like(name):
        raise UnknownNameError.among("color", name, [*COLORS, *THEMES["light"]])
    return name


def class_color(label: int) -> str:
    """Return the color of class 0, 1 or 2.

    Raises
    ------
    UnknownNameError
        For another class.
    """
    return color(f"class{int(label)}")


def sign_color(value: float) -> str:
    """Return the color of a weight or contribution by its sign; zero is faint."""
    if value == 0:
        return FAINT
    return COLORS["positive" if value > 0 else "negative"]


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign, a real minus, and no minus before a zero."""
    rounded = round(float(value), decimals) + 0.0
    return f"{rounded:+.{decimals}f}".replace("-", "−")


def use_theme(fig: Figure, theme: str) -> None:
    """Turn the neutral colors of a figure to a theme; the colors with a meaning keep theirs.

    Parameters
    ----------
    fig : Figure
        What to turn. Black, matplotlib's own default, counts as ink.
    theme : {"light", "dark"}
        The paper to draw for.

    Raises
    ------
    UnknownNameError
        For another theme.
    """
    swap = neutral_swap(theme)
    boxes = [text.get_bbox_patch() for text in fig.findobj(Text)]
    for artist in [*fig.findobj(), *filter(None, boxes)]:
        for get, put in _COLOR_SETTERS:
            if hasattr(artist, get) and hasattr(artist, put):
                _swap_color(artist, get, put, swap)


def neutral_swap(theme: str) -> dict[str, str]:
    """Return what each neutral color becomes in a theme, as ``#rrggbb``.

    Raises
    ------
    UnknownNameError
        For a theme that there is not.
    """
    if theme not in THEMES:
        raise UnknownNameError.among("use_theme", theme, THEMES)
    new = THEMES[theme]
    swap = {old[role]: new[role] for old in THEMES.values() for role in old}
    return swap | {"#000000": new["ink"]}


_COLOR_SETTERS: Final = (
    ("get_color", "set_color"),
    ("get_facecolor", "set_facecolor"),
    ("get_edgecolor", "set_edgecolor"),
    ("get_markerfacecolor", "set_markerfacecolor"),
    ("get_markeredgecolor", "set_markeredgecolor"),
)


def _swap_color(artist: Any, get: str, put: str, swap: dict[str, str]) -> None:
    try:
        now = to_rgba_array(getattr(artist, get)())  # (1, 4), or one row an item
    except (ValueError, TypeError):  # a word such as "auto", which follows another color
        return
    wanted = [(*to_rgb(swap.get(to_hex(one), one)), one[3]) if one[3] else one for one in now]
    if wanted and not np.array_equal(now, wanted):
        getattr(artist, put)(wanted[0] if len(wanted) == 1 else wanted)
