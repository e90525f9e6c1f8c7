"""How many neurons each ranking needs: minimal sets at each tolerance on each split, chosen on dev, told on test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.run.corpora import read_corpus
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.minimal import First, proof_of, smallest_set, tolerance_of
from neurosieve.run.rankings.folds import FOLDS, Pooled, pooled
from neurosieve.run.rankings.records import STUDY_FILE, RankingStudy, SizeFound, SplitFound
from neurosieve.run.rankings.summary import summarise
from neurosieve.run.records import Recorder
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.workers import open_encoder

TOLERANCES = (0.03, 0.01)
EXACT, ROUGH = 0.03, 0.15  # of a minimal set's size: of rankings, and of baselines, which need no exact one


def study_rankings(
    settings: RunSettings,
    *,
    rankings: Sequence[str] = (),
    tolerances: Sequence[float] = TOLERANCES,
    splits: int = 5,
    progress: Progress | None = None,
    command: str = "",
) -> RankingStudy:
    """Compare rankings on the first task of the settings; ``rankings`` empty means all that the task admits.

    What is finished of a split is written to ``rankings.json`` in the output folder; the same study begun again goes
    on behind the last split.

    Raises:
        ConfigError: an unknown ranking, no tolerance between 0 and 1, too many splits, or the folder holds another
            study.
        NeurosieveError: whatever keeps the corpus or the model from being read.
    """
    names = _names(rankings)
    _check(tolerances, splits)
    watch = Stopwatch(progress)
    task = settings.tasks[0]
    with watch.stage("read corpus"):
        corpus = read_corpus(task, settings.seed)
    with watch.stage("load model"):
        encoder = open_encoder(settings)
    data = pooled(encoder, corpus, task, settings, watch)
    names = [name for name in names if data.corpus.kind != "regression" or ts.RANKINGS[name].numbers]
    study = RankingStudy(
        command=command,
        environment=environment(encoder),
        model=model_facts(encoder),
        corpus=corpus.name,
        task=task.name,
        metric=data.protocol.metric.name,
        settings=_decisive(settings) | {"splits": splits},
        rankings={name: f"{ts.RANKINGS[name].description} ({ts.RANKINGS[name].source})" for name in names},
        tolerances=list(tolerances),
    )
    return _go_through(study, data, settings, watch)


def _names(asked: Sequence[str]) -> list[str]:
    unknown = [name for name in asked if name not in ts.RANKINGS]
    if unknown:
        raise ConfigError(f"There is no ranking {unknown[0]!r}; there are {', '.join(ts.RANKINGS)}.")
    return list(dict.fromkeys(asked)) or list(ts.RANKINGS)


def _check(tolerances: Sequence[float], splits: int) -> None:
    if not tolerances or not all(0 < loss < 1 for loss in tolerances):
        raise ConfigError(f"Tolerances lie between 0 and 1, such as 0.03; these are {list(tolerances)}.")
    if not 1 <= splits <= FOLDS:
        raise ConfigError(f"There are 1 to {FOLDS} splits, not {splits}.")


def _decisive(settings: RunSettings) -> dict[str, object]:
    """What the result depends on; where it is written, and how fast, is nothing to it."""
    nothing_to_it = {"out", "cache", "batch_tokens", "device", "memory", "measures", "intervals"}
    decisive = settings.model_dump(mode="json", exclude=nothing_to_it)
    if not settings.non_inferior:
        decisive.pop("non_inferior")  # studies from before there was the choice go on
    return decisive


def _go_through(study: RankingStudy, data: Pooled, settings: RunSettings, watch: Stopwatch) -> RankingStudy:
    path = settings.out / STUDY_FILE
    settings.out.mkdir(parents=True, exist_ok=True)
    study = _resumed(study, path)
    done, asked = {split.split for split in study.splits}, study.settings["splits"]
    for split in range(int(str(asked))):
        if split in done:
            continue
        found = _Split(study, data, split, settings, watch.within(f"split {split + 1}")).run()
        study = study.model_copy(update={"splits": [*study.splits, found]})
        study = study.model_copy(update={"summary": summarise(study)})
        study.save(path)
    return study


def _resumed(study: RankingStudy, path: Path) -> RankingStudy:
    """The study with the splits that the folder has of it already."""
    if not path.exists():
        return study
    there = RankingStudy.read(path, "Choose another --out, or delete it.")
    same = ("model", "corpus", "task", "metric", "settings", "rankings", "tolerances")
    other = [name for name in same if getattr(there, name) != getattr(study, name)]
    if other:
        raise ConfigError(f"{path} holds another study: its {other[0]} differs. Choose another --out, or delete it.")
    return study.model_copy(update={"splits": there.splits, "summary": there.summary})


class _Split:
    """One split: its oracle, the orders, and for each order a set at each tolerance."""

    def __init__(self, study: RankingStudy, rows: Pooled, split: int, settings: RunSettings, watch: Stopwatch) -> None:
        self.study, self.split, self.settings, self.watch = study, split, settings, watch
        self.started = time.perf_counter()
        with watch.stage("moments"):
            self.data = rows.fold(split)
        self.recorder = Recorder(self.data, [study.metric], settings.seed)

    def run(self) -> SplitFound:
        """Train the oracle, and go through the rankings."""
        with self.watch.stage("oracle"):
            self.oracle = self.data.fit_all()
        inputs = ts.RankingInputs(self.data, seed=self.settings.seed + self.split, oracle=self.oracle)
        sizes: list[SizeFound] = []
        first: dict[float, First] = {}
        for name in self.study.rankings:
            with self.watch.stage(name):
                sizes += self._sets(name, ts.rank(name, inputs), first)
        return SplitFound(
            split=self.split,
            oracle_dev=self.oracle.dev,
            oracle_test=self.recorder.test(self.oracle),
            sizes=sizes,
            seconds=round(time.perf_counter() - self.started, 1),
        )

    def _sets(self, name: str, order: IntArray, first: dict[float, First]) -> list[SizeFound]:
        """The minimal sets of one order; where the first ranking's lie says where to look for the others'."""
        screened, found = ts.screen_ranking(self.data, order), []
        for loss in self.study.tolerances:
            tolerance = tolerance_of(self.data, self.oracle, loss, self.settings)
            one = smallest_set(
                self.data,
                order,
                tolerance,
                resolution=ROUGH if ts.RANKINGS[name].baseline else EXACT,
                screened=screened,
                first=first.get(loss),
                progress=self.watch.progress.step,
            )
            first.setdefault(loss, (screened, len(one.columns)))
            found.append(self._record(name, loss, one))
        return found

    def _record(self, name: str, loss: float, one: ts.MinimalSet) -> SizeFound:
        return SizeFound(
            ranking=name,
            tolerance=loss,
            neurons=len(one.columns),
            reached=one.reached,
            dev=one.scored.dev,
            test=self.recorder.test(one.scored),
            difference=self.recorder.difference(one.scored, self.oracle),
            columns=one.columns.tolist(),
            non_inferior=proof_of(one, self.settings.confidence, self.data.dev_gold.n_sentences),
        )
