"""The compact model of a run: built, saved, loaded again, and measured beside the full model (Section 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neurosieve.activations import Encoder
from neurosieve.arrays import IntArray
from neurosieve.compact import CompactModel, Comparison, Rate, compare, model_card
from neurosieve.run.prepare import Prepared, words_of
from neurosieve.run.records import Recorder
from neurosieve.run.results import Compact, ModelSize, Scores, Speed
from neurosieve.run.settings import RunSettings
from neurosieve.run.task import TaskRun
from neurosieve.sieve import SieveResult
from neurosieve.task_specific import Scored

TIMED_WORDS = 4000


def make_compact(
    encoder: Encoder, prepared: Prepared, run: TaskRun, sieve: SieveResult, settings: RunSettings, folder: Path
) -> Compact:
    """Save the compact model into ``folder`` with its card, and measure what was saved."""
    columns = np.arange(prepared.data.n_columns)
    full = _assemble(encoder, prepared, columns, run.probes.oracle, settings, truncate=False)
    small = _assemble(encoder, prepared, sieve.columns, sieve.scored, settings, truncate=True)
    recorder = Recorder(prepared.data, settings.seed)
    small.save_pretrained(folder)
    small = CompactModel.from_pretrained(
        folder, device=str(encoder.device), trust_remote_code=settings.trust_remote_code
    )
    labels, parity = _parity(small, prepared, sieve.scored)
    timing = compare(full, small, _timed_sentences(prepared))
    record = Compact(
        path=folder.name,
        full=_size(full, recorder.test(run.probes.oracle), timing.first, _weights_megabytes(full)),
        compact=_size(small, recorder.test(sieve.scored), timing.second, _weights_megabytes(small)),
        speedup=timing.speedup,
        speedup_range=(timing.low, timing.high),
        agreement=float((labels == run.probes.oracle.predictions).mean()),
        parity=parity,
    )
    small.measured.update(record.model_dump(mode="json"))
    small.save_pretrained(folder, model_card(small, _card_facts(record, prepared, encoder, timing)))
    return record


def _assemble(
    encoder: Encoder, prepared: Prepared, columns: IntArray, scored: Scored, settings: RunSettings, *, truncate: bool
) -> CompactModel:
    return CompactModel.build(
        encoder,
        prepared.data.train.rows.grid.neurons(columns),
        scored.probe.weight,
        scored.probe.bias,
        prepared.corpus.classes,
        aggregation=settings.aggregation,
        on_too_long=settings.on_too_long,
        truncate=truncate,
    )


def _parity(model: CompactModel, prepared: Prepared, scored: Scored) -> tuple[IntArray, int]:
    """What the model that was saved and loaded again says of every test word, and how often the run's probe differs."""
    scores = model.scores(words_of(prepared.corpus.splits["test"])).numpy()
    labels: IntArray = scores[~np.isnan(scores[:, 0])].argmax(axis=1)
    return labels, int((labels != scored.predictions).sum())


def _timed_sentences(prepared: Prepared) -> Sequence[Sequence[str]]:
    """The first sentences of test, up to `TIMED_WORDS` words."""
    sentences = words_of(prepared.corpus.splits["test"])
    ends = np.cumsum([len(words) for words in sentences])
    return sentences[: int(np.searchsorted(ends, TIMED_WORDS)) + 1]


def _size(model: CompactModel, test: Scores, rate: Rate, size: float) -> ModelSize:
    return ModelSize(
        layers=model.encoder.n_layers,
        neurons=len(model.head.neurons),
        parameters=model.n_parameters,
        megabytes=round(size, 3),
        test=test,
        speed=Speed(words_per_second=rate.median, spread=(rate.low, rate.high), rounds=rate.rounds),
    )


def _weights_megabytes(model: CompactModel) -> float:
    """What the weights of a model would take on disk."""
    head = model.head.weight.numel() + model.head.bias.numel()
    return (sum(p.numel() * p.element_size() for p in model.encoder.model.parameters()) + 4 * head) / 1e6


def _card_facts(record: Compact, prepared: Prepared, encoder: Encoder, timing: Comparison) -> dict[str, object]:
    full, small = record.full, record.compact
    return {
        "task": prepared.facts.task,
        "model": encoder.name,
        "corpus": prepared.facts.name,
        "device": f"{encoder.device.type}",
        "table": [
            ("layers (embeddings included)", full.layers, small.layers),
            ("neurons read", full.neurons, small.neurons),
            ("parameters", f"{full.parameters:,}", f"{small.parameters:,}"),
            ("test accuracy", _score(full.test), _score(small.test)),
            ("words per second", f"{timing.first.median:,.0f}", f"{timing.second.median:,.0f}"),
            ("speed-up", "1", f"{timing.speedup:.2f} ({timing.low:.2f} to {timing.high:.2f})"),
        ],
    }


def _score(scores: Scores) -> str:
    low, high = scores.interval or (scores.accuracy, scores.accuracy)
    return f"{scores.accuracy:.1%} [{low:.1%}, {high:.1%}]"
