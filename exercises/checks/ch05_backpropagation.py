"""The tasks of chapter 5: a step back that fades, `Value`, an order, a gradient check."""

import operator
from collections import Counter, deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- the networks that tasks 1 to 4 are asked about ---------------------------------------------


def _network(rng: np.random.Generator, sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Return W1, b1, W2, b2, … with two decimals, so that they can be read in a message."""
    arrays = []
    for before, after in pairwise(sizes):
        arrays += [rng.normal(size=(after, before)).round(2), rng.normal(size=after).round(2)]
    return arrays


def _layers(X: np.ndarray, network: list[np.ndarray]) -> list[np.ndarray]:
    """Return A1, A2 and A3; the last layer is straight."""
    W1, b1, W2, b2, W3, b3 = network
    A1 = np.tanh(X @ W1.T + b1)
    A2 = np.tanh(A1 @ W2.T + b2)
    return [A1, A2, A2 @ W3.T + b3]


_X = np.array([[0.5, 1.0], [1.5, 0.5], [0.0, 1.0], [1.0, 1.5], [1.0, 0.0]])
_Y = _X.sum(axis=1, keepdims=True)
_FIVE_POINTS = [
    np.array([[0.2, -0.1], [0.4, 0.3], [-0.5, 0.2]]),
    np.array([0.1, -0.2, 0.0]),
    np.array([[0.3, -0.2, 0.1], [-0.1, 0.5, 0.2], [0.4, -0.3, 0.6], [-0.2, 0.1, -0.4]]),
    np.array([0.0, 0.1, -0.1, 0.2]),
    np.array([[0.2, -0.3, 0.5, -0.1]]),
    np.array([0.05]),
]
_ONE_NEURON_EACH = [
    np.array([[0.5]]),
    np.array([0.5]),
    np.array([[-1.0]]),
    np.array([0.5]),
    np.array([[3.0]]),
    np.array([-0.5]),
]
_SIZES = ((1, 1, 1, 1, 1), (4, 2, 3, 4, 1), (3, 3, 3, 3, 3), (2, 5, 1, 2, 3), (20, 4, 6, 5, 2))


def _drawn(rng: np.random.Generator, batch: int, *sizes: int) -> tuple[np.ndarray, ...]:
    """Return X, Y and the six arrays of a network of three layers."""
    X, Y = rng.normal(size=(batch, sizes[0])), rng.normal(size=(batch, sizes[-1]))
    return X.round(2), Y.round(2), *_network(rng, sizes)


def _all_drawn(rng: np.random.Generator) -> Iterator[tuple[np.ndarray, ...]]:
    for batch, *sizes in _SIZES:
        yield _drawn(rng, batch, *sizes)


_SMALL = (np.array([[2.0]]), np.array([[1.0]]), *_ONE_NEURON_EACH)
_TWO = (np.array([[1.0], [-1.0]]), np.array([[0.0], [2.0]]), *_ONE_NEURON_EACH)
_WORKED = (_X, _Y, *_FIVE_POINTS)
_THREE_OUTPUTS = _drawn(np.random.default_rng(51), 2, 2, 3, 2, 3)

# --- 1. forward_pass ----------------------------------------------------------------------------


def forward_pass(X, Y, W1, b1, W2, b2, W3, b3):
    """Return A1, A2, A3 of a network with tanh in its hidden layers, and the mean squared error."""
    A1 = np.tanh(X @ W1.T + b1)
    A2 = np.tanh(A1 @ W2.T + b2)
    A3 = A2 @ W3.T + b3
    return A1, A2, A3, np.sum((A3 - Y) ** 2) / len(X)


def _forward_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield from map(Case, _all_drawn(rng))


def _straight(Z):
    return Z


def _relu(Z):
    return np.maximum(Z, 0)


def _forward(
    loss=lambda error: np.sum(error**2) / len(error), with_bias=1.0, bend=np.tanh, last=_straight
):
    """Return a forward pass that is right but for one thing."""

    def other(X, Y, W1, b1, W2, b2, W3, b3):
        A1 = bend(X @ W1.T + with_bias * b1)
        A2 = bend(A1 @ W2.T + with_bias * b2)
        A3 = last(A2 @ W3.T + with_bias * b3)
        return A1, A2, A3, loss(A3 - Y)

    return other


FORWARD = Exercise(
    name="forward_pass",
    chapter=5,
    title="The forward pass of the five-point example",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="X (B, D), Y (B, K), three pairs W (out, in) and b (out,) → (A1, A2, A3, loss)",
    reference=forward_pass,
    parts=("A1", "A2", "A3", "the loss"),
    cases=(
        Case(_SMALL, "One example and one neuron a layer: the numbers can be followed by hand."),
        Case(_TWO, "Two examples: the loss is a mean over them."),
        Case(_WORKED, "The five points and the weights of the chapter, with tanh."),
        Case(_THREE_OUTPUTS, "Three outputs: their squares are added, and divided by N."),
    ),
    hidden=_forward_hidden,
    twins=(
        Twin(
            "half",
            "A1 to A3 are right. Your loss is half as large: the formula of this task has no ½.",
            _forward(lambda error: np.sum(error**2) / (2 * len(error))),
        ),
        Twin(
            "five for N",
            "A1 to A3 are right. You divide by 5, the chapter's number of points. Here it varies.",
            _forward(lambda error: np.sum(error**2) / 5),
        ),
        Twin(
            "ten for N",
            "A1 to A3 are right. You divide by 10, as the chapter does with its five points and "
            "half the mean. Here both differ.",
            _forward(lambda error: np.sum(error**2) / 10),
        ),
        Twin(
            "sum for mean",
            "A1 to A3 are right. Your loss grows with the number of examples.",
            _forward(lambda error: np.sum(error**2)),
        ),
        Twin(
            "mean over outputs too",
            "With several outputs you divide by their number as well. The formula divides by the "
            "examples alone.",
            _forward(lambda error: np.mean(error**2)),
        ),
        Twin(
            "no square",
            "Errors of opposite sign cancel in your loss.",
            _forward(lambda error: np.sum(error) / len(error)),
        ),
        Twin(
            "biases forgotten",
            "These are the outputs of a network whose biases are all 0.",
            _forward(with_bias=0.0),
        ),
        Twin(
            "straight",
            "Your hidden layers are straight. This network bends what they give.",
            _forward(bend=_straight),
        ),
        Twin(
            "the worked example",
            "This is the pass of the worked example: straight layers, and half the mean. Read the "
            "two formulas of this task.",
            _forward(lambda error: np.sum(error**2) / (2 * len(error)), bend=_straight),
        ),
        Twin(
            "ReLU",
            "Your hidden layers bend like ReLUs. The activation of this network is another.",
            _forward(bend=_relu),
        ),
        Twin(
            "last layer bent",
            "A1 and A2 are right. The last layer has no activation.",
            _forward(last=np.tanh),
        ),
    ),
    hints=(
        "The second layer does the same as the first. What does it take, and what does it give? "
        "And what does the third leave out?",
        "A = tanh((what came before) Wᵀ + b) for layers 1 and 2, without tanh for layer 3. "
        "L = 1/N · the sum of all (A3 − Y)², and N is the number of rows.",
        """
        def forward_pass(X, Y, W1, b1, W2, b2, W3, b3):
            A1 = ...        # (B, out of layer 1)
            A2 = ...
            A3 = ...
            loss = np.sum(...) / ...
            return A1, A2, A3, loss
        """,
    ),
)

# --- 2. output_layer_gradients ------------------------------------------------------------------


def output_layer_gradients(A2, A3, Y):
    """Return dZ3, dW3 and db3 for the mean squared error of a straight last layer."""
    dZ3 = 2 * (A3 - Y) / len(Y)
    return dZ3, dZ3.T @ A2, dZ3.sum(axis=0)


def _output_blank(A2, A3, Y):
    """Return dZ3, dW3 and db3 for the mean squared error of a straight last layer."""
    dZ3 = ...  # (B, K)
    dW3 = ...  # (K, H)
    db3 = ...  # (K,)
    return dZ3, dW3, db3


def _output_case(X, Y, *network):
    _, A2, A3 = _layers(X, list(network))
    return A2, A3, Y


def _output_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for drawn in _all_drawn(rng):
        yield Case(_output_case(*drawn))


def _right_start(A3, Y):
    return 2 * (A3 - Y) / len(Y)


_WRONG_STARTS = (
    (
        "wrong sign",
        "With these slopes a step of descent would make the loss larger.",
        lambda A3, Y: 2 * (Y - A3) / len(Y),
    ),
    (
        "1/N forgotten",
        "Your slopes grow with the number of examples; the loss is a mean.",
        lambda A3, Y: 2 * (A3 - Y),
    ),
    (
        "2 forgotten",
        "These are the slopes of half the mean squared error, the loss of the chapter. Here the "
        "whole of it is the loss.",
        lambda A3, Y: (A3 - Y) / len(Y),
    ),
    (
        "mean over outputs too",
        "You divide by the number of all entries. The loss divides by the number of examples.",
        lambda A3, Y: 2 * (A3 - Y) / Y.size,
    ),
    (
        "five for N",
        "You divide by 5, the chapter's number of points. Here the number varies.",
        lambda A3, Y: 2 * (A3 - Y) / 5,
    ),
    (
        "the chapter's line",
        "You divide by 5 and leave out a 2, as the chapter does with its five points and half the "
        "mean. Here both differ.",
        lambda A3, Y: (A3 - Y) / 5,
    ),
)


def _wrong_starts(like):
    """Return the twins that begin the way back with another slope of the loss."""
    return tuple(Twin(name, message, like(start)) for name, message, start in _WRONG_STARTS)


def _wrong_ends(like, layer):
    """Return the twins that go wrong where the weights and biases of a layer get their slopes."""
    dW, db, b = f"dW{layer}", f"db{layer}", f"b{layer}"
    return (
        Twin(
            "extra 1/N",
            f"{dW} and {db} are divided by N once more. There is one mean, and its 1/N is in dZ3.",
            like(change=lambda dZ, dW, db: (dZ, dW / len(dZ), db / len(dZ))),
        ),
        Twin(
            "extra 1/N in the weights",
            f"{db} is right. {dW} is divided by N once more. There is one mean, and its 1/N is in "
            "dZ3.",
            like(change=lambda dZ, dW, db: (dZ, dW / len(dZ), db)),
        ),
        Twin(
            "bias averaged",
            f"{dW} is right. One bias serves all examples: what becomes of its slopes?",
            like(change=lambda dZ, dW, db: (dZ, dW, dZ.mean(axis=0))),
        ),
        Twin(
            "bias not summed",
            f"Your {db} has a row for each example. It belongs to {b}: look at the shape of that.",
            like(change=lambda dZ, dW, db: (dZ, dW, dZ)),
        ),
        Twin(
            "transposed",
            f"{dW} lies on its side: a gradient has the shape of what it belongs to.",
            like(change=lambda dZ, dW, db: (dZ, dW.T, db)),
        ),
    )


def _output_like(dZ3_of=_right_start, change=lambda *three: three):
    """Return an answer that is right but for its dZ3, or for what is made of the three."""

    def other(A2, A3, Y):
        dZ3 = dZ3_of(A3, Y)
        return change(dZ3, dZ3.T @ A2, dZ3.sum(axis=0))

    return other


OUTPUT = Exercise(
    name="output_layer_gradients",
    chapter=5,
    title="The output layer",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="A2 (B, H), A3 and Y (B, K) → (dZ3 (B, K), dW3 (K, H), db3 (K,))",
    reference=output_layer_gradients,
    starter=_output_blank,
    parts=("dZ3", "dW3", "db3"),
    cases=(
        Case(_output_case(*_SMALL), "One example and one neuron: a product of two numbers."),
        Case(_output_case(*_TWO), "Two examples: who adds them up, and who divides by two?"),
        Case(_output_case(*_WORKED), "The five points and the weights of the chapter, with tanh."),
        Case(_output_case(*_THREE_OUTPUTS), "Three outputs: one row of dW3 for each."),
    ),
    hidden=_output_hidden,
    twins=(
        *_wrong_starts(_output_like),
        *_wrong_ends(_output_like, layer=3),
        Twin(
            "1/N late",
            "dW3 and db3 are right. dZ3 has no 1/N yet: the loss is a mean from the start.",
            _output_like(change=lambda dZ, dW, db: (dZ * len(dZ), dW, db)),
        ),
        Twin(
            "bias over the outputs",
            "Your db3 adds the outputs of each example. A bias belongs to one output.",
            _output_like(change=lambda dZ, dW, db: (dZ, dW, dZ.sum(axis=1))),
        ),
        Twin(
            "one number for the bias",
            "Your db3 is one number for all outputs. Each has a bias of its own.",
            _output_like(change=lambda dZ, dW, db: (dZ, dW, dZ.sum())),
        ),
        Twin(
            "A3 for A2",
            "What did layer 3 multiply its weights with? Not with what it gave away itself.",
            lambda A2, A3, Y: (
                2 * (A3 - Y) / len(Y),
                (2 * (A3 - Y) / len(Y)).T @ A3,
                (2 * (A3 - Y) / len(Y)).sum(axis=0),
            ),
        ),
    ),
    hints=(
        "Nudge one guess: how does the mean squared error move? That is dZ3. The rest are two of "
        "the three rules for a layer.",
        "dZ3 is the slope of Σ(A3 − Y)²/N, entry by entry; dW3 adds dZ3 times what layer 3 was "
        "given, over the examples; db3 adds dZ3 over the examples.",
        """
        def output_layer_gradients(A2, A3, Y):
            dZ3 = ... / len(Y)
            dW3 = ... @ ...            # (K, B) @ (B, H)
            db3 = dZ3.sum(...)
            return dZ3, dW3, db3
        """,
    ),
)

# --- 3. second_layer_gradients ------------------------------------------------------------------


def second_layer_gradients(A1, A2, A3, Y, W3):
    """Return dZ2, dW2 and db2 for the mean squared error; layer 2 ends in a tanh."""
    dZ3 = 2 * (A3 - Y) / len(Y)
    dZ2 = dZ3 @ W3 * (1 - A2**2)
    return dZ2, dZ2.T @ A1, dZ2.sum(axis=0)


def _second_blank(A1, A2, A3, Y, W3):
    """Return dZ2, dW2 and db2 for the mean squared error; layer 2 ends in a tanh."""
    dZ2 = ...  # (B, H2); dZ3 comes before it
    dW2 = ...  # (H2, H1)
    db2 = ...  # (H2,)
    return dZ2, dW2, db2


def _second_case(X, Y, *network):
    A1, A2, A3 = _layers(X, list(network))
    return A1, A2, A3, Y, network[4]


def _second_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for drawn in _all_drawn(rng):
        yield Case(_second_case(*drawn))


def _second_like(
    dZ3_of=_right_start, back=np.matmul, through=lambda A: 1 - A**2, change=lambda *t: t
):
    """Return an answer that is right but for one of its stages."""

    def other(A1, A2, A3, Y, W3):
        dZ2 = back(dZ3_of(A3, Y), W3) * through(A2)
        return change(dZ2, dZ2.T @ A1, dZ2.sum(axis=0))

    return other


SECOND = Exercise(
    name="second_layer_gradients",
    chapter=5,
    title="The second layer",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="A1 (B, H1), A2 (B, H2), A3, Y (B, K), W3 (K, H2) → (dZ2, dW2 (H2, H1), db2 (H2,))",
    reference=second_layer_gradients,
    starter=_second_blank,
    parts=("dZ2", "dW2", "db2"),
    cases=(
        Case(_second_case(*_SMALL), "One example and one neuron a layer."),
        Case(_second_case(*_TWO), "Two examples: their slopes are added in dW2 and in db2."),
        Case(_second_case(*_WORKED), "The five points and the weights of the chapter, with tanh."),
        Case(
            _second_case(*_THREE_OUTPUTS),
            "Three outputs: each neuron of layer 2 is blamed by all of them.",
        ),
    ),
    hidden=_second_hidden,
    twins=(
        *_wrong_starts(_second_like),
        *_wrong_ends(_second_like, layer=2),
        Twin(
            "activation forgotten",
            "You hand back what A2 gets, as if layer 2 were straight. Before Z2 there is a tanh to "
            "go through.",
            _second_like(through=np.ones_like),
        ),
        Twin(
            "the worked example",
            "This is the step of the worked example: a straight layer 2, and half the mean.",
            _second_like(lambda A3, Y: (A3 - Y) / len(Y), through=np.ones_like),
        ),
        Twin(
            "slope at A2",
            "You take the slope of tanh at A2. A2 is what tanh gave, and not what it was given.",
            _second_like(through=lambda A: 1 - np.tanh(A) ** 2),
        ),
        Twin(
            "no square",
            "Your slope of tanh is 2 where tanh is −1, and there it is flat: a square is missing.",
            _second_like(through=lambda A: 1 - A),
        ),
        Twin(
            "ReLU",
            "You go back through a ReLU. Layer 2 ends in another activation.",
            _second_like(through=lambda A: A > 0),
        ),
        Twin(
            "sigmoid",
            "That is how a sigmoid is gone through. Layer 2 ends in another activation.",
            _second_like(through=lambda A: A * (1 - A)),
        ),
        Twin(
            "1/N on the way",
            "You divide the error by N once more on its way through W3. There is one mean.",
            _second_like(back=lambda dZ3, W3: dZ3 @ W3 / len(dZ3)),
        ),
        Twin(
            "weights skipped",
            "You hand dZ3 on as it is. On its way back the error meets the weights of layer 3.",
            _second_like(back=lambda dZ3, W3: dZ3 @ np.ones_like(W3)),
        ),
        Twin(
            "bias of layer 3",
            "Your db2 is made of dZ3. The biases of layer 2 have the slopes of Z2.",
            lambda A1, A2, A3, Y, W3: (
                *second_layer_gradients(A1, A2, A3, Y, W3)[:2],
                _right_start(A3, Y).sum(axis=0),
            ),
        ),
    ),
    hints=(
        "Begin where task 2 began. Then ask: by which number was each neuron of layer 2 "
        "multiplied on its way to each output? And how steep was its tanh?",
        "dZ3 as in task 2. What A2 is blamed for is the sum, over the outputs, of dZ3 times the "
        "weight in between. dZ2 is that times the slope of tanh at Z2, entry by entry, and "
        "tanh(Z2) is A2. Then the rules for a layer.",
        """
        def second_layer_gradients(A1, A2, A3, Y, W3):
            dZ3 = ...
            dA2 = ... @ ...            # (B, K) @ (K, H2)
            dZ2 = dA2 * ...            # entry by entry
            dW2 = ... @ ...            # (H2, B) @ (B, H1)
            db2 = ...
            return dZ2, dW2, db2
        """,
    ),
)


# --- 4. first_layer_gradients -------------------------------------------------------------------


def first_layer_gradients(X, Y, W1, b1, W2, b2, W3, b3):
    """Return dW1 and db1 for the mean squared error; nothing else is given."""
    A1 = np.tanh(X @ W1.T + b1)
    A2 = np.tanh(A1 @ W2.T + b2)
    dZ3 = 2 * (A2 @ W3.T + b3 - Y) / len(X)
    dZ2 = dZ3 @ W3 * (1 - A2**2)
    dZ1 = dZ2 @ W2 * (1 - A1**2)
    return dZ1.T @ X, dZ1.sum(axis=0)


def _first_blank(X, Y, W1, b1, W2, b2, W3, b3):
    """Return dW1 and db1 for the mean squared error; nothing else is given."""
    dW1 = ...  # of the shape of W1
    db1 = ...  # of the shape of b1
    return dW1, db1


def _first_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield from map(Case, _all_drawn(rng))


def _tanh_slope(A):
    return 1 - A**2


def _first_like(
    dZ3_of=_right_start,
    through_2=_tanh_slope,
    through_1=_tanh_slope,
    change=lambda *three: three,
    bend=np.tanh,
):
    """Return an answer that is right but for one of its stages."""

    def other(X, Y, W1, b1, W2, b2, W3, b3):
        A1 = bend(X @ W1.T + b1)
        A2 = bend(A1 @ W2.T + b2)
        dZ2 = dZ3_of(A2 @ W3.T + b3, Y) @ W3 * through_2(A2)
        dZ1 = dZ2 @ W2 * through_1(A1)
        return change(dZ1, dZ1.T @ X, dZ1.sum(axis=0))[1:]

    return other


FIRST = Exercise(
    name="first_layer_gradients",
    chapter=5,
    title="The first layer, from nothing",
    points=3,
    minutes=15,
    difficulty=2,
    shapes="X (B, D), Y (B, K), three pairs W (out, in) and b (out,) → (dW1, db1)",
    reference=first_layer_gradients,
    starter=_first_blank,
    parts=("dW1", "db1"),
    cases=(
        Case(_SMALL, "One example and one neuron a layer: the numbers can be followed by hand."),
        Case(_TWO, "Two examples."),
        Case(_WORKED, "The five points and the weights of the chapter, with tanh."),
        Case(_THREE_OUTPUTS, "Three outputs."),
    ),
    hidden=_first_hidden,
    twins=(
        *_wrong_starts(_first_like),
        *_wrong_ends(_first_like, layer=1),
        Twin(
            "1/N in every layer",
            "You divide by N in each layer on the way back. One 1/N travels with the error.",
            _first_like(change=lambda dZ, dW, db: (dZ, dW / len(dZ) ** 2, db / len(dZ) ** 2)),
        ),
        Twin(
            "straight there and back",
            "Your network is straight, as in the worked example. This one has bends.",
            _first_like(through_2=np.ones_like, through_1=np.ones_like, bend=_straight),
        ),
        Twin(
            "the worked example",
            "These are the slopes of the worked example: straight layers, and half the mean.",
            _first_like(
                lambda A3, Y: (A3 - Y) / len(Y),
                through_2=np.ones_like,
                through_1=np.ones_like,
                bend=_straight,
            ),
        ),
        Twin(
            "straight back",
            "There you go through tanh, back you do not: two layers let less through than you say.",
            _first_like(through_2=np.ones_like, through_1=np.ones_like),
        ),
        Twin(
            "activation of layer 1 forgotten",
            "The way back goes through two tanhs. You have left out the one of layer 1.",
            _first_like(through_1=np.ones_like),
        ),
        Twin(
            "activation of layer 2 forgotten",
            "The way back goes through two tanhs. You have left out the one of layer 2.",
            _first_like(through_2=np.ones_like),
        ),
        Twin(
            "ReLU",
            "Your network bends like a ReLU. The activation of this one is another.",
            _first_like(through_2=lambda A: A > 0, through_1=lambda A: A > 0, bend=_relu),
        ),
        Twin(
            "biases left out on the way there",
            "On the way there your network has no biases, so its errors are others.",
            lambda X, Y, W1, b1, W2, b2, W3, b3: first_layer_gradients(
                X, Y, W1, 0 * b1, W2, 0 * b2, W3, 0 * b3
            ),
        ),
        Twin(
            "last bias left out",
            "On the way there the last layer has no bias, so your errors are others.",
            lambda X, Y, W1, b1, W2, b2, W3, b3: first_layer_gradients(
                X, Y, W1, b1, W2, b2, W3, 0 * b3
            ),
        ),
    ),
    hints=(
        "There and back: what are the guesses, and what does each layer hand to the one before it?",
        "A3 as in task 1, dZ3 as in task 2, dZ2 as in task 3. Then once more the same: dZ1 is dZ2 "
        "on its way back through W2 and through the tanh of layer 1.",
        """
        def first_layer_gradients(X, Y, W1, b1, W2, b2, W3, b3):
            A1, A2, A3 = ...
            dZ3 = ...
            dZ2 = ...
            dZ1 = ...            # (B, out of layer 1)
            return ..., ...
        """,
    ),
)

# --- 5. Value -----------------------------------------------------------------------------------


class Value:
    """A number that remembers how it was computed."""

    def __init__(self, data, parents=(), slopes=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes

    def __add__(self, other):
        """Return ``self + other``."""
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        """Return ``self * other``."""
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other):
        """Return ``self / other``."""
        quotient = self.data / other.data
        return Value(quotient, (self, other), (1 / other.data, -quotient / other.data))

    def exp(self):
        """Return e to the power of ``self``."""
        power = float(np.exp(self.data))
        return Value(power, (self,), (power,))

    def backward(self):
        """Set the grad of every number that this value was computed from; start afresh."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, parents_are_listed = stack.pop()
            if parents_are_listed:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                node.grad = 0.0
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad


class _BlankValue:
    """A number that remembers how it was computed."""

    def __init__(self, data, parents=(), slopes=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes

    def __add__(self, other):
        """Return ``self + other``."""
        raise NotImplementedError  # your code here

    def __mul__(self, other):
        """Return ``self * other``."""
        raise NotImplementedError  # your code here

    def __truediv__(self, other):
        """Return ``self / other``."""
        raise NotImplementedError  # your code here

    def exp(self):
        """Return e to the power of ``self``."""
        raise NotImplementedError  # your code here

    def backward(self):
        """Set the grad of every number that this value was computed from; start afresh."""
        raise NotImplementedError  # your code here


def _use_value(Value, numbers, steps, ends):
    values = [Value(number) for number in numbers]
    operations = {"+": operator.add, "*": operator.mul, "/": operator.truediv}
    for sign, *places in steps:
        operands = [values[place] for place in places]
        values.append(operands[0].exp() if sign == "exp" else operations[sign](*operands))
    for end in ends:
        values[end].backward()
    return values[-1].data, [value.grad for value in values[: len(numbers)]]


def _sums(count):
    """Return the steps of a chain of sums; Python stops at a thousand nested calls."""
    return [("+", 0, 0), *(("+", place, 1) for place in range(2, count + 1))]


_TWICE_USED = [("+", 0, 1), ("*", 3, 2), ("*", 4, 3)]  # the sum, and what comes of it


def _value_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for count, length in ((1, 3), (2, 6), (3, 10), (4, 25)):
        steps = []
        for place in range(count, count + length):
            first, second = rng.integers(0, place, size=2).tolist()
            steps.append(("+*"[int(rng.integers(2))], first, second))
        steps.append(("+", count + length - 1, 0))
        yield Case((rng.uniform(-1.2, 1.2, size=count).round(2).tolist(), steps, [-1]))
    yield Case(([2.0, 3.0], [("*", 0, 1), ("*", 2, 0), ("+", 3, 2), ("*", 4, 4)], [-1]))
    for last in (("+", 5, 4), ("+", 4, 5)):
        numbers = rng.uniform(0.5, 1.5, size=3).round(2).tolist()
        yield Case((numbers, [*_TWICE_USED, last, ("exp", 6), ("/", 4, 7)], [-1]))
    numbers = rng.uniform(0.5, 1.5, size=2).round(2).tolist()
    yield Case((numbers, [("/", 0, 1), ("exp", 2), ("*", 3, 2)], [2, -1, -1]))
    yield Case(([1.0, 0.5], _sums(6000), [-1]))


def _value_like(
    backward=Value.backward,
    multiply=lambda one, other: (other.data, one.data),
    divide=lambda one, other: (1 / other.data, -one.data / other.data**2),
    power=lambda one: np.exp(one.data),
):
    """Return a class that is right but for one thing."""

    class Other(Value):
        def __add__(self, other):
            return Other(self.data + other.data, (self, other), (1.0, 1.0))

        def __mul__(self, other):
            return Other(self.data * other.data, (self, other), multiply(self, other))

        def __truediv__(self, other):
            return Other(self.data / other.data, (self, other), divide(self, other))

        def exp(self):
            return Other(float(np.exp(self.data)), (self,), (float(power(self)),))

    Other.backward = backward
    return Other


def _ordered(root: Any) -> list[Any]:
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_are_listed = stack.pop()
        if parents_are_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


def _ordered_by_recursion(root: Any) -> list[Any]:
    order: list[Any] = []
    seen = set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def _met(root: Any, take: int) -> list[Any]:
    """Return every value once, in the order in which a queue (0) or a stack (-1) meets them."""
    met, waiting, seen = [], deque([root]), {root}
    while waiting:
        node = waiting.popleft() if take == 0 else waiting.pop()
        met.append(node)
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return met[::-1]


def _all_to_zero(order: list[Any]) -> None:
    for node in order:
        node.grad = 0.0


def _but_leaves_to_zero(order: list[Any]) -> None:
    _all_to_zero([node for node in order if node.parents])


def _way_back(
    order_of=_ordered,
    start=1.0,
    add=lambda grad, slope, above: grad + slope * above,
    clear=_all_to_zero,
):
    """Return a `backward` that is right but for one thing."""

    def backward(self):
        order = order_of(self)
        clear(order)
        self.grad = start
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad = add(parent.grad, slope, node.grad)

    return backward


def _too_soon(take):
    """Return a `backward` that passes a slope on at every message, from a queue or a stack."""

    def backward(self):
        _all_to_zero(_ordered(self))
        self.grad, waiting = 1.0, deque([self])
        while waiting:
            node = waiting.popleft() if take == 0 else waiting.pop()
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad
                waiting.append(parent)

    return backward


VALUE = Exercise(
    name="Value",
    chapter=5,
    title="A number that knows its slopes",
    points=4,
    minutes=25,
    difficulty=3,
    shapes="data a number; +, *, / of two and exp() → a Value; backward() fills grad, a number",
    reference=Value,
    starter=_BlankValue,
    use=_use_value,
    parts=("data of the last value", "the list of grads"),
    cases=(
        Case(([2.0], [("+", 0, 0)], [-1]), "One number, added to itself: it is used twice."),
        Case(([2.0, 3.0], [("*", 0, 1)], [-1]), "A product: each gets the other as its slope."),
        Case(([3.0], [("*", 0, 0)], [-1]), "A square: the two parents are one and the same."),
        Case(([3.0, 2.0], [("*", 0, 0)], [-1]), "The same, and a number that is not used."),
        Case(([3.0, 2.0], [("/", 0, 1)], [-1]), "3 / 2: nudge the 3, then nudge the 2."),
        Case(([0.5], [("exp", 0)], [-1]), "How steep is eˣ?"),
        Case(
            ([2.0, -3.0], [("*", 0, 1), ("+", 2, 0)], [-1]),
            "L = a·b + a: the first number reaches the end on two paths.",
        ),
        Case(
            ([2.0, -1.0, 0.5], [*_TWICE_USED, ("+", 5, 4)], [-1]),
            "The sum is used twice, and so is what comes of it: who may pass its slope on first?",
        ),
        Case(
            ([2.0, -1.0, 0.5], [*_TWICE_USED, ("+", 4, 5)], [-1]),
            "The same, and the last sum is written the other way round.",
        ),
        Case(
            ([2.0, -3.0], [("*", 0, 1), ("+", 2, 0)], [2, -1, -1]),
            "backward is called three times, first on the product. Each call starts afresh.",
        ),
        Case(
            ([1.0, 0.5], _sums(1100), [-1]),
            "A chain of 1100 sums: does your way back reach its beginning?",
        ),
    ),
    hidden=_value_hidden,
    twins=(
        Twin(
            "= for +=",
            "A number that is used twice keeps only what arrives last.",
            _value_like(_way_back(add=lambda grad, slope, above: slope * above)),
        ),
        Twin(
            "added to the last call",
            "Your numbers still hold what an earlier call of backward left in them.",
            _value_like(_way_back(clear=_but_leaves_to_zero)),
        ),
        Twin(
            "nothing cleared",
            "What an earlier call of backward left behind is sent back once more by the next.",
            _value_like(_way_back(clear=lambda order: None)),
        ),
        Twin(
            "own factor",
            "In a product, each number gets itself as its slope. Nudge one: how far does the "
            "product move?",
            _value_like(multiply=lambda one, other: (one.data, other.data)),
        ),
        Twin(
            "product as sum",
            "Your product passes on what a sum would pass on.",
            _value_like(multiply=lambda one, other: (1.0, 1.0)),
        ),
        Twin(
            "divisor with the wrong sign",
            "A larger divisor makes a positive quotient smaller. Your slope says it grows.",
            _value_like(divide=lambda one, other: (1 / other.data, one.data / other.data**2)),
        ),
        Twin(
            "divisor not squared",
            "Nudge the divisor of 3 / 2: the quotient falls by less than you say.",
            _value_like(divide=lambda one, other: (1 / other.data, -one.data / other.data)),
        ),
        Twin(
            "quotient as product",
            "Your quotient passes on what a product would pass on.",
            _value_like(divide=lambda one, other: (other.data, one.data)),
        ),
        Twin(
            "slope of exp is its input",
            "Your eˣ passes x back. How steep is eˣ, compared with how large it is?",
            _value_like(power=lambda one: one.data),
        ),
        Twin(
            "slope of exp is 1",
            "Your eˣ passes on what arrives, unchanged.",
            _value_like(power=lambda one: 1.0),
        ),
        Twin(
            "one step only",
            "Your way back ends with the parents of the last value.",
            _value_like(_way_back(lambda root: [root], clear=lambda _: None)),
        ),
        Twin(
            "start forgotten",
            "All your slopes are 0. What is the slope of the last value for itself?",
            _value_like(_way_back(start=0.0)),
        ),
        Twin(
            "slopes added",
            "Along a path, what arrives and the local slope are not added.",
            _value_like(_way_back(add=lambda grad, slope, above: grad + slope + above)),
        ),
        Twin(
            "too soon",
            "A value that is used twice passes its slope on at the first message, and all of it "
            "again at the second. When is a slope complete?",
            _value_like(_too_soon(-1)),
        ),
        Twin(
            "too soon, in a queue",
            "Each message that reaches a value makes it pass on all that it has, also what it has "
            "passed on before. When is a slope complete?",
            _value_like(_too_soon(0)),
        ),
        Twin(
            "as they are met",
            "You visit the values in the order in which you meet them. Some pass their slope on "
            "before all who used them have reported.",
            _value_like(_way_back(lambda root: _met(root, 0))),
        ),
        Twin(
            "as a stack gives them",
            "You visit a value as soon as your stack gives it out. Have all who used it reported "
            "by then?",
            _value_like(_way_back(lambda root: _met(root, -1))),
        ),
        Twin(
            "recursion",
            "Everything is right until the chain is long: Python does not call itself that deep.",
            _value_like(_way_back(_ordered_by_recursion)),
        ),
    ),
    hints=(
        "Each operation makes a Value that knows its parents and one slope for each. On the way "
        "back, when has a value heard from everybody who used it? And what may still be there from "
        "the last call?",
        "x / y has the slope 1/y for x and −x/y² for y; eˣ is its own slope. For the way back, "
        "order all values so that parents stand before their children, without recursion. Set "
        "every slope to 0 and the last to 1; walk the order backwards; each parent's grad grows by "
        "local slope times the grad of the child.",
        """
        def __truediv__(self, other):
            return Value(..., (self, other), (..., ...))

        def backward(self):
            order = ...            # parents before children, self last
            for node in order:
                ...                # start afresh
            self.grad = ...
            for node in ...:
                for parent, slope in ...:
                    ...
        """,
    ),
    equivalent={
        "() -> ()": "the same",
        "(1.0, 1.0) -> (1.0, 1.0)": "the same",
        "(self, other) -> (other, self)": "in a sum both parents have the slope 1",
        "True -> False": "there is one slope for each parent, so strict or not",
        "(self,) -> (self,)": "the same",
        "(power,) -> (power,)": "the same",
        "float(np.exp(self.data)) -> np.exp(self.data)": "a number is a number",
    },
)

# --- 6. topological_order -----------------------------------------------------------------------


def topological_order(parents):
    """Return all nodes, each after its parents; an empty list when there is no such order."""
    missing = [len(above) for above in parents]
    children = [[] for _ in parents]
    for node, above in enumerate(parents):
        for parent in above:
            children[parent].append(node)
    order = [node for node, count in enumerate(missing) if count == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    return order if len(order) == len(parents) else []


def _is_ordered(answer, parents):
    if any(node != int(node) for node in answer):
        return "the numbers of nodes are whole numbers"
    order = [int(node) for node in answer]  # an answer may come as floats, or as an array
    if strangers := [node for node in order if not 0 <= node < len(parents)]:
        return f"node {strangers[0]:.6g} is not in the graph"
    if twice := [node for node, times in Counter(order).items() if times > 1]:
        return f"node {twice[0]} is listed more than once"
    place = {node: position for position, node in enumerate(order)}
    for node in order:
        for parent in parents[node]:
            if place[parent] > place[node]:
                return f"node {node} stands before node {parent}, which it was computed from"
    return ""


def _order_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for count in (2, 5, 12, 40):
        parents = [
            sorted(rng.integers(0, node, size=int(rng.integers(0, 3))).tolist()) if node else []
            for node in range(count)
        ]
        names = rng.permutation(count).tolist()
        renamed: list[list[int]] = [[] for _ in range(count)]
        for node, above in enumerate(parents):
            renamed[names[node]] = [names[parent] for parent in above]
        yield Case((renamed,))
    yield Case(([[], [0], [1, 0], [2, 2]],))
    yield Case(([[], [0, 4], [1], [2], [3], []],))
    yield Case(([[0]],))


def _ends_where_it_should_begin(answer, parents):
    return _is_ordered(np.asarray(answer)[::-1], parents) == ""


def _who_uses(parents):
    children = [[] for _ in parents]
    for node, above in enumerate(parents):
        for parent in above:
            children[parent].append(node)
    return children


def _first_met(parents):
    """List a node as soon as one of its parents is listed."""
    order = [node for node, above in enumerate(parents) if not above]
    children = _who_uses(parents)
    for node in order:
        order.extend(child for child in dict.fromkeys(children[node]) if child not in order)
    return order


def _once_for_each_parent(parents):
    order = [node for node, above in enumerate(parents) if not above]
    children = _who_uses(parents)
    for node in order[:10_000]:
        order.extend(children[node])
    return order


def _without_looking(parents):
    """Return the parents of each node, then the node, though some are listed already."""
    order: list[int] = []
    for root in range(len(parents)):
        stack = [(root, False)]
        while stack and len(order) < 10_000:
            node, parents_are_listed = stack.pop()
            if parents_are_listed:
                order.append(node)
            else:
                stack.append((node, True))
                stack.extend((parent, False) for parent in reversed(parents[node]))
            if len(stack) > 10_000:
                break
    return order


def _circle_not_noticed(parents):
    missing, children = [len(above) for above in parents], _who_uses(parents)
    order = [node for node, count in enumerate(missing) if count == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    return order


def _listed_in_circles(parents):
    """Return what the stack of the chapter lists, from each node in turn."""
    order: list[int] = []
    seen: set[int] = set()
    for root in range(len(parents)):
        stack = [(root, False)]
        while stack:
            node, parents_are_listed = stack.pop()
            if parents_are_listed:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent in parents[node])
    return order


def _twice_waits_for_ever(parents):
    missing = [len(above) for above in parents]
    children = [sorted(set(nodes)) for nodes in _who_uses(parents)]
    order = [node for node, count in enumerate(missing) if count == 0]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if missing[child] == 0:
                order.append(child)
    return order if len(order) == len(parents) else []


def _recursive_order(parents):
    order: list[int] = []
    state = [0] * len(parents)  # 1: on the way to it, 2: listed

    def visit(node):
        if state[node] == 1:
            return False
        if state[node] == 0:
            state[node] = 1
            if not all(visit(parent) for parent in parents[node]):
                return False
            state[node] = 2
            order.append(node)
        return True

    return order if all(visit(node) for node in range(len(parents))) else []


_CHAIN = [*([node] for node in range(1, 1100)), []]

ORDER = Exercise(
    name="topological_order",
    chapter=5,
    title="A topological order",
    points=3,
    minutes=15,
    difficulty=3,
    shapes="parents, a list of lists of node numbers → a list of node numbers",
    reference=topological_order,
    holds=_is_ordered,
    cases=(
        Case(([[]],), "One node, computed from nothing."),
        Case(([[1], []],), "Node 0 was computed from node 1."),
        Case(([[], [0, 0]],), "Node 1 was computed from node 0 twice, as a square is."),
        Case(([[1], [0]],), "Nodes 0 and 1 wait for each other: a circle, and no order."),
        Case(([[], [0], [1, 0]],), "Node 2 needs node 0 twice over: directly and through node 1."),
        Case(([[], [], [1, 1, 0]],), "Node 2 needs node 1 twice, and node 0 once."),
        Case(([[], [], [0, 0, 1]],), "The same with the two exchanged."),
        Case(
            ([[], [0, 3], [0], [2]],), "Node 1 needs 0 and 3; node 3 needs 2, and node 2 needs 0."
        ),
        Case(([[], [0, 3], [1], [2], [0]],), "Nodes 1, 2 and 3 go round; 0 and 4 do not."),
        Case((_CHAIN,), "A chain of 1100 nodes, the last of them first."),
    ),
    hidden=_order_hidden,
    twins=(
        Twin(
            "children first",
            "A good order, read from the wrong end: a node comes after what it was computed from.",
            lambda parents: topological_order(parents)[::-1],
            _ends_where_it_should_begin,
        ),
        Twin(
            "by number",
            "You list the nodes by their numbers. The numbers say nothing about who needs whom.",
            lambda parents: list(range(len(parents))),
        ),
        Twin(
            "as they are met",
            "You list a node when the first of its parents is listed. It has to wait for the last.",
            _first_met,
        ),
        Twin(
            "listed for each parent",
            "A node with two parents stands in your list twice: once after each.",
            _once_for_each_parent,
        ),
        Twin(
            "listed for each use",
            "A node that is used twice stands in your list twice.",
            _without_looking,
        ),
        Twin(
            "rest of a circle",
            "Where nodes go round in a circle you list the others. There is no order then.",
            _circle_not_noticed,
        ),
        Twin(
            "circle not noticed",
            "You list the nodes of a circle too, and one of them stands before its parent.",
            _listed_in_circles,
        ),
        Twin(
            "twice waits for ever",
            "A node that uses one parent twice is told once that the parent is listed, and waits "
            "for ever.",
            _twice_waits_for_ever,
        ),
        Twin(
            "recursion",
            "Everything is right until the chain is long: Python does not call itself that deep.",
            _recursive_order,
        ),
    ),
    hints=(
        "Which nodes may be listed at once? And when they are listed, which others?",
        "Count for each node how many parents are not listed yet. List the nodes with none; each "
        "node that is listed lowers the counts of its children, and a count that reaches 0 frees a "
        "child. Nodes that are never freed wait for each other.",
        """
        def topological_order(parents):
            missing = ...            # for each node, how many parents are not listed
            children = ...           # for each node, who was computed from it
            order = ...              # those that wait for nobody
            for node in ...:         # the list grows while you walk it
                for child in ...:
                    ...
            return ...
        """,
    ),
)

# --- 7. gradient_check --------------------------------------------------------------------------


def gradient_check(f, x, gradient, h):
    """Return the slopes of f at x by nudges to both sides, and the largest gap to the gradient."""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[place] = h
        slopes[place] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return slopes, np.max(np.abs(slopes - gradient))


_FUNCTIONS = {
    "sum of squares": lambda x: float(np.sum(x**2)),
    "sum of cubes": lambda x: float(np.sum(x**3)),
    "product of the sum and the first": lambda x: float(np.sum(x) * x.flat[0]),
    "sum of sines": lambda x: float(np.sum(np.sin(3 * x))),
    "sum of exponentials": lambda x: float(np.sum(np.exp(x))),
}


def _use_check(gradient_check, function, x, gradient, h):
    f = _FUNCTIONS[function]
    return gradient_check(f, x, gradient, h)


def _check_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for function, shape in zip(_FUNCTIONS, [(1,), (4,), (2, 3), (2, 2, 2), (3, 1)], strict=True):
        x, gradient = rng.normal(size=(2, *shape)).round(2)
        yield Case((function, x, gradient, 1e-4))
    yield Case(("sum of cubes", rng.normal(size=3).round(2), np.zeros(3), 0.1))


def _check_like(slope, gap=lambda slopes, gradient: np.max(np.abs(slopes - gradient))):
    """Return an answer that differs in what it makes of f, x, a nudge and h."""

    def other(f, x, gradient, h):
        nudges = h * np.eye(x.size).reshape(x.size, *x.shape)
        slopes = np.array([slope(f, x, nudge, h) for nudge in nudges]).reshape(x.shape)
        return slopes, gap(slopes, gradient)

    return other


def _both_sides(f, x, nudge, h):
    return (f(x + nudge) - f(x - nudge)) / (2 * h)


def _all_at_once(f, x, gradient, h):
    slopes = np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))
    return slopes, np.max(np.abs(slopes - gradient))


def _not_put_back(f, x, gradient, h):
    moved, slopes = x.copy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved[place] += h
        above = f(moved)
        moved[place] -= 2 * h
        slopes[place] = (above - f(moved)) / (2 * h)
    return slopes, np.max(np.abs(slopes - gradient))


CHECK = Exercise(
    name="gradient_check",
    chapter=5,
    title="A gradient check",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="f: array → number, x and gradient of one shape, h a number → (slopes, largest gap)",
    reference=gradient_check,
    use=_use_check,
    tolerance=1e-7,
    parts=("the slopes", "the largest gap"),
    cases=(
        Case(
            ("sum of cubes", np.array([1.0]), np.array([3.0]), 0.1),
            "One number and a coarse nudge: f(x) = x³ at 1. Both sides are seen in the answer.",
        ),
        Case(
            ("sum of cubes", np.array([1.0, -2.0]), np.array([3.0, 13.0]), 0.1),
            "Two numbers: each is nudged alone.",
        ),
        Case(
            ("product of the sum and the first", np.array([1.0, 2.0, 3.0]), np.ones(3), 0.01),
            "The first number has a hand in everything.",
        ),
        Case(
            ("sum of squares", np.array([[1.0, -2.0], [0.5, 3.0]]), np.zeros((2, 2)), 0.001),
            "A matrix: the slopes have its shape.",
        ),
        Case(
            ("sum of cubes", np.array([2.0, -1.0, 0.5]), np.array([-12.0, 3.0, 0.75]), 0.2),
            "The gradient to be checked is wrong, and not where its slope is largest.",
        ),
    ),
    hidden=_check_hidden,
    twins=(
        Twin(
            "one side",
            "You nudge to one side. With a coarse nudge that is far off.",
            _check_like(lambda f, x, nudge, h: (f(x + nudge) - f(x)) / h),
        ),
        Twin(
            "divided by h",
            "Your slopes are twice too large: how far apart are the two points?",
            _check_like(lambda f, x, nudge, h: (f(x + nudge) - f(x - nudge)) / h),
        ),
        Twin(
            "not divided",
            "These are changes of f. A slope is a change divided by something.",
            _check_like(lambda f, x, nudge, h: f(x + nudge) - f(x - nudge)),
        ),
        Twin(
            "wrong way round",
            "Your slopes have the wrong sign: which of the two values of f comes first?",
            _check_like(lambda f, x, nudge, h: (f(x - nudge) - f(x + nudge)) / (2 * h)),
        ),
        Twin(
            "all at once",
            "You nudge all entries together, and they all get the same slope.",
            _all_at_once,
        ),
        Twin(
            "not put back",
            "The entries that you have nudged stay where the nudge left them.",
            _not_put_back,
        ),
        Twin(
            "no size",
            "Your slopes are right. A gap to below counts as well as one to above.",
            _check_like(_both_sides, lambda slopes, gradient: np.max(slopes - gradient)),
        ),
        Twin(
            "length of all gaps",
            "Your slopes are right. You add the gaps of all entries up; the largest is asked for.",
            _check_like(_both_sides, lambda slopes, gradient: np.linalg.norm(slopes - gradient)),
        ),
        Twin(
            "relative gap",
            "Your slopes are right. You divide the gap by the size of the slopes; it is asked for "
            "as it is.",
            _check_like(
                _both_sides,
                lambda slopes, gradient: np.max(
                    np.abs(slopes - gradient)
                    / np.maximum(np.maximum(np.abs(slopes), np.abs(gradient)), 1e-8)
                ),
            ),
        ),
        Twin(
            "place of the gap",
            "Your slopes are right. You say where the largest gap is, and not how large.",
            _check_like(_both_sides, lambda slopes, gradient: np.argmax(np.abs(slopes - gradient))),
        ),
        Twin(
            "verdict",
            "Your slopes are right. You say whether the gradient is right; say how far off it is.",
            _check_like(_both_sides, lambda slopes, gradient: np.allclose(slopes, gradient)),
        ),
        Twin(
            "mean gap",
            "Your slopes are right. One wrong entry among many right ones hides in your gap.",
            _check_like(_both_sides, lambda slopes, gradient: np.mean(np.abs(slopes - gradient))),
        ),
    ),
    hints=(
        "How do you find the slope of one entry, and who must stand still meanwhile?",
        "(f(x + nudge) − f(x − nudge)) / 2h, with a nudge that is h at one place and 0 elsewhere. "
        "The gap is the largest size of slope − gradient.",
        """
        def gradient_check(f, x, gradient, h):
            slopes = ...
            for place in ...:            # every index of x
                nudge = ...
                slopes[place] = ...
            return slopes, ...
        """,
    ),
)

EXERCISES = (FORWARD, OUTPUT, SECOND, FIRST, VALUE, ORDER, CHECK)
