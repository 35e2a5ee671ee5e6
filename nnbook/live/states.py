"""The state of a figure as a short code: ``one_node?w=1.5&b=-0.2``.

The code names the figure, and each control that does not stand where it started. It can be read,
sent in a message and typed; it is written as the query of a web address is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.live.controls import Control


def written(name: str, controls: Mapping[str, Control], values: Mapping[str, Any]) -> str:
    """Return the code of a figure's state."""
    moved = {
        one: control.write(values[one])
        for one, control in controls.items()
        if values[one] != control.value
    }
    return f"{name}?{urlencode(moved)}" if moved else name


def figure_name(code: str) -> str:
    """Return the name of the figure that a code is for."""
    return code.partition("?")[0].strip()


def values(code: str, controls: Mapping[str, Control]) -> dict[str, Any]:
    """Return the value of every control in the state that a code describes.

    Raises
    ------
    UnknownNameError
        If the code moves a control that the figure does not have.
    ArgumentError
        If a control cannot stand where the code puts it.
    """
    moved = dict(parse_qsl(code.partition("?")[2].strip(), keep_blank_values=True))
    for name in moved:
        if name not in controls:
            raise UnknownNameError.among("restore", name, controls)
    return {
        name: _value(name, moved[name], control) if name in moved else control.value
        for name, control in controls.items()
    }


def _value(name: str, text: str, control: Control) -> Any:
    try:
        value = control.parse(text)
    except ValueError:
        value = None
    if value is None or control.read(value) != value:
        raise ArgumentError(
            "restore",
            got=f"{name}={text}",
            wanted=f"a place where the control {name} can stand",
            remedy="copy the whole code; it may also be of another edition of the book",
        )
    return value
