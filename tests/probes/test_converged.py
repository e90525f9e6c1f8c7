from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from neurosieve.arrays import ArrayRows, LabelledRows, Rows
from neurosieve.engines.team import Desk, Team
from neurosieve.errors import ProbeError
from neurosieve.metrics import metric_named
from neurosieve.moments import moments_of
from neurosieve.probes import ClassWeights, Probe, Range, converged, fit_converged, passes, predict
from neurosieve.probes.whitening import whitenings
from tests.probes.planted import Planted, labelled, planted, raw, split

EVERY = Range(0, 12)
FAMILY = [Range(0, 4), Range(4, 8), Range(8, 12), Range(0, 8), EVERY]


def fit(data: Planted, *ranges: Range) -> list[Probe]:
    return fit_converged(data.train, data.dev, data.moments, ranges or [EVERY])


def dense(data: LabelledRows) -> Tensor:
    return data.rows.gather(range(data.rows.grid.size))


def log_p(probe: Probe, values: Tensor) -> Tensor:
    scores = values[:, probe.columns.start : probe.columns.stop] @ probe.weight + probe.bias
    return torch.log_softmax(scores, dim=1)


def accuracy(probe: Probe, data: LabelledRows) -> float:
    return float(np.mean(predict(data.rows, [probe])[0] == data.labels.numpy()))


def run_to_the_end(patch: pytest.MonkeyPatch, ridge: float) -> None:
    """One ridge, no early stopping: every point seems better on dev than the one before it."""
    scores = iter(range(1, 10**6))
    patch.setattr(converged, "RIDGES", (ridge,))
    patch.setattr(converged, "MAX_ROUNDS", 200)
    patch.setattr(converged, "accuracies", lambda _, points, __: [float(next(scores)) for _ in points.ranges])


