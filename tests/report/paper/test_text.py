from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.markdown import escaped
from neurosieve.report.paper.base import Panel, PaperTable
from neurosieve.report.paper.tables import TABLES
from neurosieve.report.paper.text import heading, markdown, text
from neurosieve.report.tables.base import Table

from .example import example_study

STUDY = example_study()


def table(*panels: Panel, name: str = "table6", notes: tuple[str, ...] = ()) -> PaperTable:
    return PaperTable(name, "A title", panels, Table(name, "A title", {}, ()), notes)


def made(name: str) -> PaperTable:
    found = TABLES[name](STUDY)
    assert found is not None
    return found


@pytest.mark.parametrize("name", TABLES)
def test_no_line_is_wider_than_a_terminal(name: str) -> None:
    lines = text(made(name)).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_in_both_forms(name: str) -> None:
    found = made(name)
    # Folded cells and heads are put together again.
    plain, marked = re.sub(r"\s+", " ", text(found)), markdown(found)
    for panel in found.panels:
        assert panel.caption in plain
        assert f"**{escaped(panel.caption)}**" in marked
        for cell in (cell for row in panel.rows for cell in row):
            assert cell in plain
            assert escaped(cell) in marked


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_markdown_have_a_cell_for_every_head(name: str) -> None:
    for block in markdown(made(name)).split("\n\n"):
        if block.startswith("|"):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1


def test_headings() -> None:
    numbered = table()
    assert heading(numbered) == "Table 6. A title"
    assert markdown(numbered, 2) == "## Table 6. A title\n"
    assert heading(made("footnote5")) == "k-means and DBSCAN beside average linkage"


def test_markdown_of_a_small_table() -> None:
    panel = Panel("(a) one", ("Task", "# Neurons"), (("a|b", "12"), ("*c*", "3")), bold=frozenset({(1, 1)}))
    assert markdown(table(panel, notes=("c_t is 0.3",))).splitlines() == [
        "### Table 6. A title",
        "",
        "**(a) one**",
        "",
        "| Task | # Neurons |",
        "| --- | ---: |",
        r"| a\|b | 12 |",
        r"| \*c\* | **3** |",
        "",
        "- c_t is 0.3",
    ]


def test_text_of_a_small_table() -> None:
    panel = Panel("(a) one", ("Task", "Score"), (("a|b", "12 %"), ("c", "3 %")), bold=frozenset({(1, 1)}))
    assert text(table(panel)).splitlines() == [
        "Table 6. A title",
        "",
        "(a) one",
        "",
        "Task  Score",
        "----  -----",
        "a|b   12 %",
        "c      3 %*",
        "",
        "- An asterisk stands for bold.",
    ]


def test_wide_tables_are_broken_by_columns_and_repeat_the_first() -> None:
    heads = ("Layer", *(f"task{place}" for place in range(30)))
    rows = tuple((f"Layer {layer}", *("93.1 %" for _ in heads[1:])) for layer in range(2))
    blocks = text(table(Panel("x", heads, rows))).split("\n\n")[2:]
    assert len(blocks) > 1
    assert all(block.startswith("Layer ") for block in blocks)
    assert [head for block in blocks for head in block.splitlines()[0].split()[1:]] == list(heads[1:])


@pytest.mark.parametrize("label", ["|", "*", "`", "\\", "<b>", "$", "~~x~~", "_x_", "](http://x)"])
def test_what_markdown_would_read_is_escaped(label: str) -> None:
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped(label)) == label
    assert escaped(label) != label
    assert escaped("c_t [0.1, 0.2]") == "c_t [0.1, 0.2]"


@given(st.lists(st.text(min_size=1, max_size=120), min_size=2, max_size=8), st.integers(40, 100))
def test_any_words_stay_within_the_width(words: list[str], width: int) -> None:
    panel = Panel("x", tuple(words), (tuple(reversed(words)), tuple(words)), bold=frozenset({(0, 1)}))
    assert all(len(line) <= width for line in text(table(panel, notes=tuple(words)), width).split("\n"))


@given(st.lists(st.text(max_size=40), min_size=2, max_size=5))
def test_any_words_stay_in_their_cells(words: list[str]) -> None:
    panel = Panel("x", tuple(words), (tuple(reversed(words)),))
    lines = markdown(table(panel)).strip("\n").split("\n")[4:]
    assert len(lines) == 3
    # A backslash takes what follows it out of the count.
    assert all(re.sub(r"\\.", "", line).count("|") == len(words) + 1 for line in lines)
