"""Refusals that optimizers, schedules and clipping share."""

import math
from collections.abc import Iterable
from numbers import Integral, Real

from nnbook.errors import ArgumentError, KindError
from nnbook.tensor import Tensor


def require_parameters(operation: str, params: Iterable[Tensor]) -> list[Tensor]:
    """Return the parameters as a list, if each is a leaf that requires a gradient, given once.

    Raises
    ------
    KindError
        If it is a single tensor, or holds something else than such leaves.
    ArgumentError
        If it is empty, or holds a parameter twice.
    """
    # A tensor can be iterated, but its rows are results, and to move them would move nothing.
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise KindError(
            operation,
            got=f"a single {'tensor' if isinstance(params, Tensor) else type(params).__name__}",
            wanted="a list of parameters",
            remedy="pass model.parameters(), or a tensor in brackets, [w]",
        )
    parameters = list(params)
    if not parameters:
        raise ArgumentError(
            operation,
            got="no parameters",
            wanted="at least one",
            remedy="pass model.parameters(); a generator that was used once is empty",
        )
    for parameter in parameters:
        _require_leaf(operation, parameter)
    if len(set(parameters)) < len(parameters):
        raise ArgumentError(
            operation,
            got="the same parameter twice",
            wanted="each parameter once, or it would move twice",
            remedy="pass model.parameters(), which names shared ones once",
        )
    return parameters


def _require_leaf(operation: str, parameter: Tensor) -> None:
    if not (isinstance(parameter, Tensor) and parameter.requires_grad):
        raise KindError(
            operation,
            got=f"a parameter that is {type(parameter).__name__} without requires_grad",
            wanted="tensors that require a gradient",
            remedy="pass model.parameters(), or make it with Tensor(data, requires_grad=True)",
        )
    if parameter._vjp is not None:
        raise KindError(
            operation,
            got=f"a tensor of shape {parameter.shape} that an operation has made",
            wanted="leaves, which keep their gradient",
            remedy="pass the tensors that it was computed from",
        )


def require_nonnegative(operation: str, name: str, value: float) -> float:
    """Return a finite number of at least 0, or say why not (`ArgumentError`, `KindError`)."""
    if 0 <= _require_real(operation, name, value) < math.inf:
        return float(value)
    raise ArgumentError(
        operation,
        got=f"{name}={value}",
        wanted="a finite number of at least 0",
        remedy="use a finite number with a positive sign; the minus of descent is in the step",
    )


def require_positive(operation: str, name: str, value: float, usual: float) -> float:
    """Return a finite number above 0; the remedy names a `usual` one."""
    if 0 < _require_real(operation, name, value) < math.inf:
        return float(value)
    raise ArgumentError(
        operation,
        got=f"{name}={value}",
        wanted="a finite number above 0",
        remedy=f"try {name}={usual}",
    )


def require_share(operation: str, name: str, value: float, usual: float) -> float:
    """Return the share of an average that is kept each step: from 0 to below 1."""
    if 0 <= _require_real(operation, name, value) < 1:
        return float(value)
    raise ArgumentError(
        operation,
        got=f"{name}={value}",
        wanted="a share of at least 0 and below 1",
        remedy=f"try {name}={usual}; at 1 the average would never learn anything",
    )


def require_count(operation: str, name: str, value: int, least: int) -> int:
    """Return a whole number of at least `least`."""
    if not isinstance(value, Integral):
        raise KindError(
            operation,
            got=f"{name}={value!r}",
            wanted="a whole number",
            remedy="count steps with range(…)",
        )
    if value < least:
        raise ArgumentError(
            operation,
            got=f"{name}={value}",
            wanted=f"at least {least}",
            remedy="count steps from 0, and lengths from 1",
        )
    return int(value)


def _require_real(operation: str, name: str, value: float) -> float:
    if isinstance(value, Real):
        return float(value)
    raise KindError(
        operation,
        got=f"{name}={value!r}",
        wanted="a number",
        remedy="write it as a plain number, such as 0.01",
    )
