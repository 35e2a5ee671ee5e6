"""Drawn neurons and networks: edges show the sign and the size of their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, ShapeError
from nnbook.plot.marks import (
    NEGATIVE,
    NUMBER,
    NUMBERED,
    PLAIN,
    POSITIVE,
    SMALLEST,
    STILL,
    fit,
    number,
    room,
    strengths,
    text_width,
    tints,
)
from nnbook.plot.shapes import as_reach, as_vector, as_vectors, as_weights
from nnbook.plot.style import FAINT, INK, PAPER, sign_color, signed

Part: TypeAlias = tuple[int, int | None]  # a layer, and one of its nodes or all


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
        ax.text(-0.45, height, name, ha="right", va="center", fontsize=13, **STILL)
    on_edges = [_edge_text(ax, height) for height in heights]
    _edge(ax, (2.0, 0.0), (4.2, 0.0)).set(color=FAINT, linewidth=2, zorder=0.4)
    total, answer = (_node(ax, across, 0.0, zorder=0.7) for across in (2.0, 4.2))
    ax.text(2.0, 0.45, r"$\Sigma$", ha="center", fontsize=15, **STILL)
    ax.text(3.15, 0.0, unit, ha="center", va="center", bbox=_BOX, **STILL)
    ax.text(4.2, 0.45, r"$\hat{y}$", ha="center", fontsize=15, **STILL)
    ax.set(xlim=(-1.1, 4.6), ylim=(heights[-1] - 0.45, heights[0] + 0.45), aspect="equal")
    ax.set_axis_off()

    def move(x: ArrayLike, w: ArrayLike, b: float, output: float) -> None:
        x, w = as_vector("neuron", "x", x, size), as_vector("neuron", "w", w, size)
        for node, value in zip(inputs, [*x, 1.0], strict=True):
            node.set_text(number(value, 1))
        for edge, text, weight in zip(edges, on_edges, [*w, b], strict=True):
            width, style = 0.8 + 2.2 * min(abs(weight), 4), "--" if weight < 0 else "-"
            edge.set(color=sign_color(weight), linewidth=width, linestyle=style)
            text.set(text=signed(weight, 1))
        total.set_text(number(float(w @ x + b), 1))
        answer.set_text(f"{output:.2g}".replace("-", "−"))

    move(x, w, b, output)
    return move


_RADIUS: Final = 0.32
_BOX: Final = {"facecolor": PAPER, "edgecolor": FAINT, "boxstyle": "round,pad=0.35"}


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
    return ax.text(0.95, 0.525 * height, "", **(_ON_EDGES | {"fontsize": 10}))


def _node(ax: Axes, x: float, y: float, *, zorder: float) -> Any:
    """Draw a circle; return the text in it, above the circle so that it can change alone."""
    circle = Circle((x, y), _RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.2, zorder=0.45)
    ax.add_patch(circle)
    return ax.text(x, y, "", zorder=zorder, **NUMBER)


def network(
    ax: Axes,
    weights: Sequence[ArrayLike],
    *,
    biases: Sequence[ArrayLike] | None = None,
    values: Sequence[ArrayLike] | None = None,
    into: Part | None = None,
    out_of: Part | None = None,
    path: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    decimals: int = 2,
    most: int = 16,
    weight_reach: float | None = None,
    value_reach: float | None = None,
) -> Callable[..., None]:
    """Draw a network of layers, from the input on the left to the output on the right.

    An edge has the color of its weight's sign, is dashed if that is negative, and is the thicker
    the larger the weight; a weight of zero is thin and faint. A node is tinted by its value in the
    same way and shows it as a number, or where there is no room by a dash if it is negative. If
    edges are few, weights stand on them; if there is room, biases stand under the nodes.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits and aspect are set, its axis is taken away.
    weights : sequence of array_like, (out, in)
        A matrix for each layer but the input, as ``Linear.weight``.
    biases : sequence of array_like, (out,), optional
        A vector for each layer but the input.
    values : sequence of array_like, (size,), optional
        What the nodes hold: a vector for each layer, the input first.
    into, out_of : tuple of int, optional
        (layer, node), counted from 0, and the input is layer 0; None for the node is the whole
        layer. What leads there, or away from there, stays as it is, and other edges fade.
    path : sequence of int, optional
        A node for each layer; the edges between them stay. `into`, `out_of` and `path` add up.
    names : sequence of str, optional
        A name for each layer; its size is written after it.
    decimals : int
        Of the numbers, unless they are long.
    most : int
        How many places there are in a column. A larger layer shows its first and its last nodes.
    weight_reach, value_reach : float, optional
        The weight of the thickest edge and the value of the strongest tint, now and later; by
        default the largest sizes at first.

    Returns
    -------
    move : callable
        ``move(weights, *, biases=None, values=None, into=None, out_of=None, path=None)`` shows
        other numbers in a network of the same sizes.

    Raises
    ------
    ShapeError
        If weights do not fit together, if there is not one vector or name for each layer, or if the
        sizes are others than at first.
    ArgumentError
        If there is no room for the layers, if `into`, `out_of` or `path` lead to a node that is not
        drawn, if `most` is less than 3, or if a reach is not greater than 0.
    """
    matrices = as_weights("network", weights)
    sizes = [matrices[0].shape[1], *map(len, matrices)]
    plan = _plan(ax, sizes, _layer_names(sizes, names), most)
    held = _of_layers("values", values, sizes) or [np.zeros(1)]
    weight_reach = as_reach("network", weight_reach, plan.of_edges(matrices))
    value_reach = as_reach("network", value_reach, np.concatenate(held))
    move = _Network(
        plan,
        _draw_edges(ax, plan, weight_reach, decimals),
        _draw_nodes(ax, plan, value_reach, decimals),
        _draw_biases(ax, plan, decimals),
    ).move
    move(weights, biases=biases, values=values, into=into, out_of=out_of, path=path)
    return move


_LARGEST_RADIUS: Final = 19.0
_LARGEST_PITCH: Final = 72.0
_LEAST_PITCH: Final = 6.0
_PITCH_WITH_BIASES: Final = 48.5
_LINE: Final = 14.0  # the height of a line of text
_COLUMN_GAP: Final = 16.0
_NAME_SIZE: Final = 10.0
_THIN: Final = 0.4
_WIDTHS: Final = 12
_MOST_WEIGHTS: Final = 12
_ON_EDGES: Final[dict[str, Any]] = NUMBER | {
    "fontsize": SMALLEST,
    "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.5},
    "zorder": 2,
}
_FADED: Final = 0.16


@dataclass(frozen=True)
class _Plan:
    """The nodes and edges of a network that are drawn, and where.

    Attributes
    ----------
    sizes : list of int
        Of the layers.
    nodes : ndarray of int, (N, 2)
        Layer of each drawn node, and its number there.
    places : ndarray, (N, 2)
        The middle of each, in points.
    edges : ndarray of int, (E, 2)
        The two nodes of each edge, as rows of `nodes`.
    radius, pitch : float
        Of a node, and from one node to the next, in points.
    """

    sizes: list[int]
    nodes: Array
    places: Array
    edges: Array
    radius: float
    pitch: float

    def of_nodes(self, vectors: Sequence[Array]) -> Array:
        """Return the entry of each drawn node, (N,), of one vector for each layer."""
        return np.array([vectors[layer][row] for layer, row in self.nodes])

    def of_edges(self, matrices: Sequence[Array]) -> Array:
        """Return the weight of each drawn edge, (E,)."""
        starts, ends = self.nodes[self.edges[:, 0]], self.nodes[self.edges[:, 1]]
        each = zip(ends[:, 0] - 1, ends[:, 1], starts[:, 1], strict=True)
        return np.array([matrices[layer][row, column] for layer, row, column in each])

    @property
    def ends(self) -> Array:
        """Where edges begin and end, from rim to rim, (E, 2, 2)."""
        ends = self.places[self.edges]  # (E, 2, 2)
        along = ends[:, 1] - ends[:, 0]
        rim = self.radius * along / np.linalg.norm(along, axis=1, keepdims=True)
        return np.stack([ends[:, 0] + rim, ends[:, 1] - rim], axis=1)


@dataclass(frozen=True)
class _Network:
    """The parts of a drawn network, each a function that shows other numbers."""

    plan: _Plan
    show_edges: Callable[[Array, Array], None]
    show_nodes: Callable[[Array | None, Array], None]
    write_biases: Callable[[list[Array] | None], None]

    def move(
        self,
        weights: Sequence[ArrayLike],
        *,
        biases: Sequence[ArrayLike] | None = None,
        values: Sequence[ArrayLike] | None = None,
        into: Part | None = None,
        out_of: Part | None = None,
        path: Sequence[int] | None = None,
    ) -> None:
        plan = self.plan
        on_edges = plan.of_edges(as_weights("network", weights, plan.sizes))
        held = _of_layers("values", values, plan.sizes)
        added = _of_layers("biases", biases, plan.sizes[1:])
        strong_nodes, strong_edges = _emphasized(plan, into, out_of, path)
        self.show_edges(on_edges, strong_edges)
        self.show_nodes(None if held is None else plan.of_nodes(held), strong_nodes)
        self.write_biases(added)


def _of_layers(
    name: str, vectors: Sequence[ArrayLike] | None, sizes: Sequence[int]
) -> list[Array] | None:
    return None if vectors is None else as_vectors("network", name, vectors, sizes)


def _layer_names(sizes: Sequence[int], names: Sequence[str] | None) -> list[str]:
    """Return a name for each layer, with its size."""
    if names is None:
        hidden = len(sizes) - 2
        inner = ["hidden"] if hidden == 1 else [f"hidden {i + 1}" for i in range(hidden)]
        names = ["input", *inner, "output"]
    if len(names) != len(sizes):
        raise ShapeError(
            "network",
            got=f"{len(names)} names",
            wanted=f"{len(sizes)} names, the input's first",
            remedy="give one name for each layer",
        )
    return [f"{name} ({size})" for name, size in zip(names, sizes, strict=True)]


def _plan(ax: Axes, sizes: list[int], names: list[str], most: int) -> _Plan:
    """Choose where everything is, and write below each layer what it is."""
    if most < 3:
        raise ArgumentError(
            "network",
            got=f"most={most}",
            wanted="at least 3",
            remedy="leave room for a first node, a last one, and the dots between them",
        )
    wide, high = space = room(ax)
    if _least_width(names) > wide:
        names = [name.replace(" (", "\n(") for name in names]
    below = _LINE * (1 + names[0].count("\n")) + 4
    rows = min(max(sizes), most)
    least = max(wide, _least_width(names)), max(high, rows * _LEAST_PITCH + below)
    fit("network", ax, space, least)
    margins = [max(text_width(name, _NAME_SIZE) / 2, _LARGEST_RADIUS) for name in names]
    across = np.linspace(margins[0], wide - margins[-1], len(sizes))
    for name, x in zip(names, across, strict=True):
        ax.text(x, high, name, ha="center", va="bottom", fontsize=_NAME_SIZE, **STILL)
    pitch = min((high - below) / rows, _LARGEST_PITCH)
    middle = (high - below) / 2
    _write_dots(ax, sizes, across, middle, pitch, most)
    return _placed(sizes, across, middle, pitch, most)


def _write_dots(
    ax: Axes, sizes: Sequence[int], across: Array, middle: float, pitch: float, most: int
) -> None:
    """Write dots in the columns that leave nodes out, in the place that `_column` keeps free."""
    y = middle + pitch * (most // 2 - (most - 1) / 2)
    for x in across[np.array(sizes) > most]:
        ax.text(x, y, "⋮", ha="center", va="center", fontsize=max(SMALLEST, pitch / 2), **STILL)


def _placed(sizes: list[int], across: Array, middle: float, pitch: float, most: int) -> _Plan:
    """Place the nodes that are drawn, and join those of neighboring layers."""
    numbers, shares = zip(*(_column(size, most) for size in sizes), strict=True)
    layer = np.repeat(np.arange(len(sizes)), [len(each) for each in numbers])
    return _Plan(
        sizes=sizes,
        nodes=np.stack([layer, np.concatenate(numbers)], axis=1),
        places=np.stack([across[layer], middle + pitch * np.concatenate(shares)], axis=1),
        edges=np.argwhere(layer[:, None] + 1 == layer),
        radius=_radius(pitch),
        pitch=pitch,
    )


def _radius(pitch: float) -> float:
    """Return the radius of nodes; if they are far apart, a line of text has room between two."""
    between = _LINE if pitch >= _PITCH_WITH_BIASES else 0.16 * pitch
    return min((pitch - between) / 2, _LARGEST_RADIUS)


def _least_width(names: Sequence[str]) -> float:
    """Return how wide a network has to be for the names of its layers not to touch."""
    widest = max(text_width(name, _NAME_SIZE) for name in names)
    return len(names) * (max(widest, 2 * _LARGEST_RADIUS) + _COLUMN_GAP) - _COLUMN_GAP


def _column(size: int, most: int) -> tuple[Array, Array]:
    """Return the numbers of the nodes that are drawn, and their places as a share of the pitch.

    Places are counted from the middle of the column.
    """
    numbers = np.arange(size)
    if size <= most:
        return numbers, numbers - (size - 1) / 2
    slots = np.delete(np.arange(most), most // 2)
    return np.where(slots < most // 2, slots, slots + size - most), slots - (most - 1) / 2


def _draw_edges(
    ax: Axes, plan: _Plan, reach: float, decimals: int
) -> Callable[[Array, Array], None]:
    """Draw the edges; return what shows weights (E,) and fades all edges but some, (E,)."""
    gaps = np.full((len(plan.edges), 1, 2), np.nan)
    segments = np.concatenate([plan.ends, gaps], axis=1)  # (E, 3, 2)
    lines = LineCollection([], capstyle="butt", zorder=1)
    ax.add_collection(lines, autolim=False)
    widest = max(0.27 * plan.radius, 2 * _THIN)
    write = _write_weights(ax, plan, decimals)

    def show(weights: Array, strong: Array) -> None:
        # Edges that look the same become one line with gaps: a few dozen lines instead of hundreds.
        # The thick ones come last, and so lie on top.
        looks, groups = np.unique(_looks(weights, strong, reach), axis=0, return_inverse=True)
        groups = groups.ravel()  # a column in NumPy 2.0.0
        lines.set_segments([segments[groups == i].reshape(-1, 2) for i in range(len(looks))])
        lines.set(**_line_style(looks, widest))
        write(weights)

    return show


def _looks(weights: Array, strong: Array, reach: float) -> Array:
    """Return whether an edge is strong, which of the widths it has, and its sign, (E, 3)."""
    widths = np.ceil(_WIDTHS * strengths(weights, reach))
    signs = np.nan_to_num(np.sign(weights))
    return np.stack([strong, widths, signs], axis=1).astype(int)


def _line_style(looks: Array, widest: float) -> dict[str, Any]:
    """Return colors, widths and dashes of lines with these looks, (L, 3)."""
    strong, width, sign = looks.T
    widths = _THIN + (widest - _THIN) * width / _WIDTHS
    colors = np.array([NEGATIVE, to_rgb(FAINT), POSITIVE])[sign + 1]
    opacity = np.where(strong, 1.0, _FADED)
    dashes = [_dashes(w) if s < 0 else "-" for w, s in zip(widths, sign, strict=True)]
    return {"color": np.c_[colors, opacity], "linewidths": widths, "linestyles": dashes}


def _dashes(width: float) -> tuple[float, tuple[float, float]]:
    """Return dashes that stay apart in thin lines; matplotlib counts them in line widths."""
    return 0, ((4 + width) / width, (2.5 + width / 2) / width)


def _write_weights(ax: Axes, plan: _Plan, decimals: int) -> Callable[[Array], None]:
    """Prepare a number on each edge, if there are few; return what writes them."""
    size = text_width(number(88.888888, decimals, plus=True)) + 4, _LINE
    places = _label_places(plan, size) if len(plan.edges) <= _MOST_WEIGHTS else []
    texts = [ax.text(x, y, "", **_ON_EDGES) for x, y in places]

    def write(weights: Array) -> None:
        for text, weight in zip(texts, weights, strict=False):  # no texts, or one for each
            text.set_text(number(weight, decimals, plus=True))

    return write


def _label_places(plan: _Plan, size: tuple[float, float]) -> list[Array]:
    """Choose a place on each edge for a label of that size: off other labels, far from other edges.

    Each edge in turn takes the best that is left to it; if none is, no edge has a label.
    """
    chosen: list[Array] = []
    shares = np.linspace(0.1, 0.9, 33)
    for edge, (start, end) in enumerate(plan.ends):
        places = start + shares[:, None] * (end - start)  # (33, 2)
        apart = _distances(places, np.delete(plan.ends, edge, axis=0)).min(axis=1, initial=np.inf)
        # Far enough is as good as further, and then the middle is best.
        score = np.minimum(apart, 1.2 * size[1]) - np.abs(shares - 0.5)
        score[~_is_free(places, chosen, plan.places[plan.edges[edge], 0], plan.radius, size)] = -1
        if score.max() < 0:
            return []
        chosen.append(places[score.argmax()])
    return chosen


def _is_free(
    places: Array,
    taken: Sequence[Array],
    columns: Array,
    radius: float,
    size: tuple[float, float],
) -> Array:
    """Whether a label at each place would be off other labels and between the two columns."""
    reach = radius + size[0] / 2
    free: Array = (places[:, 0] > columns[0] + reach) & (places[:, 0] < columns[1] - reach)
    for other in taken:
        free &= (np.abs(places - other) > size).any(axis=1)
    return free


def _distances(points: Array, lines: Array) -> Array:
    """Return how far points (P, 2) are from line segments (S, 2, 2), as (P, S)."""
    along = lines[:, 1] - lines[:, 0]
    from_start = points[:, None] - lines[:, 0]  # (P, S, 2)
    share = np.clip((from_start * along).sum(axis=2) / (along**2).sum(axis=1), 0, 1)
    distances: Array = np.linalg.norm(from_start - share[..., None] * along, axis=2)
    return distances


def _draw_nodes(
    ax: Axes, plan: _Plan, reach: float, decimals: int
) -> Callable[[Array | None, Array], None]:
    """Draw the nodes; return what shows values (N,) and gives some nodes, (N,), a thick rim."""
    circles = PatchCollection([Circle(tuple(place), plan.radius) for place in plan.places])
    circles.set(edgecolor=INK, zorder=1.5)
    ax.add_collection(circles, autolim=False)
    widest = text_width(number(-88.888888, decimals))
    inside = 2 * sqrt(max(plan.radius**2 - 4**2, 0))  # at the height of a number's upper edge
    numbered = widest <= inside
    write = (
        _write_values(ax, plan, SMALLEST * inside / widest, decimals)
        if numbered
        else _dash_negative(ax, plan)
    )

    def show(values: Array | None, strong: Array) -> None:
        held = np.zeros(len(plan.nodes)) if values is None else values
        colors = tints(held, reach, NUMBERED if numbered else PLAIN)
        circles.set(facecolor=colors, linewidth=np.where(strong, 3.0, 1.2))
        write(values)

    return show


def _write_values(
    ax: Axes, plan: _Plan, size: float, decimals: int
) -> Callable[[Array | None], None]:
    """Keep a number in each node; return what writes values (N,), or none."""
    look: dict[str, Any] = NUMBER | {"fontsize": min(size, 11), "zorder": 2}
    texts = [ax.text(x, y, "", **look) for x, y in plan.places]

    def write(values: Array | None) -> None:
        for i, text in enumerate(texts):
            text.set_text("" if values is None else number(values[i], decimals))

    return write


def _dash_negative(ax: Axes, plan: _Plan) -> Callable[[Array | None], None]:
    """Return what puts dashes into the nodes whose values (N,) are negative."""
    (dashes,) = ax.plot([], [], "_", color=INK, markersize=plan.radius, zorder=2)

    def write(values: Array | None) -> None:
        negative = plan.places[[] if values is None else values < 0]
        dashes.set_data(negative[:, 0], negative[:, 1])

    return write


def _draw_biases(ax: Axes, plan: _Plan, decimals: int) -> Callable[[list[Array] | None], None]:
    """Keep a line under each node but the inputs, if there is room; return what writes biases."""
    below = plan.radius + _LINE / 2
    texts = {
        (layer - 1, row): ax.text(x, y + below, "", **_ON_EDGES)
        for (layer, row), (x, y) in zip(plan.nodes, plan.places, strict=True)
        if layer > 0 and plan.pitch >= _PITCH_WITH_BIASES
    }

    def write(biases: list[Array] | None) -> None:
        for (layer, row), text in texts.items():
            b = "" if biases is None else f"b {number(biases[layer][row], decimals, plus=True)}"
            text.set_text(b)

    return write


def _emphasized(
    plan: _Plan, into: Part | None, out_of: Part | None, path: Sequence[int] | None
) -> tuple[Array, Array]:
    """Return which nodes, (N,), and which edges, (E,), are to be strong: by default all edges."""
    nodes, edges = np.zeros(len(plan.nodes), dtype=bool), np.zeros(len(plan.edges), dtype=bool)
    if into is None and out_of is None and path is None:
        return nodes, ~edges
    starts, ends = plan.edges.T
    if into is not None:
        part = _part(plan, into)
        nodes, edges = nodes | part, edges | part[ends]
    if out_of is not None:
        part = _part(plan, out_of)
        nodes, edges = nodes | part, edges | part[starts]
    if path is not None:
        part = _along(plan, path)
        nodes, edges = nodes | part, edges | (part[starts] & part[ends])
    return nodes, edges


def _along(plan: _Plan, path: Sequence[int]) -> Array:
    """Return which of the drawn nodes are on a path with one node for each layer, (N,)."""
    if len(path) != len(plan.sizes):
        raise ShapeError(
            "network",
            got=f"a path of {len(path)} nodes",
            wanted=f"{len(plan.sizes)} nodes, one for each layer",
            remedy="begin with a node of the input and end with one of the output",
        )
    on_path: Array = np.any([_part(plan, node) for node in enumerate(path)], axis=0)
    return on_path


def _part(plan: _Plan, part: Part) -> Array:
    """Return which of the drawn nodes are meant, (N,)."""
    layer, row = part
    meant = (plan.nodes[:, 0] == layer) & (row is None or plan.nodes[:, 1] == row)
    if not meant.any():
        raise ArgumentError(
            "network",
            got=f"node {row} of layer {layer}",
            wanted=f"a node that is drawn, of layers 0 to {len(plan.sizes) - 1}",
            remedy="count from 0, or draw more nodes with most=",
        )
    return np.asarray(meant)
