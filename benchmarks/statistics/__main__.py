"""``python -m benchmarks.statistics``: simulate, and write a table of what must hold and what does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.statistics import cka, coverage, sequence, stability, steps
from benchmarks.statistics.outcome import Outcome
from benchmarks.statistics.write import markdown, write_all


def simulated(simulations: int, seed: int) -> Iterator[Outcome]:
    """Every figure, one after the other."""
    yield from coverage.coverages(simulations, seed)
    yield from sequence.false_positives(simulations, seed)
    yield from steps.false_positives(simulations, seed)
    yield from stability.coverages(simulations, seed)
    yield from cka.coverages(simulations, seed)


def main(
    out: Annotated[Path, typer.Option(help="Folder for statistics.json and statistics.md.")] = Path("runs/statistics"),
    simulations: Annotated[int, typer.Option(min=1, help="Of every setting.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of all of them.")] = 0,
) -> None:
    """Check the statistical procedures by simulation; the exit status is 1 if a figure is not what it must be."""
    outcomes: list[Outcome] = []
    for one in simulated(simulations, seed):
        outcomes.append(one)
        typer.echo(f"{one.check}; {one.setting}; {one.procedure}: {100 * one.share:.1f} %", err=True)
    write_all(outcomes, {"simulations": simulations, "seed": seed}, out)
    typer.echo(markdown(outcomes))
    if any(one.kept is False for one in outcomes):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
