from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import torch

from neurosieve.arrays import ArrayRows
from neurosieve.moments import Moments, moments_of
from neurosieve.run.resume import moments as resumed
from neurosieve.run.resume.moments import KeptMoments

LARGE = 10**9


def make(seed: int = 0) -> Moments:
    values = torch.randn(50, 2, 4, generator=torch.Generator().manual_seed(seed))
    labels = torch.arange(50) % 3
    return moments_of(ArrayRows(values), labels, 3)


def assert_same(one: Moments, other: Moments) -> None:
    for name in [field.name for field in fields(one)] + ["shift", "scale"]:
        a, b = (getattr(of.plan if name in ("shift", "scale") else of, name) for of in (one, other))
        if isinstance(a, torch.Tensor):
            assert (a.dtype, a.shape, a.numpy().tobytes()) == (b.dtype, b.shape, b.numpy().tobytes())
        elif name not in ("plan", "columns"):
            assert a == b
    assert one.columns.tolist() == other.columns.tolist()


def never() -> Moments:
    raise AssertionError("they are there")


def test_moments_are_kept_to_the_byte_under_what_decides_them(tmp_path: Path) -> None:
    keep = KeptMoments(tmp_path)
    first = keep({"rows": "a"}, "cpu", LARGE, make)
    again = keep({"rows": "a"}, "cpu", LARGE, never)
    assert_same(again, first)
    assert_same(again, make())
    assert again.products.data_ptr() % 64 == 0
    assert torch.equal(keep({"rows": "b"}, "cpu", LARGE, lambda: make(1)).sums, make(1).sums)
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
@pytest.mark.parametrize("damage", ["flipped", "short", "gone", "empty"])
def test_damaged_moments_are_made_again(tmp_path: Path, ending: str, damage: str) -> None:
    keep = KeptMoments(tmp_path)
    keep({"rows": "a"}, "cpu", LARGE, make)
    (file,) = tmp_path.glob(f"*{ending}")
    content = file.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    file.write_bytes({"flipped": flipped, "short": content[:-3], "gone": b"", "empty": b""}[damage])
    if damage == "gone":
        file.unlink()
    assert_same(keep({"rows": "a"}, "cpu", LARGE, make), make())
    assert_same(keep({"rows": "a"}, "cpu", LARGE, never), make())


def test_moments_larger_than_the_store_or_half_the_disk_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, size = KeptMoments(tmp_path), 8 * 8 * 8
    keep({}, "cpu", size, make)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(resumed.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 2 * size}))
    keep({}, "cpu", LARGE, make)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(resumed.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 2 * size + 2}))
    keep({}, "cpu", size + 1, make)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Moments, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Moments, "save", full)
    assert_same(KeptMoments(tmp_path)({}, "cpu", LARGE, make), make())
