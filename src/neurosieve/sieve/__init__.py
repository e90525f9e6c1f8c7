"""The sieve: LayerSelector, then correlation clustering, then feature selection (Section 7). No model is needed.

Each step has a tolerance of its own, against the step before it, and all of them together stay within one overall
tolerance against the oracle. ``reference="stage"`` drops the overall bound: that is the paper's procedure, in which
the losses of the steps add up unseen.

settings     how much each step may lose, and how surely that must hold
bounds       the conditions on a step, from the settings
steps        what a step leaves, and the first and the last of them
clustering   the second
fitted       all three, one after the other
"""

from neurosieve.sieve.fitted import run_sieve
from neurosieve.sieve.settings import SieveSettings
from neurosieve.sieve.steps import SieveResult, Step

__all__ = ["SieveResult", "SieveSettings", "Step", "run_sieve"]
