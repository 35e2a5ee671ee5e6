"""Strokes: drawn again from what was written down, a picture is the one that matplotlib draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform
from numpy.testing import assert_allclose, assert_array_equal

from nnbook import plot
from nnbook.live.strokes import Strokes

Written = dict[str, Any]


def scene(dpi: float = 100) -> tuple[Figure, Axes]:
    fig = Figure(figsize=(3, 2), dpi=dpi)
    FigureCanvasAgg(fig)
    ax = fig.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.set_axis_off()
    return fig, ax


def written(fig: Figure) -> Written:
    pen = Strokes(*fig.canvas.get_width_height(physical=True), fig.dpi)
    fig.draw(pen)
    return pen.written()


def drawn(fig: Figure) -> Any:
    fig.canvas.draw()
    return np.asarray(fig.canvas.buffer_rgba()).copy()


def replayed(strokes: Written, fig: Figure) -> Any:
    """Draw strokes as nnbook/live/canvas.js does, by matplotlib's own means."""
    width, height = fig.canvas.get_width_height(physical=True)
    page = RendererAgg(width, height, 72.0)  # a point is a pixel: widths are pixels already
    upright = Affine2D().scale(1, -1).translate(0, height)  # matplotlib counts upwards
    points = np.frombuffer(strokes["points"], np.float32).reshape(-1, 2)
    codes = np.frombuffer(strokes["codes"], np.uint8)
    pixels = np.frombuffer(strokes["pixels"], np.uint8)
    at = {"point": 0, "code": 0, "pixel": 0}

    def take(source: Any, what: str, count: int) -> Any:
        at[what] += count
        return source[at[what] - count : at[what]]

    for mark in strokes["marks"]:
        gc = page.new_gc()
        if mark.get("clip"):
            gc.set_clip_rectangle(Bbox.from_bounds(*mark["clip"]).transformed(upright))
        if "image" in mark:
            image = mark["image"]
            count = 4 * image["width"] * image["height"]
            small = take(pixels, "pixel", count).reshape(image["height"], image["width"], 4)
            gc.set_alpha(mark["opacity"])
            big = enlarged(small, image["matrix"], width, height)
            big[..., 3] = big[..., 3] * (1.0 if mark["opacity"] is None else mark["opacity"])
            page.draw_image(gc, 0, 0, big)
            continue
        path = Path(take(points, "point", mark["count"]), take(codes, "code", mark["count"]))
        path.should_simplify = False
        gc.set_snap(False)
        gc.set_linewidth(mark.get("width", 0))
        gc.set_foreground(mark.get("stroke", "#00000000"), isRGBA=False)
        gc.set_capstyle({"square": "projecting"}.get(mark.get("cap"), mark.get("cap", "butt")))
        gc.set_joinstyle(mark.get("join", "round"))
        if "dash" in mark:
            gc.set_dashes(mark["dash_offset"], mark["dash"])
        face = None if "fill" not in mark else from_hex(mark["fill"])
        places = take(points, "point", mark["places"]) if "places" in mark else [(0, 0)]
        for place in places:
            page.draw_path(gc, path, Affine2D().translate(*place) + upright, face)
    return np.asarray(page.buffer_rgba())


def from_hex(color: str) -> tuple[float, ...]:
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5, 7))


def enlarged(image: Any, matrix: list[float], width: int, height: int) -> Any:
    """Enlarge an image to the whole picture, to the nearest pixel; lowest row first, for Agg."""
    a, b, c, d, e, f = matrix
    back = np.linalg.inv([[a, c, e], [b, d, f], [0, 0, 1]])
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    column, row, _ = np.floor(np.tensordot(back, [x, y, np.ones_like(x)], axes=1)).astype(int)
    inside = (column >= 0) & (column < image.shape[1]) & (row >= 0) & (row < image.shape[0])
    big = np.zeros((height, width, 4), np.uint8)
    big[inside] = image[row[inside], column[inside]]
    return np.ascontiguousarray(big[::-1])


def on_white(pixels: Any) -> Any:
    opacity = pixels[..., 3:] / 255
    return pixels[..., :3] * opacity + 255 * (1 - opacity)


