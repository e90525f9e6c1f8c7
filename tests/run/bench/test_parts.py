"""Where the time goes, on a clock that only moves as it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from neurosieve.activations import load_encoder
from neurosieve.compact import CompactModel
from neurosieve.run.bench import parts as module
from neurosieve.run.bench.parts import n_blocks, plan_of, read_in_parts
from tests.compact.conftest import build, of_kind
from tests.tiny_models import BLOCKS, make_tiny

SENTENCES = [("The", "fox", "jumps"), ("tokens",), ("He", "reckons", "the", "deficit")]
TEXTS = [("The fox jumps.",), ("One", "and another")]


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    return lambda family: load_encoder(make_tiny(family, tmp_path_factory.mktemp(family)), device="cpu")


@pytest.fixture
def ticking(monkeypatch):
    """Every module takes as long as it says in ``takes``: hooks move the clock."""
    clock = {"now": 0.0}
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock["now"])

    def takes(part, seconds):
        part.register_forward_pre_hook(lambda *_: clock.__setitem__("now", clock["now"] + seconds))

    return takes


def test_blocks_and_what_stands_before_them(load, ticking):
    model = build(load("bert"), [(0, 1), (2, 3)])
    ticking(model.encoder.reader.embeddings, 10.0)
    for block in model.encoder.reader.encoder.layer:
        ticking(block.attention, 100.0)
    found = read_in_parts(model, model.head, SENTENCES, 2048)
    assert (found.embeddings, found.blocks) == (10.0, 200.0)
    assert (found.tokenising, found.gathering, found.head) == (0.0, 0.0, 0.0)
    by_one = read_in_parts(model, model.head, SENTENCES, 1)
    assert by_one.blocks == 600.0


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "albert", "xlnet", "gpt2", "llama"])
def test_each_family_has_its_blocks_told_apart(load, family):
    model = build(load(family), [(0, 1), (2, 3)])
    found = read_in_parts(model, model.head, SENTENCES, 2048)
    assert min(found.tokenising, found.embeddings, found.blocks, found.gathering, found.head) > 0
    assert n_blocks(model, model.head) == 2
    assert not model.encoder.reader._forward_hooks
    assert not model.encoder.reader._forward_pre_hooks


def test_without_a_block_there_is_no_time_in_blocks(load):
    model = build(load("bert"), [(0, 1)])
    found = read_in_parts(model, model.head, SENTENCES, 2048)
    assert found.blocks == 0.0
    assert found.embeddings > 0
    assert n_blocks(model, model.head) == 0


def test_texts_are_read_in_parts_too(load):
    model = of_kind(load("bert"), "classification")
    assert read_in_parts(model, model.head, TEXTS, 2048).blocks > 0
    assert plan_of(model, model.head, TEXTS).report.sentences == len(TEXTS)


def test_a_shallower_head_of_several_is_read_to_its_own_depth(load):
    encoder = load("bert")
    kinds = {kind: of_kind(encoder, kind) for kind in ("labelling", "classification")}
    several = CompactModel.join(kinds)
    assert n_blocks(several, several.heads["labelling"]) == 2
    assert n_blocks(several, several.heads["classification"]) == BLOCKS


def test_what_is_timed_is_what_predicts(load, monkeypatch):
    """The scores that the timed reading computes are the model's own."""
    model, seen = build(load("bert")), []
    own = type(model.head).scores
    monkeypatch.setattr(type(model.head), "scores", lambda self, vectors: seen.append(own(self, vectors)) or seen[-1])
    read_in_parts(model, model.head, SENTENCES, 2048)
    timed = torch.cat(seen)
    seen.clear()
    model.scores(SENTENCES)
    assert torch.equal(timed, torch.cat(seen))


def test_bfloat16_is_watched_where_it_runs(load):
    encoder = replace(load("bert"), dtype=torch.bfloat16)
    model = build(encoder, [(2, 3)])
    assert read_in_parts(model, model.head, SENTENCES, 2048).blocks > 0
