"""The points at which every operation of `nnbook.tensor` is compared with differences."""

from collections.abc import Callable

import numpy as np

from nnbook import tensor
from nnbook.tensor import Tensor


def away_from_kinks(*shape: int) -> np.ndarray:
    """Return different numbers of both signs, none within 0.05 of 0 or 1, none equal."""
    size = int(np.prod(shape))
    values = np.where(np.arange(size) % 2, 1, -1) * (0.13 + 0.17 * np.arange(size))
    return np.random.default_rng(size).permutation(values).reshape(shape)


def positive(*shape: int) -> np.ndarray:
    """Return different positive numbers."""
    return np.abs(away_from_kinks(*shape)) + 0.1


A = away_from_kinks
P = positive
SHAPES = [(), (1,), (3,), (2, 3), (2, 1, 3), (0,), (0, 3)]
PAIRS = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((), (2, 2)),
    ((2, 2), ()),
    ((1, 1), (2,)),
    ((0, 3), (1, 3)),
    ((3,), (0, 3)),
]
REDUCTIONS = [
    ((), {}),
    ((4,), {}),
    ((2, 3), {}),
    ((2, 3), {"axis": 0}),
    ((2, 3), {"axis": -1, "keepdims": True}),
    ((2, 3, 2), {"axis": (0, 2)}),
    ((2, 1, 2), {"axis": 1}),
    ((2, 3), {"keepdims": True}),
    ((0, 3), {"axis": 1}),
]

Case = tuple[Callable[..., Tensor], tuple[np.ndarray, ...]]


def elementwise(name: str, point: Callable[..., np.ndarray] = A) -> list[Case]:
    """Call a method without arguments at every shape."""
    return [(getattr(Tensor, name), (point(*shape),)) for shape in SHAPES]


def pairwise(
    operation: Callable[..., Tensor], left: Callable = A, right: Callable = P
) -> list[Case]:
    """Call an operation of two tensors at every pair of shapes, broadcast on either side."""
    return [(operation, (left(*a), right(*b) + 0.011)) for a, b in PAIRS]


def reductions(name: str) -> list[Case]:
    """Call a reduction along every kind of axis."""
    return [
        (lambda x, options=options: getattr(x, name)(**options), (A(*shape),))
        for shape, options in REDUCTIONS
    ]


def viewed(*calls: tuple[Callable[[Tensor], Tensor], tuple[int, ...]]) -> list[Case]:
    """Call functions of one tensor, each at its own shape."""
    return [(call, (A(*shape),)) for call, shape in calls]


