"""`NeuronSieve`: keeps the neurons that a task needs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from neurosieve.arrays import Grid
from neurosieve.estimators.base import BaseSieve
from neurosieve.estimators.targets import class_labels, number_labels


class NeuronSieve(SelectorMixin, BaseSieve):  # type: ignore[misc]
    """Selects the fewest columns whose linear probe stays within a tolerance of the probe on all: the oracle.

    Fewest layers, where ``layers`` are given, then one neuron a correlation cluster, then the shortest prefix of a
    ranking (Section 7). Some of the rows are held out: they stop the probes and decide what passes. X is read as
    float32 and made no copy of but by rows; a column that varies by less than 1e-4 of its own size counts little, so
    scale columns of that kind first. Rows have no weights: the moments count each alike.

    Args:
        tolerance: how much of the oracle's score may be lost, as a share of it: 0.03 keeps 97 %.
        n_neurons: keep so many instead; of the layers and clusters that are within a third of the tolerance each,
            the fewest that leave as many.
        layers: L, where X is L layers of as many units side by side, or their `Grid`; the fewest leading layers are
            then chosen first. Layer 0 is the output of the embeddings. None is one layer.
        ranking: the order in which neurons are kept, by its name in `task_specific.RANKINGS`.
        metric: what is measured; by default "accuracy" of classes and "r2" of numbers. See `metrics.METRICS`.
        confidence: how surely the held-out rows must support each step (a paired bootstrap over groups); None compares
            two numbers.
        validation_fraction: of the rows, or of the groups, held out.
        random_state: of what is drawn: the rows held out, and the bootstrap. The same gives the same neurons.
        kind: "classification" or "regression"; "auto" takes y for numbers where it has a fraction.

    Attributes:
        support_: (N,) bool, the columns kept.
        neurons_: the same as (layer, unit), best first.
        n_neurons_: how many.
        ranking_: (R,) the representatives, best first; the first ``n_neurons_`` are kept.
        representatives_: (R,) one column for each cluster, ascending.
        clusters_: R arrays, the columns that each representative stands for.
        threshold_: c_t of the clusters, None where no clustering passed.
        n_layers_: how many leading layers the neurons kept are in.
        oracle_score_: what the probe on all columns scores on the rows held out.
        score_: what the probe on those kept scores there.
        reached_: whether the tolerance was met; otherwise everything that the first two steps left is kept.
        validation_rows_: the rows held out.
        n_features_in_: N.
        feature_names_in_: (N,) the names of the columns, where X came with any.
    """

    def __init__(
        self,
        *,
        tolerance: float = 0.03,
        n_neurons: int | None = None,
        layers: int | Grid | None = None,
        ranking: str = "pruned",
        metric: str | None = None,
        confidence: float | None = 0.95,
        validation_fraction: float = 0.2,
        random_state: int | np.random.RandomState | None = 0,
        kind: Literal["auto", "classification", "regression"] = "auto",
    ) -> None:
        super().__init__(
            tolerance=tolerance,
            n_neurons=n_neurons,
            layers=layers,
            ranking=ranking,
            metric=metric,
            confidence=confidence,
            validation_fraction=validation_fraction,
            random_state=random_state,
        )
        self.kind = kind

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> NeuronSieve:
        """Choose the neurons.

        Args:
            X: (T × N) activations.
            y: (T,) a class or a number for each row.
            groups: (T,) the sentence or document of each row; those of one stay together where rows are held out.

        Raises:
            ValueError: a parameter or the input cannot be used; the message says why.
        """
        values, target = self._validated(X, y)
        if self._is_numeric(target):
            self._sieve(values, number_labels(target)[0], (), groups)
            return self
        classes, labels = class_labels(target)
        self._sieve(values, labels, tuple(map(str, classes)), groups)
        return self

    def _is_numeric(self, y: NDArray[Any]) -> bool:
        if self.kind not in ("auto", "classification", "regression"):
            raise ValueError(f"kind must be 'auto', 'classification' or 'regression'; it is {self.kind!r}.")
        return self.kind == "regression" or (self.kind == "auto" and type_of_target(y) == "continuous")

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        mask: NDArray[np.bool_] = self.support_
        return mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
