"""Stop a call that does not end, and leave everything else running.

Python can raise an exception in code that is at work in two ways. A timer's signal works in the
main thread, where it also wakes a call that waits; Windows has none. Elsewhere another thread
asks for the exception. Either way it is raised between two steps of Python: a single step that
does not end, such as ``sum(itertools.count())``, is beyond both, and then only a new kernel helps.
"""

import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_AGAIN = (
    0.05  # seconds between two attempts, as code may catch an exception, or a finalizer lose it
)


class EndlessCall(BaseException):
    """A call took too long; no Exception, so that ``except Exception`` lets it through."""


def call(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Any:
    """Return what a function returns, unless it takes longer than this.

    Raises
    ------
    EndlessCall
        From within the function, when the time is up.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    limited = _call_under_alarm if in_main_thread and _has_alarm() else _call_under_watch
    return limited(function, arguments, seconds)


def _has_alarm() -> bool:
    return sys.platform != "win32"


def _call_under_alarm(
    function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float
) -> Any:
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """Raise `EndlessCall`, but not in this file, where the timer is being switched off."""
    if frame is None or frame.f_code.co_filename != __file__:
        raise EndlessCall


def _call_under_watch(
    function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float
) -> Any:
    watch = _Watch(seconds)
    try:
        watch.start()
        return function(*arguments)
    finally:
        # Python raises nothing before this assignment. After it two exceptions may still arrive,
        # one that was asked for and one that is being asked for: hence three attempts.
        watch.ended = True
        try:
            try:
                watch.clear()
            except EndlessCall:
                watch.clear()
        except EndlessCall:
            watch.clear()


class _Watch(threading.Thread):
    """Asks for `EndlessCall` in the thread that made it, again and again until it is ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self.ended = False
        self._seconds = seconds
        self._watched = threading.get_ident()
        self._asking = threading.Lock()
        self._cleared = threading.Event()

    def run(self) -> None:
        """Wait for the time to be up, and then for each attempt to have an effect."""
        wait = self._seconds
        while not self._cleared.wait(wait):
            wait = _AGAIN
            with self._asking:
                if not self.ended:
                    _ask_for(self._watched, ctypes.py_object(EndlessCall))

    def clear(self) -> None:
        """Take back what was asked for and has not been raised, and let the thread end."""
        with self._asking:
            _ask_for(self._watched, None)
        self._cleared.set()


def _ask_for(thread: int, exception: Any) -> None:
    """Have an exception raised in a thread at its next step; None takes a request back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)
