"""The numbers that the charts of the page draw, as JSON that can stand inside HTML.

general   how alike layers are, neurons left at each threshold
clusters  every merge, the clusters and their words
task      layers, rankings, classes
front     what a compact model may cost and score
rounding  how many digits, and words from outside
"""

from __future__ import annotations

import json
from typing import Any

from neurosieve.report.layers import layers_of
from neurosieve.report.page.beside import Beside
from neurosieve.report.page.island.clusters import clusters_island
from neurosieve.report.page.island.general import general_island
from neurosieve.report.page.island.task import task_island
from neurosieve.report.page.room import fewer
from neurosieve.run.results import Results

STEPS = 150
"""Points of a screened curve for each factor of ten neurons."""


def island(results: Results, found: Beside, anchors: dict[str, str]) -> str:
    """All of it, in ASCII and without a character that HTML could take for markup; tasks by the ``anchors`` of each."""
    layers = layers_of(results.model)
    steps = fewer(STEPS, len(results.tasks), 20)
    return embedded(
        {
            "layers": [layers.tick(layer) for layer in range(results.model.layers)],
            "units": results.model.units,
            "neurons": results.model.neurons,
            "general": general_island(results.general) if results.general else None,
            "clusters": clusters_island(found.atlas) if found.atlas else None,
            "tasks": {
                anchors[name]: task_island(name, task, found.fronts.get(name), layers, steps)
                for name, task in results.tasks.items()
            },
        }
    )


def embedded(found: Any) -> str:
    """JSON for a script element that is data."""
    text = json.dumps(found, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
