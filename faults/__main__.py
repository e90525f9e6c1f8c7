"""``python -m faults``: disturb real commands at seeded random moments, and see that nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

import faults.small_shards  # noqa: F401 (first; in a process that a command spawns by faults/site)

HERE = Path(__file__).resolve().parent
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(HERE / "site"), str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
)

# Before anything heavy is loaded: what is forked must not have threads.
os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "HF_HUB_OFFLINE")}
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def main(
    rounds: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    seed: Annotated[int, typer.Option(help="Decides jobs, faults and moments.")] = 1,
    again: Annotated[str | None, typer.Option(help="Only the rounds of these numbers, with commas.")] = None,
    only: Annotated[str | None, typer.Option(help="Jobs, with commas; default: all.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to work; default: a temporary folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Injects faults and compares bytes; the exit status is 1 if anything is lost."""
    from faults.child import load_everything
    from faults.inputs import make_inputs
    from faults.jobs import JOBS
    from faults.rounds import Round, play_all
    from faults.telling import as_json as record
    from faults.telling import problems, table

    unknown = set(only.split(",")) - set(JOBS) if only else set()
    if unknown:
        raise typer.BadParameter(f"there is no job {', '.join(sorted(unknown))}; there are {', '.join(JOBS)}")
    jobs = [JOBS[name] for name in only.split(",")] if only else list(JOBS.values())
    root = folder or Path(tempfile.mkdtemp(prefix="faults-"))
    root.mkdir(parents=True, exist_ok=True)

    def tell(one: Round) -> None:
        typer.echo(problems(one), err=True)

    load_everything()
    apart(lambda: make_inputs(root / "inputs"))
    numbers = [int(number) for number in again.split(",")] if again else range(1, rounds + 1)
    found = play_all(numbers, seed, jobs, root.resolve(), tell)
    typer.echo(json.dumps(record(found)) if as_json else table(found))
    if folder is None:
        shutil.rmtree(root)
    raise typer.Exit(0 if all(one.survived for one in found) else 1)


def apart(work: Callable[[], None]) -> None:
    """In a process of its own, so that this one never computes, and has no threads when it forks."""
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("the inputs cannot be made")


if __name__ == "__main__":
    typer.run(main)
