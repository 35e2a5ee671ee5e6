"""What a data set is: examples with their targets, in arrays that nothing can change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array
from nnbook.errors import (
    ArgumentError,
    KindError,
    ShapeError,
    UnknownNameError,
    require_generator,
)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples with their targets; the arrays are read-only.

    Arrays are copied, unless they are read-only already and nobody else's.

    Parameters
    ----------
    x : array_like, (N, D)
        One example a row; float32 is kept, and everything else becomes float64.
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
    image_shape : tuple of int
        Shape of the image that a row holds, such as (28, 28), or channels first (3, 32, 32); empty
        where the rows are no images.

    Raises
    ------
    ShapeError
        If the numbers of rows, columns, pixels and names do not agree.
    KindError
        If `x` is not of numbers.
    ArgumentError
        If there are class names, and a target is no class number.
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    source: str
    texts: tuple[str, ...] = ()
    image_shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        object.__setattr__(self, "x", owned(_floats(self.x)))
        object.__setattr__(self, "y", owned(self.y))
        columns = len(self.feature_names)
        fits = self.y.ndim > 0 and self.x.shape == (len(self.y), columns)
        if not fits or (self.texts and len(self.texts) != len(self.y)):
            raise ShapeError(
                "Dataset",
                got=f"x {self.x.shape}, y {self.y.shape}, {columns} feature names",
                wanted="x (N, D), N targets and D names",
                remedy="give one row for each target and one name for each column",
            )
        if self.image_shape and math.prod(self.image_shape) != columns:
            raise ShapeError(
                "Dataset",
                got=f"image_shape {self.image_shape} and x {self.x.shape}",
                wanted="as many pixels in an image as columns in x",
                remedy="flatten the images with x.reshape(len(x), -1)",
            )
        _refuse_other_classes(self.y, len(self.class_names))

    def __len__(self) -> int:
        """Return the number of examples N."""
        return len(self.x)

    def __repr__(self) -> str:
        """Show how many examples, features and classes there are, and their source."""
        classes = f", classes {', '.join(self.class_names)}" if self.class_names else ""
        features = f"{self.x.shape[1]} feature{'s' * (self.x.shape[1] != 1)}"
        images = f" in images {self.image_shape}" if self.image_shape else ""
        return f"Dataset({len(self)} examples, {features}{images}{classes}; {self.source})"

    @property
    def images(self) -> Array:
        """The rows of `x` as images, (N, *image_shape): a view, not a copy.

        Raises
        ------
        ShapeError
            If the rows are no images.
        """
        if not self.image_shape:
            raise ShapeError(
                "images",
                got=f"rows of {self.x.shape[1]} features without an image_shape",
                wanted="a data set of images",
                remedy="use x, or make the Dataset with an image_shape such as (8, 8)",
            )
        return self.x.reshape(len(self), *self.image_shape)

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
        size = round(fraction * len(self)) if 0 < fraction < 1 else 0  # nan cannot be rounded
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
            Columns of `x`, in the order wanted; all of them by default. Some pixels are no longer
            an image, so that the `image_shape` is lost.
        classes : sequence of str or int, optional
            Classes to keep; they are numbered 0, 1, … in this order.

        Raises
        ------
        UnknownNameError
            If there is no such feature or class.
        KindError
            If a name or a position is not in a list.
        ArgumentError
            If there is none in the list, or one twice.
        """
        chosen = self
        if classes is not None:
            chosen = chosen._with_classes(_positions(classes, self.class_names))
        if features is not None:
            columns = _positions(features, self.feature_names)
            names = tuple(self.feature_names[i] for i in columns)
            x = chosen.x[:, columns]
            chosen = replace(chosen, x=x, feature_names=names, image_shape=())
        return chosen

    def _rows(self, rows: Array) -> Dataset:
        texts = tuple(self.texts[i] for i in rows) if self.texts else ()
        return replace(self, x=freeze(self.x[rows]), y=freeze(self.y[rows]), texts=texts)

    def _with_classes(self, classes: list[int]) -> Dataset:
        kept = self._rows(np.flatnonzero(np.isin(self.y, classes)))
        numbers = np.array([classes.index(label) for label in kept.y], dtype=int)
        return replace(kept, y=numbers, class_names=tuple(self.class_names[i] for i in classes))


def owned(values: ArrayLike) -> Array:
    """Return an array that is read-only and shares its memory with no other name.

    What is so already is returned as it is: large images are not held twice.
    """
    array = np.asarray(values)
    borrowed = array.base is not None or array.flags.writeable
    return freeze(array.copy()) if borrowed else array


def freeze(array: Array) -> Array:
    """Make an array read-only in place: the caller gives it away."""
    array.flags.writeable = False
    return array


def _floats(values: ArrayLike) -> Array:
    try:
        array = np.asarray(values)
        return array if array.dtype == np.float32 else np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise KindError(
            "Dataset",
            got="x that is no table of numbers",
            wanted="rows of numbers, all of one length",
            remedy="count words with bag_of_words, number categories, and leave out other rows",
        ) from error


def _refuse_other_classes(y: Array, classes: int) -> None:
    strange = y[~np.isin(y, range(classes))]
    if classes and strange.size:
        raise ArgumentError(
            "Dataset",
            got=f"target {strange[0]} for {classes} class names",
            wanted=f"class numbers from 0 to {classes - 1}",
            remedy="number the classes from 0, or leave class_names empty for a regression",
        )


def _positions(wanted: Sequence[str | int], names: tuple[str, ...]) -> list[int]:
    if isinstance(wanted, str | int):
        raise KindError(
            "select",
            got=repr(wanted),
            wanted="a list of names or positions",
            remedy=f"put it in brackets: [{wanted!r}]",
        )
    positions = [_position(name, names) for name in wanted]
    if not positions or len(set(positions)) < len(positions):
        raise ArgumentError(
            "select",
            got=repr(wanted),
            wanted="at least one name or position, and each once",
            remedy="leave the argument out to keep all",
        )
    return positions


def _position(name: str | int, names: tuple[str, ...]) -> int:
    if isinstance(name, str) and name in names:
        return names.index(name)
    if isinstance(name, int | np.integer) and 0 <= name < len(names):
        return int(name)
    raise UnknownNameError.among("select", name, names)
