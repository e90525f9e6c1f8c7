"""Layers as they are made: to the bit what the library gives, and nothing else stays in memory."""

from __future__ import annotations

import threading
import weakref
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from neurosieve.activations import Encoder, encoder_from_model, extract_texts, text_batches, word_batches
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.measuring import can_be_watched, sample_of, sample_states
from neurosieve.activations.shards import compute_shard, plan_shards
from tests.activations.conftest import vectors
from tests.tiny_models import BLOCKS, make_tokenizer

DEEP = 24
SENTENCES = [["A", "tokenizer", "cuts", "words", "."], ["unbelievable", "tokens"], ["so", "it", "is"]]


def batch(n_rows: int = 3, n_pieces: int = 11) -> tuple[Tensor, Tensor]:
    ids = torch.randint(7, 100, (n_rows, n_pieces), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    return ids, mask


@pytest.fixture(scope="module")
def deep() -> Encoder:
    tokenizer = make_tokenizer("bert")
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=DEEP, num_attention_heads=2, intermediate_size=16
    )
    model = BertModel(config, add_pooling_layer=False)
    return encoder_from_model(model, tokenizer, name="deep", device="cpu")


class Alive:
    """How many outputs of blocks are in memory, each time one more is made."""

    def __init__(self, encoder: Encoder) -> None:
        self.made: list[weakref.ref[Tensor]] = []
        self.most = 0
        self._handles = [
            block.register_forward_hook(self._see) for block in encoder.model.get_submodule(str(encoder.facts.blocks))
        ]

    def _see(self, module: nn.Module, inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        self.made.append(weakref.ref(output[0] if isinstance(output, tuple) else output))
        self.most = max(self.most, sum(one() is not None for one in self.made))

    def __enter__(self) -> Alive:
        return self

    def __exit__(self, *error: object) -> None:
        for handle in self._handles:
            handle.remove()


def test_every_family_is_watched_and_gives_the_same_bits(encoder):
    assert encoder.watched
    other = replace(encoder, watched=False)
    found, expected = (one.hidden_states(*batch(), range(BLOCKS + 1)) for one in (encoder, other))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(found, expected, strict=True))
    assert torch.equal(vectors(encoder, SENTENCES), vectors(other, SENTENCES))


@pytest.mark.parametrize("read", [word_batches, lambda encoder, _: text_batches(encoder, [("a fox",), ("so it is",)])])
def test_however_deep_a_model_is_few_of_its_states_are_alive(deep, read):
    with Alive(deep) as alive:
        (found,) = read(deep, SENTENCES)
    assert len(alive.made) == len(found.layers) - 1 == DEEP
    assert alive.most <= 3


def test_the_library_s_own_way_keeps_them_all(deep):
    with Alive(deep) as alive:
        list(word_batches(replace(deep, watched=False), SENTENCES))
    assert alive.most == DEEP


def test_one_layer_of_many(deep):
    with Alive(deep) as alive:
        (state,) = deep.hidden_states(*batch(), [DEEP // 2])
    assert alive.most <= 4
    expected = replace(deep, watched=False).hidden_states(*batch(), [DEEP // 2])
    assert torch.equal(state, expected[0])


def test_what_is_kept_is_what_was_asked_in_its_order(encoder):
    whole = encoder.hidden_states(*batch(), range(BLOCKS + 1))
    found = encoder.hidden_states(*batch(), [2, 0, 3, 2], keep=lambda state: state[:, 1].clone())
    for mine, layer in zip(found, [2, 0, 3, 2], strict=True):
        assert torch.equal(mine, whole[layer][:, 1])


def test_no_hook_is_left_behind(encoder):
    def hooks() -> int:
        return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in encoder.model.modules())

    encoder.hidden_states(*batch(), [0])
    before = hooks()
    with pytest.raises(ZeroDivisionError):
        encoder.hidden_states(*batch(), [1], keep=lambda state: state / (1 // 0))
    assert hooks() == before


def test_threads_that_read_at_once_do_not_mix(deep):
    ids = [torch.full((2, 5 + i), 10 + i) for i in range(4)]
    expected = [deep.hidden_states(one, torch.ones_like(one), range(DEEP + 1)) for one in ids]
    wrong: list[int] = []

    def read(which: int) -> None:
        for _ in range(5):
            found = deep.hidden_states(ids[which], torch.ones_like(ids[which]), range(DEEP + 1))
            if not all(torch.equal(a, b) for a, b in zip(found, expected[which], strict=True)):
                wrong.append(which)

    threads = [threading.Thread(target=read, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_blocks_whose_inputs_are_no_hidden_states_are_not_watched(load):
    encoder = load("bert")
    sample = sample_of(encoder.segmenter, encoder.device)
    states = sample_states(encoder.model, encoder.facts, sample, "x")
    assert can_be_watched(encoder.model, encoder.facts, sample, states)
    for wrong in (replace(encoder.facts, blocks="nowhere"), replace(encoder.facts, blocks=None)):
        assert not can_be_watched(encoder.model, wrong, sample, states)
    moved = [states[0] + 1, *states[1:]]
    assert not can_be_watched(encoder.model, encoder.facts, sample, moved)


def test_rows_of_a_shard_are_brought_to_the_cpu_as_they_are_made(load, monkeypatch):
    encoder, asked = load("bert"), []
    hidden_states = Encoder.hidden_states

    def seen(self, *given, **named):
        asked.append(named["to"])
        return hidden_states(self, *given, **named)

    monkeypatch.setattr(Encoder, "hidden_states", seen)
    plan = plan_extraction(encoder, SENTENCES)
    (shard,) = plan_shards(plan)
    compute_shard(encoder, plan, shard, 2048)
    assert asked == [torch.device("cpu")]
    list(word_batches(encoder, SENTENCES))
    assert asked[1:] == [None]


def test_texts_are_pooled_as_they_are_made(load, tmp_path):
    encoder = load("roberta")
    texts = [("a fox",), ("so it is", "a dog"), ("a fox",)]
    for pooling in ("cls", "mean", "last"):
        (mine,), (theirs,) = (
            extract_texts(one, texts, tmp_path / str(one.watched), pooling=pooling).rows().blocks()
            for one in (encoder, replace(encoder, watched=False))
        )
        assert all(torch.equal(a, b) for a, b in zip(mine.layers, theirs.layers, strict=True))
