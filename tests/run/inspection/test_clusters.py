"""Clusters of a planted run: who is in them, what random ones would explain, and the words behind them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.corpus import Corpus, Example, Split
from neurosieve.run.inspection.clusters import inspect_clusters, shuffled
from neurosieve.run.inspection.records import ClusterFound
from neurosieve.run.portraits import LONGEST, most_spread, word_places
from tests.run.inspection.planted import FAMILY, GRID, planted, values


@pytest.fixture(scope="module")
def made():
    subject, _ = planted(words=3, clusters=2)
    return subject, inspect_clusters(subject)


def test_the_planted_family_is_the_largest_cluster(made) -> None:
    _, part = made
    first = part.found[0]
    assert set(first.members) == FAMILY
    assert first.per_layer == [1, 2, 1]
    assert (first.size, first.layers, first.span, first.negated) == (4, [0, 1, 2], 3, 1)
    assert (part.neurons, part.constants) == (18, 1)
    assert [one.size for one in part.found] == [4, 2, 2, 2]
    assert part.clusters == 18 - 4 - 6 + 4
    assert part.others == 3 + 3


def test_numbers_are_those_of_the_activations(made) -> None:
    subject, part = made
    x = values(subject)
    for one in part.found:
        place = GRID.columns([one.representative])[0]
        others = [column for column in GRID.columns(one.members) if column != place]
        r = np.array([np.corrcoef(x[:, place], x[:, column])[0, 1] for column in others])
        assert dict(zip(map(tuple, one.members), one.r, strict=True))[tuple(one.representative)] == 1.0
        assert one.radius == pytest.approx(1 - np.abs(r).min(), abs=1e-5)
        assert one.explained == pytest.approx((r**2).mean(), abs=1e-5)
        variance = x[:, others].var(axis=0)
        assert one.explained_variance == pytest.approx(float(r**2 @ variance / variance.sum()), abs=1e-5)


def test_random_clusters_explain_far_less(made) -> None:
    _, part = made
    low, high = part.random.explained_range
    assert low <= part.random.explained <= high < part.explained
    low, high = part.random.explained_variance_range
    assert low <= part.random.explained_variance <= high < part.explained_variance


def test_words_are_those_that_the_family_stands_for(made) -> None:
    subject, part = made
    words = part.words[0]
    assert words.cluster == 1
    first = part.found[0]
    end = words.highest_types if first.representative != (1, 4) else words.lowest_types
    assert end[0].text == "fox"
    assert len(words.highest) == len(words.lowest) == 3
    x, column = values(subject), GRID.columns([first.representative])[0]
    z = (x[:, column] - x[:, column].mean()) / x[:, column].std()
    sentences = subject.prepared.corpus.splits["train"].sentences
    for seen in (*words.highest, *words.lowest):
        sentence = sentences[seen.sentence].words
        assert seen.text == sentence[seen.position]
        assert seen.left == list(sentence[max(0, seen.position - 6) : seen.position])
        assert seen.right == list(sentence[seen.position + 1 : seen.position + 7])
        assert seen.deviations == pytest.approx(z[5 * seen.sentence + seen.position], abs=1e-3)
    assert words.highest[0].deviations == pytest.approx(z.max(), abs=1e-3)
    assert len({seen.text for seen in words.highest}) == 3, "no word comes twice"


def test_shown_are_the_largest_and_then_the_most_spread(made) -> None:
    _, part = made
    assert part.largest == [1, 2]
    assert part.most_spread == [3]
    assert [one.cluster for one in part.words] == [1, 2, 3]


def test_nothing_is_shown_where_nothing_repeats() -> None:
    subject, listener = planted(threshold=1e-6)
    part = inspect_clusters(subject)
    assert (part.found, part.words, part.others, part.clusters) == ([], [], 0, 18)
    assert part.explained == part.random.explained == 1.0
    assert listener.stages == ["clusters", "random clusters", "words"]


def cluster(number: int, per_layer: list[int]) -> ClusterFound:
    members = [(layer, unit) for layer, count in enumerate(per_layer) for unit in range(count)]
    shares = dict.fromkeys(("radius", "mean_r", "explained", "explained_variance"), 0.5)
    return ClusterFound(
        number=number, representative=members[0], members=members, r=[1.0] * len(members), per_layer=per_layer, **shares
    )


def test_spread_is_by_layers_from_end_to_end_then_by_layers_held() -> None:
    found = [cluster(1, [5, 0, 0, 0]), cluster(2, [1, 0, 0, 2]), cluster(3, [0, 1, 1, 0]), cluster(4, [1, 0, 1, 1])]
    assert most_spread(found, [], 9) == [4, 2, 3]
    assert most_spread(found, [4], 1) == [2]


@given(
    kinds=st.lists(st.integers(-1, 3), min_size=1, max_size=40),
    groups=st.integers(1, 6),
    seed=st.integers(0, 10**6),
)
def test_dealing_out_keeps_what_each_cluster_has_of_each_layer(kinds: list[int], groups: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels, layer = generator.integers(0, groups, len(kinds)), np.array(kinds)
    dealt = shuffled(labels, layer, generator)
    for kind in set(kinds):
        assert sorted(dealt[layer == kind]) == sorted(labels[layer == kind])
    assert (dealt[layer < 0] == labels[layer < 0]).all()


def test_every_deal_is_as_likely() -> None:
    generator, counts = np.random.default_rng(0), {}
    for _ in range(3000):
        dealt = tuple(shuffled(np.array([0, 1, 2]), np.zeros(3, dtype=np.int64), generator))
        counts[dealt] = counts.get(dealt, 0) + 1
    assert len(counts) == 6
    assert max(abs(count - 500) for count in counts.values()) < 5 * np.sqrt(500)


def test_a_text_is_one_word_and_what_no_file_can_hold_is_replaced() -> None:
    split = Split((Example(("a b", "c"), "x"), Example(("gone",), "x"), Example(("d\ud800",), "y")))
    corpus = Corpus("texts", {"train": split})
    places = word_places(SimpleNamespace(corpus=corpus, kept={"train": np.array([0, 2])}))
    assert [places.types[kind] for kind in places.type] == ["a b ⏐ c", "d\ud800"]
    assert places.sentence.tolist() == [0, 2]


def test_long_texts_are_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, _ = planted(words=1)
    long = "x" * (LONGEST + 50)
    sentences = subject.prepared.corpus.splits["train"].sentences
    texts = tuple(Example((f"{long}{place}\ud800",), "x") for place in range(5 * len(sentences)))
    monkeypatch.setattr(subject.prepared, "corpus", Corpus("texts", {"train": Split(texts)}))
    part = inspect_clusters(subject)
    seen = part.words[0].highest[0]
    assert len(seen.text) == LONGEST
    assert seen.text.endswith("…")
    assert part.model_dump_json().encode("utf-8")
    assert part.words[0].highest_types == []
