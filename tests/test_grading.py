"""A class is graded: whole folders, whatever lies in them."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hostile
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sandboxes import marks, sandbox_or_skip, seen_inside, tasks_of

from nnbook.__main__ import main
from nnbook.errors import ArgumentError
from nnbook.exercises.grading import classroom, jobs, results, sandbox, submissions
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.jobs import Options
from nnbook.exercises.grading.sandbox import Sandbox, SandboxError, open_sandbox

FIRST = "01_perceptron.ipynb"


@pytest.fixture(scope="module", autouse=True)
def walls() -> Iterator[Sandbox]:
    opened = sandbox_or_skip()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def one_for_all(walls: Sandbox, monkeypatch) -> None:
    """Keep one sandbox open: to start another takes longer than to grade a notebook."""
    monkeypatch.setitem(jobs._OPEN, "one", walls)
    monkeypatch.setattr(jobs, "close_sandbox", lambda: None)


@pytest.fixture
def none_yet(one_for_all: None, monkeypatch) -> Iterator[None]:
    """Let a test open its own."""
    monkeypatch.delitem(jobs._OPEN, "one")
    yield
    jobs._OPEN.pop("one").close() if "one" in jobs._OPEN else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "submissions"
    made.mkdir()
    return made


def hand_in(path: Path, *cells: str, names: tuple[str, ...] = ()) -> None:
    """Write a notebook whose cells answer these tasks; the others are cells of no name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ids = (*names, *[""] * len(cells))
    made = [
        new_code_cell(cell, metadata={"nbgrader": {"grade_id": name, "solution": True}})
        for cell, name in zip(cells, ids, strict=False)
    ]
    nbformat.write(new_notebook(cells=[new_markdown_cell("# One"), *made]), path)


def honest(path: Path, answer: str = hostile.RIGHT) -> None:
    hand_in(path, answer, "import numpy as np", *hostile.OTHERS, names=("neuron",))


def grades(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {(row["student"], row["notebook"]): row for row in csv.DictReader(file)}


def points(folder: Path) -> dict[str, str]:
    return {student: row["points"] for (student, _), row in grades(folder).items()}


# --- what a class hands in -----------------------------------------------------------------------


def test_the_books_own_notebooks_get_what_they_deserve(folder, tmp_path, root, capsys):
    for student, source in (("ada", "exercises/solutions"), ("bob", "exercises")):
        (folder / student).mkdir()
        (folder / student / FIRST).write_bytes((root / source / FIRST).read_bytes())
    assert main(["grade", str(folder), "-o", str(tmp_path / "out"), "--seed", "4"]) == 0
    assert points(tmp_path / "out") == {"ada": "16", "bob": "0"}
    assert "2 of 2 notebooks are graded" in capsys.readouterr().out
    records = [json.loads(file.read_text()) for file in (tmp_path / "out").glob("submissions/*")]
    statuses = {
        record["student"]: {task["status"] for task in record["tasks"]} for record in records
    }
    assert statuses == {"ada": {"right"}, "bob": {"not attempted"}}
    assert {record["seed"] for record in records} == {4}


def test_both_layouts_and_deeper_folders_are_understood(folder, tmp_path, capsys):
    honest(folder / "ada.ipynb")
    honest(folder / "bob" / FIRST)
    honest(folder / "cy" / "week 1" / FIRST)
    honest(folder / ".ipynb_checkpoints" / FIRST)
    honest(folder / "cy" / ".ipynb_checkpoints" / FIRST)
    grade_class(folder, tmp_path / "out", Options())
    assert list(grades(tmp_path / "out")) == [
        ("ada", "ada.ipynb"),
        ("bob", FIRST),
        ("cy", f"week 1/{FIRST}"),
    ]
    told = capsys.readouterr().err
    assert "Notebooks: 3, of 3 students; 1 named by their files, 2 named by their folders." in told


def test_results_may_lie_among_the_submissions(folder):
    honest(folder / "ada" / FIRST)
    for _ in range(2):
        (found,) = grade_class(folder, folder / "out", Options(seed=1))
        assert found["student"] == "ada"


STRANGE = [
    "o'neil",
    'a "b"',
    "two  spaces ",
    "línea\nnueva",
    "Ωμέγα 学生",
    "=1+1",
    " \uff1d1+1",
    "a;=1+1",
    "<b>x",
    "-x",
]


def test_any_name_that_a_file_can_have_is_a_student(folder, tmp_path):
    for name in STRANGE:
        honest(folder / f"{name}.ipynb")
    os.close(os.open(os.fsencode(folder) + b"/\xff\xfe.ipynb", os.O_CREAT))
    found = grade_class(folder, tmp_path / "out", Options())
    assert {record["student"] for record in found} == {*STRANGE, "\\udcff\\udcfe"}
    assert [record["points"] for record in found if not record["problem"]] == [6] * len(STRANGE)
    shown = points(tmp_path / "out")
    assert {"'=1+1", "' \uff1d1+1", "a;=1+1", "'-x", "línea\nnueva"} <= set(shown)
    assert '"a;=1+1"' in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8")
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;x" in page
    for file in (tmp_path / "out").rglob("*"):
        assert all(letter.isalnum() or letter in "-_." for letter in file.name)


def test_what_a_student_prints_returns_and_raises_is_text_on_the_page(folder, tmp_path):
    honest(
        folder / "eve.ipynb",
        "def neuron(X, w, b):\n    print('<script>alert(1)</script>')\n    return '<img src=x>'",
    )
    grade_class(folder, tmp_path / "out", Options())
    (page,) = (tmp_path / "out" / "pages").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text
    assert "<img" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_two_notebooks_of_one_student_are_both_graded_and_said(folder, tmp_path):
    honest(folder / "ada" / FIRST)
    honest(folder / "ada" / "again.ipynb", hostile.WRONG)
    grade_class(folder, tmp_path / "out", Options())
    rows = grades(tmp_path / "out")
    assert [row["points"] for row in rows.values()] == ["6", "4"]
    assert all("count one" in row["note"] for row in rows.values())


# --- what cannot be graded -----------------------------------------------------------------------


def no_json(path: Path) -> None:
    path.write_text("{ not json")


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200 * 2**20)


