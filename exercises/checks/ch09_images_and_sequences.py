"""The tasks of chapter 9: convolution, receptive fields, recurrent steps, bags, messages."""

from collections.abc import Iterator

import numpy as np

from nnbook.exercises import Case, Exercise, Twin

# --- 1. conv2d ----------------------------------------------------------------------------------


def conv2d(x, weight, bias, stride, padding):
    """Return the maps (F, H', W') that kernels (F, C, h, w) make of one image (C, H, W)."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    h, w = weight.shape[2:]
    rows = (padded.shape[1] - h) // stride + 1
    columns = (padded.shape[2] - w) // stride + 1
    z = np.zeros((len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + h, j * stride : j * stride + w]
            z[:, i, j] = np.sum(weight * window, axis=(1, 2, 3)) + bias
    return z


def _conv_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for image, kernels, stride, padding in (
        ((1, 4, 4), (1, 1, 1), 1, 0),
        ((2, 5, 7), (3, 2, 3), 1, 1),
        ((3, 9, 6), (2, 3, 2), 2, 0),
        ((1, 8, 8), (4, 5, 5), 3, 2),
        ((2, 3, 3), (2, 3, 3), 1, 0),
        ((3, 6, 8), (2, 4, 3), 2, 3),
    ):
        weight = rng.normal(size=(kernels[0], image[0], *kernels[1:]))
        yield Case((rng.normal(size=image), weight, rng.normal(size=kernels[0]), stride, padding))


def _padded(x, padding):
    return np.pad(x, ((0, 0), (padding, padding), (padding, padding)))


def _slid(padded, weight, bias, stride, apart=None, reduce=np.sum):
    """Slide kernels over an image that is padded already."""
    apart = stride if apart is None else apart
    h, w = weight.shape[2:]
    rows, columns = ((padded.shape[k] - n) // stride + 1 for k, n in ((1, h), (2, w)))
    z = np.zeros((len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * apart : i * apart + h, j * apart : j * apart + w]
            z[:, i, j] = reduce(weight * window, axis=(1, 2, 3)) + bias
    return z


_IMAGE = np.arange(24.0).reshape(2, 3, 4) % 5
_KERNELS = np.arange(24.0).reshape(3, 2, 2, 2) % 7 - 2
_SQUARE = np.array([[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]]])
_ONE_KERNEL = np.array([[[[1.0, 2.0], [3.0, -1.0]]]])

CONV2D = Exercise(
    name="conv2d",
    chapter=9,
    title="A convolution with stride and padding",
    points=3,
    minutes=16,
    difficulty=3,
    shapes="x (C, H, W), weight (F, C, h, w), bias (F,), stride, padding → (F, H', W')",
    reference=conv2d,
    cases=(
        Case(
            (np.array([[[1.0, 2.0]]]), np.array([[[[3.0]]]]), np.array([0.5]), 1, 0),
            "A kernel of one weight, and a bias.",
        ),
        Case((_SQUARE, _ONE_KERNEL, np.zeros(1), 1, 0), "One channel, one kernel, stride 1."),
        Case((_SQUARE, _ONE_KERNEL, np.zeros(1), 1, 1), "A frame of zeros around the image."),
        Case((_SQUARE, _ONE_KERNEL, np.zeros(1), 2, 1), "Stride 2, with the frame."),
        Case(
            (_SQUARE, _ONE_KERNEL, np.zeros(1), 2, 0),
            "Stride 2 without a frame: a row and a column are left over at the end.",
        ),
        Case(
            (_IMAGE, _KERNELS, np.array([1.0, 0.0, -1.0]), 1, 0),
            "Two channels and three kernels; the image is wider than high.",
        ),
        Case(
            (_IMAGE, _KERNELS[:, :, :, :1], np.array([1.0, 0.0, -1.0]), 1, 2),
            "The kernels are higher than wide, and the frame is 2 wide.",
        ),
    ),
    hidden=_conv_hidden,
    twins=(
        Twin(
            "flipped",
            "You turn the kernel round before you multiply. Deep learning's convolution does not.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x, padding), weight[:, :, ::-1, ::-1], bias, stride
            ),
        ),
        Twin(
            "no padding",
            "You do not use the padding: there is no frame around the image.",
            lambda x, weight, bias, stride, padding: _slid(x, weight, bias, stride),
        ),
        Twin(
            "padded on one side",
            "Your frame is on two sides only. Every side gets zeros.",
            lambda x, weight, bias, stride, padding: _slid(
                np.pad(x, ((0, 0), (padding, 0), (padding, 0))), weight, bias, stride
            ),
        ),
        Twin(
            "padded at the end",
            "Your frame is below and to the right only. Every side gets zeros.",
            lambda x, weight, bias, stride, padding: _slid(
                np.pad(x, ((0, 0), (0, padding), (0, padding))), weight, bias, stride
            ),
        ),
        Twin(
            "border repeated",
            "Your frame repeats the border of the image. It should hold zeros.",
            lambda x, weight, bias, stride, padding: _slid(
                np.pad(x, ((0, 0), (padding, padding), (padding, padding)), mode="edge"),
                weight,
                bias,
                stride,
            ),
        ),
        Twin(
            "no stride",
            "You take every window, whatever the stride is.",
            lambda x, weight, bias, stride, padding: _slid(_padded(x, padding), weight, bias, 1),
        ),
        Twin(
            "windows side by side",
            "The size of your answer is right. But your windows lie only one pixel apart.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x, padding), weight, bias, stride, apart=1
            ),
        ),
        Twin(
            "bias lost",
            "You have left the bias out.",
            lambda x, weight, bias, stride, padding: _slid(_padded(x, padding), weight, 0, stride),
        ),
        Twin(
            "bias for every channel",
            "You add the bias once for each channel. A kernel has one, after all channels are "
            "added up.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x, padding), weight, bias * len(x), stride
            ),
        ),
        Twin(
            "mean for sum",
            "You take the mean of the products. They are added up.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x, padding), weight, bias, stride, reduce=np.mean
            ),
        ),
        Twin(
            "first channel only",
            "You look at the first channel only. A kernel has weights for each of them.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x[:1], padding), weight[:, :1], bias, stride
            ),
        ),
        Twin(
            "channels last",
            "The numbers are right, and the axes are not: the maps come first.",
            lambda x, weight, bias, stride, padding: _slid(
                _padded(x, padding), weight, bias, stride
            ).transpose(1, 2, 0),
        ),
    ),
    hints=(
        "Three things one after the other: lay the frame, work out how many windows fit down and "
        "across, and fill in one place of all maps at a time.",
        "Window (i, j) begins at row stride · i and column stride · j of the padded image. "
        "weight * window has the shape (F, C, h, w): which axes are added up?",
        """
        def conv2d(x, weight, bias, stride, padding):
            padded = ...                          # zeros around the rows and columns
            maps = np.zeros((..., ..., ...))
            for down in range(...):
                for across in range(...):
                    window = ...                  # (C, h, w)
                    maps[:, down, across] = ...   # one number for each kernel
            return maps
        """,
    ),
    equivalent={
        "(0, 0) -> (0, 0)": "The two numbers are the same.",
        "(padding, padding) -> (padding, padding)": "The frame is as wide on both sides.",
        "(1, 2, 3) -> (3, 2, 1)": "A sum over three axes does not depend on their order.",
    },
)

# --- 2. size_and_field --------------------------------------------------------------------------


def size_and_field(n, layers):
    """Return how many places are left after all layers, and how many inputs one of them sees."""
    field, jump = 1, 1
    for kernel, stride, padding in layers:
        n = (n + 2 * padding - kernel) // stride + 1
        field += (kernel - 1) * jump
        jump *= stride
    return n, field


def _field_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for depth in (1, 2, 3, 5, 8):
        layers = [
            (int(rng.integers(1, 6)), int(rng.integers(1, 3)), int(rng.integers(0, 3)))
            for _ in range(depth)
        ]
        yield Case((int(rng.integers(600, 900)), layers))
    yield Case((64, [(7, 2, 3), (3, 2, 1), (3, 1, 1), (2, 2, 0)]))


def _field_with(size, grow, spread):
    """Make an answer from what a layer does to the size, the field and the distance."""

    def answer(n, layers):
        field, jump = 1, 1
        for kernel, stride, padding in layers:
            n = size(n, kernel, stride, padding)
            field, jump = grow(field, jump, kernel, stride), spread(jump, stride)
        return n, field

    return answer


def _out(n, kernel, stride, padding):
    return (n + 2 * padding - kernel) // stride + 1


def _grown(field, jump, kernel, stride):
    return field + (kernel - 1) * jump


def _spread(jump, stride):
    return jump * stride


SIZE_AND_FIELD = Exercise(
    name="size_and_field",
    chapter=9,
    title="Output size and receptive field",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="n a number, layers a list of (kernel, stride, padding) → two numbers",
    reference=size_and_field,
    parts=("size", "field"),
    cases=(
        Case((8, [(3, 1, 0)]), "One layer, with stride 1 and no padding."),
        Case((8, [(3, 1, 1)]), "Padding of 1 keeps the size of 8."),
        Case((9, [(4, 2, 0)]), "Stride 2: one place is left over at the end."),
        Case((20, [(3, 1, 0), (3, 1, 0)]), "Two layers with stride 1."),
        Case((20, [(2, 2, 0), (5, 1, 0)]), "Behind a stride of 2 the steps are longer."),
        Case((40, [(3, 2, 1), (3, 3, 2), (4, 1, 0)]), "Three layers with strides and padding."),
        Case((7, [(1, 1, 0), (1, 2, 0)]), "Kernels of one place see one place."),
    ),
    hidden=_field_hidden,
    twins=(
        Twin(
            "strides ignored in the field",
            "Your field grows as if all strides were 1. Behind a stride, a kernel's steps are "
            "longer.",
            _field_with(_out, _grown, lambda jump, stride: jump),
        ),
        Twin(
            "own stride",
            "A layer's own stride acts on the layers behind it, not on its own kernel.",
            _field_with(
                _out,
                lambda field, jump, kernel, stride: field + (kernel - 1) * jump * stride,
                _spread,
            ),
        ),
        Twin(
            "last stride only",
            "You use the stride of the layer before. All strides below count, and they multiply.",
            _field_with(_out, _grown, lambda jump, stride: stride),
        ),
        Twin(
            "strides added",
            "The distance between neighbouring units does not grow by the stride: it is multiplied "
            "by it.",
            _field_with(_out, _grown, lambda jump, stride: jump + stride - 1),
        ),
        Twin(
            "k for k − 1",
            "Each layer adds one step of the layer below too many: windows side by side overlap.",
            _field_with(_out, lambda field, jump, kernel, stride: field + kernel * jump, _spread),
        ),
        Twin(
            "fields multiplied",
            "Your field is a product of the kernels' lengths. The windows below overlap.",
            _field_with(_out, lambda field, jump, kernel, stride: field * kernel, _spread),
        ),
        Twin(
            "last kernel only",
            "That is what a unit sees of the layer below. Follow it down to the input.",
            _field_with(_out, lambda field, jump, kernel, stride: kernel, _spread),
        ),
        Twin(
            "the start forgotten",
            "Your size lacks a window: there is one before the first move.",
            _field_with(
                lambda n, kernel, stride, padding: (n + 2 * padding - kernel) // stride,
                _grown,
                _spread,
            ),
        ),
        Twin(
            "rounded up",
            "A window that hangs over the end does not count: round the other way.",
            _field_with(
                lambda n, kernel, stride, padding: -(-(n + 2 * padding - kernel) // stride) + 1,
                _grown,
                _spread,
            ),
        ),
        Twin(
            "padding once",
            "There is padding at both ends.",
            _field_with(
                lambda n, kernel, stride, padding: (n + padding - kernel) // stride + 1,
                _grown,
                _spread,
            ),
        ),
        Twin(
            "no padding",
            "You leave the padding out of the size.",
            _field_with(
                lambda n, kernel, stride, padding: (n - kernel) // stride + 1, _grown, _spread
            ),
        ),
        Twin(
            "exchanged",
            "Both numbers are right, in the other order.",
            lambda n, layers: size_and_field(n, layers)[::-1],
        ),
    ),
    hints=(
        "Go through the layers in order, from the input on. Three numbers change on the way: the "
        "size, the field, and how far apart neighbouring units are, in places of the input.",
        "n → ⌊(n + 2p − k)/s⌋ + 1. The field grows by (k − 1) times the distance of the units "
        "below; then the distance is multiplied by s.",
        """
        def size_and_field(n, layers):
            seen, distance = ..., ...
            for k, s, p in layers:
                ...                       # the size, the field, then the distance
            return ...
        """,
    ),
    equivalent={"(1, 1) -> (1, 1)": "The two numbers are the same."},
)

# --- 3. rnn_step --------------------------------------------------------------------------------


def rnn_step(x, h, W_ih, W_hh, b, running):
    """Return the new states of a batch; a sequence that has ended keeps the state it has."""
    new = np.tanh(x @ W_ih.T + h @ W_hh.T + b)
    return np.where(running[:, None] == 1, new, h)


def _rnn_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for batch, inputs, hidden in ((1, 1, 1), (2, 3, 2), (5, 2, 4), (4, 3, 3), (3, 3, 3)):
        yield _rnn_case(rng, batch, inputs, hidden, rng.integers(0, 2, size=batch))
    yield _rnn_case(rng, 3, 2, 3, np.zeros(3, int))


def _rnn_case(rng, batch, inputs, hidden, running, about=""):
    shapes = ((batch, inputs), (batch, hidden), (hidden, inputs), (hidden, hidden), (hidden,))
    return Case((*(rng.normal(size=shape).round(2) for shape in shapes), running), about)


def _rnn_with(total, keep=lambda new, h, running: np.where(running[:, None] == 1, new, h)):
    """Make an answer from the weighted sum, and from what happens to sequences that have ended."""
    return lambda x, h, W_ih, W_hh, b, running: keep(
        np.tanh(total(x, h, W_ih, W_hh, b)), h, running
    )


def _rnn_sum(x, h, W_ih, W_hh, b):
    return x @ W_ih.T + h @ W_hh.T + b


_SMALL = np.random.default_rng(9)

RNN_STEP = Exercise(
    name="rnn_step",
    chapter=9,
    title="One step of an RNN, for sequences of different lengths",
    points=2,
    minutes=10,
    difficulty=2,
    shapes="x (B, D), h (B, H), W_ih (H, D), W_hh (H, H), b (H,), running (B,) → (B, H)",
    reference=rnn_step,
    cases=(
        Case(
            (
                np.array([[1.0]]),
                np.array([[0.5]]),
                np.array([[2.0]]),
                np.array([[-1.0]]),
                np.array([0.25]),
                np.array([1]),
            ),
            "One sequence, one input, one unit: tanh(2 − 0.5 + 0.25).",
        ),
        _rnn_case(_SMALL, 1, 3, 2, np.array([1]), "Three inputs, two units."),
        _rnn_case(_SMALL, 2, 2, 2, np.array([1, 1]), "Two sequences at once, both still running."),
        _rnn_case(_SMALL, 2, 3, 2, np.array([1, 0]), "The second sequence has ended."),
        _rnn_case(_SMALL, 2, 2, 2, np.array([0, 1]), "The first one has ended: as many as units."),
        _rnn_case(_SMALL, 3, 1, 2, np.array([0, 0, 0]), "All have ended."),
    ),
    hidden=_rnn_hidden,
    twins=(
        Twin(
            "never ends",
            "You go on with sequences that have ended: padding changes their state.",
            _rnn_with(_rnn_sum, lambda new, h, running: new),
        ),
        Twin(
            "ended means zero",
            "You set the state of an ended sequence to zero. It should be kept: it is the answer.",
            _rnn_with(_rnn_sum, lambda new, h, running: new * running[:, None]),
        ),
        Twin(
            "the other way round",
            "You keep the states of those that are still running.",
            _rnn_with(_rnn_sum, lambda new, h, running: np.where(running[:, None] == 1, h, new)),
        ),
        Twin(
            "running for units",
            "You choose unit by unit. running says which rows go on: make it a column.",
            _rnn_with(
                _rnn_sum,
                lambda new, h, running: np.where(np.resize(running, h.shape[1]) == 1, new, h),
            ),
        ),
        Twin(
            "input zeroed",
            "You give an ended sequence the input 0. Its state still goes through weights and "
            "tanh.",
            lambda x, h, W_ih, W_hh, b, running: np.tanh(
                _rnn_sum(x * running[:, None], h, W_ih, W_hh, b)
            ),
        ),
        Twin(
            "no tanh",
            "A state has to stay between −1 and 1. Something is missing around the sum.",
            lambda x, h, W_ih, W_hh, b, running: np.where(
                running[:, None] == 1, _rnn_sum(x, h, W_ih, W_hh, b), h
            ),
        ),
        Twin(
            "sigmoid",
            "Your new states are never negative. The RNN of this chapter has another function.",
            lambda x, h, W_ih, W_hh, b, running: np.where(
                running[:, None] == 1, 1 / (1 + np.exp(-_rnn_sum(x, h, W_ih, W_hh, b))), h
            ),
        ),
        Twin(
            "memory lost",
            "The old state does not enter your sum.",
            _rnn_with(lambda x, h, W_ih, W_hh, b: x @ W_ih.T + b),
        ),
        Twin(
            "old state added outside",
            "You add the old state itself, outside the tanh. It goes through its weights, inside.",
            lambda x, h, W_ih, W_hh, b, running: np.where(
                running[:, None] == 1, np.tanh(x @ W_ih.T + b) + h, h
            ),
        ),
        Twin(
            "recurrent weights transposed",
            "The weights from state to state are the wrong way round: row j belongs to the new "
            "unit j.",
            _rnn_with(lambda x, h, W_ih, W_hh, b: x @ W_ih.T + h @ W_hh + b),
        ),
        Twin(
            "bias lost",
            "You have left the bias out.",
            _rnn_with(lambda x, h, W_ih, W_hh, b: x @ W_ih.T + h @ W_hh.T),
        ),
        Twin(
            "bias twice",
            "You add the bias twice. Here the two biases are one already.",
            _rnn_with(lambda x, h, W_ih, W_hh, b: x @ W_ih.T + h @ W_hh.T + 2 * b),
        ),
    ),
    hints=(
        "First the step for all sequences, as if none had ended. Then choose, row by row.",
        "new = tanh(W_ih x + W_hh h + b), one sequence a row. np.where(mask, a, b) takes a where "
        "the mask is True; a mask (B, 1) goes for whole rows.",
        """
        def rnn_step(x, h, W_ih, W_hh, b, running):
            new = ...                     # (B, H)
            return np.where(..., ..., ...)
        """,
    ),
)

# --- 4. lstm_step -------------------------------------------------------------------------------


def lstm_step(x, h, c, W_ih, W_hh, b):
    """Return the new state and the new cell of an LSTM for a batch; rows i, f, g, o."""
    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _lstm_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for batch, inputs, hidden in ((1, 1, 1), (2, 3, 2), (5, 2, 4), (4, 3, 3), (3, 1, 5)):
        yield _lstm_case(rng, batch, inputs, hidden)


def _lstm_case(rng, batch, inputs, hidden, about=""):
    state, rows = (batch, hidden), 4 * hidden
    shapes = ((batch, inputs), state, state, (rows, inputs), (rows, hidden), (rows,))
    return Case(tuple(rng.normal(size=shape).round(2) for shape in shapes), about)


def _lstm_with(cell, state=lambda o, c: _sigmoid(o) * np.tanh(c), order=(0, 1, 2, 3)):
    """Make an answer from the formulas of cell and state, and from the order of the rows."""

    def answer(x, h, c, W_ih, W_hh, b):
        parts = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
        i, f, g, o = (parts[k] for k in order)
        new = cell(i, f, g, o, c)
        return state(o, new), new

    return answer


def _lstm_cell(i, f, g, o, c):
    return _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)


def _lstm_interleaved(x, h, c, W_ih, W_hh, b):
    """Read every fourth row as one gate."""
    total = x @ W_ih.T + h @ W_hh.T + b
    i, f, g, o = (total[:, k::4] for k in range(4))
    new = _lstm_cell(i, f, g, o, c)
    return _sigmoid(o) * np.tanh(new), new


def _lstm_old_cell(x, h, c, W_ih, W_hh, b):
    o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)[3]
    return _sigmoid(o) * np.tanh(c), lstm_step(x, h, c, W_ih, W_hh, b)[1]


LSTM_STEP = Exercise(
    name="lstm_step",
    chapter=9,
    title="One step of an LSTM",
    points=3,
    minutes=14,
    difficulty=3,
    shapes="x (B, D), h and c (B, H), W_ih (4H, D), W_hh (4H, H), b (4H,) → two arrays (B, H)",
    reference=lstm_step,
    parts=("state", "cell"),
    cases=(
        Case(
            (
                np.array([[1.0]]),
                np.array([[0.5]]),
                np.array([[2.0]]),
                np.array([[1.0], [0.0], [-1.0], [2.0]]),
                np.array([[0.0], [1.0], [2.0], [0.0]]),
                np.array([0.0, 0.5, 0.25, -1.0]),
            ),
            "One sequence and one unit: the rows are i, f, g and o.",
        ),
        Case(
            (
                np.zeros((1, 1)),
                np.zeros((1, 1)),
                np.array([[3.0]]),
                np.zeros((4, 1)),
                np.zeros((4, 1)),
                np.array([-30.0, 30.0, 5.0, 30.0]),
            ),
            "Input gate shut, forget and output gate open: the cell is kept.",
        ),
        _lstm_case(np.random.default_rng(1), 1, 2, 2, "Two units: H rows belong to each gate."),
        _lstm_case(np.random.default_rng(2), 3, 2, 2, "Three sequences at once."),
        _lstm_case(np.random.default_rng(3), 2, 1, 3, "Three units and a single input."),
    ),
    hidden=_lstm_hidden,
    twins=(
        Twin(
            "rows i, f, o, g",
            "Your gates take the wrong rows: candidate and output gate have changed places.",
            _lstm_with(_lstm_cell, order=(0, 1, 3, 2)),
        ),
        Twin(
            "rows f, i, g, o",
            "Input and forget gate have changed places.",
            _lstm_with(_lstm_cell, order=(1, 0, 2, 3)),
        ),
        Twin(
            "every fourth row",
            "The rows of a gate stand together, H of them. You take every fourth.",
            _lstm_interleaved,
        ),
        Twin(
            "sigmoid for the candidate",
            "Your candidate is a gate. What is written may be negative.",
            _lstm_with(lambda i, f, g, o, c: _sigmoid(f) * c + _sigmoid(i) * _sigmoid(g)),
        ),
        Twin(
            "tanh for the gates",
            "Your gates can be negative. A gate lies between 0 and 1.",
            _lstm_with(
                lambda i, f, g, o, c: np.tanh(f) * c + np.tanh(i) * np.tanh(g),
                lambda o, c: np.tanh(o) * np.tanh(c),
            ),
        ),
        Twin(
            "gates not squashed",
            "Your gates are bare sums. A gate lies between 0 and 1.",
            _lstm_with(
                lambda i, f, g, o, c: f * c + i * np.tanh(g),
                lambda o, c: o * np.tanh(c),
            ),
        ),
        Twin(
            "1 − f for i",
            "You write with what the forget gate leaves over. An LSTM has a gate of its own for "
            "that.",
            _lstm_with(lambda i, f, g, o, c: _sigmoid(f) * c + (1 - _sigmoid(f)) * np.tanh(g)),
        ),
        Twin(
            "forget means 1 − f",
            "Your forget gate forgets when it is open. Open means: keep.",
            _lstm_with(lambda i, f, g, o, c: (1 - _sigmoid(f)) * c + _sigmoid(i) * np.tanh(g)),
        ),
        Twin(
            "nothing forgotten",
            "Your cell keeps everything: the forget gate is missing.",
            _lstm_with(lambda i, f, g, o, c: c + _sigmoid(i) * np.tanh(g)),
        ),
        Twin(
            "state from the old cell",
            "Your cell is right. The state shows the new cell, not the old one.",
            _lstm_old_cell,
        ),
        Twin(
            "no tanh at the end",
            "Your cell is right. On its way to the state it is squashed.",
            _lstm_with(_lstm_cell, lambda o, c: _sigmoid(o) * c),
        ),
        Twin(
            "no output gate",
            "Your cell is right. Not all of it is shown.",
            _lstm_with(_lstm_cell, lambda o, c: np.tanh(c)),
        ),
        Twin(
            "exchanged",
            "Both are right, in the other order.",
            lambda *arguments: lstm_step(*arguments)[::-1],
        ),
    ),
    hints=(
        "One product with each of the stacked matrices gives the sums of all four parts, side by "
        "side in each row. Cut them apart before you squash them.",
        "c ← σ(f) c + σ(i) tanh(g), then h ← σ(o) tanh(c), with the new c. Columns 0 … H−1 of the "
        "sums are i, the next H are f, then g, then o.",
        """
        def lstm_step(x, h, c, W_ih, W_hh, b):
            sums = ...                    # (B, 4H)
            i, f, g, o = ...              # (B, H) each
            c = ...
            return ..., c
        """,
    ),
)

# --- 5. gru_step --------------------------------------------------------------------------------


def gru_step(x, h, W_ih, W_hh, b_ih, b_hh):
    """Return the new state of a GRU for a batch; rows r, z, n."""
    a = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = (1 / (1 + np.exp(-(a[k] + u[k]))) for k in (0, 1))
    n = np.tanh(a[2] + r * u[2])
    return (1 - z) * n + z * h


def _gru_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for batch, inputs, hidden in ((1, 1, 1), (2, 3, 2), (5, 2, 4), (4, 3, 3), (3, 1, 5)):
        yield _gru_case(rng, batch, inputs, hidden)


def _gru_case(rng, batch, inputs, hidden, about=""):
    rows = 3 * hidden
    shapes = ((batch, inputs), (batch, hidden), (rows, inputs), (rows, hidden), (rows,), (rows,))
    return Case(tuple(rng.normal(size=shape).round(2) for shape in shapes), about)


def _gru_with(candidate, mix, order=(0, 1, 2)):
    """Make an answer from the sum inside the candidate's tanh and from the mixing of old and new.

    ``candidate`` takes a, u and the bias in u of the part n, the gate r and W_hh's part n with h.
    """

    def answer(x, h, W_ih, W_hh, b_ih, b_hh):
        a, u = np.split(x @ W_ih.T + b_ih, 3, axis=1), np.split(h @ W_hh.T + b_hh, 3, axis=1)
        r, z = (_sigmoid(a[k] + u[k]) for k in order[:2])
        k, size = order[2], h.shape[1]
        W_n, b_n = W_hh[k * size : (k + 1) * size], b_hh[k * size : (k + 1) * size]
        return mix(z, np.tanh(candidate(a[k], r, h, W_n, b_n)), h)

    return answer


def _gru_candidate(a, r, h, W, b):
    return a + r * (h @ W.T + b)


def _gru_mix(z, n, h):
    return (1 - z) * n + z * h


GRU_STEP = Exercise(
    name="gru_step",
    chapter=9,
    title="One step of a GRU",
    points=3,
    minutes=12,
    difficulty=3,
    shapes="x (B, D), h (B, H), W_ih (3H, D), W_hh (3H, H), b_ih and b_hh (3H,) → (B, H)",
    reference=gru_step,
    cases=(
        Case(
            (
                np.array([[1.0]]),
                np.array([[0.5]]),
                np.array([[1.0], [0.0], [-1.0]]),
                np.array([[0.0], [2.0], [1.0]]),
                np.array([0.5, -1.0, 0.0]),
                np.array([0.0, 0.25, 1.0]),
            ),
            "One sequence and one unit: the rows are r, z and n.",
        ),
        Case(
            (
                np.zeros((1, 1)),
                np.array([[0.7]]),
                np.zeros((3, 1)),
                np.zeros((3, 1)),
                np.array([0.0, 30.0, 2.0]),
                np.zeros(3),
            ),
            "The update gate is 1: the old state stays.",
        ),
        _gru_case(np.random.default_rng(1), 1, 2, 2, "Two units: H rows belong to each part."),
        _gru_case(np.random.default_rng(2), 3, 2, 2, "Three sequences at once."),
        _gru_case(np.random.default_rng(3), 2, 1, 3, "Three units and a single input."),
    ),
    hidden=_gru_hidden,
    twins=(
        Twin(
            "z the other way round",
            "Your update gate takes the new where it should keep the old. Other papers do so; this "
            "book and PyTorch do not.",
            _gru_with(_gru_candidate, lambda z, n, h: z * n + (1 - z) * h),
        ),
        Twin(
            "r and z exchanged",
            "The first H rows belong to the reset gate, the next to the update gate.",
            _gru_with(_gru_candidate, _gru_mix, order=(1, 0, 2)),
        ),
        Twin(
            "no reset",
            "Your reset gate has no effect: the candidate sees all of the old state.",
            _gru_with(lambda a, r, h, W, b: a + h @ W.T + b, _gru_mix),
        ),
        Twin(
            "reset before the product",
            "You multiply the old state by the reset gate before its weights. Here the gate stands "
            "around the whole product.",
            _gru_with(lambda a, r, h, W, b: a + (r * h) @ W.T + b, _gru_mix),
        ),
        Twin(
            "bias outside the reset",
            "A bias of the candidate stands in the wrong place: the reset gate should multiply it.",
            _gru_with(lambda a, r, h, W, b: a + r * (h @ W.T) + b, _gru_mix),
        ),
        Twin(
            "reset on everything",
            "Your reset gate multiplies the input's part as well. It only hides the old state.",
            _gru_with(lambda a, r, h, W, b: r * (a + h @ W.T + b), _gru_mix),
        ),
        Twin(
            "second bias lost",
            "The candidate has two biases. One of yours is missing.",
            _gru_with(lambda a, r, h, W, b: a + r * (h @ W.T), _gru_mix),
        ),
        Twin(
            "nothing kept",
            "You return the candidate. How much of the old state stays?",
            _gru_with(_gru_candidate, lambda z, n, h: n),
        ),
        Twin(
            "old state added whole",
            "Old and new should share: together they have the weight 1.",
            _gru_with(_gru_candidate, lambda z, n, h: (1 - z) * n + h),
        ),
        Twin(
            "candidate added whole",
            "Old and new should share. Your candidate is added in full.",
            _gru_with(_gru_candidate, lambda z, n, h: n + z * h),
        ),
        Twin(
            "sigmoid for the candidate",
            "Your candidate is a gate. What is new may be negative.",
            # σ(s) = (1 + tanh(s/2)) / 2, so that the tanh of the others serves here, too
            _gru_with(
                lambda *parts: _gru_candidate(*parts) / 2,
                lambda z, n, h: _gru_mix(z, (1 + n) / 2, h),
            ),
        ),
        Twin(
            "rows n first",
            "The candidate's rows are the last ones.",
            _gru_with(_gru_candidate, _gru_mix, order=(1, 2, 0)),
        ),
    ),
    hints=(
        "Keep the input's sums and the state's sums apart, for the reset gate comes between them "
        "in the candidate.",
        "r = σ(a₁ + u₁), z = σ(a₂ + u₂), n = tanh(a₃ + r u₃), with a from x and b_ih, u from h and "
        "b_hh. Then h ← (1 − z) n + z h.",
        """
        def gru_step(x, h, W_ih, W_hh, b_ih, b_hh):
            a = np.split(..., 3, axis=1)  # three arrays (B, H)
            u = np.split(..., 3, axis=1)
            r, z = ..., ...
            n = ...
            return ...
        """,
    ),
)

# --- 6. bag_of_words ----------------------------------------------------------------------------


def bag_of_words(numbers, table):
    """Return the mean embedding of each sentence, without its padding."""
    real = numbers != 0
    total = np.sum(table[numbers] * real[:, :, None], axis=1)
    return total / np.maximum(np.sum(real, axis=1), 1)[:, None]


def _bag_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for batch, length, words, width in ((1, 1, 2, 1), (3, 5, 6, 2), (6, 4, 4, 4), (2, 9, 20, 3)):
        numbers = rng.integers(1, words, size=(batch, length))
        ends = rng.integers(0, length + 1, size=batch)
        numbers[np.arange(length) >= ends[:, None]] = 0
        yield Case((numbers, rng.normal(size=(words, width)).round(2)))
    yield Case((np.array([[0, 2, 0, 1], [1, 0, 0, 0]]), rng.normal(size=(3, 2)).round(2)))


def _bag_with(real, count, start=lambda table: table):
    """Make an answer from what is taken for a word, what is divided by, and the table."""

    def answer(numbers, table):
        inside = real(numbers)
        total = np.sum(start(table)[numbers] * inside[:, :, None], axis=1)
        return total / count(numbers, inside)[:, None]

    return answer


def _is_word(numbers):
    return numbers != 0


def _at_least_one(numbers, inside):
    return np.maximum(np.sum(inside, axis=1), 1)


_TABLE = np.array([[9.0, 9.0], [1.0, 0.0], [0.0, 2.0], [3.0, -1.0]])

BAG_OF_WORDS = Exercise(
    name="bag_of_words",
    chapter=9,
    title="A bag of words, without the padding",
    points=2,
    minutes=8,
    difficulty=2,
    shapes="numbers (B, T) of words, 0 is padding; table (V, E) → (B, E)",
    reference=bag_of_words,
    cases=(
        Case((np.array([[1, 2]]), _TABLE), "Two words, no padding."),
        Case((np.array([[1, 2, 2]]), _TABLE), "A word that comes twice counts twice."),
        Case((np.array([[2, 1, 2]]), _TABLE), "The same words in another order."),
        Case(
            (np.array([[1, 0, 0], [1, 2, 3]]), _TABLE),
            "The first sentence has one word; the table's row 0 is not zero.",
        ),
        Case((np.array([[0, 0], [3, 0]]), _TABLE), "The first sentence is empty: zeros."),
        Case((np.array([[0, 3, 0, 1]]), _TABLE), "Padding may stand in front and between, too."),
        Case(
            (np.array([[1, 3], [2, 0]]), np.hstack([_TABLE, _TABLE[:, :1] ** 2])),
            "Embeddings of three numbers.",
        ),
    ),
    hidden=_bag_hidden,
    twins=(
        Twin(
            "padding counted",
            "You take padding for a word, in the sum and in the count.",
            lambda numbers, table: table[numbers].mean(axis=1),
        ),
        Twin(
            "padding divided by",
            "Your sum leaves the padding out. The number you divide by does not.",
            _bag_with(_is_word, lambda numbers, inside: np.full(len(numbers), numbers.shape[1])),
        ),
        Twin(
            "padding added",
            "You divide by the number of words. Your sum holds the padding's embedding as well.",
            _bag_with(
                lambda numbers: np.ones(numbers.shape, bool),
                lambda numbers, inside: np.maximum(np.sum(numbers != 0, axis=1), 1),
            ),
        ),
        Twin(
            "sum for mean",
            "Your vector grows with the length of the sentence.",
            _bag_with(_is_word, lambda numbers, inside: np.ones(len(numbers))),
        ),
        Twin(
            "nothing by nothing",
            "A sentence without words makes you divide 0 by 0.",
            _bag_with(_is_word, lambda numbers, inside: np.sum(inside, axis=1)),
        ),
        Twin(
            "one too many",
            "You divide by one word too many.",
            _bag_with(_is_word, lambda numbers, inside: np.sum(inside, axis=1) + 1),
        ),
        Twin(
            "each word once",
            "A word that comes twice has to count twice.",
            lambda numbers, table: np.array(
                [
                    table[np.unique(row[row != 0])].mean(axis=0) if np.any(row) else 0 * table[0]
                    for row in numbers
                ]
            ),
        ),
        Twin(
            "stops at the first padding",
            "You stop at the first padding. Words can follow it.",
            lambda numbers, table: bag_of_words(
                numbers * np.logical_and.accumulate(numbers != 0, axis=1), table
            ),
        ),
        Twin(
            "first places",
            "You count the words and then take as many places from the front. Words can stand "
            "behind padding.",
            _bag_with(
                lambda numbers: (
                    np.arange(numbers.shape[1]) < np.sum(numbers != 0, axis=1, keepdims=True)
                ),
                _at_least_one,
            ),
        ),
        Twin(
            "table one row up",
            "You look one row too high: word number k has row k of the table.",
            lambda numbers, table: bag_of_words(numbers, np.vstack([table[:1], table[:-1]])),
        ),
        Twin(
            "one count for all",
            "You divide every sentence by the number of words in the whole batch, shared evenly.",
            _bag_with(
                _is_word,
                lambda numbers, inside: np.full(len(numbers), max(1, inside.sum()) / len(numbers)),
            ),
        ),
    ),
    hints=(
        "Which places hold a word? They decide what is added, and how many you divide by.",
        "table[numbers] is (B, T, E). Multiply by a mask (B, T, 1) of words, add up over T, divide "
        "by the number of words, or by 1 where there are none.",
        """
        def bag_of_words(numbers, table):
            real = ...                    # (B, T): is it a word?
            total = ...                   # (B, E)
            return total / ...
        """,
    ),
)

# --- 7. message_passing -------------------------------------------------------------------------


def message_passing(H, edges, W_self, W_nb):
    """Return the new features of all nodes after one round: ReLU of own and neighbours' mean."""
    joined = np.zeros((len(H), len(H)))
    for u, v in edges:
        joined[u, v] = joined[v, u] = 1
    around = joined @ H / np.maximum(joined.sum(axis=1), 1)[:, None]
    return np.maximum(H @ W_self.T + around @ W_nb.T, 0)


