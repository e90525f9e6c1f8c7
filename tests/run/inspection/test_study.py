"""A closer look at small runs, end to end: what is written, what is taken over, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from neurosieve.errors import ConfigError
from neurosieve.report.inspection import inspection_sentences, write_inspection
from neurosieve.run.inspection import study as module
from neurosieve.run.inspection.records import Inspection, InspectionSettings
from neurosieve.run.inspection.study import PARTS, inspect_run, stem_of
from neurosieve.run.pipeline import run
from tests.run.conftest import Done, Listener
from tests.run.small import settings, write_sst2, write_stsb

ASKED = InspectionSettings(threshold=0.6, clusters=4, words=3, splits=2)


@pytest.fixture(scope="module")
def folder(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(done.out, tmp_path_factory.mktemp("inspected") / "run"))


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module")
def found(folder: Path, listener: Listener) -> Inspection:
    return inspect_run(folder, settings=ASKED, progress=listener, command="neurosieve inspect run")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that are really made from now on."""
    made: list[str] = []

    def told(name: str):
        part = PARTS[name]
        return lambda subject: made.append(name) or part(subject)

    monkeypatch.setattr(module, "PARTS", {name: told(name) for name in PARTS})
    return made


def test_every_part_is_there_and_agrees_with_the_run(found: Inspection, done: Done) -> None:
    cut = next(cut for cut in done.results.general.cuts if cut.threshold == 0.6)
    assert found.clusters.clusters == cut.clusters
    assert found.clusters.found[0].size == cut.largest_cluster
    assert found.clusters.neurons == done.results.model.neurons == 128
    point = next(point for point in found.spread.points if point.threshold == 0.6)
    assert point.clusters == cut.clusters
    assert found.left_out == {}
    assert (found.stem, found.task, found.kind, found.metric) == ("inspection", "pos", "labelling", "accuracy")
    assert found.rows == done.results.tasks["pos"].corpus.splits["train"].words
    assert found.run_created == done.results.created
    minimal = len(done.results.tasks["pos"].minimal_set["forward"].neurons)
    assert found.damage.minimal == minimal
    assert minimal in [size.neurons for size in found.damage.sizes]
    assert found.damage.oracle.value == pytest.approx(done.results.tasks["pos"].oracle.test.value)
    assert {one.label for one in found.class_sets.classes} <= set(done.results.tasks["pos"].corpus.classes)


def test_stages_are_told_as_they_begin(found: Inspection, listener: Listener) -> None:
    names = [stage.name for stage in found.stages]
    assert [name for name in listener.stages if name in names] == listener.stages
    for name in ("clusters", "words", "copies", "spread of the clusters", "oracle", "a ranking for each class"):
        assert name in names


def test_what_is_written_is_what_was_found(found: Inspection, folder: Path) -> None:
    assert Inspection.load(folder / "inspection.json") == found
    page = write_inspection(found, folder)
    assert page == folder / "inspection.html"
    assert {path.name for path in (folder / "inspection").iterdir()} >= {
        "clusters.csv",
        "members.csv",
        "copies.csv",
        "damage.csv",
        "class-sets.csv",
        "columns.csv",
    }
    assert not list(folder.rglob("*.partial"))
    assert all(sentence.endswith((".", ")")) for sentence in inspection_sentences(found))


def test_the_same_again_makes_nothing_anew(found: Inspection, folder: Path, ran: list[str]) -> None:
    again = inspect_run(folder, settings=ASKED)
    assert ran == []
    parts = (*PARTS, "rows", "sentences", "stages")
    assert all(getattr(again, name) == getattr(found, name) for name in parts)


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ({"threshold": 0.5}, ["clusters", "copies", "spread"]),
        ({"words": 2}, ["clusters"]),
        ({"splits": 0}, ["spread"]),
        ({"classes": False}, ["damage", "class_sets"]),
    ],
)
def test_only_what_changes_is_made_anew(
    found: Inspection, folder: Path, tmp_path: Path, ran: list[str], changed: dict[str, object], made: list[str]
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "run"))
    again = inspect_run(copy, settings=ASKED.model_copy(update=changed))
    assert ran == made
    assert set(again.left_out) == {name for name in made if getattr(again, name) is None}
    for name in set(PARTS) - set(made):
        assert getattr(again, name) == getattr(found, name)


