"""The comparison of two models for people, from records made up."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from neurosieve.report.models import (
    layer_table,
    models_lines,
    models_notes,
    models_page,
    models_sentences,
    pair_table,
    write_models,
)
from neurosieve.report.models.figures import cka_between, of_each_layer
from neurosieve.run.facts import Stage
from neurosieve.run.models.records import ComparedModel, CrossCka, LayerFound, ModelsStudy, Moved
from neurosieve.run.schema import Difference
from tests.report.example import example_results
from tests.report.test_page import HOSTILE, POLICY, Page

CKA = (0.999, 0.998, 0.98, 0.9, 0.8, 0.6, 0.7)


def layers(count: int, in_place: float | None, other: int) -> list[LayerFound]:
    return [
        LayerFound(
            layer=layer,
            varying=384 - layer,
            copies=0.9 - 0.1 * layer,
            copies_by_chance=0.01,
            in_place=in_place,
            copies_in=min(layer, other - 1),
            most_alike=min(layer, other - 1),
            explained_by=min(layer, other - 1),
            explained=0.95 - 0.05 * layer,
            explained_by_chance=0.02,
        )
        for layer in range(count)
    ]


def study(rows: int = 7, columns: int = 7, **more: object) -> ModelsStudy:
    results = example_results()
    place = np.abs(np.arange(rows)[:, None] - np.arange(columns))
    values = np.clip(0.9 - 0.1 * place, 0.05, 1.0)
    for layer in range(min(rows, columns)):
        values[layer, layer] = CKA[layer]
    facts = [results.model.model_copy(update={"layers": count}) for count in (rows, columns)]
    alike = rows == columns
    given = {
        "created": "2026-01-01T00:00:00+00:00",
        "command": "neurosieve models before after",
        "environment": results.environment,
        "text": "book.txt",
        "sources": {"book.txt": "0" * 64},
        "sentences": 900,
        "words": 20_000,
        "left_out": 3,
        "settings": {"aggregation": "last"},
        "threshold": 0.3,
        "first": ComparedModel(
            label="before", facts=facts[0], without_vector=3, layers=layers(rows, 0.5 if alike else None, columns)
        ),
        "second": ComparedModel(
            label="after", facts=facts[1], without_vector=0, layers=layers(columns, 0.5 if alike else None, rows)
        ),
        "one_architecture": alike,
        "same_weights": False,
        "cka": values.tolist(),
        "cka_by_chance": np.full((rows, columns), 0.02).tolist(),
        "debiased": CrossCka(
            values=values.tolist(), low=(values - 0.01).tolist(), high=(values + 0.005).tolist(), blocks=30
        ),
        "moved": [],
        "stages": [Stage(name="moments", seconds=3.0, peak_memory_mb=1.0)],
    }
    if alike:
        given |= {
            "moved": [
                Moved(
                    layer=layer,
                    cka=value,
                    interval=(value - 0.001, value + 0.001),
                    verdict="stayed" if value > 0.99 else "moved",
                )
                for layer, value in enumerate(CKA)
            ],
            "most_moved": 5,
            "most_moved_less_next": Difference(value=-0.1, interval=(-0.11, -0.09)),
            "first_moved": 2,
        }
    return ModelsStudy(**given | more)


def strangers() -> ModelsStudy:
    return study(4, 7)


def test_of_one_architecture_it_says_what_moved_and_what_moved_first():
    said = " ".join(models_sentences(study()))
    assert "What moved most is layer 5: its CKA with itself in the other model is 0.600 [0.599, 0.601]" in said
    assert "surely more than layer 6 (−0.100 [−0.110, −0.090])" in said
    assert "From below, the first layer that moved is layer 2 (CKA 0.980 [0.979, 0.981])" in said
    assert "what lies below it is still the same (CKA at least 0.998)" in said
    assert "have a near copy (|r| of 0.70 or more) in before, by chance 1.0 %" in said
    assert "fewest in layer 6 (30.0 %), most in layer 0 (90.0 %)" in said
    assert "50.0 % of its neurons are near copies of the same neuron of before" in said
    assert "least in layer 6 (65.0 % from layer 6; by chance 2.0 %) and most in layer 0 (95.0 % from layer 0" in said


def test_shares_over_layers_weigh_layers_by_their_varying_units():
    (said,) = [one for one in models_sentences(study()) if "have a near copy" in one]
    one = study().second.layers
    expected = sum(layer.varying * layer.copies for layer in one) / sum(layer.varying for layer in one)
    assert said.startswith(f"{100 * expected:.1f} % of the neurons of after")


def test_what_is_not_sure_is_not_said_to_be():
    unsure = study(most_moved_less_next=Difference(value=-0.01, interval=(-0.03, 0.01)))
    assert "not surely more than layer 6" in " ".join(models_sentences(unsure))
    lines = [line.model_copy(update={"verdict": "unclear"}) if line.layer == 1 else line for line in study().moved]
    assert "what lies below it is not surely another" in " ".join(models_sentences(study(moved=lines)))
    from_the_start = study(first_moved=0)
    assert "the embeddings: everything above reads something else" in " ".join(models_sentences(from_the_start))


def test_where_nothing_moved_it_says_so():
    lines = [line.model_copy(update={"verdict": "stayed", "cka": 0.9999, "interval": None}) for line in study().moved]
    still = study(moved=lines, most_moved=None, most_moved_less_next=None, first_moved=None, same_weights=True)
    said = " ".join(models_sentences(still))
    assert "before and after have the same weights." in said
    assert "No layer has surely moved: the least alike is layer 0, with a CKA of > 0.999" in said


def test_of_strangers_it_says_which_layers_are_alike():
    said = " ".join(models_sentences(strangers()))
    assert "Most alike are layer 0 of before and layer 0 of after: CKA 0.999" in said
    assert "The last layer of after is most like layer 3 of before: CKA 0.600 [0.590, 0.605]" in said
    assert "moved" not in said
    assert "same neuron" not in said
    plain = study(4, 7, debiased=None)
    assert "CKA 0.999 (by chance 0.020)" in " ".join(models_sentences(plain))


def test_notes_count_the_words_that_were_left_out():
    notes = " ".join(models_notes(study(notes=["Something was left out."])))
    assert "the same 20,000 words in 900 sentences; 3 are left out" in notes
    assert "(3 for before and 0 for after)" in notes
    assert "below 0.99 with 95 % confidence" in notes
    assert notes.endswith("Something was left out.")
    assert "different architectures" in " ".join(models_notes(strangers()))
    assert "left out" not in models_notes(study(left_out=0))[0]


@pytest.mark.parametrize("made", [study, strangers])
def test_tables_have_a_row_for_each_pair_and_each_layer(made):
    found = made()
    pairs, of_layers = (list(csv.DictReader(io.StringIO(table(found).csv()))) for table in (pair_table, layer_table))
    assert len(pairs) == len(found.cka) * len(found.cka[0])
    assert float(pairs[1]["cka"]) == found.cka[0][1]
    assert float(pairs[1]["debiased_low"]) == found.debiased.low[0][1]
    assert len(of_layers) == len(found.first.layers) + len(found.second.layers)
    assert [row["model"] for row in of_layers[:1]] == ["after"]


def test_without_intervals_their_cells_are_empty():
    row = next(csv.DictReader(io.StringIO(pair_table(study(debiased=None)).csv())))
    assert (row["debiased"], row["debiased_low"]) == ("", "")


@pytest.mark.parametrize("made", [study, strangers, lambda: study(debiased=None)])
def test_the_terminal_s_table_fits(made):
    lines = models_lines(made())
    assert max(map(len, lines)) <= 80
    assert len(lines) == 8
    assert "90 % (1 %)" in lines[1]


def test_the_heat_map_has_a_row_for_each_layer_of_the_first_model():
    axes = cka_between(strangers()).axes[0]
    assert len(axes.get_yticks()) == 4
    assert len(axes.get_xticks()) == 7
    assert axes.get_ylabel() == "layer of before"
    assert len(axes.texts) == 28


def test_panels_of_the_second_figure():
    assert len(of_each_layer(study()).axes) == 3
    assert len(of_each_layer(strangers()).axes) == 2


def test_the_page_is_whole_and_asks_for_nothing(tmp_path):
    html = models_page(study())
    page = Page(html)
    assert POLICY in html
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert "models.json holds everything" in page.text
    assert write_models(study(), tmp_path / "new").read_text(encoding="utf-8") == html
    assert ModelsStudy.load(tmp_path / "new" / "models.json") == study()


def test_names_from_outside_stay_text():
    made = study(text=HOSTILE, command=HOSTILE, sources={HOSTILE: "0"})
    made = made.model_copy(update={"second": made.second.model_copy(update={"label": HOSTILE})})
    assert not {"script", "img"} & set(Page(models_page(made)).tags)
