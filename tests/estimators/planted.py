"""Activations in which a few columns of the first two layers decide, and some columns are copies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LAYERS, UNITS = 3, 8
INFORMATIVE = (0, 3, 9, 12)
COPIES = {5: 0, 20: 9}  # the first is a noisy multiple of the second
CLASSES = np.array(["noun", "particle", "verb"])


class Planted(NamedTuple):
    """Activations (T × N), a class and a number for each row, and the sentence that it is of."""

    X: NDArray[np.float32]
    classes: NDArray[Any]
    numbers: NDArray[np.float64]
    sentences: NDArray[np.int64]


def planted(rows: int = 900, seed: int = 0) -> Planted:
    """The same with the same seed; rows stand in no order of their sentences."""
    draw = np.random.default_rng(seed)
    X = draw.standard_normal((rows, LAYERS * UNITS))
    for copy, of in COPIES.items():
        X[:, copy] = -2 * X[:, of] + 0.02 * X[:, copy]
    teacher = np.random.default_rng(99).standard_normal((len(INFORMATIVE), len(CLASSES) + 1))
    scores = X[:, INFORMATIVE] @ teacher
    noise = draw.standard_normal(rows)
    sentences = draw.permutation(rows) // 5
    return Planted(X.astype(np.float32), CLASSES[scores[:, :3].argmax(1)], scores[:, 3] + 0.1 * noise, sentences)


def informative_or_copy(columns: NDArray[np.int64]) -> bool:
    """Whether every column is one that decides, or a copy of one."""
    return {COPIES.get(column, column) for column in columns.tolist()} <= set(INFORMATIVE)
