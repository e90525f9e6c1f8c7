from __future__ import annotations

import numpy as np
import pytest

from neurosieve.paper.transfer import measure_transfer, transfer_settings
from neurosieve.sieve import run_sieve
from neurosieve.task_specific import paper_sizes
from tests.paper.conftest import context_of


@pytest.fixture(scope="module")
def measured(context):
    return measure_transfer(context)


@pytest.fixture(scope="module")
def columns(context):
    """What each step leaves, of the full model."""
    return [step.columns for step in run_sieve(context.data, context.probes, transfer_settings(context)).steps]


def columns_of(neurons):
    return np.array([layer * 8 + unit for layer, unit in neurons])


def test_each_step_is_measured_against_the_one_before(context, measured):
    layers, clustered, kept = measured[0].sieve.steps
    assert layers.target == pytest.approx(0.95 * context.oracle.dev)
    assert layers.dev.value > layers.target
    assert (clustered.threshold, clustered.tolerance) == (0.3, None)
    assert kept.target == pytest.approx(0.95 * clustered.dev.value)
    assert kept.dev.value > kept.target
    assert (layers.tolerance, kept.tolerance) == (0.05, 0.05)
    assert measured[0].sieve.confidence is None
    smaller = [one.dev for one in context.probes.prefixes[: layers.kept_layers - 1]]
    assert all(dev <= layers.target for dev in smaller)


def test_the_last_step_walks_the_coarse_grid(measured, columns):
    sizes = paper_sizes(32, len(columns[1]))
    assert len(measured[0].sieve.neurons) in {*sizes, len(columns[1])}
    assert len(columns[2]) < len(columns[1]) < 32


def test_ids_are_the_full_model_s_and_a_probe_on_just_these_scores_the_same(data, measured, columns):
    study, said = measured
    kept = columns_of(study.sieve.neurons)
    assert np.array_equal(kept, columns[2])
    again = data.select(kept).fit_all()
    assert (study.sieve.dev.value, study.sieve.test.value) == pytest.approx((again.dev, again.test), abs=1e-12)
    assert np.array_equal(said["CCFS"], again.predictions)
    assert np.array_equal(said["LS"], data.select(columns[0]).fit_all().predictions)
    assert study.oracle.test.value == pytest.approx(data.fit_all().test, abs=1e-12)
    assert list(said) == ["oracle", "LS", "CCFS"]
    assert {array.dtype for array in said.values()} == {np.dtype(np.int16)}


def test_as_many_at_random_stand_beside_them(context, measured):
    sieve = measured[0].sieve
    assert sieve.baselines == context.random_baselines(len(sieve.neurons))


def test_the_fault_names_neurons_by_their_places_in_what_was_left(data, measured, columns):
    honest = measured[0].sieve
    asked = {"step_tolerance": 0.05, "tolerance": 0.05}
    faulty = measure_transfer(context_of(data, as_published=("reduced-ids",), **asked))[0].sieve
    places = columns_of(faulty.neurons)
    left = columns[1]
    assert places.max() < len(left)
    assert np.array_equal(left[places], columns_of(honest.neurons))
    assert faulty.neurons != honest.neurons
    assert faulty.per_layer == np.bincount(places // 8, minlength=4).tolist()
    assert faulty.test == honest.test
    assert faulty.steps == honest.steps


@pytest.mark.parametrize(("threshold", "given"), [(0.0, None), (0.6, 0.6)])
def test_the_threshold_is_taken_as_it_is_given(data, threshold, given):
    study, _ = measure_transfer(context_of(data, threshold=threshold))
    layers, clustered, _ = study.sieve.steps
    assert clustered.threshold == given
    assert (clustered.kept_neurons == layers.kept_neurons) is (given is None)
