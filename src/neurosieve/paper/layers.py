"""Which layers suffice: the oracle, each layer alone, each prefix (Section 6.1; Table 7, Figures 4 and 7 to 9)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve import task_specific as ts
from neurosieve.paper.context import TaskContext, class_recall, predictions
from neurosieve.paper.records import ClassLayers, LayerStudy
from neurosieve.run.results import LayerScores


def measure_layers(context: TaskContext) -> tuple[LayerStudy, dict[str, NDArray[Any]]]:
    """Scores of all layers and prefixes, and of each class by layer; with the predictions of oracle and layers."""
    probes, recorder = context.probes, context.recorder
    found = LayerStudy(
        oracle=recorder.oracle(probes.oracle),
        alone=_layer_scores(context, probes.alone, alone=True),
        differences=[recorder.difference(one, probes.oracle) for one in probes.alone],
        prefixes=_layer_scores(context, probes.prefixes, alone=False),
        classes=_classes(context, probes),
    )
    layers = {f"layer {layer}": one for layer, one in enumerate(probes.alone)}
    return found, predictions({"oracle": probes.oracle, **layers})


def _layer_scores(context: TaskContext, scored: tuple[ts.Scored, ...], *, alone: bool) -> list[LayerScores]:
    tolerance, units = context.tolerance(context.settings.step_tolerance), context.grid.units
    return [
        LayerScores(
            layer=layer,
            neurons=units if alone else units * (layer + 1),
            dev=context.recorder.dev(one),
            test=context.recorder.test(one),
            within_tolerance=tolerance.accepts(one),
        )
        for layer, one in enumerate(scored)
    ]


def _classes(context: TaskContext, probes: ts.LayerProbes) -> list[ClassLayers]:
    """The classes that occur in test, most frequent first."""
    classes = context.data.test.classes
    if not classes:
        return []
    support, recall = class_recall(context.data, [one.predictions for one in (probes.oracle, *probes.alone)])
    order = np.argsort(-support, kind="stable")
    return [
        ClassLayers(
            label=classes[i], support=int(support[i]), oracle=float(recall[0, i]), layers=recall[1:, i].tolist()
        )
        for i in order
        if support[i]
    ]
