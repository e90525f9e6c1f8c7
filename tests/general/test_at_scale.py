from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.errors import ActivationsError, MemoryLimitError
from neurosieve.general import (
    ComponentForecast,
    StandardisedColumns,
    TileForecast,
    cluster,
    cut_at_scale,
    cut_by_components,
    forecast_tiles,
    similarity_of,
)
from neurosieve.general.chain import Linkage
from neurosieve.general.components import component_labels
from neurosieve.general.merging import MARGIN
from neurosieve.moments import moments_of
from tests.general.planted import THRESHOLDS, correlation, partition, planted

seeds = st.integers(0, 10_000)
linkages = st.sampled_from(["average", "complete"])


def standardised(values: NDArray[np.float64]) -> StandardisedColumns:
    return StandardisedColumns.of(torch.from_numpy(values.T.astype(np.float32)).contiguous())


@settings(max_examples=25, deadline=None)
@given(seeds, linkages, st.booleans(), st.integers(1, 60), st.sampled_from(THRESHOLDS))
def test_activations_in_tiles_give_the_dendrograms_partition(
    seed: int, linkage: Linkage, signed: bool, tile: int, c_t: float
) -> None:
    values = planted(seed)
    values[:, ::9] = 3.0  # constants
    dendrogram = cluster(moments_of(ArrayRows(values)), linkage=linkage, signed=signed)
    cut = cut_at_scale(standardised(values), c_t, linkage=linkage, signed=signed, tile=tile)
    if not (np.abs(dendrogram.merges[:, 2] - c_t) <= 2 * MARGIN).any():
        assert cut.near == 0
        assert np.array_equal(cut.clusters.labels, dendrogram.cut(c_t).labels)
    assert cut.clusters.threshold == c_t
    assert cut.clusters.signed is signed
    assert cut.component_sizes.sum() == values.shape[1]


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(1, 60), st.sampled_from(THRESHOLDS), st.booleans())
def test_components_are_those_of_the_graph(seed: int, tile: int, c_t: float, signed: bool) -> None:
    r = correlation(planted(seed))
    near = (r if signed else np.abs(r)) >= 1 - c_t - MARGIN
    reached = near
    while not np.array_equal(further := (reached.astype(float) @ reached) > 0, reached):
        reached = further
    labels = component_labels(similarity_of(r), c_t, signed, tile)
    assert np.array_equal(labels, reached.argmax(axis=1))


@settings(max_examples=20, deadline=None)
@given(seeds, linkages, st.sampled_from(THRESHOLDS), st.integers(5, 60))
def test_large_components_in_float32_give_the_same(seed: int, linkage: Linkage, c_t: float, tile: int) -> None:
    moments = moments_of(ArrayRows(planted(seed)))
    dendrogram = cluster(moments, linkage=linkage)
    if (np.abs(dendrogram.merges[:, 2] - c_t) <= MARGIN).any():
        return
    expected = dendrogram.cut(c_t).labels
    cut = cut_by_components(moments, c_t, linkage=linkage, precision="float32", tile=tile)
    assert np.array_equal(cut.labels, expected)
    assert np.array_equal(cluster(moments, linkage=linkage, precision="float32").cut(c_t).labels, expected)


def test_many_neurons_are_clustered_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = moments_of(ArrayRows(planted(5)))
    exact = cluster(moments).merges
    monkeypatch.setattr("neurosieve.general.merging.FLOAT32_ABOVE", 39)
    rounded = cluster(moments).merges
    assert not np.array_equal(rounded, exact)
    np.testing.assert_allclose(rounded, exact, atol=1e-6)
    assert np.array_equal(cluster(moments, precision="float64").merges, exact)
    part = moments.select(np.arange(39))
    assert np.array_equal(cluster(part).merges, cluster(part, precision="float64").merges)


def test_a_height_at_the_cut_is_counted() -> None:
    r = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert cut_at_scale(similarity_of(r), 0.5).near == 1
    assert cut_at_scale(similarity_of(r), 0.5 - 2e-6).clusters.n_clusters == 3
    assert cut_at_scale(similarity_of(r), 0.5 - 2e-6).near == 1
    assert cut_at_scale(similarity_of(r), 0.4).near == 0
    together = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    assert cut_at_scale(similarity_of(together), 0.5).near == 2


def test_forecasts_come_first_and_progress_ends_with_all() -> None:
    said: list[object] = []
    source = standardised(planted(0))
    cut = cut_at_scale(source, 0.5, tell=said.append, progress=lambda *step: said.append(step), tile=16)
    steps = [step for step in said if isinstance(step, tuple)]
    stages = [type(one) if not isinstance(one, tuple) else one[0] for one in said]
    assert stages[:2] == [TileForecast, "tiles"]
    assert stages.index(ComponentForecast) == stages.index("components") - 1
    assert steps[:6] == [("tiles", done, 6) for done in range(1, 7)]
    clustered = int(cut.component_sizes[cut.component_sizes > 1].sum())
    assert steps[-1] == ("components", clustered, clustered)
    assert cut.tiles.flops == 2 * 80 * (3 * 16 * 16 + 2 * 16 * 8 + 8 * 8)  # 40 columns in tiles of 16
    assert cut.tiles.source_bytes == 4 * 40 * 80
    assert "40 columns × 80 rows" in str(said[0])
    assert f"the largest of {cut.component_sizes[0]}" in str(cut.components)
    assert cut.components.condensed_bytes == 2 * cut.component_sizes[0] * (cut.component_sizes[0] - 1)


