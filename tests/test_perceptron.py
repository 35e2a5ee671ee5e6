"""Rosenblatt's rule: its five properties, and every state that it records."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from nnbook.errors import ArgumentError, ShapeError
from nnbook.nn import perceptron_rule
from nnbook.nn.perceptron import PerceptronRun


@st.composite
def problems(draw: Any) -> tuple[Any, Any]:
    """Draw a few examples with small whole features, so that every sum is exact."""
    n, d = draw(st.integers(1, 8)), draw(st.integers(1, 3))
    x = draw(arrays(float, (n, d), elements=st.integers(-4, 4).map(float)))
    return x, draw(arrays(int, (n,), elements=st.integers(0, 1)))


@st.composite
def separable_problems(draw: Any) -> tuple[Any, Any]:
    """Draw examples that a random line parts with a margin of at least 1."""
    x, _ = draw(problems())
    w = draw(arrays(float, x.shape[1:], elements=st.integers(-3, 3).map(float)))
    z = x @ w + 0.5
    assume(w.any())
    return x, (z >= 0).astype(int)


def by_hand(x: Any, y: Any, epochs: int, *, sign: int = 1) -> dict[str, list[Any]]:
    """Follow the rule with Python numbers and loops; sign -1 is the common slip."""
    w, b = [0.0] * len(x[0]), 0.0
    seen: dict[str, list[Any]] = {"w": [list(w)], "b": [b], "example": [], "mistakes": []}
    for _ in range(epochs):
        count = 0
        for row in range(len(x)):
            z = sum(w[i] * x[row][i] for i in range(len(w))) + b
            answer = 1 if z >= 0 else 0
            if answer == y[row]:
                continue
            for i in range(len(w)):
                w[i] += sign * (int(y[row]) - answer) * x[row][i]
            b += sign * (int(y[row]) - answer)
            count += 1
            seen["w"].append(list(w))
            seen["b"].append(b)
            seen["example"].append(row)
        seen["mistakes"].append(count)
        if count == 0:
            break
    return seen


def assert_same(run: PerceptronRun, expected: dict[str, list[Any]]) -> None:
    for name, values in expected.items():
        assert_array_equal(getattr(run, name), values)


@given(problems(), st.integers(1, 6))
def test_every_state_is_that_of_a_loop(problem: tuple[Any, Any], epochs: int) -> None:
    assert_same(perceptron_rule(*problem, epochs=epochs), by_hand(*problem, epochs))


def test_wrong_sign_is_found() -> None:
    x, y = [[1.0, 2.0], [-1.0, 1.0]], [0, 1]
    with pytest.raises(AssertionError):
        assert_same(perceptron_rule(x, y, epochs=3), by_hand(x, y, 3, sign=-1))


@given(problems())
def test_only_mistakes_change_anything_and_each_by_its_example(problem: tuple[Any, Any]) -> None:
    x, y = problem
    run = perceptron_rule(x, y, epochs=4)
    for k, row in enumerate(run.example):
        wrong_way = 2 * y[row] - 1
        answer = x[row] @ run.w[k] + run.b[k] >= 0
        assert answer != y[row]
        assert_array_equal(run.w[k + 1] - run.w[k], wrong_way * x[row])
        assert run.b[k + 1] - run.b[k] == wrong_way


@given(problems())
def test_update_raises_the_sum_by_the_squared_length_plus_one(problem: tuple[Any, Any]) -> None:
    x, y = problem
    run = perceptron_rule(x, y, epochs=4)
    for k, row in enumerate(run.example):
        before, after = (x[row] @ run.w[i] + run.b[i] for i in (k, k + 1))
        assert (after - before) * (2 * y[row] - 1) == x[row] @ x[row] + 1


@given(problems())
def test_mistakes_are_counted_and_the_end_is_the_first_clean_epoch(
    problem: tuple[Any, Any],
) -> None:
    run = perceptron_rule(*problem, epochs=5)
    assert run.mistakes.sum() == len(run.example) == len(run.w) - 1 == len(run.b) - 1
    assert (run.mistakes[:-1] > 0).all()
    assert run.settled == (run.mistakes[-1] == 0)
    assert run.settled or len(run.mistakes) == 5


@given(separable_problems())
def test_separable_examples_are_parted_within_novikoffs_bound(problem: tuple[Any, Any]) -> None:
    x, y = problem
    run = perceptron_rule(x, y, epochs=20_000)
    assert run.settled
    assert_array_equal(x @ run.w[-1] + run.b[-1] >= 0, y == 1)
    # Novikoff 1962, with the bias as one more weight: (R·‖u‖/margin)², for the best u we know of
    signed = np.hstack([x, np.ones((len(x), 1))]) * (2 * y[:, None] - 1)
    u = np.append(run.w[-1], run.b[-1])
    margin = (signed @ u).min()
    if margin > 0:
        radius = np.sqrt((signed**2).sum(axis=1).max())
        assert len(run.example) <= (radius * np.sqrt(u @ u) / margin) ** 2 + 1e-9


@given(problems())
def test_a_contradiction_never_settles(problem: tuple[Any, Any]) -> None:
    x, y = problem
    run = perceptron_rule(np.vstack([x, x]), np.hstack([y, 1 - y]), epochs=5)
    assert not run.settled
    assert len(run.mistakes) == 5


def test_right_from_the_start_has_one_state_and_no_example() -> None:
    run = perceptron_rule([[1.0, 2.0, 3.0]], [1], epochs=10)
    assert_array_equal(run.w, np.zeros((1, 3)))
    assert_array_equal(run.b, [0.0])
    assert run.example.shape == (0,)
    assert run.example.dtype.kind == "i"
    assert_array_equal(run.mistakes, [0])
    assert run.settled


def test_states_are_copies_and_inputs_stay() -> None:
    x, y = np.array([[1.0, 1.0], [2.0, 0.0]]), np.array([0, 1])
    run = perceptron_rule(x, y, epochs=1)
    assert_array_equal(run.w, [[0, 0], [-1, -1], [1, -1]])
    assert_array_equal(x, [[1, 1], [2, 0]])


@pytest.mark.parametrize("y", [np.array([True, False]), [1.0, 0.0], np.array([1, 0], np.uint8)])
def test_labels_may_be_of_any_kind_of_number(y: Any) -> None:
    assert_array_equal(perceptron_rule([[0.0], [1.0]], y, epochs=1).b, [0, -1])


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0, 2.0], [0, 1], r"got x \(2,\) and y \(2,\), wanted x \(N, D\) and y \(N,\); give"),
        ([[1.0], [2.0]], [[0], [1]], r"y \(2, 1\).*y\.ravel\(\)"),
        ([[1.0], [2.0]], [0, 1, 1], r"x \(2, 1\) and y \(3,\)"),
    ],
)
def test_wrong_shape_is_refused(x: Any, y: Any, words: str) -> None:
    with pytest.raises(ShapeError, match=f"perceptron_rule: .*{words}"):
        perceptron_rule(x, y, epochs=1)


@pytest.mark.parametrize(
    ("y", "epochs", "words"),
    [
        ([-1, 1], 5, r"got labels \[-1, 1\], wanted labels 0 and 1; turn .*\(y \+ 1\) // 2"),
        ([0.5, 1], 5, r"got labels \[0\.5, 1\.0\]"),
        (["a", "b"], 5, r"got labels \['a', 'b'\]"),
        ([0, 1], 0, r"got epochs 0, wanted at least 1; give epochs=100"),
    ],
)
def test_wrong_argument_is_refused(y: Any, epochs: int, words: str) -> None:
    with pytest.raises(ArgumentError, match=f"perceptron_rule: {words}"):
        perceptron_rule([[1.0], [2.0]], y, epochs=epochs)
