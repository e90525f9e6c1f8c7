"""Everything as CSV: a table a file, and a file that says what the columns mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neurosieve.report.files import write_file
from neurosieve.report.tables.base import Row, Table
from neurosieve.report.tables.cells import MEANING
from neurosieve.run.inspection.records import ClusterWords, Inspection


def write_inspection_tables(found: Inspection, folder: Path) -> list[Path]:
    """Write every table that has rows as ``folder/NAME.csv``, and ``folder/columns.csv`` beside them.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    every = [make(found) for make in TABLES]
    tables = [table for table in every if table.rows]
    for table in every:
        if not table.rows:
            (folder / f"{table.name}.csv").unlink(missing_ok=True)  # of an inspection before
    meanings = tuple((table.name, name, text) for table in tables for name, text in table.columns.items())
    names = {"table": "name of the table", "column": "name of its column", "meaning": MEANING}
    tables.append(Table("columns", "What the columns mean", names, meanings))
    return [write_file(folder / f"{table.name}.csv", table.csv()) for table in tables]


def clusters(found: Inspection) -> Table:
    """A row for each cluster of two neurons or more."""
    columns = {
        "cluster": "number of the cluster, from 1, the largest first",
        "layer": "layer of the neuron that stands for it",
        "unit": "unit of that neuron in its layer",
        "neurons": "members, that neuron included",
        "layers": "layers that have a member",
        "span": "layers from the lowest to the highest member",
        "against": "members whose r with that neuron is below 0",
        "radius": "largest 1 - |r| of a member to it",
        "mean_r": "mean |r| of all pairs of members",
        "explained": "mean r² of the other members to it: the share of a member's variance that it explains",
        "explained_variance": "share of the other members' summed variance that it explains",
    }
    rows = tuple(
        (
            one.number,
            *one.representative,
            one.size,
            len(one.layers),
            one.span,
            one.negated,
            one.radius,
            one.mean_r,
            one.explained,
            one.explained_variance,
        )
        for one in (found.clusters.found if found.clusters else [])
    )
    return Table("clusters", "Clusters of two neurons or more", columns, rows)


def members(found: Inspection) -> Table:
    """A row for each neuron of these clusters."""
    columns = {
        "cluster": "number of the cluster",
        "layer": "layer of the neuron",
        "unit": "its unit in the layer",
        "r": "Pearson's r with the neuron that stands for the cluster; 1 for itself",
        "representative": "whether it is that neuron",
    }
    rows = tuple(
        (one.number, *member, r, member == one.representative)
        for one in (found.clusters.found if found.clusters else [])
        for member, r in zip(one.members, one.r, strict=True)
    )
    return Table("members", "Neurons of the clusters", columns, rows)


def words(found: Inspection) -> Table:
    """A row for each word on which a cluster's neuron is highest or lowest."""
    columns = {
        "cluster": "number of the cluster",
        "end": "highest or lowest",
        "kind": "one occurrence, or the average of a word",
        "place": "from 1, the most extreme first",
        "deviations": "activation of the cluster's neuron, in standard deviations from its mean",
        "left": "words before it",
        "word": "the word, or the text",
        "right": "words after it",
        "sentence": "of the training split, from 0",
        "position": "in the sentence, from 0",
        "count": "how often the word occurs",
    }
    rows = tuple(row for one in (found.clusters.words if found.clusters else []) for row in _words(one))
    return Table("words", "Words of the clusters", columns, rows)


def _words(one: ClusterWords) -> Iterator[Row]:
    for end, seen, types in (
        ("highest", one.highest, one.highest_types),
        ("lowest", one.lowest, one.lowest_types),
    ):
        for place, word in enumerate(seen, start=1):
            near = " ".join(word.left), word.text, " ".join(word.right)
            yield (one.cluster, end, "occurrence", place, word.deviations, *near, word.sentence, word.position, None)
        for place, kind in enumerate(types, start=1):
            yield (one.cluster, end, "average", place, kind.deviations, None, kind.text, None, None, None, kind.count)


