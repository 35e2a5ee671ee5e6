"""Drawn matrices: numbers that can be read on their tints, outlines, and sums that are true."""

import re
from typing import Any

import numpy as np
import pytest
from drawings import boxes, complaints, contrast, over, still_above_moving, words
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose, assert_array_equal
from refusals import assert_refused

from nnbook import plot
from nnbook.errors import ArgumentError, IndexingError, KindError, ShapeError
from nnbook.plot import marks
from nnbook.plot.style import THEMES

TOKENS = ["The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
TOKENS += ["and", "then", "it", "runs", "far", "away", "."]
SIZES = [(6.4, 4.0), (8.6, 3.6)]
rng = np.random.default_rng(0)


def drawn(values: Any, *args: Any, size: tuple[float, float] = (6.4, 4.0), **options: Any) -> Any:
    _, ax = plot.figure(*size)
    return ax, plot.matrix(ax, values, *args, **options)


# ---- numbers and tints


@given(
    st.floats(-1e300, 1e300) | st.sampled_from([np.inf, -np.inf]), st.integers(0, 4), st.booleans()
)
def test_numbers_are_short_and_true(value: float, decimals: int, plus: bool) -> None:
    text = marks.number(value, decimals, plus=plus)
    assert len(text) <= marks.LONGEST
    read = float(text.replace("−", "-").replace("∞", "inf"))
    if np.isinf(value):
        assert read == value
    elif abs(value) < 10**marks.LONGEST and "e" not in text:
        shown = len(text.partition(".")[2])
        assert abs(read - value) <= 0.5000001 * 10.0**-shown
    else:
        assert read == pytest.approx(value, rel=0.5)


@pytest.mark.parametrize(
    ("value", "decimals", "plus", "written"),
    [
        (0.25, 2, False, "0.25"),
        (0.25, 2, True, "+0.25"),
        (-12.345, 2, True, "−12.35"),
        (-0.001, 2, False, "0.00"),
        (1.8336197, 4, False, "1.834"),
        (1234.56, 2, False, "1235"),
        (-12345.6, 2, False, "−12346"),
        (123456, 0, False, "1e5"),
        (-7e141, 2, False, "−7e141"),
        (float("inf"), 2, True, "+∞"),
        (float("-inf"), 2, False, "−∞"),
        (float("nan"), 2, True, "nan"),
    ],
)
def test_numbers_as_they_are_written(value: float, decimals: int, plus: bool, written: str) -> None:
    assert marks.number(value, decimals, plus=plus) == written


finite = st.floats(-5, 5).map(lambda x: round(x, 2))


@given(arrays(float, (3, 4), elements=finite), st.floats(0.1, 4))
def test_tints_show_the_sign_and_the_size(values: Any, reach: float) -> None:
    colors = marks.tints(values, reach, 0.5)
    assert_allclose(colors[..., 3], 0.5 * np.minimum(np.abs(values) / reach, 1))
    for value, color in zip(values.flat, colors.reshape(-1, 4), strict=True):
        assert value == 0 or to_hex(color) == plot.sign_color(value).lower()


def test_tints_of_what_is_no_number() -> None:
    colors = marks.tints(np.array([np.nan, np.inf, -np.inf]), 1, 0.5)
    assert_array_equal(colors[:, 3], [0, 0.5, 0.5])
    assert to_hex(colors[2]) == plot.color("negative").lower()


def least_contrast(opacity: float, theme: str) -> float:
    """Return the least contrast of ink with any tint up to an opacity."""
    tints = marks.tints(np.linspace(-1, 1, 41), 1, opacity)
    ink, paper = THEMES[theme]["ink"], THEMES[theme]["paper"]
    return min(contrast(ink, over(tint, paper)) for tint in tints)


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_on_every_tint(theme: str) -> None:
    assert least_contrast(marks.NUMBERED, theme) >= 4.5


def test_a_tint_that_is_too_strong_is_found() -> None:
    assert least_contrast(1.0, "dark") < 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_are_readable_as_they_are_drawn(theme: str) -> None:
    ax, move = drawn(np.linspace(-1, 1, 12).reshape(3, 4))
    plot.use_theme(ax.figure, theme)
    move(np.linspace(2, -2, 12).reshape(3, 4))  # after the theme, and beyond the reach
    tints, numbers = ax.images[0].get_array(), ax.texts[-12:]
    assert len(words(ax)) == 13
    for tint, number in zip(tints.reshape(-1, 4), numbers, strict=True):
        seen = over(tint, THEMES[theme]["paper"])
        assert contrast(number.get_color(), seen) >= 4.5


# ---- matrix


def test_a_matrix_shows_its_name_its_shape_and_every_entry() -> None:
    ax, move = drawn([[1, -2], [0.126, 30], [0, -np.inf]], decimals=1, name="K")
    assert words(ax) == ["K (3, 2)", "1.0", "−2.0", "0.1", "30.0", "0.0", "−∞"]
    move(np.eye(3, 2))
    assert words(ax) == ["K (3, 2)", "1.0", "0.0", "0.0", "1.0", "0.0", "0.0"]


def test_entries_stand_in_rows_from_the_top() -> None:
    ax, _ = drawn([[1, 2, 3], [4, 5, 6]], decimals=0)
    places = {text.get_text(): box for text, box in boxes(ax).items()}
    assert places["1"].x1 < places["2"].x0
    assert places["1"].y0 > places["4"].y1
    assert places["1"].x0 == pytest.approx(places["4"].x0, abs=2)
    assert places["W (2, 3)"].y0 > places["1"].y1


def test_every_number_stands_on_its_own_tint() -> None:
    values = np.array([[1, -1, 0.5], [-0.5, 0, 0.25]])
    ax, _ = drawn(values)
    places = boxes(ax)
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    tints = image.get_array()
    for text in ax.texts[1:]:
        box = places[text].transformed(ax.transData.inverted())
        column = int(3 * ((box.x0 + box.x1) / 2 - left) / (right - left))
        row = int(2 * ((box.y0 + box.y1) / 2 - top) / (bottom - top))
        assert text.get_text() == marks.number(values[row, column])
        wanted = marks.NUMBERED * abs(values[row, column])
        assert tints[row, column, 3] == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("shape", "names"), [((3, 2), None), ((4, 4), list("abcd")), ((16, 16), TOKENS)]
)
def test_texts_are_large_enough_and_keep_apart(
    shape: tuple[int, int], names: Any, size: tuple[float, float]
) -> None:
    widest = np.full(shape, -88.888)
    ax, move = drawn(widest, size=size, rows=names, columns=names)
    assert complaints(ax) == []
    move(-1e5 * widest)
    assert complaints(ax) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(SIZES), st.integers(0, 4))
