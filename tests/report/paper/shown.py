"""The example's tables, and ways to look into them."""

from __future__ import annotations

import csv
import io

from neurosieve.paper.records import ModelStudy, Study, TaskStudy
from neurosieve.report.paper.base import Panel, PaperTable
from neurosieve.report.paper.tables import TABLES

from .example import LABELS, example_study

STUDY = example_study()
MINILM = STUDY.models["minilm"]


def made(name: str, study: Study = STUDY) -> PaperTable:
    found = TABLES[name](study)
    assert found is not None
    return found


def panel(name: str, caption: str, study: Study = STUDY) -> Panel:
    return next(one for one in made(name, study).panels if one.caption == caption)


def rows(found: Panel) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in found.rows}


def tidy(name: str, study: Study = STUDY) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made(name, study).tidy.csv())))


def with_tasks(change: dict[str, object], study: Study = STUDY, models: tuple[str, ...] = LABELS) -> Study:
    """The study with something else in every task of some models."""

    def of_model(label: str, model: ModelStudy) -> ModelStudy:
        tasks = {name: task.model_copy(update=change) for name, task in model.tasks.items()}
        return model.model_copy(update={"tasks": tasks}) if label in models else model

    return study.model_copy(update={"models": {label: of_model(label, one) for label, one in study.models.items()}})


def with_settings(**change: object) -> Study:
    return STUDY.model_copy(update={"settings": STUDY.settings | change})


def with_task(name: str, task: TaskStudy) -> Study:
    model = MINILM.model_copy(update={"tasks": MINILM.tasks | {name: task}})
    return STUDY.model_copy(update={"models": STUDY.models | {"minilm": model}})
