"""``docs/paper.md`` prints the audit, whole and unaltered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from neurosieve.published import Finding, audit
from neurosieve.published.finding import finding, mean, shown
from tests.published.printed import FOUND

PAGE = Path(__file__).resolve().parents[2] / "docs" / "paper.md"


def test_every_name_is_tested_and_occurs_once() -> None:
    assert len(FOUND) == len(audit()) == 36


@pytest.mark.parametrize("item", FOUND.values(), ids=FOUND)
def test_the_page_has_every_finding_with_its_numbers(item: Finding) -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{item.name}` |")]
    assert len(lines) == 1
    cells = [cell.strip() for cell in lines[0].strip("|").split(" | ")]
    assert cells == [f"`{item.name}`", item.where, item.claim, item.found, item.verdict]
    for value in item.numbers.values():
        assert shown(value) in item.found


def test_the_page_has_no_finding_that_is_gone() -> None:
    lines = PAGE.read_text(encoding="utf-8").split("## The audit")[1].splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == list(FOUND)


def test_numbers_are_shown_with_two_decimals_at_most() -> None:
    assert [shown(value) for value in (130.0, 152.857, 0.3, 99.999, 100.0)] == ["130", "152.86", "0.3", "100", "100"]
    assert finding("a", "b", "c", "{x} of {y}", "agrees", x=1, y=2.25).found == "1 of 2.25"


@pytest.mark.parametrize("values", [[], [1.0, None]])
def test_a_mean_of_empty_cells_is_refused(values: list[float | None]) -> None:
    with pytest.raises(ValueError, match="a mean needs printed values and no empty cell"):
        mean(values)


def test_the_page_counts_the_verdicts() -> None:
    verdicts = [item.verdict for item in audit()]
    agree, disagree, open_ = (verdicts.count(v) for v in ("agrees", "disagrees", "cannot be checked"))
    text = f"Of {len(verdicts)} items {agree} agree, {disagree} disagree and {open_} cannot be checked."
    assert text in PAGE.read_text(encoding="utf-8")


def test_every_module_on_the_page_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8").split("## Departures")[0]
    source = PAGE.parents[1] / "src" / "neurosieve"
    names = {name for name in re.findall(r"`([a-z0-9_/]+(?:\.py|/))`", text) if not name.startswith("src/")}
    roots = (source, source / "report" / "paper")
    assert len(names) > 30
    assert [name for name in sorted(names) if not any((root / name).exists() for root in roots)] == []
