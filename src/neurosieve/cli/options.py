"""The options of the commands, each written once: type, range and help."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from neurosieve.cli.completing import format_names, metric_names, models, task_names


class ProtocolChoice(StrEnum):
    """How probes are trained."""

    default = "default"
    paper = "paper"


class DtypeChoice(StrEnum):
    """What activations are computed in."""

    float32 = "float32"
    bfloat16 = "bfloat16"


class ProductsChoice(StrEnum):
    """What moments are multiplied in."""

    float32 = "float32"
    tf32 = "tf32"
    bfloat16 = "bfloat16"


class AggregationChoice(StrEnum):
    """Which piece stands for a word."""

    last = "last"
    first = "first"
    average = "average"


class LongChoice(StrEnum):
    """What happens to sentences longer than the model's window."""

    window = "window"
    truncate = "truncate"
    error = "error"


class RankingChoice(StrEnum):
    """How the sieve orders neurons."""

    forward = "forward"
    lca = "lca"


class RepresentativeChoice(StrEnum):
    """Which neuron stands for its cluster."""

    medoid = "medoid"
    random = "random"


class ReferenceChoice(StrEnum):
    """What the steps of the sieve are measured against."""

    oracle = "oracle"
    stage = "stage"


class ClassWeightsChoice(StrEnum):
    """How much rare classes count in training."""

    none = "none"
    balanced = "balanced"


class PoolingChoice(StrEnum):
    """What stands for a text."""

    auto = "auto"
    cls = "cls"
    mean = "mean"
    last = "last"


class SideChoice(StrEnum):
    """Which part of an encoder–decoder is read."""

    encoder = "encoder"
    decoder = "decoder"


class DeviceMapChoice(StrEnum):
    """How weights are spread over devices."""

    auto = "auto"
    balanced = "balanced"
    balanced_low_0 = "balanced_low_0"
    sequential = "sequential"


class SublayerChoice(StrEnum):
    """Outputs inside a block."""

    attention = "attention"
    mlp = "mlp"


class MeasureChoice(StrEnum):
    """How alike layers are, beside CKA."""

    cca = "cca"
    svcca = "svcca"
    pwcca = "pwcca"
    procrustes = "procrustes"
    neighbours = "neighbours"


class HeldChoice(StrEnum):
    """What ablated neurons hold."""

    mean = "mean"
    zero = "zero"


class WhereChoice(StrEnum):
    """Where neurons may be ablated."""

    everywhere = "everywhere"
    inside = "inside"


class ReachesChoice(StrEnum):
    """What of a dev score has to reach a limit."""

    bound = "bound"
    score = "score"


class FaultChoice(StrEnum):
    """Faults of the published code and tables."""

    recluster = "recluster"
    level_order = "level-order"
    reduced_ids = "reduced-ids"
    average_of_four = "average-of-four"


class SplitChoice(StrEnum):
    """How text becomes words."""

    punctuation = "punctuation"
    space = "space"


def _device(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name!r} is none of auto, cpu, cuda, cuda:0, cuda:1 …")
    return name


