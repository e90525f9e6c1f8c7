"""Runtimes: of the classifier, the forward pass, and the steps of the method (Section 7.2, A.5; Figures 5, 10 to 14).

Every size is timed in each of some rounds, the sizes in turn, so that a disturbance does not fall on one size alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from neurosieve.activations import Encoder
from neurosieve.activations.texts import plan_texts
from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.general import cluster
from neurosieve.moments import moments_of
from neurosieve.paper.context import TaskContext
from neurosieve.paper.general import TextContext
from neurosieve.paper.records import Timing
from neurosieve.probes import Range, fit_elastic_net, predict
from neurosieve.task_specific import lca, random_order

NEURONS = (10, 30, 100, 300, 1000, 3000)
SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
FORWARD_TEXTS = 256


def timed(sizes: Sequence[int], rounds: int, work: Callable[[int], Callable[[], object]]) -> list[Timing]:
    """Seconds of ``work(size)()`` for each size and round; what ``work(size)`` itself does is not timed.

    One call of the smallest size comes first and does not count: it loads what is loaded once.
    """
    work(min(sizes))()
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            run = work(size)
            start = time.perf_counter()
            run()
            seconds[size].append(time.perf_counter() - start)
    return [Timing(size=size, seconds=found) for size, found in seconds.items()]


class ClassifierCosts:
    """Probes on the first neurons of a random order, over a fixed number of rows (Figures 5 and 14).

    Training rows are repeated where the task has fewer than were asked for.
    """

    def __init__(self, context: TaskContext, rows: int, rounds: int) -> None:
        self.context, self.rounds = context, rounds
        train, size = context.data.train, context.grid.size
        self.sizes = sorted({k for k in NEURONS if k < size} | {size})
        places = torch.arange(rows) % train.rows.n_rows
        order = random_order(size, context.settings.seed)
        self.values = train.rows.gather(order)[places]
        self.train = replace(
            train, rows=ArrayRows(self.values), labels=train.labels[places], groups=np.arange(rows, dtype=np.int64)
        )

    def _rows(self, size: int) -> LabelledRows:
        return replace(self.train, rows=ArrayRows(self.values[:, :size].contiguous()))

    def _train(self, data: LabelledRows, size: int) -> Callable[[], object]:
        device = str(self.context.encoder.device)
        return lambda: fit_elastic_net(data, [Range(0, size)], seed=self.context.settings.seed, device=device)

    def training(self) -> list[Timing]:
        """Ten epochs of the paper's probe."""
        return timed(self.sizes, self.rounds, lambda size: self._train(self._rows(size), size))

    def inference(self) -> list[Timing]:
        """Labelling every row once."""

        def work(size: int) -> Callable[[], object]:
            data = self._rows(size)
            few = replace(
                data, rows=ArrayRows(self.values[:128, :size]), labels=data.labels[:128], groups=data.groups[:128]
            )
            probe = fit_elastic_net(few, [Range(0, size)])[0]
            return lambda: predict(data.rows, [probe], numeric=data.is_numeric)

        return timed(self.sizes, self.rounds, work)

    def ranking(self) -> list[Timing]:
        """Training the probe of the ranking, and ranking its weights."""

        def work(size: int) -> Callable[[], object]:
            train = self._train(self._rows(size), size)
            return lambda: lca(_weights(train()))

        return timed(self.sizes, self.rounds, work)

    def weights(self) -> list[Timing]:
        """Ranking alone, from weights that are there."""
        generator, classes = np.random.default_rng(self.context.settings.seed), self.train.n_outputs

        def work(size: int) -> Callable[[], object]:
            given = generator.normal(size=(classes, size))
            return lambda: lca(given)

        return timed(self.sizes, self.rounds, work)


def _weights(probes: object) -> np.ndarray:
    probe = probes[0]  # type: ignore[index]
    return np.asarray(probe.weight.T.double().cpu().numpy())


def forward_costs(encoder: Encoder, context: TaskContext, rounds: int) -> tuple[list[Timing], int]:
    """Forward passes over the first test texts, cut off after each layer (Figures 10 and 11).

    Tokenising is not timed. Where the task is one of words, its sentences are the texts.
    """
    items = context.corpus.splits["test"].texts or [(" ".join(words),) for words in context.corpus.splits["test"].words]
    plan = plan_texts(encoder, items[:FORWARD_TEXTS], "mean")

    def work(size: int) -> Callable[[], object]:
        short = encoder.truncated(size - 1)
        return lambda: [None for _ in plan.run(short, [size - 1], context.settings.batch_tokens)]

    return timed(range(1, encoder.n_layers + 1), rounds, work), len(plan.texts)


def extraction_costs(context: TextContext, rounds: int) -> list[Timing]:
    """Extraction of all layers of a text's first words (Figure 12)."""
    total = context.text.n_words
    parts = {(part := context.text.limited(max(1, int(share * total)))).n_words: part for share in SHARES}

    def work(size: int) -> Callable[[], object]:
        return lambda: [None for _ in context.rows(parts[size]).blocks()]

    return timed(sorted(parts), rounds, work)


def clustering_costs(context: TextContext, rounds: int) -> list[Timing]:
    """Correlation of all neurons over a text's first words, and their dendrogram (Figure 13)."""
    rows = context.rows(context.text)
    values = rows.gather(np.arange(rows.grid.size))
    sizes = sorted({max(2, int(share * len(values))) for share in SHARES})
    device = str(context.encoder.device)

    def work(size: int) -> Callable[[], object]:
        part = ArrayRows(values[:size].view(size, rows.grid.layers, rows.grid.units))
        return lambda: cluster(moments_of(part, device=device))

    return timed(sizes, rounds, work)


def entropy(counts: Mapping[str, int]) -> float:
    """Of a distribution of labels, in bits."""
    share = np.array(list(counts.values()), dtype=np.float64)
    share = share[share > 0] / share.sum()
    return float(-(share * np.log2(share)).sum())
