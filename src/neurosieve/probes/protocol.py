"""The two ways to train every probe of an analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from neurosieve.arrays import LabelledRows
from neurosieve.moments import Moments
from neurosieve.probes.converged import fit_converged
from neurosieve.probes.elastic_net import fit_elastic_net
from neurosieve.probes.probe import Probe, Range

ProtocolName = Literal["default", "paper"]


@dataclass(frozen=True)
class Protocol:
    """``default`` converges and stops on dev; ``paper`` is Section 3.2's elastic net, which looks at train alone."""

    name: ProtocolName = "default"
    seed: int = 0
    device: str = "cpu"

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
            return fit_elastic_net(train, ranges, seed=self.seed, device=self.device, progress=progress)
        return fit_converged(train, dev, moments, ranges, device=self.device, progress=progress)
