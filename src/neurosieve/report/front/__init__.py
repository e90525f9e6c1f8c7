"""A front on the terminal, as CSV, as a figure and as a page."""

from neurosieve.report.front.chosen import chosen_sentences
from neurosieve.report.front.page import write_front
from neurosieve.report.front.terminal import front_text

__all__ = ["chosen_sentences", "front_text", "write_front"]
