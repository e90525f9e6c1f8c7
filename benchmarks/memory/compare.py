"""A forecast beside what was measured, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.memory.watch import Watched

LOW, HIGH = 0.9, 1.4  # of the measured peak: where a forecast should lie
FACTOR = 2.0  # between forecast seconds and measured ones
SHORT = 1.0  # seconds; of shorter stages the clock says little


@dataclass(frozen=True)
class Row:
    """One stage: seconds and peak bytes, forecast and measured."""

    name: str
    forecast_seconds: float
    seconds: float
    forecast_peak: int
    peak: int

    @property
    def memory_ratio(self) -> float:
        """Forecast by measured."""
        return self.forecast_peak / max(1, self.peak)

    @property
    def time_ratio(self) -> float:
        """Forecast by measured."""
        return self.forecast_seconds / max(1e-9, self.seconds)


@dataclass(frozen=True)
class Compared:
    """One run. ``limit_bytes`` is None where none was given; ``refused`` says why it did not begin."""

    limit: str
    limit_bytes: int | None
    rows: tuple[Row, ...]
    forecast_peak: int
    peak: int
    planned: str
    refused: str | None
    answer: Any

    @property
    def exceeds(self) -> bool:
        """Whether more was held than allowed; a run that was refused held nothing that matters."""
        return self.refused is None and self.limit_bytes is not None and self.peak > self.limit_bytes

    @property
    def seconds(self) -> tuple[float, float]:
        """Of all stages that were forecast before the work began: forecast and measured."""
        return sum(row.forecast_seconds for row in self.rows), sum(row.seconds for row in self.rows)

    def line(self) -> str:
        """For the terminal."""
        if self.refused is not None:
            return f"{self.limit}: refused. {self.refused}"
        forecast, measured = self.seconds
        return (
            f"{self.limit}: peak {self.peak / 1e6:,.0f} MB (forecast {self.forecast_peak / 1e6:,.0f}), "
            f"{measured:.0f} s (forecast {forecast:.0f})"
        )

    def record(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self) | {"exceeds": self.exceeds}


def compare(limit: str, forecast: dict[str, Any], run: Watched) -> Compared:
    """Stages by name."""
    measured = {stage.name: stage for stage in run.stages}
    rows = tuple(
        Row(one["name"], one["seconds"], measured[one["name"]].seconds, one["peak_bytes"], measured[one["name"]].peak)
        for one in forecast["stages"]
        if one["name"] in measured and one["note"] != "done"
    )
    return Compared(
        limit=limit,
        limit_bytes=forecast["limit_bytes"] if forecast["limit_given"] else None,
        rows=rows,
        forecast_peak=forecast["peak_bytes"],
        peak=run.peak,
        planned=run.said("note") or "",
        refused=run.said("refused"),
        answer=run.said("answer"),
    )


def markdown(found: Sequence[Compared]) -> str:
    """A table of the limits, and one of the stages for each."""
    lines = [
        "| limit | peak, MB | forecast, MB | ratio | seconds | forecast, s | kept |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    lines += map(_limit, found)
    for one in found:
        if one.refused is None:
            lines += ["", f"Limit {one.limit}. {one.planned}".rstrip(), ""]
            lines += [
                "| stage | peak, MB | forecast, MB | ratio | seconds | forecast, s |",
                "|---|--:|--:|--:|--:|--:|",
            ]
            lines += map(_stage, one.rows)
            inside = sum(LOW <= row.memory_ratio <= HIGH for row in one.rows)
            long = [row for row in one.rows if row.seconds >= SHORT]
            near = sum(1 / FACTOR <= row.time_ratio <= FACTOR for row in long)
            lines += [
                "",
                f"Memory within −10 and +40 %: {inside} of {len(one.rows)} stages. Time within a factor of two: ",
            ]
            lines[-1] += f"{near} of {len(long)} stages of a second or more."
    return "\n".join(lines)


def _limit(one: Compared) -> str:
    if one.refused is not None:
        return f"| {one.limit} | – | {one.forecast_peak / 1e6:,.0f} | – | – | – | refused before the work |"
    forecast, measured = one.seconds
    kept = "–" if one.limit_bytes is None else "no" if one.exceeds else "yes"
    ratio = one.forecast_peak / one.peak
    cells = f"{one.peak / 1e6:,.0f} | {one.forecast_peak / 1e6:,.0f} | {ratio:.2f} | {measured:.0f} | {forecast:.0f}"
    return f"| {one.limit} | {cells} | {kept} |"


def _stage(row: Row) -> str:
    cells = f"{row.peak / 1e6:,.0f} | {row.forecast_peak / 1e6:,.0f} | {row.memory_ratio:.2f}"
    return f"| {row.name} | {cells} | {row.seconds:.2f} | {row.forecast_seconds:.2f} |"
