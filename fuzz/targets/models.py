"""Folders of models: compact models, and exports for onnxruntime."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from fuzz.made import COMPACT, EXPORT
from fuzz.mutation import json_changed
from fuzz.target import Target, expect
from fuzz.targets.stores import packed, parts_of
from neurosieve.compact import CompactModel
from neurosieve.compact.description import read_about
from neurosieve.compact.digests import check_files
from neurosieve.pieces.predictions import Predicted
from neurosieve.runtime import Runtime

WORDS, TEXTS = ["The fox jumps.", "", "東京 \u200b"], ["The fox.", "A dog", "\u200b"]


class _ModelFolder(Target):
    """One input is ``{file: content}``: JSON as it is, of safetensors the header; the sha256 are put right."""

    longest = 1 << 16
    description: ClassVar[str]
    parts: ClassVar[tuple[str, ...]]
    folder: ClassVar[str]

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.original = made / self.folder
        self.headers = {path.name: parts_of(path) for path in self.original.glob("*.safetensors")}
        self.about = json.loads((self.original / self.description).read_bytes())
        whole = {name: self._content(name) for name in self.parts}
        self.seeds = [json.dumps(whole).encode()]
        self.seeds += [json.dumps({name: whole[name]}).encode() for name in self.parts]

    def _content(self, name: str) -> Any:
        if name in self.headers:
            return self.headers[name][0]
        return json.loads((self.original / name).read_bytes())

    def lay(self, data: bytes) -> None:
        """The folder as an input has it; what an input does not speak of is as it was made."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        try:
            given = json.loads(data)
        except (ValueError, RecursionError):
            (self.place / self.description).write_bytes(data)
            return
        given = given if isinstance(given, dict) else {self.description: given}
        for path in self.original.iterdir():
            if path.name in given and path.name in self.parts:
                (self.place / path.name).write_bytes(self._bytes(path.name, given[path.name]))
            elif path.name != self.description:
                _same(path, self.place / path.name)
        self._describe(given.get(self.description, self.about))

    def _bytes(self, name: str, content: Any) -> bytes:
        return packed(content, self.headers[name][1]) if name in self.headers else json.dumps(content).encode()

    def _describe(self, about: Any) -> None:
        """With the sha256 of what lies there, where those of the description were right before."""
        files = about.get("files") if isinstance(about, dict) else None
        for name, digest in dict(files).items() if isinstance(files, dict) else ():
            if digest == self.about["files"].get(name) and (self.place / name).is_file():
                files[name] = hashlib.sha256((self.place / name).read_bytes()).hexdigest()
        (self.place / self.description).write_text(json.dumps(about), encoding="utf-8")

    def files(self) -> tuple[str, ...]:
        return (self.place.name,)

    def lines_of(self, data: bytes) -> int:
        """Lines within JSON are told by libraries, and of a file that is laid out anew."""
        return len(data) + 1

    def mutated(self, data: bytes, rng: Random) -> bytes:
        return json_changed(data, rng)


class CompactFolder(_ModelFolder):
    """See `CompactModel.from_pretrained`."""

    name, what, seconds = "compact", "a compact model's folder", 30
    description, folder = "compact.json", COMPACT
    parts = (
        *("compact.json", "head.safetensors", "config.json", "tokenizer_config.json", "tokenizer.json"),
        "model.safetensors",
    )

    def read(self, data: bytes) -> None:
        self.lay(data)
        model = CompactModel.from_pretrained(self.place, device="cpu")
        for task, head in model.heads.items():
            items = WORDS if head.unit == "words" else TEXTS
            _check(model.predict(items, task), items, head.classes, head.kind)


class CompactDescription(_ModelFolder):
    """The description and the sha256 alone: no model is loaded, so there are many more of them."""

    name, what = "compact-description", "compact.json and the sha256 that it lists"
    description, folder, parts = "compact.json", COMPACT, ("compact.json", "config.json")

    def read(self, data: bytes) -> None:
        self.lay(data)
        about = read_about(self.place)
        check_files(self.place, about)
        expect(bool(about.tasks) and len(about.neurons) >= 0, "no task")
        for name in about.files:
            inside = self.place.resolve() in (self.place / name).resolve().parents
            expect(inside and (self.place / name).is_file(), f"the file {name!r} is accepted")


class ExportFolder(_ModelFolder):
    """See `Runtime.from_folder`."""

    name, what, seconds = "export", "an export's description and tokenizer", 30
    description, folder, parts = "runtime.json", EXPORT, ("runtime.json", "tokenizer.json")

    def read(self, data: bytes) -> None:
        self.lay(data)
        model = Runtime.from_folder(self.place, threads=1)
        for name, task in model.facts.tasks.items():
            items = WORDS if task.unit == "words" else TEXTS
            _check(model.predict(items, name), items, task.classes, task.kind)


def _same(path: Path, to: Path) -> None:
    """The same file under another name, without a copy where the disk is the same."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def _check(found: list[Predicted], items: list[str], classes: tuple[str, ...], kind: str) -> None:
    """As many predictions as items, each label a class."""
    expect(len(found) == len(items), f"{len(found)} predictions for {len(items)} items")
    for one in found:
        said = one._asdict()
        labels = said.get("labels", [said.get("label")])
        expect(kind == "regression" or all(label is None or label in classes for label in labels), f"labels {labels!r}")
        expect("labels" not in said or len(labels) == len(said["words"]), "words and labels are not as many")


TARGETS = (CompactFolder, CompactDescription, ExportFolder)
