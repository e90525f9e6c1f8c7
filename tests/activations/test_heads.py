"""A model's own loss, against one text at a time through transformers' own loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

from neurosieve.activations.ablation import ablated
from neurosieve.activations.heads import MASKED, language_model, language_model_losses, load_language_model
from neurosieve.errors import ModelError
from tests.tiny_models import UNITS, config_of, make_tokenizer

KINDS = {"gpt2": "causal", "llama": "causal", "bert": "masked", "roberta": "masked"}
TEXTS = ["The fox jumps over the lazy dog.", "A tokenizer cuts words!", "fox", "", "The fox jumps over the lazy dog."]


def with_head(family):
    tokenizer = make_tokenizer(family)
    loader = AutoModelForCausalLM if KINDS[family] == "causal" else AutoModelForMaskedLM
    torch.manual_seed(1)
    return loader.from_config(config_of(family, tokenizer)).eval(), tokenizer


def made(family):
    head, tokenizer = with_head(family)
    return language_model(head, tokenizer, KINDS[family], name=family)


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    return made(request.param)


def by_itself(model, ids, labels):
    """Transformers' mean loss of one text without padding."""
    with torch.no_grad():
        return float(model.head(input_ids=ids[None], labels=labels[None]).loss)


@pytest.mark.parametrize("family", [family for family, kind in KINDS.items() if kind == "causal"])
def test_causal_losses_are_those_of_transformers_for_each_text_alone(family):
    model = made(family)
    found = language_model_losses(model, TEXTS, batch_tokens=64)

    for text, total, pieces in zip(TEXTS, found.total, found.pieces, strict=True):
        ids = torch.tensor(model.encoder.tokenizer(text)["input_ids"], dtype=torch.int64)
        special = len(ids) - len(model.encoder.tokenizer(text, add_special_tokens=False)["input_ids"])
        predicted = max(0, len(ids) - 1) if text else 0
        assert special <= 1, "a piece at the front at most: all the others are predicted"
        assert pieces == predicted
        if predicted:
            assert total == pytest.approx(predicted * by_itself(model, ids, ids), rel=1e-4)
    assert found.mean == pytest.approx(found.total.sum() / found.pieces.sum())


@pytest.mark.parametrize("family", [family for family, kind in KINDS.items() if kind == "masked"])
def test_masked_losses_are_of_a_share_of_the_pieces_and_never_of_special_ones(family):
    model = made(family)
    found, again = (language_model_losses(model, TEXTS, seed=3) for _ in range(2))
    sizes = [len(model.encoder.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in TEXTS]

    assert found.pieces.tolist() == [max(1, round(MASKED * n)) if n else 0 for n in sizes]
    assert np.array_equal(found.total, again.total)
    assert found.total[0] == found.total[4], "equal texts have equal masks"
    # One piece, masked: what the head says of it is all there is to know.
    ids = torch.tensor(model.encoder.tokenizer("fox")["input_ids"])
    if sizes[2] == 1:
        labels = torch.full_like(ids, -100)
        labels[1] = ids[1]
        ids[1] = model.encoder.tokenizer.mask_token_id
        assert found.total[2] == pytest.approx(by_itself(model, ids, labels), rel=1e-4)


def test_losses_do_not_depend_on_the_batch(model):
    alone = language_model_losses(model, TEXTS, batch_tokens=1)
    together = language_model_losses(model, TEXTS)

    assert together.total == pytest.approx(alone.total, rel=1e-4, abs=1e-4)
    assert np.array_equal(together.pieces, alone.pieces)


def test_what_is_ablated_in_the_encoder_is_missing_in_the_loss(model):
    whole = language_model_losses(model, TEXTS)

    with ablated(model.encoder, np.arange(2 * UNITS, 3 * UNITS), torch.zeros(UNITS)):
        without = language_model_losses(model, TEXTS)

    assert np.array_equal(without.pieces, whole.pieces)
    assert abs(without.mean - whole.mean) > 1e-3
    assert np.array_equal(language_model_losses(model, TEXTS).total, whole.total)


def test_no_text_no_loss(model):
    assert np.isnan(language_model_losses(model, [""]).mean)


@pytest.mark.parametrize("family", ["gpt2", "bert"])
def test_a_saved_model_is_read_with_the_head_that_it_has(family, tmp_path):
    head, tokenizer = with_head(family)
    head.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)

    found = load_language_model(str(tmp_path))

    expected = language_model_losses(language_model(head, tokenizer, KINDS[family], name="memory"), TEXTS)
    assert found is not None
    assert found.kind == KINDS[family]
    assert language_model_losses(found, TEXTS).total == pytest.approx(expected.total, rel=1e-5)


def test_a_model_without_a_head_gives_none(tiny_folder):
    assert load_language_model(str(tiny_folder("bert"))) is None


def test_a_folder_that_is_not_there():
    with pytest.raises(ModelError, match="There is no folder"):
        load_language_model("./nowhere")
