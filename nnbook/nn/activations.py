"""Activations as layers, for use inside `Sequential`; they have no parameters."""

from typing import Literal

from nnbook.errors import UnknownNameError
from nnbook.nn import functional
from nnbook.nn.module import Module
from nnbook.tensor import Operand, Tensor


class Sigmoid(Module):
    """The logistic function of every entry."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.sigmoid(x)


class Tanh(Module):
    """The hyperbolic tangent of every entry."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.tanh(x)


class ReLU(Module):
    """The larger of every entry and 0."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.relu(x)


class LeakyReLU(Module):
    """Every entry, those below 0 times `negative_slope`.

    Parameters
    ----------
    negative_slope : float
        Slope below 0.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.leaky_relu(x, self.negative_slope)

    def __repr__(self) -> str:
        """Show the slope."""
        return f"LeakyReLU(negative_slope={self.negative_slope})"


class GELU(Module):
    """Every entry times the share of standard normal numbers below it.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Whether to compute that share by a formula with tanh.
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise UnknownNameError.among("GELU", approximate, ["none", "tanh"])
        self.approximate: Literal["none", "tanh"] = approximate

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.gelu(x, self.approximate)

    def __repr__(self) -> str:
        """Show the approximation, if there is one."""
        return "GELU()" if self.approximate == "none" else f"GELU({self.approximate!r})"


class SiLU(Module):
    """Every entry times its logistic function."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.silu(x)


class Softmax(Module):
    """Positive shares that add up to 1 along an axis.

    Parameters
    ----------
    axis : int
        That axis; the last by default.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Operand) -> Tensor:
        """Map ``x`` of any shape to the same shape."""
        return functional.softmax(x, self.axis)

    def __repr__(self) -> str:
        """Show the axis."""
        return f"Softmax(axis={self.axis})"
