"""A compact model with random weights on scattered neurons of a tiny model: no training is needed to test it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from neurosieve.activations import Encoder, load_encoder
from neurosieve.compact import CompactModel
from tests.tiny_models import UNITS, make_tiny

CLASSES = ("A", "B|C", "``")
NEURONS = [(2, 5), (0, 1), (1, 7), (1, 8), (1, 9), (2, 0), (0, 31)]

Load = Callable[..., Encoder]


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Family -> its encoder, built once."""

    @cache
    def loaded(family: str) -> Encoder:
        return load_encoder(make_tiny(family, tmp_path_factory.mktemp(family)), device="cpu")

    return loaded


def head(n_neurons: int, n_classes: int = len(CLASSES), seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n_neurons, n_classes, generator=generator), torch.randn(n_classes, generator=generator)


def build(encoder: Encoder, neurons: list[tuple[int, int]] = NEURONS, **more: object) -> CompactModel:
    return CompactModel.build(encoder, neurons, *head(len(neurons)), CLASSES, **more)  # type: ignore[arg-type]


def every_neuron(layers: int) -> list[tuple[int, int]]:
    return [(layer, unit) for layer in range(layers) for unit in range(UNITS)]


@pytest.fixture(scope="session")
def model(load: Load) -> CompactModel:
    return build(load("bert"))


@pytest.fixture
def saved(model: CompactModel, tmp_path: Path) -> Path:
    model.save_pretrained(tmp_path / "compact", "# A card\n")
    return tmp_path / "compact"
