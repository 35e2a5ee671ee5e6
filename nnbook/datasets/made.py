"""Data sets that are computed: small, clear, and as many points as one likes."""

from numbers import Real

import numpy as np

from nnbook.arrays import Array
from nnbook.datasets.dataset import Dataset
from nnbook.errors import ArgumentError, require_generator


def line(n: int = 100) -> Dataset:
    """Return the numbers 0 … n - 1 as inputs, and the same numbers as targets.

    Raises
    ------
    ArgumentError
        If there would be no point.
    """
    _require_points("line", n, at_least=1)
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


def sine(n: int = 100, noise: float = 0.2, *, rng: np.random.Generator | None = None) -> Dataset:
    """Return noisy values of one period of the sine, y = sin(2πx) + noise: a regression.

    Parameters
    ----------
    n : int
        Number of points; their x are drawn evenly from 0 to 1.
    noise : float
        Standard deviation of the normal noise on y.
    rng : numpy.random.Generator
        Source of x and of the noise.

    Raises
    ------
    ArgumentError
        If there would be no point, or if `noise` is negative.
    KindError
        If `rng` is missing.

    Notes
    -----
    After C. M. Bishop (2006), Pattern Recognition and Machine Learning, section 1.1.
    """
    rng = require_generator("sine", rng)
    _require_points("sine", n, at_least=1)
    _require_noise("sine", noise)
    x = rng.random((n, 1))
    y = np.sin(2 * np.pi * x) + rng.normal(0, noise, (n, 1))
    return Dataset(x, y, ("x",), (), "y = sin(2πx) + noise")


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
    ArgumentError
        If a class would be empty, or if `noise` is negative.
    KindError
        If `rng` is missing.
    """
    rng = require_generator("moons", rng)
    _require_points("moons", n, at_least=2)
    _require_noise("moons", noise)
    upper, lower = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    x = np.concatenate([np.cos(upper), 1 - np.cos(lower)])
    y = np.concatenate([np.sin(upper), 0.5 - np.sin(lower)])
    labels = np.repeat([0, 1], [len(upper), len(lower)])
    x, labels = _scattered(np.stack([x, y], axis=1), labels, noise, rng)
    return Dataset(x, labels, ("x1", "x2"), ("upper", "lower"), "two moons")


def circles(
    n: int = 200,
    noise: float = 0.05,
    factor: float = 0.5,
    *,
    rng: np.random.Generator | None = None,
) -> Dataset:
    """Return two circles around the origin, one for each class: no line parts them.

    Parameters
    ----------
    n : int
        Number of points; the first class, on the circle of radius 1, gets half, rounded down.
    noise : float
        Standard deviation of the normal noise on both coordinates.
    factor : float
        Radius of the inner circle, between 0 and 1.
    rng : numpy.random.Generator
        Source of the noise and of the order.

    Raises
    ------
    ArgumentError
        If a class would be empty, `noise` is negative, or `factor` not between 0 and 1.
    KindError
        If `rng` is missing.
    """
    rng = require_generator("circles", rng)
    _require_points("circles", n, at_least=2)
    _require_noise("circles", noise)
    if not 0 < factor < 1:
        raise ArgumentError(
            "circles",
            got=f"factor={factor}",
            wanted="the inner radius, between 0 and 1",
            remedy="use a factor such as 0.5",
        )
    labels = np.repeat([0, 1], [n // 2, n - n // 2])
    turns = np.concatenate([_places(n // 2), _places(n - n // 2)])
    points = _on_circles(np.where(labels == 0, 1, factor), 2 * np.pi * turns)
    x, labels = _scattered(points, labels, noise, rng)
    return Dataset(x, labels, ("x1", "x2"), ("outer", "inner"), "two circles")


def spirals(
    n: int = 300,
    arms: int = 2,
    noise: float = 0.02,
    *,
    rng: np.random.Generator | None = None,
) -> Dataset:
    """Return spiral arms that start near the origin, one for each class.

    Along an arm the radius grows evenly from 0.1 to 1 while it makes one whole turn.

    Parameters
    ----------
    n : int
        Number of points, dealt as evenly as can be; the first arms get what is left over.
    arms : int
        Number of arms, k, and so of classes.
    noise : float
        Standard deviation of the normal noise on both coordinates.
    rng : numpy.random.Generator
        Source of the noise and of the order.

    Raises
    ------
    ArgumentError
        If there is no arm, an arm would be empty, or `noise` is negative.
    KindError
        If `rng` is missing.

    Notes
    -----
    After K. J. Lang & M. J. Witbrock (1988), Learning to tell two spirals apart.
    """
    rng = require_generator("spirals", rng)
    if not isinstance(arms, int | np.integer) or arms < 1:
        raise ArgumentError(
            "spirals", got=f"arms={arms!r}", wanted="at least one arm", remedy="use 2 or 3 arms"
        )
    _require_points("spirals", n, at_least=arms)
    _require_noise("spirals", noise)
    labels = np.sort(np.arange(n) % arms)
    along = np.concatenate([_places(size) for size in np.bincount(labels)])
    points = _on_circles(0.1 + 0.9 * along, 2 * np.pi * (along + labels / arms))
    x, labels = _scattered(points, labels, noise, rng)
    names = tuple(f"arm {number}" for number in range(1, arms + 1))
    return Dataset(x, labels, ("x1", "x2"), names, f"{arms} spiral arms")


def _places(n: int) -> Array:
    """Return n evenly spaced places in [0, 1): on a circle the last does not meet the first."""
    return np.arange(n) / n


def _on_circles(radii: Array, angles: Array) -> Array:
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _scattered(
    points: Array, labels: Array, noise: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Move every point a little, and shuffle the points together with their labels."""
    moved = points + rng.normal(0, noise, points.shape)
    order = rng.permutation(len(points))
    return moved[order], labels[order]


def _require_points(operation: str, n: int, at_least: int) -> None:
    if not isinstance(n, int | np.integer) or n < at_least:
        raise ArgumentError(
            operation,
            got=f"n={n!r}",
            wanted=f"a whole number of points, at least {at_least}",
            remedy="use n=200, for example",
        )


def _require_noise(operation: str, noise: float) -> None:
    if not isinstance(noise, Real) or not noise >= 0:  # also refuses nan
        raise ArgumentError(
            operation,
            got=f"noise={noise!r}",
            wanted="a standard deviation of at least 0",
            remedy="use noise=0.1, for example",
        )
