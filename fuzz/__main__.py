"""``python -m fuzz``: fuzz readers for some seconds each, and say what was found."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from fuzz.made import make
from fuzz.rounds import Ran, fuzzed, versions
from fuzz.target import judged
from fuzz.targets import NAMES, load
from fuzz.telling import kinds_in, put_into, table

SUMMARY = "summary.json"


def main(
    target: Annotated[list[str] | None, typer.Option(help="A reader; may be given again.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every reader.")] = False,
    seconds: Annotated[int, typer.Option(min=1, help="In all; the readers share them evenly.")] = 60,
    out: Annotated[Path, typer.Option(help="Folder for inputs, findings, logs and the summary.")] = Path("runs/fuzz"),
    memory: Annotated[int, typer.Option(min=512, help="Megabytes that a process may hold.")] = 3000,
    replay: Annotated[bool, typer.Option("--replay", help="Read what OUT has kept once, without atheris.")] = False,
    told: Annotated[bool, typer.Option("--told", help="Tell what OUT/summary.json says; fuzz nothing.")] = False,
    docs: Annotated[Path | None, typer.Option(help="A document to put the table into, between its marks.")] = None,
    list_targets: Annotated[bool, typer.Option("--list", help="Name the readers and stop.")] = False,
) -> None:
    """Fuzz; the exit status is 1 if a reader did what it may not do."""
    if list_targets:
        typer.echo("\n".join(f"{name:22}{load(name).what}" for name in NAMES))
        return
    names = list(NAMES) if every else target or []
    unknown = sorted(set(names) - set(NAMES))
    if unknown or not (names or told):
        said = f"There is no reader {unknown[0]!r}; see --list." if unknown else "Name a --target, or --all."
        raise typer.BadParameter(said)
    if replay:
        raise typer.Exit(_replayed(names, make(out / "made"), out))
    summary = json.loads((out / SUMMARY).read_text(encoding="utf-8")) if told else _fuzzed(names, seconds, out, memory)
    ran = [Ran(**one) for one in summary["targets"]]
    kinds = kinds_in(out / "findings", [one.name for one in ran])
    text = table(ran, kinds, summary["versions"])
    typer.echo(text)
    if docs is not None:
        put_into(docs, text)
    if any(kinds.values()):
        raise typer.Exit(1)


def _fuzzed(names: list[str], seconds: int, out: Path, memory: int) -> dict[str, Any]:
    """Each target in turn; the summary is written after each."""
    made, ran = make(out / "made"), []
    for name in names:
        ran.append(fuzzed(name, made, out, seconds / len(names), memory))
        typer.echo(_line(ran[-1]), err=True)
        summary = {"seconds": seconds, "versions": versions(), "targets": [one.to_dict() for one in ran]}
        (out / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def _line(one: Ran) -> str:
    found = f"{len(one.findings)} findings, first {one.findings[0]}" if one.findings else "nothing found"
    return (
        f"{one.name}: {one.executions:,} inputs in {one.seconds:.0f} s, {one.edges_before} → {one.edges} edges; {found}"
    )


def _replayed(names: list[str], made: Path, out: Path) -> int:
    """Every kept input once more; 1 if one of them is a finding."""
    status = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "input"
            place.mkdir()
            one = load(name)(made, place)
            paths = sorted([*(out / "corpus" / name).glob("*"), *(out / "findings").glob(f"{name}-*.input")])
            found = {finding.kind for path in paths if (finding := judged(one, path.read_bytes()).finding)}
        typer.echo(f"{name}: {len(paths):,} inputs; {', '.join(sorted(found)) or 'nothing found'}")
        status |= bool(found)
    return status


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    typer.run(main)
