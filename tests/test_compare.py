"""Equal or not, and the first difference in words."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nnbook.exercises.compare import describe, difference, is_single, shorten

finite = st.floats(-1e6, 1e6)
shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
some_arrays = arrays.arrays(np.float64, shapes, elements=finite)
values = st.recursive(
    st.booleans() | st.integers() | finite | st.text() | st.none() | some_arrays,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_every_value_equals_itself(value):
    assert difference(value, value) is None


@given(some_arrays.filter(lambda array: array.size > 0), st.data())
def test_one_changed_entry_is_found_and_named(array, data):
    place = data.draw(st.tuples(*(st.integers(0, side - 1) for side in array.shape)))
    changed = array.copy()
    changed[place] += 1 + abs(changed[place])
    words = difference(changed, array)
    assert words is not None
    assert not place or f"[{', '.join(map(str, place))}]" in words


@given(some_arrays, some_arrays)
def test_other_shapes_never_pass(one, other):
    if one.shape != other.shape and one.ndim and other.ndim:
        assert f"expected shape {other.shape}" in difference(one, other)


class Liar:
    """Says that it equals everything, and that it is an array."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __array__(self, *_, **__):
        return np.ones(2)

    def __repr__(self):
        raise RuntimeError("no words")


class LyingNumber(np.float64):
    """A NumPy number that says that it is another one."""

    __eq__ = Liar.__eq__
    __hash__ = Liar.__hash__
    __array__ = Liar.__array__
    __repr__ = Liar.__repr__

    def __float__(self):
        return 1.0


class LyingArray(np.ndarray):
    """An array that equals everything."""

    __eq__ = Liar.__eq__
    __hash__ = Liar.__hash__


class Nameless(type):
    """Classes of this kind do not tell their name, nor what they have."""

    @property
    def __name__(cls):
        raise RuntimeError("no name")

    def __getattr__(cls, name):
        raise RuntimeError("no attributes")


class Secret(metaclass=Nameless):
    """Tells nothing."""


class Tensor:
    """Looks like a tensor."""

    def numpy(self):
        return np.ones(2)


nested = [1]
nested.append(nested)
deep: list = []
for _ in range(100_000):
    deep = [deep]

