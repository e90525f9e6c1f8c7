"""The comparison of two models as a page, files, and lines for the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from neurosieve.report.files import write_file
from neurosieve.report.layers import Layers
from neurosieve.report.models.figures import cka_between, of_each_layer
from neurosieve.report.models.sentences import models_notes, models_sentences, name_of, names_of, pair_words
from neurosieve.report.models.tables import layer_table, pair_table
from neurosieve.report.sheet import Sheet, hung, sheet_html
from neurosieve.report.wording import count, number, percent, plain
from neurosieve.run.models.records import RECORD_FILE, ComparedModel, LayerFound, ModelsStudy
from neurosieve.terminal import aligned

PAGE_FILE = "models.html"


def models_lines(study: ModelsStudy) -> list[str]:
    """A line for each layer of B, at most 80 columns: its nearest layer of A, copies, what is explained."""
    rows = [_cells(study, one, names_of(study.second), names_of(study.first)) for one in study.second.layers]
    return aligned([["layer", "most like", "CKA", "near copies", "explained"], *rows], left=0)


def _cells(study: ModelsStudy, one: LayerFound, mine: Layers, theirs: Layers) -> list[str]:
    alike = (
        pair_words(study, one.most_alike, one.layer)
        if study.debiased
        else number(study.cka[one.most_alike][one.layer], 3)
    )
    copies, explained = (
        f"{percent(value, 0)} ({percent(chance, 0)})"
        for value, chance in ((one.copies, one.copies_by_chance), (one.explained, one.explained_by_chance))
    )
    return [mine.tick(one.layer), theirs.tick(one.most_alike), alike, copies, explained]


def models_page(study: ModelsStudy) -> str:
    """HTML; the record beside it holds every number."""
    first, second = name_of(study.first), name_of(study.second)
    values = study.debiased.values if study.debiased else study.cka
    low, high = min(map(min, values)), max(map(max, values))
    plates = hung(
        [
            (
                cka_between(study),
                "models-cka",
                "Similarity of layers",
                f"Each cell compares a layer of {first} (row) with one of {second} (column); bright ones are alike.",
                f"Heat map of CKA between {len(values)} layers of {first} and {len(values[0])} of {second}, from "
                f"{number(low, 2)} to {number(high, 2)}.",
            ),
            (
                of_each_layer(study),
                "models-layers",
                f"What {first} has of each layer of {second}",
                "Blue is measured, grey is chance: the same where no word meets itself.",
                f"By layer of {second}: "
                + ", ".join(
                    f"{names_of(study.second).tick(one.layer)} {percent(one.copies)}" for one in study.second.layers
                )
                + f" of its neurons have a near copy in {first}.",
            ),
        ]
    )
    return sheet_html(
        Sheet(
            title=f"{first} and {second} on the same text",
            about=f"neurosieve {study.environment.neurosieve} · {study.created} · {plain(study.text, 60)}, "
            f"{count(study.words)} words",
            sentences=models_sentences(study),
            notes=models_notes(study),
            plates=plates,
            tables=[pair_table(study), layer_table(study)],
            facts=_facts(study),
            command=study.command,
            record=RECORD_FILE,
            machine=study.environment,
            stages=study.stages,
        )
    )


def _facts(study: ModelsStudy) -> list[tuple[str, str]]:
    models = [(one.label, _described(one)) for one in (study.first, study.second)]
    files = [(name, f"sha256 {digest}") for name, digest in study.sources.items()]
    settings = [(name, json.dumps(value, ensure_ascii=False)) for name, value in study.settings.items()]
    return [*models, *files, ("threshold", f"{study.threshold:g}"), *settings]


def _described(model: ComparedModel) -> str:
    facts = model.facts
    return f"{facts.name}, {plain(facts.family)}, {facts.layers} layers of {facts.units} units, sha256 {facts.sha256}"


def write_models(study: ModelsStudy, out: Path) -> Path:
    """Write record, CSV tables and page into a folder, each under a temporary name first; the page's path is returned.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    study.save(out / RECORD_FILE)
    for table in (pair_table(study), layer_table(study)):
        write_file(out / f"{table.name}.csv", table.csv())
    return write_file(out / PAGE_FILE, models_page(study))
