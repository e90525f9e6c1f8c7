"""Results as figures, tables and one HTML page."""

from neurosieve.report.page import write_report
from neurosieve.report.summary import summary_sentences
from neurosieve.report.tables import write_tables

__all__ = ["summary_sentences", "write_report", "write_tables"]
