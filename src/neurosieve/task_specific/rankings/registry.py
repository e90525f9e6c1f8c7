"""Every ranking by its name: what it reads, where it comes from, and how it orders the columns of a task.

A ranking is an order of all columns, best first: a permutation. Equal scores go to the smaller column, and constant
columns come last (but for LCA under the paper's protocol, which keeps them where their weights put them). From the same
moments an order is the same whatever the number of threads; a ranking that reads a probe is as steady as its training.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from neurosieve.arrays import IntArray
from neurosieve.errors import ConfigError
from neurosieve.moments import Moments
from neurosieve.task_specific.data import Scored, TaskData
from neurosieve.task_specific.rankings.baselines import last_layer_first, random_order, random_per_layer
from neurosieve.task_specific.rankings.forward import forward_selection
from neurosieve.task_specific.rankings.inputs import Progress, RankingInputs
from neurosieve.task_specific.rankings.means import probeless
from neurosieve.task_specific.rankings.order import constant_columns
from neurosieve.task_specific.rankings.pruned import pruned_order
from neurosieve.task_specific.rankings.redundancy import mrmr
from neurosieve.task_specific.rankings.ridge import ridge_order
from neurosieve.task_specific.rankings.weights import lca, weight_order

Reads = Literal["columns", "moments", "elastic net", "converged probe"]


@dataclass(frozen=True)
class Ranking:
    """One ranking: its name, what it reads, one line on what it does, and its source.

    ``reads`` is what has to exist: the ``columns`` alone, the ``moments`` of train, or a probe on all columns, the
    paper's ``elastic net`` or the default protocol's ``converged probe``, which needs a `TaskData`. ``seeded`` says
    that another seed gives another order, ``baseline`` that others are measured against it.
    """

    name: str
    reads: Reads
    description: str
    source: str
    rule: Callable[[RankingInputs], IntArray] = field(repr=False)
    seeded: bool = False
    uses_labels: bool = True
    numbers: bool = True
    baseline: bool = False

    @property
    def needs_probe(self) -> bool:
        """Whether a probe must be trained: moments alone do not do."""
        return self.reads in ("elastic net", "converged probe")

    def order(self, inputs: RankingInputs) -> IntArray:
        """The order of all columns, (N,).

        Raises:
            ConfigError: the ranking needs labels and there are none; classes, and the labels are numbers; or a probe,
                and there are only moments.
            ProbeError: the probe that it reads cannot be trained on these rows.
        """
        moments = inputs.moments
        if self.uses_labels and not moments.n_outputs:
            raise ConfigError(
                f"The ranking {self.name} needs labels, and the moments were made without: use relabelled, or random."
            )
        if not self.numbers and moments.target is not None:
            raise ConfigError(
                f"The ranking {self.name} needs classes, and the labels are numbers: choose another, such as forward."
            )
        return self.rule(inputs)


def _lca(inputs: RankingInputs) -> IntArray:
    order = lca(inputs.elastic_net)
    return order if inputs.keeps_constants else inputs.constants_last(order)


def _lca_sigma(inputs: RankingInputs) -> IntArray:
    return inputs.constants_last(lca(inputs.elastic_net * inputs.deviations))


def _lca_converged(inputs: RankingInputs) -> IntArray:
    return inputs.constants_last(lca(inputs.converged * inputs.deviations))


def _weight(inputs: RankingInputs) -> IntArray:
    return inputs.constants_last(weight_order(inputs.elastic_net))


def _probeless(inputs: RankingInputs) -> IntArray:
    return probeless(inputs.moments.class_means.cpu().numpy(), constant_columns(inputs.moments))


def _forward(inputs: RankingInputs) -> IntArray:
    return forward_selection(inputs.moments, device=inputs.device)


def _ridge(inputs: RankingInputs) -> IntArray:
    return ridge_order(inputs.moments, device=inputs.device)


def _mrmr(inputs: RankingInputs) -> IntArray:
    return mrmr(inputs.moments)


def _random(inputs: RankingInputs) -> IntArray:
    return inputs.constants_last(random_order(len(inputs.moments.columns), inputs.seed))


def _random_per_layer(inputs: RankingInputs) -> IntArray:
    moments = inputs.moments
    return inputs.constants_last(random_per_layer(moments.grid, inputs.seed, moments.columns))


def _last_layer(inputs: RankingInputs) -> IntArray:
    return last_layer_first(inputs.moments, device=inputs.device)


def _pruned(inputs: RankingInputs) -> IntArray:
    return pruned_order(inputs.task)


_ALL = (
    Ranking(
        "forward",
        "moments",
        "at each step the neuron that explains most of what the chosen ones leave unexplained of the labels",
        "orthogonal least squares: Chen, Billings and Luo (1989)",
        _forward,
    ),
    Ranking(
        "pruned",
        "converged probe",
        "forward selection, then backwards: the neuron goes whose loss the others make up for best",
        "optimal brain surgeon: Hassibi and Stork (1993), on the probe of forward selection",
        _pruned,
    ),
    Ranking(
        "ridge",
        "moments",
        "squared weights of a ridge regression on standardised neurons, summed over classes",
        "Hoerl and Kennard (1970)",
        _ridge,
    ),
    Ranking(
        "mrmr",
        "moments",
        "at each step the neuron most related to the labels for how much it repeats the chosen ones",
        "Peng, Long and Ding (2005); Ding and Peng (2005), with correlations for mutual information",
        _mrmr,
    ),
    Ranking(
        "probeless",
        "moments",
        "differences between the class means of a neuron, summed over pairs of classes",
        "Antverg and Belinkov (2022)",
        _probeless,
        numbers=False,
    ),
    Ranking(
        "lca",
        "elastic net",
        "the paper's: heaviest neurons per class, |weight| of the elastic-net probe",
        "linguistic correlation analysis: Dalvi et al. (2019, 2020)",
        _lca,
        seeded=True,
    ),
    Ranking(
        "lca_sigma",
        "elastic net",
        "LCA on |weight| × deviation of the neuron: what a weight does to the scores",
        "Dalvi et al. (2019), scaled",
        _lca_sigma,
        seeded=True,
    ),
    Ranking(
        "lca_converged",
        "converged probe",
        "LCA on |weight| × deviation of the default protocol's probe, which converges",
        "Dalvi et al. (2019), scaled, of another probe",
        _lca_converged,
    ),
    Ranking(
        "weight",
        "elastic net",
        "|weight| of the elastic-net probe, summed over classes: LCA without its steps",
        "Dalvi et al. (2020), the probe",
        _weight,
        seeded=True,
    ),
    Ranking(
        "random",
        "columns",
        "chance",
        "baseline",
        _random,
        seeded=True,
        uses_labels=False,
        baseline=True,
    ),
    Ranking(
        "random_per_layer",
        "columns",
        "chance, one neuron of each layer in turn",
        "baseline",
        _random_per_layer,
        seeded=True,
        uses_labels=False,
        baseline=True,
    ),
    Ranking(
        "last_layer",
        "moments",
        "forward selection in the last layer, and only then in the others",
        "baseline",
        _last_layer,
        baseline=True,
    ),
)

RANKINGS: Mapping[str, Ranking] = MappingProxyType({ranking.name: ranking for ranking in _ALL})


def rank(name: str, source: RankingInputs | TaskData | Moments, seed: int | None = None) -> IntArray:
    """The order of all columns by the ranking of that name, (N,).

    To make several of one task, give the same `RankingInputs` each time: a probe that several read is trained once.

    Raises:
        ConfigError: there is no such ranking, or what it needs is missing (see `Ranking.order`).
    """
    if name not in RANKINGS:
        raise ConfigError(f"There is no ranking {name!r}; there are {', '.join(RANKINGS)}.")
    inputs = source if isinstance(source, RankingInputs) else RankingInputs(source, seed)
    return RANKINGS[name].order(inputs)


def rank_by_lca(data: TaskData, scored: Scored | None = None, progress: Progress | None = None) -> IntArray:
    """LCA on the raw weights of an elastic-net probe on all columns of ``data``; constants last by default.

    The weights are those of ``scored`` if the protocol is the paper's, and of a probe trained for the purpose
    otherwise: without an L1 penalty, the weights of correlated columns cancel and say little. The paper keeps constant
    columns where their weights put them.
    """
    return RANKINGS["lca"].order(RankingInputs(data, oracle=scored, progress=progress))
