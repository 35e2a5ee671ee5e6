"""The tasks of chapter 2: a layer, counting, collapse, XOR, forward, the tent, pieces."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nnbook.datasets import separable
from nnbook.exercises import Case, Exercise, Twin

# --- 1. batched_layer ---------------------------------------------------------------------------


def batched_layer(X, W, b):
    """Return the activations of a layer of ReLUs for every row of X."""
    return np.maximum(0, X @ W.T + b)


def _layer_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, inputs, neurons in (
        (1, 1, 1),
        (1, 4, 2),
        (7, 1, 3),
        (5, 5, 5),
        (3, 6, 3),
        (40, 8, 9),
    ):
        shapes = ((rows, inputs), (neurons, inputs), (neurons,))
        yield Case(tuple(rng.normal(size=shape).round(2) for shape in shapes))
    yield Case((np.array([[1, -2], [0, 3]]), np.array([[1, 1], [2, -1]]), np.array([0, 1])))


LAYER = Exercise(
    name="batched_layer",
    chapter=2,
    title="A layer for a whole batch",
    points=2,
    minutes=6,
    difficulty=1,
    shapes="X (B, n), W (m, n), b (m,) → (B, m)",
    reference=batched_layer,
    one_for_all="You return one number; there should be one for each row and each neuron.",
    cases=(
        Case(
            (np.array([[2.0, 1.0]]), np.array([[1.0, -1.0]]), np.array([0.5])),
            "One example and one neuron: a weighted sum, a bias, a ReLU.",
        ),
        Case(
            (np.array([[1.0, 2.0]]), np.array([[1.0, -1.0], [3.0, 1.0]]), np.array([0.5, -1.0])),
            "One example, two neurons with two inputs. Which row of W belongs to which neuron?",
        ),
        Case(
            (
                np.array([[1.0, 2.0], [0.0, -1.0]]),
                np.array([[1.0, 2.0], [-1.0, 1.0]]),
                np.array([1.0, -2.0]),
            ),
            "Two examples and two neurons: each neuron has its own bias, the same for both.",
        ),
        Case(
            (
                np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]),
                np.array([[1.0, 1.0, 0.5], [2.0, -1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, -2.0]]),
                np.array([0.0, 1.0, -1.0, 0.5]),
            ),
            "Two examples, three inputs, four neurons: the answer has two rows of four.",
        ),
    ),
    hidden=_layer_hidden,
    twins=(
        Twin(
            "W not transposed",
            "W has one neuron a row. In your product each column of it is taken for a neuron.",
            lambda X, W, b: np.maximum(0, X @ W + b),
        ),
        Twin(
            "no activation",
            "These are the pre-activations. One stage of the layer is still to come.",
            lambda X, W, b: X @ W.T + b,
        ),
        Twin(
            "bias forgotten",
            "An input of zeros always gives zeros in your layer, whatever b is.",
            lambda X, W, b: np.maximum(0, X @ W.T),
        ),
        Twin(
            "bias after the activation",
            "Two of the three stages of the layer have changed places.",
            lambda X, W, b: np.maximum(0, X @ W.T) + b,
        ),
        Twin(
            "bias as a column",
            "The first bias goes to the first example here. It belongs to the first neuron.",
            lambda X, W, b: np.maximum(0, X @ W.T + b[:, None]),
        ),
        Twin(
            "examples in columns",
            "The numbers are right, but lie on their side: an example should be a row.",
            lambda X, W, b: batched_layer(X, W, b).T,
        ),
        Twin(
            "one ReLU for all",
            "You keep the largest sum alone. A ReLU looks at one number at a time.",
            lambda X, W, b: np.max(X @ W.T + b, axis=1, initial=0),
        ),
        Twin(
            "max for np.maximum",
            "max compares two single numbers. The ReLU of an array goes entry by entry.",
            lambda X, W, b: max(0, X @ W.T + b),
        ),
        Twin(
            "size for ReLU",
            "Negative sums lose their sign in your layer. A ReLU does something else to them.",
            lambda X, W, b: np.abs(X @ W.T + b),
        ),
    ),
    hints=(
        "Write down the three shapes, and what the shape of the answer is. Which axis of X meets "
        "which axis of W?",
        "A = max(0, X Wᵀ + b), with shapes (B, n) · (n, m) + (m) → (B, m).",
        """
        def batched_layer(X, W, b):
            Z = ...            # (B, m)
            return np.maximum(..., ...)
        """,
    ),
)

# --- 2. count_parameters ------------------------------------------------------------------------


def count_parameters(sizes):
    """Return the number of weights and the number of biases of a fully connected network."""
    inputs, neurons = sizes[:-1], sizes[1:]
    return sum(n * m for n, m in zip(inputs, neurons, strict=True)), sum(neurons)


def _count_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for length in (2, 3, 4, 5, 8):
        yield Case(([int(size) for size in rng.integers(1, 30, size=length)],))
    yield Case(([784, 256, 128, 10],))
    yield Case(([1, 1],))


COUNT = Exercise(
    name="count_parameters",
    chapter=2,
    title="Count the parameters",
    points=1,
    minutes=6,
    difficulty=1,
    shapes="sizes a list of L + 1 whole numbers, the input's first → (weights, biases)",
    reference=count_parameters,
    parts=("weights", "biases"),
    cases=(
        Case(([2, 3],), "No hidden layer: two inputs and three neurons."),
        Case(([2, 3, 1],), "One hidden layer. Draw it, and count the lines."),
        Case(([5, 1, 4],), "A bottleneck: all goes through one neuron."),
        Case(([4, 3, 3, 2],), "Two hidden layers of the same size."),
    ),
    hidden=_count_hidden,
    twins=(
        Twin(
            "inputs with biases",
            "You give the inputs biases. They compute nothing.",
            lambda sizes: (count_parameters(sizes)[0], sum(sizes)),
        ),
        Twin(
            "one bias a layer",
            "A layer of yours shares one bias. How many does a neuron have?",
            lambda sizes: (count_parameters(sizes)[0], len(sizes) - 1),
        ),
        Twin(
            "hidden biases only",
            "Neurons of the output layer have biases too.",
            lambda sizes: (count_parameters(sizes)[0], sum(sizes[1:-1])),
        ),
        Twin(
            "sizes multiplied",
            "You multiply all sizes with each other. A weight joins two neighbouring layers only.",
            lambda sizes: (int(np.prod(sizes)), sum(sizes[1:])),
        ),
        Twin(
            "last layer forgotten",
            "The output layer is made of neurons too.",
            lambda sizes: count_parameters(sizes[:-1]),
        ),
        Twin(
            "everything joined",
            "You join every node with all later ones. Here a layer sees only the one before it.",
            lambda sizes: (
                sum(size * sum(sizes[:place]) for place, size in enumerate(sizes)),
                sum(sizes[1:]),
            ),
        ),
        Twin(
            "one sum",
            "The task asks for the weights and the biases apart.",
            lambda sizes: sum(count_parameters(sizes)),
        ),
        Twin(
            "exchanged",
            "The two numbers are right, but in the other order.",
            lambda sizes: count_parameters(sizes)[::-1],
        ),
        Twin(
            "biases counted as weights",
            "Your first number holds the biases as well.",
            lambda sizes: (sum(count_parameters(sizes)), sum(sizes[1:])),
        ),
    ),
    hints=(
        "What has a layer with n inputs and m neurons? Then add up over the layers.",
        "weights = Σ (size of the layer before · size of the layer); biases = Σ sizes without the "
        "input's.",
        """
        def count_parameters(sizes):
            weights, biases = 0, 0
            for n, m in zip(..., ...):
                weights += ...
                biases += ...
            return weights, biases
        """,
    ),
    equivalent={"True -> False": "both lists have one entry a layer"},
)

# --- 3. collapse --------------------------------------------------------------------------------


def collapse(weights, biases):
    """Return the one W and b that do what a stack of layers without activations does."""
    W, b = weights[0], biases[0]
    for W_next, b_next in zip(weights[1:], biases[1:], strict=True):
        W, b = W_next @ W, W_next @ b + b_next
    return W, b


def _stack(rng: np.random.Generator, *sizes: int) -> Case:
    shapes = [(m, n) for n, m in pairwise(sizes)]
    weights = [rng.normal(size=shape).round(1) for shape in shapes]
    return Case((weights, [rng.normal(size=m).round(1) for m, _ in shapes]))


def _collapse_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for sizes in ((3, 2), (1, 1, 1, 1), (2, 2, 2, 2), (4, 1, 3), (5, 4, 3, 2, 1), (1, 6, 1)):
        yield _stack(rng, *sizes)


def _running(weights, biases, step):
    """Collapse a stack with one way or another to carry the bias on."""
    W, b = weights[0], biases[0]
    for W_next, b_next in zip(weights[1:], biases[1:], strict=True):
        W, b = W_next @ W, step(W_next, b, b_next)
    return W, b


def _from_the_left(weights, biases):
    W, b = weights[0], biases[0]
    for W_next, b_next in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ W_next, W_next @ b + b_next
    return W, b


def _new_weights(weights, biases):
    W, b = weights[0], biases[0]
    for W_next, b_next in zip(weights[1:], biases[1:], strict=True):
        W = W_next @ W
        b = W @ b + b_next
    return W, b


def _weight_before(weights, biases):
    return collapse(weights, biases)[0], sum(W @ b for W, b in zip(weights, biases, strict=True))


COLLAPSE = Exercise(
    name="collapse",
    chapter=2,
    title="Collapse a linear stack",
    points=2,
    minutes=12,
    difficulty=2,
    shapes="weights: L arrays (m, n), biases: L arrays (m,) → W (m_L, n_1), b (m_L,)",
    reference=collapse,
    parts=("W", "b"),
    cases=(
        Case(([np.array([[3.0]])], [np.array([2.0])]), "One layer: there is nothing to collapse."),
        Case(
            ([np.array([[2.0]]), np.array([[5.0]])], [np.array([3.0]), np.array([1.0])]),
            "Two nodes in a row. Send 0 through both: that is the bias. Send 1: that helps to "
            "find the weight.",
        ),
        Case(
            (
                [np.array([[2.0]]), np.array([[3.0]]), np.array([[4.0]])],
                [np.array([1.0]), np.array([2.0]), np.array([3.0])],
            ),
            "Three nodes in a row: which weights does the first bias still run through?",
        ),
        Case(
            (
                [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 1.0], [3.0, 1.0]])],
                [np.array([1.0, -1.0]), np.array([0.0, 2.0])],
            ),
            "Square matrices: in which order do they stand in the product?",
        ),
        Case(
            (
                [np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]]), np.array([[1.0, -1.0, 2.0]])],
                [np.array([1.0, 0.0, 0.5]), np.array([-1.0])],
            ),
            "Two inputs, three neurons, one output: W has one row of two.",
        ),
    ),
    hidden=_collapse_hidden,
    twins=(
        Twin(
            "biases added",
            "You add the biases. Send an input of 0 through two layers: what happens to the "
            "first bias on its way?",
            lambda weights, biases: _running(weights, biases, lambda W, b, c: b + c),
        ),
        Twin(
            "last bias alone",
            "W is right. Of the biases, only the last one is left in your answer.",
            lambda weights, biases: _running(weights, biases, lambda W, b, c: c),
        ),
        Twin(
            "product in the other order",
            "Your product has the first layer on the left. Which matrix meets the input first?",
            _from_the_left,
        ),
        Twin(
            "bias through all weights",
            "Your bias runs through weights that stand before it, too.",
            _new_weights,
        ),
        Twin(
            "weight of its own layer",
            "You multiply each bias with the weights of its own layer. It is added after these.",
            _weight_before,
        ),
        Twin(
            "new bias multiplied as well",
            "Each new bias runs through its own layer here. It is added after that.",
            lambda weights, biases: _running(weights, biases, lambda W, b, c: W @ (b + c)),
        ),
        Twin(
            "entry by entry",
            "You multiply the matrices entry by entry, with *.",
            lambda weights, biases: (
                np.prod(np.stack(weights), axis=0),
                collapse(weights, biases)[1],
            ),
        ),
        Twin(
            "first two layers",
            "After two layers you stop. There may be one, two or many.",
            lambda weights, biases: collapse(weights[:2], biases[:2]),
        ),
        Twin(
            "bias as a column",
            "The numbers are right, but b stands in a column.",
            lambda weights, biases: (
                collapse(weights, biases)[0],
                collapse(weights, biases)[1][:, None],
            ),
        ),
    ),
    hints=(
        "Collapse the first two layers into one. Then this one and the third are two layers.",
        "W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂): both parts, again and again.",
        """
        def collapse(weights, biases):
            W, b = ..., ...                # the first layer
            for V, c in zip(weights[1:], biases[1:]):
                W, b = ..., ...            # with the next one in front
            return W, b
        """,
    ),
    equivalent={"True -> False": "there are as many biases as weights"},
)

# --- 4. xor_weights -----------------------------------------------------------------------------


def xor_weights(off, on):
    """Return W1, b1, w2, b2 of a 2-2-1 step network that computes XOR of inputs off and on."""
    one_on = 1.5 * off + 0.5 * on
    both_on = 0.5 * off + 1.5 * on
    W1, b1 = np.ones((2, 2)), np.array([-one_on, -both_on])
    return W1, b1, np.array([1.0, -1.0]), -0.5


_ROUNDING = 1e-9  # a sum that should be 0 may come out a little below it


def _corners(off, on):
    return np.array([[off, off], [off, on], [on, off], [on, on]], dtype=float)


def _hidden_of(answer, off, on):
    W1, b1, *_ = answer
    return (_corners(off, on) @ np.asarray(W1).T + b1 >= -_ROUNDING).astype(int)


def _outputs_of(answer, off, on):
    *_, w2, b2 = answer
    return (_hidden_of(answer, off, on) @ np.asarray(w2) + b2 >= -_ROUNDING).astype(int)


_XOR = np.array([0, 1, 1, 0])


def _is_xor(answer, off, on):
    outputs = _outputs_of(answer, off, on)
    wrong = np.flatnonzero(outputs != _XOR)
    if not len(wrong):
        return ""
    x, answered, wanted = _corners(off, on)[wrong[0]], outputs[wrong[0]], _XOR[wrong[0]]
    return f"for the input ({x[0]:g}, {x[1]:g}) the network answers {answered}; wanted {wanted}"


def _is_coded_for_bits(answer, off, on):
    return np.array_equal(_outputs_of(answer, 0, 1), _XOR)


def _is_cut_without_off(answer, off, on):
    # Nothing is known of an `on` below 0: with 0 for off, the two change their roles.
    return on <= 0 or np.array_equal(_outputs_of(answer, 0, on), _XOR)


def _is_cut_at_the_mirrored_places(answer, off, on):
    W1, b1, *output = answer
    return np.array_equal(_outputs_of((W1, -np.asarray(b1), *output), off, on), _XOR)


def _is_opposite(answer, off, on):
    return np.array_equal(_outputs_of(answer, off, on), 1 - _XOR)


def _has_equal_neurons(answer, off, on):
    first, second = _hidden_of(answer, off, on).T
    return np.array_equal(first, second)


def _has_constant_neuron(answer, off, on):
    return bool(np.any(np.ptp(_hidden_of(answer, off, on), axis=0) == 0))


def _has_good_hidden_layer(answer, off, on):
    return separable(_hidden_of(answer, off, on), _XOR)


def _moves_nothing(answer, off, on):
    return len(np.unique(_hidden_of(answer, off, on), axis=0)) == 4


def _merges_classes(answer, off, on):
    hidden = _hidden_of(answer, off, on)
    return any(np.array_equal(zero, one) for zero in hidden[_XOR == 0] for one in hidden[_XOR == 1])


def _cut_with_the_wrong_sign(off, on):
    W1, b1, w2, b2 = xor_weights(off, on)
    return W1, -b1, w2, b2


def _layer_of(first, second, w2, b2):
    """Make an answer with a hidden layer that is given by two neurons on inputs 0 and 1."""

    def answer(off, on):
        W = np.array([first[:2], second[:2]], dtype=float)
        b = np.array([first[2], second[2]]) * (on - off) - W.sum(axis=1) * off
        return W, b, np.array(w2, dtype=float), float(b2)

    return answer


def _xor_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield from (Case((-1, 1)), Case((0.0, 0.25)), Case((100.0, 101.0)), Case((-7.0, -3.0)))
    yield Case((-0.45, 2.0))
    for _ in range(4):
        off = round(rng.normal(), 2)
        yield Case((off, off + round(rng.uniform(0.5, 5), 2)))


XOR = Exercise(
    name="xor_weights",
    chapter=2,
    title="XOR by hand-set weights",
    points=3,
    minutes=15,
    difficulty=2,
    shapes="off < on, two numbers → W1 (2, 2), b1 (2,), w2 (2,), b2 a number",
    reference=xor_weights,
    holds=_is_xor,
    parts=("W1", "b1", "w2", "b2"),
    cases=(
        Case((0.0, 1.0), "The inputs are 0 and 1, as in the chapter."),
        Case((-1.0, 1.0), "The inputs are −1 and 1: where are the sums that have to be parted?"),
        Case((2.0, 5.0), "The inputs are 2 and 5."),
        Case((-3.0, -1.0), "The inputs are −3 and −1: all sums are negative."),
    ),
    hidden=_xor_hidden,
    twins=(
        Twin(
            "made for 0 and 1",
            "Your network computes XOR of 0 and 1, but not of other values for off and on.",
            lambda off, on: _layer_of((1, 1, -0.5), (1, 1, -1.5), (1, -1), -0.5)(0, 1),
            _is_coded_for_bits,
        ),
        Twin(
            "off forgotten",
            "Your network computes XOR when off is 0. The places to cut depend on both numbers.",
            lambda off, on: xor_weights(0, on),
            _is_cut_without_off,
        ),
        Twin(
            "hidden biases with the wrong sign",
            "Your first layer cuts at minus the places where it should.",
            _cut_with_the_wrong_sign,
            _is_cut_at_the_mirrored_places,
        ),
        Twin(
            "the opposite",
            "All four answers are the wrong way round.",
            _layer_of((1, 1, -0.5), (1, 1, -1.5), (-1, 1), 0.5),
            _is_opposite,
        ),
        Twin(
            "two equal neurons",
            "Your two hidden neurons give the same answers, so you have only one.",
            _layer_of((1, 1, -0.5), (2, 2, -1), (1, -1), -0.5),
            _has_equal_neurons,
        ),
        Twin(
            "a neuron that never changes",
            "One of your hidden neurons answers the same to all four inputs: it says nothing.",
            _layer_of((1, 1, -0.5), (1, 1, -5), (1, -1), -0.5),
            _has_constant_neuron,
        ),
        Twin(
            "output wrong",
            "Your hidden layer is good: a line parts the classes there. The output neuron does "
            "not draw it.",
            _layer_of((1, 1, -0.5), (1, 1, -1.5), (1, 1), -0.5),
            _has_good_hidden_layer,
        ),
        Twin(
            "inputs passed on",
            "Your hidden layer keeps the four inputs apart, each in its own corner, and the "
            "output faces XOR again. Which two of them should meet?",
            _layer_of((1, 0, -0.5), (0, 1, -0.5), (1, 1), -0.5),
            _moves_nothing,
        ),
        Twin(
            "classes merged",
            "Two inputs that need different answers get the same hidden answers. No output neuron "
            "can part them again.",
            _layer_of((1, 1, -0.5), (1, 0, -0.5), (1, -1), -0.5),
            _merges_classes,
        ),
    ),
    hints=(
        "XOR is “one of them, but not both”. Let one hidden neuron see whether at least one input "
        "is on, the other whether both are.",
        "The sums of the inputs are 2·off, off + on and 2·on. One neuron cuts halfway between "
        "the first two, the other halfway between the last two. The output asks for the one and "
        "against the other.",
        """
        def xor_weights(off, on):
            W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
            b1 = np.array([..., ...])      # minus the two places to cut
            w2 = ...                       # for the one, against the other
            b2 = ...
            return W1, b1, w2, b2
        """,
    ),
    equivalent={
        "np.array([-one_on, -both_on]) -> [-one_on, -both_on]": "a list passes for an array",
        "np.array([1.0, -1.0]) -> [1.0, -1.0]": "a list passes for an array",
        "(2, 2) -> (2, 2)": "exchanged, but equal",
        "1.0 -> 2.0": "the second neuron may vote more strongly against",
    },
)

# --- 5. mlp_forward -----------------------------------------------------------------------------


def mlp_forward(X, weights, biases):
    """Return the outputs of a network with ReLU in its hidden layers and none at the output."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        A = np.maximum(0, A @ W.T + b)
    return A @ weights[-1].T + biases[-1]


