"""Nested selection: a fold is left out, the next one chooses a set, and the set is scored on what was left out."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import ValidationError

from neurosieve import task_specific as ts
from neurosieve.errors import ConfigError
from neurosieve.run.corpora import read_corpus
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.facts import ModelFacts
from neurosieve.run.nested.choosing import Choice, choose
from neurosieve.run.nested.folds import FEWEST_FOLDS, Cut, cut_of, repeated, together
from neurosieve.run.nested.predictions import Said, file_of, read, said_by, write
from neurosieve.run.nested.records import STUDY_FILE, FoldFound, NestedStudy
from neurosieve.run.nested.summary import out_of_fold
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.workers import open_encoder

MOST_FOLDS = 50
NOTHING_TO_IT = {"out", "cache", "batch_tokens", "device", "memory", "text", "limit_text_words"}
NOTHING_TO_IT |= {"controls", "intervals", "measures"}


def study_nested(
    settings: RunSettings,
    *,
    folds: int = 5,
    minimal: str | None = None,
    keep_test: bool = False,
    progress: Progress | None = None,
    command: str = "",
) -> NestedStudy:
    """Nested selection on the first task of the settings, as the settings would choose in a run.

    What is finished of a fold is written into the output folder, ``nested.json`` and a file of predictions; the same
    study begun again goes on behind the last fold.

    Args:
        settings: of the run that is asked about.
        folds: each is left out once, and chooses once.
        minimal: a ranking, whose minimal set is chosen instead of the sieve's.
        keep_test: leave the test split out of it all.
        progress: is told of the stages.
        command: what was typed, for the record.

    Raises:
        ConfigError: an unknown ranking, too few or too many folds or sentences, a model that was fine-tuned on this
            task, or a folder that holds another study.
        NeurosieveError: whatever keeps the corpus or the model from being read.
    """
    _check(folds, minimal)
    watch, task = Stopwatch(progress), settings.tasks[0]
    with watch.stage("read corpus"):
        corpus = together(read_corpus(task, settings.seed), keep_test=keep_test)
    if minimal is not None and corpus.kind == "regression" and not ts.RANKINGS[minimal].numbers:
        raise ConfigError(f"The ranking {minimal} needs classes, and {task.name} has numbers: take another.")
    with watch.stage("load model"):
        encoder = open_encoder(settings)
    facts = model_facts(encoder)
    _refuse_fine_tuned(facts, task.name)
    cut = cut_of(encoder, corpus, task, folds, settings, watch)
    study = NestedStudy(
        command=command,
        environment=environment(encoder),
        model=facts,
        corpus=corpus.name,
        sources=dict(corpus.splits["train"].sources),
        kind=corpus.kind,
        task=task.name,
        metric=cut.protocol.metric.name,
        chooser=minimal or "sieve",
        tolerance=settings.tolerance,
        folds=folds,
        kept_test=keep_test,
        sentences=ts.gold_of(cut.rows).n_sentences,
        rows=cut.rows.rows.n_rows,
        repeated=repeated(corpus.splits["train"].sentences),
        settings=settings.model_dump(mode="json", exclude=NOTHING_TO_IT),
    )
    return _go_through(study, cut, settings, watch)


def _check(folds: int, minimal: str | None) -> None:
    if not FEWEST_FOLDS <= folds <= MOST_FOLDS:
        raise ConfigError(f"There are {FEWEST_FOLDS} to {MOST_FOLDS} folds, not {folds}.")
    if minimal is not None and minimal not in ts.RANKINGS:
        raise ConfigError(f"There is no ranking {minimal!r}; there are {', '.join(ts.RANKINGS)}.")


def _refuse_fine_tuned(model: ModelFacts, task: str) -> None:
    tuned = model.finetuning
    if tuned is not None and tuned.task == task:
        raise ConfigError(
            f"{model.name} was fine-tuned on the labels of {task}, so that no sentence of its train split is unseen. "
            f"Take the model before it ({tuned.base}), or `neurosieve run`, which reports on test."
        )


def _go_through(study: NestedStudy, cut: Cut, settings: RunSettings, watch: Stopwatch) -> NestedStudy:
    settings.out.mkdir(parents=True, exist_ok=True)
    path = settings.out / STUDY_FILE
    study, said = _resumed(study, path, cut)
    for fold in range(study.folds):
        if fold in said:
            continue
        found, said[fold] = _fold(study, cut, fold, settings, watch.within(f"fold {fold + 1} of {study.folds}"))
        done = sorted([*study.found, found], key=lambda one: one.fold)
        study = study.model_copy(update={"found": done})
        study.save(path)
    with watch.stage("all folds together"):
        whole = out_of_fold(cut, said, study.found, settings.seed)
    study = study.model_copy(update={"together": whole})
    study.save(path)
    return study


def _resumed(study: NestedStudy, path: Path, cut: Cut) -> tuple[NestedStudy, dict[int, Said]]:
    """The study with the folds that the folder has of it already, and what was predicted in them."""
    if not path.exists():
        return study, {}
    try:
        there = NestedStudy.load(path)
    except ValidationError as error:
        raise ConfigError(f"{path} is damaged or of another version: choose another --out, or delete it.") from error
    same = ("model", "corpus", "sources", "task", "metric", "chooser", "folds", "kept_test", "rows", "settings")
    other = [name for name in same if getattr(there, name) != getattr(study, name)]
    if other:
        raise ConfigError(f"{path} holds another study: its {other[0]} differs. Choose another --out, or delete it.")
    said = {one.fold: read(path.with_name(one.predictions), cut, one.fold) for one in there.found}
    whole = {fold: values for fold, values in said.items() if values is not None}
    return study.model_copy(update={"found": [one for one in there.found if one.fold in whole]}), whole


def _fold(study: NestedStudy, cut: Cut, fold: int, settings: RunSettings, watch: Stopwatch) -> tuple[FoldFound, Said]:
    """Choose on dev, and write what is said of the fold before its record."""
    started = time.perf_counter()
    with watch.stage("moments"):
        data = cut.data(fold)
    minimal = None if study.chooser == "sieve" else study.chooser
    choice = choose(data, settings, minimal, settings.seed + fold, watch)
    said = said_by(choice)
    write(said, settings.out / file_of(fold))
    return _record(data, choice, fold, time.perf_counter() - started), said


def _record(data: ts.TaskData, choice: Choice, fold: int, seconds: float) -> FoldFound:
    units = data.train.rows.grid.units
    train, dev, left_out = (ts.gold_of(part).n_sentences for part in (data.train, data.dev, data.test))
    return FoldFound(
        fold=fold,
        sentences=(train, dev, left_out),
        neurons=len(choice.columns),
        layers=int(choice.columns.max()) // units + 1,
        threshold=choice.threshold,
        reached=choice.reached,
        columns=choice.columns.tolist(),
        oracle_dev=choice.oracle.dev,
        chosen_dev=choice.chosen.dev,
        oracle=choice.oracle.test,
        chosen=choice.chosen.test,
        predictions=file_of(fold),
        seconds=round(seconds, 1),
    )
