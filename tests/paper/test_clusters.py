from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from neurosieve.general import THRESHOLDS
from neurosieve.paper.clusters import cluster_sets, measure_clusters, reclustered
from tests.paper.conftest import context_of
from tests.test_sieve import planted

N, SEED = 40, 3


def by_scipy(r, constant, threshold):
    """Labels (n,) of fresh average linkage on 1 − |r|; constants by themselves."""
    active = np.flatnonzero(~constant)
    labels = -np.arange(1, len(r) + 1)
    if len(active) > 1:
        distance = np.maximum(1 - np.abs(r[np.ix_(active, active)]), 0)
        merges = hierarchy.linkage(squareform(distance, checks=False), method="average")
        labels[active] = hierarchy.fcluster(merges, threshold, criterion="distance")
    return labels


def drawn(labels, seed):
    """One place of each cluster, clusters in the order in which they first occur."""
    clusters = [np.flatnonzero(labels == one) for one in dict.fromkeys(labels.tolist())]
    picks = np.random.default_rng(seed).integers([len(places) for places in clusters])
    return np.array([places[pick] for places, pick in zip(clusters, picks, strict=True)])


def one_of_each(labels, chosen):
    return len(set(labels[chosen].tolist())) == len(chosen) == len(set(labels.tolist()))


@pytest.fixture(scope="module")
def made():
    """r of columns that come in blurred families, two of them constant."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(300, 6))[:, rng.integers(0, 6, N)]
    values = shared + rng.uniform(0.1, 1.5, N) * rng.normal(size=(300, N))
    constant = np.zeros(N, dtype=bool)
    constant[[5, 17]] = True
    r = np.corrcoef(values.T)
    r[constant] = r[:, constant] = 0
    np.fill_diagonal(r, 1)
    return r, constant


def test_the_fault_is_each_threshold_on_what_the_one_before_left(made):
    r, constant = made
    found = reclustered(r, constant, THRESHOLDS, SEED)
    places = np.arange(N)
    for threshold in THRESHOLDS:
        labels = by_scipy(r[places][:, places], constant[places], threshold)
        chosen = np.sort(drawn(labels, SEED))  # places among what was left, taken for columns of the whole
        assert one_of_each(labels, found[threshold])
        assert np.array_equal(found[threshold], chosen)
        places = chosen
    assert list(found) == list(THRESHOLDS)
    assert len(found[0.9]) < len(found[0.5]) < len(found[0.1]) < N


def test_the_first_threshold_has_no_fault(made):
    r, constant = made
    for threshold in THRESHOLDS:
        labels = by_scipy(r, constant, threshold)
        (honest,) = reclustered(r, constant, (threshold,), SEED).values()
        assert np.array_equal(honest, np.sort(drawn(labels, SEED)))


def test_with_the_fault_the_places_found_are_small(made):
    """The sign of it: later sets crowd in the first layers, since a place is smaller than its column."""
    found = reclustered(*made, THRESHOLDS, SEED)
    sizes = [len(columns) for columns in found.values()]
    for before, columns in zip(sizes, list(found.values())[1:], strict=False):
        assert columns.max() < before


def test_without_the_fault_every_threshold_is_a_fresh_clustering(data, context):
    r = np.corrcoef(data.train.rows.gather(np.arange(32)).double().numpy().T)
    constant = np.zeros(32, dtype=bool)
    found = cluster_sets(context)
    for threshold in THRESHOLDS:
        labels = by_scipy(r, constant, threshold)
        assert one_of_each(labels, found[threshold])
        assert np.array_equal(found[threshold], np.sort(drawn(labels, context.settings.seed)))
    faulty = cluster_sets(context_of(data, as_published=("recluster",)))
    assert np.array_equal(faulty[0.1], found[0.1])
    assert any(not np.array_equal(faulty[c], found[c]) for c in THRESHOLDS)


@pytest.mark.parametrize("faults", [(), ("recluster",)])
def test_the_scores_are_of_probes_on_just_these_columns(faults):
    data = planted(paper=True)
    context = context_of(data, as_published=faults)
    study, said = measure_clusters(context)
    sets = {None: np.arange(32)} | cluster_sets(context)
    assert [row.threshold for row in study.rows] == list(sets)
    assert (study.neurons, study.constants, study.representative) == (32, 0, "random")
    oracle = context.oracle
    for row, columns in zip(study.rows, sets.values(), strict=True):
        again = data.select(columns).fit_all()
        assert row.neurons == len(columns)
        assert (row.dev.value, row.test.value) == pytest.approx((again.dev, again.test), abs=1e-12)
        assert row.difference.value == pytest.approx(again.test - oracle.test, abs=1e-12)
        assert np.array_equal(said[f"c_t {row.threshold or 0:g}"], again.predictions)
    assert set(said) == {"c_t 0", *(f"c_t {c:g}" for c in THRESHOLDS)}
    assert {array.dtype for array in said.values()} == {np.dtype(np.int16)}
