r"""Starting values for weights: functions from a shape to a new array.

A shape is (out, in, \*kernel), as in PyTorch. A parameter takes the array as its data::

    layer.weight.data = init.kaiming_normal(layer.weight.shape, rng=rng)

The names and formulas are those of `torch.nn.init`, without the underscore at the end, because
nothing is changed in place.
"""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError, KindError, ShapeError, UnknownNameError, require_generator

Shape: TypeAlias = int | Sequence[int]

# Sigmoid and SELU as PyTorch has them; the derivation of He et al. (2015) is for ReLU.
GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "leaky_relu": math.sqrt(2 / (1 + 0.01**2)),
    "selu": 3 / 4,
    **dict.fromkeys(["conv1d", "conv2d", "conv3d"], 1.0),
    **dict.fromkeys(["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"], 1.0),
}


def zeros(shape: Shape) -> Array:
    """Return zeros: right for a bias, wrong for a weight, whose rows would all learn the same."""
    return np.zeros(_lengths("zeros", shape))


def ones(shape: Shape) -> Array:
    """Return ones, as for the scale of a normalization."""
    return np.ones(_lengths("ones", shape))


def uniform(
    shape: Shape, low: float = 0.0, high: float = 1.0, *, rng: np.random.Generator | None = None
) -> Array:
    """Draw from the uniform distribution on low … high.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If `low` is above `high`, or one of them is not finite.
    """
    rng = require_generator("uniform", rng)
    if not -math.inf < low <= high < math.inf:
        raise ArgumentError(
            "uniform",
            got=f"low={low} and high={high}",
            wanted="two finite numbers, low at most high",
            remedy="give the lower bound first",
        )
    return rng.uniform(low, high, _lengths("uniform", shape))


def normal(
    shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator | None = None
) -> Array:
    """Draw from the normal distribution with a mean and a standard deviation.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If `std` is negative, or one of the two is not finite.
    """
    rng = require_generator("normal", rng)
    _require_finite("normal", "mean", mean, least=-math.inf)
    _require_finite("normal", "std", std)
    return rng.normal(mean, std, _lengths("normal", shape))


def xavier_uniform(
    shape: Shape, gain: float = 1.0, *, rng: np.random.Generator | None = None
) -> Array:
    r"""Draw uniformly in ``±gain √(6 / (fan_in + fan_out))``.

    Activations keep their variance on the way forward, and gradients theirs on the way back, as
    nearly as one number allows.

    Parameters
    ----------
    shape : tuple of int
        (out, in, \*kernel).
    gain : float
        What the activation function shrinks by; see `calculate_gain`.
    rng : numpy.random.Generator
        Source of the random numbers.

    Raises
    ------
    KindError
        If `rng` is missing.
    ShapeError
        If the shape has fewer than two axes, or an empty one.
    ArgumentError
        If `gain` is negative or not finite.

    Notes
    -----
    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks, equation 16.
    """
    bound = math.sqrt(3) * _xavier_std("xavier_uniform", shape, gain)
    return uniform(shape, -bound, bound, rng=require_generator("xavier_uniform", rng))


def xavier_normal(
    shape: Shape, gain: float = 1.0, *, rng: np.random.Generator | None = None
) -> Array:
    """Draw from the normal distribution of ``std = gain √(2 / (fan_in + fan_out))``.

    Parameters, errors and source are those of `xavier_uniform` (there equation 12).
    """
    std = _xavier_std("xavier_normal", shape, gain)
    return normal(shape, 0.0, std, rng=require_generator("xavier_normal", rng))


def _xavier_std(operation: str, shape: Shape, gain: float) -> float:
    _require_finite(operation, "gain", gain)
    return gain * math.sqrt(2 / sum(_fan(operation, shape)))


def kaiming_uniform(
    shape: Shape,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> Array:
    r"""Draw uniformly in ``±gain √(3 / fan)``.

    Activations keep their variance on the way forward (``fan_in``), or gradients theirs on the way
    back (``fan_out``), through layers with this nonlinearity.

    Parameters
    ----------
    shape : tuple of int
        (out, in, \*kernel).
    a : float
        Slope of leaky ReLU for negative inputs; 0 is plain ReLU. Other functions ignore it.
    mode : {"fan_in", "fan_out"}
        Which fan to divide by.
    nonlinearity : str
        Name of the function that follows; see `calculate_gain`.
    rng : numpy.random.Generator
        Source of the random numbers.

    Raises
    ------
    KindError
        If `rng` is missing.
    ShapeError
        If the shape has fewer than two axes, or an empty one.
    UnknownNameError
        For an unknown mode or nonlinearity.

    Notes
    -----
    He et al. (2015), Delving deep into rectifiers, equations 10 and 14.
    """
    bound = math.sqrt(3) * _kaiming_std("kaiming_uniform", shape, a, mode, nonlinearity)
    return uniform(shape, -bound, bound, rng=require_generator("kaiming_uniform", rng))


def kaiming_normal(
    shape: Shape,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: np.random.Generator | None = None,
) -> Array:
    """Draw from the normal distribution of ``std = gain / √fan``.

    Parameters, errors and source are those of `kaiming_uniform`.
    """
    std = _kaiming_std("kaiming_normal", shape, a, mode, nonlinearity)
    return normal(shape, 0.0, std, rng=require_generator("kaiming_normal", rng))


def _kaiming_std(operation: str, shape: Shape, a: float, mode: str, nonlinearity: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), _fan(operation, shape), strict=True))
    if mode not in fans:
        raise UnknownNameError.among(operation, mode, fans)
    return _gain(operation, nonlinearity, a) / math.sqrt(fans[mode])


