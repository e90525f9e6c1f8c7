"""Stores that many processes fill: rows beside the shards, seals, plans, and stores of format 1."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Barrier, Thread

import pytest
import torch

from neurosieve.activations import filling, shards
from neurosieve.activations.manifest import (
    ExecutionPlan,
    Manifest,
    ShardRow,
    make_manifest,
    read_manifest,
    row_file,
    shard_rows,
)
from neurosieve.activations.persist import extract, extract_texts, fill
from neurosieve.activations.store import Store
from neurosieve.activations.wanted import texts_wanted, words_wanted
from neurosieve.engines.share import Share
from neurosieve.errors import StoreError
from tests.activations.test_store import N_WORDS, SENTENCES, count_computed, read, small_shards

__all__ = ["small_shards"]  # a fixture that every test here uses


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_shares_in_any_order_make_the_store_of_one_process(load, tmp_path):
    encoder = load("bert")
    whole = extract(encoder, SENTENCES, tmp_path / "one")
    assert len(whole.shards) > 3
    for done, share in enumerate([Share(2, 3), Share(0, 3), Share(0, 3), Share(1, 3)]):
        found = fill(words_wanted(encoder, SENTENCES), tmp_path / "three", share=share)
        assert found.done == (done == 3)
        with pytest.raises(StoreError, match=r"holds \d of \d shards") if not found.done else torch.no_grad():
            Store(found.folder)
    assert (found.words_there, found.words, found.there) == (N_WORDS, N_WORDS, len(whole.shards))
    assert content(found.folder) == content(whole.folder)


def test_shares_of_texts(load, tmp_path):
    encoder, texts = load("bert"), [(" ".join(words) or "a",) for words in SENTENCES]
    for share in (Share(1, 2), Share(0, 2)):
        found = fill(texts_wanted(encoder, texts), tmp_path / "two", share=share)
    assert content(found.folder) == content(extract_texts(encoder, texts, tmp_path / "one").folder)


def test_two_runs_on_one_store_share_the_work(load, tmp_path, monkeypatch):
    encoder = load("bert")
    whole = extract(encoder, SENTENCES, tmp_path / "one")
    both, computed = Barrier(2), count_computed(monkeypatch)
    look = filling.Filling._sound

    def together(self, files):
        found = look(self, files)
        both.wait(30)
        return found

    monkeypatch.setattr(filling.Filling, "_sound", together)
    runs = [Thread(target=extract, args=(encoder, SENTENCES, tmp_path / "two")) for _ in range(2)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert set(computed) == set(range(len(whole.shards)))
    assert content(tmp_path / "two" / whole.folder.name) == content(whole.folder)


def test_a_shard_that_another_process_finished_is_not_computed_again(load, tmp_path, monkeypatch):
    encoder = load("bert")
    wanted = words_wanted(encoder, SENTENCES)
    told: list[tuple[int, int]] = []
    compute = shards.compute_shard

    def meanwhile(encoder, plan, shard, *rest):
        if shard.index == 0:  # the others do the rest
            monkeypatch.setattr(filling, "compute_shard", compute)
            fill(wanted, tmp_path, share=Share(1, 2))
            computed.extend(count_computed(monkeypatch))
        return compute(encoder, plan, shard, *rest)

    computed: list[int] = []
    monkeypatch.setattr(filling, "compute_shard", meanwhile)
    extract(encoder, SENTENCES, tmp_path, progress=lambda *counts: told.append(counts)).verify()
    assert told[-1] == (N_WORDS, N_WORDS)
    assert not [index for index in computed if index % 2]


def test_a_store_goes_on_with_the_plan_that_it_began_with(load, tmp_path, monkeypatch):
    encoder = load("bert")
    wanted = words_wanted(encoder, SENTENCES)
    begun = fill(wanted, tmp_path, share=Share(0, 2), batch_tokens=64)
    plan = read_manifest(begun.folder).plan
    assert plan == ExecutionPlan(batch_tokens=64, threads=torch.get_num_threads())
    used: list[tuple[int, int]] = []

    def looking(encoder, plan, shard, batch_tokens, *rest):
        used.append((batch_tokens, torch.get_num_threads()))
        return shards.compute_shard(encoder, plan, shard, batch_tokens, *rest)

    monkeypatch.setattr(filling, "compute_shard", looking)
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        assert fill(wanted, tmp_path, batch_tokens=512).done
    finally:
        torch.set_num_threads(before)
    assert set(used) == {(64, before)}


def test_the_first_manifest_stays(tmp_path):
    first, second = (_manifest(batch) for batch in (64, 128))
    assert make_manifest(tmp_path, first) == make_manifest(tmp_path, second) == first
    (tmp_path / "manifest.json").write_text("{}")
    assert make_manifest(tmp_path, second) == second
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    ("was", "now"), [('"units": 32', '"units": 33'), ('"windowed_sentences": 0', '"windowed_sentences": 1')]
)
def test_a_changed_digit_of_the_manifest_is_found(load, tmp_path, monkeypatch, was, now):
    store = extract(load("bert"), SENTENCES, tmp_path)
    path = store.folder / "manifest.json"
    whole = path.read_bytes()
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, now))
    with pytest.raises(StoreError, match=r"The manifest .* is damaged \(it was altered\)\. Run the extraction again"):
        Store(store.folder)
    computed = count_computed(monkeypatch)
    extract(load("bert"), SENTENCES, tmp_path)
    assert path.read_bytes() == whole
    assert not computed


def test_a_changed_digit_of_a_row_is_found(load, tmp_path, monkeypatch):
    store = extract(load("bert"), SENTENCES, tmp_path)
    whole, path = content(store.folder), store.folder / row_file(store.shards[2].file)
    path.write_text(path.read_text().replace(f'"last": {store.shards[2].last}', f'"last": {store.shards[2].last - 1}'))
    assert content(store.folder) != whole
    with pytest.raises(StoreError, match=r"holds \d of \d shards"):
        Store(store.folder)
    computed = count_computed(monkeypatch)
    assert content(extract(load("bert"), SENTENCES, tmp_path).folder) == whole
    assert computed == [2]


def test_a_flipped_bit_is_found_by_the_next_extraction(load, tmp_path, monkeypatch):
    store = extract(load("bert"), SENTENCES, tmp_path)
    whole, path = content(store.folder), store.folder / store.shards[1].file
    flipped = bytearray(path.read_bytes())
    flipped[-5] ^= 4
    path.write_bytes(flipped)
    computed = count_computed(monkeypatch)
    assert content(extract(load("bert"), SENTENCES, tmp_path).folder) == whole
    assert computed == [1]


def test_a_row_under_another_name_counts_for_nothing(tmp_path):
    manifest = make_manifest(tmp_path, _manifest(64))
    row = ShardRow(first=0, last=4, file="shard-00001.safetensors", bytes=1, sha256="0" * 64)
    filling.write_row(tmp_path, row)
    assert shard_rows(tmp_path, manifest) == [row]
    (tmp_path / "shard-00001.json").rename(tmp_path / "shard-00000.json")
    (tmp_path / "shard-00002.json").write_text("[" * 100_000)
    (tmp_path / "shard-00003.json").write_text("[]")
    assert shard_rows(tmp_path, manifest) == []


def test_rows_that_leave_words_out_are_no_store(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    low = store.shards[0]
    filling.write_row(store.folder, low.model_copy(update={"last": low.last - 1}))
    with pytest.raises(StoreError, match=rf"do not make up its {N_WORDS} words"):
        Store(store.folder)


def test_a_shard_of_other_words_is_told(load, tmp_path):
    store = extract(load("bert"), SENTENCES, tmp_path)
    first, second = (row.model_copy() for row in store.shards[:2])
    moved = first.last - 1
    filling.write_row(store.folder, first.model_copy(update={"last": moved}))
    filling.write_row(store.folder, second.model_copy(update={"first": moved}))
    with pytest.raises(StoreError, match=rf"shard-00000\.safetensors does not hold the words 0 to {moved} of "):
        Store(store.folder)


def test_stores_of_format_1_are_read_and_filled(load, tmp_path, monkeypatch):
    store = extract(load("bert"), SENTENCES, tmp_path)
    values = read(store.rows())
    path = store.folder / "manifest.json"
    old = json.loads(path.read_text())
    del old["seal"], old["plan"]
    old |= {"format": 1, "shards": [row.model_dump() for row in store.shards[:-2]]}
    path.write_text(json.dumps(old))
    for row in store.shards:
        (store.folder / row_file(row.file)).unlink()
    (store.folder / store.shards[0].file).write_bytes(b"")
    computed = count_computed(monkeypatch)
    filled = extract(load("bert"), SENTENCES, tmp_path)
    assert computed == [0, len(store.shards) - 2, len(store.shards) - 1]
    assert filled.shards == store.shards
    assert torch.equal(read(filled.rows()), values)


def _manifest(batch_tokens: int) -> Manifest:
    return Manifest(
        format=2,
        model="tiny",
        content={},
        layers=1,
        units=1,
        report={"sentences": 1, "words": 4, "missing": 0, "truncated": 0, "windowed_sentences": 0, "clipped_words": 0},
        missing=[],
        n_shards=1,
        plan=ExecutionPlan(batch_tokens=batch_tokens, threads=1),
    )
