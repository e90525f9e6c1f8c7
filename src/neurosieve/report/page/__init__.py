"""One HTML page that holds everything and asks for nothing: no font, no picture, no script from elsewhere.

write      figures, tables and the page, as files
sections   what the page shows, in order
island     the numbers that its charts draw, as JSON
policy     its script, and the policy that lets that script run and nothing else
beside     what lies beside the results: clusters, fronts
"""

from neurosieve.report.page.write import write_report

__all__ = ["write_report"]
