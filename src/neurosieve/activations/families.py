"""Where families of transformers differ: one row a family, and what can be found out where there is no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """

    blocks: str | None
    final_norm: str | None = None
    counts_from_pad: bool = False
    pads_either_side: bool = True
    least_blocks: int = 0
    forward: Mapping[str, object] = field(default_factory=dict)


_BERT = Family("encoder.layer")
_ROBERTA = Family("encoder.layer", counts_from_pad=True)
_GPT2 = Family("h", "ln_f", forward={"use_cache": False})
_LLAMA = Family("layers", "norm", forward={"use_cache": False})

FAMILIES: Mapping[str, Family] = {
    "bert": _BERT,
    "electra": _BERT,
    "deberta": _BERT,
    "deberta-v2": Family("encoder.layer", least_blocks=1),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "mpnet": _ROBERTA,
    "distilbert": Family("transformer.layer"),
    "albert": Family(None),
    "xlnet": Family("layer", forward={"use_mems": False}),
    "modernbert": Family("layers", "final_norm"),
    "gpt2": _GPT2,
    "gpt_neo": _GPT2,
    "gptj": _GPT2,
    "gpt_neox": Family("layers", "final_layer_norm", forward={"use_cache": False}),
    "opt": Family("decoder.layers", "decoder.final_layer_norm", forward={"use_cache": False}),
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": _LLAMA,
    "gemma": _LLAMA,
    "gemma2": _LLAMA,
    "phi": Family("layers", "final_layernorm", forward={"use_cache": False}),
    "phi3": _LLAMA,
}


def family_of(model: PreTrainedModel) -> Family:
    """The family's row, or what the model's own structure suggests where there is none.

    A suggestion is only ever used behind the check that a truncated model gives the full model's hidden states.
    """
    return FAMILIES.get(model.config.model_type) or _suggest(model)


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
