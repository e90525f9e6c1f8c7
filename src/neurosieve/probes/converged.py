"""The default protocol: multinomial logistic regression by whitened full-batch L-BFGS (DESIGN 4.4).

Each probe walks down a path of ridges, from strong to weak, each step from where the last one ended. It leaves a ridge
when its score on dev (accuracy, unless another metric is asked for) stops rising and ends at the first ridge that did
not raise it: probes on all neurons, which can overfit, end at the strong ridge, and small sets, which cannot, go on to
the weak ones. The best point on dev is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from neurosieve.arrays import LabelledRows
from neurosieve.engines.spread import Spread
from neurosieve.engines.team import Alone, Team
from neurosieve.errors import ProbeError
from neurosieve.metrics import ACCURACY, Metric
from neurosieve.moments import Moments
from neurosieve.probes.constant import constant_probes
from neurosieve.probes.imbalance import ClassWeights, class_weights
from neurosieve.probes.lbfgs import minimise
from neurosieve.probes.passes import Points, Unit, accuracies, mean_losses, predictions, spread_units
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.scoring import held_out_scores
from neurosieve.probes.whitening import Whitening, whitenings

RIDGES = (1e-3, 1e-4)
MAX_ROUNDS = 25  # at one ridge
PATIENCE = 3


@dataclass
class _Fit:
    """One probe in the making: where it is, where it was best on dev, and how far down the path of ridges.

    ``impatient`` says that rounds without a rise are counted. By a metric such as Matthews correlation, which stays
    where the prior is until a rare class is named, they are not before the score has moved for the first time.
    """

    columns: Range
    whitening: Whitening
    point: Tensor
    impatient: bool = True
    best: Probe | None = None
    rounds: int = 0
    done: bool = False
    ridge: int = 0
    best_score: float = -math.inf
    search: Generator[Tensor, tuple[float, Tensor], None] = field(init=False)
    weight: Tensor = field(init=False)
    bias: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self._move(self._begin())

    def _begin(self) -> Tensor:
        """A new search from where the last one ended."""
        self.idle, self.here, self.rose = 0, 0, False
        self.search = minimise(self.point)
        return next(self.search)

    def _move(self, point: Tensor) -> None:
        self.point = point
        self.weight, self.bias = self.whitening.to_weight(point)

    def look(self, dev_score: float) -> None:
        """Take in the score on dev of where it is, and keep the best probe; end where nothing more would be tried."""
        self.rounds, self.here = self.rounds + 1, self.here + 1
        self.impatient |= self.best is not None and dev_score != self.best_score
        if self.best is None or dev_score > self.best_score:
            self.best = Probe(self.columns, self.weight, self.bias, self.rounds, dev_score)
            self.idle, self.rose, self.best_score = 0, True, dev_score
        elif self.impatient:
            self.idle += 1
        self.done = self._spent and (not self.rose or self.ridge + 1 == len(RIDGES))

    @property
    def _spent(self) -> bool:
        return self.idle >= PATIENCE or self.here >= MAX_ROUNDS

    def move(self, loss: float, gradient: tuple[Tensor, Tensor]) -> None:
        """Move on to the next point or ridge, or end; ``gradient`` is that of weight and bias."""
        if self._spent or not self._step(loss, gradient):
            self._next_ridge(loss, gradient)

    def _step(self, loss: float, gradient: tuple[Tensor, Tensor]) -> bool:
        """Move to the search's next point; False where it has none."""
        try:
            self._move(self.search.send(self._penalised(loss, gradient)))
        except StopIteration:
            return False
        return True

    def _next_ridge(self, loss: float, gradient: tuple[Tensor, Tensor]) -> None:
        """Go on under the next ridge; this point's loss and gradient serve there too, so no pass is spent on it."""
        self.ridge += 1
        self.done = not self.rose or self.ridge == len(RIDGES)
        if not self.done:
            self._begin()
            self.done = not self._step(loss, gradient)

    def _penalised(self, loss: float, gradient: tuple[Tensor, Tensor]) -> tuple[float, Tensor]:
        """The loss with its ridge, and their gradient, in whitened coordinates."""
        inner, ridge = self.point[:-1], RIDGES[self.ridge]
        total = self.whitening.to_gradient(*gradient)
        total[:-1].add_(inner, alpha=ridge)
        return loss + ridge / 2 * float((inner * inner).sum()), total


def _points(fits: Sequence[_Fit]) -> Points:
    return Points.of([fit.columns for fit in fits], [fit.weight for fit in fits], [fit.bias for fit in fits])


def _scores(dev: LabelledRows, units: Spread[Unit], fits: Sequence[_Fit], metric: Metric) -> list[float]:
    """The dev scores of several probes, in one pass."""
    if metric.name == ACCURACY.name:
        return accuracies(units, _points(fits), dev.rows.n_rows)
    return held_out_scores(dev, [*predictions(units, _points(fits))], metric)


def _start(data: LabelledRows, whitening: Whitening, weights: Tensor | None) -> Tensor:
    """The prior alone: zero weights, and the log of the classes' (weighted) shares as bias."""
    counts = torch.bincount(data.labels, minlength=len(data.classes)).float().clamp_min(0.5)
    shares = (counts if weights is None else counts * weights) / data.rows.n_rows
    point = torch.zeros((len(whitening.mean) + 1, len(data.classes)), device=whitening.mean.device)
    point[-1] = shares.log()
    return point


def fit_converged(
    train: LabelledRows,
    dev: LabelledRows,
    moments: Moments,
    ranges: Sequence[Range],
    *,
    metric: Metric = ACCURACY,
    weights: ClassWeights = "none",
    device: str = "cpu",
    team: Team | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Probe]:
    """Train one probe per range of columns; all of them share every pass over the rows.

    ``moments`` are those of the training rows; ``metric`` is what dev is looked at for; ``weights`` says whether rare
    classes count as much as frequent ones. The workers of a ``team`` share every pass: each reads its own units of the
    rows. Nothing here is random.

    Raises:
        ProbeError: train has no rows; dev has none, so nothing says when to stop; or the metric is one of numbers.
    """
    if not dev.rows.n_rows:
        raise ProbeError("The default protocol stops on dev, and dev has no rows: split some of train off as dev.")
    if (constant := constant_probes(train, ranges)) is not None:
        return constant
    of_class = class_weights(train, weights)
    of_row = None if of_class is None else of_class[train.labels]
    prepared = zip(ranges, whitenings(moments, ranges, device=device), strict=True)
    impatient = metric.name == ACCURACY.name
    fits = [_Fit(r, whitening, _start(train, whitening, of_class), impatient) for r, whitening in prepared]
    total = float(train.rows.n_rows) if of_row is None else float(of_row.sum(dtype=torch.float64))
    team = team or Alone()
    on_train, on_dev = spread_units(team, train, of_row), spread_units(team, dev)
    while active := [fit for fit in fits if not fit.done]:
        for fit, score in zip(active, _scores(dev, on_dev, active, metric), strict=True):
            fit.look(score)
        # What is done after this look needs no gradient any more.
        going = [fit for fit in active if not fit.done]
        gradients = mean_losses(on_train, _points(going), total) if going else []
        for fit, found in zip(going, gradients, strict=True):
            fit.move(found.loss, (found.weight, found.bias))
        if progress:
            progress(sum(fit.done for fit in fits), len(fits))
    on_train.drop()
    on_dev.drop()
    return [fit.best for fit in fits if fit.best is not None]
