"""Two models on the same rows as one data set, for measures that compare all layers of one data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor
from torch.nn.functional import pad

from neurosieve.arrays import Block, Grid, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.cross_moments import in_step


class SideBySideRows(Rows):
    """The layers of A, then those of B; units that the narrower model lacks are 0.

    A unit that is always 0 is a constant: it adds nothing to a covariance, to the length of a row or to a similarity of
    layers, so these are those of layers that differ in width. Every reading reads both models, all of their layers.

        found = cka_intervals(moments_of(both), both, groups)  # layer i of A with j of B: found.values[i, layers_a + j]
    """

    def __init__(self, first: Rows, second: Rows) -> None:
        if first.n_rows != second.n_rows:
            raise ActivationsError(
                f"Two models stand side by side on the same words: one has {first.n_rows} rows and the other "
                f"{second.n_rows}. Keep the words that have a vector in both."
            )
        self.first, self.second, self.n_rows = first, second, first.n_rows
        units = max(first.grid.units, second.grid.units)
        self.grid = Grid(first.grid.layers + second.grid.layers, units)

    def blocks(self, layers: Sequence[int] | None = None) -> Iterator[Block]:
        """See `Rows.blocks`; layers of the narrower model are copies."""
        chosen = range(self.grid.layers) if layers is None else layers
        start = 0
        for a, b in in_step(self.first, self.second):
            both = (*a, *b)
            yield Block(start, tuple(self._wide(both[layer]) for layer in chosen))
            start += len(a[0])

    def _wide(self, layer: Tensor) -> Tensor:
        lacking = self.grid.units - layer.shape[1]
        return pad(layer, (0, lacking)) if lacking else layer
