from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from neurosieve.activations import filling, shards, wanted
from neurosieve.activations.extract import plan_extraction
from neurosieve.activations.live import LiveRows
from neurosieve.activations.persist import extract
from neurosieve.activations.shards import plan_shards
from neurosieve.activations.store import Store
from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError, ModelError, StoreError
from tests.activations.conftest import assert_close, vectors

SENTENCES = [
    ["The", "fox", "\u200b"],
    [],
    ["jumps"] * 7,
    ["over", "the", "lazy", "dog"],
    ["\u200b"],
    ["is", "it", "?"],
] * 3
N_WORDS = sum(map(len, SENTENCES))


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    """Shards of about 10 words, read in blocks of 4: a corpus of 57 words shows what one of millions does."""
    monkeypatch.setattr(shards, "SHARD_WORDS", 10)
    monkeypatch.setattr(wanted, "SHARD_WORDS", 10)
    monkeypatch.setattr("neurosieve.activations.store.BLOCK_ROWS", 4)


def read(rows: Rows, layers=None) -> torch.Tensor:
    blocks = list(rows.blocks(layers))
    assert [block.start for block in blocks] == np.cumsum([0, *map(len, blocks)])[:-1].tolist()
    return torch.cat([torch.stack(block.layers, dim=1) for block in blocks])


def shard_files(store: Store) -> list[Path]:
    return [store.folder / row.file for row in store.shards]


def sealed(content: dict) -> str:
    """The text of a manifest or a row, with the sha256 of what it says."""
    seal = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps(content | {"seal": seal})


def count_computed(monkeypatch) -> list[int]:
    """Which shards are computed from now on."""
    computed: list[int] = []

    def counting(encoder, plan, shard, *rest):
        computed.append(shard.index)
        return shards.compute_shard(encoder, plan, shard, *rest)

    monkeypatch.setattr(filling, "compute_shard", counting)
    return computed


def test_a_store_gives_every_vector_in_corpus_order(encoder, tmp_path):
    expected = vectors(encoder, SENTENCES)
    store = extract(encoder, SENTENCES, tmp_path)
    assert (store.n_words, store.grid) == (N_WORDS, encoder.grid)
    assert store.missing.tolist() == expected.isnan().any(dim=(1, 2)).tolist()
    rows = store.rows()
    assert rows.n_rows == N_WORDS - store.missing.sum()
    assert_close(read(rows), expected[~torch.from_numpy(store.missing)])
    assert_close(read(rows, [2, 0]), expected[~torch.from_numpy(store.missing)][:, [2, 0]])
    assert store.report == plan_extraction(encoder, SENTENCES).report
    store.verify()


def test_live_rows_are_the_stores_rows_to_the_bit(encoder, tmp_path):
    store, live = extract(encoder, SENTENCES, tmp_path), LiveRows(encoder, SENTENCES)
    assert (live.n_rows, live.grid, live.report) == (store.rows().n_rows, store.grid, store.report)
    assert live.missing.tolist() == store.missing.tolist()
    stored, computed = list(store.rows().blocks()), list(live.blocks())
    assert [(block.start, len(block)) for block in stored] == [(block.start, len(block)) for block in computed]
    assert torch.equal(read(store.rows()), read(live))
    assert torch.equal(read(store.rows(), [1]), read(live, [1]))


def test_rows_of_a_mask(load, tmp_path):
    encoder = load("bert")
    store = extract(encoder, SENTENCES, tmp_path)
    keep = ~store.missing & (np.arange(N_WORDS) % 3 > 0)
    keep[12:24] = False
    expected = vectors(encoder, SENTENCES)[torch.from_numpy(keep)]
    assert_close(read(store.rows(keep)), expected)
    assert torch.equal(read(LiveRows(encoder, SENTENCES, keep=keep)), read(store.rows(keep)))
    assert torch.allclose(store.rows(keep).gather([33, 0]), expected.flatten(1)[:, [33, 0]], atol=1e-5)
    assert store.rows(np.zeros(N_WORDS, dtype=bool)).n_rows == 0


