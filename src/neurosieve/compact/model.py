"""The compact model: a truncated encoder, the neurons that were kept, and a linear head (Section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations import BATCH_TOKENS, Aggregation, Encoder, OnTooLong, word_batches
from neurosieve.arrays import Neuron
from neurosieve.compact.files import read_compact, write_compact
from neurosieve.compact.head import Head
from neurosieve.compact.words import Splitting, as_words
from neurosieve.errors import CompactError

SENTENCES_AT_ONCE = 1024


class Prediction(NamedTuple):
    """The words of one sentence and a label for each; None where the tokenizer maps a word to nothing."""

    words: list[str]
    labels: list[str | None]


@dataclass(frozen=True, eq=False)
class CompactModel:
    """Words in, labels out.

    Attributes:
        encoder: as many layers as the highest kept neuron needs.
        head: the kept neurons and the classifier on them.
        measured: what was measured when it was made, as saved beside it; may be empty.
    """

    encoder: Encoder
    head: Head
    aggregation: Aggregation = "last"
    on_too_long: OnTooLong = "window"
    measured: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        encoder: Encoder,
        neurons: Sequence[Neuron],
        weight: Tensor,
        bias: Tensor,
        classes: Sequence[str],
        *,
        aggregation: Aggregation = "last",
        on_too_long: OnTooLong = "window",
        truncate: bool = True,
    ) -> CompactModel:
        """Cut the encoder after the highest layer that a kept neuron lives in, and put the head on it.

        ``weight`` is (neurons × classes), ``bias`` (classes,). ``truncate=False`` leaves the encoder whole: that is the
        full model with its probe, to compare with.

        Raises:
            CompactError: there is no neuron or no class, the encoder lacks a neuron, or the shapes do not fit.
            ModelError: the encoder cannot be truncated.
        """
        head = Head(tuple(Neuron(*neuron) for neuron in neurons), weight.float(), bias.float(), tuple(classes))
        if not head.fits(encoder.grid):
            raise CompactError(
                f"A head on {len(neurons)} neurons with {len(classes)} classes needs at least one of each, neurons of "
                f"the encoder's {encoder.n_layers} layers × {encoder.n_units} units, a weight ({len(neurons)} × "
                f"{len(classes)}) and a bias ({len(classes)},); it got {tuple(weight.shape)} and {tuple(bias.shape)}."
            )
        short = encoder.truncated(max(head.layers)) if truncate else encoder
        return cls(short, head.to(encoder.device), aggregation, on_too_long)

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, device: str = "auto", trust_remote_code: bool = False
    ) -> CompactModel:
        """Load what `save_pretrained` wrote; every file is checked against its sha256.

        No code that lies in the folder runs, unless ``trust_remote_code`` says so.

        Raises:
            CompactError: a file is missing or altered, or the folder holds no compact model.
        """
        about, encoder, head = read_compact(Path(folder), device, trust_remote_code)
        return cls(encoder, head.to(encoder.device), about.aggregation, about.on_too_long, dict(about.measured))

    def save_pretrained(self, folder: str | Path, card: str = "") -> None:
        """Write encoder, tokenizer, head, description and model card (``card``, Markdown) as one folder.

        The folder appears whole or not at all; one that is there already is replaced.

        Raises:
            CompactError: the folder holds something else than a compact model.
            OSError: it cannot be written.
        """
        write_compact(Path(folder), self.encoder, self.head, self.aggregation, self.on_too_long, self.measured, card)

    @property
    def n_parameters(self) -> int:
        """Parameters of the encoder as it stands, and of the head."""
        return self.encoder.n_parameters + self.head.weight.numel() + self.head.bias.numel()

    def scores(self, sentences: Sequence[Sequence[str]], batch_tokens: int = BATCH_TOKENS) -> Tensor:
        """Class scores of all words in order: (W × C) float32; a row of NaN where a word has no vector."""
        n_words = sum(len(words) for words in sentences)
        out = torch.full((n_words, len(self.head.classes)), torch.nan)
        batches = word_batches(
            self.encoder,
            sentences,
            layers=self.head.layers,
            aggregation=self.aggregation,
            on_too_long=self.on_too_long,
            batch_tokens=batch_tokens,
        )
        for batch in batches if n_words else ():
            out[batch.words] = self.head.scores(batch.layers).cpu()
        return out

    def predict(
        self, sentences: Iterable[str | Sequence[str]], *, splitting: Splitting = "punctuation"
    ) -> list[Prediction]:
        """A label for every word of every sentence, in order; a string is split into words (see `as_words`).

        Raises:
            CompactError: one string came instead of a list.
        """
        return list(self.stream(sentences, splitting=splitting))

    def stream(
        self, sentences: Iterable[str | Sequence[str]], *, splitting: Splitting = "punctuation"
    ) -> Iterator[Prediction]:
        """The same, lazily: memory does not grow with the number of sentences."""
        if isinstance(sentences, str):
            raise CompactError("Give a list of sentences; for one alone, a list of one.")
        waiting = (as_words(sentence, splitting) for sentence in sentences)
        while some := list(islice(waiting, SENTENCES_AT_ONCE)):
            yield from self._label(some)

    def _label(self, sentences: list[list[str]]) -> Iterator[Prediction]:
        scores = self.scores(sentences)
        known = ~torch.isnan(scores[:, 0]).numpy()
        best = np.where(known, torch.nan_to_num(scores).argmax(dim=1).numpy(), 0)
        start = 0
        for words in sentences:
            part = range(start, start + len(words))
            yield Prediction(words, [self.head.classes[best[i]] if known[i] else None for i in part])
            start += len(words)
