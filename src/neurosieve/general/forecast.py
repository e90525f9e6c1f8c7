"""What clustering at scale will take, in time and memory, and the refusal where that is too much."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Self

from neurosieve.arrays import IntArray
from neurosieve.errors import MemoryLimitError
from neurosieve.general.merging import FLOAT32_ABOVE
from neurosieve.general.similarity import Similarity

# For each value of a tile, at worst, which is where every pair is near: r and |r| 16, whether it is near 1, and its
# pairs 48.
_TILE_BYTES = 65
# SciPy in float64: r twice 12, distances three times 24.
_SMALL_BYTES = 36
# The chain, for the square of a component's columns, as measured on two cores for 10,000 and 20,000 of them. It waits
# for memory, and other machines differ by a factor of two.
_CHAIN_SECONDS = 2e-8


@dataclass(frozen=True)
class TileForecast:
    """The first stage: all tiles of r on and above the diagonal.

    ``rate`` is in operations per second, over the making of r and the search for near pairs. ``bytes`` are those of the
    source and of a tile together, at most.
    """

    columns: int
    rows: int
    tile: int
    flops: float
    rate: float
    seconds: float
    source_bytes: int
    tile_bytes: int
    memory_limit: int | None

    @classmethod
    def of(cls, source: Similarity, tile: int, memory_limit: int | None) -> Self:
        """Everything but the time.

        Raises:
            MemoryLimitError: the source and one tile do not fit.
        """
        n = len(source.columns)
        tile_bytes = _TILE_BYTES * min(tile, n) ** 2
        found = cls(n, source.rows, tile, 0.0, 0.0, 0.0, source.nbytes, tile_bytes, memory_limit)
        if memory_limit is not None and found.bytes > memory_limit:
            needed, limit = size_texts(found.bytes, memory_limit)
            raise MemoryLimitError(
                f"{n:,} columns × {source.rows:,} rows take {size_text(found.source_bytes)}, and a tile of {tile:,} "
                f"columns by as many up to {size_text(tile_bytes)}: {needed} together. The limit is {limit}. Give "
                "fewer rows or a smaller tile, or allow more memory."
            )
        return found

    def at(self, seconds: float, timed: Sequence[tuple[slice, slice]], every: Sequence[tuple[slice, slice]]) -> Self:
        """The time of every tile, from the seconds that some took."""
        share = _values(every) / max(1, _values(timed))
        flops = 2.0 * self.rows * _values(every)
        return replace(self, flops=flops, seconds=seconds * share, rate=flops / max(seconds * share, 1e-9))

    @property
    def bytes(self) -> int:
        """Held at most."""
        return self.source_bytes + self.tile_bytes

    def __str__(self) -> str:
        rate = f"{self.flops:.2g} operations at {self.rate / 1e9:.0f} GFLOP/s"
        made = f"× {self.rows:,} rows, {rate}" if self.rows else "whose r is at hand"
        return f"Tiles: {self.columns:,} columns {made}, {_time(self.seconds)}; {size_text(self.bytes)} at most."


@dataclass(frozen=True)
class ComponentForecast:
    """The second stage: each component by itself.

    ``components`` are those of two columns or more, ``largest`` the columns of the largest, ``condensed_bytes`` its
    distances. ``bytes`` are the most that is held: the source, the largest component's columns and distances, and a
    tile. ``flops`` make r anew inside the components. The clustering itself waits for memory, and how long is known to
    a factor of two.
    """

    components: int
    largest: int
    condensed_bytes: int
    bytes: int
    flops: float
    seconds: float
    memory_limit: int | None

    @classmethod
    def of(cls, source: Similarity, sizes: IntArray, c_t: float, tiles: TileForecast, memory_limit: int | None) -> Self:
        """From how many columns the components have.

        Raises:
            MemoryLimitError: the largest component does not fit.
        """
        many = sizes[sizes > 1].astype(float)
        largest = int(sizes.max(initial=0))
        flops = source.rows * float((many[many > tiles.tile] ** 2).sum() + tiles.tile * many[many <= tiles.tile].sum())
        seconds = flops / max(tiles.rate, 1.0) + _CHAIN_SECONDS * float((many**2).sum())
        distances = 2 * largest * (largest - 1)
        small = _SMALL_BYTES * min(max(largest, tiles.tile), FLOAT32_ABOVE) ** 2
        columns = 4 * max(largest, tiles.tile) * source.rows
        working = columns + max(distances + tiles.tile_bytes, small)
        found = cls(len(many), largest, distances, source.nbytes + working, flops, seconds, memory_limit)
        if memory_limit is not None and found.bytes > memory_limit:
            needed, limit = size_texts(found.bytes, memory_limit)
            raise MemoryLimitError(
                f"The largest component at c_t = {c_t:g} has {largest:,} of {tiles.columns:,} columns. Its distances "
                f"take {size_text(distances)}, which makes {needed} with the source of r and a copy of its columns; "
                f"the limit is {limit}. Lower c_t, or allow more memory."
            )
        return found

    def __str__(self) -> str:
        return (
            f"Components: {self.components:,} of two columns or more, the largest of {self.largest:,}, whose distances "
            f"take {size_text(self.condensed_bytes)}; {_time(self.seconds)}; {size_text(self.bytes)} at most."
        )


def _values(tiles: Sequence[tuple[slice, slice]]) -> int:
    return sum((rows.stop - rows.start) * (columns.stop - columns.start) for rows, columns in tiles)


def size_text(number: int, digits: int = 3) -> str:
    """Bytes as they are said to people: GB, or MB below one, rounded to so many significant digits."""
    rounded = Decimal(number).normalize(Context(prec=digits))
    unit, name = (Decimal(10**9), "GB") if rounded >= 10**9 else (Decimal(10**6), "MB")
    value = rounded / unit
    places = max(0, digits - 1 - value.adjusted()) if value else 0
    return f"{value:,.{places}f} {name}"


def size_texts(needed: int, limit: int) -> tuple[str, str]:
    """What is too much and its limit, with as many digits as it takes to tell them apart; three at least."""
    pairs = ((size_text(needed, digits), size_text(limit, digits)) for digits in itertools.count(3))
    return next((size, most) for size, most in pairs if size != most)


def _time(seconds: float) -> str:
    return f"about {seconds / 60:.1f} min" if seconds >= 90 else f"about {seconds:.2g} s"
