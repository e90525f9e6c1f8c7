"""Clusters to be read, as records: who is in them, how close they are, and the words that they respond to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosieve.arrays import Rows
from neurosieve.general import Gallery, Portrait, WordInContext, WordPlaces, WordType, top_words
from neurosieve.moments import Moments
from neurosieve.run.inspection.records import ClusterFound, ClusterWords, TypeSeen, WordSeen
from neurosieve.run.prepare import Prepared

CONTEXT = 6  # words to each side
LEAST = 5  # times that a word must occur for an average
LONGEST = 300  # letters of a text that are kept
PAIR = " ⏐ "  # between the two texts of a pair


def clusters_found(gallery: Gallery) -> list[ClusterFound]:
    """The clusters of two neurons or more, numbered from 1."""
    return [_found(number, one) for number, one in enumerate(gallery.portraits, start=1)]


def explained_variance(found: Gallery | Portrait) -> float:
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
        explained_variance=explained_variance(portrait),
    )


def most_spread(found: Sequence[ClusterFound], shown: Sequence[int], count: int) -> list[int]:
    """Numbers of the clusters that span most layers, then have members in most, among those not shown yet."""
    known = set(shown)
    rest = [one for one in found if one.number not in known and one.span > 1]
    rest.sort(key=lambda one: (-one.span, -len(one.layers), one.number))
    return [one.number for one in rest[:count]]


def cluster_words(
    rows: Rows, places: WordPlaces, moments: Moments, found: Sequence[ClusterFound], k: int
) -> list[ClusterWords]:
    """The words on which the neurons that stand for some clusters are highest and lowest: one pass over their layers.

    Holds 8 bytes for each of these neurons and each word that occurs five times or more, and no column of activations.

    Args:
        rows: of train.
        places: which word each row is.
        moments: of the same rows, for their means and deviations.
        found: the clusters.
        k: words at each end.
    """
    if not found:
        return []
    columns = rows.grid.columns([one.representative for one in found])
    seen = top_words(rows, places, columns, k=k, context=CONTEXT, least=LEAST)
    mean, std = (side.cpu().numpy()[columns] for side in (moments.mean, moments.std))
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
        text=writable(seen.word),
        left=[writable(word) for word in seen.left],
        right=[writable(word) for word in seen.right],
        sentence=seen.sentence,
        position=seen.position,
        deviations=(seen.activation - mean) / std,
    )


def _type(seen: WordType, mean: float, std: float) -> TypeSeen:
    return TypeSeen(text=writable(seen.word), count=seen.count, deviations=(seen.mean - mean) / std)


def writable(text: str) -> str:
    """Not longer than is kept, and without halves of characters (lone surrogates), which no file can hold."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")
