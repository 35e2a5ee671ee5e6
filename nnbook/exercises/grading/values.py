"""Values on the wire: what a task's arguments and answers are made of, as data.

Numbers, strings, truth values and tuples travel by value. A list, a dict, an array and a random
generator are *shared*: both sides hold one, under the same number, and a change that one side
makes in place goes to the other with the next message. So an answer that changes its input, fills
one buffer again and again, or hands back the very array that it was given, means the same as in
one process. Everything else, such as a function or an object of the student's own class, stays
where it is; a handle travels in its place.
"""

import base64
import binascii
import builtins
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.exercises.grading.messages import GarbageError, Message

_MOST_AXES = 16
_DEEPEST = 50  # tuples in tuples: Python itself would give up at some depth
_LONGEST_AXIS = 10**7
_LARGEST_INTEGER = 4096  # bits
_LAST_LETTER = 0x10FFFF  # of Unicode
_KINDS = r"\|b1|\|[iu]1|<[iu][248]|<f[248]|<c(8|16)|<U\d{1,6}"

Handle = Callable[[Any], Message]
Object = Callable[[Message], Any]


class Values:
    """Turns values into data and back, and remembers what both sides share.

    Parameters
    ----------
    first : {0, 1}
        The two sides number what they share by even and by odd numbers.
    handle : callable
        Makes the data that stands for an object which stays here.
    object_of : callable
        Makes, or finds, the object that such data from the other side stands for.
    """

    def __init__(self, first: int, handle: Handle, object_of: Object) -> None:
        self._first, self._handle, self._object_of = first, handle, object_of
        self.forget()

    def forget(self) -> None:
        """Share nothing any more, and count afresh; the other side has to do the same."""
        self._next = self._first
        self._shared: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id → number
        self._told: dict[int, list[Any]] = {}  # number → what the other side knows of it

    def encoded(self, value: Any) -> Any:
        """Return a value as data; `news` has to be asked for afterwards."""
        kind = type(value)
        if value is None or kind in (bool, float, str):
            return value
        if kind is int and value.bit_length() <= _LARGEST_INTEGER:
            return value
        if kind is tuple:
            return {"tuple": [self.encoded(item) for item in value]}
        if kind in (list, dict) or _is_array(value) or _is_generator(value):
            return {"shared": self._number(value)}
        return _encoded_atom(value) or self._handle(value)

    def news(self) -> list[list[Any]]:
        """Return all shared values that are new to the other side, or have changed."""
        found = []
        for number, value in self._all_shared():
            content = self._content(value)
            if content != self._told.get(number):
                self._told[number] = content
                found.append([number, *content])
        return found

    def learn(self, news: Any) -> None:
        """Make and change what is shared, as the other side says.

        Raises
        ------
        GarbageError
            When that makes no sense.
        """
        entries = [_checked(entry) for entry in _a_list(news)]
        for number, kind, *content in entries:
            if number not in self._shared:
                self._keep(number, _blank(kind, content))
        for number, kind, *content in entries:
            self._fill(self._shared[number], kind, content)
            self._told[number] = [kind, *content]

    def decoded(self, data: Any, depth: int = 0) -> Any:
        """Return the value that data stands for.

        Parameters
        ----------
        data : Any
            From the other side.
        depth : int
            In how many tuples it stands.

        Raises
        ------
        GarbageError
            When it stands for none.
        """
        if not isinstance(data, dict):
            return _plain(data)
        if len(data) == 1:
            ((tag, content),) = data.items()
            if tag == "shared":
                return self._known(content)
            if tag == "tuple" and depth < _DEEPEST:
                return tuple(self.decoded(item, depth + 1) for item in _a_list(content))
            if tag in _ATOMS:
                return _ATOMS[tag](content)
        return self._object_of(data)

    def _number(self, value: Any) -> int:
        number = self._numbers.get(id(value))
        if number is None:
            number, self._next = self._next, self._next + 2
            self._keep(number, value)
        return number

    def _keep(self, number: int, value: Any) -> None:
        self._shared[number] = value
        self._numbers[id(value)] = number

    def _known(self, number: Any) -> Any:
        if type(number) is not int or number not in self._shared:
            raise GarbageError("a shared value that nobody has shared")
        return self._shared[number]

    def _all_shared(self) -> Any:
        """Yield (number, value), also of those that are found while the others are encoded."""
        done = 0
        while done < len(self._shared):
            waiting = list(self._shared.items())[done:]
            done += len(waiting)
            yield from waiting

    def _content(self, value: Any) -> list[Any]:
        if type(value) is list:
            return ["list", [self.encoded(item) for item in value]]
        if type(value) is dict:
            pairs = [[self.encoded(key), self.encoded(item)] for key, item in value.items()]
            return ["dict", pairs]
        if type(value) is np.ndarray:
            return ["array", value.dtype.str, list(value.shape), _as_text(value.tobytes())]
        return ["generator", value.bit_generator.state]

    def _fill(self, value: Any, kind: str, content: list[Any]) -> None:
        if kind == "list" and type(value) is list:
            value[:] = map(self.decoded, _a_list(content[0]))
        elif kind == "dict" and type(value) is dict:
            pairs = [self._pair(pair) for pair in _a_list(content[0])]
            value.clear()
            value.update(pairs)
        elif kind == "array" and type(value) is np.ndarray:
            _overwrite(value, _array(*content))
        elif kind == "generator" and _is_generator(value):
            _set_state(value, content[0])
        else:
            raise GarbageError("a shared value that has become something else")

    def _pair(self, pair: Any) -> tuple[Any, Any]:
        key, value = map(self.decoded, _a_list(pair, 2))
        try:
            hash(key)
        except TypeError:
            raise GarbageError("a key that cannot be one") from None
        return key, value


