from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from neurosieve.activations import load_encoder
from neurosieve.activations.texts import plan_texts
from neurosieve.corpus import Corpus, Example, Split
from neurosieve.errors import ModelError
from neurosieve.run.corpora import read_corpus
from neurosieve.run.finetuning.inputs import Collator, padding_id, read_inputs, sampled
from neurosieve.run.settings import TaskSettings
from tests.tiny_models import FAMILIES, make_tiny

PAIR = ("the quick fox said a valid word .", "no lazy dog knows [SEP] the name")


def test_samples_are_seeded_and_in_file_order(sst2: Path) -> None:
    train = read_corpus(TaskSettings(task="sst2", data=sst2), 1).splits["train"]
    one, two, other = (sampled(train, 20, seed).sentences for seed in (1, 1, 2))
    assert one == two != other
    places = [next(i for i, item in enumerate(train.sentences) if item is chosen) for chosen in one]
    assert places == sorted(set(places))
    assert len(places) == 20
    assert sampled(train, 1000, 1) is sampled(train, None, 1) is train


@pytest.mark.parametrize("texts", [PAIR[:1], PAIR])
@pytest.mark.parametrize("family", FAMILIES)
def test_inputs_are_the_tokenizers_and_the_analysis_own(family: str, texts: tuple[str, ...], tmp_path: Path) -> None:
    encoder = load_encoder(make_tiny(family, tmp_path), device="cpu")
    corpus = Corpus("made", {"train": Split((Example(texts, "0"), Example(texts, "1")))})
    inputs = read_inputs(encoder, corpus, corpus.splits["train"])
    plain = tuple(text.replace("[SEP]", "or") for text in texts)  # the tokenizer takes the text's own for special
    made = read_inputs(encoder, corpus, Split((Example(plain, "0"),)))
    reference = AutoTokenizer.from_pretrained(tmp_path)(*plain, return_token_type_ids=True)
    assert made.ids[0].tolist() == reference["input_ids"]
    assert made.types is None or made.types[0].tolist() == reference["token_type_ids"]
    told = family in ("bert", "albert") and len(texts) == 2
    assert (made.types is not None) == (told or family == "xlnet")
    plan = plan_texts(encoder, [texts], "cls" if family not in ("gpt2", "llama") else "last")
    assert inputs.ids[0].tolist() == plan.readings[0].ids.tolist()
    if inputs.types is not None:
        assert inputs.types[0].tolist() == plan.readings[0].types.tolist()


def test_batches_are_padded_on_the_side_that_is_asked() -> None:
    rows = [
        {"ids": np.array([5, 6, 7]), "types": np.array([0, 1, 1]), "label": torch.tensor(1)},
        {"ids": np.array([8]), "types": np.array([2]), "label": torch.tensor(0)},
    ]
    right, left = (Collator(9, flag)(rows) for flag in (False, True))
    assert right["input_ids"].tolist() == [[5, 6, 7], [8, 9, 9]]
    assert left["input_ids"].tolist() == [[5, 6, 7], [9, 9, 8]]
    assert left["attention_mask"].tolist() == [[1, 1, 1], [0, 0, 1]]
    assert left["token_type_ids"].tolist() == [[0, 1, 1], [0, 0, 2]]
    assert right["labels"].tolist() == [1, 0]


def test_a_decoder_without_padding_piece_takes_the_one_that_ends_texts(tmp_path: Path) -> None:
    encoder = load_encoder(make_tiny("gpt2", tmp_path), device="cpu")
    encoder.model.config.pad_token_id = encoder.tokenizer.pad_token = None
    assert padding_id(encoder) == encoder.model.config.eos_token_id
    encoder.model.config.eos_token_id = encoder.tokenizer.eos_token = None
    with pytest.raises(ModelError, match=r"family gpt2\) has no piece for padding and none that ends a text"):
        padding_id(encoder)


def test_texts_without_a_piece_are_left_out_where_no_token_stands_for_them(tmp_path: Path) -> None:
    split = Split((Example(("",), "0"), Example(("the fox",), "1")))
    corpus = Corpus("made", {"train": split})
    for family, kept in (("gpt2", [1]), ("bert", [0, 1])):
        encoder = load_encoder(make_tiny(family, tmp_path / family), device="cpu")
        assert read_inputs(encoder, corpus, split).labels.tolist() == kept


def test_labels_that_train_lacks_come_after_the_classes(model: Path) -> None:
    corpus = Corpus("made", {"train": Split((Example(("the fox",), "no"), Example(("the fox",), "yes")))})
    odd = Split((Example(("the dog",), "maybe"),))
    assert read_inputs(load_encoder(model, device="cpu"), corpus, odd).labels.tolist() == [2]
