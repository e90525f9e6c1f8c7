"""How many clusters other text of this size would give: the spread over halves of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from neurosieve.general import THRESHOLDS, CountSpread, SentenceBlocks, cluster_count_spread
from neurosieve.moments import Moments
from neurosieve.run.inspection.records import SpreadPart, SpreadPoint
from neurosieve.run.inspection.subject import Subject

SPLITS = 8
BLOCKS = 20
LEAST_BLOCKS = 4
HELD_BYTES = 2**30  # of N × N matrices; with fewer than four of them halves cannot be held side by side


def inspect_spread(subject: Subject) -> SpreadPart | str:
    """The number of clusters at each threshold over random halves of the training sentences, or why there is none.

    Costs 2·splits + 1 dendrograms, and a pass with its products for as many splits as can be held (all, up to about
    2,700 neurons).
    """
    n, asked, settings = subject.grid.size, subject.asked, subject.opened.settings
    if asked.splits == 0:
        return "The spread was not asked for (0 splits)."
    together = held_splits(n)
    if asked.splits is None and together < 1:
        gigabytes = 4 * 8 * n * n / 1e9
        return f"Halves of the text would need {gigabytes:.1f} GB for {n:,} neurons; `--splits {SPLITS}` makes them."
    blocks = min(BLOCKS, subject.n_sentences // 2 * 2)
    if blocks < LEAST_BLOCKS:
        return f"Halves need {LEAST_BLOCKS} sentences or more, and there are {subject.n_sentences}."
    splits = asked.splits or SPLITS
    held = min(splits, max(1, together))
    train, device = subject.data.train, str(subject.opened.encoder.device)
    parts = SentenceBlocks(train.rows, train.groups, blocks, device, settings.moment_products)
    with subject.watch.stage("spread of the clusters"):
        told = _Told(parts, subject.watch.progress.step, blocks * -(-splits // held))
        thresholds = sorted({*THRESHOLDS, asked.threshold})
        found = cluster_count_spread(told, thresholds, splits=splits, held=held, seed=subject.seed)
    return SpreadPart(points=[_point(one) for one in found], level=found[0].level, splits=splits, blocks=blocks)


def held_splits(neurons: int) -> int:
    """How many splits can be worked on in one pass: two matrices each, and two more."""
    return int((HELD_BYTES / (8 * neurons * neurons) - 2) // 2)


def _point(found: CountSpread) -> SpreadPoint:
    return SpreadPoint(
        threshold=found.threshold,
        clusters=found.count,
        low=found.low,
        high=found.high,
        half_median=found.half_median,
        half_range=found.half_range,
    )


@dataclass
class _Told:
    """Parts of a text that say how many of them have been made."""

    parts: SentenceBlocks
    step: Callable[[int, int], None]
    total: int
    done: int = 0

    def __len__(self) -> int:
        return len(self.parts)

    def __iter__(self) -> Iterator[Moments]:
        for part in self.parts:
            self.done += 1
            self.step(self.done, self.total)
            yield part
