"""The clusters for the page: all merges, who is in each cluster, and the words that it responds to.

A neuron is its column, layer · units + unit: shorter than a pair, and there are many.
"""

from __future__ import annotations

from typing import Any

from neurosieve.report.page.island.rounding import rounded, word
from neurosieve.run.atlas.records import Atlas, ClusterSeen
from neurosieve.run.inspection.records import ClusterFound, TypeSeen, WordSeen
from neurosieve.run.schema import NeuronId

SHOWN_MEMBERS = 60_000
"""Members of clusters that the page carries, the largest clusters first; ``atlas.json`` has all."""


def clusters_island(atlas: Atlas) -> dict[str, Any]:
    """``merges``, ``found`` and, by the number of a cluster, ``seen``."""
    merges = atlas.merges
    shown = carried(atlas)
    return {
        "threshold": atlas.threshold,
        "texts": atlas.rows == "texts",
        "all": len(atlas.found),
        "merges": merges and {"left": merges.left, "right": merges.right, "height": rounded(merges.height)},
        "found": [_found(one, atlas.units) for one in shown],
        "seen": {one.cluster: _seen(one, atlas.units) for one in atlas.seen},
    }


def carried(atlas: Atlas) -> list[ClusterFound]:
    """The clusters that there is room for."""
    shown, members = [], 0
    for one in atlas.found:
        members += one.size
        if members > SHOWN_MEMBERS:
            break
        shown.append(one)
    return shown


def _columns(neurons: list[NeuronId], units: int) -> list[int]:
    return [layer * units + unit for layer, unit in neurons]


def _found(one: ClusterFound, units: int) -> dict[str, Any]:
    return {
        "number": one.number,
        "of": one.representative[0] * units + one.representative[1],
        "members": _columns(one.members, units),
        "r": rounded(one.r, 3),
        "radius": round(one.radius, 4),
        "mean_r": round(one.mean_r, 4),
        "explained": round(one.explained, 4),
    }


def _seen(one: ClusterSeen, units: int) -> dict[str, Any]:
    words = one.words
    return {
        "rows": _columns(one.members, units),
        "highest": [_word(at) for at in words.highest],
        "lowest": [_word(at) for at in words.lowest],
        "highest_types": [_type(at) for at in words.highest_types],
        "lowest_types": [_type(at) for at in words.lowest_types],
        "heats": [
            {
                "sentence": heat.sentence,
                "words": [word(text) for text in heat.words],
                "values": [rounded(row, 2) for row in heat.deviations],
            }
            for heat in one.heats
        ],
    }


def _word(at: WordSeen) -> list[Any]:
    """What stands before it, the word, what follows, and its deviations."""
    before, after = (word(" ".join(side), 60) for side in (at.left, at.right))
    return [before, word(at.text, 160 if not (before or after) else 40), after, round(at.deviations, 2)]


def _type(at: TypeSeen) -> list[Any]:
    return [word(at.text), at.count, round(at.deviations, 2)]
