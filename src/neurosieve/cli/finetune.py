"""`neurosieve finetune`: a model for a task on texts, before it is analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.completing import task_names
from neurosieve.cli.given import SETTING, misuse
from neurosieve.cli.groups import Files, takes
from neurosieve.cli.options import Device, Json, Metric, Model, Out, ProtocolChoice, Seed
from neurosieve.cli.outcome import what_next
from neurosieve.cli.progress import progress_bars
from neurosieve.terminal import wrapped

if TYPE_CHECKING:
    from neurosieve.run.facts import FineTuning
    from neurosieve.run.finetuning.settings import FineTuneSettings

TaskName = Annotated[
    str,
    typer.Option(
        autocompletion=task_names,
        help="`sst2`, `mrpc`, `mnli`, `qnli`, `qqp`, `rte`, `stsb`, `cola`; the built-in `docstring-match`, "
        "`function-complexity`; a TOML file; or a name of yours with --columns.",
    ),
]
DevOfProtocol = Annotated[
    ProtocolChoice,
    typer.Option(
        "--protocol",
        help="The protocol of the analysis that follows (`paper` for `neurosieve paper`): its dev part of train is not "
        "trained on.",
    ),
]


@takes(Files)
def finetune(
    out: Out,
    task: TaskName,
    model: Model = "minilm",
    metric: Metric = None,
    limit_train_rows: Annotated[
        int | None, typer.Option(min=1, help="A seeded sample of so many training texts; stated in every result.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often each text is learnt.")] = 3,
    learning_rate: Annotated[float, typer.Option(help="At the start; it falls to 0 in a line.")] = 5e-5,
    batch: Annotated[int, typer.Option(min=1, help="Texts in a batch.")] = 8,
    length: Annotated[int, typer.Option(min=1, help="Pieces of a text; what is longer is cut.")] = 128,
    protocol: DevOfProtocol = ProtocolChoice.default,
    device: Device = "auto",
    seed: Seed = 7361,
    as_json: Json = False,
    **shared: Any,
) -> None:
    """Fine-tune a whole model for a task on texts; the folder that it leaves is a model for the other commands.

    Interrupted, the same command goes on where it stopped. Give the analysis the same --seed.

    Example: `neurosieve finetune --task sst2 --data glue --limit-train-rows 16000 --out runs/ft/minilm/sst2`

    Then: `neurosieve run --model runs/ft/minilm/sst2 --task sst2 --data glue --out runs/sst2`
    """
    reading = {SETTING.get(name, name): value for name, value in shared.items()}
    settings = _settings(
        {"task": task, "metric": metric} | reading,
        model=model,
        out=out,
        limit_train_rows=limit_train_rows,
        epochs=epochs,
        learning_rate=learning_rate,
        batch=batch,
        length=length,
        protocol=protocol.value,
        device=device,
        seed=seed,
    )
    with progress_bars() as progress:
        from neurosieve.run.finetuning.folder import read_record
        from neurosieve.run.finetuning.work import finetune as work

        before = read_record(out)
        record = work(settings, progress=progress)
    if as_json:
        typer.echo(record.model_dump_json())
        return

    for line in _in_words(record, again=before is not None):
        typer.echo("\n".join(wrapped(line)))
    typer.echo(f"\nModel: {out}")
    data = () if shared["data"] is None else ("--data", shared["data"])
    what_next(("run", "--model", out, "--task", task, *data, "--seed", seed, "--out", f"{out}-run"))


def _settings(task: dict[str, Any], **given: Any) -> FineTuneSettings:
    """Checked settings; what is wrong with them is wrong use."""
    from pydantic import ValidationError

    from neurosieve.run.finetuning.settings import FineTuneSettings
    from neurosieve.run.settings import TaskSettings

    try:
        return FineTuneSettings(task=TaskSettings(**task), **given)
    except ValidationError as error:
        raise misuse(error) from None


def _in_words(record: FineTuning, *, again: bool) -> tuple[str, str]:
    done = "Already fine-tuned" if again else f"Fine-tuned in {record.seconds:,.0f} s"
    low, high = record.dev.interval or (record.dev.value, record.dev.value)
    return (
        f"{done}: {record.base} for {record.task}, on {record.rows:,} of {record.rows_available:,} training texts, "
        f"{record.steps:,} steps.",
        f"On dev ({record.dev.n:,} texts, not trained on): {record.metric.replace('_', ' ')} {record.dev.value:.3f} "
        f"[{low:.3f}, {high:.3f}].",
    )
