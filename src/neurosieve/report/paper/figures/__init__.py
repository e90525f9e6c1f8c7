"""The figures of the paper from a study, by the names of the exhibits; each is None where the study lacks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from neurosieve.paper.records import Study
from neurosieve.report.paper.figure import PaperFigure
from neurosieve.report.paper.figures.classes import class_tasks, figure7, figure8, figure9
from neurosieve.report.paper.figures.clusterings import footnote5
from neurosieve.report.paper.figures.clusters import figure2
from neurosieve.report.paper.figures.complexity import complexity
from neurosieve.report.paper.figures.costs import figure5, figure10, figure11
from neurosieve.report.paper.figures.finetuning import finetuning
from neurosieve.report.paper.figures.general import figure1, figure3
from neurosieve.report.paper.figures.growth import figure12, figure13, figure14
from neurosieve.report.paper.figures.heat import figure6
from neurosieve.report.paper.figures.layers import figure4
from neurosieve.report.paper.figures.pyramid import pyramid

FIGURES: Mapping[str, Callable[[Study], PaperFigure | None]] = MappingProxyType(
    {
        "figure1": figure1,
        "figure2": figure2,
        "figure3": figure3,
        "figure4": figure4,
        "figure5": figure5,
        "figure6": figure6,
        "figure7": figure7,
        "figure8": figure8,
        "figure9": figure9,
        "figure10": figure10,
        "figure11": figure11,
        "figure12": figure12,
        "figure13": figure13,
        "figure14": figure14,
        "pyramid": pyramid,
        "complexity": complexity,
        "footnote5": footnote5,
        "finetuning": finetuning,
    }
)

__all__ = ["FIGURES", "class_tasks"]
