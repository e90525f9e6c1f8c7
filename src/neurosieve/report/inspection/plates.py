"""The figures of the page with their captions, and with words for who cannot see them."""

from __future__ import annotations

from matplotlib.figure import Figure

from neurosieve.report.gallery import Plate
from neurosieve.report.inspection.figures import class_sizes, cluster_counts, copy_maps, damage_map
from neurosieve.report.layers import Layers
from neurosieve.report.wording import listing, percent, plain
from neurosieve.run.inspection.records import ClassSetPart, CopyPart, DamagePart, Inspection, SpreadPart


def plates(found: Inspection, layers: Layers) -> list[Plate]:
    """Every figure that can be drawn."""
    drawn = [
        *([] if found.spread is None else [_counts(found, found.spread)]),
        *([] if found.copies is None else [_copies(found, found.copies, layers)]),
        *([] if found.damage is None else [_damage(found.damage)]),
        *([] if found.class_sets is None else [_needs(found.class_sets)]),
    ]
    return [
        Plate(f"{found.stem}-{name}", title, caption, alt, figure)
        for figure, name, title, caption, alt in drawn
        if figure is not None
    ]


Made = tuple[Figure | None, str, str, str, str]


def _counts(found: Inspection, part: SpreadPart) -> Made:
    parts = [f"{point.clusters:,} at {point.threshold:g}" for point in part.points]
    return (
        cluster_counts(part, found.model.neurons, found.settings.threshold),
        "counts",
        "How many clusters, and how surely",
        "The band, often thinner than the line, is where the number would lie on other text of this size. Where the "
        "dashed line leaves it, half the text gives another number, and more text might too.",
        f"Clusters at each threshold: {listing(parts)}.",
    )


def _copies(found: Inspection, part: CopyPart, layers: Layers) -> Made:
    shares = {b: sum(row[b] for row in part.nearest) for b in range(1, len(part.varying))}
    parts = [f"{percent(share)} of {layers.one(b)}" for b, share in shares.items()]
    return (
        copy_maps(part, layers),
        "copies",
        "Which layers copy from which",
        "Each cell is the share (in percent) of the units of the layer named below it that lie within c_t = "
        f"{found.settings.threshold:g} of a unit of the layer named at its left; on the diagonal, of another unit of "
        "the same layer. Above the diagonal a later layer copies an earlier one; below it the same pairs are counted "
        "by the earlier one's units. Where the maps agree, units keep their number from layer to layer.",
        f"Copies of an earlier layer: {listing(parts)}." if parts else "One layer.",
    )


def _damage(part: DamagePart) -> Made:
    losing = [plain(one.label) for one in part.classes if one.loses_at is not None]
    return (
        damage_map(part),
        "damage",
        "Who loses as the set shrinks",
        "Change of each class's F1 on test in points; to the right with fewer neurons of forward selection. A bold "
        "number with ▼ is a sure loss: its interval, which holds together with all others, lies below 0.",
        f"Classes that surely lose, first to last: {listing(losing)}." if losing else "No class surely loses.",
    )


def _needs(part: ClassSetPart) -> Made:
    parts = [f"{plain(one.label)} {len(one.neurons):,}" for one in part.classes]
    return (
        class_sizes(part),
        "needs",
        "What each class needs",
        "Circles are the neurons that keep a class's F1 on dev, one class against the rest; squares are random neurons "
        "that do. Hollow: no size that was tried is enough.",
        f"Neurons that each class needs: {listing(parts)}." if parts else "No class.",
    )
