"""Which layers suffice for each class of a task (Figures 7 to 9)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from matplotlib.figure import Figure

from neurosieve.paper.records import ClassLayers, Study
from neurosieve.report.layers import layers_of
from neurosieve.report.paper.figure import PaperFigure, plate
from neurosieve.report.paper.figures.blocks import Blocks, State, draw_blocks, is_within, legend_of_blocks
from neurosieve.report.paper.figures.common import is_words, label_of, panels, sorted_layers, step_tolerance, task_name
from neurosieve.report.paper.tables.parts import ordered
from neurosieve.report.style import styled
from neurosieve.report.wording import count, plain

SHOWN_CLASSES = 25
CLASS_FIGURES = {"figure7": "pos", "figure8": "sem", "figure9": "chunk"}


def class_tasks(study: Study) -> dict[str, str]:
    """Which task each of Figures 7 to 9 is about: the paper's own; in its absence another with labels of words."""
    words = dict.fromkeys(
        name
        for model in study.models.values()
        for name, task in ordered(model.tasks)
        if is_words(task) and task.layers and task.layers.classes
    )
    found = {figure: task for figure, task in CLASS_FIGURES.items() if task in words}
    others = iter([name for name in words if name not in found.values()])
    for figure in CLASS_FIGURES:
        if figure not in found and (other := next(others, None)):
            found[figure] = other
    return found


def _class_figure(study: Study, *, name: str) -> PaperFigure | None:
    task = class_tasks(study).get(name, "")
    layers = {label: model.tasks[task].layers for label, model in study.models.items() if task in model.tasks}
    classes = {label: found.classes for label, found in layers.items() if found and found.classes}
    loss = step_tolerance(study)
    shown = _shown(classes)
    return plate(
        name,
        _class_panels(study, classes, shown, loss),
        caption=f"Task {task_name(task)}, {_which(classes, shown)}, most frequent first, with their number in test. "
        f"A filled cell is a layer whose probe names more than {1 - loss:g} of what the oracle names of this class "
        "(recall on test; layer 0 is the embeddings). A class that the oracle never names has no filled cell.",
        alt=f"Task {task_name(task)}. " + " ".join(_class_words(*pair, loss) for pair in classes.items()),
        columns={
            "model": "label of the model",
            "task": "name of the task",
            "class": "label of the words",
            "support": "words of this class in test",
            "layer": "0 is the embeddings",
            "recall": "share of them that the probe on this layer alone names",
            "oracle": "share of them that the probe on all layers names",
            "within": f"whether the recall is strictly above {1 - loss:g} of the oracle's",
        },
        rows=[
            (label, task, one.label, one.support, layer, recall, one.oracle, is_within(recall, one.oracle, loss))
            for label, found in classes.items()
            for one in found
            for layer, recall in enumerate(one.layers)
        ],
    )


figure7 = partial(_class_figure, name="figure7")
figure8 = partial(_class_figure, name="figure8")
figure9 = partial(_class_figure, name="figure9")


def _shown(classes: Mapping[str, list[ClassLayers]]) -> list[ClassLayers]:
    """The most frequent classes of any model; counts are the first model's that has them."""
    first = {one.label: one for found in reversed(list(classes.values())) for one in found}
    return sorted(first.values(), key=lambda one: (-one.support, one.label))[:SHOWN_CLASSES]


def _which(classes: Mapping[str, list[ClassLayers]], shown: list[ClassLayers]) -> str:
    present = len({one.label for found in classes.values() for one in found})
    return f"its {len(shown)} most frequent of {present} classes" if present > len(shown) else "its classes"


def _class_words(label: str, found: list[ClassLayers], loss: float) -> str:
    shown = sorted(found, key=lambda one: (-one.support, one.label))[:SHOWN_CLASSES]
    filled = [sum(is_within(recall, one.oracle, loss) for recall in one.layers) for one in shown]
    return (
        f"{label_of(label)}: of {len(shown)} classes, {sum(map(bool, filled))} have a layer within the tolerance, on "
        f"average {sum(filled) / len(filled):.1f} of {len(shown[0].layers)} layers."
    )


@styled
def _class_panels(
    study: Study, classes: Mapping[str, list[ClassLayers]], shown: list[ClassLayers], loss: float
) -> Figure | None:
    if not classes:
        return None
    names = [f"{plain(one.label, 16)} ({count(one.support)})" for one in shown]
    figure, all_axes, firsts = panels(len(classes), 0.75 + 0.19 * len(shown), 3, extra=0.35, sharey=True)
    for axes, (label, found) in zip(all_axes, classes.items(), strict=True):
        by_label = {one.label: one for one in found}
        depth = len(found[0].layers)
        rows = [_class_row(by_label.get(one.label), depth, loss) for one in shown]
        ticks = sorted_layers(depth, layers_of(study.models[label].facts))
        draw_blocks(axes, Blocks(label_of(label), names, ticks, rows))
        axes.set_xlabel("layer (0 = embeddings)")
    for axes in firsts:
        axes.set_ylabel("class (words in test)")
    legend_of_blocks(figure, {"both", "neither"}, is_published=False)
    return figure


def _class_row(one: ClassLayers | None, depth: int, loss: float) -> list[State]:
    if one is None:
        return ["absent"] * depth
    return ["both" if is_within(recall, one.oracle, loss) else "neither" for recall in one.layers]
