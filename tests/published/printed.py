"""The printed numbers by cell, read from the CSV files without the package's reader; how a finding is checked."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from neurosieve.published import Finding, audit

WORDS = ("pos", "sem", "ccg", "chunk")
SENTENCES = ("sst2", "mrpc", "mnli", "qnli", "qqp", "rte", "stsb")
MODELS = ("BERT", "XLNet")
N = 13 * 768


def rows(name: str) -> list[dict[str, str]]:
    """A CSV file as text."""
    path = files("neurosieve.published").joinpath("data", f"{name}.csv")
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


FOUND = {item.name: item for item in audit()}
LEFT = {(r["model"], r["threshold"], r["task"]): float(r["neurons"]) for r in rows("table6")}
KEPT = {(r["model"], r["threshold"], r["task"]): float(r["score_percent"]) for r in rows("table6")}
LAYERS = {(r["model"], r["task"], r["row"]): float(r["score_percent"]) for r in rows("table7")}
BOLD = {(r["model"], r["task"], r["row"]): r["bold"] == "true" for r in rows("table7")}
SETS = {(r["model"], r["task"]): r for r in rows("table8")}
LS = {(r["model"], r["task"], r["row"]): float(r["value"] or "nan") for n in (9, 10) for r in rows(f"table{n}")}
CLAIMS = {(r["section"], r["key"], r["model"]): float(r["value"]) for r in rows("claims")}
THRESHOLDS = [f"0.{i}" for i in range(10)]


def check(name: str, verdict: str, **numbers: float) -> Finding:
    """The verdict and all the numbers of a finding."""
    found = FOUND[name]
    assert found.verdict == verdict
    assert found.numbers == pytest.approx(numbers, abs=1e-6)
    return found


def column(table: dict[tuple[str, str], dict[str, str]], model: str, tasks: tuple[str, ...], key: str) -> list[float]:
    return [float(table[model, task][key]) for task in tasks]
