"""Compare gradients with finite differences: the test that every derivative has to pass."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nnbook.arrays import Array, numbers
from nnbook.errors import ArgumentError, GradientError, KindError
from nnbook.tensor import Tensor

Index: TypeAlias = tuple[int, ...]

# Relative error of results that were computed in float64 by a few hundred operations.
ROUNDING = 1e-11


def check_gradient(
    f: Callable[..., Tensor],
    *arrays: ArrayLike,
    step: float = 1e-6,
    tolerance: float = 1e-5,
) -> None:
    """Raise unless the gradients of `f` agree with central differences in every entry.

    All is done in float64. If the result has several entries, each is checked on its own.

    Parameters
    ----------
    f : callable
        Takes one `Tensor` for each array and returns a `Tensor` of any shape. It has to be
        deterministic.
    *arrays : array_like
        The point at which to compare. Stay away from kinks, such as 0 for ReLU: there a finite
        difference is the mean of two slopes, and disagrees with either.
    step : float
        Nudge h in ``(f(x + h) - f(x - h)) / 2h``, relative to entries larger than 1.
    tolerance : float
        Largest allowed difference, relative to the slope itself. Where that is below 1, it is
        relative to the largest slope of the argument, to what rounding leaves of a difference, or
        to 1, whichever is least.

    Raises
    ------
    GradientError
        If a gradient is wrong; the message names the worst entry and both values.
    KindError
        If `f` is no function, an array not of numbers, or the result not a tensor.
    ArgumentError
        If there is no array, or if `step` or `tolerance` is not positive.

    Notes
    -----
    The error of a central difference falls as h², and that of rounding grows as 1/h; their sum is
    least near h = 1e-5 (Press et al. 2007, Numerical Recipes, section 5.7).
    """
    _require_use(f, len(arrays), step, tolerance)
    point = [numbers("check_gradient", array).astype(float) for array in arrays]
    exact = _backward_jacobians(f, point)
    numeric = [_difference_jacobian(f, point, number, step) for number in range(len(point))]
    largest_result = np.abs(_result(f, point).data).max(initial=1)
    for number, (ours, theirs) in enumerate(zip(exact, numeric, strict=True)):
        slopes = np.abs(theirs)
        # A difference of two results has no more digits than they have.
        unit = min(1, max(slopes.max(initial=0), ROUNDING / step * largest_result))
        error = np.abs(ours - theirs) / np.maximum(unit, slopes)
        error = np.where(np.isnan(error), np.inf, error)
        if error.size and error.max() > tolerance:
            worst = tuple(int(i) for i in np.unravel_index(error.argmax(), error.shape))
            inputs = point[number].ndim
            place = _place(number, worst[:inputs], worst[inputs:])
            raise _complaint(place, float(ours[worst]), float(theirs[worst]))


def _require_use(f: object, arrays: int, step: float, tolerance: float) -> None:
    if not callable(f):
        raise KindError(
            "check_gradient",
            got=f"a function of type {type(f).__name__}",
            wanted="a function, and then the arrays",
            remedy="pass the function first: check_gradient(f, x)",
        )
    if not (arrays and step > 0 and tolerance > 0):  # also refuses nan
        raise ArgumentError(
            "check_gradient",
            got=f"{arrays} arrays, step={step} and tolerance={tolerance}",
            wanted="at least one array, and two numbers above 0",
            remedy="pass the point after the function, check_gradient(f, x), and leave the others",
        )


def _backward_jacobians(f: Callable[..., Tensor], point: list[Array]) -> list[Array]:
    """Return for each argument the slopes of all outputs, (*argument shape, *output shape)."""
    shape = _result(f, point).shape
    slopes = [np.zeros(array.shape + shape) for array in point]
    for entry in np.ndindex(shape):
        inputs = [Tensor(array, requires_grad=True) for array in point]
        result = f(*inputs)
        if result.requires_grad:  # a result that is constant has slopes of 0
            result.backward(_one_at(entry, shape))
        for slope, x in zip(slopes, inputs, strict=True):
            if x.grad is not None:
                slope[(..., *entry)] = x.grad
    return slopes


def _difference_jacobian(
    f: Callable[..., Tensor], point: list[Array], number: int, step: float
) -> Array:
    shape = _result(f, point).shape
    slopes = np.zeros(point[number].shape + shape)
    for index, h in _nudges(point[number], step):
        beside = [array.copy() for array in point]
        beside[number][index] += h
        above = _result(f, beside).data
        beside[number][index] -= 2 * h
        slopes[index] = (above - _result(f, beside).data) / (2 * h)
    return slopes


def _result(f: Callable[..., Tensor], point: list[Array]) -> Tensor:
    result = f(*map(Tensor, point))
    if not isinstance(result, Tensor):
        raise KindError(
            "check_gradient",
            got=f"a result of type {type(result).__name__}",
            wanted="a Tensor",
            remedy="compute with the tensors that f is given, without .data and .item()",
        )
    return result


def _nudges(array: Array, step: float) -> Iterator[tuple[Index, float]]:
    for index in np.ndindex(array.shape):
        yield index, step * max(1.0, abs(float(array[index])))


def _one_at(entry: Index, shape: Index) -> Array:
    one = np.zeros(shape)
    one[entry] = 1
    return one


def _place(number: int, index: Index, entry: Index) -> str:
    place = f"argument {number}" + (f" at index {index}" if index else "")
    return place + (f" (output at index {entry})" if entry else "")


def _complaint(place: str, exact: float, numeric: float) -> GradientError:
    return GradientError(
        "check_gradient",
        got=f"{exact:.6g} for {place}",
        wanted=f"{numeric:.6g} by central differences",
        remedy="compare the derivative of that entry with a calculation by hand",
    )
