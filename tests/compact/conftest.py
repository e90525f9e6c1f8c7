"""A compact model with random weights on scattered neurons of a tiny model: no training is needed to test it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

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


KIND_NEURONS = {"labelling": NEURONS, "classification": [(3, 4), (1, 7), (0, 2)], "regression": [(1, 3), (1, 8)]}


def of_kind(encoder: Encoder, kind: str, **more: Any) -> CompactModel:
    """A model of each kind on neurons of its own; the second reads layer 3, the others less."""
    neurons = KIND_NEURONS[kind]
    weight, bias = head(len(neurons), 1 if kind == "regression" else len(CLASSES), seed=len(neurons))
    classes = () if kind == "regression" else CLASSES
    pooling = None if kind == "labelling" else "mean"
    return CompactModel.build(encoder, neurons, weight, bias, classes, **{"kind": kind, "pooling": pooling} | more)


def text_vectors(encoder: Encoder, texts: Sequence[tuple[str, ...]], pooling: str) -> torch.Tensor:
    """All layers side by side (texts × N), one text at a time through tokenizer and model; NaN where nothing is left.

    "cls" is the first piece, as in BERT.
    """
    rows = []
    for one in texts:
        asked = {"return_special_tokens_mask": True, "return_token_type_ids": True}
        encoding = encoder.tokenizer(*one, return_tensors="pt", **asked)
        own = encoding.pop("special_tokens_mask")[0] == 0
        with torch.inference_mode():
            found = encoder.model(**encoding, output_hidden_states=True).hidden_states
        states = torch.cat(found, dim=2)[0]
        pieces = states[own]
        empty = torch.full_like(states[0], torch.nan)
        last = pieces[-1] if len(pieces) else empty
        rows.append({"cls": states[0], "mean": pieces.mean(dim=0), "last": last}[pooling])
    return torch.stack(rows)


def every_neuron(layers: int) -> list[tuple[int, int]]:
    return [(layer, unit) for layer in range(layers) for unit in range(UNITS)]


@pytest.fixture(scope="session")
def model(load: Load) -> CompactModel:
    return build(load("bert"))


@pytest.fixture(scope="session")
def several(load: Load) -> CompactModel:
    """A model of every kind, joined."""
    return CompactModel.join({f"a {kind}": of_kind(load("bert"), kind) for kind in KIND_NEURONS})


@pytest.fixture
def saved(model: CompactModel, tmp_path: Path) -> Path:
    model.save_pretrained(tmp_path / "compact", "# A card\n")
    return tmp_path / "compact"
