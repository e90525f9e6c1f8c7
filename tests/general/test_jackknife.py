"""The jackknife over blocks of sentences: replicates against deletion by hand, intervals against simulation."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import CkaIntervals, cka_intervals
from neurosieve.general.layer_similarity.intervals import standard_error
from neurosieve.general.layer_similarity.jackknife import edges_of
from neurosieve.moments import moments_of
from tests.general.layers import debiased_by_definition, related, unrelated


def intervals(values: torch.Tensor, groups=None, blocks: int = 10, block_rows: int = 35, **more) -> CkaIntervals:
    rows = ArrayRows(values, block_rows)
    return cka_intervals(moments_of(rows), rows, groups, blocks=blocks, **more)


def sentences(rows: int, seed: int) -> np.ndarray:
    """Sentence numbers of rows: sentences of 1 to 7 words, with gaps in the numbers."""
    lengths = np.random.default_rng(seed).integers(1, 8, rows)
    return np.repeat(np.arange(rows) * 2 + 5, lengths)[:rows]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(20, 120), st.integers(1, 7), st.integers(2, 9))
def test_replicates_are_the_estimate_without_each_block(seed: int, rows: int, units: int, blocks: int) -> None:
    values, groups = related(seed, rows, 3, units), sentences(rows, seed)
    found = intervals(values, groups, blocks)
    edges = np.concatenate([[0], np.cumsum(found.sizes)])
    assert edges[-1] == rows
    for at, (low, high) in enumerate(pairwise(edges)):
        assert low == 0 or groups[low] != groups[low - 1]
        left = torch.cat([values[:low], values[high:]])
        assert np.allclose(found.replicates[at], debiased_by_definition(left), atol=5e-5)
    assert np.allclose(found.values, debiased_by_definition(values), atol=5e-5)


def test_layers_of_other_sizes_and_means_change_nothing() -> None:
    values = related(1, 200, 3, 6)
    moved = values * torch.tensor([1e-12, 1.0, 1e12])[:, None]
    one, other = intervals(values), intervals(moved)
    assert np.allclose(one.replicates, other.replicates, atol=1e-5)
    assert np.allclose(one.errors, other.errors, atol=1e-5)


def test_blocks_are_whole_sentences_of_about_equal_length() -> None:
    groups = sentences(1000, 3)
    edges = edges_of(groups, 20)
    assert len(edges) == 21
    assert (edges[0], edges[-1]) == (0, 1000)
    assert all(groups[edge] != groups[edge - 1] for edge in edges[1:-1])
    assert abs(np.diff(edges) - 50).max() <= 7
    assert edges_of(np.arange(7), 20).tolist() == list(range(8))
    assert edges_of(np.array([0, 0, 0, 1]), 20).tolist() == [0, 3, 4]


def test_equal_blocks_give_the_textbook_standard_error() -> None:
    replicates = np.random.default_rng(0).normal(size=(12, 2, 2))
    value = replicates.mean(0) + 0.01
    textbook = np.sqrt(11 / 12 * np.square(replicates - replicates.mean(0)).sum(0))
    assert np.allclose(standard_error(value, replicates, np.full(12, 5)), textbook)


def test_of_a_mean_the_standard_error_is_that_of_the_mean_of_weighted_blocks() -> None:
    """Blocks of unequal size of independent numbers: on average the variance of the mean."""
    generator, sizes = np.random.default_rng(1), np.array([5, 9, 2, 8, 6, 10, 4, 7])
    edges, found = np.cumsum(sizes)[:-1], []
    for _ in range(2000):
        parts = np.split(generator.normal(size=sizes.sum()), edges)
        total = sum(part.sum() for part in parts)
        without = np.array([(total - part.sum()) / (sizes.sum() - len(part)) for part in parts])
        found.append(standard_error(np.array(total / sizes.sum()), without, sizes) ** 2)
    assert np.mean(found) == pytest.approx(1 / sizes.sum(), rel=4 * np.std(found) / np.mean(found) / np.sqrt(2000))


def gaussian(noise: float, units: int = 5) -> tuple[list[torch.Tensor], np.ndarray]:
    """Weights on shared and own factors of three layers, and their true CKA."""
    shared = torch.diag(torch.linspace(0.5, 2, units))
    zero, own = torch.zeros(units, units), noise * torch.eye(units)
    second = torch.cat([shared.flip(0), own, zero])
    weights = [torch.cat([shared, zero, zero]), second, second + torch.cat([zero, zero, own])]
    norms = np.array([[float((a.T @ b).norm()) for b in weights] for a in weights])
    return weights, norms**2 / np.outer(norms.diagonal(), norms.diagonal())


def covered(simulations: int, rows: int, blocks: int, noise: float) -> tuple[np.ndarray, float]:
    """Shares of intervals of pairs (0, 1), (0, 2), (1, 2), and of a difference, that hold the truth."""
    weights, truth = gaussian(noise)
    pairs, hits, differences = ([0, 0, 1], [1, 2, 2]), np.zeros(3), 0
    generator = torch.Generator().manual_seed(7)
    for _ in range(simulations):
        factors = torch.randn(rows, 15, generator=generator)
        found = intervals(torch.stack([factors @ one for one in weights], dim=1), blocks=blocks, block_rows=rows)
        hits += (found.low[pairs] <= truth[pairs]) & (truth[pairs] <= found.high[pairs])
        apart = found.difference((1, 2), (0, 1))
        differences += apart.low <= truth[1, 2] - truth[0, 1] <= apart.high
    return hits / simulations, differences / simulations


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """300 simulations of three layers; within 3.5 binomial standard errors of 95 %."""
    pairs, difference = covered(300, 200, 20, 1.0)
    slack = 3.5 * np.sqrt(0.95 * 0.05 / 300)
    assert (abs(pairs - 0.95) < slack).all()
    assert abs(difference - 0.95) < slack


def test_where_nothing_is_shared_intervals_hold_zero_and_resampled_rows_do_not() -> None:
    """T = 50, H = 500 (CONFORMANCE 14): rows that come twice look like shared structure."""
    values = unrelated(3, 50, 2, 500)
    found = intervals(values, blocks=25)
    assert found.low[0, 1] < 0 < found.high[0, 1]
    generator = np.random.default_rng(0)
    drawn = [values[generator.integers(0, 50, 50)] for _ in range(30)]
    assert min(debiased_by_definition(one)[0, 1] for one in drawn) > 0.8


def test_which_of_two_layers_is_nearer() -> None:
    weights, truth = gaussian(1.0)
    factors = torch.randn(600, 15, generator=torch.Generator().manual_seed(0))
    found = intervals(torch.stack([factors @ one for one in weights], dim=1), blocks=30)
    apart = found.difference((1, 2), (0, 1))
    assert truth[1, 2] > truth[0, 1]
    assert apart.settled
    assert apart.low < apart.value < apart.high
    same = found.difference((0, 1), (1, 0))
    assert (same.value, same.low, same.high, same.settled) == (0.0, 0.0, 0.0, False)
    with pytest.raises(ActivationsError, match="There is no layer 3; layers are 0 to 2"):
        found.difference((0, 3), (1, 2))


def test_the_interval_is_students_about_arctanh_with_pairs_counted_once() -> None:
    found = intervals(related(2, 300), blocks=12, level=0.9)
    value = found.values[0, 1]
    twice = standard_error(np.arctanh(value), np.arctanh(found.replicates[:, 0, 1]), found.sizes) ** 2
    pairs = found.pairs.variance[0, 1] / (1 - value**2) ** 2  # by the slope of arctanh
    assert 0 < pairs < 0.1 * twice
    reach = stats.t.ppf(0.95, 11) * np.sqrt(twice - pairs)
    ends = np.tanh(np.arctanh(value) + np.array([-reach, reach]))
    assert np.allclose([found.low[0, 1], found.high[0, 1]], ends)
    assert found.level == 0.9


def test_a_layer_its_copy_and_a_constant() -> None:
    values = related(3, 100, 4)
    values[:, 2], values[:, 3] = values[:, 0] * 2, 1.0
    found = intervals(values)
    assert found.values.diagonal().tolist() == found.low.diagonal().tolist() == found.high.diagonal().tolist()
    assert not found.errors.diagonal().any()
    assert found.low[0, 2] > 1 - 1e-5
    assert found.high[0, 2] == 1
    assert (found.low[3, :3] == 0).all()
    assert (found.high[3, :3] == 0).all()


def test_is_a_table_and_json() -> None:
    found = intervals(related(4, 100))
    table = found.frame()
    assert table.columns.tolist() == ["layer", "other", "cka", "low", "high", "standard_error"]
    assert table.iloc[1].tolist() == [0, 2, *(x[0, 2] for x in (found.values, found.low, found.high, found.errors))]
    loaded = json.loads(json.dumps(found.to_dict()))
    assert np.array_equal(loaded["debiased_cka"], found.values)
    assert (loaded["level"], loaded["blocks"]) == (0.95, 10)
    assert found.similarity.values is found.values


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    intervals(related(5, 80), progress=lambda *at: seen.append(at))
    assert seen == [(35, 80), (70, 80), (80, 80)]


def test_what_it_refuses() -> None:
    values = related(6, 40)
    with pytest.raises(ActivationsError, match="at least two blocks of whole sentences; all rows are of one"):
        intervals(values, np.zeros(40, dtype=np.int64))
    with pytest.raises(ActivationsError, match="40 rows need as many sentence numbers, none below the one before"):
        intervals(values, np.arange(39))
    with pytest.raises(ActivationsError, match="40 rows need as many sentence numbers, none below the one before"):
        intervals(values, np.arange(40)[::-1])
    with pytest.raises(ActivationsError, match=r"Of 6 rows fewer than 4 are left without the longest block"):
        intervals(values[:6], blocks=2)
    with pytest.raises(ValueError, match=r"two blocks or more and a level between 0 and 1, not 1 and 0.95"):
        intervals(values, blocks=1)
    with pytest.raises(ValueError, match=r"two blocks or more and a level between 0 and 1, not 10 and 1.0"):
        intervals(values, level=1.0)
