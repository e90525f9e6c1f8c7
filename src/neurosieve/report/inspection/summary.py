"""What a closer look found, in plain sentences: every share beside what chance would give, or with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosieve.report.inspection.words import change, least_and_most, neuron, quoted, row_noun, sentence_noun, signed
from neurosieve.report.layers import Layers, layers_of
from neurosieve.report.metric import metric_named
from neurosieve.report.summary import Part
from neurosieve.report.wording import (
    bounds,
    capital,
    count,
    decimal,
    listing,
    number,
    percent,
    plain,
    plural,
    tolerance,
)
from neurosieve.run.inspection.records import (
    ClassDamageFound,
    ClassNeed,
    ClassSetPart,
    ClusterFound,
    ClusterPart,
    CopyPart,
    DamagePart,
    DamagePoint,
    Inspection,
    TypeSeen,
)

NAMED = 3
PART_NAMES = {
    "clusters": "clusters",
    "copies": "copies between layers",
    "spread": "the spread of the number of clusters",
    "damage": "damage by class",
    "class_sets": "a set for each class",
}


def inspection_sentences(found: Inspection) -> list[str]:
    """All sentences in order."""
    return [sentence for part in inspection_parts(found) for sentence in part.sentences]


def inspection_parts(found: Inspection) -> list[Part]:
    """The same sentences, grouped."""
    layers = layers_of(found.model)
    groups = {
        "Clusters": [] if found.clusters is None else list(_clusters(found, found.clusters, layers)),
        "Copies between layers": [] if found.copies is None else list(_copies(found.copies, layers)),
        "Who loses": [] if found.damage is None else list(_damage(found, found.damage)),
        "What each class needs": [] if found.class_sets is None else list(_needs(found.class_sets)),
        "How sure": list(_caveats(found)),
    }
    return [Part(heading, sentences) for heading, sentences in groups.items() if sentences]


def _clusters(found: Inspection, part: ClusterPart, layers: Layers) -> Iterator[str]:
    alone = part.clusters - len(part.found)
    rest = part.neurons - alone
    by_itself = "is a cluster by itself" if alone == 1 else "are clusters by themselves"
    text = (
        f"At c_t = {found.settings.threshold:g} the {count(part.neurons)} neurons fall into "
        f"{plural(part.clusters, 'cluster')}{_interval(found)}: {plural(alone, 'neuron')} {by_itself}"
    )
    if not part.found:
        yield f"{text}, so that no neuron repeats another."
        return
    larger = len(part.found)
    yield f"{text}, and {plural(larger, 'larger one')} {_verb(larger, 'hold')} the other {count(rest)}."
    random = part.random
    yield (
        f"The neuron that stands for a cluster explains {percent(part.explained)} of the variance of another member on "
        f"average ({percent(part.explained_variance)} of all their variance together). In random clusters with as many "
        f"neurons of each layer it is {percent(random.explained)} ({least_and_most(random.explained_range)} in "
        f"{random.draws} draws) and {percent(random.explained_variance)} "
        f"({least_and_most(random.explained_variance_range)})."
    )
    yield _one_cluster("The largest cluster", part.found[0], part, layers)
    widest = max(part.found, key=lambda one: (one.span, len(one.layers), -one.number))
    if widest.number != 1 and widest.span > part.found[0].span:
        yield _one_cluster("The most spread one", widest, part, layers)


def _verb(value: int, stem: str) -> str:
    return f"{stem}s" if value == 1 else stem


def _interval(found: Inspection) -> str:
    """What other text of this size would give, where it is known."""
    points = found.spread.points if found.spread else []
    for point in points:
        if found.spread and point.threshold == found.settings.threshold:
            level = f"{100 * found.spread.level:g} %"
            return f" ({level} interval for other text of this size {bounds((point.low, point.high), 1, 0)})"
    return ""


def _one_cluster(name: str, one: ClusterFound, part: ClusterPart, layers: Layers) -> str:
    against = f", and {count(one.negated)} of them {_verb(one.negated, 'run')} against it" if one.negated else ""
    text = (
        f"{name} (number {one.number}) has {count(one.size)} neurons of {layers.some(one.layers)}. |r| of each with "
        f"the one that stands for them ({neuron(layers, one.representative)}) is {decimal(1 - one.radius, 2)} or more"
        f"{against}."
    )
    words = next((each for each in part.words if each.cluster == one.number), None)
    if words is None or not words.highest_types:
        return text
    high, low = (_averages(side) for side in (words.highest_types, words.lowest_types))
    return f"{text} On average it is highest on {high}, lowest on {low} (in standard deviations from its mean)."


def _averages(types: Sequence[TypeSeen]) -> str:
    return listing([f"{quoted(one.text)} ({signed(one.deviations)})" for one in types[:NAMED]])


def _copies(part: CopyPart, layers: Layers) -> Iterator[str]:
    if len(part.varying) < 2:
        yield "There is one layer, so none can copy another."
        return
    same = sum(copy.neuron[1] == copy.of[1] for copy in part.copies) / max(1, len(part.copies))
    text = (
        f"{percent(part.share)} of the neurons above layer 0 copy one of an earlier layer, which "
        f"{percent(part.chance)} of unrelated neurons would"
    )
    if not part.copies:
        yield f"{text}."
        return
    yield (
        f"{text}. {capital(percent(same))} of them copy the unit of the same number, the stream that each block only "
        f"adds to; {percent(part.chance_in_place, 2)} would if numbers said nothing."
    )
    of_layer = [sum(row[b] for row in part.nearest) for b in range(len(part.varying))]
    above = [layer for layer in range(1, len(of_layer)) if part.varying[layer]]
    most, least = max(above, key=lambda b: of_layer[b]), min(above, key=lambda b: of_layer[b])
    source = max(range(most), key=lambda a: part.nearest[a][most])
    text = (
        f"{capital(layers.one(most))} copies most: {percent(of_layer[most])} of its neurons, "
        f"{percent(part.nearest[source][most])} with {layers.one(source)} as the nearest that has the original"
    )
    yield f"{text}; {layers.one(least)} copies least: {percent(of_layer[least])}." if least != most else f"{text}."


def _damage(found: Inspection, part: DamagePart) -> Iterator[str]:
    metric = metric_named(found.metric)
    tested = [one for one in part.classes if one.points[0].high is not None]
    several = len(part.sizes) > 1
    for size in _told(part):
        place = [one.neurons for one in part.sizes].index(size)
        losing = [one for one in tested if _loses(one.points[place])]
        what = f"{count(size)} neurons of forward selection"
        own = f"the run's minimal set ({what})" if size == part.minimal else what
        whom = (
            f"{count(len(losing))} of {plural(len(tested), 'class')} surely {_verb(len(losing), 'lose')} F1"
            if losing
            else f"none of {plural(len(tested), 'class')} surely loses F1"
        )
        yield (
            f"With {own}, {metric.title} on test changes by "
            f"{metric.difference(part.sizes[place].difference)}, and {whom}."
        )
    first = [one for one in tested if one.loses_at is not None]
    if first:
        named = [f"{plain(one.label)} (at {count(one.loses_at or 0)}: {change(_at(one))})" for one in first[:NAMED]]
        yield f"Who loses first as the set shrinks: {'; '.join(named)}."
    elif several and tested:
        yield f"No class is shown to lose at any size down to {plural(part.sizes[-1].neurons, 'neuron')}."


def _told(part: DamagePart) -> list[int]:
    """The sizes that the sentences are about: the run's minimal set, else the largest; and the smallest."""
    first = part.minimal if part.minimal is not None else part.sizes[0].neurons
    return list(dict.fromkeys([first, part.sizes[-1].neurons]))