def failure_class(kinds: tuple[str, ...]) -> type[BaseException]:
    """Return the nearest of Python's own exceptions, by the names of a type's ancestors."""
    known = (getattr(builtins, kind, None) for kind in kinds)
    types = (one for one in known if isinstance(one, type))
    return next((one for one in types if issubclass(one, Exception)), Exception)


def _checked(entry: Any) -> list[Any]:
    """Return [number, kind, *content] when it has that form."""
    if not isinstance(entry, list) or len(entry) < 3 or type(entry[0]) is not int:
        raise GarbageError("no entry of what is shared")
    if _LENGTHS.get(str(entry[1])) != len(entry) - 2:
        raise GarbageError("an entry of no known kind")
    return entry


_LENGTHS = {"list": 1, "dict": 1, "array": 3, "generator": 1}


def _blank(kind: str, content: list[Any]) -> Any:
    if kind == "array":
        return _array(*content)
    if kind == "generator":
        return np.random.Generator(np.random.PCG64())
    return [] if kind == "list" else {}


def _a_list(data: Any, length: int | None = None) -> list[Any]:
    if not isinstance(data, list) or length not in (None, len(data)):
        raise GarbageError("no list where one is due")
    return data


def _plain(data: Any) -> Any:
    if type(data) is int and data.bit_length() > _LARGEST_INTEGER:
        raise GarbageError("a huge integer")
    if isinstance(data, list):
        raise GarbageError("a list that is not shared")
    if type(data) is str and not data.isascii():
        return data.encode("utf-8", "replace").decode()  # half a character is none
    return data


def _is_array(value: Any) -> bool:
    return type(value) is np.ndarray and _is_plain_dtype(value.dtype)


def _is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    return re.fullmatch(_KINDS, dtype.str) is not None


def _is_generator(value: Any) -> bool:
    bits = getattr(value, "bit_generator", None) if type(value) is np.random.Generator else None
    return type(bits) is np.random.PCG64


def _encoded_atom(value: Any) -> Message | None:
    kind = type(value)
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if value is ...:
        return {"ellipsis": True}
    if kind is slice:
        places = [value.start, value.stop, value.step]
        return {"slice": places} if all(type(one) in (int, type(None)) for one in places) else None
    if (
        issubclass(kind, np.generic)
        and np.dtype(kind).type is kind
        and _is_plain_dtype(value.dtype)
    ):
        return {"scalar": [value.dtype.str, _as_text(value.tobytes())]}
    return None


def _complex(content: Any) -> complex:
    real, imaginary = _a_list(content, 2)
    if type(real) is not float or type(imaginary) is not float:
        raise GarbageError("no complex number")
    return complex(real, imaginary)


def _slice(content: Any) -> slice:
    places = _a_list(content, 3)
    if not all(type(one) in (int, type(None)) for one in places):
        raise GarbageError("no slice")
    return slice(*places)


def _scalar(content: Any) -> Any:
    dtype, text = _a_list(content, 2)
    return _array(dtype, [], text)[()]


_ATOMS: dict[str, Callable[[Any], Any]] = {
    "complex": _complex,
    "ellipsis": lambda _: ...,
    "scalar": _scalar,
    "slice": _slice,
}


def _array(dtype: Any, shape: Any, text: Any) -> NDArray[Any]:
    """Return an array of an allowed type; its bytes have to be as many as its shape says."""
    if type(dtype) is not str or re.fullmatch(_KINDS, dtype) is None:
        raise GarbageError("an array of a type that is not allowed")
    sizes = [_axis(size) for size in _a_list(shape)]
    data = _as_data(text)
    wanted = np.dtype(dtype)
    if len(sizes) > _MOST_AXES or math.prod(sizes) * wanted.itemsize != len(data):
        raise GarbageError("an array whose bytes do not fit its shape")
    array = np.ndarray(sizes, wanted, buffer=data)
    if wanted.kind == "b":  # a byte other than 0 and 1 would be two truth values at once
        np.not_equal(array.view(np.uint8), 0, out=array)
    if wanted.kind == "U" and (np.ndarray(len(data) // 4, "<u4", data) > _LAST_LETTER).any():
        raise GarbageError("letters that do not exist")
    return array


def _axis(size: Any) -> int:
    if type(size) is not int or not 0 <= size <= _LONGEST_AXIS:
        raise GarbageError("an axis of no possible length")
    return size


def _overwrite(array: NDArray[Any], new: NDArray[Any]) -> None:
    if (array.dtype, array.shape) != (new.dtype, new.shape):
        raise GarbageError("an array that has changed its shape")
    if array.tobytes() != new.tobytes():
        array.flags.writeable = True  # on the other side it has changed, so it was so there
        array[...] = new


def _set_state(generator: np.random.Generator, state: Any) -> None:
    try:
        generator.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {name: int(state["state"][name]) for name in ("state", "inc")},
            "has_uint32": int(state["has_uint32"]),
            "uinteger": int(state["uinteger"]),
        }
    except (KeyError, TypeError, ValueError, OverflowError):
        raise GarbageError("no state of a generator") from None


def _as_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _as_data(text: Any) -> bytearray:
    try:
        return bytearray(base64.b64decode(text, validate=True))
    except (TypeError, ValueError, binascii.Error):
        raise GarbageError("no bytes") from None
