"""Where the nodes and edges of a directed graph are drawn: in layers, from left to right.

Four steps: a layer for each node, dummies where an edge passes through a layer, an order within
each layer by barycenters, and heights that keep the order.

Source: Sugiyama, Tagawa and Toda (1981), Methods for visual understanding of hierarchical system
structures. Only the heights are chosen in another way: by isotonic regression.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, TypeAlias

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, UnknownNameError


@dataclass(frozen=True)
class Dummy:
    """The place in a layer where the edge with this number passes through."""

    edge: int
    layer: int


Edge: TypeAlias = tuple[Hashable, Hashable]
Slot: TypeAlias = Hashable  # a node or a dummy
Layers: TypeAlias = list[list[Slot]]
Neighbors: TypeAlias = Mapping[Slot, Sequence[Slot]]

SWEEPS: Final = 24
LEAST_GAPS: Final = (12.0, 4.0)
WIDEST_GAPS: Final = (60.0, 24.0)
"""Distances between two layers and between two boxes of a layer, in points."""


@dataclass(frozen=True)
class Layout:
    """A graph with a place for everything, in points from the top left corner downwards.

    Attributes
    ----------
    width, height : float
        Size of the whole drawing.
    places : dict of tuple of float
        The middle of each node's box.
    widths : dict of float
        The width of each node's box, which is the same for all of a layer.
    tracks : list of ndarray, (M, 2)
        A line for each edge, from the right side of one box to the left side of another.
    """

    width: float
    height: float
    places: dict[Hashable, tuple[float, float]]
    widths: dict[Hashable, float]
    tracks: list[Array]


def layered(
    widths: Mapping[Hashable, float],
    edges: Sequence[Edge],
    height: float,
    room: tuple[float, float] = (0.0, 0.0),
) -> Layout:
    """Lay out a directed graph without cycles.

    Every node stands to the right of all that lead to it, and edges run around the boxes. Equal
    arguments give equal layouts.

    Parameters
    ----------
    widths : mapping of float
        The least width of each node's box, for at least one node. Nodes stand from top to bottom
        as they are given here, unless edges cross less in another order.
    edges : sequence of (from, to)
        Node names; an edge that is there twice is drawn twice.
    height : float
        Height of all boxes.
    room : tuple of float
        Width and height that are to be filled. The layout takes more if it needs more.

    Returns
    -------
    Layout
        The places of nodes and edges.

    Raises
    ------
    ArgumentError
        If there is a cycle.
    UnknownNameError
        If an edge names a node that there is not.
    """
    layers, chains = with_dummies(levels(list(widths), edges), edges)
    layers = with_fewest_crossings(layers, chains)
    sides = _sides(layers, widths, room[0])
    down = _heights(layers, chains, height, room[1])
    across = {slot: pair for layer, pair in zip(layers, sides, strict=True) for slot in layer}
    return Layout(
        width=sides[-1][1],
        height=max(y if isinstance(slot, Dummy) else y + height / 2 for slot, y in down.items()),
        places={node: (sum(across[node]) / 2, down[node]) for node in widths},
        widths={node: across[node][1] - across[node][0] for node in widths},
        tracks=_tracks(chains, across, down, height),
    )


def levels(nodes: Sequence[Hashable], edges: Sequence[Edge]) -> dict[Hashable, int]:
    """Give every node a layer: it stands before the first that it leads to, as near as can be.

    A node that leads nowhere stands behind the last that leads to it.
    """
    for node in chain.from_iterable(edges):
        if node not in nodes:
            raise UnknownNameError.among("graph", node, nodes)
    parents, children = _neighbors(edges)
    order = _topological_order(nodes, parents)
    level: dict[Hashable, int] = {}
    for node in order:
        level[node] = max((level[parent] + 1 for parent in parents[node]), default=0)
    for node in reversed(order):
        level[node] = min((level[child] - 1 for child in children[node]), default=level[node])
    return {node: level[node] for node in nodes}


def _neighbors(links: Sequence[Edge]) -> tuple[Neighbors, Neighbors]:
    """Return what leads to each slot, and what each slot leads to."""
    before, after = defaultdict(list), defaultdict(list)
    for start, end in links:
        before[end].append(start)
        after[start].append(end)
    return before, after


def _topological_order(nodes: Sequence[Hashable], parents: Neighbors) -> list[Hashable]:
    order: dict[Hashable, None] = {}  # a set that keeps its order
    while len(order) < len(nodes):
        rest = [node for node in nodes if node not in order]
        ready = [node for node in rest if all(parent in order for parent in parents[node])]
        if not ready:
            raise _cycle_error(rest, parents)
        order |= dict.fromkeys(ready)
    return list(order)


def _cycle_error(rest: Sequence[Hashable], parents: Neighbors) -> ArgumentError:
    """Walk backwards among nodes that all have a parent there, until one comes again."""
    walk = [rest[0]]
    while walk[-1] not in walk[:-1]:
        walk.append(next(parent for parent in parents[walk[-1]] if parent in rest))
    cycle = walk[walk.index(walk[-1]) :][::-1]
    return ArgumentError(
        "graph",
        got="the cycle " + " → ".join(map(str, cycle)),
        wanted="edges that never lead back",
        remedy="draw a value that is computed anew as a node of its own",
    )


def with_dummies(
    level: Mapping[Hashable, int], edges: Sequence[Edge]
) -> tuple[Layers, list[list[Slot]]]:
    """Return the layers, with dummies in them, and the chain of slots that each edge runs through.

    Nodes stand in the order given, and dummies below them.
    """
    layers: Layers = [[] for _ in range(max(level.values()) + 1)]
    for node, number in level.items():
        layers[number].append(node)
    chains = []
    for i, (start, end) in enumerate(edges):
        between = [Dummy(i, number) for number in range(level[start] + 1, level[end])]
        for dummy in between:
            layers[dummy.layer].append(dummy)
        chains.append([start, *between, end])
    return layers, chains


def with_fewest_crossings(layers: Layers, chains: Sequence[Sequence[Slot]]) -> Layers:
    """Order each layer by the barycenters of a neighboring one, to and fro; return the best seen.

    The order given is one of those seen.
    """
    before, after = _neighbors(_links(chains))
    best, fewest = layers, crossings(layers, chains)
    for sweep in range(SWEEPS):
        back, swap_ties = sweep % 2 == 1, sweep % 4 >= 2
        layers = layers[::-1] if back else layers
        layers = _swept(layers, after if back else before, swap_ties)
        layers = layers[::-1] if back else layers
        count = crossings(layers, chains)
        if count < fewest:
            best, fewest = layers, count
    return best


def _links(chains: Sequence[Sequence[Slot]]) -> list[Edge]:
    """Return the parts of all edges that lead from one layer to the next."""
    return [link for slots in chains for link in pairwise(slots)]


def _swept(layers: Layers, neighbors: Neighbors, swap_ties: bool) -> Layers:
    """Put the slots of each layer in the order of their neighbors' mean place in the one before."""
    done = layers[:1]
    for layer in layers[1:]:
        place = {slot: float(i) for i, slot in enumerate(done[-1])}
        here = {slot: float(i) for i, slot in enumerate(layer)}
        mean = {
            slot: np.mean([place[other] for other in neighbors[slot]] or here[slot])
            for slot in layer
        }
        done.append(sorted(layer[::-1] if swap_ties else layer, key=mean.__getitem__))
    return done


