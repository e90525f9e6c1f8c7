"""The two ways to train every probe of an analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from neurosieve.arrays import LabelledRows
from neurosieve.engines.team import Team
from neurosieve.memory import Room
from neurosieve.metrics import ACCURACY, Metric
from neurosieve.moments import Moments
from neurosieve.probes.converged import fit_converged
from neurosieve.probes.elastic_net import fit_elastic_net
from neurosieve.probes.imbalance import ClassWeights
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.ridge import fit_ridge

ProtocolName = Literal["default", "paper"]

# Of one weight: 20 vectors that L-BFGS remembers, 5 on its way, and weights, gradients and the best so far, float32.
SEARCH_BYTES = 33 * 4


@dataclass(frozen=True)
class Protocol:
    """``default`` converges and stops on dev; ``paper`` is Section 3.2's elastic net, which looks at train alone.

    ``metric`` is what scores and tolerances are measured in, and what the default protocol looks at on dev. The workers
    of a ``team`` share its passes over the rows. ``room`` bounds what is held at a time: how many probes share a pass.
    """

    name: ProtocolName = "default"
    seed: int = 0
    device: str = "cpu"
    metric: Metric = ACCURACY
    class_weights: ClassWeights = "none"
    team: Team | None = None
    room: Room = field(default_factory=Room)

    def fit(
        self,
        train: LabelledRows,
        dev: LabelledRows,
        moments: Moments,
        ranges: Sequence[Range],
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Probe]:
        """One probe per range of columns, all from the same passes over the rows."""
        if self.name == "paper":
            return self.fit_elastic_net(train, ranges, progress)
        if train.is_numeric:
            return fit_ridge(train, dev, moments, ranges, metric=self.metric, device=self.device, progress=progress)
        together = list(_together(ranges, len(train.classes), self.room.probe_bytes))
        fitted = [
            fit_converged(
                train,
                dev,
                moments,
                some,
                metric=self.metric,
                weights=self.class_weights,
                device=self.device,
                team=self.team,
                progress=progress if len(together) == 1 else None,
            )
            for some in together
        ]
        return list(chain.from_iterable(fitted))

    def fit_elastic_net(
        self, train: LabelledRows, ranges: Sequence[Range], progress: Callable[[int, int], None] | None = None
    ) -> list[Probe]:
        """The paper's probes, whatever the protocol: rankings by weights need them."""
        return fit_elastic_net(
            train, ranges, weights=self.class_weights, seed=self.seed, device=self.device, progress=progress
        )


def _together(ranges: Sequence[Range], outputs: int, room: int | None) -> Iterator[list[Range]]:
    """Ranges one after another, as many together as their searches have room for; at least one."""
    group: list[Range] = []
    for one in ranges:
        if group and room is not None and sum(r.size for r in (*group, one)) * outputs * SEARCH_BYTES > room:
            yield group
            group = []
        group.append(one)
    yield group
