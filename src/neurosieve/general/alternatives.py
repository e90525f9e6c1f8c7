"""Other ways to cluster neurons, and how far they agree with average linkage (Section 5.2, footnote 5).

The paper says without numbers that k-means and DBSCAN made no noticeable difference. Neither sees the sign of r.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn import metrics
from sklearn.cluster import DBSCAN, KMeans
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError
from neurosieve.general.chain_tables import Float32Array
from neurosieve.general.clusters import Clusters, Correlation, FloatArray, numbered_by_first
from neurosieve.general.distances import distance_of, resolved
from neurosieve.general.neurons import Dendrogram
from neurosieve.moments import Moments

_NEGLIGIBLE = 1e-4  # of the eigenvalues of r²: without them a squared distance changes by at most twice this
_TRIES = 32  # candidates for each first centre; fewer miss singletons that are far from all else
_TILE = 1024  # rows of the correlation matrix looked at together


@dataclass(frozen=True)
class Extent:
    """How large the clusters of one partition are; ``in_clusters`` is the share of neurons in clusters of two or more.

    Constants count, each as a cluster of its own.
    """

    clusters: int
    largest: int
    in_clusters: float


@dataclass(frozen=True)
class Agreement:
    """How alike two partitions of the same neurons are.

    ``adjusted_rand`` is 1 for the same partition and 0 in the mean for a random one. ``homogeneity`` is 1 where every
    cluster of the second lies inside one of the first, ``completeness`` where every cluster of the first lies inside
    one of the second, and ``v_measure`` is their harmonic mean. Those three are not adjusted for chance: they are
    near 1 for any two partitions that are mostly singletons.
    """

    adjusted_rand: float
    homogeneity: float
    completeness: float
    v_measure: float
    first: Extent
    second: Extent

    def to_dict(self) -> dict[str, Any]:
        """Lossless for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """One way to cluster beside the dendrogram's cut at ``threshold``, which is the first of ``agreement``.

    ``eps`` is the radius of DBSCAN, None for the other methods. ``mean_r`` is the mean |r| of the pairs of neurons that
    share a cluster, None where no two do.
    """

    threshold: float
    method: str
    eps: float | None
    agreement: Agreement
    mean_r: float | None


def kmeans_clusters(
    correlation: Correlation,
    n_clusters: int,
    *,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
    seed: int = 0,
) -> Clusters:
    """k-means on neurons as points whose squared distance is 2 − 2r².

    The element-wise square of r is positive semi-definite (Schur's product theorem), so it is the Gram matrix of points
    of length 1, and it does not see the sign of r. Their coordinates come from its eigenvectors, in float32. It takes
    about 20·N² bytes beside r, N³ work, then N²·n_clusters in each of a few rounds: seconds for the 2,688 neurons of
    MiniLM, minutes for BERT's 9,984. The seed and the order of the columns decide which local optimum is found.

    Args:
        correlation: Pearson's r (N × N), or the moments that it comes from.
        n_clusters: how many, constants included: each of them is a cluster of its own. Columns that are copies of one
            another may leave fewer, with scikit-learn's ConvergenceWarning.
        constant: see `cluster`.
        columns: see `cluster`.
        seed: of the first centres.

    Raises:
        ActivationsError: as `cluster`.
        ValueError: there cannot be as many clusters.
    """
    r, active, places = resolved(correlation, constant, columns)
    alone = len(places) - len(active)
    least = alone + min(1, len(active))
    if not least <= n_clusters <= len(places):
        raise ValueError(
            f"n_clusters is {n_clusters}; these columns can make {least} to {len(places)}, constants included."
        )
    labels = _kmeans(*_points(r, active), n_clusters - alone, seed)
    return _partition(labels, active, places, None)


