"""The published panels: what the paper prints, in the same layout as ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan

import pandas as pd

from neurosieve.published.tables import MODELS, TASKS, WORD_TASKS, read
from neurosieve.report.paper.tables.parts import NONE, Cell, Number, Part, bare, part, title_of, transposed

_AVERAGES = {"average": "Average", "word_average": "Word average", "sentence_average": "Sentence average"}
_STEPS = {
    "oracle_score": ("Oracle", "oracle", "score"),
    "oracle_neurons": ("Neurons", "oracle", "neurons"),
    "ls_score": ("LS", "LS", "score"),
    "ls_layers": ("Layers", "LS", "layers"),
    "ccfs_score": ("CCFS", "CCFS", "score"),
    "ccfs_neurons": ("Neurons", "CCFS", "neurons"),
    "reduction": ("% reduction", "CCFS", "reduction"),
}
"""Row of Tables 3, 9 and 10 -> its title, and what the number is of."""
_GROUPS = {"Sequence labelling": "Sequence Classification", "Sequence classification": "Sequence Labeling"}
"""Our groups -> what the paper prints over their columns: its two heads are swapped."""


def caption(model: str) -> str:
    """Whose numbers these are."""
    return f"{model}, as published"


def percentage(
    model: str, task: str | None, of: str, quantity: str, value: float, *, digits: int = 1, note: str = ""
) -> Cell:
    """A printed percentage with its printed digits; the tidy table has the fraction."""
    if isnan(value):
        return _lost(model, task, of, quantity, note)
    number = Number(model, task, of, quantity, round(value / 100, 6), source="published")
    return Cell(f"{value:.{digits}f} %", number)


def amount(model: str, task: str | None, of: str, quantity: str, value: float, note: str = "") -> Cell:
    """A printed count."""
    if isnan(value):
        return _lost(model, task, of, quantity, note)
    return Cell(f"{value:,.10g}", Number(model, task, of, quantity, value, source="published"))


def _lost(model: str, task: str | None, of: str, quantity: str, note: str) -> Cell:
    return Cell(NONE, Number(model, task, of, quantity, None, source="published", note=note or None))


def _name(task: str) -> str:
    return _AVERAGES.get(task) or title_of(task)


def _task(task: str) -> str | None:
    return None if task in _AVERAGES else task


def sizes(name: str) -> list[Part]:
    """Tables 1 and 2."""
    return [
        part(
            caption(model),
            ("Task", "# Neurons"),
            [[bare(_name(one.task)), amount(model, one.task, "minimal", "neurons", one.neurons)] for one in rows],
            source="published",
        )
        for model, rows in _by_model(name)
    ]


def _by_model(name: str) -> Iterable[tuple[str, list[pd.Series]]]:
    """The lines of a table, model by model."""
    found = read(name)
    for model in MODELS:
        yield model, [line for _, line in found[found["model"] == model].iterrows()]


def table8() -> list[Part]:
    """Scores of the minimal sets."""
    heads = ("Task", "Oracle", "# Neurons", "Reduced")
    return [
        part(caption(model), heads, [_score_row(model, line) for line in lines], source="published")
        for model, lines in _by_model("table8")
    ]


def _score_row(model: str, line: pd.Series) -> list[Cell]:
    task, mean = _task(line.task), "" if _task(line.task) else "mean "
    of = ("oracle", "minimal") if task else (_name(line.task),) * 2
    return [
        bare(_name(line.task)),
        percentage(model, task, of[0], f"{mean}score{', oracle' if mean else ''}", line.oracle_percent),
        amount(model, task, of[1], f"{mean}neurons", line.neurons),
        percentage(model, task, of[1], f"{mean}score{', minimal' if mean else ''}", line.reduced_percent),
    ]


def table6() -> list[Part]:
    """Neurons and scores in pairs of rows."""
    heads = ("Threshold", *(title_of(task) for task in TASKS), "Average")
    parts = []
    for model, lines in _by_model("table6"):
        rows: list[list[Cell]] = []
        for threshold in dict.fromkeys(line.threshold for line in lines):
            same = [line for line in lines if line.threshold == threshold]
            of = f"c_t {float(threshold):g}"
            rows.append([bare(threshold), *(_left(model, of, line) for line in same)])
            rows.append([bare(threshold), *(_clustered(model, of, line) for line in same)])
        parts.append(part(caption(model), heads, rows, source="published"))
    return parts


def _left(model: str, of: str, line: pd.Series) -> Cell:
    task = _task(line.task)
    return amount(model, task, of, "neurons" if task else "mean neurons", line.neurons)


def _clustered(model: str, of: str, line: pd.Series) -> Cell:
    task = _task(line.task)
    return percentage(model, task, of, "score" if task else "mean score, clustered", line.score_percent)


def table7() -> list[Part]:
    """Every layer, in the paper's bold."""
    parts = []
    for model, lines in _by_model("table7"):
        names = list(dict.fromkeys(line.row for line in lines))
        rows = [[bare(_layer(name)), *(_of_layer(model, line) for line in lines if line.row == name)] for name in names]
        bold = {(names.index(line.row), 1 + TASKS.index(line.task)) for line in lines if line.bold}
        heads = ("", *(title_of(task) for task in TASKS))
        parts.append(part(caption(model), heads, rows, source="published", bold=bold))
    return parts


