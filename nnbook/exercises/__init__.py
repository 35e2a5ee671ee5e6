"""Exercises: one definition of a task, feedback while working, hints and solutions."""

from nnbook.exercises.checking import check, hint, solution
from nnbook.exercises.compare import difference
from nnbook.exercises.exercise import Case, Exercise, Twin, find, load

__all__ = [
    "Case",
    "Exercise",
    "Twin",
    "check",
    "difference",
    "find",
    "hint",
    "load",
    "solution",
]
