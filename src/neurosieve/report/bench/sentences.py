"""What a bench says, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

from neurosieve.report.front.wording import digits
from neurosieve.report.wording import bounds, count, listing, number, percent, plain, plural
from neurosieve.run.bench.records import Bench, Beside, Measured, Ratio

GOAL = 0.9
_WORSE = {"latency": "takes longer for one sentence or text alone", "throughput": "reads fewer in batches"}


def bench_sentences(bench: Bench) -> list[str]:
    """How it was timed, then what each model gains."""
    saved = ((one, one.beside_full) for one in bench.models if one.path is not None)
    gains = [sentence for one, gained in saved if gained is not None for sentence in _of(bench, one, gained)]
    return [_how(bench), *gains]


def slower_sentences(bench: Bench) -> list[str]:
    """One for each saved model that is slower than the full one beyond noise."""
    return [
        f"{plain(one.name)} is slower than the full model in every one of {bench.rounds} rounds: it "
        f"{' and '.join(_WORSE[name] for name in one.slower)}."
        for one in bench.models
        if one.slower
    ]


def items_of(bench: Bench) -> str:
    """What is read: 'sentence' or 'text'."""
    return "sentence" if bench.kind == "labelling" else "text"


def rows_of(bench: Bench) -> str:
    """What gets a label or a number: 'word' or 'text'."""
    return "word" if bench.kind == "labelling" else "text"


def _how(bench: Bench) -> str:
    threads = plural(bench.environment.threads, "thread")
    batches = listing([count(one.batch_tokens) for one in bench.full.throughputs])
    return (
        f"{plain(bench.task)}, {plain(bench.model, 60)}, {plain(bench.text, 60)}: "
        f"{plural(bench.alone, items_of(bench))} one by one and {plural(bench.together, items_of(bench))} "
        f"({plural(bench.rows, rows_of(bench))}) in batches of {batches} pieces, all models in turn, {bench.rounds} "
        f"rounds, {threads}, {bench.environment.device}."
    )


def _of(bench: Bench, one: Measured, gained: Beside) -> Iterator[str]:
    yield (
        f"{plain(one.name)} is {_times(gained.latency)} times as fast as the full model with one {items_of(bench)} "
        f"alone ({_ms(bench.full.latency.median)} → {_ms(one.latency.median)} ms, 95th percentile "
        f"{_ms(bench.full.latency.p95)} → {_ms(one.latency.p95)}) and {_times(gained.throughput)} times in the same "
        f"batches; each with its best batch, {number(gained.best, 2)} times."
    )
    yield _blocks(bench, one, gained)
    yield (
        f"The blocks are {percent(bench.full.together.blocks / bench.full.together.total, 0)} of the full model's time "
        f"in batches, so faster blocks alone could make the whole {number(gained.bound, 2)} times as fast at most "
        "(Amdahl)."
    )


def _blocks(bench: Bench, one: Measured, gained: Beside) -> str:
    if gained.blocks is None or gained.ideal is None:
        return f"{plain(one.name)} has no block left: only embeddings are read."
    kept = f"Its {plural(one.blocks, 'block')} of {bench.full.blocks} could be {number(gained.ideal, 2)} times as fast"
    if gained.reached is None:
        return f"{kept}, and are {_times(gained.blocks)} times, in another precision ({one.dtype})."
    met = "the goal of 90 % is met" if gained.reached.value >= GOAL else "the goal is 90 %"
    return (
        f"{kept}, and are {_times(gained.blocks)} times: {percent(gained.reached.value, 0)} of the ideal "
        f"{bounds(gained.reached.spread, digits=0)}; {met}."
    )


def _times(ratio: Ratio) -> str:
    return f"{number(ratio.value, 2)} {bounds(ratio.spread, 1, 2)}"


def _ms(value: float) -> str:
    return number(value, digits(value))
