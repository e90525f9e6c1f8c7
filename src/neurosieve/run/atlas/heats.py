"""What members of clusters do on the words of single sentences, in standard deviations from their own means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosieve.arrays import IntArray, Rows, SlicedRows
from neurosieve.general import WordPlaces
from neurosieve.moments import Moments
from neurosieve.run.atlas.choice import Window
from neurosieve.run.atlas.records import Heat
from neurosieve.run.portraits import writable

DIGITS = 2


def heats_of(
    rows: Rows,
    places: WordPlaces,
    moments: Moments,
    members: Sequence[IntArray],
    windows: Sequence[Sequence[Window]],
) -> list[list[Heat]]:
    """The heats of some clusters from one pass over the layers of their members, in which only these rows are copied.

    Holds 4 bytes for each of the windows' rows and each member.

    Args:
        rows: of train.
        places: which word each row is.
        moments: of the same rows.
        members: of each cluster, columns of the rows' grid.
        windows: of each cluster, rows.
    """
    if not any(windows):
        return [[] for _ in windows]
    wanted = _union([np.arange(one.first, one.last) for each in windows for one in each])
    columns = _union(members)
    values = SlicedRows(rows, _spans(wanted)).gather(columns).numpy().astype(np.float64)
    mean, std = (side.cpu().numpy()[columns] for side in (moments.mean, moments.std))
    deviations = np.round((values - mean) / std, DIGITS) + 0.0  # no -0
    found = []
    for mine, each in zip(members, windows, strict=True):
        across = np.searchsorted(columns, mine)
        heats = []
        for one in each:
            down = np.searchsorted(wanted, np.arange(one.first, one.last))
            words = [writable(places.types[kind]) for kind in places.type[one.first : one.last]]
            part = deviations[np.ix_(down, across)].T
            heats.append(Heat(sentence=one.sentence, words=words, deviations=part.tolist()))
        found.append(heats)
    return found


def _union(parts: Sequence[IntArray]) -> IntArray:
    """All different numbers, ascending."""
    found: IntArray = np.unique(np.concatenate(parts))
    return found


def _spans(rows: IntArray) -> list[tuple[int, int]]:
    """Ascending rows as ranges: the first, and one past the last."""
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = rows[np.r_[0, breaks + 1]], rows[np.r_[breaks, len(rows) - 1]] + 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
