"""``python -m benchmarks.peers.covariance ARRAY HOW``: the covariance as numpy has it, or its matrix product alone."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch

from benchmarks.worker import answer, timed

SAMPLED = 97  # columns whose covariances are computed again in float64


def error_of(covariance: np.ndarray, values: np.ndarray) -> float:
    """The largest error of a covariance (N × N, divided by T or T − 1) on some columns, by their deviations."""
    columns = np.linspace(0, values.shape[1] - 1, SAMPLED).astype(np.int64)
    chosen = values[:, columns].astype(np.float64)
    chosen -= chosen.mean(axis=0)
    expected = chosen.T @ chosen / len(chosen)
    deviation = np.sqrt(expected.diagonal())
    found = covariance[np.ix_(columns, columns)] / np.outer(deviation, deviation)
    # Whoever divides by T - 1 differs by 1 / T at most; that is no error.
    scaled = expected / np.outer(deviation, deviation)
    return float(min(np.abs(found * factor - scaled).max() for factor in (1.0, 1.0 - 1.0 / len(values))))


def product(values: np.ndarray) -> torch.Tensor:
    """XᵀX."""
    rows = torch.from_numpy(values)
    return torch.mm(rows.T, rows)


def main(path: str, how: str) -> None:
    """Time one of the ways."""
    values = np.load(path)
    kinds: dict[str, Any] = {"numpy": np.float64, "numpy32": np.float32}
    with timed() as timer:
        found = product(values) if how == "product" else np.cov(values, rowvar=False, dtype=kinds[how])
    scores = {} if isinstance(found, torch.Tensor) else {"error": error_of(found, values)}
    answer(timer, scores, flops=2.0 * values.shape[0] * values.shape[1] ** 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
