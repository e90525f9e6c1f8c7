from __future__ import annotations

from typing import get_args

import pytest

from neurosieve.paper.exhibits import EXHIBITS, Measurement, chosen, needed

NUMBERED = [*(f"table{i}" for i in range(1, 11)), *(f"figure{i}" for i in range(1, 15))]


def names(*asked: str) -> list[str]:
    return [exhibit.name for exhibit in chosen(asked)]


def test_every_table_and_figure_has_its_number_once():
    everything = names("all")
    assert everything[: len(NUMBERED)] == NUMBERED
    assert len(set(everything)) == len(everything) == len(EXHIBITS)
    assert set(everything) == set(EXHIBITS)
    assert all(EXHIBITS[name].name == name for name in everything)


def test_they_come_in_the_paper_s_order_and_once():
    assert names("figure3", "table10", "table2", "figure3", "pyramid") == ["table2", "table10", "figure3", "pyramid"]
    assert names("figure3", "all") == names("all")
    assert names() == []


def test_a_name_that_is_not_there():
    with pytest.raises(KeyError, match="table11"):
        chosen(["table1", "table11"])


def test_what_they_need_together():
    assert needed(chosen(["table1", "table8"])) == {"minimal"}
    assert needed(chosen(["figure5", "table9"])) == {"classifier cost", "transfer", "parameters"}
    assert needed([]) == frozenset()


def test_every_measurement_serves_an_exhibit():
    assert needed(chosen(["all"])) == set(get_args(Measurement))


@pytest.mark.parametrize(
    ("name", "label"),
    [("table10", "Table 10"), ("figure1", "Figure 1"), ("pyramid", "Kept neurons per layer and task")],
)
def test_a_label_is_what_a_reader_says(name, label):
    assert EXHIBITS[name].label == label


def test_what_labels_the_tables_are_about():
    about = {name: exhibit.rows for name, exhibit in EXHIBITS.items()}
    assert [about[f"table{i}"] for i in range(1, 11)] == [
        *("words", "texts", "any", "words", "texts"),
        *("any", "any", "any", "words", "texts"),
    ]
    assert {name for name, rows in about.items() if rows is None} == {
        *("figure1", "figure3", "figure6", "figure12", "figure13", "footnote5")
    }
