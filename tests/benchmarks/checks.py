"""How long `check` takes: for every task, its reference, its starter and each of its twins.

    python tests/benchmarks/checks.py [--rounds 5] [--json FILE]

Feedback should come at once: 50 ms are allowed, for the slowest answer to any task. The last
column is the share of them that is used. A wrong answer takes longest, as it is compared with
every twin. Progress is written to a disk as in a notebook, into a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import bank

from nnbook import check
from nnbook.exercises import Exercise, exercise, load

ALLOWED_MS = 50.0


@dataclass(frozen=True)
class Measured:
    """One task: milliseconds for a check of its reference, and of its slowest answer."""

    task: str
    answers: int
    reference: float
    slowest: float
    slowest_answer: str
    share: float  # of what is allowed, by the slowest


def untouched(*_: Any) -> None:
    raise NotImplementedError


def answers_to(task: Exercise) -> dict[str, Callable[..., Any]]:
    """Return the answers that are checked, by name: the right one, the starter, the twins."""
    twins = {f"twin: {twin.name}": twin.answer for twin in task.twins}
    return {"reference": task.reference, "starter": task.starter or untouched, **twins}


def milliseconds(task: Exercise, answer: Callable[..., Any], rounds: int) -> float:
    """Return the median over some rounds, after one that is not counted."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        check(task.name, answer)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[1:])


def measure(task: Exercise, rounds: int) -> Measured:
    taken = {name: milliseconds(task, one, rounds) for name, one in answers_to(task).items()}
    slowest = max(taken, key=lambda name: taken[name])
    return Measured(
        task=task.name,
        answers=len(taken),
        reference=taken["reference"],
        slowest=taken[slowest],
        slowest_answer=slowest,
        share=taken[slowest] / ALLOWED_MS,
    )


def measure_folder(folder: Path, rounds: int) -> list[Measured]:
    """Measure every task that is defined in a folder, and print a row for each."""
    exercise.checks_folder = lambda: folder
    results = []
    for task in load(folder).values():
        one = measure(task, rounds)
        row = f"{one.task:24}  {one.answers:7}  {one.reference:9.1f}  {one.slowest:7.1f}"
        print(f"{row}  {one.share:6.1%}  {one.slowest_answer}", flush=True)
        results.append(one)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    choice = parser.parse_args()
    print(f"{'task':24}  answers  reference  slowest  of {ALLOWED_MS:.0f} ms  slowest answer")
    with tempfile.TemporaryDirectory() as home:
        os.environ["NNBOOK_HOME"] = home
        results = [
            one
            for folder in (bank.BOOK, bank.KINDS)
            for one in measure_folder(folder, choice.rounds)
        ]
    if choice.json:
        choice.json.write_text(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    main()
