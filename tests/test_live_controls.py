"""Controls: what the page may send, and what the author's function may rely on."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook.errors import ArgumentError
from nnbook.live import choice, slider, steps, switch, text
from nnbook.live.controls import Control

GARBAGE = [None, "", "left", float("nan"), [], {}, [1], {"value": 1}, 10**400, object()]

CONTROLS: list[Control] = [
    slider(-1, 1, 0.5, step=0.1),
    steps(7),
    choice(["one", "two"], "two"),
    switch(True),
    text("start"),
]


def kind(control: Control) -> str:
    return control.kind


@st.composite
def sliders(draw: Any) -> Any:
    """Draw a slider whose ends and step are decimal fractions, in step with each other or not."""
    step = draw(st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.25, 0.3, 1, 2, 7]))
    low = draw(st.integers(-300, 300)) / draw(st.sampled_from([1, 10, 100]))
    return slider(low, round(low + step * draw(st.integers(10, 300)) / 10, 6), step=step)


@given(sliders(), st.floats(allow_nan=False))
def test_slider_reads_the_nearest_of_its_values(made: Any, sent: float) -> None:
    low, high, step = (Fraction(repr(float(part))) for part in (made.low, made.high, made.step))
    allowed = [low + number * step for number in range(1 + int((high - low) // step))]
    clamped = min(max(sent, made.low), made.high)
    read = made.read(sent)
    assert Fraction(repr(read)) in {Fraction(repr(float(value))) for value in allowed}
    assert abs(read - clamped) <= min(abs(float(value) - clamped) for value in allowed) + 1e-9


@given(sliders())
def test_slider_starts_on_one_of_its_values(made: Any) -> None:
    assert made.read(made.value) == made.value
    assert made.low <= made.value <= made.high


@pytest.mark.parametrize(
    ("made", "sent", "read"),
    [
        (slider(-4, 4, step=0.1), 0.30000000000000004, 0.3),
        (slider(-4, 4, step=0.1), "1.26", 1.3),
        (slider(-4, 4, step=0.1), float("inf"), 4.0),
        (slider(-4, 4, step=0.1), -1e300, -4.0),
        (slider(0, 1, step=0.35), 1.0, 0.7),
        (slider(0.05, 1.05, step=0.1), 0.16, 0.15),
        (slider(0, 30, step=1), 7, 7.0),
        (steps(5), 2.6, 3),
        (steps(5), 9, 5),
        (steps(5), -1, 0),
        (steps(5), float("inf"), 5),
        (choice(["a", "b"]), "b", "b"),
        (switch(), True, True),
        (text("start"), "", ""),
        (text(), "x" * 300, "x" * 200),
    ],
)
def test_reads(made: Control, sent: object, read: object) -> None:
    got = made.read(sent)
    assert got == read
    assert type(got) is type(read)


def test_zero_of_a_slider_has_no_sign() -> None:
    for low in np.arange(-40, 0) / 10:
        assert str(slider(low, 1, step=0.1).read(0)) == "0.0"


@pytest.mark.parametrize("control", CONTROLS, ids=kind)
def test_garbage_is_read_as_the_start(control: Control) -> None:
    for sent in GARBAGE:
        if not (isinstance(sent, str) and control.kind == "text"):  # any text is a line of text
            assert control.read(sent) == control.value


@pytest.mark.parametrize("control", CONTROLS, ids=kind)
def test_description_is_plain_data(control: Control) -> None:
    spec = control.spec()
    assert json.loads(json.dumps(spec))["kind"] == control.kind
    assert control.read(spec["value"]) == spec["value"]


def test_description_holds_what_the_page_needs() -> None:
    assert slider(0.05, 1, step=0.25, label="b").spec() == {
        "kind": "slider",
        "low": 0.05,
        "high": 1,
        "value": 0.55,
        "step": 0.25,
        "label": "b",
        "decimals": 2,
    }
    stepper = steps(np.int64(3), seconds=0.5).spec()
    assert {stepper[name] for name in ("low", "decimals", "value")} == {0}
    assert (stepper["high"], stepper["step"], stepper["seconds"]) == (3, 1, 0.5)
    json.dumps(stepper)
    assert json.loads(json.dumps(choice(["a", "b"]).spec()))["options"] == ["a", "b"]


@pytest.mark.parametrize(("step", "decimals"), [(1, 0), (10, 0), (0.1, 1), (0.25, 2), (1e-5, 5)])
def test_decimals_follow_the_step(step: float, decimals: int) -> None:
    assert slider(0, 100, step=step).spec()["decimals"] == decimals


def test_stepper_is_printed_at_its_end() -> None:
    assert (steps(9).value, steps(9).printed) == (0, 9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: slider(1, 0, step=0.1), r"slider: got low 1, high 0, .*; swap the ends"),
        (lambda: slider(0, 0, step=0.1), r"wanted low < high and step > 0"),
        (lambda: slider(0, 1, step=0), r"step 0, wanted"),
        (lambda: slider(0, 1, 2, step=0.1), r"got value 2, wanted a value from 0 to 1"),
        (lambda: slider(0, 1, float("nan"), step=0.1), r"got value nan"),
        (lambda: slider(0, float("nan"), step=0.1), r"high nan"),
        (lambda: steps(0), r"steps: got count 0, wanted at least one step; record"),
        (lambda: choice([]), r"choice: got value None and options \[\]"),
        (lambda: choice(["a"], "b"), r"got value 'b' and options \['a'\], wanted one of"),
    ],
)
def test_author_is_told(make: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make()
