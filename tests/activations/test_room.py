"""Blocks and shards of other sizes hold the same rows."""

from __future__ import annotations

import torch

from neurosieve.activations.live import LiveRows
from neurosieve.activations.persist import extract
from tests.activations.test_store import SENTENCES, small_shards

__all__ = ["small_shards"]  # a fixture that every test here uses


def test_blocks_are_as_long_as_asked(load, tmp_path) -> None:
    store = extract(load("bert"), SENTENCES, tmp_path)
    everything = range(store.grid.size)
    blocks = list(store.rows(block_rows=3).blocks())
    assert max(map(len, blocks)) == 3
    assert torch.equal(store.rows(block_rows=3).gather(everything), store.rows().gather(everything))


def test_rows_that_live_in_small_shards(load) -> None:
    usual, small = LiveRows(load("bert"), SENTENCES), LiveRows(load("bert"), SENTENCES, shard_words=4, block_rows=2)
    everything = range(usual.grid.size)
    assert max(map(len, small.blocks())) == 2
    assert torch.allclose(small.gather(everything), usual.gather(everything), atol=1e-5)


def test_one_shard_in_memory_leaves_the_same_bytes(load, tmp_path) -> None:
    two, one = (extract(load("bert"), SENTENCES, tmp_path / str(shards), shards=shards) for shards in (2, 1))
    assert [row.sha256 for row in one.shards] == [row.sha256 for row in two.shards]
    assert len(one.shards) > 1
