"""``python -m benchmarks.soak``: extraction, general redundancy and prediction of long text, and how memory grows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.harness.measure import ROOT, surroundings
from benchmarks.soak.growth import Growth, growth
from benchmarks.soak.text import batches, compact_model, small_model, write_text
from benchmarks.worker import resident_bytes

# A word that is kept as a Python string takes 50 bytes at the least: a job that keeps what it has read would show.
BOUND = 50.0  # bytes for each word more that the upper end of the interval may not exceed
PREDICT = "from neurosieve.cli import main; main()"

Looks = list[tuple[int, int]]


def main(
    words: Annotated[int, typer.Option(min=20_000, help="How many words are read.")] = 2_000_000,
    out: Annotated[Path, typer.Option(help="Folder for text, activations and results.")] = Path("runs/soak"),
    model: Annotated[str, typer.Option(help="A model, or `small`: two blocks of 32 units, made here.")] = "small",
    only: Annotated[list[str] | None, typer.Option(help="extract, general or predict; may be given again.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of every process.")] = 2,
) -> None:
    """Read long text and look at the memory; ends with status 1 if it may grow by more than 50 bytes a word."""
    out = out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    name = str(small_model(out / "model")) if model == "small" else model
    text = out / "text.txt"
    write_text(text, words)
    given = {"model": name, "task": "code-roles", "text": str(text), "out": str(out / "out"), "intervals": False}
    given |= {"cache": str(out / "cache"), "device": "cpu"}
    jobs = {
        "extract": lambda: _job("extract", given, threads),
        "general": lambda: _job("general", given, threads),
        "predict": lambda: {"held": _predict(compact_model(name, out / "compact"), words, threads)},
    }
    found = {f"{job}, {what}": growth(looks) for job in only or jobs for what, looks in jobs[job]().items() if looks}
    per_word = _corpus(given, threads)
    shutil.rmtree(out / "cache", ignore_errors=True)
    record = {"per_word": per_word, "growth": {job: asdict(one) for job, one in found.items()}}
    (out / "soak.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    typer.echo(markdown(found, per_word))
    if any(one.exceeds(BOUND) for one in found.values()):
        raise typer.Exit(1)


def markdown(found: dict[str, Growth], per_word: dict[str, float]) -> str:
    """A table of the jobs, and what a word takes where a corpus is held."""
    lines = ["| job | words | MB after warming up | MB at the end | bytes a word more | 95 % interval |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    for job, one in found.items():
        ends = f"{one.start / 1e6:,.1f} | {one.end / 1e6:,.1f}"
        lines.append(f"| {job} | {one.words:,} | {ends} | {one.slope:.2f} | {one.low:.2f} to {one.high:.2f} |")
    lines += [
        "",
        f"A word of the corpus takes {per_word['text']:.0f} bytes in memory, its plan {per_word['plan']:.0f}.",
    ]
    return "\n".join(lines)


def _job(job: str, given: dict[str, Any], threads: int) -> dict[str, Looks]:
    """A job's first count of words, beside what it held then and what of that was in use."""
    lines = [line for line in _lines(job, given, threads) if "done" in line]
    again = (i for i in range(1, len(lines)) if lines[i]["done"] < lines[i - 1]["done"])  # where another count begins
    first = lines[: next(again, len(lines))]
    return {
        what: [(line["done"], line[name]) for line in first if line.get(name) is not None]
        for what, name in (("held", "held"), ("in use", "used"))
    }


def _corpus(given: dict[str, Any], threads: int) -> dict[str, float]:
    """Bytes that a word takes in memory, as text and as pieces."""
    (facts,) = (line for line in _lines("corpus", given, threads) if "words" in line)
    return {part: facts[part] / facts["words"] for part in ("text", "plan")}


def _lines(what: str, given: dict[str, Any], threads: int) -> Iterator[dict[str, Any]]:
    """What a child says, line by line.

    Raises:
        CalledProcessError: it ended with an error.
    """
    command = [sys.executable, "-m", "benchmarks.soak.child", what, json.dumps(given)]
    with subprocess.Popen(command, cwd=ROOT, env=surroundings(threads), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("{"):
                yield json.loads(line)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _predict(folder: Path, words: int, threads: int) -> Looks:
    """`neurosieve predict` at the end of a pipe that never stops."""
    command = [sys.executable, "-c", PREDICT, "predict", str(folder), "--split", "space"]
    looks: Looks = []
    with subprocess.Popen(
        command, cwd=ROOT, env=surroundings(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        feeder = threading.Thread(target=_feed, args=(process, words), daemon=True)
        feeder.start()
        done = 0
        for line in process.stdout or ():
            done += bool(line.strip())
            if done % 500 == 0 and (held := resident_bytes(process.pid)) is not None:
                looks.append((done, held))
        feeder.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return looks


def _feed(process: subprocess.Popen[str], words: int) -> None:
    if process.stdin is None:
        return
    with process.stdin as pipe:
        for group in batches(words):
            pipe.write("\n".join(group) + "\n")


if __name__ == "__main__":
    typer.run(main)
