"""The small model that is left: predict, save, load (Section 7.2).

model        truncated encoder and heads: build, join, scores, predictions
head         the neurons of one task and the linear map on them; `joining`: heads and encoders put together
items        what people hand in, checked; `words`: text to words
reading      items to scores; `predictions`: scores to labels and numbers
description  the schema of compact.json; `files`: the folder; `card`: its README
timing       two models on the same items
"""

from neurosieve.compact.card import model_card
from neurosieve.compact.description import About, TaskAbout, read_about
from neurosieve.compact.files import refuse_foreign
from neurosieve.compact.head import Head, Kind, Unit
from neurosieve.compact.model import CompactModel
from neurosieve.compact.predictions import NumberPrediction, Predicted, Prediction, TextPrediction
from neurosieve.compact.timing import Comparison, Rate, compare
from neurosieve.compact.words import Splitting, as_words

__all__ = [
    "About",
    "CompactModel",
    "Comparison",
    "Head",
    "Kind",
    "NumberPrediction",
    "Predicted",
    "Prediction",
    "Rate",
    "Splitting",
    "TaskAbout",
    "TextPrediction",
    "Unit",
    "as_words",
    "compare",
    "model_card",
    "read_about",
    "refuse_foreign",
]
