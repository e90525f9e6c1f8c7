"""Cutting a model after a block, so that what is left gives the same hidden states as the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from neurosieve.activations.families import Family
from neurosieve.activations.twins import twin
from neurosieve.errors import ModelError

NO_FINAL_NORM = "neurosieve_drop_final_norm"


def all_hidden_states(model: PreTrainedModel, family: Family, **inputs: Tensor) -> tuple[Tensor, ...]:
    """Hidden states 0 to the last, each (batch × pieces × units), without gradients."""
    with torch.inference_mode():
        return traceable_hidden_states(model, family, **inputs)


def traceable_hidden_states(model: PreTrainedModel, family: Family, **inputs: Tensor) -> tuple[Tensor, ...]:
    """The same as operations that an exporter can follow: it takes no change of mode."""
    if "attn_type" in family.reading and model.config.attn_type == "uni":
        inputs["perm_mask"] = _causal(model, inputs["input_ids"])
    output = model(**inputs, **family.forward, output_hidden_states=True, return_dict=True)
    # A model without blocks records nothing on the way; its last hidden state is that of the embeddings.
    return tuple(output.hidden_states or ()) or (output.last_hidden_state,)


def cut_after(model: PreTrainedModel, family: Family, n_blocks: int) -> PreTrainedModel:
    """A copy with the first ``n_blocks`` blocks and no final norm; the model stays whole, and weights are shared.

    Layer k of the full model, k below the last, is the output of block k as it is: a final norm would change it.
    """
    n_blocks = max(n_blocks, family.least_blocks)
    short = twin(model)
    if family.blocks is not None:
        parent, name = _parent(short, family.blocks)
        setattr(parent, name, getattr(parent, name)[:n_blocks])
    _shorten_config(short.config, n_blocks)
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


def _shorten_config(config: Any, n_blocks: int) -> None:
    whole = config.num_hidden_layers
    config.num_hidden_layers = n_blocks
    # Some families list the kind of every block; a config that lists more kinds than blocks does not load.
    for name, value in vars(config).items():
        if isinstance(value, list) and len(value) == whole and name in ("layer_types", "attention_layers"):
            setattr(config, name, value[:n_blocks])


def _causal(model: Any, ids: Tensor) -> Tensor:
    """XLNet's mask of what a piece may not see, (batch × pieces × pieces), without memory of what was read before."""
    mask: Tensor = model.create_mask(ids.shape[1], 0)
    return mask.expand(len(ids), -1, -1)


def _parent(model: PreTrainedModel, path: str) -> tuple[nn.Module, str]:
    parent, _, name = path.rpartition(".")
    return model.get_submodule(parent), name