def _message_hidden(rng: np.random.Generator) -> Iterator[Case]:
    for nodes, inputs, outputs, count in ((2, 1, 1, 1), (4, 2, 3, 3), (6, 3, 2, 7), (5, 2, 2, 0)):
        pairs = [(u, v) for u in range(nodes) for v in range(u)]
        edges = [pairs[k] for k in rng.permutation(len(pairs))[:count]]
        weights = rng.normal(size=(2, outputs, inputs)).round(2)
        yield Case((rng.normal(size=(nodes, inputs)).round(2), edges, *weights))
    yield Case((rng.normal(size=(4, 2)), [(0, 1), (1, 2), (2, 0)], *rng.normal(size=(2, 2, 2))))


def _joined(H, edges, both=True, with_self=False):
    table = np.eye(len(H)) if with_self else np.zeros((len(H), len(H)))
    for u, v in edges:
        table[u, v] = 1
        if both:
            table[v, u] = 1
    return table


def _mean_around(H, joined):
    return joined @ H / np.maximum(joined.sum(axis=1), 1)[:, None]


def _message_with(around, finish=lambda H, near, W_self, W_nb: H @ W_self.T + near @ W_nb.T):
    """Make an answer from what comes from the neighbours, and from what is added up."""
    return lambda H, edges, W_self, W_nb: np.maximum(finish(H, around(H, edges), W_self, W_nb), 0)


