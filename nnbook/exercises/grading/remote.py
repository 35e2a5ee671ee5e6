"""The grader's side of an answer that is in a sandbox.

The definition of a task puts an answer to use as if it were here: it calls it, draws from it, asks
for its attributes, adds it to another. Each of these is one request, and what comes back is data
or the handle of a further object. Functions of the task's can go over as arguments; they are
called back and stay here. So can iterators: each step of one is such a call.
"""

import itertools
import math
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from nnbook.errors import KindError
from nnbook.exercises.compare import describe
from nnbook.exercises.grading.messages import ClosedError, GarbageError, Message, Wire
from nnbook.exercises.grading.values import Values, failure_class
from nnbook.exercises.running import Failure
from nnbook.exercises.timing import EndlessCall

Kind = TypeVar("Kind")

_LONGEST_NAME = 40
_LARGEST_COUNT = 10**6
_DEEPEST = 20  # calls back within calls
_MOST_KINDS = 20
_GARBAGE = "the answer came in a form that is none"


class LostError(BaseException):
    """The student's process has ended or talks nonsense; no use of an answer may catch this."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.failure = Failure(("DeadKernel",), f"DeadKernel: {words}")


class StrayError(BaseException):
    """What a student's code raised that is no ordinary exception, such as SystemExit."""

    failure: Failure


class Remote:
    """A student's object, held by its handle.

    It has no attribute between two underscores but those that are written below. NumPy and others
    look for such names and take what they find for addresses in their own memory.
    """

    __array_ufunc__ = None  # the operators of an array ask this object, as they ask a student's

    def __init__(self, connection: "Connection", number: int) -> None:
        object.__setattr__(self, "_connection", connection)
        object.__setattr__(self, "_number", number)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it over there."""
        return self._ask("call", arguments, named)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that it has over there."""
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._ask("get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute over there."""
        self._ask("set", name, value)

    def __iter__(self) -> Any:
        """Return what can be drawn from."""
        made = self._ask("iter")
        return made if isinstance(made, Remote) else iter(made)

    def __next__(self) -> Any:
        """Draw."""
        return self._ask("next")

    def __len__(self) -> int:
        """Return its length, or the most that is believed."""
        return min(self._of(int, "len"), _LARGEST_COUNT)

    def __bool__(self) -> bool:
        """Ask whether it counts as true."""
        return self._of(bool, "bool")

    def __float__(self) -> float:
        """Return it as a number."""
        return self._of(float, "float")

    def __int__(self) -> int:
        """Return it as an integer."""
        return self._of(int, "int")

    def __hash__(self) -> int:
        """Return what tells it from other handles."""
        return id(self)

    def _of(self, kind: type[Kind], operation: str) -> Kind:
        value = self._ask(operation)
        if type(value) is kind:
            return value
        raise TypeError(f"{operation}() of an answer is no {kind.__name__}")

    def _ask(self, operation: str, *arguments: Any) -> Any:
        return self._connection.ask(operation, self, *arguments)


def _operator(operation: str) -> Callable[..., Any]:
    return lambda self, *others: self._ask(operation, *others)


def _reflected(operation: str) -> Callable[..., Any]:
    return lambda self, other: self._connection.ask(operation, other, self)


_TWO_SIDED = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
for _name in (*_TWO_SIDED, "neg", "pos", "abs", "getitem", "setitem", "contains"):
    setattr(Remote, f"__{_name}__", _operator(_name))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _operator(_name))
for _name in _TWO_SIDED:
    setattr(Remote, f"__r{_name}__", _reflected(_name))


