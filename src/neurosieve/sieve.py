"""The sieve: LayerSelector, then correlation clustering, then feature selection (Section 7). No model is needed.

Each step has a tolerance of its own, against the step before it, and all of them together stay within one overall
tolerance against the oracle. ``reference="stage"`` drops the overall bound: that is the paper's procedure, in which
the losses of the steps add up unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from neurosieve.arrays import IntArray
from neurosieve.general import Dendrogram, cluster
from neurosieve.task_specific import (
    LayerProbes,
    MinimalSet,
    Scored,
    TaskData,
    Tolerance,
    first_accepted,
    forward_selection,
    guess_size,
    minimal_set,
    paper_sizes,
    probe_representatives,
    rank_by_lca,
    screen_ranking,
    select_prefix,
)

# A least-squares probe loses more by clustering than the logistic one that counts; measured: up to twice as much.
HOPELESS = 2.0

Progress = Callable[[str], None]
RankingName = Literal["forward", "lca"]


@dataclass(frozen=True)
class SieveSettings:
    """How much each step may lose, as a share of the score it is measured against.

    The first two default to a third of the overall tolerance each, the third to all that is left of it, or to a third
    too where only the step before counts. ``thresholds`` are tried from the first on, the first that passes is taken;
    None is no clustering. Without ``judge_clusters`` and without an overall bound, the first is taken unseen.
    ``confidence`` asks that dev supports each decision at that level (a paired bootstrap over sentences).
    """

    tolerance: float = 0.03
    layer_tolerance: float | None = None
    cluster_tolerance: float | None = None
    neuron_tolerance: float | None = None
    reference: Literal["oracle", "stage"] = "oracle"
    thresholds: tuple[float | None, ...] = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, None)
    judge_clusters: bool = True
    representative: Literal["medoid", "random"] = "medoid"
    ranking: RankingName = "forward"
    confidence: float | None = 0.95
    grid_search: bool = False
    seed: int = 0

    @classmethod
    def paper(cls, seed: int = 0) -> SieveSettings:
        """Section 7 as published: 1 % for each step against the step before, c_t = 0.3, random representatives."""
        return cls(
            layer_tolerance=0.01,
            neuron_tolerance=0.01,
            reference="stage",
            thresholds=(0.3,),
            judge_clusters=False,
            representative="random",
            ranking="lca",
            confidence=None,
            grid_search=True,
            seed=seed,
        )

    def step_tolerance(self, own: float | None) -> float:
        """The tolerance of one of the first two steps."""
        return self.tolerance / 3 if own is None else own

    @property
    def last_tolerance(self) -> float | None:
        """The tolerance of the third step; None is all that is left of the overall one."""
        return self.neuron_tolerance if self.reference == "oracle" else self.step_tolerance(self.neuron_tolerance)


@dataclass(frozen=True)
class Step:
    """What one step left: ``columns`` are the full model's; ``target`` is the dev score that had to be exceeded."""

    name: Literal["LayerSelector", "correlation clustering", "feature selection"]
    columns: IntArray
    scored: Scored
    target: float
    tolerance: float | None
    threshold: float | None = None


@dataclass(frozen=True)
class SieveResult:
    """The three steps, and the neurons and the probe that are left."""

    steps: tuple[Step, ...]
    selection: MinimalSet
    data: TaskData = field(repr=False)

    @property
    def columns(self) -> IntArray:
        """The full model's columns that are kept, in the order in which the head reads them."""
        return self.selection.columns

    @property
    def scored(self) -> Scored:
        """The probe on just these columns."""
        return self.selection.scored


class _Bounds:
    """The conditions on one step: its own tolerance against the step before, and the overall one."""

    def __init__(self, data: TaskData, oracle: Scored, settings: SieveSettings) -> None:
        self.data, self.oracle, self.settings = data, oracle, settings

    def _against(self, reference: Scored, loss: float) -> Tolerance:
        s = self.settings
        return Tolerance(loss, reference, self.data.dev_gold, self.data.metric, s.confidence, s.seed)

    def step(self, before: Scored, own: float | None) -> Tolerance:
        """The stricter of the two conditions, told by their targets."""
        overall = self._against(self.oracle, self.settings.tolerance)
        if own is None:
            return overall
        mine = self._against(before, own)
        return mine if self.settings.reference == "stage" or mine.target >= overall.target else overall