DIFFERENCES = [
    (np.ones((50, 1)), np.ones(50), "the answer has shape (50, 1); expected shape (50,)"),
    (np.ones(3), np.ones(4), "the answer has shape (3,); expected shape (4,)"),
    ([1.0, 2.0], np.array([1.0, 3.0]), "entry [1] of the answer is 2; expected 3"),
    (np.array([1, 0, 1]), np.array([1, 1, 0]), "entry [1] of the answer is 0; expected 1"),
    (np.eye(2), np.ones((2, 2)), "entry [0, 1] of the answer is 0; expected 1"),
    (
        np.array([5.0, np.nan]),
        np.ones(2),
        "entry [1] of the answer is NaN, which is not a number; expected 1",
    ),
    (math.nan, 1.0, "the answer is NaN, which is not a number; expected 1"),
    (math.inf, -math.inf, "the answer is inf; expected -inf"),
    (1.0000021, 1.0, "the answer is 1.0000021; expected 1"),
    (np.array([True, False]), np.array([1, 0]), "the answer holds truth values; expected numbers"),
    (np.array([1, 0]), np.array([True, False]), "the answer holds numbers; expected truth values"),
    (np.array([1j]), np.ones(1), "the answer holds complex numbers; expected numbers"),
    (np.array([None]), np.ones(1), "the answer holds objects; expected numbers"),
    ([[1, 2], [3]], np.ones((2, 2)), "the answer is a list of length 2; expected an array"),
    ({1, 2}, np.ones(2), "the answer is a set; expected an array of shape (2,)"),
    (3.0, np.ones(2), "the answer is a number; expected an array of shape (2,)"),
    (np.array(3.0), np.ones(2), "the answer is a number; expected an array of shape (2,)"),
    (np.array(True), np.ones(2), "the answer is an array without axes of truth values; expected"),
    (np.ones(2), np.array(True), "the answer is an array of shape (2,); expected an array without"),
    (np.ones((2, 1)), (1.0, 1.0), "the answer is an array of shape (2, 1); expected a tuple of"),
    (np.array(1.0), (1.0, 1.0), "the answer is a number; expected a tuple of length 2"),
    (np.ones(3), (1.0, 1.0), "the answer has length 3; expected length 2"),
    (np.array([1.0, np.nan]), (1.0, 1.0), "item [1] of the answer is NaN"),
    (np.ones(2, bool), (1.0, 1.0), "item [0] of the answer is True; expected a number"),
    (np.array([abs, abs]), (1.0, 1.0), "item [0] of the answer is a builtin_function_or_method"),
    (np.ones(2), (np.ones(1), 1.0), "the answer is an array of shape (2,); expected a tuple of"),
    (None, np.ones(2), "the answer is None; expected an array of shape (2,)"),
    (True, 1, "the answer is True; expected a number"),
    (1, True, "the answer is 1; expected True"),
    ("1", 1, "the answer is a string; expected a number"),
    (np.ones(1), 1.0, "the answer is an array of shape (1,); expected a number"),
    (10**400, 1.0, "the answer is an integer too large to compare; expected 1.0"),
    (1.0, (1.0, 2.0), "the answer is a number; expected a tuple of length 2"),
    ((1.0,), (1.0, 2.0), "the answer has length 1; expected length 2"),
    ((1.0, 3.0), (1.0, 2.0), "item [1] of the answer is 3; expected 2"),
    ([1, 0], [1, 2], "item [1] of the answer is 0; expected 2"),
    ({"a": 1}, {"a": 1, "b": 2}, "the answer has no key 'b'"),
    ({"a": 1, "c": 2}, {"a": 1}, "the answer has the key 'c', which was not expected"),
    ({"a": 1}, {"a": 2}, "the answer['a'] is 1; expected 2"),
    ("spam", "ham", "the answer is 'spam'; expected 'ham'"),
    (Liar(), np.ones(2), "the answer is a Liar; expected an array of shape (2,)"),
    (Liar(), 1.0, "the answer is a Liar; expected a number"),
    (Liar(), "spam", "the answer is a Liar; expected 'spam'"),
    (Tensor(), np.ones(2), "the answer is a Tensor (its .numpy() is the array); expected an"),
    (nested, np.ones(2), "the answer is a list of length 2; expected an array"),
    (deep, np.ones(2), "the answer is a list of length 1; expected an array"),
    (np.ma.ones(2), np.ones(2), "the answer is a MaskedArray; expected an array"),
    (np.ones(2).view(LyingArray), np.ones(2), "the answer is a LyingArray; expected an array"),
    (LyingNumber(1), 1.0, "the answer is a LyingNumber; expected a number"),
    ([LyingNumber(1)], np.ones(1), "the answer is a list of length 1; expected an array"),
    ([Liar(), 1.0], np.ones(2), "the answer is a list of length 2; expected an array"),
    (Secret(), 1.0, "the answer is a Secret; expected a number"),
    ({Liar(): 1}, {"a": 1}, "the answer has the key a Liar, which was not expected"),
    (1j, 1.0, "the answer is a complex number; expected a number"),
    (np.complex128(1), 1.0, "the answer is a complex128; expected a number"),
    (np.timedelta64(1, "D"), 1.0, "the answer is a timedelta64; expected a number"),
    (["1", "2"], np.ones(2), "the answer holds strings; expected numbers"),
    (["x" * 10**6] * 2, np.ones(2), "the answer is a list of length 2; expected an array"),
    ([10**400, 1.0], np.ones(2), "the answer holds objects; expected numbers"),
    ([10**400], np.ones(1), "the answer holds objects; expected numbers"),
    (np.broadcast_to(1.0, (10**9, 10**9)), np.ones(2), "the answer has shape (1000000000, "),
    (np.zeros(2, "f8, i4"), np.ones(2), "the answer holds other data; expected numbers"),
]


@pytest.mark.parametrize(("answer", "expected", "words"), DIFFERENCES)
def test_the_first_difference_in_words(answer, expected, words):
    assert (difference(answer, expected) or "").startswith(words)


