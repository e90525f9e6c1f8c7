"""The sieve as scikit-learn estimators: activations come as plain arrays, from any source.

parameters  what was asked for, checked
targets     classes or numbers from y
splitting   which rows decide and are not trained on
task        arrays as a task
sieving     the three steps, and the clusters that its neurons stand for
base        what the estimators share
selector    `NeuronSieve`: keeps columns
models      `SieveClassifier` and `SieveRegressor`: keep columns and predict from them
"""

from neurosieve.estimators.models import SieveClassifier, SieveRegressor
from neurosieve.estimators.selector import NeuronSieve

__all__ = ["NeuronSieve", "SieveClassifier", "SieveRegressor"]
