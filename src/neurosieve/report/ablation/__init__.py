"""The ablation study for people: sentences, a figure, a table, and a page that holds them.

words      how outputs and scores are written, and which set the sentences are about
sentences  what was found, and how to read it
figure     the model's output and the probe's score against the number of neurons
write      tables, page, terminal
"""

from neurosieve.report.ablation.sentences import ablation_notes, ablation_sentences
from neurosieve.report.ablation.write import ablation_lines, ablation_page, ablation_table, write_ablation

__all__ = [
    "ablation_lines",
    "ablation_notes",
    "ablation_page",
    "ablation_sentences",
    "ablation_table",
    "write_ablation",
]
