"""A whole run: corpora, activations, moments, analyses, sieve, compact model, results."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from neurosieve.activations import Encoder, LiveRows, Store
from neurosieve.arrays import Rows
from neurosieve.compact import refuse_foreign
from neurosieve.corpus import Corpus, Split
from neurosieve.general import Dendrogram
from neurosieve.moments import Moments, moments_of
from neurosieve.run.compact import make_compact
from neurosieve.run.config import write_config
from neurosieve.run.corpora import PROSE, read_corpus, read_unlabelled
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.general import debiased, general_redundancy, other_similarities
from neurosieve.run.prepare import Preparation, Prepared, extract_split, groups_of, items_of, open_encoder, pooling_of
from neurosieve.run.redundancy import General
from neurosieve.run.results import Results, SharedCompact, Task
from neurosieve.run.scaled import Allowance, general_at_scale, refuse_all_thresholds, refuse_moments_by_tiles
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.task import TaskAnalysis, TaskRun

RESULTS = "results.json"
CONFIG = "run.toml"
COMPACT = "compact"


def run(settings: RunSettings, *, progress: Progress | None = None, command: str = "", compact: bool = True) -> Results:
    """Do everything that the settings ask for; write ``results.json``, ``run.toml`` and the compact model into ``out``.

    The activations stay in the cache: another run on the same words and model starts from them. With
    ``compact=False`` the run ends after Section 6: no sieve and no compact model.

    Raises:
        NeurosieveError: a corpus, the model or the cache cannot be used; nothing that was finished is lost.
        OSError: a folder cannot be written.
    """
    watch = Stopwatch(progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("read corpus"):
            if compact:
                refuse_foreign(settings.out / COMPACT)
            paper = settings.protocol == "paper"
            corpora = [read_corpus(task, settings.seed, published_split=paper) for task in settings.tasks]
            text = None if settings.text is None else read_unlabelled(settings.text, _text_limit(settings))
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        write_config(settings, settings.out / CONFIG)
        log = _Log(settings, encoder, watch, command, caught)
        if text is not None:
            log.general = _general_from_text(encoder, text, settings, watch)
        analyses = _Analyses(encoder, settings, log)
        done = []
        for corpus, task in zip(corpora, settings.tasks, strict=True):
            part = watch.within(task.name) if len(settings.tasks) > 1 else watch
            done.append(analyses(corpus, task, part, with_sieve=compact))
        if compact:
            with watch.stage("compact model"):
                log.compact, log.tasks = make_compact(encoder, done, settings, settings.out / COMPACT)
        return log.save()


class _Log:
    """What there is so far of the results: saved again and again, so that a later stage that fails takes nothing."""

    def __init__(
        self,
        settings: RunSettings,
        encoder: Encoder,
        watch: Stopwatch,
        command: str,
        caught: list[warnings.WarningMessage],
    ) -> None:
        self.settings, self.encoder, self.watch = settings, encoder, watch
        self.command, self.caught = command, caught
        self.general: General | None = None
        self.tasks: dict[str, Task] = {}
        self.compact: SharedCompact | None = None

    def save(self) -> Results:
        """Write ``results.json``."""
        results = Results(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            command=self.command,
            settings=self.settings.model_dump(mode="json"),
            seed=self.settings.seed,
            environment=environment(self.encoder),
            model=model_facts(self.encoder),
            general=self.general,
            tasks=self.tasks,
            compact=self.compact,
            stages=self.watch.stages,
            warnings=sorted({str(warning.message) for warning in self.caught}),
        )
        results.save(self.settings.out / RESULTS)
        return results


class _Analyses:
    """One task after the other; what tasks on the same words have in common is made once."""

    def __init__(self, encoder: Encoder, settings: RunSettings, log: _Log) -> None:
        self.settings, self.log = settings, log
        self.preparation = Preparation(encoder, settings)
        self._dendrograms: dict[str, Dendrogram] = {}

    def __call__(self, corpus: Corpus, task: TaskSettings, watch: Stopwatch, *, with_sieve: bool) -> TaskRun:
        prepared = self.preparation(corpus, task, watch)
        dendrogram = self._dendrogram(prepared, watch)
        done = TaskAnalysis(prepared, self.settings, watch).run(dendrogram, with_sieve=with_sieve)
        self.log.tasks[task.name] = done.record
        self.log.save()
        return done

    def _dendrogram(self, prepared: Prepared, watch: Stopwatch) -> Dendrogram:
        if prepared.key not in self._dendrograms:
            with watch.stage("general redundancy"):
                rows: Literal["words", "texts"] = "words" if prepared.pooling is None else "texts"
                name = f"train split of {prepared.corpus.name}"
                general, dendrogram = general_redundancy(prepared.data.moments, name, rows)
            if self.log.general is None and self.settings.intervals:
                with watch.stage("intervals of CKA"):
                    train = prepared.data.train
                    known = debiased(prepared.data.moments, train.rows, train.groups, watch.progress.step)
                general = general.model_copy(update={"cka_debiased": known})
            if self.log.general is None:
                general = _with_measures(general, prepared.data.moments, prepared.data.train.rows, self.settings, watch)
            self._dendrograms[prepared.key] = dendrogram
            self.log.general = self.log.general or general
        return self._dendrograms[prepared.key]


def run_general(settings: RunSettings, *, progress: Progress | None = None, command: str = "") -> Results:
    """Section 5 alone, straight from model and text: no activation is stored.

    With ``threshold`` the clusters are those at this one alone, by tiles of r: for models whose N × N matrices would
    not fit. Then the activations of the text are held in memory.

    Raises:
        ConfigError: ``threshold`` came with ``moment_products`` or ``measures``: by tiles no moments are made.
        MemoryLimitError: it does not fit into ``memory``; the message names the figure.
        NeurosieveError: the text or the model cannot be used.
    """
    refuse_moments_by_tiles(settings)
    watch = Stopwatch(progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        with watch.stage("read text"):
            text = read_unlabelled(settings.text, _text_limit(settings))
        log = _Log(settings, encoder, watch, command, caught)
        allowance = Allowance.of(settings.memory)
        if settings.threshold is None:
            refuse_all_thresholds(encoder.grid, allowance)
            log.general = _general_from_text(encoder, text, settings, watch)
        else:
            log.general = _general_at(settings.threshold, encoder, text, settings, allowance, watch)
        return log.save()


def run_extract(settings: RunSettings, *, progress: Progress | None = None) -> dict[str, Store]:
    """The activations of a text, or of the splits of the first task, on disk under ``cache``; split -> store."""
    watch, task = Stopwatch(progress), settings.tasks[0]
    if settings.text is not None:
        splits, pooling = {"text": read_unlabelled(settings.text, _text_limit(settings))}, None
        encoder = open_encoder(settings)
    else:
        corpus = read_corpus(task, settings.seed, published_split=settings.protocol == "paper")
        splits, encoder = dict(corpus.splits), open_encoder(settings)
        pooling = pooling_of(encoder, corpus, task)
    stores = {}
    for name, split in splits.items():
        with watch.stage(f"extract {name}"):
            stores[name] = extract_split(encoder, items_of(split), pooling, settings, watch)
    return stores


def _text_limit(settings: RunSettings) -> int | None:
    return settings.limit_text_words or settings.tasks[0].limit_train_words


def _general_from_text(encoder: Encoder, split: Split, settings: RunSettings, watch: Stopwatch) -> General:
    """General redundancy on unlabelled text, nothing on disk: a pass of the model, and another for the intervals."""
    with watch.stage("moments of the text"):
        rows = _live(encoder, split, settings)
        device, products = str(encoder.device), settings.moment_products
        moments: Moments = moments_of(rows, device=device, progress=watch.progress.step, products=products)
    with watch.stage("general redundancy of the text"):
        general, _ = general_redundancy(moments, _text_name(settings))
    if settings.intervals:
        with watch.stage("intervals of CKA of the text"):
            known = debiased(moments, rows, groups_of(split.sentences)[~rows.missing], watch.progress.step)
        general = general.model_copy(update={"cka_debiased": known})
    general = _with_measures(general, moments, rows, settings, watch)
    return general.model_copy(update={"sources": dict(split.sources)})


def _with_measures(general: General, moments: Moments, rows: Rows, settings: RunSettings, watch: Stopwatch) -> General:
    if not settings.measures:
        return general
    with watch.stage("other measures of layers"):
        found = other_similarities(settings.measures, moments, rows, settings.seed, watch.progress.step)
    return general.model_copy(update={"similarities": found})


def _general_at(
    c_t: float, encoder: Encoder, split: Split, settings: RunSettings, allowance: Allowance, watch: Stopwatch
) -> General:
    """The same at one threshold, where no N × N matrix fits."""
    rows = _live(encoder, split, settings)
    general = general_at_scale(rows, _text_name(settings), c_t, allowance, str(encoder.device), watch)
    return general.model_copy(update={"sources": dict(split.sources)})


def _live(encoder: Encoder, split: Split, settings: RunSettings) -> LiveRows:
    return LiveRows(
        encoder,
        split.words,
        aggregation=settings.aggregation,
        on_too_long=settings.on_too_long,
        batch_tokens=settings.batch_tokens,
    )


def _text_name(settings: RunSettings) -> str:
    return "documentation of the Python library" if str(settings.text) == PROSE else Path(str(settings.text)).name
