"""Decide whether two answers are equal and, if not, put the first difference into words.

The comparison knows the kinds of value that an exercise returns: numbers, truth values, strings,
arrays, and tuples, lists and dicts of these. It trusts nothing that an answer says of itself:
only exact built-in and NumPy types are looked into, and only these may stand in a list, so that
an object with its own ``__eq__`` or ``__array__`` is a value of the wrong type and nothing else.
"""

import inspect
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-6
_LONGEST = 300  # characters of a value on one line
_DEEPEST = 4  # lists in lists: more axes than any exercise asks for


def difference(
    answer: Any,
    expected: Any,
    *,
    tolerance: float = TOLERANCE,
    name: str = "the answer",
    parts: tuple[str, ...] = (),
) -> str | None:
    """Return the first difference between an answer and what was expected, or None.

    Looked at in this order: type, length, shape, kind of entry, NaN, and then the values. Shapes
    never broadcast: (50, 1) is not (50,). Lists and tuples pass for each other and, when they are
    rectangular, for arrays; an array with one axis passes for a list and for a tuple of numbers;
    integers and floats pass for each other; truth values do not pass for numbers.

    Parameters
    ----------
    answer, expected : Any
        The two values. `expected` decides which kind of value is wanted.
    tolerance : float
        Numbers are equal when they differ by at most ``tolerance * (1 + abs(expected))``. With
        ``np.inf`` any number equals any other, also NaN: kind, length and shape are compared.
    name : str
        What to call the answer in the sentence.
    parts : tuple of str
        What to call the items of a tuple.
    """
    if isinstance(expected, (tuple, list)):
        return _sequences(answer, expected, tolerance, name, parts)
    if isinstance(expected, dict):
        return _dicts(answer, expected, tolerance, name)
    if isinstance(expected, np.ndarray):
        return _arrays(answer, expected, tolerance, name)
    if _is_number(expected):
        return _numbers(answer, expected, tolerance, name)
    return _exactly(answer, expected, name)


def describe(value: Any) -> str:
    """Say in a few words what a value is: its kind, its shape or length.

    Examples
    --------
    >>> describe(np.zeros((2, 3)))
    'an array of shape (2, 3)'
    >>> describe([1, 2])
    'a list of length 2'
    """
    kind = type(value)
    if _is_number(value):
        return "a number"
    if kind is np.ndarray:
        return _describe_array(value)
    if kind in (tuple, list, dict):
        return f"a {kind.__name__} of length {len(value)}"
    if value is None or kind in (bool, np.bool_):
        return str(value)
    return {str: "a string", complex: "a complex number"}.get(kind) or _foreign(kind)


def shorten(value: Any, depth: int = 3) -> str:
    """Write a value as code on one line, or describe it when the line would be long.

    Examples
    --------
    >>> shorten(np.array([[0.5, 1.0]]))
    'np.array([[0.5, 1.0]])'
    >>> shorten(np.zeros(1000))
    'an array of shape (1000,)'
    """
    words = _as_code(value, depth)
    return words if len(words) <= _LONGEST else describe(value)


def is_single(value: Any) -> bool:
    """Tell whether a value is one number or truth value, where an array might be wanted."""
    kind = type(value)
    return _is_number(value) or kind in (bool, np.bool_) or (kind is np.ndarray and not value.ndim)


