"""Encoders whose tokenizers are of the library's own classes, which build themselves anew from the vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModel,
    BertTokenizer,
    GPT2Tokenizer,
    LlamaTokenizer,
    RobertaTokenizer,
    XLMRobertaTokenizer,
    XLNetTokenizer,
)

from neurosieve.activations import Encoder, load_encoder
from tests.tiny_models import config_of, make_tokenizer

BYTES = [f"<0x{i:02X}>" for i in range(256)]
WORDS = ("the", "fox", "lazy", "other", "hot", "tooth", "thin", "zoo")


def all_merges(vocabulary: dict[str, int]) -> list[tuple[str, str]]:
    """Every pair of pieces that makes a piece, as SentencePiece's BPE has them: by the id of what they make."""
    made = sorted((at, piece) for piece, at in vocabulary.items())
    cuts = ((piece[:i], piece[i:]) for _, piece in made for i in range(1, len(piece)))
    return [pair for pair in cuts if pair[0] in vocabulary and pair[1] in vocabulary]


def llama_vocabulary() -> dict[str, int]:
    """Special pieces, bytes, then parts of words before the letters, as in Llama."""
    letters = sorted(set("".join(WORDS)) | {"▁"})
    words = [f"▁{word}" for word in WORDS]
    parts = dict.fromkeys(
        part for word in words for size in range(2, len(word) + 1) for part in {word[:size], word[1:size], word[-size:]}
    )
    pieces = ["<unk>", "<s>", "</s>", *BYTES, *(part for part in parts if len(part) > 1), *letters]
    return {piece: at for at, piece in enumerate(dict.fromkeys(pieces))}


def own_tokenizer(name: str) -> Any:
    """A tokenizer of the library's class, with the pieces of a tiny one."""
    if name == "llama":
        vocabulary = llama_vocabulary()
        return LlamaTokenizer(vocab=vocabulary, merges=all_merges(vocabulary))
    tiny = make_tokenizer(name.removeprefix("xlm-"))
    vocabulary = tiny.get_vocab()
    if name == "bert":
        return BertTokenizer(vocab=vocabulary)
    merges = [tuple(one) for one in _merges(tiny)]
    special = {"unk_token": "<unk>", "pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
    if name == "gpt2":
        return GPT2Tokenizer(vocab=vocabulary, merges=merges, **special)
    if name == "roberta":
        return RobertaTokenizer(vocab=vocabulary, merges=merges)
    return _unigram(name, tiny)


def _merges(tiny: Any) -> list[Any]:
    return json.loads(tiny.backend_tokenizer.to_str())["model"].get("merges", [])


def _unigram(name: str, tiny: Any) -> Any:
    scores = [tuple(one) for one in json.loads(tiny.backend_tokenizer.to_str())["model"]["vocab"]]
    if name == "xlnet":
        return XLNetTokenizer(vocab=[*scores, ("<eop>", 0.0), ("<eod>", 0.0)])
    plain = [one for one in scores if one[0][0] not in "<["]
    first = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    return XLMRobertaTokenizer(vocab=[*first, *plain, ("<mask>", 0.0)])


def own_encoder(name: str, folder: Path) -> Encoder:
    """A tiny model with such a tokenizer, saved and loaded."""
    tokenizer = own_tokenizer(name)
    family = {"xlm-albert": "roberta"}.get(name, name)
    torch.manual_seed(0)
    config = config_of(family, tokenizer)
    if name == "xlm-albert":
        config.pad_token_id = tokenizer.pad_token_id
    AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return load_encoder(folder, device="cpu")
