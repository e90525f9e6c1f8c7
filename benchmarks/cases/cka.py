"""How alike layers are: linear CKA of all pairs, the biased estimator on both sides."""

from __future__ import annotations

from benchmarks.harness.case import Case, Check, Settings, Side
from benchmarks.harness.prepare import preparing

ROWS, LAYERS, UNITS = 4_000, 7, 384


def cases(settings: Settings) -> list[Case]:
    """One case; ckatorch holds rows × rows, so the rows are few."""
    rows, layers, units = (300, 3, 32) if settings.small else (ROWS, LAYERS, UNITS)
    path = settings.folder("cka") / f"activations-{rows}-{layers * units}.npy"
    arguments = (str(path), str(layers))
    how = "`cka_base`, linear kernel, Frobenius norms (its default), each pair of layers once"
    return [
        Case(
            name="cka",
            what=f"Linear CKA of {layers} layers × {units} units over {rows:,} rows, in memory.",
            sides=(
                Side("neurosieve", "ours", ("-m", "benchmarks.workers.cka", *arguments), "`moments_of`, then `cka`"),
                Side("ckatorch", "peers", ("-m", "benchmarks.peers.cka", *arguments), how),
            ),
            checks=(*(Check(name, tolerance=1e-4) for name in ("mean", "first_last", "neighbours")),),
            prepare=preparing(path, "benchmarks.inputs.layers", path, rows, layers, units),
            shapes=((layers * units, rows, layers * units),),
        )
    ]
