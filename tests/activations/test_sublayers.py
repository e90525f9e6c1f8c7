"""Sublayers against the sums that the architectures make of them, computed with the models' own norms."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from neurosieve.activations.encoder import encoder_from_model
from neurosieve.activations.families import FAMILIES, Family, family_of, n_blocks_of
from neurosieve.activations.live import LiveRows
from neurosieve.activations.loading import load_encoder
from neurosieve.activations.persist import extract
from neurosieve.activations.store import read_manifest
from neurosieve.activations.sublayers import SUBLAYERS, Place, capturing, in_order, layer_at, place_of
from neurosieve.activations.truncation import all_hidden_states
from neurosieve.errors import ModelError
from tests.activations.conftest import assert_close, vectors
from tests.activations.zoo import tiny
from tests.tiny_models import BLOCKS, UNITS

PARALLEL = ("gptj", "gpt_neox", "phi")
# Where the sum is normed: the norms after the attention and after the feed-forward, in a block.
NORMS = {
    **dict.fromkeys(
        (
            "bert",
            "electra",
            "ernie",
            "deberta",
            "deberta-v2",
            "roberta",
            "xlm-roberta",
            "camembert",
            "data2vec-text",
            "longformer",
        ),
        ("attention.output.LayerNorm", "output.LayerNorm"),
    ),
    **dict.fromkeys(
        ("bart", "plbart", "mvp", "blenderbot-small", "marian", "led"), ("self_attn_layer_norm", "final_layer_norm")
    ),
    "prophetnet": ("self_attn_layer_norm", "feed_forward_layer_norm"),
    "mpnet": ("attention.LayerNorm", "output.LayerNorm"),
    "distilbert": ("sa_layer_norm", "output_layer_norm"),
    "albert": ("attention.LayerNorm", "full_layer_layer_norm"),
    "xlnet": ("rel_attn.layer_norm", "ff.layer_norm"),
}
NAMES = ("0", "attention 1", "mlp 1", "1", "attention 2", "mlp 2", "2", "attention 3", "mlp 3", "3")
CORPUS = [["A", "tokenizer", "cuts", "words", "."], ["unbelievable", "tokens"], [], ["so"] * 9, ["it", "\u200b", "is"]]


@pytest.fixture
def both(encoder, load):
    return load(encoder.family, sublayers=SUBLAYERS)


def batch(n_rows=2, n_pieces=9):
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(7, 40, (n_rows, n_pieces), generator=generator)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def all_places(n_blocks: int) -> list[Place]:
    return [Place(block, part) for block in range(1, n_blocks + 1) for part in SUBLAYERS]


def block_of(model: nn.Module, family: Family, index: int) -> nn.Module:
    shared = "encoder.albert_layer_groups.0.albert_layers.0"
    return model.get_submodule(shared if family.blocks is None else f"{family.blocks}.{index}")


def after_block(model, family, index, residual, attention, mlp) -> torch.Tensor:
    """What the block's output must be, given what came in and what its two parts gave."""
    model_type = model.config.model_type
    if model_type in NORMS:
        first, second = (block_of(model, family, index).get_submodule(name) for name in NORMS[model_type])
        return second(mlp + first(attention + residual))
    total = (mlp + attention) + residual if model_type in PARALLEL else mlp + (attention + residual)
    last = index + 1 == n_blocks_of(model.config, family)
    return model.get_submodule(family.final_norm)(total) if last and family.final_norm else total


def hooks(model: nn.Module) -> list[int]:
    return [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()]


@pytest.mark.parametrize("model_type", FAMILIES)
def test_every_row_gives_what_is_added_to_the_residual(model_type):
    model = tiny(model_type)
    family, places, inputs = family_of(model), all_places(3), batch()
    with capturing(model, family, places) as caught:
        states = all_hidden_states(model, family, **inputs)
    assert all(torch.equal(a, b) for a, b in zip(states, all_hidden_states(model, family, **inputs), strict=True))
    with torch.inference_mode():
        for index in range(3):
            parts = [layer_at(Place(index + 1, part), states, caught, family) for part in SUBLAYERS]
            assert all(part.shape == (2, 9, 16) and float(part.std()) > 1e-4 for part in parts)
            found = after_block(model, family, index, states[index], *parts)
            assert torch.equal(found, states[index + 1]), (found - states[index + 1]).abs().max()


