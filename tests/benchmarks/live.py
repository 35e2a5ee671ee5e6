"""How fast live figures follow, beside `ipywidgets.interact` and a page without a kernel.

    python tests/benchmarks/live.py [--presses 30] [--updates 5000] [--json FILE]

Every live figure of the book is measured, and two more in the same page: the neuron of chapter 1
with `interact`, and the same neuron drawn wholly in JavaScript, which is the floor. All run in
JupyterLab in headless Chromium, in turns, so that the ratios hold on any machine. Measured in the
page: from a key press on a control to the second animation frame after the picture was drawn, when
it is on the screen; the same with nothing drawn ahead, so that the kernel has to draw each picture
when it is asked for; pictures a second while the slider is dragged; how long after the end of a
drag the last picture comes; and what 5,000 steps leave in the memory of the page's process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from jupyter_page import NotebookPage, open_browser, serve

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
FLOOR_SOURCE = Path(__file__).with_name("floor.js")
FIGURE = "live.explore("
BETWEEN_PRESSES_MS = 300

FLOOR = """
import anywidget

class Floor(anywidget.AnyWidget):
    _esm = {esm!r}

display(Floor())
"""

INTERACT = """
%matplotlib inline
import ipywidgets
import matplotlib.pyplot as plt
import numpy as np

from nnbook import plot