def orthogonal(shape: Shape, gain: float = 1.0, *, rng: np.random.Generator | None = None) -> Array:
    r"""Draw a matrix whose rows (or columns, if there are fewer) are at right angles.

    They have the length `gain`, so that a vector keeps its length. All axes but the first are
    seen as one.

    Parameters
    ----------
    shape : tuple of int
        (out, in, \*kernel).
    gain : float
        Length of a row; see `calculate_gain`.
    rng : numpy.random.Generator
        Source of the random numbers.

    Raises
    ------
    KindError
        If `rng` is missing.
    ShapeError
        If the shape has fewer than two axes, or an empty one.
    ArgumentError
        If `gain` is negative or not finite.

    Notes
    -----
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks, section 3.
    """
    rng = require_generator("orthogonal", rng)
    _require_finite("orthogonal", "gain", gain)
    fan_in, _ = _fan("orthogonal", shape)
    lengths = _lengths("orthogonal", shape)
    tall = max(lengths[0], fan_in), min(lengths[0], fan_in)
    q, r = np.linalg.qr(rng.normal(size=tall))
    # QR fixes the signs in its own way; those of r's diagonal make every orientation equally
    # likely (Mezzadri 2007, How to generate random matrices from the classical compact groups).
    q *= np.sign(np.diag(r))
    rows = q if lengths[0] >= fan_in else q.T
    return gain * rows.reshape(lengths)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights make up for what a nonlinearity shrinks.

    1 for ``linear``, ``sigmoid`` and convolutions, 5/3 for ``tanh``, √2 for ``relu``,
    √(2 / (1 + slope²)) for ``leaky_relu`` and 3/4 for ``selu``.

    Parameters
    ----------
    nonlinearity : str
        Name in `nnbook.nn.functional`.
    param : float, optional
        Slope of ``leaky_relu`` for negative inputs, 0.01 if not given; other functions ignore it.

    Raises
    ------
    UnknownNameError
        For a name without a known gain.

    Notes
    -----
    He et al. (2015), Delving deep into rectifiers, section 2.2; the table is PyTorch's.
    """
    return _gain("calculate_gain", nonlinearity, param)


def _gain(operation: str, nonlinearity: str, param: float | None) -> float:
    if nonlinearity not in GAINS:
        raise UnknownNameError.among(operation, nonlinearity, GAINS)
    if nonlinearity == "leaky_relu" and param is not None:
        _require_finite(operation, "slope", param, least=-math.inf)
        return math.sqrt(2 / (1 + param**2))
    return GAINS[nonlinearity]


def fan(shape: Shape) -> tuple[int, int]:
    r"""Return how many inputs an output is summed from, and how many outputs an input reaches.

    Parameters
    ----------
    shape : tuple of int
        (out, in, \*kernel).

    Returns
    -------
    fan_in, fan_out : int
        ``in`` and ``out``, each times the number of entries of the kernel.

    Raises
    ------
    ShapeError
        If there are fewer than two axes, or an empty one.

    Examples
    --------
    >>> fan((16, 3, 5, 5))
    (75, 400)
    """
    return _fan("fan", shape)


def _fan(operation: str, shape: Shape) -> tuple[int, int]:
    lengths = _lengths(operation, shape)
    if len(lengths) < 2 or 0 in lengths:
        raise ShapeError(
            operation,
            got=f"shape {lengths}",
            wanted="at least two axes, (out, in, *kernel), none of them empty",
            remedy="start a bias with zeros, and weights with the shape of layer.weight",
        )
    outputs, inputs, *kernel = lengths
    return inputs * math.prod(kernel), outputs * math.prod(kernel)


def _lengths(operation: str, shape: Shape) -> tuple[int, ...]:
    """Return a shape as a tuple, where NumPy also allows a single number."""
    lengths = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    for length in lengths:
        if not isinstance(length, int | np.integer):
            raise KindError(
                operation,
                got=f"a shape with {length!r}",
                wanted="whole numbers",
                remedy="give lengths, such as (64, 784), or layer.weight.shape",
            )
        if length < 0:
            raise ShapeError(
                operation,
                got=f"shape {lengths}",
                wanted="lengths of at least 0",
                remedy="write every length out; -1 has no meaning for a new array",
            )
    return tuple(map(int, lengths))


def _require_finite(operation: str, name: str, value: float, least: float = 0.0) -> None:
    if not (least <= value and math.isfinite(value)):
        raise ArgumentError(
            operation,
            got=f"{name}={value}",
            wanted="a finite number" + (" of at least 0" if least == 0 else ""),
            remedy="leave it out for the default, or see calculate_gain",
        )
