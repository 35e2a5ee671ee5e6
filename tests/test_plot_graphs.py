"""Drawn graphs: a layout that can be read, and nodes that show where a stepper is."""

import re
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from drawings import complaints, contrast, over, pixels, still_above_moving, words
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from refusals import assert_refused
from scipy.optimize import isotonic_regression

from nnbook import plot
from nnbook.errors import ArgumentError, ShapeError, UnknownNameError
from nnbook.plot import layout
from nnbook.plot.layout import Dummy, Layout, layered
from nnbook.plot.style import THEMES

HEIGHT = 30.0
WIDTH = 40.0
Edges = list[tuple[Any, Any]]

LOSS: tuple[dict[str, str], Edges] = (
    {"w": "w", "x": "x", "wx": "×", "b": "b", "z": "+", "y": "y", "e": "−", "L": "( )²"},
    [
        *[("w", "wx"), ("x", "wx"), ("wx", "z"), ("b", "z")],
        *[("z", "e"), ("y", "e"), ("e", "L")],
    ],
)


def network_graph() -> tuple[dict[str, str], Edges]:
    """Two inputs, two hidden tanh, one output: 22 scalar nodes."""
    nodes, edges = {"x1": "$x_1$", "x2": "$x_2$"}, []
    for j in "12":
        for i in "12":
            nodes |= {f"w{j}{i}": f"$w_{{{j}{i}}}$", f"p{j}{i}": "×"}
            edges += [(f"w{j}{i}", f"p{j}{i}"), (f"x{i}", f"p{j}{i}"), (f"p{j}{i}", f"s{j}")]
        nodes |= {f"b{j}": f"$b_{j}$", f"s{j}": "+", f"z{j}": "+", f"h{j}": "tanh"}
        edges += [(f"s{j}", f"z{j}"), (f"b{j}", f"z{j}"), (f"z{j}", f"h{j}")]
        nodes |= {f"v{j}": f"$v_{j}$", f"q{j}": "×"}
        edges += [(f"v{j}", f"q{j}"), (f"h{j}", f"q{j}"), (f"q{j}", "t")]
    return nodes | {"t": "+", "c": "c", "y": "ŷ"}, [*edges, ("t", "y"), ("c", "y")]


SHARED: tuple[dict[str, str], Edges] = (
    {"a": "a", "b": "b", "m": "×", "s": "+", "q": "×", "L": "+"},
    [
        *[("a", "m"), ("b", "m"), ("a", "s"), ("m", "s")],
        *[("s", "q"), ("s", "q"), ("a", "L"), ("q", "L")],
    ],
)
GRAPHS = {"loss": LOSS, "network": network_graph(), "shared": SHARED}


@st.composite
def random_graphs(draw: st.DrawFn) -> tuple[list[str], Edges]:
    """Draw a graph without cycles whose nodes are listed in any order."""
    count = draw(st.integers(1, 14))
    pairs = [(i, j) for j in range(count) for i in range(j)]
    picked = draw(st.lists(st.sampled_from(pairs), max_size=24)) if pairs else []
    names = draw(st.permutations([f"n{i}" for i in range(count)]))
    return sorted(names), [(names[i], names[j]) for i, j in picked]


def laid_out(nodes: list[str], edges: Edges, room: tuple[float, float] = (0, 0)) -> Layout:
    return layered(dict.fromkeys(nodes, WIDTH), edges, HEIGHT, room)


def corners(drawn: Layout, node: Any) -> tuple[float, float, float, float]:
    (x, y), half = drawn.places[node], drawn.widths[node] / 2
    return x - half, x + half, y - HEIGHT / 2, y + HEIGHT / 2


def overlapping(drawn: Layout) -> list[tuple[Any, Any]]:
    """List pairs of boxes that lie on each other."""
    found = []
    for first, second in combinations(drawn.places, 2):
        left, right, top, bottom = corners(drawn, first)
        left2, right2, top2, bottom2 = corners(drawn, second)
        if left < right2 and left2 < right and top < bottom2 and top2 < bottom:
            found.append((first, second))
    return found


def boxes_on_tracks(drawn: Layout) -> list[Any]:
    """List the boxes that an edge runs through, looking at twenty places of each of its parts."""
    shares = np.linspace(0, 1, 20)[:, None]
    found = []
    for track in drawn.tracks:
        points = np.concatenate([start + shares * (end - start) for start, end in pairwise(track)])
        for node in drawn.places:
            left, right, top, bottom = corners(drawn, node)
            across = (points[:, 0] > left + 1e-6) & (points[:, 0] < right - 1e-6)
            down = (points[:, 1] > top - 1) & (points[:, 1] < bottom + 1)
            if (across & down).any():
                found.append(node)
    return found