def _network(rng: np.random.Generator, rows: int, *sizes: int) -> Case:
    X = rng.normal(size=(rows, sizes[0])).round(2)
    return Case((X, *_stack(rng, *sizes).arguments))


def _forward_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, *sizes in ((1, 1, 1), (4, 3, 2), (5, 2, 6, 1), (3, 3, 3, 3, 3), (6, 2, 4, 3, 4, 2)):
        yield _network(rng, rows, *sizes)
    yield _network(rng, 8, 1, 5, 5, 5, 5, 1)


def _forward(X, weights, biases, layer, last):
    A = X
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        A = layer(A, W, b)
    return last(A, weights[-1], biases[-1])


def _sums(A, W, b):
    return A @ W.T + b


def _relus(A, W, b):
    return np.maximum(0, A @ W.T + b)


def _without_first_relu(X, weights, biases):
    A = X
    for place, (W, b) in enumerate(zip(weights, biases, strict=True)):
        A = A if place < 2 else np.maximum(0, A)
        A = A @ W.T + b
    return A


def _relu_of_inputs(X, weights, biases):
    return mlp_forward(np.maximum(0, X), weights, biases)


_A1, _A2 = np.array([[1.0, -1.0], [2.0, 0.5]]), np.array([[1.0, -1.0]])
_A3 = np.array([[1.0, 1.0], [-1.0, 2.0]])

