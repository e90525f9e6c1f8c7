from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from neurosieve.report.tables import all_tables, write_tables
from neurosieve.report.tables.base import Table
from neurosieve.run.results import Results

from .example import LAYERS, NEURONS, RANKINGS, example_results


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_every_table_reads_back_cell_by_cell(results: Results, written: Path) -> None:
    tables = all_tables(results)
    for table in tables:
        frame = read(written / "tables", table.name)
        assert list(frame.columns) == list(table.columns)
        for place, column in enumerate(table.columns):
            cells = [row[place] for row in table.rows]
            back = [None if pd.isna(value) else value for value in frame[column]]
            assert back == cells, (table.name, column)


def test_one_table_per_finding(results: Results, written: Path) -> None:
    names = {
        *("cka", "cuts", "clusters", "constants", "oracle", "layers", "prefixes", "clustered", "minimal_sets"),
        *("sieve_steps", "baselines", "speed", "per_class", "neurons", "curves", "stages"),
    }
    assert {table.name for table in all_tables(results)} == names
    assert {path.stem for path in (written / "tables").iterdir()} == names | {"columns"}


def test_values_are_those_of_the_results(results: Results, written: Path) -> None:
    folder, task = written / "tables", results.tasks["chunk"]
    layers = read(folder, "layers")
    assert list(layers["test"]) == [at.test.accuracy for at in task.layers]
    assert list(layers["test_low"]) == [at.test.interval[0] for at in task.layers]
    sets = read(folder, "minimal_sets").set_index("ranking")
    assert {name: int(sets.loc[name, "neurons"]) for name in RANKINGS} == {n: size for n, (size, _) in RANKINGS.items()}
    neurons = read(folder, "neurons")
    kept = neurons[neurons["set"] == "sieve"][["layer", "unit"]]
    assert [tuple(row) for row in kept.to_numpy().tolist()] == task.sieve.neurons
    assert list(read(folder, "cuts")["redundant"]) == [1 - cut.clusters / NEURONS for cut in results.general.cuts]
    square = read(folder, "cka").drop(columns="layer").to_numpy()
    assert square.shape == (LAYERS, LAYERS)
    assert square.tolist() == results.general.cka


def test_every_column_is_explained(results: Results, written: Path) -> None:
    explained = read(written / "tables", "columns")
    pairs = set(zip(explained["table"], explained["column"], strict=True))
    assert pairs == {(table.name, column) for table in all_tables(results) for column in table.columns}
    assert explained["meaning"].str.len().min() > 3


def test_tasks_share_a_table_and_come_apart_again() -> None:
    both = next(table for table in all_tables(example_results(("chunk", "pos"))) if table.name == "layers")
    assert [row[0] for row in both.rows] == ["chunk"] * LAYERS + ["pos"] * LAYERS
    one = both.of_task("pos")
    assert "task" not in one.columns
    assert [row[0] for row in one.rows] == list(range(LAYERS))


@pytest.mark.parametrize("label", ["a,b", 'say "x"', "two\nlines", "=1+1", "<b>"])
def test_cells_with_separators_survive(label: str) -> None:
    table = Table("t", "T", {"label": "a label", "n": "a number"}, ((label, 1),))
    back = pd.read_csv(io.StringIO(table.csv()))
    assert back["label"][0] == label


def test_what_was_not_measured_has_no_table(results: Results, tmp_path: Path) -> None:
    bare = results.model_copy(update={"general": None, "tasks": {}, "stages": []})
    assert [path.name for path in write_tables(bare, tmp_path / "new")] == ["columns.csv"]
    assert all(path.suffix == ".csv" for path in (tmp_path / "new").iterdir())
