"""The wrong uses of the engine, in one table: each is met with operation, got, wanted and remedy.

Within a topic they stand by the exact kind of error that they end in. A row is a use as a reader
would commit it, and the message in short: ``"operation: part of got; part of the remedy"``.
"""

import re

import numpy as np
import pytest

from nnbook import Tensor, check_gradient, datasets, fit, nn, optim, training
from nnbook.errors import (
    ArgumentError,
    DivergenceError,
    GradientError,
    IndexingError,
    KindError,
    MissingMethodError,
    NNBookError,
    ShapeError,
    UnknownNameError,
)
from nnbook.nn import functional as F  # noqa: N812
from nnbook.tensor import concatenate, einsum, maximum, stack, where

rng = np.random.default_rng(0)
x = Tensor(np.ones((2, 3)), requires_grad=True)
fixed = Tensor(np.ones((2, 3)))
empty = Tensor(np.ones((0, 3)))
two, three, row, column = np.ones(2), np.ones(3), np.ones(5), np.ones((5, 1))
logits, classes, one_hot = np.ones((5, 3)), np.array([0, 1, 2, 0, 1]), np.eye(3)[[0, 1, 2, 0, 1]]
images, kernels = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))
texts = np.ones((4, 5, 6))  # (T, B, D) for recurrent layers, (B, T, E) for attention
state = {"weight": np.ones((1, 2)), "bias": np.zeros(1)}
moons = datasets.moons(20, rng=rng)


def weight():
    return Tensor([1.0, 2.0], requires_grad=True)


def mlp():
    return nn.Sequential(nn.Linear(2, 4, rng=rng), nn.Tanh(), nn.Linear(4, 1, rng=rng))


def load(**changed):
    nn.Linear(2, 1, rng=rng).load_state_dict({**state, **changed})


def train(run=fit, **changed):
    model = mlp()
    usual = {"loss": F.mse_loss, "optimizer": optim.SGD(model.parameters(), 0.1), "epochs": 1}
    usual |= {"train": (np.ones((6, 2)), np.ones((6, 1))), "rng": rng, "progress": False}
    return run(model, **(usual | changed))


def take_steps(model, progress, **options):
    return list(training.steps(model, **options))


def dataset(x, y, names=("a", "b"), classes=(), **options):
    return datasets.Dataset(x, y, names, classes, "the test", **options)


# ---- wrong uses that take more than one line


def backward_twice():
    loss = (weight() * 2).sum()
    loss.backward()
    loss.backward()


def backward_after_a_change_in_place():
    w = weight()
    loss = (w * w).sum()
    w.data[0] = 9
    loss.backward()


def optimizer_from_a_used_generator():
    parameters = mlp().parameters()
    print(sum(parameter.size for parameter in parameters))
    optim.SGD(parameters, 0.1)


def step_with_a_gradient_of_another_shape():
    w = weight()
    w.grad = np.ones(3)
    optim.SGD([w], 0.1).step()


def clip_infinite_gradients():
    w = weight()
    w.grad = np.array([np.inf, 1.0])
    optim.clip_grad_norm([w], 1.0)


def train_at_a_huge_rate():
    model = nn.Linear(2, 1, rng=rng)
    optimizer = optim.SGD(model.parameters(), 1e9)
    data = (np.ones((6, 2)), np.ones((6, 1)))
    with np.errstate(over="ignore"):
        fit(model, data, F.mse_loss, optimizer, epochs=99, rng=rng, progress=False)


def wrong_derivative(t):
    return Tensor._from_op(2 * t.data, (t,), lambda g: (3 * g,))


class Forgetful(nn.Module):
    def foward(self, x):
        return x


# ---- the tables

OPERATORS = {
    ShapeError: {
        "a row of another length added": (lambda: x + two, "+: (2, 3) and (2,); .reshape"),
        "a row subtracted from an array": (lambda: two - x, "-: (2,) and (2, 3); line up"),
        "a transposed factor": (lambda: x * x.T, "*: (2, 3) and (3, 2); .expand_dims"),
        "a divisor of another length": (lambda: x / two, "/: (2, 3) and (2,); .reshape"),
        "exponents of another length": (lambda: x**two, "**: (2, 3) and (2,); line up"),
        "inner lengths that differ": (lambda: x @ x, "@: (2, 3) and (2, 3); .T"),
        "a matrix product with a number": (lambda: x @ 2, "@: (2, 3) and (); .T"),
        "an array times a longer vector": (lambda: two @ x.T, "@: (2,) and (3, 2); order"),
    },
    KindError: {
        "a forgotten return value": (lambda: x + None, "Tensor: dtype object; convert"),
        "a word added": (lambda: x + "a", "Tensor: dtype <U1; number words"),
        "np.exp": (lambda: np.exp(x), "np.exp: (2, 3); such as x.exp()"),
        "np.maximum": (lambda: np.maximum(x, 0), "np.maximum: (2, 3); x.data"),
        "np.add.reduce": (lambda: np.add.reduce(x), "np.add: a tensor; a method"),
        "a comparison with labels": (lambda: x == np.ones((2, 3)), "np.equal: (2, 3); .data"),
        "np.asarray": (lambda: np.asarray(x), "np.asarray: a gradient; .numpy() or .detach()"),
    },
}

DATA = {
    KindError: {
        "words": (lambda: Tensor(["a"]), "Tensor: <U1; number words"),
        "nothing at all": (lambda: Tensor(None), "Tensor: object; np.asarray(data, float)"),
        "a missing entry": (lambda: Tensor([1, None]), "Tensor: object; np.asarray"),
        "complex numbers": (lambda: Tensor([1j]), "Tensor: complex128; .real"),
        "dates": (lambda: Tensor(np.array(["2020"], "M8[Y]")), "Tensor: datetime64; number"),
        "a dictionary": (lambda: Tensor({"a": 1}), "Tensor: object; convert"),
        "whole numbers to learn": (lambda: Tensor([1, 2], True), "Tensor: int64; 1.0"),
        "truth values to learn": (lambda: Tensor([True], True), "Tensor: bool; astype(float)"),
        "a whole parameter": (lambda: nn.Parameter([1]), "Tensor: int64; write 1.0"),
        "a buffer of words": (lambda: nn.Buffer(["a"]), "Tensor: <U1; number words"),
        "a tensor of a tensor": (lambda: Tensor(x), "Tensor: a gradient; .detach()"),
        "a list of tensors": (lambda: Tensor([x, x]), "Tensor: a gradient; stack(tensors)"),
    },
    ShapeError: {
        "ragged rows": (lambda: Tensor([[1], [1, 2]]), "Tensor: different lengths; pad"),
        "item of several": (lambda: x.item(), "item: (2, 3); .mean()"),
        "float of several": (lambda: float(x), "item: (2, 3); .numpy()"),
    },
}

