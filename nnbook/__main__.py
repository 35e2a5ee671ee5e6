"""The command line: ``python -m nnbook``; nothing but arguments and exit codes.

Exit codes: 0 all is well, 1 a problem was found, 2 the command was not understood.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from nnbook import environment, notebooks
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
    for name, help_text, work in (
        ("execute", "run notebooks afresh, in place", notebooks.execute),
        ("clean", "strip notebooks of what differs from run to run", notebooks.clean_file),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("paths", nargs="+", type=_notebook, metavar="NOTEBOOK")
        command.set_defaults(run=_for_each, work=work)
    return parser


def _notebook(text: str) -> Path:
    path = Path(text)
    if path.suffix != ".ipynb" or not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a notebook; name a file *.ipynb")
    return path


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


def _for_each(choice: argparse.Namespace) -> int:
    work: Callable[[Path], None] = choice.work
    for path in choice.paths:
        print(path)
        work(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
