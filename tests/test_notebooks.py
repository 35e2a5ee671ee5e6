"""The author's tool: running a notebook afresh and cleaning what it stores."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nnbook.notebooks import WIDGET_VIEW, NotebookError, clean, clean_file, execute, pre_save


def _write(path: Path, *sources: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


def _cleaned(*outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    cell = new_code_cell("x", outputs=list(outputs), execution_count=7, metadata=metadata)
    notebook = new_notebook(cells=[cell])
    clean(notebook)
    nbformat.validate(notebook)
    return dict(notebook.cells[0])


# ------------------------------------------------------------------------ clean


def test_clean_keeps_ids_tags_and_nbgrader() -> None:
    cell = _cleaned(tags=["from-scratch"], nbgrader={"grade_id": "neuron"}, collapsed=True)
    assert cell["metadata"] == {"tags": ["from-scratch"], "nbgrader": {"grade_id": "neuron"}}
    assert cell["id"]


def test_clean_strips_times_and_empty_tags() -> None:
    assert _cleaned(execution={"iopub.status.busy": "2026"}, tags=[])["metadata"] == {}


@pytest.mark.parametrize("stand_in", ["image/png", "text/html", "text/plain"])
def test_clean_strips_a_widget_that_has_a_stand_in(stand_in: str) -> None:
    cell = _cleaned(new_output("display_data", {WIDGET_VIEW: {"model_id": "1"}, stand_in: "x"}))
    assert cell["outputs"][0]["data"] == {stand_in: "x"}


def test_clean_keeps_a_widget_that_stands_alone() -> None:
    cell = _cleaned(new_output("display_data", {WIDGET_VIEW: {"model_id": "1"}}))
    assert WIDGET_VIEW in cell["outputs"][0]["data"]


def test_clean_keeps_only_metadata_of_what_is_shown() -> None:
    size = {"image/png": {"width": 300}}
    shown = new_output("display_data", {"image/png": "x"}, metadata={**size, "machine": "ada"})
    assert _cleaned(shown)["outputs"][0]["metadata"] == size


def test_clean_merges_consecutive_streams_of_one_name_only() -> None:
    streams = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]
    cell = _cleaned(*(new_output("stream", name=name, text=text) for name, text in streams))
    merged = [(output["name"], output["text"]) for output in cell["outputs"]]
    assert merged == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_clean_does_not_merge_streams_across_a_result() -> None:
    stream = new_output("stream", name="stdout", text="a")
    cell = _cleaned(stream, new_output("display_data", {"text/plain": "1"}), stream)
    assert [o["output_type"] for o in cell["outputs"]] == ["stream", "display_data", "stream"]


def test_clean_counts_what_was_run_and_leaves_the_rest() -> None:
    result = new_output("execute_result", {"text/plain": "1"}, execution_count=40)
    cells = [
        new_code_cell("a", execution_count=40, outputs=[result]),
        new_markdown_cell("b"),
        new_code_cell("c"),
        new_code_cell("d", execution_count=12),
    ]
    notebook = new_notebook(cells=cells)
    clean(notebook)
    assert [cell.get("execution_count") for cell in notebook.cells] == [1, None, None, 2]
    assert notebook.cells[0].outputs[0].execution_count == 1


def test_clean_makes_the_notebook_s_metadata_the_house_s() -> None:
    notebook = new_notebook(
        metadata={"widgets": {}, "kernelspec": {"name": "a", "display_name": "b"}}
    )
    clean(notebook)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }


OUTPUTS = st.one_of(
    st.builds(
        lambda name, text: new_output("stream", name=name, text=text),
        st.sampled_from(["stdout", "stderr"]),
        st.text(),
    ),
    st.builds(
        lambda data: new_output("display_data", data),
        st.dictionaries(st.sampled_from(["text/plain", "image/png", WIDGET_VIEW]), st.text()),
    ),
)


@given(st.lists(st.lists(OUTPUTS, max_size=4), max_size=4))
def test_cleaning_twice_is_cleaning_once(outputs: list[list[Any]]) -> None:
    cells = [new_code_cell("x", outputs=o, execution_count=9) for o in outputs]
    once = new_notebook(cells=cells)
    clean(once)
    twice = copy.deepcopy(once)
    clean(twice)
    assert twice == once


def test_clean_file_twice_leaves_the_same_bytes(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.ipynb", "1 + 1")
    clean_file(path)
    first = path.read_bytes()
    clean_file(path)
    assert path.read_bytes() == first
    assert first.startswith(b'{\n "cells"')
    assert first.endswith(b"}\n")
    assert b"\r" not in first


def test_saving_takes_out_widgets_and_nothing_else() -> None:
    both = new_output("display_data", data={WIDGET_VIEW: {}, "image/png": "x"})
    alone = new_output("display_data", data={WIDGET_VIEW: {}})
    cell = new_code_cell("x", outputs=[both, alone], metadata={"trusted": True, "slideshow": {}})
    notebook = new_notebook(cells=[cell], metadata={"title": "the reader's"})
    pre_save({"type": "notebook", "content": notebook}, path="a.ipynb", contents_manager=None)
    assert [sorted(output.data) for output in cell.outputs] == [["image/png"], [WIDGET_VIEW]]
    assert cell.metadata == {"trusted": True, "slideshow": {}}
    assert notebook.metadata == {"title": "the reader's"}


def test_saving_leaves_other_files_alone() -> None:
    file = {"type": "file", "content": "text"}
    pre_save(file, path="a.txt", contents_manager=None)
    assert file == {"type": "file", "content": "text"}


# ---------------------------------------------------------------------- execute


def test_execute_runs_in_the_notebook_s_folder_and_stores_clean_outputs(tmp_path: Path) -> None:
    folder = tmp_path / "a b ü"
    folder.mkdir()
    (folder / "beside.txt").write_text("here", encoding="utf-8")
    path = _write(folder / "a.ipynb", "print(open('beside.txt').read())", "print('x')\n1 + 1")
    execute(path)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["outputs"][0]["text"] == ["here\n"]
    assert cells[1]["outputs"][1]["data"] == {"text/plain": ["2"]}
    assert [cell["execution_count"] for cell in cells] == [1, 2]
    assert [cell["metadata"] for cell in cells] == [{}, {}]


def test_execute_does_not_touch_the_author_s_progress(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.ipynb", "import os\nos.environ['NNBOOK_HOME']")
    execute(path)
    shown = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["data"]
    assert os.environ["NNBOOK_HOME"] not in shown["text/plain"][0]


def test_execute_stores_no_widget(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.ipynb", "import ipywidgets\nipywidgets.IntSlider()")
    execute(path)
    assert "widget-" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("print('before')\n1 / 0", "ZeroDivisionError: division by zero in cell 2 of"),
        ("import time\nwhile True: time.sleep(0.1)", "A cell timed out"),
        ("import os\nos._exit(1)", "Kernel died"),
    ],
)
def test_execute_says_which_cell_failed_and_keeps_the_file(
    tmp_path: Path, source: str, message: str
) -> None:
    path = _write(tmp_path / "a.ipynb", "1 + 1", source, "2 + 2")
    before = path.read_bytes()
    with pytest.raises(NotebookError, match=r"in cell 2 of .*a\.ipynb, wanted") as caught:
        execute(path, seconds_a_cell=5)
    assert message in str(caught.value)
    assert path.read_bytes() == before
