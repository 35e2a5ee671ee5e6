"""Images that are too large to come along: fetched from their publishers when first asked for."""

import pickle
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from nnbook.arrays import Array
from nnbook.datasets.dataset import Dataset, freeze
from nnbook.datasets.formats import read_cifar, read_idx
from nnbook.datasets.sources import RemoteFile, Source, fetch, refusal
from nnbook.errors import ArgumentError, ShapeError, UnknownNameError

T = TypeVar("T")

FASHION_MNIST = Source(
    "fashion_mnist",
    "Fashion-MNIST",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    (
        RemoteFile("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        RemoteFile("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29_515),
        RemoteFile("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        RemoteFile("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    ),
)
CIFAR10 = Source(
    "cifar10",
    "CIFAR-10",
    "https://www.cs.toronto.edu/~kriz/",
    (RemoteFile("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a", 170_498_071),),
)
SOURCES = {source.name: source for source in (FASHION_MNIST, CIFAR10)}


def fashion_mnist(part: str = "train", *, source: Source = FASHION_MNIST) -> Dataset:
    """Return grey images of clothes, 28 × 28 pixels from 0 (paper) to 1, in ten classes.

    The first call fetches them (31 MB in all) and keeps them; later ones need no network.

    Parameters
    ----------
    part : {"train", "test"}
        60,000 images to learn from, or the 10,000 that are kept for the test.
    source : Source
        Where the files come from; for a mirror,
        ``dataclasses.replace(FASHION_MNIST, address="https://…/")``.

    Returns
    -------
    Dataset
        `x` (N, 784) of float32, with `images` (N, 28, 28).

    Raises
    ------
    UnknownNameError
        For another part.
    DownloadError
        If the files cannot be had.

    Notes
    -----
    H. Xiao, K. Rasul & R. Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking
    machine learning algorithms; its files have the format of MNIST.
    """
    start = _choice("fashion_mnist", part, {"train": "train", "test": "t10k"})
    images, labels = fetch(
        source, [f"{start}-images-idx3-ubyte.gz", f"{start}-labels-idx1-ubyte.gz"]
    )
    with _format_errors_told(source):
        pixels, y = read_idx(images, (28, 28)), read_idx(labels, ())
        return Dataset(
            _zero_to_one(pixels.reshape(len(pixels), -1)),
            freeze(y.astype(int)),
            _places(("pixel",), 28),
            _clothes(),
            f"Fashion-MNIST, {part}",
            image_shape=(28, 28),
        )


def cifar10(part: str = "train", *, source: Source = CIFAR10) -> Dataset:
    """Return colour photographs, 32 × 32 pixels in three channels from 0 to 1, in ten classes.

    The first call fetches them (170 MB in all) and keeps them; later ones need no network. The
    training part takes 614 MB of memory.

    Parameters
    ----------
    part : {"train", "test"}
        50,000 images to learn from, or the 10,000 that are kept for the test.
    source : Source
        Where the files come from; for a mirror, ``dataclasses.replace(CIFAR10, address="https://…/")``.

    Returns
    -------
    Dataset
        `x` (N, 3072) of float32, with `images` (N, 3, 32, 32): red, green, blue.

    Raises
    ------
    UnknownNameError
        For another part.
    DownloadError
        If the file cannot be had.

    Notes
    -----
    A. Krizhevsky (2009), Learning multiple layers of features from tiny images.
    """
    training = [f"data_batch_{number}" for number in range(1, 6)]
    batches = _choice("cifar10", part, {"train": training, "test": ["test_batch"]})
    (archive,) = fetch(source)
    with _format_errors_told(source):
        pixels, y, class_names = read_cifar(archive, batches)
        return Dataset(
            _zero_to_one(pixels),
            freeze(y),
            _places(("red", "green", "blue"), 32),
            class_names,
            f"CIFAR-10, {part}",
            image_shape=(3, 32, 32),
        )


def describe(source: Source) -> str:
    """Return a line that says how large a source is, whether it is in the cache, and where."""
    place = f"{'here, in' if source.here else 'not here; would go to'} {source.folder}"
    return f"{source.name:14} {source.size / 1e6:4.0f} MB  {place}"


def _choice(operation: str, part: str, parts: dict[str, T]) -> T:
    if part not in parts:
        raise UnknownNameError.among(operation, part, parts)
    return parts[part]


def _zero_to_one(pixels: Array) -> Array:
    """Return bytes as float32 from 0 to 1, without float64 on the way."""
    return freeze(np.divide(pixels, np.float32(255), dtype=np.float32))


def _places(channels: Sequence[str], side: int) -> tuple[str, ...]:
    """Name the columns of flattened square images: channel, row, column."""
    rows = range(side)
    return tuple(f"{channel}_{i}_{j}" for channel in channels for i in rows for j in rows)


def _clothes() -> tuple[str, ...]:
    return (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )


@contextmanager
def _format_errors_told(source: Source) -> Iterator[None]:
    """Turn whatever a reader of a format says into a `DownloadError`.

    The checksum was right, so it is the source that promises the wrong file.
    """
    advice = "check the files of the source"
    try:
        yield
    except (ArgumentError, ShapeError) as error:
        raise refusal(source, got=error.got, wanted=error.wanted, advice=advice) from error
    except _UNREADABLE as error:
        got = f"{type(error).__name__} ({error})"
        wanted = f"files in the format of {source.title}"
        raise refusal(source, got=got, wanted=wanted, advice=advice) from error


_UNREADABLE = (
    EOFError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    tarfile.TarError,
    zlib.error,
)
