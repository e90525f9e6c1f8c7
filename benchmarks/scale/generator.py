"""Activations whose clusters are as hard as a real model's, at sizes for which no real model is at hand.

Every unit is a stream through the layers, as in a residual network: a layer keeps a share of it and adds something
new. What is new has a part in common with all units and layers (many weak factors), and it repeats a part of what
another unit gets: the units form a tree, and the nearer to the root, the larger the part.

* the streams give the large |r|: one unit in neighbouring layers;
* the factors give the small |r| of all other pairs;
* the tree gives the large components: at c_t a component holds the units whose part is at least 1 − c_t, and these
  are the top of the tree, as parts fall with the distance from the root. That is the same share of N at any N.

`recipes.py` says what MiniLM has, and `agreement.py` prints how near this comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How columns are correlated.

    Attributes:
        kept: mean of atanh ρ, and its deviations over units and over the layers of a unit; ρ is how far a unit is
            correlated with itself one layer before.
        factors: how many factors all units share.
        spectrum: the k-th factor's deviation is k^-spectrum of the first one's.
        common: mean and deviation, over units, of the logit of the factors' share of the variance of what is new.
        tree: pairs (share, part): that share of the units repeats at least that part of its parent; shares ascend from
            0 to 1, parts descend, and between the pairs run straight lines.
    """

    kept: tuple[float, float, float]
    factors: int
    spectrum: float
    common: tuple[float, float]
    tree: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class _Generation:
    """The units of a tree at one distance from the root, with the parent of each and the part repeated (n × 1)."""

    units: IntArray
    parents: IntArray
    part: Float32


def generate(recipe: Recipe, layers: int, units: int, rows: int, seed: int = 0) -> Float32:
    """Standardised columns (rows × layers·units), each of mean 0 and mean square 1; a column is contiguous.

    Costs 2·rows·N·factors operations and a normal number for every value; beside the result it holds three layers. The
    same arguments give the same numbers on one machine.
    """
    first, *others = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(layers + 1))
    tree = _tree(recipe, units, first)
    unit_effect, common = first.standard_normal(units), _logistic(first.normal(*recipe.common, units))
    factors = _normal((recipe.factors, rows), first)
    stream, rho = np.zeros((units, rows), dtype=np.float32), np.zeros(units)
    out = np.empty((layers * units, rows), dtype=np.float32)
    mean, over_units, over_layers = recipe.kept
    for layer, draw in enumerate(others):
        new = _new(recipe, factors, common, draw)
        _repeat(new, tree)
        stream = _blend(stream, new, rho, out=stream)
        _standardise(stream, out=out[layer * units : (layer + 1) * units])
        rho = np.tanh(mean + over_units * unit_effect + over_layers * draw.standard_normal(units)).clip(0.0)
    return out.T


def _tree(recipe: Recipe, units: int, draw: np.random.Generator) -> list[_Generation]:
    """A random recursive tree: a unit's parent is any of those before it in a random order of the units."""
    place = np.arange(units)
    part = np.interp((place + 0.5) / units, *np.array(recipe.tree).T)
    parent = (draw.random(units) * place).astype(np.int64)
    distance = np.zeros(units, dtype=np.int64)
    for unit in place[1:]:
        distance[unit] = distance[parent[unit]] + 1
    unit_at = draw.permutation(units)
    generations = (np.flatnonzero(distance == d) for d in range(1, int(distance.max()) + 1))
    return [_Generation(unit_at[g], unit_at[parent[g]], part[g, None].astype(np.float32)) for g in generations]


def _new(recipe: Recipe, factors: Float32, common: FloatArray, draw: np.random.Generator) -> Float32:
    """What a layer adds before it is repeated along the tree: (units × rows), of variance about 1."""
    deviation = np.arange(1, recipe.factors + 1, dtype=np.float32) ** -recipe.spectrum
    loadings = _normal((len(common), recipe.factors), draw) * deviation
    loadings *= np.sqrt(common)[:, None] / np.linalg.norm(loadings, axis=1, keepdims=True)
    new = _normal((len(common), factors.shape[1]), draw)
    new *= np.sqrt(1.0 - common)[:, None].astype(np.float32)
    new += loadings.astype(np.float32) @ factors
    return new


def _repeat(new: Float32, tree: list[_Generation]) -> None:
    """Blend what each unit gets with what its parent gets, from the root on, in place."""
    for g in tree:
        new[g.units] = g.part * new[g.parents] + np.sqrt(1.0 - g.part**2) * new[g.units]


def _blend(old: Float32, new: Float32, rho: FloatArray, out: Float32) -> Float32:
    """ρ·old + √(1 − ρ²)·new, a ρ for each row; ``new`` is used up."""
    old_share = rho[:, None].astype(np.float32)
    new *= np.sqrt(1.0 - old_share**2)
    np.multiply(old, old_share, out=out)
    out += new
    return out


def _standardise(stream: Float32, out: Float32) -> None:
    np.subtract(stream, stream.mean(axis=1, keepdims=True), out=out)
    out /= np.sqrt(np.einsum("ij,ij->i", out, out) / out.shape[1])[:, None]


def _normal(shape: tuple[int, ...], draw: np.random.Generator) -> Float32:
    return draw.standard_normal(shape, dtype=np.float32)


def _logistic(values: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-values))
