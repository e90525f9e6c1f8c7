from __future__ import annotations

import torch

from neurosieve.probes import Protocol, Range, fit_converged, fit_elastic_net
from tests.probes.planted import planted

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
