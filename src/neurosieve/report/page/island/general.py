"""General redundancy for the page: layers by every measure, and neurons left at each threshold."""

from __future__ import annotations

import math
from typing import Any

from neurosieve.report.figures.general import WINDOWS
from neurosieve.report.page.island.rounding import rounded, square, word
from neurosieve.run.redundancy import General


def general_island(general: General) -> dict[str, Any]:
    """``measures`` (the one to show first is first), ``cuts`` and, at the reported ``threshold``, ``windows``."""
    return {
        "measures": _measures(general),
        "cuts": _cuts(general),
        "windows": _windows(general),
        "threshold": general.reported_threshold,
    }


def _measures(general: General) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if known := general.cka_debiased:
        sides = {"values": square(known.values), "low": square(known.low), "high": square(known.high)}
        found.append({"key": "cka_debiased", "title": "debiased CKA", **sides})
    if general.cka:
        found.append({"key": "cka", "title": "linear CKA", "values": square(general.cka)})
    others = (
        {"key": one.measure, "title": word(one.title, 60), "values": square(one.values)} for one in general.similarities
    )
    return [*found, *others]


def _windows(general: General) -> list[list[Any]]:
    """How far apart the layers of a cluster are: shares of all clusters, and of those of two neurons or more."""
    cut = next((cut for cut in general.cuts if math.isclose(cut.threshold, general.reported_threshold)), None)
    if cut is None:
        return []
    alone = cut.windows_without_singletons
    return [[title, *rounded([cut.windows.get(at, 0.0), alone.get(at, 0.0)])] for at, title in WINDOWS.items()]


def _cuts(general: General) -> list[dict[str, Any]]:
    return [
        {
            "threshold": cut.threshold,
            "clusters": cut.clusters,
            "singletons": cut.singletons,
            "largest": cut.largest_cluster,
        }
        for cut in general.cuts
    ]
