"""By simulation: the data that chose flatter what they chose, and data that were left out do not.

Small planted data sets whose probes can be scored on 4,000 fresh rows, which is the truth of each fold's choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from torch import Tensor

from neurosieve.probes import Protocol
from neurosieve.run.nested.choosing import choose
from neurosieve.run.nested.folds import Cut
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.task_specific import Scored
from tests.probes.planted import labelled, raw

ROWS, FRESH, FOLDS, SETS = 240, 4000, 4, 12


class Told(NamedTuple):
    """Of one data set, the mean over folds: dev, out of fold, and the truth, of what was chosen and of the oracle."""

    dev: float
    out_of_fold: float
    truth: float
    oracle_dev: float
    oracle_out_of_fold: float
    oracle_truth: float


def accuracy(scored: Scored, values: Tensor, labels: Tensor) -> float:
    return float(((values @ scored.probe.weight + scored.probe.bias).argmax(1) == labels).double().mean())


def told(seed: int) -> Told:
    values, labels = raw(seed, ROWS + FRESH, layers=2, units=12, noise=2.0)
    cut = Cut(labelled(values[:ROWS], labels[:ROWS], 3), Protocol(), FOLDS)
    fresh, gold = values[ROWS:].flatten(1), labels[ROWS:]
    settings = RunSettings(task="code-roles", out=Path("nowhere"), tolerance=0.05)
    found = []
    for fold in range(FOLDS):
        one = choose(cut.data(fold), settings, "forward", seed, Stopwatch())
        chosen = (one.chosen.dev, one.chosen.test, accuracy(one.chosen, fresh[:, one.columns], gold))
        found.append([*chosen, one.oracle.dev, one.oracle.test, accuracy(one.oracle, fresh, gold)])
    return Told(*np.mean(found, axis=0).tolist())


@pytest.fixture(scope="module")
def simulated() -> list[Told]:
    return [told(seed) for seed in range(SETS)]


def bias(differences: list[float]) -> tuple[float, float]:
    """Mean and standard error."""
    return float(np.mean(differences)), float(np.std(differences, ddof=1) / np.sqrt(len(differences)))


def test_the_dev_that_chose_is_optimistic(simulated):
    mean, error = bias([one.dev - one.truth for one in simulated])
    assert mean > 0.02
    assert mean > 3 * error


def test_what_was_left_out_is_not(simulated):
    for mean, error in (
        bias([one.out_of_fold - one.truth for one in simulated]),
        bias([one.oracle_out_of_fold - one.oracle_truth for one in simulated]),
    ):
        assert abs(mean) < 3 * error
        assert error < 0.015


def test_nor_is_the_difference_to_the_oracle(simulated):
    truth = [one.truth - one.oracle_truth for one in simulated]
    on_dev = [one.dev - one.oracle_dev - t for one, t in zip(simulated, truth, strict=True)]
    left_out = [one.out_of_fold - one.oracle_out_of_fold - t for one, t in zip(simulated, truth, strict=True)]
    assert bias(on_dev)[0] > 3 * bias(on_dev)[1]
    assert abs(bias(left_out)[0]) < 3 * bias(left_out)[1]
    assert bias(on_dev)[0] > abs(bias(left_out)[0])
