"""Which classes lose as the set of neurons shrinks along forward selection."""

from __future__ import annotations

from neurosieve import task_specific as ts
from neurosieve.probes import Range
from neurosieve.run.inspection.records import ClassDamageFound, DamagePart, DamagePoint, SizeFound
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.records import Recorder

LEVEL = 0.95
RANKING = "forward"
SMALLEST, LARGEST = 8, 512
HELD_CELLS = 2**27  # of the columns that are gathered: 512 MiB of float32


def inspect_damage(subject: Subject) -> DamagePart | str:
    """F1 of each class on test with all neurons and with fewer and fewer, or why there is none.

    The probes are real ones: one on all neurons, and a family on the first neurons of the ranking, whose columns of
    train are held in memory (512 MiB at most).
    """
    if subject.no_classes:
        return subject.no_classes
    data, grid, watch = subject.data, subject.grid, subject.watch
    minimal = _minimal(subject)
    sizes = damage_sizes(grid.size, data.train.rows.n_rows, minimal)
    order = subject.forward
    with watch.stage("oracle"):
        oracle = data.fit([Range(0, grid.size)], watch.progress.step)[0]
    with watch.stage("smaller sets"):
        scored = data.select(order[: sizes[0]]).fit([Range(0, size) for size in sizes], watch.progress.step)
    recorder = Recorder(data, subject.prepared.corpus.metrics, subject.seed)
    with watch.stage("damage by class"):
        damages, level = [], LEVEL ** (1.0 / len(sizes))
        for done, one in enumerate(scored, start=1):
            gold, after = data.test_gold, one.predictions
            damages.append(ts.class_damage(gold, oracle.predictions, after, level=level, seed=subject.seed))
            watch.progress.step(done, len(sizes))
        return DamagePart(
            level=LEVEL,
            oracle=recorder.test(oracle),
            sizes=[
                SizeFound(neurons=size, test=recorder.test(one), difference=recorder.difference(one, oracle))
                for size, one in zip(sizes, scored, strict=True)
            ],
            minimal=minimal if minimal in sizes else None,
            classes=by_class(sizes, damages),
            absent=list(damages[0].absent),
        )


def _minimal(subject: Subject) -> int | None:
    found = subject.found.minimal_set.get(RANKING)
    return len(found.neurons) if found is not None and found.reached else None


def damage_sizes(neurons: int, rows: int, minimal: int | None) -> list[int]:
    """Powers of two from 512 down to 8, as far as half the neurons and the memory go, and the minimal set's size."""
    most = max(1, min(neurons // 2, LARGEST, HELD_CELLS // max(1, rows)))
    sizes, size = [], SMALLEST
    while size <= most:
        sizes.append(size)
        size *= 2
    sizes = sizes or [most]
    if minimal is not None and minimal < neurons and minimal * rows <= HELD_CELLS:
        sizes.append(minimal)
    return sorted(set(sizes), reverse=True)


def by_class(sizes: list[int], damages: list[ts.Damage]) -> list[ClassDamageFound]:
    """The same class by class; who loses at the largest size comes first, then who loses most there.

    Classes that lose at no size come last, by what they lose at the smallest.
    """
    found = []
    of_label = [{one.label: one for one in damage.classes} for damage in damages]
    for label, first in of_label[0].items():
        same = [one[label] for one in of_label]
        points = [
            DamagePoint(neurons=size, f1=one.after, change=one.change, low=one.low, high=one.high)
            for size, one in zip(sizes, same, strict=True)
        ]
        loses_at = next((point.neurons for point in points if point.high is not None and point.high < 0), None)
        found.append(
            ClassDamageFound(
                label=label,
                support=first.support,
                sentences=first.sentences,
                full=first.before,
                points=points,
                loses_at=loses_at,
            )
        )
    return sorted(found, key=_urgency)


def _urgency(one: ClassDamageFound) -> tuple[int, float]:
    where = one.loses_at or one.points[-1].neurons
    change = next(point.change for point in one.points if point.neurons == where)
    return -(one.loses_at or 0), change