def crossings(layers: Layers, chains: Sequence[Sequence[Slot]]) -> int:
    """Count how often two edges cross."""
    place = {
        slot: (number, i) for number, layer in enumerate(layers) for i, slot in enumerate(layer)
    }
    ends = np.array([(*place[start], place[end][1]) for start, end in _links(chains)])
    if not ends.size:
        return 0
    number, start, end = ends.T[:, :, None]
    crossed = (number == number.T) & (start < start.T) & (end > end.T)
    return int(crossed.sum())


def _sides(
    layers: Layers, widths: Mapping[Hashable, float], room: float
) -> list[tuple[float, float]]:
    """Return where the boxes of each layer begin and end, from left to right."""
    columns = [max(widths.get(slot, 0.0) for slot in layer) for layer in layers]
    gap = _gap(room - sum(columns), len(columns) - 1, 0)
    starts = np.cumsum([0.0, *(column + gap for column in columns[:-1])])
    return [
        (float(start), float(start + column)) for start, column in zip(starts, columns, strict=True)
    ]


def _gap(rest: float, count: int, axis: int) -> float:
    """Share out what room is left among gaps, within their limits."""
    return float(np.clip(rest / max(count, 1), LEAST_GAPS[axis], WIDEST_GAPS[axis]))


def _heights(
    layers: Layers, chains: Sequence[Sequence[Slot]], height: float, room: float
) -> dict[Slot, float]:
    """Return the height of each slot: near the mean of its neighbors, and no box on another."""
    before, after = _neighbors(_links(chains))
    sizes = [np.array([0 if isinstance(s, Dummy) else height for s in layer]) for layer in layers]
    gap = min(_gap(room - size.sum(), len(size) - 1, 1) for size in sizes)
    tall = max(size.sum() + gap * (len(size) - 1) for size in sizes)
    at = dict.fromkeys(chain.from_iterable(layers), tall / 2)
    for _ in range(SWEEPS):
        for layer, size in zip(layers, sizes, strict=True):
            near = ([*before[slot], *after[slot]] for slot in layer)
            wanted = [_pull(*pair, at) for pair in zip(layer, near, strict=True)]
            at |= zip(layer, _apart(wanted, size, gap, tall), strict=True)
    return at


