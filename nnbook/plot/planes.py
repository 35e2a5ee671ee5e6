"""Pictures over a plane: points, decision regions, boundaries, contours, arrows.

What can follow new values is drawn once and returned as ``move``: call it with them and the same
artists show them. That is what lets a slider draw again only what moved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ShapeError
from nnbook.plot.shapes import as_vector, one_each, plane_points
from nnbook.plot.style import COLORS, FAINT, INK, MARKERS, class_color, legend

Array = NDArray[Any]
Score = Callable[[Array], Array]

REGION_OPACITY: Final = 0.35


def points(
    ax: Axes, x: ArrayLike, y: ArrayLike, *, names: tuple[str, ...] = (), size: float = 6.5
) -> Callable[[ArrayLike, ArrayLike], None]:
    """Draw points in the plane, one color and one marker a class.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits grow to hold the points unless they were set.
    x : array_like, (N, 2)
        Coordinates.
    y : array_like, (N,)
        Class labels 0, 1, 2.
    names : tuple of str, optional
        Legend entries, one a class; none, no legend.
    size : float
        Size of a marker in points.

    Returns
    -------
    move : callable
        ``move(x, y)`` shows other points of the same classes.

    Raises
    ------
    ShapeError
        If ``x`` is not (N, 2) or ``y`` not (N,).
    ArgumentError
        If there is a label other than 0, 1, 2, or one that was not there at first.
    """
    _, labels = plane_points("points", x, y, len(MARKERS))
    classes = max(len(names), int(np.max(labels, initial=0)) + 1)
    drawn = [_class_marks(ax, label, names, size) for label in range(classes)]

    def move(x: ArrayLike, y: ArrayLike) -> None:
        x, y = plane_points("points", x, y, classes)
        for label, marks in enumerate(drawn):
            marks.set_data(*x[y == label].T)

    move(x, y)
    ax.relim()
    ax.autoscale_view()
    if names:
        legend(ax)
    return move


def _class_marks(ax: Axes, label: int, names: tuple[str, ...], size: float) -> Any:
    (marks,) = ax.plot(
        [],
        [],
        linestyle="none",
        marker=MARKERS[label],
        markersize=size,
        color=class_color(label),
        markeredgecolor=INK,
        markeredgewidth=0.8,
        label=names[label] if label < len(names) else None,
        zorder=3,
    )
    return marks


def regions(
    ax: Axes, score: Score, *, cells: int = 100, opacity: float = REGION_OPACITY
) -> Callable[[Score], None]:
    """Tint the plane by what a classifier says: class 0, class 1, and white in between.

    The axes' present limits are kept, so set them (or draw the points) first.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    score : callable, (M, 2) -> (M,)
        The score of class 1 at each of M points, in [0, 1].
    cells : int
        How many cells along each side.
    opacity : float
        Of the tint where the score is 0 or 1.

    Returns
    -------
    move : callable
        ``move(score)`` shows another classifier.

    Raises
    ------
    ShapeError
        If ``score`` does not return one number a point.
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    grid = _grid(left, right, bottom, top, cells)
    image = ax.imshow(
        np.zeros((cells, cells, 4)),
        extent=(left, right, bottom, top),
        origin="lower",
        aspect="auto",
        interpolation="none",
        zorder=0,
    )

    def move(score: Score) -> None:
        scores = one_each("regions", "scores", score(grid), len(grid), "points")
        image.set_data(_tints(scores.reshape(cells, cells), opacity))

    move(score)
    return move


def _grid(left: float, right: float, bottom: float, top: float, cells: int) -> Array:
    """Return the centers of the cells, row by row: (cells * cells, 2)."""
    offsets = (np.arange(cells) + 0.5) / cells
    across, up = np.meshgrid(left + (right - left) * offsets, bottom + (top - bottom) * offsets)
    return np.stack([across.ravel(), up.ravel()], axis=1)


def _tints(scores: Array, opacity: float) -> Array:
    """Return colors (H, W, 4) of scores (H, W): the class's color, fainter towards 0.5."""
    colors = np.empty((*scores.shape, 4), dtype=np.uint8)
    colors[..., :3] = np.where(scores[..., None] < 0.5, *_CLASS_BYTES)
    colors[..., 3] = 255 * opacity * np.abs(2 * np.clip(scores, 0, 1) - 1)
    return colors


_CLASS_BYTES: Final = tuple(
    np.array([round(255 * part) for part in to_rgb(COLORS[name])], dtype=np.uint8)
    for name in ("class0", "class1")
)


def half_planes(ax: Axes, w: ArrayLike, b: float) -> Callable[[ArrayLike, float], None]:
    """Tint both sides of the line w·x + b = 0: class 1 where w·x + b ≥ 0, class 0 elsewhere.

    Sharper and faster than `regions`, for a step neuron.

    Parameters
    ----------
    ax : Axes
        Where to draw; its present limits are the ones that are filled.
    w : array_like, (2,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    move : callable
        ``move(w, b)`` shows another line; w = 0 tints the whole plane by the sign of b.

    Raises
    ------
    ShapeError
        If ``w`` is not (2,).
    """
    ones, zeros = (
        ax.fill([], [], color=class_color(label), alpha=REGION_OPACITY, linewidth=0, zorder=0)[0]
        for label in (1, 0)
    )

    def move(w: ArrayLike, b: float) -> None:
        w = as_vector("half_planes", "w", w, 2)
        ones.set_xy(_far_side(ax, w, b))
        zeros.set_xy(_far_side(ax, -w, -b) if w.any() or b < 0 else np.empty((0, 2)))

    move(w, b)
    return move


