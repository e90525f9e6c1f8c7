"""The compact model of a run: built, saved, loaded again, and measured beside the full model (Section 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray
from neurosieve.compact import CompactModel, Comparison, Rate, compare, model_card
from neurosieve.metrics import FloatArray, accuracy, pearson
from neurosieve.run.calibration import calibrate, calibration_of, described, residual, scores_on
from neurosieve.run.records import Recorder
from neurosieve.run.results import Compact, Ece, ModelSize, SharedCompact, Speed, Task
from neurosieve.run.schema import Range, Scores
from neurosieve.run.settings import RunSettings
from neurosieve.run.task import TaskRun
from neurosieve.task_specific import Scored

TIMED_WORDS = 4000
NUMBERS_AGREE = 1e-4  # of the root mean square of the predictions


def make_compact(
    encoder: Encoder, runs: Sequence[TaskRun], settings: RunSettings, folder: Path
) -> tuple[SharedCompact | None, dict[str, Task]]:
    """Save one compact model for all tasks into ``folder`` with its card, and measure what was saved.

    Returns what the model is where it serves several tasks, and the records of all tasks with their measurements.
    """
    smalls = {run.prepared.task.name: _small(encoder, run, settings) for run in runs}
    small = CompactModel.join(smalls) if len(smalls) > 1 else next(iter(smalls.values()))
    small.save_pretrained(folder)
    small = CompactModel.from_pretrained(
        folder, device=str(encoder.device), trust_remote_code=settings.trust_remote_code
    )
    tasks, facts = {}, []
    for run in runs:
        record, fact = _measure(encoder, small, run, settings, folder.name)
        name = run.prepared.task.name
        tasks[name] = run.record.model_copy(update={"compact": record})
        facts.append(fact)
        small.measured[name] = record.model_dump(mode="json")
        small.heads[name] = replace(small.heads[name], calibration=calibration_of(record.calibrated))
    shared = _shared(small, folder.name) if len(runs) > 1 else None
    small.save_pretrained(folder, model_card(small, facts))
    return shared, tasks


def _small(encoder: Encoder, run: TaskRun, settings: RunSettings) -> CompactModel:
    columns, sieved = _kept(run)
    model = _assemble(encoder, run, columns, sieved, settings, truncate=True)
    means, deviations = described(run.prepared.data, columns)
    head = replace(model.head, means=means, deviations=deviations).to(encoder.device)
    return replace(model, heads={run.prepared.task.name: head})


def _kept(run: TaskRun) -> tuple[IntArray, Scored]:
    if run.columns is None or run.sieved is None:
        raise ValueError(f"The task {run.prepared.task.name!r} has no sieve to make a compact model of.")
    return run.columns, run.sieved


def _assemble(
    encoder: Encoder, run: TaskRun, columns: IntArray, scored: Scored, settings: RunSettings, *, truncate: bool
) -> CompactModel:
    prepared = run.prepared
    return CompactModel.build(
        encoder,
        prepared.data.train.rows.grid.neurons(columns),
        scored.probe.weight,
        scored.probe.bias,
        prepared.corpus.classes,
        kind=prepared.corpus.kind,
        aggregation=settings.aggregation,
        pooling=prepared.pooling,
        on_too_long=settings.on_too_long,
        truncate=truncate,
        task=prepared.task.name,
    )


def _measure(
    encoder: Encoder, small: CompactModel, run: TaskRun, settings: RunSettings, path: str
) -> tuple[Compact, dict[str, Any]]:
    """One task's head beside the full model with its oracle, and what the card says of it."""
    prepared, name = run.prepared, run.prepared.task.name
    full = _assemble(encoder, run, np.arange(prepared.data.n_columns), run.oracle, settings, truncate=False)
    recorder = Recorder(prepared.data, prepared.corpus.metrics, settings.seed)
    columns, sieved = _kept(run)
    numeric = prepared.data.train.is_numeric
    dev, test = scores_on(prepared.data.dev.rows, columns, sieved.probe), _test_scores(small, run)
    predictions = test[:, 0] if numeric else test.argmax(axis=1)
    timing = compare(full, small, _timed(prepared.items), task=name)
    record = Compact(
        path=path,
        full=_size(full, name, recorder.test(run.oracle), timing.first),
        compact=_size(small, name, recorder.test(sieved), timing.second),
        speedup=timing.speedup,
        speedup_range=(timing.low, timing.high),
        agreement=(pearson if numeric else accuracy)(run.oracle.predictions, predictions),
        parity=_unlike(predictions, sieved.predictions, numeric=numeric),
        calibrated=calibrate(prepared.data, dev, test, settings.seed),
        residual=residual(prepared.data, dev),
    )
    return record, _card_facts(record, run, encoder, timing)