SHAPES = {
    ShapeError: {
        "another number of entries": (lambda: x.reshape(4, 2), "reshape: (4, 2); -1"),
        "two lengths left open": (lambda: x.reshape(-1, -1), "reshape: (-1, -1); one length"),
        "transpose beyond": (lambda: x.transpose(0, 2), "transpose: (0, 2) of shape; count"),
        "transpose twice": (lambda: x.transpose(0, 0), "transpose: (0, 0); from 0 at the"),
        "transpose of one axis": (lambda: x.transpose(1), "transpose: axis 1 of; count"),
        "swapaxes beyond": (lambda: x.swapaxes(0, 2), "swapaxes: (0, 2) of shape (2, 3); -1"),
        "squeeze of a long axis": (lambda: x.squeeze(0), "squeeze: axis 0 of; leave axis out"),
        "squeeze beyond": (lambda: x.squeeze(2), "squeeze: axis 2 of shape (2, 3); count"),
        "expand_dims beyond": (lambda: x.expand_dims(4), "expand_dims: axis 4 of; count"),
        "expand_dims twice": (lambda: x.expand_dims((0, 0)), "expand_dims: (0, 0); count"),
        "broadcast_to fewer": (lambda: x.broadcast_to((3,)), "broadcast_to: (3,); expand_dims"),
        "broadcast_to a number": (lambda: x.broadcast_to(6), "broadcast_to: target 6; add"),
        "concatenate of nothing": (lambda: concatenate([]), "concatenate: none; reshape"),
        "concatenate of misfits": (
            lambda: concatenate([x, x.T]),
            "concatenate: (2, 3), (3, 2); reshape the parts",
        ),
        "concatenate of numbers": (
            lambda: concatenate([Tensor(1.0), Tensor(2.0)]),
            "concatenate: (), (); use stack",
        ),
        "concatenate beyond": (lambda: concatenate([x], 2), "concatenate: axis 2; use stack"),
        "stack of nothing": (lambda: stack([]), "stack: none; concatenate"),
        "stack of misfits": (lambda: stack([x, x.T]), "stack: (2, 3), (3, 2); reshape"),
        "stack beyond": (lambda: stack([x, x], 3), "stack: axis 3 of shape (2, 3); count"),
        "where of misfits": (lambda: where(True, x, two), "where: (2, 3) and (2,); .reshape"),
        "where by a long mask": (lambda: where(row > 0, x, x), "where: (5,) and (2, 3); line"),
        "maximum of misfits": (lambda: maximum(x, two), "maximum: (2, 3) and (2,); .reshape"),
        "einsum lengths": (lambda: einsum("ij,jk->ik", x, x), "einsum: (2, 3), (2, 3); compare"),
        "einsum letters": (lambda: einsum("ijk->i", x), "einsum: 'ijk->i'; write each shape"),
    },
    KindError: {
        "a length that is halved": (lambda: x.reshape(3 / 2, 4), "reshape: (1.5, 4); //"),
        "transpose by halves": (lambda: x.transpose(0.5, 1), "transpose: (0.5, 1); such as 0"),
        "swapaxes by name": (lambda: x.swapaxes("a", 1), "swapaxes: ('a', 1); such as 0"),
        "expand_dims at a half": (lambda: x.expand_dims(0.5), "expand_dims: 0.5; such as 0"),
        "broadcast_to halves": (lambda: x.broadcast_to((2.5, 3)), "broadcast_to: 2.5; (2, 3)"),
        "concatenate of all": (lambda: concatenate([x], None), "concatenate: None; one axis"),
        "where by words": (lambda: where("yes", x, x), "where: <U3; number words"),
        "einsum backwards": (lambda: einsum(x, "ij->i"), "einsum: type Tensor; first"),
    },
    ArgumentError: {
        "einsum diagonal": (lambda: einsum("ii->i", x), "einsum: 'ii->i'; a letter of"),
        "einsum without arrow": (lambda: einsum("ij", x), "einsum: 'ij' for 1; every axis"),
        "einsum operands": (lambda: einsum("ij,jk->ik", x), "einsum: 1 operands; every"),
    },
    IndexingError: {
        "a row that is not there": (lambda: x[5], "[]: (2, 3) and index 5; from 0"),
        "one index too many": (lambda: x[0, 0, 0], "[]: (0, 0, 0); count"),
        "an index of floats": (lambda: x[np.zeros(2)], "[]: dtype float64; whole with int"),
        "half a row": (lambda: x[len(two) / 2], "[]: (2, 3) and index 1.0; int or //"),
        "a mask of another shape": (lambda: x[row > 0], "[]: (5,) of dtype bool; count"),
    },
}

REDUCTIONS = {
    ShapeError: {
        "sum beyond": (lambda: x.sum(2), "sum: axis 2 of shape (2, 3); count axes"),
        "sum far before": (lambda: x.sum(-3), "sum: axis -3 of shape (2, 3); -1 at the right"),
        "sum twice": (lambda: x.sum((0, 0)), "sum: axis (0, 0) of shape (2, 3); count"),
        "mean beyond": (lambda: x.mean(2), "mean: axis 2 of shape (2, 3); count axes"),
        "mean twice": (lambda: x.mean((1, -1)), "mean: axis (1, -1); count axes"),
        "var beyond": (lambda: x.var(2), "var: axis 2 of shape (2, 3); count axes"),
        "var twice": (lambda: x.var((1, 1)), "var: axis (1, 1); count axes"),
        "max beyond": (lambda: x.max(2), "max: axis 2 of shape (2, 3); count axes"),
        "max twice": (lambda: x.max((0, 0)), "max: axis (0, 0); count axes"),
        "min beyond": (lambda: x.min(2), "min: axis 2 of shape (2, 3); count axes"),
        "min twice": (lambda: x.min((0, 0)), "min: axis (0, 0); count axes"),
        "mean of nothing": (lambda: empty.mean(0), "mean: (0, 3), axis 0; not empty"),
        "max of nothing": (lambda: Tensor([]).max(), "max: (0,), axis None; not empty"),
        "min of nothing": (lambda: empty.min(0), "min: (0, 3), axis 0; the batch"),
        "var of nothing": (lambda: empty.var(), "var: (0, 3), axis None; the batch"),
        "softmax beyond": (lambda: F.softmax(x, 2), "softmax: (2, 3) and axis 2; count"),
    },
    KindError: {
        "sum of rows": (lambda: x.sum("rows"), "sum: axis 'rows'; such as 0"),
        "mean of half an axis": (lambda: x.mean(0.5), "mean: axis 0.5; a tuple"),
        "var by name": (lambda: x.var("x"), "var: axis 'x'; such as 0"),
        "max by name": (lambda: x.max("x"), "max: axis 'x'; such as 0"),
        "min of half an axis": (lambda: x.min(0.5), "min: axis 0.5; such as 0"),
        "softmax of two axes": (lambda: F.softmax(x, (0, 1)), "softmax: (0, 1); one axis"),
        "log_softmax of all": (lambda: F.log_softmax(x, None), "log_softmax: None; one axis"),
    },
}

