"""The sieve by fixed sequences of tests: one half of dev chooses layers and clusters, the other tests the sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurosieve.errors import ConfigError
from neurosieve.metrics import skewed_lower_bound
from neurosieve.sieve import SieveResult, SieveSettings, run_sieve
from neurosieve.task_specific import LayerProbes, NonInferiorSet, Tolerance, probe_layers
from neurosieve.task_specific.tolerance import dev_halves
from tests.test_sieve import UNITS, planted

SURELY = SieveSettings(tolerance=0.15, non_inferior=True)

ASKED = {
    "default": SURELY,
    "strict": replace(SURELY, tolerance=0.02),
    "lca": replace(SURELY, ranking="lca"),
    "grid": replace(SURELY, grid_search=True),
    "own": replace(SURELY, layer_tolerance=0.03, cluster_tolerance=0.03, neuron_tolerance=0.1),
    "unclustered": replace(SURELY, thresholds=(None,)),
    "one threshold": replace(SURELY, thresholds=(0.05, None)),
    "random": replace(SURELY, representative="random", seed=2),
}


@pytest.fixture(scope="module")
def data():
    return planted()


@pytest.fixture(scope="module")
def probes(data) -> LayerProbes:
    return probe_layers(data)


def passed_by(result: SieveResult) -> NonInferiorSet:
    assert isinstance(result.selection, NonInferiorSet)
    return result.selection


@pytest.mark.parametrize("settings", ASKED.values(), ids=ASKED)
def test_every_step_is_a_subset_and_the_probe_reads_what_is_kept(data, probes, settings):
    result = run_sieve(data, probes, settings)
    layers, clustered, kept = (step.columns for step in result.steps)
    assert np.array_equal(layers, np.arange(len(layers)))
    assert set(kept.tolist()) <= set(clustered.tolist()) <= set(layers.tolist())
    assert np.array_equal(kept, result.columns)
    probe = result.scored.probe
    by_hand = (data.test.rows.gather(result.columns) @ probe.weight + probe.bias).argmax(1).numpy()
    assert np.array_equal(by_hand, result.scored.predictions)


@pytest.mark.parametrize("settings", ASKED.values(), ids=ASKED)
def test_what_is_kept_is_bounded_against_the_oracle_on_the_half_that_tests(data, probes, settings):
    result = run_sieve(data, probes, settings)
    found = passed_by(result)
    assert [test.passed for test in found.tests[:-1]] == [True] * (len(found.tests) - 1)
    sizes = [test.size for test in found.tests]
    assert sizes[0] == len(result.steps[1].columns), "the first candidate is all that clustering left"
    assert sizes == sorted(set(sizes), reverse=True)
    if not found.reached:
        return
    rows = dev_halves(data.dev_gold)[1]
    gold = replace(data.dev_gold, labels=data.dev_gold.labels[rows], groups=data.dev_gold.groups[rows])
    sides = (found.scored.dev_predictions[rows], probes.oracle.dev_predictions[rows])
    bound = skewed_lower_bound(data.metric, gold, *sides, 1 - settings.tolerance, level=0.95)
    last = [test for test in found.tests if test.passed][-1]
    assert bound > 0
    assert (last.size, last.bound) == (len(result.columns), bound) or settings.neuron_tolerance is not None
    assert last.bound <= bound


def test_loose_tests_keep_few_neurons(data, probes):
    result = run_sieve(data, probes, SURELY)
    assert passed_by(result).reached
    assert len(result.columns) < 16


def test_the_half_that_tests_has_no_say_in_what_is_tested():
    """With other labels on that half, layers, clusters and sizes are the same (of probes that do not stop on dev)."""
    data = planted(paper=True)
    probes = probe_layers(data)
    rows = dev_halves(data.dev_gold)[1]
    labels = data.dev.labels.clone()
    labels[torch.from_numpy(rows)] = torch.from_numpy(probes.oracle.dev_predictions[rows])
    other = replace(data, dev=replace(data.dev, labels=labels))
    first, second = (run_sieve(one, probes, SURELY) for one in (data, other))
    for mine, theirs in zip(first.steps[:2], second.steps[:2], strict=True):
        assert np.array_equal(mine.columns, theirs.columns)
        assert (mine.threshold, mine.target) == (theirs.threshold, theirs.target)
    tests, others = (passed_by(one).tests for one in (first, second))
    assert all(a.size == b.size for a, b in zip(tests, others, strict=False))
    assert tests[0].bound != others[0].bound, "but the tests see the labels"


def test_layers_end_before_the_first_prefix_that_fails(data, probes):
    settings = replace(SURELY, thresholds=(None,))
    last = len(run_sieve(data, probes, settings).steps[0].columns) // UNITS - 1
    rows = dev_halves(data.dev_gold)[0]
    tolerance = Tolerance(0.05, probes.oracle, data.dev_gold, data.metric, 0.95, 0, "jackknife", rows)
    passes = [tolerance.accepts(one) for one in probes.prefixes[:-1]]
    assert all(passes[last:])
    assert last == 0 or not passes[last - 1]


def test_thresholds_are_tried_from_the_largest_set_down(data, probes):
    few = run_sieve(data, probes, replace(SURELY, thresholds=(1.0, 0.05, None), layer_tolerance=0.0)).steps[1]
    again = run_sieve(data, probes, replace(SURELY, thresholds=(0.05, 1.0), layer_tolerance=0.0)).steps[1]
    assert few.threshold == again.threshold == 0.05
    assert np.array_equal(few.columns, again.columns)


def test_where_the_first_test_fails_nothing_is_taken_away(data, probes):
    result = run_sieve(data, probes, replace(SURELY, neuron_tolerance=0.0))
    found = passed_by(result)
    assert not found.reached
    assert set(result.columns.tolist()) == set(result.steps[1].columns.tolist())


@pytest.mark.parametrize("wrong", [{"confidence": None}, {"reference": "stage"}])
def test_a_statement_needs_a_confidence_and_the_oracle(wrong):
    with pytest.raises(ConfigError, match=r"give a confidence between 0 and 1, such as 0\.95, and the oracle as the"):
        SieveSettings(non_inferior=True, **wrong)


def test_the_same_sieve_twice(data, probes):
    one, two = (run_sieve(data, probes, SURELY) for _ in range(2))
    assert np.array_equal(one.columns, two.columns)
    assert passed_by(one).tests == passed_by(two).tests
