"""Minimal sets of neurons: their sizes (Tables 1 and 2) and their scores (Table 8)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from neurosieve.paper.exhibits import Rows
from neurosieve.paper.records import MinimalStudy, ModelStudy, Study, TaskStudy
from neurosieve.report.metric import metric_named
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Number,
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
from neurosieve.report.wording import count, percent, plain

Found = list[tuple[str, TaskStudy, MinimalStudy]]
_AVERAGES: dict[Rows, str] = {"words": "Word average", "texts": "Sentence average"}


def table1(study: Study) -> PaperTable | None:
    """How many neurons each task on words needs (Section 6.2)."""
    return _sizes(study, "table1", "words")


def table2(study: Study) -> PaperTable | None:
    """How many neurons each task on texts needs (Section 6.2)."""
    return _sizes(study, "table2", "texts")


def table8(study: Study) -> PaperTable | None:
    """Scores of the minimal sets (A.4)."""
    measured = of_models(study, _scores)
    compared = differences(study, {"oracle": "Oracle", "minimal": "Minimal set"})
    said = [
        *_said(study, "any"),
        "Averages weigh every task alike; correlations enter like shares, as published.",
    ]
    return assembled("table8", measured, printed.table8(), [*said, *notes.how(study)], compared)


def found(model: ModelStudy, rows: Rows = "any") -> Found:
    """The tasks with a minimal set."""
    return [(name, task, task.minimal) for name, task in ordered(model.tasks, rows) if task.minimal]


def _sizes(study: Study, name: str, rows: Rows) -> PaperTable | None:
    def make(label: str, model: ModelStudy, caption: str) -> Part | None:
        cells = [_size_row(label, *one) for one in found(model, rows)]
        heads = ("Task", "# Neurons", "Share", "Score", "As many random")
        return part(caption, heads, cells) if cells else None

    measured = of_models(study, make)
    compared = differences(study, {"minimal": "Minimal set"}, rows)
    said = [*_said(study, rows), *notes.how(study, rows)]
    return assembled(name, measured, printed.sizes(name), said, compared)


def _size_row(label: str, name: str, task: TaskStudy, minimal: MinimalStudy) -> list[Cell]:
    return [bare(title_of(name)), *size_cells(label, name, minimal), *_score_cells(label, name, task, minimal)]


def size_cells(label: str, name: str, minimal: MinimalStudy) -> tuple[Cell, Cell]:
    """How many neurons, and their share of all."""
    size = len(minimal.neurons)
    share = size / minimal.oracle.neurons
    return (
        counted(label, name, "minimal", "neurons", size, count(size)),
        counted(label, name, "minimal", "share of neurons", share, percent(share)),
    )


def _score_cells(label: str, name: str, task: TaskStudy, minimal: MinimalStudy) -> tuple[Cell, Cell]:
    return (
        scored(label, name, task, "minimal", minimal.test),
        scored(label, name, task, "minimal: random", minimal.random),
    )


def _scores(label: str, model: ModelStudy, caption: str) -> Part | None:
    groups: list[tuple[Rows, Found]] = [("words", found(model, "words")), ("texts", found(model, "texts"))]
    rows: list[list[Cell]] = []
    for kind, tasks in groups:
        rows += [_score_row(label, *one) for one in tasks]
        rows += [_average(label, kind, tasks)] if tasks else []
    heads = ("Task", "Oracle", "# Neurons", "Reduced", "As many random")
    return part(caption, heads, rows) if rows else None


def _score_row(label: str, name: str, task: TaskStudy, minimal: MinimalStudy) -> list[Cell]:
    oracle = scored(label, name, task, "oracle", minimal.oracle.test)
    size, _ = size_cells(label, name, minimal)
    return [bare(title_of(name)), oracle, size, *_score_cells(label, name, task, minimal)]


def _average(label: str, rows: Rows, tasks: Found) -> list[Cell]:
    of = _AVERAGES[rows]
    oracle, reduced, random = (
        mean_cell(label, of, quantity, [(task, score(minimal)) for _, task, minimal in tasks])
        for quantity, score in (
            ("oracle", _oracle_score),
            ("minimal", _score),
            ("minimal: random", _random_score),
        )
    )
    size = fmean(len(minimal.neurons) for _, _, minimal in tasks)
    return [bare(of), oracle, counted(label, None, of, "neurons", size, f"{size:,.0f}"), reduced, random]


def _oracle_score(minimal: MinimalStudy) -> float:
    return minimal.oracle.test.value


def _score(minimal: MinimalStudy) -> float:
    return minimal.test.value


def _random_score(minimal: MinimalStudy) -> float:
    return minimal.random.value


def mean_cell(label: str, of: str, quantity: str, values: Sequence[tuple[TaskStudy, float]]) -> Cell:
    """The mean over tasks, in percent, or as a number where every task has a correlation or the like."""
    metrics = {task.metric for task, _ in values}
    if not values:
        return bare(NONE)
    value = fmean(score for _, score in values)
    metric = metrics.pop() if len(metrics) == 1 else None
    text = metric_named(metric).value(value) if metric else percent(value)
    return Cell(text, Number(label, None, of, f"mean score, {quantity}", value, metric))


def _said(study: Study, rows: Rows) -> list[str]:
    allowed = notes.loss_text(study, "tolerance", 0.03)
    unreached = [
        f"{plain(label)}, {title_of(name)}"
        for label, model in study.models.items()
        for name, _, minimal in found(model, rows)
        if not minimal.reached
    ]
    said = [f"The first size of the search grid whose dev score loses less than {allowed} of the oracle's."]
    if unreached:
        said.append(f"No size of the grid was enough, so that all neurons are kept: {'; '.join(unreached)}.")
    return [*said, notes.RANDOM]
