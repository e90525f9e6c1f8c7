"""Task-specific redundancy and the sieve (Sections 6 and 7), as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.general import THRESHOLDS, Dendrogram
from neurosieve.memory import give_back_memory
from neurosieve.probes import Range
from neurosieve.run.judging import layer_tolerance, sieve_settings
from neurosieve.run.minimal import First, proof_of, smallest_set, tolerance_of
from neurosieve.run.prepare import Prepared
from neurosieve.run.records import Recorder, neuron_ids, per_layer
from neurosieve.run.results import ClusteredScores, Curve, CurvePoint, LayerScores, MinimalSet, Selectivity, Sieve, Task
from neurosieve.run.resume.stages import Keep, made
from neurosieve.run.schema import Difference, Scores
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Stopwatch
from neurosieve.sieve import SieveResult, Step, run_sieve

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

    def __init__(self, prepared: Prepared, settings: RunSettings, watch: Stopwatch, keep: Keep = made) -> None:
        self.prepared, self.settings, self.watch, self.keep = prepared, settings, watch, keep
        self.data = prepared.data
        self.grid = self.data.train.rows.grid
        self.recorder = Recorder(self.data, prepared.corpus.metrics, settings.seed)

    def run(self, dendrogram: Dendrogram, *, with_sieve: bool = True) -> TaskRun:
        """Oracle, layers, rankings, minimal sets, and the sieve.

        Raises:
            ConfigError: non-inferiority is asked of fewer than four dev sentences.
        """
        with self.watch.stage("oracle and layers"):
            probes = self.keep("oracle and layers", lambda: ts.probe_layers(self.data, self.watch.progress.step))
        with self.watch.stage("clusters and accuracy"):
            clustered = self.keep("clusters and accuracy", lambda: self._clustered(dendrogram))
        with self.watch.stage("rankings"):
            orders = self.keep("rankings", lambda: self._rankings(probes))
        curves, minimal = self._minimal_sets(orders, probes)
        result, sieve = None, None
        if with_sieve:
            with self.watch.stage("sieve"):
                result = self._sieved(probes)
                sieve = self._sieve(result, probes, orders)
        selectivity = self._selectivity(probes.oracle, result)
        with self.watch.stage("intervals"):
            record = Task(
                corpus=self.prepared.facts,
                protocol=self.settings.protocol,
                metric=self.data.metric.name,
                class_weights=self.prepared.task.class_weights,
                tolerance=self.settings.tolerance,
                layer_tolerance=layer_tolerance(self.settings),
                non_inferior=self.settings.confidence if self.settings.non_inferior else None,
                majority=self.recorder.majority(),
                oracle=self.recorder.oracle(probes.oracle),
                layers=self._layers(probes.alone, self._within_alone(probes), alone=True),
                prefixes=self._layers(probes.prefixes, self._within_together(probes), alone=False),
                clustered=clustered,
                curves=curves,
                minimal_set=minimal,
                sieve=sieve,
                selectivity=selectivity,
            )
        if result is None:
            return TaskRun(self.prepared, record, probes.oracle, None, None)
        return TaskRun(self.prepared, record, probes.oracle, result.columns, result.scored)

    def _sieved(self, probes: ts.LayerProbes) -> SieveResult:
        def make() -> tuple[tuple[Step, ...], ts.MinimalSet, IntArray]:
            found = run_sieve(self.data, probes, sieve_settings(self.settings), progress=self._tell)
            return found.steps, found.selection, found.order

        steps, selection, order = self.keep("sieve", make)
        return SieveResult(steps, selection, self.data.select(steps[1].columns, hold=False), order)

    def _tell(self, step: str) -> None:
        self.watch.progress.stage(f"sieve: {step}")

    def _tolerance(self, oracle: ts.Scored, loss: float) -> ts.Tolerance:
        return tolerance_of(self.data, oracle, loss, self.settings)

    def _within_alone(self, probes: ts.LayerProbes) -> list[bool]:
        """Which single layers are within the tolerance; tests of L layers have an L-th of the error each."""
        tolerance = self._tolerance(probes.oracle, layer_tolerance(self.settings))
        if tolerance.confidence is not None:
            each = (1.0 - tolerance.confidence) / len(probes.alone)
            tolerance = replace(tolerance, confidence=1.0 - each)
        return [tolerance.accepts(one) for one in probes.alone]

    def _within_together(self, probes: ts.LayerProbes) -> list[bool]:
        """Which prefixes of the layers are; where tests are asked, those before the first that fails, from the top."""
        tolerance = self._tolerance(probes.oracle, layer_tolerance(self.settings))
        if tolerance.confidence is None:
            return [tolerance.accepts(one) for one in probes.prefixes]
        fewest = ts.non_inferior_prefix(probes, tolerance).layer
        return [layer >= fewest for layer in range(len(probes.prefixes))]

    def _layers(self, scored: tuple[ts.Scored, ...], within: list[bool], *, alone: bool) -> list[LayerScores]:
        return [
            LayerScores(
                layer=layer,
                neurons=self.grid.units * (1 if alone else layer + 1),
                dev=self.recorder.dev(one),
                test=self.recorder.test(one),
                within_tolerance=is_within,
            )
            for layer, (one, is_within) in enumerate(zip(scored, within, strict=True))
        ]

    def _clustered(self, dendrogram: Dendrogram) -> list[ClusteredScores]:
        moments, seed = self.data.moments, self.settings.seed
        correlation = moments if self.data.protocol.room.tilewise else moments.correlation().cpu().numpy()
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
        first: First | None = None
        tolerance = self._tolerance(probes.oracle, self.settings.tolerance)
        for name, order in orders.items():
            with self.watch.stage(f"minimal set: {name}"):
                screened = self.keep(f"screened: {name}", partial(ts.screen_ranking, self.data, order))
                curves.append(Curve(ranking=name, screened=self._points(screened)))
                if name == "random_per_layer":
                    continue  # it tells the same as random; its score at the sieve's size is among the baselines
                search = partial(self._search, name, order, tolerance, screened, first)
                found = self.keep(f"minimal set: {name}", search)
                if not self._on_grid(name):
                    first = first or (screened, len(found.columns))
                curves[-1] = curves[-1].model_copy(update={"probed": self._points(found.probed)})
                minimal[name] = self._minimal(name, found, probes.oracle)
        return curves, minimal

    def _points(self, points: Sequence[ts.CurvePoint]) -> list[CurvePoint]:
        return [
            CurvePoint(
                neurons=point.size,
                dev=point.dev,
                test=point.test,
                dev_interval=self.recorder.dev_interval(point.dev_predictions),
            )
            for point in points
        ]

    def _on_grid(self, ranking: str) -> bool:
        return self.settings.protocol == "paper" and ranking == "lca"

    def _search(
        self,
        ranking: str,
        order: IntArray,
        tolerance: ts.Tolerance,
        screened: list[ts.CurvePoint],
        first: First | None,
    ) -> ts.MinimalSet:
        step = self.watch.progress.step
        if self._on_grid(ranking):
            sizes = ts.paper_sizes(self.grid.size, self.grid.size)
            return ts.first_accepted(self.data, order, tolerance, sizes, step)
        return smallest_set(
            self.data,
            order,
            tolerance,
            resolution=RESOLUTION[ranking],
            screened=screened,
            first=first,
            progress=step,
        )

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
            non_inferior=proof_of(found, self.settings.confidence, self.data.dev_gold.n_sentences),
        )

    def _sieve(self, result: SieveResult, probes: ts.LayerProbes, orders: dict[str, IntArray]) -> Sieve:
        baselines = self.keep("baselines", lambda: self._baselines(len(result.columns), orders))
        record = self.recorder.sieve(result, sieve_settings(self.settings), probes.oracle, baselines)
        tested = self.data.dev_gold.n_sentences // 2  # the other half chose layers and clusters
        proof = proof_of(result.selection, self.settings.confidence, tested)
        return record.model_copy(update={"non_inferior": proof})

    def _baselines(self, size: int, orders: dict[str, IntArray]) -> dict[str, Scores]:
        """As many neurons chosen otherwise: at random, at random per layer, by LCA, the best of the last layer.

        With controls, as many principal components of all neurons too, which no choice of neurons can be.
        """
        sets = {name: orders[name][:size] for name in ("random", "random_per_layer", "lca")}
        # Where it has fewer neurons than the sieve keeps, all of them, and no others.
        sets["last_layer"] = ts.rank("last_layer", self.data.moments)[: min(size, self._varying_in_last_layer())]
        give_back_memory()  # the searches left holes, which probes of other columns could not use
        scored = dict(zip(sets, self._fit_apart(list(sets.values())), strict=True))
        if self.settings.controls and size <= int((~self.data.moments.constant).sum()):
            components = ts.principal_components(self.data.moments, size)
            scored["principal_components"] = ts.project(self.data, components).fit_all()
        return {name: self.recorder.test(one) for name, one in scored.items()}

    def _varying_in_last_layer(self) -> int:
        return max(1, int((~self.data.moments.constant[self.grid.layer(self.grid.layers - 1)]).sum()))

    def _selectivity(self, oracle: ts.Scored, result: SieveResult | None) -> list[Selectivity]:
        """Oracle and sieve beside their control tasks; for labels of words alone."""
        if not self.settings.controls or self.prepared.corpus.kind != "labelling":
            return []
        with self.watch.stage("control task"):
            return self.keep("control task", lambda: self._beside_controls(oracle, result))

    def _beside_controls(self, oracle: ts.Scored, result: SieveResult | None) -> list[Selectivity]:
        control = ts.control_task(self.data, self.prepared.words, self.settings.seed)
        whole = np.arange(self.grid.size)
        sets = [("oracle", whole, oracle)] + ([] if result is None else [("sieve", result.columns, result.scored)])
        columns, scored = [one[1] for one in sets], [one[2] for one in sets]
        found = ts.selectivity(self.data, control, columns, scored, self.settings.seed)
        return [
            Selectivity(
                probe=name,
                neurons=len(kept),
                task=one.task,
                control=one.control,
                difference=Difference(value=one.value, interval=(one.low, one.high)),
            )
            for (name, kept, _), one in zip(sets, found, strict=True)
        ]

    def _fit_apart(self, sets: list[IntArray]) -> list[ts.Scored]:
        """A probe on each of some sets of columns: one after the other, so that one is in memory.

        Only the paper's share something, the batches they learn from.
        """
        if self.settings.protocol != "paper":
            return [self.data.select(columns).fit_all() for columns in sets]
        ends = np.cumsum([len(columns) for columns in sets])
        ranges = [Range(int(end) - len(columns), int(end)) for end, columns in zip(ends, sets, strict=True)]
        return self.data.select(np.concatenate(sets)).fit(ranges)
