"""The student notebook is the solution notebook without its solutions."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nnbook.errors import ArgumentError, UnknownNameError
from nnbook.exercises.student import main, student_notebook

SOLUTION = """def neuron(X, w, b):
    \"\"\"Return 0 or 1.\"\"\"
    ### BEGIN SOLUTION
    z = X @ w + b
    return z >= 0
    ### END SOLUTION"""


def solution_notebook(source=SOLUTION, task="neuron"):
    metadata = {"nbgrader": {"grade_id": task, "solution": True}}
    return new_notebook(
        cells=[
            new_markdown_cell("[one](../../chapters/01.ipynb) [two](02.ipynb)", id="links"),
            new_code_cell(source, id="answer", metadata=metadata, execution_count=1),
            new_code_cell(
                "1 + 1",
                id="sum",
                execution_count=2,
                outputs=[new_output("stream", text="2")],
            ),
        ]
    )


def test_the_solution_is_gone_and_the_rest_is_kept():
    made = student_notebook(solution_notebook())
    assert made.cells[1].source == (
        'def neuron(X, w, b):\n    """Return 0 or 1."""\n    ...  # your code here'
    )
    assert [cell.id for cell in made.cells] == ["links", "answer", "sum"]
    assert made.cells[1].metadata.nbgrader.grade_id == "neuron"


def test_links_are_seen_from_one_folder_higher():
    made = student_notebook(solution_notebook())
    assert made.cells[0].source == "[one](../chapters/01.ipynb) [two](02.ipynb)"


def test_outputs_and_counts_are_cleared():
    made = student_notebook(solution_notebook())
    assert made.cells[2].outputs == []
    assert made.cells[2].execution_count is None


def test_the_source_notebook_stays_as_it_is():
    source = solution_notebook()
    student_notebook(source)
    assert source.cells[1].source == SOLUTION
    assert source.cells[2].outputs


def test_a_starter_with_code_in_it_is_put_in_the_place():
    made = student_notebook(solution_notebook(SOLUTION, "mend_node"))
    assert "    rate = 0.01\n" in made.cells[1].source
    assert "z = X @ w" not in made.cells[1].source


@pytest.mark.parametrize(
    "source",
    [
        "def neuron(): ...",
        SOLUTION.replace("### END SOLUTION", ""),
        SOLUTION.replace("### BEGIN SOLUTION", ""),
        SOLUTION + "\n" + SOLUTION,
        SOLUTION + "\n### END SOLUTION",
    ],
)
def test_marks_that_do_not_pair_are_refused(source):
    with pytest.raises(ArgumentError, match="BEGIN SOLUTION"):
        student_notebook(solution_notebook(source))


def test_a_task_that_is_not_defined_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'neuron'"):
        student_notebook(solution_notebook(task="neurn"))


@pytest.fixture
def folders(tmp_path):
    solutions, output = tmp_path / "solutions", tmp_path / "a b ü"
    solutions.mkdir()
    nbformat.write(solution_notebook(), solutions / "01_made.ipynb")
    return [str(solutions), "-o", str(output)]


def test_the_command_writes_and_then_finds_no_drift(folders):
    assert main([*folders, "--check"]) == 1
    assert main(folders) == 0
    assert main([*folders, "--check"]) == 0


def test_the_command_writes_the_same_bytes_twice(folders, tmp_path):
    file = tmp_path / "a b ü" / "01_made.ipynb"
    main(folders)
    first = file.read_bytes()
    main(folders)
    assert file.read_bytes() == first
    assert first.endswith(b"}\n")
    assert b"\r" not in first


def test_drift_is_named(folders, tmp_path, capsys):
    main(folders)
    file = tmp_path / "a b ü" / "01_made.ipynb"
    file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert main([*folders, "--check"]) == 1
    assert "run `make exercises`" in capsys.readouterr().out


def test_a_folder_without_notebooks_is_a_problem(tmp_path, capsys):
    assert main([str(tmp_path), "-o", str(tmp_path)]) == 1
    assert "No notebooks" in capsys.readouterr().err


def test_the_student_notebooks_have_not_drifted(root):
    command = [sys.executable, "-W", "error", "-m", "nnbook.exercises.student"]
    folders = ["exercises/solutions", "-o", "exercises", "--check"]
    ended = subprocess.run([*command, *folders], cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
