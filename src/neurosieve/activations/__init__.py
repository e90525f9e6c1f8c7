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
"""

from neurosieve.activations.alignment import Aggregation, OnTooLong
from neurosieve.activations.batching import BATCH_TOKENS
from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.extract import ExtractionReport, WordBatch, plan_extraction, word_batches
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
    "LiveRows",
    "LiveTexts",
    "OnTooLong",
    "Pooling",
    "Store",
    "WordBatch",
    "Work",
    "encoder_from_model",
    "extract",
    "extract_texts",
    "load_encoder",
    "plan_extraction",
    "resolve_pooling",
    "text_batches",
    "word_batches",
    "work_of",
]
