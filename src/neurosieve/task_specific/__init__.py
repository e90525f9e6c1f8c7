"""Task-specific redundancy (Section 6): which layers and which neurons a task needs. Labels are used."""

from neurosieve.task_specific.clusters import probe_representatives
from neurosieve.task_specific.data import Scored, TaskData, gold_of
from neurosieve.task_specific.forward import forward_selection
from neurosieve.task_specific.layers import LayerProbes, probe_layers, select_prefix
from neurosieve.task_specific.neurons import (
    CurvePoint,
    MinimalSet,
    first_accepted,
    guess_like,
    guess_size,
    minimal_set,
    paper_sizes,
    screen_ranking,
    screened_sizes,
)
from neurosieve.task_specific.ranking import (
    constants_last,
    lca,
    lca_levels,
    lca_sets,
    probeless,
    random_order,
    random_per_layer,
    rank_by_lca,
)
from neurosieve.task_specific.tolerance import Tolerance

__all__ = [
    "CurvePoint",
    "LayerProbes",
    "MinimalSet",
    "Scored",
    "TaskData",
    "Tolerance",
    "constants_last",
    "first_accepted",
    "forward_selection",
    "gold_of",
    "guess_like",
    "guess_size",
    "lca",
    "lca_levels",
    "lca_sets",
    "minimal_set",
    "paper_sizes",
    "probe_layers",
    "probe_representatives",
    "probeless",
    "random_order",
    "random_per_layer",
    "rank_by_lca",
    "screen_ranking",
    "screened_sizes",
    "select_prefix",
]
