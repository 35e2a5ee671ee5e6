"""The task that the README shows to whoever wants to add one."""

import numpy as np

from nnbook.exercises import Case, Exercise, Twin


def precision(predicted, labels):
    """Return how many of the ones that are predicted are right; 0 when none is predicted."""
    found = np.sum(predicted * labels)
    return found / max(1, np.sum(predicted))


def _hidden(rng):
    for size in (1, 5, 50, 200):
        yield Case(tuple(rng.integers(0, 2, size=(2, size))))


PRECISION = Exercise(
    name="precision",
    chapter=8,
    title="Precision",
    points=2,
    minutes=5,
    difficulty=1,
    shapes="predicted (N,), labels (N,), both of 0 and 1 → a number from 0 to 1",
    reference=precision,
    cases=(
        Case((np.array([1, 1]), np.array([1, 0])), "Two are predicted, one of them is right."),
        Case((np.array([1, 0, 0]), np.array([1, 1, 1])), "What is missed does not count here."),
        Case((np.array([0, 0]), np.array([0, 1])), "Nothing is predicted at all."),
    ),
    hidden=_hidden,
    twins=(
        Twin(
            "recall",
            "You divide by the ones that are there, not by those that are predicted.",
            lambda predicted, labels: np.sum(predicted * labels) / max(1, np.sum(labels)),
        ),
        Twin(
            "accuracy",
            "Your number rises with every zero that is right. Precision looks at ones only.",
            lambda predicted, labels: np.mean(predicted == labels),
        ),
        Twin(
            "a count",
            "This is how many are right. A share was asked for.",
            lambda predicted, labels: np.sum(predicted * labels),
        ),
        Twin(
            "share of all",
            "You divide by all examples, also by those that are predicted 0.",
            lambda predicted, labels: np.mean(predicted * labels),
        ),
        Twin(
            "nothing by nothing",
            "When nothing is predicted, you divide 0 by 0.",
            lambda predicted, labels: np.sum(predicted * labels) / np.sum(predicted),
        ),
    ),
    hints=(
        "Of all examples, which ones does the question look at? And which of those are right?",
        "precision = right ones / predicted ones, and 0 when no one is predicted",
        """
        def precision(predicted, labels):
            right = ...
            return right / max(1, ...)
        """,
    ),
)

EXERCISES = (PRECISION,)
