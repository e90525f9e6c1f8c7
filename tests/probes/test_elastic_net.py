from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from neurosieve.errors import ProbeError
from neurosieve.probes import PAPER, ElasticNet, Probe, Range, fit_elastic_net, penalties, predict
from tests.probes.planted import labelled, numbers, planted, raw

EVERY = Range(0, 12)
FAMILY = [Range(0, 4), Range(4, 8), Range(0, 8), EVERY]


def naive(
    values: Tensor, labels: Tensor, classes: int, settings: ElasticNet, seed: int, weight: Tensor | None = None
) -> nn.Linear:
    """Section 3.2 as it is written, with autograd; floating labels are the numbers of a regression."""
    torch.manual_seed(seed)
    model = nn.Linear(values.shape[1], classes)
    measure = nn.MSELoss() if labels.is_floating_point() else nn.CrossEntropyLoss(weight=weight)
    adam = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    for _ in range(settings.epochs):
        for x, y in zip(values.split(settings.batch), labels.split(settings.batch), strict=True):
            adam.zero_grad()
            loss = measure(model(x), y)
            loss = loss + settings.l1 * model.weight.abs().sum() + settings.l2 * model.weight.norm()
            loss.backward()
            adam.step()
    return model


@pytest.mark.parametrize("block_rows", [50, 128, 130, 1000])
@pytest.mark.parametrize("strength", [1e-5, 1e-2])
def test_it_is_adam_on_the_papers_loss(block_rows: int, strength: float) -> None:
    values, labels = raw(rows=1000)
    settings = ElasticNet(epochs=3, learning_rate=1e-2, l1=strength, l2=strength)
    probes = fit_elastic_net(labelled(values, labels, 3, block_rows), FAMILY, settings=settings, seed=4)
    for probe in probes:
        inputs = values.flatten(1)[:, probe.columns.start : probe.columns.stop]
        model = naive(inputs, labels, 3, settings, seed=4)
        assert torch.allclose(probe.weight.T, model.weight, atol=1e-4)
        assert torch.allclose(probe.bias, model.bias, atol=1e-4)


def test_the_settings_are_the_papers() -> None:
    assert ElasticNet(epochs=10, batch=128, learning_rate=1e-3, l1=1e-5, l2=1e-5) == PAPER


def test_each_strength_pulls_on_its_own_penalty() -> None:
    train = planted().train
    free, first, second = (
        fit_elastic_net(train, [EVERY], settings=ElasticNet(epochs=20, learning_rate=1e-2, l1=l1, l2=l2))[0].weight
        for l1, l2 in ((0.0, 0.0), (0.03, 0.0), (0.0, 0.1))
    )
    assert penalties(first)[0] < 0.8 * penalties(free)[0]
    assert penalties(second)[1] < 0.8 * penalties(free)[1]


def test_penalties_of_the_conformance_case() -> None:
    assert penalties(torch.tensor([[3.0, -4.0], [0.0, 12.0]])) == (19.0, 13.0)


def test_a_probe_does_not_depend_on_its_family() -> None:
    train = planted().train
    for together in fit_elastic_net(train, FAMILY, seed=1):
        (alone,) = fit_elastic_net(train, [together.columns], seed=1)
        assert torch.allclose(together.weight, alone.weight, atol=1e-5)
        assert torch.allclose(together.bias, alone.bias, atol=1e-5)
        assert together.rounds == PAPER.epochs
        assert together.dev_score is None


def test_a_seed_decides_everything() -> None:
    def run(seed: int) -> list[Probe]:
        return fit_elastic_net(planted().train, FAMILY, seed=seed)

    for first, second, other in zip(run(3), run(3), run(4), strict=True):
        assert torch.equal(first.weight, second.weight)
        assert torch.equal(first.bias, second.bias)
        assert not torch.equal(first.weight, other.weight)


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    fit_elastic_net(planted().train, [EVERY], settings=ElasticNet(epochs=1))
    assert torch.equal(torch.get_rng_state(), state)


def test_bfloat16_rows_are_what_they_hold() -> None:
    values, labels = raw()
    halved = values.to(torch.bfloat16)
    (narrow,) = fit_elastic_net(labelled(halved, labels, 3), [EVERY])
    (wide,) = fit_elastic_net(labelled(halved.float(), labels, 3), [EVERY])
    assert torch.equal(narrow.weight, wide.weight)


def test_one_class_gives_a_warning_and_the_constant_prediction() -> None:
    train = labelled(raw()[0], torch.zeros(700, dtype=torch.int64), 1)
    with pytest.warns(UserWarning, match="Every training label is 'A': the probe always predicts it"):
        probes = fit_elastic_net(train, FAMILY)
    assert np.all(predict(train.rows, probes) == 0)


def test_progress_counts_epochs() -> None:
    seen: list[tuple[int, int]] = []
    fit_elastic_net(
        planted().train, [EVERY], settings=ElasticNet(epochs=3), progress=lambda done, of: seen.append((done, of))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("block_rows", [50, 1000])
def test_with_balanced_classes_each_batch_is_a_weighted_mean(block_rows: int) -> None:
    values, labels = raw(rows=1000)
    labels[torch.arange(1000) % 3 > 0] = 0
    train, settings = labelled(values, labels, 3, block_rows), ElasticNet(epochs=3, learning_rate=1e-2)
    (probe,) = fit_elastic_net(train, [EVERY], settings=settings, weights="balanced", seed=4)
    weight = 1000 / (3 * torch.bincount(labels).float())
    model = naive(values.flatten(1), labels, 3, settings, 4, weight)
    assert torch.allclose(probe.weight.T, model.weight, atol=1e-4)
    assert torch.allclose(probe.bias, model.bias, atol=1e-4)
    (plain,) = fit_elastic_net(train, [EVERY], settings=settings, seed=4)
    assert (plain.weight - probe.weight).abs().max() > 1e-2


@pytest.mark.parametrize("block_rows", [50, 128, 1000])
def test_for_numbers_it_is_adam_on_the_mean_squared_error(block_rows: int) -> None:
    train = numbers(rows=1000, block_rows=block_rows).train
    settings = ElasticNet(epochs=3, learning_rate=1e-2, l1=1e-3, l2=1e-3)
    probes = fit_elastic_net(train, FAMILY, settings=settings, weights="balanced", seed=4)  # numbers have no classes
    values = train.rows.gather(range(12))
    for probe in probes:
        inputs = values[:, probe.columns.start : probe.columns.stop]
        model = naive(inputs, train.labels.float()[:, None], 1, settings, seed=4)
        assert torch.allclose(probe.weight.T, model.weight, atol=1e-4)
        assert torch.allclose(probe.bias, model.bias, atol=1e-4)


def test_a_constant_number_gives_a_warning_and_the_constant_prediction() -> None:
    train = labelled(raw()[0], torch.full((700,), 1.5, dtype=torch.float64), 0)
    with pytest.warns(UserWarning, match=r"Every training label is 1\.5: the probe always predicts it"):
        probes = fit_elastic_net(train, FAMILY)
    assert np.all(predict(train.rows, probes, numeric=True) == 1.5)


def test_without_rows_there_is_nothing_to_learn() -> None:
    for labels, classes in ((torch.empty(0, dtype=torch.int64), 3), (torch.empty(0, dtype=torch.float64), 0)):
        with pytest.raises(ProbeError, match="needs rows to be trained on, and train has none"):
            fit_elastic_net(labelled(torch.empty(0, 3, 4), labels, classes), [EVERY])
