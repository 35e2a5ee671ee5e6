"""Static pictures: ``move`` shows what drawing anew would, and colors keep their meaning apart."""

import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from numpy.testing import assert_array_equal

from nnbook import plot
from nnbook.errors import ArgumentError, NNBookError, ShapeError, UnknownNameError
from nnbook.plot.style import MARKERS, THEMES

Values = tuple[Any, ...]


def score(w1: float, w2: float) -> Callable[[Any], Any]:
    return lambda x: 1 / (1 + np.exp(-(x @ [w1, w2])))


@dataclass(frozen=True)
class Case:
    """How to draw with a function, and two sets of values for it."""

    draw: Callable[..., Any]
    old: Values
    new: Values
    limits: tuple[float, float] = (-2, 2)

    def axes(self) -> Axes:
        _, ax = plot.figure(3, 2)
        ax.set(xlim=self.limits, ylim=self.limits)
        return ax


def network(ax: Axes, weights: Any, values: Any) -> Callable[..., None]:
    move = plot.network(ax, weights, values=values, weight_reach=2, value_reach=2)
    return lambda weights, values: move(weights, values=values)


TWO = [[0.0, 1.0], [1.0, 0.0]]
SUM = ["a", "b", "+"], [("a", "+"), ("b", "+")]
CASES = {
    "arrow": Case(plot.arrow, ([0, 0], [1, 1]), ([1, 0], [-1, 0.5])),
    "boundary": Case(plot.boundary, ([1, 1], 0.5), ([-1, 0.3], 0.2)),
    "contributions": Case(
        lambda ax, values: plot.contributions(ax, ["a", "b"], values, reach=3),
        ([1.0, -2.0],),
        ([-9.0, 0.0],),
    ),
    "graph": Case(
        lambda ax, *values: plot.graph(ax, *SUM, *values),
        ({"a": 1, "b": 2}, {}),
        ({"a": 1, "+": -2.5}, {"+": 1}, "+"),
    ),
    "half_planes": Case(plot.half_planes, ([1, 1], 0.5), ([-1, 0.3], 0.2)),
    "learning_curve": Case(plot.learning_curve, ([3, 2, 1], [3, 2]), ([1, 1.5], [1, 2, 1]), (0, 4)),
    "matrix": Case(
        lambda ax, *values: plot.matrix(ax, *values, reach=3), (TWO,), ([[-1, 2], [3, -4]], 1)
    ),
    "network": Case(
        network,
        ([TWO, [[1, 1]]], [[1, 0], [-1, 2], [3]]),
        ([[[-1, 0], [2, 3]], [[0, -2]]], [[0, 1], [1, -2], [-3]]),
    ),
    "neuron": Case(plot.neuron, ([1, 2], [1, -1], 0.5, 1), ([0, -1], [0, 3], -2.0, 0.25)),
    "points": Case(plot.points, (TWO, [0, 1]), ([[0, 0], [1, 1], [-1, 0]], [1, 1, 0])),
    "product": Case(
        lambda ax, *values: plot.product(ax, *values, reach=3),
        (TWO, [[1, 2], [3, 4]]),
        ([[1, -1], [2, 0]], TWO, (0, 1)),
    ),
    "regions": Case(plot.regions, (score(3, 1),), (score(-1, 2),)),
    "residuals": Case(plot.residuals, ([0, 1], [1, 1], [0, 0]), ([0.5], [-1], [1])),
    "ring": Case(plot.ring, ([0, 1],), ([1, -1],)),
}
STILL = {"contours", "figure", "legend"}
WORDS = {"class_color", "color", "neutral_swap", "sign_color", "signed", "style", "use_theme"}


def pixels(figure: Any) -> Any:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def assert_moves(case: Case, draw: Callable[..., Any]) -> None:
    """Drawing the old values and moving to the new must show what drawing the new shows."""
    moved, fresh = case.axes(), case.axes()
    draw(moved, *case.old)(*case.new)
    draw(fresh, *case.new)
    assert_array_equal(pixels(moved.figure), pixels(fresh.figure))


