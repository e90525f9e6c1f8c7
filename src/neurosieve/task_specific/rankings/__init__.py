"""Orders of neurons for a task (Section 6.2; DESIGN 4.5), one family a file, and all of them by name."""

from neurosieve.task_specific.rankings.baselines import last_layer_first, random_order, random_per_layer
from neurosieve.task_specific.rankings.forward import forward_by_depth, forward_selection
from neurosieve.task_specific.rankings.inputs import RankingInputs
from neurosieve.task_specific.rankings.means import probeless
from neurosieve.task_specific.rankings.order import constants_last
from neurosieve.task_specific.rankings.pruned import pruned_order
from neurosieve.task_specific.rankings.redundancy import mrmr
from neurosieve.task_specific.rankings.registry import RANKINGS, Ranking, rank, rank_by_lca
from neurosieve.task_specific.rankings.ridge import ridge_order
from neurosieve.task_specific.rankings.weights import lca, lca_levels, lca_sets, weight_order

__all__ = [
    "RANKINGS",
    "Ranking",
    "RankingInputs",
    "constants_last",
    "forward_by_depth",
    "forward_selection",
    "last_layer_first",
    "lca",
    "lca_levels",
    "lca_sets",
    "mrmr",
    "probeless",
    "pruned_order",
    "random_order",
    "random_per_layer",
    "rank",
    "rank_by_lca",
    "ridge_order",
    "weight_order",
]
