"""The small model that is left: predict, save, load (Section 7.2).

model        truncated encoder and heads: build, join, scores, predictions
head         the neurons of one task and the linear map on them; `joining`: heads and encoders put together
reading      items to scores; `predictions`: scores to labels and numbers; `calibration`: and to probabilities
explanation  which neurons decided a prediction
description  the schema of compact.json; `files`: the folder; `digests`: its sha256; `card`: its README; `hub`
timing       two models on the same items; `agreement`: what both say; `cost`: room and operations
smaller      models made smaller: `vocabulary`, `weights`, `trimming`; `stored`: their weights on disk
"""

from neurosieve.compact.calibration import BINS, Calibration, calibration_error, fit_temperature, temperature_interval
from neurosieve.compact.card import model_card
from neurosieve.compact.description import About, TaskAbout, read_about
from neurosieve.compact.explanation import Contribution, Explanation
from neurosieve.compact.files import refuse_foreign
from neurosieve.compact.head import Head
from neurosieve.compact.model import ITEMS_AT_ONCE, CompactModel
from neurosieve.compact.smaller import reduced_vocabulary, trimmed, with_weights
from neurosieve.compact.timing import Comparison, Rate, compare
from neurosieve.pieces.items import Unit
from neurosieve.pieces.predictions import Kind, NumberPrediction, Predicted, Prediction, TextPrediction, Wanted
from neurosieve.pieces.words import Splitting, as_words

__all__ = [
    "BINS",
    "ITEMS_AT_ONCE",
    "About",
    "Calibration",
    "CompactModel",
    "Comparison",
    "Contribution",
    "Explanation",
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
    "Wanted",
    "as_words",
    "calibration_error",
    "compare",
    "fit_temperature",
    "model_card",
    "read_about",
    "reduced_vocabulary",
    "refuse_foreign",
    "temperature_interval",
    "trimmed",
    "with_weights",
]
