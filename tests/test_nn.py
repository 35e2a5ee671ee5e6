"""Modules and layers: where parameters are found, under which names, and what is refused."""

import copy
import doctest

import numpy as np
import pytest
from refusals import assert_refused

from nnbook import Tensor, nn, optim
from nnbook.errors import ArgumentError, KindError, ShapeError, UnknownNameError
from nnbook.nn import module


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def model(rng):
    return nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))


class Mixed(nn.Module):
    """Keeps parameters in every way that is supported, and one of them twice."""

    def __init__(self, rng):
        self.scale = nn.Parameter([2.0])
        self.first = nn.Linear(2, 2, bias=False, rng=rng)
        self.rest = [nn.Linear(2, 2, bias=False, rng=rng), nn.ReLU()]
        self.tied = self.first
        self.constant = Tensor([1.0])
        self.note = "text"

    def forward(self, x):
        return self.rest[1](self.rest[0](self.first(x))) * self.scale


def test_public_names_exist():
    assert [name for name in nn.__all__ if not hasattr(nn, name)] == []


def test_the_example_in_the_docstring():
    assert doctest.testmod(module) == (0, 2)


def test_names_are_pytorchs(model):
    names = [name for name, _ in model.named_parameters()]
    assert names == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_parameters_are_found_in_attributes_and_lists_and_once(rng):
    names = [name for name, _ in Mixed(rng).named_parameters()]
    assert names == ["scale", "first.weight", "rest.0.weight"]


def test_a_model_of_ones_own_learns_in_all_its_parameters(rng):
    model = Mixed(rng)
    model.rest[0].weight.data = np.abs(model.rest[0].weight.data)
    model(np.ones((4, 2)) @ np.linalg.inv(model.first.weight.data.T)).sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_linear_shapes_and_formula(rng):
    layer, x = nn.Linear(3, 2, rng=rng), np.ones((5, 3))
    assert (layer.weight.shape, layer.bias.shape) == ((2, 3), (2,))
    expected = x @ layer.weight.data.T + layer.bias.data
    np.testing.assert_array_equal(layer(x).numpy(), expected)


def test_linear_starts_uniform_within_one_over_root_inputs(rng):
    layer = nn.Linear(25, 4000, rng=rng)
    for parameter in layer.parameters():
        assert np.abs(parameter.data).max() <= 0.2
        # A uniform density on ±0.2 has standard deviation 0.2 / sqrt(3); four standard errors.
        errors = 4 * 0.1 / np.sqrt(parameter.size)
        assert abs(parameter.data.std() - 0.2 / np.sqrt(3)) < errors


