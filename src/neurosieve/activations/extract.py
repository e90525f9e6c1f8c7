"""One vector per word per layer (Section 3.1): every distinct window is read once, and its words are picked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.alignment import pool
from neurosieve.activations.encoder import Encoder
from neurosieve.errors import ActivationsError
from neurosieve.pieces.arrays import IntArray
from neurosieve.pieces.batching import BATCH_TOKENS, Batch
from neurosieve.pieces.sentences import Aggregation, PreparedSentences, prepare_sentences
from neurosieve.pieces.windows import OnTooLong


@dataclass(frozen=True)
class ExtractionPlan(PreparedSentences):
    """A corpus in pieces and windows, which a model can be run over."""

    def run(
        self,
        encoder: Encoder,
        layers: Sequence[int],
        batch_tokens: int,
        windows: slice = slice(None),
        to: torch.device | None = None,
    ) -> Iterator[WordBatch]:
        """See `run_plan`."""
        return run_plan(encoder, self, layers, batch_tokens, windows, to)


@dataclass(frozen=True)
class WordBatch:
    """Vectors of some words: ``words`` (n,) int64 indices in corpus order, ``layers[i]`` (n × H)."""

    words: Tensor
    layers: tuple[Tensor, ...]


def plan_extraction(
    encoder: Encoder,
    sentences: Sequence[Sequence[str]],
    on_too_long: OnTooLong = "window",
    aggregation: Aggregation = "last",
) -> ExtractionPlan:
    """Tokenise a corpus and decide what is read where.

    Raises:
        ActivationsError: a sentence is longer than the window and ``on_too_long`` is ``"error"``.
        ModelError: the tokenizer has pieces that the model has no embedding for.
    """
    return ExtractionPlan(**vars(prepare_sentences(encoder, sentences, on_too_long, aggregation)))


def word_batches(
    encoder: Encoder,
    sentences: Sequence[Sequence[str]],
    *,
    layers: Sequence[int] | None = None,
    aggregation: Aggregation = "last",
    on_too_long: OnTooLong = "window",
    batch_tokens: int = BATCH_TOKENS,
) -> Iterator[WordBatch]:
    """Vectors of all words, batch by batch in no particular order; words without a vector never appear.

    At most one batch of hidden states is in memory, and the model runs only up to the highest layer asked.
    For the counts, take the two steps yourself: `plan_extraction`, then `run_plan`.

    Raises:
        ActivationsError: a sentence is too long (see `plan_extraction`), or a vector is not finite.
        ModelError: there is no such layer.
    """
    plan = plan_extraction(encoder, sentences, on_too_long, aggregation)
    chosen = range(encoder.n_layers) if layers is None else layers
    yield from run_plan(encoder.truncated(max(chosen)), plan, chosen, batch_tokens)


def run_plan(
    encoder: Encoder,
    plan: ExtractionPlan,
    layers: Sequence[int],
    batch_tokens: int = BATCH_TOKENS,
    windows: slice = slice(None),
    to: torch.device | None = None,
) -> Iterator[WordBatch]:
    """Run the model over a plan, or over some of its windows.

    Vectors are on the device ``to``, by default the encoder's: each layer's are brought there as it is made.

    Raises:
        ActivationsError: a vector is not finite; the message names layer, sentence and word.
    """
    for batch in plan.batches(encoder, batch_tokens, windows):
        yield from _run_batch(encoder, plan, batch, layers, batch_tokens, to)


def _run_batch(
    encoder: Encoder,
    plan: ExtractionPlan,
    batch: Batch,
    layers: Sequence[int],
    batch_tokens: int,
    to: torch.device | None,
) -> Iterator[WordBatch]:
    """The vectors of a batch, at most as many at a time as it has pieces: repetitions may be many more."""
    padded = plan.padded(encoder, batch)
    words, rows, counts = plan.rows(encoder, batch, padded)
    ids, mask = (torch.from_numpy(array).to(encoder.device) for array in (padded.ids, padded.mask))
    at_most = max(batch_tokens, ids.numel())
    # Of what is said many times the vectors are taken once, and repeated part by part.
    again = None
    if len(words) > at_most:
        rows, chosen, again = np.unique(rows, return_index=True, return_inverse=True)
        named, counts = words[chosen], counts[chosen]
    else:
        named = words
    first, count = torch.from_numpy(np.stack([rows, counts]))

    def pooled(state: Tensor) -> Tensor:
        here = state.device
        return pool(state.flatten(0, 1), first.to(here), count.to(here), plan.aggregation).to(encoder.dtype)

    vectors = encoder.hidden_states(ids, mask, layers, keep=pooled, to=to)
    _check_finite(vectors, layers, named, plan, encoder)
    if again is None:
        yield WordBatch(torch.from_numpy(words), vectors)
        return
    for part in (slice(i, i + at_most) for i in range(0, len(words), at_most)):
        place = torch.from_numpy(again[part]).to(vectors[0].device)
        yield WordBatch(torch.from_numpy(words[part]), tuple(values.index_select(0, place) for values in vectors))


def first_not_finite(vectors: Sequence[Tensor]) -> tuple[int, int, int] | None:
    """Which of some tensors (n × H) holds the first row that is not finite, that row, and how many it has of them."""
    for index, values in enumerate(vectors):
        # A sum is finite only if all its terms are; looking at each one is needed only where it is not. In float32 a
        # sum may overflow, which costs that look and nothing else.
        if not bool(torch.isfinite(values.sum(dtype=torch.float32))):
            bad = torch.nonzero(~torch.isfinite(values).all(dim=1)).flatten()
            if len(bad):
                return index, int(bad[0]), len(bad)
    return None


def _check_finite(
    vectors: Sequence[Tensor], layers: Sequence[int], words: IntArray, plan: ExtractionPlan, encoder: Encoder
) -> None:
    found = first_not_finite(vectors)
    if found is not None:
        index, row, n_bad = found
        layer = encoder.layer_names[layers[index]]
        word = int(words[row])
        sentence = int(np.searchsorted(plan.pieces.sentence_starts, word, side="right")) - 1
        place = word - int(plan.pieces.sentence_starts[sentence])
        raise ActivationsError(
            f"The vector of word {place + 1} ({plan.sentences[sentence][place]!r}) of sentence {sentence + 1} is not "
            f"finite in layer {layer} ({n_bad} words of its batch are not). Try dtype float32, or another model."
        )
