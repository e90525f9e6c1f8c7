from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import torch
from transformers import AutoConfig, AutoModel

from neurosieve.activations import Encoder, encoder_from_model
from neurosieve.activations.families import FAMILIES
from neurosieve.compact.narrow import NarrowLinear
from neurosieve.compact.smaller import trimmed
from neurosieve.compact.trimming import PROJECTIONS, narrow, rows_of, trimmed_encoder, widened
from neurosieve.errors import CompactError
from tests.activations.zoo import SIZES, SPECIAL
from tests.compact.conftest import build
from tests.compact.test_model import SENTENCES, assert_close, by_hand
from tests.tiny_models import make_tokenizer

NEURONS = [(2, 5), (0, 1), (1, 7), (1, 8), (2, 0), (0, 15)]
PARALLEL = {"gptj", "phi", "gpt_neox"}


@cache
def tiny(model_type: str, sublayers: tuple[str, ...] = (), **more: object) -> Encoder:
    tokenizer = make_tokenizer("gpt2")
    names = AutoConfig.for_model(model_type)
    known = set(vars(names)) | set(names.attribute_map)
    asked = {key: value for key, value in SIZES.items() if key in known} | {"vocab_size": len(tokenizer)}
    config = AutoConfig.for_model(model_type, **asked | SPECIAL.get(model_type, {}) | more)
    torch.manual_seed(0)
    return encoder_from_model(
        AutoModel.from_config(config), tokenizer, name=model_type, device="cpu", sublayers=sublayers
    )


def modules(model) -> dict[str, NarrowLinear]:
    return {path: one for path, one in model.named_modules() if isinstance(one, NarrowLinear)}


@pytest.mark.parametrize("model_type", PROJECTIONS)
def test_kept_neurons_stay_and_rows_go(model_type):
    encoder = tiny(model_type)
    model = build(encoder, NEURONS)
    small = trimmed(model)
    assert_close(small.scores(SENTENCES), by_hand(encoder, SENTENCES, NEURONS))
    found = modules(small.encoder.model)
    assert len(found) == (2 if model_type in PARALLEL else 1)
    assert all(one.weight.shape[0] == 2 for one in found.values())
    saved = sum((16 - 2) * (one.weight.shape[1] + (one.bias is not None)) for one in found.values())
    assert small.n_parameters == model.n_parameters - saved
    assert rows_of(small.encoder.model.config) == {path: [0, 5] for path in found}
    assert not modules(model.encoder.model)


