"""Stop a call that does not end, and leave everything else running.

Python can raise an exception in code that is at work in two ways. A timer's signal works in the
main thread, where it also wakes a call that waits; Windows has none. Elsewhere another thread
asks for the exception. Either way it is raised between two steps of Python: a single step that
does not end, such as ``sum(itertools.count())``, is beyond both, and then only a new kernel helps.

Code may catch whatever is raised and go on. After the timer's signal it is therefore traced, and
asked again at every step, also within its ``except``: so it leaves one loop after the other. The
same goes for the reader's own interrupt. The other way asks again at intervals, so code that
catches everything and spends its time waiting is beyond it.
"""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
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
    alarm = _Alarm()
    traced = sys.gettrace()
    try:
        alarm.start(seconds)
        return function(*arguments)
    finally:
        try:  # noqa: SIM105 - calls of suppress would be traced, and hit
            sys.settrace(traced)
        except (EndlessCall, KeyboardInterrupt):
            pass  # asked for at the last step of the call, and raised when nothing asks any more
        alarm.end()


class _Alarm:
    """Has the timer's signal and the reader's interrupt stop what runs in the main thread."""

    def __init__(self) -> None:
        self._exception: type[BaseException] = EndlessCall
        self._began = time.monotonic()
        self._timer = signal.getitimer(signal.ITIMER_REAL)
        self._handlers = {signal.SIGALRM: signal.getsignal(signal.SIGALRM)}
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._handlers[signal.SIGINT] = signal.default_int_handler

    def start(self, seconds: float) -> None:
        for number in self._handlers:
            signal.signal(number, self._stop)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def end(self) -> None:
        """Put everything back, also a timer that ran before, such as that of a check around."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)
        rest, interval = self._timer
        if rest:
            left = rest - (time.monotonic() - self._began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6), interval)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Raise in the call and trace it, so that it is asked again; but not where it is over."""
        if frame is None or _is_ours(frame):
            return
        if number == signal.SIGINT:
            self._exception = KeyboardInterrupt
            signal.setitimer(signal.ITIMER_REAL, _AGAIN, _AGAIN)
        ask_again = partial(_ask_for_at_event, threading.get_ident(), self._exception)
        running: FrameType | None = frame
        while running is not None and not _is_ours(running):
            running.f_trace = ask_again
            running = running.f_back
        sys.settrace(ask_again)
        raise self._exception


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename == __file__


# A tracer: takes the three arguments that Python gives to one, and ignores them. It is not written
# in Python, because it would then be the first to be hit by what it asks for, and Python switches
# a tracer off that raises: a loop in a loop, each with its own `except`, would go on.
_ask_for_at_event = ctypes.PYFUNCTYPE(None, ctypes.c_ulong, *[ctypes.py_object] * 4)(
    ("PyThreadState_SetAsyncExc", ctypes.pythonapi)
)


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


class _Watch:
    """A call in the thread that makes this, and until when it may run."""

    def __init__(self, seconds: float) -> None:
        self.ended = self.asked = False
        self.deadline = time.monotonic() + seconds
        self._watcher = _Watcher.of_this_thread()

    def start(self) -> None:
        with self._watcher.asking:
            self._watcher.calls.append(self)

    def clear(self) -> None:
        """Leave nothing that is still to be raised."""
        watcher = self._watcher
        with watcher.asking:
            watcher.calls = [call for call in watcher.calls if call is not self]
            asked, self.asked = self.asked, False
        if asked:
            _have_it_raised_here(watcher.watched)


class _Watcher(threading.Thread):
    """Asks for `EndlessCall` in one thread, again and again while a call is late there.

    It looks at the clock at intervals for as long as its thread lives: a thread for each call would
    cost more than most calls.
    """

    _own = threading.local()

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.watched = threading.get_ident()
        self.asking = threading.Lock()
        self.calls: list[_Watch] = []
        self._thread = threading.current_thread()

    @classmethod
    def of_this_thread(cls) -> "_Watcher":
        """Return the watcher of the thread that asks; it is started there once, and stays."""
        watcher: _Watcher | None = getattr(cls._own, "watcher", None)
        if watcher is None or not watcher.is_alive():
            watcher = cls._own.watcher = cls()
            watcher.start()
        return watcher

    def run(self) -> None:
        while self._thread.is_alive():
            time.sleep(_AGAIN)
            with self.asking:
                late = [call for call in self.calls if time.monotonic() >= call.deadline]
                for call in late:
                    call.asked = True
                if not all(call.ended for call in late):
                    _ask_for_end(self.watched)


def _ask_for_end(thread: int) -> None:
    """Have `EndlessCall` raised in a thread at its next step."""
    exception = ctypes.py_object(EndlessCall)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)


def _have_it_raised_here(thread: int) -> None:
    """Ask once more, and catch it: nothing is left of what was asked for before.

    Python can also take a request back. But Python 3.11 then looks for it at every step from then
    on, and where a function is entered under somebody's tracer it does so without end.
    """
    try:
        _ask_for_end(thread)
        while True:
            pass
    except EndlessCall:
        pass