Model = Annotated[
    str,
    typer.Option(help="A Hugging Face model: hub id or local folder; `minilm` is bundled.", autocompletion=models),
]
TaskNames = Annotated[
    list[str] | None,
    typer.Option(
        "--task",
        autocompletion=task_names,
        help="`pos`, `chunk`, `sem`, `ccg`; `sst2`, `mrpc`, `mnli`, `qnli`, `qqp`, `rte`, `stsb`, `cola`; the built-in "
        "`code-roles`, `docstring-match`, `function-complexity`; a TOML file; or a name of yours with --columns. Give "
        "it several times for several tasks on one corpus.",
    ),
]
Data = Annotated[
    str | None,
    typer.Option(help="Folder with the corpus (CoNLL-2000, Universal Dependencies, PMB, GLUE, tables), or a data set."),
]
Train = Annotated[Path | None, typer.Option(help="Training file, instead of the one in --data.")]
Dev = Annotated[Path | None, typer.Option(help="Development file; without one a seeded 10 % of train is used.")]
Test = Annotated[Path | None, typer.Option(help="Test file, instead of the one in --data.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        autocompletion=format_names,
        help="`columns`, `conllu`, `conll2000`, `ud`, `pmb`, `glue`, `csv`, `tsv`, `jsonl` or `datasets`; found out if "
        "absent.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        help="Columns of the words and the label, or of one or two texts and the label: numbers from 1, or names.",
        metavar="W,L",
    ),
]
Label = Annotated[str | None, typer.Option(help="CoNLL-U: `upos`, `xpos`, `deprel` or `feats:KEY`.")]
Metric = Annotated[
    str | None,
    typer.Option(
        autocompletion=metric_names,
        help="What tolerances are measured in: `accuracy`, `macro_f1`, `f1`, `f1:LABEL`, `accuracy_f1`, `matthews`, "
        "`span_f1`, `pearson`, `spearman`, `pearson_spearman`, `r2`; default the task's own.",
    ),
]
ClassWeights = Annotated[ClassWeightsChoice, typer.Option(help="Weigh classes alike however rare they are.")]
PoolingOption = Annotated[
    PoolingChoice,
    typer.Option("--pooling", help="What stands for a text; `auto`: the classification token, or mean."),
]
Sublayers = Annotated[
    list[SublayerChoice] | None,
    typer.Option("--sublayer", help="Outputs inside the blocks as further layers; may be given twice."),
]
Side = Annotated[
    SideChoice | None,
    typer.Option(help="Of an encoder–decoder (T5, BART …) the side that is read; default the encoder."),
]
Config = Annotated[
    Path | None,
    typer.Option(help="Settings in a TOML file, such as the run.toml of a run; options given here come first."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Whole training sentences until this many words are reached.")]
Out = Annotated[Path, typer.Option(help="Folder for everything that is written.")]
Cache = Annotated[
    Path | None, typer.Option(help="Where activations are kept for the next run; default: the user's cache folder.")
]
ProtocolOption = Annotated[ProtocolChoice, typer.Option(help="Converged probes, or the paper's elastic net.")]
Tolerance = Annotated[float, typer.Option(help="Loss allowed overall, as a share of the oracle's score.")]
LayerTolerance = Annotated[float | None, typer.Option(help="Loss allowed to LayerSelector; default a third of it.")]
ClusterTolerance = Annotated[float | None, typer.Option(help="Loss allowed to clustering; default a third of it.")]
NeuronTolerance = Annotated[float | None, typer.Option(help="Loss allowed to feature selection; default what is left.")]
Reference = Annotated[
    ReferenceChoice | None, typer.Option(help="Measure against the oracle, or each step against the one before.")
]
Threshold = Annotated[float | None, typer.Option(help="Only this c_t for clustering; 0 is no clustering.")]
Representative = Annotated[RepresentativeChoice | None, typer.Option(help="Neuron that stands for its cluster.")]
Confidence = Annotated[
    float,
    typer.Option(
        help="How surely dev must support each step of the sieve, or every set with --non-inferior; 0 compares the dev "
        "scores alone."
    ),
]
NonInferior = Annotated[
    bool,
    typer.Option(
        "--non-inferior/--compare-scores",
        help="Find layers, clusters and neurons by fixed sequences of tests, from the largest set down to the first "
        "that fails: what is kept is within the tolerance at the confidence, however much was searched.",
    ),
]
Controls = Annotated[
    bool, typer.Option(help="Train probes on random labels of word types, and on principal components, too.")
]
Intervals = Annotated[
    bool, typer.Option(help="Intervals of CKA; they take another pass, and the model reads a --text once more.")
]
Measures = Annotated[
    list[MeasureChoice] | None,
    typer.Option("--measure", help="How alike layers are by another measure, beside CKA; may be given again."),
]
Ranking = Annotated[RankingChoice | None, typer.Option(help="Ranking of the sieve.")]
Aggregation = Annotated[AggregationChoice, typer.Option(help="Sub-word that stands for its word.")]
TooLong = Annotated[LongChoice, typer.Option("--on-too-long", help="Sentences beyond the model's window.")]
Window = Annotated[int | None, typer.Option(help="Pieces read at once; default the model's, 512 at most.")]
BatchTokens = Annotated[int, typer.Option(min=1, help="Pieces in a batch, padding included.")]
Device = Annotated[str, typer.Option(callback=_device, help="`auto`, `cpu`, `cuda`, `cuda:1` …")]
DeviceMap = Annotated[
    DeviceMapChoice | None,
    typer.Option(
        help="Spread the model's weights over all GPUs, the CPU and the disk, as transformers does; --device then says "
        "nothing for the model. Needs the extra `device-map`."
    ),
]
Dtype = Annotated[DtypeChoice, typer.Option(help="Precision of the activations.")]
MomentProducts = Annotated[
    ProductsChoice,
    typer.Option(
        help="Precision of the products behind r. `tf32` moves r by some 0.002 at most, `bfloat16` by 0.016 (on MiniLM "
        "0.0003); rankings and minimal sets may change. Faster where the device has units for it (CUDA; `bfloat16`: "
        "AMX too), else the same as float32.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        help="Most that the process and its --workers may hold together, e.g. 8GB; default what the machine has "
        "available. Of Ray and --ranks the leading process counts alone."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Tell what it would take in time, memory and disk; write nothing.")
]
Seed = Annotated[int, typer.Option(help="Seed of everything that is random.")]
Json = Annotated[bool, typer.Option("--json", help="Print the results as JSON on standard output.")]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, help="Processes, or Ray actors, that share the reading of rows.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1, help="Threads of each process; with the same number any number of workers gives the same bytes."
    ),
]
RayAddress = Annotated[
    str | None, typer.Option(help="Let a Ray cluster do the work: its address, `auto`, or `local` to start one here.")
]
RanksOption = Annotated[
    bool, typer.Option("--ranks", help="Share the work among the processes that torchrun or srun started.")
]
Remote = Annotated[bool, typer.Option("--trust-remote-code", help="Run code that comes with a model.")]
