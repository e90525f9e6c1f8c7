"""What an export amounts to, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from neurosieve.export.card import CLEAR, agreement
from neurosieve.export.folder import Exported


def exported_sentences(exported: Exported) -> Iterator[str]:
    """Its size, and how it compares with the model, task by task."""
    facts = exported.facts
    yield (
        f"A {facts.family} for {', '.join(facts.tasks)}: {_megabytes(exported.n_bytes)} with {facts.precision} "
        f"weights, written by torch's {exported.exporter} exporter (opset {facts.opset})."
    )
    if exported.was_bfloat16:
        yield "The model computes in bfloat16; it was exported, and compared, in float32."
    yield CLEAR
    for name, found in exported.parity.items():
        yield f"{name}, float32, {found.items} samples: {agreement(found)}."
    for name, found in (exported.int8 or {}).items():
        yield f"{name}, int8 ({_megabytes(exported.float32_bytes)} before): {agreement(found)}."


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"
