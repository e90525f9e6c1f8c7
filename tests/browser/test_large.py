"""The page of a model with ten thousand neurons: all of its merges are in it, and the slider still answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster

from neurosieve.report import write_report
from neurosieve.run.atlas.records import SCHEMA_VERSION, Atlas, Merges
from tests.browser.conftest import Browsed
from tests.browser.test_clusters import slide, told
from tests.report.example import example_results

LAYERS, UNITS = 13, 768
NEURONS = LAYERS * UNITS
THRESHOLDS = [0.1, 0.3, 0.5, 0.7, 0.9]


@pytest.fixture(scope="module")
def tree() -> NDArray[np.float64]:
    """Any two clusters merge next, at heights that rise to 1: a linkage as SciPy writes it."""
    rng = np.random.default_rng(0)
    heights = np.sort(rng.integers(1, 1_000_000, NEURONS - 1)) / 1e6
    active, sizes = list(range(NEURONS)), dict.fromkeys(range(NEURONS), 1)
    rows = []
    for new, height in enumerate(heights.tolist(), start=NEURONS):
        pair = []
        for _ in range(2):
            place = int(rng.integers(len(active)))
            active[place], active[-1] = active[-1], active[place]
            pair.append(active.pop())
        sizes[new] = sizes.pop(pair[0]) + sizes.pop(pair[1])
        active.append(new)
        rows.append((*pair, height, sizes[new]))
    return np.array(rows, np.float64)


@pytest.fixture(scope="module")
def page(
    tree: NDArray[np.float64], opened: Callable[..., Browsed], tmp_path_factory: pytest.TempPathFactory
) -> Browsed:
    folder = tmp_path_factory.mktemp("ten-thousand")
    found = example_results()
    model = found.model.model_copy(update={"layers": LAYERS, "units": UNITS, "neurons": NEURONS})
    cka = 0.9 ** np.abs(np.subtract.outer(np.arange(LAYERS), np.arange(LAYERS)))
    counts = {one: counted(tree, one) for one in THRESHOLDS}
    cuts = [
        found.general.cuts[0].model_copy(
            update={"threshold": one, "clusters": counts[one][0], "singletons": counts[one][1]}
        )
        for one in THRESHOLDS
    ]
    general = found.general.model_copy(
        update={"cka": cka.tolist(), "cka_debiased": None, "audit": [], "constants": [], "cuts": cuts}
    )
    left, right = tree[:, :2].astype(int).T
    Atlas(
        schema_version=SCHEMA_VERSION,
        layers=LAYERS,
        units=UNITS,
        rows="words",
        text=general.text,
        count=general.words,
        constants=[],
        threshold=0.3,
        merges=Merges(left=left.tolist(), right=right.tolist(), height=tree[:, 2].tolist()),
        found=[],
    ).save(folder / "atlas.json")
    changed = {"model": model, "general": general, "tasks": {}, "compact": None}
    return opened(write_report(found.model_copy(update=changed), folder))


def counted(tree: NDArray[np.float64], threshold: float) -> tuple[int, int, int, int]:
    """Clusters, single neurons, larger clusters, and the largest one's neurons, by SciPy."""
    sizes = np.bincount(fcluster(tree, threshold, "distance"))[1:]
    return len(sizes), int((sizes == 1).sum()), int((sizes > 1).sum()), int(sizes.max())


def test_all_merges_fit_into_the_page(page: Browsed) -> None:
    assert Path(page.own.removeprefix("file://")).stat().st_size < 3_000_000
    assert page.complaints == []
    assert page.asked == []


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.61, 0.95])
def test_the_slider_cuts_them_where_scipy_does(threshold: float, page: Browsed, tree: NDArray[np.float64]) -> None:
    slide(page, threshold)
    clusters, alone, larger, largest = counted(tree, threshold)
    assert told(page) == [clusters, NEURONS, alone, larger, largest]
