"""A prediction that the reader draws: sliders move a dotted line in the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from matplotlib.axes import Axes

from nnbook.errors import ArgumentError
from nnbook.live.controls import Slider
from nnbook.plot.style import INK

MOST_SLIDERS: Final = 3

Curve = Callable[..., tuple[Any, Any]]


class Guess:
    """A dotted line that the reader moves before anything else moves; `guess` makes one."""

    def __init__(self, ax: Axes, curve: Curve, sliders: dict[str, Slider]) -> None:
        self.sliders, self._curve = sliders, curve
        (self._line,) = ax.plot(
            [], [], ":", color=INK, linewidth=2.5, zorder=6, scalex=False, scaley=False
        )
        self.move({name: slider.value for name, slider in sliders.items()}, shown=True)

    def move(self, values: Mapping[str, Any], *, shown: bool) -> None:
        """Draw the line for the sliders' values, or hide it from a reader who skipped."""
        self._line.set_data(*self._curve(**{name: values[name] for name in self.sliders}))
        self._line.set_visible(shown)


def guess(ax: Axes, curve: Curve, **sliders: Slider) -> Guess:
    """Let the reader draw the prediction, for ``explore(..., guess=...)``.

    Parameters
    ----------
    ax : Axes
        Where the line is drawn, dotted; its limits stay.
    curve : callable
        ``curve(**values)`` returns x and y of the line, two sequences of one length.
    **sliders : Slider
        What moves the line, by the name of the argument it sets; one to three.

    Returns
    -------
    Guess
        What `explore` takes.

    Raises
    ------
    ArgumentError
        For no slider, or more than three.
    """
    if not 1 <= len(sliders) <= MOST_SLIDERS:
        raise ArgumentError(
            "guess",
            got=f"{len(sliders)} sliders",
            wanted=f"1 to {MOST_SLIDERS}",
            remedy="give the line a height or a slope to move",
        )
    return Guess(ax, curve, sliders)
