"""One vector per word per layer (Section 3.1): windows sorted by length, in batches under a budget of pieces."""

from __future__ import annotations

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
from neurosieve.activations.encoder import Encoder
from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError, ModelError

BATCH_TOKENS = 2048  # on two CPU cores 5 to 10 % faster than 1024 or 4096 for a model of MiniLM's size


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
    chosen = np.arange(len(plan.windows))[windows]
    starts = plan.pieces.word_starts
    sizes = (starts[plan.windows.last] - starts[plan.windows.first])[chosen] + len(encoder.segmenter.wrapping)
    for batch in packed(sizes, batch_tokens):
        yield _run_batch(encoder, plan, chosen[batch], sizes[batch], layers)


def packed(sizes: IntArray, batch_tokens: int) -> Iterator[IntArray]:
    """Windows sorted by size, in batches of at most ``batch_tokens`` pieces, padding included (or of one window)."""
    order = np.argsort(sizes, kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * sizes[order[end]] > batch_tokens:
            yield order[start:end]
            start = end


def _run_batch(
    encoder: Encoder,
    plan: ExtractionPlan,
    windows: IntArray,
    sizes: IntArray,
    layers: Sequence[int],
) -> WordBatch:
    width, left = int(sizes.max()), encoder.padding_side == "left"
    ids, mask = _pad(encoder, plan, windows, sizes, width)
    starts, counts = plan.pieces.word_starts, plan.pieces.per_word
    words, owner = _kept_words(plan.windows, windows)
    words, owner = words[counts[words] > 0], owner[counts[words] > 0]
    # Row of a window's first piece in the flattened batch, then of each word's first piece.
    rows = np.arange(len(windows)) * width + (width - sizes if left else 0) + len(encoder.segmenter.wrapping.prefix)
    first = (rows - starts[plan.windows.first[windows]])[owner] + starts[words]
    states = encoder.hidden_states(ids, mask, layers)
    start, count = torch.from_numpy(np.stack([first, counts[words]])).to(encoder.device)
    vectors = tuple(pool(state.flatten(0, 1), start, count, plan.aggregation).to(encoder.dtype) for state in states)
    _check_finite(vectors, layers, words, plan, encoder)
    return WordBatch(torch.from_numpy(words), vectors)


def _pad(
    encoder: Encoder, plan: ExtractionPlan, windows: IntArray, sizes: IntArray, width: int
) -> tuple[Tensor, Tensor]:
    starts, wrapping = plan.pieces.word_starts, encoder.segmenter.wrapping
    spans = zip(starts[plan.windows.first[windows]], starts[plan.windows.last[windows]], strict=True)
    flat = [part for a, b in spans for part in (wrapping.prefix, plan.pieces.ids[a:b], wrapping.suffix)]
    column = np.arange(width)
    mask = column >= (width - sizes)[:, None] if encoder.padding_side == "left" else column < sizes[:, None]
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
        # A sum is finite only if all its terms are; looking at each one is needed only where it is not.
        if not bool(torch.isfinite(values.sum(dtype=torch.float64))):
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
