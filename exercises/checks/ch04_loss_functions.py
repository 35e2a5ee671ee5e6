"""The tasks of chapter 4: losses that refuse, losses from logits, their gradient, perplexity."""

from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. mse -------------------------------------------------------------------------------------


def mse(outputs, targets):
    """Return the mean squared error; raise ValueError unless the shapes are equal."""
    if outputs.shape != targets.shape:
        raise ValueError(f"mse: outputs {outputs.shape} and targets {targets.shape} must be equal")
    return np.mean((outputs - targets) ** 2)


def _use_mse(mse, outputs, targets):
    try:
        loss = mse(outputs, targets)
    except ValueError:
        return {"raised": "ValueError"}
    return {"returned": "ValueError" if isinstance(loss, ValueError) else loss}


def _mse_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for shape in ((1,), (7,), (5, 1), (3, 4), (2, 3, 4)):
        yield Case(tuple(rng.normal(size=(2, *shape)).round(3)))
    for shape, other in (((6, 1), (6,)), ((6,), (6, 1)), ((4, 3), (3,)), ((2, 6), (3, 4))):
        yield Case((rng.normal(size=shape), rng.normal(size=other)))
    yield Case((np.ones(3), np.ones(1)))
    yield Case((np.ones((1, 3)), np.ones(3)))
    yield Case((np.arange(4), np.array([0, 2, 2, 0])))


def _mse_with(refuses, error=lambda outputs, targets: np.mean((outputs - targets) ** 2)):
    """Make an answer that is right but for what it refuses, or for the error it computes."""

    def answer(outputs, targets):
        if refuses(outputs, targets):
            raise ValueError
        return error(outputs, targets)

    return answer


def _mse_without_raising(instead):
    """Make an answer that gives something back for two shapes, where it should raise."""
    return lambda outputs, targets: (
        instead if _shapes_differ(outputs, targets) else mse(outputs, targets)
    )


def _shapes_differ(outputs, targets):
    return outputs.shape != targets.shape


MSE = Exercise(
    name="mse",
    chapter=4,
    title="A mean squared error that refuses to broadcast",
    points=2,
    minutes=6,
    difficulty=1,
    shapes="outputs and targets of one shape → a number; ValueError for two shapes",
    reference=mse,
    use=_use_mse,
    cases=(
        Case((np.array([3.0]), np.array([1.0])), "One example, off by 2."),
        Case((np.array([1.0, 5.0]), np.array([2.0, 2.0])), "Two examples, off by −1 and by 3."),
        Case(
            (np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 2.0, 4.0])),
            "A column and a vector: the same numbers, and not the same shape.",
        ),
        Case(
            (np.array([[1.0, 0.0], [3.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 1.0]])),
            "A table of two by two: the mean runs over all four entries.",
        ),
        Case(
            (np.array([1.0, 2.0, 3.0]), np.array([2.0])),
            "One target for three outputs: NumPy would use it three times.",
        ),
        Case(
            (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 2.0])),
            "As many targets as rows, and as columns: NumPy would not complain.",
        ),
        Case(
            (np.array([1.0, 2.0, 3.0, 4.0]), np.array([[1.0, 2.0], [3.0, 4.0]])),
            "Four numbers on each side, laid out differently.",
        ),
    ),
    hidden=_mse_hidden,
    twins=(
        Twin(
            "broadcasts",
            "For two different shapes you return a number. NumPy has paired entries that do not "
            "belong together.",
            _mse_with(lambda outputs, targets: False),
        ),
        Twin(
            "compares lengths only",
            "You compare how many rows there are. A column has as many rows as a vector has "
            "entries.",
            _mse_with(lambda outputs, targets: len(outputs) != len(targets)),
        ),
        Twin(
            "compares sizes only",
            "You compare how many numbers there are. The same numbers can lie in two shapes.",
            _mse_with(lambda outputs, targets: outputs.size != targets.size),
        ),
        Twin(
            "compares axes only",
            "You compare how many axes there are. Axes can have different lengths, and a length "
            "of 1 is stretched.",
            _mse_with(lambda outputs, targets: outputs.ndim != targets.ndim),
        ),
        Twin(
            "flattens",
            "You bring both into one shape by yourself. The task is to refuse: whoever mixed up "
            "the shapes should hear of it.",
            _mse_with(
                lambda outputs, targets: outputs.size != targets.size,
                lambda outputs, targets: np.mean((outputs.ravel() - targets.ravel()) ** 2),
            ),
        ),
        Twin(
            "returns the error",
            "You hand the error back as a value, and whoever called may go on with it. An error is "
            "raised.",
            _mse_without_raising(ValueError("the shapes differ")),
        ),
        Twin(
            "returns nothing",
            "For two shapes your function ends without a result and without an error, whatever it "
            "prints. Whoever called it does not hear of it.",
            _mse_without_raising(None),
        ),
        Twin(
            "sum for mean",
            "Your loss grows with the number of examples.",
            _mse_with(_shapes_differ, lambda outputs, targets: np.sum((outputs - targets) ** 2)),
        ),
        Twin(
            "divided by the rows",
            "You divide by the number of rows. A table has more entries than rows.",
            _mse_with(
                _shapes_differ,
                lambda outputs, targets: np.sum((outputs - targets) ** 2) / len(outputs),
            ),
        ),
        Twin(
            "half",
            "This is the half mean squared error, another book's convention.",
            _mse_with(
                _shapes_differ, lambda outputs, targets: np.mean((outputs - targets) ** 2) / 2
            ),
        ),
        Twin(
            "root",
            "You have taken a root at the end. The mean squared error stays squared.",
            _mse_with(
                _shapes_differ,
                lambda outputs, targets: np.sqrt(np.mean((outputs - targets) ** 2)),
            ),
        ),
        Twin(
            "absolute",
            "This is the mean of the gaps' sizes. Large gaps should count for more.",
            _mse_with(_shapes_differ, lambda outputs, targets: np.mean(abs(outputs - targets))),
        ),
        Twin(
            "not squared",
            "Gaps of opposite sign cancel in your loss.",
            _mse_with(_shapes_differ, lambda outputs, targets: np.mean(outputs - targets)),
        ),
    ),
    hints=(
        "Two steps: look at the shapes before you subtract anything; then the formula.",
        "An array knows its shape, and two shapes can be compared with !=. raise ValueError(...) "
        "stops with an error. The loss is the mean of (output − target)².",
        """
        def mse(outputs, targets):
            if ...:                       # the shapes are not the same
                raise ValueError("...")   # say which shapes came
            return ...
        """,
    ),
)

