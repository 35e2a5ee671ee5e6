"""Recurrent layers over whole sequences. Sequences are (T, B, D): time, batch, features.

What does not have to wait for the step before is done for all steps at once, outside the loop: the
products with the inputs, and the gradients of the weights. Inside, an array is (features, B), so
that each gate is one piece of memory, and the code reads as the formulas do: ``W @ h``.
"""

from typing import Literal, TypeAlias

import numpy as np

from nnbook.arrays import Array, floating
from nnbook.errors import ShapeError, UnknownNameError
from nnbook.tensor import Operand, Tensor, as_tensor

Nonlinearity: TypeAlias = Literal["tanh", "relu"]


def rnn(
    x: Operand,
    state: Operand,
    weight_ih: Operand,
    weight_hh: Operand,
    bias_ih: Operand | None = None,
    bias_hh: Operand | None = None,
    nonlinearity: Nonlinearity = "tanh",
) -> Tensor:
    """Return the states ``h ← f(weight_ih x + bias_ih + weight_hh h + bias_hh)`` after every step.

    Parameters
    ----------
    x : Tensor or array, (T, B, D)
        Sequences.
    state : Tensor or array, (B, H)
        State before the first step.
    weight_ih : Tensor or array, (H, D)
    weight_hh : Tensor or array, (H, H)
    bias_ih, bias_hh : Tensor or array, (H,), optional
        Both or none. One would do; there are two as in PyTorch.
    nonlinearity : {"tanh", "relu"}
        The function f.

    Returns
    -------
    Tensor, (T, B, H)

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    UnknownNameError
        If there is no such nonlinearity.

    Notes
    -----
    Elman (1990), Finding structure in time.
    """
    if nonlinearity not in ("tanh", "relu"):
        raise UnknownNameError.among("rnn", nonlinearity, ["tanh", "relu"])
    parents = _parents("rnn", 1, x, state, weight_ih, weight_hh, bias_ih, bias_hh)
    data = tuple(floating(parent.data) for parent in parents)
    states, w_hh, h = _input_products(data), data[3], data[1].T  # (T, H, B)
    for now in states:
        now += w_hh @ h
        h = np.tanh(now, out=now) if nonlinearity == "tanh" else np.maximum(now, 0, out=now)

    def vjp(g: Array) -> tuple[Array, ...]:
        slopes = 1 - states**2 if nonlinearity == "tanh" else states > 0
        grad_pre, grad_h = np.empty_like(states), np.zeros_like(data[1].T)
        for t in reversed(range(len(states))):
            np.multiply(g[t].T + grad_h, slopes[t], out=grad_pre[t])
            grad_h = w_hh.T @ grad_pre[t]
        return _gradients(data, states, grad_pre, grad_pre, grad_h.T)

    return Tensor._from_op(states.swapaxes(1, 2), parents, vjp)


def lstm(
    x: Operand,
    state: Operand,
    weight_ih: Operand,
    weight_hh: Operand,
    bias_ih: Operand | None = None,
    bias_hh: Operand | None = None,
) -> Tensor:
    """Return hidden state and cell of a long short-term memory after every step.

    With gates i, f, o = σ(…) and candidate g = tanh(…), each of ``weight_ih x + bias_ih +
    weight_hh h + bias_hh``: ``c ← f c + i g`` and ``h ← o tanh(c)``.

    Parameters
    ----------
    x : Tensor or array, (T, B, D)
        Sequences.
    state : Tensor or array, (2, B, H)
        Hidden state and cell before the first step.
    weight_ih : Tensor or array, (4 H, D)
    weight_hh : Tensor or array, (4 H, H)
        Rows in the order i, f, g, o, as in PyTorch.
    bias_ih, bias_hh : Tensor or array, (4 H,), optional
        Both or none.

    Returns
    -------
    Tensor, (T, 2, B, H)

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Notes
    -----
    Hochreiter & Schmidhuber (1997), Long short-term memory; the forget gate by Gers et al. (2000).
    """
    parents = _parents("lstm", 4, x, state, weight_ih, weight_hh, bias_ih, bias_hh, states=2)
    data = tuple(floating(parent.data) for parent in parents)
    gates, w_hh = _input_products(data), data[3]  # (T, 4 H, B)
    split = gates.reshape(len(gates), 4, *data[1].shape[:0:-1])  # (T, 4, H, B)
    i, f, g, o = split.swapaxes(0, 1)
    # σ(a) = ½ + ½ tanh(a/2), so that one tanh serves all gates; only g is not to be halved.
    halves = np.array([0.5, 0.5, 1, 0.5], gates.dtype)[:, np.newaxis, np.newaxis]
    others = 1 - halves
    split *= halves
    halved_w_hh = (w_hh.reshape(4, -1, w_hh.shape[1]) * halves).reshape(w_hh.shape)
    first = data[1].swapaxes(1, 2)
    states, tanh_c = np.empty((len(gates), *first.shape), gates.dtype), np.empty_like(g)
    h, c = first
    for t, gate in enumerate(gates):
        gate += halved_w_hh @ h
        np.tanh(gate, out=gate)
        split[t] *= halves
        split[t] += others
        c = np.add(f[t] * c, i[t] * g[t], out=states[t, 1])
        np.tanh(c, out=tanh_c[t])
        h = np.multiply(o[t], tanh_c[t], out=states[t, 0])

    def vjp(grad: Array) -> tuple[Array, ...]:
        return _lstm_vjp(grad.swapaxes(2, 3), data, split, states, tanh_c)

    return Tensor._from_op(states.swapaxes(2, 3), parents, vjp)