def test_what_does_not_fit_is_refused_with_the_figure() -> None:
    values = np.random.default_rng(0).normal(size=(30, 1)) + 0.1 * np.random.default_rng(1).normal(size=(30, 400))
    source = standardised(values)
    told: list[object] = []
    with pytest.raises(MemoryLimitError, match=r"take 0\.0480 MB, and a tile of 10 .* to 0\.00650 MB: 0\.0545 MB tog"):
        forecast_tiles(source, 0.5, memory_limit=50_000, tile=10)
    with pytest.raises(MemoryLimitError, match=r"0\.05450 MB together\. The limit is 0\.05449 MB\. Give fewer rows"):
        forecast_tiles(source, 0.5, memory_limit=54_490, tile=10)
    with pytest.raises(MemoryLimitError) as refused:
        cut_at_scale(source, 0.5, memory_limit=300_000, tile=10, tell=told.append)
    assert "at c_t = 0.5 has 400 of 400 columns" in str(refused.value)
    assert "distances take 0.319 MB, which makes 5.86 MB with" in str(refused.value)
    assert "the limit is 0.300 MB. Lower c_t, or allow more memory." in str(refused.value)
    assert [type(one) for one in told] == [TileForecast]
    cut = cut_at_scale(source, 0.5, tile=10)
    assert cut_at_scale(source, 0.5, tile=10, memory_limit=cut.components.bytes).clusters.n_clusters == 1


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_columns(n: int) -> None:
    values = np.random.default_rng(0).normal(size=(10, 1)) + np.zeros((10, n))
    cut = cut_at_scale(standardised(values), 0.5)
    assert cut.clusters.labels.tolist() == [0] * n
    assert cut.component_sizes.tolist() == [n] * (n > 0)


def test_standardised_columns_come_from_rows_of_any_blocks() -> None:
    values = planted(2).astype(np.float32).reshape(80, 4, 10)
    values[:, 1, 3] = 1.0
    read: list[tuple[int, int]] = []
    source = StandardisedColumns.from_rows(
        ArrayRows(values, block_rows=7), progress=lambda done, total: read.append((done, total))
    )
    assert read == [(min(done, 80), 80) for done in range(7, 87, 7)]
    deviations = values.reshape(80, 40).std(axis=0, dtype=np.float64)
    np.testing.assert_allclose(source.lengths.numpy(), deviations * np.sqrt(80), rtol=1e-6, atol=1e-6)
    assert source.rows == 80
    assert np.flatnonzero(source.constant).tolist() == [13]
    assert torch.equal(source.values[13], torch.zeros(80))
    expected = moments_of(ArrayRows(values)).correlation().numpy()
    r = source.tile(slice(0, 40), slice(0, 40)).numpy()
    np.fill_diagonal(r, 1.0)
    np.testing.assert_allclose(r, expected, atol=2e-6)
    part = source.select(np.array([7, 3]))
    assert part.columns.tolist() == [7, 3]
    assert torch.equal(part.lengths, source.lengths[[7, 3]])
    assert part.tile(slice(0, 1), slice(1, 2)).item() == pytest.approx(expected[7, 3], abs=2e-6)


def test_moments_and_their_matrix_have_the_same_tiles() -> None:
    moments = moments_of(ArrayRows(planted(4)))
    r = moments.correlation().numpy()
    np.fill_diagonal(r, 0.0)
    chosen = np.array([3, 4, 5, 9, 8, 30])
    for source in (similarity_of(moments), similarity_of(moments.correlation())):
        whole = source.tile(slice(0, 40), slice(0, 40)).numpy().copy()
        np.fill_diagonal(whole, 0.0)
        assert np.array_equal(whole, r)
        part = source.select(chosen)
        found = part.tile(slice(0, 3), slice(3, 6)).numpy()
        assert np.array_equal(found, r[np.ix_(chosen[:3], chosen[3:])])
        assert np.array_equal(part.select(np.array([5])).columns, [30])


def test_r_that_is_not_to_be_written_to_is_read() -> None:
    r = correlation(planted(0))
    r.flags.writeable = False
    assert np.array_equal(cut_by_components(r, 0.5).labels, cluster(r).cut(0.5).labels)


def test_what_cannot_be_standardised_is_refused() -> None:
    with pytest.raises(ActivationsError, match=r"in float32, not as \(3, 4\) in torch.float64"):
        StandardisedColumns.of(torch.zeros(3, 4, dtype=torch.float64))
    with pytest.raises(ActivationsError, match=r"3 neurons came with a grid of 2 × 2"):
        StandardisedColumns.of(torch.zeros(3, 4), Grid(2, 2))
    values = torch.randn(3, 4)
    values[1, 2] = torch.nan
    with pytest.raises(ActivationsError, match="Neuron 1 has a value that is not finite"):
        StandardisedColumns.of(values)


def test_a_similarity_has_its_own_constants() -> None:
    source = standardised(planted(0))
    with pytest.raises(ActivationsError, match="knows its constants and columns"):
        cluster(source, constant=np.zeros(40, dtype=bool))
    assert len(cluster(source).merges) == 39
    assert partition(cluster(source).cut(0.5).labels) == partition(cut_at_scale(source, 0.5).clusters.labels)