def dbscan_clusters(
    correlation: Correlation,
    threshold: float,
    *,
    min_samples: int = 2,
    constant: ArrayLike | Tensor | None = None,
    columns: IntArray | None = None,
) -> Clusters:
    """DBSCAN on the distances 1 − |r|; what it calls noise is singletons.

    With ``min_samples`` up to 2 these are the connected components of the graph of pairs within the threshold, that is
    single linkage. With more, a neuron at the border of two clusters joins the one whose first core comes first. It
    takes 8·N² bytes for the distances, and 8 for each ordered pair within the threshold.

    Args:
        correlation: Pearson's r (N × N), or the moments that it comes from.
        threshold: eps, the largest distance of neighbours; above 0.
        min_samples: neurons within the threshold, itself included, that make a neuron the core of a cluster.
        constant: see `cluster`.
        columns: see `cluster`.

    Raises:
        ActivationsError: as `cluster`.
        ValueError: the threshold is not above 0, or ``min_samples`` is below 1.
    """
    _check_radius(threshold)
    if min_samples < 1:
        raise ValueError(f"min_samples must be at least 1, not {min_samples}.")
    r, active, places = resolved(correlation, constant, columns)
    labels = _dbscan(distance_of(r[np.ix_(active, active)], signed=False), threshold, min_samples)
    return _partition(labels, active, places, float(threshold))


def agreement(first: Clusters, second: Clusters) -> Agreement:
    """Compare two partitions of the same columns.

    Raises:
        ActivationsError: the columns are others, or in another order.
    """
    if not np.array_equal(first.columns, second.columns):
        raise ActivationsError("The two partitions are of other columns, or in another order; cluster the same ones.")
    homogeneity, completeness, v_measure = metrics.homogeneity_completeness_v_measure(first.labels, second.labels)
    return Agreement(
        adjusted_rand=float(metrics.adjusted_rand_score(first.labels, second.labels)),
        homogeneity=float(homogeneity),
        completeness=float(completeness),
        v_measure=float(v_measure),
        first=_extent(first),
        second=_extent(second),
    )


def compare_clusterings(
    dendrogram: Dendrogram, correlation: Correlation, thresholds: Sequence[float], *, seed: int = 0
) -> tuple[Comparison, ...]:
    """Four partitions at each threshold, each with its agreement with the first of them.

    They are the dendrogram's cut; k-means with as many clusters; DBSCAN at the same threshold; and DBSCAN at the
    threshold that gives as nearly as possible as many clusters as the cut. Constants are those of the dendrogram.

    Args:
        dendrogram: from `cluster`, of |r|.
        correlation: what the dendrogram was made from.
        thresholds: c_t, above 0.
        seed: of k-means.

    Raises:
        ActivationsError: the correlation is of other columns than the dendrogram, or that is of signed r.
        ValueError: a threshold is not above 0.
    """
    if dendrogram.signed:
        raise ActivationsError("k-means and DBSCAN are made for |r| here; this dendrogram is of signed r.")
    for c_t in thresholds:
        _check_radius(c_t)
    r, _, places = resolved(correlation, None, None if isinstance(correlation, Moments) else dendrogram.columns)
    if not np.array_equal(places, dendrogram.columns):
        raise ActivationsError("These moments are of other columns than the dendrogram, or in another order.")
    active = dendrogram.active
    gram, coordinates = _points(r, active)
    heights = _single_linkage(distance := distance_of(r[np.ix_(active, active)], signed=False))
    rows = []
    for c_t in thresholds:
        cut = dendrogram.cut(c_t)
        wanted = cut.n_clusters - (len(places) - len(active))
        radii = {"DBSCAN": float(c_t), "DBSCAN, as many clusters": _eps_for(heights, wanted)}
        found = {f"{dendrogram.linkage} linkage": cut}
        found["k-means"] = _partition(_kmeans(gram, coordinates, wanted, seed), active, places, None)
        found |= {name: _partition(_dbscan(distance, eps), active, places, eps) for name, eps in radii.items()}
        for name, other in found.items():
            rows.append(Comparison(float(c_t), name, radii.get(name), agreement(cut, other), _mean_r(other, r)))
    return tuple(rows)


def _points(r: FloatArray, active: IntArray) -> tuple[Float32Array, Float32Array]:
    """(N × N) r², and (N × D) coordinates with that Gram matrix."""
    gram = np.square(r[np.ix_(active, active)], dtype=np.float32)
    # Float32 eigenvalues err by some 1e-7 of the largest, which is at most N: squared distances by 1e-3 at the worst.
    values, vectors = linalg.eigh(gram, driver="evd", check_finite=False)
    kept = values > _NEGLIGIBLE
    return gram, np.ascontiguousarray(vectors[:, kept] * np.sqrt(values[kept]))


