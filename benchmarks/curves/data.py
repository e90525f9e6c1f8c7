"""``python -m benchmarks.curves.data OUT ROWS LAYERS UNITS``: generated activations on disk, which every point reads.

A point with fewer rows, layers or units reads a part of them. As `Store` does, it maps the file: its pages do not count
as memory.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.scale.generator import generate
from benchmarks.scale.recipes import MINILM
from neurosieve.arrays import ArrayRows, LabelledRows
from neurosieve.moments import Moments, moments_of
from neurosieve.probes.protocol import Protocol
from neurosieve.task_specific import TaskData

READ = 64  # columns that decide on the class
NOISE = 0.5  # of the deviation of a class's score
SKEW = 0.7  # classes are as frequent as if their prior fell with this power of their rank
SENTENCE = 20  # words
HELD_OUT = 0.1  # of the words are dev, and as many test
TRANSPOSED = 2048  # rows that are turned at a time

Float32 = NDArray[np.float32]


def write(out: Path, rows: int, layers: int, units: int) -> None:
    """An array (rows × layers × units) float32 in .npy form, under a temporary name, then renamed."""
    values = generate(MINILM, layers, units, rows)
    partial = out.with_name("partial.npy")
    array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=(rows, layers, units))
    for start in range(0, rows, TRANSPOSED):
        part = values[start : start + TRANSPOSED]
        array[start : start + len(part)] = part.reshape(len(part), layers, units)
    array.flush()
    partial.replace(out)


def read(path: Path, rows: int, layers: int, units: int) -> Float32:
    """A part of what `write` wrote: the first rows, layers and units."""
    whole = np.load(path, mmap_mode="c")
    return whole[:rows, :layers, :units]


def task(values: Float32, classes: int) -> TaskData:
    """A task with as many classes, and its moments; a class is the largest of noisy linear scores."""
    held_out = int(HELD_OUT * len(values))
    bounds = [0, len(values) - 2 * held_out, len(values) - held_out, len(values)]
    labels = torch.from_numpy(_labels(values, classes))
    names = tuple(f"class {index}" for index in range(classes))
    parts = [
        LabelledRows(
            ArrayRows(torch.from_numpy(values[low:high])),
            labels[low:high],
            np.arange(low, high, dtype=np.int64) // SENTENCE,
            names,
        )
        for low, high in pairwise(bounds)
    ]
    return TaskData(*parts, moments=_moments(parts[0]), protocol=Protocol())


def _moments(train: LabelledRows) -> Moments:
    return moments_of(train.rows, train.labels, train.n_outputs)


def _labels(values: Float32, classes: int) -> NDArray[np.int64]:
    """The class of each row, from some columns of the middle layer."""
    draw = np.random.default_rng(0)
    read_columns = values[:, values.shape[1] // 2, :READ]
    teacher = draw.standard_normal((read_columns.shape[1], classes)) / np.sqrt(read_columns.shape[1])
    prior = -SKEW * np.log(np.arange(1, classes + 1))
    return (read_columns @ teacher + NOISE * draw.standard_normal((len(values), classes)) + prior).argmax(axis=1)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
