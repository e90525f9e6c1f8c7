"""``python -m benchmarks.scale.agreement``: MiniLM's structure beside that of generated activations, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from benchmarks.scale.generator import Float32, generate
from benchmarks.scale.recipes import MINILM_STRUCTURE, RECIPES
from benchmarks.scale.structure import LEVELS, OTHERS, THRESHOLDS, Structure, structure_of
from neurosieve.activations import MINILM, LiveRows, load_encoder
from neurosieve.corpus.readers import read_columns

ROWS = 4096
SHAPES = ((7, 384), (13, 768))
DEAD = 1e-5  # a unit with a smaller deviation is constant


def main(
    data: Annotated[Path | None, typer.Option(help="Columns, the first of which are words: measured too.")] = None,
    seed: Annotated[int, typer.Option(help="Of the generated activations.")] = 0,
) -> None:
    """Print a Markdown table with a column per data set."""
    found = {"MiniLM": MINILM_STRUCTURE}
    if data is not None:
        found["MiniLM, measured now"] = structure_of(_activations(data))
    for name, recipe in RECIPES.items():
        for layers, units in SHAPES:
            found[f"{name} {layers} × {units}"] = structure_of(generate(recipe, layers, units, ROWS, seed))
    typer.echo(table(found))


def table(found: dict[str, Structure]) -> str:
    """One line per quantile and threshold."""
    lines = [["", *found], ["---"] * (len(found) + 1), ["columns", *(f"{s.columns:,}" for s in found.values())]]
    for index, level in enumerate(LEVELS):
        lines.append([f"{level:.0%} of pairs have r in size ≤", *(f"{s.quantiles[index]:.4f}" for s in found.values())])
    for index, others in enumerate(OTHERS):
        lines.append([f"{others:g} others at r in size ≥", *(f"{s.nearest[index]:.3f}" for s in found.values())])
    for index, c_t in enumerate(THRESHOLDS):
        shown = [f"{s.largest[index]:,} ({s.largest[index] / s.columns:.2%})" for s in found.values()]
        lines.append([f"largest component at {c_t}", *shown])
    for index, c_t in enumerate(THRESHOLDS):
        lines.append([f"components at {c_t}", *(f"{s.components[index] / s.columns:.1%}" for s in found.values())])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _activations(path: Path) -> Float32:
    """Standardised activations of MiniLM on evenly spaced words, without its constant units."""
    words = [sentence.words for sentence in read_columns(path, words=1, labels=None).sentences]
    rows = LiveRows(load_encoder(MINILM), words)
    values = np.empty((rows.n_rows, rows.grid.size), dtype=np.float32)
    for block in rows.blocks():
        block.dense(out=torch.from_numpy(values[block.start : block.start + len(block)]))
    values = values[:: rows.n_rows // ROWS][:ROWS]
    values = values - values.mean(axis=0)
    deviation = values.std(axis=0)
    return values[:, deviation > DEAD] / deviation[deviation > DEAD]


if __name__ == "__main__":
    typer.run(main)
