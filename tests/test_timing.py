"""A call that does not end is stopped, wherever it runs, and nothing of it is left behind."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from nnbook.exercises import timing
from nnbook.exercises.timing import EndlessCall


@pytest.fixture(autouse=True)
def no_report(monkeypatch):
    """Let Python drop in silence what is raised while it collects garbage: it is raised again."""
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)


@pytest.fixture(params=["alarm", "watch"])
def way(request, monkeypatch):
    """Stop calls by the timer's signal, and then as on a system that has none."""
    if request.param == "alarm" and sys.platform == "win32":
        pytest.skip("Windows has no timer's signal")
    monkeypatch.setattr(timing, "_has_alarm", lambda: request.param == "alarm")
    return request.param


def loops():
    while True:
        len("")


def swallows_exceptions():
    while True:
        with suppress(Exception):
            len("")


def calls_itself_without_end():
    def deeper(depth):
        return depth and deeper(depth - 1) + deeper(depth - 1)

    return deeper(200)


@pytest.mark.parametrize("endless", [loops, swallows_exceptions, calls_itself_without_end])
def test_an_endless_call_is_stopped(way, endless):
    with pytest.raises(EndlessCall):
        timing.call(endless, (), 0.1)


def test_a_call_that_ends_returns_its_value(way):
    assert timing.call(divmod, (7, 2), 5.0) == (3, 1)


def test_an_exception_passes_through(way):
    with pytest.raises(ZeroDivisionError):
        timing.call(divmod, (7, 0), 5.0)


def test_nothing_is_raised_after_the_call(way):
    with suppress(EndlessCall):
        timing.call(loops, (), 0.05)
    assert timing.call(len, ("four",), 0.05) == 4
    deadline = time.monotonic() + 0.2
    while time.monotonic() < deadline:
        len("")


def test_a_call_that_ends_as_the_time_is_up_leaves_nothing_behind(way):
    def ends_about_then(moment):
        while time.monotonic() < moment:
            pass

    for lateness in range(-20, 20):
        with suppress(EndlessCall):
            timing.call(ends_about_then, (time.monotonic() + 0.01 + lateness * 1e-5,), 0.01)
        for _ in range(1000):
            len("")


def test_code_that_catches_everything_is_stopped_by_a_later_attempt(way):
    def catches_everything():
        while True:
            with suppress(BaseException):
                len("")

    with pytest.raises(EndlessCall):
        timing.call(catches_everything, (), 0.05)


def waits_and_catches_everything():
    while True:
        try:
            time.sleep(50)
        except BaseException:
            continue


def waits_and_catches_everything_twice():
    while True:
        try:
            while True:
                try:
                    time.sleep(50)
                except BaseException:
                    time.sleep(50)
        except BaseException:
            continue


def waits_and_goes_on_in_the_end():
    while True:
        try:
            time.sleep(50)
        finally:
            continue  # noqa: B012 - silences everything: the mistake


def waits_again_in_another_function():
    while True:
        with suppress(BaseException):
            waits_and_catches_everything()


CATCH_ALL = [
    waits_and_catches_everything,
    waits_and_catches_everything_twice,
    waits_and_goes_on_in_the_end,
    waits_again_in_another_function,
]
in_the_main_thread = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no timer's signal"
)


@in_the_main_thread
@pytest.mark.parametrize("endless", CATCH_ALL)
def test_code_that_waits_and_catches_everything_is_stopped_in_its_except(endless):
    with pytest.raises(EndlessCall):
        timing.call(endless, (), 0.05)
    assert sys.gettrace() is None


@in_the_main_thread
@pytest.mark.parametrize("endless", CATCH_ALL)
def test_an_interrupt_is_not_caught_either(endless):
    to_here = (threading.get_ident(), signal.SIGINT)
    interrupt = threading.Timer(0.1, signal.pthread_kill, to_here)
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        timing.call(endless, (), 60.0)
    interrupt.join()
    assert sys.gettrace() is None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@in_the_main_thread
def test_who_handles_interrupts_otherwise_goes_on_doing_so(monkeypatch):
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append("interrupt"))
    try:
        timing.call(signal.raise_signal, (signal.SIGINT,), 60.0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == ["interrupt"]


@in_the_main_thread
def test_a_call_that_ends_is_never_traced():
    assert timing.call(sys.gettrace, (), 60.0) is None


@in_the_main_thread
def test_the_tracer_of_somebody_else_is_put_back():
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with suppress(EndlessCall):
            timing.call(loops, (), 0.05)
        found = sys.gettrace()
    finally:
        sys.settrace(before)
    assert found is tracer


@in_the_main_thread
def test_the_timer_of_somebody_else_goes_on():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append("theirs"))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with suppress(EndlessCall):
            timing.call(loops, (), 0.05)
        assert rung == []
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.2
        while not rung:
            time.sleep(0.01)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung == ["theirs"]


@in_the_main_thread
def test_a_call_within_a_call_leaves_the_outer_one_its_time():
    def calls_and_loops():
        assert timing.call(len, ("four",), 60.0) == 4
        with pytest.raises(EndlessCall):
            timing.call(waits_and_catches_everything, (), 0.05)
        loops()

    with pytest.raises(EndlessCall):
        timing.call(calls_and_loops, (), 0.3)


def test_an_exception_that_a_finalizer_loses_is_raised_again(way):
    class LosesIt:
        def __del__(self):
            deadline = time.monotonic() + 0.1
            while time.monotonic() < deadline:
                pass

    def makes_one_and_loops():
        LosesIt()
        loops()

    with pytest.raises(EndlessCall):
        timing.call(makes_one_and_loops, (), 0.05)


@in_the_main_thread
def test_in_the_main_thread_a_call_that_waits_is_woken():
    with pytest.raises(EndlessCall):
        timing.call(threading.Event().wait, (60,), 0.05)


@pytest.mark.parametrize("way", ["alarm", "watch"])
@pytest.mark.parametrize("call", ["timing.call(len, ('',), 60.0)", "late()"])
def test_a_tracer_can_be_used_after_a_call(way, call):
    """In a process of its own, as Python itself would not come back if it could not."""
    program = f"""
import sys
from contextlib import suppress
from nnbook.exercises import timing
if {way!r} == "watch":
    timing._has_alarm = lambda: False
def loops():
    while True:
        pass
def late():
    with suppress(timing.EndlessCall):
        timing.call(loops, (), 0.05)
{call}
sys.settrace(lambda *_: None)
(lambda: None)()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_thread_has_one_watcher_for_all_its_calls(way):
    timing.call(len, ("",), 60.0)
    before = threading.active_count()
    for _ in range(20):
        timing.call(len, ("",), 60.0)
    assert threading.active_count() <= before


def test_a_watcher_ends_with_its_thread(monkeypatch):
    monkeypatch.setattr(timing, "_has_alarm", lambda: False)
    before = threading.active_count()
    reader = threading.Thread(target=timing.call, args=(len, ("",), 60.0))
    reader.start()
    reader.join()
    deadline = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_calls_in_two_threads_are_stopped_each_in_its_own_time(way):
    ended = {}

    def waits(name, seconds):
        with suppress(EndlessCall):
            timing.call(loops, (), seconds)
        ended[name] = time.monotonic()

    readers = [threading.Thread(target=waits, args=pair) for pair in (("soon", 0.1), ("late", 1.0))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert ended["soon"] < ended["late"]
