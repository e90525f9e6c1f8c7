"""What costs least for its score, a table for each task, for who reads the page without scripts."""

from __future__ import annotations

from neurosieve.report.layers import layers_of
from neurosieve.report.metric import metric_of
from neurosieve.report.page.island.front import Offer, front_offers
from neurosieve.report.wording import count, number
from neurosieve.run.front.records import Front
from neurosieve.run.results import Results, Task


def front_tables(results: Results, fronts: dict[str, Front]) -> dict[str, dict[str, object]]:
    """Task -> ``timed``, ``heads`` and ``rows`` of what nothing beats, and of the run's own choice."""
    layers = layers_of(results.model)
    found = {}
    for name, task in results.tasks.items():
        front = fronts.get(name)
        offers = front_offers(task, front, layers)
        if len(offers) < 2:
            continue
        title = metric_of(task).title
        cost = f"ms a {'sentence' if task.corpus.kind == 'labelling' else 'text'}" if front else "Highest layer read"
        heads = ("What is read", cost, "Neurons", f"Dev {title}", f"Test {title}")
        rows = [_row(one, task, timed=front is not None) for one in offers if one.chosen or not one.beaten(offers)]
        found[name] = {"timed": front is not None, "heads": heads, "rows": rows}
    return found


def _row(one: Offer, task: Task, *, timed: bool) -> tuple[str, ...]:
    metric = metric_of(task)
    what = f"{one.what} (chosen)" if one.chosen else one.what
    cost = number(one.cost, 2) if timed else number(one.cost, 0)
    return what, cost, count(one.neurons), metric.score(one.dev), metric.score(one.test)
