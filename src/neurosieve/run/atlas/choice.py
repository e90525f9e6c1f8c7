"""What of the clusters is shown: which of them, which of their members, and on which sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosieve.general import WordPlaces
from neurosieve.run.inspection.records import ClusterFound, ClusterWords, WordSeen
from neurosieve.run.portraits import most_spread
from neurosieve.run.schema import NeuronId

LARGEST, SPREAD = 40, 10  # clusters
OTHERS = 7  # members beside the representative
EACH_END = 2  # sentences where the representative is highest, and where it is lowest
WINDOW = 16  # words of a sentence
LOOKED_AT = 10_000  # words of a text that is not kept


@dataclass(frozen=True)
class Window:
    """The training rows ``first`` to ``last`` (one past it): words of one sentence."""

    sentence: int
    first: int
    last: int


def first_sentences(sentences: Sequence[Sequence[str]]) -> int:
    """How many of the first have 10,000 words at most together, and one at least."""
    ends = np.cumsum([len(words) for words in sentences])
    return max(1, int(np.searchsorted(ends, LOOKED_AT, side="right")))


def clusters_shown(found: Sequence[ClusterFound]) -> list[ClusterFound]:
    """The largest, then those of the others that span most layers."""
    largest = [one.number for one in found[:LARGEST]]
    return [found[number - 1] for number in (*largest, *most_spread(found, largest, SPREAD))]


def members_shown(one: ClusterFound) -> list[NeuronId]:
    """The representative, then others by layer: of every layer the closest first, then every layer's second, and so on.

    Where there is no room for all layers, those are taken that lie evenly.
    """
    closeness = {member: -abs(r) for member, r in zip(one.members, one.r, strict=True)}
    others = sorted(set(one.members) - {one.representative}, key=lambda member: (closeness[member], member))
    rounds: dict[int, list[NeuronId]] = {}
    taken = [0] * len(one.per_layer)
    taken[one.representative[0]] = 1  # its layer has one already
    for member in others:
        rounds.setdefault(taken[member[0]], []).append(member)
        taken[member[0]] += 1
    chosen: list[NeuronId] = []
    for number in sorted(rounds):
        chosen += _evenly(sorted(rounds[number]), OTHERS - len(chosen))
    return [one.representative, *sorted(chosen)]


def _evenly(members: list[NeuronId], count: int) -> list[NeuronId]:
    if len(members) <= count:
        return members
    return [members[place] for place in np.linspace(0, len(members) - 1, count).round().astype(int).tolist()]


def windows_shown(words: ClusterWords, places: WordPlaces) -> list[Window]:
    """Where the representative is highest, then lowest: each sentence once, and the words around its most extreme."""
    peaks: dict[int, WordSeen] = {}
    for end in (words.highest, words.lowest):
        new: dict[int, WordSeen] = {}
        for seen in end:
            if seen.sentence not in peaks:
                new.setdefault(seen.sentence, seen)
        peaks.update(list(new.items())[:EACH_END])
    return [_around(places, seen) for seen in peaks.values()]


def _around(places: WordPlaces, seen: WordSeen) -> Window:
    """Up to 16 rows of the word's sentence with the word in their middle, as far as the sentence's ends allow."""
    begin, end = np.searchsorted(places.sentence, [seen.sentence, seen.sentence + 1]).tolist()
    row = begin + int(np.searchsorted(places.position[begin:end], seen.position))
    first = max(begin, min(row - WINDOW // 2, end - WINDOW))
    return Window(seen.sentence, first, min(end, first + WINDOW))
