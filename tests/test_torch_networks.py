"""Images, recurrence and attention agree with PyTorch: values, gradients and names of weights."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import Tensor, nn
from nnbook.nn import functional as F  # noqa: N812
from nnbook.tensor import concatenate

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install -e '.[torch]'")


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def assert_close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)


def assert_agree(ours, theirs, *arrays):
    """Compare values, and the gradients of a loss that weighs every output differently."""
    inputs = [Tensor(array, requires_grad=True) for array in arrays]
    twins = [torch.tensor(array, requires_grad=True) for array in arrays]
    out, twin = ours(*inputs), theirs(*twins)
    assert out.shape == tuple(twin.shape)
    assert_close(out.data, twin)
    weights = normal(*out.shape, seed=9)
    (out * weights).sum().backward()
    (twin * torch.tensor(weights)).sum().backward()
    for x, y in zip(inputs, twins, strict=True):
        assert_close(x.grad, y.grad)


def twins(model, twin):
    """Give PyTorch's model our weights, whose names, shapes and order have to be the same."""
    twin = twin.double()
    ours = {name: array.shape for name, array in model.state_dict().items()}
    theirs = {name: tuple(tensor.shape) for name, tensor in twin.state_dict().items()}
    assert list(ours.items()) == list(theirs.items())
    twin.load_state_dict({name: torch.tensor(a) for name, a in model.state_dict().items()})
    return model, twin


def assert_same_gradients(model, twin):
    for (name, ours), theirs in zip(model.named_parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(
            ours.grad, theirs.grad.numpy(), rtol=1e-10, atol=1e-10, err_msg=name
        )


@pytest.fixture
def rng():
    return np.random.default_rng(3)


# ---- images

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(kernel=pairs, stride=pairs, padding=st.tuples(st.integers(0, 3), st.integers(0, 3)))
@settings(max_examples=40)
def test_conv2d(kernel, stride, padding):
    arrays = normal(2, 3, 4, 5), normal(2, 3, *kernel), normal(2)
    assert_agree(
        lambda *a: F.conv2d(*a, stride, padding),
        lambda *a: torch.nn.functional.conv2d(*a, stride, padding),
        *arrays,
    )


def test_conv2d_without_bias():
    assert_agree(F.conv2d, torch.nn.functional.conv2d, normal(1, 2, 3, 3), normal(4, 2, 2, 2))


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@given(size=pairs, stride=st.none() | pairs)
@settings(max_examples=30)
def test_pools(name, size, stride):
    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
    assert_agree(
        lambda x: ours(x, size, stride), lambda x: theirs(x, size, stride), normal(2, 3, 5, 4)
    )


def test_equal_entries_give_the_gradient_to_the_same_one():
    x = np.array([[[[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]]])
    assert_agree(
        lambda x: F.max_pool2d(x, 2, 1), lambda x: torch.nn.functional.max_pool2d(x, 2, 1), x
    )


def test_a_network_for_images(rng):
    ours = nn.Sequential(
        nn.Conv2d(2, 3, (3, 2), stride=2, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 2, 1, bias=False, rng=rng), nn.AvgPool2d(2, 1),
    )  # fmt: skip
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, (3, 2), stride=2, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(3, 2, 1, bias=False), torch.nn.AvgPool2d(2, 1),
    )  # fmt: skip
    model, twin = twins(ours, theirs)
    assert_agree(model, twin, normal(2, 2, 9, 9))
    assert_same_gradients(model, twin)


# ---- gelu


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu(approximate):
    x = np.concatenate([np.linspace(-12, 12, 401), [0.0, -0.0, 40.0, -40.0]])
    theirs = torch.nn.functional.gelu
    assert_agree(lambda x: F.gelu(x, approximate), lambda x: theirs(x, approximate=approximate), x)


# ---- attention

SEEN = np.random.default_rng(0).random((4, 5)) > 0.4
SEEN[:, 0] = True


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"scale": 0.3},
        {"attn_mask": SEEN},
        {"attn_mask": normal(2, 1, 4, 5)},
        {"attn_mask": normal(1, 5)},
        {"is_causal": True},
    ],
    ids=str,
)
def test_scaled_dot_product_attention(options):
    mask = options.get("attn_mask")
    theirs = options if mask is None else options | {"attn_mask": torch.tensor(mask)}
    arrays = normal(2, 3, 4, 2), normal(2, 3, 5, 2), normal(2, 3, 5, 6)
    assert_agree(
        lambda *a: F.scaled_dot_product_attention(*a, **options),
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, **theirs),
        *arrays,
    )


