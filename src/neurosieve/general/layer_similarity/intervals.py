"""Debiased CKA with intervals, from a jackknife over blocks of consecutive sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from neurosieve.arrays import IntArray, Rows
from neurosieve.errors import ActivationsError
from neurosieve.general.layer_similarity.debiased import DEBIASED, debiased_cka
from neurosieve.general.layer_similarity.hsic import FEWEST_ROWS, FloatArray, aligned
from neurosieve.general.layer_similarity.jackknife import block_sums, edges_of, without_each_block
from neurosieve.general.layer_similarity.pairs import Pair, PairPart, pair_part, sample_of, without_second_count
from neurosieve.general.layer_similarity.row_norms import Progress
from neurosieve.general.layers import LayerSimilarity, need_whole_layers, varying_layers
from neurosieve.moments import Moments
from neurosieve.showing import Shown

BLOCKS = 30
_ALIKE = 1e-7  # nearer to 1 than this, float32 products cannot tell a layer from a copy of it


@dataclass(frozen=True)
class Difference:
    """A difference of two CKAs with its interval; ``settled`` where that leaves out 0."""

    value: float
    low: float
    high: float

    @property
    def settled(self) -> bool:
        """Whether the sign is known at this level."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, eq=False)
class CkaIntervals(Shown):
    """Debiased CKA of all pairs of layers, with intervals.

    ``values``, ``low``, ``high`` and ``errors`` (standard errors) are (L × L) float64; the diagonal is 1 without error.
    ``replicates`` (B × L × L) are the values without each block, ``sizes`` (B,) the rows in it; ``pairs`` is what the
    jackknife counts twice, None where sentences are too few or too long to tell.
    """

    values: FloatArray
    low: FloatArray
    high: FloatArray
    errors: FloatArray
    replicates: FloatArray
    sizes: IntArray
    level: float
    pairs: PairPart | None = None

    @property
    def similarity(self) -> LayerSimilarity:
        """The values alone."""
        return LayerSimilarity(self.values, DEBIASED)

    def difference(self, first: Pair, second: Pair) -> Difference:
        """CKA of one pair of layers less that of another: is layer 3 nearer to 4 than to 2?

        Both are on the same rows, so what moves them together cancels. The interval is symmetric.

        Raises:
            ActivationsError: there is no such layer.
        """
        layers = len(self.values)
        for layer in (*first, *second):
            if not 0 <= layer < layers:
                raise ActivationsError(f"There is no layer {layer}; layers are 0 to {layers - 1}.")
        value = float(self.values[first] - self.values[second])
        changed = self.replicates[:, *first] - self.replicates[:, *second]
        variance = np.square(standard_error(np.array(value), changed, self.sizes))
        if self.pairs is not None:
            variance = without_second_count(variance, np.array(self.pairs.of_difference(first, second)))
        reach = float(np.sqrt(variance)) * _quantile(self.level, len(self.sizes))
        return Difference(value, value - reach, value + reach)

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON, without the replicates."""
        found: dict[str, Any] = {"level": self.level, "blocks": len(self.sizes)}
        names = {DEBIASED: "values", "low": "low", "high": "high", "standard_error": "errors"}
        return found | {name: getattr(self, field).tolist() for name, field in names.items()}


def cka_intervals(
    moments: Moments,
    rows: Rows,
    groups: IntArray | None = None,
    *,
    blocks: int = BLOCKS,
    level: float = 0.95,
    progress: Progress | None = None,
) -> CkaIntervals:
    """Debiased CKA with jackknife intervals over blocks of consecutive sentences.

    Sentences are not drawn again, as a bootstrap would: a row that comes twice is a pair of rows that are alike in
    every layer, which the estimator takes for shared structure (with 50 rows of 500 units, independent layers would get
    intervals near 0.9). Blocks are left out instead. The interval is Student's t with B − 1 degrees of freedom about
    arctanh(CKA), transformed back. What pairs of sentences add to the variance, which a jackknife counts twice, is
    measured on a sample of sentences and taken out once; see `pairs`.

    Costs one pass over the rows, about as long as that of the moments; see `block_sums`.

    Args:
        moments: of these rows.
        rows: T rows, sentences in order.
        groups: (T,) the sentence of each row, non-decreasing; each row is one of its own without it.
        blocks: how many blocks of whole sentences, 20 to 50 say; fewer if there are fewer sentences.
        level: of the intervals.
        progress: called with the rows done and T after each block of rows.

    Raises:
        ActivationsError: see `debiased_cka`; or there are not two blocks, or too few rows are left without one.
        ValueError: fewer than two blocks are asked for, or the level is not between 0 and 1.
    """
    if blocks < 2 or not 0 < level < 1:
        raise ValueError(f"A jackknife needs two blocks or more and a level between 0 and 1, not {blocks} and {level}.")
    groups = _checked(groups, rows.n_rows)
    edges = edges_of(groups, blocks)
    sizes, sample = np.diff(edges), sample_of(groups)
    if rows.n_rows - sizes.max() < FEWEST_ROWS:
        raise ActivationsError(f"Of {rows.n_rows} rows fewer than {FEWEST_ROWS} are left without the longest block.")
    need_whole_layers(moments, "Debiased CKA")
    sums = block_sums(moments, rows, edges, progress, None if sample is None else sample.rows)
    values, hsic = debiased_cka(moments, sums.all_norms).values, without_each_block(sums)
    replicates = aligned(hsic, varying_layers(moments))
    pairs = None
    if sample is not None:
        own = hsic.diagonal(axis1=1, axis2=2).mean(0)
        pairs = pair_part(sums.sampled, sample, rows.n_rows, moments.grid, values, own)
    twice = np.zeros_like(values) if pairs is None else pairs.variance
    variance = without_second_count(np.square(standard_error(values, replicates, sizes)), twice)
    low, high = _interval(values, replicates, sizes, twice, level)
    return CkaIntervals(values, low, high, np.sqrt(variance), replicates, sizes, level, pairs)


def standard_error(value: FloatArray, replicates: FloatArray, sizes: IntArray) -> FloatArray:
    """Of a value (…) from what it is without each of B blocks (B × …), which need not be equally long.

    Busing, Meijer & van der Leeden (1999), equation 9; with equal blocks √((B − 1)/B · Σ(θ_b − mean)²).
    """
    share = sizes.sum() / sizes.reshape(-1, *([1] * value.ndim))
    moved = replicates - value  # exactly 0 where nothing moves
    apart = ((1 - 1 / share) * moved).sum(0) - (share - 1) * moved
    found: FloatArray = np.sqrt((np.square(apart) / (share - 1)).mean(0))
    return found


def _interval(
    values: FloatArray, replicates: FloatArray, sizes: IntArray, twice: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    at, without = _stretched(values), _stretched(replicates)
    copies = values >= 1 - _ALIKE
    slope = np.where(copies, 0.0, np.cosh(at) ** 2)  # of arctanh: pairs are measured on CKA's own scale
    variance = without_second_count(np.square(standard_error(at, without, sizes)), twice * np.square(slope))
    reach = _quantile(level, len(sizes)) * np.sqrt(variance)
    low, high = np.tanh(at - reach), np.tanh(at + reach)
    return np.where(copies & (reach == 0), values, low), np.where(copies, 1.0, high)


def _stretched(values: FloatArray) -> NDArray[np.float64]:
    """arctanh, finite."""
    limit = 1 - _ALIKE
    found: FloatArray = np.arctanh(values.clip(-limit, limit))
    return found


def _quantile(level: float, blocks: int) -> float:
    return float(stats.t.ppf(0.5 + level / 2, blocks - 1))


def _checked(groups: IntArray | None, n_rows: int) -> IntArray:
    if groups is None:
        return np.arange(n_rows, dtype=np.int64)
    found = np.asarray(groups)
    if len(found) != n_rows or (np.diff(found) < 0).any():
        raise ActivationsError(f"{n_rows} rows need as many sentence numbers, none below the one before it.")
    return found.astype(np.int64)
