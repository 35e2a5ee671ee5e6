"""The tasks of chapter 3: sigmoid, slopes, softmax, GELU, dead units, gradients, weight scales."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. stable_sigmoid ------------------------------------------------------------------------


def stable_sigmoid(z):
    """Return the sigmoid of every entry of z; nothing overflows on the way."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


def _use_without_overflow(stable_sigmoid, z):
    with np.errstate(over="raise"):
        return stable_sigmoid(z)


def _looks_clipped(answer, z):
    """Tell whether an answer is a sigmoid of numbers that stay on this side of some limit."""
    limit = np.max(np.abs(np.log(answer) - np.log1p(-answer)))
    return limit < np.max(np.abs(z)) and np.allclose(answer, stable_sigmoid(z.clip(-limit, limit)))


def _sigmoid_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1,), (7,), (4, 3), (2, 3, 4)):
        yield Case((rng.normal(scale=3, size=shape),))
    for size in (720.0, 5000.0):
        yield Case((np.array([-size, -1.0, 0.0, 1.0, size]),))
        yield Case((np.array([[size, -0.5]]),))
        yield Case((np.array([[-size], [0.5]]),))
    yield Case((np.zeros((0, 2)),))


STABLE_SIGMOID = Exercise(
    name="stable_sigmoid",
    chapter=3,
    title="A sigmoid that never overflows",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="z, of any shape → sigmoid of every entry, of the same shape",
    reference=stable_sigmoid,
    use=_use_without_overflow,
    tolerance=1e-12,  # or a limit of ±20 for z would pass
    one_for_all="You return one number for the whole array; there should be one for each entry.",
    cases=(
        Case((np.array([0.0]),), "The middle of the curve."),
        Case((np.array([-2.0, 2.0]),), "The curve is symmetric: these two answers add up to 1."),
        Case((np.array([-1000.0, 0.5]),), "Which exponential do you take of −1000?"),
        Case((np.array([1000.0, -0.5]),), "Which exponential do you take of 1000?"),
        Case(
            (np.array([[-800.0, -1.0, 0.0], [3.0, 40.0, 800.0]]),),
            "Two axes, and both signs. All entries can be worked on at once.",
        ),
    ),
    hidden=_sigmoid_hidden,
    twins=(
        Twin(
            "the textbook's form",
            "Your values are right as long as z is not far below 0. There your exponential "
            "overflows.",
            lambda z: 1 / (1 + np.exp(-z)),
        ),
        Twin(
            "the other form",
            "Your values are right as long as z is not far above 0. There your exponential "
            "overflows.",
            lambda z: np.exp(z) / (np.exp(z) + 1),
        ),
        Twin(
            "both branches",
            "np.where computes both of its branches for every entry, and chooses afterwards. One "
            "of yours always overflows, whichever side is far out.",
            lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
        ),
        Twin(
            "clipped hard",
            "You limit z before the exponential, and too tightly: far out the answers stay away "
            "from 0 and 1.",
            lambda z: 1 / (1 + np.exp(-np.clip(z, -20, 20))),
            sign=_looks_clipped,
        ),
        Twin(
            "one side for both",
            "You forget the sign of z on the way: −2 and 2 get the same answer.",
            lambda z: 1 / (1 + np.exp(-np.abs(z))),
        ),
        Twin(
            "mirrored",
            "Your curve falls where it should climb.",
            lambda z: stable_sigmoid(-z),
        ),
        Twin(
            "tanh",
            "Your curve runs from −1 to 1. That is a relative of the sigmoid.",
            lambda z: np.tanh(z / 2),
        ),
        Twin(
            "step",
            "You answer 0 or 1. The sigmoid is smooth in between.",
            lambda z: (z >= 0).astype(float),
        ),
    ),
    hints=(
        "The sigmoid can be written with exp(−z) or with exp(z). For which z is each of them "
        "harmless? And is there one exponential that is harmless for all z?",
        "With e = exp(−|z|): the sigmoid is 1/(1 + e) for z ≥ 0 and e/(1 + e) for z < 0. As e is "
        "never above 1, both may be computed for every entry.",
        """
        def stable_sigmoid(z):
            small = ...                 # at most 1, whatever z is
            return np.where(z >= 0, ..., ...)
        """,
    ),
    equivalent={"z >= 0 -> z > 0": "At 0 both sides are one half."},
)

# --- 2. five_slopes ---------------------------------------------------------------------------


def five_slopes(z):
    """Return the slopes of ReLU, leaky ReLU (0.01), sigmoid, tanh and SiLU at z."""
    s = 1 / (1 + np.exp(-z))
    relu = np.where(z > 0, 1.0, 0.0)
    leaky = np.where(z > 0, 1.0, 0.01)
    return relu, leaky, s * (1 - s), 1 - np.tanh(z) ** 2, s * (1 + z * (1 - s))


