"""Tiny models on one text: two of one architecture, and a narrow, short one of another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from neurosieve.run.models.records import ModelsStudy
from neurosieve.run.models.study import compare
from neurosieve.run.settings import RunSettings
from tests.run.small import sentences
from tests.tiny_models import make_tiny

CHANGED = 1  # the block that the second model has other weights in: layer 2 is the first that moves


@pytest.fixture(scope="session")
def prose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences, one of which has a word that a word-piece tokenizer drops."""
    path = tmp_path_factory.mktemp("prose") / "text.txt"
    lines = [" ".join(word for word, _, _ in one) for one in sentences(60, 7)]
    path.write_text("\n".join([*lines, "the \u200b fox is lazy ."]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tuned(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model with other weights in one block."""
    folder = tmp_path_factory.mktemp("tuned")
    changed = AutoModel.from_pretrained(model)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in changed.encoder.layer[CHANGED].parameters():
            weight += 0.5 * torch.randn(weight.shape, generator=generator)
    changed.save_pretrained(folder)
    AutoTokenizer.from_pretrained(model).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GPT-2 with two blocks of 16 units, whose tokenizer knows every byte."""
    folder = make_tiny("gpt2", tmp_path_factory.mktemp("narrow"))
    config = AutoConfig.from_pretrained(folder)
    config.n_embd, config.n_layer = 16, 2
    torch.manual_seed(5)
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


def asked(prose: Path, out: Path, **more: object) -> RunSettings:
    given = {"task": "code-roles", "text": prose, "out": out, "cache": out / "cache", "device": "cpu"}
    return RunSettings(**given | more)


@pytest.fixture(scope="session")
def twins(model: Path, tuned: Path, prose: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelsStudy:
    return compare(asked(prose, tmp_path_factory.mktemp("twins")), f"before={model}", f"after={tuned}", command="x")


@pytest.fixture(scope="session")
def strangers(model: Path, narrow: Path, prose: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelsStudy:
    return compare(asked(prose, tmp_path_factory.mktemp("strangers")), f"bert={model}", f"gpt={narrow}")
