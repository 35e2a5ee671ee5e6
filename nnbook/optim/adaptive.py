"""Optimizers that give every weight a rate of its own, from the gradients it has seen.

Each `_update` is written with ``out=`` (the last argument of a ufunc), so that no pass over the
weights allocates memory; `new` holds the intermediate results until it holds the new weights.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError
from nnbook.optim.checks import require_positive, require_share
from nnbook.optim.optimizer import Optimizer
from nnbook.tensor import Tensor


class Adagrad(Optimizer):
    """Descent whose rates fall with the sum of all squared gradients.

    ``s ← s + g²``, ``w ← w - η g / (√s + ε)``, with g including weight decay.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    lr : float
        Learning rate η.
    lr_decay : float
        Step t = 1, 2, … uses the rate ``lr / (1 + (t - 1) lr_decay)``.
    weight_decay : float
        Factor of the weight that is added to its gradient (L2 penalty).
    initial_accumulator_value : float
        What s begins with.
    eps : float
        ε, which keeps the quotient finite.

    Attributes
    ----------
    state : dict
        ``"square_sum"``: s.

    Raises
    ------
    ArgumentError
        If a number is negative, or eps is 0.

    Notes
    -----
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods, section 1.1 (diagonal form).
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr, weight_decay, keeps=("square_sum",))
        self.lr_decay = self._nonnegative("lr_decay", lr_decay)
        self.eps = require_positive("Adagrad", "eps", eps, usual=1e-10)
        start = self._nonnegative("initial_accumulator_value", initial_accumulator_value)
        for square_sum in self.state["square_sum"]:
            square_sum.fill(start)

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        (square_sum,) = state
        g = self._penalized(w, g)
        np.add(square_sum, np.square(g, new), square_sum)  # s ← s + g²
        np.divide(g, _root_plus(square_sum, self.eps, new), new)
        rate = self.lr / (1 + (t - 1) * self.lr_decay)
        np.subtract(w, np.multiply(new, rate, new), new)