def _slopes_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1,), (6,), (3, 4), (2, 2, 5)):
        yield Case((rng.normal(scale=2, size=shape).round(3),))
    yield Case((np.array([-0.001, 0.0, 0.001]),))
    yield Case((np.zeros((2, 3)),))
    yield Case((np.array([-30.0, -5.0, 5.0, 30.0]),))


def _replaced(place, slope):
    """Make a twin that is right but for one of the five."""

    def answer(z):
        slopes = list(five_slopes(z))
        slopes[place] = slope(z)
        return tuple(slopes)

    return answer


def _sigma(z):
    return 1 / (1 + np.exp(-z))


FIVE_SLOPES = Exercise(
    name="five_slopes",
    chapter=3,
    title="The slopes of five activations",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="z, of any shape → five arrays of that shape: ReLU, leaky ReLU, sigmoid, tanh, SiLU",
    reference=five_slopes,
    parts=("ReLU", "leaky ReLU", "sigmoid", "tanh", "SiLU"),
    cases=(
        Case((np.array([1.0]),), "One number above 0. Nudge it by hand."),
        Case((np.array([-2.0, 2.0]),), "One number on each side of 0."),
        Case((np.array([0.0, 3.0]),), "At 0 two of the five have a corner: take the left slope."),
        Case((np.array([[-1.0, 0.5], [0.25, -0.5]]),), "A batch: the shape stays as it is."),
        Case((np.array([-10.0, -4.0, 4.0, 10.0]),), "Far out three of them are nearly flat."),
    ),
    hidden=_slopes_hidden,
    twins=(
        Twin(
            "ReLU's corner from the right",
            "ReLU's slope at exactly 0 is a convention. Yours is the slope on the right of the "
            "corner.",
            _replaced(0, lambda z: np.where(z >= 0, 1.0, 0.0)),
        ),
        Twin(
            "leaky corner from the right",
            "Leaky ReLU's slope at exactly 0 is a convention. Yours is the slope on the right of "
            "the corner.",
            _replaced(1, lambda z: np.where(z >= 0, 1.0, 0.01)),
        ),
        Twin(
            "no leak",
            "Your leaky ReLU does not leak: a unit that is below 0 could not come back.",
            _replaced(1, lambda z: np.where(z > 0, 1.0, 0.0)),
        ),
        Twin(
            "both corners from the right",
            "ReLU's and leaky ReLU's slope at exactly 0 is a convention. Yours are the slopes on "
            "the right of the corner.",
            lambda z: (
                np.where(z >= 0, 1.0, 0.0),
                np.where(z >= 0, 1.0, 0.01),
                *five_slopes(z)[2:],
            ),
        ),
        Twin(
            "the chapter's leak",
            "Your leak is the 0.1 of the chapter's figures. Which one does the task ask for?",
            _replaced(1, lambda z: np.where(z > 0, 1.0, 0.1)),
        ),
        Twin(
            "leaky value for leaky slope",
            "Below 0 your leaky ReLU gives its value there, not its slope.",
            _replaced(1, lambda z: np.where(z > 0, 1.0, 0.01 * z)),
        ),
        Twin(
            "sigmoid's slope at a",
            "Your sigmoid's slope is taken at a, where the answer is, and not at z, where the unit "
            "stands.",
            _replaced(2, lambda z: _sigma(_sigma(z)) * (1 - _sigma(_sigma(z)))),
        ),
        Twin(
            "z for a in the sigmoid",
            "The short form of the sigmoid's slope wants the activation; you gave it z.",
            _replaced(2, lambda z: z * (1 - z)),
        ),
        Twin(
            "tanh not squared",
            "Tanh is as steep at −z as at z, and yours is not. One minus what?",
            _replaced(3, lambda z: 1 - np.tanh(z)),
        ),
        Twin(
            "tanh's slope at a",
            "Your tanh's slope is taken at a, where the answer is, and not at z, where the unit "
            "stands.",
            _replaced(3, lambda z: 1 - np.tanh(np.tanh(z)) ** 2),
        ),
        Twin(
            "sigmoid's and tanh's slope at a",
            "The slopes of your sigmoid and of your tanh are taken at a, where the answer is, and "
            "not at z, where the unit stands.",
            lambda z: (
                *five_slopes(z)[:2],
                five_slopes(_sigma(z))[2],
                five_slopes(np.tanh(z))[3],
                five_slopes(z)[4],
            ),
        ),
        Twin(
            "sigmoid and tanh swapped",
            "Sigmoid and tanh have changed places.",
            lambda z: tuple(five_slopes(z)[place] for place in (0, 1, 3, 2, 4)),
        ),
        Twin(
            "z for a in tanh",
            "The short form of tanh's slope wants the activation; you gave it z.",
            _replaced(3, lambda z: 1 - z**2),
        ),
        Twin(
            "tanh with the sigmoid's rule",
            "For tanh you use the rule of the sigmoid, with tanh put in.",
            _replaced(3, lambda z: np.tanh(z) * (1 - np.tanh(z))),
        ),
        Twin(
            "SiLU: one factor only",
            "SiLU is a product of two things that both move with z. You let only one of them move.",
            _replaced(4, _sigma),
        ),
        Twin(
            "SiLU: the other factor only",
            "SiLU is a product of two things that both move with z. You hold the first one still.",
            _replaced(4, lambda z: z * _sigma(z) * (1 - _sigma(z))),
        ),
        Twin(
            "SiLU: share and value added",
            "Your SiLU's slope has the share, and then the value of SiLU itself. How far does the "
            "share move?",
            _replaced(4, lambda z: _sigma(z) + z * _sigma(z)),
        ),
        Twin(
            "SiLU's slope at a",
            "Your SiLU's slope is taken at a, where the answer is, and not at z, where the unit "
            "stands.",
            _replaced(4, lambda z: five_slopes(z * _sigma(z))[4]),
        ),
        Twin(
            "SiLU: slopes multiplied",
            "The slope of a product is not the product of the slopes.",
            _replaced(4, lambda z: _sigma(z) * (1 - _sigma(z))),
        ),
        Twin(
            "values for slopes",
            "These are the five values. The task asks how far each moves when z is nudged.",
            lambda z: (
                np.maximum(z, 0),
                np.where(z > 0, z, 0.01 * z),
                _sigma(z),
                np.tanh(z),
                z * _sigma(z),
            ),
        ),
        Twin(
            "wrong order",
            "The five are right, but they come in the opposite order.",
            lambda z: five_slopes(z)[::-1],
        ),
    ),
    hints=(
        "Nudge z by a small h and see how far each function moves. Three of the five slopes can be "
        "written with the value of the function itself.",
        "ReLU: 1 or 0. Leaky ReLU: 1 or 0.01. Sigmoid: a(1 − a). Tanh: 1 − a². SiLU is z times the "
        "sigmoid: use the rule for products.",
        """
        def five_slopes(z):
            s = ...                     # the sigmoid of z
            relu = np.where(z > 0, ..., ...)
            leaky = ...
            sigmoid = ...
            tanh = ...
            silu = ...                  # first factor moves + second factor moves
            return relu, leaky, sigmoid, tanh, silu
        """,
    ),
)

