"""Layers as they are made: each one that is asked is handed over at once, and no other is kept.

Layer k, below the last, is what block k + 1 reads; the last is what the model gives. The library's own
``output_hidden_states`` gives the same numbers, but holds all of them until the call ends: for a batch of 2,048 pieces
of a model with 32 blocks of 4,096 units that is 1.1 GB, where a word's rows of one layer are 34 MB at most.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from neurosieve.activations.families import Family, n_blocks_of
from neurosieve.activations.sublayers import Place, as_state, fits, watching
from neurosieve.activations.truncation import call_of, without_start

Keep = Callable[[Tensor], Tensor]
"""What is kept of a layer, (batch × pieces × units), as it is made: rows of it, or a copy elsewhere."""


def can_be_read(family: Family) -> bool:
    """Whether it is known where the blocks are."""
    return family.blocks is not None or family.calls is not None


def read_layers(
    model: PreTrainedModel, family: Family, places: Sequence[Place], inputs: dict[str, Tensor], units: int, keep: Keep
) -> tuple[Tensor, ...]:
    """What is kept of some layers, in their order, by one forward call without gradients.

    Costs the forward call, and a Python call for each block. Of what is not kept two states are in memory at most.

    Args:
        model: what is run.
        family: where its blocks are; see `can_be_read`.
        places: which layers.
        inputs: its pieces (``input_ids``, batch × pieces), their mask, and what else is known of them.
        units: how wide a hidden state is.
        keep: what is kept of each.

    Raises:
        ModelError: a place is in a part of a block that the family is not known to have, or that gives something else.
    """
    wanted, depth = set(places), n_blocks_of(model.config, family)
    taken = _Taken(family, (*inputs["input_ids"].shape, units), wanted, keep)
    with torch.inference_mode(), _on_blocks(model, family, depth, taken), watching(model, family, wanted, taken.part):
        output = model(**call_of(model, family, inputs), output_hidden_states=False)
        if (last := Place(depth, None)) in wanted:
            taken.state(last, output.last_hidden_state)
        return tuple(taken.of(place) for place in places)


class _Taken:
    """What one forward call gave."""

    def __init__(self, family: Family, shape: tuple[int, ...], wanted: Collection[Place], keep: Keep) -> None:
        self._family, self._shape, self._wanted, self._keep = family, shape, wanted, keep
        self._dtype: torch.dtype | None = None
        self._kept: dict[Place, Tensor] = {}
        self._odd: dict[Place, Tensor] = {}

    def block_input(self, place: Place, state: Tensor) -> None:
        """What a block reads."""
        self._dtype = state.dtype
        if place in self._wanted:
            state = state.transpose(0, 1) if self._family.pieces_first else state
            self.state(place, state)

    def state(self, place: Place, state: Tensor) -> None:
        """A hidden state; some models fill up the pieces of a batch to a multiple of their attention's reach."""
        state = without_start(state) if self._family.crossed else state
        self._kept[place] = self._keep(state[:, : self._shape[1]])

    def part(self, place: Place, values: Tensor) -> None:
        """The output of a part of a block; in mixed precision it is less precise than what it is added to."""
        if not fits(values, self._shape, self._family):
            self._odd[place] = values  # told once it is known that the part runs once a block
            return
        state = as_state(place, values, self._shape, self._family)
        self._kept[place] = self._keep(state if self._dtype is None else state.to(self._dtype))

    def of(self, place: Place) -> Tensor:
        """What was kept of a layer."""
        if place not in self._kept:
            as_state(place, self._odd.get(place), self._shape, self._family)  # raises: it names what came instead
        return self._kept[place]


@contextmanager
def _on_blocks(model: PreTrainedModel, family: Family, depth: int, taken: _Taken) -> Iterator[None]:
    handles: list[RemovableHandle] = []
    try:
        for module, places in _blocks(model, family, depth):
            handles.append(module.register_forward_pre_hook(_before(places, taken), with_kwargs=True))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _blocks(model: PreTrainedModel, family: Family, depth: int) -> Iterator[tuple[nn.Module, Iterator[Place]]]:
    """The modules whose calls are blocks, each with the layers that its calls read, one after the other."""
    if family.blocks is not None:
        stack = model.get_submodule(family.blocks)
        yield from ((block, repeat(Place(index, None), 1)) for index, block in enumerate(stack.children()))
    elif family.calls is not None:
        calls = iter([Place(index, None) for index in range(depth)])
        modules = ((name, module) for name, module in model.named_modules() if re.fullmatch(family.calls, name))
        yield from ((module, calls) for _, module in modules)


def _before(places: Iterator[Place], taken: _Taken) -> Callable[..., None]:
    thread = threading.get_ident()  # what another thread reads of the same model at the same time is not ours

    # That thread may take its hook away while it is called from here: then it comes without the named arguments.
    def hook(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any] | None = None) -> None:
        if threading.get_ident() == thread and (place := next(places, None)) is not None:
            taken.block_input(place, _first_tensor(inputs, named or {}))

    return hook


def _first_tensor(inputs: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
    """What a block reads is its first argument, by whatever name."""
    given = inputs or (named.get("hidden_states"), *named.values())
    return next(value for value in given if isinstance(value, Tensor))
