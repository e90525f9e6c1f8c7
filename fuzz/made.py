"""What the package itself writes, small: every target's first inputs and surroundings are taken from here."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import torch
from tests.run.small import settings, write_corpus, write_sst2, write_stsb
from tests.tiny_models import make_tiny

from neurosieve.activations import load_encoder
from neurosieve.activations.persist import extract
from neurosieve.compact import CompactModel
from neurosieve.export import export_onnx, exporters
from neurosieve.moments import moments_of
from neurosieve.run.pipeline import run

MODEL, RUN, STORE, MOMENTS, COMPACT, EXPORT = "model", "run", "store", "moments", "compact", "export"
_WHOLE = "whole"
_SENTENCES = [["The", "fox", "\u200b"], ["jumps", "over", "the", "lazy", "dog"], [], ["is", "it", "?"]] * 4
_CLASSES = ("A", "B|C", "``")


def make(folder: Path) -> Path:
    """A tiny BERT, corpora, a run, a store, moments, a compact model with heads of every kind, and its export.

    Made once; a folder that is whole already is taken as it is.
    """
    if (folder / _WHOLE).exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.set_num_threads(1)
    model = make_tiny("bert", folder / MODEL)
    write_sst2(folder / "SST-2", train=6, dev=4)
    write_stsb(folder / "STS-B", train=6, dev=4)
    run(settings(model, write_corpus(folder / "columns", train=40, test=12), folder / RUN))
    _rows(model, folder)
    _served(model, folder)
    (folder / _WHOLE).touch()
    return folder


def _rows(model: Path, folder: Path) -> None:
    store = extract(load_encoder(model, device="cpu"), _SENTENCES, folder / "cache", last_layer=0)
    shutil.copytree(store.folder, folder / STORE)
    rows = store.rows()
    (folder / MOMENTS).mkdir()
    labels = torch.arange(rows.n_rows) % 3
    moments_of(rows).save(folder / MOMENTS / "plain.safetensors")
    moments_of(rows, labels, 3).save(folder / MOMENTS / "classes.safetensors")
    moments_of(rows, labels.double()).save(folder / MOMENTS / "numbers.safetensors")
    moments_of(rows).select(np.arange(5)).save(folder / MOMENTS / "chosen.safetensors")


def _served(model: Path, folder: Path) -> None:
    """The legacy exporter alone: it takes a tenth of the time, and which one wrote the graph does not matter here."""
    encoder = load_encoder(model, device="cpu")
    heads = {kind: _head(encoder, kind) for kind in ("labelling", "classification", "regression")}
    joined = CompactModel.join({f"a {kind}": one for kind, one in heads.items()})
    joined.save_pretrained(folder / COMPACT)
    before = exporters._EXPORTERS
    exporters._EXPORTERS = {"legacy": before["legacy"]}
    try:
        export_onnx(joined, folder / EXPORT)
    finally:
        exporters._EXPORTERS = before


def _head(encoder: object, kind: str) -> CompactModel:
    generator = torch.Generator().manual_seed(len(kind))
    classes = () if kind == "regression" else _CLASSES
    weight, bias = (torch.randn(*shape, len(classes) or 1, generator=generator) for shape in ((3,), ()))
    pooling = None if kind == "labelling" else "mean"
    return CompactModel.build(encoder, [(1, 3), (1, 8), (0, 2)], weight, bias, classes, kind=kind, pooling=pooling)  # type: ignore[arg-type]