def test_texts_of_any_matrix_keep_apart(
    rows: int, columns: int, size: tuple[float, float], decimals: int
) -> None:
    ax, _ = drawn(np.full((rows, columns), -88.8888), size=size, decimals=decimals)
    assert complaints(ax) == []


def test_texts_on_each_other_are_found() -> None:
    ax, _ = drawn(np.ones((2, 2)))
    ax.texts[1].set_position(ax.texts[2].get_position())
    ax.texts[3].set(fontsize=8, x=ax.get_xlim()[0])
    assert complaints(ax) == ["1.00 is small", "1.00 leaves the axes", "1.00 lies on 1.00"]


def test_names_of_columns_lie_flat_where_they_fit_and_stand_upright_where_not() -> None:
    flat, _ = drawn(np.ones((2, 3)), columns=["one", "two", "three"])
    upright, _ = drawn(np.ones((2, 3)), columns=["one", "two", "a name of many words"])
    assert {text.get_rotation() for text in flat.texts[1:4]} == {0}
    assert {text.get_rotation() for text in upright.texts[1:4]} == {90}


def test_names_that_need_more_room_are_refused_with_a_figure_that_has_it() -> None:
    names = [f"token {i}" for i in range(40)]
    with pytest.raises(ArgumentError, match=r"matrix: got a figure of 6\.4 × 4\.0") as caught:
        drawn(np.eye(40), rows=names, columns=names)
    width, height = map(float, re.findall(r"[\d.]+(?=[,)])", caught.value.remedy))
    ax, _ = drawn(np.eye(40), rows=names, columns=names, size=(width, height))
    assert complaints(ax) == []


