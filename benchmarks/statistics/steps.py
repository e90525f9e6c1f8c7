"""How often a sieve whose three steps are all decided on dev ends at a set that is not within the overall tolerance.

Prefixes of layers, thresholds within each prefix, and sizes within each threshold, whose true scores are known; every
branch ends in sets that lie just outside. Layers and thresholds are chosen by fixed sequences against their own third
of the tolerance. With halves they are chosen on every second sentence, and the sizes tested on the others, as
`neurosieve.sieve` does where non-inferiority is asked; without, all three steps look at all sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.statistics.bounds import skewed_bounds
from benchmarks.statistics.outcome import Outcome, at_most
from benchmarks.statistics.text import FloatArray, Text

BATCH = 50
LEVEL = 0.05
LOSS = 0.03
OWN = LOSS / 3  # of the first two steps
IntArray = NDArray[np.int64]

# What each step loses of the tolerance; sizes go from what clustering left to the border and stay just outside.
PREFIXES = [0.0, 0.05, 0.1, 0.2, 0.35]
THRESHOLDS = [0.0, 0.05, 0.15, 0.3]
SIZES = [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]  # of what is left of it
SETTINGS = [(200, 20, 0.9), (200, 20, 0.96), (600, 20, 0.96)]


@dataclass(frozen=True)
class Branches:
    """Places of the predictors: the oracle is 0. ``lost`` (K,) is what each loses, as a share of the tolerance.

    ``prefixes`` (P,), ``sets`` (P × C) what clustering leaves, ``sizes`` (P × C × Z), the first as ``sets``.
    """

    lost: FloatArray
    prefixes: IntArray
    sets: IntArray
    sizes: IntArray


def branches() -> Branches:
    """Every prefix, every threshold in it, and every size in that; neighbours stand side by side."""
    lost = [0.0]

    def place(share: float) -> int:
        lost.append(share)
        return len(lost) - 1

    prefixes, sets, sizes = [], [], []
    for prefix in PREFIXES:
        prefixes.append(place(prefix))
        for threshold in THRESHOLDS:
            base = min(prefix + threshold, 0.95)
            sets.append(place(base))
            sizes.append([sets[-1], *(place(base + size * (1.0 - base)) for size in SIZES[1:])])
    shape = (len(PREFIXES), len(THRESHOLDS))
    return Branches(
        np.array(lost), np.array(prefixes), np.array(sets).reshape(shape), np.array(sizes).reshape(*shape, len(SIZES))
    )


def false_positives(simulations: int, seed: int) -> Iterator[Outcome]:
    """Rates with halves, which must keep the level, and on one dev for all steps."""
    high, tree = at_most(LEVEL, simulations), branches()
    for place, (sentences, words, accuracy) in enumerate(SETTINGS):
        generator = np.random.default_rng([seed, 5, place])
        wrong: dict[str, list[NDArray[np.bool_]]] = {"halves of dev": [], "one dev for all steps": []}
        for done in range(0, simulations, BATCH):
            hits, there = _drawn(Text(sentences, words), accuracy, tree, min(BATCH, simulations - done), generator)
            even = np.arange(sentences) % 2 == 0
            wrong["halves of dev"].append(outside(hits, there, tree, even, ~even))
            every = np.ones(sentences, dtype=bool)
            wrong["one dev for all steps"].append(outside(hits, there, tree, every, every))
        for name, parts in wrong.items():
            share = float(np.concatenate(parts).mean())
            limit = high if name == "halves of dev" else None
            setting = f"{sentences} sentences × {words}, accuracy {accuracy}, three steps"
            yield Outcome("false non-inferiority, 5 %", setting, name, simulations, share, high=limit)


def _drawn(
    text: Text, accuracy: float, tree: Branches, texts: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    drawn = [text.drawn(generator, list(accuracy * (1.0 - LOSS * tree.lost))) for _ in range(texts)]
    return np.stack([hits for hits, _ in drawn], axis=1), np.stack([length for _, length in drawn], axis=1)


def outside(
    hits: FloatArray, there: FloatArray, tree: Branches, chooses: NDArray[np.bool_], tests: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) whether a set is claimed that is outside; hits (S × n × K), words (S × n), sentences that do either."""
    texts = np.arange(hits.shape[1])
    first, words = hits[chooses], there[chooses]
    layer = _last(skewed_bounds(first[:, :, tree.prefixes] - (1.0 - OWN) * first[:, :, :1], words, 1.0 - LEVEL))
    layer = np.maximum(layer, 0)  # the first prefix stands for all layers
    before = first[:, texts, tree.prefixes[layer]]
    candidates = np.take_along_axis(first, tree.sets[layer][None], axis=2)
    own = skewed_bounds(candidates - (1.0 - OWN) * before[:, :, None], words, 1.0 - LEVEL)
    overall = skewed_bounds(candidates - (1.0 - LOSS) * first[:, :, :1], words, 1.0 - LEVEL)
    cut = np.maximum(_last(np.minimum(own, overall)), 0)
    sizes = tree.sizes[layer, cut]
    last = np.take_along_axis(hits[tests], sizes[None], axis=2)
    size = _last(skewed_bounds(last - (1.0 - LOSS) * hits[tests][:, :, :1], there[tests], 1.0 - LEVEL))
    claimed: NDArray[np.bool_] = (size >= 0) & (tree.lost[sizes[texts, size]] >= 1.0 - 1e-9)
    return claimed


def _last(bounds: FloatArray) -> IntArray:
    """(n,) the last candidate before the first that fails; -1 where that is the first."""
    return np.logical_and.accumulate(bounds > 0.0, axis=1).sum(axis=1) - 1
