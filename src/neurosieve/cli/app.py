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
    ClassWeights,
    ClassWeightsChoice,
    ClusterTolerance,
    Columns,
    Confidence,
    Config,
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
    Metric,
    Model,
    NeuronTolerance,
    Out,
    PoolingChoice,
    PoolingOption,
    ProtocolChoice,
    ProtocolOption,
    Ranking,
    Reference,
    Remote,
    Representative,
    Seed,
    SplitChoice,
    Sublayers,
    TaskNames,
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
    from neurosieve.compact import Predicted
    from neurosieve.run.results import Results
    from neurosieve.run.settings import RunSettings

INTERRUPTED = 130
NO_TASK = {"task": ["code-roles"]}  # some task has to be named; commands on plain text never look at it
SETTING = {"file_format": "format", "limit_words": "limit_text_words"}

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
    """The main job on what is bundled: MiniLM, and three tasks derived from the Python library.

    Example: `neurosieve demo --out runs/demo`
    """
    words = {"task": "code-roles", "limit_train_words": 60_000}
    tasks = [words, *({"task": name, "pooling": "mean"} for name in ("docstring-match", "function-complexity"))]
    given = {"model": "minilm", "tasks": tasks, "text": "library-prose", "limit_text_words": 60_000}
    given["tolerance"] = 0.05  # a few hundred dev texts cannot tell smaller losses from chance
    _run(_settings(given | {"out": out, "cache": cache}), as_json)


@app.command()
def run(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Folder for everything that is written.")] = None,
    config: Config = None,
    model: Model = "minilm",
    task: TaskNames = None,
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Format = None,
    columns: Columns = None,
    label: Label = None,
    metric: Metric = None,
    class_weights: ClassWeights = ClassWeightsChoice.none,
    pooling: PoolingOption = PoolingChoice.auto,
    limit_train_words: Limit = None,
    text: Annotated[Path | None, typer.Option(help="Unlabelled text for general redundancy; default: train.")] = None,
    limit_text_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences of --text to read.")] = None,
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
    sublayers: Sublayers = None,
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
    """Everything for one task or several: redundancy, layers, neurons, and the compact model that is left.

    Example: `neurosieve run --model minilm --task chunk --data conll2000 --out runs/chunk`

    Again, elsewhere: `neurosieve run --config runs/chunk/run.toml --out runs/again`
    """
    _run(_settings(_given(ctx), config), as_json)


@app.command()
def task(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    task: TaskNames = None,
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Format = None,
    columns: Columns = None,
    label: Label = None,
    metric: Metric = None,
    class_weights: ClassWeights = ClassWeightsChoice.none,
    pooling: PoolingOption = PoolingChoice.auto,
    limit_train_words: Limit = None,
    protocol: ProtocolOption = ProtocolChoice.default,
    tolerance: Tolerance = 0.03,
    layer_tolerance: LayerTolerance = None,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
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
    _run(_settings(_given(ctx)), as_json, compact=False)


@app.command()
def general(
    ctx: typer.Context,
    out: Out,
    text: Annotated[Path, typer.Option(help="Plain text, a sentence a line; `library-prose` is built in.")],
    model: Model = "minilm",
    limit_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences until so many words.")] = None,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
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
    settings = _settings(_given(ctx) | NO_TASK)
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_general

        results = run_general(settings, progress=progress, command=_command())
    _report(results, settings.out, as_json)


@app.command()
def extract(
    ctx: typer.Context,
    out: Out,
    model: Model = "minilm",
    text: Annotated[Path | None, typer.Option(help="Plain text, a sentence a line.")] = None,
    task: TaskNames = None,
    data: Data = None,
    train: Train = None,
    dev: Dev = None,
    test: Test = None,
    file_format: Format = None,
    columns: Columns = None,
    label: Label = None,
    pooling: PoolingOption = PoolingChoice.auto,
    limit_train_words: Limit = None,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
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
    given = _given(ctx)
    settings = _settings(given | {"cache": out} | (NO_TASK if text is not None else {}))
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_extract

        stores = run_extract(settings, progress=progress)
    found = {
        name: {"folder": str(store.folder), store.unit: store.n_words, "missing": int(store.missing.sum())}
        for name, store in stores.items()
    }
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, facts in found.items():
            unit = stores[name].unit
            typer.echo(f"{name}: {facts[unit]:,} {unit} ({facts['missing']} without a vector) in {facts['folder']}")


@app.command()
def predict(
    compact: Annotated[Path, typer.Argument(help="Folder of a compact model.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A sentence, a text or a pair a line; default: standard input.", exists=True, dir_okay=False
        ),
    ] = None,
    task: Annotated[str | None, typer.Option(help="Which head, where the model has several.")] = None,
    split: Annotated[
        SplitChoice, typer.Option(help="Split signs from words, or take words as they stand between blanks.")
    ] = SplitChoice.punctuation,
    device: Device = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a sentence or text, on a line.")] = False,
) -> None:
    """Label words, classify texts or pairs, or give them a number, with a compact model.

    Words come one a line with their label, and a blank line after each sentence. Texts come with what is said of them
    before a tab; the two texts of a pair stand on one line with a tab between them.

    Example: `echo "The cat sat on the mat." | neurosieve predict runs/pos/compact`
    """
    from neurosieve.compact import CompactModel

    model = CompactModel.from_pretrained(compact, device=device)
    labels_words = model.head_of(task).kind == "labelling"
    items = _lines(file) if labels_words else (tuple(line.split("\t")) for line in _lines(file))
    for prediction in model.stream(items, task, splitting=split.value):
        if as_json:
            typer.echo(json.dumps(prediction._asdict(), ensure_ascii=False))
        else:
            typer.echo(_in_words(prediction))


def _in_words(prediction: Predicted) -> str:
    """A word and its label a line, or what is said of a text and the text."""
    fields = prediction._asdict()
    if "words" in fields:
        pairs = zip(fields["words"], fields["labels"], strict=True)
        return "\n".join(f"{word}\t{_shown(label)}" for word, label in pairs) + "\n"
    return "\t".join([_shown(fields.get("label", fields.get("value"))), *fields["texts"]])


def _shown(said: str | float | None) -> str:
    return "_" if said is None else f"{said:.4f}" if isinstance(said, float) else said


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


def _given(ctx: typer.Context) -> dict[str, Any]:
    """The settings that were given on the command line, by the names that they have in `RunSettings`."""
    given = {}
    for name, value in ctx.params.items():
        source = ctx.get_parameter_source(name)
        if source is None or source.name == "DEFAULT" or name in ("as_json", "config"):
            continue
        plain = [one.value for one in value] if name == "sublayers" else value
        given[SETTING.get(name, name)] = plain.value if isinstance(plain, StrEnum) else plain
    return given


def _settings(given: dict[str, Any], config: Path | None = None) -> RunSettings:
    """Checked settings; what is wrong with them is wrong use.

    Raises:
        typer.BadParameter: a value is out of range, or options do not go together.
        ConfigError: the configuration cannot be read.
    """
    from pydantic import ValidationError

    from neurosieve.run.config import merge, read_config
    from neurosieve.run.settings import RunSettings

    merged = given if config is None else merge(read_config(config), given)
    try:
        return RunSettings(**merged)
    except ValidationError as error:
        found = error.errors()
        first = next((one for one in found if one["type"] == "missing"), found[0])
        parts = [str(part) for part in first["loc"] if not isinstance(part, int) and part != "tasks"]
        option = " ".join(f"--{part.replace('_', '-')}" for part in parts)
        if first["type"] == "missing":
            raise typer.BadParameter(f"Missing option '{option}'.") from None
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
