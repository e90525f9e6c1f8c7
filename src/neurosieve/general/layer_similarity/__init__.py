"""How alike layers are, and how sure one can be of it: debiased CKA with intervals, and other measures by name."""

from neurosieve.general.layer_similarity.cca import mean_squared_cca, pwcca, svcca
from neurosieve.general.layer_similarity.debiased import debiased_cka
from neurosieve.general.layer_similarity.intervals import CkaIntervals, Difference, cka_intervals
from neurosieve.general.layer_similarity.measures import MEASURES, Measure, compare_layers
from neurosieve.general.layer_similarity.neighbours import mutual_neighbours
from neurosieve.general.layer_similarity.procrustes import procrustes
from neurosieve.general.layer_similarity.row_norms import RowNorms, RowNormsFitter, row_norms
from neurosieve.general.layer_similarity.sampled_units import cka_of_sampled_units

__all__ = [
    "MEASURES",
    "CkaIntervals",
    "Difference",
    "Measure",
    "RowNorms",
    "RowNormsFitter",
    "cka_intervals",
    "cka_of_sampled_units",
    "compare_layers",
    "debiased_cka",
    "mean_squared_cca",
    "mutual_neighbours",
    "procrustes",
    "pwcca",
    "row_norms",
    "svcca",
]
