"""Runs side by side on a terminal: a table for each task, at most 80 columns wide."""

from __future__ import annotations

from neurosieve.report.comparing.overviews import comparing_overviews
from neurosieve.report.sheet import Overview
from neurosieve.run.comparing.records import RunComparison
from neurosieve.terminal import WIDTH, aligned, wrapped


def comparing_lines(study: RunComparison) -> list[str]:
    """Tables: redundancy of the models, then each task."""
    return [line for one in comparing_overviews(study) for line in ("", *_lines(one))][1:]


def _lines(one: Overview) -> list[str]:
    table = aligned([one.heads, *one.rows], WIDTH)
    return [*wrapped(f"{one.title}:", WIDTH), *table, *([one.note] if one.note else [])]