@given(random_graphs())
def test_every_edge_leads_right_from_box_to_box(graph: tuple[list[str], Edges]) -> None:
    drawn = laid_out(*graph)
    assert len(drawn.tracks) == len(graph[1])
    for track, (start, end) in zip(drawn.tracks, graph[1], strict=True):
        assert (np.diff(track[:, 0]) >= 0).all()
        assert corners(drawn, start)[1] == pytest.approx(track[0, 0])
        assert corners(drawn, end)[0] == pytest.approx(track[-1, 0])
        assert track[0, 0] < track[-1, 0]
        assert drawn.places[start][1] == pytest.approx(track[0, 1])
        assert corners(drawn, end)[2] < track[-1, 1] < corners(drawn, end)[3]


@given(random_graphs(), st.sampled_from([(0, 0), (400, 200), (900, 900)]))
def test_boxes_keep_apart_and_edges_run_around_them(
    graph: tuple[list[str], Edges], room: tuple[float, float]
) -> None:
    drawn = laid_out(*graph, room)
    assert overlapping(drawn) == []
    assert boxes_on_tracks(drawn) == []


def test_an_edge_through_a_box_is_found() -> None:
    drawn = laid_out(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    assert boxes_on_tracks(drawn) == []
    drawn.tracks[2] = np.array([drawn.places["a"], drawn.places["c"]])
    drawn.places["b"] = (drawn.places["b"][0], drawn.places["a"][1])
    assert "b" in boxes_on_tracks(drawn)


def test_boxes_on_each_other_are_found() -> None:
    drawn = laid_out(["a", "b"], [])
    assert overlapping(drawn) == []
    drawn.places["b"] = drawn.places["a"]
    assert overlapping(drawn) == [("a", "b")]


@given(random_graphs(), st.sampled_from([(0, 0), (900, 900)]))
def test_the_drawing_is_as_large_as_it_says(
    graph: tuple[list[str], Edges], room: tuple[float, float]
) -> None:
    drawn = laid_out(*graph, room)
    sides = np.array([corners(drawn, node) for node in drawn.places])
    points = np.concatenate([np.empty((0, 2)), *drawn.tracks])
    assert sides[:, 0].min() == pytest.approx(0)
    assert sides[:, 1].max() == pytest.approx(drawn.width)
    assert min([*sides[:, 2], *points[:, 1]]) >= -1e-6
    assert max([*sides[:, 3], *points[:, 1]]) == pytest.approx(drawn.height)


@given(random_graphs())
def test_the_same_graph_has_the_same_layout(graph: tuple[list[str], Edges]) -> None:
    first, second = laid_out(*graph), laid_out(*graph)
    assert first.places == second.places
    for one, other in zip(first.tracks, second.tracks, strict=True):
        assert_array_equal(one, other)


def ordered(nodes: list[str], edges: Edges) -> tuple[layout.Layers, layout.Layers, Any]:
    """Return the layers in the order given, in the order chosen, and the chains through them."""
    layers, chains = layout.with_dummies(layout.levels(nodes, edges), edges)
    return layers, layout.with_fewest_crossings(layers, chains), chains


@given(random_graphs())
def test_no_order_has_more_crossings_than_the_one_given(graph: tuple[list[str], Edges]) -> None:
    given_order, chosen, chains = ordered(*graph)
    for layer in given_order:
        listed = [graph[0].index(slot) for slot in layer if not isinstance(slot, Dummy)]
        assert listed == sorted(listed)
    assert [sorted(map(str, layer)) for layer in chosen] == [
        sorted(map(str, layer)) for layer in given_order
    ]
    assert layout.crossings(chosen, chains) <= layout.crossings(given_order, chains)


@pytest.mark.parametrize(("name", "most"), [("loss", 0), ("network", 3), ("shared", 0)])
def test_crossings_that_can_be_avoided_are(name: str, most: int) -> None:
    nodes, edges = GRAPHS[name]
    _, chosen, chains = ordered(list(nodes), edges)
    assert layout.crossings(chosen, chains) <= most


def test_a_crossing_in_the_order_given_is_undone() -> None:
    given_order, chosen, chains = ordered(["a", "b", "c", "d"], [("a", "d"), ("b", "c")])
    assert layout.crossings(given_order, chains) == 1
    assert layout.crossings(chosen, chains) == 0


def crossings_one_by_one(layers: layout.Layers, chains: Any) -> int:
    place = {
        slot: (number, i) for number, layer in enumerate(layers) for i, slot in enumerate(layer)
    }
    links = [(*place[a], place[b][1]) for chain in chains for a, b in pairwise(chain)]
    return sum(
        layer == layer2 and (start - start2) * (end - end2) < 0
        for (layer, start, end), (layer2, start2, end2) in combinations(links, 2)
    )


@given(random_graphs())
def test_crossings_are_counted_like_one_by_one(graph: tuple[list[str], Edges]) -> None:
    given_order, chosen, chains = ordered(*graph)
    for layers in (given_order, chosen):
        assert layout.crossings(layers, chains) == crossings_one_by_one(layers, chains)


@given(random_graphs())
def test_a_node_stands_before_the_first_that_it_leads_to(graph: tuple[list[str], Edges]) -> None:
    nodes, edges = graph
    level = layout.levels(nodes, edges)
    for node in nodes:
        after = [level[end] for start, end in edges if start == node]
        before = [level[start] for start, end in edges if end == node]
        if after:
            assert level[node] == min(after) - 1
        else:
            assert level[node] == max(before, default=-1) + 1
    assert min(level.values()) == 0


def test_a_long_edge_has_a_dummy_in_each_layer_between() -> None:
    edges: Edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]
    layers, chains = layout.with_dummies(layout.levels(list("abcd"), edges), edges)
    assert chains[3] == ["a", Dummy(3, 1), Dummy(3, 2), "d"]
    assert layers == [["a"], ["b", Dummy(3, 1)], ["c", Dummy(3, 2)], ["d"]]


