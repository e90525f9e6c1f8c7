"""How fine-tuning moves a model's layers: CKA between the model as it came and the fine-tuned one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neurosieve.arrays import Block, Grid, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general import cka
from neurosieve.moments import moments_of
from neurosieve.paper.context import TaskContext
from neurosieve.paper.records import Move


class SideBySide(Rows):
    """The layers of two models on the same rows, the second's after the first's.

    Raises:
        ActivationsError: they differ in rows or in units.
    """

    def __init__(self, first: Rows, second: Rows) -> None:
        if (first.n_rows, first.grid.units) != (second.n_rows, second.grid.units):
            raise ActivationsError(
                f"Layers are compared on the same rows: {first.n_rows} rows of {first.grid.units} units came with "
                f"{second.n_rows} of {second.grid.units}."
            )
        self._first, self._second = first, second
        self.n_rows, self.grid = first.n_rows, Grid(first.grid.layers + second.grid.layers, first.grid.units)

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`."""
        chosen = list(range(self.grid.layers)) if layers is None else list(layers)
        for left, right in zip(self._first.blocks(), self._second.blocks(), strict=True):
            both = left.layers + right.layers
            if len(left) != len(right):
                raise ActivationsError(f"The blocks of two models differ: {len(left)} rows and {len(right)}.")
            yield Block(left.start, tuple(both[layer] for layer in chosen))


def measure_move(before: TaskContext, after: TaskContext) -> Move:
    """On the task's test texts: rows are layers as they came, columns layers fine-tuned."""
    rows = SideBySide(before.data.test.rows, after.data.test.rows)
    with after.watch.stage("CKA of the layers before and after fine-tuning"):
        values = cka(moments_of(rows)).values
    layers = before.grid.layers
    return Move(cka=values[:layers, layers:].tolist(), texts=rows.n_rows)
