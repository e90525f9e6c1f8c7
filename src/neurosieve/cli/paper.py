"""`neurosieve paper`: the paper's tables and figures by number."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.completing import exhibit_names
from neurosieve.cli.given import misuse
from neurosieve.cli.groups import Computing, Repeating, takes
from neurosieve.cli.options import (
    Aggregation,
    AggregationChoice,
    FaultChoice,
    Json,
    Out,
    ProtocolChoice,
    ProtocolOption,
)
from neurosieve.cli.outcome import command_line
from neurosieve.cli.progress import progress_bars

if TYPE_CHECKING:
    from neurosieve.paper.settings import PaperSettings

Exhibits = Annotated[
    list[str],
    typer.Argument(
        autocompletion=exhibit_names,
        help="`table1` … `table10`, `figure1` … `figure14`, `pyramid`, `parameters`, `complexity`, `footnote5`, "
        "`finetuning`, or `all`.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="Hub id, local folder or `minilm`, or LABEL=MODEL; several are set side by side. Default `minilm`.",
    ),
]
Finetuned = Annotated[
    list[str] | None,
    typer.Option(
        help="FOLDER, or LABEL=FOLDER, that holds the fine-tuned models of a model, each named after its task."
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(help="Folder of folders of corpora (CoNLL-2000, UD, PMB, GLUE); without it the built-in tasks."),
]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="Only these tasks; default all that are found.")]
TextOption = Annotated[
    Path | None,
    typer.Option(help="Plain text for Figures 1, 3, 6, 12 and 13; default: test sentences of the first task on words."),
]


@takes(Computing, Repeating)
def paper(
    exhibits: Exhibits,
    out: Out,
    model: Models = None,
    finetuned: Finetuned = None,
    data_root: DataRoot = None,
    task: Tasks = None,
    text: TextOption = None,
    limit_train_words: Annotated[
        int | None, typer.Option(min=1, help="Words of train; default 150,000 for labels of words, all else whole.")
    ] = None,
    limit_test_words: Annotated[int | None, typer.Option(min=1, help="Words of each dev and test split.")] = None,
    limit_text_words: Annotated[int | None, typer.Option(min=1, help="Words of --text.")] = None,
    protocol: ProtocolOption = ProtocolChoice.paper,
    tolerance: Annotated[float, typer.Option(help="Loss allowed to the minimal sets.")] = 0.03,
    step_tolerance: Annotated[float, typer.Option(help="Loss allowed to layers, to LS and to CCFS.")] = 0.01,
    threshold: Annotated[float, typer.Option(help="c_t of CCFS; 0 is no clustering.")] = 0.3,
    dev_fraction: Annotated[float, typer.Option(help="Of train, where there is no dev split.")] = 0.1,
    as_published: Annotated[
        list[FaultChoice] | None,
        typer.Option(help="Reproduce a fault of the published code or tables (docs/paper.md)."),
    ] = None,
    cost_rows: Annotated[int, typer.Option(min=1, help="Rows of the classifiers that are timed.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each runtime is measured.")] = 3,
    aggregation: Aggregation = AggregationChoice.last,
    as_json: Json = False,
    **shared: Any,
) -> None:
    """The tables and figures of Dalvi et al. (2020) by number, with the published values beside yours.

    Example: `neurosieve paper table8 --data-root corpora --out runs/paper`

    Two models: `neurosieve paper all --model minilm --model xlnet=models/xlnet --data-root corpora --out runs/paper`
    """
    told: dict[str, Any] = {
        "out": out,
        "text": text,
        "limit_text_words": limit_text_words,
        "limit_test_words": limit_test_words,
        "protocol": protocol.value,
        "tolerance": tolerance,
        "step_tolerance": step_tolerance,
        "threshold": threshold,
        "dev_fraction": dev_fraction,
        "as_published": tuple(fault.value for fault in as_published or ()),
        "cost_rows": cost_rows,
        "rounds": rounds,
        "aggregation": aggregation.value,
    }
    told |= {name: value.value if isinstance(value, StrEnum) else value for name, value in shared.items()}
    settings = _settings(exhibits, model or ["minilm"], finetuned or [], task or [], data_root, limit_train_words, told)
    with progress_bars() as progress:
        from neurosieve.paper.study import study

        found = study(settings, progress=progress, command=command_line())
    from neurosieve.report.paper import write_exhibits

    written = write_exhibits(found, exhibits, out)
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
        return
    for shown in written.texts:
        typer.echo(shown)
    for name, reason in written.skipped.items():
        typer.echo(f"Left out: {name}. {reason}")
    typer.echo(f"\nPage: {written.page}\nNumbers: {out / 'study.json'}")


def _settings(
    exhibits: list[str],
    models: list[str],
    finetuned: list[str],
    tasks: list[str],
    root: Path | None,
    limit: int | None,
    told: dict[str, Any],
) -> PaperSettings:
    """Checked settings; what is wrong with them is wrong use."""
    from pydantic import ValidationError

    from neurosieve.paper.find import tasks_for
    from neurosieve.paper.settings import ModelSettings, PaperSettings

    folders = {}
    for one in finetuned:
        label, sign, folder = one.partition("=")
        folders[label if sign else ModelSettings.of(models[0]).label] = Path(folder if sign else one)
    known = [ModelSettings.of(one, folders) for one in models]
    strangers = sorted(set(folders) - {one.label for one in known})
    if strangers:
        raise typer.BadParameter(f"--finetuned names {strangers[0]!r}, which is no model here.")
    missing = [str(folder) for folder in folders.values() if not folder.is_dir()]
    if missing:
        raise typer.BadParameter(f"--finetuned {missing[0]} is no folder.")
    try:
        named = tuple(known)
        return PaperSettings(models=named, exhibits=tuple(exhibits), tasks=tasks_for(tasks, root, limit), **told)
    except ValidationError as error:
        raise misuse(error) from None
