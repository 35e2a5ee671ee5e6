"""Call the reader's function on a case, here in the kernel, and report what happened as data.

The report is an `Outcome`: a value, or an exception in words, never an exception object. Whoever
judges needs nothing else, so that a grader can get its outcomes from another process.
"""

import builtins
import copy
import inspect
import io
import linecache
import os
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from nnbook.exercises import timing
from nnbook.exercises.compare import difference
from nnbook.exercises.exercise import DEFINITIONS, Case

SECONDS = 5.0  # what one call may take; a right answer takes less than a hundredth


@dataclass(frozen=True)
class Failure:
    """An exception in words.

    Attributes
    ----------
    kinds : tuple of str
        The name of its type, and of the types that this is a kind of.
    message : str
        Type and message, on one line.
    line_number : int
        Where in the reader's code; 0 when it is not known.
    line : str
        The reader's code on that line.
    in_use : bool
        Whether the answer was left already: it was the task's own use of it that failed.
    """

    kinds: tuple[str, ...]
    message: str
    line_number: int = 0
    line: str = ""
    in_use: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one call came to.

    Attributes
    ----------
    value : Any
        What was returned; None when there is a failure.
    failure : Failure, optional
        The exception that came instead.
    changed : tuple of int
        Which of the arguments the call changed in place.
    printed : str
        The beginning of what the call printed.
    """

    value: Any = None
    failure: Failure | None = None
    changed: tuple[int, ...] = ()
    printed: str = ""


def run(function: Callable[..., Any], case: Case, seconds: float | None = None) -> Outcome:
    """Call a function on copies of a case's arguments.

    Warnings are ignored, prints are kept, and nobody can be asked. Every exception becomes a
    `Failure` except an interrupt, which is the reader's own wish and passes through.

    Parameters
    ----------
    function : callable
        An answer, or its use.
    case : Case
        What it is called with.
    seconds : float, optional
        Stop the call after this time, see `timing`; without it, the function is known to end.
    """
    arguments = copy.deepcopy(case.arguments)
    with quietly() as printed:
        try:
            value, failure = _call(function, arguments, seconds), None
            if inspect.iscoroutine(value):
                value.close()  # or Python would warn, later and elsewhere, that nobody awaited it
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            value, failure = None, failure_of(error, function)
    return Outcome(value, failure, _changed(case.arguments, arguments), printed.text)


def run_all(function: Callable[..., Any], cases: Iterable[Case]) -> list[Outcome]:
    """Run one case after the other, each for `SECONDS` at most, up to one that does not end."""
    outcomes = []
    for case in cases:
        outcomes.append(run(function, case, SECONDS))
        failure = outcomes[-1].failure
        if failure and failure.kinds[0] == timing.EndlessCall.__name__:
            break
    return outcomes


def failure_of(error: BaseException, function: Callable[..., Any]) -> Failure:
    """Put an exception that a call of a function raised into words.

    An exception may bring its `Failure` along, under this name: then it stands for one that was
    raised in another process, and one that was raised at no line of the reader's came from the use.
    """
    told = getattr(error, "failure", None)
    if isinstance(told, Failure):
        return replace(told, in_use=not told.line_number and isinstance(function, partial))
    ancestors = [kind.__name__ for kind in type(error).__mro__ if kind not in Exception.__mro__]
    kinds, words = tuple(ancestors) or ("Exception",), _in_words(error)
    frame, number = _place(error)
    if frame is None:
        return Failure(kinds, words)
    if str(frame.f_globals.get("__name__")).startswith(DEFINITIONS):
        return Failure(kinds, words, in_use=_is_of(function, frame))
    line = linecache.getline(frame.f_code.co_filename, number)
    return Failure(kinds, words, number, _cut(line.strip(), 120))


@contextmanager
def quietly() -> Iterator["_Beginning"]:
    """Ignore warnings, keep the beginning of what is printed, and let nobody be asked."""
    printed = _Beginning()
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        redirect_stdout(printed),
        redirect_stderr(printed),
        _nobody_to_ask(),
    ):
        warnings.simplefilter("ignore")
        yield printed


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float | None) -> Any:
    return timing.call(function, arguments, seconds) if seconds else function(*arguments)


@contextmanager
def _nobody_to_ask() -> Iterator[None]:
    """Let `input` fail in words: waiting for somebody to type would use up the time."""
    before = builtins.input, sys.stdin
    builtins.input, sys.stdin = _refuse_to_ask, io.StringIO()
    try:
        yield
    finally:
        builtins.input, sys.stdin = before


def _refuse_to_ask(*_: object) -> str:
    raise EOFError("input() has nobody to ask here; the arguments hold all that is needed")


class _Beginning(io.TextIOBase):
    """Keeps the first characters that are printed and drops the rest, even when it is closed."""

    LIMIT = 400

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str, /) -> int:
        self.text += text[: self.LIMIT - len(self.text)]
        return len(text)


def _changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[int, ...]:
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(place for place, (old, new) in pairs if difference(new, old, tolerance=0))


def _in_words(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "RecursionError: the function calls itself without end"
    if isinstance(error, timing.EndlessCall):
        return f"EndlessCall: stopped after {SECONDS:g} seconds, as the call did not end"
    lines = traceback.format_exception_only(error)  # a SyntaxError begins with indented places
    words = next(line for line in lines if not line.startswith(" "))
    bare = words.removeprefix(f"{type(error).__module__}.").lstrip("_")
    return _cut(" ".join(bare.split()), 300)


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else words[: length - 3] + "..."


def _place(error: BaseException) -> tuple[FrameType | None, int]:
    """Find the innermost line that is none of ours and none of a library's."""
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        # A file that is named from no root is one that a library was compiled from.
        has_root = os.path.isabs(file) or file.startswith("<")
        if has_root and not file.startswith(_not_the_readers()):
            return frame, number
    return None, 0


def _is_of(function: Callable[..., Any], frame: FrameType) -> bool:
    """Tell whether a frame is of the use of an answer, or of a comprehension in it."""
    use = function.func.__name__ if isinstance(function, partial) else None
    return frame.f_code.co_qualname.split(".")[0] == use


def _not_the_readers() -> tuple[str, ...]:
    libraries = (sysconfig.get_path(kind) for kind in ("stdlib", "platlib", "purelib"))
    package = str(Path(__file__).parents[1]) + os.sep
    return (*libraries, package, "<frozen", "<__array_function__")