class Connection:
    """Asks for one thing after the other, and believes nothing of what comes back.

    Parameters
    ----------
    wire : Wire
        Connected to a `worker.Worker`.

    Attributes
    ----------
    alive : bool
        Whether the process over there has neither ended nor talked nonsense.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.alive = True
        self._values = Values(0, self._handle, self._object_of)
        self._functions: list[Callable[..., Any]] = []
        self._ids = itertools.count()
        self._depth = 0
        self._seconds = self._end = math.inf

    def limit(self, seconds: float, end: float) -> None:
        """Let each request from now on take this long, and none go on after the end."""
        self._seconds, self._end = seconds, end

    def forget(self) -> None:
        """Give all handles and shared values up: they were those of one question."""
        self._values.forget()
        self._functions.clear()
        self.wire.start_count()
        self._ask_worker("forget")

    def definition(self, name: str) -> tuple[Any, ...]:
        """Return what the student has defined under a name; an empty tuple when there is nothing.

        Raises
        ------
        LostError, EndlessCall
            As `ask` does.
        """
        found = self._ask_worker("answer", name)
        if type(found) is tuple and len(found) <= 1:
            return found
        raise self._lost(_GARBAGE)

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Return what comes of an operation over there.

        Raises
        ------
        Exception
            What the student's code raised, as the nearest of Python's own exceptions.
        LostError
            When the process has ended, or sends what makes no sense.
        EndlessCall
            When nothing comes until the deadline of the wire.
        """
        if not self.alive:
            raise LostError("the call before this one ended Python itself")
        self.wire.deadline = min(time.monotonic() + self._seconds, self._end)
        try:
            return self._asked(operation, arguments)
        except GarbageError:
            raise self._lost(_GARBAGE) from None
        except ClosedError:
            raise self._lost("the call ended Python itself") from None
        except EndlessCall:
            self.alive = False
            raise

    def _ask_worker(self, operation: str, *arguments: Any) -> Any:
        """Ask for what no student's code takes part in, unless it has changed the worker."""
        try:
            return self.ask(operation, *arguments)
        except (Exception, StrayError):
            raise self._lost(_GARBAGE) from None

    def _lost(self, words: str) -> LostError:
        self.alive = False
        return LostError(words)

    def _asked(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        number = next(self._ids)
        encoded = [self._values.encoded(argument) for argument in arguments]
        request = {"id": number, "do": operation, "with": encoded, "errstate": np.geterr()}
        self.wire.send({**request, "news": self._values.news()})
        reply = self._reply_to(number)
        sys.stdout.write(_text(reply.get("printed"), 400))
        if "failure" in reply:
            raise _raised(reply["failure"])
        return self._values.decoded(reply.get("value"))

    def _reply_to(self, number: int) -> Message:
        while True:
            message = self.wire.receive()
            self._values.learn(message.get("news"))
            if "call" not in message:
                break
            self._call_back(message)
        if message.get("id") != number or type(message["id"]) is not int:
            raise GarbageError("the reply to another request")
        return message

    def _call_back(self, message: Message) -> None:
        """Run a function of the task's for the student's code."""
        place, arguments = message["call"], message.get("with")
        if type(place) is not int or not 0 <= place < len(self._functions):
            raise GarbageError("a call of a function that nobody has given")
        if self._depth >= _DEEPEST or not isinstance(arguments, list):
            raise GarbageError("calls within calls without end")
        self._depth += 1
        try:
            decoded = [self._values.decoded(argument) for argument in arguments]
            value = self._functions[place](*decoded)
            reply = {"value": self._values.encoded(value)}
        except (GarbageError, ClosedError):
            raise
        except Exception as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            reply = {"failure": [kinds, str(error)[:300]]}
        finally:
            self._depth -= 1
        self.wire.send({"id": message.get("id"), **reply, "news": self._values.news()})

    def _handle(self, value: Any) -> Message:
        if isinstance(value, Remote):
            return {"handle": object.__getattribute__(value, "_number")}
        if isinstance(value, Iterator):
            return {"steps": self._place_of(value.__next__)}
        if callable(value):
            return {"function": self._place_of(value)}
        raise KindError(
            "grade",
            got=f"{describe(value)} as an argument of an answer",
            wanted="data, a generator of NumPy's own kind (PCG64), a function or an iterator",
            remedy="let the case hold data, and make the rest of it in the task's `use`",
        )

    def _place_of(self, function: Callable[..., Any]) -> int:
        if function not in self._functions:
            self._functions.append(function)
        return self._functions.index(function)

    def _object_of(self, data: Message) -> Any:
        if "exception" in data:
            return _raised(data["exception"])
        number, name = data.get("handle"), data.get("type")
        if type(number) is not int or type(name) is not str:
            raise GarbageError("a handle that is none")
        kind = _class_named(name, data.get("numpy") is True, data.get("callable") is True)
        return kind(self, number)


def is_callable(value: Any) -> bool:
    """Tell whether a value that came from over there can be called."""
    return isinstance(value, Remote) and type(value).is_callable  # type: ignore[attr-defined]


@lru_cache(256)
def _class_named(name: str, has_numpy: bool, is_callable: bool) -> type[Remote]:
    """Make a kind of handle that is called what the student's own kind of object is called."""
    short = "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME]
    attributes: dict[str, Any] = {"is_callable": is_callable}
    if has_numpy:  # feedback tells whoever returns such an object how to come to the array
        attributes["numpy"] = property(lambda self: self._ask("get", "numpy"))
    return type(short or "object", (Remote,), attributes)


def _raised(failure: Any) -> BaseException:
    """Return an exception that stands for what the student's code raised."""
    if not isinstance(failure, dict):
        raise GarbageError("no failure")
    kinds, number = failure.get("kinds"), failure.get("line_number")
    if not isinstance(kinds, list) or not 0 < len(kinds) <= _MOST_KINDS:
        raise GarbageError("a failure of no kind")
    if type(number) is not int or not 0 <= number < 10**6:
        raise GarbageError("a line without a number")
    names = tuple(_text(kind, 100) for kind in kinds)
    told = Failure(
        names, _text(failure.get("message"), 300), number, _text(failure.get("line"), 120)
    )
    return _exception(told)


def _exception(told: Failure) -> BaseException:
    ordinary = _STRAY.isdisjoint(told.kinds)
    base: type[BaseException] = failure_class(told.kinds) if ordinary else StrayError
    attributes = {"__init__": _no_arguments, "failure": told}
    made: BaseException
    try:
        made = type(base.__name__, (base,), attributes)()
    except TypeError:  # a few cannot be made without what they are about
        made = type("Exception", (Exception,), attributes)()
    return made


_STRAY = {"SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "EndlessCall"}


def _no_arguments(self: BaseException) -> None:
    """Take none, whatever this kind of exception asks for."""


def _text(data: Any, longest: int) -> str:
    if type(data) is not str:
        raise GarbageError("no text where some is due")
    return data[:longest].encode("utf-8", "replace").decode()