BACKWARD = {
    GradientError: {
        "of several numbers": (lambda: (x * 2).backward(), "backward: (2, 3); .mean()"),
        "of constants": (lambda: fixed.sum().backward(), "backward: nothing; requires_grad"),
        "twice": (backward_twice, "backward: used up; compute the result again"),
        "after a change": (backward_after_a_change_in_place, "backward: (2,); new array"),
        "of a wrong derivative": (
            lambda: check_gradient(wrong_derivative, 1.0),
            "check_gradient: 3 for argument 0; by hand",
        ),
        "of a kink": (
            lambda: check_gradient(Tensor.relu, [0.0]),
            "check_gradient: 0 for argument 0 at index (0,); compare",
        ),
    },
    ShapeError: {
        "with another shape": (lambda: (x * 2).backward(three), "backward: (3,); reshape"),
    },
    KindError: {
        "of an array": (
            lambda: check_gradient(lambda t: t.data, 1.0),
            "check_gradient: type ndarray; without .data",
        ),
        "at words": (lambda: check_gradient(Tensor.exp, ["a"]), "check_gradient: <U1; number"),
        "in reverse order": (
            lambda: check_gradient(1.0, Tensor.exp),
            "check_gradient: float; f, x",
        ),
    },
    ArgumentError: {
        "nowhere": (lambda: check_gradient(Tensor.exp), "check_gradient: 0 arrays; f, x"),
        "in steps of 0": (
            lambda: check_gradient(Tensor.exp, 1.0, step=0),
            "check_gradient: step=0; leave the others",
        ),
    },
}

PAIRED_LOSSES = {
    name: getattr(F, name)
    for name in (
        *("mse_loss", "l1_loss", "huber_loss", "hinge_loss"),
        *("binary_cross_entropy", "binary_cross_entropy_with_logits"),
    )
}
LOSSES = {
    ShapeError: {
        **{
            f"{name} of a column and a row": (
                lambda loss=loss: loss(column, row),
                f"{name}: (5, 1) and targets (5,); targets.reshape(5, 1)",
            )
            for name, loss in PAIRED_LOSSES.items()
        },
        "targets of another batch": (lambda: F.mse_loss(row, two), "mse_loss: (2,); this batch"),
        "an empty batch": (lambda: F.mse_loss([], []), "mse_loss: (0,); not empty"),
        "classes in a column": (
            lambda: F.cross_entropy(logits, classes[:, np.newaxis]),
            "cross_entropy: (5, 1); targets.reshape(5,)",
        ),
        "too few classes": (
            lambda: F.cross_entropy(logits, [0, 1]),
            "cross_entropy: (2,); each example",
        ),
        "weights of other classes": (
            lambda: F.cross_entropy(logits, classes, two),
            "cross_entropy: weight (2,); each class",
        ),
    },
    ArgumentError: {
        **{
            f"{name} with a missing target": (
                lambda loss=loss: loss([0.5, 0.5], [1, np.nan]),
                f"{name}: targets with nan; leave out",
            )
            for name, loss in PAIRED_LOSSES.items()
        },
        "a wrong reduction": (
            lambda: F.mse_loss(row, row, reduction="average"),
            "mse_loss: 'average'; leave it out",
        ),
        "a delta of 0": (lambda: F.huber_loss(row, row, delta=0), "huber_loss: 0; l1_loss"),
        "hinge labels of 0": (
            lambda: F.hinge_loss(two, [0, 1]),
            "hinge_loss: labels such as 0; 2 * labels - 1",
        ),
        "scores as probabilities": (
            lambda: F.binary_cross_entropy([3.0], [1.0]),
            "binary_cross_entropy: 3.0 to 3.0; with_logits",
        ),
        "binary targets of 2": (
            lambda: F.binary_cross_entropy_with_logits([0.0], [2]),
            "binary_cross_entropy_with_logits: 2.0; 0 and 1",
        ),
        "a negative pos_weight": (
            lambda: F.binary_cross_entropy_with_logits([0.0], [1], pos_weight=-1),
            "binary_cross_entropy_with_logits: -1; 1 leaves",
        ),
        "a class too many": (
            lambda: F.cross_entropy(logits, classes + 1),
            "cross_entropy: class 3 among; from 0",
        ),
        "a class below 0": (
            lambda: F.cross_entropy(logits, classes - 1),
            "cross_entropy: class -1; from 0",
        ),
        "all ignored": (
            lambda: F.cross_entropy(logits, [-100] * 5),
            "cross_entropy: all ignored; 'sum'",
        ),
        "smoothing of 200 %": (
            lambda: F.cross_entropy(logits, classes, label_smoothing=2),
            "cross_entropy: label_smoothing=2; 0.1",
        ),
    },
    KindError: {
        "classes as floats": (
            lambda: F.cross_entropy(logits, classes * 1.0),
            "cross_entropy: float64; targets.astype(int)",
        ),
        "one-hot classes": (
            lambda: F.cross_entropy(logits, one_hot),
            "cross_entropy: (5, 3) of dtype float64; targets.argmax(axis=1)",
        ),
    },
}

