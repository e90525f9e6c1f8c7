"""Trimming at a size where it counts: 4 blocks of 256 units, and a head that was fitted on real text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from transformers import AutoModel, GPT2Config, LlamaConfig

from neurosieve.activations import Encoder, LiveRows, encoder_from_model
from neurosieve.compact import CompactModel, trimmed
from neurosieve.compact.cost import megabytes_of, reading_cost
from neurosieve.compact.narrow import NarrowLinear
from neurosieve.corpus import library_prose
from neurosieve.moments import moments_of
from neurosieve.probes.least_squares import fit_least_squares
from neurosieve.task_specific import forward_selection
from tests.compact.test_model import assert_close
from tests.tiny_models import make_tokenizer

BLOCKS, UNITS, INNER = 4, 256, 1024
KEPT = 160
CLASSES = ("first", "a function word", "another")
FUNCTION_WORDS = {"the", "a", "an", "of", "in", "to", "for", "with", "on", "by", "is", "are", "be", "and", "or", "if"}


class Fitted(NamedTuple):
    """A model with its head, text that neither has seen, and the label of each of its words."""

    model: CompactModel
    unseen: list[list[str]]
    gold: np.ndarray


def labels_of(sentences: list[list[str]]) -> np.ndarray:
    return np.array(
        [0 if not i else 2 - (word.lower() in FUNCTION_WORDS) for one in sentences for i, word in enumerate(one)]
    )


def medium(family: str) -> Encoder:
    tokenizer = make_tokenizer(family)
    common = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    config = (
        GPT2Config(**common, n_embd=UNITS, n_layer=BLOCKS, n_head=4, n_inner=INNER, n_positions=256)
        if family == "gpt2"
        else LlamaConfig(
            **common,
            hidden_size=UNITS,
            intermediate_size=INNER,
            num_hidden_layers=BLOCKS,
            num_attention_heads=4,
            max_position_embeddings=256,
        )
    )
    torch.manual_seed(0)
    return encoder_from_model(AutoModel.from_config(config), tokenizer, name=family, device="cpu")


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def fitted(request) -> Fitted:
    """The best neurons of layers 0 to 3, in the order of forward selection, with a least-squares head."""
    encoder = medium(request.param)
    prose = [list(one.words) for one in library_prose(4000).splits["train"].sentences]
    seen, unseen = prose[:-60], prose[-60:]
    moments = moments_of(LiveRows(encoder, seen), torch.from_numpy(labels_of(seen)), len(CLASSES))
    moments = moments.select(np.arange(BLOCKS * UNITS))
    columns = forward_selection(moments, depth=KEPT)[:KEPT]
    probe = fit_least_squares(moments, columns)
    neurons = encoder.grid.neurons(columns)
    return Fitted(
        CompactModel.build(encoder, neurons, probe.weight[columns.copy()], probe.bias, CLASSES),
        unseen,
        labels_of(unseen),
    )


def test_it_says_the_same_with_fewer_rows(fitted):
    model, small = fitted.model, trimmed(fitted.model)
    assert_close(small.scores(fitted.unseen), model.scores(fitted.unseen))
    said = [label for one in small.predict(fitted.unseen) for label in one.labels]
    assert said == [label for one in model.predict(fitted.unseen) for label in one.labels]
    right = np.mean([CLASSES.index(label) for label in said] == fitted.gold)
    assert right > 0.1 + np.bincount(fitted.gold).max() / len(fitted.gold)  # the head has learned something


def test_the_folder_and_the_work_are_less_by_the_rows_that_are_gone(fitted, tmp_path):
    model, small = fitted.model, trimmed(fitted.model)
    (narrower,) = (one for one in small.encoder.model.modules() if isinstance(one, NarrowLinear))
    read = {neuron.unit for neuron in model.neurons if neuron.layer == 3}
    gone = UNITS - len(narrower.weight)
    assert len(narrower.weight) == len(read) < UNITS / 2
    for name, one in (("whole", model), ("small", small)):
        one.save_pretrained(tmp_path / name)
    saved = [1e6 * megabytes_of(tmp_path / name, "model.safetensors") for name in ("whole", "small")]
    biases = narrower.bias is not None
    assert saved[0] - saved[1] == pytest.approx(4 * gone * (INNER + biases), abs=64)  # names and shapes stand there too
    before, after = (reading_cost(one, fitted.unseen) for one in (model, small))
    work = 2 * gone * INNER * before.pieces_per_row
    assert before.flops_per_row - after.flops_per_row == pytest.approx(work, rel=1e-6)
    again = CompactModel.from_pretrained(tmp_path / "small", device="cpu")
    assert torch.equal(again.scores(fitted.unseen), small.scores(fitted.unseen))
