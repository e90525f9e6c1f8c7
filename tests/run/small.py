"""A corpus that a tiny model can learn in a moment, and settings for runs on it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neurosieve.run.settings import RunSettings

WORDS = {
    "DT": ("the", "a", "no", "this"),
    "NN": ("fox", "dog", "word", "name", "token", "share", "line", "isle"),
    "VB": ("is", "cuts", "fell", "said", "knows"),
    "JJ": ("lazy", "quick", "valid", "smaller"),
    ".": (".", "?", "!"),
}
SHAPE = ("DT", "JJ", "NN", "VB", "DT", "NN", ".")
CHUNKS = {"DT": "B-NP", "JJ": "I-NP", "NN": "E-NP", "VB": "B-VP", ".": "O"}

Rows = list[tuple[str, str, str]]


def sentences(count: int, seed: int) -> list[Rows]:
    """Rows of word, tag and chunk; a word's embedding tells its tag, but a noun's chunk depends on what precedes it."""
    rng = random.Random(seed)
    shapes = [[tag for tag in SHAPE if tag != "JJ" or rng.random() < 0.5] for _ in range(count)]
    return [[(rng.choice(WORDS[tag]), tag, _chunk(shape, i)) for i, tag in enumerate(shape)] for shape in shapes]


def _chunk(shape: Sequence[str], place: int) -> str:
    return "J-NP" if shape[place] == "NN" and shape[place - 1] == "JJ" else CHUNKS[shape[place]]


def write(path: Path, rows: Sequence[Rows]) -> Path:
    """One file in columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join("".join(" ".join(row) + "\n" for row in one) for one in rows), encoding="utf-8")
    return path


def write_corpus(folder: Path, train: int = 70, test: int = 25) -> Path:
    """A folder laid out as CoNLL-2000 is, without dev."""
    write(folder / "train.txt", sentences(train, 1))
    write(folder / "test.txt", sentences(test, 2))
    return folder


def settings(model: Path, data: Path, out: Path, **more: Any) -> RunSettings:
    """A run on the CPU whose cache lies beside what it writes."""
    given = {"task": "pos", "cache": out.parent / "cache", "device": "cpu", "seed": 1} | more
    return RunSettings(model=str(model), data=data, out=out, **given)


def without_clocks(value: Any) -> Any:
    """A results file without all that depends on the clock: dates, seconds, memory, speeds."""
    clocks = {"created", "command", "stages", "speed", "speedup", "speedup_range", "out", "cache"}
    if isinstance(value, dict):
        return {key: without_clocks(inner) for key, inner in value.items() if key not in clocks}
    return [without_clocks(inner) for inner in value] if isinstance(value, list) else value
