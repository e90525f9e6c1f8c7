"""LayerSelector and CCFS: averages (Table 3), and per task (Tables 9 and 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

from neurosieve.paper.exhibits import Rows
from neurosieve.paper.records import ModelStudy, Study, TaskStudy, TransferStudy
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.neurons import mean_cell
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
    transposed,
)
from neurosieve.report.wording import count, millions, number, percent, plain
from neurosieve.run.results import SieveStep
from neurosieve.run.schema import Scores

Found = list[tuple[str, TaskStudy, TransferStudy]]
PROBES = {"oracle": "Oracle", "LS": "LS", "CCFS": "CCFS"}
GROUPS: dict[Rows, str] = {"words": "Sequence labelling", "texts": "Sequence classification"}
_ROWS = ("Oracle", "Neurons", "LS", "Layers", "CCFS", "Neurons", "% reduction", "As many random")


def table3(study: Study) -> PaperTable | None:
    """Averages over the tasks of a kind, every kind under its own name (Section 7.1)."""
    columns, heads = [], []
    for rows, group in GROUPS.items():
        for label, model in study.models.items():
            tasks = found(model, rows)
            if tasks:
                heads.append(f"{group}: {plain(label)}")
                columns.append(_averages(label, group, tasks))
    cells = transposed([[bare(row) for row in _ROWS], *columns])
    measured = [part("Averages over the tasks, as measured", ("", *heads), cells)] if columns else []
    said = [
        *_said(study, "any"),
        "Averages weigh every task alike; correlations enter like shares, as published. Sequence classification holds "
        "every task on texts, numbers included.",
        "The paper prints the two groups under each other's names; here each stands under its own.",
        *printed.lost("table3"),
    ]
    return assembled("table3", measured, printed.table3(), [*said, *notes.how(study)])


def table9(study: Study) -> PaperTable | None:
    """Per task on words (A.5.1)."""
    return _per_task(study, "table9", "words")


def table10(study: Study) -> PaperTable | None:
    """Per task on texts (A.5.1)."""
    return _per_task(study, "table10", "texts")


def found(model: ModelStudy, rows: Rows = "any") -> Found:
    """The tasks with LS and CCFS."""
    return [(name, task, task.transfer) for name, task in ordered(model.tasks, rows) if task.transfer]


def selected(transfer: TransferStudy) -> SieveStep:
    """What LayerSelector left."""
    return transfer.sieve.steps[0]


def random_of(transfer: TransferStudy) -> Scores | None:
    """As many random neurons as CCFS keeps."""
    return transfer.sieve.baselines.get("random")


def _per_task(study: Study, name: str, rows: Rows) -> PaperTable | None:
    def make(label: str, model: ModelStudy, caption: str) -> Part | None:
        tasks = found(model, rows)
        if not tasks:
            return None
        titles = ("Oracle", "Neurons", "LS", "Layers", "Parameters", "CCFS", "Neurons", "% reduction", "As many random")
        cells = transposed([[bare(title) for title in titles], *(_column(label, model, *one) for one in tasks)])
        if not model.parameters:
            del cells[titles.index("Parameters")]
        return part(caption, ("", *(title_of(name) for name, _, _ in tasks)), cells)

    said = [*_said(study, rows), *printed.lost(name), *notes.how(study, rows)]
    compared = differences(study, PROBES, rows)
    return assembled(name, of_models(study, make), printed.per_task(name), said, compared)


def _column(label: str, model: ModelStudy, name: str, task: TaskStudy, transfer: TransferStudy) -> list[Cell]:
    sieve, first, full = transfer.sieve, selected(transfer), transfer.oracle.neurons
    kept = len(sieve.neurons)
    random = random_of(transfer)
    return [
        scored(label, name, task, "oracle", transfer.oracle.test),
        counted(label, name, "oracle", "neurons", full, count(full)),
        scored(label, name, task, "LS", first.test),
        counted(label, name, "LS", "layers", first.kept_layers, count(first.kept_layers)),
        _parameters(label, name, model, first.kept_layers),
        scored(label, name, task, "CCFS", sieve.test),
        counted(label, name, "CCFS", "neurons", kept, count(kept)),
        counted(label, name, "CCFS", "reduction", 1 - kept / full, percent(1 - kept / full)),
        scored(label, name, task, "CCFS: random", random) if random else bare(NONE),
    ]


def _parameters(label: str, name: str, model: ModelStudy, layers: int) -> Cell:
    if layers > len(model.parameters):
        return bare(NONE)
    value = model.parameters[layers - 1]
    return counted(label, name, "LS", "parameters", value, millions(value))


def _averages(label: str, group: str, tasks: Found) -> list[Cell]:
    """The cells under one head of Table 3."""

    def score(quantity: str, of: Callable[[TransferStudy], Scores | None]) -> Cell:
        pairs = [(task, scores.value) for _, task, one in tasks if (scores := of(one))]
        return mean_cell(label, group, quantity, pairs)

    def mean(quantity: str, values: Sequence[float], text: Callable[[float], str] = number) -> Cell:
        value = fmean(values)
        return Cell(text(value), Number(label, None, group, f"mean {quantity}", value))

    kept = [len(one.sieve.neurons) for _, _, one in tasks]
    full = [one.oracle.neurons for _, _, one in tasks]
    return [
        score("oracle", lambda one: one.oracle.test),
        mean("neurons of the oracle", full, lambda value: number(value, 0)),
        score("LS", lambda one: selected(one).test),
        mean("layers of LS", [selected(one).kept_layers for _, _, one in tasks]),
        score("CCFS", lambda one: one.sieve.test),
        mean("neurons of CCFS", kept, lambda value: number(value, 0)),
        mean("reduction", [1 - k / n for k, n in zip(kept, full, strict=True)], percent),
        score("CCFS: random", random_of),
    ]


def _said(study: Study, rows: Rows) -> list[str]:
    loss, threshold = notes.loss_text(study, "step_tolerance", 0.01), study.settings.get("threshold")
    said = [
        f"LS: the fewest first layers whose dev score loses less than {loss} of the oracle's; layers count the "
        f"embeddings. CCFS: clustering of these{_at(threshold)}, then the first neurons whose dev score loses less "
        f"than {loss} of what clustering left.",
        notes.RANDOM,
    ]
    unreached = [
        f"{plain(label)}, {title_of(name)}"
        for label, model in study.models.items()
        for name, _, one in found(model, rows)
        if not one.sieve.reached
    ]
    return [*said, f"No subset was within the loss: {'; '.join(unreached)}."] if unreached else said


def _at(threshold: object) -> str:
    return f" at c_t {threshold:g}" if isinstance(threshold, int | float) and threshold else ""
