"""What was fuzzed, as Markdown: on the terminal, and between two marks in a document."""

from __future__ import annotations

import re
from pathlib import Path

from fuzz.rounds import Ran
from fuzz.targets import load

BEGIN, END = "<!-- fuzzing: begin -->", "<!-- fuzzing: end -->"
_HEADS = (
    "reader",
    "what it reads",
    "inputs",
    "seconds",
    "edges: seeds",
    "edges: at the end",
    "kept inputs",
    "findings",
)


def table(ran: list[Ran], kinds: dict[str, int], versions: dict[str, str]) -> str:
    """A row for each target, their sum, and the versions; ``kinds`` says how many kinds of findings each has."""
    rows = [_HEADS, ("---", "---", *["---:"] * 6)]
    for one in ran:
        numbers = (one.executions, round(one.seconds), one.edges_before, one.edges, one.kept, kinds.get(one.name, 0))
        rows.append((f"`{one.name}`", load(one.name).what, *(f"{value:,}" for value in numbers)))
    sums = (sum(one.executions for one in ran), round(sum(one.seconds for one in ran)))
    rows.append(("all", "", *(f"{value:,}" for value in sums), "", "", "", f"{sum(kinds.values()):,}"))
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + f"\n\nVersions: {told}."


def kinds_in(findings: Path, names: list[str]) -> dict[str, int]:
    """How many kinds of findings each target has: numbers in what was said do not make another kind."""
    found = {}
    for name in names:
        paths = [
            path for path in findings.glob(f"{name}-*.txt") if re.fullmatch("[0-9a-f]{8}", path.stem[len(name) + 1 :])
        ]
        said = {re.sub(r"\d+", "_", path.read_text(encoding="utf-8").split("\n")[0]) for path in paths}
        ended = [
            path for path in findings.glob(f"{name}-*") if re.match("(timeout|oom|crash)-", path.name[len(name) + 1 :])
        ]
        found[name] = len(said) + len(ended)
    return found


def put_into(document: Path, text: str) -> None:
    """Put the table between its marks.

    Raises:
        ValueError: the document lacks them.
    """
    before = document.read_text(encoding="utf-8")
    if BEGIN not in before or END not in before:
        raise ValueError(f"{document} lacks the marks {BEGIN} and {END}.")
    head, rest = before.split(BEGIN, 1)
    document.write_text(f"{head}{BEGIN}\n{text.strip()}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")