def test_a_large_matrix_has_dashes_for_negative_entries_and_no_numbers() -> None:
    values = rng.normal(size=(16, 16))
    values[3] = 0
    ax, move = drawn(values)
    assert words(ax) == ["W (16, 16)"]
    assert len(ax.lines[0].get_xdata()) == (values < 0).sum()
    move(np.abs(values))
    assert len(ax.lines[0].get_xdata()) == 0
    assert ax.lines[0].get_marker() == "_"


def test_a_dash_stands_in_its_cell() -> None:
    values = np.ones((16, 20))
    values[3, 17] = -1
    ax, _ = drawn(values)
    (x,), (y,) = ax.lines[0].get_data()
    left, right, bottom, top = ax.images[0].get_extent()
    assert (x - left) / (right - left) * 20 == pytest.approx(17.5)
    assert (y - top) / (bottom - top) * 16 == pytest.approx(3.5)


def test_the_reach_stays_when_entries_grow() -> None:
    ax, move = drawn([[1, 2]])
    move([[1, 4]])
    assert_allclose(ax.images[0].get_array()[0, :, 3], [0.325, 0.65], atol=0.01)
    fixed, _ = drawn([[1, 2]], reach=4)
    assert_allclose(fixed.images[0].get_array()[0, :, 3], [0.1625, 0.325], atol=0.01)


def test_a_matrix_of_zeros_has_no_tint() -> None:
    ax, _ = drawn(np.zeros((2, 2)))
    assert not ax.images[0].get_array()[..., 3].any()


def outlined(ax: Any, which: int = -1) -> set[frozenset[tuple[float, float]]]:
    """Return the line segments of an outline, in cells from the top left."""
    image = ax.images[which]
    left, right, bottom, top = image.get_extent()
    rows, columns = image.get_array().shape[:2]
    lines = [lines for lines in ax.collections if lines.zorder == 3][which].get_segments()
    scaled = [
        (np.array(line) - [left, top]) / [right - left, bottom - top] * [columns, rows]
        for line in lines
    ]
    return {frozenset(tuple(point) for point in np.round(line, 6).tolist()) for line in scaled}


def borders(mask: Any) -> set[frozenset[tuple[float, float]]]:
    """Return the sides that only one cell of a mask has."""
    sides: set[frozenset[tuple[float, float]]] = set()
    for row, column in np.argwhere(mask).tolist():
        around = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
        sides ^= {frozenset((around[i], around[i - 1])) for i in range(4)}
    return sides


@settings(max_examples=30, deadline=None)
@given(arrays(bool, (4, 5)))
def test_the_outline_of_a_mask_runs_between_its_cells_and_others(mask: Any) -> None:
    ax, _ = drawn(np.ones((4, 5)), mask)
    assert outlined(ax) == borders(mask)


@pytest.mark.parametrize(
    ("highlight", "cells"),
    [
        (None, []),
        (1, [(1, 0), (1, 1), (1, 2)]),
        (np.s_[1], [(1, 0), (1, 1), (1, 2)]),
        (np.s_[:, 2], [(0, 2), (1, 2)]),
        ((1, 2), [(1, 2)]),
        ((-1, -1), [(1, 2)]),
        ({(0, 0), (1, 2)}, [(0, 0), (1, 2)]),
        (frozenset({(0, 1)}), [(0, 1)]),
        (set(), []),
        (np.array([[True, False, False], [False, True, False]]), [(0, 0), (1, 1)]),
    ],
)
def test_a_highlight_is_an_index_a_mask_or_a_set_of_cells(highlight: Any, cells: Any) -> None:
    ax, move = drawn(np.ones((2, 3)))
    move(np.ones((2, 3)), highlight)
    mask = np.zeros((2, 3), dtype=bool)
    for cell in cells:
        mask[cell] = True
    assert outlined(ax) == borders(mask)
    move(np.ones((2, 3)))
    assert outlined(ax) == set()


