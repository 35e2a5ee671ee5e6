"""Frames of a live figure: what moves, drawn on the paper, is a full draw, only cheaper."""

import gc
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.spines import Spine
from numpy.testing import assert_array_equal
from PIL import Image

from nnbook import plot
from nnbook.live.frames import Frames
from nnbook.plot.style import THEMES


class Scene:
    """A figure with an artist of each kind, and everything that may happen to it."""

    def __init__(self) -> None:
        self.figure, (left, right) = plot.figure(4, 2, columns=2)
        self.axes = left, right
        left.set(xlim=(-2, 2), ylim=(-2, 2), title="start")
        self.image = left.imshow(np.zeros((4, 4)), extent=(-2, 2, -2, 2), vmin=0, vmax=1, zorder=0)
        (self.line,) = left.plot([-3, 3], [0, 1], label="line")
        (self.dots,) = left.plot([0, 1], [1, 0], "o", label="dots", zorder=3)
        self.arrow = plot.arrow(left, [0, 0], [1, 1])
        self.edge = left.axvline(-2, color="#E69F00", linewidth=5)
        self.bars = right.barh([0, 1, 2], [1, 2, 3])
        self.words = right.text(1, 1, "words", bbox={"facecolor": "w", "boxstyle": "round"})
        self.fill = right.fill([0, 1, 1], [0, 0, 1], alpha=0.5, zorder=2)[0]
        self.added: list[Artist] = []

    def shift_line(self, by: float) -> None:
        self.line.set_data([-3, 3], [by, -by])

    def shift_dots(self, by: float) -> None:
        self.dots.set_data([by, 1], [1, by])

    def tint_image(self, by: float) -> None:
        self.image.set_data(np.full((4, 4), abs(by) / 2))

    def turn_arrow(self, by: float) -> None:
        self.arrow([by, 0], [1, by])

    def widen_edge(self, by: float) -> None:
        self.edge.set_linewidth(2 + abs(by))

    def stretch_bar(self, by: float) -> None:
        self.bars[1].set_width(by)

    def say(self, by: float) -> None:
        self.words.set(text=f"{by:.1f}", x=1 + by)

    def bend_fill(self, by: float) -> None:
        self.fill.set_xy([(0, 0), (1, by), (2, 1)])

    def hide_line(self, by: float) -> None:
        self.line.set_visible(by < 0)

    def hide_axes(self, by: float) -> None:
        self.axes[1].set_visible(by < 0)

    def zoom(self, by: float) -> None:
        self.axes[0].set_xlim(-2, 2 + by)

    def rename(self, by: float) -> None:
        self.axes[0].set_title(f"title {by:.1f}")

    def mark(self, by: float) -> None:
        self.axes[1].set_xlabel(f"label {by:.1f}")

    def name_all(self, by: float) -> None:
        self.axes[0].legend(loc="upper left" if by < 0 else "lower right")

    def add(self, by: float) -> None:
        self.added += self.axes[0].plot([by, 0], [-2, by], color="#CC79A7", linewidth=4)

    def remove(self, by: float) -> None:
        if self.added:
            self.added.pop(0 if by < 0 else -1).remove()


MOVES = [name for name, what in vars(Scene).items() if callable(what) and name[0] != "_"]
moves = st.tuples(st.sampled_from(MOVES), st.integers(-15, 15).map(lambda tenths: tenths / 10))
Move = tuple[str, float]


def pixels(frames: Frames) -> Any:
    """Draw what moves on the paper with matplotlib's own hand, and take it off again."""
    paper = frames.canvas.copy_from_bbox(frames.figure.bbox)
    stale = [(owner, owner.stale) for owner in (frames.figure, *frames.figure.axes)]
    for artist in frames._moving:
        artist.draw(frames.canvas.renderer)
    drawn = np.asarray(frames.canvas.buffer_rgba()).copy()
    frames.canvas.restore_region(paper)
    for owner, was in stale:
        owner.stale = was
    return drawn


def full_draw(frames: Frames) -> Any:
    """Draw the present state of a figure as matplotlib does, with nothing set apart."""
    apart = frames.figure.findobj(Artist.get_animated)
    for artist in apart:
        artist.set_animated(False)
    frames.canvas.draw()
    drawn = np.asarray(frames.canvas.buffer_rgba()).copy()
    for artist in apart:
        artist.set_animated(True)
    return drawn


def assert_partial_is_full(frames_of: Callable[[Any], Frames], sequence: list[Move]) -> None:
    """Play moves, one frame each; the last frame must be what a full draw gives."""
    scene = Scene()
    frames = frames_of(scene.figure)
    frames.draw()
    for name, by in sequence:
        getattr(scene, name)(by)
        frames.draw()
    partial = pixels(frames)
    assert_array_equal(partial, full_draw(frames))


@settings(max_examples=30)
@given(st.lists(moves, max_size=8))
def test_partial_draw_is_full_draw(sequence: list[Move]) -> None:
    assert_partial_is_full(Frames, sequence)


