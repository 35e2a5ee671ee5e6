"""What a reader can move: sliders, steps, choices, switches and a line of text.

A control is a description in plain data. The page draws it; ``read`` turns what the page sends back
into a value that the author's function may rely on. What makes no sense becomes the start value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, ClassVar

from nnbook.errors import ArgumentError, KindError


@dataclass(frozen=True)
class Slider:
    """A number between two ends, in equal steps."""

    low: float
    high: float
    value: float
    step: float
    label: str | None = None
    kind: ClassVar[str] = "slider"

    def read(self, sent: Any) -> float:
        """Return the nearest value on the slider to the number that the page sent."""
        inside = min(max(_number(sent, self.value), self.low), self.high)
        last = math.floor((self.high - self.low) / self.step + 1e-9)
        steps = min(round((inside - self.low) / self.step), last)
        return round(self.low + steps * self.step, self._decimals) + 0.0  # and no negative zero

    def spec(self) -> dict[str, Any]:
        """Return the description that the page draws."""
        return {"kind": self.kind, "decimals": self._decimals, **asdict(self)}

    def write(self, value: float) -> str:
        """Write a value as a short code has it."""
        return f"{value:.{self._decimals}f}"

    def parse(self, text: str) -> float:
        """Read what `write` wrote; ValueError for another text."""
        return float(text)

    @property
    def _decimals(self) -> int:
        return max(_decimals(self.step), _decimals(self.low))


@dataclass(frozen=True)
class Steps:
    """A position in a sequence, with buttons to play it, pause it and go back."""

    count: int
    value: int = 0
    label: str | None = None
    seconds: float = 0.25
    kind: ClassVar[str] = "steps"

    @property
    def printed(self) -> int:
        """The position that a saved notebook shows: the end, where there is most to see."""
        return self.count

    def read(self, sent: Any) -> int:
        """Return the position that the page sent, kept inside the sequence."""
        return round(min(max(_number(sent, self.value), 0), self.count))

    def write(self, value: int) -> str:
        """Write a position as a short code has it."""
        return str(value)

    def parse(self, text: str) -> int:
        """Read what `write` wrote; ValueError for another text."""
        return int(text)

    def spec(self) -> dict[str, Any]:
        """Return the description that the page draws."""
        return {"kind": self.kind, "low": 0, "high": self.count, "step": 1, "decimals": 0} | asdict(
            self
        )


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]
    value: str
    label: str | None = None
    kind: ClassVar[str] = "choice"

    def read(self, sent: Any) -> str:
        """Return the option that the page sent."""
        return sent if sent in self.options else self.value

    def write(self, value: str) -> str:
        """Write an option as a short code has it: as it is."""
        return value

    def parse(self, text: str) -> str:
        """Read what `write` wrote."""
        return text

    def spec(self) -> dict[str, Any]:
        """Return the description that the page draws."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Switch:
    """On or off."""

    value: bool
    label: str | None = None
    kind: ClassVar[str] = "switch"

    def read(self, sent: Any) -> bool:
        """Return whether the page's switch is on."""
        return sent if isinstance(sent, bool) else self.value

    def write(self, value: bool) -> str:
        """Write on or off as a short code has it."""
        return "on" if value else "off"

    def parse(self, text: str) -> bool:
        """Read what `write` wrote; ValueError for another text."""
        return bool(["off", "on"].index(text))

    def spec(self) -> dict[str, Any]:
        """Return the description that the page draws."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Line:
    """A line of text that the reader types."""

    value: str
    label: str | None = None
    longest: int = 200
    kind: ClassVar[str] = "text"

    def read(self, sent: Any) -> str:
        """Return the text that the page sent, cut where it is too long."""
        return sent[: self.longest] if isinstance(sent, str) else self.value

    def write(self, value: str) -> str:
        """Write a line as a short code has it: as it is."""
        return value

    def parse(self, text: str) -> str:
        """Read what `write` wrote."""
        return text

    def spec(self) -> dict[str, Any]:
        """Return the description that the page draws."""
        return {"kind": self.kind, **asdict(self)}


Control = Slider | Steps | Choice | Switch | Line


def slider(
    low: float, high: float, value: float | None = None, *, step: float, label: str | None = None
) -> Slider:
    """Describe a slider from ``low`` to ``high``; it starts at ``value`` (the middle by default).

    Raises
    ------
    ArgumentError
        If the ends are not in order, the step is not positive, or ``value`` is outside.
    """
    if not (math.isfinite(low) and low < high < math.inf and 0 < step < math.inf):
        raise ArgumentError(
            "slider",
            got=f"low {low}, high {high}, step {step}",
            wanted="low < high and step > 0",
            remedy="swap the ends or give a positive step",
        )
    start = (low + high) / 2 if value is None else value
    if not low <= start <= high:
        raise ArgumentError(
            "slider",
            got=f"value {start}",
            wanted=f"a value from {low} to {high}",
            remedy="start inside the slider",
        )
    drawn = Slider(low, high, start, step, label)
    return Slider(low, high, drawn.read(start), step, label)


def steps(count: int, *, label: str | None = None, seconds: float = 0.25) -> Steps:
    """Describe a stepper over positions 0 … ``count``, played at ``seconds`` a step.

    Raises
    ------
    ArgumentError
        For fewer than one step.
    """
    if count < 1:
        raise ArgumentError(
            "steps",
            got=f"count {count}",
            wanted="at least one step",
            remedy="record something first",
        )
    return Steps(int(count), 0, label, seconds)


def choice(options: Sequence[str], value: str | None = None, *, label: str | None = None) -> Choice:
    """Describe a menu of words; it starts at ``value`` (the first by default).

    Raises
    ------
    KindError
        If an option is not a word.
    ArgumentError
        If there are no options, or ``value`` is none of them.
    """
    if not all(isinstance(option, str) for option in options):
        raise KindError(
            "choice",
            got=f"options {list(options)}",
            wanted="words",
            remedy="write numbers as words, such as '3', and turn them back in the function",
        )
    start = options[0] if value is None and options else value
    if start is None or start not in options:
        raise ArgumentError(
            "choice",
            got=f"value {value!r} and options {list(options)}",
            wanted="one of the options",
            remedy="start with one that is there",
        )
    return Choice(tuple(options), start, label)


def switch(value: bool = False, *, label: str | None = None) -> Switch:
    """Describe a switch.

    Raises
    ------
    KindError
        If ``value`` is not True or False.
    """
    if not isinstance(value, bool):
        raise KindError(
            "switch",
            got=f"value {value!r}",
            wanted="True or False",
            remedy="start it on or off",
        )
    return Switch(value, label)


def text(value: str = "", *, label: str | None = None) -> Line:
    """Describe a line of text to type, of at most 200 letters."""
    return Line(value[: Line.longest], label)


def _number(sent: Any, otherwise: float) -> float:
    try:
        number = float(sent)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return otherwise if math.isnan(number) else number


def _decimals(step: float) -> int:
    """How many decimals the multiples of a step need: 0.25 -> 2."""
    exponent = Decimal(repr(float(step))).normalize().as_tuple().exponent
    return max(0, -int(exponent))
