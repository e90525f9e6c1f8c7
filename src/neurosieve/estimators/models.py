"""`SieveClassifier` and `SieveRegressor`: the neurons that a task needs, and the probe on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from neurosieve.estimators.base import BaseSieve
from neurosieve.estimators.targets import class_labels, number_labels
from neurosieve.metrics import FloatArray
from neurosieve.probes import Probe


class _LinearSieve(BaseSieve):
    """A probe on the neurons kept, as coefficients of all columns: 0 for the others."""

    coef_: FloatArray
    intercept_: FloatArray | float

    def _weights(self, probe: Probe) -> tuple[FloatArray, FloatArray]:
        """Coefficients (C × N) and intercepts (C,) from a probe that reads the columns kept, best first."""
        coef = np.zeros((probe.n_classes, len(self.support_)))
        coef[:, self.ranking_[: self.n_neurons_]] = probe.weight.T.double().cpu().numpy()
        return coef, probe.bias.double().cpu().numpy()

    # Float64 on the k columns kept: 2·T·k·C operations.
    def _scores(self, X: ArrayLike) -> FloatArray:
        """X·coefᵀ + intercept, (T × C)."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        kept: FloatArray = values[:, self.support_].astype(np.float64, copy=False)
        scores: FloatArray = kept @ np.atleast_2d(self.coef_)[:, self.support_].T + self.intercept_
        return scores


class SieveClassifier(ClassifierMixin, _LinearSieve):  # type: ignore[misc]
    """A linear probe on the fewest neurons within a tolerance of all: `NeuronSieve` that also predicts.

    The probe is multinomial logistic regression, fitted on the rows that are not held out and stopped on those that
    are. Parameters, and the state that tells of the neurons, are those of `NeuronSieve`.

    Attributes:
        classes_: (C,) the classes, sorted.
        coef_: (C × N) weights of all columns, 0 for those not kept; (1 × N) for two classes.
        intercept_: (C,), or (1,) for two classes.
    """

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> SieveClassifier:
        """Choose the neurons and fit the probe on them.

        Args:
            X: (T × N) activations.
            y: (T,) the class of each row: numbers or strings.
            groups: (T,) the sentence or document of each row; those of one stay together where rows are held out.

        Raises:
            ValueError: a parameter or the input cannot be used; the message says why.
        """
        values, target = self._validated(X, y)
        self.classes_, labels = class_labels(target)
        coef, intercept = self._weights(self._sieve(values, labels, tuple(map(str, self.classes_)), groups))
        if len(self.classes_) == 2:  # one score, as scikit-learn's linear models have it: the same probabilities
            coef, intercept = coef[1:] - coef[:1], intercept[1:] - intercept[:1]
        self.coef_, self.intercept_ = coef, intercept
        return self

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """The scores (T × C); for two classes (T,), above 0 for the second."""
        scores = self._scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row (T,)."""
        scores = self.decision_function(X)
        found: NDArray[Any] = self.classes_[(scores > 0).astype(np.int64) if scores.ndim == 1 else scores.argmax(1)]
        return found

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """The probability of each class (T × C)."""
        scores = self.decision_function(X)
        found: FloatArray = softmax(scores, 1) if scores.ndim == 2 else np.stack([expit(-scores), expit(scores)], 1)
        return found

    def predict_log_proba(self, X: ArrayLike) -> FloatArray:
        """Its logarithm (T × C)."""
        scores = self.decision_function(X)
        if scores.ndim == 2:
            found: FloatArray = log_softmax(scores, 1)
            return found
        return np.stack([log_expit(-scores), log_expit(scores)], 1)


class SieveRegressor(RegressorMixin, _LinearSieve):  # type: ignore[misc]
    """A linear probe for numbers on the fewest neurons within a tolerance of all: `NeuronSieve` that also predicts.

    The probe is ridge regression, its ridge chosen on the rows held out. Parameters, and the state that tells of the
    neurons, are those of `NeuronSieve`; ``tolerance`` is a share of R² unless another ``metric`` is given.

    Attributes:
        coef_: (N,) weights of all columns, 0 for those not kept.
        intercept_: a number.
    """

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> SieveRegressor:
        """Choose the neurons and fit the probe on them.

        Args:
            X: (T × N) activations.
            y: (T,) the number of each row.
            groups: (T,) the sentence or document of each row; those of one stay together where rows are held out.

        Raises:
            ValueError: a parameter or the input cannot be used; the message says why.
        """
        values, target = self._validated(X, y, numeric=True)
        labels, shift = number_labels(target)
        coef, intercept = self._weights(self._sieve(values, labels, (), groups))
        self.coef_, self.intercept_ = coef[0], float(intercept[0]) + shift
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """The number of each row (T,)."""
        return self._scores(X)[:, 0]