def test_every_picture_has_a_case() -> None:
    functions = {name for name in plot.__all__ if inspect.isfunction(getattr(plot, name))}
    assert functions == set(CASES) | STILL | WORDS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_move_shows_what_drawing_anew_would(case: Case) -> None:
    assert_moves(case, case.draw)
    assert_moves(Case(case.draw, case.new, case.old, case.limits), case.draw)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_move_that_does_nothing_is_found(case: Case) -> None:
    def stuck(ax: Axes, *values: Any) -> Callable[..., None]:
        case.draw(ax, *values)
        return lambda *_: None

    with pytest.raises(AssertionError, match="Arrays are not equal"):
        assert_moves(case, stuck)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_move_adds_nothing_and_changes_nothing_global(case: Case) -> None:
    before = dict(matplotlib.rcParams)
    ax = case.axes()
    move = case.draw(ax, *case.old)
    count, limits = len(ax.get_children()), (ax.get_xlim(), ax.get_ylim())
    for values in (case.new, case.old, case.new):
        move(*values)
    assert len(ax.get_children()) == count
    assert (ax.get_xlim(), ax.get_ylim()) == limits
    assert dict(matplotlib.rcParams) == before


# A function, values that it must refuse, and what it has to say about them.
REFUSED: list[tuple[str, Values, str]] = [
    ("arrow", ([0, 0, 0], [1, 1]), r"tail \(3,\), wanted tail \(2,\); flatten"),
    ("arrow", ([0, 0], 3.0), r"vector \(\), wanted vector \(2,\)"),
    ("boundary", ([[1, 1]], 0.5), r"w \(1, 2\), wanted w \(2,\); flatten w with \.ravel"),
    ("graph", ({"a": [1, 2]}, {}), r"values\['a'\] \(2,\), wanted one number"),
    ("half_planes", ([1, 1, 1], 0.5), r"w \(3,\), wanted w \(2,\)"),
    ("contributions", ([1.0],), r"values \(1,\) for 2 names, wanted values \(2,\); give one"),
    ("learning_curve", ([[1, 2]], None), r"train \(1, 2\), wanted train \(N,\)"),
    ("learning_curve", ([1, 2], [[1]]), r"validation \(1, 1\), wanted validation \(N,\)"),
    ("matrix", ([1, 2],), r"values \(2,\), wanted values \("),
    ("network", ([[[1, 2]], [[1, 2]]], None), r"weights.* \(1, 2\)"),
    ("neuron", ([1, 2, 3], [1, 2], 0.0, 1), r"x \(3,\), wanted x \(2,\)"),
    ("points", ([1.0, 2.0], [0, 1]), r"x \(2,\) and y \(2,\), wanted x \(N, 2\) and y \(N,\)"),
    ("points", (np.ones((2, 4)), [0, 1]), r"x \(2, 4\).*choose two columns with x\[:, \[0, 1\]\]"),
    ("points", (TWO, [[0], [1]]), r"y \(2, 1\).*y\.ravel\(\)"),
    ("product", ([[1, 2]], [[1, 2]]), r"A \(1, 2\)"),
    ("regions", (lambda x: x,), r"scores \(10000, 2\) for 10000 points, wanted scores \(10000,\)"),
    ("residuals", ([0, 1], [1, 1], [[0], [0]]), r"guess \(2, 1\), wanted guess \(2,\)"),
    ("residuals", ([0, 1], [1], [1, 1]), r"target \(1,\), wanted target \(2,\)"),
    ("ring", ([0, 1, 2],), r"point \(3,\), wanted point \(2,\)"),
]


@pytest.mark.parametrize(("name", "values", "words"), REFUSED)
def test_wrong_shape_is_refused_at_first_and_in_a_move(
    name: str, values: Values, words: str
) -> None:
    case = CASES[name]
    with pytest.raises(ShapeError, match=rf"{name}: got .*{words}") as caught:
        case.draw(case.axes(), *values)
    assert caught.value.remedy
    move = case.draw(case.axes(), *case.old)
    with pytest.raises(ShapeError, match=words):
        move(*values)


