"""Layers × c_t × neurons against measured latency and score; what is worth a probe gets one, and dev alone judges."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.compact import CompactModel
from neurosieve.errors import ConfigError
from neurosieve.metrics import ConstantWarning
from neurosieve.probes import Range
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.front.candidates import THRESHOLDS, Candidate, Ranked, promising, rank_depths
from neurosieve.run.front.points import Points, marked, order_record
from neurosieve.run.front.records import Depth, Front, Point, front_name
from neurosieve.run.front.timing import HeadCost, Sample, head_costs, time_depths
from neurosieve.run.records import Recorder
from neurosieve.run.reopen import Reopened, reopen
from neurosieve.run.stages import Progress, Stopwatch

MOST_PER_DOUBLING = 16


@dataclass(frozen=True)
class FrontSettings:
    """What is tried and timed.

    Attributes:
        thresholds: c_t at which clusters of neurons are tried; None is no clustering.
        per_doubling: how many sizes are tried from k to 2·k neurons.
        rounds: how often every depth is timed.
    """

    thresholds: tuple[float | None, ...] = THRESHOLDS
    per_doubling: int = 2
    rounds: int = 5

    def check(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigError: a threshold is none, too many sizes or none are asked for, or no round.
        """
        if not self.thresholds or not all(c_t is None or 0 < c_t <= 1 for c_t in self.thresholds):
            raise ConfigError(f"Thresholds lie above 0 and up to 1, such as 0.3; these are {list(self.thresholds)}.")
        if not 1 <= self.per_doubling <= MOST_PER_DOUBLING:
            raise ConfigError(f"1 to {MOST_PER_DOUBLING} sizes can be tried per doubling, not {self.per_doubling}.")
        if self.rounds < 1:
            raise ConfigError(f"It takes at least one round to time anything, not {self.rounds}.")

    @property
    def in_order(self) -> list[float | None]:
        """No clustering first, then the thresholds from the smallest on, each once."""
        return sorted(set(self.thresholds), key=lambda c_t: c_t or 0.0)


def find_front(
    folder: str | Path,
    settings: FrontSettings | None = None,
    *,
    task: str | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
    batch_tokens: int | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Front:
    """Measure the front of a task of a finished run, and write ``front-TASK.json`` into its folder.

    Args:
        folder: of the run.
        settings: what is tried and timed.
        task: without a name the run's first.
        cache: as for `reopen`.
        device: as for `reopen`.
        batch_tokens: pieces in a large batch, if not as many as in the run.
        progress: is told of the stages.
        command: what was typed.

    Raises:
        ConfigError: a setting makes no sense, or the folder holds no finished run with such a task.
        NeurosieveError: the model, the corpus or the cache cannot be read.
    """
    asked = settings or FrontSettings()
    asked.check()
    run = reopen(folder, watch=Stopwatch(progress), cache=cache, device=device, batch_tokens=batch_tokens)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantWarning)  # a layer may say nothing; its score says so
        front = _Study(run, run.task_named(task), asked).front(command)
    front.save(run.folder / f"{front_name(front.task)}.json")
    return front


def fit_sizes(data: ts.TaskData, columns: IntArray, sizes: Sequence[int]) -> list[ts.Scored]:
    """Probes on the first so many of some columns, which share one reading; the same again for the same sizes."""
    return data.select(columns[: max(sizes)]).fit([Range(0, size) for size in sizes])


