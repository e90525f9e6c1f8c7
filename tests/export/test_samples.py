from __future__ import annotations

import pytest

from neurosieve.export.samples import BATCHES, sample_words, samples
from tests.compact.conftest import of_kind
from tests.tiny_models import FAMILIES, WINDOW


@pytest.mark.parametrize("family", FAMILIES)
def test_words_are_different_and_always_the_same(load, family):
    words = sample_words(load(family))
    assert len(words) == len(set(words)) > 40
    assert words == sample_words(load(family))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["labelling", "classification"])
def test_batches_of_every_size_short_long_and_mixed(load, family, kind):
    encoder = load(family)
    head = of_kind(encoder, kind).head
    batches = list(samples(encoder, head, cut=False))
    assert [len(batch) for batch in batches] == [size for size in BATCHES for _ in range(3)] + [2]
    assert all(len({tuple(item) for item in batch}) == len(batch) for batch in batches)

    def pieces(batch):
        if kind == "labelling":
            return encoder.segmenter(batch).per_sentence
        return [sum(map(len, encoder.segmenter.cut_texts(item))) for item in batch]

    limit = min(encoder.window, WINDOW) if family != "xlnet" else encoder.window
    for number, batch in enumerate(batches[:9]):
        if number % 3 == 1:
            assert max(pieces(batch)) > 0.7 * limit
        assert max(pieces(batch)) < encoder.window
    mixed = pieces(batches[8])
    assert max(mixed) > 1.5 * min(mixed)


def test_one_sample_is_cut_where_that_is_allowed(load):
    encoder = load("bert")
    *_, last = samples(encoder, of_kind(encoder, "labelling").head, cut=True)
    assert encoder.segmenter(last).per_sentence.max() > WINDOW


def test_some_texts_are_pairs(load):
    encoder = load("bert")
    batches = list(samples(encoder, of_kind(encoder, "classification", pooling="cls").head, cut=False))
    assert {len(item) for batch in batches for item in batch} == {1, 2}
