"""Drawn matrices: a cell for each entry, tinted by sign and size, alone or as factors of a product.

An entry is readable without color too: by its number, or by a dash in a cell that has no room for a
number and is negative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import IndexingError, ShapeError
from nnbook.plot.marks import (
    NUMBERED,
    PLAIN,
    SMALLEST,
    STILL,
    fit,
    number,
    room,
    text_width,
    tints,
)
from nnbook.plot.shapes import as_matrix, as_reach
from nnbook.plot.style import FAINT, INK

Highlight: TypeAlias = Any  # whatever selects entries of an array
Shape: TypeAlias = tuple[int, int]


def matrix(
    ax: Axes,
    values: ArrayLike,
    highlight: Highlight = None,
    *,
    name: str = "W",
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    decimals: int = 2,
    reach: float | None = None,
) -> Callable[..., None]:
    """Draw a matrix: its name and shape, and below them a cell for each entry.

    Cells are tinted by sign, and the stronger the larger the entry is. They hold numbers where
    there is room for them, and dashes for negative entries where there is not.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits and aspect are set, its axis is taken away.
    values : array_like, (R, C)
        Entries.
    highlight : optional
        What to outline, as an index of the matrix: ``np.s_[1]`` is a row, ``np.s_[:, 2]`` a
        column, ``(1, 2)`` a cell, and a mask (R, C) or a set of pairs is any cells.
    name : str
        Written above, before the shape.
    rows, columns : sequence of str, optional
        R and C names. Names of columns stand upright where they are too wide.
    decimals : int
        Of the numbers, unless they are long.
    reach : float, optional
        The size that has the full tint, now and later; by default that of the largest entry.

    Returns
    -------
    move : callable
        ``move(values, highlight=None)`` shows another matrix of the same shape.

    Raises
    ------
    ShapeError
        If ``values`` is not a matrix, or of another shape than at first, or if there is not one
        name for each row or column.
    IndexingError
        If ``highlight`` leads outside the matrix.
    ArgumentError
        If there is no room for the names, or if ``reach`` is not greater than 0.
    """
    first = as_matrix("matrix", "values", values)
    rows, columns = _named("rows", rows, len(first)), _named("columns", columns, first.shape[1])
    space = room(ax)
    grid, upright = _grid_with_names(space, first.shape, rows, columns)
    fit("matrix", ax, space, (grid.left + _block_width(name, grid), grid.bottom))
    _write_title(ax, name, grid, 0.0)
    _write_names(ax, grid, rows, columns, upright)
    show = _draw_grid(ax, grid, decimals, as_reach("matrix", reach, first))

    def move(values: ArrayLike, highlight: Highlight = None) -> None:
        array = as_matrix("matrix", "values", values, grid.shape)
        show(array, _mask("matrix", highlight, grid.shape))

    move(first, highlight)
    return move


def product(
    ax: Axes,
    A: ArrayLike,
    B: ArrayLike,
    cell: tuple[int, int] | None = None,
    *,
    names: tuple[str, str, str] = ("A", "B", "C"),
    decimals: int = 2,
    reach: float | None = None,
) -> Callable[..., None]:
    """Draw A @ B = C, with the row, the column and the sum that a cell of C is made of.

    Parameters
    ----------
    ax : Axes
        Where to draw; its limits and aspect are set, its axis is taken away.
    A, B : array_like, (N, K) and (K, M)
        The factors.
    cell : tuple of int, optional
        (i, j): row i of A, column j of B and cell (i, j) of C get an outline, and a line below
        spells out the sum. It says ≈ instead of = if a number in it is rounded.
    names : tuple of str
        Of the three matrices.
    decimals : int
        Of the numbers, unless they are long.
    reach : float, optional
        The size that has the full tint, now and later; by default that of the largest entry of
        each matrix.

    Returns
    -------
    move : callable
        ``move(A, B, cell=None)`` shows other factors of the same shapes.

    Raises
    ------
    ShapeError
        If the factors are not matrices, do not fit together, or have other shapes than at first.
    IndexingError
        If C has no such cell.
    ArgumentError
        If there is no room for the names, or if ``reach`` is not greater than 0.
    """
    first, space = _product(names, A, B), room(ax)
    grids = _grids_side_by_side(space, names, [each.shape for each in first])
    width = grids[-1].left + _block_width(names[-1], grids[-1])
    bottom = max(grid.bottom for grid in grids) + _SUM_HEIGHT
    fit("product", ax, space, (width, bottom))
    for name, grid in zip(names, grids, strict=True):
        _write_title(ax, name, grid, grid.top - _TITLE_HEIGHT)
    _write_signs(ax, names, grids)
    show = [
        _draw_grid(ax, grid, decimals, as_reach("product", reach, each))
        for grid, each in zip(grids, first, strict=True)
    ]
    total = ax.text(width / 2, bottom, "", ha="center", va="bottom", fontsize=_SUM_SIZE, **_MOVING)
    shapes = grids[0].shape, grids[1].shape

    def move(A: ArrayLike, B: ArrayLike, cell: tuple[int, int] | None = None) -> None:
        three = _product(names, A, B, shapes)
        masks = _factor_masks(cell, *shapes)
        for show_one, each, mask in zip(show, three, masks, strict=True):
            show_one(each, mask)
        total.set_text("" if cell is None else _sum(names[2], three, cell, decimals, space[0]))

    move(A, B, cell)
    return move


_MOVING: Final[dict[str, Any]] = {"color": INK, "zorder": 2}
_TITLE_SIZE: Final = 11.0
_TITLE_HEIGHT: Final = 18.0
_NAME_GAP: Final = 4.0
_SIGN_WIDTH: Final = 28.0
_SUM_SIZE: Final = 11.0
_SUM_HEIGHT: Final = 26.0
_MOST_TERMS: Final = 12
_LEAST_WITH_NUMBER: Final = (39.0, 15.0)  # width and height of a cell
_LARGEST_WITH_NUMBER: Final = (62.0, 34.0)
_LARGEST: Final = 36.0  # of a cell without a number, which is square
_LEAST_WITH_NAME: Final = 11.0
_LEAST_WITH_DASH: Final = 7.0
_LONGEST_DASH: Final = 9.0


@dataclass(frozen=True)
class _Grid:
    """The cells of a matrix, in points."""

    shape: Shape
    cell: tuple[float, float]
    left: float = 0.0
    top: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.shape[1] * self.cell[0]

    @property
    def bottom(self) -> float:
        return self.top + self.shape[0] * self.cell[1]

    @property
    def across(self) -> Array:
        """The middle of each column, (C,)."""
        middles: Array = self.left + self.cell[0] * (np.arange(self.shape[1]) + 0.5)
        return middles

    @property
    def down(self) -> Array:
        """The middle of each row, (R,)."""
        middles: Array = self.top + self.cell[1] * (np.arange(self.shape[0]) + 0.5)
        return middles

    @property
    def holds_numbers(self) -> bool:
        least_width, least_height = _LEAST_WITH_NUMBER
        return self.cell[0] >= least_width and self.cell[1] >= least_height


def _cell(space: tuple[float, float], shape: Shape) -> tuple[float, float]:
    """Return the width and height of a cell: wide enough for a number if possible, else square."""
    height, width = space[1] / shape[0], space[0] / shape[1]
    if width >= _LEAST_WITH_NUMBER[0] and height >= _LEAST_WITH_NUMBER[1]:
        return min(width, _LARGEST_WITH_NUMBER[0]), min(height, _LARGEST_WITH_NUMBER[1])
    side = min(width, height, _LARGEST)
    return side, side


def _named(kind: str, names: Sequence[str] | None, count: int) -> Sequence[str]:
    if names is not None and len(names) != count:
        raise ShapeError(
            "matrix",
            got=f"{len(names)} names of {kind}",
            wanted=f"{count} names of {kind}",
            remedy="give one name for each, an empty one where there is none",
        )
    return names or ()


def _grid_with_names(
    space: tuple[float, float], shape: Shape, rows: Sequence[str], columns: Sequence[str]
) -> tuple[_Grid, bool]:
    """Return the cells, and whether the names of columns are too wide to lie above theirs."""
    left = max(map(text_width, rows), default=-_NAME_GAP) + _NAME_GAP
    widest = max(map(text_width, columns), default=-_NAME_GAP)
    for upright in (False, True):
        above = widest if upright else min(widest, _LEAST_WITH_NAME)
        top = _TITLE_HEIGHT + above + _NAME_GAP
        width, height = _cell((space[0] - left, space[1] - top), shape)
        if widest + _NAME_GAP <= width:
            break
    # If names need larger cells than there is room for, the drawing is refused as too large.
    width = max(width, _LEAST_WITH_NAME) if columns else width
    height = max(height, _LEAST_WITH_NAME) if rows else height
    return _Grid(shape, (width, height), left, top), upright


def _block_width(name: str, grid: _Grid) -> float:
    """Return the width of a matrix with its title, which may be wider than the cells."""
    return max(grid.right - grid.left, text_width(_title(name, grid.shape), _TITLE_SIZE))


def _title(name: str, shape: Shape) -> str:
    return f"{name} {shape}"


def _write_title(ax: Axes, name: str, grid: _Grid, top: float) -> None:
    ax.text(grid.left, top, _title(name, grid.shape), va="top", fontsize=_TITLE_SIZE, **STILL)


def _write_names(
    ax: Axes, grid: _Grid, rows: Sequence[str], columns: Sequence[str], upright: bool
) -> None:
    for name, y in zip(rows, grid.down, strict=False):
        ax.text(grid.left - _NAME_GAP, y, name, ha="right", va="center", fontsize=SMALLEST, **STILL)
    turn: dict[str, Any] = {"rotation": 90 if upright else 0, "ha": "center", "va": "bottom"}
    for name, x in zip(columns, grid.across, strict=False):
        ax.text(x, grid.top - _NAME_GAP, name, fontsize=SMALLEST, **turn, **STILL)


def _draw_grid(
    ax: Axes, grid: _Grid, decimals: int, reach: float
) -> Callable[[Array, Array], None]:
    """Draw the cells of a matrix; return what shows values (R, C) and outlines a mask (R, C)."""
    _draw_rules(ax, grid)
    extent = (grid.left, grid.right, grid.bottom, grid.top)
    image = ax.imshow(np.zeros((*grid.shape, 4)), extent=extent, interpolation="none", zorder=1)
    opacity = NUMBERED if grid.holds_numbers else PLAIN
    write = _draw_numbers(ax, grid, decimals) if grid.holds_numbers else _draw_dashes(ax, grid)
    outline = LineCollection([], colors=INK, linewidths=2.5, capstyle="projecting", zorder=3)
    ax.add_collection(outline, autolim=False)

    def show(values: Array, mask: Array) -> None:
        image.set_data(tints(values, reach, opacity))
        write(values)
        outline.set_segments(list(_borders(grid, mask)))

    return show


def _draw_rules(ax: Axes, grid: _Grid) -> None:
    """Draw the lines between cells, or around them all if the cells are small."""
    every = (1, 1) if min(grid.cell) >= _LEAST_WITH_DASH else grid.shape
    across = grid.left + grid.cell[0] * np.arange(0, grid.shape[1] + 1, every[1])
    down = grid.top + grid.cell[1] * np.arange(0, grid.shape[0] + 1, every[0])
    lines = [[(x, grid.top), (x, grid.bottom)] for x in across]
    lines += [[(grid.left, y), (grid.right, y)] for y in down]
    ax.add_collection(LineCollection(lines, colors=FAINT, linewidths=1.0, zorder=0.4))


def _draw_numbers(ax: Axes, grid: _Grid, decimals: int) -> Callable[[Array], None]:
    size = SMALLEST * min(np.divide(grid.cell, _LEAST_WITH_NUMBER))
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": size}
    texts = [ax.text(x, y, "", **look, **_MOVING) for y in grid.down for x in grid.across]

    def write(values: Array) -> None:
        for text, value in zip(texts, values.flat, strict=True):
            text.set_text(number(value, decimals))

    return write


def _draw_dashes(ax: Axes, grid: _Grid) -> Callable[[Array], None]:
    """Return what puts a dash in each cell that is negative, if the cells are large enough."""
    size = min(grid.cell[0] / 2, _LONGEST_DASH) if grid.cell[0] >= _LEAST_WITH_DASH else 0.0
    (dashes,) = ax.plot([], [], "_", color=INK, markersize=size, zorder=2)

    def write(values: Array) -> None:
        row, column = np.nonzero(values < 0)
        dashes.set_data(grid.across[column], grid.down[row])

    return write


def _mask(operation: str, highlight: Highlight, shape: Shape) -> Array:
    """Return which cells to outline, (R, C)."""
    mask = np.zeros(shape, dtype=bool)
    cells = isinstance(highlight, set | frozenset)
    if highlight is None or (cells and not highlight):
        return mask
    index = tuple(zip(*highlight, strict=True)) if cells else highlight
    try:
        mask[index] = True
    except IndexError as error:
        raise IndexingError(
            operation,
            got=f"a highlight of {highlight} in a matrix {shape}",
            wanted="an index, a mask or a set of cells within it",
            remedy="count from 0: np.s_[1] is a row, np.s_[:, 1] a column, (0, 1) a cell",
        ) from error
    return mask


def _factor_masks(cell: tuple[int, int] | None, a: Shape, b: Shape) -> list[Array]:
    """Return what a cell of the product outlines in A, in B and in C."""
    in_product = _mask("product", cell, (a[0], b[1]))  # first: its error names the whole cell
    row, column = (None, None) if cell is None else (cell[0], np.s_[:, cell[1]])
    return [_mask("product", row, a), _mask("product", column, b), in_product]


def _borders(grid: _Grid, mask: Array) -> Array:
    """Return the line segments (S, 2, 2) between cells that are in the mask and others."""
    padded = np.pad(mask, 1)
    row, column = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    level = np.stack([(column, row), (column + 1, row)])  # (ends, axes, S)
    row, column = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])
    upright = np.stack([(column, row), (column, row + 1)])
    corners = np.concatenate([level, upright], axis=2).transpose(2, 0, 1)
    segments: Array = np.array([grid.left, grid.top]) + corners * np.array(grid.cell)
    return segments


def _product(
    names: tuple[str, str, str],
    A: ArrayLike,
    B: ArrayLike,
    shapes: tuple[Shape | None, Shape | None] = (None, None),
) -> tuple[Array, Array, Array]:
    """Return the factors and their product, and refuse factors that do not fit together."""
    A, B = (
        as_matrix("product", names[0], A, shapes[0]),
        as_matrix("product", names[1], B, shapes[1]),
    )
    if A.shape[1] != B.shape[0]:
        raise ShapeError(
            "product",
            got=f"{names[0]} {A.shape} and {names[1]} {B.shape}, whose inner lengths are "
            f"{A.shape[1]} and {B.shape[0]}",
            wanted=f"as many columns in {names[0]} as rows in {names[1]}",
            remedy=f"transpose one of them, as in {names[1]}.T, or change their order",
        )
    with np.errstate(over="ignore", invalid="ignore"):  # inf and nan are shown as they are
        return A, B, A @ B


def _grids_side_by_side(
    space: tuple[float, float], names: Sequence[str], shapes: Sequence[Shape]
) -> list[_Grid]:
    """Place the three matrices from left to right, with their middles on one level."""
    signs = _SIGN_WIDTH * (len(shapes) - 1)
    all_cells = max(rows for rows, _ in shapes), sum(columns for _, columns in shapes)
    width = space[0] - signs
    # A title may be wider than the cells below it, and the smaller the cells, the more so.
    for _ in range(12):
        cell = _cell((width, space[1] - _TITLE_HEIGHT - _SUM_HEIGHT), all_cells)
        widths = [_block_width(n, _Grid(s, cell)) for n, s in zip(names, shapes, strict=True)]
        width -= max(sum(widths) + signs - space[0], 0)
    lefts = np.cumsum([0.0, *(each + _SIGN_WIDTH for each in widths[:-1])])
    tops = [_TITLE_HEIGHT + cell[1] * (all_cells[0] - rows) / 2 for rows, _ in shapes]
    places = zip(shapes, lefts, tops, strict=True)
    return [_Grid(shape, cell, float(left), top) for shape, left, top in places]


def _write_signs(ax: Axes, names: Sequence[str], grids: Sequence[_Grid]) -> None:
    middle = (grids[0].top + grids[0].bottom) / 2
    for sign, name, grid in zip("@=", names, grids, strict=False):
        x = grid.left + _block_width(name, grid) + _SIGN_WIDTH / 2
        ax.text(x, middle, sign, ha="center", va="center", fontsize=14, **STILL)


def _sum(
    name: str,
    three: Sequence[Array],
    cell: tuple[int, int],
    decimals: int,
    width: float,
) -> str:
    """Spell out the sum that a cell is, with as many terms as there is room for."""
    A, B, C = three
    row, column = A[cell[0]], B[:, cell[1]]
    factors = [[number(value, decimals) for value in each] for each in (row, column)]
    total = number(C[cell], decimals)
    written = zip([*row, *column, C[cell]], [*factors[0], *factors[1], total], strict=True)
    sign = "=" if all(map(_is_exact, *zip(*written, strict=True))) else "≈"
    terms = [f"{_bracketed(a)}·{_bracketed(b)}" for a, b in zip(*factors, strict=True)]
    for count in range(min(len(terms), _MOST_TERMS), 0, -1):
        some = terms[:count] if count == len(terms) else [*terms[:count], "…"]
        line = f"{name}[{cell[0]}, {cell[1]}] {sign} {' + '.join(some)} {sign} {total}"
        if text_width(line, _SUM_SIZE) <= width:
            break
    return line


def _bracketed(digits: str) -> str:
    return f"({digits})" if digits.startswith("−") else digits


def _is_exact(value: float, digits: str) -> bool:
    """Whether a number is, but for the error of float64, the one that is written."""
    return bool(np.isclose(value, float(digits.replace("−", "-").replace("∞", "inf")), 1e-12, 0.0))
