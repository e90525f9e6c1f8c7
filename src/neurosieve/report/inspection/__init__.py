"""A closer look at a run, to be read: one page, CSV tables, and sentences for the command line.

summary   what was found, in plain sentences
cards     clusters as the page shows them
figures   which layers copy from which, how many clusters, who loses, what each class needs
tables    everything as CSV, in cells that no spreadsheet runs
page      all of it on one page that asks for nothing
"""

from neurosieve.report.inspection.page import write_inspection
from neurosieve.report.inspection.summary import inspection_sentences

__all__ = ["inspection_sentences", "write_inspection"]
