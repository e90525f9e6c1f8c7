"""A forecast from settings alone: corpora and model are read, and nothing is written."""

from __future__ import annotations

import warnings

from neurosieve.run.corpora import read_corpus, read_unlabelled, text_limit
from neurosieve.run.forecast.records import Forecast
from neurosieve.run.forecast.study import Command, Read, forecast
from neurosieve.run.scaled import refuse_moments_by_tiles
from neurosieve.run.settings import RunSettings
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.workers import open_encoder


def forecast_run(settings: RunSettings, command: Command, *, progress: Progress | None = None) -> Forecast:
    """What the run would take; it ends where the work would begin, and nothing is written.

    Raises:
        ConfigError: a folder cannot be written, or settings do not go together.
        NeurosieveError: a corpus or the model cannot be used.
    """
    watch = Stopwatch(progress)
    if command == "general":
        refuse_moments_by_tiles(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with watch.stage("read corpus"):
            only_text = command == "general" or (command == "extract" and settings.text is not None)
            paper, tasks = settings.protocol == "paper", () if only_text else settings.tasks
            corpora = tuple(read_corpus(task, settings.seed, published_split=paper) for task in tasks)
            text = None if settings.text is None else read_unlabelled(settings.text, text_limit(settings))
        with watch.stage("load model"):
            encoder = open_encoder(settings)
        watch.progress.stage("measure")
        return forecast(Read(encoder, text, corpora), settings, command, watch.stages)
