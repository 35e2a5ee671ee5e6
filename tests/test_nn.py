"""Modules and layers: where parameters are found, under which names, and what is refused."""

import copy
import doctest

import numpy as np
import pytest

from nnbook import Tensor, nn
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


@pytest.mark.parametrize("layer", [nn.Sigmoid(), nn.Tanh(), nn.ReLU()])
def test_activation_layers_are_their_functions(layer):
    x = np.array([-1.0, 0.5])
    name = type(layer).__name__.lower()
    np.testing.assert_array_equal(layer(x).numpy(), getattr(nn.functional, name)(x).numpy())
    assert list(layer.parameters()) == []
    assert repr(layer) == f"{type(layer).__name__}()"


def test_sequential_is_composition(model):
    x = np.ones((4, 2))
    np.testing.assert_array_equal(model(x).numpy(), model[2](model[1](model[0](x))).numpy())
    assert len(model) == 3
    assert [type(layer) for layer in model] == [nn.Linear, nn.Tanh, nn.Linear]
    assert repr(model) == "Sequential(Linear(2, 3), Tanh(), Linear(3, 1))"


def test_an_empty_sequential_returns_its_input():
    assert nn.Sequential()(np.ones(2)).numpy().tolist() == [1, 1]


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
        (lambda state: state.pop("2.bias"), UnknownNameError, "got '2.bias'"),
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
    with pytest.raises(NotImplementedError, match=r"Module needs a method forward\(self, x\)"):
        nn.Module()(1)
