from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from faults.damage import DAMAGE
from faults.left_out import compared
from faults.rounds import Round
from faults.snapshots import differences, leftovers, snapshot, sound_shards, stamp
from faults.telling import as_json, problems, table

ROOT = Path(__file__).resolve().parents[2]


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_what_is_missing_more_or_another_is_seen(tmp_path: Path) -> None:
    expected = snapshot(write(tmp_path / "a", x="1", y="2", z="3"))
    other = snapshot(write(tmp_path / "b", x="1", y="5", w="4"))
    assert differences(expected, expected) == []
    assert differences(other, expected) == ["z is missing", "w is too much", "y differs"]


def test_temporary_files_count_for_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, x="1")
    before = snapshot(root)
    write(root, x__12ab__partial="half")
    write(root / "model.77.partial", x="half")
    assert snapshot(root) == before
    assert len(leftovers(root)) == 2


def test_of_records_only_clocks_are_left_out(tmp_path: Path) -> None:
    record = {"created": "now", "tasks": [{"seconds": 1.5, "value": 0.1}], "seed": 1}
    path = write(tmp_path, r__json=json.dumps(record)) / "r.json"
    first = compared(path)
    path.write_text(json.dumps(record | {"created": "then", "tasks": [{"seconds": 9, "value": 0.1}]}))
    assert compared(path) == first
    path.write_text(json.dumps(record | {"tasks": [{"seconds": 1.5, "value": 0.2}]}))
    assert compared(path) != first
    path.write_text("{")
    assert compared(path) == b"{"


def test_pages_and_times_only_have_to_be_there(tmp_path: Path) -> None:
    for name in ("report.html", "figure.svg", "figure.png", "speed.csv"):
        (tmp_path / name).write_text("something")
        assert compared(tmp_path / name) is None
    (tmp_path / "layers.csv").write_text("1,2")
    assert compared(tmp_path / "layers.csv") == b"1,2"
    (tmp_path / "README.md").write_text("a\n| words per second | 3 |\nb")
    assert compared(tmp_path / "README.md") == b"a\nb"


@pytest.mark.parametrize("name", [name for name in DAMAGE if name != "left-over file"])
def test_damage_changes_a_file(tmp_path: Path, name: str) -> None:
    chance = random.Random(1)
    for _ in range(20):
        root = write(tmp_path, a="one", b="two", c="three")
        before = snapshot(root)
        assert DAMAGE[name](sorted(root.iterdir()), chance)
        assert snapshot(root) != before
    assert DAMAGE[name]([], chance) is None


def test_a_left_over_file_changes_no_other(tmp_path: Path) -> None:
    root = write(tmp_path, a="one", b="two")
    before = snapshot(root)
    assert DAMAGE["left-over file"](sorted(root.iterdir()), random.Random(1))
    assert snapshot(root) == before
    assert len(list(root.iterdir())) == 3


def test_a_shard_is_sound_with_its_row_alone(tmp_path: Path) -> None:
    files = {f"shard-{i}__{kind}": str(i) for i in range(3) for kind in ("safetensors", "json")}
    expected = snapshot(write(tmp_path, **files))
    (tmp_path / "shard-1.safetensors").write_text("flipped")
    (tmp_path / "shard-2.json").unlink()
    found = sound_shards(tmp_path, expected)
    assert found == {"shard-0.safetensors": stamp(tmp_path / "shard-0.safetensors")}


HOOKED = """
import sys
from pathlib import Path
from faults.hooks import Hook, install
root = Path(sys.argv[1])
install(Hook(root, root.parent / "counted", int(sys.argv[2]), sys.argv[3]))
for name in "abcd":
    (root / name).write_text(name)
"""


@pytest.mark.parametrize(("act", "status", "left"), [("kill", -9, "ab"), ("full", 1, "ab"), ("nothing", 0, "abcd")])
def test_a_hook_strikes_before_its_operation(tmp_path: Path, act: str, status: int, left: str) -> None:
    root = tmp_path / "work"
    root.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", HOOKED, str(root), "3", act], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert "".join(sorted(path.name for path in root.iterdir())) == left
    assert ("No space left on device" in done.stderr) == (act == "full")
    assert (tmp_path / "counted").read_text().split() == ["3" if status else "4", "1" if status else "0"]


ROUNDS = [
    Round(1, "extract", [("SIGTERM", True), ("flipped bit", False)], kept=3, made=2),
    Round(2, "search", [("flipped bit", True)], lost=["x differs"], problems=["sound shards were written again"]),
]


def test_the_table_counts_and_fits(tmp_path: Path) -> None:
    lines = table(ROUNDS).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[-4:] for line in lines if line.startswith("flipped bit")] == [["2", "1", "2", "1"]]
    assert [line.split()[1:] for line in lines if line.startswith("together")] == [["3", "2", "2", "1", "3", "2"]]


def test_a_loss_is_told() -> None:
    assert problems(ROUNDS[0]) == "round 1, extract: SIGTERM, flipped bit (missed): identical"
    assert problems(ROUNDS[1]).endswith("x differs; sound shards were written again")
    found = as_json(ROUNDS)
    assert (found["injected"], found["hit"], found["survived"]) == (3, 2, 1)
    assert [one["survived"] for one in found["rounds"]] == [True, False]