def test_every_shape_is_guarded() -> None:
    assert {name for name, *_ in REFUSED} == set(CASES)


def test_neuron_keeps_its_number_of_inputs() -> None:
    move = plot.neuron(CASES["neuron"].axes(), [1, 2], [1, 1], 0.0, 1)
    with pytest.raises(ShapeError, match=r"neuron: got x \(3,\), wanted x \(2,\)"):
        move([1, 2, 3], [1, 2, 3], 0.0, 1)


def test_contours_below_zero_look_like_those_above() -> None:
    ax = CASES["ring"].axes()
    plot.contours(ax, lambda a, b: a + b, (-1, 1), (-1, 1))
    (lines,) = ax.collections
    assert {str(dashes) for _, dashes in lines.get_linestyle()} == {"None"}


def test_legend_is_not_drawn_again_with_what_moves() -> None:
    fig = Figure()
    ax = fig.add_subplot()
    (line,) = ax.plot([0, 1], label="moves")
    plot.legend(ax)
    assert ax.get_legend().get_zorder() < line.get_zorder()


def test_contours_refuse_heights_of_another_shape() -> None:
    with pytest.raises(ShapeError, match=r"contours: got heights \(\), wanted .*\(120, 120\)"):
        plot.contours(CASES["ring"].axes(), lambda a, b: a.sum(), (0, 1), (0, 1))


@pytest.mark.parametrize("y", [[0, 3], [-1, 1], [0.5, 1]])
def test_points_refuse_labels_without_a_color(y: Any) -> None:
    with pytest.raises(ArgumentError, match=r"points: got labels .*, wanted labels from 0 to 2"):
        plot.points(CASES["points"].axes(), TWO, y)


def test_points_refuse_a_class_that_was_not_there_at_first() -> None:
    move = plot.points(CASES["points"].axes(), TWO, [0, 1])
    with pytest.raises(ArgumentError, match=r"wanted labels from 0 to 1; .*draw all of them at"):
        move(TWO, [0, 2])


plane = arrays(float, 2, elements=st.floats(-3, 3).map(lambda x: round(x, 2)))
numbers = st.floats(-3, 3).map(lambda x: round(x, 2))


@given(plane, numbers)
def test_boundary_lies_where_the_sum_is_zero_and_spans_the_axes(w: Any, b: float) -> None:
    assume(np.hypot(*w) > 0.1)
    ax = CASES["boundary"].axes()
    plot.boundary(ax, w, b)
    ends = np.array(ax.lines[0].get_data())
    assert w @ ends + b == pytest.approx(np.zeros(2), abs=1e-9 * np.abs(ends).max())
    inside = np.all(np.abs(ends) <= 2, axis=0)
    assert not inside.any()


def test_boundary_of_zero_weights_is_nowhere() -> None:
    ax = CASES["boundary"].axes()
    plot.boundary(ax, [1, 1], 0)([0, 0], 1)
    assert ax.lines[0].get_xdata().size == 0


@given(plane, numbers)
def test_half_planes_tint_by_the_sign_of_the_sum(w: Any, b: float) -> None:
    ax = CASES["half_planes"].axes()
    plot.half_planes(ax, w, b)
    probes = np.array([(x, y) for x in np.arange(-1.9, 2, 0.38) for y in np.arange(-1.9, 2, 0.38)])
    z = probes @ w + b
    probes, z = probes[np.abs(z) > 1e-9], z[np.abs(z) > 1e-9]
    for patch, label in zip(ax.patches, (1, 0), strict=True):
        corners = patch.get_xy()
        covered = Outline(corners).contains_points(probes) if len(corners) else np.zeros(len(z))
        assert_array_equal(covered, (z > 0) == label)
        assert to_hex(patch.get_facecolor()) == plot.class_color(label).lower()