FORWARD = Exercise(
    name="mlp_forward",
    chapter=2,
    title="The forward pass at any depth",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="X (B, N₀), weights: L arrays (m, n), biases: L arrays (m,) → (B, N_L)",
    reference=mlp_forward,
    cases=(
        Case(
            (np.array([[2.0]]), [np.array([[-3.0]])], [np.array([1.0])]),
            "One layer, and it is the output layer.",
        ),
        Case(
            (
                np.array([[1.0, 2.0]]),
                [_A1, _A2],
                [np.array([0.0, -1.0]), np.array([0.5])],
            ),
            "One hidden layer: one of its two neurons is switched off.",
        ),
        Case(
            (
                np.array([[-1.0, 1.0], [1.0, 1.0]]),
                [_A1, _A2],
                [np.array([1.0, 0.0]), np.array([-1.0])],
            ),
            "Two examples, one of them with a negative input.",
        ),
        Case(
            (
                np.array([[1.0, 0.0], [0.5, -2.0], [0.0, 3.0]]),
                [_A1, _A3, _A2],
                [np.array([0.5, -1.0]), np.array([-0.5, 1.0]), np.array([0.25])],
            ),
            "Three examples and two hidden layers.",
        ),
    ),
    hidden=_forward_hidden,
    twins=(
        Twin(
            "ReLU at the output",
            "Your network never answers a negative number. Its last layer has no activation.",
            lambda X, weights, biases: _forward(X, weights, biases, _relus, _relus),
        ),
        Twin(
            "no activations",
            "Your layers collapse into one: what stands between them is missing.",
            lambda X, weights, biases: _forward(X, weights, biases, _sums, _sums),
        ),
        Twin(
            "ReLU missing in the first layer",
            "Later hidden layers are right. The first one has no activation.",
            _without_first_relu,
        ),
        Twin(
            "ReLU of the inputs",
            "You send the inputs through a ReLU. They belong into the first layer as they are.",
            _relu_of_inputs,
        ),
        Twin(
            "biases forgotten",
            "An input of zeros gives zeros in your network, whatever the biases are.",
            lambda X, weights, biases: mlp_forward(X, weights, [0 * b for b in biases]),
        ),
        Twin(
            "last bias forgotten",
            "Your output layer has no bias.",
            lambda X, weights, biases: mlp_forward(X, weights, [*biases[:-1], 0 * biases[-1]]),
        ),
        Twin(
            "input into every layer",
            "Your last layer is fed with X. It should be fed with what the layer before it gave.",
            lambda X, weights, biases: X @ weights[-1].T + biases[-1],
        ),
        Twin(
            "hidden biases after the activation",
            "In your hidden layers the bias is added after the ReLU.",
            lambda X, weights, biases: _forward(
                X, weights, biases, lambda A, W, b: np.maximum(0, A @ W.T) + b, _sums
            ),
        ),
        Twin(
            "W not transposed",
            "The weights of a neuron are a row of W. You use the columns.",
            lambda X, weights, biases: mlp_forward(X, [W.T for W in weights], biases),
        ),
        Twin(
            "output layer left out",
            "These are the activations of the last hidden layer. One layer is still to come.",
            lambda X, weights, biases: _forward(X, weights, biases, _relus, lambda A, W, b: A),
        ),
    ),
    hints=(
        "All layers but the last are alike. Do these in a loop, and the last one after it.",
        "A ← max(0, A Wᵀ + b) for each hidden layer; then A Wᵀ + b without the maximum.",
        """
        def mlp_forward(X, weights, biases):
            A = ...
            for W, b in zip(weights[:-1], biases[:-1]):
                A = ...
            return ...                     # the output layer
        """,
    ),
    equivalent={"True -> False": "there are as many biases as weights"},
)

