"""How a run keeps to its limit: what it holds at a time is made smaller until every stage fits.

Each step makes the stage smaller that needs most: its shards on the way to the disk, the rows of a block and those that
are whitened together, the probes that share a pass, r beside the moments, its batches. Columns that a search keeps in
memory get what is left of the limit in the end. Less of any takes longer; no result changes by more than rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from neurosieve.errors import MemoryLimitError
from neurosieve.general.forecast import size_text, size_texts
from neurosieve.run.forecast.records import StageForecast
from neurosieve.run.forecast.sizes import Plan

Stages = Callable[[Plan], list[StageForecast]]
Step = Callable[[Plan], Plan | None]

LEAST_BATCH = 256
LEAST_BLOCK_ROWS = 512
LEAST_LIVE_WORDS = 2048
LEAST_ROWS_AT_ONCE = 256
LEAST_PROBE_BYTES = 32_000_000
FIRST_PROBE_BYTES = 512_000_000
SPARE = 0.95  # of a limit is planned for


@dataclass(frozen=True)
class Allowed:
    """The most that may be held, in bytes; ``given`` by the user, or what the machine has available."""

    limit: int
    given: bool

    @property
    def room(self) -> int:
        """What is planned for: a forecast is no promise, so of a limit that was given some stays free."""
        return int(SPARE * self.limit) if self.given else self.limit

    @property
    def whose(self) -> str:
        """For messages."""
        return "the limit" if self.given else "what this machine has available"


def planned(stages: Stages, first: Plan, allowed: Allowed) -> Plan:
    """The plan under which every stage fits; the first one where no limit is given.

    Raises:
        MemoryLimitError: no plan fits, or without a limit the first one does not.
    """
    if not allowed.given:
        refuse(stages(first), allowed)
        return first
    room = allowed.room
    if _peak(stages(first)) <= room:
        return _with_what_is_left(stages, first, room)
    plan = first.with_room(held_bytes=0)
    while (worst := max(stages(plan), key=lambda stage: stage.peak_bytes)).peak_bytes > room:
        smaller = next(_smaller(stages, plan, worst), None)
        if smaller is None:
            raise _refusal(worst, allowed)
        plan = smaller
    return _with_what_is_left(stages, plan, room)


def refuse(stages: list[StageForecast], allowed: Allowed) -> None:
    """Say so if a stage does not fit.

    Raises:
        MemoryLimitError: one does not; the message names the stage, its bytes and the limit.
    """
    worst = max(stages, key=lambda stage: stage.peak_bytes)
    if worst.peak_bytes > allowed.room:
        raise _refusal(worst, allowed)


def _refusal(worst: StageForecast, allowed: Allowed) -> MemoryLimitError:
    size, limit = size_texts(worst.peak_bytes, allowed.limit)
    spare = "" if worst.peak_bytes > allowed.limit else f"{1 - SPARE:.0%} of it are kept free. "
    return MemoryLimitError(
        f"The stage {worst.name!r} would hold {size} at its peak; {allowed.whose} is {limit}. {spare}"
        f"{_advice(worst.name)}"
    )


def _advice(stage: str) -> str:
    if "extract" in stage:
        return "Allow more with --memory, or take a smaller model."
    if stage.endswith("of the text") or "one threshold" in stage or stage == "layer similarity":
        return (
            "Allow more with --memory, read fewer words (--limit-words, --limit-text-words), or ask for one "
            "threshold (general --threshold 0.5)."
        )
    return "Allow more with --memory, read fewer words (--limit-train-words), or take a smaller model."


def _peak(stages: list[StageForecast]) -> int:
    return max(stage.peak_bytes for stage in stages)


def _smaller(stages: Stages, plan: Plan, worst: StageForecast) -> Iterator[Plan]:
    """Plans under which the worst stage holds less, the most harmless first."""
    for step in _STEPS:
        if (other := step(plan)) is not None:
            same = next(stage for stage in stages(other) if stage.name == worst.name)
            if same.peak_bytes < worst.peak_bytes:
                yield other


def _with_what_is_left(stages: Stages, plan: Plan, room: int) -> Plan:
    """As many columns in memory as fit: any number where the rest leaves room for those that a search usually takes.

    What a search takes is a guess; held back to what is left, it keeps to the limit whatever the data say.
    """
    bare = plan.with_room(held_bytes=0)
    return plan.with_room(held_bytes=max(0, room - _peak(stages(bare))))


def _halved(name: str, least: int, first: int | None = None) -> Step:
    def step(plan: Plan) -> Plan | None:
        now = getattr(plan.room, name)
        smaller = first if now is None and first is not None else now // 2
        return None if smaller < least else plan.with_room(**{name: smaller})

    return step


def _smaller_batches(plan: Plan) -> Plan | None:
    half = plan.batch_tokens // 2
    return None if half < LEAST_BATCH else Plan(half, plan.room)


def _one_shard(plan: Plan) -> Plan | None:
    return None if plan.room.shards == 1 else plan.with_room(shards=1)


def _by_tiles(plan: Plan) -> Plan | None:
    return None if plan.room.tilewise else plan.with_room(tilewise=True)


_STEPS: tuple[Step, ...] = (
    _one_shard,
    _halved("live_words", LEAST_LIVE_WORDS),
    _halved("block_rows", LEAST_BLOCK_ROWS),
    _halved("rows_at_once", LEAST_ROWS_AT_ONCE),
    _halved("probe_bytes", LEAST_PROBE_BYTES, FIRST_PROBE_BYTES),
    _by_tiles,
    _smaller_batches,
)


def told(plan: Plan) -> str:
    """What a plan changes, in words; empty where that is nothing."""
    usual, room = Plan(), plan.room
    said = {
        f"batches of {plan.batch_tokens:,} pieces": plan.batch_tokens < usual.batch_tokens,
        "a shard is written before the next is computed": room.shards < usual.room.shards,
        f"{room.live_words:,} words of a text at a time": room.live_words < usual.room.live_words,
        f"blocks of {room.block_rows:,} rows": room.block_rows < usual.room.block_rows,
        f"{room.rows_at_once:,} rows screened at a time": room.rows_at_once < usual.room.rows_at_once,
        f"{size_text(room.probe_bytes or 0)} of probes share a pass": room.probe_bytes is not None,
        f"at most {size_text(room.held_bytes or 0)} of chosen columns in memory": room.held_bytes is not None,
        "r by tiles": room.tilewise,
    }
    return ", ".join(part for part, changed in said.items() if changed)
