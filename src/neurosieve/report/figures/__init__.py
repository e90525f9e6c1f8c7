"""One function per figure; each gives None where the results lack what it shows."""

from neurosieve.report.figures.general import cka_map, clusters_and_scores, similarity_map, window_bars
from neurosieve.report.figures.task import class_scores, kept_per_layer, layer_scores, score_curves, speed

__all__ = [
    "cka_map",
    "class_scores",
    "clusters_and_scores",
    "kept_per_layer",
    "layer_scores",
    "score_curves",
    "similarity_map",
    "speed",
    "window_bars",
]
