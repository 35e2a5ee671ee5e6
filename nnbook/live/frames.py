"""Draw a matplotlib figure again and again, each time only what moved.

matplotlib marks an artist as stale when something of it was set. What was stale once is taken off
the paper and drawn on top of it from then on; anything else that changes (limits, a title, a new
artist) makes the paper be drawn anew, once. The paper goes to the page as a picture, what moves as
a few strokes.
"""

from __future__ import annotations

import io
from textwrap import wrap
from typing import Any, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.spines import Spine
from PIL import Image

from nnbook import plot
from nnbook.live.strokes import Strokes

PIXELS_PER_INCH: Final = 100
STORED_PIXELS_PER_INCH: Final = 150


class Frames:
    """The frames of one figure.

    Parameters
    ----------
    figure : Figure
        A figure outside pyplot, as ``plot.figure`` makes them. From now on its axis lines and ticks
        lie under its data, so that what moves can be drawn over them.

    Attributes
    ----------
    number : int
        The number of the paper that the last frame belongs to.
    since : int
        Frames on an older paper than this do not look like the figure any more.
    """

    def __init__(self, figure: Figure) -> None:
        for part in figure.findobj(_is_frame):
            part.set_zorder(-1)
        self.figure = figure
        self.canvas = FigureCanvasAgg(figure)
        self.number = self.since = 0
        self._moving: list[Any] = []
        self._moves_apart = True
        self.paint("light")

    def paint(self, theme: str) -> None:
        """Draw on light or dark paper from now on."""
        self._theme = theme
        self.outdate()

    def sharpen(self, pixel_ratio: float) -> None:
        """Draw with as many device pixels for a pixel of the page as the screen has (at most 2)."""
        self.figure.set_dpi(PIXELS_PER_INCH * min(max(pixel_ratio, 1.0), 2.0))
        self.outdate()

    def outdate(self) -> None:
        """Take no frame drawn so far for a frame of the figure as it is now."""
        self._laid, self.since = False, self.number + 1

    def draw(self) -> dict[str, Any]:
        """Return what moves, as strokes on the paper, brought up to date with the artists."""
        if not self._laid or self.figure.stale:
            self._lay_paper()
        try:
            return self._strokes()
        except NotImplementedError:  # a hatch or a shaded triangle has no strokes: onto the paper
            self._moves_apart = False
            self._lay_paper()
            return self._strokes()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        width, height = self.canvas.get_width_height(physical=True)
        return int(width), int(height)

    def paper(self) -> bytes:
        """Return what stands still as a PNG without loss; it is paper number ``number``."""
        return _encode(_picture(self.canvas), "PNG", compress_level=1)

    def stored(self, formula: str = "", caption: str = "") -> bytes:
        """Return a PNG for a saved notebook: sharp and on light paper, in few colors, to be small.

        Parameters
        ----------
        formula : str
            A line of mathtext to set under the picture; none by default.
        caption : str
            A sentence to set under both: few viewers of notebooks show a picture's alt text.
        """
        plot.use_theme(self.figure, "light")
        parts = [_saved(self.figure)]
        self.paint(self._theme)  # and anew, for saving has drawn at another size
        width = self.figure.get_figwidth()
        if formula:
            parts.append(_saved(_strip([formula], width, 13, plot.INK)))
        if caption:
            parts.append(_saved(_strip(wrap(caption, int(15 * width)), width, 9, plot.INK)))
        return _encode(_stack(parts).quantize(256), "PNG", optimize=True)

    def _strokes(self) -> dict[str, Any]:
        self._pen.begin()
        for artist in self._moving:
            artist.draw(self._pen)
        for owner in (self.figure, *self.figure.axes):
            owner.stale = False  # a legend marks them stale by being drawn
        return self._pen.written()

    def _lay_paper(self) -> None:
        self._set_moving_apart()
        plot.use_theme(self.figure, self._theme)  # for ticks and artists that are new
        self.canvas.draw()
        if self.figure.get_layout_engine() is not None:
            self.figure.set_layout_engine("none")  # laid out once; nothing shifts while it moves
        for artist in self.figure.findobj():
            artist.stale = False  # what is hidden is never drawn, and would pass for moved
        inks = plot.neutral_swap(self._theme)
        self._pen = Strokes(*self.size, self.figure.dpi, inks)  # kept: it remembers sizes of words
        self._laid = True
        self.number += 1

    def _set_moving_apart(self) -> None:
        """Add what has just moved, and what lies over it, to the artists drawn on top."""
        self._moving = []
        under: list[Any] = []
        for ax in sorted(filter(Axes.get_visible, self.figure.axes), key=_zorder):
            inside = [artist for artist in ax.get_children() if _is_content(ax, artist)]
            floor = min(map(_zorder, filter(self._has_moved, inside)), default=np.inf)
            if any(ax.bbox.overlaps(other) for other in under):
                floor = -np.inf  # twin axes lie wholly over what moves in the others
            for artist in inside:
                artist.set_animated(self._moves_apart and artist.zorder >= floor)
            above = [artist for artist in inside if artist.get_animated()]
            self._moving += sorted(above, key=_zorder)
            under += [ax.bbox] if above else []

    def _has_moved(self, artist: Artist) -> bool:
        """Whether an artist ever moved; in a figure that is new or repainted, all are stale."""
        return artist.get_animated() or (artist.stale and self._laid)


def _zorder(artist: Artist) -> float:
    return artist.zorder


def _is_frame(artist: Artist) -> bool:
    return isinstance(artist, (Axis, Spine))


def _is_content(ax: Axes, artist: Any) -> bool:
    """Whether an artist belongs to the data, not to the frame around it."""
    titles = (ax.title, ax._left_title, ax._right_title)  # type: ignore[attr-defined]
    return not _is_frame(artist) and artist not in (ax.patch, *titles)


def _picture(canvas: FigureCanvasAgg) -> Image.Image:
    size = canvas.get_width_height(physical=True)
    return Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")


def _encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _saved(figure: Figure) -> Image.Image:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=STORED_PIXELS_PER_INCH)
    return Image.open(buffer).convert("RGB")


def _strip(lines: list[str], width: float, points: int, color: str) -> Figure:
    """Make a strip of the given width in inches with lines of text, which may be mathtext."""
    height = 0.15 + 0.023 * points * len(lines)
    with plot.style():
        strip = Figure(figsize=(width, height))
        strip.text(0.02, 0.5, "\n".join(lines), va="center", fontsize=points, color=color)
    return strip


def _stack(parts: list[Image.Image]) -> Image.Image:
    """Put pictures of the same width under each other."""
    both = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        both.paste(part, (0, top))
        top += part.height
    return both
