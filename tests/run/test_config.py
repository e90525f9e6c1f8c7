"""A run as a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from neurosieve.errors import ConfigError
from neurosieve.run.config import merge, read_config, write_config
from neurosieve.run.pipeline import run
from neurosieve.run.settings import RunSettings, TaskSettings
from tests.run.small import settings, without_clocks, write_corpus


def test_a_run_is_repeated_to_the_bit_from_what_it_wrote(done, tmp_path):
    again = RunSettings(**merge(read_config(done.out / "run.toml"), {"out": tmp_path / "again"}))
    assert again == done.settings.model_copy(update={"out": tmp_path / "again"})
    results = run(again)
    assert without_clocks(results.model_dump(mode="json")) == without_clocks(done.results.model_dump(mode="json"))
    heads = [(at / "compact" / "head.safetensors").read_bytes() for at in (done.out, tmp_path / "again")]
    assert heads[0] == heads[1]


def test_every_setting_is_written(done):
    written = tomllib.loads((done.out / "run.toml").read_text(encoding="utf-8"))
    values = done.settings.model_dump(mode="json", exclude_none=True)
    assert set(written) == set(values)
    assert set(written["tasks"][0]) == set(values["tasks"][0])


@pytest.mark.parametrize(
    "given",
    [
        {"task": "pos", "data": "x"},
        {"tasks": ["pos", "chunk"], "data": "x", "confidence": None},
        {"tasks": [{"task": "sst2", "data": "x", "metric": "f1:1"}, {"task": "code-roles"}], "sublayers": ["mlp"]},
        {"task": "mine", "train": "a", "test": "b", "columns": "premise,hypothesis,label", "seed": 2**62},
        {"task": "mine", "train": "a", "test": "b", "columns": (1, 2), "cache": "c", "tolerance": 0.1},
    ],
)
def test_settings_survive_the_file(given, tmp_path):
    asked = RunSettings(out=tmp_path / "out", **given)
    write_config(asked, tmp_path / "run.toml")
    read = RunSettings(**read_config(tmp_path / "run.toml"))
    assert read.model_copy(update={"cache": asked.cache, "tasks": asked.tasks}) == asked
    for mine, theirs in zip(asked.tasks, read.tasks, strict=True):
        relative = {"train", "dev", "test"}
        assert mine.model_dump(exclude=relative) == theirs.model_dump(exclude=relative)


def test_paths_are_seen_from_the_file(tmp_path, monkeypatch):
    write_corpus(tmp_path / "there" / "corpus", train=3, test=3)
    config = tmp_path / "there" / "my.toml"
    config.write_text('model = "minilm"\nout = "runs/x"\n[[tasks]]\ntask = "pos"\ndata = "corpus"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    read = RunSettings(**read_config(Path("there") / "my.toml"))
    assert read.out == Path("there/runs/x")
    assert Path(read.tasks[0].data or "") == Path("there/corpus")
    assert read.model == "minilm"


def test_a_folder_called_as_the_task_is_no_definition_of_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pos").mkdir()
    asked = RunSettings(data=tmp_path, task="pos", out="pos")
    write_config(asked, tmp_path / "pos" / "run.toml")
    written = tomllib.loads((tmp_path / "pos" / "run.toml").read_text(encoding="utf-8"))
    assert [task["task"] for task in written["tasks"]] == ["pos"]
    (tmp_path / "pos" / "pos").mkdir()
    assert RunSettings(**read_config(tmp_path / "pos" / "run.toml")).tasks == asked.tasks


def test_the_command_line_comes_first():
    config = {"tasks": [{"task": "pos", "data": "a"}, "chunk"], "data": "b", "seed": 1, "out": "o"}
    merged = RunSettings(**merge(config, {"seed": 2, "pooling": "mean"}))
    assert merged.seed == 2
    assert [(task.task, task.data) for task in merged.tasks] == [("pos", "a"), ("chunk", "b")]
    assert {task.pooling for task in merged.tasks} == {"mean"}
    other = RunSettings(**merge(config, {"task": ["sem"]}))
    assert [(task.task, task.data) for task in other.tasks] == [("sem", "b")]


@pytest.mark.parametrize(
    ("content", "message"), [(b"out = ", "is not TOML"), (b"\xff", "is not TOML"), (None, "cannot be read")]
)
def test_what_cannot_be_read(content, message, tmp_path):
    path = tmp_path / "run.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_config(path)


def test_an_unknown_setting_is_refused_by_name():
    with pytest.raises(ValidationError, match="tolerence"):
        RunSettings(**merge({"task": "code-roles", "out": "o", "tolerence": 0.1}, {}))


def test_a_task_is_named_once():
    with pytest.raises(ValidationError, match="'pos' was given twice"):
        RunSettings(tasks=["pos", "pos"], data="d", out="o")


def test_a_task_in_a_file_is_called_by_the_file_s_name():
    assert TaskSettings(task="folder/mine.toml").name == "mine"


def test_settings_of_the_small_runs_are_valid(tmp_path):
    assert settings(tmp_path, tmp_path, tmp_path / "o").tasks[0].task == "pos"
