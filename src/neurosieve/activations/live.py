"""Rows straight from model and text, with nothing on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.shards import Plan, compute_shard, plan_shards
from neurosieve.activations.store import checked_mask, kept_blocks
from neurosieve.activations.texts import plan_texts
from neurosieve.arrays import Block, Grid, Rows
from neurosieve.memory import give_back_memory
from neurosieve.pieces.arrays import BoolArray
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong


class LiveRows(Rows):
    """The rows that a store of the same sentences would give, computed anew at every reading.

    For algorithms that read once. Two shards are in memory at a time: one that is made, and the one before, of which
    somebody may still hold a block; ``shard_words`` says of about how many words.

    Attributes:
        missing: (W,) bool, the words without a vector; they are no rows.
        report: the counts of the extraction.
    """

    def __init__(
        self,
        encoder: Encoder,
        sentences: Sequence[Sequence[str]],
        *,
        keep: BoolArray | None = None,
        aggregation: Aggregation = "last",
        on_too_long: OnTooLong = "window",
        batch_tokens: int = BATCH_TOKENS,
        shard_words: int | None = None,
        block_rows: int | None = None,
    ) -> None:
        self._shard_words, self._block_rows = shard_words, block_rows
        self._begin(encoder, plan_extraction(encoder, sentences, on_too_long, aggregation), keep, batch_tokens)

    def _begin(self, encoder: Encoder, plan: Plan, keep: BoolArray | None, batch_tokens: int) -> None:
        self._encoder, self._plan, self._batch_tokens = encoder, plan, batch_tokens
        self.missing, self.report = plan.without_vector, plan.report
        self._keep = checked_mask(keep, self.missing)
        self.grid: Grid = encoder.grid
        self.n_rows = int(self._keep.sum())

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; the model runs up to the highest layer asked.

        Raises:
            ActivationsError: a vector is not finite.
        """
        chosen = range(self.grid.layers) if layers is None else layers
        encoder = self._encoder.truncated(max(chosen))
        start = 0
        for shard in plan_shards(self._plan, self._shard_words):
            values = compute_shard(encoder, self._plan, shard, self._batch_tokens, layers=chosen)
            for block in kept_blocks(values, self._keep[shard.first : shard.last], start, self._block_rows):
                yield block
                start += len(block)
            give_back_memory()  # holes between batches would add up, some 30 bytes a word


class LiveTexts(LiveRows):
    """The same for texts or pairs of texts: one row each; see `plan_texts`."""

    def __init__(
        self,
        encoder: Encoder,
        texts: Sequence[tuple[str, ...]],
        *,
        keep: BoolArray | None = None,
        pooling: Pooling = "cls",
        on_too_long: OnTooLong = "truncate",
        batch_tokens: int = BATCH_TOKENS,
        shard_words: int | None = None,
        block_rows: int | None = None,
    ) -> None:
        self._shard_words, self._block_rows = shard_words, block_rows
        self._begin(encoder, plan_texts(encoder, texts, pooling, on_too_long), keep, batch_tokens)