def test_an_outline_is_thicker_than_the_lines_between_cells() -> None:
    ax, _ = drawn(np.ones((2, 3)), 0)
    rules, outline = ax.collections
    assert outline.get_linewidth() >= 2 * rules.get_linewidth()
    assert to_hex(outline.get_color()[0]) == plot.INK


# ---- product


def multiplied(
    A: Any, B: Any, *args: Any, size: tuple[float, float] = (8.6, 3.6), **options: Any
) -> Any:
    _, ax = plot.figure(*size)
    return ax, plot.product(ax, A, B, *args, **options)


def test_a_product_shows_three_matrices_and_what_one_cell_is_the_sum_of() -> None:
    A, B = [[0.5, -1], [2, 0]], [[2, 1, 0], [3, 0, 1]]
    ax, move = multiplied(A, B, names=("X", "V", "Z"), decimals=1)
    assert words(ax)[:5] == ["X (2, 2)", "V (2, 3)", "Z (2, 3)", "@", "="]
    assert len(words(ax)) == 5 + 4 + 6 + 6
    move(A, B, (0, 0))
    assert ax.texts[-1].get_text() == "Z[0, 0] = 0.5·2.0 + (−1.0)·3.0 = −2.0"
    mask = np.zeros((2, 3), dtype=bool)
    mask[0, 0] = True
    assert outlined(ax, 0) == borders(mask[:, :2] | [[True, True], [False, False]])
    assert outlined(ax, 1) == borders(mask | [[True, False, False], [True, False, False]])
    assert outlined(ax, 2) == borders(mask)
    move(A, B)
    assert ax.texts[-1].get_text() == ""
    assert outlined(ax, 0) == outlined(ax, 1) == outlined(ax, 2) == set()


def test_the_third_matrix_is_the_product() -> None:
    A, B = rng.normal(size=(5, 2)), rng.normal(size=(2, 3))
    ax, move = multiplied(A, B)
    move(A, -B)
    assert words(ax)[-15:] == [marks.number(value) for value in (A @ -B).ravel()]


short = st.integers(-30, 30).map(lambda tenths: tenths / 10)


def read(line: str) -> tuple[str, float, float]:
    """Return the sign of a spelled sum, what its terms come to, and what it says they do."""
    _, sign, terms, result = re.fullmatch(r"(.*?) ([=≈]) (.*) [=≈] (.*)", line).groups()  # type: ignore[union-attr]
    total = 0.0
    for term in terms.replace("−", "-").split(" + "):
        a, b = (float(factor.strip("()")) for factor in term.split("·"))
        total += a * b
    return sign, total, float(result.replace("−", "-"))


@settings(max_examples=25, deadline=None)
@given(arrays(float, (2, 3), elements=short), arrays(float, (3, 2), elements=short))
def test_a_sum_that_says_equals_is_equal(A: Any, B: Any) -> None:
    ax, _ = multiplied(A, B, (0, 1))
    sign, total, result = read(ax.texts[-1].get_text())
    assert sign == "="
    assert total == pytest.approx(result, abs=1e-9)
    assert result == pytest.approx((A @ B)[0, 1], abs=1e-9)


@pytest.mark.parametrize(
    ("A", "B"), [([[1 / 3, 1]], [[1], [1]]), ([[1, 1]], [[1], [2 / 3]]), ([[0.05]], [[0.05]])]
)
def test_a_sum_of_rounded_numbers_says_about(A: Any, B: Any) -> None:
    ax, _ = multiplied(A, B, (0, 0))
    assert read(ax.texts[-1].get_text())[0] == "≈"
    assert "=" not in ax.texts[-1].get_text()


def test_a_long_sum_ends_in_dots_and_its_result() -> None:
    A, B = np.full((12, 16), -8.25), np.full((16, 8), 8.0)
    ax, _ = multiplied(A, B, (0, 0), size=(6.4, 4.0))
    line = ax.texts[-1].get_text()
    assert line.startswith("C[0, 0] = (−8.25)·8.00 + ")
    assert line.endswith(" + … = −1056")
    assert line.count("·") >= 2
    assert complaints(ax) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "shapes", [((5, 2), (2, 3)), ((1, 1), (1, 1)), ((12, 16), (16, 8)), ((20, 2), (2, 30))]
)
def test_texts_of_a_product_keep_apart(shapes: Any, size: tuple[float, float]) -> None:
    A, B = (np.full(shape, -88.888) for shape in shapes)
    ax, _ = multiplied(A, B, (0, 0), size=size)
    assert complaints(ax) == []


