"""Whether everything is here that the book needs and, if not, what mends it.

The answer holds no version and no path while all is well, so that it reads the same on every
machine.
"""

import os
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib import metadata
from pathlib import Path

OLDEST_PYTHON = (3, 11)
INSTALL = "run `make book`, or `python -m pip install -r requirements.txt`, in the book's folder"
START = "chapters/00_start_here.ipynb"
FRONT_ENDS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")


@dataclass(frozen=True)
class Finding:
    """What one check found: `problem` and `remedy` are empty when all is well."""

    subject: str
    problem: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Return one line."""
        told = f"{self.problem}; {self.remedy}." if self.problem else "fine"
        return f"{self.subject}: {told}"


Check = Callable[[], Finding]


@dataclass(frozen=True)
class Report:
    """The findings of several checks, in words."""

    findings: tuple[Finding, ...]

    @property
    def lines(self) -> list[str]:
        """One line a check."""
        return [str(finding) for finding in self.findings]

    @property
    def fine(self) -> bool:
        """Whether no check found a problem."""
        return not any(finding.problem for finding in self.findings)

    def __str__(self) -> str:
        """Return all lines and a verdict."""
        return "\n".join([*self.lines, self._verdict()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Return a list for the notebook; the words carry the meaning, not a colour."""
        items = "".join(f"<li>{_html(finding)}</li>" for finding in self.findings)
        return f"<ul>{items}</ul><p><strong>{self._verdict()}</strong></p>"

    def _verdict(self) -> str:
        return "Everything is ready." if self.fine else "Something needs mending first."


def _html(finding: Finding) -> str:
    mark = "✗" if finding.problem else "✓"
    return f'<span aria-hidden="true">{mark}</span> {escape(str(finding))}'


def report(*, browser: bool = False) -> Report:
    """Check the environment.

    Parameters
    ----------
    browser : bool
        Also ask whether a browser can be opened; a notebook that is open has no need to ask.

    Returns
    -------
    Report
        One finding for Python, the packages, the sliders and the data folder.
    """
    checks: tuple[Check, ...] = (python, packages, sliders, data_folder)
    if browser:
        checks = (*checks, web_browser)
    return Report(tuple(check() for check in checks))


def python(version: tuple[int, ...] = tuple(sys.version_info[:2])) -> Finding:
    """Check that Python is new enough."""
    if version >= OLDEST_PYTHON:
        return Finding("Python")
    return Finding(
        "Python",
        f"this is Python {'.'.join(map(str, version))}, and the book needs 3.11 or newer",
        "install a newer one from https://www.python.org/downloads/ and run `make book`",
    )


def packages(distribution: str = "nnbook") -> Finding:
    """Check that every package which the book requires is installed and new enough."""
    try:
        required = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return Finding("Packages", f"{distribution} itself is not installed", INSTALL)
    problems = ", ".join(_unmet(required))
    return Finding("Packages", problems, INSTALL) if problems else Finding("Packages")


def _unmet(required: list[str]) -> Iterator[str]:
    from packaging.requirements import Requirement

    for requirement in map(Requirement, required):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield from _unmet_one(requirement.name, str(requirement.specifier))


def _unmet_one(name: str, wanted: str) -> Iterator[str]:
    from packaging.specifiers import SpecifierSet

    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        yield f"{name} is not installed"
        return
    if not SpecifierSet(wanted).contains(version, prereleases=True):
        yield f"{name} is {version}, and the book needs {wanted}"


def sliders(folders: list[str] | None = None) -> Finding:
    """Check that JupyterLab has the extensions that draw the book's sliders.

    Parameters
    ----------
    folders : list of str, optional
        Where extensions are looked for; Jupyter's own folders if not given.
    """
    places = _extension_folders() if folders is None else folders
    found = {name for name in FRONT_ENDS for place in places if Path(place, name).is_dir()}
    missing = ", ".join(name for name in FRONT_ENDS if name not in found)
    if not missing:
        return Finding("Sliders")
    return Finding("Sliders", f"JupyterLab has no extension {missing}", INSTALL)


def _extension_folders() -> list[str]:
    from jupyter_core.paths import jupyter_path

    return jupyter_path("labextensions")


def data_folder(folder: Path | None = None) -> Finding:
    """Check that your progress can be written.

    Parameters
    ----------
    folder : Path, optional
        The folder to try; the one that holds your progress if not given.
    """
    place = _progress_folder() if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        problem = f"nothing can be written in {place} ({error.strerror})"
        remedy = "set the environment variable NNBOOK_HOME to a folder of yours"
        return Finding("Data folder", problem, remedy)
    return Finding("Data folder")


def _progress_folder() -> Path:
    from nnbook import progress

    return progress.path().parent


def web_browser() -> Finding:
    """Check that Python can open a browser."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        remedy = "install one, or open by hand the address that `make book` prints"
        return Finding("Browser", "no browser was found", remedy)
    return Finding("Browser")


def open_book() -> int:
    """Open the book in JupyterLab and return its exit code when it ends.

    The settings in ``.jupyter`` go with it: notebooks are saved with pictures in place of widgets,
    so that they show no errors when they are opened again, and nobody on the network is asked for
    news. In a container one is often root, and Jupyter wants to be told that this is meant.
    """
    folder = Path(__file__).parents[1]
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN", *as_root]
    settings = {**os.environ, "JUPYTER_CONFIG_PATH": str(folder / ".jupyter")}
    with suppress(KeyboardInterrupt):  # Ctrl-C is how one closes it
        start = f"--LabApp.default_url=/lab/tree/{START}"
        return subprocess.run([*command, start], cwd=folder, env=settings, check=False).returncode
    return 0
