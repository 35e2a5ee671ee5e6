"""What runs beside a student's code: it runs the cells, and answers requests.

It knows no task, no expected value and no comparison: it is sent inputs and sends back what came
of them. A student's code can change everything here, and gains nothing by it that it could not
have answered in the first place.
"""

import linecache
import operator
import random
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from nnbook import exercises
from nnbook.exercises.grading.messages import LONGEST, ClosedError, Message, Wire, as_bytes
from nnbook.exercises.grading.values import Values, failure_class
from nnbook.exercises.running import failure_of, quietly

_ANY_LENGTH = 2**31  # the grader is believed


def serve(sock: socket.socket) -> None:
    """Answer requests until the grader closes its end."""
    _leave_feedback_out()
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for notebooks that use the old functions: marks must repeat
    wire = Wire(sock, _ANY_LENGTH)
    with suppress(ClosedError):
        wire.send({"ready": True})  # the walls stand, or this would not run
        Worker(wire).serve()


def _leave_feedback_out() -> None:
    """Let `check`, `hint` and `solution` do nothing, wherever a notebook gets them from."""
    for name in ("check", "hint", "solution"):
        setattr(exercises, name, _nothing)


def _nothing(*_: object, **__: object) -> None:
    """Stand in for what only helps a reader."""


class Worker:
    """A student's namespace, and the objects in it that the grader holds by handles."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._values = Values(1, self._handle, self._object_of)
        self._handles: dict[int, Any] = {}
        self._calls = 0
        self._main = ModuleType("__main__")
        vars(self._main).update(display=_nothing, get_ipython=lambda: None)
        sys.modules["__main__"] = self._main  # where Python looks for what a class is made from

    def serve(self) -> None:
        """Answer one request after the other."""
        while True:
            self._answer(self._wire.receive())

    def _answer(self, request: Message) -> None:
        if request["do"] == "forget":
            self._values.forget()
            self._handles.clear()
        self._values.learn(request["news"])
        what, arguments = request["do"], [self._values.decoded(one) for one in request["with"]]
        with quietly() as printed, np.errstate(**request["errstate"]):
            try:
                reply = {"value": self._values.encoded(self._do(what, arguments))}
            except BaseException as error:
                reply = {"failure": asdict(failure_of(error, _nothing))}
            news = self._values.news()
        self._send({"id": request["id"], **reply, "news": news, "printed": printed.text})

    def _send(self, reply: Message) -> None:
        data = as_bytes(reply)
        if len(data) > LONGEST:
            words = f"AnswerTooLong: the answer has {len(data) // 2**20} MB"
            failure = {"kinds": ["AnswerTooLong"], "message": words, "line_number": 0, "line": ""}
            data = as_bytes({"id": reply["id"], "failure": failure, "news": [], "printed": ""})
        self._wire.send_bytes(data)

    def _do(self, what: str, arguments: list[Any]) -> Any:
        if what == "cell":
            return self._run_cell(*arguments)
        if what == "answer":
            return self._named(*arguments)
        return OPERATIONS[what](*arguments)

    def _run_cell(self, source: str, number: int) -> None:
        name = f"<cell {number}>"
        code = compiled(source, name)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(code, vars(self._main))

    def _named(self, name: str) -> tuple[Any, ...]:
        """Return the student's own definition; an empty tuple when there is none."""
        return (vars(self._main)[name],) if name in vars(self._main) else ()

    def _handle(self, value: Any) -> Message:
        if isinstance(value, BaseException):
            return {"exception": asdict(failure_of(value, _nothing))}
        number = len(self._handles)
        self._handles[number] = value
        return {
            "handle": number,
            "type": type(value).__name__,
            "callable": callable(value),
            "numpy": hasattr(type(value), "numpy"),
        }

    def _object_of(self, data: Message) -> Any:
        if "steps" in data:
            return _drawn(partial(self._call_back, data["steps"]))
        if "function" in data:
            return partial(self._call_back, data["function"])
        return self._handles[data["handle"]]

    def _call_back(self, function: int, *arguments: Any) -> Any:
        """Call a function of the task's; it may itself put other answers to use meanwhile."""
        encoded = [self._values.encoded(argument) for argument in arguments]
        self._calls += 1
        call = {"call": function, "id": self._calls, "with": encoded}
        self._wire.send({**call, "news": self._values.news()})
        while "do" in (reply := self._wire.receive()):
            self._answer(reply)
        self._values.learn(reply["news"])
        if "failure" in reply:
            kinds, message = reply["failure"]
            raise failure_class(tuple(kinds))(message)
        return self._values.decoded(reply["value"])


def _drawn(step: Callable[[], Any]) -> Iterator[Any]:
    """Yield what an iterator of the task's yields over there, one step at a time."""
    while True:
        try:
            item = step()
        except StopIteration:
            return
        yield item


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda function, arguments, named: function(*arguments, **named),
    "forget": lambda: None,
    "get": getattr,
    "set": setattr,
    "iter": iter,
    "next": next,
    "len": len,
    "bool": bool,
    "float": float,
    "int": int,
    "abs": abs,
    **{
        name: getattr(operator, name)
        for name in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos"),
            *("getitem", "setitem", "contains", "eq", "ne", "lt", "le", "gt", "ge"),
        )
    },
}


def compiled(source: str, name: str) -> Any:
    """Compile a cell; where it is no Python, without the lines that only IPython understands."""
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except SyntaxError:
        without = _without_magics(source)
        if without == source:
            raise
        return compile(without, name, "exec", dont_inherit=True)


def _without_magics(source: str) -> str:
    """Let magics, shell lines and questions do nothing; every line keeps its number."""
    first, _, rest = source.partition("\n")
    body = "\n" + rest if first.lstrip().startswith("%%") else source
    return _ASSIGNED.sub(r"\1None", _MAGIC.sub(r"\1pass", body))


_MAGIC = re.compile(r"^([ \t]*)(?:[%!].*|\?.*|\S*\?{1,2})$", re.MULTILINE)
_ASSIGNED = re.compile(r"^([ \t]*\w+[ \t]*=[ \t]*)[%!].*$", re.MULTILINE)
