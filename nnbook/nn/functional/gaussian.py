"""GELU: every entry, weighed by the share of normal random numbers that lie below it."""

import math
from typing import Literal

import numpy as np

from nnbook.arrays import Array, floating
from nnbook.errors import UnknownNameError
from nnbook.tensor import Operand, Tensor, as_tensor

# Φ(x) = (1 + tanh(x P(x²))) / 2 defines a P; these are the coefficients of the polynomial nearest
# to it for |x| ≤ 6, where tanh has reached 1. It gives Φ to 3e-8, as near as float32.
# (A polynomial of two terms is the well-known approximation of GELU, here `approximate="tanh"`.)
COEFFICIENTS = (
    7.97884942e-01,
    3.63330842e-02,
    -3.25945242e-05,
    -5.53064273e-05,
    3.96479673e-06,
    -1.32268414e-07,
    1.75634382e-09,
)
TANH_COEFFICIENTS = (math.sqrt(2 / math.pi), math.sqrt(2 / math.pi) * 0.044715)

# Entries worked on at a time, so that what is computed on the way stays in the cache.
BLOCK = 131_072


def gelu(x: Operand, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """Return ``x Φ(x)``, with Φ the distribution function of the standard normal.

    Its derivative is ``Φ(x) + x φ(x)``, with φ the density. In float64 Φ is exact to rounding; in
    float32 a polynomial inside a tanh gives it to 2e-7.

    Parameters
    ----------
    x : Tensor or array
        Of any shape.
    approximate : {"none", "tanh"}
        Whether to take ``(1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`` for Φ, as GPT-2 does.

    Raises
    ------
    UnknownNameError
        If there is no such approximation.

    Notes
    -----
    Hendrycks & Gimpel (2016), Gaussian error linear units, section 2.
    """
    x = as_tensor(x)
    if approximate not in ("none", "tanh"):
        raise UnknownNameError.among("gelu", approximate, ["none", "tanh"])
    entries = np.ascontiguousarray(floating(x.data)).reshape(-1)
    value, slope = np.empty_like(entries), np.empty_like(entries)
    fill = _fast if entries.dtype == np.float32 else _exact
    fill = _by_tanh if approximate == "tanh" else fill
    with np.errstate(over="ignore", under="ignore"):  # far out, tanh makes ±1 of it and exp 0
        for start in range(0, entries.size, BLOCK):
            part = slice(start, start + BLOCK)
            fill(entries[part], value[part], slope[part])
    slope = slope.reshape(x.shape)
    return Tensor._from_op(value.reshape(x.shape), (x,), lambda g: (g * slope,))


def _exact(x: Array, value: Array, slope: Array) -> None:
    from scipy.special import ndtr  # type: ignore[import-untyped] # loaded when first used

    below = ndtr(x)
    np.multiply(x, below, out=value)
    np.add(below, x * np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi), out=slope)


def _fast(x: Array, value: Array, slope: Array) -> None:
    square = x * x
    below = _polynomial(COEFFICIENTS, square)
    below *= x
    np.tanh(below, out=below)
    below *= 0.5
    below += 0.5
    np.multiply(x, below, out=value)
    square *= -0.5  # becomes x φ(x)
    np.exp(square, out=square)
    square *= x
    square *= 1 / math.sqrt(2 * math.pi)
    np.add(below, square, out=slope)


def _by_tanh(x: Array, value: Array, slope: Array) -> None:
    square = x * x
    curve = np.tanh(_polynomial(TANH_COEFFICIENTS, square) * x)
    np.multiply(x, 0.5 * (1 + curve), out=value)
    steepness = TANH_COEFFICIENTS[0] + 3 * TANH_COEFFICIENTS[1] * square
    np.add(0.5 * (1 + curve), 0.5 * x * (1 - curve * curve) * steepness, out=slope)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Evaluate by Horner's rule, in place."""
    total = coefficients[-1] * x
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= x
    total += coefficients[0]
    return total
