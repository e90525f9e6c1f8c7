"""What lies in a folder, or behind a model's name: facts for machines, lines for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neurosieve.activations import Store, load_encoder
from neurosieve.compact import read_about
from neurosieve.errors import ModelError
from neurosieve.run.environment import model_facts

Description = tuple[dict[str, Any], list[str]]


def describe(what: str) -> Description:
    """Describe a compact model, a store, or a model; records of runs and studies are the business of the report.

    Raises:
        NeurosieveError: it is none of these, or damaged.
    """
    folder = Path(what)
    for name, reader in (("compact.json", _compact), ("manifest.json", _store)):
        if (folder / name).is_file():
            return reader(folder)
    if len(folder.parts) > 1 and folder.parent.is_dir() and not folder.is_dir():
        raise ModelError(
            f"There is no folder {what}. Give a run, a study, a compact model, stored activations or a model."
        )
    return _model(what)


def _compact(folder: Path) -> Description:
    about = read_about(folder)
    lines = [f"Compact model of the family {about.family}"]
    for name, task in about.tasks.items():
        layers = sorted({layer for layer, _ in task.neurons})
        what = f"{len(task.classes)} classes" if task.classes else "a number"
        reads = f"{task.aggregation} sub-word" if task.pooling is None else f"{task.pooling} of a text"
        neurons = "1 neuron" if len(task.neurons) == 1 else f"{len(task.neurons)} neurons"
        where = f"{'layer' if len(layers) == 1 else 'layers'} {', '.join(map(str, layers))}"
        lines.append(f"  {name} ({task.kind}, {reads}): {neurons} in {where}; {what}")
    lines.append(f"  window of {about.window} pieces, {about.dtype}")
    return about.model_dump(mode="json"), lines


def _store(folder: Path) -> Description:
    store = Store(folder)
    facts = store.report.to_dict() | {
        "layers": store.grid.layers,
        "units": store.grid.units,
        "shards": len(store.shards),
    }
    lines = [f"Activations of {store.n_words:,} {store.unit}: {store.grid.layers} layers × {store.grid.units} units"]
    missing = f"{store.missing.sum()} {store.unit} missing"
    lines.append(f"  {len(store.shards)} shards, {store.report.sentences:,} sentences, {missing}")
    return facts, lines


def _model(what: str) -> Description:
    facts = model_facts(load_encoder(what))
    lines = [
        f"{facts.name}: family {facts.family}, {facts.parameters:,} parameters",
        f"  {facts.layers} layers (the embeddings are layer 0) × {facts.units} units = {facts.neurons:,} neurons",
        f"  reads {facts.window} pieces at once",
    ]
    if done := facts.finetuning:
        texts = f"{done.rows:,} of {done.rows_available:,} training texts"
        lines.append(f"  fine-tuned from {done.base} for {done.task} on {texts}; epochs: {done.epochs}")
    return facts.model_dump(mode="json"), lines