# --- 3. softmax -------------------------------------------------------------------------------


def softmax(z, axis):
    """Return the shares of z along an axis."""
    powers = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def _softmax_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape, axis in (((4,), 0), ((1, 5), 1), ((5, 1), 0), ((6, 3), -1), ((3, 3), 0)):
        yield Case((rng.normal(scale=2, size=shape), axis))
    yield Case((rng.normal(size=(2, 3, 4)), 1))
    yield Case((rng.normal(size=(3, 3, 3)), -2))
    yield Case((np.array([[2000.0, 1999.0], [-2000.0, -1999.0], [0.0, 1.0]]), 1))
    yield Case((np.array([[-5000.0, 0.0], [-5001.0, 1.0]]), 0))
    yield Case((np.array([[0.0, 800.0, -800.0], [1500.0, 0.0, 1.0]]), 1))


def _plain_softmax(z, axis):
    powers = np.exp(z)
    return powers / np.sum(powers, axis=axis, keepdims=True)


def _shifted_by_all(z, axis):
    return _plain_softmax(z - np.max(z), axis)


def _shifted_by_the_smallest(z, axis):
    return _plain_softmax(z - np.min(z, axis=axis, keepdims=True), axis)


def _without_exponentials(z, axis):
    lifted = z - np.min(z, axis=axis, keepdims=True)
    return lifted / np.sum(lifted, axis=axis, keepdims=True)


