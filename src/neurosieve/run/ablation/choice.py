"""Which sets of neurons an ablation looks at: the first of a ranking, what the sieve kept, and chance beside each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import Grid, IntArray
from neurosieve.run.ablation.records import Chosen, Where

RANKING = "forward"

Sets = dict[Chosen, list[IntArray]]


@dataclass(frozen=True, eq=False)
class Choice:
    """``order`` (N,) of the ranking, the ``sizes`` of its sets, and ``groups``: sets of one size, chance first.

    A set by chance has several draws, any other one.
    """

    order: IntArray
    sizes: list[int]
    groups: list[Sets]


def choose_sets(
    data: ts.TaskData, kept: IntArray | None, sizes: Sequence[int], where: Where, draws: int, seed: int
) -> Choice:
    """The sets of every size; the sieve's size is one of them, where ``kept`` says what it kept.

    Chance is as many random neurons: of all neurons, where they may be ablated everywhere, and inside as many of each
    layer as the set has; then the sieve's chance is not the ranking's.
    """
    grid = data.moments.grid
    wanted = sorted({*sizes, *([] if kept is None else [len(kept)])})
    drawn = (ts.random_order(grid.size, seed + 1 + draw) for draw in range(draws))
    orders = [ts.constants_last(order, data.moments) for order in drawn]
    pick: Callable[[IntArray, IntArray], IntArray] = like(grid) if where == "inside" else _as_many
    order, groups = ts.rank(RANKING, data), list[Sets]()
    for k in wanted:
        best = order[:k]
        groups.append({"random": [pick(best, one) for one in orders], "forward": [best]})
        if kept is not None and len(kept) == k:
            if where == "inside":
                groups.append({"random_like_sieve": [pick(kept, one) for one in orders], "sieve": [kept]})
            else:
                groups[-1]["sieve"] = [kept]
    return Choice(order, wanted, groups)


def _as_many(columns: IntArray, order: IntArray) -> IntArray:
    return order[: len(columns)]


def like(grid: Grid) -> Callable[[IntArray, IntArray], IntArray]:
    """A function of a set and an order (N,): the first columns of the order that are as many of each layer."""

    def pick(columns: IntArray, order: IntArray) -> IntArray:
        counts, layer_of = np.bincount(columns // grid.units, minlength=grid.layers), order // grid.units
        return np.concatenate([order[layer_of == layer][:count] for layer, count in enumerate(counts)])

    return pick


def gone(grid: Grid, columns: IntArray, *, keep: bool, where: Where) -> IntArray:
    """What is ablated where a set is ablated, or with ``keep`` is kept alone.

    Everywhere, that is the set, or all that is not in it. A layer of which nothing is kept lets nothing of a text
    through, and the last layer is the output itself: inside, what is not in the set is ablated only in layers that the
    set has neurons of, and nothing ever in the last layer.
    """
    layers = np.arange(grid.size) // grid.units
    chosen = np.zeros(grid.size, dtype=bool)
    chosen[columns] = True
    chosen ^= keep
    if where == "inside":
        chosen &= (layers < grid.layers - 1) & np.isin(layers, columns // grid.units)
    return np.flatnonzero(chosen)
