"""A tiny random member of every model type of transformers that reads text, built from its config alone.

`READ` are read layer by layer and cut anywhere; `WHOLE` are read, and a cut is refused with a message; of those in
`REFUSED` no encoder is made, and the message says why. What is in none of them reads images, sound or tables, or has a
config that the sizes below do not make small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from transformers import MODEL_MAPPING, AutoConfig, AutoModel, PreTrainedModel

from neurosieve.activations.encoder import Encoder, encoder_from_model
from neurosieve.activations.sides import Side, choose_side, class_for, mark, part_to_read
from tests.tiny_models import make_tokenizer

BLOCKS, UNITS = 3, 16
N_PIECES = 40
# Of the sizes below every config takes those that it knows.
SIZES: dict[str, Any] = {
    "vocab_size": 300, "hidden_size": UNITS, "num_hidden_layers": BLOCKS, "num_attention_heads": 2,
    "intermediate_size": 24, "max_position_embeddings": N_PIECES, "num_key_value_heads": 2, "head_dim": 8,
    "pad_token_id": 1, "embedding_size": UNITS, "word_embed_proj_dim": UNITS, "ffn_dim": 24, "initializer_range": 0.3,
    "rotary_dim": 4, "d_inner": 24, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2,
    "num_decoder_layers": BLOCKS, "num_encoder_layers": BLOCKS, "encoder_layers": BLOCKS, "decoder_layers": BLOCKS,
    "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
    "d_ff": 24, "d_kv": 8, "init_std": 0.3, "decoder_start_token_id": 2, "max_encoder_position_embeddings": N_PIECES,
    "max_decoder_position_embeddings": N_PIECES, "attention_window": 8, "num_experts": 2, "num_local_experts": 2,
    "n_routed_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 24, "state_size": 4, "q_lora_rank": 8,
    "kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 8, "qk_head_dim": 8,
}  # fmt: skip
SPECIAL: dict[str, dict[str, Any]] = {
    "gpt_neo": {"attention_types": [[["global"], BLOCKS]]},
    "phi3": {"original_max_position_embeddings": N_PIECES},
    "xlnet": {"d_head": 8},
}


def config_for(model_type: str, **more: Any) -> Any:
    """The type's config with the sizes that it knows."""
    known = AutoConfig.for_model(model_type)
    names = set(vars(known)) | set(known.attribute_map)
    settable = {key: value for key, value in SIZES.items() if key in names}
    return AutoConfig.for_model(model_type, **settable, **SPECIAL.get(model_type, {}), **more)


def tiny(model_type: str, side: Side | None = None) -> PreTrainedModel:
    """The part of a random model that is read, as `load_encoder` makes it of a folder."""
    torch.manual_seed(0)
    config = config_for(model_type)
    side = choose_side(config, side, model_type)
    kind = class_for(config, side)
    mark(config, side)
    built: Callable[[Any], PreTrainedModel] = AutoModel.from_config if kind is AutoModel else kind._from_config
    return part_to_read(built(config).eval(), side, model_type)


def tiny_encoder(model_type: str, side: Side | None = None, **options: Any) -> Encoder:
    """The same with a tokenizer that goes with no model in particular."""
    return encoder_from_model(tiny(model_type, side), make_tokenizer("bert"), name=model_type, device="cpu", **options)


def text_types() -> set[str]:
    """All types that transformers maps to a model."""
    return {config.model_type for config in MODEL_MAPPING}


