"""The formats in which publishers give images away: MNIST's idx files, CIFAR's pickled batches."""

import gzip
import math
import pickle
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, ShapeError


def read_idx(path: Path, item_shape: tuple[int, ...]) -> Array:
    """Read a gzipped idx file of unsigned bytes.

    The file is a magic number, the length of each axis, and then the values. The numbers are
    big-endian of 32 bits; the magic number is 2048 (the type: unsigned bytes) plus how many axes
    there are.

    Parameters
    ----------
    path : Path
        The file.
    item_shape : tuple of int
        Shape of one item; () for labels.

    Returns
    -------
    ndarray of uint8, (N, *item_shape)
        Read-only.

    Raises
    ------
    ArgumentError
        If the magic number is another.
    ShapeError
        If the lengths are others, or do not fit the number of values.

    Notes
    -----
    Y. LeCun, C. Cortes & C. Burges, The MNIST database of handwritten digits (1998), "File
    formats".
    """
    content = gzip.decompress(path.read_bytes())
    axes = 1 + len(item_shape)
    magic = int.from_bytes(content[:4], "big")
    if magic != 2048 + axes:
        raise ArgumentError(
            "read_idx",
            got=f"magic number {magic} in {path.name}",
            wanted=f"{2048 + axes}, for unsigned bytes on {axes} axes",
            remedy="check that it is this file",
        )
    count, *lengths = np.frombuffer(content, ">u4", count=axes, offset=4).tolist()
    values = np.frombuffer(content, np.uint8, offset=4 * (1 + axes))
    if tuple(lengths) != item_shape or len(values) != count * math.prod(item_shape):
        raise ShapeError(
            "read_idx",
            got=f"{len(values)} values for the shape {(count, *lengths)} in {path.name}",
            wanted=f"items of shape {item_shape}, and a value for every place",
            remedy="check that the file is complete",
        )
    return values.reshape(count, *item_shape)


def read_cifar(path: Path, batches: Sequence[str]) -> tuple[Array, Array, tuple[str, ...]]:
    """Read some batches of the archive "CIFAR-10 python version", in memory.

    Parameters
    ----------
    path : Path
        The archive, ``cifar-10-python.tar.gz``.
    batches : sequence of str
        Names of batches in it, in the order wanted.

    Returns
    -------
    pixels : ndarray of uint8, (N, 3072)
        All red values of an image, row by row, then the green, then the blue.
    labels : ndarray of int, (N,)
    class_names : tuple of str

    Raises
    ------
    ArgumentError
        If a batch is missing.
    ShapeError
        If a batch holds something else than such pixels.
    pickle.UnpicklingError
        If a pickle asks for anything but arrays.

    Notes
    -----
    https://www.cs.toronto.edu/~kriz/cifar.html, "Dataset layout".
    """
    wanted = (*batches, "batches.meta")
    found = dict(_unpickled(path, wanted))
    if missing := set(wanted) - set(found):
        raise ArgumentError(
            "read_cifar",
            got=f"an archive without {', '.join(sorted(missing))}",
            wanted=f"{', '.join(wanted)}",
            remedy="check that it is this archive",
        )
    pixels = np.concatenate([found[name][b"data"] for name in batches])
    if pixels.shape[1:] != (3072,) or pixels.dtype != np.uint8:
        raise ShapeError(
            "read_cifar",
            got=f"{pixels.dtype} of shape {pixels.shape} in {path.name}",
            wanted="uint8 of shape (N, 3072)",
            remedy="check that it is this archive",
        )
    labels = np.concatenate([np.array(found[name][b"labels"], dtype=int) for name in batches])
    names = tuple(name.decode("ascii") for name in found["batches.meta"][b"label_names"])
    return pixels, labels, names


def _unpickled(path: Path, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Read the archive once from front to back, since gzip cannot go back."""
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            content = archive.extractfile(member) if name in names else None
            if content is not None:
                # Python 2 wrote them: its strings are bytes.
                yield name, _ArrayUnpickler(content, encoding="bytes").load()


class _ArrayUnpickler(pickle.Unpickler):
    """Reads pickles of plain values and NumPy arrays, and calls nothing else.

    A pickle is a program that may call any function of Python; so the functions that it can name
    are counted here.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"a pickle asks for {module}.{name}")
        return _ADMITTED[module, name]


def _reconstruct(kind: type[Array], shape: tuple[int, ...], dtype: bytes) -> Array:
    """Return the empty array that a pickle then fills, as NumPy's function of that name does."""
    return kind.__new__(kind, shape, dtype.decode("ascii"))


_ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