def test_a_norm_after_the_sum_in_a_decoder():
    model = tiny("opt")  # OPT 350m norms after the sum; the others, as in the test of every row, before the parts
    for block in model.decoder.layers:
        block.do_layer_norm_before = False
    family, places = family_of(model), all_places(3)
    with capturing(model, family, places) as caught:
        states = all_hidden_states(model, family, **batch())
    with torch.inference_mode():
        attention, mlp = (layer_at(Place(1, part), states, caught, family) for part in SUBLAYERS)
        block = model.decoder.layers[0]
        found = block.final_layer_norm(mlp + block.self_attn_layer_norm(attention + states[0]))
    assert torch.equal(found, states[1])


def test_layers_and_their_names(encoder, both, load):
    assert encoder.sublayers == ()
    assert encoder.layer_names == ("0", "1", "2", "3")
    assert both.sublayers == SUBLAYERS
    assert both.layer_names == NAMES
    assert (both.n_layers, both.n_units) == (1 + 3 * BLOCKS, UNITS)
    one = load(encoder.family, sublayers=("mlp",))
    assert one.layer_names == ("0", "mlp 1", "1", "mlp 2", "2", "mlp 3", "3")
    assert both.fingerprint == one.fingerprint == encoder.fingerprint


def test_hidden_states_stay_what_they_are_to_the_bit(encoder, both, load):
    inputs = batch()
    expected = encoder.hidden_states(**inputs, layers=range(4))
    found = both.hidden_states(**inputs, layers=[NAMES.index(str(block)) for block in range(4)])
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))
    one = load(encoder.family, sublayers=("mlp",))
    (mine,) = one.hidden_states(**inputs, layers=[one.layer_names.index("mlp 2")])
    assert torch.equal(mine, both.hidden_states(**inputs, layers=[NAMES.index("mlp 2")])[0])


def test_layers_come_in_the_order_asked(both):
    inputs = batch()
    everything = both.hidden_states(**inputs, layers=range(10))
    order = [8, 0, 1, 9, 4, 1, -2]
    found = both.hidden_states(**inputs, layers=order)
    assert all(torch.equal(mine, everything[layer]) for mine, layer in zip(found, order, strict=True))
    with pytest.raises(IndexError):
        both.hidden_states(**inputs, layers=[10])


