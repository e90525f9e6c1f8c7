"""A worker that does what its arguments say, and cases made of it."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.harness.case import Case, Side
from benchmarks.harness.measure import Measured

HERE = Path(sys.executable)
INTERPRETERS = {"ours": HERE, "peers": HERE}


def side(name: str, code: str, python: str = "ours", once: bool = False) -> Side:
    """A side that runs some code."""
    return Side(name, "ours" if python == "ours" else "peers", ("-c", code), "a test", once)


def answering(seconds: float, **scores: float) -> str:
    """Code that answers with a time and scores."""
    return f"import json; print('chatter'); print(json.dumps({{'seconds': {seconds}, 'scores': {scores}}}))"


def run_of(seconds: float, peak: int | None = None, above: int | None = None, **scores: float) -> Measured:
    """A measurement as if it had been taken."""
    return Measured(seconds, seconds + 1.0, seconds, 0.0, peak, above, scores, {})


def case_of(*sides: Side, **more: object) -> Case:
    """A case of some sides."""
    return Case(name="test", what="A test.", sides=sides, **more)  # type: ignore[arg-type]
