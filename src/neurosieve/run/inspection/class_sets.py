"""How many neurons each class needs, beside random ones, and how far these are the same for all classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.run.inspection.chance import shared_by_chance, union_by_chance
from neurosieve.run.inspection.records import ClassNeed, ClassSetPart
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.records import neuron_ids
from neurosieve.task_specific.class_sets import ClassSet, one_vs_rest

MOST_RANKINGS = 80  # classes with a ranking of their own; of more, all read the task's
DEPTH = 256  # neurons that are selected one by one for a class; those behind them by what each alone still explains
MOST = 512  # neurons that are tried for a class


def inspect_class_sets(subject: Subject) -> ClassSetPart | str:
    """The smallest set of each class that keeps its F1 within the run's tolerance, or why there is none.

    For each class a forward selection of 256 steps, a factorisation of 512 columns and a pass over dev and test.
    """
    if subject.no_classes:
        return subject.no_classes
    data, watch, loss = subject.data, subject.watch, subject.found.tolerance
    names = data.train.classes
    own = _own_orders(subject) if len(names) <= MOST_RANKINGS else None
    order_of = {name: subject.forward if own is None else own[c] for c, name in enumerate(names)}
    with watch.stage("a set for each class"):
        found = ts.class_sets(data, subject.forward if own is None else own, loss=loss)
    with watch.stage("random sets for each class"):
        chance = ts.constants_last(ts.random_order(subject.grid.size, subject.seed), data.moments)
        random = {one.label: one for one in ts.class_sets(data, chance, loss=loss).classes}
    columns = [order_of[one.label][: one.size] for one in found.classes]
    needs = [_need(subject, one, random[one.label], mine) for one, mine in zip(found.classes, columns, strict=True)]
    part = ClassSetPart(loss=loss, own_rankings=own is not None, classes=needs, absent=list(found.absent))
    varying = subject.grid.size - int(data.moments.constant.sum())
    return part if own is None else overlapping(part, columns, varying)


def _own_orders(subject: Subject) -> list[IntArray]:
    orders, data, watch = [], subject.data, subject.watch
    with watch.stage("a ranking for each class"):
        for c in range(len(data.train.classes)):
            alone = one_vs_rest(data.moments, c)
            orders.append(ts.forward_selection(alone, depth=DEPTH, device=data.protocol.device)[:MOST])
            watch.progress.step(c + 1, len(data.train.classes))
    return orders


def _need(subject: Subject, one: ClassSet, random: ClassSet, columns: IntArray) -> ClassNeed:
    return ClassNeed(
        label=one.label,
        support=one.support,
        neurons=neuron_ids(subject.grid, columns),
        reached=one.reached,
        dev=one.dev,
        full_dev=one.full_dev,
        test=one.test,
        full_test=one.full_test,
        random=random.size,
        random_reached=random.reached,
    )


def overlapping(part: ClassSetPart, columns: Sequence[IntArray], varying: int) -> ClassSetPart:
    """The same with what its sets share, and what random sets of these sizes would; sets that fail are left out."""
    places = [place for place, one in enumerate(part.classes) if one.reached]
    if not places:
        return part
    sizes = [len(columns[place]) for place in places]
    everything = np.concatenate([columns[place] for place in places])
    owners = np.bincount(everything)
    chance = shared_by_chance(sizes, varying)
    classes = list(part.classes)
    for place, by_chance in zip(places, chance.tolist(), strict=True):
        shared = float((owners[columns[place]] > 1).mean())
        classes[place] = classes[place].model_copy(update={"shared": shared, "shared_by_chance": by_chance})
    union = {"union": int((owners > 0).sum()), "union_by_chance": union_by_chance(sizes, varying)}
    return part.model_copy(update={"classes": classes, **union})