def test_a_name_may_be_a_tuple() -> None:
    """A dummy must not pass for a node that is called as its numbers are."""
    edges: Edges = [("a", (0, 1)), ((0, 1), "c"), ("a", "c")]
    drawn = laid_out(["a", (0, 1), "c"], edges)  # type: ignore[list-item]
    assert boxes_on_tracks(drawn) == []
    assert layout.Dummy(0, 1) != (0, 1)


@given(arrays(float, st.integers(1, 12), elements=st.floats(-9, 9)))
def test_pooling_is_isotonic_regression(values: Any) -> None:
    assert_allclose(layout._isotonic(values), isotonic_regression(values).x, atol=1e-9)


def test_a_long_edge_is_straight_where_it_can_be() -> None:
    track = laid_out(list(SHARED[0]), SHARED[1], (430, 260)).tracks[6]
    middle = track[17:-17, 1]  # but for its first and its last bend
    assert len(middle) > 17
    assert np.ptp(middle) < 1


@given(random_graphs())
def test_edges_come_into_a_box_in_the_order_of_their_ways(graph: tuple[list[str], Edges]) -> None:
    drawn = laid_out(*graph)
    for node in graph[0]:
        into = [
            track for track, edge in zip(drawn.tracks, graph[1], strict=True) if edge[1] == node
        ]
        before_and_after = sorted((track[-17, 1], track[-1, 1]) for track in into)
        ports = [port for _, port in before_and_after]
        assert ports == sorted(ports)
        assert len({*ports}) == len(ports)


def drawn(name: str, size: tuple[float, float], **options: Any) -> tuple[Any, Any]:
    nodes, edges = GRAPHS[name]
    values = {node: (-1.0) ** i * i for i, node in enumerate(nodes)}
    _, ax = plot.figure(*size)
    move = plot.graph(ax, nodes, edges, values, {}, **options)
    others = {node: 0.5 - value for node, value in values.items()}
    return ax, lambda: move(others, others, list(nodes)[-1])


