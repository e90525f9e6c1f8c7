"""Tiny random models of seven families and two encoder–decoders, each with a tokenizer of its kind.

Built offline in a fraction of a second.

Three blocks of 32 units, seeded; weights are larger than a real initialisation, so that layers really differ.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    AlbertConfig,
    AutoModel,
    BartConfig,
    BertConfig,
    DistilBertConfig,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    T5Config,
    XLNetConfig,
)
from transformers.utils import logging

FAMILIES = ("bert", "roberta", "distilbert", "albert", "xlnet", "gpt2", "llama")
ENCODER_DECODERS = ("t5", "bart")
WORDPIECE, BYTE_BPE, UNIGRAM = ("bert", "distilbert"), ("roberta", "gpt2", "llama", "bart"), ("albert", "xlnet", "t5")
BLOCKS, UNITS, WINDOW = 3, 32, 64

_SENTENCES = (
    "The quick brown fox jumps over the lazy dog , is it not ?",
    "A tokenizer cuts an unlikely word into smaller pieces that it knows .",
    "She believed that the nation 's tokens were valid , and so did he .",
    "In 1990 the company reported earnings of 12.5 million dollars a share .",
    "He reckons the current account deficit will narrow to only 1.8 billion in September .",
    "def get ( self , name = None ) : return self . items [ name ] + 1",
    "import os ; print ( 'hello' ) # the end of the line",
    "Believe it or not , Charles de Gaulle is not the name of an isle .",
    "¿ Qué pasa ? Das große Haus · العربية · 東京 😀 naïve café",
    "[MASK] [SEP] </s> <sep> are words of a text like any other !",
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ENDINGS = ("able", "ation", "ion", "ken", "ing", "er")
_CORPUS = (*_SENTENCES, *_LETTERS, *(_LETTERS[i:] for i in range(0, len(_LETTERS), 7)))


def make_tiny(family: str, folder: Path, seed: int = 0) -> Path:
    """Build one family's model and tokenizer and save both into ``folder``, which is returned."""
    tokenizer = make_tokenizer(family)
    torch.manual_seed(seed)
    model = AutoModel.from_config(config_of(family, tokenizer)).eval()
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model.save_pretrained(folder)
    finally:
        if bars:
            logging.enable_progress_bar()
    tokenizer.save_pretrained(folder)
    return folder


def make_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """Train one family's tokenizer on a few sentences: word-piece, byte-level BPE or unigram."""
    if family in WORDPIECE:
        return _wordpiece()
    if family in BYTE_BPE:
        return _byte_bpe(family)
    return _unigram(family)


def config_of(family: str, tokenizer: PreTrainedTokenizerFast) -> PreTrainedConfig:
    common = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "initializer_range": 0.3,
    }
    sizes = {"hidden_size": UNITS, "num_attention_heads": 4, "num_hidden_layers": BLOCKS, "intermediate_size": 48}
    build: dict[str, Callable[[], PreTrainedConfig]] = {
        "bert": lambda: BertConfig(**common, **sizes, max_position_embeddings=WINDOW),
        "roberta": lambda: RobertaConfig(**common, **sizes, max_position_embeddings=WINDOW + 2, type_vocab_size=1),
        "distilbert": lambda: DistilBertConfig(
            **common, dim=UNITS, n_heads=4, n_layers=BLOCKS, hidden_dim=48, max_position_embeddings=WINDOW
        ),
        "albert": lambda: AlbertConfig(**common, **sizes, embedding_size=16, max_position_embeddings=WINDOW),
        "xlnet": lambda: XLNetConfig(**common, d_model=UNITS, n_layer=BLOCKS, n_head=4, d_inner=48),
        "gpt2": lambda: GPT2Config(**common, n_embd=UNITS, n_layer=BLOCKS, n_head=4, n_positions=WINDOW),
        "llama": lambda: LlamaConfig(**common, **sizes, num_key_value_heads=2, max_position_embeddings=WINDOW),
        "t5": lambda: T5Config(
            **common,
            d_model=UNITS,
            d_kv=8,
            d_ff=48,
            num_layers=BLOCKS,
            num_heads=4,
            num_decoder_layers=2,
            decoder_start_token_id=tokenizer.pad_token_id,
        ),
        "bart": lambda: BartConfig(
            **common,
            **{f"{side}_attention_heads": 4 for side in ("encoder", "decoder")},
            **{f"{side}_ffn_dim": 48 for side in ("encoder", "decoder")},
            encoder_layers=BLOCKS,
            decoder_layers=2,
            d_model=UNITS,
            init_std=0.3,
            max_position_embeddings=WINDOW,
            decoder_start_token_id=tokenizer.eos_token_id,
        ),
    }
    return build[family]()


def _characters() -> list[str]:
    return sorted({char for text in _CORPUS for char in text + text.lower() if not char.isspace()})


def _short_words() -> list[str]:
    return sorted({word for text in _SENTENCES for word in text.lower().split() if 2 <= len(word) <= 6})


def _wordpiece() -> PreTrainedTokenizerFast:
    # The library's own word-piece trainer breaks ties by chance, so the vocabulary is written down.
    starts, inside = [*_characters(), *_short_words()], [*_characters(), *_ENDINGS]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *starts, *(f"##{piece}" for piece in inside)]
    backend = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, mask_token="[MASK]", **names)


def _byte_bpe(family: str) -> PreTrainedTokenizerFast:
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        _CORPUS,
        trainers.BpeTrainer(vocab_size=420, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    like_roberta = family in ("roberta", "bart")
    if like_roberta:
        backend.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    elif family == "llama":
        backend.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s> $B", [("<s>", 0)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>" if like_roberta else None,
        cls_token="<s>" if like_roberta else None,
    )


def _unigram(family: str) -> PreTrainedTokenizerFast:
    cls, sep, mask = ("[CLS]", "[SEP]", "[MASK]") if family == "albert" else ("<cls>", "<sep>", "<mask>")
    special = ["<unk>", "<s>", "</s>", cls, sep, "<pad>", mask]
    # Written down like the word-piece vocabulary: trained scores differ in their last digits from run to run.
    scores = dict.fromkeys(special, 0.0) | {"▁": -3.0} | dict.fromkeys(_characters(), -6.0)
    scores |= dict.fromkeys((f"▁{word}" for word in _short_words()), -5.0) | dict.fromkeys(_ENDINGS, -7.0)
    backend = Tokenizer(models.Unigram(list(scores.items()), unk_id=0))
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Replace("\u200b", "")]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    backend.decoder = decoders.Metaspace()
    if family == "xlnet":
        single, pair = "$A:0 <sep>:0 <cls>:2", "$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2"
        ids = [("<sep>", 4), ("<cls>", 3)]
    elif family == "t5":
        single, pair, ids = "$A </s>", "$A </s> $B </s>", [("</s>", 2)]
    else:
        single, pair = "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1"
        ids = [("[CLS]", 3), ("[SEP]", 4)]
    backend.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    names = {"unk_token": "<unk>", "pad_token": "<pad>"}
    if family != "t5":
        names |= {"cls_token": cls, "sep_token": sep, "mask_token": mask}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<s>",
        eos_token="</s>",
        padding_side="left" if family == "xlnet" else "right",
        **names,
    )
