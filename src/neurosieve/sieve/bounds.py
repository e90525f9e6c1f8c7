"""The conditions on one step of the sieve: its own tolerance against the step before, and the overall one."""

from __future__ import annotations

from dataclasses import replace

from neurosieve.sieve.settings import SieveSettings
from neurosieve.task_specific import Scored, TaskData, Tolerance
from neurosieve.task_specific.tolerance import BoolArray, dev_halves


class Bounds:
    """The conditions on the steps of one sieve.

    Where non-inferiority is asked, half of the dev sentences decide the first two steps and the other half the last:
    its candidates are then fixed before the sentences that test them have been looked at.

    Raises:
        ConfigError: non-inferiority is asked of fewer than four dev sentences.
    """

    def __init__(self, data: TaskData, oracle: Scored, settings: SieveSettings) -> None:
        self.data, self.oracle, self.settings = data, oracle, settings
        self.choosing: BoolArray | None = None
        self.testing: BoolArray | None = None
        if settings.non_inferior:
            self.choosing, self.testing = dev_halves(data.dev_gold)

    def step(self, before: Scored, own: float | None, *, last: bool = False) -> Tolerance:
        """The stricter of the two conditions, told by their targets; for non-inferiority both."""
        s, rows = self.settings, self.testing if last else self.choosing
        overall = self._against(self.oracle, s.tolerance, rows)
        if own is None:
            return overall
        mine = self._against(before, own, rows)
        if s.non_inferior:
            return replace(mine, also=overall)
        return mine if s.reference == "stage" or mine.target >= overall.target else overall

    def _against(self, reference: Scored, loss: float, rows: BoolArray | None) -> Tolerance:
        s, data = self.settings, self.data
        plain = Tolerance(loss, reference, data.dev_gold, data.metric, s.confidence, s.seed, rows=rows)
        return replace(plain, bound_by="jackknife") if s.non_inferior else plain
