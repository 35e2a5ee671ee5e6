"""One definition of a task, as data and plain functions, and where the definitions are found.

From a definition come the feedback in the notebook, the hints, the solution page and the tests of
all of these. Whatever must stay away from a stranger's code (the reference, the expected values,
the comparison) is in the definition and nowhere else, so that a grader can keep it on its own
side and send nothing but inputs.
"""

import importlib.util
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np

from nnbook.errors import ArgumentError, KindError, UnknownNameError
from nnbook.exercises.compare import TOLERANCE, describe

Function = Callable[..., Any]
Sign = Callable[..., bool]
DEFINITIONS = "nnbook_checks_"  # what the names of modules with definitions begin with


@dataclass(frozen=True)
class Case:
    """One use of the reader's answer.

    Attributes
    ----------
    arguments : tuple
        What the answer is called with, or put to use on; every time a fresh copy.
    about : str
        What is special here, as a sentence that nudges a reader whose answer is wrong.
    """

    arguments: tuple[Any, ...]
    about: str = ""

    @property
    def size(self) -> int:
        """How much there is to look at: numbers and characters, in all arguments together."""
        return _size(self.arguments)


@dataclass(frozen=True)
class Twin:
    """A known wrong answer.

    Attributes
    ----------
    name : str
        What teachers call the mistake.
    message : str
        What the reader is told: which mistake it is, without giving the answer away.
    answer : callable
        An answer that makes this mistake and no other.
    sign : callable, optional
        What gives the mistake away where right answers differ and wrong ones do too: takes what
        came of a case and the case's arguments, and returns whether it looks like this mistake.
        Without it, an answer makes the mistake when it equals the twin's on every case.
    """

    name: str
    message: str
    answer: Function
    sign: Sign | None = None


@dataclass(frozen=True)
class Exercise:
    """One task.

    The reader writes a function, which is called and judged by what it returns; or anything else
    that `use` puts to work and turns into data: a class, a generator, a function that changes
    its input in place or returns another function.

    Attributes
    ----------
    name : str
        The name of the function or class that the reader writes; unique in the book.
    chapter, points, minutes : int
        Where it belongs, what it is worth, and how long it takes.
    title : str
        What the notebook calls it.
    difficulty : int
        1, 2 or 3.
    shapes : str
        Inputs and result with their shapes in letters.
    reference : callable
        The right answer; `solution` prints its source.
    cases : tuple of Case
        What `check` runs, smallest first.
    hidden : callable
        Generator → further cases, which only a grader runs: always equally many.
    twins : tuple of Twin
        At least five known wrong answers.
    hints : tuple of str
        A nudge, the formula, a skeleton.
    parts : tuple of str
        What the items of a tuple answer are called.
    one_for_all : str
        What a reader is told whose answer is one number where an array is wanted.
    starter : callable, optional
        What the student notebook holds in place of the solution, when that is more than ``...``.
    tolerance : float
        Relative and absolute, see `difference`.
    use : callable, optional
        Takes the answer and the arguments of a case, puts the answer to use and returns data; the
        reader is shown its body. Without it, the answer is called with the arguments.
    may_change : tuple of str
        The arguments that the answer may change in place.
    holds : callable, optional
        For a task with many right answers: takes what came of a case and the case's arguments,
        and returns in words what is wrong with it, or an empty string. Kind and shape must still
        be those of what the reference gives; the values may differ.
    equivalent : mapping of str to str
        Mechanical changes of the reference that leave it right, and why: the test of mutants
        spares them.
    """

    name: str
    chapter: int
    title: str
    points: int
    minutes: int
    difficulty: int
    shapes: str
    reference: Function
    cases: tuple[Case, ...]
    hidden: Callable[[np.random.Generator], Iterable[Case]]
    twins: tuple[Twin, ...]
    hints: tuple[str, str, str]
    parts: tuple[str, ...] = ()
    one_for_all: str = ""
    starter: Function | None = None
    tolerance: float = TOLERANCE
    use: Function | None = None
    may_change: tuple[str, ...] = ()
    holds: Callable[..., str] | None = None
    equivalent: Mapping[str, str] = field(default_factory=dict)

    @property
    def worth(self) -> str:
        """Its points, in words."""
        return "1 point" if self.points == 1 else f"{self.points} points"

    def hidden_count(self) -> int:
        """Return how many cases only a grader runs."""
        return len(list(self.hidden(np.random.default_rng(0))))

    def applied(self, answer: Function) -> Function:
        """Return what to call with the arguments of a case: the answer itself, or its use."""
        return partial(self.use, answer) if self.use else answer

    def argument_names(self) -> tuple[str, ...]:
        """Return what the arguments of a case are called."""
        return tuple(inspect.signature(self.applied(self.reference)).parameters)


