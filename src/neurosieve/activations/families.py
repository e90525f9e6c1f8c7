"""Where families of transformers differ: one row a family, and what can be found out where there is no row."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn
from transformers import PreTrainedModel

SIDE = "neurosieve_side"
"""What the config of one side of an encoder–decoder calls the side; it travels with the weights."""

_NORM_NAMES = frozenset(
    {"norm", "ln_f", "norm_f", "ln", "ln_out", "final_norm", "final_layer_norm", "final_layernorm", "layer_norm"}
    | {"layernorm", "output_layernorm", "LayerNorm", "embedding_norm", "emb_layer_norm_after"}
)


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
        calls: where ``blocks`` is None, a pattern of the paths of the modules whose calls, in order, are the blocks.
        depth: what the config calls the number of blocks.
        positions: what the config calls the number of positions.
        decoder: of an encoder–decoder, the row of its decoder side; the row itself is that of its encoder side.
        crossed: a decoder side: it reads a start piece and the text, and sees the encoder's reading of the same text.
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
    calls: str | None = None
    depth: str = "num_hidden_layers"
    positions: str = "max_position_embeddings"
    decoder: Family | None = None
    crossed: bool = False


_NO_CACHE = {"use_cache": False}
_BERT = Family("encoder.layer", attention="attention.output.dense", mlp="output.dense")
_ROBERTA = replace(_BERT, counts_from_pad=True)
_GPT2 = Family("h", "ln_f", forward=_NO_CACHE, attention="attn", mlp="mlp")
_LLAMA = Family("layers", "norm", forward=_NO_CACHE, attention="self_attn", mlp="mlp")
_POSTNORM = replace(_LLAMA, attention="post_attention_layernorm", mlp="post_feedforward_layernorm")
_ALBERT_GROUP = r"encoder\.albert_layer_groups\.\d+"
_ALBERT_BLOCK = _ALBERT_GROUP + r"\.albert_layers\.\d+\."

# A decoder side runs the whole model, whose paths start with "decoder"; an encoder side is the encoder alone. Padding
# stands on the right: the decoder's start piece comes before the text.
_BART_DECODER = Family(
    "decoder.layers",
    pads_either_side=False,
    forward=_NO_CACHE,
    attention="self_attn",
    mlp="fc2",
    depth="decoder_layers",
    crossed=True,
)
_BART = Family("layers", pads_either_side=False, attention="self_attn", mlp="fc2", decoder=_BART_DECODER)
_MBART = replace(_BART, final_norm="layer_norm", decoder=replace(_BART_DECODER, final_norm="decoder.layer_norm"))
_T5_DECODER = replace(
    _BART_DECODER,
    blocks="decoder.block",
    final_norm="decoder.final_layer_norm",
    attention="layer.0.SelfAttention",
    mlp="layer.2.DenseReluDense",
    depth="num_decoder_layers",
)
# T5's encoder alone has a class of its own in transformers, in which it is called "encoder".
_T5 = Family(
    "encoder.block",
    "encoder.final_layer_norm",
    attention="layer.0.SelfAttention",
    mlp="layer.1.DenseReluDense",
    decoder=_T5_DECODER,
)

FAMILIES: Mapping[str, Family] = {
    "bert": _BERT,
    "electra": _BERT,
    "ernie": _BERT,
    "deberta": _BERT,
    "deberta-v2": replace(_BERT, least_blocks=1),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "data2vec-text": _ROBERTA,
    "longformer": replace(_ROBERTA, least_blocks=1),
    "mpnet": replace(_ROBERTA, attention="attention.attn.o"),
    "distilbert": Family("transformer.layer", attention="attention", mlp="ffn"),
    "albert": Family(
        None, attention=_ALBERT_BLOCK + r"attention\.dense", mlp=_ALBERT_BLOCK + "ffn_output", calls=_ALBERT_GROUP
    ),
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
    "gemma2": _POSTNORM,
    "phi": replace(_LLAMA, final_norm="final_layernorm"),
    "phi3": _LLAMA,
    "ministral": _LLAMA,
    "mixtral": _LLAMA,
    "qwen2_moe": _LLAMA,
    "qwen3_moe": _LLAMA,
    "olmo": _LLAMA,
    "smollm3": _LLAMA,
    "stablelm": _LLAMA,
    "starcoder2": _LLAMA,
    "olmo2": _POSTNORM,
    "gemma3_text": _POSTNORM,
    "t5": _T5,
    "mt5": _T5,
    "umt5": _T5,
    "bart": _BART,
    "plbart": _BART,
    "mvp": _BART,
    "blenderbot-small": _BART,
    "marian": _BART,
    "mbart": _MBART,
    "pegasus": _MBART,
    "blenderbot": _MBART,
    "m2m_100": _MBART,
    "bigbird_pegasus": replace(
        _BART,
        final_norm="layernorm_embedding",
        decoder=replace(_BART_DECODER, final_norm="decoder.layernorm_embedding"),
    ),
    # The decoder of a ProphetNet has several streams, so that it has no one vector for a piece.
    "prophetnet": replace(_BART, mlp="feed_forward", depth="num_encoder_layers", decoder=None),
    "led": replace(
        _BART,
        least_blocks=1,
        positions="max_encoder_position_embeddings",
        decoder=replace(_BART_DECODER, positions="max_decoder_position_embeddings"),
    ),
}


def family_of(model: PreTrainedModel) -> Family:
    """The family's row, or what the model's own structure suggests where there is none.

    A suggestion is only ever used behind the check that a truncated model gives the full model's hidden states.
    """
    row = FAMILIES.get(model.config.model_type)
    if row is not None and row.decoder is not None and side_of(model.config) == "decoder":
        return row.decoder
    return row or _suggest(model)


def side_of(config: Any) -> str | None:
    """Which side of an encoder–decoder a model is, as its config says; None where it is no such side."""
    return getattr(config, SIDE, None)


def n_blocks_of(config: Any, family: Family) -> int:
    """How many blocks the model has."""
    return int(getattr(config, family.depth))


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
    positions = getattr(config, family.positions, None)
    if not isinstance(positions, int) or positions <= 0:
        return None
    if family.counts_from_pad:
        return positions - int(config.pad_token_id) - 1
    return positions - 1 if family.crossed else positions  # one is the start piece's


def _suggest(model: PreTrainedModel) -> Family:
    n_blocks = getattr(model.config, "num_hidden_layers", None)
    stacks = (name for name, part in model.named_modules() if isinstance(part, nn.ModuleList) and len(part) == n_blocks)
    blocks = next(stacks, None)
    forward = _NO_CACHE if "use_cache" in inspect.signature(model.forward).parameters else {}
    return Family(blocks, _norm_near(model, blocks), _counts_from_pad(model), pads_either_side=False, forward=forward)


def _norm_near(model: PreTrainedModel, blocks: str | None) -> str | None:
    """The norm beside the stack of blocks, or beside what the stack is in."""
    place = blocks
    while place:
        place = place.rpartition(".")[0]
        names = (name for name, _ in model.get_submodule(place).named_children() if name in _NORM_NAMES)
        if (found := next(names, None)) is not None:
            return f"{place}.{found}" if place else found
    return None


def _counts_from_pad(model: PreTrainedModel) -> bool:
    # RoBERTa-like embeddings of positions keep a row for padding, as embeddings of words do.
    return any(
        name.endswith("position_embeddings") and isinstance(part, nn.Embedding) and part.padding_idx is not None
        for name, part in model.named_modules()
    )
