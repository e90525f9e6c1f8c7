from __future__ import annotations

import re
from pathlib import Path

import pytest

from neurosieve.run import facts, redundancy, results, schema
from neurosieve.run.atlas import records as atlas
from neurosieve.run.results import SCHEMA_VERSION
from neurosieve.run.schema import Record

DOCS = Path(__file__).resolve().parents[2] / "docs" / "results-schema.md"
TOLD_ELSEWHERE = {
    *("Environment", "ClassScores", "ClusterCut", "LargestCluster", "CurvePoint", "SieveStep", "Difference"),
    *("ModelFacts", "LayerScores", "ModelSize", "ClusteredScores", "MinimalSet", "Curve"),
}
"""Records whose fields the page sums up in words."""

TOLD_HERE = [
    one
    for module in (schema, facts, redundancy, results, atlas)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Record) and one.__module__ == module.__name__
    if one.__name__ not in {*TOLD_ELSEWHERE, "Record"}
]


@pytest.fixture(scope="module")
def named() -> set[str]:
    """Every name that the page sets in code, whatever path it stands in."""
    code = re.findall(r"`([^`]+)`", DOCS.read_text(encoding="utf-8"))
    return {part for one in code for part in re.findall(r"\w+", one)}


@pytest.mark.parametrize("record", TOLD_HERE)
def test_every_field_is_documented(record: type[Record], named: set[str]) -> None:
    exempt = {"name", "task"} if record.__name__ == "CorpusFacts" else set()
    assert set(record.model_fields) - exempt - named == set()


def test_the_page_is_about_this_version() -> None:
    results_part, atlas_part = DOCS.read_text(encoding="utf-8").split("## atlas.json")
    assert f"`schema_version` (now {SCHEMA_VERSION})" in results_part
    assert f"`schema_version` (now {atlas.SCHEMA_VERSION})" in atlas_part
