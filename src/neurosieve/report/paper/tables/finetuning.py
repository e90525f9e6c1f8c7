"""How fine-tuning moves redundancy, layer by layer (Section 3.1 calls it essential; no table shows it)."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.paper.records import ModelStudy, Move, Study, TaskStudy
from neurosieve.report.metric import metric_named
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes
from neurosieve.report.paper.tables.clusters import at_threshold, probe
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Number,
    Part,
    assembled,
    bare,
    counted,
    layer_title,
    ordered,
    part,
    scored,
    title_of,
)
from neurosieve.report.wording import count, decimal, plain
from neurosieve.run.schema import Difference, Scores

THRESHOLDS = (0.3, 0.7)


@dataclass(frozen=True)
class Both:
    """One task of one model, before and after."""

    label: str
    model: ModelStudy
    name: str
    came: TaskStudy
    tuned: TaskStudy
    move: Move | None

    @property
    def caption(self) -> str:
        """Whose numbers these are."""
        return f"{plain(self.label)}: {title_of(self.name)}"


def finetuning(study: Study) -> PaperTable | None:
    """Scores of the layers and neurons left, of the model as it came and fine-tuned, and how far each layer moved."""
    pairs = [both for label, model in study.models.items() for both in _both(label, model)]
    layers = [made for both in pairs if (made := _layers(both)) is not None]
    rows = [_left(both) for both in pairs if both.came.clusters and both.tuned.clusters]
    variants = ("as it came", "fine-tuned")
    heads = ("Model and task", *(f"c_t {threshold:g}, {one}" for threshold in THRESHOLDS for one in variants))
    left = [part("Neurons left after clustering", heads, rows)] if rows else []
    said = [
        "Differences are fine-tuned minus as it came, on the same test rows.",
        "CKA: of a layer fine-tuned with the same layer as it came, on the test texts; 1 is unmoved. 0 stands where a "
        "layer says the same of every text, as the embedding of [CLS] does: there is nothing to compare.",
    ]
    return assembled("finetuning", [*layers, *left], [], [*said, *notes.how(study, "texts", published=False)])


def _both(label: str, model: ModelStudy) -> list[Both]:
    return [
        Both(label, model, name, model.as_it_came[name], task, model.moves.get(name))
        for name, task in ordered(model.tasks, "texts")
        if name in model.as_it_came
    ]


def _layers(both: Both) -> Part | None:
    before, after = both.came.layers, both.tuned.layers
    if before is None or after is None:
        return None
    rows = [_row(both, "Oracle", "oracle", before.oracle.test, after.oracle.test)]
    for one, other in zip(before.alone, after.alone, strict=True):
        title = layer_title(both.model, one.layer)
        rows.append(_row(both, title, f"layer {one.layer}", one.test, other.test, one.layer))
    return part(both.caption, ("", "As it came", "Fine-tuned", "Difference", "CKA"), rows)


def _row(both: Both, title: str, of: str, before: Scores, after: Scores, layer: int | None = None) -> list[Cell]:
    return [
        bare(title),
        scored(both.label, both.name, both.came, f"{of}, as it came", before),
        scored(both.label, both.name, both.tuned, f"{of}, fine-tuned", after),
        _difference(both, of),
        _cka(both, of, layer),
    ]


def _difference(both: Both, of: str) -> Cell:
    found = next((one for one in both.model.tuning if (one.task, one.probe) == (both.name, of)), None)
    if found is None:
        return bare(NONE)
    metric, quantity = both.tuned.metric, "fine-tuned minus as it came"
    number = Number(both.label, both.name, of, quantity, found.value, metric, *found.interval)
    return Cell(metric_named(metric).difference(Difference(value=found.value, interval=found.interval)), number)


def _cka(both: Both, of: str, layer: int | None) -> Cell:
    if both.move is None or layer is None or layer >= len(both.move.cka):
        return bare(NONE)
    value = both.move.cka[layer][layer]
    return counted(both.label, both.name, of, "CKA with itself as it came", value, decimal(value))


def _left(both: Both) -> list[Cell]:
    cells = [bare(both.caption)]
    for threshold in THRESHOLDS:
        for task, variant in ((both.came, "as it came"), (both.tuned, "fine-tuned")):
            row = at_threshold(task.clusters, threshold) if task.clusters else None
            of = f"{variant}, {probe(threshold)}"
            cells.append(
                counted(both.label, both.name, of, "neurons", row.neurons, count(row.neurons)) if row else bare(NONE)
            )
    return cells
