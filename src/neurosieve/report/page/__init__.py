"""One HTML page that holds everything and asks for nothing: no font, no picture, no script from elsewhere.

write      figures, tables and the page, as files
lead       what to do with the model, in a few sentences, and the commands to type next
sections   figures and tables of every part
clusters   a table of clusters and their words
fronts     a table of what costs least for its score
island     the numbers that its charts draw, as JSON
room       what a large run leaves to the files beside the page
policy     its script, and the policy that lets that script run and nothing else
beside     what lies beside the results: clusters, fronts
"""

from neurosieve.report.page.write import write_report

__all__ = ["write_report"]
