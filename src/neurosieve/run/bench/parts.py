"""Where the time of one reading goes: tokenising, embeddings, blocks, gathering, head; through the code that predicts.

Hooks on the model tell when it begins, when its first block begins, and when its last block ends. What lies between is
everything that predicts: pieces, batches, pooling, the linear map.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from typing import Any

import torch
from torch import nn

from neurosieve.activations import Encoder, plan_extraction
from neurosieve.activations.families import n_blocks_of
from neurosieve.activations.shards import Plan
from neurosieve.activations.texts import plan_texts
from neurosieve.compact import CompactModel, Head
from neurosieve.compact.reading import as_deep_as, n_rows

Item = tuple[str, ...]

NO_BLOCKS_PATH = "encoder"  # where blocks share their weights there is no stack of them; ALBERT calls it so


@dataclass(frozen=True)
class Seconds:
    """Where the time went.

    Attributes:
        tokenising: words to pieces, and which are read together.
        embeddings: the model outside its blocks: embeddings and masks before, what is returned after.
        blocks: the blocks.
        gathering: batches, padding, the rows of the words, checks that they are finite, putting scores in order.
        head: the linear map.
    """

    tokenising: float = 0.0
    embeddings: float = 0.0
    blocks: float = 0.0
    gathering: float = 0.0
    head: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(astuple(self)))

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def plan_of(model: CompactModel, head: Head, items: Sequence[Any]) -> Plan:
    """Items in pieces, as the model reads them for a head."""
    if head.pooling is None:
        return plan_extraction(model.encoder, items, model.on_too_long, head.aggregation)
    return plan_texts(model.encoder, [tuple(item) for item in items], head.pooling, model.on_too_long)


def read_in_parts(model: CompactModel, head: Head, items: Sequence[Any], batch_tokens: int) -> Seconds:
    """Read all items as `CompactModel.scores` does, and tell where the time went."""
    clock = _Clock(model.encoder.device)
    out = torch.full((n_rows(head, items), head.n_outputs), torch.nan)
    encoder = as_deep_as(model.encoder, max(head.layers))
    start = clock.now()
    plan = plan_of(model, head, items)
    tokenising, in_head = clock.now() - start, 0.0
    with _watched(encoder, clock) as inside:
        for batch in plan.run(encoder, head.layers, batch_tokens):
            before = clock.now()
            scores = head.scores(batch.layers).cpu()
            in_head += clock.now() - before
            out[batch.words] = scores
    gathering = clock.now() - start - tokenising - in_head - inside.model
    return Seconds(tokenising, inside.model - inside.blocks, inside.blocks, gathering, in_head)


class _Clock:
    """Seconds; where the device works on its own, once it has done what it was given."""

    def __init__(self, device: torch.device) -> None:
        self._waits = device.type == "cuda"

    def now(self) -> float:
        if self._waits:
            torch.cuda.synchronize()
        return time.perf_counter()


class _Inside:
    """Seconds in the model, and in its blocks, over all calls."""

    def __init__(self, clock: _Clock) -> None:
        self.model = self.blocks = 0.0
        self._now, self._model_from, self._blocks_from = clock.now, 0.0, 0.0

    def enter(self, *_: object) -> None:
        self._model_from = self._now()

    def leave(self, *_: object) -> None:
        self.model += self._now() - self._model_from

    def enter_blocks(self, *_: object) -> None:
        self._blocks_from = self._now()

    def leave_blocks(self, *_: object) -> None:
        self.blocks += self._now() - self._blocks_from


@contextmanager
def _watched(encoder: Encoder, clock: _Clock) -> Iterator[_Inside]:
    inside, reader = _Inside(clock), encoder.reader
    with ExitStack() as hooks:
        hooks.callback(reader.register_forward_pre_hook(inside.enter).remove)
        hooks.callback(reader.register_forward_hook(inside.leave).remove)
        if (ends := _ends(encoder, reader)) is not None:
            hooks.callback(ends[0].register_forward_pre_hook(inside.enter_blocks).remove)
            hooks.callback(ends[1].register_forward_hook(inside.leave_blocks).remove)
        yield inside


def _ends(encoder: Encoder, reader: nn.Module) -> tuple[nn.Module, nn.Module] | None:
    """The first block and the last; None where there is no block."""
    if encoder.facts.blocks is None:
        found = dict(reader.named_children()).get(NO_BLOCKS_PATH)
        return None if found is None else (found, found)
    blocks = list(reader.get_submodule(encoder.facts.blocks).children())
    return (blocks[0], blocks[-1]) if blocks else None


def n_blocks(model: CompactModel, head: Head) -> int:
    """How many blocks run for a head."""
    encoder = as_deep_as(model.encoder, max(head.layers))
    return n_blocks_of(encoder.model.config, encoder.facts)
