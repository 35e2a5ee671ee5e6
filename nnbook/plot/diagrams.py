"""Drawn networks: a neuron whose edges show the sign and the size of its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from nnbook.plot.shapes import as_vector
from nnbook.plot.style import FAINT, INK, PAPER, sign_color, signed


def neuron(
    ax: Axes, x: ArrayLike, w: ArrayLike, b: float, output: float, *, unit: str = "step"
) -> Callable[[ArrayLike, ArrayLike, float, float], None]:
    """Draw one neuron: inputs, edges as thick as their weights are large, sum, activation, output.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits and aspect are set, its axis is taken away.
    x, w : array_like, (D,)
        Inputs and weights.
    b : float
        Bias.
    output : float
        What the activation made of w·x + b.
    unit : str
        The activation's name, written in its box.

    Returns
    -------
    move : callable
        ``move(x, w, b, output)`` shows other numbers; every node shows its own.

    Raises
    ------
    ShapeError
        If ``x`` and ``w`` are not vectors of one length, or of another length than at first.
    """
    size = len(as_vector("neuron", "w", w))
    heights = _spread(size + 1)
    edges = [_edge(ax, (0.0, height), (2.0, 0.0)) for height in heights]
    inputs = [_node(ax, 0.0, height, zorder=0.5) for height in heights]
    names = [f"$x_{i + 1}$" for i in range(size)] + ["bias"]
    for name, height in zip(names, heights, strict=True):
        ax.text(-0.45, height, name, ha="right", va="center", fontsize=13, **_STILL)
    on_edges = [_edge_text(ax, height) for height in heights]
    _edge(ax, (2.0, 0.0), (4.2, 0.0)).set(color=FAINT, linewidth=2, zorder=0.4)
    total, answer = (_node(ax, across, 0.0, zorder=0.7) for across in (2.0, 4.2))
    ax.text(2.0, 0.45, r"$\Sigma$", ha="center", fontsize=15, **_STILL)
    ax.text(3.15, 0.0, unit, ha="center", va="center", bbox=_BOX, **_STILL)
    ax.text(4.2, 0.45, r"$\hat{y}$", ha="center", fontsize=15, **_STILL)
    ax.set(xlim=(-1.1, 4.6), ylim=(heights[-1] - 0.45, heights[0] + 0.45), aspect="equal")
    ax.set_axis_off()

    def move(x: ArrayLike, w: ArrayLike, b: float, output: float) -> None:
        x, w = as_vector("neuron", "x", x, size), as_vector("neuron", "w", w, size)
        for node, value in zip(inputs, [*x, 1.0], strict=True):
            node.set_text(_unsigned(value))
        for edge, text, weight in zip(edges, on_edges, [*w, b], strict=True):
            width, style = 0.8 + 2.2 * min(abs(weight), 4), "--" if weight < 0 else "-"
            edge.set(color=sign_color(weight), linewidth=width, linestyle=style)
            text.set(text=signed(weight, 1))
        total.set_text(_unsigned(float(w @ x + b)))
        answer.set_text(f"{output:.2g}".replace("-", "−"))

    move(x, w, b, output)
    return move


_RADIUS: Final = 0.32
_STILL: Final[dict[str, Any]] = {"color": INK, "zorder": 0.5}  # below all that moves: drawn once
_NUMBER: Final[dict[str, Any]] = {"ha": "center", "va": "center", "fontsize": 10, "color": INK}
_BOX: Final = {"facecolor": PAPER, "edgecolor": FAINT, "boxstyle": "round,pad=0.35"}


def _unsigned(value: float) -> str:
    return signed(value, 1).lstrip("+")


def _spread(count: int) -> list[float]:
    """Return the heights of a column of nodes, top to bottom, centered on zero."""
    return [float(height) for height in (np.arange(count)[::-1] - (count - 1) / 2) * 0.95]


def _edge(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> Any:
    """Draw a line from rim to rim, so that the nodes need not be drawn again over it."""
    first, last = np.array(start), np.array(end)
    rim = _RADIUS * (last - first) / np.linalg.norm(last - first)
    ends = np.stack([first + rim, last - rim], axis=1)
    (line,) = ax.plot(*ends, solid_capstyle="butt", dash_capstyle="butt", zorder=1)
    return line


def _edge_text(ax: Axes, height: float) -> Any:
    """Write a weight on its edge, a third of the way from the input."""
    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
    return ax.text(0.95, 0.525 * height, "", zorder=2, bbox=box, **_NUMBER)


def _node(ax: Axes, x: float, y: float, *, zorder: float) -> Any:
    """Draw a circle; return the text in it, above the circle so that it can change alone."""
    circle = Circle((x, y), _RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.2, zorder=0.45)
    ax.add_patch(circle)
    return ax.text(x, y, "", zorder=zorder, **_NUMBER)
