"""From items to scores: one pass of the encoder for all heads that read vectors alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from neurosieve.activations import Encoder, OnTooLong, WordBatch, text_batches, word_batches
from neurosieve.compact.head import Head
from neurosieve.compact.items import Item


def read_scores(
    encoder: Encoder, heads: Mapping[str, Head], items: Sequence[Item], on_too_long: OnTooLong, batch_tokens: int
) -> dict[str, Tensor]:
    """Scores (rows × C) by name of head; rows are the words of all items, or the items. NaN where there is no vector.

    The heads must have one unit, and one aggregation or pooling.
    """
    first = next(iter(heads.values()))
    layers = sorted({layer for head in heads.values() for layer in head.layers})
    n_rows = sum(map(len, items)) if first.unit == "words" else len(items)
    out = {name: torch.full((n_rows, head.n_outputs), torch.nan) for name, head in heads.items()}
    common: dict[str, Any] = {"layers": layers, "on_too_long": on_too_long, "batch_tokens": batch_tokens}
    for batch in _batches(encoder, first, items, common) if n_rows else ():
        vectors = dict(zip(layers, batch.layers, strict=True))
        for name, head in heads.items():
            out[name][batch.words] = head.scores([vectors[layer] for layer in head.layers]).cpu()
    return out


def _batches(encoder: Encoder, head: Head, items: Sequence[Item], common: dict[str, Any]) -> Iterator[WordBatch]:
    if head.pooling is None:
        return word_batches(encoder, items, aggregation=head.aggregation, **common)
    return text_batches(encoder, [tuple(item) for item in items], pooling=head.pooling, **common)
