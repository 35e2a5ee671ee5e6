"""A causal model does not look ahead: a later token moves no earlier output, not by one bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook import Tensor, nn

WIDTH = 4
Model = Callable[[np.ndarray], Tensor]


def attention(rng: np.random.Generator, is_causal: bool = True) -> Model:
    return nn.MultiHeadAttention(WIDTH, 2, is_causal=is_causal, rng=rng)


def stack(rng: np.random.Generator, is_causal: bool = True) -> Model:
    blocks = [nn.TransformerBlock(WIDTH, 2, is_causal=is_causal, rng=rng) for _ in range(3)]
    return nn.Sequential(*blocks, nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 5, rng=rng))


def places_that_move(model: Model, length: int, changed: int) -> list[int]:
    """Change the token at one place, and return the places whose outputs are no longer the same."""
    x = np.random.default_rng(length).normal(size=(2, length, WIDTH))
    other = x.copy()
    other[:, changed] += [3.0, -1.0, 0.5, 2.0]  # not one number for all: a norm would not see it
    different = (model(x).data != model(other).data).any(axis=(0, 2))
    return np.flatnonzero(different).tolist()


@pytest.mark.parametrize("make", [attention, stack])
@settings(max_examples=20)
@given(data=st.data(), length=st.integers(1, 70))
def test_a_changed_token_moves_its_own_output_and_no_earlier_one(make, data, length):
    changed = data.draw(st.integers(0, length - 1))
    moved = places_that_move(make(np.random.default_rng(0)), length, changed)
    assert moved[0] == changed


@pytest.mark.parametrize("make", [attention, stack])
def test_without_the_mask_the_test_above_would_fail(make):
    model = make(np.random.default_rng(0), is_causal=False)
    assert places_that_move(model, length=6, changed=4)[0] == 0


def test_a_window_of_another_length_gives_the_same_outputs():
    """What the places say does not depend on how much text follows them."""
    model = stack(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(1, 40, WIDTH))
    for length in (1, 7, 39):
        np.testing.assert_allclose(model(x[:, :length]).data, model(x).data[:, :length], atol=1e-12)