def test_linear_repeats_with_the_same_generator():
    one, two = (nn.Linear(3, 2, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.weight.data, two.weight.data)
    assert nn.Linear(3, 2, bias=False, rng=np.random.default_rng(5)).bias is None


def test_linear_shows_its_sizes(rng):
    assert repr(nn.Linear(3, 2, bias=False, rng=rng)) == "Linear(3, 2, bias=False)"


def test_linear_without_a_generator_says_what_to_pass():
    with pytest.raises(TypeError, match=r"Linear: got no rng.*pass rng=np\.random\.default_rng"):
        nn.Linear(2, 1)


@pytest.mark.parametrize("sizes", [(0, 1), (1, -2), (1.5, 1)])
def test_linear_refuses_sizes_that_are_none(sizes, rng):
    with pytest.raises(ArgumentError, match="a whole number of at least 1"):
        nn.Linear(*sizes, rng=rng)


def test_linear_names_the_shapes_of_a_batch_that_does_not_fit(model):
    with pytest.raises(ShapeError, match=r"x \(5, 3\) and weight \(3, 2\)"):
        model(np.ones((5, 3)))


F = nn.functional
ACTIVATIONS = {
    "Sigmoid()": (nn.Sigmoid(), F.sigmoid),
    "Tanh()": (nn.Tanh(), F.tanh),
    "ReLU()": (nn.ReLU(), F.relu),
    "LeakyReLU(negative_slope=0.3)": (nn.LeakyReLU(0.3), lambda x: F.leaky_relu(x, 0.3)),
    "SiLU()": (nn.SiLU(), F.silu),
    "GELU()": (nn.GELU(), F.gelu),
    "GELU('tanh')": (nn.GELU("tanh"), lambda x: F.gelu(x, "tanh")),
    "Softmax(axis=-1)": (nn.Softmax(), F.softmax),
    "Softmax(axis=0)": (nn.Softmax(0), lambda x: F.softmax(x, 0)),
}


@pytest.mark.parametrize("shown", ACTIVATIONS)
def test_activation_layers_are_their_functions(shown):
    layer, function = ACTIVATIONS[shown]
    x = np.array([[-1.0, 0.5], [2.0, 0.0]])
    np.testing.assert_array_equal(layer(x).numpy(), function(x).numpy())
    assert list(layer.parameters()) == []
    assert repr(layer) == shown


def test_sequential_is_composition(model):
    x = np.ones((4, 2))
    np.testing.assert_array_equal(model(x).numpy(), model[2](model[1](model[0](x))).numpy())
    assert len(model) == 3
    assert [type(layer) for layer in model] == [nn.Linear, nn.Tanh, nn.Linear]
    assert repr(model) == "Sequential(Linear(2, 3), Tanh(), Linear(3, 1))"


def test_what_a_kind_of_sequential_adds_is_found_too(rng):
    class Scaled(nn.Sequential):
        def __init__(self, *layers):
            super().__init__(*layers)
            self.scale = nn.Parameter([1.0])

    names = [name for name, _ in Scaled(nn.Linear(1, 1, rng=rng)).named_parameters()]
    assert names == ["scale", "0.weight", "0.bias"]


def test_an_empty_sequential_returns_its_input():
    assert nn.Sequential()(np.ones(2)).numpy().tolist() == [1, 1]


def test_embedding_looks_up_its_rows(rng):
    layer = nn.Embedding(5, 3, rng=rng)
    out = layer(np.array([[0, 4], [4, 4]]))
    np.testing.assert_array_equal(out.numpy(), layer.weight.data[[[0, 4], [4, 4]]])
    assert repr(layer) == "Embedding(5, 3)"


def test_embedding_starts_standard_normal():
    weight = nn.Embedding(1000, 50, rng=np.random.default_rng(0)).weight.data
    # Four standard errors of a mean and a variance of 50,000 normal numbers.
    assert abs(weight.mean()) < 4 / np.sqrt(50_000)
    assert abs(weight.var() - 1) < 4 * np.sqrt(2 / 50_000)


def test_dropout_drops_in_training_and_draws_anew_each_time():
    layer, x = nn.Dropout(0.5, rng=np.random.default_rng(1)), Tensor(np.ones(100))
    first, second = layer(x).numpy(), layer(x).numpy()
    generator = np.random.default_rng(1)
    for ours in (first, second):
        np.testing.assert_array_equal(ours, 2.0 * (generator.random(100) >= 0.5))
    assert (first != second).any()
    assert layer.eval()(x) is x
    assert repr(layer) == "Dropout(p=0.5)"


def test_batch_norm_keeps_statistics_in_training_only():
    layer, x = nn.BatchNorm1d(1, momentum=0.5), np.array([[1.0], [3.0]])
    np.testing.assert_allclose(layer(x).numpy(), [[-1], [1]], rtol=1e-5)
    state = layer.state_dict()
    assert (state["running_mean"].item(), state["running_var"].item()) == (1, 1.5)
    assert state["num_batches_tracked"] == 1
    layer.eval()
    expected = (x - 1) / np.sqrt(1.5 + 1e-5)
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-14)
    assert {name: float(a.item()) for name, a in layer.state_dict().items()} == {
        name: float(a.item()) for name, a in state.items()
    }


