"""Whatever labels, words, tasks, models and files are called: nothing is written outside the folders that were named,
and nothing through a link."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz.examples import example
from pydantic import ValidationError

from neurosieve.compact import CompactModel
from neurosieve.compact.description import read_about
from neurosieve.compact.digests import check_files
from neurosieve.errors import CompactError, CorpusError
from neurosieve.paper.models import _safe
from neurosieve.report import write_report
from neurosieve.report.bench import write_bench
from neurosieve.report.inspection import write_inspection
from neurosieve.run.bench.records import Bench, bench_name
from neurosieve.run.config import write_config
from neurosieve.run.facts import FineTuningRecipe
from neurosieve.run.finetuning.folder import begin
from neurosieve.run.front.records import front_name
from neurosieve.run.inspection.records import Inspection
from neurosieve.run.inspection.study import stem_of
from neurosieve.run.nested.records import NestedStudy
from neurosieve.run.pipeline import run
from neurosieve.run.results import Results
from neurosieve.writing import own_folder, refuse_link, write_text
from tests.report.inspection.example import example as example_inspection
from tests.run.small import settings

NAMES = (
    *("../../x", "/etc/passwd", "a/b", "a\\b", "..", ".", "", " ", "a\x00b", "a\nb", "\r", "\"'`", "CON", "-rf", "~"),
    *("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202egnp.exe", "$(touch x)", "%2e%2e%2fx"),
    *("a" * 5000, "é" * 300),
)
FILES_OF: dict[str, Callable[[str], str]] = {
    "front": front_name,
    "bench": bench_name,
    "inspection": lambda name: stem_of(name, ["pos", name]),
    "paper": _safe,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", FILES_OF)
def test_a_name_becomes_one_part_of_a_path(what, name, tmp_path):
    made = FILES_OF[what](name)
    assert made not in ("", ".", "..")
    assert not set(made) & set("/\\\0\n\r:")
    assert len(f"{made}.safetensors".encode()) < 200
    (tmp_path / f"{made}.json").write_text("", encoding="utf-8")
    assert [path.parent for path in tmp_path.iterdir()] == [tmp_path]


@pytest.mark.parametrize("name", ["../x", "/x", "a/b", "a\\b", "", "..", "a\nb", ".hidden", "-x", "a" * 300])
@pytest.mark.parametrize(
    ("kind", "place"),
    [(Bench, ("file",)), (Inspection, ("stem",)), (NestedStudy, ("found", 0, "predictions"))],
    ids=["bench", "inspection", "nested"],
)
def test_a_record_names_files_of_its_own_folder_alone(kind, place, name):
    record = example(kind)
    inner = record
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = name
    with pytest.raises(ValidationError) as error:
        kind.model_validate(record)
    assert error.value.errors()[0]["loc"] == place


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with a file that no command was asked to touch."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "kept").write_text("as it was", encoding="utf-8")
    return folder


def untouched(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["kept"] and (folder / "kept").read_text() == "as it was"


def test_a_link_is_replaced_and_its_file_left(elsewhere, tmp_path):
    link = tmp_path / "out.json"
    link.symlink_to(elsewhere / "kept")
    (tmp_path / "out.json.partial").symlink_to(elsewhere / "kept")
    write_text(link, "new")
    assert (link.read_text(encoding="utf-8"), link.is_symlink()) == ("new", False)
    assert untouched(elsewhere)


def test_a_folder_that_is_a_link_is_refused(elsewhere, tmp_path):
    (tmp_path / "out" / "a").mkdir(parents=True)
    (tmp_path / "out" / "a" / "b").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OSError, match="A link leads out of the folder that is to be written; remove the link") as error:
        own_folder(tmp_path / "out", "a", "b")
    assert error.value.filename == str(tmp_path / "out" / "a" / "b")
    with pytest.raises(OSError, match="A link leads out"):
        own_folder(tmp_path / "out", "a", "b", "c")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    with pytest.raises(OSError, match="A link leads out"):
        refuse_link(tmp_path / "gone")
    assert own_folder(tmp_path / "out", "a", "c").is_dir()
    assert untouched(elsewhere)


def write_a_report(folder: Path, made: Path) -> None:
    write_report(Results.load(made / "run" / "results.json"), folder)


def write_an_inspection(folder: Path, made: Path) -> None:
    write_inspection(example_inspection(), folder)


def write_a_bench(folder: Path, made: Path) -> None:
    write_bench(Bench.model_validate(example(Bench)), folder)


def begin_a_finetuning(folder: Path, made: Path) -> None:
    begin(folder, FineTuningRecipe.model_validate(example(FineTuningRecipe)))


def make_a_run(folder: Path, made: Path) -> None:
    run(settings(made / "model", made / "columns", folder))


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (write_a_report, "figures"),
        (write_a_report, "tables"),
        (write_an_inspection, "inspection"),
        (write_a_bench, "tables"),
        (begin_a_finetuning, "checkpoints"),
        (make_a_run, "compact"),
    ],
)
def test_no_command_writes_through_a_link_in_the_place_of_a_folder(write, name, made, elsewhere, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(OSError, match="A link leads out of the folder"):
        write(out, made)
    assert untouched(elsewhere)


@pytest.mark.parametrize("name", ["results.json", "run.toml"])
def test_the_files_of_a_run_replace_links(name, made, elsewhere, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).symlink_to(elsewhere / "kept")
    if name == "results.json":
        Results.load(made / "run" / "results.json").save(out / name)
    else:
        write_config(settings(made / "model", made / "columns", out), out / name)
    assert not (out / name).is_symlink()
    assert untouched(elsewhere)


def test_links_in_a_compact_model_are_read_and_their_sha256_checked(made, tmp_path):
    """The hub's own cache is made of links, so they are followed; what they lead to must have the sha256 listed."""
    folder = shutil.copytree(made / "compact", tmp_path / "compact")
    moved = tmp_path / "blob"
    (folder / "head.safetensors").rename(moved)
    (folder / "head.safetensors").symlink_to(moved)
    assert CompactModel.from_pretrained(folder, device="cpu").predict(["The fox."], "a labelling")
    moved.write_bytes(b"else")
    with pytest.raises(CompactError, match=r"The file head\.safetensors .* was altered"):
        CompactModel.from_pretrained(folder, device="cpu")
    moved.unlink()
    with pytest.raises(CompactError, match=r"lacks the file head\.safetensors"):
        check_files(folder, read_about(folder))


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_corpus_that_is_a_device_is_refused(device, call, tmp_path):
    """A definition that somebody else wrote may name one; it has no end."""
    task = tmp_path / "mine.toml"
    task.write_text(f'train = "{device}"\ntest = "{device}"\ncolumns = [1, 2]\n', encoding="utf-8")
    found = call("run", "--task", task, "--out", tmp_path / "out", "--device", "cpu")
    assert found.status == 1
    assert f"{device} is a pipe or a device; write what it gives to a file first" in found.err


def test_a_link_to_a_device_is_one(tmp_path):
    from neurosieve.corpus import read_text

    (tmp_path / "text.txt").symlink_to("/dev/zero")
    with pytest.raises(CorpusError, match=r"text\.txt is a pipe or a device"):
        read_text(tmp_path / "text.txt")
