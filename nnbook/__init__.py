"""nnbook: the small numerical package behind the book "from one neuron to a transformer".

Every name below is loaded when it is first used, so that ``import nnbook`` costs nothing: no
plotting library, no widgets and no data sets are loaded before a cell asks for them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnbook import datasets as datasets
    from nnbook import live as live
    from nnbook import nn as nn
    from nnbook import optim as optim
    from nnbook import plot as plot
    from nnbook.exercises import check as check
    from nnbook.exercises import hint as hint
    from nnbook.exercises import solution as solution
    from nnbook.gradcheck import check_gradient as check_gradient
    from nnbook.tensor import Tensor as Tensor
    from nnbook.training import fit as fit

__all__ = [
    "Tensor",
    "check",
    "check_gradient",
    "datasets",
    "fit",
    "hint",
    "live",
    "nn",
    "optim",
    "plot",
    "solution",
]


def __getattr__(name: str) -> object:
    """Load a public name at its first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'nnbook' has no attribute {name!r}")
    home = _home_of(name)
    try:
        module = import_module(f"nnbook.{home}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("nnbook"):
            raise
        raise ImportError(_missing(error.name, f"nnbook.{home}")) from error
    return module if home == name else getattr(module, name)


def __dir__() -> list[str]:
    """List the public names, loaded or not, for completion in the notebook."""
    return sorted({*globals(), *__all__})


def _home_of(name: str) -> str:
    """Name the module that holds a public name; a module is its own home."""
    homes = {
        "Tensor": "tensor",
        "check": "exercises",
        "check_gradient": "gradcheck",
        "fit": "training",
        "hint": "exercises",
        "solution": "exercises",
    }
    return homes.get(name, name)


def _missing(package: str, user: str) -> str:
    return (
        f"{user} needs the package {package!r}, which is not installed: "
        "run `make book`, or `python -m pip install -r requirements.txt`."
    )


def _refuse_unfit(version: tuple[int, ...], has_numpy: bool) -> None:
    """Say at the door what is missing, rather than in the middle of a chapter."""
    if version < (3, 11):
        raise ImportError(
            f"nnbook needs Python 3.11 or newer and this is Python {version[0]}.{version[1]}: "
            "install a newer Python from https://www.python.org and run `make book` again."
        )
    if not has_numpy:
        raise ImportError(_missing("numpy", "nnbook"))


_refuse_unfit(tuple(sys.version_info[:2]), find_spec("numpy") is not None)
