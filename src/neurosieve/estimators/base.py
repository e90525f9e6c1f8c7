"""What the estimators share: parameters, the choice of neurons, and the state that it leaves."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, column_or_1d, validate_data

from neurosieve.arrays import Grid
from neurosieve.errors import NeurosieveError
from neurosieve.estimators.parameters import Asked, asked_of
from neurosieve.estimators.sieving import Sieved, sieve_task
from neurosieve.estimators.splitting import held_out
from neurosieve.estimators.task import Float32, Sample, chance_score, task_of
from neurosieve.metrics import ConstantWarning, metric_named
from neurosieve.probes import Probe
from neurosieve.sieve import SieveSettings
from neurosieve.task_specific import TaskData


class BaseSieve(BaseEstimator):  # type: ignore[misc]
    """Parameters and learned state of `NeuronSieve`, `SieveClassifier` and `SieveRegressor`; see the first."""

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
    ) -> None:
        self.tolerance = tolerance
        self.n_neurons = n_neurons
        self.layers = layers
        self.ranking = ranking
        self.metric = metric
        self.confidence = confidence
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def _validated(self, X: ArrayLike, y: ArrayLike, *, numeric: bool = False) -> tuple[Float32, NDArray[Any]]:
        """X as the probes read it and y as one column, or the error that scikit-learn's users know."""
        found: tuple[Float32, NDArray[Any]] = validate_data(
            self, X, y, dtype=np.float32, order="C", ensure_min_samples=2, y_numeric=numeric
        )
        return found

    def _sieve(self, X: Float32, labels: NDArray[Any], classes: tuple[str, ...], groups: ArrayLike | None) -> Probe:
        """Choose the neurons and keep what was learned of them; returns the probe on these, in their order."""
        asked, draw = asked_of(self.get_params(deep=False), X.shape[1]), check_random_state(self.random_state)
        sample = Sample(X, labels, _numbered(X, groups), classes)
        held = held_out(labels, sample.groups, asked.validation_fraction, draw, numeric=not classes)
        with _as_value_errors(type(self).__name__):
            data = self._task(sample, held, asked, draw)
            found = sieve_task(data, _settings(asked, data.protocol.seed))
            chance = chance_score(data)
        self.validation_rows_ = np.flatnonzero(held[sample.groups])
        self._keep(found, asked.grid)
        if self.oracle_score_ <= chance:
            self._warn_of_chance(len(self.validation_rows_))
        return found.kept.scored.probe

    def _task(self, sample: Sample, held: NDArray[np.bool_], asked: Asked, draw: np.random.RandomState) -> TaskData:
        metric = metric_named(asked.metric or ("accuracy" if sample.classes else "r2"), sample.classes)
        return task_of(sample, held, asked.grid, metric, int(draw.randint(2**31 - 1)))

    def _keep(self, found: Sieved, grid: Grid) -> None:
        kept = found.kept.columns
        self.support_ = np.isin(np.arange(grid.size), kept)
        self.ranking_ = found.order
        self.n_neurons_ = len(kept)
        self.neurons_ = grid.neurons(kept)
        self.n_layers_ = int(kept.max()) // grid.units + 1
        self.clusters_, self.representatives_ = found.clusters, found.representatives
        self.threshold_ = found.threshold
        self.oracle_score_, self.score_ = float(found.oracle.dev), float(found.kept.scored.dev)
        self.reached_ = found.kept.reached

    def _warn_of_chance(self, rows: int) -> None:
        warnings.warn(
            f"{type(self).__name__}: on the {rows} rows held out the probe on all columns scores "
            f"{self.oracle_score_:.3f}, no more than one constant answer does: there is nothing to stay close to. "
            "Give more rows, or other columns.",
            stacklevel=4,
        )


def _settings(asked: Asked, seed: int) -> SieveSettings:
    return SieveSettings(
        asked.tolerance, ranking=asked.ranking, confidence=asked.confidence, seed=seed, size=asked.size
    )


def _numbered(X: Float32, groups: ArrayLike | None) -> NDArray[np.int64]:
    """The group of each row (T,), numbered from 0 without gaps; without groups each row is one."""
    if groups is None:
        return np.arange(len(X), dtype=np.int64)
    check_consistent_length(X, groups)
    numbered: NDArray[np.int64] = np.unique(column_or_1d(groups), return_inverse=True)[1]
    return numbered


@contextmanager
def _as_value_errors(name: str) -> Iterator[None]:
    """What a user of scikit-learn expects of bad input; scores that are 0 because nothing varies go unsaid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConstantWarning)
            yield
    except NeurosieveError as error:
        raise ValueError(f"{name}: {error}") from error