def test_what_never_moves_lies_below_what_does() -> None:
    ax, move = drawn(-np.ones((2, 2)), rows=["a", "b"], columns=["a", "b"])
    assert still_above_moving(ax, lambda: move(np.full((2, 2), 3), 1)) == []
    ax, move = multiplied(np.ones((2, 2)), np.ones((2, 2)))
    assert still_above_moving(ax, lambda: move(np.eye(2) + 2, np.eye(2) - 3, (0, 0))) == []


def test_infinite_factors_are_shown() -> None:
    ax, _ = multiplied([[np.inf, 0]], [[0], [1]], (0, 0))
    assert words(ax)[-1] == "C[0, 0] ≈ ∞·0.00 + 0.00·1.00 ≈ nan"


def test_numbers_of_cells_beyond_the_matrix_are_refused() -> None:
    ax, move = multiplied(np.ones((5, 2)), np.ones((2, 3)))
    before = words(ax)
    with pytest.raises(IndexingError, match=r"product: .* \(5, 0\) in a matrix \(5, 3\)"):
        move(np.zeros((5, 2)), np.zeros((2, 3)), (5, 0))
    assert words(ax) == before


REFUSED: dict[str, tuple[Any, type[Exception], list[str]]] = {
    "a vector": (
        lambda: drawn([1, 2]),
        ShapeError,
        ["matrix: got values (2,), wanted values (R, C)", "values[None, :] makes a row"],
    ),
    "nothing": (lambda: drawn(np.ones((0, 3))), ShapeError, ["values (0, 3)", "at least one"]),
    "rows of different lengths": (
        lambda: drawn([[1, 2], [3]]),
        ShapeError,
        ["matrix: got rows of different lengths"],
    ),
    "words": (lambda: drawn([["a"]]), KindError, ["matrix: got data of dtype <U1"]),
    "another shape in a move": (
        lambda: drawn(np.ones((3, 2)))[1](np.ones((2, 3))),
        ShapeError,
        ["matrix: got values (2, 3), wanted values (3, 2)"],
    ),
    "too few names of rows": (
        lambda: drawn(np.ones((3, 2)), rows=["a"]),
        ShapeError,
        ["matrix: got 1 names of rows, wanted 3 names of rows"],
    ),
    "too many names of columns": (
        lambda: drawn(np.ones((3, 2)), columns=list("abc")),
        ShapeError,
        ["matrix: got 3 names of columns, wanted 2"],
    ),
    "a row that is not there": (
        lambda: drawn(np.ones((3, 2)), 3),
        IndexingError,
        ["matrix: got a highlight of 3 in a matrix (3, 2)", "count from 0"],
    ),
    "a cell that is not there": (
        lambda: drawn(np.ones((3, 2)), {(0, 2)}),
        IndexingError,
        ["matrix: got a highlight of {(0, 2)}"],
    ),
    "a mask of another shape": (
        lambda: drawn(np.ones((3, 2)), np.ones((2, 3), dtype=bool)),
        IndexingError,
        ["in a matrix (3, 2)"],
    ),
    "a reach of zero": (
        lambda: drawn(np.ones((3, 2)), reach=0),
        ArgumentError,
        ["matrix: got a reach of 0, wanted a number greater than 0"],
    ),
    "factors that do not fit": (
        lambda: multiplied(np.ones((5, 2)), np.ones((3, 2)), names=("X", "W", "Z")),
        ShapeError,
        [
            "product: got X (5, 2) and W (3, 2), whose inner lengths are 2 and 3",
            "as many columns in X as rows in W",
            "W.T",
        ],
    ),
    "other factors in a move": (
        lambda: multiplied(np.ones((5, 2)), np.ones((2, 3)))[1](np.ones((5, 3)), np.ones((3, 3))),
        ShapeError,
        ["product: got A (5, 3), wanted A (5, 2)"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_in_words(name: str) -> None:
    assert_refused(*REFUSED[name])