SOFTMAX = Exercise(
    name="softmax",
    chapter=3,
    title="A stable softmax along an axis",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="z, of any shape, axis a whole number → shares of the same shape, 1 in sum along axis",
    reference=softmax,
    cases=(
        Case(
            (np.array([0.0, 1.0]), 0), "Two logits: their shares are a sigmoid of the difference."
        ),
        Case((np.array([[1.0, 2.0, 3.0], [3.0, 3.0, 0.0]]), 1), "Each row is a set of its own."),
        Case((np.array([[1.0, 2.0, 3.0], [3.0, 3.0, 0.0]]), 0), "Now each column is a set."),
        Case(
            (np.array([[1000.0, 1001.0, 999.0]]), 1), "Logits of 1000 are no larger than 0 and 1."
        ),
        Case(
            (np.array([[1000.0, 1002.0, 1001.0], [-1000.0, -1001.0, -999.0]]), -1),
            "One row far above 0 and one far below it.",
        ),
        Case(
            (np.array([[0.0, 0.0], [2000.0, 2000.0]]), 0),
            "Logits of 0 and 2000 in one set: which of them may an exponential be taken of?",
        ),
        Case(
            (np.arange(12.0).reshape(2, 3, 2) % 5, 1),
            "Three axes: the shares add up along the middle one.",
        ),
    ),
    hidden=_softmax_hidden,
    twins=(
        Twin(
            "overflows",
            "Right for small logits. Large ones make infinity divided by infinity.",
            _plain_softmax,
        ),
        Twin(
            "shifted by the largest of all",
            "You shift the whole array by one number. Look at a row far below the others.",
            _shifted_by_all,
        ),
        Twin(
            "shifted by too little",
            "You shift each set by a number of its own, but by too small a one: a logit that lies "
            "far above it still overflows.",
            _shifted_by_the_smallest,
        ),
        Twin(
            "sum of all",
            "All shares of the array together add up to 1. They should do so in each set along the "
            "axis.",
            lambda z, axis: softmax(z.ravel(), 0).reshape(z.shape),
        ),
        Twin(
            "always the last axis",
            "You do not look at the argument axis: it is always the last one.",
            lambda z, axis: softmax(z, -1),
        ),
        Twin(
            "always the first axis",
            "You do not look at the argument axis: it is always the first one.",
            lambda z, axis: softmax(z, 0),
        ),
        Twin(
            "axes not kept",
            "The sums lose the axis that they are taken along, so they are divided into the wrong "
            "entries, or do not fit at all.",
            lambda z, axis: (
                np.exp(z - z.max(axis=axis, keepdims=True))
                / np.exp(z - z.max(axis=axis, keepdims=True)).sum(axis=axis)
            ),
        ),
        Twin(
            "entry by entry",
            "You look at each entry on its own; these are sigmoids. The shares of a set know of "
            "one another.",
            lambda z, axis: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
        ),
        Twin(
            "logarithms",
            "These are the logarithms of the shares.",
            lambda z, axis: np.log(np.maximum(softmax(z, axis), 1e-300)),
        ),
        Twin(
            "shares without exponentials",
            "Your numbers add up to 1, but the differences are not turned into ratios: something "
            "that makes every number positive is missing.",
            _without_exponentials,
        ),
        Twin(
            "opposite sign",
            "With you the smallest logit gets the largest share.",
            lambda z, axis: softmax(-z, axis),
        ),
        Twin(
            "winner takes all",
            "You give everything to the largest. Softmax is a soft maximum.",
            lambda z, axis: (z == z.max(axis=axis, keepdims=True)).astype(float),
        ),
    ),
    hints=(
        "Adding the same number to all logits of a set changes no share. Which number makes sure "
        "that no exponential is larger than 1?",
        "Subtract from each set its own largest logit, take exponentials, divide each set by its "
        "sum. np.max and np.sum take axis=… and keepdims=True.",
        """
        def softmax(z, axis):
            powers = np.exp(z - ...)    # no exponent above 0, in any set
            return powers / ...
        """,
    ),
)

# --- 4. exact_gelu ----------------------------------------------------------------------------


def exact_gelu(z, erf):
    """Return z Φ(z) for every entry of z."""
    return z * (1 + erf(z / np.sqrt(2))) / 2


def _erf(x):
    """Return the error function of every entry, by Python's own for one number."""
    return np.vectorize(math.erf, otypes=[float])(x)


def _use_gelu(exact_gelu, z):
    return exact_gelu(z, _erf)


def _gelu_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1,), (5,), (3, 4), (2, 2, 2)):
        yield Case((rng.normal(scale=2, size=shape),))
    yield Case((np.linspace(-6, 6, 25),))
    yield Case((np.zeros(3),))


EXACT_GELU = Exercise(
    name="exact_gelu",
    chapter=3,
    title="The exact GELU",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="z, of any shape, erf a function of arrays → GELU of every entry, of the same shape",
    reference=exact_gelu,
    use=_use_gelu,
    cases=(
        Case((np.array([1.0]),), "Of standard normal numbers, 84 of 100 lie below 1."),
        Case((np.array([-1.0, 0.0]),), "Below 0 the answer is a little below 0."),
        Case((np.array([0.5, 2.0, -0.75]),), "The lowest value of all is near −0.75."),
        Case((np.array([[-3.0, 3.0], [-8.0, 8.0]]),), "Far out, GELU is like ReLU."),
    ),
    hidden=_gelu_hidden,
    twins=(
        Twin(
            "the form with tanh",
            "Right to three decimals: this is the approximation with tanh. The exact one was asked "
            "for.",
            lambda z, erf: (
                z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * np.asarray(z) ** 3))) / 2
            ),
        ),
        Twin(
            "the form with a sigmoid",
            "This is the approximation with a sigmoid of 1.702 z. The exact one was asked for.",
            lambda z, erf: z * _sigma(1.702 * z),
        ),
        Twin(
            "SiLU",
            "You weigh z with a sigmoid. That is SiLU, GELU's cousin.",
            lambda z, erf: z * _sigma(z),
        ),
        Twin(
            "root forgotten",
            "Your share is too near to 0 or 1: erf measures along another scale than Φ.",
            lambda z, erf: z * (1 + erf(z)) / 2,
        ),
        Twin(
            "multiplied by the root",
            "erf measures along another scale than Φ, and you went the wrong way: your share is "
            "too near to 0 or 1.",
            lambda z, erf: z * (1 + erf(z * np.sqrt(2))) / 2,
        ),
        Twin(
            "half forgotten",
            "Your share runs from 0 to 2. A share ends at 1.",
            lambda z, erf: z * (1 + erf(z / np.sqrt(2))),
        ),
        Twin(
            "erf for Φ",
            "erf runs from −1 to 1, and a share from 0 to 1.",
            lambda z, erf: z * erf(z / np.sqrt(2)),
        ),
        Twin(
            "erf alone, on its own scale",
            "Near z = 1 this comes close by chance. erf runs from −1 to 1, and measures along "
            "another scale than Φ.",
            lambda z, erf: z * erf(z),
        ),
        Twin(
            "share alone",
            "This is the share Φ(z). GELU is something times the share.",
            lambda z, erf: (1 + erf(z / np.sqrt(2))) / 2,
        ),
        Twin(
            "height for area",
            "You multiply with the height of the bell at z, not with the area to the left of z.",
            lambda z, erf: z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
        ),
        Twin(
            "ReLU",
            "This is ReLU: the share is rounded to 0 or 1.",
            lambda z, erf: np.maximum(z, 0),
        ),
    ),
    hints=(
        "GELU weighs z by a share Φ(z) between 0 and 1. How is Φ written with erf?",
        "Φ(z) is half of 1 + erf(z/√2), and GELU(z) = z Φ(z).",
        """
        def exact_gelu(z, erf):
            share = ...                 # Φ(z), from 0 to 1
            return ...
        """,
    ),
)

