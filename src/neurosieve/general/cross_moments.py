"""The covariance of one model's neurons with another's, over the same rows, in one pass over both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from neurosieve.arrays import Rows
from neurosieve.errors import ActivationsError
from neurosieve.moments import Moments

_BAND = 512  # columns of the first model multiplied with all of the second's
_MOST_ROWS = 4096  # of both models side by side in float32


@dataclass(frozen=True, eq=False)
class CrossMoments:
    """The moments of two models on the same T rows, and the products between their columns.

    ``products`` (N_A × N_B) float64 are sums over the rows of the standardised columns' products, whose means need not
    be 0; ``means`` (N_A,), (N_B,) are those of the columns so standardised.
    """

    first: Moments
    second: Moments
    products: Tensor
    means: tuple[Tensor, Tensor]

    def correlation_tile(self, rows: slice, columns: slice) -> Tensor:
        """Pearson's r of some neurons of A with some of B, float64: 0 where one of them is constant."""
        return self._centred(rows, columns).clamp_(-1.0, 1.0)

    def covariance_block(self, rows: slice, columns: slice) -> Tensor:
        """The population covariance of some neurons of A with some of B, float64; 0 for constants."""
        deviations = torch.outer(self.first.std[rows], self.second.std[columns].to(self.products.device))
        return self._centred(rows, columns).mul_(deviations)

    def diagonal(self) -> Tensor:
        """(N,) r of each neuron of A with the neuron of B in the same place; the grids must be the same."""
        products = self.products.diagonal() / self.first.count - self.means[0] * self.means[1]
        return products.clamp_(-1.0, 1.0)

    def turned(self) -> CrossMoments:
        """The same with the two models exchanged; nothing is copied."""
        return CrossMoments(self.second, self.first, self.products.T, (self.means[1], self.means[0]))

    def _centred(self, rows: slice, columns: slice) -> Tensor:
        a, b = self.means[0][rows], self.means[1][columns]
        return (self.products[rows, columns] / self.first.count).sub_(torch.outer(a, b))

    @cached_property
    def cka(self) -> Tensor:
        """(L_A × L_B) linear CKA of every layer of A with every layer of B: ‖C_ab‖² / (‖C_aa‖·‖C_bb‖)."""
        a, b = self.first.grid, self.second.grid
        norms = torch.stack(
            [
                torch.stack([_norm(self.covariance_block(a.layer(i), b.layer(j))) for j in range(b.layers)])
                for i in range(a.layers)
            ]
        )
        own = torch.outer(_own_norms(self.first), _own_norms(self.second))
        return (norms.square() / own.where(own > 0, 1.0)).clamp_(0.0, 1.0)


def cross_moments(first: Rows, second: Rows, moments: Sequence[Moments], *, device: str = "cpu") -> CrossMoments:
    """Multiply two models' rows in step: 2·T·N_A·N_B operations in float32, sums in float64 (8·N_A·N_B bytes).

    Columns are standardised by their moments first, so that float32 products tell r to about 1e-6. The blocks of the
    two need not have the same boundaries.

    Args:
        first: T rows of model A.
        second: the same T words by model B; of any number of layers and units.
        moments: those of A and of B, each from its rows.
        device: where to multiply; the moments live there.

    Raises:
        ActivationsError: the rows differ in number, or moments are of other rows or columns.
    """
    if first.n_rows != second.n_rows:
        raise ActivationsError(
            f"Two models are compared on the same words: one has {first.n_rows} rows and the other {second.n_rows}. "
            "Keep the words that have a vector in both."
        )
    for rows, its in zip((first, second), moments, strict=True):
        if its.count != rows.n_rows or its.grid != rows.grid or len(its.columns) != rows.grid.size:
            raise ActivationsError(
                f"{rows.n_rows} rows of {rows.grid} came with moments of {its.count} rows, {len(its.columns)} columns "
                f"of {its.grid}."
            )
    shifts = [_Shift(its, device) for its in moments]
    products = torch.zeros((first.grid.size, second.grid.size), dtype=torch.float64, device=device)
    sums = [torch.zeros(rows.grid.size, dtype=torch.float64, device=device) for rows in (first, second)]
    for layers_of in in_step(first, second):
        a, b = (shift(layers) for shift, layers in zip(shifts, layers_of, strict=True))
        for total, values in zip(sums, (a, b), strict=True):
            total += values.sum(0, dtype=torch.float64)
        for start in range(0, len(products), _BAND):
            products[start : start + _BAND] += a[:, start : start + _BAND].T @ b
    return CrossMoments(moments[0], moments[1], products, (sums[0] / first.n_rows, sums[1] / first.n_rows))


class _Shift:
    """Columns less their mean, by their deviation, float32; constants are 0."""

    def __init__(self, moments: Moments, device: str) -> None:
        self.device = device
        self.mean = moments.mean.to(device)
        self.factor = torch.where(moments.constant, 0.0, 1.0 / moments.std.where(moments.std > 0, 1.0)).to(device)

    def __call__(self, layers: Sequence[Tensor]) -> Tensor:
        values = torch.cat([layer.to(self.device, torch.float32) for layer in layers], dim=1)
        return values.sub_(self.mean.float()).mul_(self.factor.float())


Layers = tuple[Tensor, ...]


def in_step(first: Rows, second: Rows) -> Iterator[tuple[Layers, Layers]]:
    """The layers of the same consecutive rows of both (as many in each), cut where either begins another block."""
    left, right = (_pieces(rows) for rows in (first, second))
    a: Layers = ()
    b: Layers = ()
    done = 0
    while done < first.n_rows:
        a, b = a if a and len(a[0]) else next(left), b if b and len(b[0]) else next(right)
        n = min(len(a[0]), len(b[0]))
        yield tuple(layer[:n] for layer in a), tuple(layer[:n] for layer in b)
        a, b, done = tuple(layer[n:] for layer in a), tuple(layer[n:] for layer in b), done + n


def _pieces(rows: Rows) -> Iterator[Layers]:
    for block in rows.blocks():
        for start in range(0, len(block), _MOST_ROWS):
            yield tuple(layer[start : start + _MOST_ROWS] for layer in block.layers)


def _norm(block: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(block)
    return norm


def _own_norms(moments: Moments) -> Tensor:
    """‖C_aa‖ of each layer (L,); constants count as 0, as they do between models."""
    layers = map(moments.grid.layer, range(moments.grid.layers))
    varies = (~moments.constant).to(torch.float64)
    return torch.stack([_norm(moments.covariance_block(at, at) * torch.outer(varies[at], varies[at])) for at in layers])
