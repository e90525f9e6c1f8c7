"""A compact model as a folder for `neurosieve.runtime`, which appears once it is seen to say what the model says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import torch

from neurosieve.compact import CompactModel, Head
from neurosieve.compact.placing import in_place_of
from neurosieve.errors import ExportError
from neurosieve.export.card import card
from neurosieve.export.graph import in_float32
from neurosieve.export.parity import Parity, compare, refuse
from neurosieve.export.quantization import quantize_int8
from neurosieve.export.samples import samples
from neurosieve.export.writing import describe, write_parts
from neurosieve.pieces.items import Item, read_items
from neurosieve.runtime import Facts, Runtime
from neurosieve.runtime.files import CARD, DESCRIPTION, MODEL, read_facts

_AT_ONCE = 64

Note = Callable[[str], None]


@dataclass(frozen=True)
class Exported:
    """An export as it lies on the disk.

    Attributes:
        folder: where.
        facts: what it says of itself.
        parity: by task, its float32 scores beside the model's.
        int8: by task, the same of the int8 weights, which are allowed to differ; None where they were not asked for.
        n_bytes: of the graph with its weights.
        float32_bytes: of the graph with float32 weights.
        exporter: of torch's two, the one that wrote it.
        was_bfloat16: whether the model computes in bfloat16; it was exported, and compared, in float32.
    """

    folder: Path
    facts: Facts
    parity: dict[str, Parity]
    int8: dict[str, Parity] | None
    n_bytes: int
    float32_bytes: int
    exporter: str
    was_bfloat16: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "folder": str(self.folder), "facts": self.facts.to_dict()}


def export_onnx(
    model: CompactModel,
    folder: str | Path,
    *,
    task: str | None = None,
    quantize: Literal["int8"] | None = None,
    items: Sequence[str | Sequence[str]] = (),
    note: Note = lambda text: None,
) -> Exported:
    """Write a compact model as a folder that needs no torch.

    The folder appears only if the exported scores are those of the model: on batches of 1, 2 and 7, short, long and
    of mixed lengths, made of the tokenizer's own pieces, and on ``items``. It replaces an export that is there already.

    Args:
        model: what to export; one in bfloat16 is exported in float32.
        folder: where to.
        task: one of its tasks; by default all.
        quantize: "int8" for weights of one byte. Their scores differ; by how much is measured and told.
        items: sentences or texts to be tried as well, as the task takes them.
        note: told what is being done.

    Raises:
        ExportError: a package of the extra ``onnx`` is missing, the family cannot be exported, the scores differ, or
            the folder holds something else than an export.
        OSError: it cannot be written.
    """
    folder = Path(folder).expanduser().resolve()
    refuse_foreign(folder)
    plain = in_float32(model)
    heads = dict(plain.heads) if task is None else {task: plain.head_of(task)}
    plain = replace(plain, heads=heads)
    with in_place_of(folder) as partial:
        note("writing the graph")
        facts, exporter = write_parts(plain, partial)
        note("comparing it with the model")
        found = _compared(plain, partial, items)
        for name, one in found.items():
            refuse(one, name, folder)
        n_bytes, rounded = _size(partial), None
        if quantize == "int8":
            note("rounding its weights to int8")
            quantize_int8(partial / MODEL)
            facts = describe(partial, replace(facts, precision="int8"))
            rounded = _compared(plain, partial, items)
        measured = {"float32": _numbers(found)} | ({} if rounded is None else {"int8": _numbers(rounded)})
        facts = describe(partial, replace(facts, measured=measured))
        (partial / CARD).write_text(card(facts, rounded or found), encoding="utf-8")
        size = _size(partial)
    was_bfloat16 = model.encoder.dtype == torch.bfloat16
    return Exported(folder, facts, found, rounded, size, n_bytes, exporter, was_bfloat16)


def refuse_foreign(folder: Path) -> None:
    """Make sure that a folder can be replaced by an export without loss.

    Raises:
        ExportError: it holds something else, or something besides an export; it is left as it is.
    """
    if not folder.exists():
        return
    found = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    own = {DESCRIPTION, CARD, *read_facts(folder).files} if DESCRIPTION in found else set()
    foreign = sorted(found - own)
    if foreign:
        raise ExportError(
            f"{folder} holds something else than an export ({', '.join(foreign[:5])}) and is not overwritten; choose "
            "another folder."
        )


def _compared(model: CompactModel, folder: Path, items: Sequence[Any]) -> dict[str, Parity]:
    runtime = Runtime.from_folder(folder)
    found = {}
    for name, head in model.heads.items():
        made = samples(model.encoder, head, cut=model.on_too_long != "error")
        found[name] = compare(model, runtime, name, chain(made, _batches(items, head)))
    return found


def _batches(items: Sequence[Any], head: Head) -> Iterator[list[Item]]:
    read = list(read_items(items, head.unit, "punctuation"))
    yield from (read[start : start + _AT_ONCE] for start in range(0, len(read), _AT_ONCE))


def _numbers(found: Mapping[str, Parity]) -> dict[str, Any]:
    return {name: one.to_dict() for name, one in found.items()}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.name.startswith(MODEL))
