"""Live figures: one answer to each event, and the same state in picture, formula and words."""

import base64
import gc
import io
import itertools
import json
import linecache
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import comm
import matplotlib
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from threadpoolctl import ThreadpoolController, threadpool_limits

from nnbook import live, plot, progress
from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.live import livefigure, quizzes, states
from nnbook.live.frames import Frames
from nnbook.live.livefigure import LiveFigure

NOTEBOOKS = sorted((Path(__file__).parents[1] / "chapters").glob("*.ipynb"))
CHAPTERS = [path.stem for path in NOTEBOOKS if "@live." in path.read_text(encoding="utf-8")]


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Keep the progress of a test apart, and collect what it displays as a notebook would."""
    monkeypatch.setenv("NNBOOK_HOME", str(tmp_path))
    shown: list[Any] = []

    def display(widget: Any) -> None:
        shown.append(widget._repr_mimebundle_())

    monkeypatch.setattr(livefigure, "display", display)
    monkeypatch.setattr(quizzes, "display", display)
    return shown


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Collect the names that each message to the page sets."""
    messages: list[list[str]] = []

    def publish(_: Any, __: str, data: Any = None, **___: Any) -> None:
        if data and data.get("method") == "update":
            buffers = [path[0] for path in data["buffer_paths"]]
            messages.append(sorted({*data["state"], *buffers}))

    monkeypatch.setattr(comm.DummyComm, "publish_msg", publish)
    return messages


class Drawing:
    """A line through the origin, and what was asked of it."""

    def __init__(self, **more: Any) -> None:
        self.figure, self.ax = plot.figure(3, 2)
        self.ax.set(xlim=(-1, 1), ylim=(-2, 2))
        (self.line,) = self.ax.plot([], [])
        self.calls: list[dict[str, Any]] = []
        self.live = self.explore(**more)

    def explore(self, **more: Any) -> LiveFigure:
        given = {
            "predict": "Where to?",
            "options": ["up", "down"],
            "alt": "Slope {w:.1f}, twice {double:.1f}.",
            "formula": "2w = {double:.1f|positive}",
            "w": live.slider(-2, 2, 1, step=0.1),
        }

        @live.explore(self.figure, **given | more)
        def a_turning_line(w: float, **others: Any) -> dict[str, Any]:
            self.calls.append({"w": w, **others})
            self.line.set_data([-1, 1], [-w, w])
            if w == -2:
                raise ZeroDivisionError("by hand")
            return {"double": 2 * w}

        return a_turning_line