@pytest.mark.parametrize("last_layer", range(10))
def test_truncated_encoders_give_the_same_and_survive_saving(both, last_layer, tmp_path):
    inputs = batch()
    expected = both.hidden_states(**inputs, layers=range(last_layer + 1))
    short = both.truncated(last_layer)
    assert short.layer_names == NAMES[: last_layer + 1]
    assert short.model.config.num_hidden_layers == -(-last_layer // 3)
    short.save(tmp_path)
    again = load_encoder(tmp_path, device="cpu", sublayers=SUBLAYERS)
    assert again.layer_names == NAMES[: 1 + 3 * -(-last_layer // 3)]
    for one in (short, again):
        found = one.hidden_states(**inputs, layers=range(last_layer + 1))
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))
    assert again.fingerprint == short.fingerprint


def test_a_grid_can_be_cut_again_inside_its_last_block(both):
    once, twice = both.truncated(4), both.truncated(8).truncated(5).truncated(4)
    assert once.layer_names == twice.layer_names == NAMES[:5]
    assert once.fingerprint == twice.fingerprint
    assert both.truncated(8).model is both.model
    assert once.truncated(4) is once
    with pytest.raises(ModelError, match=r"has layers 0 to 4; there is no layer 5\."):
        once.truncated(5)


def test_hooks_are_on_what_is_asked_and_gone_after_the_call(both):
    inputs = batch()
    both.hidden_states(**inputs, layers=[0])  # transformers leaves hooks of its own at the first call
    before = hooks(both.model)
    with capturing(both.model, both.facts, [Place(2, "mlp"), Place(2, None), Place(1, None)]) as caught:
        assert sum(hooks(both.model)) == sum(before) + 1
        all_hidden_states(both.model, both.facts, **inputs)
        assert set(caught) == {Place(2, "mlp")}
    assert hooks(both.model) == before
    both.hidden_states(**inputs, layers=range(10))
    assert hooks(both.model) == before


def test_hooks_are_gone_after_an_error(both):
    both.hidden_states(**batch(), layers=[0])
    before = hooks(both.model)
    with pytest.raises(IndexError):
        both.hidden_states(torch.tensor([[10**6]]), torch.ones(1, 1, dtype=torch.int64), range(10))
    assert hooks(both.model) == before
    with pytest.raises(ModelError, match="It is not known"):
        replace(both, facts=replace(both.facts, mlp=None)).hidden_states(**batch(), layers=range(10))
    assert hooks(both.model) == before


def test_batches_equal_sentences_alone(both):
    alone = torch.cat([vectors(both, [sentence]) for sentence in CORPUS])
    assert alone.shape[1] == 10
    for batch_tokens in (1, 40, 4096):
        assert_close(vectors(both, CORPUS, batch_tokens=batch_tokens), alone)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_on_either_side_changes_nothing(both, side, monkeypatch):
    alone = torch.cat([vectors(both, [sentence]) for sentence in CORPUS])
    monkeypatch.setattr(both.tokenizer, "padding_side", side)
    assert_close(vectors(both, CORPUS), alone)


def test_words_have_the_vectors_of_their_pieces(both):
    sentence = CORPUS[0]
    pieces, wrapping = both.segmenter([sentence]), both.segmenter.wrapping
    ids = torch.tensor([[*wrapping.prefix, *pieces.ids, *wrapping.suffix]])
    states = both.hidden_states(ids, torch.ones_like(ids), range(10))
    expected = torch.stack(states, dim=2)[0, len(wrapping.prefix) + pieces.word_starts[1:] - 1]
    assert_close(vectors(both, [sentence]), expected)
    chosen = [NAMES.index("mlp 2"), NAMES.index("attention 1")]
    assert_close(vectors(both, [sentence], layers=chosen), expected[:, chosen])


def test_stores_with_and_without_sublayers_live_side_by_side(both, encoder, tmp_path):
    plain, rich = extract(encoder, CORPUS, tmp_path), extract(both, CORPUS, tmp_path)
    assert plain.folder != rich.folder
    assert extract(both, CORPUS, tmp_path, last_layer=0).folder != extract(encoder, CORPUS, tmp_path, last_layer=0)
    (a,), (b,) = plain.rows().blocks(), rich.rows().blocks()
    assert len(b.layers) == 10
    assert all(torch.equal(a.layers[block], b.layers[NAMES.index(str(block))]) for block in range(4))
    cut = extract(both, CORPUS, tmp_path, last_layer=NAMES.index("mlp 2"))
    assert cut.grid.layers == 6
    (live,) = LiveRows(both, CORPUS).blocks([NAMES.index("mlp 2")])
    (stored,) = cut.rows().blocks([5])
    assert_close(stored.layers[0][:, None], live.layers[0][:, None])


def test_the_description_of_a_store_names_sublayers_only_where_there_are_any(load, tmp_path):
    one = load("bert", sublayers=("attention",))
    assert read_manifest(extract(one, CORPUS, tmp_path).folder).content["sublayers"] == ["attention"]
    assert "sublayers" not in read_manifest(extract(load("bert"), CORPUS, tmp_path).folder).content


def test_mixed_precision_gives_one_type_near_float32(both, load):
    mixed = load(both.family, dtype="bfloat16", sublayers=SUBLAYERS)
    found, expected = (one.hidden_states(**batch(), layers=range(10)) for one in (mixed, both))
    assert len({state.dtype for state in found}) == 1
    for mine, theirs in zip(found, expected, strict=True):
        assert float((mine - theirs).norm() / theirs.norm()) < 0.05
    assert_close(vectors(mixed, CORPUS), vectors(both, CORPUS), tolerance=0.5)


def test_minilm_adds_up(minilm):
    both = encoder_from_model(minilm.model, minilm.tokenizer, name="minilm", device="cpu", sublayers=SUBLAYERS)
    ids = torch.arange(1000, 1020)[None]
    before, attention, mlp, after = both.hidden_states(ids, torch.ones_like(ids), range(9, 13))
    block = both.model.encoder.layer[3]
    with torch.inference_mode():
        found = block.output.LayerNorm(mlp + block.attention.output.LayerNorm(attention + before))
    assert torch.equal(found, after)


@pytest.mark.parametrize(
    ("sublayers", "expected"),
    [((), ()), (["mlp", "attention", "mlp"], SUBLAYERS), (("mlp",), ("mlp",)), ("attention", ("attention",))],
)
def test_names_are_put_in_order(sublayers, expected):
    assert in_order(sublayers) == expected
    layers = [place_of(layer, expected) for layer in range(1, 2 * len(expected) + 3)]
    assert layers == [Place(block, part) for block in (1, 2) for part in (*expected, None)]
    assert place_of(0, expected) == Place(0, None)


def test_a_name_that_is_none(tiny_folder):
    with pytest.raises(ModelError, match=r"There is no sublayer 'heads'; choose from 'attention' and 'mlp'\."):
        load_encoder(tiny_folder("bert"), sublayers=("mlp", "heads"))


def test_an_unknown_family_is_named(load, monkeypatch):
    encoder = load("bert")
    monkeypatch.setattr("neurosieve.activations.families.FAMILIES", {})
    with pytest.raises(ModelError, match=r"family 'bert' has its attention outputs\. Say so in the .* of FAMILIES"):
        encoder_from_model(encoder.model, encoder.tokenizer, name="x", device="cpu", sublayers=SUBLAYERS)


def test_a_row_that_does_not_fit_is_named(load):
    encoder = load("bert", sublayers=("mlp",))
    wrong = replace(encoder, facts=replace(encoder.facts, mlp="mlp"))
    with pytest.raises(ModelError, match=r"family 'bert' has no module 'mlp' in its blocks, where its mlp outputs"):
        wrong.hidden_states(**batch(), layers=[1])


def test_an_output_of_another_width_is_refused(load):
    encoder = load("bert", sublayers=("mlp",))
    wrong = replace(encoder, facts=replace(encoder.facts, mlp="intermediate.dense"))
    with pytest.raises(
        ModelError, match=r"'mlp 1' should have the shape .*, \(2, 9, 32\); it gave the shape \(2, 9, 48"
    ):
        wrong.hidden_states(**batch(), layers=[1])


def test_a_part_that_does_not_run_is_refused(load):
    encoder = load("bert", sublayers=("mlp",))
    wrong = replace(encoder, facts=Family(None, mlp=r"embeddings\.dropout"))
    with pytest.raises(ModelError, match=r"'mlp 2' should have the shape .*; it gave nothing\. .* without sublayers"):
        wrong.hidden_states(**batch(), layers=[3])


def test_a_feed_forward_in_chunks_is_refused(load, monkeypatch):
    encoder = load("bert", sublayers=("mlp",))
    monkeypatch.setattr(encoder.model.encoder.layer[1], "chunk_size_feed_forward", 3)
    encoder.hidden_states(**batch(), layers=[1])
    with pytest.raises(ModelError, match=r"A Linear runs more than once a block"):
        encoder.hidden_states(**batch(), layers=[3])


def test_a_block_of_several_attentions_is_refused():
    model = tiny("albert")
    group = model.encoder.albert_layer_groups[0]
    group.albert_layers.append(tiny("albert").encoder.albert_layer_groups[0].albert_layers[0])
    with (
        pytest.raises(ModelError, match=r"A Linear runs more than once a block"),
        capturing(model, family_of(model), all_places(3)),
    ):
        all_hidden_states(model, family_of(model), **batch())
