"""Functions of `nn.functional`: values by hand, stability, and losses that refuse to broadcast."""

import numpy as np
import pytest

from nnbook import Tensor
from nnbook.errors import ArgumentError, ShapeError
from nnbook.nn import functional as F  # noqa: N812

LOSSES = [F.mse_loss, F.binary_cross_entropy_with_logits]
bce = F.binary_cross_entropy_with_logits


def test_linear_is_x_weight_transposed_plus_bias():
    x, w, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3), np.arange(4.0)
    np.testing.assert_array_equal(F.linear(x, w, b).numpy(), x @ w.T + b)
    np.testing.assert_array_equal(F.linear(x, w).numpy(), x @ w.T)
    assert F.linear(np.ones((5, 2, 3)), w, b).shape == (5, 2, 4)


def test_linear_leaves_its_inputs_alone():
    x, w, b = (np.ones(shape) for shape in [(2, 3), (1, 3), (1,)])
    F.linear(Tensor(x), Tensor(w), Tensor(b))
    assert all((array == 1).all() for array in (x, w, b))


def test_linear_gives_no_gradient_to_a_constant_batch():
    x, w = Tensor(np.ones((2, 3))), Tensor(np.ones((1, 3)), requires_grad=True)
    out = F.linear(x, w)
    assert out._vjp(np.ones((2, 1)))[0] is None
    out.sum().backward()
    assert w.grad.tolist() == [[2, 2, 2]]


@pytest.mark.parametrize(
    "shapes", [[(2, 3), (4, 2)], [(2, 3), (3,)], [(2, 3), (4, 3), (3,)], [(), (4, 3)]]
)
def test_linear_names_the_shapes_that_do_not_fit(shapes):
    with pytest.raises(ShapeError, match=r"linear: got x .* wanted x \(\.\.\., in\)") as caught:
        F.linear(*(np.ones(shape) for shape in shapes))
    assert all(str(shape) in str(caught.value) for shape in shapes)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_take_arrays_and_tensors(name):
    x = np.array([-1.0, 0.0, 2.0])
    ours = getattr(F, name)
    np.testing.assert_array_equal(ours(x).numpy(), getattr(Tensor(x), name)().numpy())
    assert ours(Tensor(x, requires_grad=True)).requires_grad


def test_mse_by_hand():
    outputs, targets = np.array([[1.0], [4.0]]), np.array([[3.0], [3.0]])
    assert F.mse_loss(outputs, targets).item() == 2.5
    assert F.mse_loss(outputs, targets, "sum").item() == 5
    assert F.mse_loss(outputs, targets, reduction="none").numpy().tolist() == [[4], [1]]


def test_binary_cross_entropy_by_definition():
    z, y = np.array([-2.0, 0.3, 1.5]), np.array([0.0, 1.0, 0.25])
    p = 1 / (1 + np.exp(-z))
    by_definition = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    np.testing.assert_allclose(bce(z, y, "none").numpy(), by_definition, rtol=1e-14)
    np.testing.assert_allclose(bce(z, y).item(), by_definition.mean(), rtol=1e-14)


def test_binary_cross_entropy_far_out():
    z = Tensor([1000.0, -1000.0, 1000.0, -1000.0], requires_grad=True)
    losses = bce(z, np.array([1, 0, 0, 1]), "none")
    assert losses.numpy().tolist() == [0, 0, 1000, 1000]
    losses.sum().backward()
    assert z.grad.tolist() == [0, 0, 1, -1]


def test_the_gradient_of_binary_cross_entropy_is_p_minus_y():
    z, y = Tensor([[0.5], [-1.0]], requires_grad=True), np.array([[1.0], [0.0]])
    bce(z, y, "sum").backward()
    np.testing.assert_allclose(z.grad, z.sigmoid().numpy() - y, rtol=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_never_broadcast(loss):
    with pytest.raises(ShapeError) as caught:
        loss(np.ones((50, 1)), np.ones(50))
    wanted = "outputs (50, 1) and targets (50,), wanted equal shapes; use targets.reshape(50, 1)"
    assert str(caught.value) == f"{loss.__name__}: got {wanted}"
    with pytest.raises(ShapeError, match="check which targets belong to this batch"):
        loss(np.ones((50, 1)), np.ones((1, 1)))


@pytest.mark.parametrize("loss", LOSSES)
def test_an_unknown_reduction_is_named(loss):
    with pytest.raises(ArgumentError, match="got reduction 'avg', wanted 'mean', 'sum' or 'none'"):
        loss(np.ones(2), np.ones(2), "avg")


def test_targets_that_are_no_probabilities_are_refused():
    with pytest.raises(ArgumentError, match=r"targets from -1\.0 to 1\.0.* 0 and 1"):
        bce(np.zeros(2), np.array([-1.0, 1.0]))
