"""Grade a class: every submission once, by one process or many, here or on a cluster.

What is done with one submission is one function of its bytes, so that it does not matter who does
it. Only this side writes: records as they come, and the pages when all have come.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from nnbook.errors import ArgumentError
from nnbook.exercises.exercise import checks_folder, load
from nnbook.exercises.grading import pages, results
from nnbook.exercises.grading.grade import Limits, grade
from nnbook.exercises.grading.results import Record
from nnbook.exercises.grading.sandbox import Sandbox, SandboxError, open_sandbox
from nnbook.exercises.grading.submissions import (
    Submission,
    UnreadableError,
    find_submissions,
    in_words,
    read_file,
    read_notebook,
)

_LIMITS = Limits()


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    Attributes
    ----------
    workers : int
        How many processes of this machine grade.
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
    limits : Limits
        How long a student's code may take.
    """

    workers: int = 1
    dask: str = ""
    seed: int | None = None
    chapters: tuple[int, ...] = ()
    unsafe: bool = False
    checks: Path | None = None
    limits: Limits = _LIMITS


@dataclass(frozen=True)
class Job:
    """One submission, and all that is needed to grade it anywhere."""

    submission: Submission
    data: bytes
    seed: int
    key: str
    options: Options


def grade_class(submissions: Path, folder: Path, options: Options) -> list[Record]:
    """Grade all notebooks of a folder and write the results to another.

    Returns
    -------
    list of dict
        The records, in the order of the students' names; one with a ``problem`` could not be
        graded.

    Raises
    ------
    ArgumentError
        When there are no submissions, or the options do not fit the results that are there.
    SandboxError
        When there is no sandbox.
    DiskError
        When the results cannot be written.
    """
    found = find_submissions(submissions)
    manner = "" if options.dask else _sandbox(options.unsafe).manner
    seed = results.seed_of(folder, options.seed)
    work = _Work(found, folder, seed, options)
    with _bar(len(found)) as bar:
        bar.write(f"{in_words(found)}{_MANNERS.get(manner, '')}", file=sys.stderr)
        for submission, record in work.records():
            bar.update()
            if record["problem"]:
                bar.write(f"{_one_line(submission)}: {record['problem']}", file=sys.stderr)
    records = [work.done[submission.name] for submission in found]
    _write_summary(folder, found, records)
    return records


_MANNERS = {
    "alone": "\nSandboxes do not nest here, so each notebook starts one of its own: slower, "
    "and as safe.",
    "bare": "\nThere is no sandbox: this code can do whatever you can.",
}


class _Work:
    """What has been done and what is left to do."""

    def __init__(self, found: list[Submission], folder: Path, seed: int, options: Options) -> None:
        self.done: dict[str, Record] = {}
        self._found, self._folder, self._seed, self._options = found, folder, seed, options
        definitions = results.definitions_digest(options.checks or checks_folder())
        self._others: list[tuple[Submission, Record]] = []
        self._basis = f"{definitions} {seed} {options.chapters}".encode()

    def records(self) -> Iterator[tuple[Submission, Record]]:
        """Yield each submission with its record, as they come; each is on disk by then."""
        for job, record in _graders(self._options)(self._jobs()):
            results.keep(self._folder, job.submission.name, record)
            yield self._note(job.submission, record)
        yield from self._others

    def _jobs(self) -> Iterator[Job]:
        """Yield what has not been graded; its file is read when its turn comes."""
        for submission in self._found:
            job = self._job(submission)
            if job is not None:
                yield job

    def _job(self, submission: Submission) -> Job | None:
        try:
            data = read_file(submission)
        except UnreadableError as error:
            record = _record(submission, self._seed, problem=str(error))
            results.keep(self._folder, submission.name, record)
            self._others.append(self._note(submission, record))
            return None
        name = f"{submission.student}\0{submission.notebook}"
        key = results.key(self._basis, name.encode("utf-8", "surrogateescape"), data)
        known = results.kept(self._folder, submission.name, key)
        if known is None:
            return Job(submission, data, self._seed, key, self._options)
        self._others.append(self._note(submission, known))
        return None

    def _note(self, submission: Submission, record: Record) -> tuple[Submission, Record]:
        self.done[submission.name] = record
        return submission, record


def graded(job: Job) -> Record:
    """Grade one submission, in whatever process this is.

    Raises
    ------
    SandboxError
        When there is no sandbox here.
    """
    known = load(job.options.checks or checks_folder())
    with _ONE_AT_A_TIME:
        try:
            notebook = read_notebook(job.data, known, job.options.chapters)
            sandbox = _sandbox(job.options.unsafe)
            tasks = grade(notebook, known, sandbox, job.seed, job.options.limits)
        except UnreadableError as error:
            return _record(job.submission, job.seed, job.key, problem=str(error))
    return _record(job.submission, job.seed, job.key, [asdict(task) for task in tasks])


_ONE_AT_A_TIME = threading.Lock()  # what is printed is caught for the whole process


def _sandbox(unsafe: bool) -> Sandbox:
    """Return the sandbox of this process, which serves all submissions."""
    if "one" not in _OPEN:
        _OPEN["one"] = open_sandbox(unsafe=unsafe)
    return _OPEN["one"]


def _close_sandbox() -> None:
    if "one" in _OPEN:
        _OPEN.pop("one").close()


_OPEN: dict[str, Sandbox] = {}


