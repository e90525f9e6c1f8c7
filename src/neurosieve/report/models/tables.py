"""The comparison of two models as tables: a row for each pair of layers, and a row for each layer."""

from __future__ import annotations

from neurosieve.report.models.sentences import names_of
from neurosieve.report.tables.base import Row, Table
from neurosieve.run.models.records import ComparedModel, ModelsStudy

PAIRS = {
    "first": "layer of the first model",
    "second": "layer of the second model",
    "cka": "linear CKA, biased upward unless words are many more than units",
    "cka_by_chance": "the same where no word meets itself",
    "debiased": "CKA without the bias of few words",
    "debiased_low": "lower end of its 95 % interval (jackknife over blocks of sentences)",
    "debiased_high": "upper end of its 95 % interval",
}
LAYERS = {
    "model": "label of the model",
    "layer": "its layer",
    "varying": "units that are no constants",
    "most_alike": "layer of the other model with the highest CKA",
    "copies": "share of these units with a near copy in the other model",
    "copies_by_chance": "the same where no word meets itself",
    "in_place": "share whose near copy is the same unit of the same layer",
    "copies_in": "layer of the other model that has most of the best matches",
    "explained_by": "layer of the other model that the next two are about",
    "explained": "share of variance that a linear map of that layer explains",
    "explained_by_chance": "the same where no word meets itself",
}


def pair_table(study: ModelsStudy) -> Table:
    """A row for each layer of A with each of B."""
    first, second, known = names_of(study.first), names_of(study.second), study.debiased
    rows: list[Row] = []
    for i, values in enumerate(study.cka):
        for j, value in enumerate(values):
            sure = (None,) * 3 if known is None else (known.values[i][j], known.low[i][j], known.high[i][j])
            rows.append((first.tick(i), second.tick(j), value, study.cka_by_chance[i][j], *sure))
    return Table("models-cka", "Pairs of layers", PAIRS, tuple(rows))


def layer_table(study: ModelsStudy) -> Table:
    """A row for each layer of each model."""
    sides = ((study.second, study.first), (study.first, study.second))
    rows = tuple(row for model, other in sides for row in _rows(model, other))
    return Table("models-layers", "Layers of each model", LAYERS, rows)


def _rows(model: ComparedModel, other: ComparedModel) -> list[Row]:
    mine, theirs = names_of(model), names_of(other)
    return [
        (
            *(model.label, mine.tick(one.layer), one.varying, theirs.tick(one.most_alike)),
            *(one.copies, one.copies_by_chance, one.in_place, theirs.tick(one.copies_in)),
            *(theirs.tick(one.explained_by), one.explained, one.explained_by_chance),
        )
        for one in model.layers
    ]