def _kmeans(gram: Float32Array, coordinates: Float32Array, n_clusters: int, seed: int) -> IntArray:
    if not n_clusters:
        return np.empty(0, dtype=np.int64)
    method = KMeans(n_clusters, init=coordinates[_first_centres(gram, n_clusters, seed)], n_init=1)
    return np.asarray(method.fit_predict(coordinates), dtype=np.int64)


def _first_centres(gram: Float32Array, n_clusters: int, seed: int) -> IntArray:
    """Greedy k-means++ (Arthur and Vassilvitskii 2007): its distances, most of the cost, are read off ``gram``."""
    generator = np.random.default_rng(seed)
    chosen = [int(generator.integers(len(gram)))]
    nearest = _squared_distance(gram[chosen])[0]
    while len(chosen) < n_clusters:
        reach = np.cumsum(nearest)
        tried = np.searchsorted(reach, generator.random(_TRIES) * reach[-1], side="right")
        tried = np.minimum(tried, len(gram) - 1)
        left = np.minimum(nearest, _squared_distance(gram[tried]))
        best = int(left.sum(axis=1).argmin())
        chosen.append(int(tried[best]))
        nearest = left[best]
    return np.array(chosen, dtype=np.int64)


def _squared_distance(rows: Float32Array) -> FloatArray:
    return np.maximum(2.0 - 2.0 * rows.astype(np.float64), 0.0)


def _check_radius(eps: float) -> None:
    if not 0 < eps < np.inf:
        raise ValueError(f"DBSCAN needs a finite threshold above 0, not {eps}.")


def _dbscan(distance: FloatArray, eps: float, min_samples: int = 2) -> IntArray:
    """(N,) labels, −1 for noise."""
    if not len(distance):
        return np.empty(0, dtype=np.int64)
    method = DBSCAN(eps=eps, min_samples=min_samples, metric="precomputed")
    return np.asarray(method.fit_predict(distance), dtype=np.int64)


def _single_linkage(distance: FloatArray) -> FloatArray:
    """(N − 1,) ascending heights: at eps, DBSCAN has N clusters less one for each height within eps."""
    if len(distance) < 2:
        return np.empty(0)
    return np.sort(hierarchy.linkage(squareform(distance, checks=False), "single")[:, 2])


def _eps_for(heights: FloatArray, wanted: int) -> float:
    """The eps that gives as nearly as possible so many clusters; the smaller of two that are as near."""
    levels = np.unique(np.append(heights, [0.0, 1.0]))
    eps = np.append((levels[1:] + levels[:-1]) / 2, 1.0)  # midway, so that no rounding decides about a pair
    clusters = len(heights) + 1 - np.searchsorted(heights, eps, side="right")
    return float(eps[np.abs(clusters - wanted).argmin()])


def _mean_r(clusters: Clusters, r: FloatArray) -> float | None:
    pairs = int((clusters.sizes * (clusters.sizes - 1)).sum())
    if not pairs:
        return None
    total = -float(np.abs(r.diagonal()).sum())
    for start in range(0, len(r), _TILE):
        tile = slice(start, start + _TILE)
        total += float(np.abs(r[tile]).sum(where=clusters.labels[tile, None] == clusters.labels))
    return total / pairs


def _extent(clusters: Clusters) -> Extent:
    together = int(clusters.sizes[clusters.sizes > 1].sum())
    return Extent(clusters.n_clusters, int(clusters.sizes.max(initial=0)), together / max(1, len(clusters.labels)))


def _partition(labels: IntArray, active: IntArray, columns: IntArray, threshold: float | None) -> Clusters:
    """The labels of the active columns, where those below 0 are singletons, as constants are."""
    everyone = np.full(len(columns), -1, dtype=np.int64)
    everyone[active] = labels
    alone = everyone < 0
    everyone[alone] = everyone.max(initial=-1) + 1 + np.arange(alone.sum())
    return Clusters(numbered_by_first(everyone), columns, threshold)
