"""The parts of an export: the graph, the tokenizer, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from neurosieve.activations import Encoder
from neurosieve.compact import CompactModel, Head
from neurosieve.errors import ExportError
from neurosieve.export.exporters import OPSET, write_graph
from neurosieve.export.graph import Scorer, takes_types
from neurosieve.runtime import Facts, TaskFacts
from neurosieve.runtime.files import CARD, DESCRIPTION, MODEL, TOKENIZER, sha256
from neurosieve.runtime.session import IDS, MASK, TYPES

_MADE_WITH = ("neurosieve", "torch", "transformers", "tokenizers", "onnx", "onnxscript", "onnxruntime")
_EXAMPLE = (2, 9)  # batch × pieces; no size of it is 1, which an exporter would take for fixed


def write_parts(model: CompactModel, folder: Path) -> tuple[Facts, str]:
    """Graph, tokenizer and description, with nothing measured yet; also which exporter wrote the graph.

    Raises:
        ExportError: a package is missing, or the tokenizer or the model cannot be exported.
    """
    encoder = model.encoder
    types = takes_types(encoder, model.heads)
    tasks = {name: _task(head, f"scores_{index}") for index, (name, head) in enumerate(model.heads.items())}
    _write_tokenizer(encoder, folder / TOKENIZER)
    outputs = [task.output for task in tasks.values()]
    scorer = Scorer(encoder, model.heads).eval()
    exporter = write_graph(scorer, _example(encoder, types), outputs, folder / MODEL, encoder.family)
    facts = Facts(
        tasks=tasks,
        family=encoder.family,
        window=encoder.window,
        n_pieces=encoder.n_pieces,
        pad_id=encoder.pad_id,
        cls_id=encoder.tokenizer.cls_token_id,
        prefix=encoder.segmenter.wrapping.prefix,
        suffix=encoder.segmenter.wrapping.suffix,
        token_types=types,
        on_too_long=model.on_too_long,
        precision="float32",
        opset=OPSET,
        files={},
        made_by={package: version(package) for package in _MADE_WITH},
    )
    return describe(folder, facts), exporter


def _task(head: Head, output: str) -> TaskFacts:
    return TaskFacts(
        output=output,
        kind=head.kind,
        classes=head.classes,
        aggregation=head.aggregation,
        pooling=head.pooling,
        temperature=head.temperature,
    )


def _write_tokenizer(encoder: Encoder, path: Path) -> None:
    """The tokenizer's own description, without truncation and padding."""
    backend = getattr(encoder.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ExportError(
            f"The tokenizer {type(encoder.tokenizer).__name__} runs in Python only and has no tokenizer.json, which "
            "the runtime needs. Save the model with a fast tokenizer."
        )
    described = json.loads(backend.to_str()) | {"truncation": None, "padding": None}
    path.write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")


def _example(encoder: Encoder, types: bool) -> dict[str, Tensor]:
    """A batch to trace the model with: any pieces, the second row shorter than the first."""
    ids = torch.arange(_EXAMPLE[0] * _EXAMPLE[1]).reshape(_EXAMPLE) % encoder.n_pieces
    mask = torch.ones_like(ids)
    ids[1, -2:], mask[1, -2:] = encoder.pad_id, 0
    return {IDS: ids, MASK: mask} | ({TYPES: torch.zeros_like(ids)} if types else {})


def describe(folder: Path, facts: Facts) -> Facts:
    """Write the description with the sha256 of what lies beside it now."""
    names = sorted(path.name for path in folder.iterdir() if path.name not in (DESCRIPTION, CARD))
    facts = replace(facts, files={name: sha256(folder / name) for name in names})
    text = json.dumps(facts.to_dict(), ensure_ascii=False, indent=1)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    return facts
