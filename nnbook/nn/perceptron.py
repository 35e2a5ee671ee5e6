"""Rosenblatt's perceptron rule, recorded one mistake at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.datasets.separability import two_classes
from nnbook.errors import ArgumentError


@dataclass(frozen=True)
class PerceptronRun:
    """What happened while the rule was learning, as plain arrays.

    Attributes
    ----------
    w : ndarray, (K + 1, D)
        Weights before the first and after each of the K mistakes.
    b : ndarray, (K + 1,)
        Biases likewise.
    example : ndarray of int, (K,)
        Row of the example that was wrong each time.
    mistakes : ndarray of int, (E,)
        Number of mistakes in each epoch; the last is 0 if the rule settled.
    """

    w: Array
    b: Array
    example: Array
    mistakes: Array

    @property
    def settled(self) -> bool:
        """Whether the last epoch went without a mistake."""
        return bool(self.mistakes[-1] == 0)


def perceptron_rule(x: ArrayLike, y: ArrayLike, *, epochs: int) -> PerceptronRun:
    """Train one step neuron from zero weights until an epoch goes without a mistake.

    On a mistake, and only then, w ← w + (y − ŷ) x and b ← b + (y − ŷ)
    (the error-correction rule of Rosenblatt 1962, "Principles of Neurodynamics").

    Parameters
    ----------
    x : array_like, (N, D)
        Examples, taken in this order in every epoch.
    y : array_like, (N,)
        Labels, 0 or 1.
    epochs : int
        The most epochs to try.

    Returns
    -------
    PerceptronRun
        Every state of the neuron, from zero to the last.

    Raises
    ------
    ShapeError
        If ``x`` is not (N, D) or ``y`` not (N,).
    ArgumentError
        For a label other than 0 and 1, or fewer than one epoch.
    """
    x, y = _examples(x, y, epochs)
    w, b = np.zeros(x.shape[1]), 0.0
    weights, biases = [w], [b]
    examples: list[int] = []
    mistakes: list[int] = []
    for _ in range(epochs):
        before = len(examples)
        for row, (features, target) in enumerate(zip(x, y, strict=True)):
            error = target - (features @ w + b >= 0)
            if error:
                w, b = w + error * features, b + error
                weights.append(w)
                biases.append(b)
                examples.append(row)
        mistakes.append(len(examples) - before)
        if not mistakes[-1]:
            break
    rows, counts = np.array(examples, dtype=int), np.array(mistakes)
    return PerceptronRun(np.array(weights), np.array(biases), rows, counts)


def _examples(x: ArrayLike, y: ArrayLike, epochs: int) -> tuple[Array, Array]:
    x, y = two_classes("perceptron_rule", x, y)
    if epochs < 1:
        raise ArgumentError(
            "perceptron_rule", got=f"epochs {epochs}", wanted="at least 1", remedy="give epochs=100"
        )
    return x, y.astype(float)