def test_interrupted_it_goes_on_behind_the_last_part(
    found: Inspection, folder: Path, tmp_path: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "run"))
    (copy / "inspection.json").unlink()
    whole = module.PARTS

    def interrupted(subject: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "PARTS", {**whole, "spread": interrupted})
    with pytest.raises(KeyboardInterrupt):
        inspect_run(copy, settings=ASKED)
    kept = Inspection.load(copy / "inspection.json")
    assert kept.clusters == found.clusters
    assert (kept.spread, kept.damage) == (None, None)
    ran.clear()
    monkeypatch.setattr(module, "PARTS", whole)
    again = inspect_run(copy, settings=ASKED)
    assert ran == ["spread", "damage", "class_sets"]
    assert again.damage == found.damage


def test_a_run_made_anew_is_inspected_anew(found: Inspection, folder: Path, tmp_path: Path, ran: list[str]) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "run"))
    other = json.loads((copy / "results.json").read_text(encoding="utf-8")) | {"created": "2030-01-01T00:00:00+00:00"}
    (copy / "results.json").write_text(json.dumps(other), encoding="utf-8")
    again = inspect_run(copy, settings=ASKED.model_copy(update={"classes": False, "splits": 0}))
    assert ran == list(PARTS)
    assert again.run_created == "2030-01-01T00:00:00+00:00"


@pytest.mark.parametrize("text", ["", '{"schema_version": 99}', '{"schema_version": 1}'])
def test_a_damaged_inspection_is_refused_with_what_to_do(folder: Path, tmp_path: Path, text: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "run"))
    (copy / "inspection.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"inspection\.json is damaged or of another version: .* Delete it, and insp"):
        inspect_run(copy, settings=ASKED)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder of a run"):
        inspect_run(tmp_path / "nowhere")


def test_a_task_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="has no task 'chunk'"):
        inspect_run(folder, task="chunk")


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0.0}, {"threshold": 1.0}, {"clusters": 0}, {"words": 0}, {"splits": -1}, {"what": 1}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        InspectionSettings(**wrong)


def test_stems() -> None:
    assert stem_of("pos", ["pos"]) == "inspection"
    names = ["Chunk", "chunk", "§"]
    assert [stem_of(name, names) for name in names] == ["inspection-1-chunk", "inspection-2-chunk", "inspection-3"]


def test_tasks_on_texts_and_with_numbers(model, data, tmp_path: Path) -> None:
    sst2, stsb = write_sst2(tmp_path / "SST-2"), write_stsb(tmp_path / "STS-B")
    tasks = [
        {"task": "pos", "data": data},
        {"task": "sst2", "data": sst2, "pooling": "mean"},
        {"task": "stsb", "data": stsb, "pooling": "mean"},
    ]
    run(settings(model, None, tmp_path / "out", tasks=tasks), compact=False)

    texts = inspect_run(tmp_path / "out", task="sst2", settings=ASKED)
    assert (texts.stem, texts.kind, texts.rows) == ("inspection-2-sst2", "classification", 135)
    seen = texts.clusters.words[0]
    assert len(seen.highest[0].text.split()) >= 5
    assert (seen.highest[0].left, seen.highest_types) == ([], [])
    assert {one.label for one in texts.damage.classes} == {"0", "1"}

    numbers = inspect_run(tmp_path / "out", task="stsb", settings=ASKED)
    assert (numbers.damage, numbers.class_sets) == (None, None)
    assert numbers.left_out == dict.fromkeys(("damage", "class_sets"), "Labels are numbers, so there are no classes.")
    assert " ⏐ " in numbers.clusters.words[0].highest[0].text
    for one in (texts, numbers):
        page = write_inspection(one, tmp_path / "out")
        assert page.name == f"{one.stem}.html"
        assert "Left out: damage by class" in page.read_text(encoding="utf-8") or one is texts
    assert {path.name for path in (tmp_path / "out").glob("inspection*.html")} == {
        "inspection-2-sst2.html",
        "inspection-3-stsb.html",
    }
