"""Which rows decide and are not trained on: whole groups, spread evenly over the classes or the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.arrays import IntArray

BoolArray = NDArray[np.bool_]


def held_out(
    labels: NDArray[Any], groups: IntArray, fraction: float, draw: np.random.RandomState, *, numeric: bool = False
) -> BoolArray:
    """The groups (G,) to be held out, about ``fraction`` of them.

    Groups stand in the order of their first row's label, drawn by lot where these are equal, and every so-manieth is
    taken, so that each class or range of numbers gives its share. Each class keeps a group that is trained on.

    Args:
        labels: (T,) class indices, or with ``numeric`` numbers.
        groups: (T,) the group of each row, 0 to G - 1.
        fraction: of the groups, above 0 and below 1.
        draw: where chance comes from.
        numeric: the labels are numbers.

    Raises:
        ValueError: no group can be held out.
    """
    _, first = np.unique(groups, return_index=True)
    where = None if numeric else _Where(labels, groups)
    free = np.ones(len(first), dtype=bool) if where is None else where.spared
    order = np.lexsort((draw.permutation(len(first)), labels[first]))
    order = order[free[order]]
    least, most = (2, max(1, len(first) - 2)) if numeric else (1, len(first) - 1)  # R² of one row is undefined
    wanted = min(max(least, round(fraction * len(first))), most, len(order))
    steps = (np.arange(wanted) + draw.uniform()) * len(order) / max(1, wanted)
    out = np.zeros(len(first), dtype=bool)
    out[order[steps.astype(np.int64)]] = True
    if where is not None:
        where.give_back(out)
    if not out.any() or out.all():
        raise ValueError(_too_few(len(labels), len(first), numeric))
    return out


class _Where:
    """Which classes occur in which groups: one entry for each pair."""

    def __init__(self, labels: IntArray, groups: IntArray) -> None:
        n = int(labels.max()) + 1
        self.groups, self.classes = np.divmod(np.unique(groups * n + labels), n)
        self.counts = np.bincount(self.classes, minlength=n)

    @property
    def spared(self) -> BoolArray:
        """(G,) the groups without a class that is in no other."""
        out = np.ones(int(self.groups[-1]) + 1, dtype=bool)
        out[self.groups[self.counts[self.classes] == 1]] = False
        return out

    def give_back(self, out: BoolArray) -> None:
        """Give one group back for each class that has all its groups held out; changes ``out``."""
        held = np.bincount(self.classes, weights=out[self.groups], minlength=len(self.counts))
        present, first = np.unique(self.classes, return_index=True)
        gone = held[present] == self.counts[present]
        out[self.groups[first[gone]]] = False


def _too_few(rows: int, groups: int, numeric: bool) -> str:
    need = "two groups" if numeric else "a class with rows in two groups"
    return (
        f"n_samples={rows} in {groups} group(s): none can be held out to decide on. Give more rows, so that there is "
        f"{need} at least (without groups each row is one)."
    )
