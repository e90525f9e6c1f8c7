"""Neurons left and scores after clustering, per threshold (Table 6)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from neurosieve.paper.records import ClusterStudy, ModelStudy, Study, TaskStudy, ThresholdScores
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.neurons import mean_cell
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Part,
    assembled,
    bare,
    counted,
    differences,
    of_models,
    ordered,
    part,
    scored,
    title_of,
)
from neurosieve.report.wording import count, number, plain

Found = list[tuple[str, TaskStudy, ClusterStudy]]


def table6(study: Study) -> PaperTable | None:
    """Rows in pairs as published: neurons left, then the score, for every threshold (A.2)."""
    four = "average-of-four" in notes.faults(study)
    measured = of_models(study, lambda label, model, caption: _panel(label, model, caption, four))
    thresholds = {probe(at): f"{at:.1f}" for model in study.models.values() for at in _thresholds(found(model))}
    said = [*_said(study, four), *notes.how(study)]
    return assembled("table6", measured, printed.table6(), said, differences(study, thresholds))


def found(model: ModelStudy) -> Found:
    """The tasks whose neurons were clustered."""
    return [(name, task, task.clusters) for name, task in ordered(model.tasks) if task.clusters]


def probe(threshold: float) -> str:
    """A threshold as differences name it; 0 is no clustering."""
    return f"c_t {threshold:g}"


def at_threshold(study: ClusterStudy, threshold: float) -> ThresholdScores | None:
    """The scores at one threshold; 0 is no clustering."""
    return next((row for row in study.rows if (row.threshold or 0.0) == threshold), None)


def _thresholds(tasks: Found) -> list[float]:
    return sorted({row.threshold or 0.0 for _, _, clusters in tasks for row in clusters.rows})


def _panel(label: str, model: ModelStudy, caption: str, four: bool) -> Part | None:
    tasks = found(model)
    if not tasks:
        return None
    rows = [row for at in _thresholds(tasks) for row in _pair(label, tasks, at, four)]
    return part(caption, ("Threshold", *(title_of(name) for name, _, _ in tasks), "Average"), rows)


def _pair(label: str, tasks: Found, threshold: float, four: bool) -> tuple[list[Cell], list[Cell]]:
    name = f"{threshold:.1f}"
    neurons, scores = [bare(name)], [bare(name)]
    for task_name, task, clusters in tasks:
        row = at_threshold(clusters, threshold)
        if row is None:
            neurons.append(bare(NONE))
            scores.append(bare(NONE))
            continue
        of = probe(threshold)
        neurons.append(counted(label, task_name, of, "neurons", row.neurons, count(row.neurons)))
        scores.append(scored(label, task_name, task, of, row.test, interval=False))
    averaged = [one for one in tasks if not four or one[1].corpus.kind == "labelling"]
    return [*neurons, _mean_neurons(label, averaged, threshold)], [*scores, _mean_score(label, tasks, threshold)]


def _mean_neurons(label: str, tasks: Found, threshold: float) -> Cell:
    values = [row.neurons for _, _, clusters in tasks if (row := at_threshold(clusters, threshold))]
    if not values:
        return bare(NONE)
    mean = fmean(values)
    text = count(round(mean)) if mean == round(mean) else number(mean)
    return counted(label, None, probe(threshold), "mean neurons", mean, text)


def _mean_score(label: str, tasks: Found, threshold: float) -> Cell:
    values = [(task, row.test.value) for _, task, clusters in tasks if (row := at_threshold(clusters, threshold))]
    return mean_cell(label, probe(threshold), "clustered", values)


def _said(study: Study, four: bool) -> list[str]:
    said = [
        "Every task clusters its own training rows; one random neuron stands for each cluster; 0.0 is no clustering.",
        "Averages of neurons are over the tasks on words alone, as published for XLNet; those of scores are over all "
        "tasks; correlations enter like shares."
        if four
        else "Averages are over all tasks of the panel; correlations enter like shares, as published.",
    ]
    for label, model in study.models.items():
        said += _constants(label, found(model))
    return said


def _constants(label: str, tasks: Sequence[tuple[str, TaskStudy, ClusterStudy]]) -> list[str]:
    """Which neurons never change: they correlate with nothing, so that no threshold removes them."""
    there = [f"{title_of(name)} {count(clusters.constants)}" for name, _, clusters in tasks if clusters.constants]
    if not there:
        return []
    return [
        f"{plain(label)}: neurons that never change on train are clusters of their own and are counted at every "
        f"threshold: {', '.join(there)}."
    ]