MAKERS = {
    "Linear": lambda size, **rng: nn.Linear(size, 3, **rng),
    "Embedding": lambda size, **rng: nn.Embedding(5, size, **rng),
    "Conv2d": lambda size, **rng: nn.Conv2d(size, 4, 3, **rng),
    "RNN": lambda size, **rng: nn.RNN(3, size, **rng),
    "LSTM": lambda size, **rng: nn.LSTM(3, 4, size, **rng),
    "GRU": lambda size, **rng: nn.GRU(size, 4, **rng),
    "MultiHeadAttention": lambda size, **rng: nn.MultiHeadAttention(6, size, **rng),
}
NORMS = {
    "BatchNorm1d": lambda size, **_: nn.BatchNorm1d(size),
    "LayerNorm": lambda size, **_: nn.LayerNorm(size),
}
WINDOWS = {
    "MaxPool2d": nn.MaxPool2d,
    "AvgPool2d": nn.AvgPool2d,
    "Conv2d": lambda size: nn.Conv2d(3, 4, size, rng=rng),
}
SIZES = {
    ArgumentError: {
        f"{name} of size {size}": (
            lambda make=make, size=size: make(size, rng=rng),
            f"{name}: size {size}; count",
        )
        for name, make in (MAKERS | NORMS).items()
        for size in (0, -1, 1.5)
    }
    | {
        f"{name} with windows of {size}": (
            lambda make=make, size=size: make(size),
            f"{name}: kernel_size={size}; one number",
        )
        for name, make in WINDOWS.items()
        for size in (0, -1, 1.5, (2, 2, 2))
    },
}

INITS = {
    name: getattr(nn.init, name)
    for name in (
        *("uniform", "normal", "orthogonal"),
        *("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"),
    )
}
DRAWERS = {
    **{name: lambda make=make, **rng: make(2, **rng) for name, make in MAKERS.items()},
    **{name: lambda draw=draw, **rng: draw((3, 4), **rng) for name, draw in INITS.items()},
    **{name: getattr(datasets, name) for name in ("sine", "moons", "circles", "spirals")},
    "TransformerBlock": lambda **rng: nn.TransformerBlock(6, 2, **rng),
    "Dropout": lambda **rng: nn.Dropout(0.5, **rng),
    "dropout": lambda **rng: F.dropout(x, **rng),
    "scaled_dot_product_attention": lambda **rng: F.scaled_dot_product_attention(
        texts, texts, texts, dropout_p=0.5, **rng
    ),
    "split": lambda **rng: moons.split(0.5, **rng),
    "fit": lambda rng=None: train(rng=rng),
    "steps": lambda rng=None: train(take_steps, rng=rng),
}
GENERATORS = {
    KindError: {
        f"{name} {said}": (
            lambda draw=draw, options=options: draw(**options),
            f"{name}: {got}; rng=np.random.default_rng(0)",
        )
        for name, draw in DRAWERS.items()
        for said, options, got in (
            ("without rng", {}, "no rng"),
            ("with a seed", {"rng": 7}, "rng=7"),
        )
    },
}

LAYERS = {
    KindError: {
        "rng by position": (lambda: nn.Linear(2, 3, rng), "Linear: no rng; rng="),
        "a NumPy function as a layer": (lambda: nn.Sequential(np.tanh)(x), "np.tanh: (2, 3); x."),
        "an index of floats to look up": (
            lambda: nn.Embedding(2, 3, rng=rng)([0.0]),
            "embedding: float64; indices.astype(int)",
        ),
        "a state of words": (lambda: load(bias=["a"]), "load_state_dict: <U1; number"),
        "a model as a state": (
            lambda: mlp().load_state_dict(mlp()),
            "load_state_dict: Sequential; .state_dict()",
        ),
    },
    ShapeError: {
        "Linear of other rows": (
            lambda: nn.Linear(2, 3, rng=rng)(logits),
            "linear: x (5, 3) and weight (3, 2); as many inputs",
        ),
        "layers that do not follow": (
            lambda: nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Linear(3, 4, rng=rng))(logits),
            "linear: x (5, 4) and weight (4, 3); as many inputs",
        ),
        "Residual of another shape": (
            lambda: nn.Residual(nn.Linear(3, 4, rng=rng))(logits),
            "Residual: (5, 3) and layers that make (5, 4); as many outputs",
        ),
        "Flatten of missing axes": (lambda: nn.Flatten(2)(x), "Flatten: (2, 3); a batch"),
        "BatchNorm1d of others": (lambda: nn.BatchNorm1d(2)(x), "BatchNorm1d: (2, 3); x.shape"),
        "BatchNorm1d of one example": (
            lambda: nn.BatchNorm1d(3)(np.ones((1, 3))),
            "batch_norm: (1, 3); eval()",
        ),
        "LayerNorm of others": (lambda: nn.LayerNorm(2)(x), "layer_norm: (2, 3); x.shape[-1]"),
        "a state of other shapes": (
            lambda: load(weight=np.ones((2, 1))),
            "load_state_dict: (2, 1) for weight; the sizes",
        ),
        "init of a vector": (
            lambda: nn.init.xavier_uniform(3, rng=rng),
            "xavier_uniform: (3,); zeros",
        ),
        "fan of a vector": (lambda: nn.init.fan((3,)), "fan: (3,); layer.weight"),
        "zeros of an open length": (lambda: nn.init.zeros((2, -1)), "zeros: (2, -1); every length"),
        "ones of an open length": (lambda: nn.init.ones(-1), "ones: (-1,); every length"),
        "orthogonal of a vector": (
            lambda: nn.init.orthogonal(3, rng=rng),
            "orthogonal: (3,); zeros",
        ),
    },
    ArgumentError: {
        "an index of words to come": (
            lambda: nn.Embedding(2, 3, rng=rng)([2]),
            "embedding: index 2 for 2 rows; larger",
        ),
        "a p of 2": (lambda: nn.Dropout(2, rng=rng), "Dropout: p=2; 0.1 to 0.5"),
        "a p below 0": (lambda: nn.Dropout(-0.1, rng=rng), "Dropout: p=-0.1; dropped"),
        "a p of nan": (lambda: F.dropout(x, np.nan, rng=rng), "dropout: p=nan; dropped"),
        "a negative deviation": (lambda: nn.init.normal(3, std=-1, rng=rng), "normal: -1; leave"),
    },
    UnknownNameError: {
        "an unknown approximation": (lambda: nn.GELU("erf"), "GELU: 'erf'; choose"),
        "an unknown approximation of a function": (
            lambda: F.gelu(x, "erf"),
            "gelu: 'erf'; choose",
        ),
        "a state without a name": (
            lambda: nn.Linear(2, 1, rng=rng).load_state_dict({"weight": [[1, 2]]}),
            "load_state_dict: without 'bias'; the layers",
        ),
        "a state with a wrong name": (
            lambda: load(wieght=1),
            "load_state_dict: 'wieght'; 'weight'?",
        ),
        "an unknown nonlinearity": (
            lambda: nn.init.kaiming_normal((3, 4), nonlinearity="rleu", rng=rng),
            "kaiming_normal: 'rleu'; 'relu'?",
        ),
        "an unknown gain": (
            lambda: nn.init.calculate_gain("tahn"),
            "calculate_gain: tahn; 'tanh'?",
        ),
    },
    MissingMethodError: {
        "a module without forward": (lambda: nn.Module()(x), "Module: forward; write it"),
        "a misspelled forward": (lambda: Forgetful()(x), "Forgetful: forward; its name"),
    },
}

