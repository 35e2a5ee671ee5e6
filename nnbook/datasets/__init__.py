"""Data sets as frozen arrays: bundled, made, written by hand, or downloaded when asked for.

Nothing is downloaded unless `fashion_mnist`, `cifar10` or the command ``python -m nnbook data``
is called.
"""

from nnbook.datasets.bundled import breast_cancer, diabetes, digits, iris, wine
from nnbook.datasets.dataset import Dataset
from nnbook.datasets.downloads import cifar10, fashion_mnist
from nnbook.datasets.made import circles, five_points, line, moons, sine, spirals, xor
from nnbook.datasets.separability import separable
from nnbook.datasets.text import bag_of_words, python_docs, spam_messages, words

__all__ = [
    "Dataset",
    "bag_of_words",
    "breast_cancer",
    "cifar10",
    "circles",
    "diabetes",
    "digits",
    "fashion_mnist",
    "five_points",
    "iris",
    "line",
    "moons",
    "python_docs",
    "separable",
    "sine",
    "spam_messages",
    "spirals",
    "wine",
    "words",
    "xor",
]
