"""Grade one submission, in whatever process this is.

What comes of a job depends on nothing but the job and the definitions, so that it does not matter
who does it, or when.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nnbook.exercises.exercise import checks_folder, load
from nnbook.exercises.grading import results
from nnbook.exercises.grading.grade import Limits, grade
from nnbook.exercises.grading.results import Record
from nnbook.exercises.grading.sandbox import Sandbox, SandboxError, open_sandbox
from nnbook.exercises.grading.submissions import Submission, UnreadableError, read_notebook

_LIMITS = Limits()


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    Attributes
    ----------
    workers : int
        How many processes of this machine grade; 0 for this process itself, where a hostile answer
        can make a definition work without end.
    dask : str
        The address of a Dask scheduler, whose workers grade instead; empty for none.
    seed : int, optional
        What the hidden cases are drawn from; without it, a fresh one, which is recorded.
    chapters : tuple of int
        Which chapters' tasks count; without any, those that a notebook is about.
    unsafe : bool
        Run the code without a sandbox.
    checks : Path, optional
        The folder of definitions; without it, the book's.
    hidden : tuple of Path
        Folders that no student's code may see, wherever they are; those of the class are added.
    limits : Limits
        How long a student's code may take.
    """

    workers: int = 0
    dask: str = ""
    seed: int | None = None
    chapters: tuple[int, ...] = ()
    unsafe: bool = False
    checks: Path | None = None
    hidden: tuple[Path, ...] = ()
    limits: Limits = _LIMITS


@dataclass(frozen=True)
class Job:
    """One submission, and all that is needed to grade it anywhere."""

    submission: Submission
    data: bytes
    seed: int
    key: str
    options: Options


def graded(job: Job) -> Record:
    """Grade one submission, in whatever process this is.

    Raises
    ------
    SandboxError
        When there is no sandbox here.
    """
    known = load(job.options.checks or checks_folder())
    with _ONE_AT_A_TIME:
        sandbox = sandbox_of(job.options)
        try:
            with _limited_memory():
                notebook = read_notebook(job.data, known, job.options.chapters)
                tasks = grade(notebook, known, sandbox, job.seed, job.options.limits)
        except UnreadableError as error:
            return record(job.submission, job.seed, job.key, problem=str(error))
        except SandboxError:
            raise
        except Exception as error:  # whatever it is, it must not cost others their marks
            words = " ".join(str(error).split())[:300]
            problem = f"grading it failed ({type(error).__name__}: {words})"
            return record(job.submission, job.seed, problem=problem)
    return record(job.submission, job.seed, job.key, [asdict(task) for task in tasks])


def record(
    submission: Submission,
    seed: int,
    key: str = "",
    tasks: list[dict[str, Any]] | None = None,
    problem: str = "",
) -> Record:
    """Return what is kept of a submission; without a key, the next run grades it again."""
    tasks = tasks or []
    return {
        "format": results.FORMAT,
        "key": key,
        "student": readable(submission.student),
        "notebook": readable(submission.notebook),
        "seed": seed,
        "points": sum(task["points"] for task in tasks),
        "possible": sum(task["possible"] for task in tasks),
        "problem": problem,
        "tasks": tasks,
    }


def readable(name: str) -> str:
    """Return the name of a file, which need not be text, as text."""
    return name.encode("utf-8", "backslashreplace").decode()


def sandbox_of(options: Options) -> Sandbox:
    """Return the sandbox of this process, which serves all submissions."""
    if "one" not in _OPEN:
        exercises = (options.checks or checks_folder()).parent
        hidden = (exercises, *options.hidden)
        _OPEN["one"] = open_sandbox(unsafe=options.unsafe, hidden=hidden)
    return _OPEN["one"]


def close_sandbox() -> None:
    """Close the sandbox of this process, if there is one."""
    if "one" in _OPEN:
        _OPEN.pop("one").close()


_OPEN: dict[str, Sandbox] = {}
_ONE_AT_A_TIME = threading.Lock()  # what is printed is caught for the whole process
_MEMORY = 2 * 2**30  # bytes


@contextmanager
def _limited_memory() -> Iterator[None]:
    """Let this process take little more memory: data of a stranger may grow in a definition."""
    if sys.platform != "linux":  # where there is no sandbox either
        yield
        return
    import resource  # which Windows does not have

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + _MEMORY
    limits = [limit for limit in (most, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
