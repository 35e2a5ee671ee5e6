"""Layers: modules that hold the parameters for the functions of `nnbook.nn.functional`."""

from collections.abc import Iterator

import numpy as np

from nnbook.errors import ArgumentError, require_generator
from nnbook.nn import functional
from nnbook.nn.module import Module, Parameter
from nnbook.tensor import Operand, Tensor, as_tensor


class Linear(Module):
    """Weighted sums of the inputs: ``X @ weight.T + bias``.

    Parameters
    ----------
    in_features, out_features : int
        Lengths of an input row and of an output row.
    bias : bool
        Whether to add a bias.
    rng : numpy.random.Generator
        Source of the starting values, which are uniform in ±1/√in_features (PyTorch's default).

    Attributes
    ----------
    weight : Parameter
        Shape (out_features, in_features).
    bias : Parameter or None
        Shape (out_features,).

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size is not a positive whole number.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = require_generator("Linear", rng)
        _require_sizes("Linear", in_features, out_features)
        limit = in_features**-0.5
        self.weight = Parameter(rng.uniform(-limit, limit, (out_features, in_features)))
        self.bias = Parameter(rng.uniform(-limit, limit, out_features)) if bias else None

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (..., in_features)`` to (..., out_features)."""
        return functional.linear(x, self.weight, self.bias)

    def __repr__(self) -> str:
        """Show the sizes."""
        outputs, inputs = self.weight.shape
        return f"Linear({inputs}, {outputs}{', bias=False' if self.bias is None else ''})"


class Sigmoid(Module):
    """The logistic function of every entry."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.sigmoid(x)

    def __repr__(self) -> str:
        """Show the name."""
        return "Sigmoid()"


class Tanh(Module):
    """The hyperbolic tangent of every entry."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.tanh(x)

    def __repr__(self) -> str:
        """Show the name."""
        return "Tanh()"


class ReLU(Module):
    """The larger of every entry and 0."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.relu(x)

    def __repr__(self) -> str:
        """Show the name."""
        return "ReLU()"


class Sequential(Module):
    """Modules one after the other; parameters are named by position, as ``0.weight``.

    Parameters
    ----------
    *layers : Module
        Each is given what the one before returns.
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = layers

    def named_children(self) -> Iterator[tuple[str, Parameter | Module]]:
        """Yield the layers, named by their positions."""
        return ((str(i), layer) for i, layer in enumerate(self.layers))

    def forward(self, x: Operand) -> Tensor:
        """Send ``x`` through all layers."""
        for layer in self.layers:
            x = layer(x)
        return as_tensor(x)

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self.layers)

    def __getitem__(self, index: int) -> Module:
        """Return one layer."""
        return self.layers[index]

    def __repr__(self) -> str:
        """Show the layers in order."""
        return f"Sequential({', '.join(map(repr, self.layers))})"


def _require_sizes(operation: str, *sizes: int) -> None:
    for size in sizes:
        if not isinstance(size, int | np.integer) or size < 1:
            raise ArgumentError(
                operation,
                got=f"size {size!r}",
                wanted="a whole number of at least 1",
                remedy="count the features of one row, x.shape[1]",
            )
