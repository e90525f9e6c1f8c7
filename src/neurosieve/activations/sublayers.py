"""What the two parts of a block add to the hidden states: further layers, between those of the blocks.

With both parts asked, the layers of an encoder are, in depth order: "0", then for each block i "attention i" (the
output of the attention's output projection), "mlp i" (that of the feed-forward's second dense layer), and "i" (the
hidden state after the block). A part is read as the block adds it to its residual: before the sum, and before the norm
of the sum where there is one.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import NamedTuple

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from neurosieve.activations.families import Family, n_blocks_of
from neurosieve.activations.truncation import without_start
from neurosieve.errors import ModelError

SUBLAYERS = ("attention", "mlp")


class Place(NamedTuple):
    """Where a layer is read: at block ``block`` (0: the embeddings), in a part of it, or after it (None)."""

    block: int
    part: str | None

    def __str__(self) -> str:
        return str(self.block) if self.part is None else f"{self.part} {self.block}"


def in_order(sublayers: Sequence[str]) -> tuple[str, ...]:
    """The names that were asked, each once, in the order in which a block computes them.

    Raises:
        ModelError: a name is neither "attention" nor "mlp".
    """
    asked = [sublayers] if isinstance(sublayers, str) else list(sublayers)
    for name in asked:
        if name not in SUBLAYERS:
            raise ModelError(f"There is no sublayer {name!r}; choose from {' and '.join(map(repr, SUBLAYERS))}.")
    return tuple(name for name in SUBLAYERS if name in asked)


def place_of(layer: int, sublayers: tuple[str, ...]) -> Place:
    """Where a layer of the grid is read."""
    if layer == 0:
        return Place(0, None)
    block, part = divmod(layer - 1, len(sublayers) + 1)
    return Place(block + 1, (*sublayers, None)[part])


@contextmanager
def capturing(model: PreTrainedModel, family: Family, places: Collection[Place]) -> Iterator[dict[Place, Tensor]]:
    """Hooks on the parts of the places that are in one, for one forward call; ``layer_at`` reads what they caught.

    Raises:
        ModelError: it is not known where the family has such a part, or the part does not run once a block.
    """
    caught: dict[Place, Tensor] = {}
    with watching(model, family, places, caught.__setitem__):
        yield caught


@contextmanager
def watching(
    model: PreTrainedModel, family: Family, places: Collection[Place], found: Callable[[Place, Tensor], None]
) -> Iterator[None]:
    """Hooks on the parts of the places that are in one: each output is handed over as it is made.

    Raises:
        ModelError: see `capturing`.
    """
    handles: list[RemovableHandle] = []
    try:
        for part in SUBLAYERS:
            wanted = {place for place in places if place.part == part}
            for module, calls in _modules(model, family, part, wanted):
                handles.append(module.register_forward_hook(_catcher(calls, wanted, found)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def layer_at(place: Place, states: Sequence[Tensor], caught: dict[Place, Tensor], family: Family) -> Tensor:
    """One layer of a batch, (batch × pieces × units), from the hidden states and what `capturing` caught.

    Raises:
        ModelError: the part did not run, or gave something else than a vector per piece, as wide as hidden states.
    """
    state = states[place.block]
    return state if place.part is None else as_state(place, caught.get(place), state.shape, family).to(state.dtype)


def as_state(place: Place, values: Tensor | None, shape: Sequence[int], family: Family) -> Tensor:
    """What a part gave, in the shape of hidden states, (batch × pieces × units).

    Raises:
        ModelError: see `layer_at`.
    """
    if values is None or not fits(values, shape, family):
        found = "nothing" if values is None else f"the shape {tuple(values.shape)}"
        raise ModelError(
            f"The output of {str(place)!r} should have the shape of the hidden states, {tuple(shape)}; it gave "
            f"{found}. This model can be analysed without sublayers only."
        )
    values = _of_text(values, shape, family)
    return (values.transpose(0, 1) if family.pieces_first else values).reshape(tuple(shape))


def fits(values: Tensor, shape: Sequence[int], family: Family) -> bool:
    """Whether what a part gave is a vector per piece, as wide as hidden states."""
    values = _of_text(values, shape, family)
    return values.numel() == math.prod(shape) and values.shape[-1] == shape[-1]


def _of_text(values: Tensor, shape: Sequence[int], family: Family) -> Tensor:
    """Without a start piece, and without the pieces that fill up a batch to a multiple of the attention's reach."""
    values = without_start(values) if family.crossed else values
    filled = values.ndim == 3 and (values.shape[0], values.shape[2]) == (shape[0], shape[2])
    return values[:, : shape[1]] if filled else values


def _modules(
    model: PreTrainedModel, family: Family, part: str, wanted: Collection[Place]
) -> Iterator[tuple[nn.Module, Iterator[Place]]]:
    """The modules to hook, each with the places that its calls will be, one after the other."""
    if not wanted:
        return
    path, name = {"attention": family.attention, "mlp": family.mlp}[part], model.config.model_type
    if path is None:
        raise ModelError(
            f"It is not known where a model of the family {name!r} has its {part} outputs. Say so in the family's row "
            "of FAMILIES in neurosieve/activations/families.py, or ask for no sublayers."
        )
    if family.blocks is None:  # blocks share modules: their calls, in order, are the blocks
        calls = iter([Place(block, part) for block in range(1, n_blocks_of(model.config, family) + 1)])
        found = [(module, calls) for key, module in model.named_modules() if re.fullmatch(path, key)]
    else:
        inside = {f"{family.blocks}.{place.block - 1}.{path}": place for place in wanted}
        found = [(module, repeat(inside[key], 1)) for key, module in model.named_modules() if key in inside]
    if not found:
        raise ModelError(
            f"This model of the family {name!r} has no module {path!r} in its blocks, where its {part} outputs should "
            "be. Correct the family's row of FAMILIES in neurosieve/activations/families.py."
        )
    yield from found


def _catcher(
    calls: Iterator[Place], wanted: Collection[Place], found: Callable[[Place, Tensor], None]
) -> Callable[[nn.Module, object, Tensor | tuple[Tensor, ...]], None]:
    thread = threading.get_ident()  # what another thread reads of the same model at the same time is not ours

    def hook(module: nn.Module, inputs: object, output: Tensor | tuple[Tensor, ...]) -> None:
        values = output[0] if isinstance(output, tuple) else output
        if threading.get_ident() != thread:
            return
        if values.ndim > 3:  # XLNet's attention has one dropout, for its weights (4 dimensions) and for its output
            return
        place = next(calls, None)
        if place is None:
            raise ModelError(
                f"A {type(module).__name__} runs more than once a block, so that its output is not the block's. "
                "This model can be analysed without sublayers only."
            )
        if place in wanted:
            found(place, values)

    return hook
