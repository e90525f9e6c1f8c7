"""The sides of a case in turn, A B A B …: ratios round by round, and whether the bounds hold."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness.case import Case, Check, Settings, Side, Target
from benchmarks.harness.measure import Measured, SideFailed, run_side

CROWDED = 0.05  # of the machine's time, taken by other processes, is said aloud

Say = Callable[[str], None]


@dataclass(frozen=True)
class Spread:
    """The minimum, median and maximum of some rounds, and how many they were."""

    minimum: float
    median: float
    maximum: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(min(values), statistics.median(values), max(values), len(values))


@dataclass(frozen=True)
class Compared:
    """What came out of a case.

    Attributes:
        runs: the rounds of each side, by its name; the first is ours.
        failed: why a side has fewer rounds than asked, by its name.
        broken: the bounds that do not hold, in words.
        machine: the rates before and after (see ``machine.py``), each by name.
    """

    case: Case
    runs: dict[str, list[Measured]]
    failed: dict[str, str]
    broken: list[str]
    machine: tuple[Measured, Measured]
    when: str

    @property
    def ours(self) -> list[Measured]:
        """The rounds of the first side."""
        return self.runs[self.case.sides[0].name]

    def ratios(self, side: str, of: str = "seconds") -> Spread | None:
        """The other side's figure by ours in the same round; a side measured once is compared with our every round."""
        theirs = [run.value(of) for run in self.runs[side]]
        theirs = theirs * len(self.ours) if len(theirs) == 1 else theirs
        pairs = zip(theirs, (run.value(of) for run in self.ours), strict=False)
        values = [other / own for other, own in pairs if other is not None and own]
        return Spread.of(values) if values else None

    def spread(self, side: str, of: str) -> Spread | None:
        """A score or measurement of one side over its rounds."""
        values = [value for run in self.runs[side] if (value := run.value(of)) is not None]
        return Spread.of(values) if values else None

    def rate(self, name: str) -> float | None:
        """A rate of the machine: the better of before and after."""
        found = [rates.scores[name] for rates in self.machine if name in rates.scores]
        return max(found, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        names = [side.name for side in self.case.sides[1:] if self.runs[side.name]]
        case = {key: value for key, value in asdict(_plain(self.case)).items() if key != "prepare"}
        kinds = ("seconds", "wall_seconds", "peak_bytes", "peak_above_bytes")
        return {
            "case": case,
            "when": self.when,
            "runs": {name: [asdict(run) for run in runs] for name, runs in self.runs.items()},
            "ratios": {name: {kind: _dict(self.ratios(name, kind)) for kind in kinds} for name in names},
            "failed": self.failed,
            "broken": self.broken,
            "machine": {"before": asdict(self.machine[0]), "after": asdict(self.machine[1])},
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Compared:
        """What `to_dict` wrote."""
        case = dict(found["case"])
        case["sides"] = tuple(Side(**side | {"argv": tuple(side["argv"])}) for side in case["sides"])
        case["checks"] = tuple(Check(**check) for check in case["checks"])
        case["targets"] = tuple(Target(**target) for target in case.get("targets", ()))
        case["shapes"] = tuple(tuple(shape) for shape in case["shapes"])
        runs = {name: [Measured(**run) for run in runs] for name, runs in found["runs"].items()}
        before, after = (Measured(**found["machine"][name]) for name in ("before", "after"))
        return cls(Case(**case), runs, found["failed"], found["broken"], (before, after), found["when"])


def compare(case: Case, settings: Settings, interpreters: dict[str, Path], say: Say) -> Compared:
    """Prepare a case, run its sides in turn, and look at its bounds."""
    if case.prepare is not None:
        say(f"{case.name}: preparing")
        case.prepare()
    sides = [side for side in case.sides if side.python in interpreters]
    before = machine_rates(case, settings, interpreters)
    runs: dict[str, list[Measured]] = {side.name: [] for side in case.sides}
    failed = {side.name: "there is no environment for it" for side in case.sides if side not in sides}
    for turn in range(settings.rounds):
        for side in sides:
            if side.name in failed or (side.once and turn and not settings.again):
                continue
            try:
                log = _log(settings, case, side, turn)
                run = run_side(side, interpreters, settings.threads, log, look=turn == 0)
            except SideFailed as error:
                failed[side.name] = str(error)
                say(f"{case.name}: {error}")
                continue
            runs[side.name].append(run)
            say(f"{case.name}, round {turn + 1}: {side.name} {run.seconds:.3f} s{_remark(run)}")
    after = machine_rates(case, settings, interpreters)
    found = Compared(case, runs, failed, [], (before, after), datetime.now(UTC).isoformat(timespec="seconds"))
    found.broken.extend(broken_checks(found))
    for words in found.broken:
        say(f"{case.name}: {words}")
    return found


def machine_rates(case: Case, settings: Settings, interpreters: dict[str, Path]) -> Measured:
    """The machine's rates for a case's shapes and for a square one, now."""
    square = (512, 512, 512) if settings.small else (4096, 4096, 4096)
    job = {"shapes": sorted({*case.shapes, square}), "small": settings.small}
    side = Side("machine", "ours", ("-m", "benchmarks.harness.machine", json.dumps(job)), "the machine's rates")
    return run_side(side, interpreters, settings.threads, _log(settings, case, side, 0), look=False)


def broken_checks(found: Compared) -> list[str]:
    """The bounds that do not hold between the sides that ran, on the median of their rounds."""
    return [words for check in found.case.checks for words in _broken(check, found)]


def _broken(check: Check, found: Compared) -> list[str]:
    own = found.spread(found.case.sides[0].name, check.score)
    if own is None:
        return [f"{found.case.sides[0].name} has no {check.score}, on which there is a bound"] if found.ours else []
    against = {"the bound": check.value} if check.value is not None else _others(check, found)
    return [
        f"{check.score} is {own.median:.6g}, which must be {check.how} {value:.6g} ({name}), within {check.tolerance:g}"
        for name, value in against.items()
        if not _holds(check, own.median, value)
    ]


def _others(check: Check, found: Compared) -> dict[str, float]:
    names = [side.name for side in found.case.sides[1:] if check.side in (None, side.name)]
    spreads = {name: found.spread(name, check.score) for name in names}
    return {name: spread.median for name, spread in spreads.items() if spread is not None}


def _holds(check: Check, own: float, other: float) -> bool:
    """Whether a bound holds; NaN holds nothing."""
    if check.how == "equal":
        return abs(own - other) <= check.tolerance
    return own >= other - check.tolerance if check.how == "at least" else own <= other + check.tolerance


def _remark(run: Measured) -> str:
    memory = "" if run.peak_bytes is None else f", {run.peak_bytes / 1e9:.2f} GB"
    crowded = run.others_share is not None and run.others_share > CROWDED
    return memory + (f" (other processes took {run.others_share:.0%} of the machine)" if crowded else "")


def _log(settings: Settings, case: Case, side: Side, turn: int) -> Path:
    name = "".join(letter if letter.isalnum() else "-" for letter in side.name)
    return settings.out.resolve() / "logs" / case.name / f"{name}-{turn + 1}.log"


def _dict(spread: Spread | None) -> dict[str, float] | None:
    return None if spread is None else asdict(spread)


def _plain(case: Case) -> Case:
    """Without what `asdict` cannot copy."""
    return Case(**{name: getattr(case, name) for name in case.__dataclass_fields__ if name != "prepare"})


def say_on_stderr(text: str) -> None:
    """Progress, a line at a time."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
