"""What workers hold is counted beside the leading process, stage by stage."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from neurosieve.errors import MemoryLimitError
from neurosieve.report.forecast import forecast_text
from neurosieve.run.forecast import memory
from neurosieve.run.forecast.before import forecast_run
from neurosieve.run.forecast.planning import Allowed, planned
from neurosieve.run.forecast.rates import UNKNOWN
from neurosieve.run.forecast.records import StageForecast
from neurosieve.run.forecast.sizes import Plan, RunSize
from neurosieve.run.forecast.stages import of_extract, of_general, of_run
from neurosieve.run.pipeline import run_general
from tests.run.forecast.test_forecast_memory import HELD, size
from tests.run.small import settings


def by_name(asked: RunSize, workers: int) -> dict[str, StageForecast]:
    return {stage.name: stage for stage in of_run(replace(asked, workers=workers), Plan(), UNKNOWN, HELD)}


def test_idle_workers_hold_what_they_loaded() -> None:
    asked = size(text=False)
    alone, team = by_name(asked, 0), by_name(asked, 3)
    idle = ["general redundancy", "clusters and accuracy", "rankings", "intervals", "compact model"]
    assert [team[name].peak_bytes - alone[name].peak_bytes for name in idle] == [3 * HELD] * len(idle)


@pytest.mark.parametrize("name", ["oracle and layers", "minimal set: lca", "sieve", "control task"])
def test_whoever_shares_a_pass_holds_more_than_an_idle_worker(name: str) -> None:
    asked = size(text=False)
    assert by_name(asked, 2)[name].peak_bytes - by_name(asked, 0)[name].peak_bytes > 2 * HELD


@pytest.mark.parametrize("numeric", [True, False])
def test_numbers_are_fitted_without_a_team(numeric: bool) -> None:
    asked = size(text=False)
    asked = replace(asked, tasks=(replace(asked.tasks[0], numeric=numeric, outputs=1 if numeric else 20),))
    more = by_name(asked, 2)["oracle and layers"].peak_bytes - by_name(asked, 0)["oracle and layers"].peak_bytes
    assert (more == 2 * HELD) is numeric


def test_each_worker_has_sums_of_its_own() -> None:
    asked = size(text=False)
    rests = [
        by_name(asked, workers)["moments"].peak_bytes - workers * (HELD + memory.moments(asked.model, 20_000, Plan()))
        for workers in (2, 3, 4)
    ]
    assert len(set(rests)) == 1
    assert rests[0] > HELD + memory.products(asked.model)


def test_every_worker_has_a_shard_of_its_own() -> None:
    asked = replace(size(words=200_000), workers=2)
    (stage,) = of_extract(asked, Plan(), UNKNOWN, HELD)
    assert stage.peak_bytes > 3 * HELD + 2 * 2 * memory.shard(asked.model, 10**6)


def test_more_workers_hold_more() -> None:
    peaks = [max(stage.peak_bytes for stage in by_name(size(), workers).values()) for workers in (0, 2, 3, 8)]
    assert all(b > a + HELD for a, b in pairwise(peaks))


def test_a_limit_is_of_all_processes_together() -> None:
    asked = replace(size(text=False, words=200_000), workers=4)

    def stages(plan: Plan) -> list[StageForecast]:
        return of_run(asked, plan, UNKNOWN, HELD)

    roomy = max(stage.peak_bytes for stage in stages(Plan()))
    plan = planned(stages, Plan(), Allowed(int(0.85 * roomy), True))
    assert max(stage.peak_bytes for stage in stages(plan)) <= 0.85 * roomy
    with pytest.raises(MemoryLimitError, match="would hold"):
        planned(stages, Plan(), Allowed(5 * HELD, True))


def test_a_team_stores_a_text() -> None:
    asked = size()
    alone, team = (of_general(replace(asked, workers=n), Plan(), UNKNOWN, HELD) for n in (0, 2))
    assert [stage.name for stage in team] == ["extract the text", *(stage.name for stage in alone)]
    assert sum(stage.cache_bytes for stage in alone) == 0
    assert team[0].cache_bytes > 20_000 * asked.model.neurons * asked.model.number


def test_the_stages_of_a_team_are_those_of_the_run(model, text, tmp_path) -> None:
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text, workers=2, threads=1)
    found = forecast_run(asked, "general")
    assert found.workers == 2
    assert "That is of 3 processes" in re.sub(r"\s+", " ", forecast_text(found))
    read = {"read corpus", "read text"}
    expected = [stage.name for stage in run_general(asked).stages if stage.name not in read]
    assert [stage.name for stage in found.stages if stage.name not in read] == expected


@pytest.mark.parametrize("more", [{}, {"workers": 1}, {"ranks": True}, {"workers": 2, "ray_address": "local"}])
def test_who_works_elsewhere_is_not_counted(more, model, data, tmp_path) -> None:
    assert forecast_run(settings(model, data, tmp_path / "out", **more), "extract").workers == 0
