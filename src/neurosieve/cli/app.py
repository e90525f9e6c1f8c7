"""The command line: options in, a library call, files out. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.finetune import finetune
from neurosieve.cli.given import checked_settings, given_options
from neurosieve.cli.lines import in_words, read_lines
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
    Controls,
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
    MomentProducts,
    NeuronTolerance,
    Out,
    PoolingChoice,
    PoolingOption,
    ProductsChoice,
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
from neurosieve.cli.outcome import command_line, report, run_and_report
from neurosieve.cli.paper import paper
from neurosieve.cli.progress import progress_bars
from neurosieve.cli.rankings import rankings
from neurosieve.errors import NeurosieveError

INTERRUPTED = 130
NO_TASK = {"task": ["code-roles"]}  # some task has to be named; commands on plain text never look at it

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
    run_and_report(checked_settings(given | {"out": out, "cache": cache}), as_json)


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
    controls: Controls = True,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    moment_products: MomentProducts = ProductsChoice.float32,
    seed: Seed = 7361,
    cache: Cache = None,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """Everything for one task or several: redundancy, layers, neurons, and the compact model that is left.

    Example: `neurosieve run --model minilm --task chunk --data conll2000 --out runs/chunk`

    Again, elsewhere: `neurosieve run --config runs/chunk/run.toml --out runs/again`
    """
    run_and_report(checked_settings(given_options(ctx), config), as_json)


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
    controls: Controls = True,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    moment_products: MomentProducts = ProductsChoice.float32,
    seed: Seed = 7361,
    cache: Cache = None,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """Which layers and neurons a task needs (Section 6), without sieve and compact model.

    Example: `neurosieve task --task pos --data ud_english_ewt --out runs/ewt`
    """
    run_and_report(checked_settings(given_options(ctx)), as_json, compact=False)


@app.command()
def general(
    ctx: typer.Context,
    out: Out,
    text: Annotated[Path, typer.Option(help="Plain text, a sentence a line; `library-prose` is built in.")],
    model: Model = "minilm",
    limit_words: Annotated[int | None, typer.Option(min=1, help="Whole sentences until so many words.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Only this c_t, by tiles: for models with very many neurons.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="Most that may be used, e.g. 8GB; default 80 % of the machine's.")
    ] = None,
    aggregation: Aggregation = AggregationChoice.last,
    sublayers: Sublayers = None,
    on_too_long: TooLong = LongChoice.window,
    window: Window = None,
    batch_tokens: BatchTokens = 2048,
    device: Device = "auto",
    dtype: Dtype = DtypeChoice.float32,
    moment_products: MomentProducts = ProductsChoice.float32,
    trust_remote_code: Remote = False,
    as_json: Json = False,
) -> None:
    """How alike the layers are, and which neurons are copies (Section 5): no labels, nothing stored.

    With very many neurons, add `--threshold 0.5 --limit-words 4096`: the clusters at this threshold, by tiles.
    Example: `neurosieve general --model minilm --text library-prose --out runs/general`
    """
    settings = checked_settings(given_options(ctx) | NO_TASK)
    with progress_bars() as progress:
        from neurosieve.run.pipeline import run_general

        results = run_general(settings, progress=progress, command=command_line())
    report(results, settings.out, as_json)


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
    given = given_options(ctx)
    settings = checked_settings(given | {"cache": out} | (NO_TASK if text is not None else {}))
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


app.command()(finetune)
app.command()(paper)
app.command()(rankings)


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
    items = read_lines(file) if labels_words else (tuple(line.split("\t")) for line in read_lines(file))
    for prediction in model.stream(items, task, splitting=split.value):
        if as_json:
            typer.echo(json.dumps(prediction._asdict(), ensure_ascii=False))
        else:
            typer.echo(in_words(prediction))


@app.command()
def info(
    what: Annotated[str, typer.Argument(help="A run, a study, a compact model, stored activations, or a model.")],
    as_json: Json = False,
) -> None:
    """What a run or a study found, what a compact model keeps, what a store holds, or what a model is.

    Example: `neurosieve info runs/demo`
    """
    from neurosieve.paper.describe import describe

    facts, lines = describe(what)
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else "\n".join(lines))


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
