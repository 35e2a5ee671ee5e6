"""The command line: ``python -m nnbook``; nothing but arguments and exit codes.

Exit codes: 0 all is well, 1 a problem was found, 2 the command was not understood; of ``check``:
0 all points, 1 some are missing, 2 the notebook could not be run; of ``grade``: 0 all are graded,
1 some could not be, 2 there was nothing to grade, or no safe way to.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from nnbook import adding, environment, marks, notebooks, progress
from nnbook.datasets import downloads, sources
from nnbook.errors import NNBookError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    choice = _parser().parse_args(arguments)
    try:
        code: int = choice.run(choice)
    except NNBookError as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nnbook", description="Tools of the book.")
    commands = parser.add_subparsers(required=True, metavar="command")
    book = commands.add_parser("book", help="open the book in JupyterLab")
    book.set_defaults(run=_book)
    doctor = commands.add_parser("doctor", help="say whether everything is here, in words")
    doctor.set_defaults(run=_doctor)
    data = commands.add_parser(
        "data",
        help="list the data sets that can be downloaded, or fetch one",
        description="List the data sets that can be downloaded: how large they are, whether they "
        "are here, and where. With a name, fetch that one, so that it can be used offline.",
    )
    data.add_argument(
        "name",
        nargs="?",
        choices=list(downloads.SOURCES),
        metavar="NAME",
        help=f"the data set to fetch: {' or '.join(downloads.SOURCES)}",
    )
    data.set_defaults(run=_data)
    _check_command(commands)
    _grade_command(commands)
    _progress_command(commands)
    _add_task_command(commands)
    for name, help_text, work in (
        ("execute", "run notebooks afresh, in place", notebooks.execute),
        ("clean", "strip notebooks of what differs from run to run", notebooks.clean_file),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("paths", nargs="+", type=_notebook, metavar="NOTEBOOK")
        command.set_defaults(run=_for_each, work=work)
    return parser


def _check_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = commands.add_parser(
        "check",
        help="run a whole exercise notebook, and say what is right and what is not",
        description="Run an exercise notebook in a fresh kernel, print the feedback on every task "
        "and the points. Exit code: 0 all points, 1 some are missing, 2 it could not be run. "
        "Your progress is not touched.",
    )
    check.add_argument("path", type=_notebook, metavar="NOTEBOOK")
    check.add_argument("--json", action="store_true", help="print the same as JSON")
    check.set_defaults(run=_check)


def _grade_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    grade = commands.add_parser(
        "grade",
        help="grade the notebooks of a class, each in a sandbox",
        description="Grade every notebook in a folder: STUDENT.ipynb, or any notebook in a folder "
        "STUDENT. Writes grades.csv, class.html, and a page and a record for each. A run that was "
        "stopped goes on where it was. Exit code: 0 all are graded, 1 some could not be, 2 there "
        "was nothing to grade, or no sandbox.",
    )
    grade.add_argument("submissions", type=Path, metavar="SUBMISSIONS")
    grade.add_argument("-o", "--output", type=Path, required=True, metavar="RESULTS")
    grade.add_argument("--workers", type=_count, default=1, help="processes that grade (1)")
    grade.add_argument("--dask", default="", metavar="ADDRESS", help="grade on a Dask cluster")
    grade.add_argument("--seed", type=int, help="of the hidden cases; a fresh one is recorded")
    grade.add_argument(
        "--chapter",
        type=int,
        action="append",
        default=[],
        help="count the tasks of this chapter, and no others; may be given again",
    )
    grade.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run the code as it is, with all that you may do: for your own work only",
    )
    grade.set_defaults(run=_grade)


def _progress_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    record = commands.add_parser(
        "progress",
        help="show, export or delete the record of what you have done",
        description="Show the record of what you have done, chapter by chapter, and where it is.",
    )
    what = record.add_mutually_exclusive_group()
    what.add_argument(
        "--export", type=_new_file, metavar="FILE", help="write a copy to a new file; - prints it"
    )
    what.add_argument("--delete", action="store_true", help="delete the record, after asking")
    record.set_defaults(run=_progress)


def _add_task_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    adder = commands.add_parser(
        "add-task",
        help="for authors: write the cells of a task, from its definition",
        description="Write the statement, the solution and the check of a task that is defined in "
        "exercises/checks at the end of its chapter's notebook in exercises/solutions, and bring "
        "the minutes and points in its first cell up to date.",
    )
    adder.add_argument("name", metavar="NAME", help="the name in the definition")
    adder.set_defaults(run=_add_task)


def _notebook(text: str) -> Path:
    path = Path(text)
    if path.suffix != ".ipynb" or not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a notebook; name a file *.ipynb")
    return path


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes; name 1 or more")
    return int(text)


def _new_file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a new file, such as copy.json")
    return Path(text)


def _book(choice: argparse.Namespace) -> int:
    return environment.open_book()


def _doctor(choice: argparse.Namespace) -> int:
    report = environment.report(browser=True)
    print(report)
    return 0 if report.fine else 1


def _data(choice: argparse.Namespace) -> int:
    if choice.name is None:
        print(*map(downloads.describe, downloads.SOURCES.values()), sep="\n")
        print("To fetch one: python -m nnbook data NAME")
    else:
        source = downloads.SOURCES[choice.name]
        sources.fetch(source)
        print(downloads.describe(source))
    return 0


def _check(choice: argparse.Namespace) -> int:
    try:
        marked = marks.mark_notebook(choice.path)
    except NNBookError as error:
        print(error, file=sys.stderr)
        if choice.json:
            print(json.dumps({"notebook": choice.path.name, "error": str(error)}, indent=1))
        return 2
    print(json.dumps(marked.as_dict(), indent=1) if choice.json else marked)
    return 0 if marked.points == marked.possible else 1


def _grade(choice: argparse.Namespace) -> int:
    from nnbook.exercises.grading.classroom import grade_class
    from nnbook.exercises.grading.jobs import Options
    from nnbook.exercises.grading.results import DiskError

    options = Options(
        workers=choice.workers,
        dask=choice.dask,
        seed=choice.seed,
        chapters=tuple(choice.chapter),
        unsafe=choice.unsafe_no_sandbox,
    )
    try:
        records = grade_class(choice.submissions, choice.output, options)
    except DiskError as error:
        print(error, file=sys.stderr)
        return 1
    except NNBookError as error:
        print(error, file=sys.stderr)
        return 2
    missing = sum(bool(record["problem"]) for record in records)
    print(f"{len(records) - missing} of {len(records)} notebooks are graded.")
    print(f"The class: {choice.output / 'class.html'}; the marks: {choice.output / 'grades.csv'}")
    return 1 if missing else 0


def _progress(choice: argparse.Namespace) -> int:
    if choice.export == Path("-"):
        print(progress.as_json())
    elif choice.export:
        progress.export(choice.export)
        print(f"Your record is in {choice.export}.")
    elif choice.delete:
        return _delete_progress()
    else:
        print(progress.summary(), f"It is kept in {progress.path()}.", sep="\n")
    return 0


def _delete_progress() -> int:
    print(progress.summary())
    files = " and ".join(map(str, progress.files()))
    if not files:
        print("There is nothing to delete.")
        return 0
    if not _agrees(f"Delete {files}? It cannot be brought back. [y/N] "):
        print("Nothing was deleted.")
        return 0
    progress.clear()
    if progress.files():  # and a warning has said why
        return 1
    print("Your record is deleted.")
    return 0


def _agrees(question: str) -> bool:
    """Ask; whatever is not a clear yes, also no answer at all, is a no."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _add_task(choice: argparse.Namespace) -> int:
    path = adding.add_task(choice.name)
    print(f"{choice.name} is now the last task of {path}.")
    print("Next: write the words of its statement there, then `make execute` and `make exercises`.")
    return 0


def _for_each(choice: argparse.Namespace) -> int:
    work: Callable[[Path], None] = choice.work
    for path in choice.paths:
        print(path)
        work(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
