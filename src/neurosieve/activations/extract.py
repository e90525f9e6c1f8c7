"""One vector per word per layer (Section 3.1): every distinct window is read once, and its words are picked out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor

from neurosieve.activations.alignment import (
    Aggregation,
    BoolArray,
    OnTooLong,
    Pieces,
    Windows,
    clip_words,
    plan_windows,
    pool,
)
from neurosieve.activations.batching import BATCH_TOKENS, Batch, batches
from neurosieve.activations.encoder import Encoder
from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError, ModelError


@dataclass(frozen=True)
class ExtractionReport:
    """What happened to words on their way into the model; all are counts.

    Attributes:
        sentences: how many there are.
        words: how many there are.
        missing: words that the tokenizer maps to nothing; they have no vector.
        truncated: words that were dropped from the ends of long sentences; they have no vector.
        windowed_sentences: sentences that were read in overlapping windows.
        clipped_words: words longer than the window, of which only the last pieces were read.
    """

    sentences: int
    words: int
    missing: int
    truncated: int
    windowed_sentences: int
    clipped_words: int

    def to_dict(self) -> dict[str, int]:
        """All counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class ExtractionPlan:
    """A corpus in pieces and windows, before any model has run.

    Attributes:
        without_vector: (W,) bool, words that are missing or truncated.
        aggregation: what stands for a word.
    """

    sentences: Sequence[Sequence[str]]
    pieces: Pieces
    windows: Windows
    without_vector: BoolArray
    report: ExtractionReport
    aggregation: Aggregation = "last"

    @property
    def row_starts(self) -> IntArray:
        """(S + 1,) the words at which a shard may begin."""
        return self.pieces.sentence_starts

    @property
    def first_rows(self) -> IntArray:
        """The first word of each window."""
        return self.windows.first

    def batches(self, encoder: Encoder, batch_tokens: int, windows: slice = slice(None)) -> Iterator[Batch]:
        """What is read together; windows with the same pieces, words and kept words are read once."""
        chosen = np.arange(len(self.windows))[windows]
        starts = self.pieces.word_starts
        sizes = (starts[self.windows.last] - starts[self.windows.first])[chosen] + len(encoder.segmenter.wrapping)
        return batches(chosen, sizes, (_key(self, window) for window in chosen), batch_tokens)

    def run(
        self, encoder: Encoder, layers: Sequence[int], batch_tokens: int, windows: slice = slice(None)
    ) -> Iterator[WordBatch]:
        """See `run_plan`."""
        return run_plan(encoder, self, layers, batch_tokens, windows)


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
    pieces = encoder.segmenter(sentences)
    check_vocabulary(encoder, pieces.ids)
    room = encoder.window - len(encoder.segmenter.wrapping)
    pieces, clipped = clip_words(pieces, room)
    windows = plan_windows(pieces, room, on_too_long)
    missing = pieces.per_word == 0
    truncated = ~missing & ~windows.covered(len(missing))
    cut = int(np.count_nonzero(pieces.per_sentence > room)) if on_too_long == "window" else 0
    report = ExtractionReport(len(sentences), len(missing), int(missing.sum()), int(truncated.sum()), cut, clipped)
    return ExtractionPlan(sentences, pieces, windows, missing | truncated, report, aggregation)


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
) -> Iterator[WordBatch]:
    """Run the model over a plan, or over some of its windows.

    Raises:
        ActivationsError: a vector is not finite; the message names layer, sentence and word.
    """
    for batch in plan.batches(encoder, batch_tokens, windows):
        yield from _run_batch(encoder, plan, batch, layers, batch_tokens)


def _key(plan: ExtractionPlan, window: int) -> bytes:
    """Equal for windows of the same pieces, cut into the same words, of which the same are kept."""
    spans = plan.windows
    first, last, kept = spans.first[window], spans.last[window], (spans.keep_first[window], spans.keep_last[window])
    starts = plan.pieces.word_starts[first : last + 1]
    digest = hashlib.blake2b(plan.pieces.ids[starts[0] : starts[-1]].data, digest_size=16)
    digest.update((starts - starts[0]).data)
    digest.update((np.array(kept) - first).data)
    return digest.digest()