def _around(H, edges):
    return _mean_around(H, _joined(H, edges))


def _message_in_place(H, edges, W_self, W_nb):
    """Let a node hear what others have become already."""
    joined, new = _joined(H, edges), H @ W_self.T
    for v in range(len(H)):
        new[v] = np.maximum(new[v] + _mean_around(H, joined)[v] @ W_nb.T, 0)
        if new.shape == H.shape:
            H = np.where(np.arange(len(H))[:, None] == v, new[v], H)
    return new


_ONES, _TWO_BY_TWO = np.array([[1.0]]), np.array([[1.0, -1.0], [0.5, 2.0]])
_FEATURES = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])

MESSAGE_PASSING = Exercise(
    name="message_passing",
    chapter=9,
    title="One round of messages on a graph",
    points=3,
    minutes=12,
    difficulty=2,
    shapes="H (N, D), edges a list of pairs, W_self and W_nb (E, D) → (N, E)",
    reference=message_passing,
    cases=(
        Case((np.array([[1.0], [4.0]]), [(0, 1)], _ONES, 2 * _ONES), "Two nodes, one edge."),
        Case(
            (np.array([[1.0], [4.0], [2.0]]), [(0, 1), (0, 2)], _ONES, 2 * _ONES),
            "Node 0 has two neighbours: their mean.",
        ),
        Case(
            (np.array([[1.0], [4.0], [2.0]]), [(0, 1)], _ONES, 2 * _ONES),
            "Node 2 has no neighbours: only its own part is left.",
        ),
        Case(
            (np.array([[1.0], [4.0], [-2.0], [3.0]]), [], _ONES, 2 * _ONES),
            "No edges at all: each node has only its own part.",
        ),
        Case(
            (np.array([[1.0], [-4.0], [2.0]]), [(1, 0), (2, 1)], _ONES, _ONES),
            "A negative sum becomes 0; an edge goes both ways.",
        ),
        Case(
            (_FEATURES, [(0, 1), (1, 2), (2, 0)], _TWO_BY_TWO, _TWO_BY_TWO.T),
            "Four nodes with two features, one of them alone.",
        ),
        Case(
            (_FEATURES, [(0, 1), (1, 2), (3, 1)], np.ones((3, 2)), _TWO_BY_TWO[[0, 1, 0]]),
            "From two features to three.",
        ),
    ),
    hidden=_message_hidden,
    twins=(
        Twin(
            "one way",
            "A message goes along an edge in one direction only. Both ends are neighbours.",
            _message_with(lambda H, edges: _mean_around(H, _joined(H, edges, both=False))),
        ),
        Twin(
            "sum for mean",
            "You add the neighbours up: who has many hears more. The mean was asked for.",
            _message_with(lambda H, edges: _joined(H, edges) @ H),
        ),
        Twin(
            "mean over all nodes",
            "You divide by the number of nodes, not by the number of neighbours.",
            _message_with(lambda H, edges: _joined(H, edges) @ H / len(H)),
        ),
        Twin(
            "itself among them",
            "A node is not its own neighbour. Its own part has weights of its own.",
            _message_with(lambda H, edges: _mean_around(H, _joined(H, edges, with_self=True))),
        ),
        Twin(
            "nothing by nothing",
            "A node without neighbours makes you divide 0 by 0.",
            _message_with(
                lambda H, edges: (
                    _joined(H, edges) @ H / _joined(H, edges).sum(axis=1, keepdims=True)
                )
            ),
        ),
        Twin(
            "alone means itself",
            "A node without neighbours gets its own features once more. It should get nothing.",
            _message_with(
                lambda H, edges: np.where(
                    _joined(H, edges).sum(axis=1, keepdims=True) > 0, _around(H, edges), H
                )
            ),
        ),
        Twin(
            "own part lost",
            "Your nodes forget what they were: their own part is missing.",
            _message_with(_around, lambda H, near, W_self, W_nb: near @ W_nb.T),
        ),
        Twin(
            "neighbours lost",
            "Your nodes hear nothing: the neighbours' part is missing.",
            _message_with(_around, lambda H, near, W_self, W_nb: H @ W_self.T),
        ),
        Twin(
            "weights exchanged",
            "The two weight matrices have changed places.",
            _message_with(_around, lambda H, near, W_self, W_nb: H @ W_nb.T + near @ W_self.T),
        ),
        Twin(
            "one matrix for both",
            "You use the weights for a node itself for its neighbours as well.",
            _message_with(_around, lambda H, near, W_self, W_nb: (H + near) @ W_self.T),
        ),
        Twin(
            "no ReLU",
            "A negative sum should become 0.",
            lambda H, edges, W_self, W_nb: H @ W_self.T + _around(H, edges) @ W_nb.T,
        ),
        Twin(
            "ReLU on each part",
            "You bend the two parts before you add them. First the sum, then the ReLU.",
            lambda H, edges, W_self, W_nb: (
                np.maximum(H @ W_self.T, 0) + np.maximum(_around(H, edges) @ W_nb.T, 0)
            ),
        ),
        Twin(
            "one after the other",
            "A node that comes late hears what its neighbours have become. All speak at the same "
            "time, with what they were.",
            _message_in_place,
        ),
    ),
    hints=(
        "First find out who is whose neighbour, in both directions. Then what each node hears, "
        "and only then the weights.",
        "A table with 1 where two nodes are joined, times H, adds up the neighbours' features; its "
        "row sums are their numbers (take at least 1). Then ReLU of H W_selfᵀ + mean W_nbᵀ.",
        """
        def message_passing(H, edges, W_self, W_nb):
            table = np.zeros(...)         # (N, N): who is joined to whom
            for one, other in edges:
                ...
            heard = ...                   # (N, D): the mean of the neighbours
            return ...
        """,
    ),
    equivalent={
        "(len(H), len(H)) -> (len(H), len(H))": "The table has as many rows as columns.",
        "1 -> 0": "The table is symmetric: its column sums are its row sums.",
        "1 -> 2": "A 2 for each edge doubles the sum and the number that it is divided by.",
    },
)

EXERCISES = (
    CONV2D,
    SIZE_AND_FIELD,
    RNN_STEP,
    LSTM_STEP,
    GRU_STEP,
    BAG_OF_WORDS,
    MESSAGE_PASSING,
)
