from __future__ import annotations

import pytest
import torch

from neurosieve.arrays import Neuron
from neurosieve.compact import Head
from neurosieve.errors import CorpusError
from neurosieve.run.shrinking.texts import HELD_OUT, LEARNED, read_text_for
from tests.run.small import sentences, write_corpus, write_sst2, write_stsb


def head(kind: str, classes: tuple[str, ...] = ("DT", "NN", "VB", "JJ", ".")) -> Head:
    numeric = kind == "regression"
    columns = 1 if numeric else len(classes)
    pooling = None if kind == "labelling" else "mean"
    weight, bias = torch.zeros(1, columns), torch.zeros(columns)
    return Head((Neuron(0, 0),), weight, bias, () if numeric else classes, kind, pooling=pooling)  # type: ignore[arg-type]


def test_a_corpus_with_the_head_s_labels(tmp_path):
    write_corpus(tmp_path)
    text = read_text_for(tmp_path, "pos", head("labelling"), LEARNED)
    rows = sentences(70, 1)
    assert sorted(text.items) == sorted(tuple(word for word, _, _ in one) for one in rows)
    assert sorted(text.labels or []) == sorted(tuple(tag for _, tag, _ in one) for one in rows)
    assert (text.name, text.metric) == (f"train and dev of {tmp_path.name}", "accuracy")
    assert len(read_text_for(tmp_path, "pos", head("labelling"), HELD_OUT).items) == 25


def test_another_task_of_the_name_has_other_labels(tmp_path):
    write_corpus(tmp_path)
    text = read_text_for(tmp_path, "pos", head("labelling", ("NOUN", "VERB")), HELD_OUT)
    assert text.labels is None
    assert len(text.items) == 25


def test_a_corpus_without_the_task_gives_its_words(tmp_path):
    write_corpus(tmp_path)
    text = read_text_for(tmp_path, "my tags", head("labelling"), HELD_OUT)
    assert (text.labels, text.metric) == (None, None)
    assert [len(one) for one in text.items] == [len(one) for one in sentences(25, 2)]


def test_sentences_for_a_head_of_texts_and_texts_for_one_of_words(tmp_path):
    write_corpus(tmp_path / "words")
    text = read_text_for(tmp_path / "words", "sst2x", head("classification"), HELD_OUT)
    assert text.items[0] == (" ".join(word for word, _, _ in sentences(25, 2)[0]),)
    assert text.labels is None
    write_sst2(tmp_path / "sst2")
    words = read_text_for(tmp_path / "sst2", "sst2", head("labelling"), HELD_OUT)
    assert words.labels is None
    assert all(len(one) > 3 for one in words.items)


def test_texts_with_classes_and_with_numbers(tmp_path):
    write_sst2(tmp_path / "sst2")
    text = read_text_for(tmp_path / "sst2", "sst2", head("classification", ("0", "1")), HELD_OUT)
    assert set(text.labels or []) == {"0", "1"}
    write_stsb(tmp_path / "stsb")
    pairs = read_text_for(tmp_path / "stsb", "stsb", head("regression"), HELD_OUT)
    assert {len(one) for one in pairs.items} == {2}
    assert all(isinstance(one, float) for one in pairs.labels or [])


def test_a_file_a_line_each(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("It's the fox, lazy.\n\n one\ttwo \n", encoding="utf-8")
    words = read_text_for(path, "pos", head("labelling"), HELD_OUT)
    assert words.items == [("It's", "the", "fox", ",", "lazy", "."), ("one", "two")]
    assert (words.name, words.labels) == ("some.txt", None)
    assert read_text_for(path, "x", head("classification"), HELD_OUT).items[1] == ("one", "two")


def test_a_folder_without_a_corpus_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="holds no corpus of a known layout"):
        read_text_for(tmp_path, "pos", head("labelling"), HELD_OUT)
    (tmp_path / "train.txt").write_text("a b c d\n", encoding="utf-8")
    with pytest.raises(CorpusError):
        read_text_for(tmp_path, "pos", head("labelling"), HELD_OUT)