def test_a_query_that_may_look_nowhere():
    mask = np.array([[True, False, True], [False, False, False]])
    arrays = normal(2, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)
    assert_agree(
        lambda *a: F.scaled_dot_product_attention(*a, mask),
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, torch.tensor(mask)),
        *arrays,
    )


@pytest.mark.parametrize("length", [1, 63, 64, 65, 150])
def test_a_causal_mask_by_blocks(length):
    arrays = (normal(2, length, 3, seed=seed) for seed in range(3))
    assert_agree(
        lambda *a: F.scaled_dot_product_attention(*a, is_causal=True),
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, is_causal=True),
        *arrays,
    )


@pytest.mark.parametrize("is_causal", [True, False])
@pytest.mark.parametrize("size", [1e-3, 1, 30, 1e4])
def test_scores_of_any_size(size, is_causal):
    # A late key with an enormous score must not press down the keys that come before it.
    arrays = size * normal(80, 2), normal(80, 2, seed=1), normal(80, 2, seed=2)
    assert_agree(
        lambda *a: F.scaled_dot_product_attention(*a, is_causal=is_causal),
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, is_causal=is_causal),
        *arrays,
    )


@pytest.mark.parametrize("bias", [True, False])
def test_multi_head_self_attention(bias, rng):
    model, twin = twins(
        nn.MultiHeadAttention(6, 3, bias=bias, rng=rng),
        torch.nn.MultiheadAttention(6, 3, bias=bias, batch_first=True),
    )
    x = normal(2, 5, 6)
    assert_agree(model, lambda x: twin(x, x, x)[0], x)
    assert_same_gradients(model, twin)
    _, weights = twin(*[torch.tensor(x)] * 3, average_attn_weights=False)
    assert_close(model.attention_weights(x), weights)


def test_a_mask_of_a_layer_is_the_opposite_of_pytorchs(rng):
    model, twin = twins(
        nn.MultiHeadAttention(4, 2, rng=rng), torch.nn.MultiheadAttention(4, 2, batch_first=True)
    )
    x, seen = normal(2, 5, 4), np.random.default_rng(1).random((5, 5)) > 0.5
    seen[:, 2] = True
    hidden = torch.tensor(~seen)
    assert_agree(
        lambda x: model(x, attn_mask=seen), lambda x: twin(x, x, x, attn_mask=hidden)[0], x
    )


@pytest.mark.parametrize("mask", [SEEN[:, :4], normal(2, 1, 4, 4)], ids=["bool", "float"])
def test_a_mask_beside_a_causal_one(mask):
    arrays = normal(2, 3, 4, 2), normal(2, 3, 4, 2, seed=1), normal(2, 3, 4, 2, seed=2)
    before = np.tri(4, dtype=bool)
    both = mask & before if mask.dtype == bool else np.where(before, mask, -np.inf)
    assert_agree(
        lambda *a: F.scaled_dot_product_attention(*a, mask, is_causal=True),
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, torch.tensor(both)),
        *arrays,
    )


def test_attention_to_another_sequence(rng):
    model, twin = twins(
        nn.MultiHeadAttention(4, 2, rng=rng), torch.nn.MultiheadAttention(4, 2, batch_first=True)
    )
    query, key, value = normal(2, 3, 4), normal(2, 5, 4, seed=1), normal(2, 5, 4, seed=2)
    assert_agree(model, lambda *a: twin(*a)[0], query, key, value)
    assert_same_gradients(model, twin)
    assert_close(model(query, key).data, twin(*map(torch.tensor, (query, key, key)))[0])


