"""A forecast of a run on a tiny model, against the run itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.errors import ConfigError, MemoryLimitError, StoreError
from neurosieve.memory import Room
from neurosieve.run import pipeline
from neurosieve.run.extraction import run_extract
from neurosieve.run.forecast import study, system
from neurosieve.run.forecast.before import forecast_run
from neurosieve.run.forecast.records import Forecast
from neurosieve.run.forecast.sizes import Plan
from neurosieve.run.pipeline import run, run_general
from tests.run.conftest import Done
from tests.run.small import settings

TIGHT = Plan(
    64, Room(shards=1, live_words=40, block_rows=64, rows_at_once=16, probe_bytes=1, held_bytes=0, tilewise=True)
)


def here(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_the_stages_are_those_of_the_run(done: Done) -> None:
    found = forecast_run(done.settings, "run")
    assert [stage.name for stage in found.stages] == [stage.name for stage in done.results.stages]
    assert found.fits
    assert found.cached_rows == found.rows
    assert found.disk.cache_bytes == 0


def test_the_stages_of_a_text_are_those_of_the_run(model, text, tmp_path) -> None:
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text)
    found = forecast_run(asked, "general")
    assert not (tmp_path / "out").exists()
    done = run_general(asked)
    read = {"read corpus", "read text"}
    expected = [stage.name for stage in done.stages if stage.name not in read]
    assert [stage.name for stage in found.stages if stage.name not in read] == expected


def test_the_disk_is_forecast(model, data, tmp_path) -> None:
    asked = settings(model, data, tmp_path / "out")
    found = forecast_run(asked, "extract")
    stores = run_extract(asked)
    files = [path.stat().st_size for path in asked.cache_folder.rglob("shard-*.safetensors")]
    assert found.rows == sum(store.n_words for store in stores.values())
    assert sum(files) * 0.9 <= found.disk.cache_bytes <= sum(files) * 1.4
    assert found.disk.out_bytes == 0
    assert forecast_run(asked, "extract").cached_rows == found.rows


def test_nothing_is_written(model, data, tmp_path) -> None:
    before = here(tmp_path)
    found = forecast_run(settings(model, data, tmp_path / "runs" / "out"), "run")
    assert found.cached_rows == 0
    assert found.disk.cache_bytes > 0
    assert here(tmp_path) == before


def test_a_forecast_is_lossless_json(model, data, tmp_path) -> None:
    found = forecast_run(settings(model, data, tmp_path / "out", memory="8GB"), "task")
    assert Forecast.model_validate_json(found.model_dump_json()) == found
    assert found.limit_given
    assert found.limit_bytes == 8 * 10**9
    assert found.choices.held_bytes is not None
    assert {stage.name for stage in found.stages} >= {"oracle and layers", "rankings"}
    assert not {"sieve", "compact model"} & {stage.name for stage in found.stages}


def test_what_does_not_fit_is_told_by_both(model, data, tmp_path) -> None:
    asked = settings(model, data, tmp_path / "out", memory="1MB")
    assert "would hold" in forecast_run(asked, "run").problem
    with pytest.raises(MemoryLimitError, match=r"The stage '.*' would hold .*; the limit is 1\.00 MB\."):
        run(asked)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_told_before_the_work(model, data, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(study, "free_bytes", lambda folder: 1000)
    asked = settings(model, data, tmp_path / "out")
    assert "are free. Make room" in forecast_run(asked, "run").problem
    with pytest.raises(StoreError, match=r"would be written to the disk of .*; 0\.00100 MB are free\. Make room"):
        run(asked)
    assert not (tmp_path / "out").exists()
    with pytest.raises(StoreError, match="are free"):
        run_extract(asked)


def test_a_folder_that_cannot_be_written(model, data, tmp_path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(ConfigError, match=r"cannot be written: .*file is no folder that may be written to"):
        run(settings(model, data, tmp_path / "out", cache=file))


def test_results_do_not_depend_on_the_room(done: Done, model, data, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pipeline, "plan_run", lambda *_: TIGHT)
    asked = settings(model, data, tmp_path / "out")
    tight, roomy = run(asked), done.results
    (mine,), (other,) = tight.tasks.values(), roomy.tasks.values()
    assert [(cut.clusters, cut.singletons) for cut in tight.general.cuts] == [
        (cut.clusters, cut.singletons) for cut in roomy.general.cuts
    ]
    assert mine.sieve.neurons == other.sieve.neurons
    assert {name: one.neurons for name, one in mine.minimal_set.items()} == {
        name: one.neurons for name, one in other.minimal_set.items()
    }
    assert mine.oracle.dev.value == pytest.approx(other.oracle.dev.value, abs=1e-6)
    assert mine.compact.parity == 0


def test_a_text_in_small_pieces_says_the_same(model, text, tmp_path, monkeypatch) -> None:
    asked = settings(model, None, tmp_path / "a", task="code-roles", text=text)
    roomy = run_general(asked).general
    monkeypatch.setattr(pipeline, "plan_run", lambda *_: TIGHT)
    tight = run_general(asked.model_copy(update={"out": tmp_path / "b"})).general
    assert [cut.clusters for cut in tight.cuts] == [cut.clusters for cut in roomy.cuts]
    for mine, other in zip(tight.cka, roomy.cka, strict=True):
        assert mine == pytest.approx(other, abs=1e-5)


def test_what_a_process_holds_and_may_hold() -> None:
    before = system.held_bytes()
    block = bytearray(80_000_000)
    assert 60_000_000 < system.held_bytes() - before < 120_000_000
    del block
    assert system.available_bytes() > system.held_bytes() > 10_000_000


def test_folders_on_one_disk(tmp_path) -> None:
    assert system.same_disk(tmp_path / "a" / "b", tmp_path)
    assert system.free_bytes(tmp_path / "not" / "there") == system.free_bytes(tmp_path)


def test_rows_that_are_there(done: Done) -> None:
    read = [stage for stage in forecast_run(done.settings, "extract").stages if stage.name.startswith("extract")]
    assert {stage.note for stage in read} == {"in the cache"}
