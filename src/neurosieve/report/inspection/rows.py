"""The rows of the tables on the page: fewer columns than the CSV files, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from neurosieve.report.inspection.words import short_change
from neurosieve.report.layers import Layers
from neurosieve.report.wording import bounds, count, number, percent, plain
from neurosieve.run.inspection.records import ClassNeed, Inspection

Rows = Sequence[tuple[str, ...]]


def page_rows(found: Inspection, layers: Layers) -> Mapping[str, Rows | Sequence[str]]:
    """Everything that the template prints as a table."""
    return {
        "spread_rows": spread_rows(found),
        "origin_rows": origin_rows(found, layers),
        "damage_heads": damage_heads(found),
        "damage_rows": damage_rows(found),
        "need_heads": need_heads(found),
        "need_rows": need_rows(found),
        "stage_rows": [(one.name, number(one.seconds), count(round(one.peak_memory_mb))) for one in found.stages],
    }


def spread_rows(found: Inspection) -> Rows:
    """A row for each threshold."""
    return [
        (f"{one.threshold:g}", count(one.clusters), bounds((one.low, one.high), 1, 0), number(one.half_median, 0))
        for one in (found.spread.points if found.spread else [])
    ]


def origin_rows(found: Inspection, layers: Layers) -> Rows:
    """A row for each layer above 0: how much of it is a copy, and where the nearest originals are."""
    part = found.copies
    rows: list[tuple[str, ...]] = []
    if part is None:
        return []
    for b in range(1, len(part.varying)):
        column = [row[b] for row in part.nearest]
        same = sum(one.neuron[0] == b and one.neuron[1] == one.of[1] for one in part.copies)
        sources = sorted((a for a in range(b) if column[a]), key=lambda a: -column[a])[:2]
        originals = ", ".join(f"{layers.one(a)} ({percent(column[a])})" for a in sources)
        shares = percent(sum(column)), percent(same / max(1, part.varying[b]))
        rows.append((layers.tick(b), count(part.varying[b]), *shares, originals or "–"))
    return rows


def damage_places(sizes: int) -> list[int]:
    """Which of the sizes are printed: the first, the middle and the last."""
    return sorted({0, sizes // 2, sizes - 1})


def damage_heads(found: Inspection) -> list[str]:
    """The columns of the table of damage."""
    sizes = found.damage.sizes if found.damage else []
    chosen = [sizes[place].neurons for place in damage_places(len(sizes))] if sizes else []
    return ["class", "in test", "F1, all neurons", *(f"with {count(size)}" for size in chosen), "sure from"]


def damage_rows(found: Inspection) -> Rows:
    """A row for each class."""
    if found.damage is None:
        return []
    places = damage_places(len(found.damage.sizes))
    return [
        (
            plain(one.label),
            count(one.support),
            percent(one.full),
            *(short_change(one.points[place]) for place in places),
            "none" if one.loses_at is None else count(one.loses_at),
        )
        for one in found.damage.classes
    ]


def need_heads(found: Inspection) -> list[str]:
    """The columns of the table of needs."""
    heads = ["class", "in train", "neurons", "random neurons", "F1 on test", "all neurons'"]
    is_own = found.class_sets is not None and found.class_sets.own_rankings
    return [*heads, "shared", "by chance"] if is_own else heads


def need_rows(found: Inspection) -> Rows:
    """A row for each class."""
    part = found.class_sets
    return [] if part is None else [_need(one, part.own_rankings) for one in part.classes]


def _need(one: ClassNeed, own: bool) -> tuple[str, ...]:
    sizes = _size(one.size, one.reached), _size(one.random, one.random_reached)
    scores = _share(one.test), _share(one.full_test)
    shared = (_share(one.shared), _share(one.shared_by_chance)) if own else ()
    return plain(one.label), count(one.support), *sizes, *scores, *shared


def _size(size: int, reached: bool) -> str:
    return count(size) if reached else f"> {count(size)}"


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)
