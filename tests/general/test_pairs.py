from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.general import cka_intervals, debiased_cka
from neurosieve.general.layer_similarity.pairs import (
    GROUPS,
    ROWS,
    Sample,
    gather,
    pair_part,
    sample_of,
    without_second_count,
)
from neurosieve.moments import moments_of


def nothing_shared(generator: np.random.Generator, sentences: int, words: int, units: int) -> torch.Tensor:
    """(T × 2 × H): words of one sentence are alike."""
    own = generator.normal(size=(sentences * words, 2, units))
    own += np.repeat(generator.normal(size=(sentences, 2, units)), words, axis=0)
    return torch.from_numpy(own.astype(np.float32))


@pytest.mark.parametrize(("sentences", "words"), [(80, 1), (40, 3)])
def test_where_nothing_is_shared_the_variance_is_that_of_pairs_and_a_jackknife_has_it_twice(sentences, words) -> None:
    generator = np.random.default_rng(0)
    groups = np.arange(sentences * words) // words
    values, ours, twice = [], [], []
    for _ in range(150):
        rows = ArrayRows(nothing_shared(generator, sentences, words, 8))
        found = cka_intervals(moments_of(rows), rows, groups, blocks=20)
        values.append(debiased_cka(moments_of(rows), rows).values[0, 1])
        ours.append(found.pairs.variance[0, 1])
        twice.append(np.square(found.replicates[:, 0, 1] - found.values[0, 1]).sum() * 19 / 20)
    true = np.var(values)
    assert np.mean(ours) == pytest.approx(true, rel=0.3)  # standard error of `true`: 0.12
    assert np.mean(twice) == pytest.approx(2 * true, rel=0.35)


def test_where_layers_share_and_rows_are_many_it_is_next_to_nothing() -> None:
    generator = np.random.default_rng(1)
    first = generator.normal(size=(3000, 1, 12))
    rows = ArrayRows(np.concatenate([first, first + generator.normal(size=first.shape)], axis=1).astype(np.float32))
    found = cka_intervals(moments_of(rows), rows)
    assert 0 < found.pairs.variance[0, 1] < 0.02 * found.errors[0, 1] ** 2


def test_by_a_naive_sum_over_pairs() -> None:
    """U-centred g(a, b) of a sample that is all rows, written out in float64."""
    generator = np.random.default_rng(2)
    values = generator.normal(size=(12, 2, 3))
    sizes = np.array([1, 3, 2, 2, 3, 1])
    sample = Sample(np.arange(12), sizes, 6)
    cka, own = np.array([[1, 0.4], [0.4, 1]]), np.array([2.0, 5.0])
    flat = torch.from_numpy(values.reshape(12, 6).astype(np.float32))
    found = pair_part(flat, sample, 12, Grid(2, 3), cka, own)

    starts = np.append(0, np.cumsum(sizes))
    g = np.zeros((6, 6))
    for a in range(6):
        for b in range(6):
            for r in range(starts[a], starts[a + 1]) if a != b else ():
                for s in range(starts[b], starts[b + 1]):
                    k, m = (float(values[r, i] @ values[s, i]) for i in (0, 1))
                    g[a, b] += k * m / np.sqrt(10) - 0.2 * (k * k / 2 + m * m / 5)
    centred = np.array(
        [[0 if a == b else g[a, b] - (g[a].sum() + g[b].sum()) / 4 + g.sum() / 20 for b in range(6)] for a in range(6)]
    )
    assert np.allclose(found.parts[0, 1], centred, atol=1e-4)
    assert found.variance[0, 1] == pytest.approx(2 * 6**2 * (centred**2).sum() / (6 * 3) / 12**4, rel=1e-4)
    assert found.variance[0, 0] == 0
    assert found.of_difference((0, 1), (1, 0)) == 0
    assert found.of_difference((0, 1), (0, 0)) == pytest.approx(found.variance[0, 1])


def test_a_layer_that_does_not_vary_adds_nothing() -> None:
    flat = torch.from_numpy(np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32))
    flat[:, 2:] = 0
    found = pair_part(flat, Sample(np.arange(8), np.ones(8, np.int64), 8), 8, Grid(2, 2), np.eye(2), np.array([1.0, 0]))
    assert (found.parts == 0).all()


@given(st.lists(st.integers(1, 60), min_size=4, max_size=300))
def test_a_sample_is_of_whole_sentences_evenly_spaced(lengths) -> None:
    groups = np.repeat(np.arange(len(lengths)), lengths)
    found = sample_of(groups)
    assert found is not None
    assert found.groups == len(lengths)
    assert 4 <= len(found.sizes) <= min(GROUPS, len(lengths))
    assert len(found.rows) == found.sizes.sum()
    assert (np.diff(found.rows) > 0).all()
    taken = np.unique(groups[found.rows])
    assert taken[[0, -1]].tolist() == [0, len(lengths) - 1]
    assert (np.bincount(groups)[taken] == found.sizes).all()


def test_too_few_or_too_long_sentences_give_none() -> None:
    assert sample_of(np.repeat(np.arange(3), 10)) is None
    assert sample_of(np.repeat(np.arange(5), 2 * ROWS)) is None
    rows = ArrayRows(np.random.default_rng(0).normal(size=(30, 2, 3)))
    found = cka_intervals(moments_of(rows), rows, np.repeat(np.arange(3), 10), blocks=3)
    assert found.pairs is None
    assert np.isfinite(found.difference((0, 1), (0, 0)).low)


@given(st.integers(1, 20), st.lists(st.integers(0, 19), unique=True))
def test_rows_are_gathered_from_chunks(step, wanted) -> None:
    values, chosen = torch.arange(20.0)[:, None], np.array(sorted(wanted), dtype=np.int64)
    parts = [gather(values[start : start + step], start, chosen) for start in range(0, 20, step)]
    assert torch.cat(parts)[:, 0].tolist() == sorted(wanted)


def test_pairs_are_counted_once_and_never_less() -> None:
    found = without_second_count(np.array([5.0, 3.0, 1.0]), np.array([0.0, 1.0, 2.0]))
    assert found.tolist() == [5.0, 2.0, 2.0]
