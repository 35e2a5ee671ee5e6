"""Layers that normalise: over the batch or within each example."""

from collections.abc import Sequence

import numpy as np

from nnbook.errors import ShapeError
from nnbook.nn import functional
from nnbook.nn.functional.normalization import as_lengths
from nnbook.nn.layers import require_sizes
from nnbook.nn.module import Buffer, Module, Parameter
from nnbook.tensor import Operand, Tensor, as_tensor


class BatchNorm1d(Module):
    """Every feature is normalised over the batch; outside training, with statistics kept before.

    Parameters
    ----------
    num_features : int
        Number of features C.
    eps : float
        Added to the variance.
    momentum : float
        Share of the newest batch in the running statistics.

    Attributes
    ----------
    weight, bias : Parameter, (C,)
        What the normalised features are multiplied by, and what is added; at first 1 and 0.
    running_mean, running_var : Buffer, (C,)
        Statistics for evaluation; at first 0 and 1.
    num_batches_tracked : Buffer, ()
        Number of batches seen in training.

    Raises
    ------
    ArgumentError
        If the number of features is not a positive whole number.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        require_sizes("BatchNorm1d", num_features)
        self.eps, self.momentum = eps, momentum
        self.weight, self.bias = _one_and_zero((num_features,))
        self.running_mean = Buffer(np.zeros(num_features))
        self.running_var = Buffer(np.ones(num_features))
        self.num_batches_tracked = Buffer(np.array(0))

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (B, C)`` or (B, C, L) to the same shape; in training, update the statistics.

        Raises
        ------
        ShapeError
            If `x` has another shape, or in training fewer than two values for each feature.
        """
        x = as_tensor(x)
        features = self.weight.size
        if x.ndim not in (2, 3) or x.shape[1] != features:
            raise ShapeError(
                "BatchNorm1d",
                got=f"x {x.shape}",
                wanted=f"(B, {features}) or (B, {features}, L)",
                remedy="give one example a row, and num_features=x.shape[1]",
            )
        out = functional.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )
        if self.training:
            self.num_batches_tracked.data = self.num_batches_tracked.data + 1
        return out

    def __repr__(self) -> str:
        """Show the number of features."""
        return f"BatchNorm1d({self.weight.size})"


class LayerNorm(Module):
    """Every example is normalised over its last axes, on its own.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of these axes.
    eps : float
        Added to the variance.

    Attributes
    ----------
    weight, bias : Parameter, normalized_shape
        What the normalised entries are multiplied by, and what is added; at first 1 and 0.

    Raises
    ------
    ArgumentError
        If a length is not a positive whole number.
    """

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5) -> None:
        self.normalized_shape = as_lengths(normalized_shape)
        require_sizes("LayerNorm", *self.normalized_shape)
        self.eps = eps
        self.weight, self.bias = _one_and_zero(self.normalized_shape)

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (..., *normalized_shape)`` to the same shape."""
        return functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def __repr__(self) -> str:
        """Show the lengths."""
        return f"LayerNorm({', '.join(map(str, self.normalized_shape))})"


def _one_and_zero(shape: tuple[int, ...]) -> tuple[Parameter, Parameter]:
    return Parameter(np.ones(shape)), Parameter(np.zeros(shape))
