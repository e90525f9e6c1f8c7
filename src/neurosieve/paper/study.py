"""All models of a study, one after the other; every measurement is kept as soon as it is there."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

from neurosieve.paper.differences import Judged, model_differences
from neurosieve.paper.models import Measuring
from neurosieve.paper.reading import read
from neurosieve.paper.records import ModelStudy, Study
from neurosieve.paper.settings import PaperSettings
from neurosieve.run.environment import environment
from neurosieve.run.stages import Progress, Stopwatch

STUDY = "study.json"


def study(settings: PaperSettings, *, progress: Progress | None = None, command: str = "") -> Study:
    """Measure what the exhibits need; write ``study.json``, and each measurement under ``measured/`` as it is done.

    The same command again takes up what is kept; settings that change a measurement make it anew.

    Raises:
        NeurosieveError: a corpus or a model cannot be used, or an exhibit asks for tasks that were not given.
        OSError: a folder cannot be written.
    """
    watch = Stopwatch(progress)
    settings.out.mkdir(parents=True, exist_ok=True)
    models: dict[str, ModelStudy] = {}
    judged: dict[str, dict[str, Judged]] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with watch.stage("read corpora"):
            reading = read(settings)
        for model in settings.models:
            part = watch.within(model.label) if len(settings.models) > 1 else watch
            measuring = Measuring(model, settings, reading, part)
            models[model.label], judged[model.label] = measuring()
        with watch.stage("differences between models"):
            differences = model_differences(judged, settings.seed)
    found = Study(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        settings=settings.model_dump(mode="json"),
        environment=environment(measuring.encoder),
        models=models,
        differences=differences,
        stages=watch.stages,
        warnings=sorted({str(warning.message) for warning in caught}),
    )
    found.save(settings.out / STUDY)
    return found
