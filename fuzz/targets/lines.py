"""What is typed: lines of text, or JSON lines, to predict on."""

from __future__ import annotations

from pathlib import Path
from random import Random

from fuzz.mutation import json_changed, lines_changed
from fuzz.target import Target, expect
from neurosieve.errors import NeurosieveError
from neurosieve.pieces.items import read_items
from neurosieve.pieces.lines import Line, line_batches, plain_items
from neurosieve.pieces.records import answered, item_of, read_record


class PredictLines(Target):
    """As `neurosieve predict` reads them: each line as JSON and as text, for heads of words and of texts."""

    name, what = "lines", "predict's lines and JSON lines"

    def __init__(self, made: Path, place: Path) -> None:
        super().__init__(made, place)
        self.seeds = [
            b'{"words": ["a", "b"], "id": 1}\n{"text": "a b"}\n\n{"sentence": "x", "label": "kept"}\n',
            b'{"sentence1": "a", "sentence2": "b"}\n{"texts": ["a", "b"]}\n{"texts": ["a"]}\n',
            "\ufeffThe fox.\r\none\ttwo\n\u00a0\n東京".encode(),
        ]

    def files(self) -> tuple[str, ...]:
        return ("in.jsonl",)

    def read(self, data: bytes) -> None:
        path = self.place / "in.jsonl"
        path.write_bytes(data)
        refused: NeurosieveError | None = None
        for batch in line_batches(path, 3):
            for line in batch:
                for unit in ("words", "texts"):
                    try:
                        self._check(line, unit, path)
                    except NeurosieveError as error:
                        refused = error
        if refused is not None:
            raise refused

    def _check(self, line: Line, unit: str, path: Path) -> None:
        expect(bool(line.text) and "\n" not in line.text, "a line that is blank, or is several")
        if unit == "words" or line.text.count("\t") < 2:
            expect(len(plain_items([line], unit, path)) == 1, "a line that is not one item")
        record = read_record(line, path)
        read = list(read_items([item_of(record, unit, line, path)], unit, "punctuation"))  # type: ignore[arg-type]
        expect(len(read) == 1 and all(isinstance(part, str) for part in read[0]), "what is read of an item")
        said = answered(record, {"label": "X", "words": ["a"], "labels": ["X"]})
        expect(said["label"] == "X" and len(said) >= 3, "the answer lost something")

    def mutated(self, data: bytes, rng: Random) -> bytes:
        if rng.random() < 0.3:
            return lines_changed(data, rng)
        lines = data.split(b"\n")
        at = rng.randrange(len(lines))
        lines[at] = json_changed(lines[at], rng)
        return b"\n".join(lines)


TARGETS = (PredictLines,)
