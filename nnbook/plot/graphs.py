"""Drawn computation graphs: every node with its value, and with its gradient on the way back."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from nnbook.arrays import Array, numbers
from nnbook.errors import ArgumentError, ShapeError, UnknownNameError
from nnbook.plot.layout import Edge, Layout, layered
from nnbook.plot.marks import SMALLEST, STILL, fit, number, room, text_width
from nnbook.plot.style import COLORS, FAINT, INK, PAPER

Shown: TypeAlias = Mapping[Any, float | str]
_Outlines: TypeAlias = Mapping[Hashable, Array]


def graph(
    ax: Axes,
    nodes: Sequence[Hashable] | Mapping[Any, str],
    edges: Iterable[Edge],
    values: Shown | None = None,
    gradients: Shown | None = None,
    active: Hashable | None = None,
    *,
    decimals: int = 2,
) -> Callable[..., None]:
    """Draw a computation graph, from what goes in on the left to what comes out on the right.

    A node shows its label, under it its value, and under that its gradient, after a ∂ and in a
    field of the gradient's color. What nothing leads to, such as a weight, has sharp corners; a
    result has round ones.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits and aspect are set, its axis is taken away.
    nodes : sequence, or mapping of str
        Names, which are the labels too, or a label for each name. They stand in this order from
        top to bottom, unless edges cross less in another.
    edges : iterable of (from, to)
        Names of nodes. A node that another uses twice has two edges to it.
    values, gradients : mapping of float or str, optional
        What is known by now: a number, or a short word such as a shape. None: no room is kept.
    active : hashable, optional
        The node that a stepper is at: it gets an outline, and the edges into it become thick.
    decimals : int
        Of values and gradients.

    Returns
    -------
    move : callable
        ``move(values=None, gradients=None, active=None)`` shows other numbers and another active
        node.

    Raises
    ------
    ArgumentError
        If there is a cycle, if a node is there twice, if there is none, if the graph needs more
        room than it has, or if there are numbers for which no room was kept.
    UnknownNameError
        If an edge, a value or `active` names a node that there is not.
    ShapeError
        If a value or a gradient is an array.

    Notes
    -----
    The layout is that of Sugiyama, Tagawa and Toda (1981), in `nnbook.plot.layout`.
    """
    labels, edges, first = _labels(nodes), list(edges), {"values": values, "gradients": gradients}
    kept = [kind for kind, shown in first.items() if shown is not None]
    words = [_words(kind, first[kind], labels, decimals) for kind in kept]
    height = _LABEL_HEIGHT + _ROW_HEIGHT * len(kept)
    layout, zoom = _fitted(ax, _widths(labels, kept, words, decimals), edges, height)
    drawing = _Drawing(ax, layout, height, zoom)
    drawing.add_edges()
    outlines = drawing.add_boxes(labels, {end for _, end in edges})
    rows = {kind: drawing.add_row(kind, i) for i, kind in enumerate(kept)}
    mark = drawing.add_mark(outlines, edges)

    def move(
        values: Shown | None = None,
        gradients: Shown | None = None,
        active: Hashable | None = None,
    ) -> None:
        for kind, shown in (("values", values), ("gradients", gradients)):
            write = rows.get(kind, _refuse_words)
            write(kind, _words(kind, shown, labels, decimals))
        mark(active)

    move(values, gradients, active)
    return move


_LABEL_SIZE: Final = 10.5
_LABEL_HEIGHT: Final = 14.0
_ROW_HEIGHT: Final = 10.5
_PAD: Final = 3.6
_LARGEST_ZOOM: Final = 1.35
_HALF_TIP: Final = 2.5  # a marker's place is its middle
_ROUND: Final = "round,pad=0,rounding_size=6"
_SHARP: Final = "square,pad=0"
_SIGNS: Final = {"values": "", "gradients": "∂ "}
_GRADIENT_FIELD: Final = {
    "facecolor": to_rgba(COLORS["gradient"], 0.45),
    "edgecolor": "none",
    "pad": 0.8,
}


def _labels(nodes: Sequence[Hashable] | Mapping[Any, str]) -> dict[Hashable, str]:
    """Return the label of each name, and refuse names that are there twice."""
    labels = nodes if isinstance(nodes, Mapping) else {node: str(node) for node in nodes}
    if not labels or len(labels) < len(nodes):
        twice = [node for node in labels if list(nodes).count(node) > 1]
        raise ArgumentError(
            "graph",
            got=f"the name {twice[0]!r} twice" if twice else "no nodes",
            wanted="one name for each node, and at least one",
            remedy="name nodes apart and give them labels: nodes={'sum1': '+', 'sum2': '+'}",
        )
    return dict(labels)


def _words(
    kind: str, shown: Shown | None, labels: Mapping[Hashable, str], decimals: int
) -> dict[Hashable, str]:
    """Write down what is to be shown: words as they are, and numbers in few characters."""
    words = {}
    for node, one in (shown or {}).items():
        if node not in labels:
            raise UnknownNameError.among("graph", node, labels)
        name = f"{kind}[{node!r}]"
        words[node] = _SIGNS[kind] + (one if isinstance(one, str) else _digits(name, one, decimals))
    return words


def _digits(name: str, value: float, decimals: int) -> str:
    array = numbers("graph", value)
    if array.size != 1:
        raise ShapeError(
            "graph",
            got=f"{name} {array.shape}",
            wanted="one number, or a word",
            remedy="show its norm, or its shape by str(array.shape)",
        )
    return number(array.item(), decimals)


def _widths(
    labels: Mapping[Hashable, str],
    kept: Iterable[str],
    words: Sequence[Mapping[Hashable, str]],
    decimals: int,
) -> dict[Hashable, float]:
    """Return how wide each node's box has to be: for its label, its words and for any number."""
    samples = [_SIGNS[kind] + number(-8.888888, decimals) for kind in kept]
    widths = {}
    for node, label in labels.items():
        lines = samples + [each[node] for each in words if node in each]
        widest = max(map(text_width, lines), default=0.0)
        widths[node] = 2 * _PAD + max(widest, text_width(label, _LABEL_SIZE))
    return widths


