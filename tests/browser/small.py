"""A run to browse: the example of the report's own tests with made-up clusters, and CKA of two kinds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from neurosieve.run.atlas.records import SCHEMA_VERSION, Atlas, ClusterSeen, Heat, Merges
from neurosieve.run.inspection.records import ClusterFound, ClusterWords, TypeSeen, WordSeen
from neurosieve.run.redundancy import ClusterCut
from neurosieve.run.results import Results
from tests.report.example import LAYERS, NEURONS, UNITS, example_results

THRESHOLD = 0.3
CONSTANTS = [6 * UNITS + unit for unit in (127, 223, 319)]
VARYING = np.setdiff1d(np.arange(NEURONS), CONSTANTS)
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e"


def distances() -> NDArray[np.float64]:
    """1 - |r| of neurons that share 300 factors, more with their own layer: condensed."""
    rng = np.random.default_rng(3)
    factor = rng.integers(0, 300, NEURONS)
    loads = rng.uniform(0.2, 0.99, NEURONS) * rng.choice([-1, 1], NEURONS)
    common = rng.normal(size=(300, 400))
    values = loads[:, None] * common[factor] + np.sqrt(1 - loads[:, None] ** 2) * rng.normal(size=(NEURONS, 400))
    r = np.corrcoef(values[VARYING])
    return (1 - np.abs(r))[np.triu_indices(len(VARYING), 1)]


def merged() -> NDArray[np.float64]:
    """SciPy's linkage with heights of six digits, as the record has them."""
    found = linkage(distances(), "average")
    found[:, 2] = np.maximum.accumulate(np.ceil(found[:, 2] * 1e6) / 1e6)
    return found


def groups_at(links: NDArray[np.float64], threshold: float) -> list[list[int]]:
    """Columns of the clusters of two or more at a cut, by SciPy, the largest first."""
    labels = fcluster(links, threshold, "distance")
    groups: dict[int, list[int]] = {}
    for column, label in zip(VARYING.tolist(), labels.tolist(), strict=True):
        groups.setdefault(label, []).append(column)
    return sorted((one for one in groups.values() if len(one) > 1), key=lambda one: (-len(one), one[0]))


def small_atlas(results: Results, links: NDArray[np.float64]) -> Atlas:
    ids = np.concatenate([VARYING, np.arange(NEURONS, NEURONS + len(links))])
    found = [cluster(number, columns) for number, columns in enumerate(groups_at(links, THRESHOLD), start=1)]
    return Atlas(
        schema_version=SCHEMA_VERSION,
        layers=LAYERS,
        units=UNITS,
        rows="words",
        text=results.general.text,
        count=results.general.words,
        constants=CONSTANTS,
        threshold=THRESHOLD,
        merges=Merges(
            left=ids[links[:, 0].astype(int)].tolist(),
            right=ids[links[:, 1].astype(int)].tolist(),
            height=links[:, 2].tolist(),
        ),
        found=found,
        seen=[seen(one) for one in found[:12]],
    )


def cluster(number: int, columns: list[int]) -> ClusterFound:
    members = [(column // UNITS, column % UNITS) for column in columns]
    return ClusterFound(
        number=number,
        representative=members[0],
        members=members,
        r=[1.0, *[round((-1) ** n * (0.95 - 0.01 * n), 3) for n in range(len(members) - 1)]],
        per_layer=np.bincount([layer for layer, _ in members], minlength=LAYERS).tolist(),
        radius=round(0.1 + 0.01 * (number % 17), 4),
        mean_r=0.8,
        explained=round(0.9 - 0.01 * (number % 23), 4),
        explained_variance=0.8,
    )


def seen(one: ClusterFound) -> ClusterSeen:
    words = ["between", "the", f"peak{one.number}", "of", HOSTILE if one.number == 1 else "words", "here"]
    at = [
        WordSeen(text=word, left=["just"], right=["now"], sentence=3, position=n, deviations=6.5 - n)
        for n, word in enumerate(words[:3])
    ]
    low = [word.model_copy(update={"deviations": -word.deviations}) for word in at]
    types = [TypeSeen(text=f"type{one.number}", count=12, deviations=2.25)]
    shown = one.members[:8]
    values = [[round(3.1 - 0.7 * n - 0.3 * row, 2) for n in range(len(words))] for row in range(len(shown))]
    heats = [Heat(sentence=3 + n, words=words, deviations=values) for n in range(2)]
    told = ClusterWords(cluster=one.number, highest=at, lowest=low, highest_types=types, lowest_types=types)
    return ClusterSeen(cluster=one.number, members=shown, words=told, heats=heats)


def cut_at(cut: ClusterCut, links: NDArray[np.float64]) -> ClusterCut:
    larger = groups_at(links, cut.threshold)
    alone = NEURONS - sum(map(len, larger))
    sizes = {"singletons": alone, "clusters": alone + len(larger), "largest_cluster": max(map(len, larger), default=1)}
    return cut.model_copy(update=sizes)


def small_results(links: NDArray[np.float64]) -> Results:
    found = example_results()
    general = found.general
    plain = np.array(general.cka)
    debiased = np.where(np.eye(len(plain)) > 0, 1, plain - 0.0175)
    sides = {
        "values": debiased.tolist(),
        "low": (debiased - 0.011).tolist(),
        "high": np.minimum(debiased + 0.012, 1).tolist(),
    }
    changed = {
        "cka_debiased": general.cka_debiased.model_copy(update=sides),
        "cuts": [cut_at(cut, links) for cut in general.cuts],
    }
    return found.model_copy(update={"general": general.model_copy(update=changed)})
