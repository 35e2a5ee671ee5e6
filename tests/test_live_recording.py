"""Recordings: computed once, copied, told at a bearable pace, and stored as one line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output
from numpy.testing import assert_array_equal
from refusals import assert_refused
from threadpoolctl import ThreadpoolController, threadpool_limits

from nnbook import live, nn, notebooks, optim, training
from nnbook.errors import ArgumentError, DivergenceError, KindError
from nnbook.live import recording
from nnbook.live.recording import ProgressBar
from nnbook.nn import functional as F  # noqa: N812


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what a recording displays: its bar, then the words."""
    shown: list[Any] = []
    monkeypatch.setattr(recording, "display", lambda one, **_: shown.append(one))
    return shown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """Let time stand still between the steps of a recording."""
    stopped = Clock()
    monkeypatch.setattr(recording, "monotonic", lambda: stopped.seconds)
    return stopped


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect the news that are sent to the page, one for each message."""
    messages: list[dict[str, Any]] = []

    def publish(_: Any, __: str, data: Any = None, **___: Any) -> None:
        if data and data.get("method") == "update":
            messages.append(data["state"]["news"])

    monkeypatch.setattr(comm.DummyComm, "publish_msg", publish)
    return messages


class Clock:
    """Seconds that pass only when a computation says so."""

    seconds = 100.0

    def steps(self, count: int, seconds: float) -> Iterator[int]:
        """Yield numbers, each after so many seconds."""
        for number in range(count):
            self.seconds += seconds
            yield number


def words_of(displayed: list[Any]) -> str:
    return str(displayed[1].data)


def fails_at(number: int, error: BaseException) -> Iterator[int]:
    """Yield so many steps, then raise."""
    yield from range(number)
    raise error


# ---------------------------------------------------------------- what it returns


@given(st.lists(st.integers() | st.text()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_recording_is_the_list_of_what_was_yielded(yielded: list[Any]) -> None:
    assert live.record(yielded) == live.record(iter(yielded)) == yielded


def test_computation_runs_once_and_in_order() -> None:
    runs = []
    recorded = live.record(runs.append(number) or number for number in range(3))
    assert [*recorded, *recorded] == [0, 1, 2, 0, 1, 2]
    assert runs == [0, 1, 2]


def growing(weights: np.ndarray) -> Iterator[dict[str, Any]]:
    """Train as training does: change one array in place and yield it every time."""
    for number in range(3):
        weights += 1
        yield {"number": number, "weights": [weights]}


def uncopied(steps: Iterator[Any]) -> list[Any]:
    """Record as `record` would if it did not copy."""
    return list(steps)


def copied_at_the_top(steps: Iterator[Any]) -> list[Any]:
    """Record as `record` would if it copied the dictionary and not the arrays in it."""
    return [dict(step) for step in steps]


def weights_in(record: Callable[[Iterator[Any]], list[Any]]) -> list[list[float]]:
    return [step["weights"][0].tolist() for step in record(growing(np.zeros(2)))]


def test_each_step_is_kept_as_it_was() -> None:
    assert weights_in(live.record) == [[1, 1], [2, 2], [3, 3]]
    for twin in (uncopied, copied_at_the_top):
        assert weights_in(twin) == [[3, 3], [3, 3], [3, 3]]


def test_training_can_be_recorded(displayed: list[Any]) -> None:
    rng = np.random.default_rng(0)
    data = np.array([[1.0], [2.0]]), np.array([[2.0], [4.0]])
    model = nn.Linear(1, 1, rng=rng)
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    loop = training.steps(model, data, F.mse_loss, optimizer, epochs=6, rng=rng)
    recorded = live.record(((step.loss, model.weight.data) for step in loop), label="training")
    losses = [loss for loss, _ in recorded]
    assert losses == sorted(losses, reverse=True)
    assert len({weight.item() for _, weight in recorded}) == 6
    assert_array_equal(recorded[-1][1], model.weight.data)
    assert words_of(displayed) == "Recorded 6 steps of training."


# ---------------------------------------------------------------- how it is told


@pytest.mark.parametrize(
    ("count", "label", "words"),
    [
        (40, "training", "Recorded 40 steps of training."),
        (1, "training", "Recorded 1 step of training."),
        (0, "", "Recorded 0 steps."),
    ],
)
def test_words_count_the_steps(displayed: list[Any], count: int, label: str, words: str) -> None:
    live.record(iter(range(count)), label=label)
    assert words_of(displayed) == words
    assert displayed[0].name == f"Recording {label}".strip()


def test_words_count_what_came_and_not_what_was_expected(displayed: list[Any]) -> None:
    live.record(range(3), total=5)
    assert words_of(displayed) == "Recorded 3 steps."


@pytest.mark.parametrize(
    ("steps", "total", "known"),
    [
        (range(3), None, 3),
        (iter(range(3)), None, None),
        (iter(range(3)), 3, 3),
        (iter(range(3)), np.int64(3), 3),
        ([], None, 0),
        ([], 0, 0),
        (range(3), 7, 7),
    ],
)
def test_total_is_given_or_counted_or_unknown(
    displayed: list[Any], steps: Any, total: int | None, known: int | None
) -> None:
    live.record(steps, total=total)
    assert displayed[0].total == known


def test_bar_stands_in_the_page_before_the_first_step(displayed: list[Any]) -> None:
    live.record(len(displayed) for _ in range(1))
    bar, _ = displayed
    assert isinstance(bar, ProgressBar)
    assert live.record(dict(displayed[2].news) for _ in range(1)) == [
        {"count": 0, "words": "starting", "state": "running"}
    ]


def test_page_is_told_what_came_and_how_long_it_takes(
    clock: Clock, news: list[dict[str, Any]]
) -> None:
    live.record(clock.steps(4, seconds=2), total=4, label="training")
    assert [(one["count"], one["words"], one["state"]) for one in news] == [
        (1, "1 of 4, about 6 s left", "running"),
        (2, "2 of 4, about 4 s left", "running"),
        (3, "3 of 4, about 2 s left", "running"),
        (4, "4 of 4", "running"),
        (4, "Recorded 4 steps of training.", "done"),
    ]


@pytest.mark.parametrize(
    ("seconds", "left"), [(0.04, "1 s"), (99, "99 s"), (99.5, "2 min"), (600, "10 min")]
)
def test_time_left_is_rounded_up(
    clock: Clock, news: list[dict[str, Any]], seconds: float, left: str
) -> None:
    live.record(clock.steps(1, seconds), total=2)
    assert news[0]["words"] == f"1 of 2, about {left} left"


def test_nothing_is_promised_without_a_total(clock: Clock, news: list[dict[str, Any]]) -> None:
    live.record(clock.steps(2, seconds=2))
    assert [one["words"] for one in news] == ["1", "2", "Recorded 2 steps."]


def test_page_is_told_more_steps_than_were_expected(
    clock: Clock, news: list[dict[str, Any]]
) -> None:
    live.record(clock.steps(2, seconds=2), total=1)
    assert [one["words"] for one in news] == ["1 of 1", "2 of 1", "Recorded 2 steps."]


@given(seconds=st.floats(1e-6, 0.1), count=st.integers(1, 300))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_page_is_told_thirty_times_a_second_and_at_the_end(
    clock: Clock, news: list[dict[str, Any]], seconds: float, count: int
) -> None:
    news.clear()
    start = clock.seconds
    live.record(clock.steps(count, seconds))
    *running, last = news
    assert len(running) <= 30 * (clock.seconds - start) + 1e-6
    assert (last["count"], last["state"]) == (count, "done")


def test_page_is_told_of_every_step_that_is_slow_enough(
    clock: Clock, news: list[dict[str, Any]]
) -> None:
    live.record(clock.steps(50, seconds=0.04))
    assert [one["count"] for one in news] == [*range(1, 51), 50]


# ------------------------------------------------------------- where it is stopped


def test_interrupt_keeps_what_was_recorded(
    displayed: list[Any], news: list[dict[str, Any]]
) -> None:
    recorded = live.record(fails_at(3, KeyboardInterrupt()), total=9, label="training")
    assert recorded == [0, 1, 2]
    assert words_of(displayed) == "Stopped after 3 of 9 steps of training."
    assert news[-1] == {"count": 3, "words": "stopped at 3 of 9", "state": "stopped"}


def test_words_agree_with_the_list_whenever_the_interrupt_comes(
    displayed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ProgressBar, "move_to", interrupt)
    assert live.record(range(9)) == [0]
    assert words_of(displayed) == "Stopped after 1 of 9 steps."


def test_error_passes_through_and_the_bar_is_stopped(
    displayed: list[Any], news: list[dict[str, Any]]
) -> None:
    with pytest.raises(ZeroDivisionError, match="by hand"):
        live.record(fails_at(2, ZeroDivisionError("by hand")))
    assert words_of(displayed) == "Stopped after 2 steps."
    assert news[-1] == {"count": 2, "words": "stopped at 2", "state": "stopped"}


def test_training_that_diverges_says_so_itself() -> None:
    rng = np.random.default_rng(0)
    data = np.array([[1e6]]), np.array([[1.0]])
    model = nn.Linear(1, 1, rng=rng)
    optimizer = optim.SGD(model.parameters(), lr=1e6)
    loop = training.steps(model, data, F.mse_loss, optimizer, epochs=99, rng=rng)
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match="a loss of"):
        live.record(loop)


# -------------------------------------------------------------------- wrong uses


def a_generator() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("steps", "total", "kind", "parts"),
    [
        (40, None, KindError, ["record: got steps of type int", "pass a generator"]),
        (a_generator, None, KindError, ["steps of type function", "call it"]),
        (None, None, KindError, ["steps of type NoneType", "one step after another"]),
        ([], "40", KindError, ["record: got total='40'", "whole number", "write total=40"]),
        ([], 4.0, KindError, ["total=4.0"]),
        ([], True, KindError, ["total=True"]),
        ([], -1, ArgumentError, ["total=-1", "at least 0", "leave it out"]),
        ([1, a_generator()], None, KindError, ["step 1 of type generator", "cannot be copied"]),
        ([a_generator()], None, KindError, ["step 0 of type generator", "yield arrays"]),
    ],
)
def test_wrong_use_is_met_with_a_remedy(
    steps: Any, total: Any, kind: type[Exception], parts: list[str]
) -> None:
    assert_refused(lambda: live.record(steps, total=total), kind, parts)


def test_nothing_is_shown_or_run_when_the_use_is_wrong(displayed: list[Any]) -> None:
    runs: list[int] = []
    with pytest.raises(KindError):
        live.record((runs.append(1) for _ in range(3)), total="3")  # type: ignore[arg-type]
    assert displayed == runs == []


# --------------------------------------------------------------- in the notebook


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Run and store a notebook that records, in the way of the book."""
    path = tmp_path / "recording.ipynb"
    sources = [
        "from nnbook import live",
        'kept = live.record(range(40), label="training")\nlen(kept)',
    ]
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    notebooks.execute(path)
    return path


