"""From sentences to one vector per word and layer, on disk and readable again."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness.case import Case, Check, Precision, Settings, Side, Target
from benchmarks.harness.prepare import preparing

WORDS = 20_000
UNITS, INNER, PIECES = 384, 1536, 2048  # MiniLM's, and the pieces of one batch
ASKED = {"float32": 3.0, "bfloat16": 6.0}  # times faster than NeuroX
CHECKSUM = {"float32": 1e-3, "bfloat16": 0.1}


def cases(settings: Settings) -> list[Case]:
    """NeuroX computes in float32 in both cases: it offers nothing else."""
    return [_case(settings, "float32", "extraction-float32"), _case(settings, "bfloat16", "extraction-bf16")]


def _case(settings: Settings, precision: Precision, name: str) -> Case:
    words = 1_000 if settings.small else WORDS
    shared, data = settings.folder("extraction"), str(settings.data or Path())
    folder = shared / str(words)
    folder.mkdir(exist_ok=True)
    ours = ("-m", "benchmarks.workers.extraction", str(folder), precision)
    how = "`extract_representations` to HDF5 (JSON is slower), what it prints thrown away; then `load_activations`"
    return Case(
        name=name,
        what=f"All 7 layers of MiniLM for {words:,} words of CoNLL-2000, to disk and back; the model is loaded before.",
        sides=(
            Side(
                "neurosieve", "ours", ours, f"`activations.extract` in {precision}, then every block of the store read"
            ),
            Side("NeuroX", "peers", ("-m", "benchmarks.peers.extraction", str(folder)), how),
        ),
        checks=(Check("words"), Check("checksum", tolerance=CHECKSUM[precision])),
        targets=(Target("NeuroX", ASKED[precision]),),
        needs_data=True,
        prepare=preparing(folder / "done", "benchmarks.inputs.text", data, words, folder),
        shapes=(
            *((PIECES, UNITS, UNITS) for _ in range(4)),
            (PIECES, UNITS, INNER),
            (PIECES, INNER, UNITS),
        ),
    )