# --- 6. tent_network ----------------------------------------------------------------------------


def tent_network(k):
    """Return the weights and biases of a network of k hidden layers that draws k tents in a row."""
    into, out = np.array([[1.0], [1.0]]), np.array([[2.0, -4.0]])
    weights = [into] + [into @ out] * (k - 1) + [out]
    return weights, [np.array([0.0, -0.5])] * k + [np.zeros(1)]


def _use_tent(tent_network, k):
    weights, biases = tent_network(k)
    weights, biases = [np.asarray(W) for W in weights], [np.atleast_1d(b) for b in biases]
    A = np.linspace(0, 1, 65)[:, None]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        A = np.maximum(0, A @ W.T + b)
    sizes = [weights[0].shape[1], *(len(W) for W in weights)]
    return sizes, [len(b) for b in biases], (A @ weights[-1].T + biases[-1])[:, 0]


def _tent_hidden(rng: np.random.Generator) -> Iterator[Case]:
    yield from (Case((k,)) for k in (1, 2, 3, 4, 5, 6))


def _tents_like(into=(1.0, 1.0), out=(2.0, -4.0), bend=-0.5, count=lambda k: k):
    """Make an answer that is right but for one thing."""

    def answer(k):
        entry, leave = np.array(into)[:, None], np.array([out])
        weights = [entry] + [entry @ leave] * (count(k) - 1) + [leave]
        return weights, [np.array([0.0, bend])] * count(k) + [np.zeros(1)]

    return answer