def from_page(widget: Any, **state: Any) -> None:
    """Deliver a message as the page sends it."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def ask(widget: Any, **values: Any) -> None:
    from_page(widget, asked={**widget.asked, **values})


def picture_of(data: bytes | str) -> Image.Image:
    """Open a stored PNG, or the data address of a paper."""
    raw = base64.b64decode(data.rpartition(",")[2]) if isinstance(data, str) else data
    return Image.open(io.BytesIO(raw))


def shown(widget: Any) -> tuple[Any, ...]:
    """Return what a page shows: the paper, the strokes on it, and the words."""
    frame = dict(widget.frame)
    assert frame.pop("paper") == widget.paper["number"]
    return widget.paper["picture"], frame


def test_figure_starts_with_everything_in_place() -> None:
    turning = Drawing().live
    assert turning.name == "a turning line"
    assert turning.width == 300
    assert turning.question == {"text": "Where to?", "options": ["up", "down"], "guesses": []}
    assert turning.controls[0]["name"] == "w"
    assert turning.asked == turning.frame["values"] == {"w": 1.0}
    assert turning.frame["caption"] == "Slope 1.0, twice 2.0."
    assert ">2.0</mn>" in turning.frame["formula"]
    assert picture_of(turning.paper["picture"]).size == (300, 200)
    assert turning.error == ""


def test_each_event_is_one_update_and_one_message(sent: list[list[str]]) -> None:
    drawing = Drawing()
    drawing.calls.clear()
    sent.clear()
    for w in (0.5, 0.6, 0.7):
        ask(drawing.live, w=w)
    assert [call["w"] for call in drawing.calls] == [0.5, 0.6, 0.7]
    assert sent == [["frame"]] * 3


def test_update_gets_values_that_a_control_can_have() -> None:
    drawing = Drawing(word=live.choice(["a", "b"]), on=live.switch(True))
    drawing.calls.clear()
    ask(drawing.live, w=0.5000000001, word="c", on=None)
    ask(drawing.live, w="left")
    from_page(drawing.live, asked={})
    start = {"w": 1.0, "word": "a", "on": True}
    assert drawing.calls == [start | {"w": 0.5}, start, start]
    assert drawing.live.error == ""


def test_caption_formula_and_picture_tell_of_one_state() -> None:
    one, other = Drawing(), Drawing(w=live.slider(-2, 2, -0.7, step=0.1))
    for turning in (one.live, other.live):
        ask(turning, w=0.3)
        ask(turning, w=-0.7)
    assert one.live.frame["caption"] == "Slope −0.7, twice −1.4."
    assert 'mathcolor="#009E73"' in one.live.frame["formula"]
    assert one.line.get_ydata()[1] == -0.7
    frame = one.live.frame | {"state": other.live.frame["state"]}  # they started elsewhere
    assert frame == other.live.frame
    assert one.live.paper == other.live.paper


def test_error_is_shown_with_the_authors_line_and_passes() -> None:
    turning = Drawing().live
    before = shown(turning)
    ask(turning, w=-2)
    name, line = turning.error.splitlines()
    assert name == "ZeroDivisionError: by hand"
    assert line.endswith(': raise ZeroDivisionError("by hand")')
    number = int(line.split()[2])
    assert "by hand" in linecache.getline(__file__, number)
    assert shown(turning) == before
    ask(turning, w=0.4)
    assert turning.error == ""
    assert turning.frame["caption"] == "Slope 0.4, twice 0.8."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"w": live.slider(-2, 2, -2, step=0.1)}, "ZeroDivisionError: by hand"),
        ({"alt": "{dubble:.1f}"}, "did you mean 'double'"),
    ],
)
def test_figure_broken_from_the_start_says_so_and_can_be_moved(
    displayed: list[Any], more: dict[str, Any], said: str
) -> None:
    turning = Drawing(**more).live
    ((data, _),) = displayed
    assert data["text/plain"].startswith("Live figure. It is broken: ")
    assert said in data["text/plain"]
    assert said in turning.error
    assert picture_of(data["image/png"]).width == 450
    assert picture_of(turning.paper["picture"]).size == (300, 200)
    assert (turning.frame["caption"], turning.frame["values"]) == ("", turning.asked)
    ask(turning, w=0.5)
    assert (turning.error == "") == ("w" in more)


def test_frames_ahead_are_the_frames_that_would_have_come(sent: list[list[str]]) -> None:
    one, other = Drawing().live, Drawing().live
    for turning in (one, other):
        ask(turning, w=0.3)
    places = [{"w": 0.4}, {"w": 0.2}]
    sent.clear()
    from_page(one, wanted={"values": places})
    assert sent == [["ahead"]]
    assert one.frame["values"] == {"w": 0.3}
    for place, frame in zip(places, one.ahead["frames"], strict=True):
        ask(other, **place)
        assert frame == other.frame
    assert not one.ahead["slow"]


def test_drawing_ahead_stops_where_it_is_broken_or_the_paper_changes() -> None:
    turning = Drawing().live
    ask(turning, w=0.3)
    from_page(turning, wanted={"values": [{"w": 0.4}, {"w": -2}, {"w": 0.5}]})
    assert [frame["values"] for frame in turning.ahead["frames"]] == [{"w": 0.4}]
    assert turning.error == ""
    fig, ax = plot.figure(3, 2)

    @live.explore(fig, predict="", alt="{w:.0f}", w=live.slider(0, 9, 0, step=1))
    def renamed(w: float) -> None:
        ax.set_title(f"{w}")

    from_page(renamed, wanted={"values": [{"w": 1}, {"w": 2}]})
    (frame,) = renamed.ahead["frames"]
    assert (frame["values"], frame["paper"]) == ({"w": 1.0}, renamed.paper["number"])


def test_slow_drawing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Drawing()
    seconds = iter(range(100))
    monkeypatch.setattr(livefigure.time, "perf_counter", lambda: next(seconds))
    from_page(drawing.live, wanted={"values": [{"w": 0.4}, {"w": 0.5}]})
    assert drawing.live.ahead["slow"]
    assert len(drawing.live.ahead["frames"]) == 1


@pytest.mark.parametrize(
    ("sent_by_page", "kept"),
    [
        ({"answer": 1}, {"answer": "down", "skipped": False}),
        ({"skipped": True}, {"answer": None, "skipped": True}),
    ],
)
def test_prediction_is_kept_and_there_again_next_time(
    sent_by_page: dict[str, Any], kept: dict[str, Any]
) -> None:
    turning = Drawing().live
    assert turning.prediction == {}
    from_page(turning, prediction=sent_by_page)
    kept["question"] = "Where to?"
    assert progress.read()["predictions"] == {"a turning line": kept}
    again = Drawing().live.prediction
    assert again == sent_by_page
    assert Drawing(predict="Where from?").live.prediction == {}
    from_page(turning, prediction={})
    assert progress.read()["predictions"] == {"a turning line": kept}


@pytest.mark.parametrize(
    ("kept", "more", "remembered"),
    [
        ("2", {"options": ["2", "0", "1"]}, {"answer": 0}),  # a word, not a place in the list
        (1.0, {"options": ["up", "down"]}, {}),  # a number was asked for then
        ("sideways", {"options": ["up", "down"]}, {}),
        ("up", {"options": []}, {}),
        (2.5, {"options": []}, {"answer": 2.5}),
        (None, {"options": []}, {}),
        ([1], {"options": []}, {}),
        (True, {"options": []}, {}),
    ],
)
def test_prediction_that_does_not_fit_the_question_is_forgotten(
    kept: Any, more: dict[str, Any], remembered: dict[str, Any]
) -> None:
    progress.record("predictions", "a turning line", question="Where to?", answer=kept)
    assert Drawing(**more).live.prediction == remembered


@pytest.mark.parametrize("kept", [1.5, {"width": 1.0}, {"height": "high"}, None, "up"])
def test_drawn_prediction_that_does_not_fit_is_forgotten(kept: Any) -> None:
    progress.record("predictions", "level", question="How high?", answer=kept)
    level = with_guess()
    assert (level.prediction, level.asked["height"]) == ({}, 0.0)


def test_state_is_of_the_controls_and_leaves_the_prediction_alone() -> None:
    level = with_guess()
    ask(level, height=1.5)
    from_page(level, prediction={"answer": {"height": 1.5}})
    assert level.state == "level"
    level.move_to("level?w=on")
    assert level.asked == {"w": True, "height": 1.5}


def drawn_guess(widget: LiveFigure) -> Any:
    return widget._guess._line  # type: ignore[union-attr]


def with_guess() -> LiveFigure:
    fig, ax = plot.figure(3, 2)
    ax.set(xlim=(-1, 1), ylim=(-2, 2))
    height = live.slider(-2, 2, 0, step=0.5)
    guess = live.guess(ax, lambda height: ([-1, 1], [height, height]), height=height)

    @live.explore(fig, predict="How high?", guess=guess, alt="{w:.0f}", w=live.switch())
    def level(w: bool) -> None:
        return None

    return level


def test_prediction_is_drawn_and_stays_where_it_was_put() -> None:
    level = with_guess()
    assert [one["name"] for one in level.question["guesses"]] == ["height"]
    ask(level, height=1.4)
    assert drawn_guess(level).get_ydata() == [1.5, 1.5]
    number = level.paper["number"]
    from_page(level, prediction={"answer": {"height": 1.5}})
    assert drawn_guess(level).get_visible()
    assert level.paper["since"] > number
    ask(level, w=True)
    assert drawn_guess(level).get_ydata() == [1.5, 1.5]
    again = with_guess()
    assert (again.prediction, again.asked["height"]) == ({"answer": {"height": 1.5}}, 1.5)


def test_drawn_prediction_that_is_skipped_is_hidden() -> None:
    level = with_guess()
    from_page(level, prediction={"skipped": True})
    assert not drawn_guess(level).get_visible()
    from_page(level, prediction={})
    assert drawn_guess(level).get_visible()


@pytest.mark.parametrize("names", ["", "abcd"])
def test_guess_without_sliders_or_with_four_is_refused(names: str) -> None:
    _, ax = plot.figure()
    sliders = {name: live.slider(0, 1, step=0.1) for name in names}
    with pytest.raises(ArgumentError, match=f"guess: got {len(names)} sliders, wanted 1 to 3"):
        live.guess(ax, lambda **_: ([], []), **sliders)


def test_guess_and_control_of_one_name_are_refused() -> None:
    fig, ax = plot.figure()
    guess = live.guess(ax, lambda w: ([0, 1], [w, w]), w=live.slider(0, 1, step=0.1))
    with pytest.raises(ArgumentError, match="explore: got a control and a guess named 'w'"):
        live.explore(fig, predict="?", alt="a", guess=guess, w=live.switch())


def test_look_changes_the_picture_and_comes_back_without_loss() -> None:
    turning = Drawing().live
    ask(turning, w=0.2)
    ask(turning, w=1)
    light = shown(turning)
    from_page(turning, look={"theme": "dark", "pixel_ratio": 2})
    dark = picture_of(turning.paper["picture"])
    assert dark.size == (600, 400)
    assert dark.getpixel((0, 0)) == (0x11, 0x11, 0x11)
    assert turning.paper["since"] == turning.paper["number"]
    ask(turning, w=0.2)
    ask(turning, w=1)
    from_page(turning, look={"theme": "light", "pixel_ratio": 1})
    assert shown(turning) == light


def test_displayed_bundle_serves_three_readers(displayed: list[Any]) -> None:
    turning = Drawing().live
    ((data, metadata),) = displayed
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == turning.model_id
    assert data["text/plain"] == "Live figure. Slope 1.0, twice 2.0."
    assert picture_of(data["image/png"]).width == 450
    assert metadata["image/png"] == {"alt": "Slope 1.0, twice 2.0.", "width": 300}


def test_stored_stepper_is_its_end_and_the_live_one_its_start(displayed: list[Any]) -> None:
    drawing = Drawing(alt="{t:} of it, {double:.0f}", t=live.steps(5))
    ((data, _),) = displayed
    assert data["text/plain"] == "Live figure. 5 of it, 2"
    assert drawing.live.frame["caption"] == "0 of it, 2"
    assert [call["t"] for call in drawing.calls] == [0, 5, 0]


def test_stored_picture_is_light_whatever_the_page_is() -> None:
    turning = Drawing().live
    light = turning._repr_mimebundle_()[0]["image/png"]
    from_page(turning, look={"theme": "dark", "pixel_ratio": 2})
    before = shown(turning)
    assert_array_equal(picture_of(turning._repr_mimebundle_()[0]["image/png"]), picture_of(light))
    assert shown(turning) == before


def test_still_picture_has_no_question_and_no_controls(displayed: list[Any]) -> None:
    fig, ax = plot.figure(3, 2)
    ax.plot([0, 1], [0, 1])
    assert live.picture(fig, alt="A line that rises.") is None
    ((data, _),) = displayed
    assert data["text/plain"] == "Live figure. A line that rises."


def test_names_of_the_notebook_are_kept_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook: dict[str, Any] = {"live": live, "fig": plot.figure(3, 2)[0], "x": 1}
    cell = """
