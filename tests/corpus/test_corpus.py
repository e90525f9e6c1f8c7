from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from neurosieve.corpus import Corpus, Sentence, Split, unseen_labels
from neurosieve.errors import CorpusError


def split_of(*lengths: int) -> Split:
    """Sentences of the given lengths; every word of sentence i is ``i``."""
    return Split(tuple(Sentence((str(i),) * n, ("L",) * n) for i, n in enumerate(lengths)), {"file": "hash"})


def test_words_are_counted_over_sentences() -> None:
    assert split_of(3, 0, 4).n_words == 7


@pytest.mark.parametrize(("limit", "kept"), [(1, 1), (3, 1), (4, 2), (5, 2), (6, 3), (100, 3)])
def test_a_limit_keeps_whole_sentences_up_to_the_one_that_reaches_it(limit: int, kept: int) -> None:
    limited = split_of(3, 2, 4).limited(limit)
    assert len(limited.sentences) == kept
    assert limited.sources == {"file": "hash"}


def test_a_limit_below_one_word_is_refused() -> None:
    with pytest.raises(CorpusError, match="A limit of 0 words leaves no sentence"):
        split_of(3).limited(0)


@given(n=st.integers(2, 200), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 2**32 - 1))
def test_a_cut_parts_the_sentences_in_file_order(n: int, fraction: float, seed: int) -> None:
    whole = split_of(*[1] * n)
    left, off = whole.cut(fraction, seed)
    order = [[int(sentence.words[0]) for sentence in part.sentences] for part in (left, off)]
    assert sorted(order[0] + order[1]) == list(range(n))
    assert all(part == sorted(part) and part for part in order)
    assert abs(len(order[1]) - n * fraction) <= 1
    assert left.sources == off.sources == whole.sources


def test_a_cut_depends_on_its_seed_alone() -> None:
    whole = split_of(*[1] * 100)
    assert whole.cut(0.1, 7361) == whole.cut(0.1, 7361)
    assert whole.cut(0.1, 7361) != whole.cut(0.1, 7362)


def test_one_sentence_cannot_be_cut() -> None:
    with pytest.raises(CorpusError, match="cannot be cut from 1 training sentence"):
        split_of(5).cut(0.1, 0)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, float("nan")])
def test_a_cut_of_nothing_or_all_is_refused(fraction: float) -> None:
    with pytest.raises(CorpusError, match="strictly between 0 and 1"):
        split_of(1, 1, 1).cut(fraction, 0)


def as_the_authors_do(n: int) -> tuple[list[int], list[int]]:
    """Their recipe for texts, on the numbers of the rows; numpy's global state is put back."""
    before = np.random.get_state()
    try:
        np.random.seed(7361)
        indices = list(range(n))
        np.random.shuffle(indices)
    finally:
        np.random.set_state(before)
    return indices[: int(0.9 * n)], indices[int(0.9 * n) :]


def numbers_of(part: Split) -> list[int]:
    return [int(sentence.words[0]) for sentence in part.sentences]


@pytest.mark.parametrize("n", [2, 10, 11, 99, 2490, 3668])
def test_the_published_cut_is_the_authors(n: int) -> None:
    left, off = split_of(*[1] * n).cut_as_published(0.1, 7361)
    assert (numbers_of(left), numbers_of(off)) == as_the_authors_do(n)


@given(n=st.integers(2, 200), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 2**32 - 1))
def test_the_published_cut_parts_the_texts(n: int, fraction: float, seed: int) -> None:
    whole = split_of(*[1] * n)
    assume(int((1 - fraction) * n) > 0)
    before = np.random.get_state()[1].tolist()
    left, off = whole.cut_as_published(fraction, seed)
    assert sorted(numbers_of(left) + numbers_of(off)) == list(range(n))
    assert len(left.sentences) == int((1 - fraction) * n)
    assert left.sources == off.sources == whole.sources
    assert (left, off) == whole.cut_as_published(fraction, seed)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize(("n", "fraction"), [(1, 0.1), (0, 0.5), (5, 0.0), (5, 0.9), (5, 1.0), (5, -0.5)])
def test_a_published_cut_that_leaves_nothing_is_refused(n: int, fraction: float) -> None:
    message = rf"A dev split of {fraction} cannot be cut from {n} training text\(s\); give a dev file"
    with pytest.raises(CorpusError, match=message):
        split_of(*[1] * n).cut_as_published(fraction, 0)


def test_classes_are_those_of_train_and_the_others_are_named() -> None:
    def labelled(*labels: str) -> Split:
        return Split((Sentence(("w",) * len(labels), labels),))

    corpus = Corpus("c", {"train": labelled("b", "a", "b"), "dev": labelled("a"), "test": labelled("z", "a", "c")})
    assert corpus.classes == ("a", "b")
    assert unseen_labels(corpus) == {"dev": (), "test": ("c", "z")}


def test_a_corpus_without_labels_has_no_classes() -> None:
    corpus = Corpus("c", {"train": Split((Sentence(("w",)),))})
    assert corpus.classes == ()
    assert unseen_labels(corpus) == {}