def _record(
    submission: Submission,
    seed: int,
    key: str = "",
    tasks: list[dict[str, Any]] | None = None,
    problem: str = "",
) -> Record:
    tasks = tasks or []
    return {
        "format": results.FORMAT,
        "key": key,
        "student": _readable(submission.student),
        "notebook": _readable(submission.notebook),
        "seed": seed,
        "points": sum(task["points"] for task in tasks),
        "possible": sum(task["possible"] for task in tasks),
        "problem": problem,
        "tasks": tasks,
    }


def _readable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


Grader = Callable[[Iterator[Job]], Iterator[tuple[Job, Record]]]


def _graders(options: Options) -> Grader:
    if options.dask:
        return lambda jobs: _on_a_cluster(jobs, options.dask)
    if options.workers > 1:
        return lambda jobs: _in_processes(jobs, options.workers)
    return _in_this_process


def _in_this_process(jobs: Iterator[Job]) -> Iterator[tuple[Job, Record]]:
    try:
        for job in jobs:
            yield job, graded(job)
    finally:
        _close_sandbox()


def _in_processes(jobs: Iterator[Job], workers: int) -> Iterator[tuple[Job, Record]]:
    """Grade with several processes, each with its own sandbox; one that dies is replaced."""
    _close_sandbox()
    suspects: list[Job] = []
    with _Pool(workers) as pool:
        for job, future in _in_flight(jobs, pool.submit, wait_for_some, 2 * workers):
            try:
                yield job, future.result()
            except BrokenProcessPool:
                suspects.append(job)
    for job in suspects:  # one of them has ended a process: each gets one to itself
        yield job, _graded_alone(job)


class _Pool:
    """Processes that grade; a new set takes over when one of them has died."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._fresh()

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(self, job: Job) -> "Future[Record]":
        try:
            return self._pool.submit(graded, job)
        except BrokenProcessPool:
            self._pool = self._fresh()
            return self._pool.submit(graded, job)

    def _fresh(self) -> ProcessPoolExecutor:
        from multiprocessing import get_context

        spawn = get_context("spawn")
        return ProcessPoolExecutor(self._workers, spawn, initializer=_be_a_worker)


def _be_a_worker() -> None:
    """Leave the keyboard to the grader, end with it, and keep within some memory."""
    import resource
    import signal
    from multiprocessing.util import Finalize

    Finalize(None, _close_sandbox, exitpriority=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    threading.Thread(target=_end_with_the_grader, daemon=True).start()


_MEMORY = 8 * 2**30


def _end_with_the_grader() -> None:
    import os
    from multiprocessing import parent_process

    if (grader := parent_process()) is not None:
        grader.join()
        os._exit(1)


def _graded_alone(job: Job) -> Record:
    with _Pool(1) as pool:
        try:
            return pool.submit(job).result()
        except BrokenProcessPool:
            problem = "the process that graded it ended twice; nothing is known of its marks"
            return _record(job.submission, job.seed, problem=problem)


def _in_flight(
    jobs: Iterator[Job], submit: Any, wait_for: Any, most: int
) -> Iterator[tuple[Job, Any]]:
    """Yield each job with its finished future; only a few are on their way at a time."""
    waiting: dict[Any, Job] = {}
    for job in jobs:
        waiting[submit(job)] = job
        if len(waiting) >= most:
            yield from [(waiting.pop(future), future) for future in wait_for(waiting)]
    while waiting:
        yield from [(waiting.pop(future), future) for future in wait_for(waiting)]


def wait_for_some(futures: Any) -> Any:
    """Wait until some are finished, and return these."""
    return wait(futures, return_when=FIRST_COMPLETED).done


def _on_a_cluster(jobs: Iterator[Job], address: str) -> Iterator[tuple[Job, Record]]:
    """Grade on the workers of a Dask cluster; each needs the book, and a sandbox of its own."""
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError:
        raise ArgumentError(
            "grade",
            got="--dask without the package distributed",
            wanted="Dask beside the book",
            remedy="python -m pip install 'nnbook[distributed]'",
        ) from None
    with distributed.Client(address, timeout=_SECONDS_TO_CONNECT) as client:
        most = 2 * max(1, sum(client.ncores().values()))

        def submit(job: Job) -> Any:
            return client.submit(graded, job, pure=False, retries=1)

        def wait_for(futures: Any) -> Any:
            return distributed.wait(list(futures), return_when="FIRST_COMPLETED").done

        for job, future in _in_flight(jobs, submit, wait_for, most):
            yield job, _of_the_cluster(job, future)
            future.release()


_SECONDS_TO_CONNECT = 20


def _of_the_cluster(job: Job, future: Any) -> Record:
    try:
        record: Record = future.result()
    except SandboxError:
        raise
    except Exception as error:
        problem = f"the cluster lost it ({type(error).__name__}); nothing is known of its marks"
        return _record(job.submission, job.seed, problem=problem)
    return record


def _write_summary(folder: Path, found: list[Submission], records: list[Record]) -> None:
    tasks = list(dict.fromkeys(task["name"] for record in records for task in record["tasks"]))
    names = [submission.name for submission in found]
    results.write(folder / "grades.csv", results.grades_as_csv(records, tasks))
    for name, record in zip(names, records, strict=True):
        results.write(folder / "pages" / f"{name}.html", pages.submission_page(record))
    results.write(folder / "class.html", pages.class_page(records, names))


def _bar(total: int) -> Any:
    from tqdm import tqdm  # type: ignore[import-untyped]

    return tqdm(total=total, unit="notebook", disable=None, leave=False)


def _one_line(submission: Submission) -> str:
    """Return a submission's name as it can be printed: it may hold anything that a file's may."""
    name = f"{submission.student}/{submission.notebook}"
    return "".join(letter if letter.isprintable() else "?" for letter in _readable(name))
