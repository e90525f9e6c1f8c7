"""One function per figure; each gives None where the results lack what it shows."""

from neurosieve.report.figures.general import cka_map, clusters_and_accuracy, window_bars
from neurosieve.report.figures.task import accuracy_curves, class_scores, kept_per_layer, layer_scores, speed

__all__ = [
    "accuracy_curves",
    "cka_map",
    "class_scores",
    "clusters_and_accuracy",
    "kept_per_layer",
    "layer_scores",
    "speed",
    "window_bars",
]
