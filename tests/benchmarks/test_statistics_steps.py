"""The simulation of a sieve's three steps."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.statistics import steps
from benchmarks.statistics.steps import LOSS, OWN, PREFIXES, SIZES, THRESHOLDS, Branches, branches, outside
from benchmarks.statistics.text import Text
from numpy.typing import NDArray

from neurosieve.metrics import ACCURACY, Gold, skewed_lower_bound

BoolArray = NDArray[np.bool_]


def test_every_branch_ends_just_outside() -> None:
    tree = branches()
    assert tree.sizes.shape == (len(PREFIXES), len(THRESHOLDS), len(SIZES))
    assert sorted([0, *tree.prefixes, *tree.sizes.flatten()]) == list(range(len(tree.lost)))
    assert np.allclose(tree.lost[tree.sizes[:, :, 2:]], 1.0)
    assert (tree.lost[tree.sizes[:, :, :2]] < 1.0).all()
    assert (np.diff(tree.lost[tree.sizes], axis=2) >= -1e-12).all()


def by_hand(right: BoolArray, lengths: NDArray[np.int64], tree: Branches, chooses: BoolArray, tests: BoolArray) -> bool:
    """Step by step, with the package's bound on the words of the sentences that decide."""
    groups = np.repeat(np.arange(len(lengths)), lengths)

    def bound(one: int, other: int, loss: float, sentences: BoolArray) -> float:
        rows = sentences[groups]
        gold = Gold(np.ones(int(rows.sum()), dtype=np.int64), groups[rows], ("wrong", "right"))
        sides = (right[place][rows].astype(np.int64) for place in (one, other))
        return skewed_lower_bound(ACCURACY, gold, *sides, 1.0 - loss, level=0.95)

    def last(passes: list[bool]) -> int:
        return (passes.index(False) if False in passes else len(passes)) - 1

    layer = max(0, last([bound(p, 0, OWN, chooses) > 0 for p in tree.prefixes]))
    before = tree.prefixes[layer]
    both = [min(bound(c, before, OWN, chooses), bound(c, 0, LOSS, chooses)) > 0 for c in tree.sets[layer]]
    sizes = tree.sizes[layer, max(0, last(both))]
    size = last([bound(k, 0, LOSS, tests) > 0 for k in sizes])
    return size >= 0 and tree.lost[sizes[size]] > 0.999


@pytest.mark.parametrize("halves", [True, False])
def test_many_texts_at_once_are_one_after_the_other(halves: bool) -> None:
    text, tree, texts = Text(40, 8), branches(), 12
    accuracies = list(0.8 * (1.0 - LOSS * tree.lost))
    drawn, expected = [], []
    even = np.arange(40) % 2 == 0
    parts = (even, ~even) if halves else (np.ones(40, dtype=bool),) * 2
    for seed in range(texts):
        lengths = text.lengths(np.random.default_rng(seed))
        again = np.random.default_rng(seed)
        text.lengths(again)
        right = text.right(again, lengths, accuracies)
        drawn.append(text.drawn(np.random.default_rng(seed), accuracies))
        expected.append(by_hand(right, lengths, tree, *parts))
    hits, there = (np.stack([one[which] for one in drawn], axis=1) for which in (0, 1))
    assert outside(hits, there, tree, *parts).tolist() == expected


def test_both_ways_are_told_and_one_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "SETTINGS", [(20, 4, 0.8)])
    found = list(steps.false_positives(60, 0))
    assert [one.procedure for one in found] == ["halves of dev", "one dev for all steps"]
    assert [one.high is None for one in found] == [False, True]
    assert all(0.0 <= one.share < 0.5 for one in found)
    again = list(steps.false_positives(60, 0))
    assert again == found
