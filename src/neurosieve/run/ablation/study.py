"""Redundant for a probe, or unused by the model: both are asked about the same sets of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import torch

from neurosieve.activations import ablated, load_language_model
from neurosieve.activations.ablation import Replacement
from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.run.ablation.asking import Asking
from neurosieve.run.ablation.choice import RANKING, Choice, choose_sets
from neurosieve.run.ablation.outputs import Embedding, HeadLoss, OutputOf, held_values
from neurosieve.run.ablation.records import AblatedSet, AblationStudy, Did, Where
from neurosieve.run.ablation.scores import ProbeScores
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.prepare import Prepared
from neurosieve.run.records import Recorder
from neurosieve.run.reopen import Reopened
from neurosieve.run.results import Sieve

LIMIT_TEXTS, DRAWS = 200, 3
SMALLEST = 1 / 256  # of all neurons, about the least set of the series; each next one is twice as large


def study_ablation(
    run: Reopened,
    task: str | None = None,
    *,
    by: Replacement = "mean",
    sizes: Sequence[int] = (),
    limit_texts: int = LIMIT_TEXTS,
    draws: int = DRAWS,
    where: Where = "everywhere",
    command: str = "",
) -> AblationStudy:
    """Ablate what a ranking calls redundant, and look at the model's own output beside a probe's score.

    For each size k the k best neurons of forward selection are kept inside the model and all others ablated, and the
    other way round; likewise k random neurons, several times, and what the run's sieve kept. The output is the loss of
    the model's own language-model head, or where it has none the cosine of the vectors of texts with the intact
    model's. Costs a reading of the texts for each set, an oracle's training for each k, and one for each draw.

    Args:
        run: a finished run.
        task: one of its tasks; by default the first.
        by: what ablated neurons hold.
        sizes: of the sets; by default a half of all neurons, a quarter, and so on.
        limit_texts: test sentences or texts that the model reads, drawn with the run's seed.
        draws: how often random neurons are drawn.
        where: everywhere, or inside: see `gone` and `choose_sets`.
        command: for the record.

    Raises:
        ConfigError: there is no such task, a size is not one of a part of the neurons, or too little is asked for.
        ModelError: the model cannot be ablated: its blocks share one module, or the run has sublayers.
        NeurosieveError: whatever keeps the corpus, the model or the cache from being read.
    """
    name, n = run.task_named(task), run.encoder.grid.size
    wanted = _sizes(sizes, n)
    if limit_texts < 2 or draws < 1:
        raise ConfigError(f"Ablation needs two texts and one draw at least, not {limit_texts} and {draws}.")
    with ablated(run.encoder, np.arange(n), torch.zeros(n)):
        pass  # what cannot be ablated is refused before anything is read
    return _Study(run, name, limit_texts).record(wanted, by, where, draws, command)


def _sizes(asked: Sequence[int], n: int) -> list[int]:
    """Ascending sizes; by default n / 2, n / 4 and so on."""
    wrong = [k for k in asked if not 0 < k < n]
    if wrong:
        raise ConfigError(f"Sizes of sets lie between 1 and {n - 1:,}, all neurons but one; {wrong[0]:,} does not.")
    halves = [n >> power for power in range(1, n.bit_length())]
    return sorted(set(asked)) or sorted(k for k in halves if k >= max(1, int(n * SMALLEST)))


class _Study:
    """One task: what is asked of the model, of probes, and about which sets."""

    def __init__(self, run: Reopened, name: str, limit_texts: int) -> None:
        self.run, self.name, self.seed = run, name, run.settings.seed
        self.prepared = run.prepared(name)
        self.texts = _texts(self.prepared, limit_texts, self.seed)
        data, metric = self.prepared.data, self.prepared.corpus.metrics[:1]
        self.probes = ProbeScores(data, Recorder(data, metric, self.seed), run.watch)

    def record(self, sizes: list[int], by: Replacement, where: Where, draws: int, command: str) -> AblationStudy:
        """Everything, with the sieve's own size among the sizes."""
        run, watch = self.run, self.run.watch
        with watch.stage("load the model's own head"):
            output = self._output()
        oracle = self.probes.oracle
        with watch.stage("ranking"):
            choice = choose_sets(self.prepared.data, self._kept(), sizes, where, draws, self.seed)
        self._train(choice)
        with watch.stage("ablate"):
            held = held_values(output.encoder, self.prepared, by, run.settings.batch_tokens)
            asking = Asking(output, held, self.seed, where)
            own, sets = asking.own_output(), self._ask(asking, choice)
        return AblationStudy(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=command,
            run=str(run.folder),
            environment=environment(run.encoder),
            model=model_facts(run.encoder),
            corpus=self.prepared.corpus.name,
            task=self.name,
            metric=self.prepared.data.metric.name,
            row="word" if self.prepared.pooling is None else "text",
            by=by,
            where=where,
            ranking=RANKING,
            draws=draws,
            seed=self.seed,
            tolerance=run.results.tasks[self.name].tolerance,
            oracle=self.probes.recorder.test(oracle),
            output=own,
            sets=sets,
            stages=watch.stages,
        )

    def _output(self) -> OutputOf:
        """The loss of the model's head; it is loaded in float32, where head and encoder read the same weights."""
        encoder, settings = self.run.encoder, self.run.settings
        device, trust = str(encoder.device), settings.trust_remote_code
        head = load_language_model(settings.model, device=device, trust_remote_code=trust)
        if head is not None:
            return HeadLoss(head, self.texts, self.seed, settings.batch_tokens)
        return Embedding(encoder, self.texts, self.prepared.pooling or "mean", settings.batch_tokens)

    def _kept(self) -> IntArray | None:
        """What the run's sieve kept; None where it made none, or one that keeps everything."""
        sieve = self._sieve
        return None if sieve is None or len(sieve.neurons) == self.run.encoder.grid.size else self.run.kept(self.name)

    @property
    def _sieve(self) -> Sieve | None:
        return self.run.results.tasks[self.name].sieve

    def _train(self, choice: Choice) -> None:
        self.probes.best(choice.order, choice.sizes)
        for sets in choice.groups:
            if "sieve" in sets and self._sieve is not None:
                self.probes.sieve(self._sieve, sets["sieve"][0])
        self.probes.chance(
            {
                (name, "kept", len(draws[0])): draws
                for sets in choice.groups
                for name, draws in sets.items()
                if name in ("random", "random_like_sieve")
            }
        )

    def _ask(self, asking: Asking, choice: Choice) -> list[AblatedSet]:
        """Sets kept alone, from the least to the largest, and then ablated."""
        found: list[AblatedSet] = []
        dids: tuple[Did, Did] = ("kept", "ablated")
        for done, (did, sets) in enumerate((did, sets) for did in dids for sets in choice.groups):
            self.run.watch.progress.step(done, 2 * len(choice.groups))
            found += asking.sets(did, sets, self.probes.found)
        return found


def _texts(prepared: Prepared, limit: int, seed: int) -> list[str]:
    """Some of test in its order: the words of a sentence, or the texts of an example, with blanks between."""
    items = prepared.items
    chosen = np.random.default_rng(seed).choice(len(items), min(limit, len(items)), replace=False)
    return [" ".join(items[place]) for place in np.sort(chosen)]
