"""`python -m neurosieve.runtime FOLDER [FILE]`: an exported model on what people type, as `neurosieve predict` does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from neurosieve.errors import NeurosieveError
from neurosieve.pieces.lines import fields_of, in_words, line_batches, plain_items
from neurosieve.pieces.predictions import Wanted
from neurosieve.runtime.runtime import ITEMS_AT_ONCE, Runtime

_ABOUT = """Label words, classify texts or pairs, or give them a number, with an exported compact model.

Words come one a line with their label, and a blank line after each sentence. Texts come with what is said of them
before a tab; the two texts of a pair stand on one line with a tab between them."""


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
    parser.add_argument("file", type=Path, nargs="?", help="a sentence, a text or a pair a line; default: stdin")
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
        "--json", action="store_true", help="one JSON object a sentence or text, on a line, with probabilities"
    )
    parser.add_argument("--threads", type=int, help="threads of one batch; default: all cores")
    return parser


def _predict(asked: argparse.Namespace) -> None:
    runtime = Runtime.from_folder(asked.folder, threads=asked.threads)
    task = runtime.task(asked.task)
    as_json = asked.json or asked.all_classes
    wanted: Wanted = "all" if asked.all_classes else asked.probabilities or (as_json and bool(task.classes))
    for lines in line_batches(asked.file, ITEMS_AT_ONCE):
        items = plain_items(lines, task.unit, asked.file)
        for prediction in runtime.stream(items, asked.task, splitting=asked.split, probabilities=wanted):
            said = json.dumps(fields_of(prediction, wanted), ensure_ascii=False) if as_json else None
            sys.stdout.write((said or in_words(prediction, wanted)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
