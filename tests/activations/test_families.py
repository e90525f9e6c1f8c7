from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig

from neurosieve.activations.families import FAMILIES, Family, family_of, max_pieces
from neurosieve.activations.truncation import all_hidden_states, check_cut, cut_after
from neurosieve.errors import ModelError
from tests.activations.zoo import tiny


def states(model, family: Family) -> tuple[torch.Tensor, ...]:
    ids = torch.arange(3, 12)[None]
    return all_hidden_states(model, family, input_ids=ids, attention_mask=torch.ones_like(ids))


@pytest.mark.parametrize("model_type", [*FAMILIES, "stablelm", "nomic_bert", "ernie", "olmo2"])
def test_every_row_and_the_generic_route_cut_right(model_type):
    model = tiny(model_type)
    family = family_of(model)
    full = states(model, family)
    assert len(full) == 4
    for n_blocks in range(3):
        short = states(cut_after(model, family, n_blocks), family)
        assert len(short) == max(n_blocks, family.least_blocks) + 1
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(short, full, strict=False))
    assert all(torch.equal(before, after) for before, after in zip(full, states(model, family), strict=True))


@pytest.mark.parametrize("model_type", ["bert", "roberta", "gpt2", "llama", "modernbert", "gpt_neox"])
def test_what_is_suggested_for_an_unknown_family_agrees_with_the_rows(model_type, monkeypatch):
    row, model = FAMILIES[model_type], tiny(model_type)
    monkeypatch.setattr("neurosieve.activations.families.FAMILIES", {})
    found = family_of(model)
    assert (found.blocks, found.final_norm, found.counts_from_pad) == (row.blocks, row.final_norm, row.counts_from_pad)
    assert not found.pads_either_side


def test_a_wrong_row_is_noticed():
    model = tiny("llama")
    wrong = Family("layers", None)
    with pytest.raises(ModelError, match=r"family 'llama' cannot be truncated: with 1 blocks .* Add a row"):
        check_cut(states(cut_after(model, wrong, 1), wrong), states(model, wrong), "llama")


def test_shared_weights_are_not_copied():
    model = tiny("bert")
    short = cut_after(model, family_of(model), 2)
    assert {p.data_ptr() for p in short.parameters()} < {p.data_ptr() for p in model.parameters()}
    assert (short.config.num_hidden_layers, model.config.num_hidden_layers) == (2, 3)


def test_windows_leave_room_for_the_padding_position():
    bert, roberta, xlnet = (AutoConfig.for_model(name) for name in ("bert", "roberta", "xlnet"))
    roberta.max_position_embeddings, roberta.pad_token_id = 514, 1
    assert max_pieces(bert, FAMILIES["bert"]) == 512
    assert max_pieces(roberta, FAMILIES["roberta"]) == 512
    assert max_pieces(xlnet, FAMILIES["xlnet"]) is None
