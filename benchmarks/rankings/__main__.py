"""``python -m benchmarks.rankings``: every ranking on every task, and the bounds that the best must keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.rankings.bounds import VARIANTS, bounds_of
from benchmarks.rankings.tasks import Task, tasks_in
from benchmarks.rankings.write import markdown, write_all
from neurosieve.run.rankings.records import RankingStudy
from neurosieve.run.rankings.study import study_rankings
from neurosieve.run.settings import RunSettings
from neurosieve.task_specific import RANKINGS


def main(
    data: Annotated[Path, typer.Option(help="Folder of folders of corpora.", exists=True)] = Path("../shared/data"),
    out: Annotated[Path, typer.Option(help="A folder for each task, and the tables.")] = Path("runs/rankings"),
    task: Annotated[list[str] | None, typer.Option(help="Only this one; may be given again.")] = None,
    ranking: Annotated[list[str] | None, typer.Option(help="Only this one; may be given again.")] = None,
    words: Annotated[int, typer.Option(min=1, help="Training words, or words of texts, before dev is cut.")] = 150_000,
    splits: Annotated[int, typer.Option(min=1, max=10)] = 5,
    model: Annotated[str, typer.Option()] = "minilm",
    cache: Annotated[Path | None, typer.Option(help="Where activations are kept.")] = None,
) -> None:
    """Compare rankings; what is done is kept, task by task and split by split. Status 1 if a bound is not kept."""
    studies: dict[str, RankingStudy] = {}
    bounds = []
    for one in tasks_in(data, tuple(task or ())):
        typer.echo(one.name, err=True)
        settings = _settings(one, data, out, {"limit_train_words": words, "model": model, "cache": cache})
        studies[one.name] = study = study_rankings(settings, rankings=ranking or (), splits=splits)
        if one.judged and set(VARIANTS) <= set(study.rankings):
            bounds += bounds_of(one.name, study, [name for name in RANKINGS if name not in VARIANTS])
        write_all(studies, bounds, out)
    typer.echo(markdown(studies, bounds))
    if not all(bound.kept for bound in bounds):
        raise typer.Exit(1)


def _settings(task: Task, data: Path, out: Path, more: dict[str, object]) -> RunSettings:
    return RunSettings(data=str(data / task.folder), out=out / task.name, **task.settings, **more)  # type: ignore[arg-type]


if __name__ == "__main__":
    typer.run(main)