IMAGES = {
    ShapeError: {
        "channels that do not fit": (
            lambda: nn.Conv2d(1, 4, 3, rng=rng)(images),
            "conv2d: x (2, 3, 5, 5) and weight (4, 1, 3, 3); channels",
        ),
        "channels at the end": (
            lambda: F.conv2d(images.transpose(0, 2, 3, 1), kernels),
            "conv2d: x (2, 5, 5, 3); channels",
        ),
        "a kernel larger than the image": (
            lambda: nn.Conv2d(3, 4, 7, rng=rng)(images),
            "conv2d: weight (4, 3, 7, 7); add padding",
        ),
        "a single image": (lambda: F.conv2d(images[0], kernels), "conv2d: x (3, 5, 5); check"),
        "biases of other kernels": (lambda: F.conv2d(images, kernels, two), "conv2d: (2,); check"),
        "a window larger than the image": (
            lambda: nn.MaxPool2d(6)(images),
            "max_pool2d: (2, 3, 5, 5) and windows (6, 6); smaller",
        ),
        "a mean of a larger window": (
            lambda: F.avg_pool2d(images, 6),
            "avg_pool2d: (6, 6); smaller",
        ),
    },
    ArgumentError: {
        "a stride of 0": (lambda: F.conv2d(images, kernels, stride=0), "conv2d: stride=0; give"),
        "a padding below 0": (
            lambda: nn.Conv2d(3, 4, 3, padding=-1, rng=rng),
            "Conv2d: padding=-1; one number",
        ),
        "a padding in words": (
            lambda: nn.Conv2d(3, 4, 3, padding="same", rng=rng),
            "Conv2d: padding='same'; one number",
        ),
        "a pool that stands still": (lambda: nn.MaxPool2d(2, 0), "MaxPool2d: stride=0; give"),
    },
}

SEQUENCES = {
    ShapeError: {
        "one sequence without a batch": (
            lambda: nn.RNN(6, 4, rng=rng)(texts[0]),
            "RNN: x (5, 6); batch_first=True",
        ),
        "features where time is": (
            lambda: nn.GRU(6, 4, rng=rng)(texts.transpose(2, 0, 1)),
            "GRU: x (6, 4, 5); (T, B, D)",
        ),
        "no steps": (lambda: nn.LSTM(6, 4, rng=rng)(texts[:0]), "LSTM: (0, 5, 6); batch_first"),
        "a state with time for batch": (
            lambda: nn.RNN(6, 4, batch_first=True, rng=rng)(texts, np.ones((1, 5, 4))),
            "RNN: a state (1, 5, 4); leave it out",
        ),
        "a state of too many layers": (
            lambda: nn.GRU(6, 4, rng=rng)(texts, np.ones((2, 5, 4))),
            "GRU: a state (2, 5, 4); pass on the state",
        ),
        "cells of another size": (
            lambda: nn.LSTM(6, 4, rng=rng)(texts, (np.ones((1, 5, 4)), np.ones((1, 5, 3)))),
            "LSTM: a state (1, 5, 3); for zeros",
        ),
        "gru without the rows of its gates": (
            lambda: F.gru(texts, np.ones((5, 2)), np.ones((2, 6)), np.ones((2, 2))),
            "gru: (4, 5, 6), (5, 2), (2, 6); time comes first",
        ),
        "lstm without cells": (
            lambda: F.lstm(texts, np.ones((5, 2)), np.ones((8, 6)), np.ones((8, 2))),
            "lstm: (4, 5, 6), (5, 2), (8, 6); time comes first",
        ),
        "self_attention of too many heads": (
            lambda: F.self_attention(texts, 4),
            "self_attention: (4, 5, 6) for 4 heads; divides E",
        ),
        "rnn with time for batch": (
            lambda: F.rnn(texts, np.ones((4, 2)), np.ones((2, 6)), np.ones((2, 2))),
            "rnn: (4, 5, 6), (4, 2); x.swapaxes(0, 1)",
        ),
        "attention without a batch": (
            lambda: nn.MultiHeadAttention(6, 2, rng=rng)(texts[0]),
            "MultiHeadAttention: (5, 6); x[np.newaxis]",
        ),
        "keys without a batch": (
            lambda: nn.MultiHeadAttention(6, 2, rng=rng)(texts, texts[0]),
            "MultiHeadAttention: (4, 5, 6) and (5, 6); a batch",
        ),
        "weights to draw without a batch": (
            lambda: nn.MultiHeadAttention(6, 2, rng=rng).attention_weights(texts[0]),
            "MultiHeadAttention: (5, 6); x[np.newaxis]",
        ),
        "a mask of another length": (
            lambda: nn.MultiHeadAttention(6, 2, rng=rng)(texts, attn_mask=np.ones((4, 4), bool)),
            "scaled_dot_product_attention: a mask (4, 4) for scores (4, 2, 5, 5); each key",
        ),
        "values of another length": (
            lambda: F.scaled_dot_product_attention(texts, texts, texts[:, :2]),
            "scaled_dot_product_attention: value (4, 2, 6); leading axes",
        ),
    },
    KindError: {
        "hidden states without cells": (
            lambda: nn.LSTM(6, 4, rng=rng)(texts, np.ones((1, 5, 4))),
            "LSTM: ndarray; (hidden, cells)",
        ),
    },
    UnknownNameError: {
        "an unknown function of the state": (
            lambda: nn.RNN(6, 4, nonlinearity="rleu", rng=rng),
            "RNN: 'rleu'; 'relu'?",
        ),
    },
    ArgumentError: {
        "heads that do not divide": (
            lambda: nn.MultiHeadAttention(6, 4, rng=rng),
            "MultiHeadAttention: 4 heads for 6; 8 features",
        ),
        "heads of a block that do not divide": (
            lambda: nn.TransformerBlock(6, 4, rng=rng),
            "MultiHeadAttention: 4 heads for 6; 1 head",
        ),
        "attention dropout of 2": (
            lambda: nn.MultiHeadAttention(6, 2, dropout=2, rng=rng),
            "MultiHeadAttention: 2; 0.1 to 0.5",
        ),
        "values without keys": (
            lambda: nn.MultiHeadAttention(6, 2, rng=rng)(texts, value=texts),
            "MultiHeadAttention: without keys; (query, key, value)",
        ),
    },
}