@pytest.mark.parametrize("weights", ["none", "balanced"])
@pytest.mark.parametrize("ridge", [1e-1, 1e-3])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_without_early_stopping_it_reaches_scikit_learns_optimum(
    monkeypatch: pytest.MonkeyPatch, ridge: float, classes: int, weights: ClassWeights
) -> None:
    data = planted(classes=classes)
    run_to_the_end(monkeypatch, ridge)
    (probe,) = fit_converged(data.train, data.dev, data.moments, [EVERY], weights=weights)
    (whitening,) = whitenings(data.moments, [EVERY])
    standard = (dense(data.train) - whitening.mean) / whitening.scale
    inputs = torch.linalg.solve_triangular(whitening.factor, standard.T, upper=False).T.double().numpy()
    gold = data.train.labels.numpy()
    # two classes have one weight vector there and two opposite ones here, whose squares sum to half of its square
    strength = ridge / 2 if classes == 2 else ridge
    balance = "balanced" if weights == "balanced" else None
    peer = LogisticRegression(C=1 / (strength * len(gold)), class_weight=balance, tol=1e-10, max_iter=5000)
    peer.fit(inputs, gold)
    scores = torch.from_numpy(peer.decision_function(inputs)).view(len(inputs), -1)
    if classes == 2:
        scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
    expected = torch.log_softmax(scores, dim=1)
    # float32 against float64; rare classes that count for more make the steepest directions steeper
    assert (log_p(probe, dense(data.train)) - expected).abs().max() < (2e-3 if weights == "none" else 5e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_family_is_each_probe_alone(seed: int) -> None:
    data = planted(seed)
    for together, r in zip(fit(data, *FAMILY), FAMILY, strict=True):
        (alone,) = fit(data, r)
        assert together.columns == r
        assert together.rounds == alone.rounds
        assert together.dev_score == alone.dev_score
        assert torch.allclose(together.weight, alone.weight, atol=1e-5)
        assert torch.allclose(together.bias, alone.bias, atol=1e-5)


def test_what_early_stopping_saw_is_the_accuracy_on_dev_and_no_prior() -> None:
    data = planted()
    for probe in fit(data, *FAMILY):
        assert probe.dev_score == accuracy(probe, data.dev)
        assert accuracy(probe, data.test) > np.bincount(data.test.labels).max() / len(data.test.labels) + 0.05


def test_it_predicts_as_well_as_the_unpenalised_optimum() -> None:
    data = planted(rows=3500, noise=0.5)
    (probe,) = fit(data)
    peer = LogisticRegression(C=1e6, max_iter=5000).fit(dense(data.train).numpy(), data.train.labels.numpy())
    best = peer.score(dense(data.test).numpy(), data.test.labels.numpy())
    assert accuracy(probe, data.test) > best - 0.02


def test_scaling_and_shifting_columns_changes_nothing() -> None:
    values, labels = raw()
    generator = torch.Generator().manual_seed(5)
    factor = (
        10 ** (6 * torch.rand(3, 4, generator=generator) - 3) * (torch.rand(3, 4, generator=generator) - 0.5).sign()
    )
    moved = factor * (values + 10 * torch.randn(3, 4, generator=generator))
    (before,), (after,) = fit(split(values, labels, 3)), fit(split(moved, labels, 3))
    assert before.dev_score == after.dev_score
    assert before.rounds == after.rounds
    # the shift costs one of float32's seven digits
    assert (log_p(before, values.flatten(1)) - log_p(after, moved.flatten(1))).abs().max() < 1e-3


@pytest.mark.parametrize("value", [0.0, 3.0, 1e4])
def test_constant_columns_do_no_harm(value: float) -> None:
    values, labels = raw(layers=1, units=12)
    wider = torch.cat([torch.full((700, 1, 3), value), values, torch.full((700, 1, 1), -value)], dim=2)
    (before,) = fit(split(values, labels, 3))
    (after,) = fit(split(wider, labels, 3), Range(0, 16))
    assert before.dev_score == after.dev_score
    assert (log_p(before, values.flatten(1)) - log_p(after, wider.flatten(1))).abs().max() < 1e-2


def test_nothing_but_constants_gives_the_most_frequent_class() -> None:
    _, labels = raw()
    data = split(torch.ones(700, 12), labels, 3)
    (probe,) = fit(data)
    assert set(predict(data.test.rows, [probe])[0]) == {int(data.train.labels.bincount().argmax())}


def test_one_class_gives_a_warning_and_the_constant_prediction() -> None:
    values, _ = raw()
    data = split(values, torch.zeros(700, dtype=torch.int64), 1)
    with pytest.warns(UserWarning, match="Every training label is 'A': the probe always predicts it"):
        probes = fit(data, *FAMILY)
    assert [probe.columns for probe in probes] == FAMILY
    assert predict(data.test.rows, probes).tolist() == np.zeros((len(FAMILY), 150)).tolist()


def test_a_class_may_be_absent_from_train_dev_or_test() -> None:
    values, labels = raw(classes=3)
    train, dev, test = (
        labelled(values[p], labels[p].clamp_max(1), 4) for p in (slice(400), slice(400, 550), slice(550, 700))
    )
    train.labels[:200] = labels[:200]  # class 2 is in train alone, class 3 nowhere
    data = Planted(train, dev, test, moments_of(train.rows, train.labels, 4))
    (probe,) = fit(data)
    assert probe.n_classes == 4
    assert bool(torch.isfinite(probe.weight).all())
    assert 3 not in predict(test.rows, [probe])[0]


def test_a_label_that_training_never_saw_counts_as_wrong() -> None:
    data = planted()
    (before,) = fit(data)
    unseen = data.dev.labels.clone()
    right = predict(data.dev.rows, [before])[0] == unseen.numpy()
    unseen[torch.from_numpy(right)] = 3
    unseen[np.flatnonzero(right)[:5]] = data.dev.labels[np.flatnonzero(right)[:5]]
    strange = data._replace(dev=labelled(dense(data.dev), unseen, 3))
    (after,) = fit(strange)
    assert after.n_classes == 3
    assert after.dev_score == accuracy(after, strange.dev)
    assert after.dev_score <= float((unseen < 3).float().mean())


def test_more_columns_than_rows() -> None:
    data = planted(rows=70, layers=4, units=50, informative=(3, 90), noise=0.1)
    (probe,) = fit(data, Range(0, 200))
    assert bool(torch.isfinite(probe.weight).all())
    assert accuracy(probe, data.train) > 0.9


@pytest.mark.parametrize("block_rows", [1, 7, 8192])
def test_blocks_do_not_matter_beyond_rounding(block_rows: int) -> None:
    values = dense(planted().train)
    for before, after in zip(fit(planted(), *FAMILY), fit(planted(block_rows=block_rows), *FAMILY), strict=True):
        assert before.rounds == after.rounds
        assert (log_p(before, values) - log_p(after, values)).abs().max() < 1e-4


def test_bfloat16_rows_are_what_they_hold() -> None:
    values, labels = raw()
    halved = values.to(torch.bfloat16)
    for narrow, wide in zip(
        fit(split(halved, labels, 3), *FAMILY), fit(split(halved.float(), labels, 3), *FAMILY), strict=True
    ):
        assert torch.equal(narrow.weight, wide.weight)
        assert torch.equal(narrow.bias, wide.bias)


def test_two_runs_are_identical_to_the_bit() -> None:
    for first, second in zip(fit(planted(), *FAMILY), fit(planted(), *FAMILY), strict=True):
        assert torch.equal(first.weight, second.weight)
        assert torch.equal(first.bias, second.bias)
        assert (first.rounds, first.dev_score) == (second.rounds, second.dev_score)


def test_without_dev_rows_nothing_says_when_to_stop() -> None:
    data = planted()
    empty = labelled(torch.empty(0, 3, 4), torch.empty(0, dtype=torch.int64), 3)
    with pytest.raises(ProbeError, match="stops on dev, and dev has no rows: split some of train off"):
        fit(data._replace(dev=empty))


def test_progress_counts_the_probes_that_are_done() -> None:
    data, seen = planted(), []
    fit_converged(data.train, data.dev, data.moments, FAMILY, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (len(FAMILY), len(FAMILY))
    assert seen == sorted(seen)


def test_balanced_classes_start_alike() -> None:
    _, labels = raw()
    data = split(torch.ones(700, 12), labels.clamp_min(1) - 1, 2)
    plain, balanced = (
        fit_converged(data.train, data.dev, data.moments, [EVERY], weights=weights)[0]
        for weights in ("none", "balanced")
    )
    assert (plain.bias[1] - plain.bias[0]).abs() > 0.1
    assert (balanced.bias[1] - balanced.bias[0]).abs() < 1e-6


def test_without_rows_there_is_nothing_to_learn() -> None:
    data = planted()
    empty = labelled(torch.empty(0, 3, 4), torch.empty(0, dtype=torch.int64), 3)
    with pytest.raises(ProbeError, match="needs rows to be trained on, and train has none"):
        fit(data._replace(train=empty))


def test_of_equal_scores_the_first_counts_and_unseen_labels_are_nobodys() -> None:
    scores = torch.tensor([[[1.0, 2.0, 0.0, 5.0], [1.0, 3.0, 0.0, 4.0], [0.0, 3.0, 0.0, 3.0]]])
    for gold, expected in (([0, 1, 0, 0], 4), ([1, 2, 2, 0], 1), ([1, 1, 3, 3], 1), ([3, 3, 3, 3], 0)):
        assert passes._right(scores, torch.tensor(gold)).tolist() == [expected]
    apart = scores[:, :, 3:]  # no two are equal
    assert [int(passes._right(apart, torch.tensor([label]))) for label in range(5)] == [1, 0, 0, 0, 0]


class _InOrder(Team):
    """A team of this process that calls itself three workers."""

    size = 3

    def __init__(self) -> None:
        self.desks: list[Desk] = [{} for _ in range(self.size)]

    def each(self, task, arguments):  # type: ignore[no-untyped-def]
        """See `Team.each`."""
        return (task(self.desks[index % self.size], argument) for index, argument in enumerate(arguments))

    def close(self) -> None:
        """See `Team.close`."""


class _Units(ArrayRows):
    """Rows whose units are their blocks."""

    def units(self) -> list[Rows]:
        """See `Rows.units`."""
        return [ArrayRows(torch.stack(block.layers, dim=1), self._block_rows) for block in self.blocks()]


@pytest.mark.parametrize("weights", ["none", "balanced"])
@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_team_trains_the_same_probes(weights: ClassWeights, metric: str) -> None:
    data = planted(5, classes=4, block_rows=50)
    train, dev = (
        replace(part, rows=_Units(torch.stack([*_whole(part.rows)], dim=1), 50)) for part in (data.train, data.dev)
    )
    ranges = [EVERY, Range(0, 1), Range(1, EVERY.stop)]
    given = {"weights": weights, "metric": metric_named(metric, data.train.classes)}
    team = _InOrder()
    alone = fit_converged(train, dev, data.moments, ranges, **given)  # type: ignore[arg-type]
    shared = fit_converged(train, dev, data.moments, ranges, team=team, **given)  # type: ignore[arg-type]
    for one, other in zip(alone, shared, strict=True):
        assert torch.equal(one.weight, other.weight)
        assert torch.equal(one.bias, other.bias)
        assert (one.rounds, one.dev_score) == (other.rounds, other.dev_score)
    assert team.desks == [{}, {}, {}]
    for one, other in zip(alone, fit_converged(data.train, data.dev, data.moments, ranges, **given), strict=True):  # type: ignore[arg-type]
        assert torch.allclose(one.weight, other.weight, rtol=1e-3, atol=1e-4)


def _whole(rows: Rows) -> list[Tensor]:
    return [torch.cat(parts) for parts in zip(*(block.layers for block in rows.blocks()), strict=True)]