def test_batch_norm_takes_one_example_outside_training():
    assert nn.BatchNorm1d(2).eval()(np.ones((1, 2))).shape == (1, 2)


def test_layer_norm_normalises_each_example():
    layer = nn.LayerNorm(2)
    layer.weight.data, layer.bias.data = np.array([1.0, 3.0]), np.array([0.0, 1.0])
    out = layer(np.array([[1.0, 3.0], [-50.0, -10.0]])).numpy()
    np.testing.assert_allclose(out, [[-1, 4], [-1, 4]], rtol=1e-5)
    assert nn.LayerNorm([2, 3]).weight.shape == (2, 3)
    assert (repr(layer), repr(nn.LayerNorm((2, 3)))) == ("LayerNorm(2)", "LayerNorm(2, 3)")


def test_flatten_keeps_the_batch():
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(nn.Flatten()(x).numpy(), x.reshape(2, 12))
    assert nn.Flatten(0, 1)(x).shape == (6, 4)
    assert nn.Flatten()(np.ones((0, 2, 3))).shape == (0, 6)
    assert repr(nn.Flatten()) == "Flatten(1, -1)"


def test_identity_returns_its_input():
    x = Tensor([1.0])
    assert nn.Identity()(x) is x


def test_residual_adds_what_the_layers_make(rng):
    inside = nn.Linear(3, 3, rng=rng)
    layer, x = nn.Residual(inside, nn.Tanh()), np.ones((2, 3))
    np.testing.assert_array_equal(layer(x).numpy(), x + np.tanh(inside(x).numpy()))
    assert list(layer.state_dict()) == ["0.weight", "0.bias"]
    assert repr(layer) == "Residual(Linear(3, 3), Tanh())"


def test_a_module_shows_the_modules_in_it(rng):
    assert repr(Counting()) == "Counting(norm=BatchNorm1d(2))"
    assert repr(nn.Sequential(Mixed(rng))) == (
        "Sequential(\n"
        "    Mixed(\n"
        "        first=Linear(2, 2, bias=False),\n"
        "        rest.0=Linear(2, 2, bias=False),\n"
        "        rest.1=ReLU(),\n"
        "        tied=Linear(2, 2, bias=False),\n"
        "    ),\n"
        ")"
    )


def test_forward_takes_options():
    class Scale(nn.Module):
        def forward(self, x, factor=1):
            return x * factor

    assert Scale()(Tensor([2.0]), factor=3).item() == 6


def test_modules_are_found_once_and_the_model_first(rng):
    mixed = Mixed(rng)
    names = ["", "first", "rest.0", "rest.1"]
    assert [name for name, _ in mixed.named_modules()] == names
    assert list(mixed.modules()) == [mixed, mixed.first, *mixed.rest]
    children = [name for name, _ in mixed.named_children()]
    assert children == ["first", "rest.0", "rest.1", "tied"]


class Counting(nn.Module):
    """Keeps a buffer beside a parameter and a layer."""

    def __init__(self):
        self.norm = nn.BatchNorm1d(2)
        self.count = nn.Buffer([0])
        self.scale = nn.Parameter([1.0])


def test_buffers_are_kept_but_not_learned():
    model = Counting()
    assert [name for name, _ in model.named_parameters()] == ["scale", "norm.weight", "norm.bias"]
    assert [name for name, _ in model.named_buffers()] == [
        "count",
        "norm.running_mean",
        "norm.running_var",
        "norm.num_batches_tracked",
    ]
    assert not any(buffer.requires_grad for buffer in model.buffers())
    assert next(model.buffers()) is model.count