EXACT: dict[str, Callable[[Axes], Any]] = {
    "line": lambda ax: ax.plot([0, 5, 10], [1, 9, 2], color="#0072B2", linewidth=3),
    "horizontal hairline": lambda ax: ax.plot([0, 10], [5, 5], linewidth=1),
    "dashed line": lambda ax: ax.plot([0, 10], [0, 7], "--", linewidth=2),
    "line with holes": lambda ax: ax.plot([0, 2, np.nan, 6, 8], [1, 2, 3, 4, 5]),
    "long line": lambda ax: ax.plot(np.linspace(0, 10, 900), np.sin(np.arange(900) / 9) * 4 + 5),
    "round caps": lambda ax: ax.plot([2, 8], [2, 2], solid_capstyle="round", linewidth=9),
    "line far outside": lambda ax: ax.plot([-1e6, 1e6], [-1e6 + 3, 1e6 + 5]),
    "filled": lambda ax: ax.fill([1, 9, 5], [1, 1, 9], alpha=0.35, linewidth=0, color="#E69F00"),
    "bars": lambda ax: ax.barh([2, 4], [3, 9], color="#009E73", edgecolor="#1a1a1a"),
    "gaps": lambda ax: ax.vlines([1, 2, 3], [0, 1, 2], [9, 8, 7], linewidth=1.5),
    "arrow": lambda ax: ax.quiver([2], [2], [5], [4], angles="xy", scale_units="xy", scale=1),
    "sharp tip": lambda ax: ax.plot([2, 5, 2], [4, 5, 6], linewidth=7, solid_joinstyle="miter"),
    "logarithmic axis": lambda ax: (ax.set_yscale("log"), ax.plot([1, 5, 9], [1, 3, 9])),
    "contours": lambda ax: ax.contour(np.add.outer(np.arange(9) ** 2, np.arange(9))),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dpi", [100, 200])
def test_strokes_are_what_matplotlib_draws(name: str, dpi: float) -> None:
    fig, ax = scene(dpi)
    EXACT[name](ax)
    ours, theirs = replayed(written(fig), fig), drawn(fig)
    paper = fig.get_facecolor()
    assert paper[:3] == (1, 1, 1)
    off = np.abs(on_white(ours) - on_white(theirs))
    assert off.mean() < 0.02, "not the same picture"
    assert (off > 24).mean() < 0.001
    assert (on_white(theirs) < 200).any(), "nothing was drawn"


@pytest.mark.parametrize("marker", ["o", "s", "^", "+"])
def test_markers_stand_at_their_places(marker: str) -> None:
    fig, ax = scene()
    ax.plot([1, 5, np.nan, 9], [2, 8, 4, 5], marker, markersize=9, markeredgecolor="#1a1a1a")
    strokes = written(fig)
    (mark,) = (mark for mark in strokes["marks"] if "places" in mark)
    assert mark["places"] == 3
    off = np.abs(on_white(replayed(strokes, fig)) - on_white(drawn(fig)))
    assert off.mean() < 0.5  # matplotlib moves markers to whole pixels


@pytest.mark.parametrize("angle", [0, 30, 90])
def test_words_are_where_and_as_dark_as_matplotlibs(angle: float) -> None:
    fig, ax = scene()
    ax.text(1, 5, r"w = −1.5 $\hat{y}$", fontsize=14, rotation=angle)
    ours, theirs = (255 - on_white(one) for one in (replayed(written(fig), fig), drawn(fig)))
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.08)
    for axis in (0, 1):
        place = np.arange(ours.shape[axis])
        middles = [
            (place * ink.sum(axis=(1 - axis, 2))).sum() / ink.sum() for ink in (ours, theirs)
        ]
        assert middles[0] == pytest.approx(middles[1], abs=1.0)


@pytest.mark.parametrize("opacity", [None, 0.5])
@pytest.mark.parametrize("origin", ["lower", "upper"])
def test_images_are_sent_small_and_enlarged(origin: str, opacity: float | None) -> None:
    fig, ax = scene()
    cells = np.arange(12, dtype=float).reshape(3, 4)
    kind: Any = origin
    look: dict[str, Any] = {"interpolation": "none", "aspect": "auto", "alpha": opacity}
    ax.imshow(cells, extent=(1, 9, 2, 8), origin=kind, **look)
    strokes = written(fig)
    assert len(strokes["pixels"]) == 4 * cells.size
    off = np.abs(on_white(replayed(strokes, fig)) - on_white(drawn(fig)))
    assert (off.max(axis=2) > 2).mean() < 0.02  # but for a row of pixels on the rim