@pytest.mark.parametrize("is_causal", [True, False])
def test_transformer_block(is_causal, rng):
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    model, twin = twins(nn.TransformerBlock(8, 2, 12, is_causal=is_causal, rng=rng), theirs)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    assert_agree(model, lambda x: twin(x, mask if is_causal else None), normal(2, 5, 8))
    assert_same_gradients(model, twin)


# ---- recurrence


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(nn.RNN, torch.nn.RNN), (nn.GRU, torch.nn.GRU), (nn.LSTM, torch.nn.LSTM)],
    ids=["RNN", "GRU", "LSTM"],
)
@pytest.mark.parametrize("with_state", [True, False])
def test_recurrent_layers(ours, theirs, bias, num_layers, batch_first, with_state, rng):
    options = {"num_layers": num_layers, "bias": bias, "batch_first": batch_first}
    model, twin = twins(ours(3, 4, **options, rng=rng), theirs(3, 4, **options))
    batch = 5 if batch_first else 2
    states = [
        normal(num_layers, batch, 4, seed=seed) for seed in range(2 if ours is nn.LSTM else 1)
    ]

    def flat(run, join):
        def call(x, *given):
            state = None if not given else given if ours is nn.LSTM else given[0]
            outputs, last = run(x, state)
            parts = [outputs, *(last if ours is nn.LSTM else [last])]
            return join([part.reshape(-1) for part in parts])

        return call

    given = states if with_state else []
    assert_agree(flat(model, concatenate), flat(twin, torch.cat), normal(5, 2, 3), *given)
    assert_same_gradients(model, twin)


def test_rnn_with_relu(rng):
    model, twin = twins(
        nn.RNN(3, 4, nonlinearity="relu", rng=rng), torch.nn.RNN(3, 4, nonlinearity="relu")
    )
    assert_agree(lambda x: model(x)[0], lambda x: twin(x)[0], normal(5, 2, 3))
    assert_same_gradients(model, twin)


# ---- starting values


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda rng: nn.Conv2d(8, 64, 5, rng=rng), lambda: torch.nn.Conv2d(8, 64, 5)),
        (lambda rng: nn.LSTM(32, 64, rng=rng), lambda: torch.nn.LSTM(32, 64)),
        (lambda rng: nn.GRU(32, 64, rng=rng), lambda: torch.nn.GRU(32, 64)),
        (lambda rng: nn.RNN(96, 64, rng=rng), lambda: torch.nn.RNN(96, 64)),
        (
            lambda rng: nn.MultiHeadAttention(64, 4, rng=rng),
            lambda: torch.nn.MultiheadAttention(64, 4, batch_first=True),
        ),
        (
            lambda rng: nn.TransformerBlock(64, 4, rng=rng),
            lambda: torch.nn.TransformerEncoderLayer(64, 4, 256, batch_first=True, norm_first=True),
        ),
    ],
    ids=["Conv2d", "LSTM", "GRU", "RNN", "MultiHeadAttention", "TransformerBlock"],
)
def test_starting_values_have_the_same_distribution(ours, theirs, rng):
    torch.manual_seed(0)
    model, twin = ours(rng), theirs()
    for (name, a), b in zip(model.named_parameters(), twin.parameters(), strict=True):
        b = b.detach().numpy()
        spread = b.std()
        # Five standard errors of a mean, and of a standard deviation, of so many numbers.
        assert abs(a.data.mean() - b.mean()) <= 5 * spread * math.sqrt(2 / b.size), name
        assert abs(a.data.std() - spread) <= 5 * spread / math.sqrt(b.size), name
        assert np.abs(a.data).max() == pytest.approx(np.abs(b).max(), rel=0.1), name
