"""Data sets as frozen arrays: bundled, computed, or written by hand. Nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ArgumentError, ShapeError, UnknownNameError, require_generator

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples with their targets; the arrays are read-only copies.

    Parameters
    ----------
    x : array_like, (N, D)
        One example a row; kept as float64.
    y : array_like, (N,) or (N, 1)
        Class numbers 0, 1, … with shape (N,), or regression targets with shape (N, 1).
    feature_names : tuple of str
        One name for each column of `x`.
    class_names : tuple of str
        One name for each class; empty for regression.
    source : str
        Where the numbers come from.
    texts : tuple of str
        The texts that the rows were counted from, if any.

    Raises
    ------
    ShapeError
        If the numbers of rows, columns and names do not agree.
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    source: str
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Copy, freeze and check the arrays."""
        object.__setattr__(self, "x", _frozen(np.array(self.x, dtype=float)))
        object.__setattr__(self, "y", _frozen(np.array(self.y)))
        fits = self.x.ndim == 2 and self.x.shape == (len(self.y), len(self.feature_names))
        if not fits or (self.texts and len(self.texts) != len(self.y)):
            raise ShapeError(
                "Dataset",
                got=f"x {self.x.shape}, y {self.y.shape}, {len(self.feature_names)} feature names",
                wanted="x (N, D), N targets and D names",
                remedy="give one row for each target and one name for each column",
            )

    def __len__(self) -> int:
        """Return the number of examples N."""
        return len(self.x)

    def __repr__(self) -> str:
        """Show how many examples, features and classes there are, and their source."""
        classes = f", classes {', '.join(self.class_names)}" if self.class_names else ""
        features = f"{self.x.shape[1]} feature{'s' * (self.x.shape[1] != 1)}"
        return f"Dataset({len(self)} examples, {features}{classes}; {self.source})"

    def split(
        self, fraction: float, *, rng: np.random.Generator | None = None
    ) -> tuple[Dataset, Dataset]:
        """Deal the examples at random into two data sets.

        Parameters
        ----------
        fraction : float
            Share of the first, between 0 and 1.
        rng : numpy.random.Generator
            Shuffles the examples.

        Raises
        ------
        ArgumentError
            If one of the two would be empty.
        KindError
            If `rng` is missing.
        """
        order = require_generator("split", rng).permutation(len(self))
        size = round(fraction * len(self))
        if not 0 < size < len(self):
            raise ArgumentError(
                "split",
                got=f"fraction {fraction} of {len(self)} examples",
                wanted="at least one example on each side",
                remedy="use a fraction such as 0.8",
            )
        return self._rows(order[:size]), self._rows(order[size:])

    def select(
        self,
        *,
        features: Sequence[str | int] | None = None,
        classes: Sequence[str | int] | None = None,
    ) -> Dataset:
        """Keep some features and classes, given by name or by position.

        Parameters
        ----------
        features : sequence of str or int, optional
            Columns of `x`, in the order wanted; all of them by default.
        classes : sequence of str or int, optional
            Classes to keep; they are numbered 0, 1, … in this order.

        Raises
        ------
        UnknownNameError
            If there is no such feature or class.
        """
        chosen = self
        if classes is not None:
            chosen = chosen._with_classes(_positions(classes, self.class_names))
        if features is not None:
            columns = _positions(features, self.feature_names)
            names = tuple(self.feature_names[i] for i in columns)
            chosen = replace(chosen, x=chosen.x[:, columns], feature_names=names)
        return chosen

    def _rows(self, rows: Array) -> Dataset:
        texts = tuple(self.texts[i] for i in rows) if self.texts else ()
        return replace(self, x=self.x[rows], y=self.y[rows], texts=texts)

    def _with_classes(self, classes: list[int]) -> Dataset:
        kept = self._rows(np.flatnonzero(np.isin(self.y, classes)))
        numbers = np.array([classes.index(label) for label in kept.y], dtype=int)
        return replace(kept, y=numbers, class_names=tuple(self.class_names[i] for i in classes))


def iris() -> Dataset:
    """Return Fisher's 150 irises: four lengths in centimetres, three species.

    Source: R. A. Fisher (1936), The use of multiple measurements in taxonomic problems; loaded
    through scikit-learn, which carries a copy.
    """
    # Imported here, because it takes a second.
    from sklearn.datasets import load_iris  # type: ignore[import-untyped]

    bundle = load_iris()
    return Dataset(
        bundle.data,
        bundle.target,
        tuple(name.removesuffix(" (cm)") for name in bundle.feature_names),
        tuple(map(str, bundle.target_names)),
        "Fisher's irises (1936)",
    )


def line(n: int = 100) -> Dataset:
    """Return the numbers 0 … n - 1 as inputs, and the same numbers as targets."""
    numbers = np.arange(n, dtype=float)[:, np.newaxis]
    return Dataset(numbers, numbers, ("x",), (), f"y = x for 0 to {n - 1}")