def _with_middle(middle):
    """Make an answer that is right but for the matrix between two tents."""

    def answer(k):
        weights, biases = tent_network(k)
        return [weights[0]] + [np.array(middle)] * (k - 1) + [weights[-1]], biases

    return answer


def _in_and_out_in_turn(k):
    weights, biases = tent_network(1)
    return weights * k, biases * k


def _side_by_side(k):
    into, out = np.ones((2 * k, 1)), np.array([[2.0, -4.0] * k])
    return [into, out], [np.array([0.0, -0.5] * k), np.zeros(1)]


def _transposed_middle(k):
    weights, biases = tent_network(k)
    return [weights[0]] + [W.T for W in weights[1:-1]] + [weights[-1]], biases


def _bend_forgotten_later(k):
    weights, biases = tent_network(k)
    return weights, biases[:1] + [np.zeros(2)] * (k - 1) + biases[-1:]


TENT = Exercise(
    name="tent_network",
    chapter=2,
    title="The tent map",
    points=3,
    minutes=15,
    difficulty=3,
    shapes="k ≥ 1 → weights: k + 1 arrays (m, n), biases: k + 1 arrays (m,)",
    reference=tent_network,
    use=_use_tent,
    parts=("the list of sizes", "the list of biases a layer", "the outputs for x from 0 to 1"),
    cases=(
        Case((1,), "One tent: two ReLUs in one hidden layer, and an output."),
        Case((2,), "A tent of a tent: what leads from the first hidden layer to the second?"),
        Case((4,), "Four hidden layers, sixteen pieces."),
    ),
    hidden=_tent_hidden,
    twins=(
        Twin(
            "always one tent",
            "Your network has one hidden layer, whatever k is.",
            _tents_like(count=lambda k: 1),
        ),
        Twin(
            "one layer too many",
            "You have one hidden layer more than k.",
            _tents_like(count=lambda k: k + 1),
        ),
        Twin(
            "side by side",
            "Your tents stand side by side in one layer, and their answers are added.",
            _side_by_side,
        ),
        Twin(
            "slope not doubled",
            "Your tent goes up and stays there: from the bend on, its slope should be −2.",
            _tents_like(out=(2.0, -2.0)),
        ),
        Twin(
            "tent too low",
            "The top of your tent is at one half. It should be at 1.",
            _tents_like(out=(1.0, -2.0)),
        ),
        Twin(
            "bend at 1",
            "Your second ReLU switches on at x = 1. The top of the tent is in the middle.",
            _tents_like(bend=-1.0),
        ),
        Twin(
            "bend with the wrong sign",
            "Your second ReLU is on from 0 to 1, all the way. It should wait until the middle.",
            _tents_like(bend=0.5),
        ),
        Twin(
            "middle not mixed",
            "Between two tents each ReLU is handed on by itself. The output of a tent is a sum of "
            "both, and each neuron of the next tent sees that sum.",
            _with_middle([[2.0, 0.0], [0.0, -4.0]]),
        ),
        Twin(
            "identity in the middle",
            "The first tent is never put together: its two ReLUs are handed on as they are.",
            _with_middle(np.eye(2)),
        ),
        Twin(
            "ones in the middle",
            "Your middle matrix adds the two ReLUs as they are. What does a tent make of them?",
            _with_middle(np.ones((2, 2))),
        ),
        Twin(
            "in and out in turn",
            "Between your tents stands a layer of one neuron. What leads out of a tent and what "
            "leads into the next have no activation between them: make one layer of the two.",
            _in_and_out_in_turn,
        ),
        Twin(
            "middle transposed",
            "Your middle matrices have rows and columns exchanged: a row belongs to a neuron.",
            _transposed_middle,
        ),
        Twin(
            "bend in the first layer only",
            "Only your first layer has a ReLU that waits. Each tent needs one.",
            _bend_forgotten_later,
        ),
    ),
    hints=(
        "Write one tent as a network first: a matrix that leads in, and one that leads out. Two "
        "tents in a row have two matrices in the middle with no activation between them.",
        "t(y) = 2 max(0, y) − 4 max(0, y − ½). In: y ↦ (y, y − ½). Out: (a₁, a₂) ↦ 2a₁ − 4a₂. Out "
        "and then in, collapsed, is one (2, 2) matrix.",
        """
        def tent_network(k):
            first = ...                    # (2, 1), from x into the first tent
            middle = ...                   # (2, 2), out of one tent and into the next
            last = ...                     # (1, 2), out of the last tent
            weights = [first, ..., last]
            biases = ...
            return weights, biases
        """,
    ),
    equivalent={
        "np.array([0.0, -0.5]) -> [0.0, -0.5]": "a list can be added to an array as well",
        "np.array([[2.0, -4.0]]) -> [[2.0, -4.0]]": "a list passes for an array",
        "np.array([[1.0], [1.0]]) -> [[1.0], [1.0]]": "a list passes for an array",
        "into @ out -> into * out": "of a column and a row both make the same matrix",
    },
)

