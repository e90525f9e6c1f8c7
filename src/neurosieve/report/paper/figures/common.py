"""What the paper's figures share: how each model looks, panels beside each other, and what is read off a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from neurosieve.paper.records import Study, TaskStudy
from neurosieve.report.layers import Layers
from neurosieve.report.paper.tables.parts import TITLES, title_of
from neurosieve.report.style import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION, canvas
from neurosieve.report.wording import number, plain
from neurosieve.run.schema import Range

NAME = 18
"""Letters of a task's name that a figure has room for."""


@dataclass(frozen=True)
class Look:
    """Colour, marker, line and hatch of one model: the same in every figure."""

    color: str
    marker: str
    dashes: Any
    hatch: str


_LOOKS = (
    Look(BLUE, "o", "-", ""),
    Look(VERMILION, "s", (0, (5, 2)), "////"),
    Look(GREEN, "^", (0, (6, 2, 1, 2)), "...."),
    Look(ORANGE, "D", (0, (1, 1.5)), "xxxx"),
    Look(PURPLE, "v", (0, (8, 2)), "\\\\\\\\"),
    Look(SKY, "P", (0, (3, 1, 1, 1, 1, 1)), "++++"),
)


def looks(study: Study) -> dict[str, Look]:
    """The look of each model, by its place in the study."""
    return {label: _LOOKS[place % len(_LOOKS)] for place, label in enumerate(study.models)}


def label_of(model: str) -> str:
    """A model's label as a figure prints it."""
    return plain(model, 24)


def task_name(task: str) -> str:
    """A task's name as a figure prints it."""
    return plain(title_of(task), NAME)


def step_tolerance(study: Study) -> float:
    """What a layer may lose against the oracle; 1 % as published."""
    found = study.settings.get("step_tolerance", 0.01)
    return float(found) if isinstance(found, int | float) else 0.01


def task_names(tasks: Iterable[Iterable[str]]) -> list[str]:
    """Every task of any model once, in the paper's order."""
    places = {name: place for place, name in enumerate(TITLES)}
    names_once = dict.fromkeys(name for names in tasks for name in names)
    return sorted(names_once, key=lambda name: places.get(name, len(places)))


def is_words(task: TaskStudy) -> bool:
    """Whether its labels are those of words."""
    return task.corpus.kind == "labelling"


def panels(
    count: int, height: float, columns: int, *, extra: float = 0.5, **grid: Any
) -> tuple[Figure, list[Axes], list[Axes]]:
    """A figure with so many panels, in rows of ``columns``; also the first panel of each row. Heights in inches."""
    columns = min(count, columns)
    rows = -(-count // columns)
    figure, array = canvas(extra + height * rows, rows, columns, squeeze=False, **grid)
    for spare in islice(array.flat, count, None):
        spare.set_visible(False)
    return figure, list(array.flat)[:count], [row[0] for row in array]


def title(axes: Axes, text: str) -> None:
    """A panel's name, over its left edge."""
    axes.set_title(text, loc="left", fontsize=8.5, pad=4, color=INK)


def median_and_range(seconds: Sequence[float]) -> tuple[float, Range]:
    """Of the rounds."""
    return float(np.median(seconds)), (min(seconds), max(seconds))


def arms(values: Sequence[float], ranges: Sequence[Range | None]) -> np.ndarray:
    """How far error bars reach below and above: (2 × n); NaN, which draws nothing, where there is no interval."""
    pairs = [
        (np.nan, np.nan) if found is None else (value - found[0], found[1] - value)
        for value, found in zip(values, ranges, strict=True)
    ]
    return np.maximum(np.array(pairs, dtype=np.float64).reshape(-1, 2).T, 0.0)


def log_axis(axis: Any) -> None:
    """Powers of ten and their halves in plain numbers: '0.001', '300', '10,000'."""
    axis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tidy_number(value)))
    axis.set_minor_formatter(NullFormatter())


def tidy_number(value: float) -> str:
    """Up to three significant digits, thousands separated: '0.0021', '47.4', '47,400'."""
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def sorted_layers(count: int, layers: Layers) -> list[str]:
    """A tick for each of so many layers."""
    return [layers.tick(layer) for layer in range(count)]