def xor() -> Dataset:
    """Return the four corners of the unit square; the class says whether x1 and x2 differ."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    labels = np.array([0, 1, 1, 0])
    return Dataset(corners, labels, ("x1", "x2"), ("same", "different"), "exclusive or")


def five_points() -> Dataset:
    """Return the five points of the worked example; the target is the sum x1 + x2."""
    points = np.array([[0.5, 1.0], [1.5, 0.5], [0.0, 1.0], [1.0, 1.5], [1.0, 0.0]])
    return Dataset(points, points.sum(axis=1, keepdims=True), ("x1", "x2"), (), "y = x1 + x2")


def moons(n: int = 200, noise: float = 0.15, *, rng: np.random.Generator | None = None) -> Dataset:
    """Return two interleaved half circles of radius 1, one for each class.

    Parameters
    ----------
    n : int
        Number of points; the first class gets half of them, rounded down.
    noise : float
        Standard deviation of the normal noise on both coordinates.
    rng : numpy.random.Generator
        Source of the noise and of the order.

    Raises
    ------
    KindError
        If `rng` is missing.
    """
    rng = require_generator("moons", rng)
    upper, lower = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    x = np.concatenate([np.cos(upper), 1 - np.cos(lower)])
    y = np.concatenate([np.sin(upper), 0.5 - np.sin(lower)])
    points = np.stack([x, y], axis=1) + rng.normal(0, noise, (n, 2))
    labels = np.repeat([0, 1], [len(upper), len(lower)])
    order = rng.permutation(n)
    return Dataset(points[order], labels[order], ("x1", "x2"), ("upper", "lower"), "two moons")


def spam_messages() -> Dataset:
    """Return 24 short invented messages as counts of words: 12 wanted ("ham") and 12 spam."""
    ham, spam = _ham(), _spam()
    texts = ham + spam
    vocabulary = tuple(sorted({word for text in texts for word in words(text)}))
    labels = np.repeat([0, 1], [len(ham), len(spam)])
    counts = bag_of_words(texts, vocabulary)
    return Dataset(counts, labels, vocabulary, ("ham", "spam"), "invented messages", texts)


def bag_of_words(texts: Sequence[str], vocabulary: Sequence[str]) -> Array:
    """Count words, and forget their order.

    Parameters
    ----------
    texts : sequence of str, N of them
    vocabulary : sequence of str, D of them
        Words to count; others are left out.

    Returns
    -------
    ndarray, (N, D)
        How often each word of the vocabulary occurs in each text.
    """
    return np.array([[words(text).count(word) for word in vocabulary] for text in texts], float)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without the punctuation around them."""
    stripped = (word.strip(".,!?:;'\"") for word in text.lower().split())
    return [word for word in stripped if word]


def separable(x: ArrayLike, y: ArrayLike) -> bool:
    """Tell whether a line (a flat cut, for more than two features) parts two classes.

    Linear programming looks for w and b with w·x + b ≥ 1 on class 1 and ≤ -1 on class 0; they exist
    exactly when the classes are linearly separable (Boyd & Vandenberghe 2004, section 8.6.1).

    Parameters
    ----------
    x : array_like, (N, D)
        Examples.
    y : array_like, (N,)
        Labels, 0 or 1.

    Raises
    ------
    ShapeError
        If `x` is not (N, D) or `y` not (N,).
    """
    # Imported here, because it is slow.
    from scipy.optimize import linprog  # type: ignore[import-untyped]

    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ShapeError(
            "separable",
            got=f"x {x.shape} and y {y.shape}",
            wanted="x (N, D) and y (N,)",
            remedy="give one row and one label for each example",
        )
    sides = np.where(y == 1, 1, -1)[:, np.newaxis]
    rows = -sides * np.column_stack([x, np.ones(len(x))])  # rows @ (w, b) ≤ -1
    aim = np.zeros(rows.shape[1])  # nothing to optimize: any such cut will do
    return bool(linprog(aim, A_ub=rows, b_ub=-np.ones(len(x)), bounds=(None, None)).success)


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def _positions(wanted: Sequence[str | int], names: tuple[str, ...]) -> list[int]:
    return [_position(name, names) for name in wanted]


def _position(name: str | int, names: tuple[str, ...]) -> int:
    if isinstance(name, str) and name in names:
        return names.index(name)
    if not isinstance(name, str) and 0 <= name < len(names):
        return int(name)
    raise UnknownNameError.among("select", name, names)


def _ham() -> tuple[str, ...]:
    return (
        "The meeting is scheduled for Monday.",
        "Can you send me the notes from the meeting?",
        "Lunch at noon, the usual place?",
        "The train is late, start without me.",
        "Thank you for the book, I like it.",
        "Your package is at the front desk.",
        "Dinner is scheduled for seven, bring the children.",
        "Please read the report before the meeting.",
        "Are you free on Friday for a walk?",
        "The winner of the chess game was Anna.",
        "I have your keys, call me when you are home.",
        "The lecture is now scheduled for ten.",
    )


def _spam() -> tuple[str, ...]:
    return (
        "You are a winner! Claim the prize now!",
        "Free prize, free money, call now!",
        "Click here for a free phone!",
        "Winner! Your prize is waiting, click here.",
        "Get money now, no risk!",
        "Claim your free holiday today!",
        "Last chance: cheap pills, click now!",
        "You have won money! Reply to claim it.",
        "Free entry, win the big prize!",
        "Cheap loans today, no questions!",
        "Congratulations winner, claim your free gift!",
        "Buy cheap watches here, offer ends today!",
    )
