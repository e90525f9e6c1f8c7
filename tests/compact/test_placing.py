"""A folder is replaced whole: an error or a kill at any step leaves the old one or the new one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from neurosieve.compact.placing import in_place_of


def write(folder: Path, text: str) -> None:
    with in_place_of(folder) as partial:
        (partial / "part").mkdir()
        (partial / "part" / "file").write_text(text)


def said(folder: Path) -> str:
    return (folder / "part" / "file").read_text()


def test_the_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    for text in ("old", "new"):
        write(tmp_path / "model", text)
        assert said(tmp_path / "model") == text
        assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_error_leaves_the_old(tmp_path: Path) -> None:
    write(tmp_path / "model", "old")
    with pytest.raises(ZeroDivisionError), in_place_of(tmp_path / "model") as partial:
        (partial / "file").write_text(str(1 // 0))
    assert said(tmp_path / "model") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("step", range(1, 5))
def test_a_kill_at_any_step_leaves_a_whole_folder_to_the_next_writer(tmp_path: Path, step: int) -> None:
    """The child ends at its step-th rename or removal, as SIGKILL ends it: nothing is cleaned up."""
    folder = tmp_path / "model"
    write(folder, "old")
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", CHILD, str(folder), str(step)], os.environ)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == (9 if step <= STEPS else 0)
    before = tmp_path / ".model.before.partial"
    assert said(folder if folder.exists() else before) in ("old", "new")
    assert said(folder) == "old" if step == 1 else True
    with pytest.raises(ZeroDivisionError), in_place_of(folder):
        _ = 1 // 0
    assert said(folder) in ("old", "new")
    assert not before.exists()
    write(folder, "newer")
    assert said(folder) == "newer"


STEPS = 3
CHILD = """
import os, sys
from pathlib import Path
from neurosieve.compact.placing import in_place_of
left = int(sys.argv[2])
def watch(event, args):
    global left
    if event in ("os.rename", "shutil.rmtree") and ".before." in "".join(map(str, args)) or event == "os.rename":
        left -= 1
        if left == 0:
            os._exit(9)
with in_place_of(Path(sys.argv[1])) as partial:
    (partial / "part").mkdir()
    (partial / "part" / "file").write_text("new")
    sys.addaudithook(watch)
"""


def test_what_a_kill_left_long_ago_is_removed_and_what_is_recent_stays(tmp_path: Path) -> None:
    for name in ("model.123.partial", "model.456.partial", "model.old.partial"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "model.123.partial", (0, 0))
    os.utime(tmp_path / "model.old.partial", (0, 0))
    write(tmp_path / "model", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "model.456.partial", "model.old.partial"]
