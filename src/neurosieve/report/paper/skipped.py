"""Why an exhibit cannot be made from a study, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from neurosieve.paper.exhibits import Exhibit, Measurement, Rows
from neurosieve.paper.records import ModelStudy, Study, TaskStudy
from neurosieve.report.paper.figures import class_tasks
from neurosieve.report.wording import listing

_FAMILIES = {"figure10": "a model that is no XLNet", "figure11": "a model of the family xlnet"}
_CLASSES = ("figure7", "figure8", "figure9")
_PLACES = {"figure7": "a task", "figure8": "a second task", "figure9": "a third task"}
_ROWS: Mapping[Rows, str] = {
    "words": "a task with labels of words",
    "texts": "a task with labels of texts",
    "any": "a task",
}

_OF_TASKS: Mapping[Measurement, Callable[[TaskStudy], object]] = {
    "corpus": lambda task: task.corpus,
    "layers": lambda task: task.layers,
    "clusters": lambda task: task.clusters,
    "minimal": lambda task: task.minimal,
    "transfer": lambda task: task.transfer,
}
_OF_MODELS: Mapping[Measurement, Callable[[ModelStudy], object]] = {
    "general": lambda model: model.general,
    "clusterings": lambda model: model.general and model.general.clusterings,
    "parameters": lambda model: model.parameters,
    "moves": lambda model: model.moves,
    "classifier cost": lambda model: model.costs and model.costs.classifier,
    "forward cost": lambda model: model.costs and model.costs.forward,
    "extraction cost": lambda model: model.costs and model.costs.extraction,
    "clustering cost": lambda model: model.costs and model.costs.clustering,
    "ranking cost": lambda model: model.costs and model.costs.ranking,
}
_WORDS: Mapping[Measurement, str] = {
    "corpus": "the sizes of the corpora",
    "general": "a text without labels",
    "clusterings": "other ways to cluster",
    "layers": "the scores of the layers",
    "clusters": "the scores after clustering",
    "minimal": "minimal sets",
    "transfer": "LayerSelector and CCFS",
    "parameters": "the parameters of forward passes",
    "moves": "a model that was fine-tuned for a task on texts",
    "classifier cost": "runtimes of the classifier",
    "forward cost": "runtimes of the forward pass",
    "extraction cost": "runtimes of extraction",
    "clustering cost": "runtimes of clustering",
    "ranking cost": "runtimes of the ranking",
}


def why_not(exhibit: Exhibit, study: Study) -> str:
    """One sentence that says what the exhibit needs and the study lacks."""
    return f"{exhibit.label} needs {_lack(exhibit, study)}."


def _lack(exhibit: Exhibit, study: Study) -> str:
    tasks = [task for model in study.models.values() for task in model.tasks.values() if _fits(task, exhibit.rows)]
    if exhibit.rows is not None and not tasks:
        return _ROWS[exhibit.rows]
    missing = [_WORDS[need] for need in exhibit.needs if not _measured(need, study, tasks)]
    if missing:
        return f"{listing(missing)}, which this study does not hold"
    if exhibit.name in _CLASSES and exhibit.name not in class_tasks(study):
        return f"{_PLACES[exhibit.name]} with labels of words and the recall of its classes"
    return _FAMILIES.get(exhibit.name, "values that this study does not hold")


def _fits(task: TaskStudy, rows: Rows | None) -> bool:
    return rows in (None, "any") or (task.corpus.kind == "labelling") == (rows == "words")


def _measured(need: Measurement, study: Study, tasks: list[TaskStudy]) -> bool:
    if need in _OF_TASKS:
        return any(_OF_TASKS[need](task) for task in tasks)
    return any(_OF_MODELS[need](model) for model in study.models.values())