class _Study:
    """One task, step by step."""

    def __init__(self, run: Reopened, task: str, asked: FrontSettings) -> None:
        self.run, self.task, self.asked, self.watch = run, task, asked, run.watch
        self.prepared = run.prepared(task)
        self.data, self.corpus = self.prepared.data, self.prepared.corpus
        self.grid = self.data.train.rows.grid
        words = self.corpus.kind == "labelling"
        self.sample = Sample.of(self.prepared.items, run.settings.batch_tokens, labels_words=words)

    def front(self, command: str) -> Front:
        """Probes on whole prefixes, candidates, what depths and heads cost, the candidates' probes, who is in front."""
        step = self.watch.progress.step
        with self.watch.stage("oracle and layers"):
            prefixes = ts.probe_layers(self.data, step).prefixes
        with self.watch.stage("orders and screening"):
            ranked = rank_depths(self.data, self.asked.in_order, self.asked.per_doubling, step)
            chosen = promising(ranked, self.grid.units)
        with self.watch.stage("latency"):
            depths = time_depths(self._model_at, self.grid.layers, self.sample, self.task, self.asked.rounds, step)
            costs = self._head_costs(chosen)
        with self.watch.stage("probes and intervals"):
            recorder = Recorder(self.data, self.corpus.metrics, self.run.settings.seed)
            points = Points(recorder, prefixes[-1], depths, costs)
            found = [points.whole(layer, scored) for layer, scored in enumerate(prefixes)]
            found += self._probed(points, ranked, chosen)
        return self._record(ranked, chosen, depths, marked(found), command)

    def _model_at(self, depth: int) -> CompactModel:
        """A compact model that ends with a layer, and whose head reads one neuron of each layer up to it."""
        neurons, outputs = [(layer, 0) for layer in range(depth + 1)], self.data.train.n_outputs
        return CompactModel.build(
            self.run.encoder,
            neurons,
            torch.zeros((len(neurons), outputs)),
            torch.zeros(outputs),
            self.corpus.classes,
            kind=self.corpus.kind,
            aggregation=self.run.settings.aggregation,
            pooling=self.prepared.pooling,
            on_too_long=self.run.settings.on_too_long,
            task=self.task,
        )

    def _head_costs(self, chosen: Sequence[Candidate]) -> list[dict[int, HeadCost]]:
        """For each depth what its sizes cost; all neurons of its layers are one of them."""
        outputs, rows, device = self.data.train.n_outputs, self.sample.rows_alone, self.run.encoder.device
        found = []
        for layer in range(self.grid.layers):
            sizes = {one.size for one in chosen if one.last_layer == layer} | {self.grid.prefix(layer).stop}
            found.append(head_costs(self.grid, layer, sorted(sizes), outputs, rows, device))
        return found

    def _probed(self, points: Points, ranked: Sequence[Ranked], chosen: Sequence[Candidate]) -> list[Point]:
        """The candidates with real probes, one family for each order: one order's columns are in memory at a time."""
        found: list[Point] = []
        sizes = _sizes(chosen)
        for done, place in enumerate(sizes, start=1):
            candidates = [one for one in chosen if one.order == place]
            scored = fit_sizes(self.data, ranked[place].columns, sizes[place])
            found += [points.of(*pair, ranked[place]) for pair in zip(candidates, scored, strict=True)]
            self.watch.progress.step(done, len(sizes))
        return found

    def _record(
        self,
        ranked: Sequence[Ranked],
        chosen: Sequence[Candidate],
        depths: list[Depth],
        points: list[Point],
        command: str,
    ) -> Front:
        run, asked, sizes = self.run, self.asked, _sizes(chosen)
        return Front(
            run=run.results.created,
            command=command,
            environment=environment(run.encoder),
            model=model_facts(run.encoder),
            corpus=self.corpus.name,
            task=self.task,
            kind=self.corpus.kind,
            metric=self.data.metric.name,
            settings={
                "thresholds": asked.in_order,
                "per_doubling": asked.per_doubling,
                "rounds": asked.rounds,
                "batch_tokens": run.settings.batch_tokens,
                "protocol": run.settings.protocol,
                "seed": run.settings.seed,
            },
            timed_alone=len(self.sample.alone),
            timed_together=self.sample.counted,
            screened=sum(len(one.curve) for one in ranked),
            depths=depths,
            orders=[order_record(one, sizes.get(place, [])) for place, one in enumerate(ranked)],
            points=points,
            stages=self.watch.stages,
        )


def _sizes(chosen: Sequence[Candidate]) -> dict[int, list[int]]:
    """Place of an order -> the sizes that get a probe, ascending."""
    sizes: dict[int, list[int]] = {}
    for one in chosen:
        sizes.setdefault(one.order, []).append(one.size)
    return sizes