def _as_code(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is np.ndarray:
        small = value.size <= 16 and value.dtype.kind in "biuf"
        return f"np.array({_rounded(value).tolist()})" if small else describe(value)
    if kind in (tuple, list, dict) and len(value) <= 8 and depth:
        return _container(value, depth - 1)
    if kind in (int, str, bool, type(None)):
        return _brief(value)
    if _is_number(value) or kind is np.bool_:
        return str(_rounded(np.asarray(value)).tolist())
    return describe(value)


def _container(value: Any, depth: int) -> str:
    if type(value) is dict:
        pairs = (f"{shorten(key, depth)}: {shorten(item, depth)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    items = ", ".join(shorten(item, depth) for item in value)
    if type(value) is list:
        return f"[{items}]"
    return f"({items},)" if len(value) == 1 else f"({items})"


def _brief(value: int | str | bool | None) -> str:
    if type(value) is int and value.bit_length() > 128:  # Python refuses to write the largest
        return f"an integer of {value.bit_length()} bits"
    writer = reprlib.Repr()
    writer.maxstring = 80
    return writer.repr(value)


def _rounded(value: NDArray[Any]) -> NDArray[Any]:
    """Keep six significant digits: more would hide what there is to see."""
    if value.dtype.kind != "f":
        return value
    return np.array([float(f"{entry:.6g}") for entry in value.flat]).reshape(value.shape)


def _is_number(value: Any) -> bool:
    kind = type(value)
    if kind is np.ndarray:
        return bool(value.ndim == 0 and value.dtype.kind in "iuf")
    return kind in (int, float) or _is_numpys(kind, "iuf")


def _is_numpys(kind: type, letters: str) -> bool:
    """Tell whether a type is one of NumPy's own scalars, and not a class made from one."""
    if not issubclass(kind, np.generic):
        return False
    dtype = np.dtype(kind)
    return dtype.type is kind and dtype.kind in letters


def _wrong_type(answer: Any, wanted: str, name: str) -> str:
    return f"{name} is {describe(answer)}; expected {wanted}"


def _describe_array(array: NDArray[Any]) -> str:
    form = f"of shape {array.shape}" if array.ndim else "without axes"
    entries = "" if array.dtype.kind in "iuf" else f" of {_entries(array)}"
    return f"an array {form}{entries}"


def _foreign(kind: type) -> str:
    """Describe an object of a type that no exercise asks for."""
    name = _name_of(kind)
    article = "an" if name[:1].lower() in "aeiou" else "a"
    needs_unwrapping = inspect.getattr_static(kind, "numpy", None) is not None
    return f"{article} {name}" + (" (its .numpy() is the array)" * needs_unwrapping)


def _name_of(kind: type) -> str:
    """Return the name that Python itself keeps of a type, whatever the type says its name is."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return name[:40]


def _sequences(
    answer: Any,
    expected: tuple[Any, ...] | list[Any],
    tolerance: float,
    name: str,
    parts: tuple[str, ...],
) -> str | None:
    if type(answer) not in (tuple, list) and not _passes_for(answer, expected):
        return _wrong_type(answer, describe(expected), name)
    if len(answer) != len(expected):
        return f"{name} has length {len(answer)}; expected length {len(expected)}"
    items = answer.tolist() if type(answer) is np.ndarray else answer
    names = parts or tuple(f"item [{index}] of {name}" for index in range(len(expected)))
    return _first(
        difference(got, wanted, tolerance=tolerance, name=label)
        for got, wanted, label in zip(items, expected, names, strict=True)
    )


def _passes_for(answer: Any, expected: tuple[Any, ...] | list[Any]) -> bool:
    """Tell whether an answer is an array that says the same as a list or a tuple of numbers."""
    has_one_axis = type(answer) is np.ndarray and answer.ndim == 1
    return has_one_axis and (isinstance(expected, list) or all(map(_is_number, expected)))


def _dicts(answer: Any, expected: dict[Any, Any], tolerance: float, name: str) -> str | None:
    if type(answer) is not dict:
        return _wrong_type(answer, describe(expected), name)
    for key in answer:  # a key of another type could lie about being one that was expected
        if type(key) not in _PLAIN or key not in expected:
            return f"{name} has the key {shorten(key)}, which was not expected"
    for key in expected:
        if key not in answer:
            return f"{name} has no key {shorten(key)}"
    return _first(
        difference(answer[key], wanted, tolerance=tolerance, name=f"{name}[{shorten(key)}]")
        for key, wanted in expected.items()
    )


def _arrays(answer: Any, expected: NDArray[Any], tolerance: float, name: str) -> str | None:
    array = _as_array(answer)
    if array is None or bool(array.ndim) is not bool(expected.ndim):
        return _wrong_type(answer, describe(expected), name)
    if array.shape != expected.shape:
        if type(answer) is tuple:  # such as several arrays, which happen to fit into one
            return _wrong_type(answer, describe(expected), name)
        return f"{name} has shape {array.shape}; expected shape {expected.shape}"
    if _entries(array) != _entries(expected):
        return f"{name} holds {_entries(array)}; expected {_entries(expected)}"
    return _entry(array, expected, tolerance, name)


def _numbers(answer: Any, expected: Any, tolerance: float, name: str) -> str | None:
    if not _is_number(answer):
        return _wrong_type(answer, "a number", name)
    if answer == expected:  # which is seen without NumPy: for one number it takes its time
        return None
    try:
        return _entry(np.asarray(answer, float), np.asarray(expected, float), tolerance, name)
    except OverflowError:
        return f"{name} is an integer too large to compare; expected {shorten(expected)}"


def _exactly(answer: Any, expected: Any, name: str) -> str | None:
    if type(expected) in (bool, np.bool_):
        same = type(answer) in (bool, np.bool_) and bool(answer) is bool(expected)
    else:
        same = type(answer) is type(expected) and bool(answer == expected)
    return None if same else f"{name} is {shorten(answer)}; expected {shorten(expected)}"


def _as_array(answer: Any) -> NDArray[Any] | None:
    """Return an array or a rectangular list as an array; None for anything else."""
    if type(answer) is np.ndarray:
        return answer
    if type(answer) not in (list, tuple) or not _is_plain(answer, _DEEPEST):
        return None
    try:
        return np.array(answer)
    except ValueError:
        return None


_PLAIN = (int, float, complex, bool, str, type(None))


def _is_plain(value: Any, depth: int) -> bool:
    """Tell whether lists in lists hold nothing that NumPy would have to ask what it is."""
    kind = type(value)
    if kind in (list, tuple):
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value)
    if kind is np.ndarray:
        return bool(value.dtype.kind != "O")
    if kind is str:
        return len(value) <= _LONGEST  # each entry of an array takes the room of the longest
    return kind in _PLAIN or _is_numpys(kind, "biufcU")


def _entries(array: NDArray[Any]) -> str:
    kinds = {"b": "truth values", "c": "complex numbers", "U": "strings", "O": "objects"}
    return "numbers" if array.dtype.kind in "iuf" else kinds.get(array.dtype.kind, "other data")


def _entry(answer: NDArray[Any], expected: NDArray[Any], tolerance: float, name: str) -> str | None:
    """Return the first entry that differs; the shapes are known to be equal."""
    wrong = _unequal(answer, expected, tolerance)
    if not wrong.any():
        return None
    place = tuple(int(axis) for axis in np.argwhere(wrong)[0])
    entry = f"entry [{', '.join(map(str, place))}] of {name}" if place else name
    got, wanted = _two_numbers(answer[place], expected[place])
    if got == "nan":
        got = "NaN, which is not a number"
    return f"{entry} is {got}; expected {wanted}"


def _unequal(answer: NDArray[Any], expected: NDArray[Any], tolerance: float) -> NDArray[Any]:
    """Mark the entries that differ: the NaN alone where there are any, as they explain the rest."""
    if expected.dtype.kind not in "iuf":
        return np.asarray(answer != expected)
    if np.isinf(tolerance):
        return np.zeros(expected.shape, bool)
    with np.errstate(all="ignore"):
        close = np.isclose(answer, expected, rtol=tolerance, atol=tolerance, equal_nan=True)
    nan = np.isnan(answer) & ~np.isnan(expected)
    return nan if nan.any() else np.asarray(~close)


def _two_numbers(got: Any, wanted: Any) -> tuple[str, str]:
    """Write two numbers with as few digits as show that they differ."""
    if np.asarray(wanted).dtype.kind not in "iuf":
        return str(got), str(wanted)
    pairs = ((f"{got:.{digits}g}", f"{wanted:.{digits}g}") for digits in (6, 9, 12))
    return next(((one, other) for one, other in pairs if one != other), (repr(got), repr(wanted)))


def _first(differences: Any) -> str | None:
    return next((words for words in differences if words is not None), None)
