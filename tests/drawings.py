"""What the tests of several drawings ask of a picture: pixels, and where its texts stand."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST = 9.0  # points


def pixels(figure: Any) -> Any:
    """Draw a figure in full and return its pixels (H, W, 4)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def written(ax: Axes) -> list[Text]:
    """List the texts that say something."""
    return [text for text in ax.texts if text.get_text()]


def words(ax: Axes) -> list[str]:
    """List what they say."""
    return [text.get_text() for text in written(ax)]


def boxes(ax: Axes) -> dict[Text, Bbox]:
    """Return where each text stands in a picture that is laid out."""
    pixels(ax.figure)
    return {text: text.get_window_extent() for text in written(ax)}


def complaints(ax: Axes) -> list[str]:
    """List texts that are too small, that lie on each other or that leave the axes."""
    places, frame = boxes(ax), ax.get_window_extent()
    small = [f"{t.get_text()} is small" for t in places if t.get_fontsize() < SMALLEST]
    out = [
        f"{text.get_text()} leaves the axes"
        for text, box in places.items()
        if not (frame.x0 <= box.x0 and box.x1 <= frame.x1)
        or not (frame.y0 <= box.y0 and box.y1 <= frame.y1)
    ]
    touching = [
        f"{first.get_text()} lies on {second.get_text()}"
        for first, second in combinations(places, 2)
        if places[first].overlaps(places[second])
    ]
    return small + out + touching


def still_above_moving(ax: Axes, move: Callable[[], Any]) -> list[Any]:
    """List artists that a move leaves alone and that lie over, or level with, one that it moves."""
    pixels(ax.figure)
    for artist in ax.figure.findobj():
        artist.stale = False
    move()
    inside = [*ax.lines, *ax.patches, *ax.collections, *ax.images, *written(ax)]
    floor = min(artist.zorder for artist in inside if artist.stale)
    return [artist for artist in inside if not artist.stale and artist.zorder >= floor]


def linear(color: Any) -> Any:
    """Return the linear light (3,) of a color."""
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(color: Any, paper: Any) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    dark, light = sorted(linear(one) @ [0.2126, 0.7152, 0.0722] for one in (color, paper))
    return float((light + 0.05) / (dark + 0.05))


def over(color: Any, paper: Any) -> Any:
    """Return what a color (RGBA) looks like on a paper."""
    color = np.asarray(to_rgba(color))
    return color[3] * color[:3] + (1 - color[3]) * np.array(to_rgb(paper))