def test_half_planes_of_zero_weights_follow_step_of_the_bias() -> None:
    ax = CASES["half_planes"].axes()
    move = plot.half_planes(ax, [1, 0], 0)
    for b, filled in ((1, (True, False)), (0, (True, False)), (-1, (False, True))):
        move([0, 0], b)
        assert tuple(len(patch.get_xy()) > 0 for patch in ax.patches) == filled


@settings(max_examples=20)
@given(arrays(float, (4, 4), elements=st.floats(-0.5, 1.5)))
def test_regions_tint_by_the_score_of_each_cell(scores: Any) -> None:
    ax = CASES["regions"].axes()
    seen: list[Any] = []

    def recorded(x: Any) -> Any:
        seen.append(x)
        return scores.reshape(-1, 1)

    plot.regions(ax, recorded, cells=4, opacity=1.0)
    tints = ax.images[0].get_array()
    class1 = np.array(to_rgb(plot.class_color(1))) * 255
    is_class1 = np.abs(tints[..., :3] - class1).max(axis=-1) < 1
    assert_array_equal(is_class1, scores >= 0.5)
    assert np.abs(tints[..., 3] - 255 * np.abs(2 * np.clip(scores, 0, 1) - 1)).max() <= 1
    assert_array_equal(seen[0][[0, 1, -1]], [[-1.5, -1.5], [-0.5, -1.5], [1.5, 1.5]])
    assert ax.images[0].origin == "lower"


@given(arrays(float, 5, elements=numbers), arrays(float, 5, elements=numbers))
def test_residuals_join_target_and_guess(target: Any, guess: Any) -> None:
    ax = CASES["residuals"].axes()
    plot.residuals(ax, np.arange(5), target, guess)
    segments = np.array(ax.collections[0].get_segments())
    assert_array_equal(segments[:, 0], np.stack([np.arange(5), target], axis=1))
    assert_array_equal(segments[:, 1], np.stack([np.arange(5), guess], axis=1))


@given(arrays(float, 4, elements=st.floats(-50, 50)))
def test_contributions_are_bars_of_that_length_with_numbers_in_sight(values: Any) -> None:
    ax = CASES["contributions"].axes()
    plot.contributions(ax, list("abcd"), values, reach=10)
    assert [bar.get_width() for bar in ax.patches] == list(values)
    for bar, number, value in zip(ax.patches, ax.texts, values, strict=True):
        assert to_hex(bar.get_facecolor()) == plot.sign_color(value).lower()
        assert number.get_text() == plot.signed(value, 2)
        assert abs(number.get_position()[0]) < 10


def test_bars_with_a_color_of_their_own_keep_it_whatever_their_sign() -> None:
    ax = CASES["contributions"].axes()
    move = plot.contributions(ax, list("ab"), [0, 0], reach=10, color="gradient", plus=False)
    move([-1.5, 2.0])
    assert {to_hex(bar.get_facecolor()) for bar in ax.patches} == {plot.color("gradient").lower()}
    assert [number.get_text() for number in ax.texts] == ["−1.50", "2.00"]
    with pytest.raises(UnknownNameError, match="did you mean 'gradient'"):
        plot.contributions(ax, list("ab"), [0, 0], color="gradiant")


def test_contributions_are_listed_from_the_top() -> None:
    ax = CASES["contributions"].axes()
    plot.contributions(ax, ["first", "second"], [1, 2])
    heights = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert heights["first"] > heights["second"]
    assert ax.get_xlim() == (-2.6, 2.6)


def test_neuron_shows_every_number() -> None:
    ax = CASES["neuron"].axes()
    plot.neuron(ax, [1.5, -2], [0.25, -3], 0.5, 0.123, unit="sigmoid")
    words = [text.get_text() for text in ax.texts]
    for shown in ("1.5", "−2.0", "1.0", "+0.2", "−3.0", "+0.5", "6.9", "0.12", "sigmoid", "$x_2$"):
        assert shown in words
    widths = [line.get_linewidth() for line in ax.lines[:3]]
    assert widths[1] > widths[2] > widths[0]