def test_regions_of_a_classifier_are_sent_as_they_are() -> None:
    fig, ax = scene()
    plot.regions(ax, lambda points: points[:, 0] / 10, cells=20)
    assert len(written(fig)["pixels"]) == 4 * 20 * 20


coordinates = st.floats(-30, 30, allow_nan=False).map(lambda x: round(x, 2))


@settings(max_examples=40)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=9))
def test_any_line_is_drawn_alike(corners: list[tuple[float, float]]) -> None:
    fig, ax = scene()
    ax.plot(*zip(*corners, strict=True), linewidth=2)
    off = np.abs(on_white(replayed(written(fig), fig)) - on_white(drawn(fig)))
    assert off.mean() < 0.05


def test_a_twin_that_forgets_to_cut_is_found() -> None:
    fig, ax = scene()
    ax.plot([-5, 15], [5, 5], linewidth=9)
    strokes = written(fig)
    for mark in strokes["marks"]:
        mark["clip"] = None
    off = np.abs(on_white(replayed(strokes, fig)) - on_white(drawn(fig)))
    assert off.mean() > 0.5


def test_colors_keep_their_opacity() -> None:
    fig, ax = scene()
    ax.fill([1, 9, 5], [1, 1, 9], facecolor=(1, 0, 0, 0.5), edgecolor="none")
    ax.fill([1, 9, 5], [1, 1, 9], facecolor="#00ff00", edgecolor="none", alpha=0.25)
    fills = [mark["fill"] for mark in written(fig)["marks"] if "fill" in mark]
    assert fills[-2:] == ["#ff000080", "#00ff0040"]


def cut_along_a_circle(ax: Axes) -> None:
    (line,) = ax.plot([0, 10], [0, 10])
    line.set_clip_path(Circle((5, 5), 3, transform=ax.transData))


REFUSED: dict[str, Callable[[Axes], Any]] = {
    "hatch": lambda ax: ax.bar([2], [5], hatch="/"),
    "shaded triangles": lambda ax: ax.tripcolor(
        [0, 9, 0], [0, 0, 9], [1.0, 2.0, 3.0], shading="gouraud"
    ),
    "cut along a curve": cut_along_a_circle,
    "sketch": lambda ax: ax.plot([0, 1], [0, 1], sketch_params=(1, 100, 2)),
    "filter": lambda ax: ax.plot([0, 1], [0, 1], agg_filter=lambda pixels, dpi: (pixels, 0, 0)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_canvas_has_no_stroke_for_is_refused(name: str) -> None:
    fig, ax = scene()
    REFUSED[name](ax)
    with pytest.raises(NotImplementedError):
        written(fig)


def test_neutral_colors_are_written_for_the_paper() -> None:
    fig, ax = scene()
    ax.plot([0, 1], [0, 1], color="#1a1a1a")
    ax.plot([0, 1], [0, 1], color="#0072B2")
    pen = Strokes(300, 200, 100, {"#1a1a1a": "#e6e6e6"})
    fig.draw(pen)
    strokes = [mark["stroke"] for mark in pen.written()["marks"] if "stroke" in mark]
    assert strokes == ["#e6e6e6ff", "#0072b2ff"]


def test_pen_that_begins_anew_forgets_what_it_drew() -> None:
    fig, ax = scene()
    ax.plot([0, 10], [0, 10])
    ax.text(1, 5, "w = 0.5")
    pen = Strokes(300, 200, 100)
    fig.draw(pen)
    first = pen.written()
    pen.begin()
    fig.draw(pen)
    assert pen.written() == first
    fig.draw(pen)
    assert len(pen.written()["marks"]) == 2 * len(first["marks"])


def test_strokes_of_nothing_are_empty() -> None:
    pen = Strokes(30, 20, 100)
    assert pen.written() == {"marks": [], "points": b"", "codes": b"", "pixels": b""}
    assert pen.get_canvas_width_height() == (30, 20)


def test_path_is_cut_and_snapped_as_a_line_of_its_width() -> None:
    pen = Strokes(100, 50, 72)
    gc = pen.new_gc()
    gc.set_linewidth(1)
    pen.draw_path(gc, Path([(10.2, 7.3), (90.4, 7.3)]), IdentityTransform())
    points = np.frombuffer(pen.written()["points"], np.float32).reshape(-1, 2)
    assert_array_equal(points[:2, 1], [43.5, 43.5])
    assert_allclose(points[:2, 0], [10.5, 90.5])
