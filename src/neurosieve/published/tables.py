"""The printed numbers of the paper, as the CSV files of this folder hold them.

One convention: scores and shares are in percent, with the printed digits ("95.7" is 95.7 %, not 0.957), and so is what
the functions here return. Counts (neurons, layers, tokens) are plain numbers. Tasks have our names (``stsb``, not
"STS-B"), ``average``, ``word_average`` and ``sentence_average`` are the printed averages. What the text of the paper at
hand lost, and what stands only in a figure, is empty, and the column ``reason`` says why.

Rows are named by ``row`` in Tables 3, 7, 9 and 10 (``oracle_score``, ``ls_layers``, ``layer_3``), by the threshold in
Table 6 ("0.7") and by the column in Table 8 (``oracle``, ``reduced``); Tables 1, 2 and 8 have one row of neurons,
``neurons``. Table 3's "task" is the column group as printed (the groups are swapped; see the audit).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import pandas as pd

from neurosieve.errors import NeurosieveError

MODELS = ("BERT", "XLNet")
"""The paper's models: 13 layers (0 is the embeddings) of 768 neurons each."""
WORD_TASKS = ("pos", "sem", "ccg", "chunk")
SENTENCE_TASKS = ("sst2", "mrpc", "mnli", "qnli", "qqp", "rte", "stsb")
TASKS = WORD_TASKS + SENTENCE_TASKS
NAMES = (*(f"table{number}" for number in range(1, 11)), "claims", "figures")
"""What ``read`` knows."""

_NUMBERS = {"value", "neurons", "score_percent", "oracle_percent", "reduced_percent"}
_OTHERS = {"number": "int64", "bold": "bool"}
_BY_MODEL = frozenset(NAMES) - {"table4", "table5", "claims", "figures"}
_Cell = tuple[str, str, str]


@cache
def _frame(name: str) -> pd.DataFrame:
    if name not in NAMES:
        raise NeurosieveError(f"the paper has no {name!r}; choose one of {', '.join(NAMES)}")
    path = files("neurosieve.published").joinpath("data", f"{name}.csv")
    with path.open(encoding="utf-8") as lines:
        text = pd.read_csv(lines, dtype=str, keep_default_na=False)
    numbers = [column for column in text if column in _NUMBERS]
    text[numbers] = text[numbers].apply(pd.to_numeric)
    others = {column: kind for column, kind in _OTHERS.items() if column in text}
    if "bold" in others:
        text["bold"] = text["bold"] == "true"
    return text.astype(others)


def read(name: str) -> pd.DataFrame:
    """A table, the claims of the running text, or the list of figures; one line per printed cell.

    Columns of numbers are float64 with NaN where a value is missing; all others hold text, empty where nothing is said,
    but for the boolean ``bold`` of Table 7 and the integer ``number`` of the figures.

    Args:
        name: one of ``NAMES``.

    Raises:
        NeurosieveError: there is no such table.
    """
    return _frame(name).copy()


def score(table: str, model: str, task: str, row: str) -> float | None:
    """A printed score or share in percent; None where the paper has none for this model and task, or it was lost.

    Args:
        table: "table3" or "table6" … "table10".
        model: one of ``MODELS``; for any other model the paper has no value.
        task: one of ``TASKS`` or an average.
        row: see the head of this module.

    Raises:
        NeurosieveError: the table has no such row of scores, or there is no table by model of this name.
    """
    return _value(table, model, task, row, "score")


def neurons(table: str, model: str, task: str, row: str = "neurons") -> float | None:
    """A printed number of neurons or of layers; else as ``score``. Averages may have a fraction.

    Raises:
        NeurosieveError: the table has no such row of counts, or there is no table by model of this name.
    """
    return _value(table, model, task, row, "count")


def reason(table: str, model: str, task: str, row: str) -> str:
    """Why a cell of Tables 3, 9 or 10 is empty; "" where it is not, or where there is no such cell."""
    found = _by_model(table)
    if "reason" not in found:
        return ""
    column = "group" if "group" in found else "task"
    cell = found[(found["model"] == model) & (found[column] == task) & (found["row"] == row)]
    return str(cell["reason"].iloc[0]) if len(cell) else ""


def claim(section: str, key: str, model: str = "") -> float:
    """A number of the running text or of a caption, in the unit that ``read("claims")`` gives it.

    Raises:
        NeurosieveError: there is no such claim.
    """
    found = _frame("claims")
    same = found[(found["section"] == section) & (found["key"] == key) & (found["model"] == model)]
    if same.empty:
        raise NeurosieveError(f"no claim {key!r} of {model or 'both models'} in {section!r}; see read('claims')")
    return float(same["value"].iloc[0])


def _by_model(table: str) -> pd.DataFrame:
    found = _frame(table)
    if table not in _BY_MODEL:
        raise NeurosieveError(f"{table!r} has no column of models; use read({table!r})")
    return found


def _value(table: str, model: str, task: str, row: str, kind: str) -> float | None:
    cells = _cells(table, kind)
    rows = sorted({known for *_, known in cells})
    if row not in rows:
        raise NeurosieveError(f"{table!r} has no {row!r} among its {kind}s; choose one of {', '.join(rows) or 'none'}")
    return cells.get((model, task, row))


@cache
def _cells(table: str, kind: str) -> Mapping[_Cell, float | None]:
    """All scores, or all counts, of a table under (model, task, row)."""
    found = _by_model(table)
    if "value" in found:
        wanted = found[(found["unit"] == "percent") == (kind == "score")].rename(columns={"group": "task"})
    else:
        wanted = _stacked(found, kind)
    columns = zip(*(wanted[name] for name in ("model", "task", "row")), wanted["value"], strict=True)
    return MappingProxyType({(m, t, r): None if pd.isna(v) else float(v) for m, t, r, v in columns})


def _stacked(found: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Tables with a column per quantity, as lines of model, task, row and value."""
    found = found.rename(columns={"threshold": "row"})
    columns = [name for name in found if name in _NUMBERS and name.endswith("_percent") == (kind == "score")]
    if not columns:
        return pd.DataFrame(columns=["model", "task", "row", "value"])
    if "row" in found:  # Tables 6 and 7: one column of scores, one of counts at most
        return found.rename(columns={name: "value" for name in columns}).reindex(
            columns=["model", "task", "row", "value"]
        )
    long = found.melt(["model", "task"], columns, "row", "value")
    return long.assign(row=long["row"].str.removesuffix("_percent"))
