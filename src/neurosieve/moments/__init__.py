"""Moments: count, mean and covariance of the activations, and their class means, in one streaming pass.

From the covariance alone come linear CKA, correlation clusters and least-squares probes (Section 5, Appendix A.6), so
the activations themselves need to be neither kept nor read again. Moments of parts add up to the moments of the whole.
"""

from neurosieve.moments.fitter import MomentsFitter, moments_of, relabelled
from neurosieve.moments.moving import moved
from neurosieve.moments.plan import Plan, Target
from neurosieve.moments.products import Products
from neurosieve.moments.result import Moments
from neurosieve.moments.shared import moments_by

__all__ = ["Moments", "MomentsFitter", "Plan", "Products", "Target", "moments_by", "moments_of", "moved", "relabelled"]