@pytest.mark.parametrize("name", MOVES)
def test_each_move_is_followed_twice(name: str) -> None:
    assert_partial_is_full(Frames, [(name, -0.5), (name, 1.2)])


@settings(max_examples=8)
@given(st.lists(moves, min_size=1, max_size=3), st.lists(moves, max_size=3))
def test_partial_draw_is_full_draw_after_storing_and_new_looks(
    before: list[Move], after: list[Move]
) -> None:
    scene = Scene()
    frames = Frames(scene.figure)
    frames.draw()
    changes = (frames.stored, lambda: frames.paint("dark"), lambda: frames.sharpen(1.5))
    for change in changes:
        for name, by in before:
            getattr(scene, name)(by)
            frames.draw()
        change()
        for name, by in after:
            getattr(scene, name)(by)
        frames.draw()
        assert_array_equal(pixels(frames), full_draw(frames))


class WithoutOrder(Frames):
    """A wrong twin: draws what moved on top of everything, whatever lay over it."""

    def _set_moving_apart(self) -> None:
        super()._set_moving_apart()
        self._moving = sorted(self._moving, key=lambda artist: -artist.zorder)


class WithoutNotice(Frames):
    """A wrong twin: never lays a new paper."""

    def draw(self) -> Any:
        self.figure.stale = not self._laid
        return super().draw()


class WithFrameOnTop(Frames):
    """A wrong twin: leaves the axis lines where matplotlib has them, over the data."""

    def __init__(self, figure: Any) -> None:
        super().__init__(figure)
        for spine in figure.findobj(Spine):
            spine.set_zorder(2.5)


@pytest.mark.parametrize(
    ("twin", "sequence"),
    [
        (WithFrameOnTop, [("widen_edge", 0.5)]),
        (WithoutOrder, [("tint_image", 1.0), ("shift_line", 0.5)]),
        (WithoutNotice, [("shift_line", 0.5)]),
        (WithoutNotice, [("zoom", 0.5)]),
    ],
)
def test_wrong_twin_is_found(twin: type[Frames], sequence: list[Move]) -> None:
    with pytest.raises(AssertionError, match="Arrays are not equal"):
        assert_partial_is_full(twin, sequence)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """Count what is drawn: the kind of each axis, image and line, in order."""
    kinds: list[type] = []
    for kind in (Axis, AxesImage, Line2D):
        _count_draws(monkeypatch, kind, kinds)
    return kinds


def _count_draws(monkeypatch: pytest.MonkeyPatch, kind: Any, kinds: list[type]) -> None:
    draw = kind.draw

    def counted(self: Any, *arguments: Any, **more: Any) -> Any:
        kinds.append(kind)
        return draw(self, *arguments, **more)

    monkeypatch.setattr(kind, "draw", counted)


def test_after_its_first_move_an_artist_is_drawn_alone(drawn: list[type]) -> None:
    figure, ax = plot.figure()
    ax.imshow(np.zeros((3, 3)), zorder=0)
    ax.plot([0, 1], [1, 0], zorder=1)
    ax.plot([0, 1], [1, 0], zorder=-0.5, visible=False)  # never drawn, and so always stale
    (line,) = ax.plot([0, 1], [0, 1], zorder=2)
    frames = Frames(figure)
    frames.draw()
    line.set_ydata([1, 2])
    frames.draw()
    assert Axis in drawn
    drawn.clear()
    for height in range(5):
        line.set_ydata([1, height])
        frames.draw()
    assert drawn == [Line2D] * 5


