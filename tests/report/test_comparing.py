"""Runs side by side for people: sentences, tables that fit, figures, and a page that asks for nothing."""

from __future__ import annotations

import csv
import io

import pytest
from rich.cells import cell_len

from neurosieve.report.comparing import comparing_lines, comparing_notes, comparing_sentences, figures, write_comparing
from neurosieve.report.comparing.tables import all_tables
from neurosieve.run.comparing.found import compared
from neurosieve.run.comparing.records import RECORD_FILE, Paired, RunComparison
from neurosieve.run.comparing.runs import Labelled
from neurosieve.run.comparing.unlike import differences
from neurosieve.run.schema import Difference
from tests.report.example import example_results
from tests.report.records import LONG
from tests.report.several import several_results
from tests.report.test_page import HOSTILE, Page

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def study(*labels: str, paired: bool = True, runs: int = 2) -> RunComparison:
    labels = labels or tuple(f"run-{number}" for number in range(runs))
    results = [several_results(), *(example_results() for _ in labels[1:])]
    sides = [compared(Labelled(label, __file__, one)) for label, one in zip(labels, results, strict=True)]  # type: ignore[arg-type]
    pair = Paired(
        task="chunk",
        first=labels[0],
        second=labels[1],
        metric="accuracy",
        sentences=90,
        of=(100, 95),
        rows=2000,
        first_score=0.9,
        second_score=0.88,
        difference=Difference(value=-0.02, interval=(-0.031, -0.008)),
    )
    return RunComparison(
        created="2026-01-01T00:00:00+00:00",
        command="neurosieve compare a b",
        seed=1,
        runs=sides,
        tasks=["chunk"],
        alone={"docstring-match": labels[0]},
        unlike=differences(sides, ["chunk"]),
        paired=[pair] if paired else [],
        notes=["A note."],
    )


def test_sentences_say_what_is_sure():
    told = " ".join(comparing_sentences(study()))
    assert "they have chunk in common" in told
    assert "One alone has docstring-match (run-0)" in told
    assert "paired on 90 test sentences (of 100 and 95)" in told
    assert "−2.0 points [−3.1, −0.8] against that of run-0, surely less" in told
    chance = study().paired[0].model_copy(update={"difference": Difference(value=0.01, interval=(-0.01, 0.03))})
    assert "may be chance" in " ".join(comparing_sentences(study().model_copy(update={"paired": [chance]})))


def test_notes_name_what_does_not_compare():
    one = study()
    side = one.runs[1]
    task = side.tasks["chunk"].model_copy(update={"metric": "macro_f1", "corpus": "Other", "sources": {"f": "a" * 64}})
    machine = side.environment.model_copy(update={"device": "H100"})
    runs = [one.runs[0], side.model_copy(update={"tasks": {"chunk": task}, "environment": machine})]
    changed = one.model_copy(update={"runs": runs, "unlike": differences(runs, ["chunk"])})
    said = " ".join(comparing_notes(changed))
    for part in ("not alike in metric", "different units", "not alike in corpus", "Other (aaaaaaaa)", "H100"):
        assert part in said
    assert "A note." in said
    assert "test score" not in " ".join(comparing_notes(one))


@pytest.mark.parametrize("labels", [("a", "b"), (LONG, LONG + "2"), tuple(f"run-{n}" for n in range(9))])
def test_the_terminal_s_tables_fit(labels):
    lines = comparing_lines(study(*labels))
    assert max(map(cell_len, lines)) <= 80, max(lines, key=cell_len)
    assert sum("%" in line and "×" in line for line in lines) == len(labels)


def test_every_table_has_its_columns_and_rows():
    one = study()
    tables = {table.name: table for table in all_tables(one)}
    assert set(tables) == {f"comparing-{name}" for name in ("models", "clusters", "tasks", "layers", "sets", "pairs")}
    for table in tables.values():
        rows = list(csv.reader(io.StringIO(table.csv())))
        assert {len(row) for row in rows} == {len(table.columns)}
    row = dict(zip(tables["comparing-tasks"].columns, tables["comparing-tasks"].rows[1], strict=True))
    task = one.runs[1].tasks["chunk"]
    assert (row["run"], row["neurons"], row["speedup"]) == ("run-1", task.sieve.neurons, task.compact.speedup)
    assert row["share"] == pytest.approx(task.sieve.neurons / task.neurons)
    assert len(tables["comparing-layers"].rows) == sum(len(run.tasks["chunk"].layers) for run in one.runs)


def test_a_run_without_sieve_and_redundancy_leaves_cells_empty():
    one = study()
    bare = one.runs[1].tasks["chunk"].model_copy(update={"sieve": None, "compact": None, "minimal": {}})
    runs = [one.runs[0], one.runs[1].model_copy(update={"general": None, "tasks": {"chunk": bare}})]
    changed = one.model_copy(update={"runs": runs})
    tables = {table.name: table for table in all_tables(changed)}
    row = dict(zip(tables["comparing-tasks"].columns, tables["comparing-tasks"].rows[1], strict=True))
    assert row["neurons"] is None
    assert row["parameters"] is None
    assert any("–" in line for line in comparing_lines(changed))
    assert figures.maps(changed) is None
    assert figures.where_kept(changed) is None
    assert figures.scores_and_sizes(changed) is not None


def test_small_multiples_have_a_panel_for_each():
    three = study(runs=3)
    assert len([axes for axes in figures.maps(three).axes if axes.get_visible() and axes.get_title()]) == 3
    assert len(figures.where_kept(three).axes) == 3
    assert len(figures.clusters(three).axes[0].lines) == 3
    assert len(figures.layers_alone(three).axes[0].containers) == 3
    many = study(runs=12)
    assert len([axes for axes in figures.maps(many).axes if axes.get_title()]) == figures.MAPS


def test_the_page_is_whole_and_the_same_again(tmp_path):
    one = study(HOSTILE, "b")
    page = write_comparing(one, tmp_path)
    text = page.read_text(encoding="utf-8")
    parsed = Page(text)
    assert POLICY in text
    assert not {"script", "img", "link", "iframe"} & set(parsed.tags)
    assert "comparing.json holds everything" in parsed.text
    assert RunComparison.read(tmp_path / RECORD_FILE) == one
    assert write_comparing(one, tmp_path).read_text(encoding="utf-8") == text
    assert len(list(tmp_path.glob("comparing-*.csv"))) == 6
