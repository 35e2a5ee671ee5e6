"""Convolution and pooling. Images are (B, C, H, W): batch, channels, height, width, as in PyTorch.

In memory the channels of a pixel lie side by side, because then a window is copied in long runs;
what the functions return are views of such arrays with the axes in PyTorch's order.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nnbook.arrays import Array, floating
from nnbook.errors import ArgumentError, ShapeError
from nnbook.tensor import Operand, Tensor, as_tensor

Size: TypeAlias = int | tuple[int, int]
Pair: TypeAlias = tuple[int, int]
Place: TypeAlias = tuple[slice, slice]


def conv2d(
    x: Operand,
    weight: Operand,
    bias: Operand | None = None,
    stride: Size = 1,
    padding: Size = 0,
) -> Tensor:
    """Slide kernels over images: every output is the weighted sum of one window, plus a bias.

    It is a correlation: the kernel is not flipped, as in PyTorch and in all of deep learning.

    Parameters
    ----------
    x : Tensor or array, (B, C, H, W)
        Images.
    weight : Tensor or array, (F, C, h, w)
        F kernels.
    bias : Tensor or array, (F,), optional
        Added to every pixel of a kernel's output.
    stride : int or pair of int
        Pixels from one window to the next, down and across.
    padding : int or pair of int
        Rows and columns of zeros added on each side.

    Returns
    -------
    Tensor, (B, F, 1 + (H + 2 padding - h) // stride, 1 + (W + 2 padding - w) // stride)

    Raises
    ------
    ShapeError
        If the shapes do not fit, or if a kernel is larger than the padded image.
    ArgumentError
        If the stride is not positive or the padding negative.

    Notes
    -----
    Goodfellow, Bengio & Courville (2016), Deep Learning, section 9.1; as a product of matrices,
    Chellapilla et al. (2006), High performance convolutional neural networks.
    """
    parents = tuple(as_tensor(t) for t in (x, weight, bias) if t is not None)
    step = require_pair("conv2d", "stride", stride)
    margin = require_pair("conv2d", "padding", padding, least=0)
    _refuse_unfit_images(tuple(parent.shape for parent in parents), margin)
    kernel = floating(parents[1].data).transpose(2, 3, 1, 0)  # (h, w, C, F)
    pixels = _pad(floating(parents[0].data).transpose(0, 2, 3, 1), margin)  # (B, H, W, C)
    rows, value = _correlate(pixels, kernel, step)
    if bias is not None:
        value += parents[2].data

    def vjp(g: Array) -> tuple[Array | None, ...]:
        g = np.ascontiguousarray(g.transpose(0, 2, 3, 1))
        flat = g.reshape(-1, kernel.shape[3])
        grad_kernel = (rows.T @ flat).reshape(kernel.shape)
        grad_x = None
        if parents[0].requires_grad:
            spaced = _crop(_spaced(g, kernel.shape, step, pixels.shape), margin)
            # A pixel met the weights one after the other; its gradient meets them in reverse.
            _, grad_x = _correlate(spaced, kernel[::-1, ::-1].swapaxes(2, 3), (1, 1))
            grad_x = grad_x.transpose(0, 3, 1, 2)
        return (grad_x, grad_kernel.transpose(3, 2, 0, 1), flat.sum(axis=0))[: len(parents)]

    return Tensor._from_op(value.transpose(0, 3, 1, 2), parents, vjp)


def max_pool2d(x: Operand, kernel_size: Size, stride: Size | None = None) -> Tensor:
    """Return the largest entry of every window; of equal ones the first gets the gradient.

    Parameters
    ----------
    x : Tensor or array, (B, C, H, W)
        Images.
    kernel_size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, optional
        Pixels from one window to the next; the size of a window by default.

    Returns
    -------
    Tensor, (B, C, 1 + (H - h) // stride, 1 + (W - w) // stride)

    Raises
    ------
    ShapeError
        If `x` is not (B, C, H, W), or if a window is larger than the image.
    ArgumentError
        If a size or stride is not positive.
    """
    x = as_tensor(x)
    places = list(_places("max_pool2d", x.shape, kernel_size, stride))
    windows = _windows(x.data, places)
    value = windows.max(axis=0)
    wins = windows == value
    taken = wins[0]
    for win in wins[1:]:  # of equal entries, the first wins
        win &= ~taken
        taken = taken | win

    def vjp(g: Array) -> tuple[Array]:
        return (_windows_vjp(wins * g.transpose(0, 2, 3, 1), places, x.data),)

    return Tensor._from_op(value.transpose(0, 3, 1, 2), (x,), vjp)


def avg_pool2d(x: Operand, kernel_size: Size, stride: Size | None = None) -> Tensor:
    """Return the mean of every window.

    Parameters, result and errors are those of `max_pool2d`.
    """
    x = as_tensor(x)
    places = list(_places("avg_pool2d", x.shape, kernel_size, stride))
    value = _windows(x.data, places).mean(axis=0)

    def vjp(g: Array) -> tuple[Array]:
        share = g.transpose(0, 2, 3, 1) / len(places)
        return (_windows_vjp([share] * len(places), places, x.data),)

    return Tensor._from_op(value.transpose(0, 3, 1, 2), (x,), vjp)


def _correlate(pixels: Array, kernel: Array, stride: Pair) -> tuple[Array, Array]:
    """Return the windows of (B, H, W, C) as rows of a matrix, and their products with kernels."""
    height, width, channels, kernels = kernel.shape
    batch, rows_in, columns_in, _ = pixels.shape
    down, across = 1 + (rows_in - height) // stride[0], 1 + (columns_in - width) // stride[1]
    by_image, by_row, by_column, by_channel = pixels.strides
    windows = as_strided(  # a view: (B, H', W', h, w, C)
        pixels,
        (batch, down, across, height, width, channels),
        (by_image, stride[0] * by_row, stride[1] * by_column, by_row, by_column, by_channel),
    )
    rows = windows.reshape(batch, down * across, height * width * channels)
    value = rows @ kernel.reshape(-1, kernels)  # image by image, which stays in the cache
    return rows.reshape(-1, rows.shape[2]), value.reshape(batch, down, across, kernels)


def _spaced(g: Array, kernel: tuple[int, ...], stride: Pair, shape: tuple[int, ...]) -> Array:
    """Put the gradients of the outputs `stride` pixels apart, with room for a kernel around."""
    height, width = kernel[:2]
    spaced = np.zeros((len(g), shape[1] + height - 1, shape[2] + width - 1, g.shape[3]), g.dtype)
    down = slice(height - 1, height + stride[0] * (g.shape[1] - 1), stride[0])
    across = slice(width - 1, width + stride[1] * (g.shape[2] - 1), stride[1])
    spaced[:, down, across] = g
    return spaced


def _pad(pixels: Array, margin: Pair) -> Array:
    """Surround (B, H, W, C) with zeros; `numpy.pad` does it too, but takes ten times as long."""
    if margin == (0, 0):
        return pixels
    batch, height, width, channels = pixels.shape
    padded = np.zeros(
        (batch, height + 2 * margin[0], width + 2 * margin[1], channels), pixels.dtype
    )
    _crop(padded, margin)[...] = pixels
    return padded


def _crop(padded: Array, margin: Pair) -> Array:
    height, width = padded.shape[1:3]
    return padded[:, margin[0] : height - margin[0], margin[1] : width - margin[1]]


def _windows(images: Array, places: Sequence[Place]) -> Array:
    """Return for each place in a window what all windows have there, (places, B, H', W', C)."""
    pixels = images.transpose(0, 2, 3, 1)
    return np.stack([pixels[:, down, across] for down, across in places])


def _windows_vjp(grads: Iterable[Array], places: Sequence[Place], images: Array) -> Array:
    """Add gradients of windows up over the pixels that they were taken from."""
    batch, channels, height, width = images.shape
    total = np.zeros((batch, height, width, channels), images.dtype)
    for (down, across), grad in zip(places, grads, strict=True):
        total[:, down, across] += grad
    return total.transpose(0, 3, 1, 2)


def _places(
    operation: str, shape: tuple[int, ...], kernel_size: Size, stride: Size | None
) -> Iterator[Place]:
    """Yield, for each place in a window, the rows and columns that take it in some window."""
    size = require_pair(operation, "kernel_size", kernel_size)
    step = size if stride is None else require_pair(operation, "stride", stride)
    if len(shape) != 4 or size[0] > shape[2] or size[1] > shape[3]:
        raise ShapeError(
            operation,
            got=f"x {shape} and windows {size}",
            wanted="x (B, C, H, W) with H and W no smaller than a window",
            remedy="use a smaller window, or x.reshape to four axes",
        )
    last = [shape[2 + i] - size[i] for i in (0, 1)]  # where the last window may begin
    for row in range(size[0]):
        for column in range(size[1]):
            down = slice(row, row + last[0] + 1, step[0])
            yield down, slice(column, column + last[1] + 1, step[1])


def require_pair(operation: str, name: str, size: Size, least: int = 1) -> Pair:
    """Return height and width; one number stands for both.

    Raises
    ------
    ArgumentError
        If they are not whole numbers of at least `least`.
    """
    pair = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if [isinstance(length, int | np.integer) and length >= least for length in pair] != [True] * 2:
        raise ArgumentError(
            operation,
            got=f"{name}={size!r}",
            wanted=f"a whole number of at least {least}, or a pair of them",
            remedy="give one number for both directions, or (down, across)",
        )
    return int(pair[0]), int(pair[1])


def _refuse_unfit_images(shapes: tuple[tuple[int, ...], ...], margin: Pair) -> None:
    x, weight = shapes[:2]
    fits = len(x) == len(weight) == 4 and x[1] == weight[1] and shapes[2:] in ((), (weight[:1],))
    if fits and all(weight[2 + i] <= x[2 + i] + 2 * margin[i] for i in (0, 1)):
        return
    bias = "".join(f" and bias {shape}" for shape in shapes[2:])
    raise ShapeError(
        "conv2d",
        got=f"x {x} and weight {weight}{bias}, padding {margin}",
        wanted="x (B, C, H, W), weight (F, C, h, w) no larger than the padded image, bias (F,)",
        remedy="check the number of channels, and add padding for small images",
    )
