"""Complexity of a task against the size of its minimal set (Section 6.2)."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import spearmanr

from neurosieve.paper.records import MinimalStudy, ModelStudy, Study, TaskStudy
from neurosieve.published.tables import MODELS
from neurosieve.report.metric import metric_named
from neurosieve.report.paper.base import PaperTable, Source
from neurosieve.report.paper.tables import notes, printed
from neurosieve.report.paper.tables.neurons import found, size_cells
from neurosieve.report.paper.tables.parts import (
    NONE,
    Cell,
    Number,
    Part,
    assembled,
    bare,
    counted,
    of_models,
    part,
    title_of,
)
from neurosieve.report.wording import count, number

_NOTE = "computed from the tasks of the panel"
FEWEST = 3
"""Tasks below which no rank correlation is given."""


def complexity(study: Study) -> PaperTable | None:
    """Classes, entropy of the labels and loss of the oracle, beside the size of the minimal set."""
    measured = of_models(study, _panel)
    said = [
        "Entropy is that of the labels of train, in bits. 1 − oracle is in the task's own metric.",
        "The last row is Spearman's rank correlation with the size of the minimal set. With so few tasks it says "
        "little: any one task can turn it, and no interval is given.",
        "Tasks with numbers have no classes and no entropy. Published panels: Tables 4 and 8; the last rows are "
        "computed here; the paper says that size and complexity are correlated, and prints no number.",
    ]
    return assembled("complexity", measured, _published(), [*said, *notes.how(study)])


def _panel(label: str, model: ModelStudy, caption: str) -> Part | None:
    tasks = found(model)
    if not tasks:
        return None
    rows = [_row(label, *one) for one in tasks]
    heads = ("Task", "Classes", "Entropy", "1 − oracle", "# Neurons", "Share")
    return part(caption, heads, [*rows, correlations(label, rows)])


def _row(label: str, name: str, task: TaskStudy, minimal: MinimalStudy) -> list[Cell]:
    classes, bits, loss = len(task.corpus.classes), task.entropy, 1 - minimal.oracle.test.value
    return [
        bare(title_of(name)),
        counted(label, name, "train", "classes", classes, count(classes)) if classes else bare(NONE),
        bare(NONE) if bits is None else counted(label, name, "train", "entropy", bits, number(bits, 2)),
        counted(label, name, "oracle", "1 - score", loss, metric_named(task.metric).value(loss)),
        *size_cells(label, name, minimal),
    ]


def _published() -> list[Part]:
    """The same of the paper's own numbers; the correlations are ours."""
    parts = []
    for model in MODELS:
        rows = printed.complexity(model)
        cells = [*rows, correlations(model, rows, 3, source="published")]
        heads = ("Task", "Classes", "1 − oracle", "# Neurons")
        parts.append(part(printed.caption(model), heads, cells, source="published"))
    return parts


def correlations(
    label: str, rows: Sequence[Sequence[Cell]], size: int = 4, *, source: Source = "measured"
) -> list[Cell]:
    """The last row of a panel: each column's rank correlation with the size, and over how many tasks."""
    cells = [bare("Spearman's ρ")]
    for at in range(1, size):
        quantity = next((one.quantity for row in rows if (one := row[at].number)), "")
        values = [(_value(row[at]), _value(row[size])) for row in rows]
        pairs = [(x, y) for x, y in values if x is not None and y is not None]
        cells.append(_correlation(label, quantity, pairs, source))
    return cells + [bare("")] * (len(rows[0]) - len(cells))


def _value(cell: Cell) -> float | None:
    return cell.number.value if cell.number else None


def _correlation(label: str, quantity: str, pairs: Sequence[tuple[float, float]], source: Source) -> Cell:
    """A dash where there are too few tasks, or where one side is the same for all of them."""
    if len(pairs) < FEWEST or any(len({pair[side] for pair in pairs}) == 1 for side in (0, 1)):
        return bare(f"{NONE} (n = {len(pairs)})")
    xs, ys = zip(*pairs, strict=True)
    rho = float(spearmanr(xs, ys).statistic)
    found = Number(
        label, None, f"{quantity} against neurons", f"Spearman's rho, n = {len(pairs)}", rho, source=source, note=_NOTE
    )
    return Cell(f"{number(rho, 2)} (n = {len(pairs)})", found)