def test_a_second_mover_costs_one_more_full_draw(drawn: list[type]) -> None:
    scene = Scene()
    scene.name_all(1.0)  # a legend over what moves is drawn with it, and tells its axes
    frames = Frames(scene.figure)
    frames.draw()
    full_draws = []
    for by in (0.1, 0.2, 0.3):
        drawn.clear()
        scene.shift_line(by)
        scene.bend_fill(by)
        scene.say(by)
        frames.draw()
        full_draws.append(drawn.count(Axis) // 4)
    assert full_draws == [1, 0, 0]


def test_twin_axes_lie_over_what_moves() -> None:
    figure, ax = plot.figure(3, 2)
    (line,) = ax.plot([0, 1], [0, 1], zorder=9)
    band = ax.twinx().axhspan(0.2, 0.6, alpha=0.5)
    frames = Frames(figure)
    frames.draw()
    line.set_ydata([1, 0])
    frames.draw()
    order = frames._moving
    assert order.index(line) < order.index(band)


def test_layout_stays_while_the_picture_moves() -> None:
    scene = Scene()
    frames = Frames(scene.figure)
    frames.draw()
    before = [ax.get_position().bounds for ax in scene.axes]
    scene.mark(1.0)
    scene.axes[0].set_ylabel("a label\nin three\nlines")
    frames.draw()
    frames.stored()
    assert [ax.get_position().bounds for ax in scene.axes] == before


@pytest.mark.parametrize(("ratio", "factor"), [(1, 1), (1.5, 1.5), (2, 2), (3, 2), (0.1, 1)])
def test_pixels_follow_the_screen_up_to_twice(ratio: float, factor: float) -> None:
    frames = Frames(Scene().figure)
    frames.sharpen(ratio)
    frames.draw()
    assert Image.open(io.BytesIO(frames.paper())).size == (400 * factor, 200 * factor)


def test_theme_turns_paper_and_ink_and_comes_back_without_loss() -> None:
    scene = Scene()
    frames = Frames(scene.figure)
    frames.draw()
    light = pixels(frames)
    frames.paint("dark")
    frames.draw()
    assert tuple(pixels(frames)[0, 0]) == (0x11, 0x11, 0x11, 255)
    assert not np.array_equal(pixels(frames), light)
    frames.paint("light")
    frames.draw()
    assert_array_equal(pixels(frames), light)


def test_paper_is_exact_and_numbered() -> None:
    scene = Scene()
    frames = Frames(scene.figure)
    numbers = []
    for move in (scene.shift_line, scene.shift_line, scene.shift_line, scene.rename):
        frames.draw()
        numbers.append(frames.number)
        paper = np.asarray(Image.open(io.BytesIO(frames.paper())))
        assert_array_equal(paper, np.asarray(frames.canvas.buffer_rgba())[..., :3])
        move(0.5)
    frames.draw()
    assert [*numbers, frames.number] == [1, 2, 2, 2, 3]  # the first line to move leaves the paper


@pytest.mark.parametrize("change", ["paint", "sharpen", "outdate"])
def test_frames_of_another_look_are_out_of_date(change: str) -> None:
    frames = Frames(Scene().figure)
    frames.draw()
    before = frames.number
    assert frames.since <= before
    getattr(frames, change)(*{"paint": ["dark"], "sharpen": [2.0], "outdate": []}[change])
    assert frames.since > before
    frames.draw()
    assert frames.number == frames.since


def test_what_has_no_strokes_goes_onto_the_paper() -> None:
    figure, ax = plot.figure(3, 2)
    (hatched,) = ax.bar([0], [1], hatch="//")
    frames = Frames(figure)
    frames.draw()
    for height in (2.0, 3.0):
        hatched.set_height(height)
        assert frames.draw()["marks"] == []
        assert_array_equal(pixels(frames), full_draw(frames))


def test_stored_picture_is_small_rich_and_sharp() -> None:
    frames = Frames(Scene().figure)
    frames.draw()
    stored = frames.stored("$w = 1$")
    picture = Image.open(io.BytesIO(stored))
    assert picture.format == "PNG"
    assert picture.size == (600, 300 + int(0.45 * 150))
    assert len(picture.convert("RGB").getcolors(1 << 20)) > 20
    assert len(stored) < 30_000


def test_formula_lies_under_the_stored_picture() -> None:
    frames = Frames(Scene().figure)
    frames.draw()
    plain, one, two = (
        np.asarray(Image.open(io.BytesIO(frames.stored(line))).convert("RGB")).astype(int)
        for line in ("", "$w = 1$", "$w = 2$")
    )
    assert np.abs(one[:300] - plain).max() < 40  # the formula's own colors change the palette
    assert (one[300:] < 100).any()
    assert not np.array_equal(one[300:], two[300:])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_storing_leaves_the_live_picture_as_it_was(theme: str) -> None:
    scene = Scene()
    frames = Frames(scene.figure)
    frames.paint(theme)
    frames.sharpen(1.5)
    frames.draw()
    scene.shift_line(0.7)
    frames.draw()
    before = pixels(frames)
    paper = Image.open(io.BytesIO(frames.stored())).convert("RGB").getpixel((0, 0))
    frames.draw()
    assert paper == (255, 255, 255)
    assert_array_equal(pixels(frames), before)


def test_nothing_global_changes() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    frames = Frames(Scene().figure)
    frames.draw()
    frames.stored("$w$")
    assert dict(matplotlib.rcParams) == before


def test_many_frames_leave_nothing_behind() -> None:
    scene = Scene()
    frames = Frames(scene.figure)

    def play(count: int) -> tuple[int, int]:
        for number in range(count):
            scene.shift_line(number / count)
            scene.say(number / count)
            frames.draw()
        gc.collect()
        return len(scene.figure.findobj()), sum(
            issubclass(type(o), Artist) for o in gc.get_objects()
        )

    early = play(20)
    assert play(500) == early


def test_ticks_that_come_back_are_legible_on_dark_paper() -> None:
    fig, ax = plot.figure(4, 3)
    frames = Frames(fig)
    for count, theme in ((6, None), (1, None), (1, "dark"), (6, None)):
        ax.set_xticks(range(count))
        if theme:
            frames.paint(theme)
        frames.draw()
    inks = {to_hex(tick.label1.get_color()) for tick in ax.xaxis.get_major_ticks()}
    assert inks == {THEMES["dark"]["ink"]}
