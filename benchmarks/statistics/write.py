"""What came out, as JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.write import table
from benchmarks.statistics.outcome import Outcome

HEAD = ("check", "setting", "procedure", "simulations", "share", "must be", "kept")


def write_all(outcomes: Sequence[Outcome], facts: dict[str, int], out: Path) -> None:
    """Write ``statistics.json`` and ``statistics.md`` into a folder, each under a temporary name first."""
    out.mkdir(parents=True, exist_ok=True)
    whole = {"settings": facts, "outcomes": [one.to_dict() for one in outcomes]}
    for name, text in (("statistics.json", json.dumps(whole, indent=1)), ("statistics.md", markdown(outcomes))):
        partial = out / (name + ".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(out / name)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """One row for each figure, in percent with its standard error."""
    return table(HEAD, [_row(one) for one in outcomes]) + "\n"


def _row(one: Outcome) -> tuple[str, ...]:
    share = f"{100 * one.share:.1f} ± {100 * one.error:.1f} %"
    kept = {True: "yes", False: "**no**", None: ""}[one.kept]
    return one.check, one.setting, one.procedure, f"{one.simulations:,}", share, _wanted(one), kept


def _wanted(one: Outcome) -> str:
    if one.low is not None and one.high is not None:
        return f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
    return f"at most {100 * one.high:.1f} %" if one.high is not None else ""
