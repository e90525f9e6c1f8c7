"""Twenty rounds of faults in real processes: what is left has the bytes of an undisturbed run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults.script", str(tmp_path_factory.mktemp("faults")), str(ROUNDS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_nothing_is_lost(found: dict[str, Any]) -> None:
    lost = [one for one in found["sound"]["rounds"] if one["lost"] or one["problems"]]
    assert lost == []
    assert found["sound"]["survived"] == ROUNDS


def test_most_faults_hit_and_all_commands_are_among_them(found: dict[str, Any]) -> None:
    sound = found["sound"]
    assert sound["injected"] >= ROUNDS
    assert sound["hit"] > sound["injected"] / 2
    assert {one["job"] for one in sound["rounds"]} == {"extract", "search", "finetune"}
    assert sum(one["kept"] for one in sound["rounds"]) > 20  # shards that were not written again


def test_a_loss_is_seen(found: dict[str, Any]) -> None:
    """Where nobody verifies, a flipped bit stays."""
    hit = [one for one in found["blind"]["rounds"] if one["faults"][0][1]]
    assert hit
    assert all("differs" in one["lost"][0] for one in hit)