def too_many_items(path: Path) -> None:
    path.write_bytes(b'{"cells": [' + b"0," * 3_000_000 + b"0]}")


def no_tasks(path: Path) -> None:
    hand_in(path, "1 + 1")


def no_cells(path: Path) -> None:
    path.write_text('{"cells": [1, null]}')


def a_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def a_folder_that_is_called_so(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


BAD = {
    no_json: "not written as JSON",
    too_large: "it has 200 MB",
    too_many_items: "not written as JSON",
    no_tasks: "it has no tasks",
    no_cells: "no list of cells",
    a_link: "links are not followed",
    a_folder_that_is_called_so: "it is no file",
    a_pipe: "it is no file",
}


def test_what_cannot_be_graded_is_said_and_costs_nobody_else(folder, tmp_path, capsys):
    honest(folder / "ada.ipynb")
    for spoil in BAD:
        spoil(folder / f"{spoil.__name__}.ipynb")
    assert main(["grade", str(folder), "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert f"1 of {len(BAD) + 1} notebooks are graded" in told.out
    rows = {student: row for (student, _), row in grades(tmp_path / "out").items()}
    assert rows.pop("ada")["points"] == "6"
    assert set(rows) == {spoil.__name__ for spoil in BAD}
    for spoil, words in BAD.items():
        assert words in rows[spoil.__name__]["note"]
        assert words in next(line for line in told.err.split("\n") if spoil.__name__ in line)


def test_a_link_to_a_folder_and_an_empty_folder_are_said(folder, tmp_path):
    honest(folder / "ada.ipynb")
    (folder / "bob").symlink_to("/")
    (folder / "cy").mkdir()
    (folder / "dan").mkdir()
    (folder / "dan" / "inner").symlink_to("/")
    found = grade_class(folder, tmp_path / "out", Options())
    problems = {record["student"]: record["problem"] for record in found}
    assert "links are not followed" in problems["bob"]
    assert problems["cy"] == "there is no notebook in this folder"
    assert "links are not followed" in problems["dan"]


def test_a_file_that_cannot_be_read_is_said(folder, monkeypatch):
    honest(folder / "ada.ipynb")

    def refuses(*_) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(submissions, "_open", refuses)
    (found,) = submissions.find_submissions(folder)
    with pytest.raises(submissions.UnreadableError, match=r"cannot be read \(Permission denied\)"):
        submissions.read_file(found)


@pytest.mark.parametrize("made", [False, True])
def test_nothing_to_grade_is_said(tmp_path, made, capsys):
    folder = tmp_path / "none"
    folder.mkdir() if made else None
    assert main(["grade", str(folder), "-o", str(tmp_path / "out")]) == 2
    assert "wanted a folder with STUDENT.ipynb" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("which", ["grades.csv", "pages", "run.json"])
def test_a_summary_that_cannot_be_written_is_written_later(folder, tmp_path, monkeypatch, which):
    honest(folder / "ada.ipynb")
    write_text = Path.write_text

    def full(path: Path, *given, **named):
        if which in path.as_posix():
            write_text(path, "half", encoding="utf-8")
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_text(path, *given, **named)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(results.DiskError, match="No space left on device"):
        grade_class(folder, tmp_path / "out", Options(seed=1))
    monkeypatch.setattr(Path, "write_text", write_text)
    grade_class(folder, tmp_path / "out", Options(seed=1))
    assert points(tmp_path / "out") == {"ada": "6"}
    assert list((tmp_path / "out").rglob("*.draft")) == []


def test_a_disk_that_is_full_is_no_mistake_in_the_command(folder, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise results.DiskError("grade", got="a", wanted="room", remedy="make room")

    monkeypatch.setattr(classroom, "grade_class", full)
    assert main(["grade", str(folder), "-o", str(tmp_path / "out")]) == 1
    assert "make room" in capsys.readouterr().err


ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.jobs import Options
from nnbook.exercises.grading.results import DiskError

folder, out, copy = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", out], check=True)
try:
    grade_class(Path(folder), Path(out), Options(unsafe=True, seed=1))
except DiskError as error:
    print(error, file=sys.stderr)
kept = {file: file.stat().st_mtime_ns for file in Path(out, "submissions").glob("*")}
subprocess.run(["mount", "-o", "remount,size=4m", "none", out], check=True)
grade_class(Path(folder), Path(out), Options(unsafe=True))
print(len(kept), all(file.stat().st_mtime_ns == time for file, time in kept.items()))
subprocess.run(["cp", "-r", f"{out}/.", copy], check=True)
"""


def test_on_a_disk_that_is_full_no_mark_is_lost(folder, tmp_path):
    for number in range(5):
        honest(folder / f"s{number}.ipynb", hostile.WRONG if number % 2 else hostile.RIGHT)
    for name in ("small", "copy"):
        (tmp_path / name).mkdir()
    places = map(str, (folder, tmp_path / "small", tmp_path / "copy"))
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", ON_A_SMALL_DISK,
         *places],
        capture_output=True, text=True,
    )  # fmt: skip
    kept, untouched = done.stdout.split()
    assert untouched == "True", done.stderr
    assert 0 < int(kept) < 5
    assert f"{tmp_path}/small/submissions (No space left on device)" in done.stderr
    assert "make room and run the same command again: what is graded stays so" in done.stderr
    grade_class(folder, tmp_path / "quiet", Options(seed=1))
    assert files_of(tmp_path / "copy") == files_of(tmp_path / "quiet")


# --- one seed, one result ------------------------------------------------------------------------


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_two_processes_give_the_same_bytes_as_one(folder, tmp_path):
    for number in range(4):
        honest(folder / f"s{number}.ipynb", hostile.WRONG if number % 2 else hostile.RIGHT)
    grade_class(folder, tmp_path / "one", Options(seed=7))
    grade_class(folder, tmp_path / "two", Options(seed=7, workers=2))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_what_is_graded_is_not_graded_again_until_something_changes(folder, tmp_path, monkeypatch):
    for name in ("ada", "bob"):
        honest(folder / f"{name}.ipynb")
    done = []
    graded = jobs.graded
    monkeypatch.setattr(
        jobs, "graded", lambda job: (done.append(job.submission.student), graded(job))[1]
    )
    for _ in range(2):
        grade_class(folder, tmp_path / "out", Options())
    assert done == ["ada", "bob"]
    honest(folder / "bob.ipynb", hostile.WRONG)
    grade_class(folder, tmp_path / "out", Options())
    assert done == ["ada", "bob", "bob"]
    assert points(tmp_path / "out") == {"ada": "6", "bob": "4"}
    for damaged in (tmp_path / "out" / "submissions").glob("ada*"):
        damaged.write_text('{"points": 1000')
    grade_class(folder, tmp_path / "out", Options())
    assert done == ["ada", "bob", "bob", "ada"]
    assert points(tmp_path / "out") == {"ada": "6", "bob": "4"}


def test_a_seed_is_drawn_and_recorded_and_another_is_refused(folder, tmp_path, capsys):
    honest(folder / "ada.ipynb")
    grade_class(folder, tmp_path / "out", Options())
    seed = json.loads((tmp_path / "out" / "run.json").read_text())["seed"]
    grade_class(folder, tmp_path / "out", Options(seed=seed))
    command = ["grade", str(folder), "-o", str(tmp_path / "out"), "--seed", str(seed + 1)]
    assert main(command) == 2
    assert "one seed for all marks" in capsys.readouterr().err


def test_two_graders_do_not_write_to_one_folder(folder, tmp_path):
    honest(folder / "ada.ipynb")
    with (
        results.alone_in(tmp_path / "out"),
        pytest.raises(ArgumentError, match="where another grader is at work"),
    ):
        grade_class(folder, tmp_path / "out", Options())
    grade_class(folder, tmp_path / "out", Options())


def test_only_the_chapters_that_are_asked_for_count(folder, tmp_path):
    hand_in(folder / "ada.ipynb", "1", "2", names=("neuron", "forward_pass"))
    (both,) = grade_class(folder, tmp_path / "both", Options())
    (one,) = grade_class(folder, tmp_path / "one", Options(chapters=(1,)))
    assert {task["chapter"] for task in both["tasks"]} == {1, 5}
    assert {task["chapter"] for task in one["tasks"]} == {1}


def test_hidden_cases_change_with_the_seed_and_an_answer_learned_by_heart_fails(walls):
    learned = """
seen = {}
def neuron(X, w, b):
    return (X @ w + b >= 0).astype(int) if X.size <= 8 else np.zeros(len(X), int)
"""
    given = marks(("import numpy as np", learned), walls, ("neuron",))
    assert given["neuron"].status == "wrong"


# --- notebooks that are none too tidy ------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\n!ls /\nfiles = !ls\nnp?\n?np",
        "%%time\nx = 1",
        "display('shown'); print('printed')",
        "import warnings; warnings.warn('careful')",
        "1 / 0",
        "def broken(:",
        "from nnbook import check, hint, solution\ncheck('neuron', None), hint('neuron')",
        "get_ipython()",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "from nnbook import live, plot\nlive.figure()",
        "exit()",
    ],
)
def test_what_else_stands_in_a_notebook_does_not_matter(walls, cell):
    cells = (cell, "import numpy as np", hostile.RIGHT, *hostile.OTHERS, cell)
    given = marks(cells, walls, ("neuron", "normal_equation"))
    assert [one.points for one in given.values()] == [2, 2]


def test_a_cell_with_a_magic_still_does_what_python_it_has(walls):
    answer = "%load_ext autoreload\n" + hostile.RIGHT + "\n!echo done"
    assert marks(("import numpy as np", answer), walls, ("neuron",))["neuron"].points == 2


def test_a_right_answer_that_warns_is_right(walls):
    answer = hostile.RIGHT.replace("return", "np.ones(1) / np.zeros(1)\n    return")
    assert marks(("import numpy as np", answer), walls, ("neuron",))["neuron"].points == 2


def test_feedback_names_the_mistake_and_the_line(walls):
    wrong = marks(("import numpy as np", hostile.WRONG), walls, ("neuron",))["neuron"]
    assert (wrong.status, wrong.points, wrong.mistake) == ("wrong", 0, "strict step")
    failing = "def neuron(X, w, b):\n    return X @ nothing"
    told = dict(marks(("import numpy as np", failing), walls, ("neuron",))["neuron"].lines)
    assert told["raised"] == "NameError: name 'nothing' is not defined"
    assert told["your line"] == "line 2 of the cell: return X @ nothing"


def test_a_missing_cell_a_failing_cell_and_a_number_are_told_apart(folder, tmp_path):
    hand_in(
        folder / "ada.ipynb",
        "def neuron(X, w, b)\n    return 1",
        "squared_error_gradient = 3",
        names=("neuron", "squared_error_gradient"),
    )
    (record,) = grade_class(folder, tmp_path / "out", Options())
    told = {task["name"]: (task["status"], str(task["lines"])) for task in record["tasks"]}
    assert "SyntaxError" in told["neuron"][1]
    assert told["squared_error_gradient"][0] == "not attempted"
    assert told["normal_equation"][0] == "not attempted"
    assert "Its cell is missing" in told["normal_equation"][1]


def test_deleted_edited_and_reordered_check_cells_do_not_matter(folder, tmp_path, root):
    notebook = nbformat.read(root / "exercises" / "solutions" / FIRST, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "raise SystemExit"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [code[0], *code[:0:-1]]
    nbformat.write(notebook, folder / "ada.ipynb")
    grade_class(folder, tmp_path / "out", Options())
    assert points(tmp_path / "out") == {"ada": "16"}


# --- the walls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", ["forks", "alone"])
def test_a_students_code_sees_nothing_but_its_own_world(manner, tmp_path, monkeypatch):
    monkeypatch.setenv("TEACHERS_SECRET", "42")
    shut = sandbox_or_skip(manner)
    try:
        seen = seen_inside(shut)
        again = seen_inside(shut)
    finally:
        shut.close()
    assert seen["pid"] <= 2
    assert 0 not in seen["users"] + seen["groups"]
    assert seen["proc"] == seen["tmp_files"] == again["tmp_files"] == seen["capabilities"] == []
    assert seen["no_new_privileges"] == 1
    assert seen["interfaces"] in ([], ["lo"])
    assert seen["tmp"] <= 2**24
    assert seen["writable"] == ["/tmp"]
    assert "TEACHERS_SECRET" not in seen["environment"]
    assert "home" not in seen["root"]
    for name, most in {"AS": 2**31, "CORE": 0, "CPU": 120, "FSIZE": 2**24, "NPROC": 8}.items():
        assert max(seen["limits"][name]) <= most, name


def test_one_bubblewrap_a_submission_gives_the_same_marks(walls):
    alone = sandbox_or_skip("alone")
    cells = ("import numpy as np", hostile.WRONG, *hostile.OTHERS)
    assert marks(cells, alone, tasks_of(1)) == marks(cells, walls, tasks_of(1))


def test_a_sandbox_that_was_killed_is_opened_again():
    shut = sandbox_or_skip("forks")
    seen_inside(shut)
    os.kill(shut._process.pid, signal.SIGKILL)
    assert seen_inside(shut)["writable"] == ["/tmp"]
    shut.close()


@pytest.mark.usefixtures("none_yet")
def test_without_bubblewrap_it_refuses_and_says_how(folder, tmp_path, monkeypatch, capsys):
    honest(folder / "ada.ipynb")
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert main(["grade", str(folder), "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "install bubblewrap" in told
    assert "--unsafe-no-sandbox" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("system", "unsafe"), [("darwin", False), ("win32", True)])
def test_another_system_is_refused(monkeypatch, system, unsafe):
    monkeypatch.setattr(sandbox.sys, "platform", system)
    with pytest.raises(SandboxError, match=f"this system is {system}"):
        open_sandbox(unsafe=unsafe)


def test_the_refusal_needs_no_module_that_windows_lacks():
    lacks = "import sys; sys.modules.update(resource=None); "
    command = lacks + "import nnbook.exercises.grading.classroom"
    subprocess.run([sys.executable, "-c", command], check=True)


@pytest.mark.parametrize("step", ["enter_namespaces", "hide_and_drop", "limit", "give_root_up"])
def test_a_step_that_fails_lets_no_code_run(step, monkeypatch):
    refusing = (
        "from nnbook.exercises.grading import isolation\n"
        "def refuse(*_): raise OSError(1, 'no')\n"
        f"isolation.{step} = refuse\n"
    )
    monkeypatch.setattr(
        sandbox, "_START", sandbox._START.replace("; from", f"; exec({refusing!r}); from", 1)
    )
    broken = Sandbox("forks")
    with pytest.raises(SandboxError):
        broken.open()
    broken.close()


@pytest.mark.usefixtures("none_yet")
def test_where_namespaces_do_not_nest_each_submission_gets_its_own_bubblewrap(
    folder, tmp_path, monkeypatch, capsys
):
    def refuses(self, sock):
        raise SandboxError("grade", got="a", wanted="b", remedy="c")

    monkeypatch.setattr(Sandbox, "_fork", refuses)
    honest(folder / "ada.ipynb")
    honest(folder / "bob.ipynb", hostile.WRONG)
    grade_class(folder, tmp_path / "out", Options())
    assert points(tmp_path / "out") == {"ada": "6", "bob": "4"}
    assert capsys.readouterr().err.count("as safe") == 1


@pytest.mark.usefixtures("none_yet")
def test_ones_own_work_can_be_graded_without_a_sandbox(folder, tmp_path, capsys):
    honest(folder / "me.ipynb")
    arguments = ["grade", str(folder), "-o", str(tmp_path / "out"), "--unsafe-no-sandbox"]
    assert main(arguments) == 0
    assert points(tmp_path / "out") == {"me": "6"}
    assert "no sandbox: this code can do whatever you can" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--workers", "0"], ["--workers", "x"], ["--seed", "x"]])
def test_a_command_that_makes_no_sense_is_not_understood(folder, tmp_path, arguments):
    with pytest.raises(SystemExit) as exit_:
        main(["grade", str(folder), "-o", str(tmp_path / "out"), *arguments])
    assert exit_.value.code == 2


def test_a_cluster_without_dask_is_said(folder, tmp_path, monkeypatch):
    honest(folder / "ada.ipynb")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ArgumentError, match=r"nnbook\[distributed\]"):
        grade_class(folder, tmp_path / "out", Options(dask="tcp://127.0.0.1:1"))
