"""``atlas.json`` of whole runs: of a task, of a text, at one threshold, and after a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neurosieve.run import pipeline
from neurosieve.run.atlas import choice
from neurosieve.run.atlas.choice import first_sentences
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.redundancy import General
from tests.run.conftest import Done, Listener
from tests.run.small import settings, write_sst2
from tests.tiny_models import BLOCKS, UNITS

N = (BLOCKS + 1) * UNITS


def atlas_in(out: Path) -> Atlas:
    return Atlas.load(out / "atlas.json")


def refuse_other_clusters(atlas: Atlas, general: General) -> None:
    """The atlas and the results count the same."""
    assert (atlas.text, atlas.count, atlas.rows) == (general.text, general.words, general.rows)
    assert [divmod(column, UNITS) for column in atlas.constants] == general.constants
    assert atlas.merges is not None
    for cut in general.cuts:
        assert N - sum(height <= cut.threshold for height in atlas.merges.height) == cut.clusters
    cut = next(one for one in general.cuts if one.threshold == atlas.threshold)
    assert len(atlas.found) == cut.clusters - cut.singletons
    for mine, other in zip(atlas.found, general.largest_clusters, strict=False):
        assert (mine.members, mine.representative) == (other.members, other.representative)


def test_a_run_writes_its_clusters_with_words(done: Done) -> None:
    atlas = atlas_in(done.out)
    assert done.results.general is not None
    refuse_other_clusters(atlas, done.results.general)
    assert (atlas.layers, atlas.units) == (BLOCKS + 1, UNITS)
    assert {one.cluster for one in atlas.seen[:40]} == {one.number for one in atlas.found[:40]}
    assert all(one.heats for one in atlas.seen)
    assert atlas.seen
    assert done.stages.index("general redundancy") < done.stages.index("clusters in words")
    assert done.stages.index("clusters in words") < done.stages.index("oracle and layers")


class Killer(Listener):
    """Ends the run when a stage begins."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at = at

    def stage(self, name: str) -> None:
        super().stage(name)
        if name == self._at:
            raise KeyboardInterrupt


@pytest.mark.parametrize(("at", "times"), [("clusters in words", 1), ("oracle and layers", 0)])
def test_a_killed_run_takes_it_over(
    done: Done, model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, times: int
) -> None:
    asked = settings(model, data, tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        run(asked, progress=Killer(at), compact=False)
    written = tmp_path / "out" / "atlas.json"
    assert written.exists() == (times == 0)
    written.unlink(missing_ok=True)
    made, called = pipeline.atlas_of_task, []

    def counted(*args: Any) -> Atlas:
        called.append(1)
        return made(*args)

    monkeypatch.setattr(pipeline, "atlas_of_task", counted)
    run(asked, compact=False)
    assert len(called) == times
    assert written.read_bytes() == (done.out / "atlas.json").read_bytes()


def test_a_text_has_clusters_with_words(model: Path, text: Path, tmp_path: Path) -> None:
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text)
    results = run_general(asked)
    atlas = atlas_in(tmp_path / "out")
    assert results.general is not None
    refuse_other_clusters(atlas, results.general)
    assert atlas.looked_at is None
    assert {one.cluster for one in atlas.seen[:40]} == {one.number for one in atlas.found[:40]}
    written = set(text.read_text(encoding="utf-8").split())
    assert all(word.text in written for one in atlas.seen for word in one.words.highest)
    assert all(set(heat.words) <= written and heat.deviations for one in atlas.seen for heat in one.heats)


