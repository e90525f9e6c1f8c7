"""What is found out about a model by letting it read a few words: its layers, and how they can be had."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel

from neurosieve.activations.families import Family, max_pieces, n_blocks_of
from neurosieve.activations.reading import can_be_read, read_layers
from neurosieve.activations.sublayers import Place
from neurosieve.activations.truncation import all_hidden_states
from neurosieve.arrays import Grid
from neurosieve.errors import ModelError
from neurosieve.pieces.tokenization import Segmenter

LONGEST_WINDOW = 512
_PADDING = 3  # pieces, behind a few words
_MORE_THAN_ROUNDING = 0.01


def sample_of(segmenter: Segmenter, device: torch.device) -> dict[str, Tensor]:
    """A few words as the tokenizer has them: pieces and their mask, (1 × pieces)."""
    pieces = segmenter([["a", "b", "c"]]).ids
    ids = torch.tensor([[*segmenter.wrapping.prefix, *pieces.tolist(), *segmenter.wrapping.suffix]], device=device)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def sample_states(model: PreTrainedModel, facts: Family, sample: dict[str, Tensor], name: str) -> tuple[Tensor, ...]:
    """What the model gives for a few words, by the library's own way.

    Raises:
        ModelError: it cannot read text.
    """
    try:
        return all_hidden_states(model, facts, **sample)
    # Models of images or sound fail in ways of their own when they are given pieces of text.
    except Exception as error:
        raise ModelError(
            f"{name} (family {model.config.model_type!r}) cannot read text: {' '.join(str(error).split())[:200]}. "
            "Choose a plain encoder or decoder of text."
        ) from error


def measure(
    model: PreTrainedModel, facts: Family, states: Sequence[Tensor], name: str, sublayers: tuple[str, ...]
) -> Grid:
    """Layers and units, by what the model gives for a few words.

    Raises:
        ModelError: these are not the embeddings and a layer for each block, or the number of blocks is not known.
    """
    family = model.config.model_type
    if not all(isinstance(state, Tensor) for state in states):
        found = type(next(state for state in states if not isinstance(state, Tensor))).__name__
        raise ModelError(
            f"{name} (family {family!r}) gives a {found} where hidden states should be, one vector for each piece. It "
            "cannot be analysed layer by layer; choose a plain encoder or decoder."
        )
    if any(state.ndim != 3 for state in states):
        shape = tuple(next(state.shape for state in states if state.ndim != 3))
        raise ModelError(
            f"{name} (family {family!r}) gives hidden states of the shape {shape} for {states[0].shape[1]} pieces; "
            "expected one vector for each piece. It cannot be analysed layer by layer; choose a plain encoder or "
            "decoder."
        )
    widths = {state.shape[-1] for state in states}
    if not hasattr(model.config, facts.depth):
        raise ModelError(
            f"It is not known how many blocks {name} (family {family!r}) has: its config has no {facts.depth!r}. Give "
            "the family a row in FAMILIES in neurosieve/activations/families.py whose `depth` says what it is called."
        )
    expected = n_blocks_of(model.config, facts) + 1
    if len(widths) != 1 or len(states) != expected:
        raise ModelError(
            f"{name} (family {family!r}) gives {len(states)} hidden states of {sorted(widths)} units; "
            f"expected {expected}, the embeddings and one per block, all of one width. It cannot be analysed layer by "
            "layer; choose a plain encoder or decoder."
        )
    return Grid(1 + (len(states) - 1) * (1 + len(sublayers)), widths.pop())


def window_of(model: PreTrainedModel, facts: Family, segmenter: Segmenter, asked: int | None, name: str) -> int:
    """How many pieces are read at once: what is asked, else what the model has positions for, `LONGEST_WINDOW` at most.

    Raises:
        ModelError: what is asked does not fit.
    """
    limit, least = max_pieces(model.config, facts), len(segmenter.wrapping) + 1
    longest = LONGEST_WINDOW if limit is None else limit
    window = min(longest, LONGEST_WINDOW) if asked is None else asked
    if window < least or (limit is not None and window > limit):
        raise ModelError(
            f"A window of {window} pieces does not fit {name}: it needs {least} at least (special pieces included) "
            f"and takes {'any number' if limit is None else limit} at most."
        )
    return window


def can_be_watched(model: PreTrainedModel, facts: Family, sample: dict[str, Tensor], states: Sequence[Tensor]) -> bool:
    """Whether the layers that are handed over as they are made are, to the bit, those that the library gives."""
    if not can_be_read(facts):
        return False
    places = [Place(block, None) for block in range(len(states))]
    try:
        found = read_layers(model, facts, places, sample, states[0].shape[-1], lambda state: state)
    # A family without a row may keep its blocks in any way; then the library gives all layers at once.
    except Exception:
        return False
    return all(torch.equal(mine, theirs) for mine, theirs in zip(found, states, strict=True))


def padding_matters(
    model: PreTrainedModel, facts: Family, sample: dict[str, Tensor], states: Sequence[Tensor], pad_id: int
) -> bool:
    """Whether a few words have other vectors with padding behind them, by more than rounding."""
    limit = max_pieces(model.config, facts)
    if limit is not None and sample["input_ids"].shape[1] + _PADDING > limit:
        return False
    padded = {
        name: torch.nn.functional.pad(values, (0, _PADDING), value=0 if name == "attention_mask" else pad_id)
        for name, values in sample.items()
    }
    pairs = zip(all_hidden_states(model, facts, **padded), states, strict=True)
    return any(
        float((mine[:, : one.shape[1]] - one).norm()) > _MORE_THAN_ROUNDING * float(one.norm()) for mine, one in pairs
    )
