"""Damage by class against scikit-learn, a bootstrap written as a loop, and simulated text."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import precision_recall_fscore_support

from neurosieve.metrics import Gold
from neurosieve.task_specific.damage import class_damage, step_down


def text(seed: int, sentences: int = 40, classes: int = 4) -> tuple[Gold, np.ndarray, np.ndarray]:
    """Labels, and two sets of predictions of which the second is worse."""
    generator = np.random.default_rng(seed)
    groups = np.repeat(np.arange(sentences), generator.integers(1, 8, sentences))
    labels = generator.integers(0, classes + 1, len(groups))
    guess = generator.integers(0, classes, (2, len(groups)))
    sides = [
        np.where(generator.random(len(groups)) < p, labels % classes, g) for p, g in zip((0.9, 0.8), guess, strict=True)
    ]
    return Gold(labels, groups, tuple("ABCDEFGH"[:classes])), *sides


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), sentences=st.integers(1, 30))
def test_scores_are_those_of_scikit_learn(seed: int, sentences: int) -> None:
    gold, before, after = text(seed, sentences)
    f1 = class_damage(gold, before, after, rounds=5)
    recall = class_damage(gold, before, after, measure="recall", rounds=5)
    kinds = range(len(gold.classes))
    first, second = (
        precision_recall_fscore_support(gold.labels, side, labels=list(kinds), zero_division=0.0)
        for side in (before, after)
    )
    present = [c for c in kinds if (gold.labels == c).any()]
    assert sorted(one.label for one in f1.classes) == [gold.classes[c] for c in present]
    assert f1.absent == tuple(gold.classes[c] for c in kinds if c not in present)
    for damage, which in ((f1, 2), (recall, 1)):
        assert [one.change for one in damage.classes] == sorted(one.change for one in damage.classes)
        for one in damage.classes:
            c = gold.classes.index(one.label)
            assert (one.before, one.after) == pytest.approx((first[which][c], second[which][c]))
            assert one.support == first[3][c]
            assert one.sentences == len(set(gold.groups[gold.labels == c]))
            assert (one.low is None) == (one.sentences < 5)


@pytest.mark.parametrize("measure", ["f1", "recall"])
def test_intervals_and_p_values_are_those_of_a_loop(measure: str) -> None:
    gold, before, after = text(3)
    rounds = 60
    found = class_damage(gold, before, after, measure=measure, rounds=rounds, level=0.9, seed=7)  # type: ignore[arg-type]
    n, kinds = gold.n_sentences, range(len(gold.classes))
    generator = np.random.default_rng(7)
    column = 2 if measure == "f1" else 1

    def changes(rows: np.ndarray) -> np.ndarray:
        sides = [
            precision_recall_fscore_support(gold.labels[rows], side[rows], labels=list(kinds), zero_division=0.0)
            for side in (before, after)
        ]
        return sides[1][column] - sides[0][column]

    change = changes(np.arange(len(before)))
    drawn = []
    for _ in range(rounds):
        weights = generator.multinomial(n, np.full(n, 1 / n))
        drawn.append(changes(np.repeat(np.arange(len(before)), weights[gold.sentences])))
    variance = np.var(drawn, axis=0)
    labelled = np.array([(gold.labels == c).sum() for c in kinds])
    one = [
        1 / n if measure == "recall" else max(2 / (n + (side == c).sum()) for side in (before, after))
        for c, n in zip(kinds, labelled, strict=True)
    ]
    z = norm.ppf(1 - (1 - 0.9 ** (1 / len(kinds))) / 2)
    by_z = {c: abs(change[c]) / np.sqrt(variance[c] + abs(change[c]) * one[c] / 2) for c in kinds}
    p_values, floor = {}, 0.0
    for place, c in enumerate(sorted(kinds, key=lambda c: -by_z[c])):
        floor = p_values[c] = max(floor, 1 - (1 - 2 * norm.sf(by_z[c])) ** (len(kinds) - place))
    for row in found.classes:
        c = gold.classes.index(row.label)
        assert row.p_value == pytest.approx(p_values[c])
        for bound in (row.low, row.high):  # at a bound inside [-1, 1] the score is just z
            off = abs(bound - change[c])
            assert abs(bound) == 1 or off**2 == pytest.approx(z**2 * (variance[c] + off * one[c] / 2))


def test_a_class_that_is_lost_is_told_from_one_that_is_not() -> None:
    generator = np.random.default_rng(0)
    labels, groups = generator.integers(0, 3, 900), np.arange(900) // 6
    before = np.where(generator.random(900) < 0.95, labels, (labels + 1) % 3)
    after = np.where((labels == 2) & (generator.random(900) < 0.4), 0, before)
    damage = class_damage(Gold(labels, groups, ("a", "b", "c")), before, after, measure="recall")
    worst, *others = damage.classes
    assert worst.label == "c"
    assert worst.high is not None
    assert worst.high < -0.2
    assert worst.p_value < 1e-6
    for one in others:
        assert (one.change, one.p_value) == (0.0, 1.0)
        assert one.low == -one.high
        assert -0.03 < one.low < 0


def test_a_loss_of_all_is_found_and_one_of_none_is_not_certain() -> None:
    labels, groups = np.tile([0, 1], 20), np.repeat(np.arange(20), 2)
    gold = Gold(labels, groups, ("a", "b"))
    lost, kept = class_damage(gold, labels, np.zeros(40, dtype=int), measure="recall", rounds=20).classes
    assert (lost.change, lost.low) == (-1.0, -1.0)
    assert lost.high < -0.5
    assert lost.p_value < 1e-3
    assert (kept.change, kept.p_value) == (0.0, 1.0)
    assert kept.low < -0.1


def test_all_intervals_hold_together_and_nothing_is_found_where_nothing_is() -> None:
    share = np.array([0.5, 0.3, 0.15, 0.05])
    together, found = 0, 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        groups = np.repeat(np.arange(150), 10)
        labels = generator.choice(4, 1500, p=share)
        before = np.where(generator.random(1500) < 0.9, labels, 0)
        lost = np.where(generator.random(1500) < 0.05 * labels, 0, before)
        gold = Gold(labels, groups, tuple("abcd"))
        truth = dict(zip("bcd", 0.9 * -0.05 * np.arange(1, 4), strict=True))
        rows = [
            one for one in class_damage(gold, before, lost, measure="recall", rounds=100).classes if one.label != "a"
        ]
        together += all(one.low <= truth[one.label] <= one.high for one in rows)
        other = np.where(generator.random(1500) < 0.9, labels, 0)
        found += any(one.p_value <= 0.05 for one in class_damage(gold, before, other, rounds=100).classes)
    assert together >= 55
    assert found <= 6


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_p_values_are_holms_steps(p_values: list[float]) -> None:
    adjusted = step_down(np.array(p_values))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    highest = 0.0
    for place, i in enumerate(order):
        highest = max(highest, 1 - (1 - p_values[i]) ** (len(p_values) - place))
        assert adjusted[i] == pytest.approx(highest, abs=1e-12)
    assert (adjusted >= np.array(p_values) - 1e-12).all()


def test_table_and_json() -> None:
    damage = class_damage(*text(1), rounds=20)
    assert damage.frame().loc["A", "support"] == next(one.support for one in damage.classes if one.label == "A")
    assert json.loads(json.dumps(damage.to_dict()))["classes"][0]["label"] == damage.classes[0].label


def test_what_it_refuses() -> None:
    gold, before, _ = text(0)
    with pytest.raises(ValueError, match=r"labels and 3 predictions; give one for each"):
        class_damage(gold, before, before[:3])
    with pytest.raises(ValueError, match="these labels are numbers"):
        class_damage(Gold(np.array([1.0]), np.array([0])), [1.0], [1.0])