def test_classes_differ_by_marker_and_are_named() -> None:
    ax = CASES["points"].axes()
    plot.points(ax, [[0, 0], [1, 1], [2, 2]], [0, 1, 2], names=("one", "two", "three"))
    assert [line.get_marker() for line in ax.lines] == list(MARKERS)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two", "three"]
    assert len({line.get_color() for line in ax.lines}) == 3


def test_learning_curve_names_validation_only_when_there_is_one() -> None:
    ax, other = CASES["learning_curve"].axes(), CASES["learning_curve"].axes()
    plot.learning_curve(ax, [2, 1])
    plot.learning_curve(other, [2, 1], [3], log=True)
    assert ax.get_legend() is None
    assert [text.get_text() for text in other.get_legend().get_texts()] == [
        "training",
        "validation",
    ]
    assert (ax.get_yscale(), other.get_yscale()) == ("linear", "log")
    assert_array_equal(ax.lines[0].get_data(), [[1, 2], [2, 1]])


def test_figure_is_outside_pyplot_and_in_style() -> None:
    before = dict(matplotlib.rcParams)
    fig, axes = plot.figure(4, 3, columns=2, rows=2)
    assert isinstance(fig, Figure)
    assert axes.shape == (2, 2)
    assert tuple(fig.get_size_inches()) == (4, 3)
    assert axes[0, 0].xaxis.label.get_color() == plot.INK
    assert dict(matplotlib.rcParams) == before


def test_style_ends_with_its_block() -> None:
    before = dict(matplotlib.rcParams)
    with plot.style():
        assert matplotlib.rcParams["text.color"] == plot.INK
    assert dict(matplotlib.rcParams) == before


def everything() -> Any:
    """Draw one of everything, and some of matplotlib's own, in one figure."""
    fig, axes = plot.figure(16, 11, columns=4, rows=4)
    for ax, case in zip(axes.flat, CASES.values(), strict=False):
        ax.set(xlim=case.limits, ylim=case.limits)
        case.draw(ax, *case.old)
    plot.contours(axes[3, 2], lambda a, b: a**2 + b, (-1, 1), (-1, 1))
    axes[3, 3].text(0.1, 0.5, "boxed", bbox={"facecolor": plot.color("paper")}, alpha=0.5)
    axes[3, 3].plot([0, 1], [0, 1], color=plot.FAINT, label="faint")
    plot.legend(axes[3, 3])
    pixels(fig)
    fig.set_layout_engine("none")  # laid out once: each draw would shift it by a little
    return fig


def share_near(image: Any, color: str) -> float:
    """Return the share of pixels of a color."""
    wanted = np.round(255 * np.array(to_rgb(color)))
    return float((np.abs(image[..., :3] - wanted).max(axis=-1) <= 3).mean())


def test_theme_turns_every_neutral_color_and_comes_back() -> None:
    fig = everything()
    plot.use_theme(fig, "light")
    light = pixels(fig)
    plot.use_theme(fig, "dark")
    dark = pixels(fig)
    plot.use_theme(fig, "light")
    assert_array_equal(pixels(fig), light)
    for image, mine, other in ((light, "light", "dark"), (dark, "dark", "light")):
        assert share_near(image, THEMES[mine]["paper"]) > 0.5
        assert share_near(image, THEMES[mine]["ink"]) > 0.001
        assert share_near(image, THEMES[other]["paper"]) < 0.0005
    for name in ("class0", "class1", "negative", "gradient"):
        assert share_near(dark, plot.color(name)) > 0


def test_theme_reaches_collections_of_many_colors() -> None:
    fig, ax = plot.figure(3, 2)
    plot.contours(ax, lambda a, b: a + b, (-1, 1), (-1, 1))
    ax.scatter([0, 1], [0, 1], color=[plot.INK, plot.color("class1")])
    plot.use_theme(fig, "dark")
    FigureCanvasAgg(fig).draw()
    lines, dots = ax.collections
    assert {to_hex(color) for color in lines.get_edgecolor()} == {THEMES["dark"]["faint"]}
    assert [to_hex(color) for color in dots.get_facecolor()] == [THEMES["dark"]["ink"], "#e69f00"]


