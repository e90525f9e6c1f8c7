"""Which clusters, members and sentences are shown."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.general import WordPlaces
from neurosieve.run.atlas.choice import Window, clusters_shown, members_shown, windows_shown
from neurosieve.run.inspection.records import ClusterFound, ClusterWords, WordSeen

LAYERS = 12


def cluster(members: dict[tuple[int, int], float], number: int = 1) -> ClusterFound:
    """The representative is the member whose r is 1."""
    counts = Counter(layer for layer, _ in members)
    return ClusterFound(
        number=number,
        representative=next(member for member, r in members.items() if r == 1.0),
        members=list(members),
        r=list(members.values()),
        per_layer=[counts[layer] for layer in range(LAYERS)],
        **dict.fromkeys(("radius", "mean_r", "explained", "explained_variance"), 0.5),
    )


def test_few_members_are_all_shown_the_representative_first() -> None:
    one = cluster({(0, 5): 0.8, (2, 1): 1.0, (1, 9): -0.9})
    assert members_shown(one) == [(2, 1), (0, 5), (1, 9)]


def test_of_a_layer_the_closest_is_shown_whatever_its_sign() -> None:
    one = cluster({(0, 0): 1.0} | {(1, unit): (-0.99 if unit == 7 else 0.8) for unit in range(9)} | {(2, 3): 0.71})
    shown = members_shown(one)
    assert len(shown) == 8
    assert {(0, 0), (1, 7), (2, 3)} <= set(shown)


def test_another_of_the_representative_s_layer_waits_for_the_other_layers() -> None:
    one = cluster({(0, 0): 1.0, (0, 1): 0.999} | {(layer, 0): 0.75 for layer in range(1, 8)})
    assert members_shown(one) == [(0, 0), *((layer, 0) for layer in range(1, 8))]


def test_many_layers_are_shown_evenly() -> None:
    one = cluster({(layer, 4): (1.0 if layer == 5 else 0.8) for layer in range(12)})
    shown = [layer for layer, _ in members_shown(one)[1:]]
    assert len(shown) == 7
    assert (shown[0], shown[-1]) == (0, 11)
    assert max(np.diff(shown)) <= 3


@given(
    members=st.dictionaries(
        st.tuples(st.integers(0, LAYERS - 1), st.integers(0, 5)),
        st.floats(-0.99, 0.99).map(lambda r: round(r, 2)),
        min_size=1,
        max_size=40,
    )
)
def test_members_cover_the_layers_and_hide_no_closer_one(members: dict[tuple[int, int], float]) -> None:
    members |= {(3, 9): 1.0}
    shown = members_shown(cluster(members))
    assert shown[0] == (3, 9)
    assert len(shown) == len(set(shown)) == min(8, len(members))
    layers = {layer for layer, _ in members}
    assert len({layer for layer, _ in shown}) == min(8, len(layers))
    for layer in layers:
        here = sorted((abs(r) for (other, _), r in members.items() if other == layer), reverse=True)
        mine = sorted((abs(members[one]) for one in shown if one[0] == layer), reverse=True)
        assert mine == here[: len(mine)]


def test_clusters_are_the_largest_then_the_most_spread() -> None:
    sizes = {number: {(0, unit): (0.9 if unit else 1.0) for unit in range(2 + 60 - number)} for number in range(1, 61)}
    sizes[55] = {(0, 0): 1.0, (9, 0): 0.8}
    sizes[58] = {(0, 0): 1.0, (4, 0): 0.8}
    shown = [one.number for one in clusters_shown([cluster(one, number) for number, one in sizes.items()])]
    assert shown == [*range(1, 41), 55, 58], "one layer is no spread"


def seen(sentence: int, position: int) -> WordSeen:
    return WordSeen(text="x", sentence=sentence, position=position, deviations=1.0)


def words(highest: list[WordSeen], lowest: list[WordSeen]) -> ClusterWords:
    return ClusterWords(cluster=1, highest=highest, lowest=lowest, highest_types=[], lowest_types=[])


def test_windows_are_of_different_sentences_two_at_each_end() -> None:
    places = WordPlaces.of([["a"] * 4] * 6)
    highest = [seen(2, 1), seen(2, 3), seen(0, 0), seen(4, 0)]
    lowest = [seen(0, 2), seen(5, 1), seen(2, 0), seen(1, 1), seen(3, 1)]
    found = windows_shown(words(highest, lowest), places)
    assert [one.sentence for one in found] == [2, 0, 5, 1]
    assert found[0] == Window(2, 8, 12)


@pytest.mark.parametrize(("position", "first"), [(0, 0), (7, 0), (8, 0), (9, 1), (20, 12), (32, 24), (39, 24)])
def test_a_long_sentence_is_a_window_around_the_word(position: int, first: int) -> None:
    places = WordPlaces.of([["before"] * 3, ["w"] * 40, ["after"] * 5])
    (found,) = windows_shown(words([seen(1, position)], []), places)
    assert found == Window(1, 3 + first, 3 + first + 16)


def test_words_without_a_vector_are_passed_over() -> None:
    keep = np.ones(30, dtype=bool)
    keep[[2, 5, 6, 20]] = False
    places = WordPlaces.of([["a"] * 10, ["b"] * 20], keep)
    (found,) = windows_shown(words([seen(0, 7)], []), places)
    assert found == Window(0, 0, 7)
    (found,) = windows_shown(words([seen(1, 11)], []), places)
    rows = range(found.first, found.last)
    assert len(rows) == 16
    assert (1, 11) in {(places.sentence[row], places.position[row]) for row in rows}
    assert {places.sentence[row] for row in rows} == {1}
