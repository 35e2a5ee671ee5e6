"""How fast a class is graded: here, by nbgrader, and on a cluster; and how it grows.

    python tests/benchmarks/grading.py [--json FILE] [--sizes 10 100 2000] [--nbgrader 12] [--dask]

The notebook has three tasks of chapter 1. In what is handed in, answers are right, wrong or left
out, as a seed has it. nbgrader's autograde gets as many as it is told to, in one batch, with tests
that compare with known results; where it is not installed, it is left out. Seconds are those of
the clock and, beside them, of the processors, which another program at work on the machine does
not lengthen; what is used in the sandbox, which is no child of ours, is measured by itself.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parents[1]))
import hostile

from nnbook.exercises import load
from nnbook.exercises.exercise import checks_folder
from nnbook.exercises.grading.classroom import grade_class
from nnbook.exercises.grading.grade import grade
from nnbook.exercises.grading.jobs import Options
from nnbook.exercises.grading.sandbox import open_sandbox
from nnbook.exercises.grading.submissions import read_notebook

NAMES = ("neuron", "squared_error_gradient", "normal_equation")
RIGHT = (hostile.RIGHT, *hostile.OTHERS)
WRONG = (hostile.WRONG, RIGHT[1].replace("2 *", "1 *"), RIGHT[2].replace("X.T @ y", "X.T @ X @ y"))
TESTS = (
    "assert neuron(np.eye(2), np.array([1.0, -1.0]), 0.0).tolist() == [1, 0]",
    "assert np.allclose(squared_error_gradient(np.ones(2), np.zeros(2), 1.0, 0.0), [2, 2])",
    "assert np.allclose(normal_equation(np.eye(2), np.ones(2)), [1, 1])",
)


@dataclass(frozen=True)
class Measured:
    """What it took to grade a class.

    Attributes
    ----------
    grader : str
        Who graded.
    submissions : int
        How many.
    seconds, processor_seconds : float
        Of the clock, and of all processors together, for all submissions.
    megabytes : float
        The most memory that the grading process itself took.
    """

    grader: str
    submissions: int
    seconds: float
    processor_seconds: float
    megabytes: float

    @property
    def per_second(self) -> float:
        """Submissions per second."""
        return self.submissions / self.seconds


def notebook(seed: int, *, with_tests: bool = False) -> nbformat.NotebookNode:
    """Return what one student hands in."""
    rng = random.Random(seed)
    cells = [new_code_cell("import numpy as np", id="imports")]
    for name, right, wrong, test in zip(NAMES, RIGHT, WRONG, TESTS, strict=True):
        blank = right.split("\n")[0] + "\n    ..."
        source = rng.choices([right, wrong, blank], [6, 3, 1])[0]
        cells.append(_cell(name, source, solution=True))
        cells.append(_cell(f"check_{name}", test if with_tests else f"check({name!r}, {name})"))
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def _cell(name: str, source: str, *, solution: bool = False) -> nbformat.NotebookNode:
    about = {"grade_id": name, "solution": solution, "grade": not solution, "locked": not solution}
    about |= {"schema_version": 3, "task": False} | ({} if solution else {"points": 2})
    return new_code_cell(source, metadata={"nbgrader": about}, id=name)


def hand_in(folder: Path, count: int) -> None:
    """Write the notebooks of a class."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        nbformat.write(notebook(number), folder / f"student{number:05}.ipynb")


def measured(grader: str, count: int, work: Callable[[], Any]) -> Measured:
    """Measure what some work takes."""
    began, before = time.monotonic(), _processor_seconds()
    with contextlib.redirect_stdout(io.StringIO()):
        work()
    seconds, used = time.monotonic() - began, _processor_seconds() - before
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(grader, count, seconds, used, most)