OPTIMIZERS = {
    ArgumentError: {
        "no parameters": (lambda: optim.SGD([]), "SGD: no parameters; model.parameters()"),
        "a generator used twice": (optimizer_from_a_used_generator, "SGD: no; used once"),
        "a parameter twice": (lambda: optim.SGD([x, x]), "SGD: twice; model.parameters()"),
        "a negative rate": (lambda: optim.SGD([x], -0.1), "SGD: lr=-0.1; positive"),
        "a rate of nan": (lambda: optim.Adam([x], np.nan), "Adam: lr=nan; positive"),
        "a negative momentum": (lambda: optim.SGD([x], momentum=-1), "SGD: -1; positive"),
        "nesterov alone": (lambda: optim.SGD([x], nesterov=True), "SGD: 0; momentum=0.9"),
        "a negative decay": (lambda: optim.AdamW([x], weight_decay=-1), "AdamW: -1; sign"),
        "a beta of 1": (lambda: optim.Adam([x], betas=(1, 0.9)), "Adam: betas[0]=1; 0.9"),
        "a beta below 0": (lambda: optim.Adam([x], betas=(0.9, -1)), "Adam: -1; 0.999"),
        "a single beta": (lambda: optim.Adam([x], betas=0.9), "Adam: 0.9; (0.9, 0.999)"),
        "an eps of 0": (lambda: optim.Adam([x], eps=0), "Adam: eps=0; eps=1e-08"),
        "a negative eps": (lambda: optim.RMSprop([x], eps=-1), "RMSprop: eps=-1; eps=1e-08"),
        "an alpha of 1": (lambda: optim.RMSprop([x], alpha=1), "RMSprop: 1; alpha=0.99"),
        "a cosine of no steps": (lambda: optim.cosine(0), "cosine: total=0; lengths from 1"),
        "a floor above 1": (lambda: optim.cosine(9, floor=2), "cosine: floor=2; such as 0.1"),
        "rates that grow": (
            lambda: optim.Adagrad([x], lr_decay=-1),
            "Adagrad: lr_decay=-1; positive",
        ),
        "a factor below 0": (lambda: optim.constant(-1), "constant: factor=-1; positive"),
        "a line below 0": (lambda: optim.linear(9, end=-1), "linear: end=-1; positive"),
        "a stair without treads": (lambda: optim.step_decay(0), "step_decay: every=0; from 1"),
        "a power of 0": (lambda: optim.exponential(0), "exponential: factor=0; factor=0.99"),
        "what follows no end": (
            lambda: optim.constant().then(optim.cosine(9)),
            "then: constant(), which never ends; after=100",
        ),
        "a step below 0": (lambda: optim.warmup(9)(-1), "schedule: step=-1; from 0"),
        "clipping at 0": (lambda: optim.clip_grad_norm([x], 0), "clip_grad_norm: 0; 1.0"),
        "clipping nothing": (lambda: optim.clip_grad_norm([], 1), "clip_grad_norm: no; model."),
        "a negative limit": (lambda: optim.clip_grad_value([x], -1), "clip_grad_value: -1; 1.0"),
    },
    KindError: {
        "a single tensor": (lambda: optim.Adam(weight()), "Adam: a single tensor; [w]"),
        "the model itself": (
            lambda: optim.SGD(nn.Linear(2, 1, rng=rng)),
            "SGD: a single Linear; pass model.parameters()",
        ),
        "a model of several layers": (
            lambda: optim.SGD(nn.Sequential(nn.Linear(2, 1, rng=rng))),
            "SGD: a single Sequential; pass model.parameters()",
        ),
        "names beside parameters": (
            lambda: optim.SGD(nn.Linear(2, 1, rng=rng).named_parameters()),
            "SGD: tuple; pass model.parameters()",
        ),
        "a constant to learn": (lambda: optim.SGD([fixed]), "SGD: Tensor; requires_grad=True"),
        "an array to learn": (lambda: optim.SGD([two]), "SGD: ndarray; requires_grad=True"),
        "a result to learn": (lambda: optim.SGD([x * 2]), "SGD: (2, 3); computed from"),
        "a rate in words": (lambda: optim.SGD([x], "fast"), "SGD: 'fast'; 0.01"),
        "half a warmup": (lambda: optim.warmup(0.5), "warmup: steps=0.5; range"),
        "a number as a schedule": (lambda: optim.warmup(9) * 0.5, "*: 0.5; constant(0.5)"),
    },
    GradientError: {
        "a step before backward": (
            lambda: optim.SGD([weight()]).step(),
            "step: without; loss.backward()",
        ),
        "clipping the infinite": (clip_infinite_gradients, "clip_grad_norm: inf; smaller"),
    },
    ShapeError: {
        "a gradient of another shape": (
            step_with_a_gradient_of_another_shape,
            "step: data (2,) with a gradient (3,); backward()",
        ),
    },
}

