"""The two ways to train every probe of an analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from neurosieve.arrays import LabelledRows
from neurosieve.metrics import ACCURACY, Metric
from neurosieve.moments import Moments
from neurosieve.probes.converged import fit_converged
from neurosieve.probes.elastic_net import fit_elastic_net
from neurosieve.probes.imbalance import ClassWeights
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.ridge import fit_ridge

ProtocolName = Literal["default", "paper"]


@dataclass(frozen=True)
class Protocol:
    """``default`` converges and stops on dev; ``paper`` is Section 3.2's elastic net, which looks at train alone.

    ``metric`` is what scores and tolerances are measured in, and what the default protocol looks at on dev.
    """

    name: ProtocolName = "default"
    seed: int = 0
    device: str = "cpu"
    metric: Metric = ACCURACY
    class_weights: ClassWeights = "none"

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
        return fit_converged(
            train,
            dev,
            moments,
            ranges,
            metric=self.metric,
            weights=self.class_weights,
            device=self.device,
            progress=progress,
        )

    def fit_elastic_net(
        self, train: LabelledRows, ranges: Sequence[Range], progress: Callable[[int, int], None] | None = None
    ) -> list[Probe]:
        """The paper's probes, whatever the protocol: rankings by weights need them."""
        return fit_elastic_net(
            train, ranges, weights=self.class_weights, seed=self.seed, device=self.device, progress=progress
        )
