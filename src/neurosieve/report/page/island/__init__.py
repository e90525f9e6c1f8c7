"""The numbers that the charts of the page draw, as JSON that can stand inside HTML.

general  how alike layers are, neurons left at each threshold
"""

from __future__ import annotations

import json
from typing import Any

from neurosieve.report.layers import layers_of
from neurosieve.report.page.island.general import general_island
from neurosieve.report.page.sections import Section
from neurosieve.run.results import Results


def island(results: Results, sections: list[Section]) -> str:
    """All of it, in ASCII and without a character that HTML could take for markup."""
    layers = layers_of(results.model)
    found: dict[str, Any] = {
        "layers": [layers.tick(layer) for layer in range(results.model.layers)],
        "units": results.model.units,
        "neurons": results.model.neurons,
        "general": general_island(results.general) if results.general else None,
    }
    return embedded(found)


def embedded(found: Any) -> str:
    """JSON for a script element that is data."""
    text = json.dumps(found, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
