"""Cutting a model after a block, so that what is left gives the same hidden states as the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from neurosieve.activations.families import Family, n_blocks_of
from neurosieve.activations.twins import twin
from neurosieve.errors import ModelError

NO_FINAL_NORM = "neurosieve_drop_final_norm"
# Lists in a config with an entry for every block: one that lists more blocks than there are does not load.
_PER_BLOCK = frozenset({"layer_types", "attention_layers", "mlp_layer_types"})
_PER_ENCODER_BLOCK = frozenset({"attention_window"})
_START_PIECES = ("decoder_start_token_id", "bos_token_id", "pad_token_id")


def all_hidden_states(model: PreTrainedModel, family: Family, **inputs: Tensor) -> tuple[Tensor, ...]:
    """Hidden states 0 to the last, each (batch × pieces × units), without gradients."""
    with torch.inference_mode():
        return traceable_hidden_states(model, family, **inputs)


def traceable_hidden_states(model: PreTrainedModel, family: Family, **inputs: Tensor) -> tuple[Tensor, ...]:
    """The same as operations that an exporter can follow: it takes no change of mode."""
    output = model(**call_of(model, family, inputs), output_hidden_states=True)
    # A model without blocks records nothing on the way; its last hidden state is that of the embeddings.
    found = output.decoder_hidden_states if family.crossed else output.hidden_states
    states = tuple(found or ()) or (output.last_hidden_state,)
    return tuple(without_start(state) for state in states) if family.crossed else states


def call_of(model: PreTrainedModel, family: Family, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """The arguments of a forward call, of pieces and what is known of them.

    Raises:
        ModelError: a decoder side needs a piece to start with, and its config names none.
    """
    if "attn_type" in family.reading and model.config.attn_type == "uni":
        inputs = inputs | {"perm_mask": _causal(model, inputs["input_ids"])}
    if family.crossed:
        inputs = inputs | _decoder_inputs(model.config, inputs["input_ids"], inputs["attention_mask"])
    return {**inputs, **family.forward, "return_dict": True}


def without_start(state: Tensor) -> Tensor:
    """A decoder side's state of the pieces of the text, without its start piece's."""
    return state[:, 1:]


def cut_after(model: PreTrainedModel, family: Family, n_blocks: int) -> PreTrainedModel:
    """A copy with the first ``n_blocks`` blocks and no final norm; the model stays whole, and weights are shared.

    Layer k of the full model, k below the last, is the output of block k as it is: a final norm would change it.
    """
    n_blocks = max(n_blocks, family.least_blocks)
    short = twin(model)
    if family.blocks is not None:
        parent, name = _parent(short, family.blocks)
        setattr(parent, name, getattr(parent, name)[:n_blocks])
    _shorten_config(short.config, family, n_blocks)
    if family.final_norm is not None:
        drop_final_norm(short, family.final_norm)
    return short


def drop_final_norm(model: PreTrainedModel, path: str) -> None:
    """Put an identity in the place of the final norm, and say so in the config, which travels with the weights."""
    parent, name = _parent(model, path)
    if getattr(parent, name, None) is not None:
        setattr(parent, name, nn.Identity())
        setattr(model.config, NO_FINAL_NORM, True)


def check_cut(short: Sequence[Tensor], full: Sequence[Tensor], family_name: str) -> None:
    """Compare the hidden states of a truncated model on a short input with those of the full model.

    Raises:
        ModelError: they differ: the family needs a row of its own.
    """
    same = len(short) <= len(full) and all(
        mine.shape == theirs.shape and torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5)
        for mine, theirs in zip(short, full, strict=False)
    )
    if not same:
        raise ModelError(
            f"A model of the family {family_name!r} cannot be truncated: with {len(short) - 1} blocks its hidden "
            "states differ from the full model's. Add a row for the family to FAMILIES in "
            "neurosieve/activations/families.py that says where its blocks and its final norm live."
        )


def _shorten_config(config: Any, family: Family, n_blocks: int) -> None:
    whole = n_blocks_of(config, family)
    try:
        setattr(config, family.depth, n_blocks)
    except (NotImplementedError, ValueError, AttributeError) as error:  # some configs compute it
        raise ModelError(
            f"A model of the family {config.model_type!r} cannot be truncated: its config takes no other "
            f"{family.depth!r} ({error}). Give the family a row in FAMILIES in neurosieve/activations/families.py "
            "whose `depth` says what sets the number of its blocks."
        ) from error
    listed = _PER_BLOCK if family.crossed else _PER_BLOCK | _PER_ENCODER_BLOCK
    for name, value in vars(config).items():
        if isinstance(value, list) and len(value) == whole and name in listed:
            setattr(config, name, value[:n_blocks])


def _decoder_inputs(config: Any, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """What the decoder reads: a start piece, then the text, so that it sees each piece where its vector is taken."""
    known = (getattr(config, name, None) for name in _START_PIECES)
    start = next((piece for piece in known if isinstance(piece, int)), None)
    if start is None:
        raise ModelError(
            f"The decoder of this model of the family {config.model_type!r} needs a piece to start with, and its "
            f"config has none of {', '.join(_START_PIECES)}. Add one to its config.json, or choose the side 'encoder'."
        )
    return {
        "decoder_input_ids": torch.cat([ids.new_full((len(ids), 1), start), ids], dim=1),
        "decoder_attention_mask": torch.cat([mask.new_ones((len(mask), 1)), mask], dim=1),
    }


def _causal(model: Any, ids: Tensor) -> Tensor:
    """XLNet's mask of what a piece may not see, (batch × pieces × pieces), without memory of what was read before."""
    mask: Tensor = model.create_mask(ids.shape[1], 0)
    return mask.expand(len(ids), -1, -1)


def _parent(model: PreTrainedModel, path: str) -> tuple[nn.Module, str]:
    parent, _, name = path.rpartition(".")
    return model.get_submodule(parent), name
