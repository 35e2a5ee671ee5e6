"""Recurrent layers: the same weights at every step of a sequence."""

from collections.abc import Sequence
from typing import Any, ClassVar, get_args

import numpy as np

from nnbook.errors import (
    KindError,
    MissingMethodError,
    ShapeError,
    UnknownNameError,
    require_generator,
)
from nnbook.nn import functional
from nnbook.nn.functional.recurrent import Nonlinearity
from nnbook.nn.layers import require_sizes
from nnbook.nn.module import Module, Parameter
from nnbook.tensor import Operand, Tensor, as_tensor, stack


class Recurrent(Module):
    """Base of the recurrent layers: the states of each layer are the inputs of the next.

    Parameters
    ----------
    input_size, hidden_size : int
        Features D of an input, and H of a state.
    num_layers : int
        Number of layers.
    bias : bool
        Whether to add biases.
    batch_first : bool
        Whether sequences are (B, T, D) instead of (T, B, D).
    rng : numpy.random.Generator
        Source of the starting values, uniform in ±1/√hidden_size (PyTorch's default).

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l1, … : Parameter
        Named and shaped as in PyTorch; there are no biases without `bias`.

    Raises
    ------
    KindError
        If `rng` is missing.
    ArgumentError
        If a size is not a positive whole number.
    """

    gates: ClassVar[int] = 1  # rows of weights for each entry of a state

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        name = type(self).__name__
        rng = require_generator(name, rng)
        require_sizes(name, input_size, hidden_size, num_layers)
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        limit, rows = hidden_size**-0.5, self.gates * hidden_size
        for layer in range(num_layers):
            inputs = hidden_size if layer else input_size
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, inputs),
                "weight_hh": (rows, hidden_size),
            }
            if bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            for part, shape in shapes.items():
                setattr(self, f"{part}_l{layer}", Parameter(rng.uniform(-limit, limit, shape)))

    def forward(self, x: Operand, state: Any = None) -> tuple[Tensor, Any]:
        """Run over whole sequences.

        Parameters
        ----------
        x : Tensor or array, (T, B, D), or (B, T, D) with `batch_first`
        state : Tensor or array, (num_layers, B, H), optional
            States before the first step; zeros by default. For an `LSTM` a pair of them: hidden
            states and cells.

        Returns
        -------
        outputs : Tensor, (T, B, H), or (B, T, H) with `batch_first`
            The last layer's hidden states after every step.
        state : Tensor, (num_layers, B, H), or a pair of them
            Every layer's state after the last step.

        Raises
        ------
        ShapeError
            If the shapes do not fit.
        """
        inputs = self._time_first(as_tensor(x))
        first = self._first(inputs, state)
        last = []
        for layer in range(self.num_layers):
            steps = self._steps(inputs, first[layer], self._weights(layer))
            last.append(steps[-1])
            inputs = self._hidden(steps)
        outputs = inputs.swapaxes(0, 1) if self.batch_first else inputs
        return outputs, self._last(stack(last))

    def _steps(self, x: Tensor, first: Tensor, weights: list[Parameter]) -> Tensor:
        """Return the states of one layer after every step; each kind of cell says how."""
        raise MissingMethodError(
            type(self).__name__,
            got="no method _steps",
            wanted="the formula of a cell",
            remedy="write _steps, or use RNN, GRU or LSTM",
        )

    def _weights(self, layer: int) -> list[Parameter]:
        parts = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        return [getattr(self, f"{part}_l{layer}") for part in parts]

    def _time_first(self, x: Tensor) -> Tensor:
        steps = x.shape[1 if self.batch_first else 0] if x.ndim == 3 else 0
        if not steps or x.shape[2] != self.input_size:
            order = "(B, T, D)" if self.batch_first else "(T, B, D)"
            raise ShapeError(
                type(self).__name__,
                got=f"x {x.shape}",
                wanted=f"x {order} with D = {self.input_size} and at least one step",
                remedy="batch_first=True takes (B, T, D), the default (T, B, D)",
            )
        return x.swapaxes(0, 1) if self.batch_first else x

    def _first(self, x: Tensor, state: Any) -> Tensor:
        """Return the states before the first step, (num_layers, …)."""
        shape = (self.num_layers, x.shape[1], self.hidden_size)
        return self._fitting(Tensor(np.zeros(shape, x.dtype)) if state is None else state, shape)

    def _fitting(self, state: Operand, shape: tuple[int, ...]) -> Tensor:
        """Return a state as a tensor, if it has this shape."""
        state = as_tensor(state)
        if state.shape != shape:
            raise ShapeError(
                type(self).__name__,
                got=f"a state {state.shape}",
                wanted=f"(num_layers, B, H), here {shape}",
                remedy="leave it out for zeros, or pass on the state that was returned before",
            )
        return state

    def _hidden(self, steps: Tensor) -> Tensor:
        """Pick from the states what the next layer sees."""
        return steps

    def _last(self, states: Tensor) -> Any:
        """Return the last states in PyTorch's form."""
        return states

    def __repr__(self) -> str:
        """Show the sizes."""
        layers = f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size}{layers})"


class RNN(Recurrent):
    """Elman's recurrent layer, ``h ← tanh(…)``; see `Recurrent` and `functional.rnn`.

    Parameters
    ----------
    nonlinearity : {"tanh", "relu"}
        The function of the state; the others are those of `Recurrent`.

    Raises
    ------
    UnknownNameError
        If there is no such nonlinearity.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Nonlinearity = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, rng=rng)
        if nonlinearity not in get_args(Nonlinearity):
            raise UnknownNameError.among("RNN", nonlinearity, get_args(Nonlinearity))
        self.nonlinearity = nonlinearity

    def _steps(self, x: Tensor, first: Tensor, weights: list[Parameter]) -> Tensor:
        w_ih, w_hh, *biases = weights
        b_ih, b_hh = biases or (None, None)
        return functional.rnn(x, first, w_ih, w_hh, b_ih, b_hh, self.nonlinearity)


class GRU(Recurrent):
    """Gated recurrent unit; see `Recurrent` and `functional.gru`."""

    gates = 3

    def _steps(self, x: Tensor, first: Tensor, weights: list[Parameter]) -> Tensor:
        return functional.gru(x, first, *weights)


class LSTM(Recurrent):
    """Long short-term memory; see `Recurrent` and `functional.lstm`.

    Its state is a pair: hidden states and cells.
    """

    gates = 4

    def _steps(self, x: Tensor, first: Tensor, weights: list[Parameter]) -> Tensor:
        return functional.lstm(x, first, *weights)

    def _first(self, x: Tensor, state: Any) -> Tensor:
        pair = (None, None) if state is None else state
        if not isinstance(pair, Sequence) or len(pair) != 2:
            raise KindError(
                "LSTM",
                got=f"a state of type {type(state).__name__}",
                wanted="a pair: hidden states and cells",
                remedy="pass (hidden, cells), both (num_layers, B, H)",
            )
        return stack([super(LSTM, self)._first(x, part) for part in pair], axis=1)

    def _hidden(self, steps: Tensor) -> Tensor:
        return steps[:, 0]

    def _last(self, states: Tensor) -> tuple[Tensor, Tensor]:
        return states[:, 0], states[:, 1]
