"""Numbers as words: how shares, intervals and counts are written in sentences, tables and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurosieve.run.schema import Range

# What XML 1.0 cannot carry even escaped: control characters, lone surrogates, two non-characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RANKINGS = {
    "lca": "LCA",
    "lca_sigma": "LCA, weights × σ",
    "lca_converged": "LCA, converged probe",
    "weight": "|weight|",
    "forward": "forward selection",
    "pruned": "forward, then pruned",
    "ridge": "ridge weights",
    "mrmr": "mRMR",
    "random_per_layer": "random per layer",
}


def plain(text: str, longest: int = 28) -> str:
    """A label on one line, shortened to ``longest`` characters, without what a figure cannot hold."""
    text = " ".join(_UNPRINTABLE.sub("\ufffd", text).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def slug(text: str) -> str:
    """A name that is safe as a file name and as an HTML id."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "task"


def ranking_name(ranking: str) -> str:
    """A ranking as the field writes it."""
    return _RANKINGS.get(ranking, plain(ranking.replace("_", " ")))


def number(value: float, digits: int = 1) -> str:
    """A number with a true minus sign, thousands separated, and no negative zero."""
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def count(value: int) -> str:
    """A whole number, thousands separated."""
    return number(value, 0)


def percent(share: float, digits: int = 1) -> str:
    """A share in percent; what is not all never reads 100, and what is not nothing never reads 0."""
    step = 10.0**-digits
    if 100 - step / 2 <= 100 * share < 100:
        return f"> {100 - step:.{digits}f} %"
    if 0 < 100 * share <= step / 2:
        return f"< {step:.{digits}f} %"
    return f"{number(100 * share, digits)} %"


def decimal(value: float, digits: int = 3) -> str:
    """A correlation or R²; what is not perfect never reads 1."""
    step = 10.0**-digits
    if 1 - step / 2 <= value < 1:
        return f"> {1 - step:.{digits}f}"
    return number(value, digits)


def tolerance(share: float) -> str:
    """A tolerance as it was set: 0.03 is '3 %', 0.005 is '0.5 %'."""
    return f"{round(100 * share, 6):g} %"


def bounds(interval: Range, scale: float = 100, digits: int = 1) -> str:
    """An interval in brackets, in the unit of the number before it."""
    low, high = interval
    return f"[{number(scale * low, digits)}, {number(scale * high, digits)}]"


def millions(value: int) -> str:
    """Parameters, in millions where there are that many."""
    return f"{number(value / 1e6)} million" if value >= 1e6 else count(value)


def duration(seconds: float) -> str:
    """Seconds, or minutes and seconds from 100 seconds on."""
    if seconds < 100:
        return f"{number(seconds)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def plural(value: int, noun: str) -> str:
    """A count and its noun: '1 layer', '2 layers', '22 classes'."""
    ending = "" if value == 1 else "es" if noun.endswith("s") else "s"
    return f"{count(value)} {noun}{ending}"


def consecutive(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """The first and the last of each run of neighbours in ascending whole numbers."""
    runs: list[tuple[int, int]] = []
    for value in numbers:
        if runs and value == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], value
        else:
            runs.append((value, value))
    return runs


def capital(text: str) -> str:
    """Words as a sentence opens with them."""
    return text[:1].upper() + text[1:]


def listing(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
