"""Where families of transformers differ: one row a family, and what can be found out where there is no row."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn
from transformers import PreTrainedModel

_NORM_NAMES = ("norm", "ln_f", "final_norm", "final_layer_norm", "final_layernorm")


@dataclass(frozen=True)
class Family:
    """What has to be known about a family to read it and to cut it short.

    Attributes:
        blocks: path of the stack of blocks in the model; None where only the config counts them (shared weights).
        final_norm: path of the norm between the last block and the last hidden state; None where there is none.
        counts_from_pad: positions are computed from the padding and start at the padding id + 1 (RoBERTa's way).
        pads_either_side: with position ids, left and right padding are known to give the same vectors.
        least_blocks: how many blocks the model needs to run at all.
        forward: arguments of every forward call.
        attention: path in a block of the module whose output (the first, if several) is what the attention adds to
            the residual; where ``blocks`` is None, a pattern of paths in the model. None where it is not known.
        mlp: the same for the feed-forward.
        token_types: pieces have embeddings of which text they are of, though the config counts no types.
        pieces_first: inside the model the pieces are the first dimension, the batch the second.
        reading: attributes of the model with which batches of text can be read, whatever it was trained with.
    """

    blocks: str | None
    final_norm: str | None = None
    counts_from_pad: bool = False
    pads_either_side: bool = True
    least_blocks: int = 0
    forward: Mapping[str, object] = field(default_factory=dict)
    attention: str | None = None
    mlp: str | None = None
    token_types: bool = False
    pieces_first: bool = False
    reading: Mapping[str, object] = field(default_factory=dict)


_NO_CACHE = {"use_cache": False}
_BERT = Family("encoder.layer", attention="attention.output.dense", mlp="output.dense")
_ROBERTA = replace(_BERT, counts_from_pad=True)
_GPT2 = Family("h", "ln_f", forward=_NO_CACHE, attention="attn", mlp="mlp")
_LLAMA = Family("layers", "norm", forward=_NO_CACHE, attention="self_attn", mlp="mlp")
_ALBERT_BLOCK = r"encoder\.albert_layer_groups\.\d+\.albert_layers\.\d+\."

FAMILIES: Mapping[str, Family] = {
    "bert": _BERT,
    "electra": _BERT,
    "deberta": _BERT,
    "deberta-v2": replace(_BERT, least_blocks=1),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "mpnet": replace(_ROBERTA, attention="attention.attn.o"),
    "distilbert": Family("transformer.layer", attention="attention", mlp="ffn"),
    "albert": Family(None, attention=_ALBERT_BLOCK + r"attention\.dense", mlp=_ALBERT_BLOCK + "ffn_output"),
    # XLNet's output projection is no module, but a dropout follows it, which does nothing in evaluation mode.
    "xlnet": Family(
        "layer",
        forward={"use_mems": False},
        attention="rel_attn.dropout",
        mlp="ff.layer_2",
        token_types=True,
        pieces_first=True,
        # With bi_data half of a batch would be read backwards. The library's own causal mask takes no batches: with
        # attn_type "uni" `all_hidden_states` gives the mask itself.
        reading={"bi_data": False, "attn_type": "bi"},
    ),
    "modernbert": Family("layers", "final_norm", attention="attn", mlp="mlp"),
    "gpt2": _GPT2,
    "gpt_neo": _GPT2,
    "gptj": _GPT2,
    "gpt_neox": Family("layers", "final_layer_norm", forward=_NO_CACHE, attention="attention", mlp="mlp"),
    "opt": Family("decoder.layers", "decoder.final_layer_norm", forward=_NO_CACHE, attention="self_attn", mlp="fc2"),
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": _LLAMA,
    "gemma": _LLAMA,
    "gemma2": replace(_LLAMA, attention="post_attention_layernorm", mlp="post_feedforward_layernorm"),
    "phi": replace(_LLAMA, final_norm="final_layernorm"),
    "phi3": _LLAMA,
}


def family_of(model: PreTrainedModel) -> Family:
    """The family's row, or what the model's own structure suggests where there is none.

    A suggestion is only ever used behind the check that a truncated model gives the full model's hidden states.
    """
    return FAMILIES.get(model.config.model_type) or _suggest(model)


def for_reading(model: PreTrainedModel, family: Family) -> PreTrainedModel:
    """The model itself, or a twin that shares its weights where its attributes are not those for reading."""
    other = {name: value for name, value in family.reading.items() if getattr(model, name, value) != value}
    if not other:
        return model
    twin = copy.copy(model)
    for name, value in other.items():
        setattr(twin, name, value)
    return twin


def max_pieces(config: Any, family: Family) -> int | None:
    """The most pieces that the model has positions for; None where there is no limit."""
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int) or positions <= 0:
        return None
    return positions - config.pad_token_id - 1 if family.counts_from_pad else positions


def _suggest(model: PreTrainedModel) -> Family:
    n_blocks = getattr(model.config, "num_hidden_layers", None)
    stacks = (name for name, part in model.named_modules() if isinstance(part, nn.ModuleList) and len(part) == n_blocks)
    blocks = next(stacks, None)
    return Family(blocks, _norm_beside(model, blocks), _counts_from_pad(model), pads_either_side=False)


def _norm_beside(model: PreTrainedModel, blocks: str | None) -> str | None:
    if blocks is None:
        return None
    parent = blocks.rpartition(".")[0]
    names = (name for name, _ in model.get_submodule(parent).named_children() if name in _NORM_NAMES)
    return next((f"{parent}.{name}" if parent else name for name in names), None)


def _counts_from_pad(model: PreTrainedModel) -> bool:
    # RoBERTa-like embeddings of positions keep a row for padding, as embeddings of words do.
    return any(
        name.endswith("position_embeddings") and isinstance(part, nn.Embedding) and part.padding_idx is not None
        for name, part in model.named_modules()
    )
