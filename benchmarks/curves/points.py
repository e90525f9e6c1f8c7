"""What is measured: each curve varies one size and leaves the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Size:
    """Of one point: ``rows`` are words in all splits, ``depth`` the neurons that forward selection takes."""

    rows: int = 10_000
    layers: int = 7
    units: int = 384
    classes: int = 20
    depth: int = 256

    @property
    def neurons(self) -> int:
        """N."""
        return self.layers * self.units

    def arguments(self) -> tuple[str, ...]:
        """For `stages.main`."""
        return tuple(str(value) for value in (self.rows, self.layers, self.units, self.classes, self.depth))


@dataclass(frozen=True)
class Curve:
    """One stage against one size: ``against`` is "words", "neurons", "classes", "layers" or "depth"."""

    stage: str
    against: str
    sizes: tuple[Size, ...]

    @property
    def name(self) -> str:
        """For logs and tables."""
        return f"{self.stage} against {self.against}"

    def value(self, size: Size) -> int:
        """Where a point lies on the axis."""
        return int(getattr(size, "rows" if self.against == "words" else self.against))


BASE = Size()
FILE = Size(rows=50_000, layers=13, units=768)
SMALL_FILE = Size(rows=2_000, layers=4, units=64)

_WORDS = tuple(replace(BASE, rows=rows) for rows in (6_000, 12_000, 25_000, 50_000))
_NEURONS = tuple(
    replace(BASE, layers=layers, units=units) for layers, units in ((7, 192), (7, 384), (13, 384), (13, 768))
)
_CLASSES = tuple(replace(BASE, classes=classes) for classes in (5, 20, 75, 300))
_LAYERS = tuple(replace(BASE, layers=layers) for layers in (2, 4, 7, 13))
_DEPTH = tuple(replace(BASE, depth=depth) for depth in (64, 128, 256, 512, 1024))
_WHOLE = tuple(replace(size, rows=50_000) for size in _NEURONS)

CURVES = (
    Curve("moments", "words", _WORDS),
    Curve("moments", "neurons", _NEURONS),
    Curve("clusters", "neurons", _NEURONS),
    Curve("components", "neurons", _NEURONS),
    Curve("oracle", "words", _WORDS),
    Curve("oracle", "neurons", _NEURONS),
    Curve("oracle", "classes", _CLASSES),
    Curve("layers", "words", _WORDS),
    Curve("layers", "layers", _LAYERS),
    Curve("layers", "classes", _CLASSES),
    Curve("forward", "depth", _DEPTH),
    Curve("forward", "neurons", _NEURONS),
    Curve("screening", "words", _WORDS),
    Curve("screening", "neurons", _NEURONS),
    Curve("whole", "neurons", _WHOLE),
)


def quick(curves: Sequence[Curve]) -> list[Curve]:
    """The same curves with two toy points each: they only show that it works."""
    return [replace(curve, sizes=tuple(_toy(curve, step) for step in (1, 2))) for curve in curves]


def _toy(curve: Curve, step: int) -> Size:
    toy = Size(rows=1_000, layers=2, units=32, classes=4, depth=16)
    name = {"words": "rows", "neurons": "units"}.get(curve.against, curve.against)
    return replace(toy, **{name: step * getattr(toy, name)})
