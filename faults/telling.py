"""The table of a run of rounds, within 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from faults.rounds import Round


def table(rounds: Sequence[Round]) -> str:
    """A line for each fault and for each job: how often injected, how often it hit, and how often nothing was lost."""
    kinds = sorted({name for one in rounds for name, _ in one.faults})
    lines = [_line("fault", "injected", "hit", "rounds", "identical")]
    lines += [_line(name, *_of_kind(name, rounds)) for name in kinds]
    lines += ["", _line("command", "faults", "hit", "rounds", "identical", "kept", "made")]
    jobs = list(dict.fromkeys(one.job for one in rounds))
    lines += [_line(name, *_of_job([one for one in rounds if one.job == name])) for name in jobs]
    lines.append(_line("together", *_of_job(rounds)))
    return "\n".join([*lines, "", "kept, made: shards that were sound before the last start, and those that it made"])


def problems(one: Round) -> str:
    """What was wrong with a round, in words."""
    faults = ", ".join(f"{name}{'' if hit else ' (missed)'}" for name, hit in one.faults)
    said = "; ".join([*one.lost[:5], *one.problems])
    return f"round {one.number}, {one.job}: {faults}: {said or 'identical'}"


def as_json(rounds: Sequence[Round]) -> dict[str, Any]:
    """Everything."""
    return {
        "rounds": [asdict(one) | {"survived": one.survived} for one in rounds],
        "injected": sum(len(one.faults) for one in rounds),
        "hit": sum(hit for one in rounds for _, hit in one.faults),
        "survived": sum(one.survived for one in rounds),
    }


def _of_kind(name: str, rounds: Sequence[Round]) -> tuple[int, int, int, int]:
    drawn = [hit for one in rounds for kind, hit in one.faults if kind == name]
    own = [one for one in rounds if name in {kind for kind, _ in one.faults}]
    return len(drawn), sum(drawn), len(own), sum(one.survived for one in own)


def _of_job(rounds: Sequence[Round]) -> tuple[int, ...]:
    faults = [hit for one in rounds for _, hit in one.faults]
    shards = (sum(one.kept for one in rounds), sum(one.made for one in rounds))
    return len(faults), sum(faults), len(rounds), sum(one.survived for one in rounds), *shards


def _line(name: str, *columns: object) -> str:
    return f"{name:<23}" + "".join(f"{column!s:>10}" if i < 4 else f"{column!s:>8}" for i, column in enumerate(columns))
