"""Layers: modules that hold the parameters for the functions of `nnbook.nn.functional`."""

import math
from collections.abc import Iterator

import numpy as np

from nnbook.errors import ArgumentError, ShapeError, require_generator, require_probability
from nnbook.nn import functional
from nnbook.nn.module import Member, Module, Parameter, show
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
        require_sizes("Linear", in_features, out_features)
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


class Embedding(Module):
    """A table from which rows are looked up by number.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        Number of rows, and the length of each.
    rng : numpy.random.Generator
        Source of the starting values, which are standard normal (PyTorch's default).

    Attributes
    ----------
    weight : Parameter
        Shape (num_embeddings, embedding_dim).

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size is not a positive whole number.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, rng: np.random.Generator | None = None
    ) -> None:
        rng = require_generator("Embedding", rng)
        require_sizes("Embedding", num_embeddings, embedding_dim)
        self.weight = Parameter(rng.standard_normal((num_embeddings, embedding_dim)))

    def forward(self, indices: Operand) -> Tensor:
        """Map whole numbers (...) to rows (..., embedding_dim)."""
        return functional.embedding(indices, self.weight)

    def __repr__(self) -> str:
        """Show the sizes."""
        rows, width = self.weight.shape
        return f"Embedding({rows}, {width})"


class Dropout(Module):
    """In training, entries are set to 0 with probability `p`; the others grow by ``1/(1 - p)``.

    Parameters
    ----------
    p : float
        Probability of an entry to be dropped.
    rng : numpy.random.Generator
        Draws a new mask for every batch.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If `p` is not in 0 … 1.
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        require_probability("Dropout", "p", p, use="dropped")
        self.p = p
        self.rng = require_generator("Dropout", rng)

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape; outside training to itself."""
        return functional.dropout(x, self.p, self.training, rng=self.rng)

    def __repr__(self) -> str:
        """Show the probability."""
        return f"Dropout(p={self.p})"


class Flatten(Module):
    """Several axes become one, as in ``(B, 28, 28)`` to (B, 784).

    Parameters
    ----------
    start_axis, end_axis : int
        First and last of these axes.
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        self.start_axis, self.end_axis = start_axis, end_axis

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` to the same entries under fewer axes.

        Raises
        ------
        ShapeError
            If `x` has no such axes, or the last comes before the first.
        """
        x = as_tensor(x)
        first, last = (i + x.ndim if i < 0 else i for i in (self.start_axis, self.end_axis))
        if not 0 <= first <= last < x.ndim:
            raise ShapeError(
                "Flatten",
                got=f"x {x.shape} for axes {self.start_axis} to {self.end_axis}",
                wanted="axes that x has, in this order",
                remedy="give a batch, one example a row: axis 0 is left as it is",
            )
        together = math.prod(x.shape[first : last + 1])
        return x.reshape(*x.shape[:first], together, *x.shape[last + 1 :])

    def __repr__(self) -> str:
        """Show the axes."""
        return f"Flatten({self.start_axis}, {self.end_axis})"


class Identity(Module):
    """What comes in comes out."""

    def forward(self, x: Operand) -> Tensor:
        """Return ``x``."""
        return as_tensor(x)


class Sequential(Module):
    """Modules one after the other; parameters are named by position, as ``0.weight``.

    Parameters
    ----------
    *layers : Module
        Each is given what the one before returns.
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = layers

    def forward(self, x: Operand) -> Tensor:
        """Send ``x`` through all layers."""
        for layer in self.layers:
            x = layer(x)
        return as_tensor(x)

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self.layers)

    def __getitem__(self, index: int | slice) -> Module:
        """Return one layer, or for a slice a `Sequential` of several."""
        picked = self.layers[index]
        return Sequential(*picked) if isinstance(picked, tuple) else picked

    def __repr__(self) -> str:
        """Show the layers in order."""
        return show(self, map(repr, self.layers))

    def _members(self) -> Iterator[tuple[str, Member]]:
        """Yield the layers, named by their positions alone."""
        return ((name.removeprefix("layers."), member) for name, member in super()._members())


class Residual(Sequential):
    """A way around some layers: ``x + f(x)``, with f the layers one after the other.

    Parameters
    ----------
    *layers : Module
        Together they keep the shape.

    Notes
    -----
    He et al. (2016), Deep residual learning for image recognition, section 3.2.
    """

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape.

        Raises
        ------
        ShapeError
            If the layers change the shape.
        """
        x = as_tensor(x)
        change = super().forward(x)
        if change.shape != x.shape:
            raise ShapeError(
                "Residual",
                got=f"x {x.shape} and layers that make {change.shape} of it",
                wanted="equal shapes",
                remedy="let the last layer have as many outputs as the first has inputs",
            )
        return x + change


def require_sizes(operation: str, *sizes: int) -> None:
    """Raise an `ArgumentError` unless all sizes are whole numbers of at least 1."""
    for size in sizes:
        if not isinstance(size, int | np.integer) or size < 1:
            raise ArgumentError(
                operation,
                got=f"size {size!r}",
                wanted="a whole number of at least 1",
                remedy="count the features of one row, x.shape[1]",
            )
