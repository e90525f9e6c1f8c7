from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.errors import StoreError
from neurosieve.run.resume.sealed import read_sealed, write_sealed

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([True, False]), "c": torch.empty(0, 4)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_sealed(tmp_path / "new" / "file", '{"é": 1}', {**TENSORS, "d": TENSORS["a"].T})
    text, tensors = read_sealed(tmp_path / "new" / "file")
    assert text == '{"é": 1}'
    assert set(tensors) == {"a", "b", "c", "d"}
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert torch.equal(tensors["d"], TENSORS["a"].T)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]


def test_tensors_are_aligned_as_torch_aligns_its_own(tmp_path: Path) -> None:
    write_sealed(tmp_path / "file", "odd", TENSORS)
    assert all(one.data_ptr() % 64 == 0 for one in read_sealed(tmp_path / "file")[1].values())


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(tmp_path_factory: pytest.TempPathFactory, place: float, bit: int) -> None:
    path = tmp_path_factory.mktemp("flipped") / "file"
    write_sealed(path, "a text", TENSORS)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    with pytest.raises(StoreError, match="a byte of it has changed"):
        read_sealed(path)


@given(share=st.floats(0, 1, exclude_max=True))
def test_any_shorter_file_is_found(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    path = tmp_path_factory.mktemp("short") / "file"
    write_sealed(path, "a text", TENSORS)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(StoreError, match="cannot be taken over"):
        read_sealed(path)


def test_no_file_is_none_to_take_over(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing cannot be taken over: .*No such file"):
        read_sealed(tmp_path / "nothing")
