"""The same rows beginning elsewhere: a baseline for what two models share, at the price of one more pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosieve.arrays import Block, Rows


class RotatedRows(Rows):
    """Rows ``by`` to the last, then 0 to ``by``: row i of one model meets row i + ``by`` of the other.

    What is left of a similarity then is chance: the largest of many |r|, the bias of CKA, and what neighbouring words
    have in common where ``by`` is small; half of the rows is far enough. Moments stay as they are.

        chance = compare_models(first, RotatedRows(second, second.n_rows // 2), moments)
    """

    def __init__(self, source: Rows, by: int) -> None:
        self.source, self.by = source, by % max(1, source.n_rows)
        self.grid, self.n_rows = source.grid, source.n_rows

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; the source is read twice, and every block is a view of one of its."""
        start = 0
        for low, high in ((self.by, self.n_rows), (0, self.by)):
            for block in self.source.blocks(layers):
                inside = slice(max(0, low - block.start), max(0, high - block.start))
                part = tuple(layer[inside] for layer in block.layers)
                if len(part[0]):
                    yield Block(start, part)
                    start += len(part[0])
