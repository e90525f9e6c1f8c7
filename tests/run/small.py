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
    return "S-NP" if shape[place] == "NN" and shape[place - 1] == "JJ" else CHUNKS[shape[place]]


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
    given = (
        ({} if "tasks" in more else {"task": "pos"})
        | {"cache": out.parent / "cache", "device": "cpu", "seed": 1}
        | more
    )
    return RunSettings(model=str(model), data=data, out=out, **given)


def without_clocks(value: Any) -> Any:
    """A results file without all that depends on the clock: dates, seconds, memory, speeds."""
    clocks = {"created", "command", "stages", "speed", "speedup", "speedup_range", "out", "cache"}
    if isinstance(value, dict):
        return {key: without_clocks(inner) for key, inner in value.items() if key not in clocks}
    return [without_clocks(inner) for inner in value] if isinstance(value, list) else value


def write_sst2(folder: Path, train: int = 150, dev: int = 60) -> Path:
    """A folder laid out as SST-2 is: a text is positive where it says "quick", as half of them do."""
    for name, count, seed in (("train", train, 1), ("dev", dev, 2)):
        rng = random.Random(seed)
        rows = []
        for index in range(count):
            words = [word for word, _, _ in sentences(1, 1000 * seed + index)[0] if word not in WORDS["JJ"]]
            words.insert(1, "quick" if (yes := rng.random() < 0.5) else "lazy")
            rows.append(f"{' '.join(words)} \t{int(yes)}")
        _write_rows(folder / f"{name}.tsv", ["sentence\tlabel", *rows])
    return folder


def write_stsb(folder: Path, train: int = 200, dev: int = 60) -> Path:
    """A folder laid out as STS-B is: the score counts the nouns of both texts that are "fox"."""
    for name, count, seed in (("train", train, 3), ("dev", dev, 4)):
        rng = random.Random(seed)
        rows = []
        for index in range(count):
            pair = [[rng.choice(("fox", "dog")) for _ in range(4)] for _ in range(2)]
            score = sum(words.count("fox") for words in pair)
            rows.append("\t".join([str(index), *"abcdef", *(" ".join(words) for words in pair), f"{score:.3f}"]))
        head = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore"
        _write_rows(folder / f"{name}.tsv", [head, *rows])
    return folder


def _write_rows(path: Path, rows: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
