"""A finished run is opened again, and what is not the same any more is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from neurosieve.errors import ConfigError
from neurosieve.run.config import write_config
from neurosieve.run.reopen import reopen
from neurosieve.run.stages import Stopwatch
from tests.run.conftest import Done, Listener
from tests.run.small import settings
from tests.tiny_models import make_tiny


@pytest.fixture
def moved(done: Done, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done.out, tmp_path / "moved"))


def test_rows_and_columns_are_those_of_the_run(done: Done, moved: Path) -> None:
    listener = Listener()
    run = reopen(moved, watch=Stopwatch(listener))
    assert run.results == done.results
    assert run.settings.out == moved
    name = run.task_named(None)
    assert name == "pos"

    prepared, task = run.prepared(name), done.results.tasks["pos"]
    assert prepared.facts == task.corpus
    assert prepared.data.test.rows.n_rows == task.oracle.test.n
    assert [tuple(one) for one in prepared.data.train.rows.grid.neurons(run.kept(name))] == task.sieve.neurons
    fitted = prepared.data.select(run.kept(name)).fit_all()
    assert fitted.test == pytest.approx(task.sieve.test.value, abs=1e-6)
    assert run.prepared(name) is prepared
    assert "read corpus" in listener.stages


def test_another_device_or_batch_may_be_asked(moved: Path) -> None:
    run = reopen(moved, device="cpu", batch_tokens=64)
    assert (run.settings.batch_tokens, str(run.encoder.device)) == (64, "cpu")


def test_a_task_that_is_not_there_is_refused(moved: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no task 'chunk'; it has pos\."):
        reopen(moved).task_named("chunk")


@pytest.mark.parametrize(
    ("file", "said"), [("run.toml", "is no folder of a run: it has no run.toml"), ("results.json", "has not finished")]
)
def test_what_is_no_finished_run_is_refused(moved: Path, file: str, said: str) -> None:
    (moved / file).unlink()
    with pytest.raises(ConfigError, match=said):
        reopen(moved)


@pytest.mark.parametrize(
    ("file", "text"), [("run.toml", "tolerance = 7\n"), ("results.json", '{"schema_version": 99}')]
)
def test_damaged_files_are_refused_by_name(moved: Path, file: str, text: str) -> None:
    (moved / file).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"{file} is damaged or of another version: "):
        reopen(moved)


def test_a_run_without_a_sieve_keeps_nothing(done: Done, moved: Path) -> None:
    task = done.results.tasks["pos"].model_copy(update={"sieve": None})
    done.results.model_copy(update={"tasks": {"pos": task}}).save(moved / "results.json")
    with pytest.raises(ConfigError, match=r"has no sieve for pos\. Make it with `neurosieve run`"):
        reopen(moved).kept("pos")


def test_other_weights_are_refused(done: Done, moved: Path, tmp_path: Path) -> None:
    other = make_tiny("bert", tmp_path / "bert", seed=5)
    text = (moved / "run.toml").read_text(encoding="utf-8").replace(done.settings.model, str(other))
    (moved / "run.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="its weights have another sha256"):
        reopen(moved)


def test_another_corpus_is_refused(done: Done, moved: Path, model: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(str(done.settings.tasks[0].data), data)
    lines = (data / "test.txt").read_text(encoding="utf-8").replace("fox", "dog")
    (data / "test.txt").write_text(lines, encoding="utf-8")
    changed = settings(model, data, moved)
    write_config(changed.model_copy(update={"cache": tmp_path / "cache"}), moved / "run.toml")
    run = reopen(moved)
    with pytest.raises(ConfigError, match=r"test\.txt is not the file that the run in .* was made with"):
        run.prepared("pos")
