"""A linear probe on a range of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


class Range(NamedTuple):
    """Consecutive columns: ``start`` to ``stop``, without ``stop``."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many columns."""
        return self.stop - self.start

    @classmethod
    def of(cls, columns: slice) -> Range:
        """The range of a slice with both ends given."""
        return cls(columns.start, columns.stop)


@dataclass(frozen=True)
class Probe:
    """A linear classifier, or a linear regression, on the raw activations of some columns.

    ``columns`` are the columns it reads, ``weight`` is (columns × classes) float32, ``bias`` is (classes,); for a
    number there is one column in place of the classes.
    ``rounds`` counts its passes over the training rows; ``dev_score`` is what early stopping saw, if it looked.
    """

    columns: Range
    weight: Tensor
    bias: Tensor
    rounds: int
    dev_score: float | None = None

    @property
    def n_classes(self) -> int:
        """How many classes it tells apart."""
        return int(self.bias.shape[0])
