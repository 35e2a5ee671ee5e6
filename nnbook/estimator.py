"""A network of nnbook with scikit-learn's manners: `fit`, `predict`, `score`.

It is a file of its own because it is the only one that needs scikit-learn to be loaded: with it,
scikit-learn's splits, cross-validation, searches and metrics work on our networks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
from sklearn.utils.validation import (  # type: ignore[import-untyped]
    check_is_fitted,
    validate_data,
)

from nnbook import nn, optim
from nnbook.arrays import Array
from nnbook.nn.functional import cross_entropy, softmax
from nnbook.tensor import Tensor
from nnbook.training import fit


class NetworkClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A multi-layer perceptron with ReLU, trained by AdamW on cross-entropy.

    Parameters
    ----------
    hidden_sizes : sequence of int
        Neurons in each hidden layer; ``()`` is logistic regression.
    learning_rate : float
        Rate of AdamW.
    epochs, batch_size : int
        As in `nnbook.fit`.
    weight_decay : float
        Decoupled decay of AdamW.
    dropout : float
        Probability with which a hidden neuron is left out in training.
    random_state : int
        Seed of the weights, the order of the examples and the dropout. The same seed gives the
        same network.

    Attributes
    ----------
    classes_ : ndarray, (K,)
        The labels met in `fit`, sorted; column k of `predict_proba` belongs to ``classes_[k]``.
    model_ : nnbook.nn.Sequential
        The trained network, in evaluation mode; it gives logits (B, K).
    history_ : nnbook.training.History
        Its losses, epoch by epoch.
    n_features_in_ : int
        The number D of features met in `fit`.

    Notes
    -----
    Parameters are stored as they come and looked at in `fit`: scikit-learn copies an estimator
    through its parameters.
    """

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (32,),
        *,
        learning_rate: float = 0.01,
        epochs: int = 30,
        batch_size: int = 32,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        random_state: int = 0,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.random_state = random_state

    def fit(self, X: Array, y: Array) -> NetworkClassifier:
        """Train a new network on inputs (N, D) and labels (N,); return the estimator.

        Raises
        ------
        ValueError
            If the arrays do not fit or hold nan, or `y` is no list of labels (scikit-learn's own
            checks).
        ArgumentError, KindError
            If a parameter makes no sense.
        DivergenceError
            If the loss stops being a finite number.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        rng = np.random.default_rng(self.random_state)
        self.model_ = nn.Sequential(*self._layers(rng))
        optimizer = optim.AdamW(
            self.model_.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        self.history_ = fit(
            self.model_,
            (X, indices),
            cross_entropy,
            optimizer,
            epochs=self.epochs,
            batch_size=self.batch_size,
            rng=rng,
            progress=False,
        )
        self.model_.eval()
        return self

    def predict_proba(self, X: Array) -> Array:
        """Return the probability (B, K) of each class for inputs (B, D)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return softmax(self.model_(Tensor(X))).numpy()

    def predict(self, X: Array) -> Array:
        """Return the most probable label (B,) for inputs (B, D)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _layers(self, rng: np.random.Generator) -> Iterator[Any]:
        sizes = [self.n_features_in_, *self.hidden_sizes]
        for before, after in pairwise(sizes):
            yield from (nn.Linear(before, after, rng=rng), nn.ReLU())
            if self.dropout:
                yield nn.Dropout(self.dropout, rng=rng)
        yield nn.Linear(sizes[-1], len(self.classes_), rng=rng)
