"""The bank of answers that a task has to tell apart: mechanical mutants of its reference.

    python tests/bank.py [FOLDER]

prints, for every task of a folder of definitions, how many twins it has, how many mutants were
tried, how many of them only the hidden cases tell from the reference, and how many got full marks
although they should not. A mutant of the third column is "right" to whoever has no grader: a public
case is missing.
"""

import argparse
import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from nnbook.exercises import Case, Exercise, load, running
from nnbook.exercises.judging import Verdict, judge

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "exercises" / "checks"
KINDS = ROOT / "tests" / "checks"
SECONDS = 0.5  # a mutant may well loop for ever
FOR_A_RIGHT_ONE = 60.0

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div],
    ast.Mod: [ast.FloorDiv],
    ast.MatMult: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS = {
    ast.GtE: [ast.Gt, ast.LtE, ast.Lt],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.Eq: [ast.NotEq, ast.Gt],
    ast.NotEq: [ast.Eq],
}


def all_cases(task: Exercise) -> list[Case]:
    """Return the public cases and the hidden ones."""
    return [*task.cases, *task.hidden(np.random.default_rng(1))]


def verdict(task: Exercise, answer: Callable[..., Any]) -> Verdict:
    """Judge an answer on the public cases and the hidden ones, as a grader does."""
    return judge_on(task, all_cases(task), answer)


def judge_on(task: Exercise, cases: Sequence[Case], answer: Callable[..., Any]) -> Verdict:
    """Judge an answer on some cases, up to the first that does not end."""
    outcomes = running.run_all(task.applied(answer), cases)
    return judge(task, cases[: len(outcomes)], outcomes)


def survivors_of(task: Exercise, cases: Sequence[Case]) -> set[str]:
    """Return the mutants of a reference that pass all of these cases; most fall at the first.

    One that is known to be right has a right answer's time: a busy machine needs it.
    """
    return {
        words
        for words, answer in mutants(task)
        if _passes(task, cases, answer, FOR_A_RIGHT_ONE if words in task.equivalent else SECONDS)
    }


def _passes(
    task: Exercise, cases: Sequence[Case], answer: Callable[..., Any], seconds: float
) -> bool:
    with mock.patch.object(running, "SECONDS", seconds):
        return all(judge_on(task, [case], answer).status == "right" for case in cases)


def mutants(task: Exercise) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield (description, answer) for every mechanical change of a task's reference."""
    whole = ast.parse(textwrap.dedent(inspect.getsource(task.reference)))
    for old in ast.walk(whole):
        for new in changes(old):
            mutant = copy.deepcopy(whole, {id(old): new})  # the copy has new where old was
            yield f"{ast.unparse(old)} -> {ast.unparse(new)}", _compiled(mutant, task)


def changes(node: ast.AST) -> list[ast.AST]:
    """Return what to put in the place of a part of a reference, one at a time."""
    is_work = isinstance(node, ast.Assign | ast.AugAssign | ast.If)
    is_call = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    return [ast.Pass()] if is_work or is_call else list(_replacements(node))


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a slip of the pen could make of one expression."""
    if isinstance(node, ast.BinOp):
        yield from (_with(node, op=kind()) for kind in OPERATORS.get(type(node.op), []))
        yield from (node.left, node.right)
    if isinstance(node, ast.Compare):
        kinds = COMPARISONS.get(type(node.ops[0]), [])
        yield from (_with(node, ops=[kind()]) for kind in kinds)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from (_with(node, value=node.value + step) for step in (1, -1))
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield _with(node, value=not node.value)
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    if isinstance(node, ast.Call) and node.args:
        yield node.args[0]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node.func.value
    if isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)
        yield from (node.body, node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        marks = node.value if " " not in node.value else ""
        yield from (_with(node, value=marks.replace(mark, "")) for mark in marks)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        yield _with(node, elts=node.elts[::-1])


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _compiled(tree: ast.AST, task: Exercise) -> Callable[..., Any]:
    """Make a mutant, which sees the helpers that its reference sees."""
    namespace = dict(vars(sys.modules[task.reference.__module__]))
    exec(compile(ast.fix_missing_locations(tree), "<mutant>", "exec"), namespace)
    return namespace[task.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=BOOK)
    print(f"{'task':24}  twins  mutants  only hidden  spared  survivors")
    for task in load(parser.parse_args().folder).values():
        print(_report(task))


def _report(task: Exercise) -> str:
    tried, public = len(list(mutants(task))), survivors_of(task, task.cases)
    left = survivors_of(task, all_cases(task))
    hidden, survivors = sorted(public - left), sorted(left - set(task.equivalent))
    counts = f"{tried:7}  {len(hidden):11}  {len(task.equivalent):6}  {len(survivors):9}"
    row = f"{task.name:24}  {len(task.twins):5}  {counts}"
    words = [f"only hidden: {one}" for one in hidden] + [f"survives: {one}" for one in survivors]
    return "\n    ".join([row, *words])


if __name__ == "__main__":
    main()
