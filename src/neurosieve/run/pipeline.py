"""A whole run: corpus, activations, moments, analyses, sieve, compact model, results."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

from neurosieve.activations import Encoder, LiveRows, Store
from neurosieve.compact import refuse_foreign
from neurosieve.corpus import Split, library_prose, read_text
from neurosieve.moments import moments_of
from neurosieve.run.compact import make_compact
from neurosieve.run.environment import environment, model_facts
from neurosieve.run.general import general_redundancy
from neurosieve.run.prepare import extract_split, open_encoder, prepare, read_corpus, words_of
from neurosieve.run.results import General, Results, Task
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.task import TaskAnalysis

RESULTS = "results.json"
COMPACT = "compact"
PROSE = "library-prose"


def run(settings: RunSettings, *, progress: Progress | None = None, command: str = "", compact: bool = True) -> Results:
    """Do everything that the settings ask for, and write ``results.json`` and the compact model into ``out``.

    The activations stay in the cache: another run on the same words and model starts from them. With
    ``compact=False`` the run ends after Section 6: no sieve and no compact model.

    Raises:
        NeurosieveError: the corpus, the model or the cache cannot be used; nothing that was finished is lost.
        OSError: a folder cannot be written.
    """
    watch = Stopwatch(progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("read corpus"):
            if compact:
                refuse_foreign(settings.out / COMPACT)
            corpus = read_corpus(settings)
            text = None if settings.text is None else read_unlabelled(settings.text, settings.limit_train_words)
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        prepared = prepare(encoder, corpus, settings, watch)
        with watch.stage("general redundancy"):
            general, dendrogram = general_redundancy(prepared.data.moments, f"train split of {corpus.name}")
        if text is not None:
            general = general_from_text(encoder, text, settings, watch)
        done = TaskAnalysis(prepared, settings, watch).run(dendrogram, with_sieve=compact)
        record = done.record
        results = _save(settings, encoder, watch, command, general, {settings.task: record}, caught)
        if done.sieve is not None:
            with watch.stage("compact model"):
                made = make_compact(encoder, prepared, done, done.sieve, settings, settings.out / COMPACT)
            record = record.model_copy(update={"compact": made})
            results = _save(settings, encoder, watch, command, general, {settings.task: record}, caught)
    return results


def run_general(settings: RunSettings, *, progress: Progress | None = None, command: str = "") -> Results:
    """Section 5 alone, straight from model and text: no activation is stored."""
    watch = Stopwatch(progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        with watch.stage("read text"):
            text = read_unlabelled(settings.text, settings.limit_train_words)
        general = general_from_text(encoder, text, settings, watch)
    return _save(settings, encoder, watch, command, general, {}, caught)


def run_extract(settings: RunSettings, *, progress: Progress | None = None) -> dict[str, Store]:
    """The activations of a text, or of the splits of a task, on disk under ``cache``; split -> store."""
    watch = Stopwatch(progress)
    if settings.text is not None:
        splits = {"text": read_unlabelled(settings.text, settings.limit_train_words)}
    else:
        splits = dict(read_corpus(settings).splits)
    encoder = open_encoder(settings)
    stores = {}
    for name, split in splits.items():
        with watch.stage(f"extract {name}"):
            stores[name] = extract_split(encoder, words_of(split), settings, watch)
    return stores


def general_from_text(encoder: Encoder, split: Split, settings: RunSettings, watch: Stopwatch) -> General:
    """General redundancy on unlabelled text: one pass of the model, moments only, nothing on disk."""
    rows = LiveRows(
        encoder,
        words_of(split),
        aggregation=settings.aggregation,
        on_too_long=settings.on_too_long,
        batch_tokens=settings.batch_tokens,
    )
    with watch.stage("moments of the text"):
        moments = moments_of(rows, device=str(encoder.device), progress=watch.progress.step)
    with watch.stage("general redundancy of the text"):
        name = "documentation of the Python library" if str(settings.text) == PROSE else Path(str(settings.text)).name
        general, _ = general_redundancy(moments, name)
    return general.model_copy(update={"sources": dict(split.sources)})


def read_unlabelled(text: Path | None, limit: int | None) -> Split:
    """Plain text from a file, or the prose of the Python library under its name; ``limit`` in words."""
    if text is None or str(text) == PROSE:
        return library_prose(limit).splits["train"]
    split = read_text(text)
    return split if limit is None else split.limited(limit)


def _save(
    settings: RunSettings,
    encoder: Encoder,
    watch: Stopwatch,
    command: str,
    general: General,
    tasks: dict[str, Task],
    caught: list[warnings.WarningMessage],
) -> Results:
    """Write what there is so far, so that a later stage that fails takes nothing along."""
    results = Results(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings=settings.model_dump(mode="json"),
        seed=settings.seed,
        environment=environment(encoder),
        model=model_facts(encoder),
        general=general,
        tasks=tasks,
        stages=watch.stages,
        warnings=sorted({str(warning.message) for warning in caught}),
    )
    results.save(settings.out / RESULTS)
    return results
