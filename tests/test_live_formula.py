"""Formulas and sentences with the present numbers in them."""

import html
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from nnbook import plot
from nnbook.errors import UnknownNameError
from nnbook.live import formula

WAYS = [formula.sentence, formula.latex, formula.mathml, formula.mathtext]


def text_of(mathml: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", mathml))


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("{x:.1f}", 1.25, "1.2"),
        ("{x:+.1f}", 2, "+2.0"),
        ("{x:}", 3, "3"),
        ("{x:.0f}", 0.4, "0"),
        ("{x:.1f}", -0.04, "0.0"),
        ("{x:+.1f}", -0.04, "+0.0"),
        ("{x:.1e}", -0.0, "0.0e+00"),
        ("{x:.2f}", -1.5, "−1.50"),
        ("{x:+.1e}", -0.002, "−2.0e-03"),
        ("{x:.0%}", 0.5, "50%"),
        ("{x:.1f}", "nowhere", "nowhere"),
        ("{x:}", "-b", "-b"),
        ("{x:.1f|positive} and {x:.0f}", 1.0, "1.0 and 1"),
    ],
)
def test_sentence_writes_a_value(template: str, value: object, written: str) -> None:
    assert formula.sentence(template, {"x": value}) == written


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_written_number_is_the_value_and_zero_has_no_minus(value: float, decimals: int) -> None:
    written = formula.sentence(f"{{x:.{decimals}f}}", {"x": value})
    read = float(written.replace("−", "-"))
    assert abs(read - value) <= 0.5000001 * 10**-decimals
    assert read != 0 or "−" not in written
    assert "-" not in written


@pytest.mark.parametrize(
    ("template", "value", "written"),
    [
        ("{x:.1e}", 0.00123, r"{1.2 \cdot 10^{-3}}"),
        ("{x:.0e}", -4e5, r"{-4 \cdot 10^{5}}"),
        ("{x:.3g}", 1e10, r"{1 \cdot 10^{10}}"),
        ("{x:.1f}", -0.01, "0.0"),
        ("f({x:.1f})", -3.0, "f({-3.0})"),
        ("2 {x:+.1f}", -3.0, "2 -3.0"),
        ("{x:,.0f}", 50000.0, "50,000"),
        ("{x:.1f}", "nowhere", r"\text{nowhere}"),
        ("{x:.0%}", 0.5, r"\text{50%}"),
        ("{x:.1f}", math.inf, r"\text{inf}"),
        ("{x:.1f|class0}", 1.0, r"\textcolor{#0072B2}{1.0}"),
        ("{x:.1f|ink}", 1.0, r"\textcolor{#1a1a1a}{1.0}"),
        (r"\frac{1}{2} \hat{y}_{max} {x:.0f}", 3, r"\frac{1}{2} \hat{y}_{max} 3"),
        (r"10^{2x} \text{of it}", 0, r"10^{2x} \text{of it}"),
        (r"\text{biases: } {x:.0f}", 9, r"\text{biases: } 9"),
    ],
)
def test_latex_writes_a_value(template: str, value: object, written: str) -> None:
    assert formula.latex(template, {"x": value}) == written


def test_mathtext_leaves_the_colors_out() -> None:
    assert formula.mathtext(r"w = {w:+.1f|positive}", {"w": 2.0}) == "$w = +2.0$"


@pytest.mark.parametrize("way", WAYS)
def test_unknown_value_is_named_with_those_that_exist(way) -> None:
    with pytest.raises(UnknownNameError, match=r"formula: got 'bais', .*did you mean 'bias'"):
        way("{bais:.1f}", {"bias": 1.0, "w": 2.0})


def test_unknown_color_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"color: got 'positiv'.*did you mean 'positive'"):
        formula.latex("{w:.1f|positiv}", {"w": 1.0})


@given(
    st.floats(-100, 100).map(lambda x: round(x, 1) + 0.0),
    st.sampled_from(sorted(plot.COLORS)),
)
def test_mathml_shows_the_number_in_its_color(value: float, name: str) -> None:
    shown = formula.mathml(rf"z = {{w:.1f|{name}}}\,x", {"w": value})
    assert shown.startswith("<math")
    assert f"{abs(value):.1f}" in text_of(shown)
    assert ("−" in text_of(shown)) == (value < 0)
    assert f'mathcolor="{plot.COLORS[name]}"' in shown


def test_mathml_writes_powers_and_hats() -> None:
    shown = formula.mathml(r"\hat y = {alpha:.1e}", {"alpha": 0.001})
    assert text_of(shown) == "ŷ=1.0·10−3"
    assert "<msup>" in shown


def test_typed_word_is_no_tag_of_the_page() -> None:
    shown = formula.mathml("{said:}", {"said": "<img src=x> & a"})
    assert "<img" not in shown
    assert "&lt;img" in shown


@given(st.floats(allow_nan=True), st.sampled_from([".1f", "+.2f", ".1e", ".3g", ".0%", "g"]))
def test_every_number_can_be_typeset(value: float, spec: str) -> None:
    template, values = rf"\frac{{{{x:{spec}}}}}{{2}}", {"x": value}
    assert formula.mathml(template, values).endswith("</math>")
    MathTextParser("agg").parse(formula.mathtext(template, values))
