"""Results as tidy tables: one function per table, written as CSV.

Numbers are written as they stand in the results (scores as their metric gives them, nothing rounded);
``columns.csv`` says what each column of each table means. A table without rows is left out.
"""

from __future__ import annotations

from pathlib import Path

from neurosieve.report.files import write_file
from neurosieve.report.tables.base import Table
from neurosieve.report.tables.cells import MEANING
from neurosieve.report.tables.corpus import duplicates
from neurosieve.report.tables.general import (
    audit,
    cka,
    cka_debiased,
    clusters,
    constants,
    cuts,
    layer_names,
    similarities,
    stages,
)
from neurosieve.report.tables.metrics import metrics, per_class
from neurosieve.report.tables.task import (
    baselines,
    clustered,
    curves,
    layers,
    minimal_sets,
    neurons,
    oracle,
    prefixes,
    selectivity,
    sieve_steps,
    speed,
)
from neurosieve.run.results import Results

__all__ = ["GENERAL_TABLES", "TASK_TABLES", "Table", "all_tables", "stages", "write_tables"]

GENERAL_TABLES = (layer_names, cka, cka_debiased, similarities, audit, cuts, clusters, constants)
TASK_TABLES = (
    oracle,
    metrics,
    layers,
    prefixes,
    clustered,
    minimal_sets,
    sieve_steps,
    baselines,
    selectivity,
    speed,
    per_class,
    neurons,
    curves,
    duplicates,
)


def all_tables(results: Results) -> list[Table]:
    """Every table that has rows."""
    return [table for make in (*GENERAL_TABLES, *TASK_TABLES, stages) if (table := make(results)).rows]


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write every table that has rows as ``folder/NAME.csv``, and ``folder/columns.csv`` beside them.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = all_tables(results)
    meanings = tuple((table.name, name, text) for table in tables for name, text in table.columns.items())
    names = {"table": "name of the table", "column": "name of its column", "meaning": MEANING}
    tables.append(Table("columns", "What the columns mean", names, meanings))
    return [write_file(folder / f"{table.name}.csv", table.csv()) for table in tables]