def _lstm_vjp(
    grad: Array, data: tuple[Array, ...], split: Array, states: Array, tanh_c: Array
) -> tuple[Array, ...]:
    """Return the gradients of all parents, given those of the states, (T, 2, H, B)."""
    first, w_hh = data[1].swapaxes(1, 2), data[3]
    i, f, g, o = split.swapaxes(0, 1)
    c_before = np.concatenate([first[np.newaxis, 1], states[:-1, 1]])
    # By what a gradient is multiplied on its way from c to i, f and g, and from h to o and c.
    slopes, to_c = split * (1 - split), o * (1 - tanh_c**2)
    slopes[:, 2] = 1 - g**2
    for k, factor in enumerate((g, c_before, i, tanh_c)):
        slopes[:, k] *= factor
    grad_h, grad_c = np.zeros_like(first)
    for t in reversed(range(len(split))):
        grad_h = grad_h + grad[t, 0]
        grad_c = grad_c + grad[t, 1] + grad_h * to_c[t]
        slopes[t, :3] *= grad_c  # the slopes become the gradients of the gates
        slopes[t, 3] *= grad_h
        grad_h = w_hh.T @ slopes[t].reshape(len(w_hh), -1)
        grad_c = grad_c * f[t]
    grad_first = np.stack([grad_h.T, grad_c.T])
    grad_gates = slopes.reshape(len(slopes), len(w_hh), first.shape[2])
    return _gradients(data, states[:, 0], grad_gates, grad_gates, grad_first)


def gru(
    x: Operand,
    state: Operand,
    weight_ih: Operand,
    weight_hh: Operand,
    bias_ih: Operand | None = None,
    bias_hh: Operand | None = None,
) -> Tensor:
    """Return the state of a gated recurrent unit after every step.

    With a = ``weight_ih x + bias_ih`` and b = ``weight_hh h + bias_hh``, each in three parts: gates
    r = σ(a₁ + b₁) and z = σ(a₂ + b₂), candidate n = tanh(a₃ + r b₃), ``h ← (1 - z) n + z h``.

    Parameters
    ----------
    x : Tensor or array, (T, B, D)
        Sequences.
    state : Tensor or array, (B, H)
        State before the first step.
    weight_ih : Tensor or array, (3 H, D)
    weight_hh : Tensor or array, (3 H, H)
        Rows in the order r, z, n, as in PyTorch.
    bias_ih, bias_hh : Tensor or array, (3 H,), optional
        Both or none.

    Returns
    -------
    Tensor, (T, B, H)

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Notes
    -----
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; with the reset
    gate after the product, as in PyTorch.
    """
    parents = _parents("gru", 3, x, state, weight_ih, weight_hh, bias_ih, bias_hh)
    data = tuple(floating(parent.data) for parent in parents)
    w_hh, h = data[3], data[1].T
    gates = _input_products(data[:5])  # (T, 3 H, B): a, and from then on r, z, n
    bias_hh = data[5][:, np.newaxis] if len(data) > 4 else 0
    size = len(h)
    candidate = slice(2 * size, None)
    r, z, n = gates[:, :size], gates[:, size : 2 * size], gates[:, candidate]
    b3, states = np.empty_like(n), np.empty_like(n)
    for t, gate in enumerate(gates):
        b = w_hh @ h + bias_hh
        b3[t] = b[candidate]
        b[candidate] *= 0  # r has to be known before it can be added
        gate += b
        r_and_z = gate[: 2 * size]
        r_and_z *= 0.5
        np.tanh(r_and_z, out=r_and_z)
        r_and_z *= 0.5
        r_and_z += 0.5  # σ(a) = ½ + ½ tanh(a/2)
        np.tanh(n[t] + r[t] * b3[t], out=n[t])
        h = np.add(n[t], z[t] * (h - n[t]), out=states[t])

    def vjp(g: Array) -> tuple[Array, ...]:
        return _gru_vjp(g.swapaxes(1, 2), data, gates, b3, states)

    return Tensor._from_op(states.swapaxes(1, 2), parents, vjp)