@pytest.mark.parametrize("model_type", ["gpt2", "llama", "phi"])
@pytest.mark.parametrize("last", [1, 2, 3, 4, 5, 6])
def test_outputs_inside_the_blocks_need_their_rows(model_type, last):
    """With sublayers the layers are 0, attention 1, mlp 1, 1, attention 2, mlp 2, 2 …"""
    encoder = tiny(model_type, ("attention", "mlp"))
    neurons = [(layer, unit) for layer in range(last + 1) for unit in (layer, layer + 3)]
    model = build(encoder, neurons)
    small = trimmed(model)
    assert_close(small.scores(SENTENCES), by_hand(encoder, SENTENCES, neurons))
    kept = {path.rpartition(".")[2]: units for path, units in rows_of(small.encoder.model.config).items()}
    block = 3 * ((last + 2) // 3)
    of_mlp = {unit for layer, unit in neurons if layer in (block - 1, block)}
    assert kept[PROJECTIONS[model_type].mlp.rpartition(".")[2]] == sorted(of_mlp)


def test_several_heads_keep_the_rows_of_all():
    from neurosieve.compact import CompactModel

    encoder = tiny("gpt2")
    both = CompactModel.join({"a": build(encoder, [(2, 3), (0, 1)]), "b": build(encoder, [(1, 4)])})
    small = trimmed(both)
    for task in ("a", "b"):
        assert_close(small.scores(SENTENCES, task), both.scores(SENTENCES, task))
    assert rows_of(small.encoder.model.config) == {"h.1.mlp.c_proj": [3]}


def test_in_mixed_precision_too():
    model = build(replace(tiny("llama"), dtype=torch.bfloat16), NEURONS)
    before, after = model.scores(SENTENCES), trimmed(model).scores(SENTENCES)
    assert float((after - before).abs().max()) < 0.03 * float(before.square().mean().sqrt())


def test_gpt_neox_may_have_its_parts_in_turn():
    model = build(tiny("gpt_neox", use_parallel_residual=False), NEURONS)
    small = trimmed(model)
    assert_close(small.scores(SENTENCES), model.scores(SENTENCES))
    assert rows_of(small.encoder.model.config) == {"layers.1.mlp.dense_4h_to_h": [0, 5]}


@pytest.mark.parametrize("model_type", ["bert", "gemma2", "distilbert"])
def test_families_with_a_norm_behind_are_refused(model_type):
    assert model_type in FAMILIES
    with pytest.raises(CompactError, match=f"in the family '{model_type}' a norm reads all units"):
        trimmed(build(tiny(model_type), NEURONS))


def test_what_the_config_needs_is_asked():
    post = tiny("opt", do_layer_norm_before=False)
    with pytest.raises(CompactError, match="in the family 'opt' a norm reads all units"):
        trimmed(build(post, NEURONS))


def test_the_last_block_has_a_final_norm_behind_it():
    with pytest.raises(CompactError, match="it has its last block, behind which a final norm reads all units"):
        trimmed(build(tiny("gpt2"), [(3, 1)]))


def test_embeddings_alone_have_no_rows():
    with pytest.raises(CompactError, match="it has no blocks, only embeddings"):
        trimmed(build(tiny("gpt2"), [(0, 1)]))


def test_nothing_goes_where_all_units_are_read():
    with pytest.raises(CompactError, match="some head reads every unit of its last layer"):
        trimmed(build(tiny("llama"), [(1, unit) for unit in range(16)]))


def test_twice_is_refused():
    with pytest.raises(CompactError, match="that no neuron reads are gone already"):
        trimmed(trimmed(build(tiny("llama"), NEURONS)))


def test_a_wrong_row_of_the_table_is_noticed(monkeypatch):
    wrong = replace(PROJECTIONS["gpt2"], attention="attn.c_proj")  # the feed-forward's norm reads its sum
    monkeypatch.setitem(PROJECTIONS, "gpt2", wrong)  # type: ignore[arg-type]
    with pytest.raises(CompactError, match=r"neurons of layer 2 change\. Its family 'gpt2' is not what PROJECTIONS"):
        trimmed(build(tiny("gpt2"), NEURONS))


@pytest.mark.parametrize("model_type", ["gpt2", "gpt_neo", "llama", "opt", "phi"])
def test_widened_and_narrowed_is_the_same(model_type):
    encoder = build(tiny(model_type), NEURONS).encoder
    small = trimmed_encoder(encoder, build(tiny(model_type), NEURONS).neurons).model
    wide = widened(small.state_dict(), small.config)
    whole = encoder.model.state_dict()
    assert {name: one.shape for name, one in wide.items()} == {name: one.shape for name, one in whole.items()}
    again = AutoModel.from_config(small.config)
    again.load_state_dict(wide, strict=False)
    narrow(again)
    before, after = small.state_dict(), again.state_dict()
    assert all(torch.equal(after[name], one) for name, one in before.items())


def test_rows_that_do_not_fit_are_refused():
    small = trimmed(build(tiny("llama"), NEURONS)).encoder.model
    tensors = small.state_dict()
    with pytest.raises(CompactError, match=r"the rows of layers\.1\.mlp\.down_proj that are left, and the weights do"):
        widened({**tensors, "layers.1.mlp.down_proj.weight": torch.zeros(3, 24)}, small.config)


def test_a_narrow_layer_is_the_layer_at_its_units_and_zero_elsewhere():
    torch.manual_seed(0)
    whole, units = torch.nn.Linear(5, 7), torch.tensor([6, 0, 3])
    layer = NarrowLinear(whole.weight.detach()[units], whole.bias.detach()[units], units, 7)
    inputs = torch.randn(2, 3, 5)
    expected = torch.zeros(2, 3, 7)
    expected[..., units] = whole(inputs).detach()[..., units]
    assert torch.allclose(layer(inputs), expected, atol=1e-6)
    assert repr(layer) == "NarrowLinear(inputs=5, computed=3, width=7)"
    none = NarrowLinear(torch.zeros(0, 5), None, torch.zeros(0, dtype=torch.int64), 4)
    assert torch.equal(none(inputs), torch.zeros(2, 3, 4))
