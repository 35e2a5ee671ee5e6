"""Grade a class: every submission once, and what came of it written down as it comes.

Only this side writes: records as they come, and the pages when all have come.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnbook.exercises.exercise import checks_folder
from nnbook.exercises.grading import crews, jobs, pages, results
from nnbook.exercises.grading.jobs import Job, Options
from nnbook.exercises.grading.results import Record
from nnbook.exercises.grading.submissions import (
    Submission,
    UnreadableError,
    find_submissions,
    in_words,
    read_file,
)


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
    found = find_submissions(submissions, folder)
    options = replace(options, hidden=(*options.hidden, submissions, folder))
    manner = "" if options.dask else jobs.sandbox_of(options).manner
    with results.alone_in(folder):
        work = _Work(found, folder, results.seed_of(folder, options.seed), options)
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
        for job, record in crews.grade_all(self._jobs(), self._options):
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
            record = jobs.record(submission, self._seed, problem=str(error))
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
    return "".join(letter if letter.isprintable() else "?" for letter in jobs.readable(name))
