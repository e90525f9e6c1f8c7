"""The paper's numbers against themselves: every item recomputes from the CSV files what the text says."""

from __future__ import annotations

from collections.abc import Callable

from neurosieve.published import averages, cost_items, data_items, general_items, task_items, transfer_items
from neurosieve.published.finding import Finding

_ITEMS: tuple[Callable[[], Finding], ...] = (
    *data_items.ITEMS,
    *general_items.ITEMS,
    *averages.ITEMS,
    *task_items.ITEMS,
    *transfer_items.ITEMS,
    *cost_items.ITEMS,
)


def audit() -> tuple[Finding, ...]:
    """Every finding, in the order of the paper's sections; ``docs/paper.md`` prints them."""
    return tuple(item() for item in _ITEMS)
