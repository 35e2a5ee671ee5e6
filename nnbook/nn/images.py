"""Layers for images (B, C, H, W): convolution and pooling."""

import math

import numpy as np

from nnbook.errors import require_generator
from nnbook.nn import functional
from nnbook.nn.functional.images import Size, require_pair
from nnbook.nn.layers import require_sizes
from nnbook.nn.module import Module, Parameter
from nnbook.tensor import Operand, Tensor


class Conv2d(Module):
    """Kernels that slide over images; see `nnbook.nn.functional.conv2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels C of an image, and number F of kernels.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride, padding : int or pair of int
        Pixels from one window to the next, and zeros added on each side.
    bias : bool
        Whether every kernel has a bias.
    rng : numpy.random.Generator
        Source of the starting values, uniform in ±1/√(C h w) (PyTorch's default).

    Attributes
    ----------
    weight : Parameter
        Shape (F, C, h, w).
    bias : Parameter or None
        Shape (F,).

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size or stride is not a positive whole number, or the padding a negative one.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        *,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = require_generator("Conv2d", rng)
        require_sizes("Conv2d", in_channels, out_channels)
        size = require_pair("Conv2d", "kernel_size", kernel_size)
        require_pair("Conv2d", "stride", stride)
        require_pair("Conv2d", "padding", padding, least=0)
        self.stride, self.padding = stride, padding
        limit = (in_channels * math.prod(size)) ** -0.5
        self.weight = Parameter(rng.uniform(-limit, limit, (out_channels, in_channels, *size)))
        self.bias = Parameter(rng.uniform(-limit, limit, out_channels)) if bias else None

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (B, C, H, W)`` to (B, F, H', W')."""
        return functional.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def __repr__(self) -> str:
        """Show the sizes."""
        kernels, channels, *size = self.weight.shape
        how = f"{channels}, {kernels}, {tuple(size)}, stride={self.stride}, padding={self.padding}"
        return f"Conv2d({how}{', bias=False' if self.bias is None else ''})"


class MaxPool2d(Module):
    """The largest entry of every window.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Pixels from one window to the next; the size of a window by default.

    Raises
    ------
    ArgumentError
        If a size or stride is not a positive whole number.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        require_pair(type(self).__name__, "kernel_size", self.kernel_size)
        require_pair(type(self).__name__, "stride", self.stride)

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (B, C, H, W)`` to (B, C, H', W')."""
        return functional.max_pool2d(x, self.kernel_size, self.stride)

    def __repr__(self) -> str:
        """Show the sizes."""
        return f"{type(self).__name__}({self.kernel_size}, stride={self.stride})"


class AvgPool2d(MaxPool2d):
    """The mean of every window; parameters as for `MaxPool2d`."""

    def forward(self, x: Operand) -> Tensor:
        """Map ``x : (B, C, H, W)`` to (B, C, H', W')."""
        return functional.avg_pool2d(x, self.kernel_size, self.stride)