# fmt: off
READ = [
    "afmoe", "albert", "apertus", "arcee", "aria_text", "axk2", "bart", "beam", "bert", "bert-generation",
    "big_bird", "bigbird_pegasus", "biogpt", "bitnet", "blenderbot", "blenderbot-small", "bloom", "camembert",
    "cohere", "cohere2", "cohere2_moe", "convbert", "ctrl", "cwm", "data2vec-text", "deberta", "deberta-v2",
    "deepseek_v2", "deepseek_v32", "diffllama", "distilbert", "doge", "electra", "ernie", "ernie4_5",
    "ernie4_5_moe", "esm", "esmc", "eurobert", "exaone4", "exaone_moe", "falcon", "falcon_h1", "flex_olmo",
    "flint", "fnet", "gemma", "gemma2", "gemma3_text", "gemma4_unified_text", "glm", "glm4", "glm4_moe",
    "glm4_moe_lite", "glm_moe_dsa", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox",
    "gpt_neox_japanese", "gpt_oss", "gptj", "granite", "granite_docling_text", "granite_swa", "granitemoe",
    "granitemoe_swa", "granitemoeshared", "gte", "helium", "hunyuan_v1_dense", "hunyuan_v1_moe", "hy_v3",
    "hyperclovax", "ibert", "imagegpt", "inkling_text", "internlm3", "iquestcoder", "jais2", "jamba", "jetmoe",
    "jina_embeddings_v3", "kolibri1", "laguna", "layoutlm", "led", "lfm2", "lfm3", "llama", "llama4_text",
    "longformer", "longt5", "m2m_100", "marian", "markuplm", "mbart", "megatron-bert", "mellum", "minicpm3",
    "minimax", "minimax_m2", "minimax_m3_vl_text", "ministral", "ministral3", "mistral", "mistral4",
    "mistral_large4_text", "mixtral", "mobilebert", "modernbert", "modernbert-decoder", "molmo2_text", "moshi",
    "mpnet", "mpt", "mra", "mt5", "muse_glimmer_text", "muse_spark_text", "mvp", "nemotron",
    "nllb-moe", "nomic_bert", "nystromformer", "olmo", "olmo2", "olmo3", "olmo_hybrid", "olmoe", "openai-gpt",
    "openai_privacy_filter", "opt", "pegasus", "persimmon", "phi", "phi3", "phimoe", "plbart", "prophetnet",
    "qwen2", "qwen2_moe", "qwen3", "qwen3_5_moe_text", "qwen3_5_text", "qwen3_moe", "qwen3_next",
    "qwen3_vl_moe_text", "qwen3_vl_text", "recurrent_gemma", "rembert", "roberta", "roberta-prelayernorm",
    "roformer", "seed_oss", "smollm3", "solar_open", "splinter", "stablelm", "starcoder2",
    "switch_transformers", "t5", "tapas", "ultrabert", "umt5", "vaultgemma", "visual_bert", "xglm",
    "xlm-roberta", "xlm-roberta-xl", "yoso",
]
# fmt: on
WHOLE = {
    "clip_text_model": "its last hidden state is behind a norm that its last layer is not",
    "cpmant": "pieces of its own stand before the text",
    "squeezebert": "its units come before the pieces",
    "flaubert": "the parts of its blocks are in lists of their own",
    "xlm": "the parts of its blocks are in lists of their own",
    "mamba": "its last block's output is not among its hidden states",
    "nanochat": "its final norm is no module",
    "rwkv": "its last block's output is scaled",
    "xlstm": "a norm and a cap behind its blocks",
}
"""Read, by the library's own way where they cannot be watched; some cuts of them, or all, are refused."""

REFUSED = {
    "bros": "cannot read text: You have to specify bbox",
    "canine": "gives 8 hidden states of",
    "deepseek_v4": "gives hidden states of the shape",
    "hy_v4": "gives hidden states of the shape",
    "fsmt": "keeps its encoder where it cannot be taken out by itself",
    "layoutlmv3": "cannot read text",
    "lxmert": "cannot read text: `visual_feats` cannot be",
    "pegasus_x": "gives a tuple where hidden states should be",
    "seamless_m4t": "cannot read text: You must specify exactly one of decoder_input_ids",
    "udop": "cannot read text: Bbox is required",
    "vilt": "cannot read text: You have to specify either pixel_values",
    "vit": "cannot read text",
    "xmod": "cannot read text: Input language unknown",
}
