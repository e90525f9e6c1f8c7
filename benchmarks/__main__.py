"""``python -m benchmarks``: run the cases side by side and write tables."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.harness.case import Settings
from benchmarks.harness.find import all_cases, chosen
from benchmarks.harness.rounds import Compared, compare, say_on_stderr
from benchmarks.harness.write import markdown, put_into, read_all, write_all


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that holds conll2000 and others.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for results, logs and shared input.")] = Path("runs/bench"),
    only: Annotated[list[str] | None, typer.Option(help="A case; may be given again.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each side runs.")] = 3,
    threads: Annotated[int, typer.Option(min=1, help="Of every side.")] = 2,
    peers: Annotated[Path, typer.Option(help="The Python of the peers' environment.")] = Path(".venv-peers/bin/python"),
    slow: Annotated[bool, typer.Option("--slow", help="Slow cases too.")] = False,
    small: Annotated[bool, typer.Option("--small", help="Toy sizes, to see that it works.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Peers that take many minutes run in every round.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep what OUT holds of cases that are not run now.")] = False,
    docs: Annotated[Path | None, typer.Option(help="A document to put the tables into, between their marks.")] = None,
    list_cases: Annotated[bool, typer.Option("--list", help="Name the cases and stop.")] = False,
) -> None:
    """Run neurosieve and its peers in turn; the exit status is 1 if a side fails or a bound is broken."""
    here = data.resolve() if data is not None and data.is_dir() else None
    settings = Settings(here, out, rounds, threads, small, again)
    cases = all_cases(settings)
    if list_cases:
        typer.echo("\n".join(f"{case.name:24}{case.what}" for case in cases))
        return
    try:
        wanted, left_out = chosen(cases, only or [], here is not None, slow)
        kept = {one.case.name: one for one in read_all(out)} if keep else {}
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    out.mkdir(parents=True, exist_ok=True)
    interpreters = _interpreters(peers)
    for name, why in left_out.items():
        say_on_stderr(f"{name} is left out: {why}")
    facts = {"rounds": rounds, "threads": threads, "small": small}
    for case in wanted:
        kept[case.name] = compare(case, settings, interpreters, say_on_stderr)
        found = _in_order(kept, [case.name for case in cases])
        write_all(found, left_out, facts, out)
    found = _in_order(kept, [case.name for case in cases])
    tables = markdown(found, left_out, facts)
    typer.echo(tables)
    if docs is not None:
        put_into(docs, tables)
    if any(one.broken or one.failed for one in found):
        raise typer.Exit(1)


def _interpreters(peers: Path) -> dict[str, Path]:
    """Ours, and the peers' where there is one. Not resolved: a virtual environment is known by its link."""
    found = {"ours": Path(sys.executable)}
    if peers.exists():
        found["peers"] = peers.absolute()
    else:
        say_on_stderr(f"The peers are left out: there is no {peers}; `make bench` sets it up.")
    return found


def _in_order(found: dict[str, Compared], names: list[str]) -> list[Compared]:
    return [found[name] for name in names if name in found]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exception, so that a running side ends as well
    typer.run(main)