def copies(found: Inspection) -> Table:
    """A row for each pair of layers."""
    columns = {
        "from_layer": "layer that may be copied",
        "layer": "layer that may copy it; the same one: copies inside it",
        "copied": "share of this layer's varying units within c_t of a unit of the other",
        "in_place": "share whose most similar unit of the other is within c_t and has the same number",
        "nearest": "share for which the other is the nearest earlier layer with such a unit",
    }
    part = found.copies
    rows = tuple(
        (a, b, part.copied[a][b], part.in_place[a][b], part.nearest[a][b])
        for a in range(len(part.varying) if part else 0)
        for b in range(len(part.varying) if part else 0)
        if part is not None
    )
    return Table("copies", "Which layers copy from which", columns, rows)


def copied_neurons(found: Inspection) -> Table:
    """A row for each neuron that copies an earlier layer."""
    columns = {
        "layer": "layer of the copy",
        "unit": "its unit",
        "of_layer": "nearest earlier layer that has a unit within c_t",
        "of_unit": "the most similar unit there",
        "r": "|r| of the two",
    }
    rows = tuple((*one.neuron, *one.of, one.r) for one in (found.copies.copies if found.copies else []))
    return Table("copied-neurons", "Neurons that copy an earlier layer", columns, rows)


def spread(found: Inspection) -> Table:
    """A row for each threshold."""
    columns = {
        "threshold": "c_t",
        "clusters": "clusters of the whole text",
        "low": "lower end of the interval for other text of this size",
        "high": "its upper end",
        "half_median": "median number on halves of the text",
        "half_low": "where the numbers on halves begin",
        "half_high": "and end",
    }
    rows = tuple(
        (one.threshold, one.clusters, one.low, one.high, one.half_median, *one.half_range)
        for one in (found.spread.points if found.spread else [])
    )
    return Table("spread", "How many clusters other text would give", columns, rows)


def damage(found: Inspection) -> Table:
    """A row for each class and size."""
    columns = {
        "class": "label",
        "support": "how often test has it",
        "sentences": "in how many sentences, or texts",
        "f1_all": "F1 on test with all neurons",
        "neurons": "first neurons of forward selection",
        "f1": "F1 on test with these",
        "change": "the second less the first",
        "low": "lower end of its interval, which holds together with those of all classes and sizes",
        "high": "its upper end; empty where the class is in fewer than five sentences",
        "loses": "whether the whole interval lies below 0",
    }
    rows = tuple(
        (
            *(one.label, one.support, one.sentences, one.full),
            *(point.neurons, point.f1, point.change, point.low, point.high),
            None if point.high is None else point.high < 0,
        )
        for one in (found.damage.classes if found.damage else [])
        for point in one.points
    )
    return Table("damage", "Who loses as the set shrinks", columns, rows)


def class_sets(found: Inspection) -> Table:
    """A row for each class."""
    columns = {
        "class": "label",
        "support": "how often train has it",
        "neurons": "smallest set that keeps its F1 on dev, one class against the rest",
        "reached": "whether it does; no: the largest set that was tried",
        "random_neurons": "random neurons that keep it",
        "random_reached": "whether they do",
        "dev": "break-even F1 of these neurons on dev, by least squares",
        "dev_all": "the same of all neurons",
        "test": "on test",
        "test_all": "the same of all neurons",
        "shared": "share of these neurons that another class's set has too",
        "shared_by_chance": "the same of random sets of these sizes",
    }
    rows = tuple(
        (
            *(one.label, one.support, one.size, one.reached, one.random, one.random_reached),
            *(one.dev, one.full_dev, one.test, one.full_test, one.shared, one.shared_by_chance),
        )
        for one in (found.class_sets.classes if found.class_sets else [])
    )
    return Table("class-sets", "What each class needs", columns, rows)


def class_neurons(found: Inspection) -> Table:
    """A row for each neuron of each class's set."""
    columns = {
        "class": "label",
        "place": "in the ranking, from 1",
        "layer": "layer of the neuron",
        "unit": "its unit in the layer",
    }
    rows = tuple(
        (one.label, place, *neuron)
        for one in (found.class_sets.classes if found.class_sets else [])
        for place, neuron in enumerate(one.neurons, start=1)
    )
    return Table("class-neurons", "Neurons of each class's set", columns, rows)


TABLES = (
    clusters,
    members,
    words,
    copies,
    copied_neurons,
    spread,
    damage,
    class_sets,
    class_neurons,
)
