"""``python -m benchmarks.inputs.correlation LAYERS UNITS ROWS FOLDER``: correlations of neurons, for clustering.

Writes the condensed distances 1 − |r| float32 as ``condensed.npy``, and at the end ``merges.npy``, SciPy's average
linkage of them in float64: what every side's partition is checked against.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import linkage

from benchmarks.scale.generator import generate
from benchmarks.scale.recipes import MINILM


def condensed_of(r: np.ndarray) -> np.ndarray:
    """1 − |r| of all pairs, in SciPy's order, without a second square."""
    n = len(r)
    out = np.empty(n * (n - 1) // 2, dtype=np.float32)
    start = 0
    for row in range(n - 1):
        here = out[start : start + n - 1 - row]
        np.abs(r[row, row + 1 :], out=here)
        np.subtract(np.float32(1), here, out=here)
        np.maximum(here, 0, out=here)
        start += n - 1 - row
    return out


def main(layers: str, units: str, rows: str, folder: str) -> None:
    """Write both arrays."""
    out = Path(folder)
    values = generate(MINILM, int(layers), int(units), int(rows))
    values -= values.mean(axis=0)
    values /= np.sqrt(np.einsum("ij,ij->j", values, values))
    r = values.T @ values
    np.fill_diagonal(r, 1.0)
    condensed = condensed_of(r)
    del r, values
    np.save(out / "condensed.npy", condensed)
    partial = out / "partial.npy"
    np.save(partial, linkage(condensed, method="average"))
    partial.replace(out / "merges.npy")


if __name__ == "__main__":
    main(*sys.argv[1:])
