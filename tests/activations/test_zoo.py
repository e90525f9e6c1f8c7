"""Every model type of transformers that reads text, against the library's own hidden states."""

from __future__ import annotations

import pytest
import torch
from transformers import MODEL_MAPPING

from neurosieve.activations import Encoder
from neurosieve.activations.families import FAMILIES
from neurosieve.activations.truncation import all_hidden_states
from neurosieve.errors import ModelError
from tests.activations.conftest import vectors
from tests.activations.zoo import BLOCKS, READ, REFUSED, UNITS, WHOLE, tiny_encoder

SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["so", "it", "is"]]
# Sampled attention and the order of sums in a batch move float32 vectors by more than its last digits.
CLOSE = 1e-4


def rows() -> tuple[torch.Tensor, torch.Tensor]:
    """Two rows of pieces; the second is shorter."""
    ids = torch.randint(5, 200, (2, 9), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    return ids, mask


def error(mine: torch.Tensor, theirs: torch.Tensor) -> float:
    return float((mine - theirs).abs().max() / theirs.std())


def assert_read_and_cut(encoder: Encoder, cuts: range) -> None:
    ids, mask = rows()
    ids[1, 6:] = encoder.pad_id
    found = encoder.hidden_states(ids, mask, range(BLOCKS + 1))
    alone = encoder.hidden_states(ids[1:, :6], mask[1:, :6], range(BLOCKS + 1))
    full = all_hidden_states(encoder.model, encoder.facts, input_ids=ids[:1], attention_mask=mask[:1])
    assert len(full) == BLOCKS + 1
    for mine, row, theirs in zip(found, alone, full, strict=True):
        assert mine.shape == (2, 9, UNITS)
        assert error(mine[:1], theirs) < CLOSE
        assert error(mine[1:, :6], row) < CLOSE
    for last_layer in cuts:
        short = encoder.truncated(last_layer)
        assert short.n_layers == last_layer + 1
        (mine,) = short.hidden_states(ids, mask, [last_layer])
        seen = mask.bool()
        assert error(mine[seen], found[last_layer][seen]) < CLOSE


@pytest.mark.parametrize("model_type", READ)
def test_layers_are_those_of_the_library_and_cuts_are_exact(model_type):
    encoder = tiny_encoder(model_type)
    assert encoder.watched
    assert_read_and_cut(encoder, range(BLOCKS))
    words = vectors(encoder, SENTENCES)
    assert words.shape == (8, BLOCKS + 1, UNITS)
    assert bool(words.isfinite().all())


@pytest.mark.parametrize("model_type", WHOLE)
def test_what_cannot_be_cut_everywhere_is_read_all_the_same(model_type):
    encoder = tiny_encoder(model_type)
    assert_read_and_cut(encoder, range(0))
    assert bool(vectors(encoder, SENTENCES).isfinite().all())
    for last_layer in range(BLOCKS):
        refusal = refused(encoder, last_layer)
        if refusal is None:
            (mine,) = encoder.truncated(last_layer).hidden_states(*rows(), [last_layer])
            (theirs,) = encoder.hidden_states(*rows(), [last_layer])
            assert error(mine[:1], theirs[:1]) < CLOSE
        else:
            assert f"family {model_type!r} cannot be truncated" in refusal
            assert "FAMILIES" in refusal


def refused(encoder: Encoder, last_layer: int) -> str | None:
    """What a cut was refused with; None where it was made."""
    try:
        encoder.truncated(last_layer)
    except ModelError as error:
        return str(error)
    return None


@pytest.mark.parametrize("model_type", REFUSED)
def test_what_cannot_be_read_is_told(model_type):
    with pytest.raises(ModelError, match=REFUSED[model_type]):
        tiny_encoder(model_type)


def test_every_row_of_the_table_is_among_them():
    assert set(FAMILIES) - {"xlnet"} <= set(READ)  # XLNet's own tests are in test_xlnet.py
    known = {config.model_type for config in MODEL_MAPPING}
    assert known >= {*READ, *WHOLE, *REFUSED, *FAMILIES}


@pytest.mark.parametrize("model_type", ["convbert", "fnet", "nystromformer", "yoso"])
def test_where_padding_changes_vectors_rows_are_read_apart(model_type):
    assert tiny_encoder(model_type).apart


@pytest.mark.parametrize("model_type", ["bert", "llama", "t5", "longformer"])
def test_elsewhere_they_are_read_together(model_type):
    assert not tiny_encoder(model_type).apart
