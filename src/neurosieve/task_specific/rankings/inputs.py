"""What rankings read: the moments of train, and probes on all columns, each trained once however many read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.moments import Moments
from neurosieve.probes.probe import Probe, Range
from neurosieve.task_specific.data import Scored, TaskData
from neurosieve.task_specific.rankings.order import FloatArray, constants_last

Progress = Callable[[int, int], None]


class RankingInputs:
    """A task's data, or its moments alone, and a seed.

    ``seed`` is that of all that is random: by default the protocol's, and 0 for moments. ``oracle`` is the probe on all
    columns where there is one already: it is read in the place of one that would be trained just like it.
    """

    def __init__(
        self,
        data: TaskData | Moments,
        seed: int | None = None,
        oracle: Scored | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.data = data if isinstance(data, TaskData) else None
        self.moments: Moments = data.moments if isinstance(data, TaskData) else data
        own = 0 if self.data is None else self.data.protocol.seed
        self.seed = own if seed is None else seed
        self.oracle, self.progress = oracle, progress

    @property
    def device(self) -> str:
        """Where heavy mathematics runs."""
        return "cpu" if self.data is None else self.data.protocol.device

    @property
    def layers(self) -> IntArray:
        """(N,) the layer of each column."""
        return self.moments.columns // self.moments.grid.units

    @property
    def keeps_constants(self) -> bool:
        """Whether LCA leaves constant columns where their weights put them: the paper's protocol does."""
        return self.data is not None and self.data.protocol.name == "paper"

    @cached_property
    def elastic_net(self) -> FloatArray:
        """(C × N) the weights of the paper's probe on all columns."""
        data = self._task("the paper's probe")
        if data.protocol.name == "paper" and data.protocol.seed == self.seed and self.oracle is not None:
            return self._weights(self.oracle.probe)
        protocol = replace(data.protocol, seed=self.seed)
        whole = [Range(0, data.n_columns)]
        return self._weights(protocol.fit_elastic_net(data.held().train, whole, self.progress)[0])

    @cached_property
    def converged(self) -> FloatArray:
        """(C × N) the weights of the default protocol's probe on all columns."""
        data = self._task("the default protocol's probe")
        if data.protocol.name == "default" and self.oracle is not None:
            return self._weights(self.oracle.probe)
        protocol, held = replace(data.protocol, name="default"), data.held()
        whole = [Range(0, data.n_columns)]
        return self._weights(protocol.fit(held.train, held.dev, data.moments, whole, self.progress)[0])

    @property
    def task(self) -> TaskData:
        """The data of the task.

        Raises:
            ConfigError: there are only moments.
        """
        return self._task("a probe of its own")

    @property
    def deviations(self) -> FloatArray:
        """(N,) the columns' deviations: a weight times its column's says what it does to the scores."""
        found: FloatArray = self.moments.std.cpu().numpy()
        return found

    def constants_last(self, order: IntArray) -> IntArray:
        """The same order with constant columns moved to the end."""
        return constants_last(order, self.moments)

    def _task(self, needed: str) -> TaskData:
        if self.data is None:
            raise ConfigError(
                f"The ranking reads {needed}, and moments alone train none: give a TaskData, or choose one of moments."
            )
        return self.data

    def _weights(self, probe: Probe) -> FloatArray:
        if probe.columns != (0, len(self.moments.columns)):
            raise ValueError(
                f"the oracle must read all {len(self.moments.columns)} columns, not {probe.columns.start} to "
                f"{probe.columns.stop}"
            )
        weights: FloatArray = probe.weight.T.double().cpu().numpy()
        return weights
