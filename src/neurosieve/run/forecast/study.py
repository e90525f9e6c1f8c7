"""What a whole run will take, and how it keeps to its limit: corpora and model are read, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from torch import nn

from neurosieve.activations import Encoder, Pooling
from neurosieve.corpus import Corpus, Split
from neurosieve.errors import MemoryLimitError, StoreError
from neurosieve.general.forecast import size_text, size_texts
from neurosieve.run.facts import Stage
from neurosieve.run.forecast.planning import Allowed, planned
from neurosieve.run.forecast.rates import UNKNOWN, measure, sample_of
from neurosieve.run.forecast.records import Choices, Disk, Forecast, Rates, StageForecast
from neurosieve.run.forecast.sizes import Asked, ModelSize, Plan, RunSize, SplitSize, TaskSize
from neurosieve.run.forecast.stages import of_extract, of_general, of_run
from neurosieve.run.forecast.system import available_bytes, free_bytes, held_bytes, same_disk
from neurosieve.run.prepare import items_of, pooling_of, rows_there
from neurosieve.run.settings import RunSettings, TaskSettings

Command = Literal["run", "task", "general", "extract"]

PAGE_BYTES = 4_000_000  # results, tables, figures and the page: measured


@dataclass(frozen=True)
class Read:
    """What a run starts from: the encoder, a text without labels where there is one, and the corpora of the tasks."""

    encoder: Encoder
    text: Split | None
    corpora: tuple[Corpus, ...]


def forecast(read: Read, settings: RunSettings, command: Command, before: Sequence[Stage] = ()) -> Forecast:
    """What a run will take; what does not fit is said in ``problem``.

    Args:
        read: what has been read.
        settings: of the run.
        command: whose stages.
        before: the stages that are over: reading corpora and model.
    """
    held = held_bytes()  # before anything is tried out
    rates = _rates(read, settings)
    work = _Work(size_of(read, settings, command), rates, held, command)
    allowed, first, problem = _allowed(settings), Plan(settings.batch_tokens), ""
    try:
        plan = planned(work, first, allowed)
    except MemoryLimitError as error:
        plan, problem = first, str(error)
    found = [StageForecast(name=one.name, seconds=one.seconds, peak_bytes=work.held, note="done") for one in before]
    found += work(plan)
    disk = _disk(settings, found, command)
    return Forecast(
        command=command,
        model=read.encoder.name,
        rows=sum(split.rows for split in work.splits),
        cached_rows=sum(split.there for split in work.splits),
        rates=rates,
        choices=Choices(batch_tokens=plan.batch_tokens, **asdict(plan.room)),
        stages=found,
        seconds=round(sum(stage.seconds for stage in found), 1),
        peak_bytes=max(stage.peak_bytes for stage in found),
        workers=work.size.workers,
        limit_bytes=allowed.limit,
        limit_given=allowed.given,
        disk=disk,
        problem=problem or _disk_problem(disk),
    )


def plan_run(read: Read, settings: RunSettings, command: Command) -> Plan:
    """How the run is to be done; what does not fit is told before anything is begun. Measures nothing.

    Raises:
        ConfigError: a folder cannot be written.
        MemoryLimitError: no plan keeps to the limit; the message names the stage and its bytes.
        StoreError: the disk has too little room.
    """
    held = held_bytes()
    work = _Work(size_of(read, settings, command), UNKNOWN, held, command)
    plan = planned(work, Plan(settings.batch_tokens), _allowed(settings))
    if problem := _disk_problem(_disk(settings, work(plan), command)):
        raise StoreError(problem)
    return plan


@dataclass(frozen=True)
class _Work:
    """The stages of a command under a plan."""

    size: RunSize
    rates: Rates
    held: int
    command: Command

    def __call__(self, plan: Plan) -> list[StageForecast]:
        of = {"general": of_general, "extract": of_extract}.get(self.command, of_run)
        return of(self.size, plan, self.rates, self.held)

    @property
    def splits(self) -> list[SplitSize]:
        """Everything that is read."""
        tasks = [split for task in self.size.tasks for split in task.splits]
        return tasks if self.size.text is None else [self.size.text, *tasks]


def size_of(read: Read, settings: RunSettings, command: Command) -> RunSize:
    """How large the run is, and what of it is in the cache."""
    encoder = read.encoder
    stored = command == "extract" or _workers(settings) > 0
    text = None if read.text is None else _split("text", read, read.text, None, settings, stored=stored)
    pairs = list(zip(read.corpora, settings.tasks, strict=False))
    if command == "extract":
        pairs = pairs[:1]
    inner = max(layer.weight.shape[0] for layer in _products(encoder)) if any(_products(encoder)) else encoder.n_units
    model = ModelSize(
        layers=encoder.n_layers,
        units=encoder.n_units,
        inner=inner,
        weights=sum(p.numel() * p.element_size() for p in encoder.model.parameters()),
        number=encoder.dtype.itemsize,
        gaps=any(sample_of(encoder, items, pooling, settings).gaps for items, pooling in _sources(read, settings)),
    )
    asked = Asked(
        paper=settings.protocol == "paper",
        controls=settings.controls,
        intervals=settings.intervals,
        measures=len(settings.measures),
        sieve=command == "run",
        threshold=settings.threshold if command == "general" else None,
    )
    tasks = tuple(_task(read, corpus, task, settings) for corpus, task in pairs)
    return RunSize(model, text, tasks, asked, _workers(settings))


def _workers(settings: RunSettings) -> int:
    """Processes of this machine beside the leading one; those of Ray and of a launcher may be anywhere."""
    alone = settings.ranks or settings.ray_address is not None or settings.workers in (None, 1)
    return 0 if alone else settings.workers or 0


def _products(encoder: Encoder) -> Iterator[nn.Linear]:
    return (module for module in encoder.model.modules() if isinstance(module, nn.Linear))


def _sources(read: Read, settings: RunSettings) -> Iterator[tuple[list[tuple[str, ...]], Pooling | None]]:
    """What is read of the text and of each training split."""
    if read.text is not None:
        yield items_of(read.text), None
    for corpus, task in zip(read.corpora, settings.tasks, strict=False):
        yield items_of(corpus.splits["train"]), pooling_of(read.encoder, corpus, task)


def _task(read: Read, corpus: Corpus, task: TaskSettings, settings: RunSettings) -> TaskSize:
    pooling = pooling_of(read.encoder, corpus, task)
    splits = tuple(_split(name, read, split, pooling, settings) for name, split in corpus.splits.items())
    outputs, train = max(1, len(corpus.classes)), items_of(corpus.splits["train"])
    key = f"{pooling} {hash(tuple(train))}"
    return TaskSize(task.name, splits, outputs, corpus.kind == "regression", corpus.kind == "labelling", key)


def _split(
    name: str, read: Read, split: Split, pooling: Pooling | None, settings: RunSettings, *, stored: bool = True
) -> SplitSize:
    items = items_of(split)
    rows = split.n_words if pooling is None else len(items)
    there = rows_there(read.encoder, items, pooling, settings) if stored else 0
    pieces = sample_of(read.encoder, items, pooling, settings).pieces
    return SplitSize(name, rows, pieces, split.n_words, there, len(items))


def _rates(read: Read, settings: RunSettings) -> Rates:
    items, pooling = next(_sources(read, settings))
    outputs = max([20, *(len(corpus.classes) for corpus in read.corpora)])
    return measure(read.encoder, items, pooling, settings, outputs)


def _allowed(settings: RunSettings) -> Allowed:
    if settings.memory is not None:
        return Allowed(settings.memory, True)
    return Allowed(available_bytes(), False)


def _disk(settings: RunSettings, stages: Sequence[StageForecast], command: Command) -> Disk:
    cache, out = settings.cache_folder, settings.out
    return Disk(
        cache=str(cache),
        cache_bytes=sum(stage.cache_bytes for stage in stages),
        cache_free_bytes=free_bytes(cache),
        out=str(out),
        out_bytes=sum(stage.out_bytes for stage in stages) + (0 if command == "extract" else PAGE_BYTES),
        out_free_bytes=free_bytes(out),
        shared=same_disk(cache, out),
    )


def _disk_problem(disk: Disk) -> str:
    """What is too much for a disk, and what to do; empty where all fits."""
    together = disk.cache_bytes + disk.out_bytes
    needs = [
        (disk.cache, together if disk.shared else disk.cache_bytes, disk.cache_free_bytes),
        (disk.out, together if disk.shared else disk.out_bytes, disk.out_free_bytes),
    ]
    for folder, needed, free in needs:
        if needed > free:
            size, left = size_texts(needed, free)
            return (
                f"{size} would be written to the disk of {folder}, of these {size_text(disk.cache_bytes)} of "
                f"activations; {left} are free. Make room, choose another --cache, or read fewer words."
            )
    return ""
