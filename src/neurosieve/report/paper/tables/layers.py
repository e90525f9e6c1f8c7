"""The score of every layer (Table 7)."""

from __future__ import annotations

from neurosieve.paper.records import LayerStudy, ModelStudy, Study, TaskStudy
from neurosieve.report.metric import metric_named
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Part,
    assembled,
    bare,
    counted,
    differences,
    layer_title,
    of_models,
    ordered,
    part,
    scored,
    title_of,
)
from neurosieve.report.wording import plain
from neurosieve.run.results import LayerScores

Found = list[tuple[str, TaskStudy, LayerStudy]]
_ABOVE = 2  # rows above the layers: the oracle, and what is left after the loss


def table7(study: Study) -> PaperTable | None:
    """The oracle, the score that a loss of 1 % leaves, then each layer alone; bold above that (A.3)."""
    loss = notes.loss(study, "step_tolerance", 0.01)
    told = notes.loss_text(study, "step_tolerance", 0.01)
    measured = of_models(study, lambda label, model, caption: _panel(label, model, caption, loss, told))
    probes = {"oracle": "Oracle"}
    for model in study.models.values():
        probes |= {f"layer {layer}": layer_title(model, layer) for layer in range(_depth(found(model)))}
    said = [
        f"Bold: the test score loses less than {told} of the oracle's, as in the paper.",
        *_otherwise(study, loss),
    ]
    return assembled("table7", measured, printed.table7(), [*said, *notes.how(study)], differences(study, probes))


def found(model: ModelStudy) -> Found:
    """The tasks whose layers were probed."""
    return [(name, task, task.layers) for name, task in ordered(model.tasks) if task.layers]


def _depth(tasks: Found) -> int:
    return max((len(layers.alone) for _, _, layers in tasks), default=0)


def _panel(label: str, model: ModelStudy, caption: str, loss: float, told: str) -> Part | None:
    tasks = found(model)
    if not tasks:
        return None
    heads = ("", *(title_of(name) for name, _, _ in tasks))
    oracle = [scored(label, name, task, "oracle", one.oracle.test, interval=False) for name, task, one in tasks]
    left = [_left(label, name, task, one, loss) for name, task, one in tasks]
    rows = [[bare("Oracle"), *oracle], [bare(f"{told} loss"), *left]]
    bold = set()
    for layer in range(_depth(tasks)):
        rows.append([bare(layer_title(model, layer)), *(_layer(label, *one, layer) for one in tasks)])
        bold |= {
            (_ABOVE + layer, 1 + place)
            for place, (_, _, one) in enumerate(tasks)
            if layer < len(one.alone) and _within(one.alone[layer], one, loss)
        }
    return part(caption, heads, rows, bold=bold)


def _left(label: str, name: str, task: TaskStudy, layers: LayerStudy, loss: float) -> Cell:
    value = (1 - loss) * layers.oracle.test.value
    return counted(label, name, "oracle", "score after the loss", value, metric_named(task.metric).value(value))


def _layer(label: str, name: str, task: TaskStudy, layers: LayerStudy, layer: int) -> Cell:
    if layer >= len(layers.alone):
        return bare(NONE)
    return scored(label, name, task, f"layer {layer}", layers.alone[layer].test, interval=False)


def _within(layer: LayerScores, layers: LayerStudy, loss: float) -> bool:
    return layer.test.value > (1 - loss) * layers.oracle.test.value


def _otherwise(study: Study, loss: float) -> list[str]:
    """Where dev, which decides what is kept, does not agree with test."""
    said = []
    for label, model in study.models.items():
        apart = [
            f"{title_of(name)} {layer_title(model, one.layer)} ({'dev' if one.within_tolerance else 'test'})"
            for name, _, layers in found(model)
            for one in layers.alone
            if one.within_tolerance != _within(one, layers, loss)
        ]
        if apart:
            said.append(f"{plain(label)}: within the loss on one split alone: {', '.join(apart)}.")
    return said or ["Dev and test agree on every layer."]
