"""Every kind of live figure, moved, seen and heard in JupyterLab and in Notebook 7."""

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jupyter_page import NotebookPage, Server, serve
from PIL import Image, ImageColor, ImageFilter
from playwright.sync_api import expect

from nnbook.plot.style import THEMES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Locator, Page

pytestmark = pytest.mark.browser

GALLERY, SHORT = "gallery.ipynb", "short.ipynb"
STEPPED = ("valley", "forward pass", "cell by cell", "there and back")
BROKEN = "root of x"
# The figures whose caption or formula tells where these controls are.
TOLD = {
    "soft border": ["steepness"],
    "slope and loss": ["w"],
    "loss that falls": ["rate"],
    "valley": ["step"],
    "neuron in the plane": ["w1", "b"],
    "forward pass": ["layer"],
    "attention map": ["temperature"],
    "there and back": ["step"],
    "hatched bars": ["length"],
}
# Where the controls start: a line of code leaves out what has not been moved.
START = {
    **{"steepness": 2, "w": 0.5, "rate": 0.1, "step": 0, "w1": 1, "b": -1, "layer": 0, "x1": 1},
    **{"message": "free prize", "kind": "strict", "twice": "off", "cell": 0, "temperature": 1},
    **{"causal": "off", "length": 2, "x": 1},
}
WIDTHS = {"lab": 1100, "notebook": 600}
MOVES = ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown")