@ipywidgets.interact(
    w1=ipywidgets.FloatSlider(value=1, min=-2, max=2, step=0.1),
    w2=ipywidgets.FloatSlider(value=1, min=-2, max=2, step=0.1),
    b=ipywidgets.FloatSlider(value=-1, min=-4, max=4, step=0.1),
)
def with_interact(w1, w2, b):
    w, dot = np.array([w1, w2]), np.array([1.0, 2.0])
    with plot.style():
        fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6), width_ratios=[1.1, 1])
    right.set(xlim=(-4, 4), ylim=(-4, 4), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    plot.neuron(left, dot, w, b, int(w @ dot + b >= 0))
    plot.half_planes(right, w, b)
    right.plot(*dot, "o", color=plot.INK, markersize=9, zorder=5)
    plot.boundary(right, w, b)
    plot.arrow(right, [0, 0], w)
    plt.show()
"""

NOTHING_AHEAD = """
import gc
from nnbook.live.livefigure import LiveFigure
for figure in gc.get_objects():
    if isinstance(figure, LiveFigure):
        figure.unobserve(figure._on_wanted, "wanted")
"""

# Notes when each new picture of one figure is on the screen: the second animation frame after an
# image in it has loaded, or after something was drawn on a canvas in it.
WATCH = """root => {
  const state = { waiting: null, delays: [], pictures: [], steps: 0, due: false };
  const first = window.watched === undefined;
  window.watched = state;
  window.watchedRoot = root;
  if (!first) return;
  const note = () => {
    const now = performance.now(), state = window.watched;
    state.due = false;
    state.pictures.push(now);
    if (state.waiting !== null) state.delays.push(now - state.waiting);
    state.waiting = null;
  };
  const changed = (element) => {
    if (window.watched.due || !element.closest?.(window.watchedRoot)) return;
    window.watched.due = true;
    requestAnimationFrame(() => requestAnimationFrame(note));
  };
  window.addEventListener("keydown", (event) => {
    window.watched.waiting = event.timeStamp;
  }, true);
  window.addEventListener("input", () => { window.watched.steps += 1; }, true);
  document.addEventListener("load", ({ target }) => {
    if (target.tagName === "IMG") changed(target);
  }, true);
  for (const name of ["fill", "stroke", "drawImage", "putImageData", "clearRect"]) {
    const original = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...of) {
      changed(this.canvas);
      return original.apply(this, of);
    };
  }
}"""

# Sliders by turns, to places that spread over their whole ranges, so that most states are new.
STEP_MANY = """async ([sliders, count]) => {
  const inputs = [...document.querySelectorAll(sliders)];
  for (let done = 0; done < count; done++) {
    const { [done % inputs.length]: input } = inputs, share = (done * 0.6180339887) % 1;
    input.value = Number(input.min) + share * (input.max - input.min);
    input.dispatchEvent(new Event("input"));
    if (done % 5 === 0) await new Promise(requestAnimationFrame);
  }
}"""


@dataclass
class Figure:
    """One live figure in the page: where it is, and what was measured."""

    name: str
    root: str
    control: str
    delays: list[float] = field(default_factory=list)
    unprepared: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)

    def press(self, page: Any, presses: int) -> None:
        """Press a key on the control, wait for the picture, and press the next."""
        page.locator(self.control).first.focus()
        page.wait_for_timeout(BETWEEN_PRESSES_MS)  # focus lets the kernel draw the neighbours
        page.evaluate(WATCH, self.root)
        keys, run = self._keys(page)
        for number in range(presses):
            page.keyboard.press(keys[number // run % 2])
            page.wait_for_timeout(BETWEEN_PRESSES_MS)  # to ask meanwhile would cost the page frames
        self.delays += page.evaluate("watched.delays")

    def press_unprepared(self, page: Any, presses: int) -> None:
        """Walk a slider in one direction while nothing is drawn ahead."""
        page.locator(self.control).first.focus()
        page.keyboard.press("Home")
        page.wait_for_timeout(BETWEEN_PRESSES_MS)
        page.evaluate(WATCH, self.root)
        for _ in range(min(presses, self._places(page))):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(BETWEEN_PRESSES_MS)
        self.unprepared += page.evaluate("watched.delays")

    def _places(self, page: Any) -> int:
        """Return how many steps a slider has; a menu and a box have none that are new."""
        steps = page.locator(self.control).first.evaluate(
            "e => e.max ? (e.max - e.min) / e.step : 0"
        )
        return round(steps)

    def _keys(self, page: Any) -> tuple[tuple[str, str], int]:
        """Return the keys there and back, and how often each can be pressed in a run."""
        kind = page.locator(self.control).first.evaluate("e => e.type ?? e.className")
        if kind == "text":
            return ("a", "Backspace"), 8
        if kind == "checkbox":
            return (" ", " "), 1
        return ("ArrowRight", "ArrowLeft"), min(8, max(1, self._places(page) // 2))

    def drag(self, page: Any, seconds: float = 3.0) -> None:
        """Drag the slider to and fro without a rest, let go, and watch the last pictures."""
        grip, box = (part.bounding_box() for part in self._grip_and_track(page))
        page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.evaluate(WATCH, self.root)
        start = page.evaluate("performance.now()")
        step = 0
        while page.evaluate("performance.now()") < start + 1000 * seconds:
            share = 0.5 + 0.3 * abs(step % 60 - 30) / 30
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
            step += 1
        end = page.evaluate("performance.now()")
        page.mouse.up()
        page.wait_for_timeout(1500)
        pictures, steps = page.evaluate("[watched.pictures, watched.steps]")
        if steps:  # the sliders of ipywidgets say nothing
            self.shares.append(min(len(pictures) / steps, 1.0))
        self.rates.append(sum(start < at <= end for at in pictures) / (end - start) * 1000)
        self.tails.append(max([at - end for at in pictures if at > end], default=0.0))

    def _grip_and_track(self, page: Any) -> tuple[Any, Any]:
        """Return what to take hold of and what it moves along, scrolled into view."""
        grip = page.locator(self.control).first
        grip.scroll_into_view_if_needed()
        return grip, grip.locator("xpath=../../..") if "noUi" in self.control else grip


def yardsticks() -> tuple[Figure, Figure]:
    """Return the floor, and what everybody does."""
    floor = Figure("JavaScript alone", ".floor", ".floor input")
    interact = Figure("ipywidgets.interact", ".widget-interact", ".widget-interact .noUi-handle")
    return floor, interact


@contextmanager
def opened(chapter: Path) -> Iterator[tuple[NotebookPage, list[Figure]]]:
    """Run a chapter with the two yardsticks under it; yield the page and its live figures."""
    notebook = nbformat.read(chapter, as_version=4)
    yardstick_cells = (FLOOR.format(esm=FLOOR_SOURCE.read_text("utf-8")), INTERACT)
    notebook.cells += [nbformat.v4.new_code_cell(source.strip()) for source in yardstick_cells]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        nbformat.write(notebook, Path(folder) / chapter.name)
        with serve(Path(folder)) as server, open_browser() as browser:
            page = browser.new_page(viewport={"width": 1200, "height": 1600})
            notebook_page = NotebookPage(page, server, chapter.name)
            notebook_page.run_all()
            page.wait_for_selector(".widget-interact img")
            while page.locator(".nnbook-skip").count():
                page.locator(".nnbook-skip").first.click()
            yield notebook_page, _figures(page, chapter)


def _figures(page: Any, chapter: Path) -> list[Figure]:
    """Name every figure that has a control, so that it can be found again."""
    name = """(element, number) => {
      element.dataset.measured = number;
      return element.querySelector(".nnbook-controls :is(input, select)") && element.ariaLabel;
    }"""
    found = []
    for number in range(page.locator(".nnbook-figure").count()):
        label = page.locator(".nnbook-figure").nth(number).evaluate(name, number)
        root = f".nnbook-figure[data-measured='{number}']"
        control = f"{root} .nnbook-controls :is(input, select)"
        if label:
            found.append(Figure(f"{chapter.stem[:5]} {label}", root, control))
    return found


def measure(presses: int, updates: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Measure every figure of every chapter, and the yardsticks in turns with them."""
    floor, interact = yardsticks()
    measured: list[Figure] = []
    memory: dict[str, Any] = {}
    for chapter in CHAPTERS:
        if FIGURE not in chapter.read_text("utf-8"):
            continue
        with opened(chapter) as (notebook_page, figures):
            page = notebook_page.page
            moving = [floor, interact, *figures, floor, interact]
            for figure in moving:
                figure.press(page, presses)
            for figure in filter(_has_slider(page), moving):
                figure.drag(page)
            measured += figures
            if not memory:
                memory = memory_after(page, figures[0].control, updates)
            _draw_nothing_ahead(notebook_page)
            for figure in filter(_has_slider(page), figures):
                figure.press_unprepared(page, presses)
    rows = [_row(figure, floor, interact) for figure in [floor, interact, *measured]]
    return rows, memory


