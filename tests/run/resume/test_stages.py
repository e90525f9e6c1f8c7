from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from neurosieve.run.resume.sealed import write_sealed
from neurosieve.run.resume.stages import FOLDER, KeptStages, forget_stages, made


class Count:
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> list[float]:
        self.calls += 1
        warnings.warn(f"call {self.calls}", stacklevel=1)
        return [0.1 + 0.2]


def kept(out: Path, **decided_by: object) -> KeptStages:
    return KeptStages(out, "pos", {"seed": 1, **decided_by})


def test_a_stage_is_done_once_and_warns_every_time(tmp_path: Path) -> None:
    count = Count()
    for start in range(3):
        keep = kept(tmp_path)
        with pytest.warns(UserWarning, match="call 1"):
            assert keep("oracle", count) == [0.1 + 0.2]
        assert (count.calls, keep.taken_over, keep.there) == (1, int(start > 0), 1)


def test_another_key_another_stage_and_another_task_are_not_taken(tmp_path: Path) -> None:
    kept(tmp_path)("a", lambda: 1)
    assert kept(tmp_path, seed=2)("a", lambda: 2) == 2
    assert kept(tmp_path)("b", lambda: 3) == 3
    assert KeptStages(tmp_path, "chunk", {"seed": 1})("a", lambda: 4) == 4
    assert kept(tmp_path)("a", lambda: 5) == 1


def test_a_stage_under_another_name_counts_for_nothing(tmp_path: Path) -> None:
    kept(tmp_path)("a", lambda: 1)
    (file,) = (tmp_path / FOLDER).iterdir()
    file.rename(file.with_name(file.name.replace("-a.kept", "-b.kept")))
    assert kept(tmp_path)("b", lambda: 2) == 2


def test_a_damaged_stage_is_done_again(tmp_path: Path) -> None:
    kept(tmp_path)("a", lambda: np.arange(3))
    (file,) = (tmp_path / FOLDER).iterdir()
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        assert kept(tmp_path)("a", lambda: np.arange(4)).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["[]", "{", '{"key": 1}', '{"key": "K", "stage": "a", "value": {"class": "Popen"}}'])
def test_a_file_of_somebody_else_is_no_stage(tmp_path: Path, text: str) -> None:
    keep = kept(tmp_path)
    keep("a", lambda: 1)
    (file,) = (tmp_path / FOLDER).iterdir()
    write_sealed(file, text.replace("K", keep._key), {})
    assert kept(tmp_path)("a", lambda: 2) == 2


def test_nothing_is_kept_where_a_link_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / FOLDER).symlink_to(tmp_path / "elsewhere")
    assert kept(tmp_path / "out")("a", lambda: 1) == 1
    forget_stages(tmp_path / "out")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_without_room_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder would be")
    assert kept(tmp_path)("a", lambda: 1) == 1


def test_errors_pass_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        kept(tmp_path)("a", lambda: 1 // 0)
    assert not (tmp_path / FOLDER).exists()


def test_a_run_that_is_over_leaves_nothing(tmp_path: Path) -> None:
    kept(tmp_path)("a", lambda: 1)
    forget_stages(tmp_path)
    forget_stages(tmp_path)
    assert not list(tmp_path.iterdir())
    assert made("a", lambda: 2) == 2
