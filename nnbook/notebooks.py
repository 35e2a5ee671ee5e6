"""For authors: run the book's notebooks afresh and store only what a reader needs.

A stored notebook must come out the same on every machine: no times, no widget state, no
machine's names. Where a widget has a picture or a text beside it, only those are stored, because
a saved widget without its kernel shows an error in place of the picture.
"""

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
    _run(notebook, path, seconds_a_cell)
    clean(notebook)
    _write(notebook, path)


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


def run_through(notebook: Any, path: Path, *, seconds_a_cell: int = SECONDS_A_CELL) -> None:
    """Run every cell of a notebook, in place in memory: a cell that fails stops no other.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Its outputs are replaced.
    path : Path
        Where its file is: the cells run in that folder.
    seconds_a_cell : int
        After this time a cell is interrupted, as if it had failed.

    Raises
    ------
    NotebookError
        When a cell ends the kernel.
    """
    _run(notebook, path, seconds_a_cell, allow_errors=True, interrupt_on_timeout=True)


def _run(notebook: Any, path: Path, seconds_a_cell: int, **manner: Any) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal

    started = [0]
    client = NotebookClient(
        notebook,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        kernel_name=KERNEL["name"],
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        timeout=seconds_a_cell,
        **manner,
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        try:
            client.execute(env={**os.environ, "NNBOOK_HOME": home})
        except (CellControlSignal, RuntimeError) as error:  # a kernel that died is the latter
            raise _failure(f"cell {started[-1] + 1} of {path}", error) from None


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
    notebook = read(path)
    clean(notebook)
    _write(notebook, path)


def _write(notebook: Json, path: Path) -> None:
    """Write in one go, so that a notebook which cannot be written leaves the old file whole."""
    import nbformat

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
