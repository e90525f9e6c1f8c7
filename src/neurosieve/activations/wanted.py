"""What is to be read by what: everything that decides the vectors, which names the store that holds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.shards import SHARD_WORDS, Plan
from neurosieve.activations.texts import plan_texts
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong

_VERSION = 1  # of what is described here


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be read by what: ``described`` is everything that decides the vectors, and names the store."""

    encoder: Encoder
    described: dict[str, Any]
    make_plan: Callable[[], Plan]

    def folder(self, root: str | Path) -> Path:
        """Where it lies; wants with equal descriptions share a folder."""
        name = hashlib.sha256(json.dumps(self.described, sort_keys=True).encode()).hexdigest()[:32]
        return Path(root) / name


def words_wanted(
    encoder: Encoder,
    sentences: Sequence[Sequence[str]],
    *,
    last_layer: int | None = None,
    aggregation: Aggregation = "last",
    on_too_long: OnTooLong = "window",
) -> Wanted:
    """A vector for each word; see `extract`."""
    encoder = _up_to(encoder, last_layer)
    described = _describe(encoder, sentences, aggregation, on_too_long)
    return Wanted(encoder, described, lambda: plan_extraction(encoder, sentences, on_too_long, aggregation))


def texts_wanted(
    encoder: Encoder,
    texts: Sequence[tuple[str, ...]],
    *,
    last_layer: int | None = None,
    pooling: Pooling = "cls",
    on_too_long: OnTooLong = "truncate",
) -> Wanted:
    """A vector for each text; see `extract_texts`."""
    encoder = _up_to(encoder, last_layer)
    cut: OnTooLong = "error" if on_too_long == "error" else "truncate"
    described = _describe(encoder, texts, pooling, cut) | {"unit": "texts"}
    return Wanted(encoder, described, lambda: plan_texts(encoder, texts, pooling, cut))


def _up_to(encoder: Encoder, last_layer: int | None) -> Encoder:
    return encoder.truncated(encoder.n_layers - 1 if last_layer is None else last_layer)


def _describe(
    encoder: Encoder, sentences: Sequence[Sequence[str]], aggregation: Aggregation | Pooling, on_too_long: OnTooLong
) -> dict[str, Any]:
    """Everything that decides what the vectors are but their last bits."""
    words = json.dumps([list(words) for words in sentences])
    # Named only where there are any, so that stores made before there were sublayers keep their names.
    sublayers = {"sublayers": list(encoder.sublayers)} if encoder.sublayers else {}
    return sublayers | {
        "format": _VERSION,
        "encoder": encoder.fingerprint,
        "tokenizer": encoder.segmenter.sha256,
        "layers": encoder.n_layers,
        "window": encoder.window,
        "dtype": str(encoder.dtype).removeprefix("torch."),
        "aggregation": aggregation,
        "on_too_long": on_too_long,
        "shard_words": SHARD_WORDS,
        "words": hashlib.sha256(words.encode()).hexdigest(),
    }
