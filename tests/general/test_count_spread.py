from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from neurosieve.arrays import ArrayRows
from neurosieve.errors import ActivationsError
from neurosieve.general import SentenceBlocks, cluster, cluster_count_spread
from neurosieve.moments import Moments, moments_of

THRESHOLDS = [0.2, 0.4, 0.6, 0.8]


class Texts:
    """Sentences of 4 words about topics that they share, in columns that each mix a few topics with noise."""

    def __init__(self, columns: int) -> None:
        rng = np.random.default_rng(7)
        self.topics = columns // 8
        own = np.eye(self.topics)[rng.integers(self.topics, size=columns)].T * 1.5
        few = rng.random((self.topics, columns)) < 2 / self.topics
        self.mixing = rng.normal(size=own.shape) * few + own
        self.noise = rng.uniform(0.3, 1.5, columns)

    def draw(self, rng: np.random.Generator, sentences: int) -> NDArray[np.float64]:
        of_sentence = np.repeat(rng.normal(size=(sentences, self.topics)), 4, axis=0)
        topics = (of_sentence + rng.normal(size=of_sentence.shape)) / np.sqrt(2)
        values: NDArray[np.float64] = topics @ self.mixing + self.noise * rng.normal(
            size=(4 * sentences, len(self.noise))
        )
        return values


def parts_of(values: NDArray[np.float64], n: int) -> list[Moments]:
    blocks = np.split(values, n)
    first = moments_of(ArrayRows(values[:1]))  # a plan that all parts follow
    return [moments_of(ArrayRows(block)).under(first.plan) for block in blocks]


def naive_counts(values: NDArray[np.float64]) -> list[int]:
    distance = 1 - np.abs(np.corrcoef(values, rowvar=False))
    merges = hierarchy.linkage(squareform(np.clip(distance, 0, None), checks=False), "average")
    return [int(hierarchy.fcluster(merges, c_t, criterion="distance").max()) for c_t in THRESHOLDS]


def test_counts_are_those_of_the_rows() -> None:
    values = Texts(24).draw(np.random.default_rng(0), 40)
    found = cluster_count_spread(parts_of(values, 4), THRESHOLDS, splits=30, seed=1)
    assert [one.count for one in found] == naive_counts(values)
    assert [one.threshold for one in found] == THRESHOLDS
    quarters = np.split(values, 4)
    pairs = [(i, j) for i in range(4) for j in range(i)]
    possible = [naive_counts(np.concatenate([quarters[i], quarters[j]])) for i, j in pairs]
    for place, one in enumerate(found):
        assert len(one.halves) == 60
        assert set(one.halves) == {counts[place] for counts in possible}  # each of 3 splits came in 30 draws
        assert one.half_median == np.median(one.halves)
        assert one.half_range == tuple(np.quantile(one.halves, [0.025, 0.975]))
        reach = 3.182446 * np.std(one.halves, ddof=1)
        assert (one.low, one.high) == pytest.approx((max(1, one.count - reach), min(24, one.count + reach)), abs=1e-4)


def test_how_many_are_held_changes_nothing() -> None:
    values = Texts(24).draw(np.random.default_rng(1), 40)
    parts = parts_of(values, 8)
    first, second = (cluster_count_spread(parts, THRESHOLDS, splits=5, held=held) for held in (1, 5))
    for a, b in zip(first, second, strict=True):
        assert (a.count, a.low, a.high) == (b.count, b.low, b.high)
        assert sorted(a.halves) == sorted(b.halves)


def test_from_rows_in_sentences() -> None:
    values = Texts(24).draw(np.random.default_rng(2), 40).astype(np.float32)
    rows = ArrayRows(values, block_rows=33)
    blocks = SentenceBlocks(rows, np.arange(len(values)) // 4, 10)
    found = cluster_count_spread(blocks, [0.5], splits=4)[0]
    assert found.count == cluster(moments_of(rows)).cut(0.5).n_clusters
    assert found.low <= found.count <= found.high


def test_the_interval_holds_what_other_texts_give_and_the_bootstrap_does_not() -> None:
    """40 texts of 60 sentences, 160 columns. The interval is about the mean count of texts of this size."""
    texts, rng, n_parts = Texts(160), np.random.default_rng(3), 20
    truth = np.mean([naive_counts(texts.draw(rng, 60)) for _ in range(200)], axis=0)
    covered, resampled, shift = np.zeros(4), np.zeros(4), np.zeros(4)
    rounds = 40
    for _ in range(rounds):
        values = texts.draw(rng, 60)
        found = cluster_count_spread(parts_of(values, n_parts), THRESHOLDS, splits=10)
        covered += [one.low <= mean <= one.high for one, mean in zip(found, truth, strict=True)]
        blocks = np.split(values, n_parts)
        drawn = [
            naive_counts(np.concatenate([blocks[i] for i in rng.integers(n_parts, size=n_parts)])) for _ in range(20)
        ]
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        resampled += (low <= truth) & (truth <= high)
        shift += np.mean(drawn, axis=0) - [one.count for one in found]
    # The standard error of a coverage of 0.95 is 0.034
    assert (covered / rounds > 0.95 - 3 * 0.034).all()
    assert (resampled / rounds).min() < 0.75
    assert (shift / rounds).min() < -2.0


@pytest.mark.parametrize("n", [0, 2, 5])
def test_parts_make_halves(n: int) -> None:
    with pytest.raises(ActivationsError, match=f"an even number of parts, 4 or more, not {n}"):
        cluster_count_spread(parts_of(np.ones((n, 2)), n) if n else [], [0.5])


@pytest.mark.parametrize("wrong", [{"splits": 0}, {"held": 0}])
def test_there_is_something_to_do(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 split or more, and 1 held or more, not"):
        cluster_count_spread([], [0.5], **wrong)
