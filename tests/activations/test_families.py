from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, AutoModel

from neurosieve.activations.families import FAMILIES, Family, family_of, max_pieces
from neurosieve.activations.truncation import all_hidden_states, check_cut, cut_after
from neurosieve.errors import ModelError

# Of the sizes below every config takes those that it knows.
SIZES = {
    "vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24,
    "max_position_embeddings": 40, "num_key_value_heads": 2, "head_dim": 8, "pad_token_id": 1, "embedding_size": 16,
    "word_embed_proj_dim": 16, "ffn_dim": 24, "initializer_range": 0.3, "rotary_dim": 4, "d_inner": 24,
    "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2,
}  # fmt: skip
SPECIAL = {
    "gpt_neo": {"attention_types": [[["global"], 3]]},
    "phi3": {"original_max_position_embeddings": 40},
    "xlnet": {"d_head": 8},
}


def tiny(model_type: str) -> torch.nn.Module:
    torch.manual_seed(0)
    known = AutoConfig.for_model(model_type)
    names = set(vars(known)) | set(known.attribute_map)
    settable = {key: value for key, value in SIZES.items() if key in names}
    return AutoModel.from_config(AutoConfig.for_model(model_type, **settable, **SPECIAL.get(model_type, {}))).eval()


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