# --- 5. dead_units ----------------------------------------------------------------------------


def dead_units(X, W, b):
    """Return for each unit of a ReLU layer whether it is dead on the data X."""
    Z = X @ W.T + b
    return np.all(Z <= 0, axis=0)


def _dead_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, inputs, units in ((1, 1, 1), (1, 4, 6), (9, 3, 3), (50, 2, 8), (6, 6, 6)):
        X, W = (
            _quarters(rng.normal(size=(rows, inputs))),
            _quarters(rng.normal(size=(units, inputs))),
        )
        yield Case((X, W, _quarters(rng.normal(-1, 2, size=units))))
    yield Case((np.zeros((4, 2)), np.ones((3, 2)), np.array([-1.0, 0.0, 1.0])))
    yield Case((np.eye(3), -np.eye(3), np.array([1.0, 0.0, 0.5])))


def _quarters(values):
    """Round to quarters: sums of their products are exact, in whatever order they are taken."""
    return np.round(4 * values) / 4


DEAD_UNITS = Exercise(
    name="dead_units",
    chapter=3,
    title="Dead units",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="X (N, D), W (H, D), b (H,) → (H,) of True and False",
    reference=dead_units,
    cases=(
        Case(
            (np.array([[1.0], [3.0]]), np.array([[1.0]]), np.array([-1.5])),
            "One unit, two examples: it rests on the first and is active on the second.",
        ),
        Case(
            (np.array([[1.0], [2.0]]), np.array([[1.0]]), np.array([-2.0])),
            "On the second example the sum is exactly 0. Does anything get through?",
        ),
        Case(
            (
                np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]),
                np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]),
                np.array([-5.0, 0.0, 0.0]),
            ),
            "Three units on three examples. Write the nine sums down.",
        ),
        Case(
            (
                np.array([[0.5, -1.0], [1.5, 1.0], [-2.0, 0.5]]),
                np.array([[1.0, 2.0], [-1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]),
                np.array([-3.5, -4.0, -0.5, 3.0]),
            ),
            "Four units, three examples: one answer for each unit.",
        ),
        Case(
            (
                np.array([[1.0, 2.0], [2.0, 1.0]]),
                np.array([[1.0, 0.0], [-1.0, 0.5], [-1.0, -1.0], [1.0, -3.0], [0.5, 0.5]]),
                np.array([-4.0, -1.0, 1.0, 0.0, 1.0]),
            ),
            "Five units, two examples.",
        ),
    ),
    hidden=_dead_hidden,
    twins=(
        Twin(
            "resting once is dead",
            "You call a unit dead that rests on a single example. Another may wake it.",
            lambda X, W, b: np.any(X @ W.T + b <= 0, axis=0),
        ),
        Twin(
            "first example only",
            "You look at the first example alone.",
            lambda X, W, b: (X @ W.T + b)[0] <= 0,
        ),
        Twin(
            "zero counts as active",
            "At a sum of exactly 0 the answer is 0, and so is the slope that the book takes there.",
            lambda X, W, b: np.all(X @ W.T + b < 0, axis=0),
        ),
        Twin(
            "bias forgotten",
            "This is what you would find if all biases were 0.",
            lambda X, W, b: np.all(X @ W.T <= 0, axis=0),
        ),
        Twin(
            "the living",
            "You say which units are alive. The question was the opposite.",
            lambda X, W, b: np.any(X @ W.T + b > 0, axis=0),
        ),
        Twin(
            "examples for units",
            "You return one answer for each example. Your code asks which examples wake no unit.",
            lambda X, W, b: np.all(X @ W.T + b <= 0, axis=1),
        ),
        Twin(
            "matrix not turned",
            "Your product takes the columns of W for units. In this book a unit is a row.",
            lambda X, W, b: np.all(X @ W + b <= 0, axis=0),
        ),
        Twin(
            "how many",
            "This is how many units are dead. The task asks which.",
            lambda X, W, b: int(np.sum(dead_units(X, W, b))),
        ),
        Twin(
            "numbers for truth values",
            "These are 0 and 1. The answers to “is it dead?” are True and False.",
            lambda X, W, b: dead_units(X, W, b).astype(int),
        ),
        Twin(
            "on average",
            "You ask whether the mean of a unit's sums is not positive. One example above 0 is "
            "enough to keep a unit alive.",
            lambda X, W, b: np.mean(X @ W.T + b, axis=0) <= 0,
        ),
    ),
    hints=(
        "First all sums: one row for each example, one column for each unit. When does a column "
        "belong to a dead unit?",
        "Z = X Wᵀ + b has the shape (N, H). A unit is dead when z ≤ 0 on every row of its column. "
        "np.all takes axis=….",
        """
        def dead_units(X, W, b):
            Z = ...                     # (N, H)
            return np.all(..., axis=...)
        """,
    ),
)

