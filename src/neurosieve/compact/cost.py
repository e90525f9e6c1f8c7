"""What a compact model costs: room on disk, parameters, operations for a word or a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.texts import plan_texts
from neurosieve.activations.work import work_of
from neurosieve.compact.model import CompactModel
from neurosieve.errors import CompactError
from neurosieve.pieces.items import read_items


@dataclass(frozen=True)
class Cost:
    """Of reading some items.

    Attributes:
        rows: words, or texts.
        pieces_per_row: pieces that the encoder reads for one, special pieces included, padding not.
        flops_per_row: twice the multiplications and additions of all products with weights and of the attention; the
            head's are counted, norms and activation functions are not.
    """

    rows: int
    pieces_per_row: float
    flops_per_row: float


def reading_cost(model: CompactModel, items: Sequence[Sequence[str] | str], task: str | None = None) -> Cost:
    """Count what a model does for items; it runs on two short rows of pieces alone, and the rest is counted.

    What occurs twice counts twice, though a batch would read it once.

    Raises:
        CompactError: there is no item.
    """
    head, encoder = model.head_of(task), model.encoder
    given = list(read_items(items, head.unit, None))
    rows = sum(map(len, given)) if head.unit == "words" else len(given)
    if not rows:
        raise CompactError("There is nothing to count the cost of; give at least one sentence or text.")
    if head.pooling is None:
        plan = plan_extraction(encoder, given, model.on_too_long, head.aggregation)
        wrapping, starts = len(encoder.segmenter.wrapping), plan.pieces.word_starts
        pieces = int((starts[plan.windows.last] - starts[plan.windows.first] + wrapping).sum())
        work = work_of(encoder, plan)
    else:
        texts = plan_texts(encoder, [tuple(item) for item in given], head.pooling)
        pieces, work = sum(len(reading.ids) for reading in texts.readings), work_of(encoder, texts)
    per_piece = work.flops / max(1, work.pieces)
    return Cost(rows, pieces / rows, per_piece * pieces / rows + 2 * head.weight.numel())


def megabytes_of(folder: str | Path, pattern: str = "*") -> float:
    """The size of the files of a folder whose names fit a pattern, in 10⁶ bytes."""
    return sum(path.stat().st_size for path in Path(folder).rglob(pattern) if path.is_file()) / 1e6