# --- 2. binary_cross_entropy --------------------------------------------------------------------


def binary_cross_entropy(z, y):
    """Return the mean binary cross-entropy of logits z with labels y."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def _binary_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size, width in ((1, 1.0), (2, 1.0), (10, 3.0), (100, 30.0), (20, 1000.0)):
        yield Case((rng.normal(size=size) * width, rng.integers(0, 2, size=size)))
    yield Case((np.array([-800.0, 800.0]), np.array([1.0, 0.0])))
    yield Case((np.array([-45.0]), np.array([1])))
    yield Case((np.array([0.5, -0.5, 2.0]), np.array([0.2, 0.5, 0.9])))


def _probabilities(z):
    return 1 / (1 + np.exp(-z))


def _binary_terms(z, y):
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


BINARY = Exercise(
    name="binary_cross_entropy",
    chapter=4,
    title="Binary cross-entropy from logits",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="z (N,), y (N,) from 0 to 1 → a number",
    reference=binary_cross_entropy,
    cases=(
        Case((np.array([0.0]), np.array([1])), "A logit of 0 is a probability of one half."),
        Case((np.array([2.0]), np.array([0])), "Rather sure, and wrong."),
        Case((np.array([1.0, -3.0]), np.array([1, 0])), "Two examples, both on the right side."),
        Case((np.array([40.0]), np.array([0])), "Here the sigmoid rounds to exactly 1."),
        Case((np.array([-40.0]), np.array([1])), "Logit −40 where 1 is right: the loss is 40."),
        Case(
            (np.array([1000.0, 1000.0]), np.array([1, 0])),
            "Logits of a thousand: one is right and costs nothing, the other is wrong.",
        ),
        Case((np.array([-1000.0, -1000.0]), np.array([0, 1])), "The same with the other sign."),
        Case((np.array([0.5]), np.array([0.3])), "A label between 0 and 1: both terms count."),
    ),
    hidden=_binary_hidden,
    twins=(
        Twin(
            "in two steps",
            "Right for small logits. For large ones your probability is rounded to 0 or 1, and its "
            "logarithm is lost.",
            lambda z, y: (
                -np.mean(y * np.log(_probabilities(z)) + (1 - y) * np.log(1 - _probabilities(z)))
            ),
        ),
        Twin(
            "clipped",
            "You keep the probability away from 0 and 1. So a loss that should be large stops at a "
            "level of your choice.",
            lambda z, y: (
                -np.mean(
                    y * np.log(np.clip(_probabilities(z), 1e-12, 1 - 1e-12))
                    + (1 - y) * np.log(np.clip(1 - _probabilities(z), 1e-12, 1 - 1e-12))
                )
            ),
        ),
        Twin(
            "overflows on one side",
            "Your exponential overflows for logits of one sign.",
            lambda z, y: np.mean(z - z * y + np.log(1 + np.exp(-z))),
        ),
        Twin(
            "overflows on the other side",
            "Your exponential overflows for large positive logits.",
            lambda z, y: np.mean(np.log(1 + np.exp(z)) - z * y),
        ),
        Twin(
            "z for max(z, 0)",
            "Your exponential is safe. But the term in z alone is right for positive z only.",
            lambda z, y: np.mean(z - z * y + np.log1p(np.exp(-np.abs(z)))),
        ),
        Twin(
            "|z| for max(z, 0)",
            "Your exponential is safe. But a logit far below 0 should cost nothing where 0 is "
            "right.",
            lambda z, y: np.mean(np.abs(z) - z * y + np.log1p(np.exp(-np.abs(z)))),
        ),
        Twin(
            "−z for −|z|",
            "Your exponential is that of −z, which grows on one side. Which exponent never does?",
            lambda z, y: np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-z))),
        ),
        Twin(
            "max(z, 0) dropped",
            "A term is missing: for large z and label 0 your loss should grow with z.",
            lambda z, y: np.mean(-z * y + np.log1p(np.exp(-np.abs(z)))),
        ),
        Twin(
            "label's term added",
            "The term with the label has the wrong sign: it should lower the loss of a label 1 "
            "whose logit is positive.",
            lambda z, y: np.mean(np.maximum(z, 0) + z * y + np.log1p(np.exp(-np.abs(z)))),
        ),
        Twin(
            "logarithm to base 2",
            "One of your terms is a logarithm to the base 2, and the others are in nats.",
            lambda z, y: np.mean(np.maximum(z, 0) - z * y + np.log2(1 + np.exp(-np.abs(z)))),
        ),
        Twin(
            "labels 0 and 1 only",
            "Right for the labels 0 and 1. For a label between them both terms count, each by its "
            "share.",
            lambda z, y: np.mean(np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z))),
        ),
        Twin(
            "label as a sign",
            "Right for the labels 0 and 1, of which you make signs. A label between them is no "
            "sign: both terms count.",
            lambda z, y: np.mean(np.logaddexp(0, (1 - 2 * y) * z)),
        ),
        Twin(
            "one term lost",
            "The examples with label 0 cost nothing in your loss.",
            lambda z, y: np.mean(y * np.logaddexp(0, -z)),
        ),
        Twin(
            "labels exchanged",
            "Your loss is small where it should be large: the two labels have changed places.",
            lambda z, y: np.mean(_binary_terms(z, 1 - y)),
        ),
        Twin(
            "sum for mean",
            "Your loss grows with the number of examples.",
            lambda z, y: np.sum(_binary_terms(z, y)),
        ),
        Twin(
            "not reduced",
            "These are the losses of the examples. One number was asked for.",
            lambda z, y: _binary_terms(z, y),
        ),
        Twin(
            "in bits",
            "Your logarithm has the base 2.",
            lambda z, y: np.mean(_binary_terms(z, y)) / np.log(2),
        ),
        Twin(
            "squared error",
            "This is the squared error of the probabilities. It never exceeds 1.",
            lambda z, y: np.mean((_probabilities(z) - y) ** 2),
        ),
        Twin(
            "wrong sign",
            "Your loss is negative. Minus the logarithm of a probability never is.",
            lambda z, y: -np.mean(_binary_terms(z, y)),
        ),
    ),
    hints=(
        "Do not compute the probability at all. Which form of the loss has an exponent that is "
        "never positive?",
        "One example costs max(z, 0) − z y + ln(1 + e^(−|z|)). The answer is the mean.",
        """
        def binary_cross_entropy(z, y):
            small = ...                    # e to the minus |z|: between 0 and 1
            each = ... - z * y + ...
            return ...
        """,
    ),
)

# --- 3. cross_entropy ---------------------------------------------------------------------------


def cross_entropy(logits, targets):
    """Return the mean cross-entropy of logits with the numbers of the right classes."""
    z = logits - np.max(logits, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(z), axis=1))
    return np.mean(log_sum - z[np.arange(len(targets)), targets])


def _classes_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, classes in ((1, 2), (4, 4), (3, 7), (50, 10), (6, 1)):
        logits = 3 * rng.normal(size=(rows, classes))
        yield Case((logits, rng.integers(0, classes, size=rows)))
    for width in (100.0, 10000.0):
        yield Case((width * rng.normal(size=(5, 3)), rng.integers(0, 3, size=5)))
    rows = np.array([[0.0, 1.0], [1000.0, 1001.0], [-1000.0, -999.0]])
    yield Case((rows, np.array([0, 0, 1])))
    yield Case((np.zeros((3, 5)), np.array([4, 0, 2])))


def _shifted(logits):
    return logits - np.max(logits, axis=1, keepdims=True)


def _log_sums(z):
    return np.log(np.sum(np.exp(z), axis=1))


def _log_p(logits):
    z = _shifted(logits)
    return z - _log_sums(z)[:, None]


def _softmax(logits, axis=1):
    z = logits - np.max(logits, axis=axis, keepdims=True)
    return np.exp(z) / np.sum(np.exp(z), axis=axis, keepdims=True)


def _picked(table, targets):
    return table[np.arange(len(targets)), targets]


def _from_shifted(z, targets):
    """Return the cross-entropy of logits from which something has been subtracted, or nothing."""
    return np.mean(_log_sums(z) - _picked(z, targets))


_LOGITS = np.array([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0]])

CROSS = Exercise(
    name="cross_entropy",
    chapter=4,
    title="Cross-entropy from logits",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="logits (N, K), targets (N,) of class numbers from 0 → a number",
    reference=cross_entropy,
    cases=(
        Case((np.array([[0.0, 0.0]]), np.array([1])), "Two classes, and no idea: ln 2."),
        Case((np.array([[2.0, 0.0]]), np.array([0])), "One example, rather sure and right."),
        Case(
            (np.array([[1.0, 2.0, 3.0]]), np.array([0])),
            "Three classes; the right one has the smallest logit.",
        ),
        Case((_LOGITS, np.array([0, 1])), "Two examples: each row has its own softmax."),
        Case(
            (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])),
            "Logits of a thousand: the first row is right and costs nothing, the second is wrong.",
        ),
        Case(
            (np.array([[-1000.0, -1000.0, -1001.0]]), np.array([2])),
            "All logits are far below 0: only their differences count.",
        ),
        Case(
            (np.array([[0.0, 1.0], [1000.0, 1001.0]]), np.array([0, 1])),
            "Two rows on very different levels: what is subtracted belongs to the row.",
        ),
    ),
    hidden=_classes_hidden,
    twins=(
        Twin(
            "overflows",
            "Right for small logits. For a thousand, the exponential overflows.",
            _from_shifted,
        ),
        Twin(
            "in two steps",
            "Your probability can be rounded to 0, and the logarithm of that is lost. Put softmax "
            "and logarithm into one formula.",
            lambda logits, targets: -np.mean(np.log(_picked(_softmax(logits), targets))),
        ),
        Twin(
            "clipped",
            "You keep the probability away from 0. So a loss that should be large stops at a level "
            "of your choice.",
            lambda logits, targets: (
                -np.mean(np.log(np.maximum(_picked(_softmax(logits), targets), 1e-12)))
            ),
        ),
        Twin(
            "softmax twice",
            "Even when you are sure and right, your loss stays well above 0: the softmax is "
            "applied to probabilities.",
            lambda logits, targets: -np.mean(_picked(_log_p(_softmax(logits)), targets)),
        ),
        Twin(
            "wrong axis",
            "Your softmax shares out 1 among the examples. It should do so among the classes.",
            lambda logits, targets: -np.mean(np.log(_picked(_softmax(logits, axis=0), targets))),
        ),
        Twin(
            "one maximum for all",
            "You subtract one number from all rows. A row far below it has nothing left.",
            lambda logits, targets: _from_shifted(logits - np.max(logits), targets),
        ),
        Twin(
            "sum for mean",
            "Your loss grows with the number of examples.",
            lambda logits, targets: -np.sum(_picked(_log_p(logits), targets)),
        ),
        Twin(
            "shifted log-sum-exp, plain logit",
            "Log-sum-exp and right logit stand on different levels: what is subtracted from one "
            "must be subtracted from the other.",
            lambda logits, targets: np.mean(_log_sums(_shifted(logits)) - _picked(logits, targets)),
        ),
        Twin(
            "plain log-sum-exp, shifted logit",
            "Your log-sum-exp has its largest logit back, and the right logit has not: both must "
            "stand on one level.",
            lambda logits, targets: np.mean(
                np.max(logits, axis=1)
                + _log_sums(_shifted(logits))
                - _picked(_shifted(logits), targets)
            ),
        ),
        Twin(
            "largest of the column",
            "You subtract the largest of each column. What is subtracted has to be the same along "
            "a whole row.",
            lambda logits, targets: _from_shifted(logits - np.max(logits, axis=0), targets),
        ),
        Twin(
            "maximum without its axis",
            "The largest logits have lost an axis: NumPy lines them up with the columns, and not "
            "with the rows.",
            lambda logits, targets: _from_shifted(logits - np.max(logits, axis=1), targets),
        ),
        Twin(
            "mean over classes too",
            "You divide by the number of classes as well.",
            lambda logits, targets: -np.mean(_picked(_log_p(logits), targets)) / logits.shape[1],
        ),
        Twin(
            "all classes",
            "You take the mean over all classes. Only the right one of each row counts.",
            lambda logits, targets: -np.mean(_log_p(logits)),
        ),
        Twin(
            "likeliest class",
            "You look at the class that the network likes best. What counts is the right one.",
            lambda logits, targets: -np.mean(np.max(_log_p(logits), axis=1)),
        ),
        Twin(
            "wrong sign",
            "Your loss is negative. Minus the logarithm of a probability never is.",
            lambda logits, targets: np.mean(_picked(_log_p(logits), targets)),
        ),
        Twin(
            "columns for rows",
            "You pick whole columns. From row i, only the column targets[i] is wanted.",
            lambda logits, targets: -np.mean(_log_p(logits)[:, targets]),
        ),
    ),
    hints=(
        "The loss of a row is log-sum-exp of its logits, less the right logit. What may be "
        "subtracted from a whole row before the exponential?",
        "With m the largest logit of the row: ln Σ e^(z − m) − (z_t − m). Take the maximum along "
        "the classes and keep the axis, so that it fits the rows. The right logits are picked "
        "with two index arrays: the rows 0 … N − 1, and the targets.",
        """
        def cross_entropy(logits, targets):
            shifted = logits - ...         # (N, K), largest of each row is 0
            log_sum_exp = ...              # (N,)
            right = shifted[..., ...]      # (N,)
            return ...
        """,
    ),
)

# --- 4. cross_entropy_gradient ------------------------------------------------------------------


def cross_entropy_gradient(logits, targets):
    """Return the slope of the mean cross-entropy in every logit."""
    z = logits - np.max(logits, axis=1, keepdims=True)
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


def _one_hot(logits, targets):
    return np.eye(logits.shape[1])[targets]


def _unshifted(logits, targets):
    p = np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)
    return (p - _one_hot(logits, targets)) / len(targets)


def _in_place(logits, targets):
    logits -= np.max(logits, axis=1, keepdims=True)
    return cross_entropy_gradient(logits, targets)


def _from_whole_columns(logits, targets):
    p = _softmax(logits)
    p[:, targets] -= 1
    return p / len(targets)


def _through_jacobian_diagonal(logits, targets):
    p = _softmax(logits)
    return -_one_hot(logits, targets) * (1 - p) / len(targets)


def _of_squared_error(logits, targets):
    p, y = _softmax(logits), _one_hot(logits, targets)
    return (p - y) * p * (1 - p) / len(targets)


CROSS_GRADIENT = Exercise(
    name="cross_entropy_gradient",
    chapter=4,
    title="The gradient of the cross-entropy",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="logits (N, K), targets (N,) → (N, K)",
    reference=cross_entropy_gradient,
    cases=(
        Case(
            (np.array([[0.0, 0.0]]), np.array([0])),
            "No idea: each class has one half, and the first is right.",
        ),
        Case(
            (np.array([[1.0, 2.0, 0.0]]), np.array([2])),
            "Three classes: every wrong one is pushed down by its probability.",
        ),
        Case((_LOGITS, np.array([0, 1])), "Two examples: the loss is their mean."),
        Case(
            (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])),
            "Logits of a thousand: one row is right, one is wrong.",
        ),
        Case(
            (np.array([[0.0, 1.0], [2.0, 1000.0]]), np.array([1, 1])),
            "Two rows on very different levels.",
        ),
    ),
    hidden=_classes_hidden,
    twins=(
        Twin(
            "wrong sign",
            "This points downhill: true minus predicted. The gradient points uphill.",
            lambda logits, targets: -cross_entropy_gradient(logits, targets),
        ),
        Twin(
            "sum for mean",
            "This is the gradient of the sum over the examples. The loss is their mean.",
            lambda logits, targets: _softmax(logits) - _one_hot(logits, targets),
        ),
        Twin(
            "1/N on the target only",
            "Your 1/N reaches the targets, and not the probabilities.",
            lambda logits, targets: _softmax(logits) - _one_hot(logits, targets) / len(targets),
        ),
        Twin(
            "1/N on the probabilities only",
            "Your 1/N reaches the probabilities, and not the targets.",
            lambda logits, targets: _softmax(logits) / len(targets) - _one_hot(logits, targets),
        ),
        Twin(
            "columns for rows",
            "You take 1 away from whole columns. In row i only the column targets[i] is meant.",
            _from_whole_columns,
        ),
        Twin(
            "one-hot as wide as the batch",
            "Your table of targets is as wide as there are examples. It needs a column for each "
            "class.",
            lambda logits, targets: (
                (_softmax(logits) - np.eye(len(targets))[targets]) / len(targets)
            ),
        ),
        Twin(
            "divided by the classes too",
            "You take a mean over classes as well. The loss takes one over the examples only.",
            lambda logits, targets: cross_entropy_gradient(logits, targets) / logits.shape[1],
        ),
        Twin(
            "probabilities only",
            "These are the probabilities, over N. The target is still to come off.",
            lambda logits, targets: _softmax(logits) / len(targets),
        ),
        Twin(
            "logits for probabilities",
            "You take the target off the logits. It comes off the probabilities.",
            lambda logits, targets: (logits - _one_hot(logits, targets)) / len(targets),
        ),
        Twin(
            "right class only",
            "Only the right class gets a slope from you. The wrong ones are pushed down as well.",
            _through_jacobian_diagonal,
        ),
        Twin(
            "an extra p(1 − p)",
            "You multiply by the slope of a sigmoid once more. In the cross-entropy that factor "
            "has cancelled.",
            _of_squared_error,
        ),
        Twin(
            "overflows",
            "Right for small logits. For a thousand, the exponential overflows.",
            _unshifted,
        ),
        Twin(
            "wrong axis",
            "Your softmax shares out 1 among the examples. It should do so among the classes.",
            lambda logits, targets: (
                (_softmax(logits, axis=0) - _one_hot(logits, targets)) / len(targets)
            ),
        ),
        Twin(
            "changes its input",
            "The gradient is right. But the logits that were given to you have changed: make new "
            "arrays.",
            _in_place,
        ),
        Twin(
            "slope in the probability",
            "This is the slope in the probabilities, −1/p. The slope in the logits was asked for.",
            lambda logits, targets: -_one_hot(logits, targets) / _softmax(logits) / len(targets),
        ),
    ),
    hints=(
        "The formula in the chapter is the shortest of all. Mind the mean, and large logits.",
        "The slope in logit j of example i is (p_ij − y_ij) / N, with p the softmax of the row and "
        "y one-hot. Either build y as a table, or take 1 away at the right places of p.",
        """
        def cross_entropy_gradient(logits, targets):
            powers = np.exp(logits - ...)      # shifted, so that nothing overflows
            p = powers / ...                   # (N, K), each row adds up to 1
            y = ...                            # (N, K), one-hot
            return ...
        """,
    ),
)

# --- 5. hinge -----------------------------------------------------------------------------------


def hinge(scores, labels):
    """Return the mean hinge loss, and its slope in every score."""
    short = 1 - labels * scores
    return np.mean(np.maximum(short, 0)), -labels * (short > 0) / len(labels)


def _hinge_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for size in (1, 2, 9, 100):
        yield Case((2 * rng.normal(size=size).round(2), rng.choice([-1.0, 1.0], size=size)))
    grid = np.arange(-4, 5) / 2
    yield Case((grid, np.ones(9)))
    yield Case((grid, -np.ones(9)))
    yield Case((np.array([3, -2, 1]), np.array([1, -1, 1])))
    yield Case((np.array([0.25, 0.5, 1.0, 1.0]), np.array([-1, 1, 1, -1])))


def _hinge_like(loss, slope):
    """Make an answer from the loss of each margin and its slope in the margin."""

    def answer(scores, labels):
        margins = labels * scores
        return np.mean(loss(margins)), labels * slope(margins) / len(labels)

    return answer


HINGE = Exercise(
    name="hinge",
    chapter=4,
    title="The hinge loss and its slope",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="scores (N,), labels (N,) of −1 and +1 → (loss, slope): a number and (N,)",
    reference=hinge,
    parts=("the loss", "the slope"),
    cases=(
        Case((np.array([0.5]), np.array([1])), "Right, but with too small a margin."),
        Case((np.array([0.5]), np.array([-1])), "The same score, and the other label: wrong."),
        Case((np.array([3.0]), np.array([1])), "Right by far: nothing to pay, nothing to pull."),
        Case((np.array([1.0]), np.array([1])), "The margin is exactly 1: take the slope as 0."),
        Case(
            (np.array([2.0, -0.5, 0.0, -3.0]), np.array([1, 1, -1, -1])),
            "Four examples: right by far, wrong, undecided, right by far.",
        ),
    ),
    hidden=_hinge_hidden,
    twins=(
        Twin(
            "perceptron loss",
            "You are content as soon as the answer is right. The hinge asks for a margin of 1.",
            _hinge_like(lambda m: np.maximum(0, -m), lambda m: -1.0 * (m < 0)),
        ),
        Twin(
            "never zero",
            "Answers that are right by far are rewarded: your loss goes below 0 beyond the "
            "margin 1.",
            _hinge_like(lambda m: 1 - m, lambda m: -np.ones(m.shape)),
        ),
        Twin(
            "never zero, slope right",
            "Answers that are right by far are rewarded: your loss goes below 0 beyond the "
            "margin 1. (The slope is right.)",
            _hinge_like(lambda m: 1 - m, lambda m: -1.0 * (m < 1)),
        ),
        Twin(
            "distance from the margin",
            "Answers that are right by far are punished: your loss rises again beyond the "
            "margin 1.",
            _hinge_like(lambda m: abs(1 - m), lambda m: np.sign(m - 1)),
        ),
        Twin(
            "distance from the margin, slope right",
            "Answers that are right by far are punished: your loss rises again beyond the "
            "margin 1. (The slope is right.)",
            _hinge_like(lambda m: abs(1 - m), lambda m: -1.0 * (m < 1)),
        ),
        Twin(
            "slope goes on",
            "The loss is right. Its slope should be 0 where the loss is flat.",
            _hinge_like(lambda m: np.maximum(0, 1 - m), lambda m: -np.ones(m.shape)),
        ),
        Twin(
            "slope 1 at the kink",
            "All is right but one point: at a margin of exactly 1 the task takes the slope as 0.",
            _hinge_like(lambda m: np.maximum(0, 1 - m), lambda m: -1.0 * (m <= 1)),
        ),
        Twin(
            "squared hinge",
            "Your loss bends: it is the square of the hinge.",
            _hinge_like(lambda m: np.maximum(0, 1 - m) ** 2, lambda m: -2 * np.maximum(0, 1 - m)),
        ),
        Twin(
            "logistic",
            "This is the logistic loss, which never becomes 0.",
            _hinge_like(lambda m: np.logaddexp(0, -m), lambda m: -1 / (1 + np.exp(m))),
        ),
        Twin(
            "slope in the margin",
            "The loss is right. Your slope is the one in the margin; for label −1 the score moves "
            "the margin the other way.",
            lambda scores, labels: (
                hinge(scores, labels)[0],
                -1.0 * (labels * scores < 1) / len(labels),
            ),
        ),
        Twin(
            "wrong sign of the slope",
            "The loss is right. Your slope points downhill.",
            _hinge_like(lambda m: np.maximum(0, 1 - m), lambda m: 1.0 * (m < 1)),
        ),
        Twin(
            "slope of the sum",
            "The loss is right. Your slope belongs to the sum over the examples.",
            lambda scores, labels: (
                hinge(scores, labels)[0],
                -labels * (labels * scores < 1),
            ),
        ),
        Twin(
            "sum for mean",
            "Loss and slope both grow with the number of examples.",
            lambda scores, labels: (
                np.sum(np.maximum(0, 1 - labels * scores)),
                -labels * (labels * scores < 1),
            ),
        ),
        Twin(
            "sum in the loss only",
            "The slope is right. Your loss is the sum over the examples, not their mean.",
            lambda scores, labels: (
                hinge(scores, labels)[0] * len(labels),
                hinge(scores, labels)[1],
            ),
        ),
        Twin(
            "slope over those that pull",
            "The loss is right. You divide its slope by the number of examples that pull. The "
            "mean counts all of them.",
            lambda scores, labels: (
                hinge(scores, labels)[0],
                -labels * (labels * scores < 1) / np.sum(labels * scores < 1),
            ),
        ),
        Twin(
            "slope over those that pull, or 0",
            "The loss is right. Its slope is divided by the number of examples, and not by how "
            "many of them pull.",
            lambda scores, labels: (
                hinge(scores, labels)[0],
                -labels * (labels * scores < 1) / max(1, np.sum(labels * scores < 1)),
            ),
        ),
        Twin(
            "slope times the score",
            "The loss is right. Your slope still contains the score: that is the slope in a weight "
            "whose input is s, not the slope in s.",
            lambda scores, labels: (
                hinge(scores, labels)[0],
                -labels * scores * (labels * scores < 1) / len(labels),
            ),
        ),
        Twin(
            "label ignored",
            "You treat every label as +1.",
            lambda scores, labels: hinge(scores, np.ones(len(labels))),
        ),
    ),
    hints=(
        "First the margin of each example: label times score. How much is missing to 1, if "
        "anything?",
        "Loss: the mean of max(0, 1 − y s). Slope in s: −y / N where y s < 1, and 0 elsewhere. A "
        "comparison gives True and False, which count as 1 and 0 in a product.",
        """
        def hinge(scores, labels):
            margins = ...
            loss = ...
            slope = ... * (margins < ...) / ...
            return loss, slope
        """,
    ),
)

# --- 6. perplexity ------------------------------------------------------------------------------


def perplexity(probabilities, tokens):
    """Return the loss of a language model in bits a token, and its perplexity."""
    given = probabilities[np.arange(len(tokens)), tokens]
    bits = np.mean(np.log2(1 / given))
    return bits, 2**bits


def _perplexity_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for length, size in ((1, 2), (3, 3), (5, 4), (40, 27), (3000, 50)):
        table = rng.dirichlet(np.ones(size), size=length)
        yield Case((table, rng.integers(0, size, size=length)))
    yield Case((np.full((4, 8), 1 / 8), np.array([0, 7, 3, 3])))
    yield Case((np.eye(3), np.array([0, 1, 2])))
    yield Case((np.array([[0.001, 0.999], [0.5, 0.5]]), np.array([0, 1])))


def _from_given(bits, many):
    """Make an answer from the two functions of the probabilities that the tokens were given."""

    def answer(probabilities, tokens):
        given = _picked(probabilities, tokens)
        return bits(given), many(given)

    return answer


def _one_hot_perplexity(probabilities, tokens):
    came = np.eye(probabilities.shape[1])[tokens]
    bits = -np.sum(came * np.log2(probabilities)) / len(tokens)
    return bits, 2**bits


def _mean_bits(given):
    return -np.mean(np.log2(given))


_TABLE = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.25, 0.5]])

PERPLEXITY = Exercise(
    name="perplexity",
    chapter=4,
    title="Bits and perplexity",
    points=2,
    minutes=8,
    difficulty=2,
    shapes="probabilities (T, V), tokens (T,) of numbers from 0 → (bits, perplexity), two numbers",
    reference=perplexity,
    parts=("bits", "perplexity"),
    cases=(
        Case((np.array([[0.5, 0.5]]), np.array([1])), "One token of two, equally probable."),
        Case(
            (np.array([[0.125, 0.875], [0.5, 0.5]]), np.array([0, 0])),
            "Three bits and one bit: two bits on average.",
        ),
        Case((_TABLE, np.array([0, 2, 0])), "Three tokens with 1/2, 1/8 and 1/4."),
        Case((_TABLE, np.array([1, 1, 2])), "The same model on another text."),
        Case(
            (np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 1])),
            "A token that did not come may have the probability 0.",
        ),
        Case(
            (np.full((1500, 4), 0.25), np.zeros(1500, dtype=int)),
            "A long text: the product of all probabilities is too small for a number.",
        ),
    ),
    hidden=_perplexity_hidden,
    twins=(
        Twin(
            "nats",
            "The perplexity is right. Your first number is in nats: its logarithm is the natural "
            "one.",
            _from_given(lambda p: -np.mean(np.log(p)), lambda p: 2 ** _mean_bits(p)),
        ),
        Twin(
            "bases mixed",
            "The bits are right. But what was measured with base 2 is raised with base e.",
            _from_given(_mean_bits, lambda p: np.exp(_mean_bits(p))),
        ),
        Twin(
            "base 2 on nats",
            "Both numbers mix their bases: the logarithm is natural, and the power is one of 2.",
            _from_given(lambda p: -np.mean(np.log(p)), lambda p: 2 ** -np.mean(np.log(p))),
        ),
        Twin(
            "nats times ln 2",
            "The perplexity is right. From nats to bits you go the wrong way: one nat is more "
            "than one bit.",
            _from_given(lambda p: -np.mean(np.log(p)) * np.log(2), lambda p: 2 ** _mean_bits(p)),
        ),
        Twin(
            "results exchanged",
            "Your two numbers have changed places: first the bits, then the perplexity.",
            _from_given(lambda p: 2 ** _mean_bits(p), _mean_bits),
        ),
        Twin(
            "one-hot sum",
            "0 times the logarithm of 0 is no number. Pick first, and then take logarithms.",
            _one_hot_perplexity,
        ),
        Twin(
            "mean of 1/p",
            "The bits are right. Perplexity comes after the mean: you average 1/p instead.",
            _from_given(_mean_bits, lambda p: np.mean(1 / p)),
        ),
        Twin(
            "one over the mean",
            "You average the probabilities first. It is the logarithms that are averaged.",
            _from_given(lambda p: -np.log2(np.mean(p)), lambda p: 1 / np.mean(p)),
        ),
        Twin(
            "sum for mean",
            "You add the bits of the whole text. Bits a token were asked for.",
            _from_given(lambda p: -np.sum(np.log2(p)), lambda p: 2.0 ** -np.sum(np.log2(p))),
        ),
        Twin(
            "bits of the whole text",
            "The perplexity is right. Your bits are those of the whole text, not of a token.",
            _from_given(lambda p: -np.sum(np.log2(p)), lambda p: 2 ** _mean_bits(p)),
        ),
        Twin(
            "product underflows",
            "Right for short texts. For a long one the product of the probabilities is rounded to "
            "0.",
            _from_given(
                lambda p: -np.log2(np.prod(p)) / len(p), lambda p: np.prod(p) ** (-1 / len(p))
            ),
        ),
        Twin(
            "likeliest token",
            "You look at the token that the model likes best. What counts is the one that came.",
            lambda probabilities, tokens: (
                _mean_bits(np.max(probabilities, axis=1)),
                2 ** _mean_bits(np.max(probabilities, axis=1)),
            ),
        ),
        Twin(
            "entropy",
            "This is how unsure the model is on average. What counts is the token that came.",
            lambda probabilities, tokens: (
                -np.sum(probabilities * np.log2(probabilities)) / len(tokens),
                2 ** (-np.sum(probabilities * np.log2(probabilities)) / len(tokens)),
            ),
        ),
        Twin(
            "wrong sign",
            "Your bits are negative. Minus the logarithm of a probability never is.",
            _from_given(lambda p: -_mean_bits(p), lambda p: 2 ** -_mean_bits(p)),
        ),
    ),
    hints=(
        "Which T of the T · V probabilities count? Pick them first.",
        "bits = −(1/T) Σ log₂ p of the token that came; perplexity = 2 to the power of bits. "
        "Average logarithms; a product of many probabilities becomes 0.",
        """
        def perplexity(probabilities, tokens):
            p = probabilities[..., ...]        # (T,), one a token
            bits = ...
            return bits, ...
        """,
    ),
)

# --- 7. smoothed_cross_entropy ------------------------------------------------------------------


def smoothed_cross_entropy(logits, targets, epsilon):
    """Return the mean cross-entropy with targets of which a share is spread over all classes."""
    z = logits - np.max(logits, axis=1, keepdims=True)
    losses = np.log(np.sum(np.exp(z), axis=1, keepdims=True)) - z
    own = losses[np.arange(len(targets)), targets]
    return np.mean((1 - epsilon) * own + epsilon * np.mean(losses, axis=1))


def _smooth_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for rows, classes, epsilon in ((1, 2, 0.1), (4, 4, 0.2), (3, 7, 0.0), (40, 10, 0.1), (5, 3, 1)):
        logits = 3 * rng.normal(size=(rows, classes))
        yield Case((logits, rng.integers(0, classes, size=rows), epsilon))
    yield Case((1000 * rng.normal(size=(5, 3)), rng.integers(0, 3, size=5), 0.3))
    yield Case((np.zeros((2, 5)), np.array([4, 0]), 0.5))


def _toward(logits, soft):
    """Return the mean cross-entropy with rows of targets."""
    return -np.sum(soft * _log_p(logits)) / len(soft)


def _spread(logits, targets, own, other):
    y = _one_hot(logits, targets)
    return _toward(logits, own * y + other * (1 - y))


def _smooth_in_two_steps(logits, targets, epsilon):
    soft = (1 - epsilon) * _one_hot(logits, targets) + epsilon / logits.shape[1]
    return -np.sum(soft * np.log(_softmax(logits))) / len(targets)


SMOOTH = Exercise(
    name="smoothed_cross_entropy",
    chapter=4,
    title="Label smoothing",
    points=3,
    minutes=14,
    difficulty=3,
    shapes="logits (N, K), targets (N,), epsilon a number from 0 to 1 → a number",
    reference=smoothed_cross_entropy,
    cases=(
        Case(
            (np.array([[2.0, 0.0]]), np.array([0]), 0.5),
            "Two classes and ε = 0.5: the targets are 0.75 and 0.25.",
        ),
        Case((np.array([[2.0, 0.0]]), np.array([0]), 0.0), "ε = 0: plain cross-entropy."),
        Case((np.array([[3.0, 0.0, 1.0]]), np.array([2]), 0.3), "Three classes and ε = 0.3."),
        Case((_LOGITS, np.array([0, 1]), 0.1), "Two examples: the loss is their mean."),
        Case(
            (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0]), 0.2),
            "Logits of a thousand: even the row that is right pays, for being too sure.",
        ),
    ),
    hidden=_smooth_hidden,
    twins=(
        Twin(
            "not smoothed",
            "This is the plain cross-entropy: epsilon changes nothing.",
            lambda logits, targets, epsilon: cross_entropy(logits, targets),
        ),
        Twin(
            "spread over the others",
            "You spread the share over the wrong classes only. It goes to all K, the right one "
            "too.",
            lambda logits, targets, epsilon: _spread(
                logits, targets, 1 - epsilon, epsilon / (logits.shape[1] - 1)
            ),
        ),
        Twin(
            "right class too small",
            "Your targets do not add up to 1: the right class is missing what is spread to it.",
            lambda logits, targets, epsilon: _spread(
                logits, targets, 1 - epsilon, epsilon / logits.shape[1]
            ),
        ),
        Twin(
            "only ε/K taken away",
            "Your targets add up to more than 1: from the right class the whole share is taken "
            "away before it is spread.",
            lambda logits, targets, epsilon: _spread(
                logits, targets, 1 - epsilon / logits.shape[1], epsilon / logits.shape[1]
            ),
        ),
        Twin(
            "nothing taken away",
            "Your targets add up to more than 1: the share is spread, and still kept.",
            lambda logits, targets, epsilon: _toward(
                logits, _one_hot(logits, targets) + epsilon / logits.shape[1]
            ),
        ),
        Twin(
            "not divided by the classes",
            "Each class gets the whole share from you, not its part of it.",
            lambda logits, targets, epsilon: _toward(
                logits, (1 - epsilon) * _one_hot(logits, targets) + epsilon
            ),
        ),
        Twin(
            "shares exchanged",
            "You keep the share that should be spread, and spread what should be kept.",
            lambda logits, targets, epsilon: smoothed_cross_entropy(logits, targets, 1 - epsilon),
        ),
        Twin(
            "only scaled",
            "You scale the loss down. What was taken away is not spread.",
            lambda logits, targets, epsilon: (1 - epsilon) * cross_entropy(logits, targets),
        ),
        Twin(
            "probabilities smoothed",
            "You smooth what the network says. It is the target that is smoothed.",
            lambda logits, targets, epsilon: (
                -np.mean(
                    np.log(
                        (1 - epsilon) * _picked(_softmax(logits), targets)
                        + epsilon / logits.shape[1]
                    )
                )
            ),
        ),
        Twin(
            "in two steps",
            "Right for small logits. For large ones a probability is rounded to 0, and its "
            "logarithm is lost.",
            _smooth_in_two_steps,
        ),
        Twin(
            "mean over the classes too",
            "You divide by the number of classes as well. The shares of the targets have done "
            "that already.",
            lambda logits, targets, epsilon: (
                smoothed_cross_entropy(logits, targets, epsilon) / logits.shape[1]
            ),
        ),
        Twin(
            "sum for mean",
            "Your loss grows with the number of examples.",
            lambda logits, targets, epsilon: (
                len(targets) * smoothed_cross_entropy(logits, targets, epsilon)
            ),
        ),
    ),
    hints=(
        "The loss is a mixture: the loss of the right class, and the mean loss over all classes. "
        "How much of each?",
        "(1 − ε) · (−ln p_t) + ε · (mean of −ln p_j over all K classes), then the mean over the "
        "examples. Take −ln p from the logits, as in cross_entropy.",
        """
        def smoothed_cross_entropy(logits, targets, epsilon):
            minus_log_p = ...                      # (N, K), from shifted logits
            right = minus_log_p[..., ...]          # (N,)
            everywhere = ...                       # (N,)
            return np.mean(... * right + ... * everywhere)
        """,
    ),
)

EXERCISES = (MSE, BINARY, CROSS, CROSS_GRADIENT, HINGE, PERPLEXITY, SMOOTH)
