"""Which sets of neurons are worth a real probe: for every depth and threshold an order, screened at every size.

An encoder that is cut after layer l offers the neurons of layers 0 to l. At each threshold one neuron stands for each
cluster of these, forward selection orders them, and one factorisation says what least-squares probes score at every
size (DESIGN 4.3). What another set beats clearly, with no more layers and no more neurons, gets no real probe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.general import cluster
from neurosieve.moments import Moments
from neurosieve.probes.screening import screen
from neurosieve.run.front.dominance import non_dominated

THRESHOLDS: tuple[float | None, ...] = (None, 0.1, 0.3, 0.5, 0.7)

# Neurons of an order at most: forward selection costs N·k² for k of N columns, and whole prefixes have probes anyway.
MOST = 768

# Shares of the best screened score. A least-squares probe misjudges a logistic one by less than the first from one set
# to the next; what scores below the second is of no use to anybody.
MARGIN, FLOOR = 0.005, 0.75

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Ranked:
    """One order: the first ``columns`` of forward selection among the representatives, and their screened curve."""

    last_layer: int
    threshold: float | None
    representatives: int
    columns: IntArray
    curve: tuple[ts.CurvePoint, ...]

    def is_within(self, columns: IntArray) -> bool:
        """Whether all of it are among some columns: a selection among these alone, not among all, would repeat it."""
        return bool(np.isin(self.columns, columns).all())


@dataclass(frozen=True)
class Candidate:
    """The first ``size`` neurons of one of the orders; ``last_layer`` is the highest that one of them lives in."""

    order: int
    size: int
    last_layer: int
    screened: float


def rank_depths(
    data: ts.TaskData,
    thresholds: Sequence[float | None] = THRESHOLDS,
    per_doubling: int = 2,
    progress: Progress | None = None,
) -> list[Ranked]:
    """The orders of all depths and thresholds, without those that would repeat the first of their depth.

    For N columns and L depths a dendrogram and, for each threshold, a forward selection and a screening of the columns
    of each depth: together about L/2 of each on all N.
    """
    found = []
    for last in range(data.train.rows.grid.layers):
        here: list[Ranked] = []
        for threshold, columns in representatives(data.moments, last, thresholds):
            if not (here and here[0].threshold is None and here[0].is_within(columns)):
                one = _ranked(data, last, threshold, columns, per_doubling)
                here += [one] if one is not None else []
        found += here
        if progress:
            progress(last + 1, data.train.rows.grid.layers)
    return found


def representatives(
    moments: Moments, last_layer: int, thresholds: Sequence[float | None]
) -> Iterator[tuple[float | None, IntArray]]:
    """For each threshold, in the order given, the columns that stand for the clusters of layers 0 to ``last_layer``."""
    columns = np.arange(moments.grid.prefix(last_layer).stop, dtype=np.int64)
    cut = _cutter(moments, columns) if any(threshold is not None for threshold in thresholds) else None
    seen: set[bytes] = set()
    for threshold in thresholds:
        left = columns if threshold is None or cut is None else cut(threshold)
        if left.tobytes() not in seen:
            seen.add(left.tobytes())
            yield threshold, left


def _cutter(moments: Moments, columns: IntArray) -> Callable[[float], IntArray]:
    """From c_t to one column for each cluster, ascending; one dendrogram for all thresholds."""
    chosen = moments.select(columns)
    correlation = chosen.correlation().cpu().numpy()
    dendrogram = cluster(correlation, constant=chosen.constant.cpu().numpy(), columns=columns)
    return lambda c_t: np.sort(dendrogram.cut(c_t).representatives(correlation))


def _ranked(
    data: ts.TaskData, last: int, threshold: float | None, columns: IntArray, per_doubling: int
) -> Ranked | None:
    """The order of some columns; None where all of them are constant, so that there is nothing to rank."""
    chosen, device = data.moments.select(columns), data.protocol.device
    most = min(MOST, int((~chosen.constant).sum()))
    if not most:
        return None
    order = columns[ts.forward_selection(chosen, depth=most, device=device)[:most]]
    sizes = grid_of_sizes(most, per_doubling)
    dev = screen(data.moments, order, sizes, data.dev, data.metric, device=device)
    curve = tuple(ts.CurvePoint(*point) for point in zip(sizes, dev, strict=True))
    return Ranked(last, threshold, len(columns), order, curve)


def grid_of_sizes(most: int, per_doubling: int) -> list[int]:
    """Sizes from 1 to ``most``, so many for each doubling, as far as whole numbers allow."""
    steps = int(np.log2(most) * per_doubling) + 1
    sizes = np.round(2.0 ** (np.arange(steps) / per_doubling)).astype(int)
    return sorted({*sizes[sizes < most].tolist(), most})


def promising(orders: Sequence[Ranked], units: int, margin: float = MARGIN, floor: float = FLOOR) -> list[Candidate]:
    """The sets that screening leaves in the race, each set once.

    A whole prefix of layers is not among them: it has a probe of its own.
    """
    found = list(_distinct(orders, units))
    best = max((one.screened for one in found), default=0.0)
    found = [one for one in found if best <= 0 or one.screened >= floor * best]
    if not found:
        return []
    costs = [(one.last_layer, one.size) for one in found]
    kept = non_dominated(costs, [one.screened for one in found], margin * abs(best))
    return [one for one, keep in zip(found, kept, strict=True) if keep]


def _distinct(orders: Sequence[Ranked], units: int) -> Iterator[Candidate]:
    seen: set[bytes] = set()
    for place, ranked in enumerate(orders):
        for point in ranked.curve:
            columns = np.sort(ranked.columns[: point.size])
            last, key = int(columns[-1]) // units, columns.tobytes()
            if key not in seen and point.size < (last + 1) * units:
                seen.add(key)
                yield Candidate(place, point.size, last, point.dev)
