"""Writing beside computing: order, memory, and what is kept when either fails."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path

import pytest
from safetensors import SafetensorError

from neurosieve.activations import filling, shards, wanted
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.live import LiveRows
from neurosieve.activations.persist import extract
from neurosieve.activations.shards import plan_shards
from neurosieve.errors import StoreError
from tests.activations.test_store import SENTENCES, count_computed, small_shards

__all__ = ["small_shards"]  # a fixture that every test here uses


def test_a_shard_is_written_while_the_next_is_computed(load, tmp_path, monkeypatch):
    computing = threading.Event()

    def compute(encoder, plan, shard, *rest):
        if shard.index == 1:
            computing.set()
        return shards.compute_shard(encoder, plan, shard, *rest)

    def write(path, shard, layers):
        if path.name == "shard-00000.safetensors":
            assert computing.wait(30), "the second shard waits for the first to be written"
        return shards.write_shard(path, shard, layers)

    monkeypatch.setattr(filling, "compute_shard", compute)
    monkeypatch.setattr(filling, "write_shard", write)
    assert len(extract(load("bert"), SENTENCES, tmp_path).shards) > 2


def test_at_most_two_shards_are_in_memory(load, tmp_path, monkeypatch):
    alive: list[weakref.ref] = []

    def compute(encoder, plan, shard, *rest):
        layers = shards.compute_shard(encoder, plan, shard, *rest)
        alive.append(weakref.ref(layers[0]))
        assert sum(ref() is not None for ref in alive) <= 2
        return layers

    monkeypatch.setattr(filling, "compute_shard", compute)
    assert len(extract(load("bert"), SENTENCES, tmp_path).shards) > 3


@pytest.mark.parametrize("failing", [0, 2, -1])
def test_a_disk_that_fills_up_keeps_finished_shards(load, tmp_path, monkeypatch, failing):
    encoder = load("bert")
    n_shards = len(plan_shards(plan_extraction(encoder, SENTENCES)))
    full_at, save, saved = failing % n_shards, shards.save_file, []

    def fills_up(tensors, path):
        if len(saved) == full_at:
            Path(path).write_bytes(b"half a shard")
            raise SafetensorError("I/O error: No space left on device")
        saved.append(path)
        save(tensors, path)

    monkeypatch.setattr(shards, "save_file", fills_up)
    with pytest.raises(StoreError, match=rf"shard-0000{full_at}\.safetensors cannot be written .*No space left"):
        extract(encoder, SENTENCES, tmp_path)
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.glob("shard-*.json"))) == full_at
    assert not list(folder.glob("*.partial"))
    monkeypatch.undo()
    monkeypatch.setattr(shards, "SHARD_WORDS", 10)
    monkeypatch.setattr(wanted, "SHARD_WORDS", 10)
    computed = count_computed(monkeypatch)
    extract(encoder, SENTENCES, tmp_path).verify()
    assert computed == list(range(full_at, n_shards))


def test_an_error_in_the_model_lets_the_last_shard_be_written(load, tmp_path, monkeypatch):
    def dies(encoder, plan, shard, *rest):
        if shard.index == 2:
            raise KeyboardInterrupt
        return shards.compute_shard(encoder, plan, shard, *rest)

    monkeypatch.setattr(filling, "compute_shard", dies)
    with pytest.raises(KeyboardInterrupt):
        extract(load("bert"), SENTENCES, tmp_path)
    (folder,) = tmp_path.iterdir()
    assert sorted(path.name for path in folder.glob("shard-*.json")) == ["shard-00000.json", "shard-00001.json"]


def test_live_rows_keep_only_the_layers_asked(load, monkeypatch):
    kept: list[int] = []

    def compute(*args, **options):
        layers = shards.compute_shard(*args, **options)
        kept.append(len(layers))
        return layers

    monkeypatch.setattr("neurosieve.activations.live.compute_shard", compute)
    assert len(list(LiveRows(load("bert"), SENTENCES).blocks([2, 1]))) > 1
    assert set(kept) == {2}
