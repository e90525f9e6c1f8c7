"""Merges cut in plain Python, with a table of who is joined to whom, against the dendrogram that they come from."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.arrays import ArrayRows, Grid
from neurosieve.general import THRESHOLDS, Dendrogram, cluster
from neurosieve.moments import moments_of
from neurosieve.run.atlas import merges as module
from neurosieve.run.atlas.merges import merges_of, rounded_up
from neurosieve.run.atlas.records import Merges

GRID = Grid(3, 40)


def partition(merges: Merges, n: int, c_t: float) -> set[frozenset[int]]:
    """The clusters of n columns at a threshold, without numpy, SciPy, or the order of the merges."""
    parent = list(range(n))

    def root(column: int) -> int:
        while parent[column] != column:
            column = parent[column]
        return column

    one_of = dict(enumerate(range(n)))  # a column of each cluster
    for k, (left, right, height) in enumerate(zip(merges.left, merges.right, merges.height, strict=True)):
        one_of[n + k] = one_of[left]
        if height <= c_t:
            parent[root(one_of[right])] = root(one_of[left])
    found = defaultdict(set)
    for column in range(n):
        found[root(column)].add(column)
    return {frozenset(members) for members in found.values()}


def cut(dendrogram: Dendrogram, c_t: float) -> set[frozenset[int]]:
    return {frozenset(members.tolist()) for members in dendrogram.cut(c_t).members()}


def related(seed: int, constants: int = 4, rows: int = 300) -> torch.Tensor:
    """Activations (T, L, H): few signals under noise of many sizes, a copy, a negated copy, and constants."""
    generator = np.random.default_rng(seed)
    signals = generator.standard_normal((rows, 12))
    x = signals[:, generator.integers(0, 12, GRID.size)]
    x = x + generator.uniform(0.0, 1.5, GRID.size) * generator.standard_normal(x.shape)
    x[:, 7], x[:, 90] = x[:, 3], -2.0 * x[:, 50]
    x[:, generator.choice(GRID.size, constants, replace=False)] = 0.25
    return torch.from_numpy(x.astype(np.float32)).reshape(rows, GRID.layers, GRID.units)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("constants", [0, 4])
def test_cuts_are_those_of_the_dendrogram(precision: str, constants: int) -> None:
    dendrogram = cluster(moments_of(ArrayRows(related(1, constants))), precision=precision)  # type: ignore[arg-type]
    merges = merges_of(dendrogram, GRID)
    assert merges is not None
    assert len(merges.left) == len(merges.right) == len(merges.height) == GRID.size - 1 - constants
    assert merges.height == sorted(merges.height)
    sizes = set()
    for c_t in (0.0, *THRESHOLDS, 0.123456, 1.0):
        expected = cut(dendrogram, c_t)
        assert partition(merges, GRID.size, c_t) == expected
        sizes.add(len(expected))
    assert len(sizes) > 6, "the cuts differ, or they would tell nothing"
    assert len(partition(merges, GRID.size, 1.0)) == 1 + constants


def test_a_cut_exactly_at_a_height_and_just_below() -> None:
    dendrogram = cluster(moments_of(ArrayRows(related(2))))
    merges = merges_of(dendrogram, GRID)
    assert merges is not None
    for height in merges.height[::9]:
        for c_t in (height, round(height - 1e-6, 6)):
            assert partition(merges, GRID.size, c_t) == cut(dendrogram, c_t)


def test_constants_are_in_no_merge() -> None:
    moments = moments_of(ArrayRows(related(3)))
    merges = merges_of(cluster(moments), GRID)
    assert merges is not None
    still = set(np.flatnonzero(moments.constant.numpy()).tolist())
    assert len(still) == 4
    assert not still & {*merges.left, *merges.right}
    joined = sorted([*merges.left, *merges.right])
    everyone = set(range(GRID.size)) - still | {GRID.size + k for k in range(len(merges.left) - 1)}
    assert joined == sorted(everyone), "everyone but the last is joined once"


@pytest.mark.parametrize("varying", [0, 1, 2])
def test_hardly_anyone_varies(varying: int) -> None:
    x = torch.zeros(20, 1, 3)
    x[:, 0, :varying] = torch.randn(20, varying, generator=torch.Generator().manual_seed(1))
    merges = merges_of(cluster(moments_of(ArrayRows(x))), Grid(1, 3))
    assert merges is not None
    assert len(merges.left) == len(merges.right) == len(merges.height) == max(0, varying - 1)


def test_too_many_neurons_have_no_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    dendrogram = cluster(moments_of(ArrayRows(related(1))))
    monkeypatch.setattr(module, "MOST_NEURONS", GRID.size)
    assert merges_of(dendrogram, GRID) is not None
    monkeypatch.setattr(module, "MOST_NEURONS", GRID.size - 1)
    assert merges_of(dendrogram, GRID) is None


@given(place=st.integers(0, 10**6), off=st.sampled_from([0.0, 1e-17, 1e-12, 3e-7, 4.999e-7, 5e-7, 9.99e-7]))
@settings(max_examples=300)
def test_rounding_never_changes_a_cut_of_six_digits(place: int, off: float) -> None:
    height = place / 10**6 + off
    found = float(rounded_up(np.array([height]))[0])
    assert found == float(f"{found:.6f}")
    assert 0 <= found - height < 1e-6
    for c_t in (float(f"0.{place:06d}") if place < 10**6 else 1.0, (place + 1) / 10**6, max(0, place - 1) / 10**6):
        assert (height <= c_t) == (found <= c_t)
