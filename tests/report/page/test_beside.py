"""What lies beside the results: taken where it belongs to them, left alone where not, named where damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.errors import ConfigError
from neurosieve.report.layers import NUMBERED
from neurosieve.report.page.beside import beside
from neurosieve.report.page.fronts import front_tables
from neurosieve.report.page.island.front import front_island, front_offers
from neurosieve.run.atlas.records import SCHEMA_VERSION, Atlas
from neurosieve.run.front.records import Front, front_name
from neurosieve.run.results import Results
from tests.run.front.example import example_front


def atlas_of(results: Results) -> Atlas:
    return Atlas(
        schema_version=SCHEMA_VERSION,
        layers=results.model.layers,
        units=results.model.units,
        rows="words",
        text=results.general.text,
        count=results.general.words,
        constants=[],
        threshold=0.3,
        found=[],
    )


def front_of(results: Results) -> Front:
    return example_front().model_copy(update={"run": results.created, "task": "chunk"})


def test_older_runs_have_neither(results: Results, tmp_path: Path) -> None:
    found = beside(results, tmp_path)
    assert found.atlas is None
    assert found.fronts == {}


def test_what_belongs_to_the_run_is_taken(results: Results, tmp_path: Path) -> None:
    atlas_of(results).save(tmp_path / "atlas.json")
    front_of(results).save(tmp_path / f"{front_name('chunk')}.json")
    found = beside(results, tmp_path)
    assert found.atlas == atlas_of(results)
    assert found.fronts == {"chunk": front_of(results)}


def test_what_belongs_to_another_run_is_left_alone(results: Results, tmp_path: Path) -> None:
    atlas_of(results).model_copy(update={"count": 5}).save(tmp_path / "atlas.json")
    front_of(results).model_copy(update={"run": "2020-01-01T00:00:00Z"}).save(tmp_path / f"{front_name('chunk')}.json")
    found = beside(results, tmp_path)
    assert (found.atlas, found.fronts) == (None, {})


def test_a_damaged_file_is_named(results: Results, tmp_path: Path) -> None:
    (tmp_path / "atlas.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"atlas\.json is damaged or of another version: .* Delete it, or run again"):
        beside(results, tmp_path)


def test_a_timed_front_takes_the_place_of_the_run_s_own(results: Results) -> None:
    task, front = results.tasks["chunk"], front_of(results)
    offers = front_offers(task, front, NUMBERED)
    assert len(offers) == len(front.points) + 1
    island = front_island(task, front, NUMBERED)
    assert island["timed"]
    costs = [one["cost"] for one in island["offers"]]
    assert costs == sorted(costs)
    on = {(one["cost"], one["dev"][0]) for one in island["offers"] if one["on"] and not one["chosen"]}
    assert on <= {(round(p.latency.ms, 6), round(p.dev.value, 6)) for p in front.points if p.on_front}
    (chosen,) = (one for one in island["offers"] if one["chosen"])
    assert chosen["cost"] == round(front.depths[3].latency.ms, 6)
    assert front_tables(results, {"chunk": front})["chunk"]["heads"][1] == "ms a sentence"


def test_without_one_the_cost_is_the_highest_layer(results: Results) -> None:
    offers = front_offers(results.tasks["chunk"], None, NUMBERED)
    beaten = [one for one in offers if one.beaten(offers)]
    assert {one.cost for one in offers} == set(range(7))
    assert any(one.what == "All of layer 6 alone" for one in beaten)
    assert not any(one.what == "All of layers 0 to 6" for one in beaten)
