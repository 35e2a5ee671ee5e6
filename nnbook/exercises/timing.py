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

_AGAIN = 0.05  # seconds between two signals, as the code may catch the first


class EndlessCall(BaseException):
    """A call took too long; no Exception, so that ``except Exception`` lets it through."""


def call(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Any:
    """Return what a function returns, unless it takes longer than this.

    Raises
    ------
    EndlessCall
        From within the function, when the time is up. Outside the main thread and on Windows it
        is raised once, so that code which catches everything goes on there.
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
    watch = _Watch()
    timer = threading.Timer(seconds, watch.ring)
    timer.daemon = True
    timer.start()
    try:
        return function(*arguments)
    finally:
        # The exception may arrive in this very line; it comes only once, so two tries suffice.
        try:
            watch.end()
        except EndlessCall:
            watch.end()
        timer.cancel()


class _Watch:
    """Asks for `EndlessCall` in the thread that made it: at most once, and never after its end."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._ended = False

    def ring(self) -> None:
        with self._lock:
            if not self._ended:
                _ask_for(self._thread, ctypes.py_object(EndlessCall))

    def end(self) -> None:
        """Take back what was asked for and has not been raised yet, and ask for nothing more."""
        with self._lock:
            self._ended = True
            _ask_for(self._thread, None)


def _ask_for(thread: int, exception: Any) -> None:
    """Have an exception raised in a thread at its next step; None takes a request back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)
