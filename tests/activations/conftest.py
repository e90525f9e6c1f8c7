"""One tiny model of every family, built once, and the readings that the tests compare with."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import word_batches
from neurosieve.activations.loading import MINILM_PACKAGE, load_encoder
from tests.tiny_models import FAMILIES, make_tiny


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("tiny")

    def folder(family: str) -> Path:
        return root / family if (root / family).exists() else make_tiny(family, root / family)

    return folder


@pytest.fixture(scope="session")
def load(tiny_folder) -> Callable[..., Encoder]:
    known: dict[tuple, Encoder] = {}

    def get(family: str, **options) -> Encoder:
        key = (family, *sorted(options.items()))
        if key not in known:
            known[key] = load_encoder(tiny_folder(family), device="cpu", **options)
        return known[key]

    return get


@pytest.fixture(params=FAMILIES)
def encoder(request, load) -> Encoder:
    return load(request.param)


def vectors(encoder: Encoder, sentences, **options) -> Tensor:
    """All words of a corpus: (words × layers × units), NaN where a word has no vector."""
    layers = options.get("layers") or range(encoder.n_layers)
    out = torch.full((sum(len(words) for words in sentences), len(layers), encoder.n_units), float("nan"))
    for batch in word_batches(encoder, sentences, **options):
        out[batch.words] = torch.stack([layer.float() for layer in batch.layers], dim=1)
    return out


def assert_close(mine: Tensor, theirs: Tensor, tolerance: float = 1e-5) -> None:
    """(words × layers × units): the largest error of each layer is below a share of its RMS; NaN at the same words."""
    assert mine.shape == theirs.shape
    assert torch.equal(mine.isnan(), theirs.isnan())
    error = (mine - theirs).nan_to_num().abs().amax((0, 2))
    rms = theirs.nan_to_num().square().mean((0, 2)).sqrt()
    assert np.all(error.numpy() <= tolerance * rms.numpy()), (error / rms).tolist()


@pytest.fixture(scope="session")
def minilm() -> Encoder:
    if importlib.util.find_spec(MINILM_PACKAGE) is None:
        pytest.skip("the bundled MiniLM is not installed")
    return load_encoder("minilm", device="cpu")


@pytest.fixture(scope="session")
def xlnet_mini(shared_models) -> Encoder:
    return load_encoder(shared_models / "xlnet-mini", device="cpu")
