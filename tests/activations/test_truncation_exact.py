"""A truncated encoder gives the full model's vectors: every family, every layer, with padding, words and texts.

The largest error allowed is 1e-5 of the layer's root mean square, in float32.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from transformers import AlbertConfig, AlbertModel

from neurosieve.activations import Encoder, encoder_from_model, load_encoder, text_batches
from neurosieve.errors import ModelError
from tests.activations.conftest import assert_close, vectors
from tests.tiny_models import BLOCKS, make_tokenizer

WORDS = [
    ["The", "unbelievable", "tokenization", "isn't", "it", "?"],
    ["fox"],
    ["a", "\u200b", "quick", "[MASK]", "naïve", "brown", "dog", "jumps", "over", "the", "lazy", "fox", "."],
    ["so", "it", "is"],
]
PAIRS = [
    ("The quick fox jumps .", "so it is"),
    ("fox", "dog"),
    ("a dog is a dog , is it not ?", "the unbelievable naïve fox"),
]


def texts_of(encoder: Encoder, n_layers: int) -> Tensor:
    """The means of the pieces of all pairs, read in one padded batch: (pairs × layers × units)."""
    (batch,) = text_batches(encoder, PAIRS, layers=range(n_layers), pooling="mean")
    out = torch.empty(len(PAIRS), n_layers, encoder.n_units)
    out[batch.words] = torch.stack(batch.layers, dim=1)
    return out


def padded(encoder: Encoder) -> tuple[Tensor, Tensor]:
    """The tokenizer's own batch of texts of different lengths."""
    batch = encoder.tokenizer([first for first, _ in PAIRS], padding=True, return_tensors="pt")
    return batch["input_ids"], batch["attention_mask"]


def assert_same(short: Encoder, full: Encoder, last_layer: int) -> None:
    """Layers 0 to the last one kept: every piece of a padded batch, every word, every pair."""
    n_layers = last_layer + 1
    assert short.n_layers == n_layers
    ids, mask = padded(full)
    seen = mask.bool()
    assert not seen.all()
    found, expected = (one.hidden_states(ids, mask, range(n_layers)) for one in (short, full))
    assert_close(*(torch.stack([state[seen] for state in states], dim=1) for states in (found, expected)))
    everything = vectors(full, WORDS)
    assert bool(everything[0].isfinite().all())
    assert_close(vectors(short, WORDS), everything[:, :n_layers])
    assert_close(texts_of(short, n_layers), texts_of(full, full.n_layers)[:, :n_layers])


@pytest.mark.parametrize("last_layer", range(BLOCKS + 1))
def test_every_family_and_layer(encoder, last_layer, tmp_path):
    short = encoder.truncated(last_layer)
    assert short.model.config.num_hidden_layers == last_layer
    assert_same(short, encoder, last_layer)
    short.save(tmp_path)
    assert_same(load_encoder(tmp_path, device="cpu"), encoder, last_layer)


@pytest.mark.parametrize("name", ["minilm", "xlnet_mini"])
def test_learned_weights(name, request, tmp_path):
    encoder = request.getfixturevalue(name)
    for last_layer in range(encoder.n_layers):
        assert_same(encoder.truncated(last_layer), encoder, last_layer)
    encoder.truncated(2).save(tmp_path)
    assert_same(load_encoder(tmp_path, device="cpu"), encoder, 2)


def test_the_layer_before_the_last_is_that_of_the_plain_library(encoder):
    """Against the model called by hand, not through an encoder."""
    ids, mask = padded(encoder)
    inputs = {"input_ids": ids, "attention_mask": mask}
    with torch.inference_mode():
        expected = encoder.model(**inputs, output_hidden_states=True).hidden_states[BLOCKS - 1]
    (found,) = encoder.truncated(BLOCKS - 1).hidden_states(ids, mask, [BLOCKS - 1])
    assert_close(found[mask.bool()][:, None], expected[mask.bool()][:, None])


def test_albert_of_several_groups_is_cut_right_or_refused():
    """Which group of weights a block uses hangs on the number of blocks: some cuts cannot be had."""
    tokenizer = make_tokenizer("albert")
    torch.manual_seed(0)
    config = AlbertConfig(
        vocab_size=len(tokenizer), hidden_size=32, embedding_size=16, intermediate_size=48, num_attention_heads=4,
        num_hidden_layers=4, num_hidden_groups=2, max_position_embeddings=64, initializer_range=0.3,
    )  # fmt: skip
    encoder = encoder_from_model(AlbertModel(config, add_pooling_layer=False), tokenizer, name="groups", device="cpu")
    for last_layer in (0, 1, 3):
        assert_same(encoder.truncated(last_layer), encoder, last_layer)
    with pytest.raises(
        ModelError, match=r"family 'albert' cannot be truncated: with 2 blocks its hidden states differ"
    ):
        encoder.truncated(2)
