"""For authors: run the book's notebooks afresh and store only what a reader needs.

A stored notebook must come out the same on every machine: no times, no widget state, no
machine's names. Where a widget has a picture or a text beside it, only those are stored, because
a saved widget without its kernel shows an error in place of the picture.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from nnbook.errors import NNBookError

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
KEPT_CELL_METADATA = ("jupyter", "nbgrader", "tags")
STAND_INS = ("image/png", "text/html", "text/plain")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS_A_CELL = 120
SECONDS_TO_HEED = 5  # what a cell has after an interrupt, before its kernel is ended

Json = dict[str, Any]


class NotebookError(NNBookError, RuntimeError):
    """A notebook that cannot be read, or cannot be run from its first cell to its last."""


def execute(path: Path, *, seconds_a_cell: int = SECONDS_A_CELL) -> None:
    """Run a notebook in place, from a clean kernel in the notebook's own folder.

    The file is written only when every cell ran. The author's own progress is not touched.

    Parameters
    ----------
    path : Path
        A notebook of format 4.
    seconds_a_cell : int
        The longest that one cell may take.

    Raises
    ------
    NotebookError
        When a cell raises, takes too long or ends the kernel. The message has the number of the
        cell, counted from 1 over all cells, and the last line of the error.
    """
    notebook = read(path)
    _run(notebook, path, _Limit(), timeout=seconds_a_cell)
    store(notebook, path)


def read(path: Path) -> Any:
    """Return a notebook's file as `nbformat` holds it, in format 4.

    Raises
    ------
    NotebookError
        When the file is no notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
        raise NotebookError(
            "read",
            got=f"{path}, which is no notebook ({str(error).splitlines()[0]})",
            wanted="a file that Jupyter can open",
            remedy="open it in Jupyter and save it again, or take a fresh copy",
        ) from None


def run_through(notebook: Any, path: Path, *, seconds_a_cell: int = SECONDS_A_CELL) -> Any:
    """Run every cell of a notebook, in place in memory: a cell that fails stops no other.

    A cell that takes too long is interrupted, as if it had failed. One that does not heed that
    within `SECONDS_TO_HEED` has its kernel ended, and so ends the run.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are replaced.
    path : Path
        Where its file is: the cells run in that folder.
    seconds_a_cell : int
        The time before a cell is interrupted.

    Returns
    -------
    nbformat.NotebookNode or None
        The cell with which the kernel ended, if it did: it holds an error that says so, and none
        below it was run.

    Raises
    ------
    NotebookError
        When no kernel can be started, or it ends between two cells.
    """
    from nbformat.v4 import new_output

    limit = _Limit(seconds_a_cell)
    try:
        _run(notebook, path, limit, allow_errors=True)
    except NotebookError:
        if limit.cell is None or not limit.cell.source:
            raise
        ended = "does not end, and does not heed an interrupt" if limit.ended else "ends its kernel"
        error = new_output("error", ename="DeadKernel", evalue=f"the cell {ended}")
        limit.cell.outputs = [error]
        return limit.cell
    return None


class _Limit:
    """Knows which cell is running; interrupts it after some time, and then ends its kernel."""

    def __init__(self, seconds: float | None = None) -> None:
        self.cell: Any = None
        self.number = 0
        self.ended = False
        self._seconds = seconds
        self._calls: list[asyncio.TimerHandle] = []
        self._at_work: list[asyncio.Future[None]] = []

    def start(self, client: Any, cell: Any, cell_index: int) -> None:
        """Note that a cell begins, and have it interrupted when its time is up."""
        self.stop()
        self.cell, self.number = cell, cell_index + 1
        if self._seconds is not None:
            later = asyncio.get_running_loop().call_later
            kill = self._seconds + SECONDS_TO_HEED
            self._calls = [later(self._seconds, self._interrupt, client.km)]
            self._calls += [later(kill, self._end, client.km)]

    def stop(self) -> None:
        for call in self._calls:
            call.cancel()

    def _interrupt(self, manager: Any) -> None:
        self._at_work = [asyncio.ensure_future(manager.interrupt_kernel())]

    def _end(self, manager: Any) -> None:
        self.ended = True
        self._at_work = [asyncio.ensure_future(manager.provisioner.kill())]


