"""The paper's tables from what was measured, each beside the published numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from neurosieve.paper.records import Study
from neurosieve.report.paper.base import PaperTable
from neurosieve.report.paper.tables.clusters import table6
from neurosieve.report.paper.tables.complexity import complexity
from neurosieve.report.paper.tables.corpora import table4, table5
from neurosieve.report.paper.tables.extras import footnote5, parameters, pyramid
from neurosieve.report.paper.tables.finetuning import finetuning
from neurosieve.report.paper.tables.layers import table7
from neurosieve.report.paper.tables.neurons import table1, table2, table8
from neurosieve.report.paper.tables.transfer import table3, table9, table10

_ALL = (table1, table2, table3, table4, table5, table6, table7, table8, table9, table10)
_EXTRAS = (pyramid, parameters, complexity, footnote5, finetuning)

TABLES: Mapping[str, Callable[[Study], PaperTable | None]] = MappingProxyType(
    {make.__name__: make for make in (*_ALL, *_EXTRAS)}
)
"""Name of an exhibit -> its table of a study, or None where the study has nothing for it."""
