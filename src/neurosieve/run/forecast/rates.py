"""How fast this machine is: a few batches of the model on the corpus's own text, and a handful of products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch

from neurosieve.activations import Encoder, Pooling, plan_extraction
from neurosieve.activations.shards import Plan
from neurosieve.activations.texts import plan_texts
from neurosieve.run.forecast.records import Rates
from neurosieve.run.settings import RunSettings

SAMPLE = 400  # sentences or texts, evenly spaced
SECONDS = 0.8  # of batches of the model
PADDING = 1.05  # of all pieces read, as long texts are batched: a few per cent are padding

UNKNOWN = Rates(pieces=1.0, square=1.0, thin=1.0, double=1.0, copy_bytes=1.0)  # where only bytes are asked

_SIDE = 1024
_ROWS, _COLUMNS = 8192, 512
_SUMS = 2**22  # 32 MiB: more than a cache
_TIMES = 3

Items = Sequence[tuple[str, ...]]


def measure(encoder: Encoder, items: Items, pooling: Pooling | None, settings: RunSettings, outputs: int) -> Rates:
    """The rates that a forecast needs, in well under two seconds.

    Args:
        encoder: the model, on its device.
        items: sentences or texts.
        pooling: what stands for a text; None for words.
        settings: of the run.
        outputs: scores that a probe gives for a row.
    """
    plan = sample_plan(encoder, items, pooling, settings)
    device = encoder.device
    with torch.inference_mode():
        square, double = (
            torch.ones((_SIDE, _SIDE), dtype=kind, device=device) for kind in (torch.float32, torch.float64)
        )
        sums = torch.zeros((_SUMS,), dtype=torch.float64, device=device)
        rows, thin = torch.ones((_ROWS, _COLUMNS), device=device), torch.ones((outputs, _COLUMNS), device=device)
        return Rates(
            pieces=_pieces_per_second(encoder, plan, settings.batch_tokens),
            square=2.0 * _SIDE**3 / _best(lambda: square @ square, device),
            thin=2.0 * _ROWS * thin.numel() / _best(lambda: thin @ rows.T, device),
            double=2.0 * _SIDE**3 / _best(lambda: double @ double, device),
            copy_bytes=2.0 * sums.nbytes / _best(lambda: sums.add_(sums), device),
        )


@dataclass(frozen=True)
class Sample:
    """What some of the items say of all: about how many pieces are read, and whether some words have no vector."""

    pieces: float
    gaps: bool


def sample_plan(encoder: Encoder, items: Items, pooling: Pooling | None, settings: RunSettings) -> Plan:
    """Some of the items, as the model would read them."""
    some = [items[int(place)] for place in np.linspace(0, len(items) - 1, min(SAMPLE, len(items)))]
    if pooling is None:
        return plan_extraction(encoder, some, _on_too_long(settings), settings.aggregation)
    return plan_texts(encoder, some, pooling, "truncate")


def sample_of(encoder: Encoder, items: Items, pooling: Pooling | None, settings: RunSettings) -> Sample:
    """From some of them, evenly spaced: what is said twice is read once, and padding counts."""
    plan = sample_plan(encoder, items, pooling, settings)
    served = sum(int(b.sizes[b.place].sum()) for b in plan.batches(encoder, settings.batch_tokens))
    distinct = _length(set(items)) / max(1, _length(items))
    pieces = PADDING * served * len(items) / min(SAMPLE, len(items)) * distinct
    return Sample(pieces, bool(plan.without_vector.any()))


def _length(items: Any) -> int:
    return sum(sum(map(len, item)) for item in items)


def _on_too_long(settings: RunSettings) -> Any:
    return "window" if settings.on_too_long == "error" else settings.on_too_long  # the run itself says what is too long


def _pieces_per_second(encoder: Encoder, plan: Plan, batch_tokens: int) -> float:
    """Pieces, padding included, after a first batch that warms up."""
    layers = range(encoder.n_layers)
    every = list(plan.batches(encoder, batch_tokens))
    sizes = {int(batch.windows[0]): len(batch.sizes) * int(batch.sizes.max()) for batch in every}
    if not sizes:
        return 1.0
    for _ in plan.run(encoder, layers, batch_tokens, slice(0, 8)):
        pass
    _wait(encoder.device)
    start, read = perf_counter(), 0.0
    step = max(1, len(plan.first_rows) // 12)
    for low in range(0, len(plan.first_rows), step):
        part = slice(low, low + step)
        for _ in plan.run(encoder, layers, batch_tokens, part):
            pass
        read += sum(len(b.sizes) * int(b.sizes.max()) for b in plan.batches(encoder, batch_tokens, part))
        _wait(encoder.device)
        if perf_counter() - start > SECONDS:
            break
    return read / max(1e-9, perf_counter() - start)


def _best(work: Callable[[], torch.Tensor], device: torch.device) -> float:
    """The shortest of a few times, after one that does not count."""
    found = []
    for _ in range(_TIMES + 1):
        _wait(device)
        start = perf_counter()
        work()
        _wait(device)
        found.append(perf_counter() - start)
    return max(1e-9, min(found[1:]))


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
