"""``python -m benchmarks.inputs.layers OUT ROWS LAYERS UNITS``: activations (rows × layers·units) float32 as .npy.

As in a model, a layer is much like the one before it, directions differ a lot in strength, and some units have a mean
that is large beside their deviation.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

KEPT, SPECTRUM, SHIFTED = 0.8, 0.5, 7  # share kept from layer to layer; how strength falls; every so many units


def layers_of(rows: int, layers: int, units: int, seed: int = 0) -> np.ndarray:
    """(rows × layers·units) float32; the same for the same arguments."""
    draw = np.random.default_rng(seed)
    strength = np.arange(1, units + 1, dtype=np.float32) ** -SPECTRUM
    out = np.empty((rows, layers * units), dtype=np.float32)
    state = np.zeros((rows, units), dtype=np.float32)
    for layer in range(layers):
        rotation = np.linalg.qr(draw.standard_normal((units, units)))[0].astype(np.float32)
        new = (draw.standard_normal((rows, units), dtype=np.float32) * strength) @ rotation
        state = np.float32(KEPT) * state + new
        here = out[:, layer * units : (layer + 1) * units]
        here[:] = state
        here[:, ::SHIFTED] += 10.0
    return out


def main(out: str, rows: str, layers: str, units: str) -> None:
    """Write the array under a temporary name, then rename it."""
    path = Path(out)
    partial = path.with_name("partial.npy")
    np.save(partial, layers_of(int(rows), int(layers), int(units)))
    partial.replace(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
