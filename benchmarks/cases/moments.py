"""The covariance of all neurons in one pass, beside the matrix product that it cannot do without."""

from __future__ import annotations

from benchmarks.harness.case import Case, Check, Settings, Side
from benchmarks.harness.prepare import preparing

ROWS, LAYERS, UNITS = 40_960, 7, 384
BLOCK = 8192  # rows that are multiplied together
ERROR = 1e-5  # of an entry of the covariance, by the deviations of its two columns


def cases(settings: Settings) -> list[Case]:
    """One case on data of MiniLM's shape."""
    rows, layers, units = (2_000, 3, 64) if settings.small else (ROWS, LAYERS, UNITS)
    n = layers * units
    path = settings.folder("moments") / f"activations-{rows}-{n}.npy"
    ours = ("-m", "benchmarks.workers.moments", str(path), str(layers))
    peers = ("-m", "benchmarks.peers.covariance", str(path))
    return [
        Case(
            name="moments",
            what=f"Mean and covariance of {rows:,} rows × {n:,} neurons, float32 in memory.",
            sides=(
                Side(
                    "neurosieve", "ours", ours, "`moments_of`: blocks in float32, sums in float64, half of the square"
                ),
                Side(
                    "torch.mm", "ours", (*peers, "product"), "XᵀX alone, float32, all rows at once: no mean, no float64"
                ),
                Side("numpy.cov", "ours", (*peers, "numpy"), "`numpy.cov` of the rows in float64"),
                Side("numpy.cov float32", "ours", (*peers, "numpy32"), "`numpy.cov(dtype=float32)`"),
            ),
            checks=(Check("error", "at most", value=ERROR),),
            prepare=preparing(path, "benchmarks.inputs.layers", path, rows, layers, units),
            shapes=((n, min(BLOCK, rows), n),),
        )
    ]