def _run(notebook: Any, path: Path, limit: _Limit, **manner: Any) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal

    client: NotebookClient = NotebookClient(
        notebook,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        kernel_name=KERNEL["name"],
        on_cell_start=lambda cell, cell_index: limit.start(client, cell, cell_index),
        on_cell_executed=lambda **_: limit.stop(),
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        **manner,
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        try:
            client.execute(env={**os.environ, "NNBOOK_HOME": home})
        except (CellControlSignal, RuntimeError) as error:  # a kernel that died is the latter
            raise _failure(f"cell {limit.number or 1} of {path}", error) from None
        finally:
            limit.stop()


def _failure(place: str, error: Exception) -> NotebookError:
    """Say in one line what a cell raised, or that it ran too long or ended the kernel."""
    name, value = getattr(error, "ename", ""), getattr(error, "evalue", "")
    raised = f"{name}: {value}".strip().splitlines()[-1]
    return NotebookError(
        "execute",
        got=f"{raised if name else str(error).splitlines()[0]} in {place}",
        wanted="a notebook that runs from its first cell to its last",
        remedy="mend that cell and run it again",
    )


def clean(notebook: Json) -> None:
    """Strip a notebook, in place, of everything that differs from run to run.

    Cell ids, tags and nbgrader's metadata stay. What has been run is counted 1, 2, 3, ….

    Parameters
    ----------
    notebook : dict
        A notebook of format 4, as `nbformat` or Jupyter holds it.
    """
    notebook["metadata"] = {"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)}
    for cell in notebook["cells"]:
        cell["metadata"] = _only(cell["metadata"], KEPT_CELL_METADATA)
        if cell["cell_type"] == "code":
            cell["outputs"] = list(_clean_outputs(cell["outputs"]))
    _count(cell for cell in notebook["cells"] if cell.get("execution_count"))


def _only(metadata: Json, kept: tuple[str, ...]) -> Json:
    return {name: metadata[name] for name in kept if metadata.get(name)}


def _clean_outputs(outputs: list[Json]) -> Iterator[Json]:
    """Yield each output without its widget, and consecutive streams in one piece."""
    for name, group in groupby(outputs, key=lambda output: output.get("name")):
        if name is None:
            yield from map(_clean_output, group)
        else:
            text = "".join(_text(output["text"]) for output in group)
            yield {"output_type": "stream", "name": name, "text": text}


def _text(text: str | list[str]) -> str:
    """Join text that Jupyter may keep as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def _clean_output(output: Json) -> Json:
    _drop_widget(output)
    if "metadata" in output:
        output["metadata"] = _only(output["metadata"], tuple(output.get("data", {})))
    return output


def _drop_widget(output: Json) -> None:
    """Take the widget out of an output where something else stands beside it."""
    data = output.get("data", {})
    if any(kind in data for kind in STAND_INS):
        data.pop(WIDGET_VIEW, None)


def _count(cells: Iterator[Json]) -> None:
    for number, cell in enumerate(cells, start=1):
        cell["execution_count"] = number
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = number


def clean_file(path: Path) -> None:
    """Clean a notebook's file in place; a file that is clean already keeps its bytes."""
    store(read(path), path)


def store(notebook: Json, path: Path) -> None:
    """Clean a notebook and write it in one go: if that fails, the old file stays whole."""
    import nbformat

    clean(notebook)
    text = nbformat.writes(nbformat.from_dict(notebook))
    draft = path.with_name(path.name + ".draft")
    draft.write_text(text + "\n", encoding="utf-8", newline="\n")
    draft.replace(path)


def pre_save(model: Json, **_: Any) -> None:
    """Store pictures in place of widgets whenever Jupyter saves; all else is the reader's.

    ``.jupyter/jupyter_server_config.json`` switches it on for the book.

    Parameters
    ----------
    model : dict
        What Jupyter is about to save; only notebooks of format 4 are changed.
    """
    if model["type"] == "notebook" and model["content"]["nbformat"] == 4:
        for cell in model["content"]["cells"]:
            for output in cell.get("outputs", ()):
                _drop_widget(output)
