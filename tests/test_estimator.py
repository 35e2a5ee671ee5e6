"""scikit-learn's tools work on a network of nnbook."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nnbook import datasets
from nnbook.errors import ArgumentError
from nnbook.estimator import NetworkClassifier
from nnbook.tensor import Tensor


@parametrize_with_checks([NetworkClassifier(epochs=60)])
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


def test_it_learns_the_moons():
    data = datasets.moons(200, noise=0.1, rng=np.random.default_rng(0))
    assert NetworkClassifier(epochs=60).fit(data.x, data.y).score(data.x, data.y) == 1


def test_labels_may_be_words():
    x = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    labels = np.array(["cat", "cat", "dog", "dog"])
    network = NetworkClassifier((), epochs=100).fit(x, labels)
    assert list(network.predict([[-3.0], [3.0]])) == ["cat", "dog"]


def test_probabilities_are_the_softmax_of_the_networks_logits():
    data = datasets.iris()
    network = NetworkClassifier(epochs=2).fit(data.x, data.y)
    logits = network.model_(Tensor(data.x)).numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_proba(data.x), expected, atol=1e-12)


def test_dropout_rests_in_prediction_and_works_in_training():
    data = datasets.iris()
    network = NetworkClassifier(epochs=3, dropout=0.5).fit(data.x, data.y)
    first, second = network.predict_proba(data.x), network.predict_proba(data.x)
    np.testing.assert_array_equal(first, second)
    network.model_.train()
    assert not np.array_equal(network.predict_proba(data.x), first)


@given(seed=st.integers(0, 2**32 - 1))
def test_same_seed_gives_the_same_network(seed):
    x, y = np.eye(4), np.array([0, 1, 0, 1])
    first, second = (NetworkClassifier((3,), epochs=2, random_state=seed) for _ in range(2))
    np.testing.assert_array_equal(
        first.fit(x, y).predict_proba(x), second.fit(x, y).predict_proba(x)
    )


def test_each_parameter_reaches_the_training():
    data = datasets.iris()
    plain = NetworkClassifier(epochs=2).fit(data.x, data.y).predict_proba(data.x)
    for change in (
        {"hidden_sizes": (8, 8)},
        {"learning_rate": 0.02},
        {"epochs": 3},
        {"batch_size": 16},
        {"weight_decay": 0.5},
        {"dropout": 0.5},
        {"random_state": 1},
    ):
        changed = NetworkClassifier(**{"epochs": 2, **change}).fit(data.x, data.y)
        assert not np.array_equal(changed.predict_proba(data.x), plain), change


def test_search_and_cross_validation_work_on_a_pipeline():
    data = datasets.iris()
    network = make_pipeline(StandardScaler(), NetworkClassifier((8,), epochs=40))
    grid = {"networkclassifier__learning_rate": [1e-5, 1e-2]}
    search = GridSearchCV(network, grid, cv=3).fit(data.x, data.y)
    assert search.best_params_ == {"networkclassifier__learning_rate": 1e-2}
    assert cross_val_score(search.best_estimator_, data.x, data.y, cv=3).mean() > 0.9


def test_senseless_parameter_is_refused_in_fit():
    network = NetworkClassifier(epochs=-1)
    with pytest.raises(ArgumentError, match="epochs"):
        network.fit(np.eye(2), [0, 1])
