"""The whole analysis against the authors' protocol with NeuroX's functions, from activations and from text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.harness.case import Case, Check, Settings, Side, Target
from benchmarks.harness.prepare import preparing

WORDS, FEW_WORDS = 150_000, 5_000
QUARTER_OF_NEUROX = 8.2e9 / 4  # bytes; 8.2 GB is NeuroX's peak with extraction and loading
NO_WORSE = tuple(Check(f"{name}_test", "at least") for name in ("oracle", "minimal", "sieve"))
MEMORY = Check("peak_bytes", "at most", value=QUARTER_OF_NEUROX)
PROTOCOL = (
    "extract_independent_neurons at 0.1 to 0.9, train_logistic_regression_probe at the paper's settings, "
    "get_neuron_ordering in 1,000 steps; LayerSelector at 1 %, both searches at 3 % of the oracle"
)
READING = "extract_representations to HDF5, load_activations, create_tensors"
OURS = "moments, CKA, clusters, all layers and prefixes, four rankings, minimal sets, sieve, intervals"


def cases(settings: Settings) -> list[Case]:
    """Both want CoNLL-2000; a round of NeuroX takes many minutes, so it runs once."""
    return [_analysis(settings), _end_to_end(settings)]


def _analysis(settings: Settings) -> Case:
    folder, prepare = _input(settings)
    return Case(
        name="neurox-analysis",
        what=f"Sections 5 to 7 from activations: chunking, MiniLM, {_words(settings):,} training words",
        sides=(
            Side("neurosieve", "ours", ("-m", "benchmarks.neurox.ours", folder), OURS),
            Side("NeuroX", "peers", ("-m", "benchmarks.neurox.protocol", folder), PROTOCOL, once=True),
        ),
        checks=(*NO_WORSE, MEMORY),
        targets=(Target("NeuroX", 15),),
        needs_data=True,
        slow=True,
        prepare=prepare,
    )


def _end_to_end(settings: Settings) -> Case:
    folder, prepare = _input(settings)
    ours = ("-m", "benchmarks.neurox.ours", folder, "--end-to-end")
    theirs = ("-m", "benchmarks.neurox.protocol", folder, "--end-to-end")
    return Case(
        name="neurox-end-to-end",
        what=f"Sections 5 to 7 from text: chunking, MiniLM, {_words(settings):,} training words",
        sides=(
            Side("neurosieve", "ours", ours, f"extraction in float32; {OURS}"),
            Side("neurosieve-bf16", "ours", (*ours, "--dtype", "bfloat16"), f"extraction in bfloat16; {OURS}"),
            Side("NeuroX", "peers", theirs, f"{READING}; {PROTOCOL}", once=True),
        ),
        checks=(*(Check(one.score, one.how, side="NeuroX") for one in NO_WORSE), MEMORY),
        targets=(Target("NeuroX", 8),),
        needs_data=True,
        slow=True,
        prepare=prepare,
    )


def _words(settings: Settings) -> int:
    return FEW_WORDS if settings.small else WORDS


def _input(settings: Settings) -> tuple[str, Callable[[], None]]:
    """The folder that both cases share, and what fills it."""
    words = _words(settings)
    folder = settings.folder("neurox") / str(words)
    data = (settings.data or Path()) / "conll2000"
    options = ("--data", data, "--words", words, "--out", folder)
    return str(folder), preparing(folder / "job.json", "benchmarks.neurox.inputs", *options)
