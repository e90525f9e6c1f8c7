"""Clusters of 20,000 and of 135,168 generated neurons at one threshold, by tiles of r never held together."""

from __future__ import annotations

from benchmarks.harness.case import Case, Check, Settings, Side

ROWS, C_T, TILE = 4096, 0.5, 4096
SHAPES = ((13, 1536), (33, 4096))


def cases(settings: Settings) -> list[Case]:
    """One case for each size; the larger one takes minutes and about 8 GB."""
    return [_case(layers, units, settings) for layers, units in SHAPES]


def _case(layers: int, units: int, settings: Settings) -> Case:
    n, (rows, units) = layers * units, (512, 16) if settings.small else (ROWS, units)
    argv = ("-m", "benchmarks.scale.ours", "giant", str(layers), str(units), str(rows), str(C_T))
    return Case(
        name=f"scale-{n}",
        what=f"Clusters of {n:,} generated neurons over {rows:,} words at c_t = {C_T}: same partition as SciPy on a "
        "part of the columns, and refusal where memory does not do.",
        sides=(Side("neurosieve", "ours", argv, "`cut_at_scale` on `StandardisedColumns`"),),
        checks=tuple(Check(score, value=1.0) for score in ("same_whole", "same_again", "refused")),
        slow=n > 100_000,
        shapes=((TILE, rows, TILE),),
    )
