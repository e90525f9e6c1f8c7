"""What came out, as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness.limit import limit_of
from benchmarks.harness.rounds import CROWDED, Compared, Spread

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
COLUMNS = ("seconds", "wall_seconds", "cpu_seconds", "others_share", "peak_bytes", "peak_above_bytes")


def write_all(found: Sequence[Compared], left_out: dict[str, str], facts: dict[str, Any], out: Path) -> None:
    """Write ``bench.json``, ``rounds.csv`` and ``bench.md`` into a folder, each under a temporary name first."""
    whole = {"settings": facts, "left_out": left_out, "cases": [one.to_dict() for one in found]}
    _replace(out / "bench.json", json.dumps(whole, indent=1))
    _replace(out / "bench.md", markdown(found, left_out, facts))
    partial = out / "rounds.csv.partial"
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "side", "round", *COLUMNS, "scores"])
        writer.writerows(_rows(found))
    partial.replace(out / "rounds.csv")


def read_all(out: Path) -> list[Compared]:
    """The cases of an earlier run; none where there is no such file.

    Raises:
        ValueError: another version wrote it.
    """
    path = out / "bench.json"
    if not path.exists():
        return []
    try:
        return [Compared.from_dict(one) for one in json.loads(path.read_text(encoding="utf-8"))["cases"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be read ({error}): another version wrote it. Delete it.") from error


def put_into(document: Path, text: str) -> None:
    """Put the tables between their two marks in a document, or at its end where it has no marks."""
    before = document.read_text(encoding="utf-8") if document.exists() else "# Performance\n"
    block = f"{BEGIN}\n{text.strip()}\n{END}"
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    after = pattern.sub(lambda _: block, before) if pattern.search(before) else f"{before.rstrip()}\n\n{block}\n"
    _replace(document, after)


def markdown(found: Sequence[Compared], left_out: dict[str, str], facts: dict[str, Any]) -> str:
    """The machine, the ratios, the distance to its limits, and each case by itself."""
    parts = [_machine(found, facts), _ratios(found), _limits(found)]
    parts += [_case(one) for one in found]
    if left_out:
        parts.append("Left out:\n\n" + "\n".join(f"- `{name}`: {why}" for name, why in left_out.items()))
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the empty string where there are no rows."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


def _machine(found: Sequence[Compared], facts: dict[str, Any]) -> str:
    if not found:
        return ""
    about = found[0].machine[0].work
    libraries = ", ".join(f"{name} {version}" for name, version in about["libraries"].items())
    memory = about["memory_bytes"] / 2**30
    return (
        f"{about['processor']}, {about['cores']} cores, {memory:.0f} GiB, {about['system']}, Python {about['python']}; "
        f"{facts['threads']} threads for every side; {facts['rounds']} rounds, the sides in turn. {libraries}."
        + (" **Toy sizes: the ratios mean nothing.**" if facts["small"] else "")
    )


def _ratios(found: Sequence[Compared]) -> str:
    head = ["case", "peer", "ours, s", "theirs, s", "times faster (min – median – max)", "asked"]
    head += ["memory above the input, ×", "asked"]
    rows = []
    for one in found:
        for side in one.case.sides[1:]:
            ratio = one.ratios(side.name)
            own, theirs = one.spread(one.case.sides[0].name, "seconds"), one.spread(side.name, "seconds")
            if ratio and own and theirs:
                cells = [_number(own.median), _number(theirs.median), _range(ratio), _asked(one, side.name, "seconds")]
                memory = one.ratios(side.name, "peak_above_bytes")
                cells += [_median(memory), _asked(one, side.name, "peak_above_bytes")]
                rows.append([f"`{one.case.name}`", side.name, *cells])
    return table(head, rows)


def _asked(one: Compared, side: str, of: str) -> str:
    target = one.case.target(side, of)
    return "" if target is None else f"{target:g}"


def _limits(found: Sequence[Compared]) -> str:
    head = ["case", "side", "operations", "rate for its shapes, GFLOP/s", "limit, s", "taken, s", "taken by limit"]
    rows = []
    for one in found:
        for side in one.case.sides:
            limit = limit_of(one, side.name)
            taken = one.spread(side.name, "seconds")
            if limit and taken:
                gflops = _number(limit.rate and limit.rate / 1e9)
                cells = [f"{limit.flops:.3g}" if limit.flops else "–", gflops, _number(limit.seconds)]
                cells += [_number(taken.median), f"{taken.median / limit.seconds:.2f}"]
                rows.append([f"`{one.case.name}`", side.name, *cells])
    return table(head, rows)


def _case(one: Compared) -> str:
    lines = [f"### {one.case.name}", one.case.what]
    names = sorted({name for runs in one.runs.values() for run in runs for name in run.scores})
    head = ["side", "seconds (min – median – max)", "process, s", "peak, GB", "peak above the input, GB", *names]
    rows = []
    for side in one.case.sides:
        if one.runs[side.name]:
            spread = {name: one.spread(side.name, name) for name in (*COLUMNS, *names)}
            memory = [_median(spread[name], 1e9) for name in ("peak_bytes", "peak_above_bytes")]
            cells = [_range(spread["seconds"]), _median(spread["wall_seconds"])]
            scores = [_score(spread[name]) for name in names]
            rows.append([side.name, *cells, *memory, *scores])
    lines.append(table(head, rows))
    lines.append("\n".join(f"- {side.name}: {side.what}" for side in one.case.sides))
    lines.append("Measured " + one.when + ". " + "; ".join(_drift(one)) + ".")
    crowd = max((run.others_share or 0.0 for runs in one.runs.values() for run in runs), default=0.0)
    if crowd > CROWDED:
        lines.append(f"Other processes took up to {crowd:.0%} of the machine in a round.")
    lines += [f"**Broken:** {words}." for words in one.broken]
    lines += [f"**Failed:** {words.splitlines()[0]}" for words in one.failed.values()]
    return "\n\n".join(line for line in lines if line)


def _drift(one: Compared) -> Iterator[str]:
    before, after = (rates.scores for rates in one.machine)
    for name in before:
        yield f"{name.replace('_', ' ')} {before[name] / 1e9:.0f} → {after[name] / 1e9:.0f} G/s"


def _rows(found: Sequence[Compared]) -> Iterator[list[Any]]:
    for one in found:
        for name, runs in one.runs.items():
            for turn, run in enumerate(runs, start=1):
                yield [one.case.name, name, turn, *(run.value(column) for column in COLUMNS), json.dumps(run.scores)]


def _range(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    if spread.rounds == 1:
        return f"{_number(spread.median)} (once)"
    return " – ".join(_number(value) for value in (spread.minimum, spread.median, spread.maximum))


def _median(spread: Spread | None, unit: float = 1.0) -> str:
    return _number(None if spread is None else spread.median / unit)


def _score(spread: Spread | None) -> str:
    return "–" if spread is None else f"{spread.median:.5g}"


def _number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
