from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from neurosieve.report.tables import all_tables, write_tables
from neurosieve.report.tables.base import Table
from neurosieve.run.results import Results

from .example import LAYERS, NEURONS, RANKINGS, example_results
from .several import COMPLEXITY, MATCH, NAMES, with_sublayers


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
        *(
            "cka",
            "cka_debiased",
            "audit",
            "cuts",
            "clusters",
            "constants",
            "oracle",
            "layers",
            "prefixes",
            "clustered",
            "minimal_sets",
        ),
        *("metrics", "sieve_steps", "baselines", "selectivity", "speed", "per_class", "neurons", "curves", "stages"),
    }
    assert {table.name for table in all_tables(results)} == names
    assert {path.stem for path in (written / "tables").iterdir()} == names | {"columns"}


def test_values_are_those_of_the_results(results: Results, written: Path) -> None:
    folder, task = written / "tables", results.tasks["chunk"]
    layers = read(folder, "layers")
    assert list(layers["test"]) == [at.test.value for at in task.layers]
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
    assert [row[:2] for row in both.rows] == [("chunk", "accuracy")] * LAYERS + [("pos", "accuracy")] * LAYERS
    one = both.of_task("pos")
    assert not {"task", "metric"} & set(one.columns)
    assert [row[0] for row in one.rows] == list(range(LAYERS))


def test_tables_of_several_tasks_read_back_cell_by_cell(several: Results, several_written: Path) -> None:
    tables = {table.name: table for table in all_tables(several)}
    assert "duplicates" in tables
    for table in tables.values():
        frame = read(several_written / "tables", table.name)
        rows = [tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False)]
        assert rows == list(table.rows), table.name


def test_scores_stand_beside_the_name_of_their_metric(several_written: Path) -> None:
    for name in ("oracle", "layers", "prefixes", "clustered", "curves", "minimal_sets", "sieve_steps", "speed"):
        frame = read(several_written / "tables", name)
        named = dict(zip(frame["task"], frame["metric"], strict=True))
        assert named == {"chunk": "accuracy", MATCH: "f1", COMPLEXITY: "pearson"}, name


def test_all_metrics_of_all_probes_on_all_splits(several: Results, several_written: Path) -> None:
    frame = read(several_written / "tables", "metrics")
    mine = frame[frame["task"] == MATCH].set_index(["probe", "split", "metric"])
    oracle = several.tasks[MATCH].oracle
    assert set(mine.index) == {
        ("baseline", "test", "f1"),
        *((probe, split, "f1") for probe in ("oracle", "sieve") for split in ("dev", "test", "test-mismatched")),
        *((probe, "test", name) for probe in ("oracle", "sieve") for name in ("accuracy", "matthews")),
    }
    assert mine.loc[("oracle", "test", "f1"), "value"] == oracle.test.value
    assert mine.loc[("oracle", "test", "f1"), "low"] == oracle.test.interval[0]
    assert mine.loc[("oracle", "test", "matthews"), "value"] == oracle.test.others["matthews"]
    assert pd.isna(mine.loc[("oracle", "test", "matthews"), "low"])
    assert mine.loc[("sieve", "test-mismatched", "f1"), "n"] == 800


def test_numbers_have_a_mean_for_a_baseline_and_texts_a_unit(several_written: Path) -> None:
    oracle = read(several_written / "tables", "oracle")
    assert list(oracle["probe"]) == ["majority class", "oracle", "majority class", "oracle", "mean of train", "oracle"]
    speed = read(several_written / "tables", "speed")
    assert list(speed["unit"]) == ["words", "words", "texts", "texts", "texts", "texts"]
    assert list(speed[speed["task"] == MATCH]["per_second"]) == [212.0, 301.0]


def test_duplicates_are_listed_with_their_examples(several: Results, several_written: Path) -> None:
    frame = read(several_written / "tables", "duplicates")
    found = several.tasks[MATCH].corpus.duplicates
    assert list(frame["example"]) == [example for pair in found for example in pair.examples]
    assert list(frame["count"]) == [1, 11, 11]
    bare = found[0].model_copy(update={"examples": []})
    corpus = several.tasks[MATCH].corpus.model_copy(update={"duplicates": [bare]})
    task = several.tasks[MATCH].model_copy(update={"corpus": corpus})
    table = next(
        table for table in all_tables(several.model_copy(update={"tasks": {"t": task}})) if table.name == "duplicates"
    )
    assert table.rows == (("t", "train", "dev", 1, None),)


def test_layers_with_names_have_them_in_the_tables(results: Results) -> None:
    tables = {table.name: table for table in all_tables(with_sublayers(results))}
    assert [row[1] for row in tables["layer_names"].rows] == NAMES
    assert list(tables["cka"].columns) == ["layer", *NAMES]
    assert [row[0] for row in tables["cka"].rows] == NAMES
    bare = with_sublayers(results).model_copy(update={"general": None})
    assert "cka" not in {table.name for table in all_tables(bare)}
    for name in ("layers", "prefixes"):
        columns = list(tables[name].columns)
        assert [row[columns.index("layer_name")] for row in tables[name].rows] == NAMES
        assert all(len(row) == len(columns) for row in tables[name].rows)


@pytest.mark.parametrize("label", ["a,b", 'say "x"', "two\nlines", "1;=1+1", "<b>"])
def test_cells_with_separators_survive(label: str) -> None:
    table = Table("t", "T", {"label": "a label", "n": "a number"}, ((label, 1),))
    back = pd.read_csv(io.StringIO(table.csv()))
    assert back["label"][0] == label


@pytest.mark.parametrize("label", ["=1+1", "-LRB-", "\t=1", "\r@x", " +1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(label: str) -> None:
    table = Table("t", "T", {label: "a label", "n": "a number"}, ((label, -1),))
    names, cells = csv.reader(io.StringIO(table.csv(), newline=""))
    assert (names[0], cells) == (f"'{label}", [f"'{label}", "-1"])


def test_semicolons_begin_no_cell() -> None:
    table = Table("t", "T", {"a": "", "b": ""}, (("x;=1", None), ("y\t=1", True)))
    assert table.csv() == 'a,b\n"x;=1",\n"y\t=1",True\n'


def test_what_was_not_measured_has_no_table(results: Results, tmp_path: Path) -> None:
    bare = results.model_copy(update={"general": None, "tasks": {}, "stages": []})
    assert [path.name for path in write_tables(bare, tmp_path / "new")] == ["columns.csv"]
    assert all(path.suffix == ".csv" for path in (tmp_path / "new").iterdir())
