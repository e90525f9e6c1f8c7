"""The converged probes stop on whatever metric the task is measured in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, repeat

import numpy as np
import pytest
import torch

from neurosieve.errors import ProbeError
from neurosieve.metrics import ACCURACY, Gold, metric_named
from neurosieve.probes import converged, fit_converged, predict
from tests.probes.planted import planted, split
from tests.probes.test_converged import EVERY, FAMILY, fit


@pytest.mark.parametrize("name", ["accuracy", "macro_f1", "f1:B", "matthews"])
def test_what_early_stopping_saw_is_the_metric_on_dev(name: str) -> None:
    data = planted(noise=3.0)
    metric = metric_named(name, data.train.classes)
    probes = fit_converged(data.train, data.dev, data.moments, FAMILY, metric=metric)
    gold = Gold(data.dev.labels.numpy(), data.dev.groups, data.dev.classes)
    for probe, found in zip(probes, predict(data.dev.rows, probes), strict=True):
        assert probe.dev_score == metric.score(gold, found)


def test_accuracy_is_counted_as_the_metric_has_it() -> None:
    data = planted()
    slow = replace(ACCURACY, name="accuracy by the general way")
    for before, after in zip(
        fit(data, *FAMILY), fit_converged(data.train, data.dev, data.moments, FAMILY, metric=slow), strict=True
    ):
        assert torch.equal(before.weight, after.weight)
        assert (before.rounds, before.dev_score) == (after.rounds, after.dev_score)


def test_the_metric_decides_where_to_stop() -> None:
    metric, sums = metric_named("f1:C", ("A", "B", "C")), np.zeros(2)
    for seed in range(4):
        data = planted(seed, noise=3.0)
        gold = Gold(data.dev.labels.numpy(), data.dev.groups, data.dev.classes)
        (by_accuracy,) = fit(data)
        (by_f1,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=metric)
        sums += [metric.score(gold, predict(data.dev.rows, [probe])[0]) for probe in (by_accuracy, by_f1)]
    assert sums[1] > sums[0] + 0.01


def scored(patch: pytest.MonkeyPatch, scores: Iterable[float]) -> list[int]:
    """Dev scores come from a list, and after it its last; the evaluations are counted."""
    listed, seen = list(scores), [0]
    after: Iterator[float] = chain(listed, repeat(listed[-1]))

    def next_scores(_data: object, predictions: list[object], _metric: object) -> list[float]:
        seen[0] += 1
        return [next(after) for _ in predictions]

    patch.setattr(converged, "held_out_scores", next_scores)
    return seen


@pytest.mark.parametrize("start", [0.0, 0.3])
def test_patience_waits_while_a_metric_stays_where_it_started(monkeypatch: pytest.MonkeyPatch, start: float) -> None:
    data, matthews = planted(noise=3.0), metric_named("matthews", ("A", "B", "C"))
    scored(monkeypatch, [start] * 8 + [start + 0.2, start])
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=matthews)
    assert (probe.rounds, probe.dev_score) == (9, start + 0.2)


def test_patience_ends_a_metric_that_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    data, matthews = planted(noise=3.0), metric_named("matthews", ("A", "B", "C"))
    seen = scored(monkeypatch, [0.0, -0.1, 0.0, 0.0, *[0.0] * converged.PATIENCE, 0.9])
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=matthews)
    assert (probe.rounds, probe.dev_score) == (1, 0.0)
    assert seen[0] == 1 + 2 * converged.PATIENCE  # three idle rounds at each ridge


def test_a_metric_that_never_moves_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data, matthews = planted(noise=3.0), metric_named("matthews", ("A", "B", "C"))
    monkeypatch.setattr(converged, "MAX_ROUNDS", 7)
    seen = scored(monkeypatch, [0.0])
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=matthews)
    assert (probe.rounds, probe.dev_score) == (1, 0.0)
    assert seen[0] == 7 * len(converged.RIDGES)


def test_a_rare_class_is_found_by_a_metric_that_ignores_the_prior() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(1400, generator=generator) < 0.04).long()
    values = torch.randn(1400, 3, 4, generator=generator)
    values[:, 1, 2] += 3.0 * labels
    data = split(values, labels, 2)
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=metric_named("matthews", ("A", "B")))
    assert probe.dev_score is not None
    assert probe.dev_score > 0.4
    assert probe.rounds > 1


def test_an_unseen_label_is_nobodys_by_other_metrics_too() -> None:
    data = planted()
    data.dev.labels[::7] = 3
    metric = metric_named("macro_f1", data.train.classes)
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], metric=metric)
    assert probe.n_classes == 3
    assert probe.dev_score is not None
    assert 0.3 < probe.dev_score < 0.8  # of four classes one is always wrong


def test_a_score_of_numbers_cannot_stop_a_classifier() -> None:
    data = planted()
    with pytest.raises(ProbeError, match="pearson is a score of numbers, and the labels are classes"):
        fit_converged(data.train, data.dev, data.moments, [EVERY], metric=metric_named("pearson"))
