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
from neurosieve.errors import ProbeError
from neurosieve.metrics import ACCURACY, Metric
from neurosieve.moments import Moments
from neurosieve.probes.constant import constant_probes
from neurosieve.probes.family import Family, predict
from neurosieve.probes.imbalance import ClassWeights, class_weights
from neurosieve.probes.lbfgs import minimise
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


def _losses(data: LabelledRows, fits: Sequence[_Fit], row_weights: Tensor | None) -> list[tuple[float, Tensor, Tensor]]:
    """Mean cross-entropy and its gradients of several probes, in one pass: 4·T·k·C operations each."""
    family = _family(data, fits)
    totals = torch.zeros(len(fits), dtype=torch.float64, device=family.bias.device)
    bias_gradients = torch.zeros_like(family.bias)
    for chunk in family.chunks(data.rows):
        here = slice(chunk.start, chunk.start + len(chunk))
        gold = data.labels[here].to(totals.device).expand(len(fits), 1, -1)
        scores = family.scores(chunk)
        log_p = torch.log_softmax(scores, dim=1, out=family.room("log_p", *scores.shape))
        picked = log_p.gather(1, gold)
        weight = None if row_weights is None else row_weights[here].to(totals.device)
        totals -= (picked if weight is None else picked * weight).sum(dim=(1, 2), dtype=torch.float64)
        residuals = log_p.exp_().scatter_add_(1, gold, torch.full_like(picked, -1.0))
        if weight is not None:
            residuals.mul_(weight)
        bias_gradients += residuals.sum(dim=2)
        family.add_gradients(chunk, residuals)
    n = float(data.rows.n_rows) if row_weights is None else float(row_weights.sum(dtype=torch.float64))
    parts = zip(totals.tolist(), family.gradients(), bias_gradients, strict=True)
    return [(total / n, weight.div_(n), bias.div_(n)) for total, weight, bias in parts]


def _accuracies(data: LabelledRows, fits: Sequence[_Fit]) -> list[float]:
    family = _family(data, fits)
    right = torch.zeros(len(fits), dtype=torch.int64, device=family.bias.device)
    for chunk in family.chunks(data.rows):
        gold = data.labels[chunk.start : chunk.start + len(chunk)].to(right.device)
        right += _right(family.scores(chunk), gold)
    return [count / max(1, data.rows.n_rows) for count in right.tolist()]


def _right(scores: Tensor, gold: Tensor) -> Tensor:
    """How many rows each probe labels rightly (probes,); of equal scores the first counts, as in `predict`."""
    top, last = scores.amax(dim=1), scores.shape[1] - 1
    if int((scores == top[:, None]).sum()) > top.numel():
        return (scores.max(dim=1).indices == gold).sum(dim=1)
    # Five times as fast as looking for the place of the highest score; a label that train lacks is nobody's.
    picked = scores.gather(1, gold.clamp_max(last).expand(len(scores), 1, -1))[:, 0]
    return ((picked == top) & (gold <= last)).sum(dim=1)


def _family(data: LabelledRows, fits: Sequence[_Fit]) -> Family:
    return Family(data.rows.grid, [f.columns for f in fits], [f.weight for f in fits], [f.bias for f in fits])


def _scores(data: LabelledRows, fits: Sequence[_Fit], metric: Metric) -> list[float]:
    """The dev scores of several probes, in one pass."""
    if metric.name == ACCURACY.name:
        return _accuracies(data, fits)
    predictions = predict(data.rows, [Probe(fit.columns, fit.weight, fit.bias, fit.rounds) for fit in fits])
    return held_out_scores(data, [*predictions], metric)


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
    progress: Callable[[int, int], None] | None = None,
) -> list[Probe]:
    """Train one probe per range of columns; all of them share every pass over the rows.

    ``moments`` are those of the training rows; ``metric`` is what dev is looked at for; ``weights`` says whether rare
    classes count as much as frequent ones. Nothing here is random.

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
    while active := [fit for fit in fits if not fit.done]:
        for fit, score in zip(active, _scores(dev, active, metric), strict=True):
            fit.look(score)
        # What is done after this look needs no gradient any more.
        going = [fit for fit in active if not fit.done]
        for fit, (loss, weight, bias) in zip(going, _losses(train, going, of_row) if going else [], strict=True):
            fit.move(loss, (weight, bias))
        if progress:
            progress(sum(fit.done for fit in fits), len(fits))
    return [fit.best for fit in fits if fit.best is not None]