def _pull(slot: Slot, near: Sequence[Slot], at: Mapping[Slot, float]) -> float:
    """Return the mean height of the neighbors.

    Between two dummies the pull is the stronger, to keep long edges straight (Gansner et al. 1993,
    A technique for drawing directed graphs).
    """
    if not near:
        return at[slot]
    weights = [8 if isinstance(slot, Dummy) and isinstance(other, Dummy) else 1 for other in near]
    return float(np.average([at[other] for other in near], weights=weights))


def _apart(wanted: Sequence[float], sizes: Array, gap: float, tall: float) -> Array:
    """Return the heights nearest to the wanted ones that keep order and gaps, within 0 … tall.

    Without their own sizes and the gaps, heights only have to be in order: isotonic regression.
    """
    least = np.cumsum(sizes + gap) - gap - sizes / 2  # as high up as each can stand
    slack = tall - sizes.sum() - gap * (len(sizes) - 1)
    heights: Array = np.clip(_isotonic(wanted - least), 0, slack) + least
    return heights


def _isotonic(values: Array) -> Array:
    """Return the nearest values that do not fall, by pooling adjacent violators.

    Source: Barlow, Bartholomew, Bremner and Brunk (1972), Statistical inference under order
    restrictions.
    """
    pools: list[tuple[float, int]] = []  # mean and count
    for value in values:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, few), (high, many) = pools.pop(), pools.pop()
            pools.append(((low * few + high * many) / (few + many), few + many))
    means, counts = zip(*pools, strict=True)
    return np.repeat(means, counts)


def _tracks(
    chains: Sequence[Sequence[Slot]],
    across: Mapping[Slot, tuple[float, float]],
    down: Mapping[Slot, float],
    height: float,
) -> list[Array]:
    """Run each edge flat through the layers and in a bend from one to the next."""
    ports = _ports(chains, down, height)
    tracks = []
    for slots, port in zip(chains, ports, strict=True):
        heights = [down[slot] for slot in slots[:-1]] + [port]
        bends = [
            _bend((across[start][1], high), (across[end][0], low))
            for (start, end), (high, low) in zip(pairwise(slots), pairwise(heights), strict=True)
        ]
        tracks.append(np.concatenate(bends))
    return tracks


def _ports(
    chains: Sequence[Sequence[Slot]], down: Mapping[Slot, float], height: float
) -> list[float]:
    """Share out the left side of each box among the edges that come in, in the order of theirs."""
    ports = [0.0] * len(chains)
    coming = defaultdict(list)
    for i, slots in enumerate(chains):
        coming[slots[-1]].append(i)
    for node, edges in coming.items():
        edges.sort(key=lambda i: down[chains[i][-2]])
        for rank, i in enumerate(edges, start=1):
            ports[i] = down[node] + height * (rank / (len(edges) + 1) - 0.5)
    return ports


def _bend(start: tuple[float, float], end: tuple[float, float]) -> Array:
    """Return points (M, 2) of a line that begins and ends flat, and falls or rises between."""
    share = np.linspace(0, 1, 17)
    rise = share**2 * (3 - 2 * share)
    shares = np.stack([share, rise], axis=1)
    line: Array = start + shares * np.subtract(end, start)
    return line
