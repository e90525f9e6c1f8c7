"""Debiased CKA between two models with intervals: all layers of both stand side by side."""

from __future__ import annotations

from neurosieve.errors import ActivationsError
from neurosieve.general import CkaIntervals, cka_intervals
from neurosieve.general.forecast import size_texts
from neurosieve.general.side_by_side import SideBySideRows
from neurosieve.moments import moments_of
from neurosieve.run.models.records import CrossCka
from neurosieve.run.models.words import SameWords
from neurosieve.run.scaled import Allowance
from neurosieve.run.settings import MomentProducts
from neurosieve.run.stages import Stopwatch

BYTES_PER_PAIR = 14  # of the moments' products and of the sums of a block of sentences, for each pair of neurons


def side_by_side(
    words: SameWords, allowance: Allowance, device: str, products: MomentProducts, watch: Stopwatch
) -> CkaIntervals | str:
    """All pairs of layers, those of A and then those of B, from two passes over both; or why they are left out."""
    both, step = SideBySideRows(*words.rows), watch.progress.step
    needed = BYTES_PER_PAIR * both.grid.size**2
    if needed > allowance.limit:
        size, limit = size_texts(needed, allowance.limit)
        return f"Debiased CKA and its intervals are left out: they take {size}, and the limit is {limit}."
    with watch.stage("intervals of CKA"):
        moments = moments_of(both, device=device, progress=step, products=products)
        try:
            return cka_intervals(moments, both, words.groups, progress=step)
        except ActivationsError as error:  # too few sentences to leave any out
            return f"Debiased CKA and its intervals are left out. {error}"


def between(known: CkaIntervals, layers: int) -> CrossCka:
    """The pairs of one of the first ``layers`` layers and one of the others."""
    values, low, high = (part[:layers, layers:].tolist() for part in (known.values, known.low, known.high))
    return CrossCka(values=values, low=low, high=high, blocks=len(known.sizes))
