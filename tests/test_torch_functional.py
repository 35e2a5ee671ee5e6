"""Activations, losses and layer functions against PyTorch: values and gradients."""

import numpy as np
import pytest

from nnbook import Tensor, nn
from nnbook.nn import functional as F  # noqa: N812

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install -e '.[torch]'")
TF = torch.nn.functional

RNG = np.random.default_rng(0)
REDUCTIONS = ("mean", "sum", "none")
SHAPES = [(), (7,), (4, 1), (5, 3), (2, 3, 4)]
Z = RNG.normal(size=(6, 5)) * 3
T = np.array([4, 0, -100, 2, 2, 1])
PIXELS = RNG.normal(size=(2, 3, 4, 5))
PIXEL_CLASSES = RNG.integers(0, 3, (2, 4, 5))
CLASS_WEIGHTS = np.array([0.5, 0.0, 2.0, 1.0, 3.0])


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def share(*shape):
    return np.random.default_rng(len(shape) + 9).uniform(0.02, 0.98, shape)


def of_arrays(ours, theirs, *points):
    return [(ours, theirs, point) for point in points]


def of_pairs(name, outputs, targets, **options):
    ours, theirs = getattr(F, name), getattr(TF, name)
    return [
        (
            lambda a, b, how=how: ours(a, b, reduction=how, **options),
            lambda a, b, how=how: theirs(a, b, reduction=how, **options),
            (outputs(*shape), targets(*shape)),
        )
        for how in REDUCTIONS
        for shape in SHAPES
    ]


def of_classes(z, t, **options):
    """Call `cross_entropy` with every reduction; PyTorch wants its weights as a tensor."""
    tensors = {
        name: torch.tensor(value) if name == "weight" else value for name, value in options.items()
    }
    return [
        (
            lambda z, how=how: F.cross_entropy(z, t, reduction=how, **options),
            lambda z, how=how: TF.cross_entropy(z, torch.tensor(t), reduction=how, **tensors),
            (z,),
        )
        for how in REDUCTIONS
    ]


def weighted_logits(shape, pos_weight):
    return [
        (
            lambda z, y, how=how: F.binary_cross_entropy_with_logits(
                z, y, reduction=how, pos_weight=pos_weight
            ),
            lambda z, y, how=how: TF.binary_cross_entropy_with_logits(
                z, y, reduction=how, pos_weight=torch.tensor(pos_weight)
            ),
            (5 * normal(*shape), share(*shape)),
        )
        for how in REDUCTIONS
    ]


def along(ours, theirs):
    return [
        (lambda x, i=axis: ours(x, i), lambda x, i=axis: theirs(x, dim=i), (10 * normal(*shape),))
        for shape, axis in [((5,), 0), ((4, 3), 0), ((4, 3), 1), ((2, 3, 4), 1), ((2, 3, 4), -3)]
    ] + [(ours, lambda x: theirs(x, dim=-1), (100 * normal(4, 30),))]


CASES = {
    "sigmoid": of_arrays(F.sigmoid, TF.sigmoid, [5 * normal(4, 3)]),
    "tanh": of_arrays(F.tanh, TF.tanh, [normal(4, 3)]),
    "relu": of_arrays(F.relu, TF.relu, [normal(4, 3)], [np.zeros(2)]),
    "leaky_relu": of_arrays(F.leaky_relu, TF.leaky_relu, [normal(4, 3)], [np.zeros(2)])
    + of_arrays(lambda x: F.leaky_relu(x, 0.3), lambda x: TF.leaky_relu(x, 0.3), [normal(4, 3)]),
    "silu": of_arrays(F.silu, TF.silu, [normal(4, 3)], [np.linspace(-40, 40, 9)]),
    "softmax": along(F.softmax, TF.softmax),
    "log_softmax": along(F.log_softmax, TF.log_softmax),
    "mse_loss": of_pairs("mse_loss", normal, share),
    "l1_loss": of_pairs("l1_loss", normal, share),
    "huber_loss": of_pairs("huber_loss", normal, share)
    + of_pairs("huber_loss", normal, share, delta=0.3),
    "hinge_loss": of_arrays(
        F.hinge_loss,
        lambda s, y: torch.clamp(1 - y * s, min=0).mean(),
        *([normal(*shape), np.sign(share(*shape) - 0.5)] for shape in SHAPES),
    ),
    "binary_cross_entropy": of_pairs("binary_cross_entropy", share, share),
    "binary_cross_entropy_with_logits": [
        *of_pairs("binary_cross_entropy_with_logits", normal, share),
        *weighted_logits((5,), 3.0),
        *weighted_logits((5,), [0.5]),
        *weighted_logits((4, 3), [0.0, 1.0, 7.0]),
        *weighted_logits((2, 3, 4), normal(3, 4) ** 2),
    ],
    "cross_entropy": [
        *of_classes(Z, T),
        *of_classes(Z, T, label_smoothing=0.1),
        *of_classes(Z, T, label_smoothing=1.0),
        *of_classes(Z, T, weight=CLASS_WEIGHTS),
        *of_classes(Z, T, weight=CLASS_WEIGHTS, label_smoothing=0.3),
        *of_classes(Z, np.abs(T) % 5, ignore_index=2, weight=CLASS_WEIGHTS, label_smoothing=0.3),
        *of_classes(Z[0], np.array(3)),
        *of_classes(100 * Z, T),
        *of_classes(PIXELS, PIXEL_CLASSES),
        *of_classes(PIXELS, PIXEL_CLASSES, ignore_index=0, label_smoothing=0.2),
        *of_classes(PIXELS[..., 0], PIXEL_CLASSES[..., 0], weight=np.array([1.0, 2.0, 0.5])),
    ],
    "embedding": of_arrays(
        lambda w: F.embedding(T * (T > 0), w),
        lambda w: TF.embedding(torch.tensor(T * (T > 0)), w),
        [normal(5, 3)],
    )
    + of_arrays(
        lambda w: F.embedding(PIXEL_CLASSES, w),
        lambda w: TF.embedding(torch.tensor(PIXEL_CLASSES), w),
        [normal(3, 2)],
        [normal(4, 1)],
    ),
    "dropout": of_arrays(
        lambda x: F.dropout(x, 0.3, training=False),
        lambda x: TF.dropout(x, 0.3, training=False),
        [normal(3)],
    )
    + of_arrays(lambda x: F.dropout(x, 1.0, rng=RNG), lambda x: TF.dropout(x, 1.0), [normal(3, 2)]),
    "layer_norm": of_arrays(
        lambda x, w, b: F.layer_norm(x, w.shape, w, b),
        lambda x, w, b: TF.layer_norm(x, w.shape, w, b),
        [normal(4, 3), normal(3), share(3)],
        [normal(2, 3, 4), normal(3, 4), share(3, 4)],
        [100 + normal(2, 3, 4), normal(4), share(4)],
        [normal(5), normal(5), share(5)],
    )
    + of_arrays(
        lambda x: F.layer_norm(x, (3, 4), eps=0.1),
        lambda x: TF.layer_norm(x, (3, 4), eps=0.1),
        [normal(2, 3, 4)],
    ),
    "batch_norm": of_arrays(
        lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True, eps=1e-3),
        lambda x, w, b: TF.batch_norm(x, None, None, w, b, training=True, eps=1e-3),
        [normal(5, 3), normal(3), share(3)],
        [100 + normal(2, 3, 4), normal(3), share(3)],
        [normal(2, 3, 4, 2), normal(3), share(3)],
        [normal(1, 3, 4), normal(3), share(3)],
    )
    + of_arrays(
        lambda x: F.batch_norm(x, training=True),
        lambda x: TF.batch_norm(x, None, None, training=True),
        [normal(2, 3)],
    )
    + of_arrays(
        lambda x, w, b: F.batch_norm(x, normal(3), share(3), w, b),
        lambda x, w, b: TF.batch_norm(x, torch.tensor(normal(3)), torch.tensor(share(3)), w, b),
        [normal(5, 3), normal(3), share(3)],
        [normal(2, 3, 4), normal(3), share(3)],
    ),
}