# ---------------------------------------------------------- the page and what is in it


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the gallery without its outputs, and once more only as far as the second figure."""
    folder = tmp_path_factory.mktemp("gallery")
    notebook = json.loads((root / "tests" / GALLERY).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    (folder / GALLERY).write_text(json.dumps(notebook), encoding="utf-8")
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    end = next(n for n, source in enumerate(sources) if "def slope_and_loss" in source)
    notebook["cells"] = notebook["cells"][: end + 1]
    (folder / SHORT).write_text(json.dumps(notebook), encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["lab", "notebook"])
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    with serve(folder, application=request.param) as started:
        yield started


@pytest.fixture(scope="module")
def errors() -> list[str]:
    """Collect what our own scripts raise in any page of this module."""
    return []


@pytest.fixture(scope="module")
def running(browser: "Browser", server: Server, errors: list[str]) -> Iterator[NotebookPage]:
    """Open the gallery and run all of it."""
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    collect_errors(page, errors)
    opened = NotebookPage(page, server, GALLERY)
    opened.run_all()
    page.set_default_timeout(10_000)
    wait_until_still(page)
    yield opened
    page.close()


@pytest.fixture
def gallery(running: NotebookPage, errors: list[str]) -> Iterator[NotebookPage]:
    """Take the gallery as the test before left it, and look for errors after each test."""
    yield running
    assert errors == []


def collect_errors(page: "Page", errors: list[str]) -> None:
    """Widgets run from addresses with blob: in them; of what else a page complains is not ours."""
    page.on("pageerror", lambda error: collect(errors, error.stack or str(error)))
    page.on("console", lambda said: collect(errors, said.text if said.type == "error" else ""))


def collect(errors: list[str], text: str) -> None:
    if "blob:" in text:
        errors.append(text)


@dataclass(frozen=True)
class LiveFigure:
    """One figure of the page."""

    box: "Locator"

    @property
    def page(self) -> "Page":
        return self.box.page

    @property
    def canvas(self) -> "Locator":
        return self.box.locator("canvas")

    @property
    def controls(self) -> "Locator":
        return self.box.locator("fieldset.nnbook-controls").locator("input, select")

    @property
    def stops(self) -> "Locator":
        """Whatever can have the focus."""
        return self.box.locator("input:visible:enabled, select:enabled, button:enabled")

    def control(self, name: str) -> "Locator":
        return self.box.locator(f"[name={name}]")

    def button(self, name: str) -> "Locator":
        return self.box.get_by_role("button", name=name)

    def shown(self) -> str:
        """The pixels on the page, as the browser would encode them."""
        return str(self.canvas.evaluate("canvas => canvas.toDataURL()"))

    def pixels(self) -> np.ndarray:
        png = base64.b64decode(self.shown().partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def told(self) -> list[str]:
        """The formula, the caption, and the line of code for the state."""
        places = self.box.locator(".nnbook-formula, .nnbook-caption").all_text_contents()
        return [*places, self.box.locator(".nnbook-share input").input_value()]

    def caption(self) -> str:
        return self.box.locator(".nnbook-caption").inner_text()

    def state(self) -> dict[str, str]:
        """Where the controls are, by name, as a shared line writes it."""
        state: dict[str, str] = self.controls.evaluate_all(_STATE)
        return state

    def spoken(self) -> dict[str, str]:
        """What a screen reader says of each slider."""
        spoken: dict[str, str] = self.controls.evaluate_all(_SPOKEN)
        return spoken

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def skip(self) -> "LiveFigure":
        """Skip the prediction where it is open."""
        if self.button("Skip").count():
            self.button("Skip").click()
        return self

    def ask(self) -> "LiveFigure":
        """Open the prediction where it was answered."""
        if self.button("Predict again").count():
            self.button("Predict again").click()
        return self

    def rest(self) -> None:
        """Wait until the newest frame is on the canvas."""
        wait_until_still(self.page, self.box)


def wait_until_still(page: "Page", box: "Locator | None" = None) -> None:
    """Wait until every line of code names the state of its controls, and no canvas changes."""
    boxes = [box] if box else page.locator(".nnbook-figure:visible").all()
    handles = [one.element_handle() for one in boxes]
    page.wait_for_function(_STILL, arg=[handles, START], polling=100)


def figure(opened: NotebookPage, name: str, number: int = 0) -> LiveFigure:
    box = opened.page.get_by_role("group", name=name, exact=True).and_(
        opened.page.locator(".nnbook-figure")
    )
    box.nth(number).scroll_into_view_if_needed()
    return LiveFigure(box.nth(number))


def run_again(opened: NotebookPage, shown: LiveFigure) -> None:
    """Run the cell of a figure again, and wait for the new figure."""
    shown.canvas.evaluate("canvas => { canvas.dataset.old = 'yes'; }")
    opened.go_to(shown.box)
    opened.command("notebook:run-cell")
    expect(shown.canvas).not_to_have_attribute("data-old", "yes")
    shown.rest()


# ------------------------------------------------------------------ run, and not touched yet


def test_every_cell_runs_and_no_figure_shows_an_error(gallery: NotebookPage) -> None:
    raised = [output for output in gallery.outputs() if output["output_type"] == "error"]
    assert [f"{error['ename']}: {error['evalue']}" for error in raised] == []
    expect(gallery.page.locator(".nnbook-error:visible")).to_have_count(0)
    expect(gallery.page.locator(".nnbook-figure:visible")).to_have_count(len(TOLD) + 5)


def test_canvas_shows_what_matplotlib_draws(gallery: NotebookPage) -> None:
    near, far = {}, {}
    for number, data in enumerate(live_outputs(gallery)):
        shown = LiveFigure(gallery.page.locator(".nnbook-figure").nth(number))
        name = shown.box.get_attribute("aria-label") or ""
        if name in STEPPED:  # a saved notebook shows its end
            shown.skip().controls.first.focus()
            shown.press("End")
            shown.rest()
        pixels = shown.pixels()
        stored = stored_picture(data, pixels.shape)
        near[name], far[name] = (farthest(stored, one) for one in (pixels, pixels[:, ::-1]))
    assert {name: error for name, error in near.items() if error > 60} == {}
    assert {name: error for name, error in far.items() if error < 100} == {}  # the measure can tell


def live_outputs(opened: NotebookPage) -> list[dict[str, Any]]:
    data = [output.get("data", {}) for output in opened.outputs()]
    return [one for one in data if one.get("text/plain", "").startswith("Live figure.")]


def stored_picture(data: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    """Read the stored picture, without the formula and caption under it, in the canvas's size."""
    stored = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    height, width = shape[:2]
    part = (0, 0, stored.width, stored.width * height / width)
    return np.asarray(stored.resize((width, height), Image.Resampling.BOX, part))


