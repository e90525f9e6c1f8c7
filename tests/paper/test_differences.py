from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr

from neurosieve.paper.differences import Judged, model_differences

ROWS, CLASSES = 60, ("A", "B", "C")


def judged(seed: int, missing: tuple[int, ...] = (), probes: tuple[str, ...] = ("oracle", "LS")) -> Judged:
    """Words in sentences of four; gold is the same for all models, and so are its rows but for the missing ones."""
    gold = np.random.default_rng(0).integers(0, 3, ROWS)
    rng = np.random.default_rng(seed)
    right = {probe: rng.random(ROWS) < 0.7 for probe in probes}
    said = {probe: np.where(hit, gold, (gold + 1) % 3).astype(np.int16) for probe, hit in right.items()}
    keep = np.setdiff1d(np.arange(ROWS), missing)
    return Judged(
        rows=keep,
        labels=gold[keep],
        groups=keep // 4,
        classes=CLASSES,
        metric="accuracy",
        predictions={probe: found[keep] for probe, found in said.items()},
    )


def by_hand(first: Judged, second: Judged, probe: str) -> float:
    mine, theirs = ({row: i for i, row in enumerate(one.rows.tolist())} for one in (first, second))
    both = sorted(set(mine) & set(theirs))
    gain = [
        int(second.predictions[probe][theirs[row]] == second.labels[theirs[row]])
        - int(first.predictions[probe][mine[row]] == first.labels[mine[row]])
        for row in both
    ]
    return sum(gain) / len(both)


@pytest.mark.parametrize("missing", [((), ()), ((0, 7, 8), ()), ((5,), (6, 59)), (tuple(range(0, 60, 2)), (1, 2, 3))])
def test_scores_are_compared_on_the_rows_of_both(missing):
    first, second = judged(1, missing[0]), judged(2, missing[1])
    found = model_differences({"a": {"pos": first}, "b": {"pos": second}}, seed=3)
    assert [(one.first, one.second, one.task, one.probe) for one in found] == [
        ("a", "b", "pos", "oracle"),
        ("a", "b", "pos", "LS"),
    ]
    for one in found:
        assert one.value == pytest.approx(by_hand(first, second, one.probe), abs=1e-12)
        assert one.interval[0] < one.value < one.interval[1]


def test_swapped_models_have_the_opposite_difference():
    first, second = judged(1, (3, 4)), judged(2, (9,))
    there = model_differences({"a": {"pos": first}, "b": {"pos": second}}, seed=3)
    back = model_differences({"b": {"pos": second}, "a": {"pos": first}}, seed=3)
    for one, other in zip(there, back, strict=True):
        assert (other.first, other.second, other.value) == ("b", "a", pytest.approx(-one.value, abs=1e-12))
        assert other.interval == pytest.approx((-one.interval[1], -one.interval[0]), abs=1e-12)


def test_a_model_does_not_differ_from_itself():
    one = judged(1)
    assert {(d.value, d.interval) for d in model_differences({"a": {"t": one}, "b": {"t": one}}, 0)} == {
        (0.0, (0.0, 0.0))
    }


def test_the_interval_is_the_paired_bootstrap_s():
    first, second = judged(1), judged(2)
    (one, _) = model_differences({"a": {"pos": first}, "b": {"pos": second}}, seed=3)
    gain = (second.predictions["oracle"] == second.labels).astype(int) - (first.predictions["oracle"] == first.labels)
    sums = gain.reshape(-1, 4).sum(axis=1)
    drawn = np.random.default_rng(0).integers(0, len(sums), (20_000, len(sums)))
    low, high = np.percentile(sums[drawn].mean(axis=1) / 4, [2.5, 97.5])
    assert one.interval == pytest.approx((low, high), abs=0.03)


def test_only_what_both_have_is_compared():
    models = {
        "a": {"pos": judged(1), "sem": judged(2)},
        "b": {"sem": judged(3, probes=("oracle", "CCFS")), "ccg": judged(4)},
        "c": {"sem": judged(5)},
    }
    found = [(one.first, one.second, one.task, one.probe) for one in model_differences(models, seed=0)]
    assert found == [
        ("a", "b", "sem", "oracle"),
        ("a", "c", "sem", "oracle"),
        ("a", "c", "sem", "LS"),
        ("b", "c", "sem", "oracle"),
    ]
    assert model_differences({"a": models["a"]}, seed=0) == []


def test_numbers_are_compared_as_numbers():
    rng = np.random.default_rng(0)
    gold = rng.normal(size=ROWS)
    first = replace(judged(1), labels=gold, classes=(), metric="pearson", groups=np.arange(ROWS))
    near, far = gold + 0.5 * rng.normal(size=ROWS), gold + 2 * rng.normal(size=ROWS)
    models = {name: {"t": replace(first, predictions={"oracle": said})} for name, said in (("a", far), ("b", near))}
    (one,) = model_differences(models, seed=1)
    assert one.value == pytest.approx(pearsonr(gold, near)[0] - pearsonr(gold, far)[0])
    assert one.interval[0] > 0
