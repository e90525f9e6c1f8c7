"""Several runs side by side, for people: sentences, tables, figures, a page.

wording    labels, sizes and speeds as they are written here
sentences  what the runs have in common and in what they differ
overviews  a table of the models and one for each task, for one glance
terminal   the same, 80 columns wide
tables     all numbers, for machines
figures    small multiples
write      page and files
"""

from neurosieve.report.comparing.sentences import comparing_notes, comparing_sentences
from neurosieve.report.comparing.terminal import comparing_lines
from neurosieve.report.comparing.write import comparing_page, write_comparing

__all__ = ["comparing_lines", "comparing_notes", "comparing_page", "comparing_sentences", "write_comparing"]
