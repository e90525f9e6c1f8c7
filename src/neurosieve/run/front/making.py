"""A point of the front as a compact model: its head trained once more, written, and measured as it was written."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from neurosieve import task_specific as ts
from neurosieve.arrays import IntArray
from neurosieve.compact import CompactModel, refuse_foreign
from neurosieve.errors import ConfigError
from neurosieve.metrics import ConstantWarning
from neurosieve.run.compact import make_compact
from neurosieve.run.front.choice import Limits, pick
from neurosieve.run.front.records import Chosen, Front, Latency, Point, front_name
from neurosieve.run.front.study import fit_sizes
from neurosieve.run.front.timing import Sample, latency_of, seconds_alone
from neurosieve.run.records import Recorder
from neurosieve.run.reopen import Reopened, reopen
from neurosieve.run.results import Compact, Task
from neurosieve.run.stages import Progress, Stopwatch
from neurosieve.run.task import TaskRun


def choose(
    folder: str | Path,
    limits: Limits,
    out: str | Path,
    *,
    task: str | None = None,
    cache: str | Path | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> Chosen:
    """Take the best point of a front within limits, and write its compact model into ``out``.

    Args:
        folder: of the run; `find_front` must have been there.
        limits: what the model must keep to.
        out: a new folder, or that of a compact model, which is replaced.
        task: without a name the run's first.
        cache: as for `reopen`.
        device: as for `reopen`.
        progress: is told of the stages.

    Raises:
        ConfigError: no point keeps to the limits, or there is no front, or one of another run.
        CompactError: ``out`` holds something else.
        NeurosieveError: the model, the corpus or the cache cannot be read.
    """
    limits.check()
    refuse_foreign(Path(out))
    run = reopen(folder, watch=Stopwatch(progress), cache=cache, device=device)
    front = _front(run, run.task_named(task))
    point = pick(front.points, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantWarning)  # as where the front was measured
        found, scored = _trained(run, front, point)
        with run.watch.stage("compact model"):
            _, tasks = make_compact(run.encoder, [found], run.settings, Path(out))
        recorder = Recorder(found.prepared.data, found.prepared.corpus.metrics, run.settings.seed)
        dev, difference = recorder.dev(scored), recorder.difference(scored, found.oracle)
    with run.watch.stage("latency"):
        latency = _latency(run, found, Path(out), front.depths[0].latency.rounds)
    return Chosen(
        task=front.task,
        max_latency=limits.max_latency,
        min_score=limits.min_score,
        by=limits.by,
        admitted=sum(map(limits.admits, front.points)),
        point=point,
        compact=_compact(tasks[front.task]),
        latency=latency,
        dev=dev,
        difference=difference,
        folder=str(out),
    )


def _compact(task: Task) -> Compact:
    if task.compact is None:
        raise ValueError("make_compact left a task without its compact model")
    return task.compact


def read_front(folder: Path, task: str) -> Front:
    """What `find_front` wrote into the folder of a run.

    Raises:
        ConfigError: there is none, or it is damaged.
    """
    path = folder / f"{front_name(task)}.json"
    if not path.is_file():
        raise ConfigError(
            f"There is no front of {task} in {folder}: run `neurosieve front {folder} --task {task}` first."
        )
    try:
        return Front.load(path)
    except ValidationError as error:
        raise ConfigError(f"{path} is damaged or of another version; run `neurosieve front {folder}` again.") from error


def _front(run: Reopened, task: str) -> Front:
    front = read_front(run.folder, task)
    if front.run != run.results.created:
        raise ConfigError(
            f"The front of {task} in {run.folder} belongs to a run of {front.run}, and the run is of "
            f"{run.results.created}: run `neurosieve front {run.folder} --task {task}` again."
        )
    return front


def _trained(run: Reopened, front: Front, point: Point) -> tuple[TaskRun, ts.Scored]:
    """The oracle and the point's head, in the families that the front trained them in: the same probes again."""
    prepared, step = run.prepared(front.task), run.watch.progress.step
    with run.watch.stage("oracle and layers"):
        prefixes = ts.probe_layers(prepared.data, step).prefixes
    with run.watch.stage("head"):
        columns, scored = _head(prepared.data, front, point, prefixes)
    return TaskRun(prepared, run.results.tasks[front.task], prefixes[-1], columns, scored), scored


def _head(data: ts.TaskData, front: Front, point: Point, prefixes: tuple[ts.Scored, ...]) -> tuple[IntArray, ts.Scored]:
    if point.order is None:
        return np.arange(point.neurons, dtype=np.int64), prefixes[point.last_layer]
    order = front.orders[point.order]
    columns = np.array(order.columns, dtype=np.int64)
    scored = fit_sizes(data, columns, order.sizes)[order.sizes.index(point.neurons)]
    return columns[: point.neurons], scored


def _latency(run: Reopened, found: TaskRun, folder: Path, rounds: int) -> Latency:
    """Of what was written, loaded as people would load it."""
    settings, prepared = run.settings, found.prepared
    small = CompactModel.from_pretrained(
        folder, device=str(run.encoder.device), trust_remote_code=settings.trust_remote_code
    )
    words = prepared.corpus.kind == "labelling"
    sample = Sample.of(prepared.items, settings.batch_tokens, labels_words=words)
    return latency_of([seconds_alone(small, sample, prepared.task.name) for _ in range(rounds)])
