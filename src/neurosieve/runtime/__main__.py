"""`python -m neurosieve.runtime FOLDER [FILE]`: an exported model on what people type, as `neurosieve predict` does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neurosieve.errors import NeurosieveError
from neurosieve.pieces.answers import Asked, answers
from neurosieve.pieces.predictions import Predicted, Wanted
from neurosieve.runtime.runtime import Runtime

_ABOUT = """Label words, classify texts or pairs, or give them a number, with an exported compact model.

Words come one a line with their label, and a blank line after each sentence. Texts come with what is said of them
before a tab; the two texts of a pair stand on one line with a tab between them. JSON lines are answered with JSON
lines."""


def main(given: Sequence[str] | None = None) -> int:
    """Entry point: a user's mistake ends with one line, status 2 for wrong use and 1 for failure."""
    asked = _parser().parse_args(given)
    try:
        _predict(asked)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except (NeurosieveError, OSError) as error:
        sys.stderr.write(f"neurosieve: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m neurosieve.runtime", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="what `neurosieve export` wrote")
    parser.add_argument(
        "file", type=Path, nargs="?", help="a sentence, a text or a pair a line, or JSON lines; default: stdin"
    )
    parser.add_argument("--task", help="which task, where the export has several")
    parser.add_argument(
        "--split",
        choices=("punctuation", "space"),
        default="punctuation",
        help="split signs from words, or take words as they stand between blanks",
    )
    parser.add_argument("--probabilities", action="store_true", help="a further column: the probability of each label")
    parser.add_argument("--all-classes", action="store_true", help="the probabilities of all classes, as JSON lines")
    parser.add_argument(
        "--jsonl",
        action="store_true",
        default=None,
        help='the input is JSON lines: objects with "words", "text", "sentence", "texts", or "sentence1" and '
        '"sentence2"; other keys are carried through; default: if the file ends with .jsonl or .ndjson',
    )
    parser.add_argument("--plain", action="store_false", dest="jsonl", help="it is not, whatever its name")
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a sentence or text, on a line, with probabilities"
    )
    parser.add_argument("--threads", type=int, help="threads of one batch; default: all cores")
    return parser


def _predict(asked: argparse.Namespace) -> None:
    runtime = Runtime.from_folder(asked.folder, threads=asked.threads)
    kind = runtime.task(asked.task).kind
    wanted = {"as_json": asked.json, "probabilities": asked.probabilities, "all_classes": asked.all_classes}

    def said(items: Sequence[Any], rated: Wanted) -> list[Predicted]:
        return runtime.predict(items, asked.task, splitting=asked.split, probabilities=rated)

    for text in answers(said, Asked(asked.file, kind, asked.jsonl, **wanted)):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
