"""Which layers suffice: a probe on each layer alone, and on each prefix of layers (Sections 6.1 and 7, step 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from neurosieve.probes.probe import Range
from neurosieve.showing import Shown
from neurosieve.task_specific.data import Scored, TaskData
from neurosieve.task_specific.tolerance import Tolerance


@dataclass(frozen=True)
class LayerProbes(Shown):
    """``alone[i]`` reads layer i; ``prefixes[i]`` reads layers 0 to i together. The last prefix is the oracle."""

    alone: tuple[Scored, ...]
    prefixes: tuple[Scored, ...]

    @property
    def oracle(self) -> Scored:
        """The probe on all neurons."""
        return self.prefixes[-1]


def probe_layers(data: TaskData, progress: Callable[[int, int], None] | None = None) -> LayerProbes:
    """Train the 2L - 1 probes of all layers and prefixes on shared passes over the rows."""
    grid = data.train.rows.grid
    alone = [Range.of(grid.layer(layer)) for layer in range(grid.layers)]
    longer = [Range.of(grid.prefix(layer)) for layer in range(1, grid.layers)]
    scored = data.fit(alone + longer, progress)
    return LayerProbes(tuple(scored[: grid.layers]), (scored[0], *scored[grid.layers :]))


def select_prefix(probes: LayerProbes, tolerance: Tolerance) -> int:
    """LayerSelector: the first layer i whose prefix 0..i passes; the last layer if none before it does."""
    for layer, scored in enumerate(probes.prefixes[:-1]):
        if tolerance.accepts(scored):
            return layer
    return len(probes.prefixes) - 1
