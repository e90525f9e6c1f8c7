"""The tables of a bench: what each model is, costs and scores; each batch; where the time goes."""

from __future__ import annotations

from dataclasses import dataclass

from neurosieve.report.bench.sentences import items_of, rows_of
from neurosieve.report.front.wording import digits, short
from neurosieve.report.metric import metric_named
from neurosieve.report.tables.base import Row, Table, score_cells
from neurosieve.report.wording import bounds, number, plain
from neurosieve.run.bench.records import Bench, Measured
from neurosieve.run.schema import Range

COLUMNS = {
    "model": "which model; the full one comes first",
    "dtype": "precision that it computes in",
    "layers": "layers, the embeddings counted",
    "blocks": "blocks that run",
    "neurons": "how many the head reads",
    "megabytes": "of all its files, in 10^6 bytes",
    "parameters": "of encoder and heads",
    "megaflops": "10^6 operations of matrix products for one word or text, without padding",
    "ms": "milliseconds for one sentence or text read alone, median over sentences and rounds",
    "ms_p95": "its 95th percentile",
    "ms_low": "median of its fastest round",
    "ms_high": "median of its slowest round",
    "best_batch": "pieces at once with which it is fastest",
    "per_second": "words or texts per second then, median over rounds",
    "per_second_low": "its slowest round",
    "per_second_high": "its fastest round",
    "test": "score on test, in the task's metric",
    "test_low": "lower end of its 95 % interval",
    "test_high": "upper end of its 95 % interval",
    "faster_alone": "times as fast as the full model, one sentence or text alone",
    "faster_together": "the same in the batches that the full model is fastest with",
    "blocks_faster": "the same of the blocks alone",
    "blocks_ideal": "blocks of the full model by its own",
    "bound": "how much faster the whole could be by faster blocks alone (Amdahl)",
    **{
        f"{part}_{how}": f"milliseconds for one sentence or text, {said}: {meaning}"
        for how, said in (("alone", "read alone"), ("together", "in batches"))
        for part, meaning in (
            ("tokenising", "words to pieces"),
            ("embeddings", "the model outside its blocks"),
            ("blocks", "its blocks"),
            ("gathering", "batches, padding, rows of words"),
            ("head", "the linear map"),
        )
    },
}
PARTS = ("tokenising", "embeddings", "blocks", "gathering", "head")


def bench_table(bench: Bench) -> Table:
    """A row for each model."""
    return Table("bench", f"Models on {bench.task}", COLUMNS, tuple(_row(one) for one in bench.models))


def _row(one: Measured) -> Row:
    best, gained = one.best, one.beside_full
    size = (one.name, one.dtype, one.layers, one.blocks, one.neurons, one.megabytes, one.parameters, one.megaflops)
    times = (one.latency.median, one.latency.p95, *one.latency.spread)
    rates = (best.batch_tokens, best.speed.per_second, *best.speed.spread)
    scores = (None, None, None) if one.test is None else score_cells(one.test)
    faster: Row = (None, None, None, None, None)
    if gained is not None:
        blocks = None if gained.blocks is None else gained.blocks.value
        faster = (gained.latency.value, gained.throughput.value, blocks, gained.ideal, gained.bound)
    parts = tuple(getattr(side, part) for side in (one.alone, one.together) for part in PARTS)
    return (*size, *times, *rates, *scores, *faster, *parts)


@dataclass(frozen=True)
class Shown:
    """A table for reading: what it is, its columns' names, its cells."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def shown_tables(bench: Bench) -> list[Shown]:
    """Three tables: models, batches, parts."""
    return [_models(bench), _batches(bench), _parts(bench, together=True), _parts(bench, together=False)]


def _models(bench: Bench) -> Shown:
    heads = ["model", "MB", "million", f"MFLOP/{rows_of(bench)}", "ms [p95]", f"{rows_of(bench)}s/s"]
    rows = [
        [
            plain(one.name, 20),
            number(one.megabytes),
            number(one.parameters / 1e6),
            number(one.megaflops),
            f"{_ms(one.latency.median)} [{_ms(one.latency.p95)}]",
            short(one.best.speed.per_second),
        ]
        for one in bench.models
    ]
    title = (
        f"Size of all files, parameters, work a {rows_of(bench)}, one {items_of(bench)} alone, and {rows_of(bench)}s "
        "per second with the best batch"
    )
    if bench.metric is not None:
        metric = metric_named(bench.metric)
        scale, places = (100.0, 1) if metric.in_percent else (1.0, 3)
        heads.append("test")
        title += f"; test {metric.title}{', %' if metric.in_percent else ''} with its 95 % interval"
        for row, one in zip(rows, bench.models, strict=True):
            row.append("–" if one.test is None else _score(one.test.value, one.test.interval, scale, places))
    return Shown(title, heads, rows)


def _score(value: float, interval: Range | None, scale: float, places: int) -> str:
    text = number(scale * value, places)
    return text if interval is None else f"{text} {bounds(interval, scale, places)}"


def _batches(bench: Bench) -> Shown:
    heads = ["pieces at once", *(plain(one.name, 20) for one in bench.models)]
    columns = [[_rate(found.speed.per_second, found.speed.spread) for found in one.throughputs] for one in bench.models]
    batches = [number(found.batch_tokens, 0) for found in bench.full.throughputs]
    rows = [list(cells) for cells in zip(batches, *columns, strict=True)]
    return Shown(f"{rows_of(bench).capitalize()}s per second by batch, with the range of the rounds", heads, rows)


def _rate(value: float, spread: Range) -> str:
    return f"{short(value)} [{short(spread[0])}, {short(spread[1])}]"


def _parts(bench: Bench, *, together: bool) -> Shown:
    heads = ["model", *PARTS, "all"]
    rows = []
    for one in bench.models:
        side = one.together if together else one.alone
        rows.append([plain(one.name, 20), *(_ms(getattr(side, part)) for part in PARTS), _ms(side.total)])
    how = f"in batches of {number(_common_batch(bench), 0)} pieces" if together else "read alone"
    return Shown(f"Where the time goes: ms a {items_of(bench)}, {how}", heads, rows)


def _common_batch(bench: Bench) -> int:
    """The batch in which the parts were timed: the one that the full model is fastest with."""
    return bench.full.best.batch_tokens


def _ms(value: float) -> str:
    return number(value, max(digits(value), 2 if value < 10 else 1))
