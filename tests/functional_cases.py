"""The points at which activations, losses and layer functions are compared with differences."""

from collections.abc import Callable

import numpy as np
from gradient_cases import SHAPES, A, Case, P

from nnbook.nn import functional as F  # noqa: N812

REDUCTIONS = ("mean", "sum", "none")
PAIRS = [(), (1,), (4, 1), (2, 3)]
ALONG = [
    ((3,), -1),
    ((2, 3), 0),
    ((2, 3), 1),
    ((2, 1, 3), 1),
    ((2, 3, 2), -2),
    ((1, 1), 0),
    ((0, 3), 1),
]
FAR_APART = np.array([[0.3, 70.0, -65.0], [1.2, 0.7, 0.1]])
CLASSES = {
    "one example": ((3,), np.array(2)),
    "rows": ((4, 3), np.array([0, 2, 2, 1])),
    "one class": ((2, 1), np.array([0, 0])),
    "pixels": ((2, 3, 2, 2), np.array([[[0, 2], [1, 1]], [[2, 2], [0, 1]]])),
    "some ignored": ((4, 3), np.array([0, -100, 2, -100])),
}
CLASS_OPTIONS = [
    {},
    {"label_smoothing": 0.2},
    {"label_smoothing": 1.0},
    {"weight": np.array([0.5, 0.0, 2.0])},
    {"ignore_index": 1},
    {"weight": np.array([0.5, 0.3, 2.0]), "label_smoothing": 0.3, "ignore_index": 1},
]


def along_axis(function: Callable) -> list[Case]:
    """Call a softmax along every kind of axis, and where scores are too far apart to share one."""
    cases = [(lambda x, axis=axis: function(x, axis), (A(*shape),)) for shape, axis in ALONG]
    return [*cases, (function, (FAR_APART,)), (lambda x: function(x, 0), (FAR_APART.T,))]


def of_pairs(loss: Callable, **options: float) -> list[Case]:
    """Call a loss of outputs and targets with every reduction."""
    calls = [lambda a, b, how=how: loss(a, b, reduction=how, **options) for how in REDUCTIONS]
    points = [(A(*shape), P(*shape)) for shape in PAIRS]
    empty = [(calls[1], (A(0, 2), P(0, 2))), (calls[2], (A(0, 2), P(0, 2)))]
    return [(call, point) for call in calls for point in points] + empty


def probabilities(loss: Callable, options: dict) -> list[Case]:
    """Call a loss whose targets are probabilities, with every reduction."""
    return [
        (
            lambda z, y, how=how: loss(z, y.sigmoid(), reduction=how, **options),
            (3 * A(*shape), A(*shape)),
        )
        for how in REDUCTIONS
        for shape in PAIRS
    ]


def class_numbers() -> list[Case]:
    """Call `cross_entropy` with logits of every shape, and with every option and reduction."""
    return [
        (lambda z, t=t, o=options, how=how: F.cross_entropy(z, t, reduction=how, **o), (A(*shape),))
        for shape, t in CLASSES.values()
        for options in CLASS_OPTIONS
        for how in REDUCTIONS
        if ("weight" not in options or 3 in shape[:2])
        and ("ignore_index" not in options or -100 not in t)
    ]


def activations(function: Callable, **options: float) -> list[Case]:
    """Call a function of every entry at every shape."""
    return [(lambda x: function(x, **options), (A(*shape),)) for shape in SHAPES]


TRAINED = {"training": True, "eps": 0.1}
KEPT = (np.array([0.3, -0.2, 1.0]), np.array([0.5, 2.0, 1.0]))

