"""The clusters as a table, for who reads the page without scripts."""

from __future__ import annotations

from neurosieve.report.wording import count, number, percent, plain
from neurosieve.run.atlas.records import Atlas, ClusterSeen
from neurosieve.run.inspection.records import ClusterFound

HEADS = ("Cluster", "Neurons", "Layers", "Radius", "Explained", "Highest on", "Lowest on")
WORDS = 6


def clusters_table(atlas: Atlas) -> list[tuple[str, ...]]:
    """A line for each cluster that was looked at, under ``HEADS``; empty where none was."""
    found = {one.number: one for one in atlas.found}
    return [_line(found[seen.cluster], seen) for seen in atlas.seen if seen.cluster in found]


def _line(one: ClusterFound, seen: ClusterSeen) -> tuple[str, ...]:
    low, high = one.layers[0], one.layers[-1]
    words = seen.words
    ends = ([at.text for at in side] for side in (words.highest, words.lowest))
    said = (", ".join(plain(text) for text in dict.fromkeys(texts))[:200] for texts in (side[:WORDS] for side in ends))
    return (
        count(one.number),
        count(one.size),
        str(low) if low == high else f"{low} to {high}",
        number(one.radius, 2),
        percent(one.explained, 0),
        *said,
    )
