"""Task-specific redundancy and the sieve (Sections 6 and 7), as records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.general import THRESHOLDS, Dendrogram
from neurosieve.probes import Range
from neurosieve.run.prepare import Prepared
from neurosieve.run.records import Recorder, neuron_ids, per_layer
from neurosieve.run.results import ClusteredScores, Curve, CurvePoint, LayerScores, MinimalSet, Sieve, Task
from neurosieve.run.schema import Scores
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.sieve import SieveResult, SieveSettings, run_sieve

# How exactly each ranking's minimal set is found: baselines need no exact size, and their candidates are large.
RESOLUTION = {"forward": 0.02, "lca": 0.05, "random": 0.15}


@dataclass(frozen=True)
class TaskRun:
    """The record of a task, and what a compact model is made of: the full model's columns and the probe on them."""

    prepared: Prepared
    record: Task
    oracle: ts.Scored
    columns: IntArray | None
    sieved: ts.Scored | None


class TaskAnalysis:
    """One task from its rows to its records; every step uses what the steps before it left."""

    def __init__(self, prepared: Prepared, settings: RunSettings, watch: Stopwatch) -> None:
        self.prepared, self.settings, self.watch = prepared, settings, watch
        self.data = prepared.data
        self.grid = self.data.train.rows.grid
        self.recorder = Recorder(self.data, prepared.corpus.metrics, settings.seed)

    def run(self, dendrogram: Dendrogram, *, with_sieve: bool = True) -> TaskRun:
        """Oracle, layers, rankings, minimal sets, and the sieve."""
        with self.watch.stage("oracle and layers"):
            probes = ts.probe_layers(self.data, self.watch.progress.step)
        with self.watch.stage("clusters and accuracy"):
            clustered = self._clustered(dendrogram)
        orders = self._rankings(probes)
        curves, minimal = self._minimal_sets(orders, probes)
        result, sieve = None, None
        if with_sieve:
            with self.watch.stage("sieve"):
                result = run_sieve(self.data, probes, sieve_settings(self.settings), progress=self._tell)
                sieve = self._sieve(result, probes, orders)
        with self.watch.stage("intervals"):
            record = Task(
                corpus=self.prepared.facts,
                protocol=self.settings.protocol,
                metric=self.data.metric.name,
                class_weights=self.prepared.task.class_weights,
                tolerance=self.settings.tolerance,
                layer_tolerance=layer_tolerance(self.settings),
                majority=self.recorder.majority(),
                oracle=self.recorder.oracle(probes.oracle),
                layers=self._layers(probes.alone, probes.oracle, alone=True),
                prefixes=self._layers(probes.prefixes, probes.oracle, alone=False),
                clustered=clustered,
                curves=curves,
                minimal_set=minimal,
                sieve=sieve,
            )
        if result is None:
            return TaskRun(self.prepared, record, probes.oracle, None, None)
        return TaskRun(self.prepared, record, probes.oracle, result.columns, result.scored)

    def _tell(self, step: str) -> None:
        self.watch.progress.stage(f"sieve: {step}")

    def _tolerance(self, oracle: ts.Scored, loss: float, confidence: float | None = None) -> ts.Tolerance:
        return ts.Tolerance(loss, oracle, self.data.dev_gold, self.data.metric, confidence, self.settings.seed)

    def _layers(self, scored: tuple[ts.Scored, ...], oracle: ts.Scored, *, alone: bool) -> list[LayerScores]:
        tolerance = self._tolerance(oracle, layer_tolerance(self.settings))
        return [
            LayerScores(
                layer=layer,
                neurons=self.grid.units * (1 if alone else layer + 1),
                dev=self.recorder.dev(one),
                test=self.recorder.test(one),
                within_tolerance=tolerance.accepts(one),
            )
            for layer, one in enumerate(scored)
        ]

    def _clustered(self, dendrogram: Dendrogram) -> list[ClusteredScores]:
        correlation, seed = self.data.moments.correlation().cpu().numpy(), self.settings.seed
        how = sieve_settings(self.settings).representative
        sets = [
            np.arange(self.grid.size),
            *(dendrogram.cut(c).representatives(correlation, how, seed) for c in THRESHOLDS),
        ]
        scored = ts.probe_representatives(self.data, sets)
        return [
            ClusteredScores(
                threshold=threshold,
                neurons=len(columns),
                dev=self.recorder.dev(one),
                test=self.recorder.test(one),
            )
            for threshold, columns, one in zip([None, *THRESHOLDS], sets, scored, strict=True)
        ]

    def _rankings(self, probes: ts.LayerProbes) -> dict[str, IntArray]:
        with self.watch.stage("rankings"):
            moments, seed = self.data.moments, self.settings.seed
            return {
                "forward": ts.forward_selection(moments, device=self.data.protocol.device),
                "lca": ts.rank_by_lca(self.data, probes.oracle),
                "random": ts.constants_last(ts.random_order(self.grid.size, seed), moments),
                "random_per_layer": ts.constants_last(ts.random_per_layer(self.grid, seed), moments),
            }

    def _minimal_sets(
        self, orders: dict[str, IntArray], probes: ts.LayerProbes
    ) -> tuple[list[Curve], dict[str, MinimalSet]]:
        """The paper's protocol walks the paper's grid for the paper's ranking; all else is bracketed by screening."""
        curves: list[Curve] = []
        minimal: dict[str, MinimalSet] = {}
        first: tuple[list[ts.CurvePoint], int] | None = None
        tolerance = self._tolerance(probes.oracle, self.settings.tolerance)
        paper = self.settings.protocol == "paper"
        for name, order in orders.items():
            with self.watch.stage(f"minimal set: {name}"):
                screened = ts.screen_ranking(self.data, order)
                curves.append(Curve(ranking=name, screened=_points(screened)))
                if name == "random_per_layer":
                    continue  # it tells the same as random; its score at the sieve's size is among the baselines
                step = self.watch.progress.step
                if paper and name == "lca":
                    sizes = ts.paper_sizes(self.grid.size, self.grid.size)
                    found = ts.first_accepted(self.data, order, tolerance, sizes, step)
                else:
                    guess = ts.guess_like(screened, *first) if first else ts.guess_size(screened, tolerance.loss)
                    resolution = RESOLUTION[name]
                    found = ts.minimal_set(
                        self.data,
                        order,
                        tolerance,
                        guess=guess,
                        resolution=resolution,
                        curve=screened,
                        progress=step,
                    )
                    first = first or (screened, len(found.columns))
                curves[-1] = curves[-1].model_copy(update={"probed": _points(found.probed)})
                minimal[name] = self._minimal(name, found, probes.oracle)
        return curves, minimal

    def _minimal(self, ranking: str, found: ts.MinimalSet, oracle: ts.Scored) -> MinimalSet:
        return MinimalSet(
            ranking=ranking,
            tolerance=self.settings.tolerance,
            neurons=neuron_ids(self.grid, found.columns),
            dev=self.recorder.dev(found.scored),
            test=self.recorder.test(found.scored),
            difference=self.recorder.difference(found.scored, oracle),
            per_layer=per_layer(self.grid, found.columns),
            reached=found.reached,
        )

    def _sieve(self, result: SieveResult, probes: ts.LayerProbes, orders: dict[str, IntArray]) -> Sieve:
        baselines = self._baselines(len(result.columns), orders)
        return self.recorder.sieve(result, sieve_settings(self.settings), probes.oracle, baselines)

    def _baselines(self, size: int, orders: dict[str, IntArray]) -> dict[str, Scores]:
        """As many neurons chosen otherwise: at random, at random per layer, by LCA, the best of the last layer."""
        last = self.grid.layers - 1
        in_last = [c for c in orders["forward"] if c // self.grid.units == last]
        sets = {name: orders[name][:size] for name in ("random", "random_per_layer", "lca")}
        sets["last_layer"] = np.array(in_last[:size], dtype=np.int64)
        scored = self._fit_apart(list(sets.values()))
        return {name: self.recorder.test(one) for name, one in zip(sets, scored, strict=True)}

    def _fit_apart(self, sets: list[IntArray]) -> list[ts.Scored]:
        """A probe on each of some sets of columns: one after the other, so that one is in memory.

        Only the paper's share something, the batches they learn from.
        """
        if self.settings.protocol != "paper":
            return [self.data.select(columns).fit_all() for columns in sets]
        ends = np.cumsum([len(columns) for columns in sets])
        ranges = [Range(int(end) - len(columns), int(end)) for end, columns in zip(ends, sets, strict=True)]
        return self.data.select(np.concatenate(sets)).fit(ranges)


def _points(points: tuple[ts.CurvePoint, ...] | list[ts.CurvePoint]) -> list[CurvePoint]:
    return [CurvePoint(neurons=point.size, dev=point.dev, test=point.test) for point in points]


def layer_tolerance(settings: RunSettings) -> float:
    """The tolerance of single layers and prefixes: Section 6.1's 1 %, unless the user says otherwise."""
    return 0.01 if settings.layer_tolerance is None else settings.layer_tolerance


def sieve_settings(settings: RunSettings) -> SieveSettings:
    """The sieve that the settings ask for: the protocol's own, with what the user set on top."""
    base = SieveSettings.paper(settings.seed) if settings.protocol == "paper" else SieveSettings(seed=settings.seed)
    if settings.protocol == "default":
        base = replace(base, confidence=settings.confidence)
    chosen = {
        name: value
        for name in (
            "layer_tolerance",
            "cluster_tolerance",
            "neuron_tolerance",
            "reference",
            "ranking",
            "representative",
        )
        if (value := getattr(settings, name)) is not None
    }
    if settings.cluster_tolerance is not None:
        chosen["judge_clusters"] = True
    if settings.threshold is not None:
        chosen["thresholds"] = (settings.threshold or None, None)
    return replace(base, tolerance=settings.tolerance, **chosen)