DATASETS = {
    ArgumentError: {
        "moons of no points": (lambda: datasets.moons(0, rng=rng), "moons: n=0; n=200"),
        "moons of half points": (lambda: datasets.moons(9.5, rng=rng), "moons: n=9.5; n=200"),
        "a line of no points": (lambda: datasets.line(0), "line: n=0; n=200"),
        "a negative noise": (lambda: datasets.sine(noise=-1, rng=rng), "sine: -1; noise=0.1"),
        "a circle in a circle": (
            lambda: datasets.circles(factor=1, rng=rng),
            "circles: factor=1; such as 0.5",
        ),
        "spirals without arms": (lambda: datasets.spirals(arms=0, rng=rng), "spirals: 0; 2 or 3"),
        "all on one side": (lambda: moons.split(1.0, rng=rng), "split: 1.0 of 20; 0.8"),
        "none on one side": (lambda: moons.split(0, rng=rng), "split: 0 of 20; 0.8"),
        "a fraction in per cent": (lambda: moons.split(80, rng=rng), "split: 80 of 20; 0.8"),
        "a fraction of nan": (lambda: moons.split(np.nan, rng=rng), "split: nan of 20; 0.8"),
        "a class twice": (lambda: moons.select(classes=[0, 0]), "select: [0, 0]; leave"),
        "no features": (lambda: moons.select(features=[]), "select: []; to keep all"),
        "a class without a name": (
            lambda: dataset([[1, 2]], [2], classes=("p", "q")),
            "Dataset: target 2 for 2 class names; from 0",
        ),
        "three classes to separate": (
            lambda: datasets.separable(np.ones((3, 2)), [0, 1, 2]),
            "separable: [0, 1, 2]; (y == 2).astype(int)",
        ),
        "perceptron labels of -1": (
            lambda: nn.perceptron_rule(np.ones((2, 2)), [-1, 1], epochs=9),
            "perceptron_rule: [-1, 1]; (y + 1) // 2",
        ),
    },
    UnknownNameError: {
        "an unknown class": (lambda: moons.select(classes=["uper"]), "select: 'uper'; 'upper'?"),
        "a class number too high": (lambda: moons.select(classes=[2]), "select: 2; choose"),
        "an unknown feature": (lambda: moons.select(features=["y"]), "select: 'y'; choose"),
        "half a feature": (lambda: moons.select(features=[0.5]), "select: 0.5; choose"),
        "another unknown part": (lambda: datasets.cifar10("all"), "cifar10: 'all'; choose"),
        "an unknown part": (
            lambda: datasets.fashion_mnist("trian"),
            "fashion_mnist: trian; 'train'?",
        ),
    },
    KindError: {
        "a feature without brackets": (lambda: moons.select(features="x1"), "select: 'x1'; ['x1']"),
        "a table of words": (lambda: dataset([["a", "b"]], [1]), "Dataset: no table; bag_of_words"),
        "a ragged table": (lambda: dataset([[1], [1, 2]], [1, 2]), "Dataset: no table; leave out"),
        "a text without brackets": (
            lambda: datasets.bag_of_words("a text", ["a"]),
            "bag_of_words: texts='a text'; ['a text']",
        ),
    },
    ShapeError: {
        "images of points": (lambda: moons.images, "images: 2 features; image_shape"),
        "too few targets": (lambda: dataset(np.ones((3, 2)), two), "Dataset: y (2,); one row"),
        "too few names": (lambda: dataset(logits, row), "Dataset: (5, 3), y (5,), 2; one name"),
        "pixels that are no image": (
            lambda: dataset([[1, 2]], [1], image_shape=(2, 2)),
            "Dataset: (2, 2) and x (1, 2); flatten",
        ),
        "labels of others to separate": (
            lambda: datasets.separable(np.ones((3, 2)), [0, 1]),
            "separable: x (3, 2) and y (2,); one label",
        ),
        "perceptron labels of others": (
            lambda: nn.perceptron_rule(np.ones((2, 2)), [1], epochs=9),
            "perceptron_rule: (2, 2) and y (1,); y.ravel()",
        ),
    },
}

TRAINING = {
    ArgumentError: {
        "epochs below 0": (lambda: train(epochs=-1), "fit: epochs=-1; epochs=10"),
        "half an epoch": (lambda: train(epochs=0.5), "fit: epochs=0.5; epochs=10"),
        "a batch of 0": (lambda: train(batch_size=0), "fit: batch_size=0; batch_size=32"),
        "a batch of a third": (lambda: train(batch_size=20 / 3), "fit: 6.66; batch_size=32"),
        "steps in batches of 0": (
            lambda: train(take_steps, batch_size=0),
            "steps: batch_size=0; batch_size=32",
        ),
        "early stopping without validation": (
            lambda: train(early_stopping=3),
            "fit: early_stopping=3 with no validation; data.split(0.8, rng=rng)",
        ),
        "no patience": (
            lambda: train(early_stopping=0, validation=moons),
            "fit: early_stopping=0; data.split",
        ),
        "a schedule below 0": (lambda: train(schedule=lambda _: -1), "SGD: -0.1; positive"),
    },
    ShapeError: {
        "different lengths": (
            lambda: train(train=(np.ones((6, 2)), column)),
            "fit: (6, 2) and targets (5, 1); one row",
        ),
        "no examples": (
            lambda: train(train=(np.ones((0, 2)), np.ones((0, 1)))),
            "fit: (0, 2) and targets (0, 1); one row",
        ),
        "validation of different lengths": (
            lambda: train(validation=(np.ones((6, 2)), column)),
            "fit: (6, 2) and targets (5, 1); one row",
        ),
        "a loss of each example": (
            lambda: train(loss=lambda outputs, targets: outputs - targets),
            "item: (6, 1); .mean()",
        ),
        "class numbers for one output": (
            lambda: train(train=moons),
            "mse_loss: (20, 1) and targets (20,); targets.reshape(20, 1)",
        ),
        "evaluation of different lengths": (
            lambda: training.evaluate(mlp(), (np.ones((6, 2)), column), F.mse_loss),
            "evaluate: (6, 2) and targets (5, 1); one row",
        ),
    },
    KindError: {
        "inputs without targets": (lambda: train(train=np.ones((6, 2))), "fit: ndarray; (x, y)"),
        "an optimizer by name": (
            lambda: train(optimizer="sgd"),
            "fit: optimizer='sgd'; optim.SGD(model.parameters()",
        ),
        "inputs in words": (lambda: train(train=([["a"]], [1])), "fit: <U1; number words"),
        "validation by a share": (lambda: train(validation=0.2), "fit: float; (x, y)"),
        "a loss by name": (lambda: train(loss="mse"), "fit: loss='mse'; F.mse_loss"),
        "a schedule by number": (lambda: train(schedule=0.5), "fit: 0.5; optim.constant(0.5)"),
        "a loss that is a plain number": (
            lambda: train(loss=lambda outputs, targets: F.mse_loss(outputs, targets).item()),
            "loss: float; without .data and .item()",
        ),
        "evaluation of nothing": (
            lambda: training.evaluate(mlp(), None, F.mse_loss),
            "evaluate: NoneType; (x, y)",
        ),
    },
    GradientError: {
        "the optimizer of another model": (
            lambda: train(optimizer=optim.SGD(mlp().parameters(), 0.1)),
            "step: without a gradient; loss.backward()",
        ),
    },
    DivergenceError: {
        "an input of nan": (
            lambda: train(train=(np.full((6, 2), np.nan), np.ones((6, 1)))),
            "steps: nan at step 0 (epoch 0); look for nan",
        ),
        "a huge rate": (train_at_a_huge_rate, "steps: a loss of inf; ten times smaller"),
    },
}

