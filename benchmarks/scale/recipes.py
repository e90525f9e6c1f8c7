"""What MiniLM's activations have, and the recipes that come near it.

``python -m benchmarks.scale.agreement --data DATA/conll2000/test.txt`` measures `MINILM_STRUCTURE` and prints it beside
what the recipes give.
"""

from __future__ import annotations

from benchmarks.scale.generator import Recipe
from benchmarks.scale.structure import Structure

# Every 11th of CoNLL-2000's 47,377 test words, 4,096 rows as the generated data have; 3 of 2,688 units are constant.
MINILM_STRUCTURE = Structure(
    columns=2685,
    quantiles=(0.0076, 0.0194, 0.0414, 0.0721, 0.1065, 0.1307, 0.1896),
    nearest=(0.942, 0.848, 0.728),
    largest=(6, 13, 35, 52, 115, 236, 1079),
    components=(2088, 1496, 1127, 789, 552, 403, 221),
)

_SHARED = {"kept": (1.13, 0.46, 0.26), "factors": 115, "spectrum": 0.3, "common": (0.1, 0.75)}
_TOP = ((0.0, 0.97), (0.001, 0.9), (0.005, 0.8), (0.018, 0.7))

MINILM = Recipe(
    **_SHARED,
    tree=(*_TOP, (0.025, 0.6), (0.038, 0.5), (0.055, 0.4), (0.1, 0.3), (0.5, 0.2), (1.0, 0.05)),
)

# Harder than MiniLM: at c_t = 0.5 the largest component holds 28 to 30 % of the columns, not 4 %.
GIANT = Recipe(
    **_SHARED,
    tree=(*_TOP, (0.03, 0.6), (0.32, 0.53), (0.36, 0.4), (0.42, 0.3), (0.6, 0.2), (1.0, 0.05)),
)

RECIPES = {"minilm": MINILM, "giant": GIANT}