# --- 6. gradient_norms ------------------------------------------------------------------------


def gradient_norms(x, weights, g):
    """Return the norm of the gradient at the input and after every layer."""
    a, zs = x, []
    for W in weights:
        zs.append(W @ a)
        a = np.tanh(zs[-1])
    norms = [np.linalg.norm(g)]
    for W, z in zip(weights[::-1], zs[::-1], strict=True):
        g = W.T @ ((1 - np.tanh(z) ** 2) * g)
        norms.append(np.linalg.norm(g))
    return norms[::-1]


def _norms_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for sizes in ((1, 1), (3, 2), (2, 5, 3), (4, 4, 4, 4), (6, 3, 2, 5, 1)):
        weights = [rng.normal(size=(out, into)) for into, out in pairwise(sizes)]
        yield Case((rng.normal(size=sizes[0]), weights, rng.normal(size=sizes[-1])))
    yield Case((rng.normal(size=2), [rng.normal(size=(2, 2)) for _ in range(12)], np.ones(2)))


_BACKWARDS = slice(None, None, -1)


def _norms(x, weights, g, slope=None, back=None, size=np.linalg.norm, order=_BACKWARDS):
    """Run the reference with one of its parts replaced."""
    slope = slope or (lambda z: 1 - np.tanh(z) ** 2)
    back = back or (lambda W, z, g: W.T @ (slope(z) * g))
    a, zs = x, []
    for W in weights:
        zs.append(W @ a)
        a = np.tanh(zs[-1])
    norms = [size(g)]
    for W, z in zip(weights[order], zs[order], strict=True):
        g = back(W, z, g)
        norms.append(size(g))
    return norms[::-1]


def _slopes_of_the_layer_before(x, weights, g):
    a, inputs = x, []
    for W in weights:
        inputs.append(a)
        a = np.tanh(W @ a)
    norms = [np.linalg.norm(g)]
    for W, before in zip(weights[::-1], inputs[::-1], strict=True):
        g = (1 - np.tanh(before) ** 2) * (W.T @ g)
        norms.append(np.linalg.norm(g))
    return norms[::-1]


