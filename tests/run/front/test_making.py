"""A point becomes a compact model, and the two commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from neurosieve.compact import CompactModel, read_about
from neurosieve.errors import CompactError, ConfigError
from neurosieve.run.front import making as module
from neurosieve.run.front.choice import Limits
from neurosieve.run.front.making import choose, read_front
from neurosieve.run.front.records import Chosen, Front
from neurosieve.run.reopen import reopen
from tests.conftest import Call
from tests.run.conftest import Listener
from tests.run.front.conftest import Measured


@pytest.fixture(scope="module")
def small(measured: Measured, tmp_path_factory: pytest.TempPathFactory) -> tuple[Chosen, Path]:
    """The fastest that has what all but the worst points have."""
    scores = sorted(one.dev.value for one in measured.front.points)
    out = tmp_path_factory.mktemp("chosen") / "small"
    limits = Limits(min_score=scores[len(scores) // 2], by="score")
    return choose(measured.folder, limits, out), out


def test_the_model_is_the_point_and_predicts_what_its_probe_does(
    measured: Measured, small: tuple[Chosen, Path]
) -> None:
    chosen, out = small
    point, run = chosen.point, reopen(measured.folder)
    model = CompactModel.from_pretrained(out)
    columns = run.encoder.grid.columns(model.head.neurons)
    if point.order is not None:
        assert columns.tolist() == measured.front.orders[point.order].columns[: point.neurons]
    assert len(columns) == point.neurons == chosen.compact.compact.neurons
    assert model.encoder.n_layers == point.last_layer + 1 == chosen.compact.compact.layers

    prepared = run.prepared("pos")
    scores = model.scores(prepared.items).numpy()
    found = scores[~np.isnan(scores[:, 0])].argmax(axis=1)
    gold = prepared.data.test_gold.labels
    assert (found == gold).mean() == pytest.approx(chosen.compact.compact.test.value)
    assert chosen.compact.parity == 0
    # The same family of probes gives the same probe.
    assert chosen.dev == point.dev
    assert chosen.compact.compact.test.value == point.test.value
    assert chosen.difference == point.difference
    assert chosen.compact.full.test.value == measured.front.oracle.test.value
    assert (chosen.latency.rounds, chosen.latency.ms > 0) == (2, True)


def test_what_was_asked_is_in_the_record(measured: Measured, small: tuple[Chosen, Path]) -> None:
    chosen, out = small
    assert (chosen.task, chosen.max_latency, chosen.by, chosen.folder) == ("pos", None, "score", str(out))
    values = [one.dev.value for one in measured.front.points]
    assert chosen.admitted == sum(value >= chosen.min_score for value in values) < len(values)
    assert chosen.point in measured.front.points


def test_the_best_score_may_be_the_oracle_s_whole_set(measured: Measured, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "pick", lambda points, _: measured.front.oracle)
    heard = Listener()
    chosen = choose(measured.folder, Limits(max_latency=1e6), tmp_path / "all", progress=heard)
    assert chosen.compact.compact.neurons == measured.front.oracle.neurons
    assert (chosen.difference.value, chosen.difference.interval) == (0.0, (0.0, 0.0))
    assert heard.stages[-4:] == ["oracle and layers", "head", "compact model", "latency"]


def test_without_limits_or_room_nothing_is_opened(measured: Measured, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "reopen", lambda *_, **__: pytest.fail("the run was opened"))
    with pytest.raises(ConfigError, match="Say what the compact model must keep to"):
        choose(measured.folder, Limits(), tmp_path / "out")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CompactError, match="holds something else than a compact model"):
        choose(measured.folder, Limits(max_latency=1.0), tmp_path)


def test_a_front_that_is_missing_damaged_or_of_another_run_is_refused(measured: Measured, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(measured.folder, tmp_path / "run"))
    path, limits = folder / "front-pos.json", Limits(max_latency=1e6)
    measured.front.model_copy(update={"run": "2001-01-01T00:00:00+00:00"}).save(path)
    with pytest.raises(ConfigError, match=r"belongs to a run of 2001-01-01.* run `neurosieve front .*` again"):
        choose(folder, limits, tmp_path / "out")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"front-pos\.json is damaged or of another version; run `neurosieve front"):
        read_front(folder, "pos")
    path.unlink()
    with pytest.raises(
        ConfigError, match=r"There is no front of pos in .*: run `neurosieve front .* --task pos` first"
    ):
        choose(folder, limits, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_commands_do_the_same(
    call: Call, measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    folder = Path(shutil.copytree(measured.folder, tmp_path / "run"))
    (folder / "front-pos.json").unlink()
    asked = ["--threshold", 0, "--threshold", 0.5, "--per-doubling", 1, "--rounds", 1]
    done = call("front", folder, *asked)
    assert done.status == 0, done.err
    front = Front.load(folder / "front-pos.json")
    before = measured.front
    assert [one.dev for one in sorted(front.points, key=lambda p: (p.neurons, p.dev.value, p.last_layer))] == [
        one.dev for one in sorted(before.points, key=lambda p: (p.neurons, p.dev.value, p.last_layer))
    ]
    assert f"Page: {folder / 'front-pos.html'}" in done.out
    assert f"Numbers: {folder / 'front-pos.json'}" in done.out
    assert {"front-pos.html", "tables/front-pos.csv", "figures/front-pos.svg", "figures/front-pos.png"} <= {
        path.relative_to(folder).as_posix() for path in folder.rglob("*")
    }
    assert "By depth" in done.out
    whole = ("Page", "Numbers", "  neurosieve ")  # to be copied as they are
    assert [line for line in done.out.splitlines() if len(line) > 80 and not line.startswith(whole)] == []

    out = tmp_path / "small"
    made = call("choose", folder, "--max-latency", 1e6, "--out", out)
    assert made.status == 0, made.err
    best = max(one.dev.value for one in front.points)
    assert made.out.startswith("- Taken: ")
    assert f"Compact model: {out}" in made.out
    kept = {len(task.neurons) for task in read_about(out).tasks.values()}
    assert kept <= {one.neurons for one in front.points if one.dev.value == best}
    again = call("choose", folder, "--min-score", 0.1, "--by", "score", "--out", out, "--json")
    assert again.status == 0, again.err
    assert Chosen(**json.loads(again.out)).admitted == len([one for one in front.points if one.dev.value >= 0.1])


def test_wrong_use_is_told(call: Call, measured: Measured, tmp_path: Path) -> None:
    none = call("choose", measured.folder, "--out", tmp_path / "out")
    assert none.status == 2
    assert "Give --max-latency or --min-score, or both." in none.err
    percent = call("choose", measured.folder, "--min-score", 90, "--out", tmp_path / "out")
    assert (percent.status, percent.out) == (1, "")
    assert percent.err == "neurosieve: A score is 1 at most, such as 0.9 for 90 %; this one is 90.\n"
    nowhere = call("front", tmp_path / "nothing")
    assert nowhere.status == 1
    assert "is no folder of a run" in nowhere.err
    threshold = call("front", measured.folder, "--threshold", 3)
    assert (threshold.status, threshold.out) == (1, "")
    assert "Thresholds lie above 0 and up to 1" in threshold.err


def test_a_task_without_its_compact_model_is_an_error(measured: Measured) -> None:
    task = reopen(measured.folder).results.tasks["pos"].model_copy(update={"compact": None})
    with pytest.raises(ValueError, match="make_compact left a task without its compact model"):
        module._compact(task)