def test_words_are_looked_for_at_the_beginning_of_a_long_text(
    model: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = settings(model, None, tmp_path / "a", task="code-roles", text=text)
    run_general(asked)
    whole = atlas_in(tmp_path / "a")
    monkeypatch.setattr(choice, "LOOKED_AT", whole.count // 2)
    run_general(asked.model_copy(update={"out": tmp_path / "b"}))
    half = atlas_in(tmp_path / "b")
    assert half.found == whole.found
    assert half.looked_at is not None
    assert whole.count // 2 - 40 < half.looked_at <= whole.count // 2
    last = max(word.sentence for one in whole.seen for word in one.words.highest)
    assert max(word.sentence for one in half.seen for word in one.words.highest) < last


def test_the_first_sentences_hold_as_many_words_as_are_looked_at_and_are_one_at_least() -> None:
    assert first_sentences([["a"] * 4000] * 3) == 2
    assert first_sentences([["a"] * 5000] * 3) == 2
    assert first_sentences([["a"] * 20_000, ["b"]]) == 1
    assert first_sentences([["a"]] * 30) == 30


def test_a_killed_run_of_a_text_takes_it_over(model: Path, text: Path, tmp_path: Path) -> None:
    asked, heard = settings(model, None, tmp_path / "out", task="code-roles", text=text), Listener()

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_general(asked, finish=killed)
    before = (tmp_path / "out" / "atlas.json").read_bytes()
    (tmp_path / "out" / "atlas.json").unlink()
    run_general(asked, progress=heard)
    assert "clusters of the text" not in heard.stages
    assert (tmp_path / "out" / "atlas.json").read_bytes() == before


def test_one_threshold_by_tiles_has_the_same_clusters_and_no_merges(model: Path, text: Path, tmp_path: Path) -> None:
    asked = settings(model, None, tmp_path / "a", task="code-roles", text=text)
    run_general(asked)
    run_general(asked.model_copy(update={"threshold": 0.3, "out": tmp_path / "b"}))
    all_at_once, by_tiles = atlas_in(tmp_path / "a"), atlas_in(tmp_path / "b")
    assert (by_tiles.merges, by_tiles.seen, by_tiles.threshold) == (None, [], 0.3)
    assert by_tiles.constants == all_at_once.constants
    assert len(by_tiles.found) == len(all_at_once.found) > 2
    for mine, other in zip(by_tiles.found, all_at_once.found, strict=True):
        assert (mine.number, mine.members, mine.per_layer) == (other.number, other.members, other.per_layer)
        assert mine.explained_variance == pytest.approx(other.explained_variance, abs=2e-5)
        assert mine.r == pytest.approx(other.r, abs=2e-5)


def test_beside_tasks_it_is_the_text_s(model: Path, data: Path, text: Path, tmp_path: Path) -> None:
    write_sst2(tmp_path / "sst")
    tasks: list[dict[str, Any]] = [
        {"task": "sst2", "data": tmp_path / "sst", "pooling": "mean"},
        {"task": "pos", "data": data},
    ]
    heard = Listener()
    asked = settings(model, data, tmp_path / "out", tasks=tasks, text=text, controls=False)
    results = run(asked, progress=heard, compact=False)
    atlas = atlas_in(tmp_path / "out")
    assert results.general is not None
    assert results.general.text == "text.txt"
    refuse_other_clusters(atlas, results.general)
    assert (atlas.rows, atlas.text) == ("words", "text.txt")
    assert any(one.heats for one in atlas.seen)
    assert [name for name in heard.stages if "in words" in name] == ["clusters of the text in words"]


def test_of_several_tasks_it_is_the_first_s(model: Path, data: Path, tmp_path: Path) -> None:
    write_sst2(tmp_path / "sst")
    tasks: list[dict[str, Any]] = [
        {"task": "sst2", "data": tmp_path / "sst", "pooling": "mean"},
        {"task": "pos", "data": data},
    ]
    heard = Listener()
    results = run(settings(model, data, tmp_path / "out", tasks=tasks, controls=False), progress=heard, compact=False)
    atlas = atlas_in(tmp_path / "out")
    assert (atlas.rows, atlas.text) == ("texts", "train split of SST-2")
    assert atlas.count == results.tasks["sst2"].corpus.splits["train"].sentences
    assert all(one.heats == [] and one.words.highest for one in atlas.seen)
    assert [name for name in heard.stages if "clusters in words" in name] == ["sst2: clusters in words"]