# --- 7. count_pieces ----------------------------------------------------------------------------


def count_pieces(w, b, v, low, high):
    """Return how many straight pieces Σ v max(0, w x + b) has between low and high."""
    changes = {}
    for w_j, b_j, v_j in zip(w, b, v, strict=True):
        if w_j != 0:
            bend = round(-b_j / w_j, 9)
            changes[bend] = changes.get(bend, 0.0) + v_j * abs(w_j)
    ends = low + 1e-9, high - 1e-9
    inside = [change for bend, change in changes.items() if ends[0] < bend and bend < ends[1]]
    return 1 + sum(abs(change) > 1e-9 for change in inside)


def _pieces_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size in (1, 3, 8, 30):
        w = rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0], size=size)
        places = rng.integers(-8, 9, size=size) / 4
        yield Case((w, -w * places, rng.choice([-1.0, 1.0, 2.0], size=size), -1.5, 1.5))
    ones = np.ones(4)
    yield Case((ones, -np.array([0.0, 1.0, 2.0, 3.0]), ones, 0.0, 3.0))
    yield Case((np.array([1.0, -1.0]), np.array([-1.0, 1.0]), np.array([1.0, -1.0]), 0.0, 2.0))
    yield Case((np.array([1.0, 2.0]), np.array([-1.0, -2.0]), np.array([-2.0, 1.0]), 0.0, 2.0))
    yield Case((np.array([2.0, 1.0]), np.array([-1.0, -0.5]), np.array([1.0, 1.0]), 0.0, 1.0))
    yield Case((np.array([0.3, 0.1]), np.array([-0.9, -0.3]), ones[:2], 0.0, 4.0))
    yield Case((np.array([3.0, -7.0]), np.array([-1.0, 5.0]), ones[:2], 0.0, 1.0))
    yield Case((np.zeros(3), ones[:3], ones[:3], -1.0, 1.0))
    yield Case((np.array([1.0, 0.0]), np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1.0, 1.0))
    yield Case((np.array([3.0, -3.0]), np.array([0.0, 0.0]), np.array([0.5, 0.5]), -1.0, 1.0))


