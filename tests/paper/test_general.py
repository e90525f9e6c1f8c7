from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from neurosieve.activations import load_encoder
from neurosieve.corpus import Sentence, Split
from neurosieve.paper.general import HEAT_NEURONS, TextContext, measure_general
from neurosieve.run.general import REPORTED_THRESHOLD
from neurosieve.run.stages import Stopwatch
from tests.run.small import sentences


@pytest.fixture(scope="module")
def context(world):
    """Sixty sentences, the first of them too short to be shown and the second too long."""
    long = [tuple(word for word, _, _ in one) for one in sentences(60, 5)]
    texts = [long[0][:3], long[1] * 4, *(one + other for one, other in pairwise(long[2:]))]
    split = Split(tuple(Sentence(words) for words in texts), {"file": "hash"})
    encoder = load_encoder(str(world.folder / "bert"), device="cpu")
    return TextContext(encoder, split, "made", world.settings("unused"), Stopwatch())


@pytest.fixture(scope="module")
def study(context):
    return measure_general(context)


@pytest.fixture(scope="module")
def values(context):
    """(words × 128) of the whole text."""
    return context.rows(context.text).gather(np.arange(128)).double().numpy()


def test_layers_and_clusters_are_of_the_whole_text(context, study, values):
    assert study.general.words == context.text.n_words == len(values)
    assert study.general.sources == {"file": "hash"}
    x, y = (values[:, layer * 32 : (layer + 1) * 32] for layer in (1, 3))
    x, y = x - x.mean(0), y - y.mean(0)
    expected = np.linalg.norm(x.T @ y) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
    assert study.general.cka[1][3] == pytest.approx(expected, abs=1e-5)


def test_the_heat_is_of_members_of_one_cluster_with_their_correlation(context, study, values):
    heat = study.heat
    columns = [layer * 32 + unit for layer, unit in heat.neurons]
    clusters = context.found[1].cut(REPORTED_THRESHOLD)
    labels = clusters.labels[columns]
    assert len(set(labels.tolist())) == 1
    assert heat.size == (clusters.labels == labels[0]).sum() == clusters.sizes.max()
    assert len(set(columns)) == len(columns) == min(HEAT_NEURONS, heat.size)
    r = np.corrcoef(values[:, columns].T)[0]
    assert heat.correlations == pytest.approx(r.tolist(), abs=1e-4)
    strength = np.abs(heat.correlations)
    assert strength[0] == pytest.approx(1, abs=1e-6)
    assert np.all(np.diff(strength) <= 1e-6)


def test_the_heat_shows_standardised_activations_of_two_sentences(context, study, values):
    heat = study.heat
    columns = [layer * 32 + unit for layer, unit in heat.neurons]
    z = (values[:, columns] - values[:, columns].mean(0)) / values[:, columns].std(0)
    start = sum(len(words) for words in context.text.words[:2])
    for sentence, shown in zip(context.text.words[2:4], heat.sentences, strict=True):
        assert shown.words == list(sentence)
        expected = z[start : start + len(sentence)].T
        assert np.array(shown.values) == pytest.approx(expected, abs=1e-2)
        start += len(sentence)


def test_without_a_sentence_of_that_length_there_is_no_heat(context):
    short = Split(tuple(Sentence(words[:5]) for words in context.text.words[2:]))
    other = TextContext(context.encoder, short, "short", context.settings, Stopwatch())
    found = measure_general(other)
    assert found.heat is None
    assert found.general.words == short.n_words


def test_a_text_is_told_from_others_by_its_sources_and_its_size(context):
    def identity(text):
        return TextContext(context.encoder, text, "x", context.settings, Stopwatch()).identity

    text = context.text
    others = (replace(text, sources={"file": "other"}), replace(text, sentences=text.sentences[:-1]))
    assert identity(text) == context.identity
    assert all(identity(other) != context.identity for other in others)
