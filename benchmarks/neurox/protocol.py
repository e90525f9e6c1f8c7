"""The authors' protocol (Sections 5.2, 6 and 7) with NeuroX's own functions, every stage timed.

Runs in the peers' environment, without neurosieve: ``python -m benchmarks.neurox.protocol FOLDER`` reads what
``inputs.py`` wrote. Where NeuroX has nothing (LayerSelector, the search) there is the plainest loop around what it has.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.neurox.probing import Found, Prober
from benchmarks.neurox.reading import from_arrays, from_text
from benchmarks.neurox.stages import Stages
from benchmarks.worker import answer, timed

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # Figure 2
TRANSFER_THRESHOLDS = (None, 0.3)  # of the authors' example for Section 7
LAYER_TOLERANCE = 0.01  # Section 6.1, and LayerSelector's
# Per mille of all neurons: the grid of Tables 1, 2 and 8, and that of Section 7.
COARSE = (100, *range(150, 501, 50), *range(600, 901, 100))
FINE_GRID = (*range(1, 100), *COARSE)
TRANSFER_GRID = (*range(1, 6), *range(10, 100, 10), *COARSE)


class Protocol:
    """The analyses, in the paper's order; each leaves its scores in ``found``."""

    def __init__(self, prober: Prober, job: dict[str, Any], given: argparse.Namespace) -> None:
        self.prober, self.stages, self.given = prober, prober.stages, given
        self.layers, self.units = job["layers"], job["units"]
        self.all = np.arange(self.layers * self.units)
        self.found: dict[str, Any] = {}
        self.scores: dict[str, float] = {}

    def run(self) -> None:
        """All that the authors' scripts do after extraction."""
        prober = self.prober
        with self.stages("oracle"):
            self.oracle = prober(self.all)
            self._keep("oracle", self.oracle)
        with self.stages("layers"):
            self.alone = [prober(self._prefix(i)[-self.units :]) for i in range(self.layers)]
            self.found["layers"] = [(one.dev, prober.test(one)) for one in self.alone]
        with self.stages("LayerSelector"):
            self.prefixes = list(self._prefixes())
            self._keep("layer_selector", self.prefixes[-1])
        self._minimal_set()
        self._clusters()
        self._transfer()

    def other_prefixes(self) -> None:
        """The prefixes that LayerSelector did not need; neurosieve's run trains them too."""
        with self.stages("the other prefixes"):
            rest = [self.prober(self._prefix(i)) for i in range(len(self.prefixes), self.layers - 1)]
            self.found["other_prefixes"] = [(one.dev, self.prober.test(one)) for one in rest]

    def _prefix(self, last: int) -> np.ndarray:
        return self.all[: (last + 1) * self.units]

    def _prefixes(self) -> Iterator[Found]:
        """Layers 0, 0-1, 0-2 … up to the first within 1 % of the oracle; the first and the last are trained already."""
        target = (1 - LAYER_TOLERANCE) * self.oracle.dev
        for last in range(self.layers):
            known = {0: self.alone[0], self.layers - 1: self.oracle}.get(last)
            found = known or self.prober(self._prefix(last))
            yield found
            if found.dev > target:
                return

    def _keep(self, name: str, found: Found) -> None:
        test = self.prober.test(found)
        self.scores |= {f"{name}_dev": found.dev, f"{name}_test": test, f"{name}_neurons": len(found.columns)}

    def _minimal_set(self) -> None:
        """Tables 1, 2 and 8: the shortest prefix of LCA on all neurons."""
        with self.stages("LCA"):
            ranked = self.prober.ranked(self.oracle)
        with self.stages("minimal set"):
            target = (1 - self.given.minimal_tolerance) * self.oracle.dev
            found = self.prober.search(ranked, FINE_GRID, target, len(self.all))
            self._keep("minimal", found or self.oracle)

    def _clusters(self) -> None:
        """Figure 2 and Table 6: clusters at every threshold, and a probe on one neuron of each."""
        rows = []
        for threshold in THRESHOLDS:
            with self.stages("clusters"):
                kept = self.prober.independent(self.all, threshold)
            with self.stages("clusters: probes"):
                one = self.prober(kept)
                rows.append((threshold, len(kept), one.dev, self.prober.test(one)))
        self.found["clusters"] = rows

    def _transfer(self) -> None:
        """Section 7: clusters of the selected layers or none, LCA on what is left, and the search."""
        selected = self.prefixes[-1]
        for threshold in TRANSFER_THRESHOLDS:
            base = selected
            if threshold is not None:
                with self.stages("transfer: clusters"):
                    base = self.prober(self.prober.independent(selected.columns, threshold))
            with self.stages("transfer: LCA"):
                ranked = self.prober.ranked(base)
            with self.stages("transfer: search"):
                reference = self.oracle if self.given.reference == "oracle" else base
                target = (1 - self.given.transfer_tolerance) * reference.dev
                found = self.prober.search(ranked, TRANSFER_GRID, target, len(self.all)) or base
                self._keep(f"transfer_{threshold or 'none'}", found)
        self._keep_better()

    def _keep_better(self) -> None:
        """The set of higher test accuracy stands for both: what ours has to match."""
        names = [f"transfer_{threshold or 'none'}" for threshold in TRANSFER_THRESHOLDS]
        better = max(names, key=lambda name: self.scores[f"{name}_test"])
        self.scores |= {f"sieve_{kind}": self.scores[f"{better}_{kind}"] for kind in ("dev", "test", "neurons")}


@contextmanager
def quiet() -> Iterator[None]:
    """NeuroX prints a great deal; writing it anywhere would only cost it time."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what inputs.py wrote")
    parser.add_argument("--end-to-end", action="store_true", help="from text: extraction and loading by NeuroX first")
    parser.add_argument("--minimal-tolerance", type=float, default=0.03, help="of the minimal set (Section 6.2: 0.03)")
    parser.add_argument("--transfer-tolerance", type=float, default=0.03, help="of Section 7's search (there: 0.01)")
    parser.add_argument("--reference", choices=("oracle", "stage"), default="oracle", help="of that (there: stage)")
    parser.add_argument("--other-prefixes", action="store_true", help="train them too, outside the time")
    return parser.parse_args()


def main() -> None:
    """Run, tell the stages, answer."""
    given, stages = options(), Stages()
    job = json.loads((given.folder / "job.json").read_text(encoding="utf-8"))
    splits = None if given.end_to_end else from_arrays(given.folder)
    with quiet(), timed() as timer:
        splits = splits or from_text(given.folder, job, stages)
        read = time.monotonic()
        protocol = Protocol(Prober(splits, job["classes"], job["seed"], stages), job, given)
        protocol.run()
    if given.other_prefixes:
        with quiet():
            protocol.other_prefixes()
    stages.tell()
    facts = {"stages": stages.found, "probes": stages.probes, "found": protocol.found}
    answer(timer, protocol.scores | {"analysis_seconds": timer.end - read}, facts=facts)


if __name__ == "__main__":
    main()