def farthest(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two pictures out of focus, as edges differ in smoothing."""
    blurred = [
        np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(2)), dtype=float)
        for picture in (one, np.ascontiguousarray(other))
    ]
    return float(np.abs(blurred[0] - blurred[1]).max())


# ------------------------------------------------------------------------------- moved fast


@dataclass(frozen=True)
class Seen:
    """What a figure showed after it was moved fast, and after all was drawn afresh."""

    fast: str
    fresh: str
    told_fast: list[str]
    told_fresh: list[str]
    spoken: dict[str, str]
    places: list[list[float]]
    cut: list[str]


@pytest.fixture(scope="module")
def seen(running: NotebookPage, server: Server) -> dict[str, Seen]:
    """Move every control fast while the kernel is busy, then have everything drawn afresh.

    It is done on a wide page in JupyterLab and on a narrow one in Notebook 7.
    """
    running.page.set_viewport_size({"width": WIDTHS[server.application], "height": 1000})
    rng, figures = Random(0), movable(running)
    wait_until_still(running.page)
    for one in figures.values():
        one.box.evaluate(_MEASURE)
        running.execute("import time; time.sleep(0.1)", wait=False)
        for control in one.controls.all():
            move_about(control, rng, presses=30 // one.controls.count())
    drag(figures["neuron in the plane"].control("w1"), to=0.7)
    wait_until_still(running.page)
    fast = {
        name: (one.shown(), one.told(), one.box.evaluate("box => box.places"))
        for name, one in figures.items()
    }
    repaint(running)
    return {name: compared(one, *fast[name]) for name, one in figures.items()}


def compared(one: LiveFigure, shown: str, told: list[str], places: list[list[float]]) -> Seen:
    cut = one.box.evaluate(_CUT)
    return Seen(shown, one.shown(), told, one.told(), one.spoken(), places, cut)


def movable(opened: NotebookPage) -> dict[str, LiveFigure]:
    """Return the figures that can be moved everywhere, with their predictions skipped."""
    names = [*TOLD, "votes of words", "cell by cell"]
    return {name: figure(opened, name).skip() for name in names}


def move_about(control: "Locator", rng: Random, presses: int) -> None:
    """Press keys on one control, without waiting for anything."""
    control.focus()
    kind = control.get_attribute("type")
    keys = {"checkbox": ["Space"], "text": [*"free ", "Backspace"]}.get(kind or "", MOVES)
    for key in rng.choices(keys, k=presses):
        control.page.keyboard.press(key)


def drag(slider: "Locator", to: float) -> None:
    """Drag a slider's thumb to and fro, and leave it at a part of its way."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    thumb, middle = box["height"], box["y"] + box["height"] / 2
    mouse = slider.page.mouse
    for part in (0.5, *islice(cycle([0.1, 0.9, 0.35, 0.8, 0.2]), 25), to):
        mouse.move(box["x"] + thumb / 2 + part * (box["width"] - thumb), middle)
        mouse.down()
    mouse.up()


def repaint(opened: NotebookPage) -> None:
    """Have every figure drawn anew: another theme throws away all frames that were kept."""
    for dark in (True, False):
        wear(opened, dark=dark)
    wait_until_still(opened.page)


def wear(opened: NotebookPage, *, dark: bool) -> None:
    opened.dark(dark)
    paper = ImageColor.getrgb(THEMES["dark" if dark else "light"]["paper"])
    opened.page.wait_for_function(_ON_PAPER, arg=list(paper))


@pytest.mark.usefixtures("gallery")
def test_after_fast_moves_the_canvas_is_as_if_drawn_afresh(seen: dict[str, Seen]) -> None:
    assert [name for name, one in seen.items() if one.fast != one.fresh] == []
    assert len({one.fresh for one in seen.values()}) == len(seen)


def test_after_fast_moves_formula_and_caption_tell_where_the_controls_are(
    seen: dict[str, Seen],
) -> None:
    for name, one in seen.items():
        assert one.told_fast == one.told_fresh
        words = " ".join(one.told_fast[:-1])
        for control in TOLD.get(name, []):
            value = re.escape(one.spoken[control])
            assert re.search(rf"(?<![\d.]){value}(?!\d|\.\d)", words), (value, words)


def test_drag_ends_in_the_picture_of_its_last_value(seen: dict[str, Seen]) -> None:
    one = seen["neuron in the plane"]
    assert one.spoken["w1"] == "0.8"
    assert one.told_fast[1].startswith("A neuron with weights 0.8 and 1,")
    assert one.fast == one.fresh


def test_nothing_jumps_while_a_figure_moves(seen: dict[str, Seen]) -> None:
    for name, one in seen.items():
        tops, heights = (list(each) for each in zip(*one.places, strict=True))
        assert len(set(tops)) == 1, name  # controls and picture stay where they are
        assert heights == sorted(heights), name  # what needs room below keeps it
        assert len(set(heights)) <= 3, name


def test_nothing_is_cut_or_stands_outside(seen: dict[str, Seen]) -> None:
    assert [cut for one in seen.values() for cut in one.cut] == []


# --------------------------------------------------------------------------- the prediction


def test_controls_wait_for_the_prediction(gallery: NotebookPage) -> None:
    for name in HEARD:
        shown = figure(gallery, name).ask()
        everything = shown.box.locator("fieldset.nnbook-controls").locator("input, select, button")
        disabled = "all => all.map((one) => one.matches(':disabled'))"
        assert set(everything.evaluate_all(disabled)) == {True}
        shown.skip()
        expect(shown.box.get_by_role("status")).to_contain_text("You skipped the prediction.")
        assert set(everything.evaluate_all(disabled)) == {False}


def test_chosen_prediction_is_remembered_and_can_be_made_again(gallery: NotebookPage) -> None:
    shown = figure(gallery, "soft border").ask()
    shown.button("Commit").click()
    expect(shown.box.get_by_role("alert")).to_contain_text("Choose one first.")
    shown.box.get_by_label("It becomes wider.").check()
    shown.button("Commit").click()
    assert_predicted(gallery, shown, "You predicted: It becomes wider.")


def test_predicted_number_may_have_a_comma(gallery: NotebookPage) -> None:
    shown = figure(gallery, "slope and loss").ask()
    shown.box.get_by_label("Your number").fill("0,9")
    shown.button("Commit").click()
    assert_predicted(gallery, shown, "You predicted: 0.9")


def test_drawn_prediction_stays_in_the_picture(gallery: NotebookPage) -> None:
    shown = figure(gallery, "loss that falls").skip()
    shown.rest()
    without = shown.shown()
    shown.ask().control("start").focus()
    shown.press("End", "Tab", "Home")
    shown.button("Commit").click()
    shown.rest()
    assert shown.shown() != without
    assert "Your line: 1.00 to 0.00." in shown.caption()
    assert_predicted(gallery, shown, "Your prediction is the dotted line.")
    assert "Your line: 1.00 to 0.00." in shown.caption()


def test_skipped_prediction_is_remembered(gallery: NotebookPage) -> None:
    shown = figure(gallery, "votes of words").ask().skip()
    assert_predicted(gallery, shown, "You skipped the prediction.")


def assert_predicted(opened: NotebookPage, shown: LiveFigure, words: str) -> None:
    """Read the prediction now and after the cell was run again; then it can be made anew."""
    for again in (False, True):
        if again:
            run_again(opened, shown)
        expect(shown.box.locator(".nnbook-predicted")).to_contain_text(words)
        expect(shown.controls.first).to_be_enabled()
    shown.ask()
    expect(shown.button("Commit")).to_be_visible()
    expect(shown.controls.first).to_be_disabled()


# ------------------------------------------------------------------------------ the stepper


def test_play_goes_to_the_end_and_begins_again_from_there(gallery: NotebookPage) -> None:
    shown = figure(gallery, "valley").skip()
    shown.control("step").focus()
    shown.press("End", *["ArrowLeft"] * 3)
    shown.control("step").evaluate(_WRITE_DOWN)
    shown.button("Play: step").click()
    expect(shown.button("Pause: step")).to_be_visible()
    expect(shown.control("step")).to_have_value("40")
    expect(shown.button("Play: step")).to_be_visible()
    assert shown.page.evaluate("() => window.steps") == [38, 39, 40]
    shown.button("Play: step").click()
    expect(shown.control("step")).to_have_value(re.compile(r"[2-9]|\d\d"))
    shown.button("Pause: step").click()
    assert shown.page.evaluate("() => window.steps.slice(3, 6)") == [0, 1, 2]


def test_pause_and_the_other_buttons_of_a_stepper(gallery: NotebookPage) -> None:
    shown = figure(gallery, "valley").skip()
    step = shown.control("step")
    shown.button("To the start: step").click()
    shown.button("Play: step").click()
    expect(step).to_have_value(re.compile(r"[3-9]|\d\d"))
    shown.button("Pause: step").click()
    stopped = int(step.input_value())
    gallery.page.wait_for_timeout(300)
    assert int(step.input_value()) == stopped
    for name, place in (("On one", stopped + 1), ("Back one", stopped), ("To the start", 0)):
        shown.button(f"{name}: step").click()
        expect(step).to_have_value(str(place))
        shown.rest()
        assert shown.caption().startswith(f"Step {place} of descent")


def test_asking_again_stops_the_play(gallery: NotebookPage) -> None:
    shown = figure(gallery, "valley").skip()
    shown.button("To the start: step").click()
    shown.button("Play: step").click()
    expect(shown.control("step")).to_have_value(re.compile(r"[2-9]|\d\d"))
    shown.ask()
    expect(shown.box.locator("[aria-label='Play: step']")).to_be_visible()
    assert int(shown.control("step").input_value()) < 40
    shown.skip()


# ------------------------------------------------------------------- broken, restored, shared


def test_broken_figure_says_where_and_can_be_moved_back(gallery: NotebookPage) -> None:
    shown = figure(gallery, BROKEN)
    error = shown.box.get_by_role("alert")
    shown.control("x").focus()
    shown.press("Home")
    expect(error).to_contain_text("ValueError: no real number has this square")
    expect(error).to_contain_text('raise ValueError("no real number has this square")')
    expect(gallery.page.locator(".nnbook-error:visible")).to_have_count(1)
    expect(shown.control("x")).to_be_focused()
    shown.press("End")
    expect(error).to_be_hidden()
    shown.rest()
    assert shown.caption() == "A point at 4.0 and the root of it."


def test_restored_state_is_shown_in_both_views_which_follow_each_other(
    gallery: NotebookPage,
) -> None:
    restore(gallery)
    first, second = (figure(gallery, "slope and loss", number).skip() for number in (0, 1))
    for moved, key, value in ((first, "Home", "−1.00"), (second, "End", "2.00")):
        moved.control("w").focus()
        moved.press(key)
        assert_alike(first, second, value)
    restore(gallery)
    assert_alike(first, second, "1.00")


def restore(opened: NotebookPage) -> None:
    """Run the last cell, which shows the figure in a state that somebody sent."""
    opened.go_to(opened.page.locator(".jp-CodeCell").last)
    opened.command("notebook:run-cell")
    expect(opened.page.get_by_role("group", name="slope and loss")).to_have_count(2)


def assert_alike(first: LiveFigure, second: LiveFigure, value: str) -> None:
    for one in (first, second):
        expect(one.control("w")).to_have_attribute("aria-valuetext", value)
        one.rest()
        assert one.caption().startswith(f"A line of slope {value} through")
    assert first.told() == second.told()
    assert first.shown() == second.shown()


def test_shared_line_brings_its_state_back(gallery: NotebookPage) -> None:
    shown = figure(gallery, "votes of words").skip()
    shown.control("message").fill("prize & <b> meeting, free?")
    shown.control("kind").select_option("mild")
    shown.control("twice").check()
    shown.rest()
    state, told = shown.state(), shown.told()
    line = shared_line(shown)
    assert line.startswith('live.restore("votes_of_words?')
    shown.control("message").fill("")
    shown.control("kind").select_option("strict")
    shown.rest()
    assert shown.told() != told
    gallery.page.wait_for_timeout(300)  # what was moved a moment ago is not overruled
    gallery.execute(line)
    expect(shown.control("message")).to_have_value("prize & <b> meeting, free?")
    shown.rest()
    assert (shown.state(), shown.told()) == (state, told)


def shared_line(shown: LiveFigure) -> str:
    """Open the line of code, read it, and close it again."""
    shown.button("Share").click()
    line = shown.box.get_by_label("Code that shows this state of the figure")
    expect(line).to_be_focused()
    text = line.input_value()
    assert shown.page.evaluate("() => getSelection().toString()") == text
    shown.button("Share").click()
    expect(line).to_be_hidden()
    return text


def test_figure_that_is_drawn_later_shows_itself_though_the_paper_has_changed(
    gallery: NotebookPage,
) -> None:
    for name in ("hatched bars", "neuron in the plane"):
        run_again(gallery, shown := figure(gallery, name))
        shown.controls.first.focus()  # frames are drawn ahead, and need another paper
        wait_until_still(gallery.page)
        told = shown.told()
        gallery.go_to(shown.box)
        gallery.command("notebook:move-cell-down")
        shown.rest()
        assert shown.told() == told
        assert len(np.unique(shown.pixels().reshape(-1, 3), axis=0)) > 20


# ------------------------------------------------------------------------------ how it looks


def test_dark_theme_reaches_every_canvas_and_every_word_can_be_read(gallery: NotebookPage) -> None:
    figure(gallery, "soft border").ask()
    broken = figure(gallery, BROKEN)
    broken.control("x").focus()
    for dark in (True, False):
        broken.press("End")
        wear(gallery, dark=dark)
        broken.press("Home")
        expect(broken.box.get_by_role("alert")).to_be_visible()
        words = gallery.page.locator(".nnbook-figure").evaluate_all(_CONTRASTS)
        assert len(words) > 100
        assert [f"{word}: {ratio:.1f}" for word, ratio in words if ratio < 4.5] == []
    broken.press("End")


# --------------------------------------------------- by keyboard and ear, without eyes or mouse

SHARE = ("button", "Share", "")
AGAIN = ("button", "Predict again", "")
COMMIT = [("button", "Commit", ""), ("button", "Skip", "")]
STEPPER = [(f"{name}: step") for name in ("To the start", "Back one", "Play", "On one")]
# What has the focus after each Tab, before and after the prediction: role, name, spoken value.
HEARD = {
    "soft border": (
        [("radio", "It becomes narrower.", ""), *COMMIT, SHARE],
        [AGAIN, ("slider", "steepness", "2.0"), SHARE],
    ),
    "slope and loss": (
        [("textbox", "Your number", ""), *COMMIT, SHARE],
        [AGAIN, ("slider", "weight w", "0.50"), SHARE],
    ),
    "loss that falls": (
        [
            ("slider", "loss at the start", "0.50"),
            ("slider", "loss at the end", "0.50"),
            *COMMIT,
            SHARE,
        ],
        [AGAIN, ("slider", "learning rate", "0.10"), SHARE],
    ),
    "valley": (
        [("radio", "Yes.", ""), *COMMIT, SHARE],
        [AGAIN, ("slider", "step", "0"), *(("button", name, "") for name in STEPPER), SHARE],
    ),
    "votes of words": (
        [("radio", "strict", ""), *COMMIT, SHARE],
        [
            AGAIN,
            ("textbox", "message", "free prize"),
            ("combobox", "kind", "strict"),
            ("checkbox", "count words twice", "false"),
            SHARE,
        ],
    ),
}


@pytest.fixture
def ear(gallery: NotebookPage) -> Iterator["CDPSession"]:
    """Open the browser's accessibility tree, which screen readers read."""
    session = gallery.page.context.new_cdp_session(gallery.page)
    yield session
    session.detach()


def begin(opened: NotebookPage, name: str) -> LiveFigure:
    """Bring a figure back to where it starts, with its prediction open and the focus before it."""
    code = name.replace(" ", "_")
    drawn = " | {'start': 0.5, 'end': 0.5}" if name == "loss that falls" else ""
    opened.execute(f"{code}.move_to('{code}'); {code}.asked = {code}.asked{drawn}")
    opened.execute(f"{code}.prediction = {{}}")
    shown = figure(opened, name)
    expect(shown.button("Commit")).to_be_visible()
    shown.rest()
    enter(shown)
    return shown


def enter(shown: LiveFigure) -> None:
    """Put the focus before the first control."""
    shown.box.evaluate("box => { box.tabIndex = -1; box.focus(); }")


@pytest.mark.parametrize("name", HEARD)
def test_tab_meets_every_control_in_the_order_of_the_page(
    gallery: NotebookPage, ear: "CDPSession", name: str
) -> None:
    shown = begin(gallery, name)
    for heard in HEARD[name]:
        enter(shown)
        assert [tab(shown, ear) for _ in heard] == heard
        shown.press(*["Shift+Tab"] * (len(heard) - 1))
        assert listen(shown, ear)[0] == heard[0][0]
        shown.press(*["Tab"] * len(heard))
        assert not has_focus(shown)
        shown.skip()


def tab(shown: LiveFigure, ear: "CDPSession") -> tuple[str, str, str]:
    """Go to the next control, which must be seen to have the focus, below or after the last."""
    before = shown.page.evaluate(_FOCUS)
    shown.press("Tab")
    after = shown.page.evaluate(_FOCUS)
    assert after["outline"] >= 2, "the focus cannot be seen"
    assert after["top"] > before["top"] + 10 or after["left"] > before["left"]
    return listen(shown, ear)


def listen(shown: LiveFigure, ear: "CDPSession") -> tuple[str, str, str]:
    """Return role, name and spoken value of what has the focus, as a screen reader gets them."""
    found = ear.send("Runtime.evaluate", {"expression": "document.activeElement"})
    wanted = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
    node = ear.send("Accessibility.getPartialAXTree", wanted)["nodes"][0]
    more = {one["name"]: one["value"].get("value") for one in node["properties"]}
    role, name = node["role"]["value"], node["name"]["value"]
    if role == "slider":  # the tree has it, but the protocol leaves it out
        return role, name, shown.page.evaluate("() => document.activeElement.ariaValueText")
    spoken = more["checked"] if role == "checkbox" else node.get("value", {}).get("value", "")
    return role, name, spoken


def has_focus(shown: LiveFigure) -> bool:
    inside: bool = shown.box.evaluate("box => box.contains(document.activeElement)")
    return inside


@pytest.mark.parametrize(
    ("name", "keys", "words"),
    [
        ("soft border", ["Space", "ArrowDown", "Enter"], "You predicted: It becomes wider."),
        ("slope and loss", [*"0,9", "Enter"], "You predicted: 0.9"),
        ("loss that falls", ["End", "Tab", "Home", "Tab", "Space"], "the dotted line"),
        ("valley", ["Space", "Tab", "Tab", "Enter"], "You skipped the prediction."),
        ("votes of words", ["Space", "Tab", "Space"], "You predicted: strict"),
    ],
)
def test_prediction_is_made_and_made_again_by_keyboard(
    gallery: NotebookPage, ear: "CDPSession", name: str, keys: list[str], words: str
) -> None:
    shown = begin(gallery, name)
    shown.press("Tab", *keys)
    expect(shown.box.locator(".nnbook-predicted")).to_contain_text(words)
    assert listen(shown, ear) == HEARD[name][1][1]  # the focus goes on to the first control
    shown.press("Shift+Tab", "Enter")
    expect(shown.button("Commit")).to_be_visible()
    assert listen(shown, ear)[:2] == HEARD[name][0][0][:2]


def test_spoken_value_is_what_the_figure_shows(gallery: NotebookPage, ear: "CDPSession") -> None:
    shown = figure(gallery, "neuron in the plane")
    shown.control("w1").focus()
    shown.press("Home", *["ArrowRight"] * 3, *["ArrowUp"] * 2)
    assert listen(shown, ear) == ("slider", "weight w₁", "−1.5")
    shown.press("End", *["ArrowLeft"] * 17)
    assert listen(shown, ear) == ("slider", "weight w₁", "0.3")
    shown.rest()
    assert shown.caption().startswith("A neuron with weights 0.3 and 1,")
    expect(shown.box.get_by_role("img", name=shown.caption(), exact=True)).to_have_count(1)
    assert shown.caption() in shown.box.aria_snapshot()


def test_focus_stays_where_the_reader_is(gallery: NotebookPage, ear: "CDPSession") -> None:
    shown = figure(gallery, "valley").skip()
    play = shown.box.locator("[aria-label$='y: step'], [aria-label^='Pause']")
    play.focus()
    shown.press("Enter")
    assert listen(shown, ear) == ("button", "Pause: step", "")
    shown.press("Space")
    assert listen(shown, ear) == ("button", "Play: step", "")
    shown.button("To the start: step").focus()
    shown.press("Enter", "Enter")
    assert listen(shown, ear)[1] == "To the start: step"
    shown.button("Share").focus()
    shown.press("Enter")
    assert listen(shown, ear)[:2] == ("textbox", "Code that shows this state of the figure")
    shown.press("Shift+Tab", "Space")
    assert listen(shown, ear) == SHARE


def test_caption_is_said_once_when_the_control_rests(gallery: NotebookPage) -> None:
    shown = figure(gallery, "soft border").skip()
    said, slider = shown.box.locator("[aria-live]"), shown.control("steepness")
    slider.focus()
    shown.press("Home")
    expect(said).to_contain_text("steepness 0.0")
    said.evaluate(_HEAR)
    slider.evaluate(
        "slider => { for (let step = 1; step <= 20; step++) slider.moveTo(step / 10); }"
    )
    expect(said).to_contain_text("steepness 2.0")
    assert gallery.page.evaluate("() => window.heard") == [shown.caption()]


def test_keys_typed_in_a_figure_do_nothing_to_the_notebook(gallery: NotebookPage) -> None:
    for name in HEARD:
        shown = figure(gallery, name).ask()
        for _ in range(2):
            enter(shown)  # which makes its cell the active one
            before = gallery.page.evaluate(_NOTEBOOK)
            try_every_key(shown)
            assert gallery.page.evaluate(_NOTEBOOK) == before
            shown.skip()


def try_every_key(shown: LiveFigure) -> None:
    """Press what the notebook takes for commands, on everything that can have the focus."""
    for stop in shown.stops.element_handles():
        stop.focus()
        shown.press("ArrowDown", *"abddx")
        if stop.evaluate("stop => !stop.form && stop.textContent !== 'Predict again'"):
            shown.press("Enter")
        assert has_focus(shown)


def test_text_takes_the_letters_and_lets_the_reader_go(gallery: NotebookPage) -> None:
    shown = figure(gallery, "votes of words").skip()
    shown.control("message").focus()
    shown.press("Control+a", *"add prize", "Home", "Delete", "Tab")
    expect(shown.control("message")).to_have_value("dd prize")
    expect(shown.control("kind")).to_be_focused()
    shown.press("Shift+Tab")
    expect(shown.control("message")).to_be_focused()


# --------------------------------------------------------- a sharp screen, and a fresh kernel


def test_sharp_screen_gets_twice_the_pixels_also_from_a_new_kernel(
    browser: "Browser", server: Server, errors: list[str]
) -> None:
    page = browser.new_page(viewport={"width": 1100, "height": 1000}, device_scale_factor=2)
    collect_errors(page, errors)
    opened = NotebookPage(page, server, SHORT)
    opened.run_all()
    assert_sharp_and_alive(opened)
    opened.restart_and_run_all()
    assert_sharp_and_alive(opened)
    page.close()
    assert errors == []


def assert_sharp_and_alive(opened: NotebookPage) -> None:
    for name in ("soft border", "slope and loss"):
        shown = figure(opened, name).skip()
        expect(shown.canvas).to_have_js_property("width", 1280)
        expect(shown.canvas).to_have_css("width", "640px")
        shown.rest()
        told, seen = shown.told(), shown.shown()
        shown.controls.first.focus()
        shown.press("End", "ArrowLeft")
        shown.rest()
        assert shown.told() != told
        assert shown.shown() != seen
        expect(shown.canvas).to_have_js_property("width", 1280)


# --------------------------------------------------------------------------- in the page

_STATE = """controls => Object.fromEntries(controls.map(({ name, type, checked, value }) =>
  [name, type === "checkbox" ? (checked ? "on" : "off") : value]))"""
_PANEL = "window.jupyterapp.shell.currentWidget"
_NOTEBOOK = f"""() => [{_PANEL}.content.activeCellIndex, {_PANEL}.content.mode,
  ...{_PANEL}.content.model.sharedModel.toJSON().cells.map(({{ id }}) => id)]"""
# Each line of code names the values of the controls, and all looks as it did 100 ms ago.
_STILL = """([figures, start]) => {
  const agrees = (moved) => ({ name, type, checked, value }) => {
    const told = moved.get(name) ?? start[name];
    if (type === "checkbox") return told === (checked ? "on" : "off");
    return type === "range" ? Number(told) === Number(value) : told === value;
  };
  const now = figures.map((figure) => {
    const code = figure.querySelector(".nnbook-share input")?.value ?? "";
    const moved = new URLSearchParams(/\\?(.*)"/.exec(code)?.[1] ?? "");
    const controls = [...figure.querySelectorAll("fieldset.nnbook-controls :is(input, select)")];
    const shown = `${figure.clientHeight} ${figure.querySelector("canvas").toDataURL()}`;
    return controls.every(agrees(moved)) && shown;
  });
  const still = now.every((shown, number) => shown && shown === window.shownBefore?.[number]);
  window.shownBefore = now;
  return still;
}"""
_ON_PAPER = """paper => [...document.querySelectorAll(".nnbook-figure canvas")].every((canvas) => {
  const corner = canvas.getContext("2d").getImageData(1, 1, 1, 1).data;
  return paper.every((part, number) => part === corner[number]);
})"""
_SPOKEN = """controls => Object.fromEntries(
  controls.map(({ name, ariaValueText }) => [name, ariaValueText]))"""
_MEASURE = """figure => {
  const canvas = figure.querySelector("canvas");
  figure.places = [];
  new ResizeObserver(() => figure.places.push([canvas.offsetTop, figure.clientHeight]))
    .observe(figure);
}"""
_HEAR = """region => {
  window.heard = [];
  new MutationObserver(() => window.heard.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""
_WRITE_DOWN = """slider => {
  window.steps = [];
  slider.addEventListener("input", () => window.steps.push(Number(slider.value)));
}"""
_FOCUS = """() => {
  const focused = document.activeElement, { top, left } = focused.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return { top, left, outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth) };
}"""
# What stands outside its own box or under something else.
_CUT = """figure => [...figure.querySelectorAll("button, input, select, output, label > span, p")]
  .filter((one) => one.checkVisibility() && !one.closest(".nnbook-hidden"))
  .filter((one) => {
    const own = one.getBoundingClientRect(), all = figure.getBoundingClientRect();
    const cut = !["INPUT", "SELECT"].includes(one.tagName) && one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).display !== "inline";
    return own.left < all.left - 1 || own.right > all.right + 1 || own.width < 1 || cut;
  }).map((one) => one.outerHTML)"""
# Contrast of words against what is behind them, after WCAG 2.2; formulas have colors of their own.
_CONTRASTS = """figures => {
  const parts = (color) => [...color.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = ([r, g, b, a], under) => [r, g, b].map((part, n) => part * a + under[n] * (1 - a));
  const light = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ratio = (element) => {
    let paper = [255, 255, 255], ink = getComputedStyle(element).color, veil = null;
    const above = [];
    for (let one = element; one; one = one.parentElement) above.unshift(getComputedStyle(one));
    for (const { backgroundColor, opacity } of above) {
      if (Number(opacity) < 1) veil = [paper, Number(opacity)];
      paper = over(parts(backgroundColor), paper);
    }
    ink = over(parts(ink), paper);
    const seen = (color) => veil ? over([...color, veil[1]], veil[0]) : color;
    const [dark, bright] = [luminance(seen(ink)), luminance(seen(paper))].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const hasWords = (one) => one.matches("select, input[type=text]")
    || [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return figures.flatMap((figure) => [...figure.querySelectorAll("*")]
    .filter((one) => one.checkVisibility() && hasWords(one))
    .filter((one) => !one.closest("math, option, canvas, .nnbook-hidden"))
    .map((one) => [one.outerHTML.slice(0, 90), ratio(one)]));
}"""
