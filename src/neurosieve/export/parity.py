"""Whether an export says what its model says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.compact import CompactModel
from neurosieve.errors import ExportError
from neurosieve.pieces.arrays import BoolArray, FloatArray
from neurosieve.pieces.items import Item
from neurosieve.runtime import Runtime

TOLERANCE = 1e-4
"""How far two float32 scores may be apart, as a share of the scores' RMS, and labels with them."""
_ALL_IN_ONE = 1 << 20  # pieces: what is sampled as a batch is read as one


@dataclass(frozen=True)
class Parity:
    """An export beside its model, on one task.

    Attributes:
        items: sentences or texts that both have read.
        rows: words or texts with a score.
        decided: rows whose two best scores are more than `TOLERANCE` × RMS apart; of numbers, all.
        agreeing: decided rows with the same label; of numbers, those no further apart than that.
        same_labels: the same of all rows.
        largest: the largest difference of a score, as a share of the RMS of the model's scores.
    """

    items: int
    rows: int
    decided: int
    agreeing: int
    same_labels: int
    largest: float

    @property
    def holds(self) -> bool:
        """Whether every decided row agrees, and no score is further off than float32 explains."""
        return self.agreeing == self.decided and self.largest <= TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return asdict(self)


def compare(model: CompactModel, runtime: Runtime, task: str, batches: Iterable[Sequence[Item]]) -> Parity:
    """Both read every batch as it is, and their scores are compared.

    Raises:
        ExportError: one gives a score where the other has none.
    """
    mine, theirs, n_items = [], [], 0
    for batch in batches:
        n_items += len(batch)
        mine.append(model.scores(batch, task, batch_tokens=_ALL_IN_ONE).numpy())
        theirs.append(runtime.scores(batch, task, batch_tokens=_ALL_IN_ONE))
    expected, found = np.concatenate(mine), np.concatenate(theirs)
    known = ~np.isnan(expected).any(axis=1)
    if not np.array_equal(known, ~np.isnan(found).any(axis=1)):
        raise ExportError(f"The export for {task!r} has scores for other words or texts than the model has.")
    return parity(expected[known], found[known], n_items)


def parity(expected: FloatArray, found: FloatArray, items: int) -> Parity:
    """From the scores of a model and those of its export, (rows × C) each."""
    rms = float(np.sqrt(np.mean(np.square(expected, dtype=np.float64)))) or 1.0
    apart = np.abs(expected.astype(np.float64) - found)
    decided, same = _labels(expected, found, apart, TOLERANCE * rms)
    return Parity(
        items=items,
        rows=len(expected),
        decided=int(decided.sum()),
        agreeing=int((decided & same).sum()),
        same_labels=int(same.sum()),
        largest=float(apart.max(initial=0.0)) / rms,
    )


def _labels(
    expected: FloatArray, found: FloatArray, apart: NDArray[np.float64], within: float
) -> tuple[BoolArray, BoolArray]:
    """Which rows are decided, and which agree: labels where there are classes, else numbers."""
    if expected.shape[1] == 1:
        return np.ones(len(expected), dtype=np.bool_), apart[:, 0] <= within
    two = np.sort(expected, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0] > within, expected.argmax(axis=1) == found.argmax(axis=1)


def refuse(found: Parity, task: str, folder: object) -> None:
    """Let only an export through that says what its model says.

    Raises:
        ExportError: it does not.
    """
    if not found.holds:
        raise ExportError(
            f"The export for {task!r} differs from the model: {found.decided - found.agreeing} of {found.decided} "
            f"labels or numbers that are not close calls, and scores by up to {found.largest:.1e} of their RMS "
            f"({TOLERANCE:.0e} is allowed), on {found.items} samples. Nothing was written to {folder}."
        )
