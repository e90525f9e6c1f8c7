"""What clustering costs a task: a probe on one representative per cluster, per threshold (Section 5.2, Figure 2)."""

from __future__ import annotations

from collections.abc import Sequence

from neurosieve.arrays import IntArray
from neurosieve.memory import give_back_memory
from neurosieve.probes.least_squares import fit_least_squares
from neurosieve.task_specific.data import Scored, TaskData


def probe_representatives(data: TaskData, sets: Sequence[IntArray]) -> list[Scored]:
    """Least-squares probes on some sets of columns, scored in one pass over dev and test.

    A departure from the paper, which trains its logistic probe on each set: these probes come from the moments, so that
    ten of them cost less than one. Compare them with one another, not with the oracle.
    """
    give_back_memory()  # what is factorised does not fit into what was freed, and would come on top of it
    return data.score([fit_least_squares(data.moments, columns, device=data.protocol.device) for columns in sets])
