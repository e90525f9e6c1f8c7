"""An exported compact model, run by onnxruntime: no torch, no transformers, nothing but numpy and tokenizers beside it.

runtime       folder in; labels, numbers, scores out
reading       items to scores; `pieces.predictions`: scores to labels and numbers
description   runtime.json; `files`: the folder, checked; `session`: onnxruntime
__main__      `python -m neurosieve.runtime`: lines in and out, by `pieces.answers`
"""

from neurosieve.pieces.predictions import NumberPrediction, Predicted, Prediction, TextPrediction, Wanted
from neurosieve.runtime.description import Facts, TaskFacts
from neurosieve.runtime.runtime import Runtime

__all__ = ["Facts", "NumberPrediction", "Predicted", "Prediction", "Runtime", "TaskFacts", "TextPrediction", "Wanted"]
