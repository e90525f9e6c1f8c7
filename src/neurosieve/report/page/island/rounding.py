"""What the numbers and words of the page's data have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurosieve.report.wording import plain
from neurosieve.run.schema import Scores

# Turn the direction of all that follows, and so what a reader takes for its neighbours.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def rounded(values: Sequence[float], digits: int = 6) -> list[float]:
    """Numbers with as many digits as a reader needs; results.json has all."""
    return [round(value, digits) for value in values]


def square(values: Sequence[Sequence[float]]) -> list[list[float]]:
    """The same for a matrix."""
    return [rounded(row, 4) for row in values]


def scored(scores: Scores) -> list[float]:
    """A score and, where there is one, its interval: one number or three."""
    return rounded([scores.value, *(scores.interval or ())])


def word(text: str, longest: int = 28) -> str:
    """A word from outside on one line, shortened, without what turns the direction of its neighbours."""
    return plain(_TURNING.sub("\ufffd", text), longest)
