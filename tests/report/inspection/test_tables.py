"""CSV files: every number as it was found, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.report.inspection.tables import TABLES, write_inspection_tables
from neurosieve.report.tables.cells import RUN_BY_SPREADSHEETS, harmless
from tests.report.inspection.example import FORMULA, HOSTILE, SIZES, example


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_inspection_tables(example(), tmp_path / "inspection")
    return tmp_path / "inspection"


def test_tables_hold_everything(folder: Path) -> None:
    found = example()
    assert len(read(folder / "clusters.csv")) == len(found.clusters.found)
    members = read(folder / "members.csv")
    assert len(members) == 28
    assert [row["representative"] for row in members].count("True") == 3
    assert len(read(folder / "copies.csv")) == 49
    assert len(read(folder / "copied-neurons.csv")) == len(found.copies.copies)
    assert len(read(folder / "damage.csv")) == 4 * len(SIZES)
    assert [int(row["neurons"]) for row in read(folder / "class-sets.csv")] == [200, 100, 66, 50]
    assert len(read(folder / "class-neurons.csv")) == 416
    assert len(read(folder / "words.csv")) == 3 * 2 * 8
    assert [float(row["threshold"]) for row in read(folder / "spread.csv")] == [0.1, 0.3, 0.5, 0.7]


def test_numbers_are_whole_and_text_comes_back(folder: Path) -> None:
    found = example()
    rows = read(folder / "damage.csv")
    assert float(rows[0]["change"]) == found.damage.classes[0].points[0].change < 0
    assert rows[3]["class"] == HOSTILE
    assert {row["low"] for row in rows if row["class"] == "B-LST"} == {""}
    assert {row["loses"] for row in rows if row["class"] == "B-LST"} == {""}
    copies = {(int(row["from_layer"]), int(row["layer"])): float(row["copied"]) for row in read(folder / "copies.csv")}
    assert copies[2, 5] == found.copies.copied[2][5]


def test_no_cell_is_a_formula(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        for row in read(path):
            for value in row.values():
                try:
                    float(value)
                except ValueError:
                    assert value.lstrip()[:1] not in RUN_BY_SPREADSHEETS
    words = read(folder / "words.csv")
    assert {row["word"] for row in words} == {"the", f"'{FORMULA}", HOSTILE, "'-LRB-"}
    assert {row["right"] for row in words if row["kind"] == "occurrence"} == {"'+1"}
    assert read(folder / "damage.csv")[6]["class"] == "'-X"


@given(text=st.text(max_size=20))
def test_any_text_is_made_harmless_and_nothing_else_is_changed(text: str) -> None:
    made = harmless(text)
    assert isinstance(made, str)
    assert made.lstrip()[:1] not in RUN_BY_SPREADSHEETS
    assert made in (text, f"'{text}")


@pytest.mark.parametrize("value", [-1.5, 7, None, True])
def test_numbers_stay_numbers(value: float | bool | None) -> None:
    assert harmless(value) is value


def test_every_column_has_its_meaning(folder: Path) -> None:
    meanings = {(row["table"], row["column"]): row["meaning"] for row in read(folder / "columns.csv")}
    for path in folder.glob("*.csv"):
        if path.stem != "columns":
            assert all(meanings[path.stem, column] for column in read(path)[0])
    assert all(len(row) == len(table.columns) for make in TABLES for table in [make(example())] for row in table.rows)


def test_tables_without_rows_are_not_there_any_more(folder: Path) -> None:
    write_inspection_tables(example(damage=None, class_sets=None, spread=None), folder)
    names = {path.stem for path in folder.iterdir()}
    assert names == {"clusters", "members", "words", "copies", "copied-neurons", "columns"}
