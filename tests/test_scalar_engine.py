"""The scalar engine that chapter 5 builds: it agrees with `Tensor`, and lab 2 repeats it."""

import ast
import operator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from house_rules import Notebook
from hypothesis import given
from hypothesis import strategies as st

from nnbook import Tensor

CHAPTERS = Path(__file__).parent.parent / "chapters"
CELLS = ("value-class", "value-wrap", "value-order", "value-backward", "value-more")
OPERATIONS = (operator.add, operator.sub, operator.mul, operator.truediv)


def definitions(notebook: str) -> list[ast.stmt]:
    """Return what the engine's cells define, without the lines that try it."""
    cells = {cell["id"]: cell["source"] for cell in Notebook.load(CHAPTERS / notebook).code}
    return [
        statement
        for name in CELLS
        for statement in ast.parse(cells[name]).body
        if isinstance(statement, ast.ClassDef | ast.FunctionDef) or _extends_value(statement)
    ]


def _extends_value(statement: ast.stmt) -> bool:
    """Tell whether a statement gives `Value` a further method."""
    return isinstance(statement, ast.Assign) and "Value." in ast.unparse(statement.targets[0])


@pytest.fixture(scope="module")
def engine() -> dict[str, Any]:
    names: dict[str, Any] = {"np": np}
    body = definitions("05_backpropagation.ipynb")
    exec(compile(ast.Module(body, type_ignores=[]), "chapter 5", "exec"), names)
    return names


def test_lab_repeats_the_engine_of_the_chapter() -> None:
    chapter, lab = (
        [ast.unparse(statement) for statement in definitions(name)]
        for name in ("05_backpropagation.ipynb", "lab_2_autograd_playground.ipynb")
    )
    assert len(chapter) >= 10
    assert chapter == lab


def test_engine_has_about_forty_lines() -> None:
    code = "\n".join(map(ast.unparse, definitions("05_backpropagation.ipynb")))
    lines = [line for line in code.splitlines() if line.strip() and '"""' not in line]
    assert 30 <= len(lines) <= 50


@given(
    numbers=st.lists(st.floats(0.5, 2.0), min_size=2, max_size=4),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)), max_size=8),
)
def test_engine_finds_the_slopes_of_tensor(
    engine: dict[str, Any], numbers: list[float], steps: list[tuple[int, int, int]]
) -> None:
    values = [engine["Value"](number) for number in numbers]
    tensors = [Tensor(number, requires_grad=True) for number in numbers]
    found: list[list[Any]] = []
    for leaves in (values, tensors):
        nodes: list[Any] = list(leaves)
        for which, left, right in steps:
            one, other = nodes[left % len(nodes)], nodes[right % len(nodes)]
            nodes.append(OPERATIONS[which](one, other * other + 1).relu() + 0.5)
        total = sum(nodes[1:], nodes[0])
        total.backward()
        found.append([total.data, *(leaf.grad for leaf in leaves)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-9)