def body(function: Function) -> str:
    """Return the source of a function or class below its first line."""
    _, below = inspect.getsource(function).split("\n", 1)
    return textwrap.dedent(below).strip()


def find(name: str, operation: str = "check") -> Exercise:
    """Return the task of this name; errors speak of the operation that asked for it.

    Raises
    ------
    UnknownNameError
        When no task has this name (the message lists the known ones and the nearest), or when
        the folder of definitions is not found.
    KindError
        When the name is not a string.
    """
    if not isinstance(name, str):
        raise KindError(
            operation,
            got=describe(name),
            wanted="the name of a task first, as a string",
            remedy='write it in quotes, as in check("neuron", neuron)',
        )
    known = load(checks_folder())
    if name not in known:
        raise UnknownNameError.among(operation, name, known)
    return known[name]


def checks_folder() -> Path:
    """Return the folder ``exercises/checks`` of the book.

    It is looked for beside the package, as in an installation from a copy of the book, and then
    upward from the current folder.
    """
    here = Path.cwd()
    roots = [Path(__file__).parents[2], here, *here.parents]
    folders = (root / "exercises" / "checks" for root in roots)
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        raise UnknownNameError(
            "check",
            got=f"the current folder {here}",
            wanted="a folder inside the book, where exercises/checks is",
            remedy="open the notebook from the folder of the book",
        )
    return found


@cache
def load(folder: Path) -> Mapping[str, Exercise]:
    """Return name → task for all definitions in a folder.

    Every Python file of the folder has to be a definition: it binds ``EXERCISES``, a tuple of
    `Exercise`.

    Raises
    ------
    ArgumentError
        When a file is no definition, or two tasks have the same name.
    """
    exercises = [exercise for file in sorted(folder.glob("*.py")) for exercise in _defined_in(file)]
    known = {exercise.name: exercise for exercise in exercises}
    if len(known) < len(exercises):
        names = sorted(exercise.name for exercise in exercises)
        raise ArgumentError(
            "load",
            got=f"the names {', '.join(names)}",
            wanted="every task under its own name",
            remedy="rename one of the two that are equal",
        )
    return MappingProxyType(known)


def _defined_in(file: Path) -> tuple[Exercise, ...]:
    """Return the tasks of one file; an author is told what is wrong with it, in words."""
    try:
        exercises = _module(file).EXERCISES
    except Exception as error:
        raise _no_definition(file, f"{type(error).__name__}: {error}") from error
    if not isinstance(exercises, tuple) or not all(isinstance(one, Exercise) for one in exercises):
        raise _no_definition(file, f"EXERCISES = {describe(exercises)}")
    return exercises


def _no_definition(file: Path, got: str) -> ArgumentError:
    return ArgumentError(
        "load",
        got=f"{got} from the definitions in {file}",
        wanted="a file that binds EXERCISES, a tuple of Exercise",
        remedy="mend this file: until then no task can be checked; "
        "a tuple of one has a comma, as in EXERCISES = (NEURON,)",
    )


def _module(file: Path) -> ModuleType:
    name = f"{DEFINITIONS}{file.stem}"
    specification = importlib.util.spec_from_file_location(name, file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module  # where Python looks for the source of a class
    specification.loader.exec_module(module)
    return module


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return _size([*value, *value.values()])
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str) else 1
