"""What a model says about a corpus: one vector per word per layer (Section 3.1).

loading        a name -> an encoder
encoder        a model, its tokenizer, its hidden states; `families`, `truncation`: where families differ, cutting one
tokenization   words -> pieces
alignment      pieces -> words: windows, aggregation
extract        sentences -> batches of word vectors
store          vectors on disk, mapped into memory; `shards`: the files, `persist`: the extraction to disk
live           the same rows without a disk
"""

from neurosieve.activations.alignment import Aggregation, OnTooLong
from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.extract import BATCH_TOKENS, ExtractionReport, WordBatch, plan_extraction, word_batches
from neurosieve.activations.live import LiveRows
from neurosieve.activations.loading import MINILM, load_encoder
from neurosieve.activations.persist import extract
from neurosieve.activations.store import Store

__all__ = [
    "BATCH_TOKENS",
    "MINILM",
    "Aggregation",
    "Dtype",
    "Encoder",
    "ExtractionReport",
    "LiveRows",
    "OnTooLong",
    "Store",
    "WordBatch",
    "encoder_from_model",
    "extract",
    "load_encoder",
    "plan_extraction",
    "word_batches",
]
