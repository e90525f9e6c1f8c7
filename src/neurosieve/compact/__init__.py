"""The small model that is left: predict, save, load (Section 7.2)."""

from neurosieve.compact.card import model_card
from neurosieve.compact.files import read_about, refuse_foreign
from neurosieve.compact.head import Head
from neurosieve.compact.model import CompactModel, Prediction
from neurosieve.compact.timing import Comparison, Rate, compare
from neurosieve.compact.words import Splitting, as_words

__all__ = [
    "CompactModel",
    "Comparison",
    "Head",
    "Prediction",
    "Rate",
    "Splitting",
    "as_words",
    "compare",
    "model_card",
    "read_about",
    "refuse_foreign",
]
