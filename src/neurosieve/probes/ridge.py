"""The default protocol for numbers: ridge regression in closed form, its ridge chosen on dev.

Everything comes from the moments: on the standardised columns w = (R + λI)⁻¹ b, with R the correlations of the columns
and b their covariance with the number. One Cholesky factorisation per λ serves all ranges that begin with the same
column: the leading block of the factor is the factor of the leading columns. Hoerl and Kennard (1970), *Ridge
regression*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import LabelledRows
from neurosieve.errors import ProbeError
from neurosieve.metrics import FloatArray, Metric, metric_named, mse
from neurosieve.moments import Moments
from neurosieve.probes.constant import constant_probes
from neurosieve.probes.family import predict
from neurosieve.probes.probe import Probe, Range
from neurosieve.probes.scoring import held_out_scores
from neurosieve.probes.whitening import standardised

# Shares of a standardised column's variance, from strong to weak.
PATH = tuple(float(ridge) for ridge in np.geomspace(10.0, 1e-4, 11))

# Of ridges that score alike on dev the one with the smallest squared error is taken, and the strongest of several:
# a correlation does not see how far predictions are shrunk, and for a single column it sees no ridge at all.
ALIKE = 1e-6

PREDICTED_AT_ONCE = 2**24  # numbers (128 MiB): how many candidates share a pass over dev


def fit_ridge(
    train: LabelledRows,
    dev: LabelledRows,
    moments: Moments,
    ranges: Sequence[Range],
    *,
    metric: Metric | None = None,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> list[Probe]:
    """One regression per range of columns, the best of `PATH` on dev by ``metric`` (default Pearson's correlation).

    ``moments`` are those of the training rows with their numbers. ``rounds`` of a probe counts the ridges tried.

    Raises:
        ProbeError: dev has no rows, so nothing chooses the ridge; the moments are not those of a number; or the metric
            is one of classes.
    """
    if not dev.rows.n_rows:
        raise ProbeError("The default protocol chooses on dev, and dev has no rows: split some of train off as dev.")
    if moments.target is None:
        raise ProbeError("Ridge regression needs the moments of train with its numbers: moments_of or relabelled.")
    if (constant := constant_probes(train, ranges)) is not None:
        return constant
    candidates: list[Probe] = []
    for done, some in enumerate(_solutions(moments, ranges, device), start=1):
        candidates += some
        if progress:
            progress(done, len(PATH))
    metric = metric or metric_named("pearson")
    scores, errors = _scores(dev, candidates, metric).reshape(2, len(PATH), len(ranges))
    steps = np.where(scores >= scores.max(axis=0) - ALIKE, errors, np.inf).argmin(axis=0)
    chosen = [candidates[step * len(ranges) + index] for index, step in enumerate(steps)]
    # Scored once more by themselves: products of other shapes round otherwise, and this is the family that is kept.
    final, _ = _scores(dev, chosen, metric)
    parts = zip(chosen, final.tolist(), strict=True)
    return [Probe(p.columns, p.weight, p.bias, len(PATH), score) for p, score in parts]


def _solutions(moments: Moments, ranges: Sequence[Range], device: str) -> Iterator[list[Probe]]:
    """The regressions of all ranges, ridge by ridge: N³/3 operations for each ridge and distinct first column."""
    gram, scale = (part.to(device) for part in standardised(moments))
    mean, response = moments.mean.to(device), moments.response_means.to(device)
    cross = moments.cross_covariance.to(device) / scale[:, None]
    members = {start: [i for i, r in enumerate(ranges) if r.start == start] for start in {r.start for r in ranges}}
    for ridge in PATH:
        gram.diagonal().fill_(1.0 + ridge)
        weights: dict[int, Tensor] = {}
        for start, indices in members.items():
            here = slice(start, max(ranges[i].stop for i in indices))
            inner = _prefixes(gram[here, here], cross[here], [ranges[i].size for i in indices])
            weights |= zip(indices, (inner / scale[here, None]).unbind(dim=1), strict=True)
        yield [_probe(r, weights[index][: r.size, None], mean, response) for index, r in enumerate(ranges)]


def _prefixes(gram: Tensor, cross: Tensor, sizes: Sequence[int]) -> Tensor:
    """The solutions (k × sizes) for the leading columns, as many as each size says; 0 for the columns after them.

    With gram = RRᵀ and zeros past its end, a prefix of R⁻¹·cross goes through the same back substitution as any other.
    """
    factor = torch.linalg.cholesky(gram)
    half = torch.linalg.solve_triangular(factor, cross, upper=False)
    inside = torch.arange(len(gram), device=gram.device)[:, None] < torch.tensor(sizes, device=gram.device)
    found: Tensor = torch.linalg.solve_triangular(factor.T, half * inside, upper=True)
    return found


def _probe(r: Range, weight: Tensor, mean: Tensor, response: Tensor) -> Probe:
    bias = response - mean[r.start : r.stop] @ weight
    return Probe(r, weight.float(), bias.float(), 0)


def _scores(dev: LabelledRows, probes: Sequence[Probe], metric: Metric) -> FloatArray:
    """Score and mean squared error of each candidate on dev (2 × candidates); few passes serve them all."""
    size = max(1, PREDICTED_AT_ONCE // dev.rows.n_rows)
    gold, found = dev.labels.cpu().numpy(), []
    for low in range(0, len(probes), size):
        predictions = predict(dev.rows, probes[low : low + size], numeric=True)
        found.append([held_out_scores(dev, [*predictions], metric), [mse(gold, guess) for guess in predictions]])
    return np.concatenate(found, axis=1)
