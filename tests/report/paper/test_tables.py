from __future__ import annotations

import pytest

from neurosieve.paper.exhibits import EXHIBITS
from neurosieve.published.tables import read
from neurosieve.report.paper.tables import TABLES
from neurosieve.report.paper.text import markdown, text

from .example import TASKS
from .shown import MINILM, STUDY, made, panel, rows, tidy, with_settings, with_task, with_tasks

PUBLISHED = {"BERT, as published", "XLNet, as published", "BERT and XLNet, as published", "As published"}


def test_every_table_of_the_paper_is_there() -> None:
    assert [name for name in EXHIBITS if name in TABLES] == list(TABLES)
    assert {f"table{number}" for number in range(1, 11)} <= set(TABLES)
    assert set(EXHIBITS) - set(TABLES) == {f"figure{number}" for number in range(1, 15)}


@pytest.mark.parametrize("name", TABLES)
def test_panels_are_whole_and_measured_ones_come_first(name: str) -> None:
    found = made(name)
    assert found.name == name
    assert found.title == EXHIBITS[name].title
    assert found.notes
    sources = [one.source for one in found.panels]
    assert sources == sorted(sources)  # "measured" before "published"
    assert {one.caption for one in found.panels if one.source == "published"} <= PUBLISHED
    for one in found.panels:
        assert all(len(row) == len(one.heads) for row in one.rows)
        assert all(row < len(one.rows) and 0 < column < len(one.heads) for row, column in one.bold)


@pytest.mark.parametrize("name", TABLES)
def test_tidy_rows_are_numbers_with_a_place(name: str) -> None:
    table = made(name).tidy
    assert all(len(row) == len(table.columns) for row in table.rows)
    lines = tidy(name)
    places = [(line["source"], line["model"], line["task"], line["of"], line["quantity"]) for line in lines]
    assert len(set(places)) == len(places)
    for line in lines:
        if line["value"]:
            assert float(line["value"]) == float(line["value"])
        else:
            assert line["source"] == "published"
            assert line["note"]
        if line["low"]:
            assert float(line["low"]) <= float(line["value"]) <= float(line["high"])


@pytest.mark.parametrize("name", TABLES)
def test_models_have_letters_and_come_in_order(name: str) -> None:
    captions = [one.caption for one in made(name).panels if one.caption.startswith("(")]
    if name not in ("table3", "table4", "table5", "finetuning"):
        assert captions == ["(a) minilm", "(b) xlnet-mini"]


def test_nothing_measured_gives_no_table() -> None:
    bare = {"layers": None, "clusters": None, "minimal": None, "transfer": None}
    models = {
        label: model.model_copy(update={"general": None, "as_it_came": {}}) for label, model in STUDY.models.items()
    }
    empty = with_tasks(bare, STUDY.model_copy(update={"models": models}))
    assert {name for name, make in TABLES.items() if make(empty)} == {"table4", "table5"}


@pytest.mark.parametrize(("kept", "none"), [("pos", {2, 5, 10}), ("sst2", {1, 4, 9})])
def test_no_task_of_its_kind_gives_no_table(kept: str, none: set[int]) -> None:
    models = {
        label: model.model_copy(update={"tasks": {kept: model.tasks[kept]}}) for label, model in STUDY.models.items()
    }
    study = STUDY.model_copy(update={"models": models})
    numbered = {name for name in TABLES if name.startswith("table")}
    assert {name for name in numbered if TABLES[name](study) is None} == {f"table{number}" for number in none}


def test_a_model_without_the_measurement_has_no_panel() -> None:
    study = with_tasks({"minimal": None}, models=("minilm",)).model_copy(update={"differences": []})
    captions = [one.caption for one in made("table8", study).panels]
    assert captions == ["(a) xlnet-mini", "BERT, as published", "XLNet, as published"]