TOPICS = {
    "operators": OPERATORS,
    "data": DATA,
    "shapes": SHAPES,
    "reductions": REDUCTIONS,
    "backward": BACKWARD,
    "losses": LOSSES,
    "sizes": SIZES,
    "generators": GENERATORS,
    "layers": LAYERS,
    "images": IMAGES,
    "sequences": SEQUENCES,
    "optimizers": OPTIMIZERS,
    "datasets": DATASETS,
    "training": TRAINING,
}
WRONG_USES = {
    f"{topic}: {said}": (kind, *use)
    for topic, kinds in TOPICS.items()
    for kind, uses in kinds.items()
    for said, use in uses.items()
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_a_wrong_use_is_met_with_words(use):
    kind, call, message = WRONG_USES[use]
    operation, got, remedy = re.fullmatch("(.*?): (.*); (.*)", message).groups()
    with pytest.raises(NNBookError) as caught:
        call()
    error = caught.value
    assert type(error) is kind
    assert error.operation == operation
    assert got in error.got
    assert error.wanted
    assert remedy in error.remedy
    assert str(error) == f"{operation}: got {error.got}, wanted {error.wanted}; {error.remedy}"


# What a remedy says, word for word, and the use after it was followed.
FOLLOWED = {
    "operators: inner lengths that differ": (".T", "x @ x.T"),
    "operators: np.exp": ("x.exp()", "x.exp()"),
    "operators: a comparison with labels": ("x.data", "x.data == np.ones((2, 3))"),
    "operators: np.asarray": (".detach()", "np.asarray(x.detach())"),
    "data: whole numbers to learn": ("1.0", "Tensor([1.0, 2.0], True)"),
    "data: a list of tensors": ("stack(tensors)", "stack(tensors)"),
    "data: item of several": (".mean()", "x.mean().item()"),
    "shapes: another number of entries": ("-1", "x.reshape(-1, 2)"),
    "shapes: a length that is halved": ("//", "x.reshape(4 // 2, 3)"),
    "shapes: squeeze of a long axis": (".mean", "x.mean(0)"),
    "shapes: concatenate of numbers": ("stack", "stack([Tensor(1.0), Tensor(2.0)])"),
    "backward: of several numbers": (".mean()", "(x * 2).mean().backward()"),
    "losses: mse_loss of a column and a row": (
        "targets.reshape(5, 1)",
        "F.mse_loss(column, targets.reshape(5, 1))",
    ),
    "losses: hinge labels of 0": ("2 * labels - 1", "F.hinge_loss(two, 2 * labels - 1)"),
    "losses: one-hot classes": (
        "targets.argmax(axis=1)",
        "F.cross_entropy(logits, one_hot_targets.argmax(axis=1))",
    ),
    "losses: classes as floats": (
        "targets.astype(int)",
        "F.cross_entropy(logits, targets.astype(int))",
    ),
    "losses: classes in a column": (
        "targets.reshape(5,)",
        "F.cross_entropy(logits, column_targets.reshape(5,))",
    ),
    "generators: Linear without rng": (
        "rng=np.random.default_rng(0)",
        "nn.Linear(2, 3, rng=np.random.default_rng(0))",
    ),
    "layers: a model as a state": (".state_dict()", "mlp().load_state_dict(mlp().state_dict())"),
    "sequences: heads that do not divide": ("8", "nn.MultiHeadAttention(8, 4, rng=rng)"),
    "sequences: attention without a batch": (
        "x[np.newaxis]",
        "nn.MultiHeadAttention(3, 1, rng=rng)(x[np.newaxis])",
    ),
    "sequences: rnn with time for batch": (
        "x.swapaxes(0, 1)",
        "F.rnn(batch_x.swapaxes(0, 1), np.ones((4, 2)), np.ones((2, 6)), np.ones((2, 2)))",
    ),
    "optimizers: a single tensor": ("[w]", "optim.Adam([w])"),
    "optimizers: nesterov alone": (
        "momentum=0.9",
        "optim.SGD([w], momentum=0.9, nesterov=True)",
    ),
    "optimizers: a number as a schedule": (
        "constant(0.5)",
        "optim.warmup(9) * optim.constant(0.5)",
    ),
    "datasets: a feature without brackets": ("['x1']", "moons.select(features=['x1'])"),
    "datasets: three classes to separate": (
        "(y == 2).astype(int)",
        "datasets.separable(np.ones((5, 2)), (y == 2).astype(int))",
    ),
    "training: a batch of 0": ("batch_size=32", "train(epochs=10, batch_size=32)"),
    "training: early stopping without validation": (
        "data.split(0.8, rng=rng)",
        "train(early_stopping=3, train=data.split(0.8, rng=rng)[0], validation=data)",
    ),
}
NAMES = {
    "targets": row,
    "one_hot_targets": one_hot,
    "column_targets": classes[:, np.newaxis],
    "labels": np.array([0, 1]),
    "y": classes,
    "w": weight(),
    "tensors": [x, x],
    "batch_x": texts,
    "data": dataset(np.ones((20, 2)), np.ones((20, 1))),
}


@pytest.mark.parametrize("use", FOLLOWED)
def test_a_remedy_that_is_followed_works(use):
    _, call, _ = WRONG_USES[use]
    said, mended = FOLLOWED[use]
    with pytest.raises(NNBookError) as caught:
        call()
    assert said in caught.value.remedy
    assert said in mended
    eval(mended, globals() | NAMES)  # it is text so that the remedy can be looked for in it


# What takes any numbers, what a class inherits from, and what is refused by what it is made of.
WITHOUT_A_ROW = {
    *("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "SiLU", "Identity", "sigmoid", "tanh", "relu"),
    *("leaky_relu", "silu", "Softmax", "Sequential", "Parameter", "Buffer"),
    *("functional", "init", "PerceptronRun", "Optimizer", "Schedule"),
    *("breast_cancer", "diabetes", "digits", "iris", "wine", "five_points", "xor"),
    *("python_docs", "spam_messages", "words"),
}


def test_every_public_name_is_in_the_table_or_needs_no_row():
    told = {message.split(": ")[0] for _, _, message in WRONG_USES.values()}
    public = {name for home in (nn, F, optim, datasets) for name in home.__all__}
    assert public - told == WITHOUT_A_ROW
    assert len(WRONG_USES) >= 150
