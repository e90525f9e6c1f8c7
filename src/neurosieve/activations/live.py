"""Rows straight from model and text, with nothing on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosieve.activations.alignment import Aggregation, BoolArray, OnTooLong
from neurosieve.activations.encoder import Encoder
from neurosieve.activations.extract import BATCH_TOKENS, plan_extraction
from neurosieve.activations.shards import compute_shard, plan_shards
from neurosieve.activations.store import checked_mask, kept_blocks
from neurosieve.arrays import Block, Grid, Rows


class LiveRows(Rows):
    """The rows that a store of the same sentences would give, computed anew at every reading.

    For algorithms that read once; one shard is in memory at a time.

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
    ) -> None:
        self._encoder = encoder
        self._plan = plan_extraction(encoder, sentences, on_too_long)
        self._aggregation: Aggregation = aggregation
        self._batch_tokens = batch_tokens
        self.missing = self._plan.without_vector
        self.report = self._plan.report
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
        for shard in plan_shards(self._plan):
            values = compute_shard(encoder, self._plan, shard, self._aggregation, self._batch_tokens)
            wanted = [values[layer] for layer in chosen]
            for block in kept_blocks(wanted, self._keep[shard.first : shard.last], start):
                yield block
                start += len(block)
