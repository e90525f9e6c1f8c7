"""A smaller vocabulary: the pieces that some text needs, in the tokenizer and in the embeddings.

material     what is read, and how a tokenizer cuts it
kinds        which further pieces must stay: `wordpiece`, `byte_pairs`, `unigram`
inside       the pieces that could cut a word, where a smaller vocabulary cuts it otherwise
rewriting    the tokenizer with what is left, under new ids
embeddings   the model with the rows that are left
reduction    all of it, checked on the text
"""

from neurosieve.compact.vocabulary.material import Material
from neurosieve.compact.vocabulary.reduction import Vocabulary, reduced_encoder

__all__ = ["Material", "Vocabulary", "reduced_encoder"]
