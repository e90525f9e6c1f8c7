"""Long text from short: the prose of the Python library again and again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertModel

from neurosieve.activations import load_encoder
from neurosieve.activations.loading import minilm_folder
from neurosieve.compact import CompactModel
from neurosieve.corpus import library_prose

POOL = 100_000  # words that are different before they come again


def sentences(words: int) -> Iterator[str]:
    """A sentence at a time until so many words are reached."""
    count = 0
    for sentence in cycle(library_prose(POOL).splits["train"].words):
        yield " ".join(sentence)
        count += len(sentence)
        if count >= words:
            return


def write_text(path: Path, words: int) -> None:
    """A sentence a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in sentences(words))


def small_model(folder: Path) -> Path:
    """A model of two blocks of 32 units with random weights and MiniLM's tokenizer: fast, and small on the disk."""
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder(), local_files_only=True)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def compact_model(model: str, folder: Path) -> Path:
    """A head with random weights on a few neurons of every layer."""
    encoder = load_encoder(model, device="cpu")
    neurons = [(layer, unit) for layer in range(encoder.n_layers) for unit in range(8)]
    weight, bias = torch.randn(len(neurons), 3, generator=torch.Generator().manual_seed(0)), torch.zeros(3)
    CompactModel.build(encoder, neurons, weight, bias, ("A", "B", "C")).save_pretrained(folder)
    return folder


def batches(words: int, size: int = 64) -> Iterator[list[str]]:
    """Lines in small groups."""
    lines = sentences(words)
    while group := list(islice(lines, size)):
        yield group