FUNCTIONAL_CASES: dict[str, list[Case]] = {
    "functional.linear": [
        (F.linear, (A(4, 3), A(2, 3), A(2))),
        (F.linear, (A(4, 3), A(2, 3))),
        (F.linear, (A(3), A(2, 3), A(2))),
        (F.linear, (A(2, 1, 3), A(2, 3), A(2))),
        (F.linear, (A(1, 1), A(1, 1), A(1))),
        (F.linear, (A(0, 3), A(2, 3), A(2))),
    ],
    "functional.sigmoid": activations(F.sigmoid),
    "functional.tanh": activations(F.tanh),
    "functional.relu": activations(F.relu),
    "functional.leaky_relu": [
        *activations(F.leaky_relu),
        *activations(F.leaky_relu, negative_slope=0.3),
        *activations(F.leaky_relu, negative_slope=-1.5),
    ],
    "functional.silu": activations(F.silu),
    "functional.softmax": along_axis(F.softmax),
    "functional.log_softmax": along_axis(F.log_softmax),
    "functional.mse_loss": of_pairs(F.mse_loss),
    "functional.l1_loss": of_pairs(F.l1_loss),
    "functional.huber_loss": [*of_pairs(F.huber_loss), *of_pairs(F.huber_loss, delta=0.4)],
    "functional.hinge_loss": [
        (lambda s, how=how: F.hinge_loss(s, np.sign(A(*s.shape)), reduction=how), (P(*shape),))
        for how in REDUCTIONS
        for shape in PAIRS
    ],
    "functional.binary_cross_entropy": [
        (
            lambda p, y, how=how: F.binary_cross_entropy(p.sigmoid(), y.sigmoid(), reduction=how),
            point,
        )
        for how in REDUCTIONS
        for point in [(A(*shape), P(*shape)) for shape in PAIRS]
    ],
    "functional.binary_cross_entropy_with_logits": [
        *probabilities(F.binary_cross_entropy_with_logits, {}),
        *probabilities(F.binary_cross_entropy_with_logits, {"pos_weight": 2.5}),
        (
            lambda z, y: F.binary_cross_entropy_with_logits(
                z, y.sigmoid(), pos_weight=[0.0, 1.0, 3.0]
            ),
            (A(2, 3), P(2, 3)),
        ),
    ],
    "functional.cross_entropy": class_numbers(),
    "functional.embedding": [
        (lambda w: F.embedding(np.array([[0, 2], [2, 2]]), w), (A(3, 2),)),
        (lambda w: F.embedding([1], w), (A(2, 1),)),
        (lambda w: F.embedding(np.array(1), w), (A(2, 3),)),
        (lambda w: F.embedding(np.zeros((0, 2), int), w), (A(2, 3),)),
    ],
    "functional.dropout": [
        (lambda x, p=p: F.dropout(x, p, rng=np.random.default_rng(2)), (A(*shape),))
        for p in (0.4, 1.0)
        for shape in SHAPES
    ]
    + [(lambda x: F.dropout(x, 0.5, training=False), (A(3),))],
    "functional.layer_norm": [
        (lambda x, w, b: F.layer_norm(x, 3, w, b), (A(4, 3), P(3), A(3))),
        (lambda x, w, b: F.layer_norm(x, [3], w, b), (A(3), P(3), A(3))),
        (lambda x, w, b: F.layer_norm(x, (3, 2), w, b), (A(2, 3, 2), P(3, 2), A(3, 2))),
        (lambda x, w: F.layer_norm(x, 4, w, eps=0.5), (A(2, 1, 4), P(4))),
        (lambda x, b: F.layer_norm(x, 2, None, b), (A(3, 2), A(2))),
        (lambda x: F.layer_norm(x, (3,)), (A(2, 3),)),
        (lambda x: F.layer_norm(x + 1000, 3), (A(2, 3),)),
        (lambda x, w, b: F.layer_norm(x, 1, w, b), (A(2, 1), P(1), A(1))),
        (lambda x, w, b: F.layer_norm(x, 3, w, b), (A(0, 3), P(3), A(3))),
    ],
    "functional.batch_norm": [
        *(
            (lambda x, w, b: F.batch_norm(x, None, None, w, b, **TRAINED), (A(*shape), P(3), A(3)))
            for shape in [(4, 3), (2, 3), (1, 3, 2), (2, 3, 2), (2, 3, 1, 2)]
        ),
        (lambda x: F.batch_norm(x, training=True), (A(5, 3),)),
        (lambda x, w: F.batch_norm(x, weight=w, training=True), (A(4, 1), P(1))),
        (lambda x, b: F.batch_norm(x, bias=b, training=True), (A(3, 2), A(2))),
        (lambda x, w, b: F.batch_norm(x, *KEPT, w, b), (A(4, 3), P(3), A(3))),
        (lambda x, w, b: F.batch_norm(x, *KEPT, w, b, eps=0.5), (A(1, 3, 2), P(3), A(3))),
        (lambda x, w, b: F.batch_norm(x, *KEPT, w, b), (A(0, 3), P(3), A(3))),
    ],
}