def run_sieve(
    data: TaskData,
    probes: LayerProbes,
    settings: SieveSettings,
    *,
    progress: Progress | None = None,
) -> SieveResult:
    """Fit the sieve on ``data``, the full set of columns, from the probes on its layers and prefixes."""
    tell = progress or (lambda _: None)
    bounds, s = _Bounds(data, probes.oracle, settings), settings
    tell("LayerSelector")
    layers = _select_layers(data, probes, bounds, s)
    tell("correlation clustering")
    clustered, left = _cluster(data, layers, bounds, s)
    tell("feature selection")
    selection, tolerance = _select_neurons(left, clustered, bounds, s)
    final = Step("feature selection", selection.columns, selection.scored, tolerance.target, s.last_tolerance)
    return SieveResult((layers, clustered, final), selection, left)


def _select_layers(data: TaskData, probes: LayerProbes, bounds: _Bounds, s: SieveSettings) -> Step:
    """Step 1: the fewest layers, all concatenated from the embeddings on."""
    own = s.step_tolerance(s.layer_tolerance)
    tolerance = bounds.step(probes.oracle, own)
    last = select_prefix(probes, tolerance)
    columns = np.arange(data.train.rows.grid.prefix(last).stop, dtype=np.int64)
    return Step("LayerSelector", columns, probes.prefixes[last], tolerance.target, own)


class _Clustering:
    """One dendrogram of the columns in question for all thresholds."""

    def __init__(self, data: TaskData, columns: IntArray, s: SieveSettings) -> None:
        chosen = data.moments.select(columns)
        self.correlation, self.settings = chosen.correlation().numpy(), s
        self.dendrogram: Dendrogram = cluster(
            self.correlation, constant=chosen.constant.numpy(), columns=np.asarray(chosen.columns)
        )

    def __call__(self, threshold: float) -> IntArray:
        s = self.settings
        return np.sort(self.dendrogram.cut(threshold).representatives(self.correlation, s.representative, s.seed))


def _cluster(data: TaskData, layers: Step, bounds: _Bounds, s: SieveSettings) -> tuple[Step, TaskData]:
    """Step 2: one neuron per cluster, at the first threshold that passes; the paper takes its threshold as given."""
    own, clustering = s.step_tolerance(s.cluster_tolerance), _Clustering(data, layers.columns, s)
    tolerance, judged = bounds.step(layers.scored, own), s.judge_clusters or s.reference == "oracle"
    sets = {c: layers.columns if c is None else clustering(c) for c in s.thresholds}
    for threshold in _promising(data, layers.columns, sets, own) if judged else sets:
        columns = sets[threshold]
        left = data.select(columns, hold=False)
        scored = layers.scored if threshold is None else left.held().fit_all()
        if not judged or tolerance.accepts(scored):
            allowed = own if judged else None
            return Step("correlation clustering", columns, scored, tolerance.target, allowed, threshold), left
    step = Step("correlation clustering", layers.columns, layers.scored, tolerance.target, own)
    return step, data.select(layers.columns, hold=False)


def _promising(data: TaskData, whole: IntArray, sets: dict[float | None, IntArray], loss: float) -> list[float | None]:
    """The thresholds whose least-squares probe does not lose far more than the tolerance: only these get a real one."""
    scored = probe_representatives(data, [whole, *sets.values()])
    floor = (1.0 - HOPELESS * loss) * scored[0].dev
    return [threshold for threshold, one in zip(sets, scored[1:], strict=True) if one.dev > floor]


def _select_neurons(left: TaskData, before: Step, bounds: _Bounds, s: SieveSettings) -> tuple[MinimalSet, Tolerance]:
    """Step 3: the minimal set of what is left."""
    tolerance = bounds.step(before.scored, s.last_tolerance)
    if s.ranking == "lca":
        order = rank_by_lca(left, before.scored)
    else:
        order = forward_selection(left.moments, device=left.protocol.device)
    if s.grid_search:
        sizes = paper_sizes(left.moments.grid.size, left.n_columns)
        return first_accepted(left, order, tolerance, sizes), tolerance
    curve = screen_ranking(left, order)
    guess = guess_size(curve, 1.0 - tolerance.target / max(before.scored.dev, tolerance.target, 1e-12))
    return minimal_set(left, order, tolerance, guess=guess, curve=curve), tolerance