SIZES = [(6.4, 4.0), (8.6, 3.6)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", GRAPHS)
def test_texts_are_large_enough_and_keep_apart(name: str, size: tuple[float, float]) -> None:
    ax, move = drawn(name, size)
    assert complaints(ax) == []
    move()
    assert complaints(ax) == []


@pytest.mark.parametrize("name", GRAPHS)
def test_what_never_moves_lies_below_what_does(name: str) -> None:
    ax, move = drawn(name, (8.6, 3.6))
    assert still_above_moving(ax, move) == []


def test_a_node_shows_its_label_its_value_and_its_gradient() -> None:
    _, ax = plot.figure(6.4, 4.0)
    move = plot.graph(ax, *LOSS, {"w": 2, "x": -3}, {})
    assert sorted(words(ax)) == sorted([*LOSS[0].values(), "2.00", "−3.00"])
    move({"w": 1234.567, "x": "(2, 3)"}, {"w": -0.5, "L": float("inf")})
    assert sorted(words(ax)) == sorted([*LOSS[0].values(), "1235", "(2, 3)", "∂ −0.50", "∂ ∞"])
    move()
    assert sorted(words(ax)) == sorted(LOSS[0].values())


def test_lines_of_a_node_stand_below_each_other_in_its_box() -> None:
    _, ax = plot.figure(3, 2)
    plot.graph(ax, ["a"], [], {"a": 1}, {"a": 2})
    pixels(ax.figure)
    heights = [text.get_window_extent().y0 for text in ax.texts]
    assert words(ax) == ["a", "1.00", "∂ 2.00"]
    assert heights == sorted(heights, reverse=True)
    box = ax.patches[0].get_window_extent()
    for text in ax.texts:
        place = text.get_window_extent()
        assert box.x0 < place.x0 < place.x1 < box.x1
        assert box.y0 < place.y0 < place.y1 < box.y1


def test_only_gradients_have_a_field_and_it_is_theirs() -> None:
    _, ax = plot.figure(3, 2)
    plot.graph(ax, ["a"], [], {"a": 1}, {"a": 2})
    label, value, gradient = (text.get_bbox_patch() for text in ax.texts)
    assert label is value is None
    assert to_hex(gradient.get_facecolor()) == plot.color("gradient").lower()


@pytest.mark.parametrize("theme", THEMES)
def test_gradients_are_readable_in_their_field(theme: str) -> None:
    fig, ax = plot.figure(3, 2)
    plot.graph(ax, ["a"], [], gradients={"a": 2})
    plot.use_theme(fig, theme)
    field = over(ax.texts[1].get_bbox_patch().get_facecolor(), THEMES[theme]["paper"])
    assert contrast(ax.texts[1].get_color(), field) >= 4.5


def test_inputs_have_sharp_corners_and_results_round_ones() -> None:
    _, ax = plot.figure(6.4, 4.0)
    plot.graph(ax, *LOSS)
    curved = {
        label: bool((box.get_path().codes > 2).any() and len(box.get_path().vertices) > 6)
        for label, box in zip(LOSS[0], ax.patches, strict=True)
    }
    assert {label for label, is_curved in curved.items() if not is_curved} == {"w", "x", "b", "y"}


def marked(ax: Any) -> list[Any]:
    """Return the thick lines around and into the active node, in points."""
    return ax.collections[1].get_segments()


def test_the_active_node_gets_an_outline_and_thick_edges_into_it() -> None:
    _, ax = plot.figure(6.4, 4.0)
    move = plot.graph(ax, *SHARED)
    assert marked(ax) == []
    for active, edges in (("s", [2, 3]), ("q", [4, 5]), ("a", [])):
        move(active=active)
        outline, *into = marked(ax)
        box = ax.patches[list(SHARED[0]).index(active)].get_path().get_extents()
        assert_allclose([outline.min(axis=0), outline.max(axis=0)], box.get_points())
        tracks = ax.collections[0].get_segments()
        assert len(into) == len(edges)
        for track, edge in zip(into, edges, strict=True):
            assert_array_equal(track, tracks[edge])
        assert len(ax.lines[1].get_xdata()) == len(edges)
    assert ax.collections[1].get_linewidth() > 2 * ax.collections[0].get_linewidth()
    move()
    assert marked(ax) == []


def test_a_node_used_twice_has_two_edges_that_can_be_told_apart() -> None:
    _, ax = plot.figure(6.4, 4.0)
    plot.graph(ax, *SHARED, {}, {})
    first, second = ax.collections[0].get_segments()[4:6]
    assert_array_equal(first[0], second[0])
    assert second[-1][1] - first[-1][1] > 5


def test_tips_stand_before_the_boxes() -> None:
    _, ax = plot.figure(6.4, 4.0)
    plot.graph(ax, *LOSS)
    tips = np.array(ax.lines[0].get_data()).T
    for tip, track in zip(tips, ax.collections[0].get_segments(), strict=True):
        assert tip[1] == pytest.approx(track[-1][1])
        assert 0 < track[-1][0] - tip[0] < 4
    assert ax.lines[0].get_marker() == ">"


def test_a_small_graph_is_drawn_larger_than_a_large_one() -> None:
    sizes = {}
    for name, (nodes, edges) in {"one": (["a"], []), "network": network_graph()}.items():
        _, ax = plot.figure(8.6, 3.6)
        plot.graph(ax, nodes, edges, {}, {})
        sizes[name] = ax.texts[0].get_fontsize()
    assert 15 > sizes["one"] > sizes["network"] > 9


def test_a_graph_without_numbers_keeps_no_room_for_them() -> None:
    heights = []
    for kept in ((None, None), ({}, None), ({}, {})):
        _, ax = plot.figure(6.4, 4.0)
        plot.graph(ax, *network_graph(), *kept)
        heights.append(ax.patches[0].get_height())
    assert heights == sorted(set(heights))


def test_forty_nodes_fit_on_the_figure_that_the_refusal_asks_for() -> None:
    rng = np.random.default_rng(3)
    nodes = [f"n{i}" for i in range(40)]
    edges = [
        (nodes[j], nodes[i])
        for i in range(10, 40)
        for j in rng.choice(np.arange(max(0, i - 12), i), size=2, replace=False)
    ]
    _, ax = plot.figure(6.4, 4.0)
    with pytest.raises(ArgumentError, match=r"graph: got a figure of 6\.4 × 4\.0 inches") as caught:
        plot.graph(ax, nodes, edges, {}, {})
    width, height = map(float, re.findall(r"[\d.]+(?=[,)])", caught.value.remedy))
    assert width < 12
    assert height < 7
    _, ax = plot.figure(width, height)
    numbers = dict.fromkeys(nodes, -8.88)
    plot.graph(ax, nodes, edges, numbers, numbers)
    assert complaints(ax) == []


AB: tuple[list[str], Edges] = (["a", "b"], [("a", "b")])
REFUSED: dict[str, tuple[Any, type[Exception], list[str]]] = {
    "a cycle": (
        lambda ax: plot.graph(ax, list("abcd"), [("d", "a"), ("a", "b"), ("b", "c"), ("c", "a")]),
        ArgumentError,
        ["graph: got the cycle", "a → b → c → a", "never lead back"],
    ),
    "a node that leads to itself": (
        lambda ax: plot.graph(ax, ["a"], [("a", "a")]),
        ArgumentError,
        ["the cycle a → a"],
    ),
    "a name twice": (
        lambda ax: plot.graph(ax, ["+", "a", "+"], []),
        ArgumentError,
        ["the name '+' twice", "nodes={'sum1': '+'"],
    ),
    "no nodes": (lambda ax: plot.graph(ax, [], []), ArgumentError, ["got no nodes"]),
    "an edge to nowhere": (
        lambda ax: plot.graph(ax, ["sum", "loss"], [("sum", "los")]),
        UnknownNameError,
        ["graph: got 'los'", "did you mean 'loss'?"],
    ),
    "a value of an unknown node": (
        lambda ax: plot.graph(ax, *AB, {"c": 1}),
        UnknownNameError,
        ["graph: got 'c', wanted one of 'a', 'b'"],
    ),
    "an unknown node that is active": (
        lambda ax: plot.graph(ax, *AB)(active="c"),
        UnknownNameError,
        ["graph: got 'c'"],
    ),
    "an array for a number": (
        lambda ax: plot.graph(ax, *AB, None, {"a": np.ones((2, 3))}),
        ShapeError,
        ["graph: got gradients['a'] (2, 3), wanted one number", "str(array.shape)"],
    ),
    "gradients without room": (
        lambda ax: plot.graph(ax, *AB, {})({}, {"a": 1}),
        ArgumentError,
        ["graph: got gradients for a drawing that has no room", "draw it with gradients={}"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_words(name: str) -> None:
    call, kind, parts = REFUSED[name]
    _, ax = plot.figure(3, 2)
    assert_refused(lambda: call(ax), kind, parts)


@settings(max_examples=15, deadline=None)
@given(random_graphs())
def test_texts_of_any_graph_keep_apart(graph: tuple[list[str], Edges]) -> None:
    _, ax = plot.figure(16, 12)
    numbers = dict.fromkeys(graph[0], -8.88)
    plot.graph(ax, *graph, numbers, numbers)
    assert complaints(ax) == []
