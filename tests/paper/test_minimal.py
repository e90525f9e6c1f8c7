from __future__ import annotations

from functools import cache
from math import nextafter

import numpy as np
import pytest

from neurosieve.metrics import metric_named
from neurosieve.paper import minimal
from neurosieve.paper.minimal import measure_minimal
from neurosieve.probes import Protocol
from neurosieve.task_specific import TaskData, paper_sizes
from tests.paper.conftest import context_of, task
from tests.probes.planted import numbers, raw, split

SIZES = paper_sizes(32, 32, fine=True)
LOSSES = (0.02, 0.05, 0.3)


def columns_of(study):
    return np.array([layer * 8 + unit for layer, unit in study.neurons])


@pytest.fixture(scope="module")
def studied(data):
    """Contexts with what was measured in them, by tolerance and faults."""

    @cache
    def study(loss, faults=()):
        context = context_of(data, tolerance=loss, as_published=faults)
        return context, measure_minimal(context)

    return study


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("faults", [(), ("level-order",)])
def test_the_first_size_of_the_grid_that_is_above_the_target(data, studied, loss, faults):
    context, (study, _) = studied(loss, faults)
    target, order, size = (1.0 - loss) * study.oracle.dev.value, context.lca_order, len(study.neurons)
    assert study.reached
    assert size in SIZES
    assert np.array_equal(columns_of(study), order[:size])
    smaller = SIZES[: SIZES.index(size)]
    assert all(data.select(order[:k]).fit_all().dev <= target for k in smaller)
    assert study.dev.value > target
    assert {point.neurons for point in study.probed} <= set(SIZES)
    assert {*smaller, size} <= {point.neurons for point in study.probed}


def test_the_grid_is_the_fine_one():
    """Of 200 neurons every size from 1 to 20, where the grid of the transfer experiments has the even ones."""
    data = TaskData(*split(*raw(0, 700, 4, 50, 3), 3), Protocol("paper"))
    study, _ = measure_minimal(context_of(data, tolerance=0.4))
    probed = [point.neurons for point in study.probed]
    assert probed == paper_sizes(200, 200, fine=True)[: len(probed)]
    assert probed[:4] == [1, 2, 3, 4]
    assert len(study.neurons) in probed


@pytest.mark.parametrize("loss", LOSSES)
def test_with_many_rows_sizes_below_a_hopeless_one_are_passed_over(data, monkeypatch, loss):
    monkeypatch.setattr(minimal, "MANY_ROWS", 0)
    study, _ = measure_minimal(context_of(data, tolerance=loss))
    target = (1.0 - loss) * study.oracle.dev.value
    probed = {point.neurons: point.dev for point in study.probed}
    hopeless = max((size for size, dev in probed.items() if dev < 0.99 * target), default=0)
    smaller = [size for size in SIZES if hopeless <= size < len(study.neurons)]
    assert study.dev.value > target
    assert all(probed[size] <= target for size in smaller)


def test_a_looser_tolerance_keeps_fewer(studied):
    sizes = [len(studied(loss)[1][0].neurons) for loss in LOSSES]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_a_probe_on_just_these_neurons_scores_what_is_reported(data, studied):
    context, (study, said) = studied(0.05)
    again = data.select(columns_of(study)).fit_all()
    assert (study.dev.value, study.test.value) == pytest.approx((again.dev, again.test), abs=1e-12)
    assert np.array_equal(said["minimal"], again.predictions)
    assert np.array_equal(said["oracle"], context.oracle.predictions)
    assert study.difference.value == pytest.approx(again.test - context.oracle.test, abs=1e-12)
    assert study.per_layer == np.bincount(columns_of(study) // 8, minlength=4).tolist()
    assert study.random.value == context.random_baselines(len(study.neurons))["random"].value
    assert (study.ranking, study.tolerance) == ("lca", 0.05)


def test_the_target_itself_is_refused(data, studied):
    _, (study, _) = studied(0.3)
    reference, border = study.oracle.dev.value, study.dev.value
    assert border < reference
    near = border / reference
    candidates = (near, nextafter(near, 0), nextafter(near, 1))
    share = next(q for q in candidates if (1.0 - (1.0 - q)) * reference == border)
    at, _ = measure_minimal(context_of(data, tolerance=1.0 - share))
    assert at.dev.value > border
    assert len(at.neurons) > len(study.neurons)
    below, _ = measure_minimal(context_of(data, tolerance=1.0 - share + 1e-12))
    assert below.neurons == study.neurons


def test_where_no_size_passes_all_are_kept():
    data = TaskData(*numbers(), Protocol("paper", metric=metric_named("pearson", ())))
    context = context_of(data, tolerance=1e-9)
    study, _ = measure_minimal(context)
    assert not study.reached
    assert len(study.neurons) == context.grid.size
    assert {point.neurons for point in study.probed} <= {*paper_sizes(12, 12, fine=True), 12}
    assert all(point.dev <= (1 - 1e-9) * study.oracle.dev.value for point in study.probed)
    again = data.select(context.lca_order).fit_all()
    assert study.test.value == pytest.approx(again.test, abs=1e-9)


def test_without_the_paper_s_protocol_the_search_is_still_the_paper_s():
    data = task("default")
    study, _ = measure_minimal(context_of(data, tolerance=0.1, protocol="default"))
    assert {point.neurons for point in study.probed} <= {*SIZES, 32}
    again = data.select(columns_of(study)).fit_all()
    assert study.test.value == pytest.approx(again.test, abs=1e-9)
