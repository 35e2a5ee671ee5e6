"""The points at which images, attention and recurrence are compared with differences."""

import numpy as np
from gradient_cases import A, Case, P

from nnbook.nn import functional as F  # noqa: N812

SEEN = np.array([[True, False, True], [True, True, False]])  # a mask for 2 queries and 3 keys


def scaled(*shape: int) -> np.ndarray:
    """Return different numbers within ±1, in which nothing saturates."""
    values = A(*shape)
    return values / np.abs(values).max(initial=1)


def convolutions() -> list[Case]:
    """Convolve with every kind of stride and padding, with and without bias."""
    options = [
        ((1, 1, 3, 3), (1, 1, 2, 2), {}),
        ((2, 2, 4, 3), (3, 2, 3, 2), {}),
        ((2, 2, 3, 3), (2, 2, 3, 3), {"padding": 1}),
        ((1, 2, 5, 4), (2, 2, 2, 3), {"stride": 2, "padding": (0, 1)}),
        ((1, 1, 4, 5), (1, 1, 1, 2), {"stride": (3, 2), "padding": (2, 0)}),
        ((1, 3, 1, 1), (2, 3, 1, 1), {}),
        ((0, 1, 3, 3), (1, 1, 2, 2), {}),
    ]
    with_bias = [
        (lambda x, w, b, how=how: F.conv2d(x, w, b, **how), (A(*x), P(*w), A(w[0])))
        for x, w, how in options
    ]
    x, w, how = options[1]
    return [*with_bias, (lambda x, w: F.conv2d(x, w, **how), (A(*x), P(*w)))]


def pools(pool) -> list[Case]:
    """Pool windows that touch, overlap, leave gaps, and do not reach the edge."""
    return [
        (lambda x, size=size, stride=stride: pool(x, size, stride), (A(*shape),))
        for shape, size, stride in [
            ((1, 1, 2, 2), 2, None),
            ((2, 2, 4, 4), 2, None),
            ((1, 2, 5, 4), (3, 2), 1),
            ((1, 1, 5, 5), 2, 3),
            ((1, 1, 3, 4), (1, 3), (2, 1)),
            ((0, 1, 2, 2), 2, None),
        ]
    ]


def attention() -> list[Case]:
    """Attend with every option, with other lengths and widths of keys and values."""
    plain = [
        (((2, 3), (4, 3), (4, 2)), {}),
        (((2, 1, 3, 2), (2, 1, 3, 2), (2, 1, 3, 2)), {"is_causal": True}),
        (((1, 2), (1, 2), (1, 1)), {"is_causal": True}),
        (((2, 2), (3, 2), (3, 2)), {"attn_mask": SEEN}),
        (((2, 2, 2), (2, 3, 2), (2, 3, 2)), {"attn_mask": scaled(2, 1, 3)}),
        (((2, 2), (3, 2), (3, 2)), {"attn_mask": SEEN & [[True], [False]]}),
        (((2, 3), (2, 3), (2, 3)), {"scale": 2.0}),
        (((3, 2), (5, 2), (5, 2)), {"is_causal": True}),
        (((5, 2), (3, 2), (3, 2)), {"is_causal": True}),
        (((0, 2), (3, 2), (3, 1)), {}),
    ]
    dropped: Case = (
        lambda q, k, v: F.scaled_dot_product_attention(
            q, k, v, dropout_p=0.4, rng=np.random.default_rng(0)
        ),
        (scaled(3, 2), scaled(4, 2), A(4, 2)),
    )
    # Longer than a block of queries, so that two are put together.
    long: Case = (
        lambda q: F.scaled_dot_product_attention(q, q, q, is_causal=True),
        (scaled(66, 1),),
    )
    cases: list[Case] = [
        (
            lambda q, k, v, how=how: F.scaled_dot_product_attention(q, k, v, **how),
            (scaled(*q), scaled(*k), A(*v)),
        )
        for (q, k, v), how in plain
    ]
    return [*cases, dropped, long]


def recurrence(cell, gates: int, states: tuple[int, ...] = ()) -> list[Case]:
    """Run a cell over sequences, with and without biases."""
    cases: list[Case] = []
    for steps, batch, inputs, size in [(1, 1, 1, 1), (3, 2, 2, 2), (2, 1, 3, 2), (2, 0, 2, 2)]:
        rows = gates * size
        shapes = [(steps, batch, inputs), (*states, batch, size), (rows, inputs), (rows, size)]
        arrays = tuple(scaled(*shape) for shape in shapes)
        cases += [(cell, arrays), (cell, (*arrays, scaled(rows), P(rows) / 9))]
    return cases


NETWORK_CASES: dict[str, list[Case]] = {
    "functional.conv2d": convolutions(),
    "functional.max_pool2d": pools(F.max_pool2d),
    "functional.avg_pool2d": pools(F.avg_pool2d),
    "functional.gelu": [
        (lambda x, how=how: F.gelu(x, how), (x,))
        for how in ("none", "tanh")
        for x in (A(2, 3), A(0, 2), A(), np.array([0.0, -5.0, 8.0]))
    ],
    "functional.scaled_dot_product_attention": attention(),
    "functional.self_attention": [
        (lambda x, how=how: F.self_attention(x, 2, **how), (scaled(*shape),))
        for shape in [(2, 3, 12), (1, 1, 6), (0, 2, 6)]
        for how in ({}, {"is_causal": True})
    ],
    "functional.rnn": [
        *recurrence(F.rnn, 1),
        *recurrence(lambda *weights: F.rnn(*weights, nonlinearity="relu"), 1),
    ],
    "functional.lstm": recurrence(F.lstm, 4, (2,)),
    "functional.gru": recurrence(F.gru, 3),
}
