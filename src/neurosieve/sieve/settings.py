"""How much the sieve may lose, against what, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from neurosieve.errors import ConfigError
from neurosieve.task_specific import RANKINGS


@dataclass(frozen=True)
class SieveSettings:
    """How much each step may lose, as a share of the score it is measured against.

    The first two default to a third of the overall tolerance each, the third to all that is left of it, or to a third
    too where only the step before counts. ``thresholds`` are tried from the first on, the first that passes is taken;
    None is no clustering. Without ``judge_clusters`` and without an overall bound, the first is taken unseen.
    ``confidence`` asks that dev supports each decision at that level (a paired bootstrap over sentences).

    ``ranking`` is the order of the third step, by its name in `task_specific.RANKINGS`; its shortest prefix that passes
    is kept. With ``size`` the first so many are kept instead, and the steps before leave as many at least.

    With ``non_inferior`` every step goes down from its largest set and stops at the first that fails
    (`task_specific.fixed_sequence`); ``thresholds`` then stand in the order of their sets. One half of the dev
    sentences decides the first two steps, the other the third, so that one statement holds at ``confidence`` for all
    that was searched: what the sieve keeps is within ``tolerance`` of the oracle.

    Raises:
        ConfigError: there is no such ranking; or ``non_inferior`` comes without a confidence, against each step alone,
            or with a size.
    """

    tolerance: float = 0.03
    layer_tolerance: float | None = None
    cluster_tolerance: float | None = None
    neuron_tolerance: float | None = None
    reference: Literal["oracle", "stage"] = "oracle"
    thresholds: tuple[float | None, ...] = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, None)
    judge_clusters: bool = True
    representative: Literal["medoid", "random"] = "medoid"
    ranking: str = "forward"
    confidence: float | None = 0.95
    grid_search: bool = False
    seed: int = 0
    non_inferior: bool = False
    size: int | None = None

    def __post_init__(self) -> None:
        if self.ranking not in RANKINGS:
            raise ConfigError(f"There is no ranking {self.ranking!r}; there are {', '.join(RANKINGS)}.")
        if self.non_inferior and self.size is not None:
            raise ConfigError("A size that is given is not searched for: leave out the size, or non-inferiority.")
        if self.non_inferior and (self.confidence is None or self.reference == "stage"):
            raise ConfigError(
                "Non-inferiority is a statement about the oracle at a confidence: give a confidence between 0 and 1, "
                "such as 0.95, and the oracle as the reference."
            )

    @classmethod
    def paper(cls, seed: int = 0) -> SieveSettings:
        """Section 7 as published: 1 % for each step against the step before, c_t = 0.3, random representatives."""
        return cls(
            layer_tolerance=0.01,
            neuron_tolerance=0.01,
            reference="stage",
            thresholds=(0.3,),
            judge_clusters=False,
            representative="random",
            ranking="lca",
            confidence=None,
            grid_search=True,
            seed=seed,
        )

    def step_tolerance(self, own: float | None) -> float:
        """The tolerance of one of the first two steps."""
        return self.tolerance / 3 if own is None else own

    @property
    def last_tolerance(self) -> float | None:
        """The tolerance of the third step; None is all that is left of the overall one."""
        return self.neuron_tolerance if self.reference == "oracle" else self.step_tolerance(self.neuron_tolerance)
