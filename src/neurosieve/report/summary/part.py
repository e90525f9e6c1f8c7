"""What a summary is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Sentences about one thing; ``task`` where that is a task."""

    heading: str
    sentences: list[str]
    task: str | None = None
