"""Every point of a front as a table."""

from __future__ import annotations

from neurosieve.report.tables.base import DIFFERENCE, SCORES, Row, Table, dev_and_test, difference_cells
from neurosieve.run.front.records import Front, Point, front_name

COLUMNS = {
    "last_layer": "where the encoder is cut; 0 is the embeddings",
    "threshold": "c_t of the clusters that one neuron each stands for; empty: no clustering",
    "neurons": "how many the head reads",
    "whole": "whether these are all neurons of the layers",
    "ms": "milliseconds for one sentence or text read alone, median over rounds",
    "ms_low": "its fastest round",
    "ms_high": "its slowest round",
    "per_second": "words or texts per second in large batches, median over rounds",
    "per_second_low": "its slowest round",
    "per_second_high": "its fastest round",
    **SCORES,
    **DIFFERENCE,
    "on_front": "no other point is as fast and scores as much on dev",
    "smallest": "no other point is as fast, has as few neurons and scores as much on dev",
}


def front_table(front: Front) -> Table:
    """A row for each point, fastest first."""
    title = f"Every point measured on {front.task}"
    return Table(front_name(front.task), title, COLUMNS, tuple(_row(one) for one in front.points))


def _row(one: Point) -> Row:
    kind = (one.last_layer, one.threshold, one.neurons, one.order is None)
    times = (one.latency.ms, *one.latency.spread, one.speed.per_second, *one.speed.spread)
    scores = (*dev_and_test(one.dev, one.test), *difference_cells(one.difference))
    return (*kind, *times, *scores, one.on_front, one.smallest)