def _gru_vjp(
    g: Array, data: tuple[Array, ...], gates: Array, b3: Array, states: Array
) -> tuple[Array, ...]:
    """Return the gradients of all parents, given those of the states, (T, H, B)."""
    first, w_hh, size = data[1].T, data[3], states.shape[1]
    r, z, n = gates[:, :size], gates[:, size : 2 * size], gates[:, 2 * size :]
    candidate = slice(2 * size, None)
    before = np.concatenate([first[np.newaxis], states[:-1]])
    to_n, to_z = (1 - z) * (1 - n**2), (before - n) * z * (1 - z)
    to_r = b3 * r * (1 - r)
    grad_a, grad_h = np.empty_like(gates), np.zeros_like(first)
    grad_b = np.empty_like(gates)
    for t in reversed(range(len(gates))):
        grad_h = grad_h + g[t]
        grad_n = np.multiply(grad_h, to_n[t], out=grad_a[t, candidate])
        np.multiply(grad_h, to_z[t], out=grad_a[t, size : 2 * size])
        np.multiply(grad_n, to_r[t], out=grad_a[t, :size])
        grad_b[t] = grad_a[t]
        grad_b[t, candidate] *= r[t]
        grad_h = grad_h * z[t] + w_hh.T @ grad_b[t]
    return _gradients(data, states, grad_a, grad_b, grad_h.T)


def _input_products(data: tuple[Array, ...]) -> Array:
    """Return ``weight_ih @ x`` and the biases for all steps, (T, ·, B)."""
    x, _, w_ih, _, *biases = data
    products: Array = w_ih @ x.swapaxes(1, 2)
    if biases:
        products += np.add.reduce(biases)[:, np.newaxis]
    return products


def _gradients(
    data: tuple[Array, ...],
    states: Array,
    grad_a: Array,
    grad_b: Array,
    grad_first: Array,
) -> tuple[Array, ...]:
    """Return the gradients of all parents, given those of both products with their biases.

    `grad_a` is that of a = W_ih x + …, `grad_b` that of b = W_hh h + …; in step t, h was the state
    before it: the first state, then `states`, one step later.
    """
    x, first, w_ih = data[:3]
    first = first if first.ndim == 2 else first[0]
    before = np.concatenate([first.T[np.newaxis], states[:-1]])
    grad_x = (w_ih.T @ grad_a).swapaxes(1, 2)
    grad_ih = (grad_a @ x).sum(axis=0)
    grad_hh = (grad_b @ before.swapaxes(1, 2)).sum(axis=0)
    bias_ih = grad_a.sum(axis=0).sum(axis=1)
    bias_hh = bias_ih if grad_b is grad_a else grad_b.sum(axis=0).sum(axis=1)
    return (grad_x, grad_first, grad_ih, grad_hh, bias_ih, bias_hh)[: len(data)]


def _parents(
    operation: str, gates: int, *operands: Operand | None, states: int = 1
) -> tuple[Tensor, ...]:
    """Make tensors of x, state, weights and biases, and refuse shapes that do not fit."""
    tensors = tuple(as_tensor(operand) for operand in operands if operand is not None)
    shapes = [tensor.shape for tensor in tensors]
    x, _, w_ih, *_ = shapes
    if len(x) == 3 and len(w_ih) == 2:
        length = w_ih[0] // gates
        batch = (x[1], length) if states == 1 else (states, x[1], length)
        rows = gates * length
        wanted = [x, batch, (rows, x[2]), (rows, length), (rows,), (rows,)]
        if shapes in (wanted, wanted[:4]):
            return tensors
    factor, pair = ("" if gates == 1 else f"{gates} "), ("" if states == 1 else f"{states}, ")
    raise ShapeError(
        operation,
        got=", ".join(str(shape) for shape in shapes),
        wanted=f"x (T, B, D), state ({pair}B, H), weights ({factor}H, D) and ({factor}H, H), "
        f"both biases ({factor}H,) or none",
        remedy="time comes first: use x.swapaxes(0, 1) for a batch of (B, T, D)",
    )
