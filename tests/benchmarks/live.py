"""How fast a live figure follows its slider, beside `ipywidgets.interact` doing the same.

    python tests/benchmarks/live.py [--presses 60] [--json FILE]

Both run in one JupyterLab page in headless Chromium, in turns, so that the ratios hold on any
machine. Measured in the page: from a key press on the slider to the first animation frame with the
new picture; pictures a second while the slider is dragged; and how long after the end of a drag
the last picture still changes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))

from jupyter_page import NotebookPage, open_browser, serve

CHAPTER = Path(__file__).parents[2] / "chapters" / "01_perceptron.ipynb"
FIGURE = ("imports", "neuron-drawing", "neuron-live")

INTERACT = """
%matplotlib inline
import ipywidgets
import matplotlib.pyplot as plt

@ipywidgets.interact(
    w1=ipywidgets.FloatSlider(value=1, min=-2, max=2, step=0.1),
    w2=ipywidgets.FloatSlider(value=1, min=-2, max=2, step=0.1),
    b=ipywidgets.FloatSlider(value=-1, min=-4, max=4, step=0.1),
)
def with_interact(w1, w2, b):
    w, dot = np.array([w1, w2]), np.array([1.0, 2.0])
    with plot.style():
        fig, (left, right) = plt.subplots(
            1, 2, figsize=(8.6, 3.6), width_ratios=[1.1, 1], layout="constrained"
        )
    right.set(xlim=(-4, 4), ylim=(-4, 4), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    plot.neuron(left, dot, w, b, int(w @ dot + b >= 0))
    plot.half_planes(right, w, b)
    right.plot(*dot, "o", color=plot.INK, markersize=9, zorder=5)
    plot.boundary(right, w, b)
    plot.arrow(right, [0, 0], w)
    plt.show()
"""

# Notes when each new picture of one figure can be painted: the animation frame after it has loaded.
WATCH = """([root, image]) => {
  const state = { waiting: null, delays: [], pictures: [] };
  window.watched = state;
  window.addEventListener("keydown", (event) => { state.waiting ??= event.timeStamp; }, true);
  const note = (picture) => {
    const now = performance.now();
    if (!picture.alt || picture.alt !== state.alt) state.pictures.push(now);
    state.alt = picture.alt; // the same words again: the same picture without loss, at rest
    if (state.waiting !== null) state.delays.push(now - state.waiting);
    state.waiting = null;
  };
  document.addEventListener("load", ({ target }) => {
    const ours = target.matches?.(image) && target.closest(root) && window.watched === state;
    if (ours) requestAnimationFrame(() => note(target));
  }, true);
}"""


@dataclass
class Way:
    """One way to make a figure live: where it is in the page, and what was measured."""

    name: str
    root: str
    image: str
    slider: str
    delays: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)

    def press(self, page: Any, presses: int) -> None:
        """Press an arrow key, wait for the picture, and press the next."""
        page.evaluate(WATCH, [self.root, self.image])
        page.locator(self.slider).first.focus()
        for number in range(presses):
            before = page.evaluate("watched.delays.length")
            page.keyboard.press("ArrowRight" if number // 10 % 2 else "ArrowLeft")
            page.wait_for_function(f"watched.delays.length > {before}", timeout=10_000)
            page.wait_for_timeout(250)  # the picture at rest is sent in between; it does not count
        self.delays += page.evaluate("watched.delays")

    def drag(self, page: Any, seconds: float = 3.0) -> None:
        """Drag the slider to and fro without a rest, let go, and watch the last pictures."""
        grip, box = (part.bounding_box() for part in self._grip_and_track(page))
        page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.evaluate(WATCH, [self.root, self.image])
        start = page.evaluate("performance.now()")
        step = 0
        while page.evaluate("performance.now()") < start + 1000 * seconds:
            share = 0.5 + 0.3 * abs(step % 60 - 30) / 30
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
            step += 1
        end = page.evaluate("performance.now()")
        page.mouse.up()
        page.wait_for_timeout(1500)
        pictures = page.evaluate("watched.pictures")
        self.rates.append(sum(start < at <= end for at in pictures) / (end - start) * 1000)
        self.tails.append(max([at - end for at in pictures if at > end], default=0.0))

    def _grip_and_track(self, page: Any) -> tuple[Any, Any]:
        """Return what to take hold of and what it moves along, scrolled into view."""
        grip = page.locator(self.slider).first
        grip.scroll_into_view_if_needed()
        return grip, grip.locator("xpath=../../..") if "noUi" in self.slider else grip


def measured_notebook(folder: Path) -> str:
    """Write the notebook that holds the chapter's figure and the same figure with interact."""
    notebook = nbformat.read(CHAPTER, as_version=4)
    figure = [cell["source"] for cell in notebook.cells if cell["id"] in FIGURE]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (*figure, INTERACT.strip())]
    nbformat.write(notebook, folder / "measured.ipynb")
    return "measured.ipynb"


def measure(presses: int, rounds: int = 3) -> list[Way]:
    """Run both ways in turns, a few rounds each."""
    ways = [
        Way(
            "nnbook.live",
            ".nnbook-figure",
            "img.nnbook-picture",
            ".nnbook-figure input[type=range]",
        ),
        Way(
            "ipywidgets.interact",
            ".widget-interact",
            ".widget-output img, .jupyter-widgets-output-area img",
            ".widget-interact .noUi-handle",
        ),
    ]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        notebook = measured_notebook(Path(folder))
        with serve(Path(folder)) as server, open_browser() as browser:
            page = browser.new_page(viewport={"width": 1200, "height": 1600})
            shown = NotebookPage(page, server, notebook)
            shown.run_all()
            page.wait_for_selector(".widget-interact img")
            page.locator(".nnbook-skip").click()
            for way in ways * rounds:
                way.press(page, presses // rounds)
                way.drag(page)
    return ways


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def report(ways: list[Way]) -> dict[str, Any]:
    """Put the figures and the ratios of the two ways into one table."""
    columns: dict[str, Callable[[Way], float]] = {
        "p50 ms": lambda way: percentile(way.delays, 0.5),
        "p95 ms": lambda way: percentile(way.delays, 0.95),
        "pictures a second in a drag": lambda way: statistics.median(way.rates),
        "last picture after a drag, ms": lambda way: statistics.median(way.tails),
    }
    table = {way.name: {name: round(of(way), 1) for name, of in columns.items()} for way in ways}
    ours, theirs = (list(row.values()) for row in table.values())
    ratios = [round(b / a, 2) if a else None for a, b in zip(ours, theirs, strict=True)]
    return {"table": table, "interact / nnbook.live": dict(zip(columns, ratios, strict=True))}


def main() -> None:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = report(measure(options.presses))
    text = json.dumps(result, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
