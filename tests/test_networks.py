"""Images, attention and recurrence: their properties, their starting values, and their masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from refusals import assert_refused

from nnbook import Tensor, nn
from nnbook.errors import ArgumentError, KindError, ShapeError
from nnbook.nn import functional as F  # noqa: N812


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


# ---- images


@given(
    x=hnp.arrays(float, (2, 2, 5, 4), elements=st.integers(-9, 9)),
    w=hnp.arrays(float, (3, 2, 2, 3), elements=st.integers(-9, 9)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
@settings(max_examples=30)
def test_a_convolution_is_a_sum_over_windows(x, w, stride, padding):
    out = F.conv2d(x, w, np.array([1.0, 0.0, -2.0]), stride, padding)
    around = [(0, 0), (0, 0), *((size, size) for size in padding)]
    padded = np.pad(x, around)
    for b, f, i, j in np.ndindex(out.shape):
        row, column = i * stride[0], j * stride[1]
        window = padded[b, :, row : row + 2, column : column + 3]
        assert out.data[b, f, i, j] == (window * w[f]).sum() + [1.0, 0.0, -2.0][f]


def test_convolutions_do_not_mind_how_images_lie_in_memory():
    x, w = normal(2, 3, 5, 4), normal(2, 3, 2, 2)
    for layout in (np.asfortranarray(x), x[::-1, :, ::-1][::-1, :, ::-1]):
        np.testing.assert_array_equal(F.conv2d(layout, w).data, F.conv2d(x, w).data)


def test_pools_by_hand():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert F.max_pool2d(x, 2).data.tolist() == [[[[5, 7], [13, 15]]]]
    assert F.avg_pool2d(x, (1, 4)).data.tolist() == [[[[1.5], [5.5], [9.5], [13.5]]]]
    assert F.max_pool2d(x, 3, 1).data.tolist() == [[[[10, 11], [14, 15]]]]


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (lambda rng: nn.Conv2d(1, 2, 3, rng=rng), "Conv2d(1, 2, (3, 3), stride=1, padding=0)"),
        (lambda rng: nn.MaxPool2d(2), "MaxPool2d(2, stride=2)"),
        (lambda rng: nn.AvgPool2d((2, 1), 1), "AvgPool2d((2, 1), stride=1)"),
        (lambda rng: nn.LSTM(3, 4, rng=rng), "LSTM(3, 4)"),
        (lambda rng: nn.GRU(3, 4, num_layers=2, rng=rng), "GRU(3, 4, num_layers=2)"),
        (lambda rng: nn.MultiHeadAttention(4, 2, rng=rng), "MultiHeadAttention(4, 2)"),
    ],
)
def test_layers_show_their_sizes(layer, shown, rng):
    assert repr(layer(rng)) == shown


# ---- gelu


def test_gelu_in_single_precision_is_right_to_single_precision():
    from scipy.special import ndtr

    x = np.concatenate([np.linspace(-9, 9, 200_001), [1e3, -1e3, 1e18, -1e18]]).astype(np.float32)
    ours = F.gelu(x).data
    assert ours.dtype == np.float32
    exact = x.astype(float) * ndtr(x.astype(float))
    # Two units in the last place of the larger of 1 and the result.
    assert (np.abs(ours - exact) <= 2.4e-7 * np.maximum(np.abs(exact), 1)).all()


# ---- attention


def test_attention_by_its_definition():
    q, k, v = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 6)
    scores = np.exp(q @ k.swapaxes(1, 2) / 2)
    weights = scores / scores.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(q, k, v).data, weights @ v, rtol=1e-13
    )


@given(length=st.integers(2, 70), place=st.integers(1, 69))
@settings(max_examples=30)
def test_a_later_position_changes_no_earlier_output(length, place):
    block = nn.TransformerBlock(4, 2, is_causal=True, rng=np.random.default_rng(0))
    x = normal(1, length, 4)
    changed = x.copy()
    changed[:, place:] += 100
    before, after = block(x).data, block(changed).data
    np.testing.assert_array_equal(before[:, :place], after[:, :place])
    assert place >= length or (before[:, place:] != after[:, place:]).any()


def test_without_a_causal_mask_it_does(rng):
    block, x = nn.TransformerBlock(4, 2, rng=rng), normal(1, 3, 4)
    assert (block(x).data[:, 0] != block(x * [[[1], [1], [2]]]).data[:, 0]).any()


def test_self_attention_is_attention_in_heads():
    qkv, heads, size = normal(2, 5, 18), 3, 2
    q, k, v = (part.reshape(2, 5, heads, size).swapaxes(1, 2) for part in np.split(qkv, 3, axis=2))
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    joined = expected.data.swapaxes(1, 2).reshape(2, 5, 6)
    np.testing.assert_allclose(F.self_attention(qkv, heads, is_causal=True).data, joined)


def test_the_drawn_weights_are_those_that_weigh(rng):
    layer, x = nn.MultiHeadAttention(4, 2, is_causal=True, rng=rng), normal(3, 70, 4)
    weights = layer.attention_weights(x)
    np.testing.assert_allclose(weights.sum(axis=-1), np.ones((3, 2, 70)), rtol=1e-12)
    assert (weights[..., ~np.tri(70, dtype=bool)] == 0).all()
    values = x @ layer.in_proj_weight.data[8:].T
    heads = weights @ values.reshape(3, 70, 2, 2).swapaxes(1, 2)
    joined = heads.swapaxes(1, 2).reshape(3, 70, 4)
    np.testing.assert_allclose(layer(x).data, layer.out_proj(joined).data, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_query_that_may_look_nowhere_gives_and_gets_nothing(dtype):
    seen = np.array([[1, 0, 0], [0, 0, 0], [1, 1, 1]], bool)
    q, k, v = (Tensor(normal(3, 2, seed=seed).astype(dtype), True) for seed in range(3))
    out = F.scaled_dot_product_attention(q, k, v, seen)
    out.backward(np.full((3, 2), 1e6, dtype))
    assert (out.data[1] == 0).all()
    assert (q.grad[1] == 0).all()
    assert np.isfinite([q.grad, k.grad, v.grad]).all()


def test_dropped_weights_are_those_of_the_generator():
    q, k, v = normal(4, 2), normal(6, 2), np.eye(6)
    weights = F.scaled_dot_product_attention(q, k, v).data  # the values are the unit vectors
    dropped = F.scaled_dot_product_attention(
        q, k, v, dropout_p=0.25, rng=np.random.default_rng(5)
    ).data
    kept = np.random.default_rng(5).random((4, 6)) >= 0.25
    np.testing.assert_allclose(dropped, weights * kept / 0.75)
    assert not F.scaled_dot_product_attention(
        q, k, v, dropout_p=1, rng=np.random.default_rng(5)
    ).data.any()


def test_dropout_of_a_block_stops_outside_training(rng):
    block, x = nn.TransformerBlock(4, 2, dropout=0.5, rng=rng), normal(2, 3, 4)
    assert (block(x).data != block(x).data).any()
    block.eval()
    np.testing.assert_array_equal(block(x).data, block(x).data)


def test_whole_numbers_attend_like_floating_ones():
    q, k, v = (np.arange(6).reshape(3, 2) % n for n in (3, 4, 5))
    np.testing.assert_array_equal(
        F.scaled_dot_product_attention(q, k, v).data,
        F.scaled_dot_product_attention(q * 1.0, k * 1.0, v * 1.0).data,
    )


@pytest.mark.parametrize(
    ("use", "kind", "parts"),
    [
        (lambda x: F.scaled_dot_product_attention(x, x, x, np.eye(3, dtype=int)), KindError,
         ["dtype int64", "mask.astype(bool)"]),
        (lambda x: F.scaled_dot_product_attention(x, x, x, np.eye(4) > 0), ShapeError,
         ["(4, 4)", "(2, 3, 3)"]),
        (lambda x: F.scaled_dot_product_attention(x, x, x[0]), ShapeError, ["value (3, 4)"]),
        (lambda x: F.scaled_dot_product_attention(x[..., :0], x[..., :0], x), ShapeError,
         ["query (2, 3, 0)"]),
        (lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.5), KindError,
         ["no rng"]),
        (lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=1.5), ArgumentError,
         ["dropout_p=1.5"]),
        (lambda x: F.self_attention(x, 3), ShapeError, ["qkv (2, 3, 4) for 3 heads"]),
    ],
)  # fmt: skip
def test_wrong_attention_says_what_to_do(use, kind, parts):
    assert_refused(lambda: use(normal(2, 3, 4)), kind, parts)


# ---- recurrence


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_sequence_may_be_cut_and_goes_on_from_the_state(kind, rng):
    layer, x = kind(3, 4, num_layers=2, rng=rng), normal(7, 2, 3)
    whole, last = layer(x)
    first, state = layer(x[:3])
    second, end = layer(x[3:], state)
    np.testing.assert_allclose(np.concatenate([first.data, second.data]), whole.data, rtol=1e-13)
    pairs = zip(end, last, strict=True) if kind is nn.LSTM else [(end, last)]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.data, theirs.data, rtol=1e-13)


@pytest.mark.parametrize(
    ("cell", "rows", "state"), [(F.rnn, 1, (2, 3)), (F.gru, 3, (2, 3)), (F.lstm, 4, (2, 2, 3))]
)
def test_new_weights_do_not_disturb_an_older_graph(cell, rows, state):
    arrays = normal(4, 2, 5), np.zeros(state), normal(3 * rows, 5), normal(3 * rows, 3)
    gradients = []
    for replace in (False, True):
        tensors = [Tensor(array, requires_grad=True) for array in arrays]
        out = cell(*tensors).sum()
        if replace:
            for tensor in tensors:
                tensor.data = tensor.data * 100
        out.backward()
        gradients.append([tensor.grad for tensor in tensors])
    for ours, theirs in zip(*gradients, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_single_precision_stays_single(kind, rng):
    layer, x = kind(3, 4, rng=rng).astype(np.float32), normal(5, 2, 3).astype(np.float32)
    out, _ = layer(x)
    out.sum().backward()
    assert {out.dtype, *(p.grad.dtype for p in layer.parameters())} == {np.dtype(np.float32)}
