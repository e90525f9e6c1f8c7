"""Clusters to be read: members, what stands for them, how close they are, and the words that they respond to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from neurosieve.arrays import Grid, IntArray
from neurosieve.general import (
    Clusters,
    Gallery,
    Portrait,
    WordInContext,
    WordPlaces,
    WordType,
    cluster,
    portraits,
    top_words,
)
from neurosieve.general.clusters import numbered_by_first
from neurosieve.moments import Moments
from neurosieve.run.inspection.records import (
    ClusterFound,
    ClusterPart,
    ClusterWords,
    RandomClusters,
    TypeSeen,
    WordSeen,
)
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.prepare import Prepared

DRAWS = 20
SPREAD_SHARE = 5  # for so many of the largest clusters one is shown for the layers that it spans
CONTEXT = 6  # words to each side
LEAST = 5  # times that a word must occur for an average
LONGEST = 300  # letters of a text that are kept
PAIR = " ⏐ "  # between the two texts of a pair


def inspect_clusters(subject: Subject) -> ClusterPart:
    """The clusters of the training rows at the asked threshold, as the run's own results have them."""
    moments, grid, watch = subject.moments, subject.grid, subject.watch
    with watch.stage("clusters"):
        clusters = cluster(moments).cut(subject.asked.threshold)
        gallery = portraits(clusters, grid, moments)
        found = [_found(number, one) for number, one in enumerate(gallery.portraits, start=1)]
    with watch.stage("random clusters"):
        random = random_clusters(clusters, grid, moments, subject.seed, watch.progress.step)
    largest = [one.number for one in found[: subject.asked.clusters]]
    spread = most_spread(found, largest, max(1, subject.asked.clusters // SPREAD_SHARE))
    with watch.stage("words"):
        words = cluster_words(subject, [found[number - 1] for number in (*largest, *spread)])
    return ClusterPart(
        neurons=grid.size,
        constants=int(moments.constant.sum()),
        clusters=clusters.n_clusters,
        others=gallery.others,
        explained=gallery.explained,
        explained_variance=_known(gallery),
        random=random,
        found=found,
        largest=largest,
        most_spread=spread,
        words=words,
    )


def _known(found: Gallery | Portrait) -> float:
    """The share of the summed variance; moments know variances."""
    return found.explained if found.explained_variance is None else found.explained_variance


def _found(number: int, portrait: Portrait) -> ClusterFound:
    return ClusterFound(
        number=number,
        representative=portrait.representative,
        members=list(portrait.members),
        r=list(portrait.r),
        per_layer=list(portrait.per_layer),
        radius=portrait.radius,
        mean_r=portrait.mean_r,
        explained=portrait.explained,
        explained_variance=_known(portrait),
    )


def most_spread(found: Sequence[ClusterFound], shown: Sequence[int], count: int) -> list[int]:
    """Numbers of the clusters that span most layers, then have members in most, among those not shown yet."""
    known = set(shown)
    rest = [one for one in found if one.number not in known and one.span > 1]
    rest.sort(key=lambda one: (-one.span, -len(one.layers), one.number))
    return [one.number for one in rest[:count]]


def random_clusters(
    clusters: Clusters, grid: Grid, moments: Moments, seed: int, progress: Callable[[int, int], None]
) -> RandomClusters:
    """What representatives explain in clusters of random neurons, as many of each layer in each cluster.

    Every draw costs what the portraits do: one value of r for each pair inside a cluster, and as many for medoids.
    """
    generator, shares = np.random.default_rng(seed), []
    varies = ~moments.constant.cpu().numpy()
    for draw in range(DRAWS):
        labels = shuffled(clusters.labels, np.where(varies, clusters.columns // grid.units, -1), generator)
        drawn = Clusters(numbered_by_first(labels), clusters.columns, clusters.threshold)
        gallery = portraits(drawn, grid, moments, top=0)
        shares.append((gallery.explained, _known(gallery)))
        progress(draw + 1, DRAWS)
    each, variance = np.array(shares).T
    return RandomClusters(
        draws=DRAWS,
        explained=float(each.mean()),
        explained_range=(float(each.min()), float(each.max())),
        explained_variance=float(variance.mean()),
        explained_variance_range=(float(variance.min()), float(variance.max())),
    )


def shuffled(labels: IntArray, kinds: IntArray, generator: np.random.Generator) -> IntArray:
    """Labels (N,) dealt out anew among the places of each kind; places of a negative kind keep theirs."""
    moving = np.flatnonzero(kinds >= 0)
    places = moving[np.argsort(kinds[moving], kind="stable")]
    order = moving[np.lexsort((generator.random(len(moving)), kinds[moving]))]
    dealt = labels.copy()
    dealt[places] = labels[order]
    return dealt


def cluster_words(subject: Subject, found: Sequence[ClusterFound]) -> list[ClusterWords]:
    """The words on which the neurons that stand for some clusters are highest and lowest: one pass over their layers.

    Holds 8 bytes for each of these neurons and each word that occurs five times or more, and no column of activations.
    """
    if not found:
        return []
    columns = subject.grid.columns([one.representative for one in found])
    rows, k = subject.data.train.rows, subject.asked.words
    seen = top_words(rows, word_places(subject.prepared), columns, k=k, context=CONTEXT, least=LEAST)
    mean, std = (side.cpu().numpy()[columns] for side in (subject.moments.mean, subject.moments.std))
    return [
        ClusterWords(
            cluster=one.number,
            highest=[_word(word, *scale) for word in neuron.highest],
            lowest=[_word(word, *scale) for word in neuron.lowest],
            highest_types=[_type(word, *scale) for word in neuron.highest_types],
            lowest_types=[_type(word, *scale) for word in neuron.lowest_types],
        )
        for one, neuron, scale in zip(found, seen, zip(mean.tolist(), std.tolist(), strict=True), strict=True)
    ]


def word_places(prepared: Prepared) -> WordPlaces:
    """Which word each training row is; a text is a sentence of one word."""
    split = prepared.corpus.splits["train"]
    sentences = split.words or [(PAIR.join(texts),) for texts in split.texts]
    keep = np.zeros(sum(map(len, sentences)), dtype=bool)
    keep[prepared.kept["train"]] = True
    return WordPlaces.of(sentences, keep)


def _word(seen: WordInContext, mean: float, std: float) -> WordSeen:
    return WordSeen(
        text=_writable(seen.word),
        left=[_writable(word) for word in seen.left],
        right=[_writable(word) for word in seen.right],
        sentence=seen.sentence,
        position=seen.position,
        deviations=(seen.activation - mean) / std,
    )


def _type(seen: WordType, mean: float, std: float) -> TypeSeen:
    return TypeSeen(text=_writable(seen.word), count=seen.count, deviations=(seen.mean - mean) / std)


def _writable(text: str) -> str:
    """Not longer than is kept, and without halves of characters (lone surrogates), which no file can hold."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")