@pytest.mark.parametrize("name", ["table1", "table2", "table6", "table7", "table8", "table9", "table10"])
def test_all_printed_numbers_are_in_the_tidy_table(name: str) -> None:
    printed = read(name)
    shares = [column for column in printed if column.endswith("_percent")]
    counts = [column for column in printed if column == "neurons"]
    expected = [value / 100 for column in shares for value in printed[column]]
    expected += [value for column in counts for value in printed[column]]
    if "value" in printed:
        known = printed.dropna(subset="value")
        expected += [v / 100 if unit == "percent" else v for v, unit in zip(known["value"], known["unit"], strict=True)]
    found = [float(line["value"]) for line in tidy(name) if line["source"] == "published" and line["value"]]
    assert sorted(found) == pytest.approx(sorted(expected), abs=1e-9)


def test_differences_between_the_models() -> None:
    found = panel("table7", "xlnet-mini against minilm")
    assert found.source == "measured"
    by_place = {(one.task, one.probe): one for one in STUDY.differences}
    one = by_place["pos", "layer 3"]
    low, high = (100 * end for end in one.interval)
    cell = rows(found)["Layer 3"][0].replace("−", "-")
    assert cell == f"{100 * one.value:.1f} points [{low:.1f}, {high:.1f}]"
    lines = [line for line in tidy("table9") if line["quantity"] == "difference"]
    assert {(line["task"], line["of"]) for line in lines} == {
        (task, probe) for task in ("pos", "chunk") for probe in ("oracle", "LS", "CCFS")
    }
    assert {line["model"] for line in lines} == {"xlnet-mini against minilm"}
    alone = STUDY.model_copy(update={"differences": []})
    assert not any("against" in one.caption for one in made("table7", alone).panels)


def test_notes_say_how_it_was_measured() -> None:
    notes = made("table2").notes
    assert any("3 epochs, 10,000 of 60,614 training texts" in note for note in notes)
    assert any(note.startswith("xlnet-mini: as it came, not fine-tuned, for SST-2 and STS-B") for note in notes)
    assert not any("fine-tuned" in note for note in made("table1").notes)
    assert any("10 % of train, cut off, for POS and Chunking" in note for note in made("table1").notes)
    assert any("150,000 words for POS and Chunking" in note for note in made("table1").notes)
    limited = made("table1", with_settings(limit_test_words=5000, protocol="default", as_published=["recluster"])).notes
    assert any("about 5,000 words each" in note for note in limited)
    assert any("not the paper's" in note for note in limited)
    assert any("Reproduced as published" in note and "(recluster)" in note for note in limited)


def test_sets_that_were_not_reached_are_named() -> None:
    task = MINILM.tasks["pos"]
    assert task.minimal
    study = with_task("pos", task.model_copy(update={"minimal": task.minimal.model_copy(update={"reached": False})}))
    assert "No size of the grid was enough, so that all neurons are kept: minilm, POS." in made("table1", study).notes


def test_tasks_and_models_of_any_name() -> None:
    name, label = "a|b *c*", "my_model|2"
    tasks = {name: MINILM.tasks["pos"], **MINILM.tasks}
    models = {label: MINILM.model_copy(update={"tasks": tasks})}
    study = STUDY.model_copy(update={"models": models, "differences": []})
    found = made("table7", study)
    assert found.panels[0].caption == "(a) my_model|2"
    assert found.panels[0].heads == ("", "POS", "Chunking", "SST-2", "STS-B", name)
    assert "**(a) my_model\\|2**" in markdown(found)
    assert "| a\\|b \\*c\\* |" in markdown(found)
    for each in TABLES:
        assert max(map(len, text(made(each, study)).splitlines())) <= 80


def test_tasks_stand_in_the_order_of_the_paper_and_layers_have_their_names() -> None:
    names = ["in", *(f"sub-layer {place}" for place in range(1, 7))]
    facts = MINILM.facts.model_copy(update={"layer_names": names})
    tasks = {name: MINILM.tasks[name] for name in reversed(TASKS)}
    models = {"minilm": MINILM.model_copy(update={"facts": facts, "tasks": tasks})}
    found = panel("table7", "(a) minilm", STUDY.model_copy(update={"models": models, "differences": []}))
    assert found.heads == ("", "POS", "Chunking", "SST-2", "STS-B")
    assert [row[0] for row in found.rows[2:]] == names