EQUALS = [
    ([1, 0], np.array([1, 0])),
    ((1, 0), np.array([1, 0])),
    (np.array([1.0, 0.0]), np.array([1, 0])),
    ([], np.zeros(0)),
    ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    ([np.float64(1), np.float32(2)], np.array([1, 2])),
    (np.array([1, 2]), [1, 2]),
    (np.array([1, 2]), (1.0, np.float64(2))),
    ([np.ones(2), [1, 1]], np.ones((2, 2))),
    ([1, 2], (1, 2)),
    (np.float32(0.1), 0.1),
    (np.array(2.0), 2.0),
    (2, 2.0),
    (1 + 1e-7, 1.0),
    (1e12 + 1e5, 1e12),
    (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])),
    (np.array([np.inf]), np.array([np.inf])),
    (np.bool_(True), True),
]


@pytest.mark.parametrize(("answer", "expected"), EQUALS)
def test_equal_values_of_several_kinds(answer, expected):
    assert difference(answer, expected) is None


def test_parts_are_called_by_their_names():
    words = difference((np.ones(2), 1.0), (np.ones(2), 0.0), parts=("w", "b"))
    assert words == "b is 1; expected 0"


def test_numbers_that_look_alike_get_more_digits():
    assert difference(1.00001, 1.0) == "the answer is 1.00001; expected 1"
    assert difference(1.00000123, 1.0, tolerance=0) == "the answer is 1.00000123; expected 1"


DESCRIPTIONS = [
    (np.zeros((2, 3)), "an array of shape (2, 3)"),
    (np.array(["a"]), "an array of shape (1,) of strings"),
    (np.array(1.5), "a number"),
    (np.array("a"), "an array without axes of strings"),
    ([1, 2], "a list of length 2"),
    (1.5, "a number"),
    (np.int64(1), "a number"),
    (None, "None"),
    (abs, "a builtin_function_or_method"),
    (open, "a builtin_function_or_method"),
]


@pytest.mark.parametrize(("value", "words"), DESCRIPTIONS)
def test_descriptions(value, words):
    assert describe(value) == words


WRITTEN = [
    (np.array([[0.5, 1.0]]), "np.array([[0.5, 1.0]])"),
    (np.zeros(1000), "an array of shape (1000,)"),
    (1 / 3, "0.333333"),
    (np.float64(2), "2.0"),
    ((1.0,), "(1.0,)"),
    ([True, None], "[True, None]"),
    ({"free": 1.5}, "{'free': 1.5}"),
    (list(range(100)), "a list of length 100"),
    (nested, "[1, [1, [1, a list of length 2]]]"),
]


@pytest.mark.parametrize(("value", "words"), WRITTEN)
def test_values_as_code(value, words):
    assert shorten(value) == words


@given(values)
def test_no_value_is_written_at_length(value):
    assert len(shorten(value)) <= 300


@given(arrays.arrays(np.float64, (2, 3), elements=st.integers(-9, 9).map(float)))
def test_an_array_as_code_is_that_array(array):
    again = eval(shorten(array), {"np": np})
    assert difference(again, array) is None


def test_an_integer_that_python_cannot_write_is_put_into_words():
    assert shorten(-(2**100_000)) == "an integer of 100001 bits"
    words = difference(10**5000, 1.0)
    assert words == "the answer is an integer too large to compare; expected 1.0"


def test_a_long_string_is_cut():
    assert len(shorten("spam" * 10**6)) < 100


def test_many_short_strings_are_not_written_out():
    assert shorten([["spam " * 10] * 8]) == "[a list of length 8]"


@pytest.mark.parametrize("value", [1, 1.0, True, np.int64(1), np.bool_(True), np.array(1.0)])
def test_one_value_is_single(value):
    assert is_single(value)


@pytest.mark.parametrize("value", [np.ones(1), [1], (1,), None, "1", Liar()])
def test_what_holds_values_is_not_single(value):
    assert not is_single(value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (7, 0.0),
        (np.nan, 1.0),
        ([1.0, np.inf], np.zeros(2)),
        ((1, [2.0, 3.0]), (5.0, np.ones(2))),
        ({"w": 3}, {"w": 4}),
    ],
)
def test_without_a_limit_any_number_passes_for_another(answer, expected):
    assert difference(answer, expected, tolerance=np.inf) is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("7", 0.0), ([1.0], np.zeros(2)), (np.zeros((2, 1)), np.zeros(2)), ((1,), (1, 2)), (1, True)],
)
def test_without_a_limit_kind_length_and_shape_still_matter(answer, expected):
    assert difference(answer, expected, tolerance=np.inf) is not None
