"""What the page of a large run leaves to the files beside it, so that it stays below about six megabytes."""

from __future__ import annotations

from collections.abc import Iterable

from neurosieve.report.page.sections import Drawn, Section

STILL_BYTES = 1_200_000
"""Of figures for who reads the page without scripts; charts need none of them."""

SHOWN_ROWS = 60
"""Rows of a table that the page prints; the CSV files have all."""

FEW_TASKS = 6
"""Past so many tasks each has fewer rows and points, so that all together stay as small."""


def carried_stills(sections: Iterable[Section]) -> set[str]:
    """Names of the figures that the page carries: as many of each section's first ones as there is room for."""
    waiting = [list(section.drawn) for section in sections]
    room, carried = STILL_BYTES, set()
    while any(waiting):
        for figures in waiting:
            if figures:
                one: Drawn = figures.pop(0)
                room -= len(one.svg)
                if room >= 0:
                    carried.add(one.plate.name)
    return carried


def fewer(most: int, tasks: int, least: int) -> int:
    """``most`` for a few tasks, and a fair share of that for many."""
    return most if tasks <= FEW_TASKS else max(least, most * FEW_TASKS // tasks)
