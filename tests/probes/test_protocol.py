from __future__ import annotations

import pytest
import torch

from neurosieve.errors import ProbeError
from neurosieve.metrics import metric_named
from neurosieve.probes import Protocol, Range, fit_converged, fit_elastic_net, fit_ridge
from tests.probes.planted import numbers, planted

RANGES = [Range(0, 4), Range(0, 12)]


def test_the_default_converges() -> None:
    data = planted()
    expected = fit_converged(data.train, data.dev, data.moments, RANGES)
    for probe, same in zip(Protocol().fit(*data[:2], data.moments, RANGES), expected, strict=True):
        assert torch.equal(probe.weight, same.weight)


def test_the_paper_is_the_elastic_net_with_the_seed() -> None:
    data = planted()
    expected = fit_elastic_net(data.train, RANGES, seed=7)
    for probe, same in zip(Protocol("paper", seed=7).fit(*data[:2], data.moments, RANGES), expected, strict=True):
        assert torch.equal(probe.weight, same.weight)


def test_a_range_is_a_slice_with_both_ends() -> None:
    assert Range.of(slice(3, 8)) == (3, 8)
    assert Range(3, 8).size == 5


def test_the_default_for_numbers_is_ridge_regression_by_the_metric() -> None:
    data, metric = numbers(), metric_named("spearman")
    expected = fit_ridge(data.train, data.dev, data.moments, RANGES, metric=metric)
    for probe, same in zip(Protocol(metric=metric).fit(*data[:2], data.moments, RANGES), expected, strict=True):
        assert torch.equal(probe.weight, same.weight)
        assert probe.dev_score == same.dev_score


def test_metric_and_class_weights_reach_the_solvers() -> None:
    data = planted(noise=3.0)
    metric = metric_named("macro_f1", data.train.classes)
    expected = fit_converged(data.train, data.dev, data.moments, RANGES, metric=metric, weights="balanced")
    found = Protocol(metric=metric, class_weights="balanced").fit(*data[:2], data.moments, RANGES)
    for probe, same in zip(found, expected, strict=True):
        assert torch.equal(probe.weight, same.weight)
        assert probe.dev_score == same.dev_score
    expected = fit_elastic_net(data.train, RANGES, weights="balanced", seed=2)
    for name in ("default", "paper"):  # for a ranking, by weights, under either protocol
        found = Protocol(name, seed=2, class_weights="balanced").fit_elastic_net(data.train, RANGES)
        assert all(torch.equal(probe.weight, same.weight) for probe, same in zip(found, expected, strict=True))


def test_a_score_of_classes_cannot_choose_a_regression() -> None:
    data = numbers()
    with pytest.raises(ProbeError, match="accuracy is a score of classes, and the labels are numbers: choose another"):
        Protocol().fit(*data[:2], data.moments, RANGES)
