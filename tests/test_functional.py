"""Functions of `nn.functional`: values by hand, stability, and losses that refuse to broadcast."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from refusals import assert_refused

from nnbook import Tensor, check_gradient, nn
from nnbook.errors import ArgumentError, GradientError, KindError, ShapeError
from nnbook.nn import functional as F  # noqa: N812

LOSSES = [
    F.mse_loss,
    F.l1_loss,
    F.huber_loss,
    F.hinge_loss,
    F.binary_cross_entropy,
    F.binary_cross_entropy_with_logits,
]
bce = F.binary_cross_entropy_with_logits


# ---- linear


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


# ---- activations


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_take_arrays_and_tensors(name):
    x = np.array([-1.0, 0.0, 2.0])
    ours = getattr(F, name)
    np.testing.assert_array_equal(ours(x).numpy(), getattr(Tensor(x), name)().numpy())
    assert ours(Tensor(x, requires_grad=True)).requires_grad


def test_leaky_relu_by_hand():
    x = Tensor([-2.0, 0.0, 3.0], requires_grad=True)
    out = F.leaky_relu(x, 0.1)
    assert out.numpy().tolist() == [-0.2, 0, 3]
    out.sum().backward()
    assert x.grad.tolist() == [0.1, 0.1, 1]
    assert F.leaky_relu([-1.0]).item() == -0.01


def test_silu_is_x_times_sigmoid_at_all_sizes():
    x = np.array([-1000.0, -30.0, -1.0, 0.0, 2.0, 1000.0])
    expected = [0, -30 / (1 + np.exp(30.0)), -1 / (1 + np.e), 0, 2 / (1 + np.exp(-2.0)), 1000]
    np.testing.assert_allclose(F.silu(x).numpy(), expected, rtol=1e-15)


@given(st.data())
@settings(max_examples=80)
def test_softmax_is_exp_over_its_sum_along_any_axis(data):
    shape = data.draw(hnp.array_shapes(max_dims=4, max_side=4))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    widest = data.draw(st.sampled_from([1, 300]))
    x = data.draw(hnp.arrays(float, shape, elements=st.floats(-widest, widest)))
    powers = np.exp(x)  # at most e^300, which does not overflow
    expected = powers / powers.sum(axis, keepdims=True)
    np.testing.assert_allclose(F.softmax(x, axis).numpy(), expected, rtol=1e-12, atol=1e-300)
    log_p = F.log_softmax(x, axis).numpy()
    np.testing.assert_allclose(log_p, x - np.log(powers.sum(axis, keepdims=True)), atol=1e-12)


def test_softmax_is_the_same_for_scores_shifted_far_up():
    x = np.array([[0.0, 1.0, 3.0], [5.0, 0.0, 0.0]])
    np.testing.assert_allclose(F.softmax(x + 1e6).numpy(), F.softmax(x).numpy(), rtol=1e-9)
    assert F.softmax([1000.0, -1000.0]).numpy().tolist() == [1, 0]
    assert F.log_softmax([1000.0, -1000.0]).numpy().tolist() == [0, -2000]


def test_softmax_keeps_rows_apart_that_are_far_from_each_other():
    x = np.array([[0.0, 0.0], [-900.0, -900.0], [900.0, 900.0]])
    assert F.softmax(x).numpy().tolist() == [[0.5, 0.5]] * 3
    assert F.softmax(x.astype(np.float32)).numpy().tolist() == [[0.5, 0.5]] * 3


def test_nan_in_one_row_of_a_softmax_stays_there():
    p = F.softmax([[np.nan, 1.0], [2.0, 2.0]]).numpy()
    assert np.isnan(p[0]).all()
    assert p[1].tolist() == [0.5, 0.5]


def test_a_score_of_minus_infinity_gets_nothing():
    assert F.softmax([[0.0, -np.inf, 0.0]]).numpy().tolist() == [[0.5, 0, 0.5]]


def test_softmax_leaves_its_input_alone():
    x = Tensor([[1.0, 2.0], [100.0, 0.0]], requires_grad=True)
    F.softmax(x).sum().backward()
    F.log_softmax(x, 0).sum().backward()
    assert x.data.tolist() == [[1, 2], [100, 0]]


def test_softmax_of_whole_numbers_and_of_no_rows():
    np.testing.assert_allclose(F.softmax([0, 0]).numpy(), [0.5, 0.5])
    assert F.softmax(np.zeros((0, 3))).shape == (0, 3)


# ---- losses


def test_mse_by_hand():
    outputs, targets = np.array([[1.0], [4.0]]), np.array([[3.0], [3.0]])
    assert F.mse_loss(outputs, targets).item() == 2.5
    assert F.mse_loss(outputs, targets, reduction="sum").item() == 5
    assert F.mse_loss(outputs, targets, reduction="none").numpy().tolist() == [[4], [1]]


def test_binary_cross_entropy_by_definition():
    z, y = np.array([-2.0, 0.3, 1.5]), np.array([0.0, 1.0, 0.25])
    p = 1 / (1 + np.exp(-z))
    by_definition = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    np.testing.assert_allclose(bce(z, y, reduction="none").numpy(), by_definition, rtol=1e-14)
    np.testing.assert_allclose(bce(z, y).item(), by_definition.mean(), rtol=1e-14)


def test_binary_cross_entropy_far_out():
    z = Tensor([1000.0, -1000.0, 1000.0, -1000.0], requires_grad=True)
    losses = bce(z, np.array([1, 0, 0, 1]), reduction="none")
    assert losses.numpy().tolist() == [0, 0, 1000, 1000]
    losses.sum().backward()
    assert z.grad.tolist() == [0, 0, 1, -1]


def test_the_gradient_of_binary_cross_entropy_is_p_minus_y():
    z, y = Tensor([[0.5], [-1.0]], requires_grad=True), np.array([[1.0], [0.0]])
    bce(z, y, reduction="sum").backward()
    np.testing.assert_allclose(z.grad, z.sigmoid().numpy() - y, rtol=1e-15)


def test_positives_weigh_more():
    z, y = np.array([-2.0, 0.3, 1.5]), np.array([1.0, 1.0, 0.25])
    p = 1 / (1 + np.exp(-z))
    by_definition = -(3 * y * np.log(p) + (1 - y) * np.log(1 - p))
    np.testing.assert_allclose(
        bce(z, y, reduction="none", pos_weight=3.0).numpy(), by_definition, rtol=1e-14
    )
    far = bce(
        np.array([1000.0, -1000.0]), np.array([1.0, 1.0]), reduction="none", pos_weight=[2.0]
    ).numpy()
    assert far.tolist() == [0, 2000]


def test_binary_cross_entropy_of_probabilities_agrees_with_that_of_logits():
    z, y = np.array([[-2.0], [0.3]]), np.array([[0.0], [0.7]])
    p = 1 / (1 + np.exp(-z))
    expected = bce(z, y, reduction="none").numpy()
    np.testing.assert_allclose(
        F.binary_cross_entropy(p, y, reduction="none").numpy(), expected, rtol=1e-14
    )


def test_logarithms_stop_at_minus_100():
    p = Tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    losses = F.binary_cross_entropy(p, np.array([0.0, 1.0, 1.0, 0.0]), reduction="none")
    assert losses.numpy().tolist() == [0, 0, 100, 100]
    losses.sum().backward()
    assert p.grad.tolist() == [0, 0, -1e12, 1e12]


def test_l1_and_huber_by_hand():
    outputs, targets = np.array([0.0, 1.0, -5.0]), np.array([0.0, 0.5, 0.0])
    assert F.l1_loss(outputs, targets, reduction="none").numpy().tolist() == [0, 0.5, 5]
    assert F.huber_loss(outputs, targets, reduction="none").numpy().tolist() == [0, 0.125, 4.5]
    assert F.huber_loss(outputs, targets, reduction="sum", delta=2.0).item() == 0.125 + 2 * (5 - 1)


def test_hinge_by_hand():
    scores, labels = Tensor([2.0, 1.0, 0.5, -1.0], True), np.array([1, 1, 1, 1])
    losses = F.hinge_loss(scores, labels, reduction="none")
    assert losses.numpy().tolist() == [0, 0, 0.5, 2]
    losses.sum().backward()
    assert scores.grad.tolist() == [0, 0, -1, -1]
    assert F.hinge_loss(np.array([2.0, -3.0]), np.array([-1, -1])).item() == 1.5


def test_cross_entropy_by_hand():
    logits = np.log([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
    expected = [-np.log(0.5), -np.log(0.7)]
    targets = np.array([0, 2])
    np.testing.assert_allclose(F.cross_entropy(logits, targets).item(), np.mean(expected))
    losses = F.cross_entropy(logits, targets, reduction="none").numpy()
    np.testing.assert_allclose(losses, expected, rtol=1e-14)


@given(st.data())
@settings(max_examples=80)
def test_cross_entropy_is_minus_the_logarithm_of_a_share(data):
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=4, max_side=4))
    z = data.draw(hnp.arrays(float, shape, elements=st.floats(-200, 200)))
    whole = st.integers(0, shape[1] - 1)
    t = data.draw(hnp.arrays(np.int64, shape[:1] + shape[2:], elements=whole))
    losses = F.cross_entropy(z, t, reduction="none").numpy()
    for place in itertools.product(*map(range, t.shape)):
        scores = z[place[0], :, *place[1:]]
        expected = np.log(np.sum(np.exp(scores))) - scores[t[place]]
        np.testing.assert_allclose(losses[place], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(F.cross_entropy(z, t).item(), losses.mean(), atol=1e-12)


def test_the_gradient_of_cross_entropy_is_p_less_1_at_the_target():
    z, t = Tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]], requires_grad=True), np.array([1, 0])
    F.cross_entropy(z, t, reduction="sum").backward()
    p = np.exp(z.data) / np.exp(z.data).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(z.grad, p - [[0, 1, 0], [1, 0, 0]], rtol=1e-14, atol=1e-15)


def test_cross_entropy_far_out():
    z = Tensor([[1000.0, -1000.0], [1000.0, -1000.0]], requires_grad=True)
    losses = F.cross_entropy(z, np.array([0, 1]), reduction="none")
    assert losses.numpy().tolist() == [0, 2000]
    losses.sum().backward()
    assert z.grad.tolist() == [[0, 0], [1, -1]]


def test_label_smoothing_is_cross_entropy_with_soft_targets():
    z, t = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]), np.array([1, 0])
    q = 0.7 * np.eye(3)[t] + 0.1
    log_p = np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
    ours = F.cross_entropy(z, t, label_smoothing=0.3).item()
    np.testing.assert_allclose(ours, -(q * log_p).sum(axis=1).mean(), rtol=1e-14)


def test_what_is_ignored_counts_for_nothing_even_if_it_is_not_a_number():
    z = Tensor([[1.0, 2.0], [np.nan, -np.inf], [0.0, 5.0]], requires_grad=True)
    t = np.array([0, -100, 1])
    losses = F.cross_entropy(z, t, reduction="none", label_smoothing=0.1)
    assert losses.numpy()[1] == 0
    alone = F.cross_entropy(z.data[[0, 2]], t[[0, 2]]).item()
    np.testing.assert_allclose(F.cross_entropy(z, t).item(), alone, rtol=1e-14)
    losses.sum().backward()
    assert z.grad[1].tolist() == [0, 0]
    assert np.isfinite(z.grad).all()


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32", "uint64"])
def test_whole_numbers_of_every_kind_name_classes_and_rows(kind):
    z, t = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([1, 0])
    expected = F.cross_entropy(z, t, ignore_index=0).item()
    assert F.cross_entropy(z, t.astype(kind), ignore_index=0).item() == expected
    rows = Tensor(z, requires_grad=True)
    out = F.embedding(t.astype(kind), rows)
    assert out.numpy().tolist() == [[0, 3], [1, 2]]
    out.sum().backward()
    assert rows.grad.tolist() == [[1, 1], [1, 1]]


def test_weights_of_classes_weigh_the_mean():
    z, t = np.log([[0.5, 0.5], [0.1, 0.9], [0.2, 0.8]]), np.array([0, 0, 1])
    each = -np.log([0.5, 0.1, 0.8])
    ours = F.cross_entropy(z, t, weight=[3.0, 1.0])
    np.testing.assert_allclose(ours.item(), (3 * each[0] + 3 * each[1] + each[2]) / 7, rtol=1e-14)
    total = F.cross_entropy(z, t, weight=[3.0, 1.0], reduction="sum").item()
    np.testing.assert_allclose(total, 3 * each[0] + 3 * each[1] + each[2], rtol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("how", ["mean", "sum", "none"])
def test_a_loss_is_one_node(loss, how):
    outputs, targets = Tensor([0.25, 0.5], requires_grad=True), Tensor([1.0, 1.0])
    assert loss(outputs, targets, reduction=how)._parents == (outputs, targets)
    logits = Tensor([[0.0, 1.0]], requires_grad=True)
    assert F.cross_entropy(logits, [0], reduction=how)._parents == (logits,)


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_in_the_outputs_passes_through(loss):
    losses = loss(np.array([0.5, np.nan]), np.array([1.0, 1.0]), reduction="none").numpy()
    assert np.isnan(losses).tolist() == [False, True]
    assert np.isnan(loss(np.array([0.5, np.nan]), np.array([1.0, 1.0])).item())


def test_nan_in_the_logits_of_classes_passes_through():
    losses = F.cross_entropy([[np.nan, 0.0], [0.0, 0.0]], [0, 0], reduction="none").numpy()
    assert np.isnan(losses).tolist() == [True, False]


@pytest.mark.parametrize("loss", LOSSES)
def test_no_examples_have_a_sum_of_losses_but_no_mean(loss):
    none = np.ones((0, 2))
    assert loss(none, none, reduction="sum").item() == 0
    assert loss(none, none, reduction="none").shape == (0, 2)
    with pytest.raises(ShapeError, match=r"no examples.*\(0, 2\).*not empty"):
        loss(none, none)


def test_no_rows_of_logits_have_a_sum_of_losses():
    none = np.zeros(0, int)
    assert F.cross_entropy(np.ones((0, 2)), none, reduction="sum").item() == 0
    assert F.cross_entropy(np.ones((0, 2)), none, reduction="none").shape == (0,)


def test_a_target_that_requires_a_gradient_gets_one():
    for loss in LOSSES:
        outputs, targets = Tensor([0.25, 0.5], True), Tensor([1.0, 1.0], True)
        loss(outputs, targets).backward()
        assert targets.grad is not None
    with pytest.raises(GradientError):
        F.mse_loss([1.0], [2.0]).backward()


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
        loss(np.ones(2), np.ones(2), reduction="avg")


# ---- looking up and dropping


def test_embedding_looks_up_rows():
    weight = np.arange(6.0).reshape(3, 2)
    out = F.embedding(np.array([[2, 0], [1, 1]]), weight)
    assert out.numpy().tolist() == [[[4, 5], [0, 1]], [[2, 3], [2, 3]]]
    assert F.embedding(Tensor([2]), weight).numpy().tolist() == [[4, 5]]


@given(st.data())
@settings(max_examples=60)
def test_gradients_of_rows_that_are_named_twice_add_up(data):
    rows, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 3))
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    i = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, rows - 1)))
    g = np.random.default_rng(0).normal(size=(*shape, width))
    weight = Tensor(np.zeros((rows, width)), requires_grad=True)
    F.embedding(i, weight).backward(g)
    expected = np.zeros((rows, width))
    for place in np.ndindex(shape):
        expected[i[place]] += g[place]
    np.testing.assert_allclose(weight.grad, expected, atol=1e-14)


def test_dropout_keeps_where_the_generators_number_is_at_least_p():
    x = np.arange(1.0, 9.0).reshape(2, 4)
    ours = F.dropout(x, 0.25, rng=np.random.default_rng(3)).numpy()
    kept = np.random.default_rng(3).random((2, 4)) >= 0.25
    np.testing.assert_allclose(ours, np.where(kept, x / 0.75, 0), rtol=1e-15)


def test_dropout_keeps_the_mean():
    ours = F.dropout(np.ones(100_000), 0.3, rng=np.random.default_rng(0)).numpy()
    # An entry is 1/0.7 or 0: variance 0.3/0.7; four standard errors.
    assert abs(ours.mean() - 1) < 4 * np.sqrt(0.3 / 0.7 / 100_000)
    assert abs((ours == 0).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 100_000)


def test_the_gradient_passes_where_the_entry_passed():
    x = Tensor(np.full(50, 2.0), requires_grad=True)
    out = F.dropout(x, 0.5, rng=np.random.default_rng(0))
    out.sum().backward()
    assert x.grad.tolist() == (out.data / 2).tolist()
    assert set(x.grad) == {0.0, 2.0}


def test_nothing_is_dropped_outside_training_or_at_0_and_all_at_1():
    x, rng = Tensor([1.0, 2.0]), np.random.default_rng(0)
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.0, rng=rng) is x
    assert F.dropout(x, 1.0, rng=rng).numpy().tolist() == [0, 0]


# ---- normalisation


@given(st.data())
@settings(max_examples=60)
def test_layer_norm_brings_every_example_to_mean_0_and_variance_1(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    first = data.draw(st.integers(0, len(shape) - 1))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).normal(5, 3, shape)
    w, b = np.arange(2 * np.prod(shape[first:])).reshape(2, *shape[first:])
    axes = tuple(range(first, len(shape)))
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    expected = (x - mean) / np.sqrt(var + 0.01) * w + b
    ours = F.layer_norm(x, shape[first:], w.astype(float), b.astype(float), eps=0.01)
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-11, atol=1e-11)


def test_layer_norm_of_single_precision_is_right_far_from_zero():
    x = (1000 + np.random.default_rng(0).normal(size=(8, 64))).astype(np.float32)
    exact = x.astype(float)
    exact = (exact - exact.mean(1, keepdims=True)) / exact.std(1, keepdims=True)
    np.testing.assert_allclose(F.layer_norm(x, 64).numpy(), exact, atol=2e-3)


def test_equal_entries_are_normalised_to_0():
    assert F.layer_norm(np.full((2, 3), 7.0), 3).numpy().tolist() == [[0, 0, 0]] * 2


def test_batch_norm_normalises_every_channel_over_all_else():
    x = np.random.default_rng(0).normal(3, 2, (4, 3, 5))
    ours = F.batch_norm(x, training=True, eps=0.0).numpy()
    np.testing.assert_allclose(ours.mean((0, 2)), 0, atol=1e-14)
    np.testing.assert_allclose(ours.var((0, 2)), 1, rtol=1e-14)
    w, b = np.array([1.0, 2.0, 3.0]), np.array([0.0, -1.0, 5.0])
    expected = ours * w[:, None] + b[:, None]
    scaled = F.batch_norm(x, None, None, w, b, training=True, eps=0.0)
    np.testing.assert_allclose(scaled.numpy(), expected, rtol=1e-13, atol=1e-13)


def test_running_statistics_move_towards_those_of_the_batch():
    x = np.array([[1.0, 0.0], [3.0, 4.0]])
    mean, var = nn.Buffer([0.0, 0.0]), nn.Buffer([1.0, 1.0])
    before = mean.data, var.data
    F.batch_norm(x, mean, var, training=True, momentum=0.25)
    np.testing.assert_allclose(mean.data, [0.5, 0.5])
    np.testing.assert_allclose(var.data, [0.75 + 0.25 * 2, 0.75 + 0.25 * 8])  # divided by n - 1
    assert before[0].tolist() == [0, 0]
    assert before[1].tolist() == [1, 1]  # new arrays, the old ones are as they were


def test_evaluation_uses_the_statistics_and_leaves_them():
    mean, var = nn.Buffer([1.0]), nn.Buffer([4.0])
    assert F.batch_norm(np.array([[5.0]]), mean, var, eps=0.0).item() == 2
    assert (mean.item(), var.item()) == (1, 4)


# ---- what holds for all


def in_single_precision(rng):
    """Call every function, with targets and options in double precision."""
    y = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    one = np.ones(3, np.float32)
    return {
        "relu": F.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, np.float64(0.1)),
        "silu": F.silu,
        "softmax": F.softmax,
        "softmax 0": lambda x: F.softmax(x, 0),
        "log_softmax": F.log_softmax,
        "mse_loss": lambda x: F.mse_loss(x, y),
        "mse_loss of whole numbers": lambda x: F.mse_loss(x, y.astype(int)),
        "l1_loss": lambda x: F.l1_loss(x, y),
        "huber_loss": lambda x: F.huber_loss(x, y, reduction="none", delta=np.float64(0.1)),
        "hinge_loss": lambda x: F.hinge_loss(x, y, reduction="sum"),
        "binary_cross_entropy": lambda x: F.binary_cross_entropy(x, y),
        "logits": lambda x: bce(x, y, pos_weight=2 * np.ones(3)),
        "cross_entropy": lambda x: F.cross_entropy(x, np.array([0, 2])),
        "cross_entropy options": lambda x: F.cross_entropy(
            x, np.array([0, 2]), np.ones(3), label_smoothing=np.float64(0.1), ignore_index=2
        ),
        "cross_entropy smoothed": lambda x: F.cross_entropy(
            x, np.array([0, 2]), label_smoothing=0.1
        ),
        "cross_entropy weighted": lambda x: F.cross_entropy(x, np.array([0, 2]), np.ones(3)),
        "embedding": lambda x: F.embedding([0, 0], x),
        "dropout": lambda x: F.dropout(x, np.float64(0.5), rng=rng),
        "layer_norm": lambda x: F.layer_norm(x, 3),
        "layer_norm weighted": lambda x: F.layer_norm(x, 3, one, one, np.float64(1e-5)),
        "batch_norm": lambda x: F.batch_norm(x, training=True),
        "batch_norm kept": lambda x: F.batch_norm(x, one, one, one, one, eps=np.float64(0.1)),
        "batch_norm tracked": lambda x: F.batch_norm(
            x, nn.Buffer(one), nn.Buffer(one), training=True, momentum=np.float64(0.5)
        ),
    }


@pytest.mark.parametrize("name", in_single_precision(None))
def test_single_precision_stays_single(name):
    x = Tensor(np.array([[0.1, 0.2, 0.9], [0.3, 0.8, 0.5]], np.float32), requires_grad=True)
    out = in_single_precision(np.random.default_rng(0))[name](x)
    assert out.dtype == np.float32
    assert out._vjp(np.ones_like(out.data))[0].dtype == np.float32


def test_running_statistics_keep_their_precision():
    mean, var = nn.Buffer(np.zeros(3, np.float32)), nn.Buffer(np.ones(3, np.float32))
    F.batch_norm(np.ones((2, 3)), mean, var, training=True)
    assert (mean.dtype, var.dtype) == (np.float32, np.float32)


def test_the_check_finds_a_loss_whose_gradient_is_not_divided_by_the_count():
    def wrong(z):
        right = F.mse_loss(z, np.zeros(3))
        return Tensor._from_op(right.data, (z,), lambda g: (2 * g * z.data,))

    with pytest.raises(GradientError, match="argument 0"):
        check_gradient(wrong, np.array([1.0, 2.0, 3.0]))


# ---- wrong uses

rng = np.random.default_rng(0)
ones3, ones23 = np.ones(3), np.ones((2, 3))
buffers = nn.Buffer(np.zeros(3)), nn.Buffer(np.ones(3))
WRONG_USES = {
    "softmax axis": (lambda: F.softmax(ones23, 2), ShapeError, ["softmax", "(2, 3)", "axis 2"]),
    "softmax number": (lambda: F.softmax(1.0), ShapeError, ["softmax", "()", "axis -1"]),
    "softmax of nothing": (
        lambda: F.softmax(np.ones((3, 0))),
        ShapeError,
        ["softmax", "(3, 0)", "at least one entry"],
    ),
    "softmax two axes": (lambda: F.softmax(ones23, (0, 1)), KindError, ["(0, 1)", "one axis"]),
    "softmax half": (lambda: F.softmax(ones23, 0.5), KindError, ["axis=0.5", "whole number"]),
    "log_softmax axis": (lambda: F.log_softmax(ones3, -2), ShapeError, ["log_softmax", "axis -2"]),
    "log_softmax none": (lambda: F.log_softmax(ones3, None), KindError, ["axis=None"]),
    "mse nan": (lambda: F.mse_loss(ones3, [1, np.nan, 1]), ArgumentError, ["targets with nan"]),
    "l1 nan": (lambda: F.l1_loss(ones3, [1, np.nan, 1]), ArgumentError, ["nan", "missing"]),
    "huber nan": (lambda: F.huber_loss(ones3, [1, np.nan, 1]), ArgumentError, ["nan"]),
    "hinge nan": (lambda: F.hinge_loss(ones3, [1, np.nan, 1]), ArgumentError, ["nan"]),
    "bce nan": (lambda: bce(ones3, [1, np.nan, 1]), ArgumentError, ["nan"]),
    "words": (lambda: F.mse_loss(ones3, ["a", "b", "c"]), KindError, ["real numbers"]),
    "huber 0": (lambda: F.huber_loss(ones3, ones3, delta=0), ArgumentError, ["delta=0", "l1_loss"]),
    "huber delta nan": (
        lambda: F.huber_loss(ones3, ones3, delta=np.nan),
        ArgumentError,
        ["delta=nan", "positive"],
    ),
    "hinge labels": (
        lambda: F.hinge_loss(ones3, [0, 1, 1]),
        ArgumentError,
        ["labels such as 0", "-1 and +1", "2 * labels - 1"],
    ),
    "logits as probabilities": (
        lambda: F.binary_cross_entropy([2.0, -1.0], [1, 0]),
        ArgumentError,
        ["outputs from -1.0 to 2.0", "binary_cross_entropy_with_logits"],
    ),
    "bce targets": (
        lambda: F.binary_cross_entropy([0.5, 0.5], [-1, 1]),
        ArgumentError,
        ["targets from -1.0 to 1.0", "0 and 1"],
    ),
    "bce logits' targets": (
        lambda: bce(np.zeros(2), np.array([-1.0, 1.0])),
        ArgumentError,
        ["targets from -1.0 to 1.0", "probabilities from 0 to 1"],
    ),
    "pos_weight shape": (
        lambda: bce(ones23, ones23, pos_weight=[1, 2]),
        ShapeError,
        ["pos_weight (2,)", "(3,)"],
    ),
    "pos_weight negative": (
        lambda: bce(ones3, ones3, pos_weight=-1),
        ArgumentError,
        ["pos_weight of -1", "at least 0"],
    ),
    "number of logits": (
        lambda: F.cross_entropy(1.0, 0),
        ShapeError,
        ["cross_entropy", "logits ()", "at least one class"],
    ),
    "no classes": (lambda: F.cross_entropy(np.ones((2, 0)), [0, 0]), ShapeError, ["(2, 0)"]),
    "column of classes": (
        lambda: F.cross_entropy(ones23, [[0], [1]]),
        ShapeError,
        ["logits (2, 3) and targets (2, 1)", "targets (2,)", "targets.reshape(2,)"],
    ),
    "too many classes": (
        lambda: F.cross_entropy(ones23, [0, 1, 2]),
        ShapeError,
        ["targets (3,)", "wanted targets (2,)", "one class number for each example"],
    ),
    "classes on the last axis": (
        lambda: F.cross_entropy(np.ones((2, 5, 7)), np.zeros((2, 5), int)),
        ShapeError,
        ["(2, 5, 7)", "use logits.reshape(-1, 7) and targets.reshape(-1)"],
    ),
    "probabilities as classes": (
        lambda: F.cross_entropy(ones23, ones23 / 3),
        KindError,
        ["dtype float64", "name the right classes", "targets.argmax(axis=1)"],
    ),
    "one-hot classes": (
        lambda: F.cross_entropy(ones23, np.eye(3, dtype=int)[:2]),
        ShapeError,
        ["targets (2, 3)", "targets.argmax(axis=1)"],
    ),
    "classes as floats": (
        lambda: F.cross_entropy(ones23, [0.0, 1.0]),
        KindError,
        ["dtype float64", "targets.astype(int)"],
    ),
    "truth as classes": (lambda: F.cross_entropy(ones23, [True, False]), KindError, ["dtype bool"]),
    "class too high": (
        lambda: F.cross_entropy(ones23, [5, 3]),
        ArgumentError,
        ["class 5", "3 classes", "from 0 to 2", "more outputs"],
    ),
    "class too high by one": (
        lambda: F.cross_entropy(ones23, [0, 3]),
        ArgumentError,
        ["class 3", "from 0 to 2"],
    ),
    "class too low": (
        lambda: F.cross_entropy(ones23, [0, -1]),
        ArgumentError,
        ["class -1", "from 0 to 2"],
    ),
    "unsigned class": (
        lambda: F.cross_entropy(ones23, np.array([0, 255], np.uint8)),
        ArgumentError,
        ["class 255"],
    ),
    "all ignored": (
        lambda: F.cross_entropy(ones23, [-100, -100]),
        ArgumentError,
        ["all ignored", "reduction='sum'"],
    ),
    "all of weight 0": (
        lambda: F.cross_entropy(ones23, [0, 0], weight=[0, 1, 1]),
        ArgumentError,
        ["weight 0", "for a mean"],
    ),
    "no rows": (
        lambda: F.cross_entropy(np.ones((0, 3)), np.zeros(0, int)),
        ShapeError,
        ["cross_entropy", "no examples", "not empty"],
    ),
    "weights of classes": (
        lambda: F.cross_entropy(ones23, [0, 1], weight=[1, 2]),
        ShapeError,
        ["weight (2,)", "(3,)", "for each class"],
    ),
    "one weight": (lambda: F.cross_entropy(ones23, [0, 1], 2.0), ShapeError, ["weight ()"]),
    "negative weight": (
        lambda: F.cross_entropy(ones23, [0, 1], [1, -2, 1]),
        ArgumentError,
        ["weight of -2", "at least 0"],
    ),
    "smoothing": (
        lambda: F.cross_entropy(ones23, [0, 1], label_smoothing=1.5),
        ArgumentError,
        ["label_smoothing=1.5", "0 to 1"],
    ),
    "cross_entropy's reduction": (
        lambda: F.cross_entropy(ones23, [0, 1], reduction="avg"),
        ArgumentError,
        ["reduction 'avg'", "'mean', 'sum' or 'none'"],
    ),
    "embedding's order": (
        lambda: F.embedding(ones23, np.array([[0, 1]])),
        KindError,
        ["indices of dtype float64", "embedding(indices, weight)"],
    ),
    "embedding's weight": (lambda: F.embedding([0], ones3), ShapeError, ["weight (3,)", "(V, D)"]),
    "index too high": (
        lambda: F.embedding([0, 7], ones23),
        ArgumentError,
        ["index 7 for 2 rows", "from 0 to 1"],
    ),
    "index too high by one": (lambda: F.embedding([2], ones23), ArgumentError, ["index 2"]),
    "index below 0": (lambda: F.embedding([-1], ones23), ArgumentError, ["index -1", "0 to 1"]),
    "dropout above 1": (lambda: F.dropout(ones3, 1.5, rng=rng), ArgumentError, ["p=1.5", "0 to 1"]),
    "dropout below 0": (lambda: F.dropout(ones3, -0.1, False), ArgumentError, ["p=-0.1"]),
    "dropout nan": (lambda: F.dropout(ones3, np.nan, rng=rng), ArgumentError, ["p=nan"]),
    "dropout without rng": (lambda: F.dropout(ones3), KindError, ["dropout", "default_rng(0)"]),
    "dropout with a seed": (lambda: F.dropout(ones3, rng=1), KindError, ["rng=1", "generator"]),
    "layer_norm length": (
        lambda: F.layer_norm(ones23, 2),
        ShapeError,
        ["layer_norm", "x (2, 3)", "(2,)", "x.shape[-1]"],
    ),
    "layer_norm no axes": (lambda: F.layer_norm(ones23, ()), ShapeError, ["normalized_shape ()"]),
    "layer_norm nothing": (lambda: F.layer_norm(np.ones((2, 0)), 0), ShapeError, ["(2, 0)"]),
    "layer_norm more axes": (lambda: F.layer_norm(ones3, (2, 3)), ShapeError, ["x (3,)", "(2, 3)"]),
    "layer_norm weight": (
        lambda: F.layer_norm(ones23, 3, np.ones(2)),
        ShapeError,
        ["weight (2,)", "wanted (3,)"],
    ),
    "layer_norm bias": (
        lambda: F.layer_norm(ones23, 3, None, np.ones((1, 3))),
        ShapeError,
        ["bias (1, 3)"],
    ),
    "batch_norm vector": (
        lambda: F.batch_norm(ones3, training=True),
        ShapeError,
        ["batch_norm", "x (3,)", "(B, C)"],
    ),
    "batch_norm of one": (
        lambda: F.batch_norm(np.ones((1, 3)), training=True),
        ShapeError,
        ["x (1, 3)", "at least two values for each channel", "eval()"],
    ),
    "batch_norm of none": (
        lambda: F.batch_norm(np.ones((0, 3)), training=True),
        ShapeError,
        ["x (0, 3)", "at least two"],
    ),
    "batch_norm no channels": (lambda: F.batch_norm(np.ones((2, 0))), ShapeError, ["x (2, 0)"]),
    "batch_norm without statistics": (
        lambda: F.batch_norm(ones23),
        ArgumentError,
        ["no running_mean", "no running_var", "training=True"],
    ),
    "batch_norm half": (
        lambda: F.batch_norm(ones23, buffers[0], training=True),
        ArgumentError,
        ["a running_mean", "no running_var", "both"],
    ),
    "batch_norm arrays": (
        lambda: F.batch_norm(ones23, ones3, ones3, training=True),
        KindError,
        ["running_mean of type ndarray", "nn.Buffer"],
    ),
    "batch_norm statistics' shape": (
        lambda: F.batch_norm(ones23, ones3, np.ones(2)),
        ShapeError,
        ["running_var (2,)", "(3,)", "each channel"],
    ),
    "batch_norm weight": (
        lambda: F.batch_norm(ones23, *buffers, np.ones(2)),
        ShapeError,
        ["weight (2,)", "x.shape[1]"],
    ),
}


@pytest.mark.parametrize("use", WRONG_USES)
def test_wrong_use_says_what_to_do(use):
    assert_refused(*WRONG_USES[use])


def test_a_refused_batch_leaves_the_running_statistics():
    mean, var = nn.Buffer(np.zeros(3)), nn.Buffer(np.ones(3))
    with pytest.raises(ShapeError):
        F.batch_norm(np.ones((1, 3)), mean, var, training=True)
    assert (mean.data.tolist(), var.data.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_class_numbers_and_indices_may_change_after_they_were_used():
    logits, weight = Tensor(np.zeros((2, 3)), True), Tensor(np.ones((4, 2)), True)
    targets, rows = np.array([0, 1]), np.array([0, 2])
    losses = [F.cross_entropy(logits, targets, reduction="sum"), F.embedding(rows, weight).sum()]
    targets[:], rows[:] = 2, 10**6
    for loss in losses:
        loss.backward()
    np.testing.assert_allclose(logits.grad, np.full((2, 3), 1 / 3) - np.eye(2, 3))
    assert weight.grad.tolist() == [[1, 1], [0, 0], [1, 1], [0, 0]]


def test_cross_entropy_is_never_negative():
    logits = np.random.default_rng(0).uniform(-22, 22, (20_000, 5)).astype(np.float32)
    assert F.cross_entropy(logits, logits.argmax(axis=1), reduction="none").data.min() >= 0


def test_batch_norm_outside_training_keeps_single_precision():
    x, mean, var = np.ones((4, 2), np.float32), np.zeros(2), np.ones(2)
    assert F.batch_norm(x, mean, var).dtype == np.float32


def test_linear_of_nothing_and_of_whole_numbers():
    assert F.linear(np.ones((3, 0)), np.ones((2, 0)), np.ones(2)).data.tolist() == [[1, 1]] * 3
    whole = F.linear(np.array([[1, 2]]), np.array([[3, 4]]), np.array([0.5]))
    assert whole.data.tolist() == [[11.5]]
