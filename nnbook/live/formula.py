r"""Sentences and formulas with the present numbers in them.

A field is ``{name:.1f}`` or ``{name:+.1f|positive}``: the value, how to write it, and the color it
has in the picture. Its colon sets it apart: braces without one are LaTeX's own and stay, and so
do those of ``\text{…}``, whatever is in them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from latex2mathml.converter import convert

from nnbook.errors import UnknownNameError
from nnbook.plot.style import color

Values = Mapping[str, Any]

_FIELD: Final = re.compile(
    r"(?<!\\text)\{(?P<name>[A-Za-z_]\w*):(?P<spec>[^{}|]*)(?:\|(?P<color>\w+))?\}"
)
_LATEX_SIGNS: Final = r"[\\{}$]"
"""What a reader may type and LaTeX takes for a command; a formula shows the word without it."""


def sentence(template: str, values: Values) -> str:
    """Fill a template for a reader's eye or ear: a minus sign, no negative zero.

    Raises
    ------
    UnknownNameError
        If the template names a value that is not there; so for all four functions.
    """
    return _fill(template, values, lambda text, _: re.sub(r"^-(?=\d)", "−", text))


def latex(template: str, values: Values) -> str:
    """Fill a LaTeX template, numbers in the colors that the template names."""
    return _fill(template, values, _colored)


def mathml(template: str, values: Values) -> str:
    """Fill a LaTeX template and translate it to MathML, which browsers draw by themselves."""
    harmless = {  # a word that the reader typed must not become a tag of the page
        name: html.escape(value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    hat_in_one_letter = latex(template, harmless).replace(r"\hat y", "ŷ")
    return convert(hat_in_one_letter, display="block")  # most fonts set MathML's accents badly


def mathtext(template: str, values: Values) -> str:
    """Fill a LaTeX template for matplotlib, which knows no colors inside a formula."""
    return "$" + _fill(template, values, _math) + "$"


def _fill(template: str, values: Values, write: Callable[[str, re.Match[str]], str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match["name"] not in values:
            raise UnknownNameError.among("formula", match["name"], values)
        text = _written(values[match["name"]], match["spec"])
        return write(text, match)

    return _FIELD.sub(one, template)


def _written(value: Any, spec: str) -> str:
    """Write a number as its format says, without the minus of a negative zero; words stay words."""
    if isinstance(value, str):
        return value
    text = format(value, spec)
    rounds_to_zero = text.startswith("-") and not text.strip("-0.,e+")
    return format(abs(value), spec) if rounds_to_zero else text


def _colored(text: str, field: re.Match[str]) -> str:
    if field["color"] is None:
        return _math(text, field)
    return rf"\textcolor{{{color(field['color'])}}}{{{_math(text, field)}}}"


def _math(text: str, field: re.Match[str]) -> str:
    """Make LaTeX of a written value: a power of ten for 1e-03, upright letters for words.

    A number whose sign is always written stands in a sum. The minus of any other is its own: in
    braces it is set close to it.
    """
    number = re.fullmatch(r"([+-]?[\d.,]+)(?:e([+-]\d+))?", text)
    if number is None:
        return rf"\text{{{re.sub(_LATEX_SIGNS, '', text)}}}"
    mantissa, exponent = number.groups()
    if exponent is not None:
        return rf"{{{mantissa} \cdot 10^{{{int(exponent)}}}}}"
    is_own = mantissa.startswith("-") and "+" not in field["spec"]
    return f"{{{mantissa}}}" if is_own else mantissa
