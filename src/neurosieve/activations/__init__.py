"""What a model says about a corpus: one vector per word per layer (Section 3.1).

loading        a name -> an encoder
encoder        a model, its tokenizer, its hidden states; `families`: where they differ, `truncation`: cutting one,
               `precision`: bfloat16
sublayers      attention-block and MLP outputs as further layers
tokenization   words -> pieces
alignment      pieces -> words: windows, aggregation
batching       windows -> batches: what is the same once, little padding; `work`: what that costs in products
extract        sentences -> batches of word vectors
texts          texts and pairs -> batches of text vectors
store          vectors on disk, mapped into memory; `shards`: the files, `persist`: the extraction to disk
live           the same rows without a disk
ablation       neurons that hold a fixed value inside the model, and what its output loses; `heads`: the loss of its own
               language-model head
"""

from neurosieve.activations.ablation import ablated, cosines, pooled, replacements
from neurosieve.activations.alignment import Aggregation, OnTooLong
from neurosieve.activations.batching import BATCH_TOKENS
from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.extract import ExtractionReport, WordBatch, plan_extraction, word_batches
from neurosieve.activations.heads import LanguageModel, Losses, language_model_losses, load_language_model
from neurosieve.activations.live import LiveRows, LiveTexts
from neurosieve.activations.loading import MINILM, load_encoder
from neurosieve.activations.persist import extract, extract_texts
from neurosieve.activations.store import Store
from neurosieve.activations.sublayers import SUBLAYERS
from neurosieve.activations.texts import Pooling, resolve_pooling, text_batches
from neurosieve.activations.work import Work, work_of

__all__ = [
    "BATCH_TOKENS",
    "MINILM",
    "SUBLAYERS",
    "Aggregation",
    "Dtype",
    "Encoder",
    "ExtractionReport",
    "LanguageModel",
    "LiveRows",
    "LiveTexts",
    "Losses",
    "OnTooLong",
    "Pooling",
    "Store",
    "WordBatch",
    "Work",
    "ablated",
    "cosines",
    "encoder_from_model",
    "extract",
    "extract_texts",
    "language_model_losses",
    "load_encoder",
    "load_language_model",
    "plan_extraction",
    "pooled",
    "replacements",
    "resolve_pooling",
    "text_batches",
    "word_batches",
    "work_of",
]
