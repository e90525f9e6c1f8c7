from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from neurosieve.metrics import Gold, metric_named
from neurosieve.probes import Probe, Protocol, ProtocolName
from neurosieve.task_specific import LayerProbes, Scored, TaskData, Tolerance, probe_layers, select_prefix
from tests.probes.planted import raw, split
from tests.task_specific.planted import task, within


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_every_layer_and_prefix_has_the_probe_of_its_own_columns(protocol: ProtocolName) -> None:
    data = task(protocol=protocol)
    probes = probe_layers(data)
    assert [scored.probe.columns for scored in probes.alone] == [(0, 4), (4, 8), (8, 12)]
    assert [scored.probe.columns for scored in probes.prefixes] == [(0, 4), (0, 8), (0, 12)]
    for scored in (*probes.alone, *probes.prefixes):
        (alone,) = data.fit([scored.probe.columns])
        assert torch.allclose(scored.probe.weight, alone.probe.weight, atol=1e-5)
        assert np.array_equal(scored.predictions, alone.predictions)
    assert probes.oracle is probes.prefixes[-1]
    assert np.array_equal(probes.oracle.predictions, data.fit_all().predictions)


def test_a_model_of_one_layer_is_its_own_oracle() -> None:
    probes = probe_layers(task(layers=1, units=12))
    assert probes.oracle is probes.alone[0]
    assert select_prefix(probes, within(task(layers=1, units=12), 0.0, probes.oracle)) == 0


def scored(right: int, of: int = 100) -> Scored:
    predictions = (np.arange(of) < right).astype(np.int64)
    return Scored(cast("Probe", None), right / of, 0.0, predictions, predictions)


@pytest.mark.parametrize(
    ("dev", "expected"),
    [([50, 97, 98, 100], 2), ([98, 50, 99, 100], 0), ([50, 60, 70, 100], 3), ([97, 97, 97, 100], 3)],
)
def test_the_first_prefix_strictly_above_the_tolerance_is_selected(dev: list[int], expected: int) -> None:
    prefixes = tuple(scored(right) for right in dev)
    gold = Gold(np.ones(100, dtype=np.int64), np.arange(100), ("no", "yes"))
    tolerance = Tolerance(0.03, prefixes[-1], gold, metric_named("accuracy", gold.classes))
    assert select_prefix(LayerProbes(prefixes, prefixes), tolerance) == expected


def test_layers_after_the_informative_ones_are_not_selected() -> None:
    values, labels = raw(2, rows=2100, layers=4, units=3, informative=(1, 4, 5), noise=0.3)
    data = TaskData(*split(values, labels, 3), Protocol())
    probes = probe_layers(data)
    assert select_prefix(probes, within(data, 0.03, probes.oracle)) == 1