TENSOR_CASES: dict[str, list[Case]] = {
    "Tensor.__neg__": elementwise("__neg__"),
    "Tensor.__add__": pairwise(lambda a, b: a + b),
    "Tensor.__sub__": pairwise(lambda a, b: a - b),
    "Tensor.__mul__": pairwise(lambda a, b: a * b),
    "Tensor.__truediv__": pairwise(lambda a, b: a / b),
    "Tensor.__pow__": [
        *pairwise(lambda a, b: a**b, left=P),
        *viewed((lambda x: x**3, (2, 3)), (lambda x: x**0, (2,)), (lambda x: x**-1, (3,))),
        (lambda x: x**2, (np.zeros(2),)),
        (lambda x: x**0, (np.zeros(2),)),
        (lambda x: 2.0**x, (A(3),)),
    ],
    "Tensor.__matmul__": [
        (lambda a, b: a @ b, (A(*a), P(*b)))
        for a, b in [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3,)),
            ((1, 1), (1, 1)),
            ((2, 2, 3), (3, 2)),
            ((2, 3), (2, 3, 1)),
            ((2, 1, 1, 3), (2, 3, 2)),
            ((2, 2, 3), (3,)),
            ((3,), (2, 3, 2)),
            ((0, 3), (3, 2)),
            ((2, 0), (0, 3)),
        ]
    ],
    "Tensor.__getitem__": viewed(
        (lambda x: x[1], (3, 2)),
        (lambda x: x[..., -1], (2, 3)),
        (lambda x: x[::-2, 1:], (3, 3)),
        (lambda x: x[:, None], (2, 2)),
        (lambda x: x[[0, 0, 2]], (3, 2)),
        (lambda x: x[np.array([[0, 1], [1, 1]])], (2,)),
        (lambda x: x[np.array([0, 0]), np.array([1, 1])], (2, 2)),
        (lambda x: x[np.array([True, False, True])], (3,)),
        (lambda x: x[()], ()),
        (lambda x: x[1:1], (2, 2)),
    ),
    "Tensor.exp": elementwise("exp"),
    "Tensor.log": elementwise("log", P),
    "Tensor.sqrt": elementwise("sqrt", P),
    "Tensor.abs": elementwise("abs"),
    "Tensor.tanh": elementwise("tanh"),
    "Tensor.sigmoid": elementwise("sigmoid"),
    "Tensor.relu": elementwise("relu"),
    "Tensor.clip": viewed(
        (lambda x: x.clip(-0.2, 0.5), (2, 3)),
        (lambda x: x.clip(None, 0.2), (3,)),
        (lambda x: x.clip(0.2, None), ()),
        (lambda x: x.clip(-1, 1), (0, 2)),
    ),
    "Tensor.sum": reductions("sum"),
    "Tensor.mean": reductions("mean"),
    "Tensor.max": reductions("max"),
    "Tensor.min": reductions("min"),
    "Tensor.var": reductions("var"),
    "Tensor.reshape": viewed(
        (lambda x: x.reshape(3, 2), (2, 3)),
        (lambda x: x.reshape((-1,)), (2, 3)),
        (lambda x: x.reshape(1, 1), ()),
        (lambda x: x.reshape(3, 0), (0, 2)),
    ),
    "Tensor.transpose": viewed(
        (lambda x: x.transpose(), (2, 3)),
        (lambda x: x.transpose(2, 0, 1), (2, 3, 4)),
        (lambda x: x.transpose(-1, 0, 1), (2, 1, 3)),
        (lambda x: x.transpose((1, 0)), (2, 3)),
        (lambda x: x.T, (3,)),
    ),
    "Tensor.swapaxes": viewed(
        (lambda x: x.swapaxes(0, -1), (2, 3, 1)), (lambda x: x.swapaxes(0, 1), (0, 2))
    ),
    "Tensor.squeeze": viewed(
        (lambda x: x.squeeze(), (1, 3, 1)), (lambda x: x.squeeze(0), (1, 2)), (Tensor.squeeze, ())
    ),
    "Tensor.expand_dims": viewed(
        (lambda x: x.expand_dims(0), (3,)), (lambda x: x.expand_dims((0, -1)), (2, 2))
    ),
    "Tensor.broadcast_to": viewed(
        (lambda x: x.broadcast_to((2, 3)), (3,)),
        (lambda x: x.broadcast_to((2, 3, 2)), (3, 1)),
        (lambda x: x.broadcast_to((0, 3)), (1, 3)),
        (lambda x: x.broadcast_to((2,)), ()),
    ),
    "concatenate": [
        (lambda a, b: tensor.concatenate([a, b]), (A(2, 3), A(1, 3))),
        (lambda a, b, c: tensor.concatenate([a, b, c], axis=-1), (A(2, 1), A(2, 0), A(2, 3))),
        (lambda a: tensor.concatenate([a, a], axis=1), (A(2, 2),)),
    ],
    "stack": [
        (lambda a, b: tensor.stack([a, b]), (A(), P())),
        (lambda a, b: tensor.stack([a, b], axis=-1), (A(2, 3), P(2, 3))),
        (lambda a, b: tensor.stack([a, b], axis=1), (A(0, 2), P(0, 2))),
    ],
    "where": [
        (lambda a, b: tensor.where(np.array([True, False, True]), a, b), (A(2, 3), A(3))),
        (lambda a, b: tensor.where(np.array([[True], [False]]), a, b), (A(3), A(2, 1))),
        (lambda a: tensor.where(a.data > 0, a, 0.0), (A(4),)),
    ],
    "maximum": [
        *pairwise(tensor.maximum),
        (lambda a: tensor.maximum(a, 0.05), (A(3),)),
    ],
    "einsum": [
        (lambda a, b: tensor.einsum("ij,jk->ik", a, b), (A(2, 3), A(3, 2))),
        (lambda a, b: tensor.einsum("bij,bkj->bik", a, b), (A(2, 2, 3), A(2, 1, 3))),
        (lambda a: tensor.einsum("ij->j", a), (A(2, 3),)),
        (lambda a: tensor.einsum("ij->ji", a), (A(2, 3),)),
        (lambda a, b: tensor.einsum("i,j->", a, b), (A(2), A(3))),
        (lambda a, b, c: tensor.einsum("i,ij,j->", a, b, c), (A(2), A(2, 3), A(3))),
        (lambda a, b: tensor.einsum("ij,ij->ij", a, b), (A(1, 3), A(2, 3))),
    ],
}