def test_a_mask_must_fit_and_leave_out_words_without_vector(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    with pytest.raises(StoreError, match=rf"has the shape \(3,\); there are {N_WORDS} words"):
        store.rows(np.ones(3, dtype=bool))
    with pytest.raises(StoreError, match=r"keeps word 2, which has no vector"):
        store.rows(np.ones(N_WORDS, dtype=bool))


def test_blocks_are_views_where_nothing_is_dropped(load, tmp_path):
    store = extract(load("gpt2"), SENTENCES, tmp_path)
    blocks = list(store.rows().blocks([1]))
    assert any(block.layers[0].storage_offset() > 0 for block in blocks)
    blocks[0].layers[0][:] = 0  # copy-on-write: the file does not change
    store.verify()


def test_words_without_vector_are_nan_on_disk(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    tensors = shards.map_shard(shard_files(store)[0])
    assert tensors["layer.1"].isnan().any(dim=1).tolist() == store.missing[: len(tensors["layer.1"])].tolist()


def test_bfloat16_is_stored_as_such(load, tmp_path):
    encoder = load("llama", dtype="bfloat16")
    values = read(extract(encoder, SENTENCES, tmp_path).rows())
    assert values.dtype == torch.bfloat16
    assert torch.equal(values, read(LiveRows(encoder, SENTENCES)))


def test_fewer_layers(load, tmp_path):
    encoder = load("gpt2")
    store = extract(encoder, SENTENCES, tmp_path, last_layer=1)
    assert store.grid.layers == 2
    assert_close(read(store.rows()), vectors(encoder, SENTENCES)[:, :2])
    with pytest.raises(ModelError, match=r"there is no layer 9"):
        extract(encoder, SENTENCES, tmp_path, last_layer=9)


def test_other_content_has_another_folder(load, tmp_path):
    encoder = load("bert")
    changed = [*SENTENCES[:-1], ["is", "it", "!"]]
    stores = [
        extract(encoder, SENTENCES, tmp_path),
        extract(encoder, SENTENCES, tmp_path, aggregation="average"),
        extract(encoder, SENTENCES, tmp_path, on_too_long="truncate"),
        extract(encoder, SENTENCES, tmp_path, last_layer=2),
        extract(encoder, changed, tmp_path),
        extract(encoder, [["a b"]], tmp_path),
        extract(encoder, [["a", "b"]], tmp_path),
        extract(load("bert", window=20), SENTENCES, tmp_path),
        extract(load("bert", dtype="bfloat16"), SENTENCES, tmp_path),
        extract(load("distilbert"), SENTENCES, tmp_path),
    ]
    assert len({store.folder for store in stores}) == len(stores)


def test_a_second_run_computes_nothing(load, tmp_path, monkeypatch):
    first = extract(load("bert"), SENTENCES, tmp_path)
    monkeypatch.setattr(wanted, "plan_extraction", None)
    told: list[tuple[int, int]] = []
    again = extract(load("bert"), SENTENCES, tmp_path, progress=lambda *counts: told.append(counts))
    assert again.folder == first.folder
    assert told == [(N_WORDS, N_WORDS)]


def test_a_killed_run_goes_on_where_it_stopped(load, tmp_path, monkeypatch):
    encoder = load("bert")
    expected = read(extract(encoder, SENTENCES, tmp_path / "whole").rows())
    writes = 0

    def dies(path, shard, layers):
        nonlocal writes
        writes += 1
        if writes == 3:
            path.with_name(path.name + ".1.partial").write_bytes(b"half a shard")
            raise KeyboardInterrupt
        return shards.write_shard(path, shard, layers)

    monkeypatch.setattr(filling, "write_shard", dies)
    with pytest.raises(KeyboardInterrupt):
        extract(encoder, SENTENCES, tmp_path / "killed")
    monkeypatch.setattr(filling, "write_shard", shards.write_shard)
    (folder,) = (tmp_path / "killed").iterdir()
    with pytest.raises(StoreError, match=r"holds [23] of \d shards: its extraction was interrupted"):
        Store(folder)

    there = len(list(folder.glob("shard-*.json")))
    computed, told = count_computed(monkeypatch), []
    store = extract(encoder, SENTENCES, tmp_path / "killed", progress=lambda *counts: told.append(counts))
    assert len(computed) == len(store.shards) - there > 0
    assert told[-1] == (N_WORDS, N_WORDS)
    assert told[0][0] > store.shards[0].last
    assert torch.equal(read(store.rows()), expected)


def test_a_shard_that_lacks_its_row_is_computed_again(load, tmp_path, monkeypatch):
    store = extract(load("bert"), SENTENCES, tmp_path)
    (store.folder / "shard-00001.json").unlink()
    computed = count_computed(monkeypatch)
    assert extract(load("bert"), SENTENCES, tmp_path).shards == store.shards
    assert computed == [1]


def test_leftovers_of_killed_runs_go_once_they_are_old(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    old, recent = store.folder / "shard-00000.safetensors.1.partial", store.folder / "manifest.json.2.partial"
    for file in (old, recent):
        file.write_bytes(b"")
    os.utime(old, (0, 0))
    shard_files(store)[0].unlink()
    extract(load("bert"), SENTENCES, tmp_path)
    assert not old.exists()
    assert recent.exists()


@pytest.mark.parametrize("damage", ["short", "gone", "header"])
def test_a_damaged_shard_is_named_and_replaced(load, tmp_path, monkeypatch, damage):
    store = extract(load("bert"), SENTENCES, tmp_path)
    whole, file = read(store.rows()), shard_files(store)[1]
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if damage == "short" else struct.pack("<Q", 2**60) + content[8:])
    with pytest.raises(StoreError, match=r"The shard .*shard-00001\.safetensors .*Run the extraction again"):
        Store(store.folder)
    computed = count_computed(monkeypatch)
    assert torch.equal(read(extract(load("bert"), SENTENCES, tmp_path).rows()), whole)
    assert computed == [1]


def test_a_changed_byte_is_found_by_reading_everything(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    whole, file = read(store.rows()), shard_files(store)[2]
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"shard-00002\.safetensors has the sha256 .*the manifest says"):
        Store(store.folder).verify()
    mended = extract(load("bert"), SENTENCES, tmp_path, verify=True)
    mended.verify()
    assert torch.equal(read(mended.rows()), whole)


def test_folders_that_are_no_store(load, tmp_path):
    with pytest.raises(StoreError, match=r"is no store of activations: it has no manifest\.json"):
        Store(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match=r"The manifest .* is damaged"):
        Store(tmp_path)
    (tmp_path / "manifest.json").write_text(sealed({"format": 99}))
    with pytest.raises(StoreError, match=r"has the format 99; this version reads 1 and 2"):
        Store(tmp_path)


def test_a_damaged_manifest_is_written_anew(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    (store.folder / "manifest.json").write_text("{")
    assert extract(load("bert"), SENTENCES, tmp_path).shards == store.shards


def test_corpora_without_words(load, tmp_path):
    for sentences in ([], [[], []], [["\u200b"]]):
        store = extract(load("bert"), sentences, tmp_path)
        live = LiveRows(load("bert"), sentences)
        assert list(store.rows().blocks()) == list(live.blocks()) == []
        assert store.rows().n_rows == live.n_rows == 0


def test_errors_of_the_extraction_pass_through(load, tmp_path):
    with pytest.raises(ActivationsError, match=r"Sentence 1 has \d+ pieces"):
        extract(load("bert", window=20), [["fox"] * 40], tmp_path, on_too_long="error")


def test_shards_end_with_sentences(load):
    plan = plan_extraction(load("bert"), SENTENCES)
    starts = set(plan.pieces.sentence_starts.tolist())
    cut = plan_shards(plan)
    assert [shard.first for shard in cut[1:]] == [shard.last for shard in cut[:-1]]
    assert {shard.last for shard in cut} <= starts
    assert all(10 <= shard.last - shard.first < 17 for shard in cut[:-1])
    assert sum(len(range(*shard.windows.indices(len(plan.windows)))) for shard in cut) == len(plan.windows)


@pytest.mark.parametrize("held", [0, 4, 512])
def test_mappings_are_kept_between_passes_where_they_are_not_too_many(load, tmp_path, monkeypatch, held):
    store = extract(load("gpt2"), SENTENCES, tmp_path)
    before, mapped = read(store.rows()), []
    monkeypatch.setattr("neurosieve.activations.store.HELD_MAPS", held)
    monkeypatch.setattr(
        "neurosieve.activations.store.map_shard", lambda path: mapped.append(path.name) or shards.map_shard(path)
    )
    rows = store.rows()
    for _ in range(3):
        assert torch.equal(read(rows), before)
    kept = min(len(store.shards), held // store.grid.layers)
    assert len(store.shards) > 2
    assert len(mapped) == kept + 3 * (len(store.shards) - kept)
