"""How long the machine would need at the least: matrix products at their measured rate, bytes at the triad's."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.harness.machine_names import key
from benchmarks.harness.rounds import Compared


@dataclass(frozen=True)
class Limit:
    """The physical limit of a side's work.

    Attributes:
        seconds: the larger of the time for the products and the time for the bytes.
        flops: what the worker counted, or None.
        rate: operations a second of the case's shapes, each weighted by its own operations.
    """

    seconds: float
    flops: float | None
    rate: float | None


def limit_of(found: Compared, side: str) -> Limit | None:
    """The limit of one side, by the better of the rates before and after; None where it counted nothing."""
    runs = found.runs[side]
    work = runs[0].work if runs else {}
    flops, moved = work.get("flops"), work.get("bytes")
    rate = _rate(found, work.get("precision", "float32")) if flops else None
    traffic = found.rate("triad_bytes_per_second")
    times = [flops / rate if flops and rate else 0.0, moved / traffic if moved and traffic else 0.0]
    return Limit(max(times), flops, rate) if max(times) > 0 else None


def _rate(found: Compared, precision: str) -> float | None:
    """The rate of all shapes one after the other."""
    operations, seconds = 0.0, 0.0
    for m, k, n in found.case.shapes:
        rate = found.rate(key((m, k, n), precision))
        if rate is None:
            return None
        operations, seconds = operations + 2.0 * m * k * n, seconds + 2.0 * m * k * n / rate
    return operations / seconds if seconds else None
