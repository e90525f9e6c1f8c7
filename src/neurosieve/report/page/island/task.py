"""One task for the page: layers, rankings, classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from neurosieve.report.layers import Layers
from neurosieve.report.metric import metric_of
from neurosieve.report.nouns import is_numeric, row_noun, sentence_noun
from neurosieve.report.page.island.front import front_island
from neurosieve.report.page.island.rounding import rounded, scored, word
from neurosieve.report.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, VERMILION, ranking_look
from neurosieve.report.wording import ranking_name
from neurosieve.run.front.records import Front
from neurosieve.run.results import Curve, CurvePoint, LayerScores, Task
from neurosieve.run.schema import ClassScores

# The names that page.css has for the colours of figures, and the script for their shapes.
_COLORS = {
    BLUE: "blue",
    VERMILION: "vermilion",
    GREEN: "green",
    ORANGE: "orange",
    PURPLE: "purple",
    SKY: "sky",
    GREY: "grey",
    INK: "ink",
}
_SHAPES = {"o": "circle", "s": "square", "^": "triangle", "v": "fall", "D": "diamond", "x": "cross", "+": "plus"}
_DASHES = {"-": "", "--": "7 4", "-.": "8 3 2 3", ":": "2 3"}


def task_island(name: str, task: Task, front: Front | None, layers: Layers, steps: int) -> dict[str, Any]:
    """All that the charts of a task draw; ``steps`` points of a curve for each factor of ten."""
    metric = metric_of(task)
    sieve = task.sieve
    return {
        "name": word(name),
        "metric": {"title": metric.title, "percent": metric.in_percent},
        "row": row_noun(task),
        "sentence": sentence_noun(task),
        "tolerance": task.tolerance,
        "layer_tolerance": task.layer_tolerance,
        "tested": task.non_inferior,
        "oracle": {"neurons": task.oracle.neurons, "dev": scored(task.oracle.dev), "test": scored(task.oracle.test)},
        "majority": scored(task.majority),
        "naive": "mean of train" if is_numeric(task) else "most frequent class",
        "alone": [_layer(one) for one in task.layers],
        "prefixes": [_layer(one) for one in task.prefixes],
        "clustered": [
            {
                "threshold": one.threshold or 0.0,
                "neurons": one.neurons,
                "dev": scored(one.dev),
                "test": scored(one.test),
            }
            for one in task.clustered
        ],
        "curves": [_curve(task, curve, place, steps) for place, curve in enumerate(task.curves)],
        "sieve": sieve and {"neurons": len(sieve.neurons), "dev": scored(sieve.dev), "test": scored(sieve.test)},
        "classes": _classes(task.oracle.per_class, sieve.per_class if sieve else []),
        "kept": _kept(task),
        "speed": _speed(task),
        "front": front_island(task, front, layers),
    }


def _layer(one: LayerScores) -> dict[str, Any]:
    scores = {"dev": scored(one.dev), "test": scored(one.test)}
    return {"layer": one.layer, "neurons": one.neurons, **scores, "within": one.within_tolerance}


def _curve(task: Task, curve: Curve, place: int, steps: int) -> dict[str, Any]:
    color, marker, dashes = ranking_look(curve.ranking, place)
    found = task.minimal_set.get(curve.ranking)
    return {
        "name": ranking_name(curve.ranking),
        "color": _COLORS[color],
        "shape": _SHAPES.get(marker, "square"),
        "dash": _DASHES[dashes],
        "screened": [[point.neurons, round(point.dev, 5)] for point in thinned(curve.screened, steps)],
        "probed": [_probed(point) for point in curve.probed if point.neurons > 0],
        "minimal": found
        and {
            "neurons": len(found.neurons),
            "tolerance": found.tolerance,
            "reached": found.reached,
            "dev": scored(found.dev),
            "test": scored(found.test),
        },
    }


def _probed(point: CurvePoint) -> dict[str, Any]:
    dev = rounded([point.dev, *(point.dev_interval or ())])
    return {"neurons": point.neurons, "dev": dev, "test": None if point.test is None else round(point.test, 6)}


def thinned(points: Sequence[CurvePoint], steps: int) -> list[CurvePoint]:
    """At most ``steps`` points for each factor of ten: the first of each step."""
    found = {int(steps * math.log10(point.neurons)): point for point in reversed(points) if point.neurons > 0}
    return [found[step] for step in sorted(found)]


def _kept(task: Task) -> list[dict[str, Any]]:
    """How many neurons of each set live in each layer."""
    sets = {name: found.per_layer for name, found in task.minimal_set.items() if found.reached}
    if task.sieve:
        sets["sieve"] = task.sieve.per_layer
    return [
        {
            "name": ranking_name(name),
            "color": _COLORS[ranking_look(name, place)[0]],
            "counts": counts,
            "total": sum(counts),
        }
        for place, (name, counts) in enumerate(sets.items())
        if sum(counts)
    ]


def _speed(task: Task) -> dict[str, Any] | None:
    if task.compact is None:
        return None
    sides = (("full", task.compact.full), ("compact", task.compact.compact))
    return {
        "rounds": min(side.speed.rounds for _, side in sides),
        "sides": [
            {
                "name": name,
                "rate": rounded([side.speed.per_second, *side.speed.spread], 2),
                "test": scored(side.test),
            }
            for name, side in sides
        ],
    }


def _classes(oracle: Sequence[ClassScores], sieve: Sequence[ClassScores]) -> list[dict[str, Any]]:
    """Classes with support, the most frequent first, each by oracle and sieve: precision, recall, F1."""
    kept = {one.label: one for one in sieve}
    present = sorted((one for one in oracle if one.support > 0), key=lambda one: (-one.support, one.label))
    return [
        {
            "label": word(one.label),
            "support": one.support,
            "oracle": rounded([one.precision, one.recall, one.f1], 5),
            "sieve": rounded([at.precision, at.recall, at.f1], 5) if (at := kept.get(one.label)) else None,
        }
        for one in present
    ]
