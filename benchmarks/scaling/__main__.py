"""``python -m benchmarks.scaling``: teams of several kinds and sizes on one corpus, in turn, round after round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from benchmarks.harness.measure import ROOT

STAGES = ("extraction", "moments", "probes")
KINDS = ("processes", "torchrun", "ray")


def main(
    data: Annotated[Path, typer.Option(help="Folder of CoNLL-2000.")],
    out: Annotated[Path, typer.Option(help="Folder for caches and results.")] = Path("runs/scaling"),
    words: Annotated[int, typer.Option(min=1000, help="Training words.")] = 80_000,
    workers: Annotated[int, typer.Option(min=2, help="To compare with one.")] = 2,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    kinds: Annotated[list[str] | None, typer.Option("--kind", help=f"{', '.join(KINDS)}; may be given again.")] = None,
) -> None:
    """One thread for each worker. Ends with 1 if any team leaves other bytes than one process alone."""
    sides = [("alone", 1), *((kind, workers) for kind in kinds or KINDS)]
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind, _ in sides}
    for number in range(rounds):
        for kind, size in sides[number % len(sides) :] + sides[: number % len(sides)]:
            cache = out.resolve() / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir(parents=True)
            found[kind].append(_run(kind, size, data.resolve(), cache, words))
            typer.echo(f"round {number + 1}, {kind}: {found[kind][-1]['seconds']}", err=True)
    shutil.rmtree(out.resolve() / "cache", ignore_errors=True)
    (out / "scaling.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    typer.echo(table(found, workers))
    if other := differing(found):
        typer.echo(f"Other bytes than one process leaves: {', '.join(other)}.", err=True)
        raise typer.Exit(1)


def _run(kind: str, size: int, data: Path, cache: Path, words: int) -> dict[str, Any]:
    given = {"task": "chunk", "data": str(data), "limit_train_words": words, "threads": 1, "device": "cpu"}
    given |= {"out": str(cache / "out"), "cache": str(cache)}
    ways: dict[str, dict[str, Any]] = {
        "alone": {},
        "processes": {"workers": size},
        "torchrun": {"ranks": True},
        "ray": {"workers": size, "ray_address": "local"},
    }
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={size}"] if kind == "torchrun" else []
    command = [sys.executable, *launcher, "-m", "benchmarks.scaling.child", json.dumps(given | ways[kind])]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def differing(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Stages whose bytes differ from those of one process, by team."""
    expected = found["alone"][0]["sha256"]
    pairs = [(kind, stage) for kind, rounds in found.items() for one in rounds for stage in STAGES
             if one["sha256"][stage] != expected[stage]]  # fmt: skip
    return sorted({f"{kind}: {stage}" for kind, stage in pairs})


def table(found: dict[str, list[dict[str, Any]]], workers: int) -> str:
    """Median seconds, and the efficiency: how much faster than one worker, of ``workers`` times."""
    lines = ["| | " + " | ".join(f"{stage}, s | efficiency" for stage in STAGES) + " | bytes |"]
    lines += ["|---|" + "---:|" * (2 * len(STAGES)) + "---|"]
    alone = {stage: [one["seconds"][stage] for one in found["alone"]] for stage in STAGES}
    for kind, rounds in found.items():
        cells = []
        for stage in STAGES:
            seconds = [one["seconds"][stage] for one in rounds]
            shares = sorted(a / b / workers for a, b in zip(alone[stage], seconds, strict=True))
            spread = f"{median(shares):.0%} [{shares[0]:.0%}, {shares[-1]:.0%}]" if kind != "alone" else ""
            cells += [f"{median(seconds):.2f}", spread]
        same = "the same" if not any(kind == one.split(":")[0] for one in differing(found)) else "OTHER"
        name = "one process" if kind == "alone" else f"{kind}, {workers}"
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {same if kind != 'alone' else ''} |")
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