@live.explore(fig, predict="", alt="{x:} and {nested:}", w=live.switch())
def late(w):
    return {"x": x, "nested": (lambda: x)()}
"""
    exec(cell, notebook)
    notebook["x"] = 2
    ask(notebook["late"], w=True)
    assert notebook["late"].frame["caption"] == "1 and 1"
    monkeypatch.setattr(livefigure, "_frozen", lambda function: function)
    exec(cell, notebook)
    notebook["x"] = 3
    ask(notebook["late"], w=True)
    assert notebook["late"].frame["caption"] == "3 and 3"


class Chapter:
    """A chapter run in this process; its live figures in order, as they are after their cell."""

    def __init__(self, name: str) -> None:
        path = Path(__file__).parents[1] / "chapters" / f"{name}.ipynb"
        content = json.loads(path.read_text(encoding="utf-8"))
        self.cells = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
        self.names: dict[str, Any] = {}

    def run(self, *cells: str) -> None:
        for cell in cells:
            exec(compile(cell, "<cell>", "exec"), self.names)

    def run_figure(self, name: str) -> LiveFigure:
        """Run what one figure needs: the imports, the cell before it and its own."""
        place = next(i for i, cell in enumerate(self.cells) if f"def {name}(" in cell)
        self.run(next(cell for cell in self.cells if "import numpy" in cell))
        self.run(*self.cells[place - 1 : place + 1])
        return self.names[name]

    def run_all(self) -> dict[str, list[Any]]:
        """Run every cell; return the pictures of each live figure at the ends of its controls."""
        pictures: dict[str, list[Any]] = {}
        for cell in self.cells:
            self.run(cell)
            for name, found in list(self.names.items()):
                if isinstance(found, LiveFigure) and name not in pictures:
                    pictures[name] = pictures_at_ends(found)
        return pictures


def places(found: LiveFigure) -> list[dict[str, Any]]:
    """Name the states with one control at one of its ends, and back at its start."""
    states = []
    for spec in found.controls:
        start = found.asked[spec["name"]]
        ends = _ends(spec)
        states += [{spec["name"]: value} for value in [*ends, start]]
    return states


def _ends(spec: dict[str, Any]) -> list[Any]:
    if "low" in spec:
        return [spec["low"], spec["high"]]
    return {"text": ["", "meeting about a free prize"], "switch": [True, False]}.get(
        spec["kind"], spec.get("options")
    )


def pictures_at_ends(found: LiveFigure) -> list[Any]:
    """Move each control to its ends and back; every state must be drawn, written and told."""
    pictures = []
    for state in places(found):
        ask(found, **state)
        assert found.error == ""
        assert "{" not in found.frame["caption"]
        pictures.append(shown(found))
    return pictures


def assert_same_however_it_was_reached(found: LiveFigure) -> None:
    start = dict(found.asked)
    states = [start | state for state in places(found)]
    first: dict[str, Any] = {}
    for state in round_trip(states):
        ask(found, **state)
        picture = first.setdefault(found.state, shown(found))
        assert shown(found) == picture, f"{found.state} looks different after another state"
    ask(found, **start)


def round_trip(states: list[Any]) -> Iterator[Any]:
    """Yield the states in an order in which each follows each, itself too: a de Bruijn cycle."""
    for place, state in enumerate(states):
        yield state
        for later in states[place + 1 :]:
            yield from (state, later)
    yield from states[:1]


@pytest.mark.parametrize("count", range(1, 9))
def test_round_trip_makes_every_step_once(count: int) -> None:
    steps = list(itertools.pairwise(round_trip(list(range(count)))))
    assert sorted(steps) == sorted(itertools.product(range(count), repeat=2))


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapters_figures_work_at_every_end_and_still_after_the_last_cell(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter = Chapter(name)
    before = chapter.run_all()
    assert capsys.readouterr().out
    assert {figure: pictures_at_ends(chapter.names[figure]) for figure in before} == before
    for figure in before:
        assert_same_however_it_was_reached(chapter.names[figure])


def test_figure_that_remembers_is_found() -> None:
    fig, ax = plot.figure(3, 2)
    (trail,) = ax.plot([0], [0])

    @live.explore(fig, predict="", alt="{w:.0f}", w=live.slider(0, 9, 0, step=1))
    def trailing(w: float) -> None:
        trail.set_data([*trail.get_xdata()[-1:], w], [0, w])

    with pytest.raises(AssertionError, match="looks different after another state"):
        assert_same_however_it_was_reached(trailing)


def numbers_after(words: str, text: str) -> list[float]:
    """Read the numbers of a caption that follow some words."""
    rest = text.partition(words)[2].replace("−", "-").replace(",", " ").replace(";", " ")
    parts = [part.strip(".:") for part in rest.split()]
    return [float(part) for part in parts if part.lstrip("-+").replace(".", "").isdigit()]


@pytest.mark.parametrize("values", [(1.0, 1.0, -1.0), (-1.5, 0.3, 2.0), (0.0, -2.0, 0.0)])
def test_boundary_in_chapter_1_is_that_of_the_caption(values: tuple[float, ...]) -> None:
    chapter = Chapter("01_perceptron")
    neuron = chapter.run_figure("neuron_and_half_plane")
    ask(neuron, **dict(zip(("w1", "w2", "b"), values, strict=True)))
    w1, w2, b, *_, z, answer = numbers_after(
        "Weights", neuron.frame["caption"].replace("bias ", "")
    )
    assert (w1, w2, b) == values
    assert z == pytest.approx(w1 + 2 * w2 + b, abs=0.05)
    assert answer == (z >= 0)
    across, up = chapter.names["border"].__closure__[1].cell_contents.get_data()
    assert w1 * across + w2 * up + b == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("step", [0, 3, 12])
def test_loss_in_chapter_1_is_that_of_the_caption(step: int) -> None:
    chapter = Chapter("01_perceptron")
    parabola = chapter.run_figure("loss_parabola")
    ask(parabola, step=step, alpha=0.05)
    shown_w, shown_loss = (
        numbers_after(words, parabola.frame["caption"])[0] for words in ("weight", "loss ")
    )
    (w,), (loss,) = chapter.names["here"].get_data()
    assert (shown_w, shown_loss) == (round(w, 2), round(loss, 2))
    assert loss == pytest.approx((2 * w - 2) ** 2)
    assert len(chapter.names["path"].get_xdata()) == step + 1


def test_nothing_global_changes() -> None:
    before = dict(matplotlib.rcParams)
    ask(Drawing().live, w=0.3)
    assert dict(matplotlib.rcParams) == before


def test_one_thread_does_the_algebra_of_a_frame() -> None:
    threads: list[int] = []
    fig, _ = plot.figure(3, 2)

    with threadpool_limits(2, user_api="blas"):

        @live.explore(fig, predict="", alt="{w:}", w=live.switch())
        def count(w: bool) -> None:
            pools = ThreadpoolController().select(user_api="blas").info()
            threads.extend(pool["num_threads"] for pool in pools)

    assert set(threads) == {1}


def test_code_in_c_may_import_while_a_figure_moves() -> None:
    fig, _ = plot.figure(3, 2)

    @live.explore(fig, predict="", alt="{seconds:}", w=live.switch())
    def imports(w: bool) -> dict[str, int]:
        return {"seconds": time.strptime("7", "%S").tm_sec}

    assert (imports.error, imports.frame["caption"]) == ("", "7")


def test_a_control_cannot_be_named_guess() -> None:
    fig, _ = plot.figure(3, 2)
    with pytest.raises(KindError, match=r"guess=.*, wanted a line to be drawn"):
        live.explore(fig, predict="?", alt="a", guess=live.switch())


def test_a_fourth_control_is_refused() -> None:
    fig, _ = plot.figure(3, 2)
    four = {name: live.switch() for name in "abcd"}
    with pytest.raises(ArgumentError, match="explore: got 4 controls, wanted at most 3"):
        live.explore(fig, predict="?", alt="a", **four)


def test_state_is_a_short_code_that_brings_the_figure_back(
    monkeypatch: pytest.MonkeyPatch, displayed: list[Any]
) -> None:
    turning = Drawing().live
    shell = SimpleNamespace(user_ns={"a_turning_line": turning, "other": 1})
    monkeypatch.setattr(livefigure, "get_ipython", lambda: shell)
    assert turning.state == "a_turning_line"
    ask(turning, w=-0.7)
    code, before = turning.state, shown(turning)
    assert code == turning.frame["state"] == "a_turning_line?w=-0.7"
    ask(turning, w=2)
    displayed.clear()
    live.restore(code)
    assert shown(turning)[1] == before[1]
    ((data, _),) = displayed
    assert data["text/plain"] == "Live figure. Slope −0.7, twice −1.4."
    live.restore("a_turning_line")
    assert turning.asked == {"w": 1.0}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("a_turning_lime?w=1", "restore: got 'a_turning_lime'.*did you mean 'a_turning_line'"),
        ("a_turning_line?v=1", "restore: got 'v'"),
        ("a_turning_line?w=9", "restore: got w=9, wanted a place where the control w can stand"),
        ("a_turning_line?w=red", "restore: got w=red"),
        ("", "restore: got ''"),
    ],
)
def test_code_that_fits_no_figure_is_refused(
    monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    turning = Drawing().live
    shell = SimpleNamespace(user_ns={"a_turning_line": turning})
    monkeypatch.setattr(livefigure, "get_ipython", lambda: shell)
    with pytest.raises((ArgumentError, UnknownNameError), match=said):
        live.restore(code)
    assert turning.asked == {"w": 1.0}


def test_one_frame_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    crowds: list[int] = []

    def slow(self: Frames) -> dict[str, Any]:
        inside.append(1)
        time.sleep(0.02)
        crowds.append(len(inside))
        inside.pop()
        return {"marks": [], "points": b"", "codes": b"", "pixels": b""}

    one, other = Drawing().live, Drawing().live
    monkeypatch.setattr(Frames, "draw", slow)
    places = [(one, 0.1), (other, 0.2), (one, 0.3), (other, 0.4)]
    threads = [threading.Thread(target=ask, args=[who], kwargs={"w": w}) for who, w in places]
    threads.append(threading.Thread(target=one._repr_mimebundle_))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(crowds) == {1}


def test_every_wish_for_frames_is_answered(sent: list[list[str]]) -> None:
    turning = Drawing().live
    ask(turning, w=0.3)
    sent.clear()
    for number in range(3):
        from_page(turning, wanted={"values": [{"w": -2}], "id": number})  # broken there
    assert sent == [["ahead"]] * 3
    assert turning.ahead == {"id": 2, "frames": [], "slow": turning.ahead["slow"]}


def test_figure_that_is_broken_only_at_its_printed_end_says_so(displayed: list[Any]) -> None:
    fig, _ = plot.figure(3, 2)

    @live.explore(fig, predict="", alt="{t:}", t=live.steps(3))
    def last_step_missing(t: int) -> None:
        [10, 20, 30][t]

    ((data, _),) = displayed
    assert data["text/plain"].startswith("Live figure. It is broken: IndexError")
    assert (last_step_missing.error, last_step_missing.frame["caption"]) == ("", "0")


@pytest.mark.parametrize("typed", ["}", "{", "\\", "$", r"\frac", "a_b", "50%", "'\"<"])
def test_whatever_is_typed_can_be_shown_and_stored(typed: str) -> None:
    fig, _ = plot.figure(3, 2)

    @live.explore(fig, predict="", formula="x = {said:}", alt="{said:}", said=live.text("a"))
    def echo(said: str) -> None:
        return None

    ask(echo, said=typed)
    assert echo.error == ""
    data, _ = echo._repr_mimebundle_()
    assert data["text/plain"] == f"Live figure. {typed}"
    assert states.values(echo.state, {"said": live.text("a")}) == {"said": typed}


def test_theme_reaches_a_figure_that_is_broken() -> None:
    turning = Drawing().live
    ask(turning, w=0.3)
    ask(turning, w=-2)
    from_page(turning, look={"theme": "dark", "pixel_ratio": 1})
    assert turning.error.startswith("ZeroDivisionError")
    assert picture_of(turning.paper["picture"]).getpixel((0, 0)) == (0x11, 0x11, 0x11)
    assert shown(turning)[1]["caption"] == "Slope 0.3, twice 0.6."


def test_ink_that_an_update_sets_is_light_on_dark_paper() -> None:
    fig, ax = plot.figure(3, 2)
    (line,) = ax.plot([0, 1], [0, 1])

    @live.explore(fig, predict="", alt="{on:}", on=live.switch())
    def inked(on: bool) -> None:
        line.set_color(plot.INK if on else plot.color("class0"))

    from_page(inked, look={"theme": "dark", "pixel_ratio": 1})
    strokes = []
    for on in (False, True):
        ask(inked, on=on)
        strokes.append(inked.frame["strokes"]["marks"][0]["stroke"])
    assert strokes == ["#0072b2ff", "#e6e6e6ff"]


def test_cell_that_is_run_again_closes_its_old_figure_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = iter(["one", "one", "one", "two", "two"])
    monkeypatch.setattr(livefigure, "_cell", lambda: next(cells))
    notebook: dict[str, Any] = {"live": live, "plot": plot}
    cell = """
@live.explore(plot.figure(3, 2)[0], predict="", alt="a figure", w=live.switch())
def update(w):
    return None
"""
    made = []
    for _ in range(3):
        exec(cell, notebook)
        made.append(notebook["update"])
    assert [figure.comm is None for figure in made] == [True, False, False]


def test_five_thousand_updates_leave_nothing_behind() -> None:
    turning = Drawing().live

    def play(count: int) -> int:
        for number in range(count):
            ask(turning, w=round(number % 40 / 10 - 1.9, 1))
            from_page(turning, wanted={"values": [{"w": round(number % 7 / 10, 1)}]})
        gc.collect()
        return len(gc.get_objects())

    early = play(100)
    assert play(5000) - early < 50