def _processor_seconds() -> float:
    """Return what this process and those that it has waited for have used."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def by_us(scratch: Path, count: int, workers: int) -> Measured:
    """Grade a class in a process of its own, so that its memory is its own."""
    folder = scratch / f"class{count}"
    hand_in(folder, count)
    code = (
        "import resource, sys; from nnbook.__main__ import main; "
        f"code = main(['grade', {str(folder)!r}, '-o', {str(scratch / f'out{count}-{workers}')!r},"
        f" '--seed', '1', '--workers', '{workers}']); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024); sys.exit(code)"
    )
    told: list[str] = []

    def run() -> None:
        told.append(subprocess.check_output([sys.executable, "-c", code], text=True))

    found = measured(f"nnbook, {workers} processes", count, run)
    return Measured(*(*asdict(found).values(),)[:4], float(told[0].split()[-1]))


def in_the_sandbox(count: int) -> float:
    """Return the processor seconds that one submission takes in the sandbox."""
    known, sandbox = load(checks_folder()), open_sandbox()
    before = sandbox.processor_seconds
    for number in range(count):
        data = nbformat.writes(notebook(number)).encode()
        grade(read_notebook(data, known), known, sandbox, seed=1)
    used = sandbox.processor_seconds - before
    sandbox.close()
    return used / count


def by_nbgrader(scratch: Path, count: int) -> Measured:
    """Have nbgrader grade the first of the same students, in one batch."""
    course = scratch / "course"
    (course / "source" / "one").mkdir(parents=True)
    source = notebook(0, with_tests=True)
    nbformat.write(source, course / "source" / "one" / "one.ipynb")
    _nbgrader(course, "generate_assignment", "one")
    for number in range(count):
        folder = course / "submitted" / f"student{number:05}" / "one"
        folder.mkdir(parents=True)
        nbformat.write(notebook(number, with_tests=True), folder / "one.ipynb")
    return measured("nbgrader", count, lambda: _nbgrader(course, "autograde", "one"))


def _nbgrader(course: Path, *command: str) -> None:
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])}
    command = (sys.executable, "-m", "nbgrader", *command, "--course", "nnbook")
    subprocess.run(command, cwd=course, env=environment, check=True, capture_output=True)


def on_a_cluster(scratch: Path, count: int) -> Measured:
    """Grade a class with two local workers of Dask; those are started before the clock is."""
    import distributed

    folder = scratch / f"class{count}"
    hand_in(folder, count)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        grade_class(folder, scratch / "warm", Options(dask=address, seed=2))
        output = scratch / f"out{count}-dask"
        options = Options(dask=address, seed=1)
        return measured("Dask, 2 workers", count, lambda: grade_class(folder, output, options))


def same_results(scratch: Path, count: int) -> bool:
    """Tell whether the cluster's results are those of the processes, byte by byte."""
    one, other = (scratch / f"out{count}-{kind}" for kind in ("2", "dask"))
    files = sorted(file.relative_to(one) for file in one.rglob("*") if file.is_file())
    return all((one / file).read_bytes() == (other / file).read_bytes() for file in files)


def rows(options: argparse.Namespace, scratch: Path) -> Iterator[Measured]:
    """Measure one after the other."""
    for count in options.sizes:
        yield by_us(scratch, count, workers=2)
    if options.nbgrader and importlib.util.find_spec("nbgrader"):
        yield by_nbgrader(scratch, options.nbgrader)
    if options.dask:
        yield on_a_cluster(scratch, options.dask)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--nbgrader", type=int, default=6, metavar="COUNT")
    parser.add_argument("--dask", type=int, default=0, metavar="COUNT")
    options = parser.parse_args()
    print(f"{'grader':24}  notebooks  per second  s of clock each  s of processor each      MB")
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows(options, Path(scratch)):
            found.append({**asdict(row), "per_second": row.per_second})
            each, used = 1 / row.per_second, row.processor_seconds / row.submissions
            print(
                f"{row.grader:24}  {row.submissions:9}  {row.per_second:10.2f}  {each:15.3f}  "
                f"{used:19.3f}  {row.megabytes:6.0f}",
                flush=True,
            )
        if options.dask:
            print(f"the cluster's bytes are the same: {same_results(Path(scratch), options.dask)}")
    inside = in_the_sandbox(50)
    print(f"in the sandbox: {inside:.3f} s of processor each, which are not in the rows of nnbook")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
