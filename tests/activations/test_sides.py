"""The two sides of encoder–decoders against the whole model called by hand."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModel, BartConfig, T5EncoderModel

from neurosieve.activations import Encoder, extract, load_encoder
from neurosieve.activations.families import FAMILIES
from neurosieve.compact import CompactModel
from neurosieve.compact.stored import plain_note
from neurosieve.errors import ModelError
from tests.activations.conftest import assert_close, vectors
from tests.activations.zoo import tiny_encoder
from tests.tiny_models import BLOCKS, ENCODER_DECODERS, UNITS, WINDOW

SIDES = ("encoder", "decoder")
DEPTH = {"encoder": BLOCKS, "decoder": 2}
SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["unbelievable", "tokens"], ["so", "it", "is"] * 4]
WITH_DECODER = [name for name, row in FAMILIES.items() if row.decoder is not None]


@pytest.fixture(params=ENCODER_DECODERS)
def family(request) -> str:
    return request.param


@pytest.fixture(params=SIDES)
def side(request) -> str:
    return request.param


@pytest.fixture
def sided(family, side, load) -> Encoder:
    return load(family, side=side)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(7, 100, (2, 9), generator=torch.Generator().manual_seed(0))
    return ids, torch.ones_like(ids)


def by_hand(folder: Path, side: str, ids: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
    """The whole model on a text of which the decoder reads the start piece and all pieces."""
    model = AutoModel.from_pretrained(folder).eval()
    start = getattr(model.config, "decoder_start_token_id", None)
    first = torch.full((len(ids), 1), model.config.pad_token_id if start is None else start)
    with torch.inference_mode():
        found = model(
            input_ids=ids,
            attention_mask=mask,
            decoder_input_ids=torch.cat([first, ids], dim=1),
            output_hidden_states=True,
        )
    if side == "encoder":
        return list(found.encoder_hidden_states)
    return [state[:, 1:] for state in found.decoder_hidden_states]


def test_layers_are_those_of_the_whole_model(sided, side, family, tiny_folder):
    expected = by_hand(tiny_folder(family), side, *batch())
    assert (sided.side, sided.watched, sided.apart) == (side, True, False)
    assert (sided.n_layers, sided.n_units) == (DEPTH[side] + 1, UNITS)
    if family == "bart":
        assert sided.window == WINDOW - (side == "decoder")
    found = sided.hidden_states(*batch(), range(sided.n_layers))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))


def test_the_encoder_is_the_default(family, load):
    assert load(family).side == "encoder"
    assert load(family).fingerprint == load(family, side="encoder").fingerprint
    assert load(family).fingerprint != load(family, side="decoder").fingerprint


def test_of_the_encoder_side_no_decoder_is_kept(family, load, tmp_path):
    encoder = load(family, side="encoder")
    assert not any("decoder" in name for name, _ in encoder.model.named_parameters())
    encoder.save(tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert not any("decoder" in name for name in file.keys())  # noqa: SIM118
    assert json.loads((tmp_path / "config.json").read_text())["neurosieve_side"] == "encoder"


def test_truncated_equals_full_and_survives_saving(sided, side, tmp_path):
    expected = sided.hidden_states(*batch(), range(sided.n_layers))
    for last_layer in range(sided.n_layers):
        short = sided.truncated(last_layer)
        short.save(tmp_path / str(last_layer))
        again = load_encoder(tmp_path / str(last_layer), device="cpu")
        assert (again.side, again.n_layers) == (side, last_layer + 1)
        assert again.fingerprint == short.fingerprint
        for one in (short, again):
            found = one.hidden_states(*batch(), range(last_layer + 1))
            assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=False))


def test_batches_equal_sentences_alone(sided):
    alone = torch.cat([vectors(sided, [sentence]) for sentence in SENTENCES])
    for batch_tokens in (20, 4096):
        assert_close(vectors(sided, SENTENCES, batch_tokens=batch_tokens), alone)


def test_the_decoder_sees_the_words_that_come_only_through_the_encoder(family, load):
    before, after = (vectors(load(family, side="decoder"), [["so", "it", word]]) for word in ("is", "fox"))
    assert torch.equal(before[:2, 0], after[:2, 0])
    assert not torch.equal(before[:2, 1], after[:2, 1])


def test_sublayers_of_both_sides(family, side, load):
    both = load(family, side=side, sublayers=("attention", "mlp"))
    assert both.n_layers == 1 + 3 * DEPTH[side]
    found = both.hidden_states(*batch(), range(both.n_layers))
    assert {state.shape for state in found} == {(2, 9, UNITS)}
    if family == "t5" and side == "encoder":  # norms stand before the parts, so that the sums are plain
        assert torch.allclose(found[0] + found[1] + found[2], found[3], atol=1e-5)


def test_stores_of_the_sides_live_side_by_side(family, load, tmp_path):
    stores = {extract(load(family, side=side), SENTENCES, tmp_path).folder for side in SIDES}
    assert len(stores) == 2


def compact(encoder: Encoder) -> CompactModel:
    weight = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    return CompactModel.build(encoder, [(0, 1), (1, 3), (1, 30)], weight, torch.zeros(2), ["a", "b"])


def test_a_compact_model_says_the_same_in_another_process(sided, tmp_path):
    model = compact(sided)
    model.save_pretrained(tmp_path / "compact")
    code = (
        "import sys, json; from neurosieve.compact import CompactModel; "
        f"model = CompactModel.from_pretrained({str(tmp_path / 'compact')!r}, device='cpu'); "
        f"print(json.dumps(model.scores({SENTENCES!r}).tolist()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert_close(torch.tensor(json.loads(found.stdout))[:, None], model.scores(SENTENCES)[:, None])


def test_what_plain_transformers_makes_of_a_saved_encoder(family, load, tmp_path):
    short = load(family, side="encoder").truncated(2)
    short.save(tmp_path)
    note = plain_note(short)
    path = note.partition("loads with `")[2].partition("`")[0]
    module, _, name = path.rpartition(".")
    plain = getattr(importlib.import_module(module), name).from_pretrained(tmp_path).eval()
    assert isinstance(plain, T5EncoderModel) == (family == "t5")
    with torch.inference_mode():
        states = plain(*batch(), output_hidden_states=True).hidden_states
    assert torch.equal(states[1], short.hidden_states(*batch(), [1])[0])
    assert plain_note(load(family, side="decoder")) == ""


@pytest.mark.parametrize("model_type", WITH_DECODER)
def test_every_row_with_a_decoder(model_type):
    encoder = tiny_encoder(model_type, "decoder")
    assert encoder.watched
    alone = torch.cat([vectors(encoder, [sentence]) for sentence in SENTENCES[:2]])
    assert_close(vectors(encoder, SENTENCES[:2]), alone)
    for last_layer in range(encoder.n_layers - 1):
        assert_close(vectors(encoder.truncated(last_layer), SENTENCES[:2]), alone[:, : last_layer + 1])


def test_what_is_asked_wrongly(tiny_folder, load, tmp_path):
    with pytest.raises(ModelError, match=r"'middle' is no side of a model; choose 'encoder' or 'decoder'\."):
        load_encoder(tiny_folder("t5"), side="middle")
    with pytest.raises(ModelError, match=r"\(family 'bert'\) is no encoder-decoder and has no decoder side"):
        load_encoder(tiny_folder("bert"), side="decoder")
    load("bart", side="encoder").save(tmp_path)
    with pytest.raises(ModelError, match=r"is the encoder side of a 'bart' alone; its decoder was not saved with it"):
        load_encoder(tmp_path, side="decoder")


def test_a_decoder_without_a_row():
    with pytest.raises(ModelError, match=r"decoder side of longt5 \(family 'longt5'\).* a row with a `decoder`"):
        tiny_encoder("longt5", "decoder")


def test_a_decoder_without_a_piece_to_start_with(load, monkeypatch):
    encoder = load("bart", side="decoder")
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        monkeypatch.setattr(encoder.model.config, name, None)
    with pytest.raises(ModelError, match=r"family 'bart' needs a piece to start with, and its config has none of"):
        encoder.hidden_states(*batch(), [0])


def test_bart_names_its_start(tiny_folder):
    assert BartConfig.from_pretrained(tiny_folder("bart")).decoder_start_token_id == 2
