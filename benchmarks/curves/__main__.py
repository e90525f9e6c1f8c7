"""``python -m benchmarks.curves``: each point in a process of its own, then the exponents."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.curves.fit import Drawn, Point
from benchmarks.curves.points import CURVES, FILE, SMALL_FILE, Size, quick
from benchmarks.curves.write import draw, markdown, write_csv
from benchmarks.harness.case import Side
from benchmarks.harness.measure import ROOT, run_side, surroundings


class _Points:
    """Points by stage and size, each measured once; ``points.json`` in the folder keeps them."""

    def __init__(self, folder: Path, data: Path, threads: int) -> None:
        self._folder, self._data, self._threads = folder, data, threads
        self._kept = folder / "points.json"
        self._found: dict[str, Point] = {}
        if self._kept.exists():
            self._found = {key: Point(**point) for key, point in json.loads(self._kept.read_text()).items()}

    def __call__(self, stage: str, size: Size) -> Point:
        key = " ".join((stage, *size.arguments()))
        if key not in self._found:
            argv = ("-m", "benchmarks.curves.stages", stage, str(self._data), *size.arguments())
            log = self._folder / "logs" / f"{key.replace(' ', '-')}.log"
            side = Side("neurosieve", "ours", argv, stage)
            measured = run_side(side, {"ours": Path(sys.executable)}, self._threads, log)
            self._found[key] = Point(measured.seconds, measured.peak_above_bytes)
            typer.echo(f"{key}: {measured.seconds:.2f} s (process: {measured.wall_seconds:.1f} s)", err=True)
            self._kept.write_text(json.dumps({name: vars(point) for name, point in self._found.items()}, indent=1))
        return self._found[key]


def main(
    out: Annotated[
        Path, typer.Option(help="Folder for the results; points that it has are not measured again.")
    ] = Path("runs/curves"),
    only: Annotated[list[str] | None, typer.Option(help="A stage; may be given again.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of every process.")] = 2,
    toy: Annotated[bool, typer.Option("--quick", help="Two toy points a curve, to see that it works.")] = False,
) -> None:
    """Measure the curves; write points.csv, curves.svg and curves.md. About ten minutes and 3 GB on the disk."""
    curves = [curve for curve in (quick(CURVES) if toy else CURVES) if not only or curve.stage in only]
    if not curves:
        raise typer.BadParameter(f"There are {', '.join(sorted({c.stage for c in CURVES}))}.", param_hint="--only")
    out = out.resolve() / ("quick" if toy else "full")
    out.mkdir(parents=True, exist_ok=True)
    points = _Points(out, _file(out, SMALL_FILE if toy else FILE, threads), threads)
    drawn = [Drawn(curve, tuple(points(curve.stage, size) for size in curve.sizes)) for curve in curves]
    write_csv(drawn, out / "points.csv")
    draw(drawn, out / "curves.svg")
    (out / "curves.md").write_text(markdown(drawn) + "\n", encoding="utf-8")
    typer.echo(markdown(drawn))


def _file(folder: Path, size: Size, threads: int) -> Path:
    """The activations that all points read; made once."""
    path = folder / f"activations-{size.rows}-{size.layers}-{size.units}.npy"
    if not path.exists():
        shape = (str(size.rows), str(size.layers), str(size.units))
        command = (sys.executable, "-m", "benchmarks.curves.data", str(path), *shape)
        subprocess.run(command, check=True, cwd=ROOT, env=surroundings(threads))
    return path


if __name__ == "__main__":
    typer.run(main)