def test_the_state_holds_buffers_and_brings_them_back():
    model, other = Counting(), Counting()
    model.norm(np.array([[1.0, 2.0], [3.0, 5.0]]))
    model.count.data = np.array([7])
    other.load_state_dict(model.state_dict())
    assert other.count.data.tolist() == [7]
    np.testing.assert_allclose(other.norm.running_mean.data, [0.2, 0.35], rtol=1e-15)
    assert list(model.state_dict()) == [
        "scale",
        "count",
        "norm.weight",
        "norm.bias",
        "norm.running_mean",
        "norm.running_var",
        "norm.num_batches_tracked",
    ]


def test_a_layer_that_is_held_twice_is_in_the_state_twice(rng):
    model = Mixed(rng)
    state = model.state_dict()
    assert list(state) == ["scale", "first.weight", "rest.0.weight", "tied.weight"]
    other = Mixed(rng)
    other.load_state_dict(state)
    np.testing.assert_array_equal(other.first.weight.data, model.first.weight.data)
    assert other.tied is other.first


def test_train_and_eval_reach_every_module(rng):
    model = nn.Sequential(Mixed(rng), nn.ReLU())
    assert model[0].rest[1].training
    assert model.eval() is model
    assert not any(m.training for m in (model, model[0], model[0].rest[1], model[1]))
    model.train()
    assert model[0].rest[1].training


def test_state_goes_round(model, rng):
    state = model.state_dict()
    other = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh(), nn.Linear(3, 1, rng=rng))
    other.load_state_dict(state)
    state["0.weight"][:] = 0  # a copy on both ways
    x = np.ones((4, 2))
    np.testing.assert_array_equal(model(x).numpy(), other(x).numpy())
    assert model[0].weight.data.any()


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda state: state.pop("2.bias"), UnknownNameError, "without '2.bias'"),
        (lambda state: state.update({"3.bias": [1.0]}), UnknownNameError, "got '3.bias'"),
        (lambda state: state.update({"2.bias": [1.0, 2.0]}), ShapeError, r"\(2,\) for 2\.bias"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(model, change, kind, message):
    before = model.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    change(state)
    with pytest.raises(kind, match=message):
        model.load_state_dict(state)
    after = model.state_dict()
    assert all((after[name] == before[name]).all() for name in before)


def test_a_deep_copy_is_independent(model):
    twin = copy.deepcopy(model)
    model(np.ones((1, 2))).sum().backward()
    assert all(parameter.grad is None for parameter in twin.parameters())
    assert twin[0].weight.data is not model[0].weight.data


def test_a_parameter_of_whole_numbers_is_refused():
    with pytest.raises(KindError, match=r"write 1\.0 instead of 1"):
        nn.Parameter([1])


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match=r"Module: .* a method forward\(self, x\)"):
        nn.Module()(1)


# ---- wrong uses

