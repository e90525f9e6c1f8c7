"""What a model says about a corpus: one vector per word per layer (Section 3.1); what it reads is cut in `pieces`.

loading        a name -> an encoder; `sides`: of an encoder–decoder, `sentence_folder`: of sentence-transformers,
               `placement`: weights spread over devices
encoder        a model, its tokenizer, its hidden states; `families`: where they differ, `reading`: layers as they are
               made, `truncation`: cutting one, `precision`: bfloat16
sublayers      attention-block and MLP outputs as further layers
extract        sentences -> batches of word vectors; `alignment`: pieces -> words
texts          texts and pairs -> batches of text vectors
work           what reading costs in products
store          vectors on disk, mapped into memory; `shards`: the files, `manifest`: what a store says of itself
persist        the extraction to disk; `wanted`: what decides the vectors, `filling`: what is not there, `shared`: by
               a team
live           the same rows without a disk
ablation       neurons that hold a fixed value inside the model, and what its output loses; `heads`: the loss of its own
               language-model head
"""

from neurosieve.activations.ablation import ablated, cosines, pooled, replacements
from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.extract import WordBatch, plan_extraction, word_batches
from neurosieve.activations.filling import Extraction
from neurosieve.activations.heads import LanguageModel, Losses, language_model_losses, load_language_model
from neurosieve.activations.live import LiveRows, LiveTexts
from neurosieve.activations.loading import MINILM, load_encoder
from neurosieve.activations.persist import extract, extract_texts, fill
from neurosieve.activations.sides import Side
from neurosieve.activations.store import Store
from neurosieve.activations.sublayers import SUBLAYERS
from neurosieve.activations.texts import resolve_pooling, text_batches
from neurosieve.activations.work import Work, work_of
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.reports import ExtractionReport
from neurosieve.pieces.sentences import Aggregation
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.windows import OnTooLong

__all__ = [
    "BATCH_TOKENS",
    "MINILM",
    "SUBLAYERS",
    "Aggregation",
    "Dtype",
    "Encoder",
    "Extraction",
    "ExtractionReport",
    "LanguageModel",
    "LiveRows",
    "LiveTexts",
    "Losses",
    "OnTooLong",
    "Pooling",
    "Side",
    "Store",
    "WordBatch",
    "Work",
    "ablated",
    "cosines",
    "encoder_from_model",
    "extract",
    "extract_texts",
    "fill",
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
