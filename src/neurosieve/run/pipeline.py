"""A whole run: corpora, activations, moments, analyses, sieve, compact model, results."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from neurosieve.activations import Encoder
from neurosieve.compact import refuse_foreign
from neurosieve.corpus import Corpus
from neurosieve.engines.team import Team
from neurosieve.general import Dendrogram
from neurosieve.general.forecast import size_text
from neurosieve.memory import Room
from neurosieve.run.atlas.records import Atlas
from neurosieve.run.atlas.study import ATLAS, atlas_of_task
from neurosieve.run.compact import make_compact
from neurosieve.run.config import write_config
from neurosieve.run.corpora import read_corpus, read_unlabelled, text_limit
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.forecast.planning import told
from neurosieve.run.forecast.sizes import Plan
from neurosieve.run.forecast.study import Command, Read, plan_run
from neurosieve.run.general import debiased, general_redundancy
from neurosieve.run.prepare import Preparation, Prepared
from neurosieve.run.redundancy import General
from neurosieve.run.results import Results, SharedCompact, Task
from neurosieve.run.resume.keys import stages_of_task
from neurosieve.run.resume.stages import Keep, forget_stages
from neurosieve.run.scaled import (
    Allowance,
    refuse_activations,
    refuse_all_thresholds,
    refuse_moments_by_tiles,
)
from neurosieve.run.settings import RunSettings, TaskSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.task import TaskAnalysis, TaskRun
from neurosieve.run.text import general_at, general_from_text, with_measures
from neurosieve.run.workers import open_encoder, team_of
from neurosieve.writing import refuse_link

RESULTS = "results.json"
CONFIG = "run.toml"
COMPACT = "compact"

Finish = Callable[[Results], None]


def _nothing(results: Results) -> None:
    """Nothing comes after the results."""


def run(
    settings: RunSettings,
    *,
    progress: Progress | None = None,
    command: str = "",
    compact: bool = True,
    finish: Finish = _nothing,
) -> Results:
    """Do everything that the settings ask for; write ``results.json``, ``run.toml`` and the compact model into ``out``.

    ``atlas.json`` beside them has the clusters that general redundancy found, for the page: on the text, or else on the
    first task's words.

    The activations stay in the cache: another run on the same words and model starts from them. With
    ``compact=False`` the run ends after Section 6: no sieve and no compact model. Every finished stage is kept in
    ``out/.resume`` until ``finish``, which gets the results, is done too: begun again after a kill, the run goes on
    behind the last one.

    Raises:
        NeurosieveError: a corpus, the model or the cache cannot be used; nothing that was finished is lost.
        OSError: a folder cannot be written.
    """
    with team_of(settings) as team:
        return _run(settings, team, Stopwatch(progress), command, compact, finish)


def _run(settings: RunSettings, team: Team, watch: Stopwatch, command: str, compact: bool, finish: Finish) -> Results:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("read corpus"):
            if compact:
                refuse_link(settings.out / COMPACT)
                refuse_foreign(settings.out / COMPACT)
            paper = settings.protocol == "paper"
            corpora = [read_corpus(task, settings.seed, published_split=paper) for task in settings.tasks]
            text = None if settings.text is None else read_unlabelled(settings.text, text_limit(settings))
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        plan = plan_of(Read(encoder, text, tuple(corpora)), settings, "run" if compact else "task", watch)
        settings.out.mkdir(parents=True, exist_ok=True)
        write_config(settings, settings.out / CONFIG)
        log = _Log(settings, encoder, watch, command, caught)
        settings = planned(settings, plan)
        if text is not None:
            log.general, atlas = general_from_text(encoder, text, settings, watch, plan.room, team)
            log.keep_atlas(atlas)
        analyses = _Analyses(encoder, settings, log, plan.room, team)
        done = []
        for corpus, task in zip(corpora, settings.tasks, strict=True):
            part = watch.within(task.name) if len(settings.tasks) > 1 else watch
            done.append(analyses(corpus, task, part, with_sieve=compact))
        if compact:
            with watch.stage("compact model"):
                log.compact, log.tasks = make_compact(encoder, done, settings, settings.out / COMPACT)
        return log.finish(finish)


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
        self.atlas: Atlas | None = None
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

    def keep_atlas(self, atlas: Atlas) -> None:
        """Write ``atlas.json``; a run has one, that of its first rows."""
        self.atlas = atlas
        atlas.save(self.settings.out / ATLAS)

    def finish(self, last: Finish) -> Results:
        """Write ``results.json``, do what comes last, and forget what was kept until then."""
        results = self.save()
        last(results)
        forget_stages(self.settings.out)
        return results


class _Analyses:
    """One task after the other; what tasks on the same words have in common is made once."""

    def __init__(self, encoder: Encoder, settings: RunSettings, log: _Log, room: Room, team: Team) -> None:
        self.settings, self.log, self.room = settings, log, room
        self.preparation = Preparation(encoder, settings, room, team)
        self._dendrograms: dict[str, Dendrogram] = {}

    def __call__(self, corpus: Corpus, task: TaskSettings, watch: Stopwatch, *, with_sieve: bool) -> TaskRun:
        prepared = self.preparation(corpus, task, watch)
        keep = stages_of_task(prepared, self.settings, self.room, watch.progress, with_sieve=with_sieve)
        dendrogram = self._dendrogram(prepared, watch, keep)
        done = TaskAnalysis(prepared, self.settings, watch, keep).run(dendrogram, with_sieve=with_sieve)
        self.log.tasks[task.name] = done.record
        self.log.save()
        return done

    def _dendrogram(self, prepared: Prepared, watch: Stopwatch, keep: Keep) -> Dendrogram:
        moments, train = prepared.data.moments, prepared.data.train
        if prepared.key not in self._dendrograms:
            with watch.stage("general redundancy"):
                rows: Literal["words", "texts"] = "words" if prepared.pooling is None else "texts"
                name = f"train split of {prepared.corpus.name}"
                make = partial(general_redundancy, moments, name, rows, tilewise=self.room.tilewise)
                general, dendrogram = keep("general redundancy", make)
            if self.log.general is None and self.settings.intervals:
                with watch.stage("intervals of CKA"):
                    make_known = partial(debiased, moments, train.rows, train.groups, watch.progress.step)
                    known = keep("intervals of CKA", make_known)
                general = general.model_copy(update={"cka_debiased": known})
            if self.log.general is None:
                general = with_measures(general, moments, train.rows, self.settings, watch, keep)
            if self.log.atlas is None:
                with watch.stage("clusters in words"):
                    make_atlas = partial(atlas_of_task, general, dendrogram, prepared)
                    self.log.keep_atlas(keep("clusters in words", make_atlas))
            self._dendrograms[prepared.key] = dendrogram
            self.log.general = self.log.general or general
        return self._dendrograms[prepared.key]


def run_general(
    settings: RunSettings, *, progress: Progress | None = None, command: str = "", finish: Finish = _nothing
) -> Results:
    """Section 5 alone, straight from model and text: no activation is stored.

    With ``threshold`` the clusters are those at this one alone, by tiles of r: for models whose N × N matrices would
    not fit. Then the activations of the text are held in memory.

    Raises:
        ConfigError: ``threshold`` came with ``moment_products`` or ``measures``: by tiles no moments are made.
        MemoryLimitError: it does not fit into ``memory``; the message names the figure.
        NeurosieveError: the text or the model cannot be used.
    """
    refuse_moments_by_tiles(settings)
    with team_of(settings) as team:
        return _run_general(settings, team, Stopwatch(progress), command, finish)


def _run_general(settings: RunSettings, team: Team, watch: Stopwatch, command: str, finish: Finish) -> Results:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        with watch.stage("read text"):
            text = read_unlabelled(settings.text, text_limit(settings))
        log = _Log(settings, encoder, watch, command, caught)
        allowance = Allowance.of(settings.memory)
        if settings.threshold is None:
            refuse_all_thresholds(encoder.grid, allowance)
        else:
            refuse_activations(encoder.grid, text.n_words, allowance)
        plan = plan_of(Read(encoder, text, ()), settings, "general", watch)
        settings.out.mkdir(parents=True, exist_ok=True)
        settings = planned(settings, plan)
        if settings.threshold is None:
            log.general, atlas = general_from_text(encoder, text, settings, watch, plan.room, team)
        else:
            log.general, atlas = general_at(
                settings.threshold, encoder, text, settings, allowance, watch, plan.room, team
            )
        log.keep_atlas(atlas)
        return log.finish(finish)


def plan_of(read: Read, settings: RunSettings, command: Command, watch: Stopwatch) -> Plan:
    """How the work is done; what does not fit is told before any is begun."""
    plan = plan_run(read, settings, command)
    if plan != Plan(settings.batch_tokens):
        watch.progress.note(f"To keep to {size_text(settings.memory or 0)}: {told(plan)}.")
    return plan


def planned(settings: RunSettings, plan: Plan) -> RunSettings:
    """The settings with what the plan decided."""
    return settings.model_copy(update={"batch_tokens": plan.batch_tokens})