RNG = np.random.default_rng(0)
batch = np.ones((4, 3))
WRONG_USES = {
    "Embedding without rng": (lambda: nn.Embedding(2, 1), KindError, ["Embedding", "default_rng"]),
    "Embedding sizes": (
        lambda: nn.Embedding(0, 1, rng=RNG),
        ArgumentError,
        ["Embedding", "size 0"],
    ),
    "Embedding of floats": (
        lambda: nn.Embedding(2, 1, rng=RNG)(batch),
        KindError,
        ["embedding", "dtype float64"],
    ),
    "Embedding too high": (
        lambda: nn.Embedding(2, 1, rng=RNG)([2]),
        ArgumentError,
        ["index 2 for 2 rows"],
    ),
    "Dropout without rng": (lambda: nn.Dropout(0.5), KindError, ["Dropout", "no rng"]),
    "Dropout with a seed": (lambda: nn.Dropout(0.5, rng=3), KindError, ["Dropout", "rng=3"]),
    "Dropout above 1": (lambda: nn.Dropout(2, rng=RNG), ArgumentError, ["Dropout", "p=2"]),
    "BatchNorm1d size": (lambda: nn.BatchNorm1d(0), ArgumentError, ["BatchNorm1d", "size 0"]),
    "BatchNorm1d features": (
        lambda: nn.BatchNorm1d(2)(batch),
        ShapeError,
        ["BatchNorm1d", "x (4, 3)", "(B, 2)", "num_features"],
    ),
    "BatchNorm1d of images": (
        lambda: nn.BatchNorm1d(2)(np.ones((4, 2, 3, 3))),
        ShapeError,
        ["(4, 2, 3, 3)", "(B, 2, L)"],
    ),
    "BatchNorm1d of a vector": (lambda: nn.BatchNorm1d(3)(batch[0]), ShapeError, ["x (3,)"]),
    "BatchNorm1d of one example": (
        lambda: nn.BatchNorm1d(3)(batch[:1]),
        ShapeError,
        ["x (1, 3)", "eval()"],
    ),
    "LayerNorm size": (lambda: nn.LayerNorm(0), ArgumentError, ["LayerNorm", "size 0"]),
    "LayerNorm sizes": (lambda: nn.LayerNorm((3, 1.5)), ArgumentError, ["size 1.5"]),
    "LayerNorm of others": (lambda: nn.LayerNorm(2)(batch), ShapeError, ["layer_norm", "(4, 3)"]),
    "Softmax axis": (lambda: nn.Softmax(2)(batch), ShapeError, ["softmax", "axis 2"]),
    "Flatten a vector": (
        lambda: nn.Flatten()(batch[0]),
        ShapeError,
        ["Flatten", "x (3,)", "axis 0"],
    ),
    "Flatten backwards": (lambda: nn.Flatten(1, 0)(batch), ShapeError, ["axes 1 to 0"]),
    "Flatten beyond": (lambda: nn.Flatten(1, 2)(batch), ShapeError, ["axes 1 to 2"]),
    "Flatten far before": (lambda: nn.Flatten(-3, 1)(batch), ShapeError, ["axes -3 to 1"]),
    "Residual": (
        lambda: nn.Residual(nn.Linear(3, 1, rng=RNG))(batch),
        ShapeError,
        ["Residual", "x (4, 3)", "(4, 1)"],
    ),
    "buffer of words": (lambda: nn.Buffer(["a"]), KindError, ["real numbers"]),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    assert_refused(*WRONG_USES[use])


def test_a_model_in_single_precision_stays_so_in_a_step(rng):
    model = nn.Sequential(nn.Linear(2, 3, rng=rng), nn.BatchNorm1d(3), nn.Linear(3, 1, rng=rng))
    assert model.astype(np.float32) is model
    optimizer = optim.Adam(model.parameters(), weight_decay=0.1)
    x = np.random.default_rng(0).standard_normal((4, 2)).astype(np.float32)
    out = model(x)
    nn.functional.mse_loss(out, np.zeros((4, 1), np.float32)).backward()
    assert {out.dtype, *(p.grad.dtype for p in model.parameters())} == {np.dtype(np.float32)}
    optimizer.step()
    kinds = {name: array.dtype for name, array in model.state_dict().items()}
    assert kinds.pop("1.num_batches_tracked") == np.int64
    assert set(kinds.values()) == {np.dtype(np.float32)}


def test_parameters_are_found_in_dicts_and_nested_lists(rng):
    class Towers(nn.Module):
        def __init__(self):
            self.towers = {"a": nn.Linear(1, 1, rng=rng), "b": [[nn.Parameter([1.0])]]}

    names = [name for name, _ in Towers().named_parameters()]
    assert names == ["towers.b.0.0", "towers.a.weight", "towers.a.bias"]


def test_a_slice_of_a_sequential_is_one(model):
    x = np.ones((1, 2))
    np.testing.assert_array_equal(model[:2](x).data, model[1](model[0](x)).data)


def test_a_model_of_whole_numbers_is_refused(rng):
    with pytest.raises(KindError, match=r"astype: got dtype int64.* use np\.float32"):
        nn.Linear(2, 1, rng=rng).astype(np.int64)