class RMSprop(Optimizer):
    """Descent whose rates follow the recent size of the gradient.

    ``s ← α s + (1-α) g²``, ``w ← w - η g / (√s + ε)``, with g including weight decay. Centred, s
    less the square of g's own average takes the place of s: the variance of the gradient. With
    momentum β, the quotient q moves a velocity: ``v ← β v + q``, ``w ← w - η v``.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    lr : float
        Learning rate η.
    alpha : float
        Share α of the averages that is kept each step.
    eps : float
        ε, which keeps the quotient finite; outside the root.
    weight_decay : float
        Factor of the weight that is added to its gradient (L2 penalty).
    momentum : float
        Share β of the velocity that is kept each step.
    centered : bool
        Whether to divide by the standard deviation.

    Attributes
    ----------
    state : dict
        ``"square_average"``: s; ``"average"`` of g if centred; ``"velocity"`` with momentum.

    Raises
    ------
    ArgumentError
        If a number is negative, alpha is not below 1, or eps is 0.

    Notes
    -----
    Tieleman & Hinton (2012), Neural networks for machine learning, lecture 6.5; centred: Graves
    (2013), Generating sequences with recurrent neural networks, section 4.2.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        options = {"square_average": True, "average": centered, "velocity": momentum != 0}
        keeps = tuple(name for name, wanted in options.items() if wanted)
        super().__init__(params, lr, weight_decay, keeps)
        self.alpha = require_share("RMSprop", "alpha", alpha, usual=0.99)
        self.eps = require_positive("RMSprop", "eps", eps, usual=1e-8)
        self.momentum = self._nonnegative("momentum", momentum)
        self.centered = centered

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        square_average, *others = state
        g = self._penalized(w, g)
        _average(square_average, self.alpha, np.square(g, new), new)
        variance = square_average
        if self.centered:
            average = others.pop(0)
            _average(average, self.alpha, g, new)
            np.subtract(square_average, np.square(average, new), new)
            variance = np.maximum(new, 0, out=new)  # a steady gradient may round to less than 0
        direction = np.divide(g, _root_plus(variance, self.eps, new), new)
        for velocity in others:  # one with momentum, none without
            np.multiply(velocity, self.momentum, velocity)
            direction = np.add(velocity, new, velocity)  # v ← β v + q
        np.subtract(w, np.multiply(direction, self.lr, new), new)


class Adam(Optimizer):
    """Descent along the average gradient, divided by the root of the average squared gradient.

    With t = 1, 2, …: ``m ← β₁ m + (1-β₁) g``, ``v ← β₂ v + (1-β₂) g²``, ``m̂ = m / (1-β₁ᵗ)``,
    ``v̂ = v / (1-β₂ᵗ)``, ``w ← w - η m̂ / (√v̂ + ε)``, with g including weight decay.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    lr : float
        Learning rate η; nearly the length of a step while the gradient keeps its sign.
    betas : tuple of float
        Shares β₁ and β₂ of the averages that are kept each step.
    eps : float
        ε, which keeps the quotient finite; outside the root.
    weight_decay : float
        Factor of the weight that is added to its gradient (L2 penalty).
    amsgrad : bool
        Whether to divide by the largest v so far, so that rates never rise again.

    Attributes
    ----------
    state : dict
        ``"m"`` and ``"v"``, before the correction; with amsgrad ``"v_max"``.

    Raises
    ------
    ArgumentError
        If a number is negative, a beta is not below 1, or eps is 0.

    Notes
    -----
    Kingma & Ba (2015), Adam, Algorithm 1; amsgrad: Reddi et al. (2018), On the convergence of Adam
    and beyond, Algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
    ) -> None:
        keeps = ("m", "v", "v_max") if amsgrad else ("m", "v")
        super().__init__(params, lr, weight_decay, keeps)
        self.betas = _require_betas(type(self).__name__, betas)
        self.eps = require_positive(type(self).__name__, "eps", eps, usual=1e-8)
        self.amsgrad = amsgrad

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        self._descend(t, new, w, self._penalized(w, g), *state)

    def _descend(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        m, v, *v_max = state
        beta1, beta2 = self.betas
        _average(m, beta1, g, new)  # m ← β₁ m + (1-β₁) g
        _average(v, beta2, np.square(g, new), new)  # v ← β₂ v + (1-β₂) g²
        for largest in v_max:
            v = np.maximum(largest, v, out=largest)
        # With c = √(1-β₂ᵗ), m̂ / (√v̂ + ε) is c / (1-β₁ᵗ) · m / (√v + c ε): the corrections are
        # numbers, and cost no pass over the weights.
        c = math.sqrt(1 - beta2**t)
        np.divide(m, _root_plus(v, c * self.eps, new), new)
        np.multiply(new, self.lr * c / (1 - beta1**t), new)
        np.subtract(w, new, new)


class AdamW(Adam):
    """Adam with weight decay beside the gradient instead of in it.

    ``w ← w - η weight_decay w``, then Adam's step with the bare gradient: the pull towards 0 is
    the same for every weight, however large its gradients are.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad
        As for `Adam`.
    weight_decay : float
        Share of the weight, times η, that is taken off each step.

    Attributes
    ----------
    state : dict
        As for `Adam`.

    Raises
    ------
    ArgumentError
        As for `Adam`.

    Notes
    -----
    Loshchilov & Hutter (2019), Decoupled weight decay regularization, Algorithm 2.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        self._descend(t, new, w * (1 - self.lr * self.weight_decay), g, *state)


def _average(average: Array, keep: float, value: Array, scratch: Array) -> None:
    """Let a running average keep a share of itself: a ← keep a + (1-keep) value."""
    np.multiply(value, 1 - keep, scratch)
    np.multiply(average, keep, average)
    np.add(average, scratch, average)


def _root_plus(square: Array, eps: float, out: Array) -> Array:
    """Write √square + ε into `out`, and return it."""
    return np.add(np.sqrt(square, out), eps, out)


def _require_betas(operation: str, betas: tuple[float, float]) -> tuple[float, float]:
    if not isinstance(betas, Sequence) or len(betas) != 2:
        raise ArgumentError(
            operation,
            got=f"betas={betas}",
            wanted="two shares, one for each average",
            remedy="try betas=(0.9, 0.999)",
        )
    first = require_share(operation, "betas[0]", betas[0], usual=0.9)
    return first, require_share(operation, "betas[1]", betas[1], usual=0.999)
