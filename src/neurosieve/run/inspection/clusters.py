"""Clusters to be read, with their words, beside what clusters of random neurons would explain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurosieve.arrays import Grid, IntArray
from neurosieve.general import Clusters, cluster, portraits
from neurosieve.general.clusters import numbered_by_first
from neurosieve.moments import Moments
from neurosieve.run.inspection.records import ClusterPart, RandomClusters
from neurosieve.run.inspection.subject import Subject
from neurosieve.run.portraits import cluster_words, clusters_found, explained_variance, most_spread, word_places

DRAWS = 20
SPREAD_SHARE = 5  # for so many of the largest clusters one is shown for the layers that it spans


def inspect_clusters(subject: Subject) -> ClusterPart:
    """The clusters of the training rows at the asked threshold, as the run's own results have them."""
    moments, grid, watch = subject.moments, subject.grid, subject.watch
    with watch.stage("clusters"):
        clusters = cluster(moments).cut(subject.asked.threshold)
        gallery = portraits(clusters, grid, moments)
        found = clusters_found(gallery)
    with watch.stage("random clusters"):
        random = random_clusters(clusters, grid, moments, subject.seed, watch.progress.step)
    largest = [one.number for one in found[: subject.asked.clusters]]
    spread = most_spread(found, largest, max(1, subject.asked.clusters // SPREAD_SHARE))
    with watch.stage("words"):
        shown = [found[number - 1] for number in (*largest, *spread)]
        places = word_places(subject.prepared)
        words = cluster_words(subject.data.train.rows, places, moments, shown, subject.asked.words)
    return ClusterPart(
        neurons=grid.size,
        constants=int(moments.constant.sum()),
        clusters=clusters.n_clusters,
        others=gallery.others,
        explained=gallery.explained,
        explained_variance=explained_variance(gallery),
        random=random,
        found=found,
        largest=largest,
        most_spread=spread,
        words=words,
    )


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
        shares.append((gallery.explained, explained_variance(gallery)))
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