def _run_batch(
    encoder: Encoder, plan: ExtractionPlan, batch: Batch, layers: Sequence[int], batch_tokens: int
) -> Iterator[WordBatch]:
    """The vectors of a batch, at most as many at a time as it has pieces: repetitions may be many more."""
    ids, mask = _pad(encoder, plan, batch)
    words, rows, counts = _rows(encoder, plan, batch, ids.shape[1])
    states = [state.flatten(0, 1) for state in encoder.hidden_states(ids, mask, layers)]
    at_most = max(batch_tokens, ids.numel())
    for part in (slice(i, i + at_most) for i in range(0, len(words), at_most)):
        first, count = torch.from_numpy(np.stack([rows[part], counts[part]])).to(encoder.device)
        vectors = tuple(pool(state, first, count, plan.aggregation).to(encoder.dtype) for state in states)
        _check_finite(vectors, layers, words[part], plan, encoder)
        yield WordBatch(torch.from_numpy(words[part]), vectors)


def _rows(encoder: Encoder, plan: ExtractionPlan, batch: Batch, width: int) -> tuple[IntArray, IntArray, IntArray]:
    """The words that get vectors, the row of each one's first piece in the flattened batch, how many pieces it has."""
    starts = plan.pieces.word_starts
    words, owner = _kept_words(plan.windows, batch.members)
    counts = starts[words + 1] - starts[words]
    words, owner, counts = words[counts > 0], owner[counts > 0], counts[counts > 0]
    left = width - batch.sizes if encoder.padding_side == "left" else np.zeros_like(batch.sizes)
    # Row of a window's first piece, then of each word's first piece.
    window = np.arange(len(left)) * width + left + len(encoder.segmenter.wrapping.prefix)
    rows = (window[batch.place] - starts[plan.windows.first[batch.members]])[owner] + starts[words]
    return words, rows, counts


def _pad(encoder: Encoder, plan: ExtractionPlan, batch: Batch) -> tuple[Tensor, Tensor]:
    starts, wrapping, width = plan.pieces.word_starts, encoder.segmenter.wrapping, int(batch.sizes.max())
    spans = zip(starts[plan.windows.first[batch.windows]], starts[plan.windows.last[batch.windows]], strict=True)
    flat = [part for a, b in spans for part in (wrapping.prefix, plan.pieces.ids[a:b], wrapping.suffix)]
    column, sizes = np.arange(width), batch.sizes[:, None]
    mask = column >= width - sizes if encoder.padding_side == "left" else column < sizes
    ids = np.full(mask.shape, encoder.pad_id, dtype=np.int64)
    ids[mask] = np.concatenate(flat)
    device = encoder.device
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask.astype(np.int64)).to(device)


def _kept_words(plan: Windows, windows: IntArray) -> tuple[IntArray, IntArray]:
    """The words kept in some windows, and for each the place of its window among them."""
    first, last = plan.keep_first[windows], plan.keep_last[windows]
    owner = np.repeat(np.arange(len(windows)), last - first)
    offset = np.cumsum(last - first) - (last - first)
    return np.arange(len(owner)) - offset[owner] + first[owner], owner


def check_vocabulary(encoder: Encoder, ids: IntArray) -> None:
    """Refuse a tokenizer with pieces that the model has no embedding for (ModelError)."""
    known = int(encoder.model.get_input_embeddings().weight.shape[0])  # type: ignore[index]
    largest = max(int(ids.max(initial=0)), encoder.pad_id, *encoder.segmenter.wrapping.prefix, 0)
    if largest >= known:
        raise ModelError(
            f"The tokenizer of {encoder.name} gives piece {largest}, but the model has embeddings for {known} pieces. "
            "The tokenizer belongs to another model; load the one that was saved with it."
        )


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
