"""In a kernel: what does not end is stopped or interrupted, and the notebook goes on."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

DEFINITIONS = """
import time
from pathlib import Path
from nnbook import check
from nnbook.exercises import running

def right(X, w, b):
    return (X @ w + b >= 0).astype(int)

def endless(X, w, b):
    Path({signal!r}).touch()
    while True:
        X = X + 1

def heeds_nothing(X, w, b):
    Path({signal!r}).touch()
    while True:
        try:
            time.sleep(50)
        except:
            pass
"""

Run = Callable[[str], tuple[str, str]]


@pytest.fixture
def signal(tmp_path: Path) -> Path:
    """Return the file by which the endless call says that it is at work."""
    return tmp_path / "at work"


@pytest.fixture
def kernel(signal: Path) -> Iterator[Any]:
    """Start a kernel in which both functions are defined."""
    manager, client = start_new_kernel()
    try:
        execute = client.execute(DEFINITIONS.format(signal=str(signal)))
        assert _answer(client, execute) == ("ok", "")
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _answer(client: Any, message: str) -> tuple[str, str]:
    """Wait for a cell; return its status, and the text of its result or the name of its error."""
    status, shown = "ok", ""
    while True:
        told = client.get_iopub_msg(timeout=60)
        if told["parent_header"].get("msg_id") != message:
            continue
        content = told["content"]
        if told["msg_type"] == "execute_result":
            shown = content["data"]["text/plain"]
        if told["msg_type"] == "error":
            status, shown = "error", content["ename"]
        if content.get("execution_state") == "idle":
            return status, shown


@pytest.mark.parametrize("answer", ["endless", "heeds_nothing"])
def test_an_interrupt_ends_the_call_and_the_notebook_goes_on(
    kernel: Any, signal: Path, answer: str
) -> None:
    manager, client = kernel
    # Other cells that wait would be dropped after an error, as in Jupyter.
    source = f"running.SECONDS = 600; check('neuron', {answer})"
    running = client.execute(source, stop_on_error=False)
    deadline = time.monotonic() + 60
    while not signal.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    manager.interrupt_kernel()
    assert _answer(client, running) == ("error", "KeyboardInterrupt")
    assert _goes_on(client)


def test_a_call_that_does_not_end_is_stopped_and_the_notebook_goes_on(kernel: Any) -> None:
    _, client = kernel
    source = "running.SECONDS = 0.3; check('neuron', endless)"
    status, told = _answer(client, client.execute(source))
    assert status == "ok"
    assert "EndlessCall: stopped after 0.3 seconds, as the call did not end" in told
    assert "of the cell: X = X + 1" in told or "of the cell: while True:" in told
    assert _goes_on(client)


def _goes_on(client: Any) -> bool:
    status, told = _answer(client, client.execute("check('neuron', right)"))
    return status == "ok" and told.startswith("Right: neuron")
