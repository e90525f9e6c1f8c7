"""A run of dozens of tasks, ten thousand neurons and hundreds of classes: its page stays small."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from neurosieve.report.gallery import Plate, task_plates
from neurosieve.report.page import sections, write_report
from neurosieve.report.page.room import fewer
from neurosieve.run.results import Results, Task

ENDINGS = ("layers", "curves", "kept", "clustered", "speed", "classes")


def large(results: Results) -> Results:
    task = results.tasks["chunk"]
    classes = [
        task.oracle.per_class[0].model_copy(update={"label": f"class {n}", "support": 400 - n}) for n in range(300)
    ]
    twelve = [task.curves[n % 3].model_copy(update={"ranking": f"ranking {n}"}) for n in range(12)]
    changed = task.model_copy(
        update={
            "curves": twelve,
            "oracle": task.oracle.model_copy(update={"per_class": classes}),
            "sieve": task.sieve.model_copy(update={"per_class": classes}),
        }
    )
    names = [f"task {n}" for n in range(36)]
    return results.model_copy(update={"tasks": dict.fromkeys(names, changed), "compact": None})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, results: Results) -> None:
    """Figures of the usual weight that take no time to draw; layers are drawn once."""
    (drawn,) = (
        plate
        for plate in task_plates("t", "t", results.tasks["chunk"].model_copy(update={"curves": []}), None)
        if plate.name == "t-layers"
    )

    def plates(name: str, prefix: str, task: Task, *_: Any) -> list[Plate]:
        return [Plate(f"{prefix}-{ending}", ending, ending, f"{ending}.", drawn.figure) for ending in ENDINGS]

    monkeypatch.setattr(sections, "task_plates", plates)
    monkeypatch.setattr(sections, "general_plates", lambda *_: [])
    monkeypatch.setattr(sections, "svg", lambda figure, name, title: f"<svg>{'<g></g>' * 5000}</svg>")
    monkeypatch.setattr(sections, "png", lambda figure: b"png")


@pytest.mark.usefixtures("quick")
def test_a_large_run_stays_small(results: Results, tmp_path: Path) -> None:
    path = write_report(large(results), tmp_path)
    html = path.read_text(encoding="utf-8")
    assert len(html.encode()) < 6_000_000
    assert html.count("<svg>") == 34  # of 35,011 bytes each in 1.2 million
    left = re.findall(r'The picture is beside this page: <a href="(figures/[^"]+)"', html)
    assert len(left) == 36 * 6 - 34
    assert all((tmp_path / name).is_file() for name in left)
    assert html.count("data-chart=") == 36 * 6
    found = json.loads(re.search(r'(?s)id="data">(.*?)</script>', html)[1])
    one = found["tasks"]["task-7"]
    assert len(one["curves"]) == 12
    assert len(one["classes"]) == 300
    assert max(len(curve["screened"]) for curve in one["curves"]) < 100


def test_few_tasks_share_nothing() -> None:
    assert [fewer(60, tasks, 8) for tasks in (1, 6, 12, 400)] == [60, 60, 30, 8]
