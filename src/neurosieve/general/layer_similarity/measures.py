"""The measures of how alike layers are, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError, ConfigError
from neurosieve.general.layer_similarity.cca import mean_squared_cca, pwcca, svcca
from neurosieve.general.layer_similarity.debiased import debiased_cka
from neurosieve.general.layer_similarity.neighbours import mutual_neighbours
from neurosieve.general.layer_similarity.procrustes import procrustes
from neurosieve.general.layers import LayerSimilarity, cka
from neurosieve.moments import Moments


@dataclass(frozen=True)
class Measure:
    """One way to say how alike layers are: 1 for a layer and itself.

    ``unchanged_by`` says which maps of a layer leave it as it is, ``unrelated`` what it gives for layers that share
    nothing (T rows, H units), ``source`` where it comes from. One of ``from_moments`` and ``from_rows`` is there.
    """

    title: str
    unchanged_by: str
    unrelated: str
    source: str
    from_moments: Callable[[Moments], LayerSimilarity] | None = None
    from_rows: Callable[[Moments, Rows, int], LayerSimilarity] | None = None

    @property
    def needs_rows(self) -> bool:
        """Whether the moments are not enough."""
        return self.from_moments is None


_TURNS = "rotations, isotropic scaling, shifts"
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "cka": Measure("linear CKA", _TURNS, "above 0 unless T ≫ H", "Kornblith et al. 2019", cka),
        "debiased_cka": Measure(
            "debiased linear CKA",
            _TURNS,
            "0 on average",
            "Song et al. 2012; Nguyen, Raghu & Kornblith 2021",
            from_rows=lambda moments, rows, seed: debiased_cka(moments, rows),
        ),
        "cca": Measure(
            "mean squared CCA", "invertible linear maps, shifts", "H / T", "Kornblith et al. 2019", mean_squared_cca
        ),
        "svcca": Measure("SVCCA", _TURNS, "above 0 unless T ≫ H", "Raghu et al. 2017", svcca),
        "pwcca": Measure(
            "projection-weighted CCA", "isotropic scaling, shifts", "above 0 unless T ≫ H", "Morcos et al. 2018", pwcca
        ),
        "procrustes": Measure(
            "Procrustes similarity", _TURNS, "above 0 unless T ≫ H", "Ding, Denain & Steinhardt 2021", procrustes
        ),
        "neighbours": Measure(
            "mutual nearest neighbours",
            "rotations, isotropic scaling",
            "k / (rows looked at − 1)",
            "Huh et al. 2024",
            from_rows=lambda moments, rows, seed: mutual_neighbours(rows, seed=seed),
        ),
    }
)


def compare_layers(measure: str, moments: Moments, rows: Rows | None = None, *, seed: int = 0) -> LayerSimilarity:
    """How alike all pairs of layers are by the measure of a name in `MEASURES`.

    Args:
        measure: its name.
        moments: of all columns.
        rows: the rows of the moments, for the measures that need them.
        seed: of the rows that are drawn, where some are.

    Raises:
        ConfigError: there is no such measure.
        ActivationsError: it needs rows and none came; or see the measure.
    """
    found = MEASURES.get(measure)
    if found is None:
        raise ConfigError(f"There is no measure {measure!r} of how alike layers are; there are {', '.join(MEASURES)}.")
    if found.from_moments is not None:
        return found.from_moments(moments)
    if rows is None or found.from_rows is None:
        raise ActivationsError(f"The measure {measure!r} cannot be had from moments alone; give their rows, too.")
    return found.from_rows(moments, rows, seed)