def test_theme_takes_black_for_ink_and_leaves_what_is_not_there() -> None:
    fig, ax = plot.figure(3, 2)
    word = ax.text(0, 0, "black", color="black")
    bar = ax.barh([0], [1], color="white", edgecolor="none", alpha=0.25)[0]
    plot.use_theme(fig, "dark")
    assert to_hex(word.get_color()) == THEMES["dark"]["ink"]
    assert to_hex(bar.get_facecolor()) == THEMES["dark"]["paper"]
    assert (bar.get_facecolor()[3], bar.get_edgecolor()[3]) == (0.25, 0)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: plot.color("positiv"), r"color: got 'positiv'.*did you mean 'positive'"),
        (lambda: plot.class_color(3), r"color: got 'class3', wanted one of 'class0'"),
        (lambda: plot.use_theme(plot.figure()[0], "drak"), r"use_theme: .*did you mean 'dark'"),
    ],
)
def test_unknown_name_is_refused(ask: Callable[[], Any], words: str) -> None:
    with pytest.raises(UnknownNameError, match=words) as caught:
        ask()
    assert isinstance(caught.value, NNBookError)


def test_colors_of_the_book_and_of_matplotlib_are_known() -> None:
    assert plot.color("positive") == plot.COLORS["positive"]
    assert plot.color("ink") == plot.INK
    assert plot.color("tab:red") == "tab:red"
    assert [plot.sign_color(v) for v in (2, -2, 0)] == [
        plot.COLORS["positive"],
        plot.COLORS["negative"],
        plot.FAINT,
    ]


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(1, 1, "+1.0"), (-0.25, 2, "−0.25"), (-0.04, 1, "+0.0"), (0, 0, "+0"), (-1e3, 0, "−1000")],
)
def test_signed_numbers(value: float, decimals: int, written: str) -> None:
    assert plot.signed(value, decimals) == written


# What is left of a linear RGB color at full deficiency (Machado, Oliveira and Fernandes 2009).
VISIONS = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
LEAST_DISTANCE = 15.0  # in CIELAB; about 2 can be told apart side by side


def linear(color: str) -> Any:
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: Any) -> Any:
    """Return CIELAB (D65) of a linear sRGB color."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def too_near(colors: dict[str, str], vision: str) -> list[tuple[str, str]]:
    """List the pairs of names whose colors a reader with this vision may confuse."""
    seen = {
        name: lab(np.clip(VISIONS[vision] @ linear(color), 0, 1)) for name, color in colors.items()
    }
    pairs = itertools.combinations(seen, 2)
    return [(a, b) for a, b in pairs if np.linalg.norm(seen[a] - seen[b]) < LEAST_DISTANCE]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISIONS)
def test_meanings_stay_apart_for_every_reader(vision: str, theme: str) -> None:
    around = {role: THEMES[theme][role] for role in ("paper", "ink")}
    assert too_near(plot.COLORS | around, vision) == []


def test_colors_that_meet_for_some_readers_are_found() -> None:
    planted = {"red": "#cc6644", "green": "#77933c"}
    assert too_near(planted, "full") == []
    assert too_near(planted, "deuteranopia") == [("red", "green")]


def contrast(color: str, paper: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    dark, light = sorted(linear(one) @ [0.2126, 0.7152, 0.0722] for one in (color, paper))
    return float((light + 0.05) / (dark + 0.05))


@pytest.mark.parametrize("theme", THEMES)
def test_contrast_with_the_paper(theme: str) -> None:
    paper = THEMES[theme]["paper"]
    against = {name: contrast(color, paper) for name, color in plot.COLORS.items()}
    assert contrast(THEMES[theme]["ink"], paper) >= 7  # text
    assert contrast(THEMES[theme]["faint"], paper) >= 3  # lines
    low = {name for name, ratio in against.items() if ratio < 3}
    # orange and yellow are only areas and markers with an edge of ink
    assert low == ({"class1", "class2"} if theme == "light" else set())