def _changes(w, b, v, low, high, turn=np.abs):
    """Return by how much the slope changes at each place inside the interval."""
    moving = w != 0
    bends, changes = -b[moving] / w[moving], v[moving] * turn(w[moving])
    return [np.sum(changes[bends == bend]) for bend in np.unique(_between(bends, low, high))]


def _sign_of_w_kept(w, b, v, low, high):
    return 1 + np.count_nonzero(_changes(w, b, v, low, high, turn=np.array))


def _size_of_w_ignored(w, b, v, low, high):
    return 1 + np.count_nonzero(_changes(w, b, v, low, high, turn=np.ones_like))


def _upward_only(w, b, v, low, high):
    return 1 + sum(change > 0 for change in _changes(w, b, v, low, high))


def _exactly_one_place(w, b, v, low, high):
    return 1 + sum(abs(change) > 1e-9 for change in _changes(w, b, v, low, high))


def _on_a_grid(w, b, v, low, high):
    x = np.linspace(low, high, 1001)
    y = v @ np.maximum(0, np.outer(w, x) + b[:, None])
    return 1 + np.count_nonzero(abs(np.diff(y, 2)) > 1e-9)


def _between(bends, low, high):
    return bends[(low < bends) & (bends < high)]


def _every_bend(w, b, v, low, high):
    return 1 + len(_between(-b[w != 0] / w[w != 0], low, high))


def _every_place(w, b, v, low, high, digits=None):
    bends = -b[w != 0] / w[w != 0]
    bends = bends if digits is None else np.round(bends, digits)
    return 1 + len(np.unique(_between(bends, low, high)))


def _each_by_itself(w, b, v, low, high):
    alive = (w != 0) & (v != 0)
    return 1 + len(_between(-b[alive] / w[alive], low, high))


def _places_of_the_living(w, b, v, low, high, digits=None):
    alive = v != 0
    return _every_place(w[alive], b[alive], v[alive], low, high, digits)


def _with_places_compared_in_any_way(answer):
    """Return the sign of a mistake that may come with or without rounded places."""
    return lambda value, *arguments: value in [answer(*arguments, digits) for digits in (None, 9)]


def _with_the_ends(w, b, v, low, high):
    return count_pieces(w, b, v, low - 1e-6, high + 1e-6)


_W, _B, _V = np.array([1.0, 1.0, -1.0]), np.array([2.0, 0.0, -1.0]), np.array([1.0, -2.0, 1.5])

