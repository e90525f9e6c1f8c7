"""What the tables share: the tasks in the paper's order, numbers a row, panels of models and of their differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from neurosieve.paper.exhibits import EXHIBITS, Rows
from neurosieve.paper.records import ModelDifference, ModelStudy, Study, TaskStudy
from neurosieve.report.metric import Metric, metric_named
from neurosieve.report.paper.base import Panel, PaperTable, Source
from neurosieve.report.tables.base import Row, Table
from neurosieve.report.wording import plain
from neurosieve.run.schema import Difference, Scores

NONE = "–"
TITLES = {
    "pos": "POS",
    "sem": "SEM",
    "ccg": "CCG",
    "chunk": "Chunking",
    "sst2": "SST-2",
    "mrpc": "MRPC",
    "mnli": "MNLI",
    "qnli": "QNLI",
    "qqp": "QQP",
    "rte": "RTE",
    "stsb": "STS-B",
}
"""Name of a task -> what the paper's tables call it, in their order; other tasks come after these."""

TIDY = {
    "source": "measured, or published: printed in the paper",
    "model": "whose number it is",
    "task": "name of the task; empty where the number is of several tasks or of none",
    "of": "what the number is of: a probe, a layer, a threshold, a step or a split",
    "quantity": "what was counted or scored",
    "metric": "of scores and their differences: the task's metric; percentages are fractions here",
    "value": "the number, unrounded; empty where the paper's is lost",
    "low": "lower end of its 95 % interval",
    "high": "upper end of its 95 % interval",
    "note": "why there is no value, or what it was computed from",
}


@dataclass(frozen=True)
class Number:
    """One row of the tidy table; see `TIDY`."""

    model: str
    task: str | None
    of: str
    quantity: str
    value: float | None
    metric: str | None = None
    low: float | None = None
    high: float | None = None
    source: Source = "measured"
    note: str | None = None

    @property
    def row(self) -> Row:
        """Its cells."""
        start = (self.source, self.model, self.task, self.of, self.quantity)
        return (*start, self.metric, self.value, self.low, self.high, self.note)


@dataclass(frozen=True)
class Part:
    """A panel with the numbers that it shows."""

    panel: Panel
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Cell:
    """What is read, and the number behind it."""

    text: str
    number: Number | None = None


def bare(text: str) -> Cell:
    """A cell without a number."""
    return Cell(text)


def title_of(task: str) -> str:
    """A task as the paper names it."""
    return TITLES.get(task, plain(task))


def ordered(tasks: dict[str, TaskStudy], rows: Rows | None = "any") -> list[tuple[str, TaskStudy]]:
    """The tasks on words, on texts or all, in the paper's order."""
    places = {name: place for place, name in enumerate(TITLES)}
    chosen = [(name, task) for name, task in tasks.items() if rows in ("any", rows_of(task))]
    return sorted(chosen, key=lambda item: places.get(item[0], len(places)))


def rows_of(task: TaskStudy) -> Rows:
    """What has a label in a task."""
    return "words" if task.corpus.kind == "labelling" else "texts"


def layer_title(model: ModelStudy, layer: int) -> str:
    """A layer as Table 7 names it; sub-layers have names of their own."""
    names = model.facts.layer_names
    if layer < len(names):
        return names[layer]
    return "Embedding" if layer == 0 else f"Layer {layer}"


def scored(model: str, name: str, task: TaskStudy, of: str, scores: Scores, *, interval: bool = True) -> Cell:
    """A test score, with its interval where there is room; the number has it anyway."""
    metric = metric_named(task.metric)
    low, high = scores.interval or (None, None)
    number = Number(model, name, of, "score", scores.value, task.metric, low, high)
    return Cell(metric.score(scores) if interval else metric.value(scores.value), number)


def counted(model: str, name: str | None, of: str, quantity: str, value: float, text: str) -> Cell:
    """A number without an interval."""
    return Cell(text, Number(model, name, of, quantity, value))


def part(
    caption: str,
    heads: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    source: Source = "measured",
    bold: Iterable[tuple[int, int]] = (),
) -> Part:
    """A panel of cells, and their numbers row by row."""
    rows = tuple(tuple(cell.text for cell in row) for row in cells)
    numbers = tuple(cell.number for row in cells for cell in row if cell.number)
    return Part(Panel(caption, tuple(heads), rows, source, frozenset(bold)), numbers)


def transposed(columns: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Columns as rows."""
    return [list(row) for row in zip(*columns, strict=True)]


def of_models(study: Study, make: Callable[[str, ModelStudy, str], Part | None]) -> list[Part]:
    """A part per model that has what the table shows; ``make`` gets its label, its study and the panel's caption."""
    found: list[Part] = []
    for label, model in study.models.items():
        made = make(label, model, f"({_letter(len(found))}) {plain(label)}")
        if made is not None:
            found.append(made)
    return found


def _letter(place: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[place % 26] * (1 + place // 26)


def differences(study: Study, probes: dict[str, str], rows: Rows | None = "any") -> list[Part]:
    """Each pair of models: probes down, tasks across, the second's score minus the first's with its interval.

    Args:
        study: with the differences.
        probes: name that the differences have -> what the row is called.
        rows: the tasks that the table is about.
    """
    pairs = dict.fromkeys((one.first, one.second) for one in study.differences)
    return [made for pair in pairs if (made := _difference_part(study, *pair, probes, rows)) is not None]


def _difference_part(study: Study, first: str, second: str, probes: dict[str, str], rows: Rows | None) -> Part | None:
    tasks = ordered(study.models[second].tasks, rows)
    by_place = {(one.task, one.probe): one for one in study.differences if (one.first, one.second) == (first, second)}
    shown = [(name, task) for name, task in tasks if any((name, probe) in by_place for probe in probes)]
    measured = [probe for probe in probes if any((name, probe) in by_place for name, _ in shown)]
    if not shown:
        return None
    cells = [
        [bare(probes[probe]), *(_difference_cell(by_place.get((name, probe)), task) for name, task in shown)]
        for probe in measured
    ]
    return part(f"{plain(second)} against {plain(first)}", ["Score", *(title_of(name) for name, _ in shown)], cells)


def _difference_cell(found: ModelDifference | None, task: TaskStudy) -> Cell:
    if found is None:
        return bare(NONE)
    metric: Metric = metric_named(task.metric)
    model = f"{found.second} against {found.first}"
    number = Number(model, found.task, found.probe, "difference", found.value, task.metric, *found.interval)
    return Cell(metric.difference(Difference(value=found.value, interval=found.interval)), number)


def assembled(
    name: str, measured: Sequence[Part], published: Sequence[Part], notes: Iterable[str], compared: Sequence[Part] = ()
) -> PaperTable | None:
    """The table of its parts: each model's, the models compared, and the published; None where no model has any."""
    if not measured:
        return None
    parts = (*measured, *compared, *published)
    exhibit = EXHIBITS[name]
    rows = tuple(number.row for one in parts for number in one.numbers)
    tidy = Table(name, exhibit.title, TIDY, rows)
    return PaperTable(name, exhibit.title, tuple(one.panel for one in parts), tidy, tuple(dict.fromkeys(notes)))