GRADIENT_NORMS = Exercise(
    name="gradient_norms",
    chapter=3,
    title="The size of the gradient, layer by layer",
    points=3,
    minutes=20,
    difficulty=3,
    shapes="x (n₀,), weights a list of (nₖ, nₖ₋₁), g (n_L,) → a list of L + 1 numbers, input first",
    reference=gradient_norms,
    cases=(
        Case(
            (np.array([0.5]), [np.array([[2.0]])], np.array([1.0])),
            "One layer of one unit: one local slope and one weight.",
        ),
        Case(
            (np.array([0.5]), [np.array([[2.0]]), np.array([[-0.5]])], np.array([3.0])),
            "A chain of two units. Each of them stands at a z of its own.",
        ),
        Case(
            (np.array([1.0, -1.0]), [np.array([[1.0, 0.5], [0.25, -1.0]])], np.array([1.0, 2.0])),
            "One layer, two inputs, two units.",
        ),
        Case(
            (
                np.array([0.5, -0.25]),
                [np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, 1.0]]), np.array([[0.5, -1.0, 2.0]])],
                np.array([-2.0]),
            ),
            "Two inputs, three units, one unit: the gradient has another length at each layer.",
        ),
        Case(
            (np.array([3.0, 3.0]), [np.eye(2)] * 3, np.array([0.0, 1.0])),
            "Three layers that hand on what they get, but for the tanh.",
        ),
    ),
    hidden=_norms_hidden,
    twins=(
        Twin(
            "last layer first",
            "The numbers are right, and stand in the order in which they were computed. The task "
            "wants the input first.",
            lambda x, weights, g: gradient_norms(x, weights, g)[::-1],
        ),
        Twin(
            "no local slopes",
            "Only the weights are at work. Each unit also passes on less than it gets, by the "
            "slope of its tanh.",
            lambda x, weights, g: _norms(x, weights, g, slope=np.ones_like),
        ),
        Twin(
            "slope at a",
            "You take tanh's slope at a, where the answer is, and not at z, where the unit stands.",
            lambda x, weights, g: _norms(
                x, weights, g, slope=lambda z: 1 - np.tanh(np.tanh(z)) ** 2
            ),
        ),
        Twin(
            "short form with z",
            "One minus the square of what? You took the square of z.",
            lambda x, weights, g: _norms(x, weights, g, slope=lambda z: 1 - z**2),
        ),
        Twin(
            "the sigmoid's slope",
            "Your local slopes are those of sigmoids. Here each layer is a tanh.",
            lambda x, weights, g: _norms(
                x, weights, g, slope=lambda z: _sigma(z) * (1 - _sigma(z))
            ),
        ),
        Twin(
            "the sigmoid's short form",
            "You use the sigmoid's short form, with tanh put in. What is the short form of tanh?",
            lambda x, weights, g: _norms(
                x, weights, g, slope=lambda z: np.tanh(z) * (1 - np.tanh(z))
            ),
        ),
        Twin(
            "matrix not turned",
            "Forwards a layer multiplies by W. You multiply by the same on the way back.",
            lambda x, weights, g: _norms(
                x, weights, g, back=lambda W, z, g: W @ ((1 - np.tanh(z) ** 2) * g)
            ),
        ),
        Twin(
            "no weights",
            "Only the local slopes are at work. The weights are part of the product, too.",
            lambda x, weights, g: _norms(
                x, weights, g, back=lambda W, z, g: (1 - np.tanh(z) ** 2) * g
            ),
        ),
        Twin(
            "slope of the wrong layer",
            "You take the slope at what comes into the layer, and after the matrix. It belongs to "
            "the layer's own z, and comes before the matrix on the way back.",
            _slopes_of_the_layer_before,
        ),
        Twin(
            "forwards through the layers",
            "The gradient comes from the end. You let it pass the first layer first.",
            lambda x, weights, g: _norms(x, weights, g, order=slice(None)),
        ),
        Twin(
            "squares of the norms",
            "These are sums of squares. One step is missing to a norm.",
            lambda x, weights, g: _norms(x, weights, g, size=lambda v: np.sum(v**2)),
        ),
        Twin(
            "sums of sizes",
            "You add up sizes without squaring. The norm here is the length of the arrow.",
            lambda x, weights, g: _norms(x, weights, g, size=lambda v: np.sum(np.abs(v))),
        ),
        Twin(
            "input left out",
            "One number is missing: the gradient at the input itself.",
            lambda x, weights, g: gradient_norms(x, weights, g)[1:],
        ),
        Twin(
            "output left out",
            "One number is missing: the gradient that you were given, after the last layer.",
            lambda x, weights, g: gradient_norms(x, weights, g)[:-1],
        ),
        Twin(
            "compared with the last",
            "You divide by the last norm. The task asks for the norms themselves.",
            lambda x, weights, g: [n / np.linalg.norm(g) for n in gradient_norms(x, weights, g)],
        ),
    ),
    hints=(
        "Go forwards first and keep the z of every layer. Then go back, from the last layer to the "
        "first. By what does one layer multiply the gradient?",
        "One step back: multiply g entry by entry with 1 − tanh²(z), then by the turned matrix. "
        "Note the norm before the first step and after each.",
        """
        def gradient_norms(x, weights, g):
            a, zs = x, []
            for matrix in weights:
                ...                     # the z of this layer, kept; then the next a
            norms = [...]
            for matrix, z in ...:       # the last layer first
                g = ...
                ...
            return ...                  # the input first
        """,
    ),
    equivalent={"True -> False": "The two lists are always equally long."},
)

# --- 7. weight_scales -------------------------------------------------------------------------


def weight_scales(shape, slope):
    """Return the standard deviations of Kaiming's and of Xavier's rule."""
    fan_out, fan_in = shape
    kaiming = np.sqrt(2 / ((1 + slope**2) * fan_in))
    return kaiming, np.sqrt(2 / (fan_in + fan_out))


def _scales_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1, 1), (10, 784), (784, 10), (64, 64), (3, 1000)):
        yield Case((shape, 0.0))
        yield Case((shape, float(rng.uniform(0.01, 0.5))))
    yield Case(((20, 5), 1.0))


def _scales(kaiming, xavier=lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out))):
    """Make a twin from two rules."""
    return lambda shape, slope: (kaiming(shape[1], shape[0], slope), xavier(shape[1], shape[0]))


