"""One item of the audit, and how its numbers are rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["agrees", "disagrees", "cannot be checked"]


@dataclass(frozen=True)
class Finding:
    """A statement of the paper held against the paper's own numbers.

    Attributes:
        name: short and fixed; ``docs/paper.md`` has a line of this name.
        where: the sections, tables and figures that it is about.
        claim: what the paper says.
        found: what its numbers say, with every one of ``numbers`` in it as ``shown`` rounds it.
        verdict: whether the two agree.
        numbers: what was recomputed from the CSV files; in percent where they are shares or scores.
    """

    name: str
    where: str
    claim: str
    found: str
    verdict: Verdict
    numbers: Mapping[str, float]


def finding(name: str, where: str, claim: str, found: str, verdict: Verdict, **numbers: float) -> Finding:
    """A finding whose text ``found`` has its numbers by name in braces."""
    text = found.format(**{key: shown(value) for key, value in numbers.items()})
    return Finding(name, where, claim, text, verdict, {key: float(value) for key, value in numbers.items()})


def shown(value: float) -> str:
    """A number with at most two decimals and no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def agrees(true: bool) -> Verdict:
    """The verdict of a plain comparison."""
    return "agrees" if true else "disagrees"


def mean(values: Iterable[float | None]) -> float:
    """The plain mean of printed values.

    Raises:
        ValueError: a value is missing, or there is none.
    """
    known = list(values)
    if not known or None in known:
        raise ValueError("a mean needs printed values and no empty cell")
    return sum(value for value in known if value is not None) / len(known)


def listed(names: Iterable[str]) -> str:
    """Names in a row, or the word none."""
    return ", ".join(names) or "none"
