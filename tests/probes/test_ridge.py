"""Regression: ridge probes chosen on dev, the paper's squared error, screening, class weights, constants."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import Gold, metric_named
from neurosieve.moments import Moments, moments_of
from neurosieve.probes import (
    ElasticNet,
    Protocol,
    Range,
    class_weights,
    fit_converged,
    fit_elastic_net,
    fit_least_squares,
    fit_ridge,
    predict,
    screen,
)
from neurosieve.probes.ridge import PATH

LAYERS, UNITS = 3, 5
N = LAYERS * UNITS


def numbers(seed: int = 0, rows: int = 300, noise: float = 0.5) -> LabelledRows:
    """Rows of which three columns of different scales make the number."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, N)).astype(np.float32)
    values[:, 4] *= 30
    values[:, 7] += 100
    target = 40 + values[:, 1] - values[:, 4] / 15 + 0.5 * values[:, 12] + rng.normal(0, noise, rows)
    return LabelledRows(
        ArrayRows(values.reshape(rows, LAYERS, UNITS), block_rows=64), torch.from_numpy(target), np.arange(rows)
    )


def prepared(seed: int = 0) -> tuple[LabelledRows, LabelledRows, Moments]:
    train = numbers(seed)
    return train, numbers(seed + 1, 120), moments_of(train.rows, train.labels)


def test_each_probe_is_scikit_learn_s_at_the_best_ridge_on_dev() -> None:
    train, dev, moments = prepared()
    ranges = [Range(0, N), Range(0, 10), Range(5, 15), Range(4, 5)]
    x, x_dev = (data.rows.gather(range(N)).double().numpy() for data in (train, dev))
    scale, y = x.std(axis=0), train.labels.numpy()
    for probe, r in zip(fit_ridge(train, dev, moments, ranges), ranges, strict=True):
        here = slice(r.start, r.stop)
        scores = {}
        for ridge in PATH:
            model = Ridge(alpha=ridge * len(y)).fit(x[:, here] / scale[here], y)
            guess = model.predict(x_dev[:, here] / scale[here])
            gold = dev.labels.numpy()
            scores[ridge] = (np.corrcoef(guess, gold)[0, 1], -np.square(guess - gold).mean(), guess)
        score, _, guess = max(scores.values(), key=lambda one: (round(one[0], 7), one[1]))
        assert probe.dev_score == pytest.approx(score, abs=1e-5)
        assert predict(dev.rows, [probe], numeric=True)[0] == pytest.approx(guess, abs=2e-3)
        assert (probe.weight.shape, probe.bias.shape) == ((r.size, 1), (1,))


def test_a_family_gives_what_each_probe_gives_alone() -> None:
    train, dev, moments = prepared(3)
    ranges = [Range(0, 5), Range(0, N), Range(3, 9)]
    for together, r in zip(fit_ridge(train, dev, moments, ranges), ranges, strict=True):
        (alone,) = fit_ridge(train, dev, moments, [r])
        assert torch.allclose(together.weight, alone.weight, atol=1e-6)
        assert together.dev_score == pytest.approx(alone.dev_score)


@pytest.mark.parametrize("name", ["default", "paper"])
def test_both_protocols_regress(name) -> None:
    train, dev, moments = prepared()
    protocol = Protocol(name, metric=metric_named("pearson"))
    (probe,) = protocol.fit(train, dev, moments, [Range(0, N)])
    if name == "paper":
        settings = ElasticNet(epochs=300, learning_rate=0.05)
        (probe,) = fit_elastic_net(train, [Range(0, N)], settings=settings)
    guess = predict(dev.rows, [probe], numeric=True)[0]
    assert guess.dtype == np.float64
    assert np.corrcoef(guess, dev.labels.numpy())[0, 1] > 0.9


def test_the_paper_s_regression_is_torch_s_own() -> None:
    train = numbers(rows=200)
    settings = ElasticNet(epochs=2, batch=64)
    (probe,) = fit_elastic_net(train, [Range(0, N)], settings=settings, seed=5)
    layer = torch.nn.Linear(N, 1)
    generator, bound = torch.Generator().manual_seed(5), N**-0.5
    with torch.no_grad():
        layer.weight.copy_(torch.empty(1, N).uniform_(-bound, bound, generator=generator))
        layer.bias.copy_(torch.empty(1).uniform_(-bound, bound, generator=generator))
    adam = torch.optim.Adam(layer.parameters(), lr=settings.learning_rate)
    x, y = train.rows.gather(range(N)), train.labels.float()
    for _ in range(settings.epochs):
        for start in range(0, len(y), settings.batch):
            part = slice(start, start + settings.batch)
            loss = torch.nn.functional.mse_loss(layer(x[part])[:, 0], y[part])
            loss = loss + settings.l1 * layer.weight.abs().sum() + settings.l2 * layer.weight.norm()
            adam.zero_grad()
            loss.backward()
            adam.step()
    assert torch.allclose(probe.weight, layer.weight.T, atol=1e-5)
    assert torch.allclose(probe.bias, layer.bias, atol=1e-5)


