"""``python -m benchmarks.memory``: runs under a grid of limits, each forecast first, then measured in a child."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.harness.measure import ROOT
from benchmarks.memory.compare import Compared, compare, markdown
from benchmarks.memory.watch import watched

LIMITS = ("none", "1.2GB", "900MB", "750MB", "300MB")
CORPUS = ROOT.parent / "shared" / "data" / "conll2000"


def settings_of(command: str, words: int, corpus: Path) -> dict[str, Any]:
    """What is run: chunking on CoNLL-2000 where it is there, else a task that comes with the package."""
    text = {"text": "library-prose", "limit_text_words": words}
    if command == "general":
        return {"model": "minilm", "task": "code-roles"} | text
    if corpus.is_dir():
        return {"model": "minilm", "task": "chunk", "data": str(corpus), "limit_train_words": words}
    return {"model": "minilm", "task": "code-roles", "limit_train_words": words}


def main(
    out: Annotated[Path, typer.Option(help="Folder for runs and results.")] = Path("runs/memory"),
    limit: Annotated[list[str] | None, typer.Option(help="Such as 900MB, or none; may be given again.")] = None,
    command: Annotated[str, typer.Option(help="run, task, general or extract.")] = "run",
    words: Annotated[int, typer.Option(min=500, help="Words of train, or of the text.")] = 20_000,
    data: Annotated[Path, typer.Option(help="Folder with CoNLL-2000.")] = CORPUS,
    test_words: Annotated[int | None, typer.Option(min=500, help="Words of CoNLL-2000's test split; all.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of the runs.")] = 2,
    workers: Annotated[int | None, typer.Option(min=2, help="Processes that share the reading of each run.")] = None,
) -> None:
    """Measure peaks against limits and forecasts; ends with status 1 if a limit is exceeded or a result differs."""
    out = out.resolve()
    if test_words is not None:
        data = shortened(data, out / "data", test_words)
    what = settings_of(command, words, data) | ({} if workers is None else {"workers": workers})
    found = [_one(command, given, what, out, threads) for given in limit or LIMITS]
    (out / "memory.json").write_text(json.dumps([one.record() for one in found], indent=1) + "\n", encoding="utf-8")
    (out / "memory.md").write_text(markdown(found) + "\n", encoding="utf-8")
    typer.echo(markdown(found))
    ran = [one.answer for one in found if one.answer is not None]
    if any(one != ran[0] for one in ran):
        typer.echo("Results depend on the limit.", err=True)
    if any(one.exceeds for one in found) or any(one != ran[0] for one in ran):
        raise typer.Exit(1)


def shortened(data: Path, out: Path, words: int) -> Path:
    """CoNLL-2000 with the first sentences of its test split, of at least so many words."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "train.txt").write_bytes((data / "train.txt").read_bytes())
    kept, count = [], 0
    for line in (data / "test.txt").read_text(encoding="utf-8").splitlines():
        kept.append(line)
        count += bool(line.strip())
        if count >= words and not line.strip():
            break
    (out / "test.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return out


def _one(command: str, limit: str, given: dict[str, Any], out: Path, threads: int) -> Compared:
    """Nothing is in the cache: every stage is measured."""
    folder = out / f"{command}-{limit}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    given = given | {"out": str(folder / "out"), "cache": str(folder / "cache")}
    if limit != "none":
        given["memory"] = limit
    forecast = watched(["forecast", command, json.dumps(given)], threads).said("forecast")
    found = compare(limit, forecast, watched(["run", command, json.dumps(given)], threads))
    shutil.rmtree(folder / "cache", ignore_errors=True)
    typer.echo(found.line(), err=True)
    return found


if __name__ == "__main__":
    typer.run(main)