PIECES = Exercise(
    name="count_pieces",
    chapter=2,
    title="The pieces of a ReLU network",
    points=3,
    minutes=15,
    difficulty=3,
    shapes="w (H,), b (H,), v (H,), low < high → a whole number, at least 1",
    reference=count_pieces,
    cases=(
        Case(
            (np.array([1.0]), np.array([0.0]), np.array([2.0]), -1.0, 1.0),
            "One neuron that switches in the middle.",
        ),
        Case(
            (np.array([2.0]), np.array([-2.0]), np.array([1.0]), 0.0, 1.0),
            "One neuron that switches at the very end of the interval.",
        ),
        Case(
            (np.array([2.0]), np.array([0.0]), np.array([1.0]), 0.0, 1.0),
            "One neuron that switches at the very beginning of the interval.",
        ),
        Case((_W, _B, _V, -3.0, 3.0), "The three neurons of the chapter: each makes a bend."),
        Case((_W, _B, _V, -1.5, 3.0), "The same three, on a shorter interval."),
        Case(
            (_W, _B, np.array([1.0, 0.0, 1.5]), -3.0, 3.0),
            "One of the three has the output weight 0.",
        ),
        Case(
            (np.array([1.0, 0.0]), np.array([0.5, 1.0]), np.array([1.0, 3.0]), -1.0, 1.0),
            "One of the two does not look at x at all.",
        ),
        Case(
            (np.array([1.0, 2.0]), np.array([-0.5, -1.0]), np.array([1.0, 1.0]), 0.0, 1.0),
            "Two neurons that switch at one place.",
        ),
        Case(
            (np.array([1.0, -1.0]), np.array([-0.5, 0.5]), np.array([1.0, -1.0]), 0.0, 1.0),
            "Two neurons at one place that look to opposite sides. Draw what each of them adds.",
        ),
        Case(
            (np.array([1.0, -1.0]), np.array([-0.5, 0.5]), np.array([1.0, 1.0]), 0.0, 1.0),
            "This one is |x − ½|.",
        ),
        Case(
            (np.array([1.0, -2.0]), np.array([-0.5, 1.0]), np.array([2.0, -1.0]), 0.0, 1.0),
            "Two neurons at one place, one of them steeper. By how much does each turn the curve?",
        ),
        Case(
            (np.array([3.0, 1.0]), np.array([-1.0, -0.5]), np.array([1.0, 1.0]), 0.0, 1.0),
            "One of the two switches at a third, which no decimal number meets.",
        ),
        Case(
            (np.array([3.0]), np.array([-1.0]), np.array([1.0]), 0.0, 1 / 3),
            "It switches at a third, which is also the end of the interval.",
        ),
        Case(
            (np.array([3.0]), np.array([-2.0]), np.array([1.0]), 2 / 3, 1.0),
            "It switches at two thirds, where the interval begins.",
        ),
        Case(
            (np.array([1.0, 3.0]), np.array([-0.1, -0.3]), np.array([1.0, 1.0]), 0.0, 1.0),
            "Both neurons switch at 0.1, up to a rounding error.",
        ),
    ),
    hidden=_pieces_hidden,
    twins=(
        Twin(
            "one for each neuron",
            "You count the neurons. Not every neuron makes a bend here.",
            lambda w, b, v, low, high: 1 + len(w),
        ),
        Twin(
            "bends for pieces",
            "You count the bends. There is one piece more than bends.",
            lambda w, b, v, low, high: count_pieces(w, b, v, low, high) - 1,
        ),
        Twin(
            "interval ignored",
            "Bends outside the interval count for you.",
            lambda w, b, v, low, high: count_pieces(w, b, v, -np.inf, np.inf),
        ),
        Twin(
            "ends counted",
            "A bend at the very end of the interval parts nothing.",
            _with_the_ends,
        ),
        Twin(
            "every switch counted",
            "You count every neuron that switches inside the interval. Does the slope of the sum "
            "change each time, and at a place of its own?",
            _every_bend,
        ),
        Twin(
            "each neuron by itself",
            "Two neurons that switch at one place make at most one bend.",
            _each_by_itself,
        ),
        Twin(
            "places compared exactly",
            "Two places that differ by a rounding error only are two for you.",
            _exactly_one_place,
        ),
        Twin(
            "counted on a grid",
            "You look at the curve on a grid. A bend between two of its points shows twice, and "
            "bends that are close to each other show once.",
            _on_a_grid,
        ),
        Twin(
            "every neuron anywhere",
            "You never look at low and high.",
            lambda w, b, v, low, high: _every_bend(w, b, v, -np.inf, np.inf),
        ),
        Twin(
            "sign of w kept",
            "A neuron that looks to the left also bends the curve upwards when its v is positive. "
            "Your change of slope has the wrong sign there.",
            _sign_of_w_kept,
        ),
        Twin(
            "size of w ignored",
            "You look at v alone. A steeper neuron bends the curve more.",
            _size_of_w_ignored,
        ),
        Twin(
            "bend mirrored",
            "Your bends lie at b/w. Where is w x + b zero?",
            lambda w, b, v, low, high: count_pieces(w, -b, v, low, high),
        ),
        Twin(
            "upward bends only",
            "You count the bends at which the slope grows. It can fall as well.",
            _upward_only,
        ),
        Twin(
            "nothing cancels",
            "Two changes of slope at one place can add up to 0.",
            _places_of_the_living,
            _with_places_compared_in_any_way(_places_of_the_living),
        ),
        Twin(
            "output weight ignored, places counted once",
            "You count each place once, but never look at how much the slope changes there.",
            _every_place,
            _with_places_compared_in_any_way(_every_place),
        ),
    ),
    hints=(
        "A piece ends where the slope changes. Where does one neuron change it, and by how much? "
        "What if several do so at one place?",
        "Neuron j bends at −bⱼ/wⱼ (if wⱼ ≠ 0) and changes the slope by vⱼ|wⱼ|. Add up the changes "
        "at each place inside the interval; pieces = 1 + the places whose sum is not 0.",
        """
        def count_pieces(w, b, v, low, high):
            w, b, v = ...                  # without the neurons that do not look at x
            bends, changes = ..., ...
            pieces = 1
            for bend in np.unique(np.round(bends, 9)):
                if ...:                    # is it inside, and not at an end?
                    ...                    # does the slope change here, all in all?
            return pieces
        """,
    ),
    equivalent={
        "True -> False": "the three are as long as there are neurons",
        "9 -> 10": "rounding errors are much smaller, and other distances much larger",
        "abs(change) > 1e-09 -> abs(change) >= 1e-09": "no change is that small",
        "ends[0] < bend -> ends[0] <= bend": "no bend is exactly 10⁻⁹ from an end",
        "bend < ends[1] -> bend <= ends[1]": "no bend is exactly 10⁻⁹ from an end",
        "changes.get(bend, 0.0) + v_j * abs(w_j) -> changes.get(bend, 0.0) - v_j * abs(w_j)": (
            "all changes with the other sign are 0 where they were"
        ),
    },
)

EXERCISES = (LAYER, COUNT, COLLAPSE, XOR, FORWARD, TENT, PIECES)