def _layer(row: str) -> str:
    titles = {"oracle": "Oracle", "one_percent_loss": "1 % loss", "embedding": "Embedding"}
    return titles.get(row) or row.replace("_", " ").capitalize()


def _of_layer(model: str, line: pd.Series) -> Cell:
    of = {"one_percent_loss": "oracle", "embedding": "layer 0"}.get(line.row) or line.row.replace("_", " ")
    quantity = "score after the loss" if line.row == "one_percent_loss" else "score"
    return percentage(model, line.task, of, quantity, line.score_percent)


def table3() -> list[Part]:
    """Averages, each group under its right name."""
    found = read("table3")
    heads, columns = [], []
    for group, printed in _GROUPS.items():
        for model in MODELS:
            same = found[(found["group"] == printed) & (found["model"] == model)]
            lines = {str(line["row"]): line for _, line in same.iterrows()}
            heads.append(f"{group}: {model}")
            columns.append([_step(model, None, row, lines[row], group) for row in _STEPS])
    return [part("BERT and XLNet, as published", ("", *heads), _steps(columns), source="published")]


def per_task(name: str) -> list[Part]:
    """Tables 9 and 10."""
    parts = []
    for model, lines in _by_model(name):
        tasks = list(dict.fromkeys(line.task for line in lines))
        cells = {(line.task, line.row): line for line in lines}
        digits = 0 if name == "table9" else 1
        columns = [[_step(model, task, row, cells[task, row], digits=digits) for row in _STEPS] for task in tasks]
        heads = ("", *(title_of(task) for task in tasks))
        parts.append(part(caption(model), heads, _steps(columns), source="published"))
    return parts


def _steps(columns: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    return transposed([[bare(title) for title, _, _ in _STEPS.values()], *columns])


def _step(model: str, task: str | None, row: str, line: pd.Series, group: str = "", *, digits: int = 1) -> Cell:
    _, of, quantity = _STEPS[row]
    if group:
        of, quantity = group, f"mean {quantity}, {of}"
    if line.unit != "percent":
        return amount(model, task, of, quantity, line.value, line.reason)
    shown = digits if row == "reduction" else 1
    return percentage(model, task, of, quantity, line.value, digits=shown, note=line.reason)


def lost(name: str) -> list[str]:
    """Why some published cells are empty."""
    return [f"{NONE} in published panels: {reason}." for reason in dict.fromkeys(read(name)["reason"]) if reason]


def corpora(name: str) -> list[Part]:
    """Tables 4 and 5."""
    found = read(name)
    quantities = list(dict.fromkeys(found["quantity"]))
    rows = []
    for task in dict.fromkeys(found["task"]):
        lines = found[found["task"] == task].set_index("quantity")["value"]
        cells = [
            amount("", task, "train" if one == "tags" else one, "tags" if one == "tags" else "rows", lines[one])
            for one in quantities
        ]
        rows.append([bare(title_of(task)), *cells])
    return [part("As published", ("Task", *(one.capitalize() for one in quantities)), rows, source="published")]


def parameters() -> list[Part]:
    """What Section 7.1 says of the forward pass, with the layers of Table 9."""
    claims = read("claims").set_index(["section", "key", "model"])["value"]
    layers = read("table9").set_index(["model", "row", "task"])["value"]
    parts = []
    for model in MODELS:
        rows = []
        for task in WORD_TASKS:
            saved = float(claims["7.1", f"parameter_reduction_{task}", model])
            rows.append(
                [
                    bare(title_of(task)),
                    amount(model, task, "LS", "layers", float(layers[model, "ls_layers", task])),
                    percentage(model, task, "LS", "share of parameters saved", saved, digits=0),
                ]
            )
        parts.append(part(caption(model), ("Task", "Layers", "Saved"), rows, source="published"))
    return parts


def _lacking(model: str, line: pd.Series) -> Cell:
    value = 100 - line.oracle_percent
    note = "computed from the printed oracle"
    number = Number(model, line.task, "oracle", "1 - score", round(value / 100, 6), source="published", note=note)
    return Cell(f"{value:.1f} %", number)


def complexity(model: str) -> list[list[Cell]]:
    """Per task: tags (Table 4; no number for texts), what the oracle lacks, and the size of the set (Table 8)."""
    counts = read("table4").set_index(["quantity", "task"])["value"]
    tags = {task: float(counts["tags", task]) for task in WORD_TASKS}
    lines = next(lines for name, lines in _by_model("table8") if name == model)
    return [
        [
            bare(title_of(line.task)),
            amount(model, line.task, "train", "classes", tags.get(line.task, float("nan")), "Table 5 has no tags"),
            _lacking(model, line),
            amount(model, line.task, "minimal", "neurons", line.neurons),
        ]
        for line in lines
        if _task(line.task)
    ]