def test_screening_is_least_squares_on_every_prefix() -> None:
    _, dev, moments = prepared()
    order = np.random.default_rng(0).permutation(N)
    metric = metric_named("r2")
    sizes = [1, 4, 9, N]
    for size, score in zip(sizes, screen(moments, order, sizes, dev, metric), strict=True):
        probe = fit_least_squares(moments, order[:size])
        guess = predict(dev.rows, [probe], numeric=True)[0]
        assert score == pytest.approx(metric.score(Gold(dev.labels.numpy(), dev.groups), guess), abs=1e-3)


@pytest.mark.parametrize("name", ["default", "paper"])
def test_a_constant_number_is_predicted_with_a_warning(name) -> None:
    train, dev, moments = prepared()
    train.labels[:] = -2.5
    moments = moments_of(train.rows, train.labels)
    with pytest.warns(UserWarning, match=r"Every training label is -2\.5: the probe always predicts it"):
        (probe,) = Protocol(name, metric=metric_named("pearson")).fit(train, dev, moments, [Range(2, 9)])
    assert (predict(dev.rows, [probe], numeric=True)[0] == -2.5).all()
    found = screen(moments, np.arange(N), [1, N], dev, metric_named("pearson"))
    assert found == [0.0, 0.0]


def test_without_dev_nothing_chooses() -> None:
    train, _, moments = prepared()
    nobody = LabelledRows(ArrayRows(np.zeros((0, LAYERS, UNITS), np.float32)), torch.zeros(0).double(), np.arange(0))
    with pytest.raises(ProbeError, match="dev has no rows"):
        fit_ridge(train, nobody, moments, [Range(0, N)])


