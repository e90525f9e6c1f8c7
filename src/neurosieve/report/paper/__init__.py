"""The paper's tables and figures by number, from a study, with the published values beside ours."""

from neurosieve.report.paper.write import Written, write_exhibits

__all__ = ["Written", "write_exhibits"]
