"""Text in, a line at a time, and what an exported model says of it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from neurosieve.errors import CorpusError
from neurosieve.runtime.predictions import Predicted, Prediction, TextPrediction, Wanted


def in_words(prediction: Predicted, wanted: Wanted = False) -> str:
    """A word, its label and perhaps its probability a line; or what is said of a text, and the text."""
    if isinstance(prediction, Prediction):
        columns = [prediction.words, [_shown(label) for label in prediction.labels]]
        columns += [[_shown(one) for one in prediction.probabilities or ()]] if wanted else []
        return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"
    said = [prediction.label, prediction.probability] if isinstance(prediction, TextPrediction) else [prediction.value]
    return "\t".join([*(_shown(one) for one in said[: 1 + bool(wanted)]), *prediction.texts])


def in_json(prediction: Predicted, wanted: Wanted = False) -> str:
    """One JSON object on a line, with those probabilities that were asked for."""
    left_out = set() if wanted == "all" else {"classes"} if wanted else {"classes", "probability", "probabilities"}
    said = {key: value for key, value in prediction._asdict().items() if key not in left_out}
    return json.dumps(said, ensure_ascii=False)


def read_lines(file: Path | None) -> Iterator[str]:
    """The lines of a file or of standard input that are not blank.

    Raises:
        CorpusError: it is not UTF-8.
    """
    raw = file.open("rb") if file else sys.stdin.buffer
    try:
        with io.TextIOWrapper(raw, encoding="utf-8-sig") as text:
            yield from (line.strip() for line in text if line.strip())
    except UnicodeDecodeError as error:
        where = file or "Standard input"
        raise CorpusError(f"{where} is not UTF-8 text ({error.reason}); convert it to UTF-8 first.") from error


def _shown(said: str | float | None) -> str:
    return "_" if said is None else f"{said:.4f}" if isinstance(said, float) else said
