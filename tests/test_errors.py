"""Errors say operation, got, wanted and remedy, and are the built-ins that a reader would catch."""

import doctest
import pickle

import numpy as np
import pytest

from nnbook import errors

BUILT_INS = {
    errors.ShapeError: ValueError,
    errors.IndexingError: IndexError,
    errors.ArgumentError: ValueError,
    errors.KindError: TypeError,
    errors.GradientError: RuntimeError,
    errors.DivergenceError: ArithmeticError,
    errors.DownloadError: OSError,
    errors.MissingMethodError: NotImplementedError,
    errors.UnknownNameError: LookupError,
}


def test_every_subclass_is_in_the_table():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    ours = {kind for kind in kinds if issubclass(kind, errors.NNBookError)}
    assert set(BUILT_INS) == ours - {errors.NNBookError}


@pytest.mark.parametrize("kind", BUILT_INS)
def test_message_parts_and_pickling(kind):
    error = kind("mse_loss", got="a (2,)", wanted="a (3,)", remedy="reshape it")
    assert str(error) == "mse_loss: got a (2,), wanted a (3,); reshape it"
    assert isinstance(error, BUILT_INS[kind])
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.remedy) == (kind, str(error), "reshape it")


def test_unknown_name_lists_the_known_and_the_nearest():
    near = errors.UnknownNameError.among("check", "neron", ["xor", "neuron"])
    assert str(near) == "check: got 'neron', wanted one of 'xor', 'neuron'; did you mean 'neuron'?"
    assert "choose one of these" in str(errors.UnknownNameError.among("check", 7, ["xor"]))


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(errors) == (0, 2)


def test_require_generator_returns_a_generator_and_names_what_to_pass():
    rng = np.random.default_rng(0)
    assert errors.require_generator("Linear", rng) is rng
    for wrong, named in ((None, "no rng"), (0, "rng=0"), (np.random.RandomState(0), "rng=Rand")):
        with pytest.raises(errors.KindError, match=named) as caught:
            errors.require_generator("Linear", wrong)
        assert caught.value.remedy == "pass rng=np.random.default_rng(0)"
