"""How feedback looks: a headline and labelled lines, as text and as HTML."""

from dataclasses import dataclass
from html import escape
from typing import Literal

Status = Literal["right", "wrong", "not attempted", "hint", "solution"]


@dataclass(frozen=True, repr=False)
class Feedback:
    """What the reader is told.

    Its text depends on nothing but the answer and the reader's own progress, so that a saved
    notebook is the same on every machine.

    Attributes
    ----------
    status : {"right", "wrong", "not attempted", "hint", "solution"}
        What kind of message it is.
    headline : str
        The message in one sentence.
    lines : tuple of (str, str)
        A label and what it labels.
    """

    status: Status
    headline: str
    lines: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Return the message as plain text."""
        width = max((len(label) for label, _ in self.lines), default=0)
        indent = "\n" + " " * (width + 4)
        return "\n".join(
            [self.headline]
            + [f"  {label:{width}}  {text.replace(chr(10), indent)}" for label, text in self.lines]
        )

    def _repr_html_(self) -> str:
        """Return the message as HTML that follows the colours of Jupyter's theme.

        The status is said in words; the colour of the edge only repeats it.
        """
        edge = f"border-left: 4px solid {_EDGES[self.status]}; padding: 0.4em 0 0.4em 0.9em"
        rows = "".join(map(_row, self.lines))
        table = f'<dl style="{_GRID}">{rows}</dl>' if rows else ""
        headline = f'<p style="margin: 0; font-weight: 600">{escape(self.headline)}</p>'
        return (
            f'<section aria-label="Feedback" class="nnbook-feedback-{self.status.split()[0]}" '
            f'style="color: var(--jp-ui-font-color1, inherit); {edge}">{headline}{table}</section>'
        )


_EDGES = {
    "right": "var(--jp-success-color1, #388e3c)",
    "wrong": "var(--jp-warn-color1, #f57c00)",
    "not attempted": "var(--jp-border-color1, #9e9e9e)",
    "hint": "var(--jp-info-color1, #0097a7)",
    "solution": "var(--jp-info-color1, #0097a7)",
}
_GRID = (
    "display: grid; grid-template-columns: max-content 1fr; column-gap: 1em; row-gap: 0.2em; "
    "margin: 0.5em 0 0 0"
)
_LABEL = "margin: 0; width: auto; white-space: nowrap; font-weight: 400; opacity: 0.8"
_CODE = (
    "white-space: pre-wrap; overflow-wrap: anywhere; "
    "font-family: var(--jp-code-font-family, monospace); font-size: 0.95em"
)
_AS_CODE = frozenset(
    {"called", "with", "run", "returned", "gave", "expected", "for example"}
    | {"printed", "your line", "skeleton", "code"}
)


def _row(line: tuple[str, str]) -> str:
    label, text = line
    style = _CODE if label in _AS_CODE else "white-space: pre-line"
    return (
        f'<dt style="{_LABEL}">{escape(label)}</dt>'
        f'<dd style="margin: 0; {style}">{escape(text)}</dd>'
    )