def test_saved_notebook_shows_one_line_and_no_widget(stored: Path) -> None:
    bar, words, result = nbformat.read(stored, as_version=4).cells[1].outputs
    assert bar.data == {"text/html": "<!-- Here was a progress bar. -->"}
    assert words.data == {"text/plain": "Recorded 40 steps of training."}
    assert result.data == {"text/plain": "40"}


def test_notebook_that_is_run_again_shows_the_same(stored: Path) -> None:
    before = stored.read_bytes()
    notebooks.execute(stored)
    assert stored.read_bytes() == before


def test_reader_who_saves_in_jupyter_stores_no_widget() -> None:
    data, _ = ProgressBar(3, "training")._repr_mimebundle_()
    assert notebooks.WIDGET_VIEW in data
    content = new_notebook(cells=[new_code_cell(outputs=[new_output("display_data", data)])])
    notebooks.pre_save({"type": "notebook", "content": content})
    assert notebooks.WIDGET_VIEW not in content.cells[0].outputs[0].data


# --- the machine -------------------------------------------------------------------------------


def _threads() -> set[int]:
    return {pool["num_threads"] for pool in ThreadpoolController().select(user_api="blas").info()}


def test_one_thread_does_the_algebra_of_a_recording() -> None:
    with threadpool_limits(2, user_api="blas"):
        assert live.record(_threads() for _ in range(2)) == [{1}, {1}]
        assert _threads() == {2}


def test_threads_come_back_after_an_error() -> None:
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(ZeroDivisionError):
            live.record(1 / step for step in range(2))
        assert _threads() == {2}