def _kaiming(fan_in, fan_out, slope):
    return np.sqrt(2 / ((1 + slope**2) * fan_in))


WEIGHT_SCALES = Exercise(
    name="weight_scales",
    chapter=3,
    title="Weights of the right size",
    points=2,
    minutes=8,
    difficulty=1,
    shapes="shape (out, in), slope a number → two standard deviations",
    reference=weight_scales,
    parts=("Kaiming", "Xavier"),
    cases=(
        Case(((1, 2), 0.0), "Two inputs and one output, plain ReLU."),
        Case(((8, 2), 0.0), "Which of the two numbers is the number of inputs?"),
        Case(((300, 600), 0.0), "The layer of the chapter's last section on scales."),
        Case(((4, 8), 0.5), "A leak of one half: part of what is negative gets through."),
        Case(((50, 50), 1.0), "A leak of 1 is no bend at all."),
    ),
    hidden=_scales_hidden,
    twins=(
        Twin(
            "fan-out for fan-in",
            "You take the number of outputs for Kaiming's rule. How many terms has the sum of one "
            "unit?",
            _scales(lambda fan_in, fan_out, slope: _kaiming(fan_out, fan_in, slope)),
        ),
        Twin(
            "variances",
            "These are the variances. The standard deviation is one step further.",
            _scales(
                lambda fan_in, fan_out, slope: 2 / ((1 + slope**2) * fan_in),
                lambda fan_in, fan_out: 2 / (fan_in + fan_out),
            ),
        ),
        Twin(
            "ranges of the even draw",
            "These are the ends r of the range when numbers are drawn evenly. The standard "
            "deviation was asked for.",
            _scales(
                lambda fan_in, fan_out, slope: np.sqrt(3) * _kaiming(fan_in, fan_out, slope),
                lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out)),
            ),
        ),
        Twin(
            "no gain",
            "The 2 is missing from your Kaiming rule. It makes up for the half that ReLU cuts "
            "away.",
            _scales(lambda fan_in, fan_out, slope: np.sqrt(1 / ((1 + slope**2) * fan_in))),
        ),
        Twin(
            "neither gain nor leak",
            "Your Kaiming rule counts the inputs only. The activation cuts something away, and "
            "that must be made up for.",
            _scales(lambda fan_in, fan_out, slope: np.sqrt(1 / fan_in)),
        ),
        Twin(
            "leak ignored",
            "You treat every slope as plain ReLU's. What leaks through counts as well.",
            _scales(lambda fan_in, fan_out, slope: np.sqrt(2 / fan_in)),
        ),
        Twin(
            "leak not squared",
            "The rule is about mean squares. What becomes of the factor α when it is squared?",
            _scales(lambda fan_in, fan_out, slope: np.sqrt(2 / ((1 + slope) * fan_in))),
        ),
        Twin(
            "leak the wrong way",
            "With a leak more gets through, so less has to be made up for. Your weights grow.",
            _scales(lambda fan_in, fan_out, slope: np.sqrt(2 * (1 + slope**2) / fan_in)),
        ),
        Twin(
            "one for two in Xavier",
            "In Xavier's rule the mean of the two fans is taken, not their sum. Where has the 2 "
            "gone?",
            _scales(_kaiming, lambda fan_in, fan_out: np.sqrt(1 / (fan_in + fan_out))),
        ),
        Twin(
            "the even draw's range in Xavier",
            "Your Xavier number is the end r of the range when numbers are drawn evenly. The "
            "standard deviation was asked for.",
            _scales(_kaiming, lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out))),
        ),
        Twin(
            "product of the fans",
            "Xavier's rule takes the middle of both fans; you multiply them.",
            _scales(_kaiming, lambda fan_in, fan_out: np.sqrt(2 / (fan_in * fan_out))),
        ),
        Twin(
            "Xavier with fan-in only",
            "Xavier's rule looks at both directions, forwards and back. You look at one.",
            _scales(_kaiming, lambda fan_in, fan_out: np.sqrt(1 / fan_in)),
        ),
        Twin(
            "wrong order",
            "Both numbers are right; they are in the wrong order.",
            lambda shape, slope: weight_scales(shape, slope)[::-1],
        ),
    ),
    hints=(
        "How many terms are in the sum of one unit? And which share of the mean square does the "
        "activation let through?",
        "Kaiming: √(2 / ((1 + α²) · fan-in)). Xavier: √(2 / (fan-in + fan-out)). The shape of a "
        "weight is (out, in).",
        """
        def weight_scales(shape, slope):
            fan_out, fan_in = ...
            kaiming = np.sqrt(...)
            xavier = ...
            return kaiming, xavier
        """,
    ),
)

EXERCISES = (
    STABLE_SIGMOID,
    FIVE_SLOPES,
    SOFTMAX,
    EXACT_GELU,
    DEAD_UNITS,
    GRADIENT_NORMS,
    WEIGHT_SCALES,
)