def _draw_nothing_ahead(notebook_page: NotebookPage) -> None:
    """Have the kernel draw what is asked for and no more, and the page forget what it has."""
    notebook_page.execute(NOTHING_AHEAD)
    for dark in (True, False):
        notebook_page.dark(dark)
        notebook_page.page.wait_for_timeout(2000)


def _has_slider(page: Any) -> Any:
    def has(figure: Figure) -> bool:
        kind = page.locator(figure.control).first.evaluate("e => e.type ?? 'range'")
        return bool(kind == "range")

    return has


def memory_after(page: Any, slider: str, updates: int) -> dict[str, Any]:
    """Return the memory of the page's process and its canvases, before and after many steps."""
    session = page.context.new_cdp_session(page)
    processes = page.context.browser.new_browser_cdp_session()

    def used() -> tuple[float, float, int]:
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        every = processes.send("SystemInfo.getProcessInfo")["processInfo"]
        pages = [psutil.Process(one["id"]) for one in every if one["type"] == "renderer"]
        resident = max(one.memory_info().rss for one in pages) / 1e6
        return round(heap, 1), round(resident), page.locator("canvas").count()

    page.evaluate(STEP_MANY, [slider, updates // 5])
    page.wait_for_timeout(2000)
    before = used()
    page.evaluate(STEP_MANY, [slider, updates])
    page.wait_for_timeout(2000)
    names = ("JavaScript heap MB", "resident MB", "canvases")
    return {"updates": updates, **dict(zip(names, zip(before, used(), strict=True), strict=True))}


def _row(figure: Figure, floor: Figure, interact: Figure) -> dict[str, Any]:
    slowest_floor, slowest = (percentile(one.delays, 0.95) for one in (floor, interact))
    p95 = percentile(figure.delays, 0.95)
    row = {
        "figure": figure.name,
        "p50 ms": percentile(figure.delays, 0.5),
        "p95 ms": p95,
        "p95 / floor": p95 / slowest_floor,
        "interact / p95": slowest / p95,
    }
    if figure.unprepared:
        row["nothing ahead p50 ms"] = percentile(figure.unprepared, 0.5)
        row["nothing ahead p95 ms"] = percentile(figure.unprepared, 0.95)
    if figure.rates:
        row["pictures a second"] = statistics.median(figure.rates)
        row["last picture ms"] = statistics.median(figure.tails)
    if figure.shares:
        row["pictures a step"] = statistics.median(figure.shares)
    return {name: value if name == "figure" else round(value, 2) for name, value in row.items()}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def table(rows: list[dict[str, Any]]) -> str:
    """Write the rows as a table of Markdown."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [[str(row.get(name, "")) for name in names] for row in rows]
    return "\n".join(
        "| " + " | ".join(line) + " |" for line in [names, ["---"] * len(names), *lines]
    )


def main() -> None:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=30)
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows, memory = measure(options.presses, options.updates)
    print(table(rows), json.dumps(memory), sep="\n\n")
    if options.json:
        text = json.dumps({"figures": rows, "memory": memory}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
