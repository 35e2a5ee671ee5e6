"""Gradient descent: one rate for all weights."""

from collections.abc import Iterable

import numpy as np

from nnbook.arrays import Array
from nnbook.errors import ArgumentError
from nnbook.optim.optimizer import Optimizer
from nnbook.tensor import Tensor


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    With gradient g, momentum β, velocity v (0 at first) and rate η: ``g ← g + weight_decay·w``,
    ``v ← β v + g``, ``w ← w - η v``; for Nesterov's form ``w ← w - η (g + β v)``.

    Parameters
    ----------
    params : iterable of Tensor
        Leaves that require a gradient.
    lr : float
        Learning rate η.
    momentum : float
        Share β of the velocity that is kept from step to step.
    nesterov : bool
        Whether to look ahead; needs momentum.
    weight_decay : float
        Factor of the weight that is added to its gradient (L2 penalty).

    Attributes
    ----------
    state : dict
        ``"velocity"`` with momentum; empty without.

    Raises
    ------
    ArgumentError
        If a number is negative, or `nesterov` is used without momentum.

    Notes
    -----
    Sutskever et al. (2013), On the importance of initialization and momentum in deep learning. As
    in PyTorch, η multiplies the whole velocity, so that a steady gradient moves η/(1-β) a step.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0,
        nesterov: bool = False,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, lr, weight_decay, keeps=("velocity",) if momentum else ())
        self.momentum = self._nonnegative("momentum", momentum)
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ArgumentError(
                "SGD",
                got="nesterov=True with momentum=0",
                wanted="a velocity to look ahead along",
                remedy="pass momentum=0.9",
            )

    def _update(self, t: int, new: Array, w: Array, g: Array, *state: Array) -> None:
        direction = g = self._penalized(w, g)
        for velocity in state:  # one with momentum, none without
            np.multiply(velocity, self.momentum, velocity)
            direction = np.add(velocity, g, velocity)  # v ← β v + g
        if self.nesterov:
            direction = np.add(np.multiply(direction, self.momentum, new), g, new)
        np.subtract(w, np.multiply(direction, self.lr, new), new)
