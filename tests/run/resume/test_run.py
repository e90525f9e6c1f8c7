"""A run that was ended at a stage goes on behind the stages before it, and ends as if nothing had happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neurosieve import task_specific as ts
from neurosieve.activations import filling
from neurosieve.run import prepare, task
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.resume.stages import FOLDER
from tests.run.conftest import Listener
from tests.run.small import settings, without_clocks


class Killer(Listener):
    """Ends the run when a stage begins."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at = at

    def stage(self, name: str) -> None:
        super().stage(name)
        if name == self._at:
            raise KeyboardInterrupt


class Counter:
    """Counts calls of some functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str]) -> None:
        self.called: list[str] = []
        for module, name in places:
            monkeypatch.setattr(module, name, self._counted(name, getattr(module, name)))

    def _counted(self, name: str, function: Any) -> Any:
        def counted(*args: Any, **named: Any) -> Any:
            self.called.append(name)
            return function(*args, **named)

        return counted


def results(out: Path) -> Any:
    return without_clocks(json.loads((out / "results.json").read_text()))


@pytest.mark.parametrize(
    ("at", "again"),
    [
        ("moments", {"moments_by", "probe_layers", "run_sieve"}),
        ("oracle and layers", {"probe_layers", "run_sieve"}),
        ("sieve", {"run_sieve"}),
        ("control task", set()),
        ("compact model", set()),
    ],
)
def test_stages_before_the_end_are_taken_over(
    done: Any, model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, again: set[str]
) -> None:
    asked = settings(model, data, tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        run(asked, progress=Killer(at))
    places = ((prepare, "moments_by"), (ts, "probe_layers"), (task, "run_sieve"), (filling, "compute_shard"))
    counter, heard = Counter(monkeypatch, *places), Listener()
    run(asked, progress=heard)
    assert set(counter.called) == again
    told = [note for note in heard.notes if "finished stages of pos are there already" in note]
    assert len(told) == int(at not in ("moments", "oracle and layers")) or at == "oracle and layers"
    assert results(tmp_path / "out") == results(done.out)
    for name in ("model.safetensors", "head.safetensors"):
        assert (tmp_path / "out" / "compact" / name).read_bytes() == (done.out / "compact" / name).read_bytes()
    assert not (tmp_path / "out" / FOLDER).exists()


def test_what_comes_last_is_part_of_the_run(model: Path, data: Path, tmp_path: Path) -> None:
    asked = settings(model, data, tmp_path / "out")

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(asked, finish=killed, compact=False)
    kept = len(list((tmp_path / "out" / FOLDER).iterdir()))
    assert kept > 5
    heard = Listener()
    run(asked, progress=heard, compact=False)
    assert f"{kept} finished stages of pos are there already; the run goes on behind them." in heard.notes


def test_a_text_is_not_read_twice(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.txt").write_text("the lazy fox fell .\n" * 40)
    asked = settings(model, tmp_path, tmp_path / "out", text=tmp_path / "text.txt")

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_general(asked, finish=killed)
    before = results(tmp_path / "out")
    heard = Listener()
    run_general(asked, progress=heard)
    assert "moments of the text" not in heard.stages
    assert results(tmp_path / "out") == before


def test_shards_that_are_there_are_told(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, compute, made = settings(model, data, tmp_path / "out"), filling.compute_shard, []
    plan = filling.plan_shards
    monkeypatch.setattr(filling, "plan_shards", lambda read: plan(read, 100))

    def killed(*args: Any, **named: Any) -> Any:
        made.append(1)
        if len(made) == 3:
            raise KeyboardInterrupt
        return compute(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(filling, "compute_shard", killed)
        with pytest.raises(KeyboardInterrupt):
            run(asked, compact=False)
    heard = Listener()
    run(asked, progress=heard, compact=False)
    assert [note for note in heard.notes if "shards" in note] == [
        "2 of 5 shards are there already; the others are computed."
    ]