def imbalanced(seed: int, rows: int = 600) -> LabelledRows:
    """Two classes that overlap, one of them rare."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(rows) < 0.08).astype(np.int64)
    values = rng.normal(size=(rows, N)).astype(np.float32)
    values[:, 2] += 1.2 * labels
    return LabelledRows(ArrayRows(values), torch.from_numpy(labels), np.arange(rows), ("common", "rare"))


def recall(data: LabelledRows, probe) -> float:
    guess = predict(data.rows, [probe])[0]
    return float((guess[data.labels.numpy() == 1] == 1).mean())


def test_balanced_weights_are_scikit_learn_s() -> None:
    train = imbalanced(0)
    counts = np.bincount(train.labels.numpy())
    assert class_weights(train, "balanced").numpy() == pytest.approx(600 / (2 * counts))
    assert class_weights(train, "none") is None


def test_balanced_weights_raise_the_recall_of_the_rare_class() -> None:
    train, dev = imbalanced(0), imbalanced(1, 400)
    moments = moments_of(train.rows, train.labels, 2)
    metric = metric_named("macro_f1", train.classes)
    plain, balanced = (
        Protocol(metric=metric, class_weights=weights).fit(train, dev, moments, [Range(0, N)])[0]
        for weights in ("none", "balanced")
    )
    assert recall(dev, balanced) > recall(dev, plain) + 0.2


def test_the_paper_s_weighted_loss_is_torch_s_own() -> None:
    train = imbalanced(0, 128)
    settings = ElasticNet(epochs=1, l1=0, l2=0)
    (probe,) = fit_elastic_net(train, [Range(0, N)], settings=settings, weights="balanced", seed=5)
    layer, bound, generator = torch.nn.Linear(N, 2), N**-0.5, torch.Generator().manual_seed(5)
    with torch.no_grad():
        layer.weight.copy_(torch.empty(2, N).uniform_(-bound, bound, generator=generator))
        layer.bias.copy_(torch.empty(2).uniform_(-bound, bound, generator=generator))
    loss = torch.nn.functional.cross_entropy(
        layer(train.rows.gather(range(N))), train.labels, weight=class_weights(train, "balanced")
    )
    loss.backward()
    torch.optim.Adam(layer.parameters(), lr=settings.learning_rate).step()
    assert torch.allclose(probe.weight, layer.weight.T, atol=1e-5)


def test_balanced_and_converged_is_scikit_learn_s_decision() -> None:
    train, dev = imbalanced(0), imbalanced(1, 400)
    moments = moments_of(train.rows, train.labels, 2)
    metric = metric_named("macro_f1", train.classes)
    (probe,) = fit_converged(train, dev, moments, [Range(0, N)], metric=metric, weights="balanced")
    x, y = train.rows.gather(range(N)).numpy(), train.labels.numpy()
    model = LogisticRegression(class_weight="balanced", C=10.0).fit(x, y)
    agree = predict(dev.rows, [probe])[0] == model.predict(dev.rows.gather(range(N)).numpy())
    assert agree.mean() > 0.9


def test_a_metric_that_starts_at_0_does_not_end_the_search() -> None:
    train, dev = imbalanced(0), imbalanced(1, 400)
    train_values = train.rows.gather(range(N))
    train_values[:, 2] += 2 * train.labels  # separable enough for the rare class to be named at all
    train = LabelledRows(ArrayRows(train_values.numpy()), train.labels, train.groups, train.classes)
    moments = moments_of(train.rows, train.labels, 2)
    (probe,) = fit_converged(train, dev, moments, [Range(0, N)], metric=metric_named("matthews", train.classes))
    assert probe.dev_score is not None
    assert probe.dev_score > 0.1


@pytest.mark.parametrize("name", ["pearson", "spearman", "r2"])
def test_no_other_ridge_is_better_on_dev(name: str) -> None:
    train, dev, moments = prepared(5)
    metric, r = metric_named(name), Range(0, N)
    (probe,) = fit_ridge(train, dev, moments, [r], metric=metric)
    x, x_dev = (data.rows.gather(range(N)).double().numpy() for data in (train, dev))
    x, x_dev = x / x.std(axis=0), x_dev / x.std(axis=0)
    y, gold = train.labels.numpy(), Gold(dev.labels.numpy(), dev.groups)
    peers = [metric.score(gold, Ridge(alpha=ridge * len(y)).fit(x, y).predict(x_dev)) for ridge in PATH]
    assert probe.dev_score == pytest.approx(max(peers), abs=1e-5)
    assert probe.dev_score == metric.score(gold, predict(dev.rows, [probe], numeric=True)[0])
    assert probe.rounds == len(PATH)


def test_where_all_ridges_say_the_same_the_strongest_is_taken() -> None:
    train, dev, _ = prepared()
    values = torch.ones(300, LAYERS, UNITS)
    flat = LabelledRows(ArrayRows(values), train.labels, train.groups)
    (probe,) = fit_ridge(flat, dev, moments_of(flat.rows, flat.labels), [Range(0, N)])
    assert probe.dev_score == 0.0
    assert probe.weight.abs().max() == 0
    assert float(probe.bias) == pytest.approx(float(train.labels.mean()), rel=1e-6)


def test_few_candidates_a_pass_or_all_choose_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    train, dev, moments = prepared()
    ranges = [Range(0, N), Range(0, 10), Range(5, 15), Range(0, 5), Range(5, 10)]
    together = fit_ridge(train, dev, moments, ranges)
    for few in (1, 3 * 120, 7 * 120 + 5):
        monkeypatch.setattr("neurosieve.probes.ridge.PREDICTED_AT_ONCE", few)
        for probe, same in zip(fit_ridge(train, dev, moments, ranges), together, strict=True):
            assert torch.allclose(probe.weight, same.weight, atol=1e-6)
            assert probe.dev_score == pytest.approx(same.dev_score, abs=1e-6)


def test_more_columns_than_rows_duplicates_and_constants() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(80, 1, 200)).astype(np.float32)
    values[..., 100:] = values[..., :100]
    values[..., 7] = 1e4
    y = torch.from_numpy(values[:, 0, 3].astype(np.float64) * 5 + 1)
    train, dev = (LabelledRows(ArrayRows(values[p]), y[p], np.arange(40)) for p in (slice(40), slice(40, 80)))
    wide, narrow = fit_ridge(train, dev, moments_of(train.rows, train.labels), [Range(0, 200), Range(3, 4)])
    assert bool(torch.isfinite(wide.weight).all())
    assert wide.dev_score is not None
    assert wide.dev_score > 0.2
    assert predict(dev.rows, [narrow], numeric=True)[0] == pytest.approx(dev.labels.numpy(), abs=0.01)


def test_moments_without_the_numbers_are_refused() -> None:
    train, dev, _ = prepared()
    for moments in (moments_of(train.rows), moments_of(train.rows, torch.arange(300) % 2, 2)):
        with pytest.raises(ProbeError, match="needs the moments of train with its numbers: moments_of or relabelled"):
            fit_ridge(train, dev, moments, [Range(0, N)])


def test_progress_counts_ridges() -> None:
    seen: list[tuple[int, int]] = []
    fit_ridge(*prepared(), [Range(0, N)], progress=lambda done, of: seen.append((done, of)))
    assert seen == [(done, len(PATH)) for done in range(1, len(PATH) + 1)]