def _loses(point: DamagePoint) -> bool:
    return point.high is not None and point.high < 0


def _at(one: ClassDamageFound) -> DamagePoint:
    return next(point for point in one.points if point.neurons == one.loses_at)


def _needs(part: ClassSetPart) -> Iterator[str]:
    reached = [one for one in part.classes if one.reached]
    if not reached:
        yield "No class keeps its F1 with as few neurons as were tried."
        return
    most, least = reached[0], reached[-1]
    yield (
        f"To lose no more than {tolerance(part.loss)} of the F1 that all neurons give, one class against the rest, "
        f"{_need(most)}" + (f", and {_need(least)}" if least is not most else "") + "."
    )
    if part.union is not None and part.union_by_chance is not None and len(reached) > 1:
        total = sum(one.size for one in reached)
        yield (
            f"The sets of {plural(len(reached), 'class')} have {count(total)} places and "
            f"{plural(part.union, 'different neuron')}; random sets of these sizes would have "
            f"{number(part.union_by_chance, 0)}."
        )
    failed = len(part.classes) - len(reached)
    if failed:
        what = "class keeps" if failed == 1 else "classes keep"
        yield f"{count(failed)} {what} it with none of the sizes that were tried."


def _need(one: ClassNeed) -> str:
    chance = f"{count(one.random)} random ones" if one.random_reached else "no number of random ones tried would do"
    return f"{plain(one.label)} needs {plural(one.size, 'neuron')} ({chance})"


def _caveats(found: Inspection) -> Iterator[str]:
    if found.rows is not None and found.sentences is not None:
        within = f" in {plural(found.sentences, sentence_noun(found))}" if found.kind == "labelling" else ""
        yield (
            f"Clusters and copies are those of the {plural(found.rows, row_noun(found))}{within} of the training split "
            f"of {plain(found.corpus, 60)}; another text would give others."
        )
    if found.damage is not None:
        yield (
            f"Damage is measured on test; its intervals hold together for all classes and sizes with "
            f"{100 * found.damage.level:g} % confidence."
        )
    if found.class_sets is not None:
        yield (
            "What each class needs was chosen on dev with screened least-squares probes: it compares classes with one "
            "another, and is no size at which a model should be cut."
        )
    for part, reason in found.left_out.items():
        yield f"Left out: {PART_NAMES.get(part, part)}. {reason}"