def _test_scores(model: CompactModel, run: TaskRun) -> FloatArray:
    """The scores (rows × C) that the model that was saved and loaded again gives to every test row with a vector."""
    scores = model.scores(run.prepared.items, task=run.prepared.task.name).double().numpy()
    found: FloatArray = scores[~np.isnan(scores[:, 0])]
    return found


def _unlike(mine: NDArray[Any], theirs: NDArray[Any], *, numeric: bool) -> int:
    """How many predictions are not the same; numbers may differ by rounding."""
    if not numeric:
        return int((mine != theirs).sum())
    size = float(np.sqrt(np.mean(np.square(theirs)))) or 1.0
    return int((np.abs(mine - theirs) > NUMBERS_AGREE * size).sum())


def _timed(items: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """The first sentences or texts of test, up to `TIMED_WORDS` words."""
    ends = np.cumsum([sum(len(part.split()) for part in item) for item in items])
    return items[: int(np.searchsorted(ends, TIMED_WORDS)) + 1]


def _size(model: CompactModel, task: str, test: Scores, rate: Rate) -> ModelSize:
    return ModelSize(
        layers=model.encoder.n_layers,
        neurons=len(model.heads[task].neurons),
        parameters=model.n_parameters,
        megabytes=round(_weights_megabytes(model), 3),
        test=test,
        speed=Speed(per_second=rate.median, spread=(rate.low, rate.high), rounds=rate.rounds),
    )


def _shared(model: CompactModel, path: str) -> SharedCompact:
    return SharedCompact(
        path=path,
        tasks=list(model.heads),
        layers=model.encoder.n_layers,
        neurons=len(model.neurons),
        parameters=model.n_parameters,
        megabytes=round(_weights_megabytes(model), 3),
    )


def _weights_megabytes(model: CompactModel) -> float:
    """What the weights of a model would take on disk."""
    heads = sum(head.weight.numel() + head.bias.numel() for head in model.heads.values())
    return (sum(p.numel() * p.element_size() for p in model.encoder.model.parameters()) + 4 * heads) / 1e6


def _card_facts(record: Compact, run: TaskRun, encoder: Encoder, timing: Comparison) -> dict[str, Any]:
    full, small, prepared = record.full, record.compact, run.prepared
    return {
        "task": prepared.facts.task,
        "model": encoder.name,
        "corpus": prepared.facts.name,
        "device": f"{encoder.device.type}",
        "unit": timing.first.unit,
        "probabilities": _probabilities(record),
        "table": [
            ("layers (embeddings included)", full.layers, small.layers),
            ("neurons read", full.neurons, small.neurons),
            ("parameters", f"{full.parameters:,}", f"{small.parameters:,}"),
            (f"test {prepared.data.metric.title}", _score(full.test), _score(small.test)),
            (f"{timing.first.unit} per second", f"{timing.first.median:,.0f}", f"{timing.second.median:,.0f}"),
            ("speed-up", "1", f"{timing.speedup:.2f} ({timing.low:.2f} to {timing.high:.2f})"),
        ],
    }


def _probabilities(record: Compact) -> str:
    """What the card says of them."""
    found = record.calibrated
    if record.residual is not None:
        return f"Its numbers miss those of dev by {record.residual:.3g} (root mean square)."
    if found is None:
        return ""
    fitted = f"{found.fitted:.3f}" + ("" if found.fitted_interval is None else f" {_between(found.fitted_interval)}")
    scaled = (
        f"the scores as they are: {found.rows:,} dev rows do not tell the best temperature, {fitted}, from 1. Expected "
        f"calibration error on test, 15 bins: {_ece(found.test_before)}."
        if found.temperature == 1.0
        else f"scores divided by {fitted}, fitted on {found.rows:,} dev rows (temperature scaling). Expected "
        f"calibration error on test, 15 bins: {_ece(found.test_before)} before, {_ece(found.test_after)} after."
    )
    return f"Probabilities are of {scaled}"


def _ece(error: Ece) -> str:
    return f"{error.value:.3f} {_between(error.interval)}"


def _between(interval: Range) -> str:
    return f"[{interval[0]:.3f}, {interval[1]:.3f}]"


def _score(scores: Scores) -> str:
    low, high = scores.interval or (scores.value, scores.value)
    return f"{scores.value:.3f} [{low:.3f}, {high:.3f}]"
