"""What goes wrong, in words: the operation, what it got, what it wanted, and the remedy."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

from numpy.random import Generator


class NNBookError(Exception):
    """Base of every error that nnbook raises.

    Each subclass is also the built-in error that Python would raise in its place, so that
    ``except ValueError`` catches a `ShapeError`.

    Parameters
    ----------
    operation : str
        The function, method or class that refuses, under its public name.
    got, wanted : str
        What came in, and what the operation can work with.
    remedy : str
        One thing to do about it, as an instruction.

    Examples
    --------
    >>> print(ShapeError("mse_loss", got="targets (50,)", wanted="targets (50, 1)",
    ...                  remedy="use targets.reshape(-1, 1)"))
    mse_loss: got targets (50,), wanted targets (50, 1); use targets.reshape(-1, 1)
    """

    def __init__(self, operation: str, *, got: str, wanted: str, remedy: str) -> None:
        super().__init__(f"{operation}: got {got}, wanted {wanted}; {remedy}")
        self.operation = operation
        self.got = got
        self.wanted = wanted
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the four parts, because keyword-only arguments do not survive `args`."""
        return _rebuild, (type(self), self.operation, self.got, self.wanted, self.remedy)


def _rebuild(
    kind: type[NNBookError], operation: str, got: str, wanted: str, remedy: str
) -> NNBookError:
    return kind(operation, got=got, wanted=wanted, remedy=remedy)


class ShapeError(NNBookError, ValueError):
    """Arrays whose shapes do not fit together."""


class IndexingError(ShapeError, IndexError):
    """An index that leads outside an array, or that is none.

    It is an `IndexError` too, because Python ends a loop over rows by one.
    """


class ArgumentError(NNBookError, ValueError):
    """A value outside the range that makes sense."""


class KindError(NNBookError, TypeError):
    """An argument of the wrong kind: a type, a dtype, or a generator that is missing."""


class GradientError(NNBookError, RuntimeError):
    """A gradient that is wrong, or that cannot be had from this graph any more."""


class DivergenceError(NNBookError, ArithmeticError):
    """A training run whose loss is no longer a finite number."""


class DownloadError(NNBookError, OSError):
    """Data that cannot be fetched, or that is not what its publisher promised."""


class MissingMethodError(NNBookError, NotImplementedError):
    """A method that a class of its own has to write."""


class UnknownNameError(NNBookError, LookupError):
    """A name that nothing goes by."""

    @classmethod
    def among(cls, operation: str, name: object, known: Iterable[object]) -> Self:
        """Build the error from the names that exist; the nearest becomes the remedy.

        Examples
        --------
        >>> print(UnknownNameError.among("check", "neron", ["neuron", "normal_equation"]))
        check: got 'neron', wanted one of 'neuron', 'normal_equation'; did you mean 'neuron'?
        """
        names = [str(other) for other in known]
        near = get_close_matches(str(name), names, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else "choose one of these"
        wanted = "one of " + ", ".join(map(repr, names))
        return cls(operation, got=repr(name), wanted=wanted, remedy=remedy)


def require_generator(operation: str, rng: Generator | None) -> Generator:
    """Return `rng` if it is a NumPy generator; whatever draws random numbers asks for one.

    Raises
    ------
    KindError
        If it is missing or something else, such as a seed.
    """
    if isinstance(rng, Generator):
        return rng
    raise KindError(
        operation,
        got="no rng" if rng is None else f"rng={rng!r}",
        wanted="a random generator",
        remedy="pass rng=np.random.default_rng(0)",
    )


def require_probability(
    operation: str, name: str, value: float, *, use: str, usual: str = "0.1 to 0.5"
) -> None:
    """Raise an `ArgumentError` unless a share, of what is put to some `use`, is from 0 to 1."""
    if not 0 <= value <= 1:
        raise ArgumentError(
            operation,
            got=f"{name}={value}",
            wanted="a share from 0 to 1",
            remedy=f"leave it out, or try {usual}: it is the share that is {use}",
        )
