"""The stages of a run in their order, each with its seconds, its peak of memory, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from neurosieve.run.atlas.choice import LOOKED_AT
from neurosieve.run.forecast import memory, seconds
from neurosieve.run.forecast.records import Rates, StageForecast
from neurosieve.run.forecast.sizes import ModelSize, Plan, RunSize, SplitSize, TaskSize

# Results, tables, figures and the page, and a compact model's tokenizer: measured, they hardly depend on the run.
TASK_BYTES, FOLDER_BYTES = 3_000_000, 1_500_000
ROW_BYTES = 9  # of a store's manifest and of the header of a shard, for each word without a vector; an upper bound


@dataclass
class _Ledger:
    """The stages so far; ``held`` is what the leading process holds between them, ``resting`` each of the workers."""

    held: int
    rates: Rates
    workers: int = 0
    found: list[StageForecast] = field(default_factory=list)
    prefix: str = ""
    resting: int = 0

    def __post_init__(self) -> None:
        self._begun = self.held

    def begin_workers(self) -> None:
        """From now on each holds what the leading process held at first: what is imported, model and corpus."""
        self.resting = self._begun

    def add(
        self, name: str, taken: float, extra: int, *, each: int = 0, cache: int = 0, out: int = 0, note: str = ""
    ) -> None:
        """A stage in which the leading process holds ``extra`` bytes at its peak, and every worker ``each``."""
        self.found.append(
            StageForecast(
                name=self.prefix + name,
                seconds=round(taken, 3),
                peak_bytes=self.held + extra + self.workers * (self.resting + each),
                cache_bytes=cache,
                out_bytes=out,
                note=note,
            )
        )


def of_run(size: RunSize, plan: Plan, rates: Rates, held: int) -> list[StageForecast]:
    """The stages of `run`, or of `task` where no sieve is asked, after the model is loaded; ``held`` bytes are then."""
    ledger = _Ledger(held, rates, size.workers)
    if size.text is not None:
        _text(ledger, size, size.text, plan)
    known: set[str] = set()
    for task in size.tasks:
        ledger.prefix = f"{task.name}: " if len(size.tasks) > 1 else ""
        _prepare(ledger, size.model, task, plan, known)
        _redundancy(ledger, size, task, plan, known)
        known.add(task.key)
        _task(ledger, size, task, plan)
    ledger.prefix = ""
    if size.asked.sieve:
        m, folder = size.model, size.model.weights + FOLDER_BYTES
        taken = seconds.compact(m, size.tasks, rates)
        ledger.add("compact model", taken, memory.compact(m, size.tasks, plan), out=folder)
    return ledger.found


def of_general(size: RunSize, plan: Plan, rates: Rates, held: int) -> list[StageForecast]:
    """The stages of `general`."""
    ledger, text = _Ledger(held, rates, size.workers), size.text
    if text is None:
        return []
    if size.asked.threshold is None:
        _text(ledger, size, text, plan)
    else:
        _at_one_threshold(ledger, size.model, text, plan, size.asked.threshold)
    return ledger.found


def of_extract(size: RunSize, plan: Plan, rates: Rates, held: int) -> list[StageForecast]:
    """The stages of `extract`."""
    ledger = _Ledger(held, rates, size.workers)
    for split in (size.text,) if size.text is not None else size.tasks[0].splits:
        _extract(ledger, size.model, split, plan)
    return ledger.found


def _extract(ledger: _Ledger, m: ModelSize, split: SplitSize, plan: Plan, name: str = "") -> None:
    left = split.rows - split.there
    written = left * m.neurons * m.number + (ROW_BYTES * split.rows if left else 0)
    note = "in the cache" if not left else f"{split.there:,} rows are in the cache" if split.there else ""
    taken, name = seconds.extraction(m, split, ledger.rates), f"extract {name or split.name}"
    if not ledger.workers:
        extra = memory.extraction(m, left, split.words, plan) if left else 0
        ledger.add(name, taken, extra, cache=written, note=note)
        return
    ledger.begin_workers()
    each = memory.extraction(m, -(-left // ledger.workers), split.words, plan) if left else 0
    ledger.add(name, taken, memory.sent(split.words), each=each, cache=written, note=note)


def _text(ledger: _Ledger, size: RunSize, text: SplitSize, plan: Plan) -> None:
    """General redundancy of a text that the model reads once, and again for the intervals; a team stores it."""
    m, before = size.model, ledger.held
    reading, rows = seconds.extraction(m, text, ledger.rates), memory.live(m, text.rows, text.words, plan)
    if ledger.workers:
        _extract(ledger, m, text, plan, "the text")
        reading, rows = 0.0, 0
    _moments(ledger, m, text.rows, plan, "moments of the text", reading, rows)
    taken, extra = seconds.general(m, ledger.rates), memory.clustering(m, plan)
    pieces = memory.BYTES_PER_WORD * text.words
    ledger.add("general redundancy of the text", taken, extra + pieces)
    ledger.add("clusters of the text", seconds.portraits(m, ledger.rates), memory.portraits(m))
    first = min(text.words, LOOKED_AT)
    taken = 2 * seconds.reading(text, first, ledger.rates) + seconds.words_of_clusters(m, first, ledger.rates)
    looked = memory.live(m, first, first, plan) + memory.clusters_in_words(m, first, plan)
    ledger.add("clusters of the text in words", taken, looked)
    if size.asked.intervals:
        taken = reading + seconds.intervals_of_cka(m, text.rows, ledger.rates)
        ledger.add("intervals of CKA of the text", taken, rows + memory.intervals_of_cka(m, plan))
    _measures(ledger, size, text.rows, rows)
    ledger.held = before


def _measures(ledger: _Ledger, size: RunSize, rows: int, reading: int) -> None:
    if size.asked.measures:
        m = size.model
        pairs = m.layers**2 / 2
        taken = size.asked.measures * pairs * 30.0 * m.units**3 / ledger.rates.double
        ledger.add("other measures of layers", taken, reading + 16 * 8 * m.units**2 + 4 * 2 * 2048 * m.neurons)


def _prepare(ledger: _Ledger, m: ModelSize, task: TaskSize, plan: Plan, known: set[str]) -> None:
    """Activations and moments; what tasks on the same rows have in common is made once."""
    for split in task.splits:
        _extract(ledger, m, split, plan)
    ledger.held += 4 * memory.INT * sum(split.rows for split in task.splits)  # labels, groups, places
    if task.key in known:
        taken = seconds.relabelled(m, task.train, ledger.rates)
        ledger.add("moments", taken, memory.relabelled(m, task.train, plan), note="products are there already")
        return
    _moments(ledger, m, task.train, plan, "moments")


def _moments(
    ledger: _Ledger, m: ModelSize, rows: int, plan: Plan, name: str, reading: float = 0.0, read: int = 0
) -> None:
    """Sums of all rows; ``reading`` seconds and ``read`` bytes are those of rows that are made on the way."""
    taken = reading + seconds.moments(m, rows, ledger.rates)
    if ledger.workers:
        ledger.add(name, taken, memory.added(m, ledger.workers), each=memory.moments(m, rows, plan))
    else:
        ledger.add(name, taken, read + memory.moments(m, rows, plan))
    ledger.held += memory.products(m)


def _redundancy(ledger: _Ledger, size: RunSize, task: TaskSize, plan: Plan, known: set[str]) -> None:
    if task.key in known:
        return
    m = size.model
    ledger.add("general redundancy", seconds.general(m, ledger.rates), memory.clustering(m, plan))
    if known or size.text is not None:
        return
    if size.asked.intervals:
        taken = seconds.intervals_of_cka(m, task.train, ledger.rates)
        ledger.add("intervals of CKA", taken, memory.intervals_of_cka(m, plan))
    _measures(ledger, size, task.train, 0)
    taken = seconds.portraits(m, ledger.rates) + seconds.words_of_clusters(m, task.train, ledger.rates)
    ledger.add("clusters in words", taken, memory.clusters_in_words(m, task.train, plan))


def _task(ledger: _Ledger, size: RunSize, task: TaskSize, plan: Plan) -> None:
    m, asked, rates = size.model, size.asked, ledger.rates
    before = ledger.held
    passes = partial(memory.passes, task, plan, shared=not (asked.paper or task.numeric))
    together = passes(memory.columns_of_prefixes(m), 2 * m.layers - 1)
    ledger.add("oracle and layers", seconds.layers(m, task, asked, rates), memory.layers(m, task, plan), each=together)
    kept = memory.F32 * memory.columns_of_prefixes(m) * task.outputs
    ledger.held += kept + (2 * m.layers - 1) * memory.INT * task.held_out
    ledger.add("clusters and accuracy", seconds.representatives(m, task, rates), memory.representatives(m, task, plan))
    ledger.add("rankings", seconds.rankings(m, task, rates), memory.forward(m, task))
    for name, share in (("forward", memory.GOOD_SET), ("lca", 1.5 * memory.GOOD_SET), ("random", memory.RANDOM_SET)):
        found = min(share / 1.5, memory.GOOD_SET)  # of a random ranking the size is found less exactly, by fewer probes
        taken = seconds.screening(m, task, rates) + seconds.search(m, task, found, asked, rates)
        peak = max(memory.screening(m, task, plan), memory.search(m, task, share, plan))
        ledger.add(f"minimal set: {name}", taken, peak, each=passes(3 * int(share * m.neurons), 3))
    ledger.add("minimal set: random_per_layer", seconds.screening(m, task, rates), memory.screening(m, task, plan))
    if asked.sieve:
        each = passes(3 * int(memory.CLUSTERED * m.neurons), 3)
        ledger.add("sieve", seconds.sieve(m, task, asked, rates), memory.sieve(m, task, plan), each=each)
    if asked.controls and task.of_words:
        each = passes(m.neurons, 1)
        ledger.add("control task", seconds.control(m, task, asked, rates), memory.control(m, task, plan), each=each)
    ledger.add("intervals", seconds.bootstrap(m, task), memory.intervals(task), out=TASK_BYTES)
    ledger.held = before + memory.F32 * m.neurons * task.outputs + memory.draws(task)


def _at_one_threshold(ledger: _Ledger, m: ModelSize, text: SplitSize, plan: Plan, threshold: float) -> None:
    """Activations in memory, tiles of r, and the components, whose size nobody knows before: a third is assumed."""
    rates, before = ledger.rates, ledger.held
    values = memory.F32 * m.neurons * text.rows
    rows = memory.live(m, text.rows, text.words, plan)
    standardising = 3 * memory.F64 * 1024 * text.rows
    reading = seconds.extraction(m, text, rates)
    if ledger.workers:
        _extract(ledger, m, text, plan, "the text")
        reading, rows = 0.0, 0
    ledger.add("activations of the text", reading + 12 * values / rates.copy_bytes, values + max(rows, standardising))
    ledger.held += values
    gram = 2 * m.layers * memory.F32 * text.rows**2 if text.rows < m.units else 3 * memory.F64 * m.units**2 * 2
    taken = 2.0 * text.rows * m.square / rates.square
    ledger.add("layer similarity", taken, gram)
    tile = 65 * min(2048, m.neurons) ** 2
    component = values // 3 + 2 * (m.neurons // 3) ** 2
    ledger.add(f"clusters at {threshold:g}", 1.4 * taken + 2e-8 * m.square / 9, component + tile)
    ledger.add("members of the clusters", 0.6 * taken, component)
    ledger.held = before
