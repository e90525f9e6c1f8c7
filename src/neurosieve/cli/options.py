"""The options of the commands, each written once: type, range and help."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ProtocolChoice(StrEnum):
    """How probes are trained."""

    default = "default"
    paper = "paper"


class DtypeChoice(StrEnum):
    """What activations are computed in."""

    float32 = "float32"
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


class SplitChoice(StrEnum):
    """How text becomes words."""

    punctuation = "punctuation"
    space = "space"


def _device(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name!r} is none of auto, cpu, cuda, cuda:0, cuda:1 …")
    return name


Model = Annotated[str, typer.Option(help="A Hugging Face model: hub id or local folder; `minilm` is bundled.")]
TaskName = Annotated[
    str,
    typer.Option(help="`pos`, `chunk`, `sem`, `ccg`, the built-in `code-roles`, or a name of yours with --columns."),
]
Data = Annotated[Path | None, typer.Option(help="Folder with CoNLL-2000, Universal Dependencies or PMB files.")]
Train = Annotated[Path | None, typer.Option(help="Training file, instead of the one in --data.")]
Dev = Annotated[Path | None, typer.Option(help="Development file; without one a seeded 10 % of train is used.")]
Test = Annotated[Path | None, typer.Option(help="Test file, instead of the one in --data.")]
Format = Annotated[
    str | None, typer.Option(help="`columns`, `conllu`, `conll2000`, `ud` or `pmb`; found out if absent.")
]
Columns = Annotated[
    tuple[int, int] | None, typer.Option(help="Column of the words and column of the labels, from 1.", metavar="W L")
]
Label = Annotated[str | None, typer.Option(help="CoNLL-U: `upos`, `xpos`, `deprel` or `feats:KEY`.")]
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
    float, typer.Option(help="How surely dev must support each step of the sieve; 0 compares the dev scores alone.")
]
Ranking = Annotated[RankingChoice | None, typer.Option(help="Ranking of the sieve.")]
Aggregation = Annotated[AggregationChoice, typer.Option(help="Sub-word that stands for its word.")]
TooLong = Annotated[LongChoice, typer.Option("--on-too-long", help="Sentences beyond the model's window.")]
Window = Annotated[int | None, typer.Option(help="Pieces read at once; default the model's, 512 at most.")]
BatchTokens = Annotated[int, typer.Option(min=1, help="Pieces in a batch, padding included.")]
Device = Annotated[str, typer.Option(callback=_device, help="`auto`, `cpu`, `cuda`, `cuda:1` …")]
Dtype = Annotated[DtypeChoice, typer.Option(help="Precision of the activations.")]
Seed = Annotated[int, typer.Option(help="Seed of everything that is random.")]
Json = Annotated[bool, typer.Option("--json", help="Print the results as JSON on standard output.")]
Remote = Annotated[bool, typer.Option("--trust-remote-code", help="Run code that comes with a model.")]
