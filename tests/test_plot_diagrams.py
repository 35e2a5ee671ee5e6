"""Drawn networks: every weight on its edge, every value in its node, and nothing on top of it."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from drawings import boxes, complaints, contrast, over, pixels, still_above_moving, words
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose
from refusals import assert_refused

from nnbook import plot
from nnbook.errors import ArgumentError, KindError, ShapeError
from nnbook.plot.style import THEMES

SIZES = [(6.4, 4.0), (8.6, 3.6)]
NETWORKS = [(2, 3, 1), (3, 4, 3, 2), (2, 16, 16, 1), (64, 32, 10)]
Arrays = list[Any]


def numbers(sizes: tuple[int, ...], seed: int = 0) -> dict[str, Arrays]:
    """Return weights, biases and values for layers of these sizes."""
    rng = np.random.default_rng(seed)
    return {
        "weights": [rng.normal(size=(after, before)) for before, after in pairwise(sizes)],
        "biases": [rng.normal(size=size) for size in sizes[1:]],
        "values": [rng.normal(size=size) for size in sizes],
    }


def drawn(weights: Arrays, *, size: tuple[float, float] = (6.4, 4.0), **options: Any) -> Any:
    _, ax = plot.figure(*size)
    return ax, plot.network(ax, weights, **options)


def parts(ax: Any) -> tuple[Any, Any]:
    """Return the edges and the nodes of a drawing."""
    edges, nodes = ax.collections
    return edges, nodes


def middles(ax: Any) -> Any:
    """Return the middle of each node that is drawn, layer by layer from the top."""
    extents = [path.get_extents() for path in parts(ax)[1].get_paths()]
    return np.array([((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in extents])


def radius(ax: Any) -> float:
    return float(parts(ax)[1].get_paths()[0].get_extents().width / 2)


def segments(edges: Any) -> list[Any]:
    """Return the ends (…, 2, 2) of the edges in each line, which has a gap after each edge."""
    lines = [np.reshape(path.vertices, (-1, 3, 2)) for path in edges.get_paths()]
    assert all(np.isnan(line[:, 2]).all() for line in lines)
    return [line[:, :2] for line in lines]


Looks = dict[tuple[int, int], dict[str, Any]]


def looks(ax: Any) -> Looks:
    """Return how each edge is drawn, by the numbers of its two nodes in the whole drawing."""
    edges, places, reach = parts(ax)[0], middles(ax), radius(ax)
    styles = zip(
        segments(edges),
        edges.get_color(),
        edges.get_linewidth(),
        edges.get_linestyle(),
        strict=True,
    )
    found: Looks = {}
    for group, color, width, (_, dashes) in styles:
        for start, end in group:
            pair = tuple(
                int(np.abs(np.linalg.norm(places - point, axis=1) - reach).argmin())
                for point in (start, end)
            )
            found[pair] = {"color": color, "width": width, "dashed": dashes is not None}
    return found


def in_order(ax: Any, sizes: tuple[int, ...]) -> list[list[dict[str, Any]]]:
    """Return the looks of all edges, one list for each matrix, entry by entry."""
    found, first = looks(ax), np.cumsum([0, *sizes])
    return [
        [
            found[first[layer] + column, first[layer + 1] + row]
            for row, column in product(range(after), range(before))
        ]
        for layer, (before, after) in enumerate(pairwise(sizes))
    ]


# ---- edges


@pytest.mark.parametrize("sizes", NETWORKS[:3])
def test_an_edge_shows_the_sign_and_the_size_of_its_weight(sizes: tuple[int, ...]) -> None:
    weights = numbers(sizes)["weights"]
    ax, move = drawn(weights)
    for given_weights in (weights, numbers(sizes, 1)["weights"]):
        move(given_weights)
        for matrix, edges in zip(given_weights, in_order(ax, sizes), strict=True):
            for weight, look in zip(matrix.ravel(), edges, strict=True):
                assert to_hex(look["color"]) == plot.sign_color(weight).lower()
                assert look["dashed"] == (weight < 0)
            by_size = np.argsort(np.abs(matrix), axis=None)
            assert (np.diff([edges[i]["width"] for i in by_size]) >= 0).all()


def test_edges_are_thick_by_their_share_of_the_reach() -> None:
    ax, move = drawn([[[1, 2, 4]]])
    first = [look["width"] for look in in_order(ax, (3, 1))[0]]
    assert first[0] < first[1] < first[2]
    assert_allclose(np.diff(first), [1.2, 2.4], atol=0.6)
    move([[[4, 4, 40]]])
    assert [look["width"] for look in in_order(ax, (3, 1))[0]] == [first[2]] * 3
    fixed, _ = drawn([[[1, 2, 4]]], weight_reach=40)
    assert max(look["width"] for look in in_order(fixed, (3, 1))[0]) < first[1]


@pytest.mark.parametrize("nothing", [0.0, float("nan")])
def test_an_edge_without_weight_is_faint_and_thin(nothing: float) -> None:
    ax, _ = drawn([[[nothing, 0.01, -1]]])
    zero, small, _ = in_order(ax, (3, 1))[0]
    assert to_hex(zero["color"]) == plot.FAINT
    assert not zero["dashed"]
    assert zero["width"] < small["width"]


def test_infinite_weights_are_drawn_as_the_thickest() -> None:
    ax, _ = drawn([[[np.inf, -np.inf, 1]]])
    positive, negative, one = in_order(ax, (3, 1))[0]
    assert positive["width"] == negative["width"] == one["width"]
    assert negative["dashed"]


def test_dashes_of_thin_edges_stay_apart() -> None:
    ax, _ = drawn([np.full((16, 16), -1e-9), np.full((1, 16), -1.0)])
    edges = parts(ax)[0]
    assert len(edges.get_linestyle()) == 2
    for _, dashes in edges.get_linestyle():
        assert min(dashes) >= 2.5  # points


def test_edges_run_from_rim_to_rim() -> None:
    ax, _ = drawn(numbers((3, 4, 2))["weights"])
    places = middles(ax)
    for start, end in np.concatenate(segments(parts(ax)[0])):
        for point in (start, end):
            nearest = np.linalg.norm(places - point, axis=1).min()
            assert nearest == pytest.approx(radius(ax))
        assert end[0] > start[0]
    assert len(looks(ax)) == 3 * 4 + 4 * 2


def test_many_edges_are_few_lines() -> None:
    """A frame of a live figure costs as much as it has lines to draw."""
    sizes = (2, 16, 16, 1)
    ax, move = drawn(numbers(sizes)["weights"])
    assert len(segments(parts(ax)[0])) <= 24
    move(numbers(sizes, 1)["weights"], into=(2, 3))
    assert len(segments(parts(ax)[0])) <= 48
    assert len(looks(ax)) == 2 * 16 + 16 * 16 + 16


# ---- nodes


def test_nodes_show_their_values_as_numbers_and_tints() -> None:
    weights, values = [np.full((3, 2), 9), np.full((1, 3), 9)], [[1, -2], [0, 0.5, -0.25], [4]]
    ax, move = drawn(weights, values=values)
    assert {"1.00", "−2.00", "0.00", "0.50", "−0.25", "4.00"} <= {*words(ax)}
    tints = parts(ax)[1].get_facecolor()
    assert_allclose(tints[:, 3] / tints[5, 3], [0.25, 0.5, 0, 0.125, 0.0625, 1])
    assert [to_hex(tint) for tint in tints[[0, 1]]] == [
        plot.color("positive").lower(),
        plot.color("negative").lower(),
    ]
    move(weights)
    assert not parts(ax)[1].get_facecolor()[:, 3].any()
    assert not {"1.00", "4.00"} & {*words(ax)}


def test_a_number_stands_in_the_middle_of_its_node() -> None:
    values = [[1, 2, 3], [4, 5, 6, 7], [8, 9]]
    ax, _ = drawn(numbers((3, 4, 2))["weights"], values=values, decimals=0)
    places = boxes(ax)
    flat = [str(value) for layer in values for value in layer]
    inside = {text.get_text(): places[text] for text in places if text.get_text() in flat}
    for value, middle in zip(flat, middles(ax), strict=True):
        x, y = ax.transData.transform(middle)
        assert inside[value].x0 < x < inside[value].x1
        assert inside[value].y0 < y < inside[value].y1


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_on_the_tints_of_nodes(theme: str) -> None:
    ax, _ = drawn([np.ones((1, 2))], values=[[9, -9], [9]])
    plot.use_theme(ax.figure, theme)
    for tint in parts(ax)[1].get_facecolor():
        seen = over(tint, THEMES[theme]["paper"])
        assert contrast(THEMES[theme]["ink"], seen) >= 4.5


def test_small_nodes_have_dashes_where_they_are_negative() -> None:
    sizes = (2, 16, 16, 1)
    given_numbers = numbers(sizes)
    values = np.concatenate(given_numbers["values"])
    ax, move = drawn(given_numbers["weights"], values=given_numbers["values"])
    assert_allclose(np.array(ax.lines[0].get_data()).T, middles(ax)[values < 0])
    assert ax.lines[0].get_marker() == "_"
    move(given_numbers["weights"])
    assert len(ax.lines[0].get_xdata()) == 0


def test_biases_stand_below_their_nodes() -> None:
    weights = numbers((2, 3, 1))["weights"]
    ax, move = drawn(weights, biases=[[1, -2, 0], [0.5]])
    below = [text for text in ax.texts if text.get_text().startswith("b ")]
    assert [text.get_text() for text in below] == ["b +1.00", "b −2.00", "b +0.00", "b +0.50"]
    for text, middle in zip(below, middles(ax)[2:], strict=True):
        x, y = text.get_position()
        assert x == middle[0]
        assert y > middle[1] + radius(ax)
    move(weights)
    assert not any(text.get_text().startswith("b ") for text in ax.texts)


def test_values_and_biases_may_come_later() -> None:
    given_numbers = numbers((2, 3, 1))
    ax, move = drawn(given_numbers["weights"])
    before = len(words(ax))
    move(**given_numbers)
    assert len(words(ax)) == before + 6 + 4


# ---- layers


def test_layers_are_named_with_their_sizes() -> None:
    def names(sizes: tuple[int, ...], **options: Any) -> list[str]:
        ax, _ = drawn(numbers(sizes)["weights"], size=(8.6, 3.6), **options)
        return [text for text in words(ax) if text.endswith(")")]

    assert names((2, 1)) == ["input (2)", "output (1)"]
    assert names((2, 3, 1)) == ["input (2)", "hidden (3)", "output (1)"]
    assert names((2, 3, 4, 1))[1:3] == ["hidden 1 (3)", "hidden 2 (4)"]
    assert names((64, 5), names=["pixels", "digits"]) == ["pixels (64)", "digits (5)"]
    assert names((2,) * 8)[1] == "hidden 1\n(2)"


def test_layers_stand_from_left_to_right_and_nodes_from_top_to_bottom() -> None:
    ax, _ = drawn(numbers((2, 3, 1))["weights"])
    x, y = ax.transData.transform(middles(ax)).T
    assert x[0] == x[1] < x[2] == x[3] == x[4] < x[5]
    assert y[0] > y[1]
    assert y[2] > y[3] > y[4]
    assert y[3] == pytest.approx(y[5])


def test_a_large_layer_shows_its_first_and_its_last_nodes() -> None:
    weights = np.zeros((1, 64))
    weights[0, [0, 7, 57, 63]] = [1, -1, 1, -1]  # seven from the end: 57 … 63
    weights[0, [8, 56]] = 5
    ax, _ = drawn([weights], weight_reach=1)
    assert len(middles(ax)) == 15 + 1
    assert words(ax).count("⋮") == 1
    shown = [look["color"] for look in in_order(ax, (15, 1))[0]]
    signs = {0: "positive", 7: "negative", 8: "positive", 14: "negative"}
    for node, color in enumerate(shown):
        wanted = plot.color(signs[node]) if node in signs else plot.FAINT
        assert to_hex(color) == wanted.lower()


@pytest.mark.parametrize(("most", "drawn_nodes", "dots"), [(3, 2, 1), (4, 3, 1), (10, 10, 0)])
def test_how_many_nodes_are_drawn_can_be_chosen(most: int, drawn_nodes: int, dots: int) -> None:
    ax, _ = drawn([np.ones((1, 10))], most=most)
    assert len(middles(ax)) == drawn_nodes + 1
    assert words(ax).count("⋮") == dots


def test_dots_stand_in_the_gap_between_nodes() -> None:
    ax, _ = drawn([np.ones((1, 64))])
    (dots,) = (text for text in ax.texts if text.get_text() == "⋮")
    x, y = dots.get_position()
    column = middles(ax)[:15]
    assert x == column[0, 0]
    assert column[7, 1] + radius(ax) < y < column[8, 1] - radius(ax)


# ---- emphasis


def opacities(ax: Any) -> dict[tuple[int, int], float]:
    return {pair: look["color"][3] for pair, look in looks(ax).items()}


@pytest.mark.parametrize(
    ("emphasis", "edges", "nodes"),
    [
        ({"into": (1, 0)}, {(0, 2), (1, 2)}, {2}),
        ({"into": (2, None)}, {(2, 5), (3, 5), (4, 5)}, {5}),
        ({"out_of": (0, 1)}, {(1, 2), (1, 3), (1, 4)}, {1}),
        ({"path": [1, 2, 0]}, {(1, 4), (4, 5)}, {1, 4, 5}),
        ({"into": (1, 0), "out_of": (1, 0)}, {(0, 2), (1, 2), (2, 5)}, {2}),
    ],
)
def test_emphasis_fades_other_edges_and_thickens_rims(
    emphasis: Any, edges: Any, nodes: Any
) -> None:
    weights = numbers((2, 3, 1))["weights"]
    ax, move = drawn(weights)
    assert set(opacities(ax).values()) == {1}
    move(weights, **emphasis)
    assert {pair for pair, opacity in opacities(ax).items() if opacity == 1} == edges
    assert max(opacity for opacity in opacities(ax).values() if opacity < 1) < 0.3
    rims = parts(ax)[1].get_linewidth()
    assert {i for i, width in enumerate(rims) if width > 2 * min(rims)} == nodes
    at_first, _ = drawn(weights, **emphasis)
    assert opacities(at_first) == opacities(ax)
    move(weights)
    assert set(opacities(ax).values()) == {1}
    assert len(set(parts(ax)[1].get_linewidth())) == 1


# ---- where texts stand


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sizes", NETWORKS, ids=str)
def test_texts_are_large_enough_and_keep_apart(sizes: Any, size: Any) -> None:
    ax, move = drawn(**numbers(sizes), size=size)
    assert complaints(ax) == []
    longest = {
        name: [np.full(np.shape(each), -88.888) for each in layers]
        for name, layers in numbers(sizes).items()
    }
    move(**longest, into=(1, 0))
    assert complaints(ax) == []


few_edges = st.lists(st.integers(1, 12), min_size=2, max_size=6).filter(
    lambda sizes: sum(a * b for a, b in pairwise(sizes)) <= 12
)


@settings(max_examples=40, deadline=None)
@example([1, 1, 1, 2, 2], SIZES[0])
@example([1, 1, 1, 1, 6], SIZES[0])
@example([1, 1, 1, 1, 1, 1], SIZES[0])
@given(few_edges, st.sampled_from(SIZES))
def test_weights_on_edges_keep_off_each_other(sizes: list[int], size: Any) -> None:
    weights = [np.full(each.shape, -88.888) for each in numbers(tuple(sizes))["weights"]]
    ax, _ = drawn(weights, size=size)
    assert complaints(ax) == []
    across = np.unique(middles(ax)[:, 0])
    for text, box in boxes(ax).items():
        if text.get_text() == "−88.89":
            left, right = box.transformed(ax.transData.inverted()).intervalx
            assert ((right < across - radius(ax)) | (left > across + radius(ax))).all()


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3, 1), (3, 4), (4, 3), (2, 6), (1, 12)])
def test_each_weight_stands_on_its_own_edge(sizes: tuple[int, ...]) -> None:
    weights = [
        1 + np.arange(after * before).reshape(after, before) + 20.0 * layer
        for layer, (before, after) in enumerate(pairwise(sizes))
    ]
    ax, _ = drawn(weights, decimals=0)
    places, first = middles(ax), np.cumsum([0, *sizes])
    labels = {t.get_text(): t.get_position() for t in ax.texts if t.get_text().startswith("+")}
    assert len(labels) == sum(matrix.size for matrix in weights)
    for layer, matrix in enumerate(weights):
        for (row, column), weight in np.ndenumerate(matrix):
            start, end = places[first[layer] + column], places[first[layer + 1] + row]
            along, out = end - start, np.array(labels[f"+{weight:.0f}"]) - start
            assert along[0] * out[1] - along[1] * out[0] == pytest.approx(0, abs=1e-6)
            assert 0 < out[0] < along[0]


def test_many_weights_are_not_written() -> None:
    ax, _ = drawn(numbers((3, 4, 1))["weights"])
    assert [text for text in words(ax) if text.startswith(("+", "−"))] == []


def test_what_never_moves_lies_below_what_does() -> None:
    for sizes in ((2, 3, 1), (64, 32, 10)):
        ax, move = drawn(**numbers(sizes))
        moved = numbers(sizes, 1)
        assert still_above_moving(ax, lambda move=move, moved=moved: move(**moved)) == []


def test_a_still_artist_over_a_moving_one_is_found() -> None:
    ax, move = drawn(**numbers((2, 3, 1)))
    lid = ax.text(0, 0, "lid", zorder=5)
    assert still_above_moving(ax, lambda: move(**numbers((2, 3, 1), 1))) == [lid]


def test_a_move_in_dark_paper_keeps_to_it() -> None:
    """Whoever sets a neutral color in a move would set that of light paper."""
    after, before = numbers((2, 3, 1), 1), numbers((2, 3, 1))
    pictures = []
    for move_first in (True, False):
        ax, move = drawn(**before, weight_reach=2, value_reach=2)
        if move_first:
            move(**after)
        plot.use_theme(ax.figure, "dark")
        move(**after)
        pictures.append(pixels(ax.figure))
    assert (pictures[0] == pictures[1]).all()


# ---- refusals

TWO = numbers((2, 3, 1))["weights"]
REFUSED: dict[str, tuple[Any, type[Exception], list[str]]] = {
    "no layers": (lambda: drawn([]), ShapeError, ["network: got weights []", "[(out, in)]"]),
    "a vector for a matrix": (
        lambda: drawn([[1, 2]]),
        ShapeError,
        ["network: got weights[0] (2,), wanted weights[0] (R, C)"],
    ),
    "weights that were not transposed": (
        lambda: drawn([np.ones((2, 3)), np.ones((3, 1))]),
        ShapeError,
        ["got weights[1] (3, 1) after weights[0] (2, 3), wanted weights[1] (3, 2)", ".T"],
    ),
    "words": (lambda: drawn([[["a"]]]), KindError, ["network: got data of dtype <U1"]),
    "a value too few": (
        lambda: drawn(TWO, values=[[1, 2], [1, 2, 3]]),
        ShapeError,
        ["network: got values [(2,), (3,)], wanted values [(2,), (3,), (1,)]"],
    ),
    "values for the output alone": (
        lambda: drawn(TWO)[1](TWO, values=[[1]]),
        ShapeError,
        ["got values [(1,)]"],
    ),
    "a bias for the input": (
        lambda: drawn(TWO, biases=[[0, 0], [0, 0, 0], [0]]),
        ShapeError,
        ["got biases [(2,), (3,), (1,)], wanted biases [(3,), (1,)]"],
    ),
    "another network in a move": (
        lambda: drawn(TWO)[1](numbers((2, 4, 1))["weights"]),
        ShapeError,
        ["got weights [(4, 2), (1, 4)], wanted weights [(3, 2), (1, 3)]", "draw other layers anew"],
    ),
    "too few names": (
        lambda: drawn(TWO, names=["in", "out"]),
        ShapeError,
        ["network: got 2 names, wanted 3 names, the input's first"],
    ),
    "a node that there is not": (
        lambda: drawn(TWO, into=(1, 3)),
        ArgumentError,
        ["network: got node 3 of layer 1, wanted a node that is drawn, of layers 0 to 2"],
    ),
    "a node that is not drawn": (
        lambda: drawn([np.ones((1, 64))])[1]([np.ones((1, 64))], out_of=(0, 20)),
        ArgumentError,
        ["got node 20 of layer 0", "most="],
    ),
    "a path that goes on": (
        lambda: drawn(TWO, path=[0, 0, 0, 0]),
        ShapeError,
        ["network: got a path of 4 nodes, wanted 3 nodes, one for each layer"],
    ),
    "a path that ends early": (
        lambda: drawn(TWO, path=[0, 0]),
        ShapeError,
        ["network: got a path of 2 nodes, wanted 3 nodes"],
    ),
    "room for two nodes": (lambda: drawn(TWO, most=2), ArgumentError, ["got most=2", "at least 3"]),
    "a negative reach": (
        lambda: drawn(TWO, value_reach=-1),
        ArgumentError,
        ["got a reach of -1"],
    ),
    "more layers than fit": (
        lambda: drawn(numbers((1,) * 30)["weights"]),
        ArgumentError,
        ["network: got a figure of 6.4 × 4.0 inches", "draw on plot.figure("],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_words(name: str) -> None:
    assert_refused(*REFUSED[name])
