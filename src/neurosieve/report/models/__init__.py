"""The comparison of two models for people: sentences, figures, tables, and a page that holds them.

sentences  what was found, and how to read it
figures    the heat map of layers, and what the one model has of each layer of the other
tables     a row for each pair of layers, and for each layer
write      page, files, lines for the terminal
"""

from neurosieve.report.models.sentences import models_notes, models_sentences
from neurosieve.report.models.tables import layer_table, pair_table
from neurosieve.report.models.write import models_lines, models_page, write_models

__all__ = [
    "layer_table",
    "models_lines",
    "models_notes",
    "models_page",
    "models_sentences",
    "pair_table",
    "write_models",
]
