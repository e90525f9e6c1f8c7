from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neurosieve.paper.kept import Kept
from neurosieve.paper.records import Move

ARRAYS = {
    "10": np.ones(1, dtype=np.int16),
    "classes": np.array([3, -1, 32767], dtype=np.int16),
    "numbers": np.array([0.1, np.pi, -1e300]),
    "rows": np.arange(4, dtype=np.int64)[::2],
}


class Measure:
    """Counts how often it is asked."""

    def __init__(self, texts: int = 3) -> None:
        self.calls, self.texts = 0, texts

    def __call__(self):
        self.calls += 1
        return Move(cka=[[1.0, 0.1 + 0.2]], texts=self.texts), ARRAYS


def assert_same(found):
    record, arrays = found
    assert record == Move(cka=[[1.0, 0.1 + 0.2]], texts=3)
    assert list(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "new" / "folder", {"model": "m", "seed": 1})


def test_what_was_measured_once_is_not_measured_again(kept):
    measure = Measure()
    assert_same(kept("move", Move, measure))
    assert_same(kept("move", Move, measure))
    assert_same(Kept(kept.folder, {"seed": 1, "model": "m"})("move", Move, measure))
    assert measure.calls == 1
    assert sorted(path.name for path in kept.folder.iterdir()) == ["move.json", "move.safetensors"]


def test_names_are_kept_apart(kept):
    measure = Measure()
    kept("one", Move, measure)
    kept("two", Move, measure)
    assert measure.calls == 2
    kept("one", Move, measure)
    assert measure.calls == 2


def test_another_key_measures_anew_and_replaces(kept):
    first, second = Measure(), Measure(texts=4)
    kept("move", Move, first)
    other = Kept(kept.folder, {"model": "m", "seed": 2})
    assert other.key != kept.key
    assert other("move", Move, second)[0].texts == 4
    assert kept("move", Move, first)[0].texts == 3
    assert (first.calls, second.calls) == (2, 1)


def test_a_record_without_arrays(kept):
    def measure():
        return Move(cka=[], texts=1), {}

    assert kept("move", Move, measure) == kept("move", Move, None) == (Move(cka=[], texts=1), {})


DAMAGE = {
    "no json": ("move.json", None),
    "json cut off": ("move.json", lambda old: old[: len(old) // 2]),
    "json of another shape": ("move.json", lambda old: b"[1, 2]"),
    "json without a record": ("move.json", lambda old: old.replace(b'"record"', b'"other"')),
    "json of another record": ("move.json", lambda old: old.replace(b'"texts"', b'"other"')),
    "json of no text": ("move.json", lambda old: b"\xff\xfe" + old),
    "no arrays": ("move.safetensors", None),
    "empty arrays": ("move.safetensors", lambda old: b""),
    "arrays cut off": ("move.safetensors", lambda old: old[:-5]),
    "arrays with a damaged head": ("move.safetensors", lambda old: old[:8] + b"?" * 20 + old[28:]),
}


@pytest.mark.parametrize(("name", "change"), DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_measured_anew_and_mended(kept, name, change):
    measure = Measure()
    kept("move", Move, measure)
    path = kept.folder / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    assert_same(kept("move", Move, measure))
    assert_same(kept("move", Move, measure))
    assert measure.calls == 2


def test_arrays_of_another_measurement_are_not_taken_for_this_one_s(kept, monkeypatch):
    """A run with other settings that ends between its two files leaves its arrays beside the older record."""
    measure = Measure()
    kept("move", Move, measure)
    other = Kept(kept.folder, {"model": "m", "seed": 2})
    write = Kept._write

    def only_arrays(self, name, content):
        if name.endswith(".json"):
            raise KeyboardInterrupt
        write(self, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(Kept, "_write", only_arrays)
        with pytest.raises(KeyboardInterrupt):
            other("move", Move, lambda: (Move(cka=[], texts=9), {"classes": np.zeros(1)}))
    assert_same(kept("move", Move, measure))
    assert measure.calls == 2


def test_a_measurement_that_fails_leaves_nothing(kept):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept("move", Move, fail)
    assert not kept.folder.exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Kept(tmp_path / "file" / "folder", {})("move", Move, Measure())