@pytest.mark.parametrize(
    ("ours", "theirs", "point"),
    [
        pytest.param(*case, id=f"{n}-{i}")
        for n, cases in CASES.items()
        for i, case in enumerate(cases)
    ],
)
def test_value_and_gradients_are_pytorchs(ours, theirs, point):
    our_inputs = [Tensor(array, requires_grad=True) for array in point]
    their_inputs = [torch.tensor(array, requires_grad=True) for array in point]
    our_value, their_value = ours(*our_inputs), theirs(*their_inputs)
    np.testing.assert_allclose(our_value.data, their_value.detach(), rtol=1e-10, atol=1e-10)
    g = np.random.default_rng(1).normal(size=our_value.shape)
    our_value.backward(g)
    their_value.backward(torch.tensor(g))
    for mine, other in zip(our_inputs, their_inputs, strict=True):
        np.testing.assert_allclose(mine.grad, other.grad, rtol=1e-10, atol=1e-10)


def test_running_statistics_are_pytorchs_over_several_batches():
    ours = nn.Buffer(np.zeros(3)), nn.Buffer(np.ones(3))
    theirs = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    for size, momentum in [(4, 0.1), (2, 0.1), (9, 0.7)]:
        x = normal(size, 3, 2) * size
        F.batch_norm(x, *ours, training=True, momentum=momentum)
        TF.batch_norm(torch.tensor(x), *theirs, training=True, momentum=momentum)
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine.data, other, rtol=1e-12)


def test_where_the_logarithm_stops_only_the_rounding_of_pytorchs_constant_differs():
    p, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.3, 0.0])
    mine, other = Tensor(p, requires_grad=True), torch.tensor(p, requires_grad=True)
    our_loss = F.binary_cross_entropy(mine, y)
    their_loss = TF.binary_cross_entropy(other, torch.tensor(y))
    assert our_loss.item() == their_loss.item()
    our_loss.backward()
    their_loss.backward()
    rounded = 1e-12 / float(np.float32(1e-12))  # PyTorch divides by 1e-12 as a float32
    np.testing.assert_allclose(mine.grad * rounded, other.grad, rtol=1e-12)


def test_all_ignored_is_where_pytorch_gives_nan():
    assert torch.isnan(TF.cross_entropy(torch.zeros(2, 3), torch.tensor([-100, -100])))


def test_defaults_are_pytorchs():
    p, y = share(4), share(4)
    for name in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy"):
        theirs = getattr(TF, name)(torch.tensor(p), torch.tensor(y))
        np.testing.assert_allclose(getattr(F, name)(p, y).item(), theirs, rtol=1e-12)
    x = torch.tensor(normal(4, 3))
    np.testing.assert_allclose(
        F.layer_norm(normal(4, 3), 3).data, TF.layer_norm(x, (3,)), rtol=1e-10
    )
    np.testing.assert_allclose(F.leaky_relu(normal(4, 3)).data, TF.leaky_relu(x), rtol=1e-12)
