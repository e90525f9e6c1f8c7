"""Files are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurosieve.writing import SUFFIX, replacing, write_text


def test_a_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with replacing(path) as partial:
        partial.write_text("new")
        assert partial.parent == tmp_path
        assert partial.name.endswith(SUFFIX)
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, "old é\n")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "half \ud800")
    assert path.read_bytes() == "old é\n".encode()
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.json"):
        pass
    assert not list(tmp_path.iterdir())


def test_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with replacing(path) as first, replacing(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # which ended last


def test_the_first_may_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text in ("first", "second"):
        with replacing(path, first_stays=True) as partial:
            partial.write_text(text)
    assert path.read_text() == "first"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("others", [[], ["a.json"]])
def test_the_first_stays_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: list[str]
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError("this file system has no links")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    for other in others:
        (tmp_path / other).write_text("other")
    write_first = replacing(tmp_path / "a.json", first_stays=True)
    with write_first as partial:
        partial.write_text("mine")
    assert (tmp_path / "a.json").read_text() == ("other" if others else "mine")


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside, path = tmp_path / "outside", tmp_path / "out" / "a.json"
    path.parent.mkdir()
    outside.write_text("theirs")
    path.symlink_to(outside)
    write_text(path, "mine")
    assert outside.read_text() == "theirs"
    assert not path.is_symlink()
    assert path.read_text() == "mine"


def test_the_longest_names_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    write_text(path, "x")
    assert path.read_text() == "x"


def test_files_have_the_usual_permissions_whoever_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with replacing(tmp_path / "a.json") as partial:
        partial.write_text("x")
        partial.chmod(0o600)
    assert (tmp_path / "a.json").stat().st_mode == (tmp_path / "usual").stat().st_mode
