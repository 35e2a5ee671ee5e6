"""Who grades: this process, a few processes of this machine, or a cluster.

Each takes jobs and gives back records, in whatever order they come. A process that ends, or does
not come back from one step of C, costs the submission that it was grading, and no other.
"""

import itertools
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.util import Finalize
from typing import Any, TypeVar

from nnbook.errors import ArgumentError
from nnbook.exercises.grading import jobs
from nnbook.exercises.grading.jobs import Job, Options
from nnbook.exercises.grading.results import Record
from nnbook.exercises.grading.sandbox import SandboxError

Graded = Iterator[tuple[Job, Record]]
Work = TypeVar("Work")


def grade_all(waiting: Iterator[Job], options: Options) -> Graded:
    """Yield each job with its record, as they come.

    Raises
    ------
    ArgumentError
        When a cluster is asked for, and Dask is missing or no scheduler answers.
    SandboxError
        When there is no sandbox.
    """
    if options.dask:
        return _on_a_cluster(waiting, options.dask)
    if options.workers:
        return _in_processes(waiting, options.workers)
    return _in_this_process(waiting)


def graded_in_time(job: Job) -> Record:
    """Grade one submission, or end this process: nothing milder stops a step of C."""
    signal.setitimer(signal.ITIMER_PROF, job.options.limits.judging)
    try:
        return jobs.graded(job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _in_this_process(waiting: Iterator[Job]) -> Graded:
    try:
        for job in waiting:
            yield job, jobs.graded(job)
    finally:
        jobs.close_sandbox()


def _in_processes(waiting: Iterator[Job], workers: int) -> Graded:
    """Grade with several processes, each with its own sandbox; one that dies is replaced."""
    jobs.close_sandbox()
    suspects: list[Job] = []
    with _Pool(workers) as pool:
        for job, future in _in_flight(waiting, pool.submit, _first_of_ours, 2 * workers):
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
            return self._pool.submit(graded_in_time, job)
        except BrokenProcessPool:
            self._pool = self._fresh()
            return self._pool.submit(graded_in_time, job)

    def _fresh(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, get_context("spawn"), initializer=_be_a_worker)


def _be_a_worker() -> None:
    """Leave the keyboard to the grader, and end with it."""
    Finalize(None, jobs.close_sandbox, exitpriority=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_grader, daemon=True).start()


def _end_with_the_grader() -> None:
    if (grader := parent_process()) is not None:
        grader.join()
        os._exit(1)


def _graded_alone(job: Job) -> Record:
    with _Pool(1) as pool:
        try:
            return pool.submit(job).result()
        except BrokenProcessPool:
            return _lost(job, "the process that graded it ended twice")


def _lost(job: Job, words: str) -> Record:
    """Return a record that no later run takes for a mark: it is tried again."""
    return jobs.record(job.submission, job.seed, problem=f"{words}; nothing is known of its marks")


def _in_flight(
    waiting: Iterator[Work], submit: Any, wait_for: Any, most: int
) -> Iterator[tuple[Work, Any]]:
    """Yield each job or batch with its finished future; only a few are on their way at a time."""
    started: dict[Any, Work] = {}
    for work in waiting:
        started[submit(work)] = work
        if len(started) >= most:
            yield from [(started.pop(future), future) for future in wait_for(started)]
    while started:
        yield from [(started.pop(future), future) for future in wait_for(started)]


def _first_of_ours(futures: Any) -> Any:
    return wait(futures, return_when=FIRST_COMPLETED).done


def _on_a_cluster(waiting: Iterator[Job], address: str) -> Graded:
    """Grade on the workers of a Dask cluster; each needs the book, and a sandbox of its own.

    Their nannies, which Dask starts with them, replace those that have to end.
    """
    distributed = _dask()
    with _connected(distributed, address) as client:
        most = 2 * max(1, sum(client.ncores().values()))

        def submit(batch: Sequence[Job]) -> Any:
            return client.submit(_graded_in_turn, batch, pure=False, retries=1)

        def wait_for(futures: Any) -> Any:
            return distributed.wait(list(futures), return_when="FIRST_COMPLETED").done

        for batch, future in _in_flight(_batches(waiting, most), submit, wait_for, most):
            yield from zip(batch, _of_the_cluster(batch, future, submit), strict=True)
            future.release()


def _batches(waiting: Iterator[Job], singles: int) -> Iterator[Sequence[Job]]:
    """Yield jobs as a cluster gets them: the first ones alone, so that all soon have work."""
    sizes = itertools.chain(itertools.repeat(1, singles), itertools.repeat(_BATCH))
    while batch := tuple(itertools.islice(waiting, next(sizes))):
        yield batch


def _graded_in_turn(batch: Sequence[Job]) -> list[Record]:
    return [graded_in_time(job) for job in batch]


_BATCH = 4  # a message costs a cluster some milliseconds, and a notebook some dozens


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise ArgumentError(
            "grade",
            got="--dask without the package distributed",
            wanted="Dask beside the book",
            remedy="python -m pip install 'nnbook[distributed]'",
        ) from None


def _connected(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=_SECONDS_TO_CONNECT)
    except (OSError, ValueError) as error:
        raise ArgumentError(
            "grade",
            got=f"--dask {address}, where no scheduler answers ({type(error).__name__})",
            wanted="the address of a Dask scheduler",
            remedy="start one with `dask scheduler`, which prints its address, and workers for it",
        ) from None


_SECONDS_TO_CONNECT = 20


def _of_the_cluster(batch: Sequence[Job], future: Any, submit: Any) -> list[Record]:
    """Return the records of a batch; where one of its jobs ends a worker, each is tried alone."""
    try:
        records: list[Record] = future.result()
    except SandboxError:
        raise
    except Exception as error:
        if len(batch) == 1:
            return [_lost(batch[0], f"the cluster lost it ({type(error).__name__})")]
        alone = [((job,), submit((job,))) for job in batch]
        return [record for one, its in alone for record in _of_the_cluster(one, its, submit)]
    return records