def _fitted(
    ax: Axes, widths: Mapping[Hashable, float], edges: Sequence[Edge], height: float
) -> tuple[Layout, float]:
    """Lay the graph out as large as there is room for, up to a limit; return the zoom too."""
    space, least = room(ax), layered(widths, edges, height)
    most = min(space[0] / least.width, space[1] / least.height)
    zoom = min(max(most, 1.0), _LARGEST_ZOOM)
    layout = layered(widths, edges, height, (space[0] / zoom, space[1] / zoom))
    fit("graph", ax, space, (layout.width, layout.height), zoom=zoom)
    return layout, zoom


def _refuse_words(kind: str, words: Mapping[Hashable, str]) -> None:
    if words:
        raise ArgumentError(
            "graph",
            got=f"{kind} for a drawing that has no room for them",
            wanted=f"{kind} from the beginning, if only an empty {{}}",
            remedy=f"draw it with {kind}={{}}",
        )


@dataclass(frozen=True)
class _Drawing:
    """A graph on its axes; each method adds one kind of artist."""

    ax: Axes
    layout: Layout
    height: float
    zoom: float

    def add_edges(self) -> None:
        tracks = self.layout.tracks
        self.ax.add_collection(LineCollection(tracks, colors=FAINT, linewidths=1.2, zorder=0.3))
        self._add_tips(FAINT, 0.3)(tracks)

    def add_boxes(self, labels: Mapping[Hashable, str], results: Container[Hashable]) -> _Outlines:
        """Draw the boxes; return the outline (M, 2) of each."""
        outlines = {}
        for node, (x, y) in self.layout.places.items():
            top, width = y - self.height / 2, self.layout.widths[node]
            style = _ROUND if node in results else _SHARP
            box = FancyBboxPatch((x - width / 2, top), width, self.height, boxstyle=style)
            box.set(facecolor=PAPER, edgecolor=INK, zorder=0.4)
            self.ax.add_patch(box)
            self._add_text(x, top + _LABEL_HEIGHT / 2, _LABEL_SIZE, STILL).set_text(labels[node])
            outlines[node] = np.asarray(box.get_path().to_polygons()[0])
        return outlines

    def add_row(self, kind: str, row: int) -> Callable[[str, Mapping[Hashable, str]], None]:
        """Keep a line of text in each box; return what writes into it."""
        below = _LABEL_HEIGHT + _ROW_HEIGHT * (row + 0.4) - self.height / 2
        texts = {
            node: self._add_text(x, y + below, SMALLEST, {"color": INK, "zorder": 2})
            for node, (x, y) in self.layout.places.items()
        }
        if kind == "gradients":
            for text in texts.values():
                text.set_bbox(_GRADIENT_FIELD)

        def write(kind: str, words: Mapping[Hashable, str]) -> None:
            for node, text in texts.items():
                text.set_text(words.get(node, ""))

        return write

    def add_mark(
        self, outlines: _Outlines, edges: Sequence[Edge]
    ) -> Callable[[Hashable | None], None]:
        """Prepare thick lines around a node and into it; return what puts them there."""
        lines = LineCollection([], colors=INK, linewidths=2.5, joinstyle="round", zorder=1)
        self.ax.add_collection(lines, autolim=False)
        put_tips = self._add_tips(INK, 1)

        def mark(active: Hashable | None) -> None:
            if active is not None and active not in outlines:
                raise UnknownNameError.among("graph", active, outlines)
            ends = zip(self.layout.tracks, edges, strict=True)
            into = [track for track, (_, end) in ends if end == active]
            lines.set_segments(into if active is None else [outlines[active], *into])
            put_tips(into)

        return mark

    def _add_text(self, x: float, y: float, size: float, look: dict[str, Any]) -> Text:
        return self.ax.text(
            x, y, "", ha="center", va="center_baseline", fontsize=size * self.zoom, **look
        )

    def _add_tips(self, color: str, zorder: float) -> Callable[[Sequence[Array]], None]:
        """Prepare the tips of arrows; return what puts them at the ends of lines (M, 2)."""
        (tips,) = self.ax.plot([], [], ">", color=color, markersize=5, zorder=zorder)

        def put(tracks: Sequence[Array]) -> None:
            ends = np.array([track[-1] for track in tracks]).reshape(-1, 2)
            tips.set_data(ends[:, 0] - _HALF_TIP / self.zoom, ends[:, 1])

        return put