def boundary(
    ax: Axes, w: ArrayLike, b: float, *, color: str = INK, **line: Any
) -> Callable[[ArrayLike, float], None]:
    """Draw the line w·x + b = 0 across the axes.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    w : array_like, (2,)
        Weights.
    b : float
        Bias.
    color : str
        Color of the line.
    **line
        Passed on to ``Axes.plot``.

    Returns
    -------
    move : callable
        ``move(w, b)`` shows another line; w = 0 has no boundary and shows none.

    Raises
    ------
    ShapeError
        If ``w`` is not (2,).
    """
    (drawn,) = ax.plot([], [], color=color, zorder=2, scalex=False, scaley=False, **line)

    def move(w: ArrayLike, b: float) -> None:
        drawn.set_data(*_line_ends(as_vector("boundary", "w", w, 2), b, ax))

    move(w, b)
    return move


def _line_ends(w: Array, b: float, ax: Axes) -> Array:
    """Return two far-away points of the line w·x + b = 0, as columns; none when w is zero."""
    length = np.hypot(*w)
    if length == 0:
        return np.empty((2, 0))
    foot = -b * w / length**2
    along = np.array([-w[1], w[0]]) / length
    reach = _reach(ax) + np.hypot(*foot)
    return np.stack([foot - reach * along, foot + reach * along], axis=1)


def _far_side(ax: Axes, w: Array, b: float) -> Array:
    """Return the corners (4, 2) of a rectangle that covers the side w·x + b ≥ 0 of the axes."""
    length = np.hypot(*w)
    if length == 0:
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
        return corners if b >= 0 else np.empty((0, 2))
    first, last = _line_ends(w, b, ax).T
    depth = (2 * _reach(ax) + abs(b) / length) * w / length
    return np.array([first, last, last + depth, first + depth])


def _reach(ax: Axes) -> float:
    """Return a length that no two points of the axes are further apart than."""
    return float(np.hypot(*ax.get_xlim()) + np.hypot(*ax.get_ylim()))


def arrow(
    ax: Axes, tail: ArrayLike, vector: ArrayLike, *, color: str = INK, label: str | None = None
) -> Callable[[ArrayLike, ArrayLike], None]:
    """Draw a vector from a tail, in the units of the axes.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    tail, vector : array_like, (2,)
        Where the arrow begins, and how far it goes from there.
    color : str
        Color of the arrow.
    label : str, optional
        Legend entry.

    Returns
    -------
    move : callable
        ``move(tail, vector)`` shows another arrow.

    Raises
    ------
    ShapeError
        If one of the two is not (2,).
    """
    drawn = ax.quiver(
        *as_vector("arrow", "tail", tail, 2),
        *as_vector("arrow", "vector", vector, 2),
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.008,
        color=color,
        label=label,
        zorder=4,
    )

    def move(tail: ArrayLike, vector: ArrayLike) -> None:
        drawn.set_offsets(as_vector("arrow", "tail", tail, 2))
        drawn.set_UVC(*as_vector("arrow", "vector", vector, 2))

    return move


def ring(ax: Axes, point: ArrayLike | None) -> Callable[[ArrayLike | None], None]:
    """Draw a ring around one point.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    point : array_like, (2,), or None
        The middle of the ring; None, no ring.

    Returns
    -------
    move : callable
        ``move(point)`` rings another point, or none.

    Raises
    ------
    ShapeError
        If the point is not (2,).
    """
    look: dict[str, Any] = {"markersize": 20, "markerfacecolor": "none", "markeredgewidth": 2.5}
    (drawn,) = ax.plot([], [], "o", markeredgecolor=COLORS["gradient"], zorder=4, **look)

    def move(point: ArrayLike | None) -> None:
        middle = (
            np.empty((2, 0)) if point is None else as_vector("ring", "point", point, 2)[:, None]
        )
        drawn.set_data(*middle)

    move(point)
    return move


def contours(
    ax: Axes,
    height: Callable[[Array, Array], Array],
    across: tuple[float, float],
    up: tuple[float, float],
    *,
    levels: int | ArrayLike = 12,
    cells: int = 120,
) -> None:
    """Draw lines of equal height of a function of two numbers, such as a loss over two weights.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits become the two ranges.
    height : callable, (C, C), (C, C) -> (C, C)
        The heights over two arrays of numbers.
    across, up : tuple of float
        The range of the first and of the second number.
    levels : int or array_like
        The heights to draw, or how many.
    cells : int
        C, how many places along each side.

    Raises
    ------
    ShapeError
        If ``height`` does not return one number a place.
    """
    first, second = np.meshgrid(np.linspace(*across, cells), np.linspace(*up, cells))
    heights = np.asarray(height(first, second))
    if heights.shape != first.shape:
        raise ShapeError(
            "contours",
            got=f"heights {heights.shape}",
            wanted=f"heights {first.shape}",
            remedy="let height work on whole arrays, one number for each place",
        )
    ax.contour(
        first,
        second,
        heights,
        levels=levels,
        colors=FAINT,
        linewidths=1.0,
        linestyles="solid",
        zorder=1,
    )
    ax.set(xlim=across, ylim=up)
