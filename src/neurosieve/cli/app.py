"""The command line: options in, a library call, files out. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosieve.cli.options import (
    Aggregation,
    AggregationChoice,
    BatchTokens,
    Cache,
    ClusterTolerance,
    Columns,
    Confidence,
    Data,
    Dev,
    Device,
    Dtype,
    DtypeChoice,
    Format,
    Json,
    Label,
    LayerTolerance,
    Limit,
    LongChoice,
    Model,
    NeuronTolerance,
    Out,
    ProtocolChoice,
    ProtocolOption,
    Ranking,
    Reference,
    Remote,
    Representative,
    Seed,
    SplitChoice,
    TaskName,
    Test,
    Threshold,
    Tolerance,
    TooLong,
    Train,
    Window,
)
from neurosieve.cli.progress import progress_bars
from neurosieve.errors import CorpusError, NeurosieveError

if TYPE_CHECKING:
    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings

INTERRUPTED = 130

app = typer.Typer(
    name="neurosieve",
    help="Find what is redundant in a pretrained transformer and keep the small model that is left.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def demo(out: Out = Path("runs/demo"), cache: Cache = None, as_json: Json = False) -> None:
    """The main job on what is bundled: MiniLM, and corpora derived from the Python library.

    Example: `neurosieve demo --out runs/demo`
    """
    settings = _settings(
        model="minilm",
        task="code-roles",
        text="library-prose",
        limit_train_words=60_000,
        out=out,
        cache=cache,
    )
    _run(settings, as_json)


@app.command()
def run(
    out: Out,
    model: Model = "minilm",
    task: TaskName = "pos",
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Annotated[str | None, typer.Option("--format", help=Format.__metadata__[0].help)] = None,
    columns: Columns = None,
    label: Label = None,
    limit_train_words: Limit = None,
    text: Annotated[Path | None, typer.Option(help="Unlabelled text for general redundancy; default: train.")] = None,
    protocol: ProtocolOption = ProtocolChoice.default,
    tolerance: Tolerance = 0.03,
    layer_tolerance: LayerTolerance = None,
    cluster_tolerance: ClusterTolerance = None,
    neuron_tolerance: NeuronTolerance = None,
    reference: Reference = None,
    threshold: Threshold = None,
    representative: Representative = None,
    confidence: Confidence = 0.95,
    ranking: Ranking = None,
    aggregation: Aggregation = AggregationChoice.last,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    seed: Seed = 7361,
    cache: Cache = None,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """Everything for one task: redundancy, layers, neurons, and the compact model that is left.

    Example: `neurosieve run --model minilm --task chunk --data conll2000 --out runs/chunk`
    """
    given = {key: value for key, value in locals().items() if key not in ("as_json", "file_format")}
    given["confidence"] = confidence or None
    _run(_settings(**given, format=file_format), as_json)


@app.command()
def task(
    out: Out,
    model: Model = "minilm",
    task: TaskName = "pos",
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Annotated[str | None, typer.Option("--format", help=Format.__metadata__[0].help)] = None,
    columns: Columns = None,
    label: Label = None,
    limit_train_words: Limit = None,
    protocol: ProtocolOption = ProtocolChoice.default,
    tolerance: Tolerance = 0.03,
    layer_tolerance: LayerTolerance = None,
    aggregation: Aggregation = AggregationChoice.last,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    seed: Seed = 7361,
    cache: Cache = None,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """Which layers and neurons a task needs (Section 6), without sieve and compact model.

    Example: `neurosieve task --task pos --data ud_english_ewt --out runs/ewt`
    """
    given = {key: value for key, value in locals().items() if key not in ("as_json", "file_format")}
    _run(_settings(**given, format=file_format), as_json, compact=False)


@app.command()
def general(
    out: Out,
    text: Annotated[Path, typer.Option(help="Plain text, a sentence a line; `library-prose` is built in.")],
    model: Model = "minilm",
    limit_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences until so many words.")] = None,
    aggregation: Aggregation = AggregationChoice.last,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """How alike the layers are, and which neurons are copies (Section 5): no labels, nothing stored.

    Example: `neurosieve general --model minilm --text library-prose --out runs/general`
    """
    given = {key: value for key, value in locals().items() if key not in ("as_json", "limit_words")}
    settings = _settings(**given, task="code-roles", limit_train_words=limit_words)
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_general

        results = run_general(settings, progress=progress, command=_command())
    _report(results, settings.out, as_json)


@app.command()
def extract(
    out: Out,
    model: Model = "minilm",
    text: Annotated[Path | None, typer.Option(help="Plain text, a sentence a line.")] = None,
    task: TaskName = "pos",
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Annotated[str | None, typer.Option("--format", help=Format.__metadata__[0].help)] = None,
    columns: Columns = None,
    label: Label = None,
    limit_train_words: Limit = None,
    aggregation: Aggregation = AggregationChoice.last,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    seed: Seed = 7361,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """Write the activations of a text or of a task's splits to disk; interrupted, it goes on where it stopped.

    Example: `neurosieve extract --model minilm --text book.txt --out activations`
    """
    given = {key: value for key, value in locals().items() if key not in ("as_json", "file_format", "out")}
    only_text = text is not None
    settings = _settings(
        **given | {"task": "code-roles" if only_text else task}, format=file_format, out=out, cache=out
    )
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_extract

        stores = run_extract(settings, progress=progress)
    found = {
        name: {"folder": str(store.folder), "words": store.n_words, "missing": int(store.missing.sum())}
        for name, store in stores.items()
    }
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, facts in found.items():
            typer.echo(f"{name}: {facts['words']:,} words ({facts['missing']} without a vector) in {facts['folder']}")


@app.command()
def predict(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="Text, a sentence a line; default: standard input.", exists=True, dir_okay=False),
    ] = None,
    split: Annotated[
        SplitChoice, typer.Option(help="Split signs from words, or take words as they stand between blanks.")
    ] = SplitChoice.punctuation,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a sentence, on a line.")] = False,
) -> None:
    """Label the words of a text with a compact model: a word and its label a line, a blank line after each sentence.

    Example: `echo "The cat sat on the mat." | neurosieve predict runs/pos/compact`
    """
    from neurosieve.compact import CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    for prediction in model.stream(_lines(file), splitting=split.value):
        if as_json:
            typer.echo(json.dumps(prediction._asdict(), ensure_ascii=False))
        else:
            pairs = zip(prediction.words, prediction.labels, strict=True)
            typer.echo("\n".join(f"{word}\t{'_' if label is None else label}" for word, label in pairs) + "\n")


def _lines(file: Path | None) -> Iterator[str]:
    """The lines of a file or of standard input that are not blank.

    Raises:
        CorpusError: it is not UTF-8.
    """
    raw = file.open("rb") if file else typer.get_binary_stream("stdin")
    try:
        with io.TextIOWrapper(raw, encoding="utf-8-sig") as text:
            yield from (line.strip() for line in text if line.strip())
    except UnicodeDecodeError as error:
        where = file or "Standard input"
        raise CorpusError(f"{where} is not UTF-8 text ({error.reason}); convert it to UTF-8 first.") from error


@app.command()
def info(
    what: Annotated[str, typer.Argument(help="A run, a compact model, stored activations, or a model.")],
    as_json: Json = False,
) -> None:
    """What a run found, what a compact model keeps, what a store holds, or what a model is.

    Example: `neurosieve info runs/demo`
    """
    from neurosieve.run.describe import describe

    facts, lines = describe(what)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines))


def _settings(**given: Any) -> RunSettings:
    """Checked settings; what is wrong with them is wrong use.

    Raises:
        typer.BadParameter: a value is out of range, or options do not go together.
    """
    from pydantic import ValidationError

    from neurosieve.run.settings import RunSettings

    plain = {key: value.value if isinstance(value, StrEnum) else value for key, value in given.items()}
    try:
        return RunSettings(**plain)
    except ValidationError as error:
        first = error.errors()[0]
        option = " ".join(f"--{str(part).replace('_', '-')}" for part in first["loc"])
        raise typer.BadParameter(f"{option} {first['msg'].removeprefix('Value error, ')}".strip()) from None


def _run(settings: RunSettings, as_json: bool, *, compact: bool = True) -> None:
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run as run_all

        results = run_all(settings, progress=progress, command=_command(), compact=compact)
    _report(results, settings.out, as_json)


def _report(results: Results, out: Path, as_json: bool) -> None:
    from neurosieve.report import summary_sentences, write_report

    page = write_report(results, out)
    if as_json:
        typer.echo(results.model_dump_json())
        return
    for sentence in summary_sentences(results):
        typer.echo(f"- {sentence}")
    typer.echo(f"\nPage: {page}\nNumbers: {out / 'results.json'}")
    if any(task.compact for task in results.tasks.values()):
        typer.echo(f"Compact model: {out / 'compact'}")


def _command() -> str:
    return " ".join(["neurosieve", *sys.argv[1:]])


def main() -> None:
    """Entry point: a user's mistake ends with one line, status 2 for wrong use and 1 for failure."""
    try:
        app()
    except NeurosieveError as error:
        typer.echo(f"neurosieve: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        typer.echo(f"neurosieve: {error.strerror or error}{where}. What was finished is kept; run it again.", err=True)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer catches the interrupt itself, and says nothing
            typer.echo("neurosieve: interrupted. What was extracted is kept; the next run goes on there.", err=True)
        raise
