"""The Python of docs/scikit-learn.md runs as it stands, and prints what the page says it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scikit-learn.md"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_it_prints_what_it_says(tmp_path: Path) -> None:
    code, said = "\n".join(fenced("python")), "".join(fenced("text")).splitlines()
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = run.stdout.splitlines()
    assert [NUMBER.sub("#", line) for line in found] == [NUMBER.sub("#", line) for line in said]
    for line, expected in zip(found, said, strict=True):
        *sizes, score = (float(number) for number in NUMBER.findall(line))
        *said_sizes, said_score = (float(number) for number in NUMBER.findall(expected))
        assert score == pytest.approx(said_score, abs=0.02)  # other processors round otherwise
        assert sizes == pytest.approx(said_sizes, abs=8)


def test_every_attribute_of_its_table_exists() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (PAGE.parents[1] / "src/neurosieve/estimators").glob("*.py")
    )
    table = re.search(r"\| attribute \|.*?\n\n", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert table is not None
    named = set(re.findall(r"`(\w+_)`", table.group()))
    assert len(named) > 12
    assert {name for name in named if f"self.{name} " not in source and f"self.{name}," not in source} == set()
