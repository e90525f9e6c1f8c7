"""Texts in pieces, as the analysis reads them, and batches of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations import Encoder
from neurosieve.activations.texts import plan_texts
from neurosieve.arrays import IntArray
from neurosieve.corpus import Corpus, Example, Split
from neurosieve.errors import ModelError

Feature = dict[str, Any]


@dataclass(frozen=True)
class Inputs:
    """The texts of a split that have pieces, in their order.

    Attributes:
        ids: for each text its pieces, special ones included.
        types: which text of a pair each piece is of; None where the model is not told.
        labels: (n,) class indices (one past the end for a class that train lacks), or numbers.
    """

    ids: list[IntArray]
    types: list[IntArray] | None
    labels: Tensor

    @property
    def features(self) -> list[Feature]:
        """One dictionary a text, for `Collator`."""
        types = [None] * len(self.ids) if self.types is None else self.types
        rows = zip(self.ids, types, self.labels, strict=True)
        return [{"ids": ids, "types": kinds, "label": label} for ids, kinds, label in rows]

    @property
    def sha256(self) -> str:
        """Of everything that a training sees of these texts."""
        digest = hashlib.sha256(self.labels.numpy().tobytes())
        for part in (self.ids, self.types or []):
            digest.update(np.array([len(row) for row in part], dtype=np.int64).tobytes())
            digest.update(np.concatenate([np.empty(0, np.int64), *part]).tobytes())
        return digest.hexdigest()


def read_inputs(encoder: Encoder, corpus: Corpus, split: Split) -> Inputs:
    """Cut texts and pairs as the analysis does, to the encoder's window, with special pieces and token types.

    A text without a piece is left out where there is no classification token that stands for it.

    Raises:
        ModelError: the tokenizer does not fit the model.
    """
    has_token = encoder.segmenter.templates[0].cls is not None
    plan = plan_texts(encoder, split.texts, "cls" if has_token else "last")
    types = [reading.types for reading in plan.readings] if plan.with_types and _reads_types(encoder) else None
    labels = _labels(corpus, split)[torch.from_numpy(plan.first_rows)]
    return Inputs([reading.ids for reading in plan.readings], types, labels)


def sampled(split: Split, limit: int | None, seed: int) -> Split:
    """A seeded sample of so many texts, in file order; all of them where there are no more."""
    n = len(split.sentences)
    if limit is None or limit >= n:
        return split
    rows = np.sort(np.random.default_rng(seed).permutation(n)[:limit])
    return Split(tuple(split.sentences[row] for row in rows), split.sources)


def padding_id(encoder: Encoder) -> int:
    """The piece that fills up short rows, else the one that ends a text: no text holds either.

    Heads of decoders find the last piece of a text by it, so any other piece would not do.

    Raises:
        ModelError: there is neither.
    """
    config, tokenizer = encoder.model.config, encoder.tokenizer
    known = (config.pad_token_id, tokenizer.pad_token_id, getattr(config, "eos_token_id", None), tokenizer.eos_token_id)
    size = config.get_text_config().vocab_size
    for token in known:
        if isinstance(token, int) and 0 <= token < size:
            return token
    raise ModelError(
        f"{encoder.name} (family {encoder.family}) has no piece for padding and none that ends a text, so its texts "
        "cannot be put into batches for fine-tuning. Set pad_token_id in its config.json."
    )


@dataclass(frozen=True)
class Collator:
    """Puts texts into a batch as wide as the longest; ``left``: the padding comes first."""

    pad_id: int
    left: bool

    def __call__(self, features: Sequence[Feature]) -> dict[str, Tensor]:
        """``input_ids``, ``attention_mask``, perhaps ``token_type_ids`` (batch × pieces), and ``labels`` (batch,)."""
        sizes = np.array([len(one["ids"]) for one in features])
        width = int(sizes.max())
        start = (width - sizes if self.left else np.zeros_like(sizes))[:, None]
        column = np.arange(width)
        mask = (column >= start) & (column < start + sizes[:, None])
        batch = {
            "input_ids": _filled(mask, [one["ids"] for one in features], self.pad_id),
            "attention_mask": torch.from_numpy(mask.astype(np.int64)),
            "labels": torch.stack([one["label"] for one in features]),
        }
        if features[0]["types"] is not None:
            batch["token_type_ids"] = _filled(mask, [one["types"] for one in features], 0)
        return batch


def collator_for(encoder: Encoder) -> Collator:
    """Padding on the right, but for heads that read the last column whatever it holds (XLNet's)."""
    return Collator(padding_id(encoder), getattr(encoder.model.config, "summary_type", None) == "last")


def _filled(mask: np.ndarray[Any, Any], rows: Sequence[IntArray], empty: int) -> Tensor:
    filled = np.full(mask.shape, empty, dtype=np.int64)
    filled[mask] = np.concatenate(rows)
    return torch.from_numpy(filled)


def _reads_types(encoder: Encoder) -> bool:
    """Whether types have embeddings of their own, as `Encoder.hidden_states` decides it."""
    return encoder.facts.token_types or getattr(encoder.model.config, "type_vocab_size", 0) > 1


def _labels(corpus: Corpus, split: Split) -> Tensor:
    examples = [one for one in split.sentences if isinstance(one, Example)]
    if corpus.kind == "regression":
        return torch.tensor([float(one.label or 0) for one in examples], dtype=torch.float32)
    index = {label: i for i, label in enumerate(corpus.classes)}
    return torch.tensor([index.get(str(one.label), len(index)) for one in examples])
