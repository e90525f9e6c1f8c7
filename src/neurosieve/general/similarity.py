"""Where Pearson's r comes from: a matrix, moments, or standardised activations, read a tile at a time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError
from neurosieve.general.clusters import Correlation, as_correlation
from neurosieve.moments import Moments

BoolArray = NDArray[np.bool_]


class Similarity(Protocol):
    """Pearson's r of N columns, of which never more than a tile need be held.

    ``columns`` (N,) are their places in their grid, ``constant`` (N,) says which have no correlation. ``rows`` is T,
    the length of the dot product behind one r, or 0 where r is at hand. ``nbytes`` is what the source holds.
    """

    @property
    def columns(self) -> IntArray: ...  # noqa: D102
    @property
    def constant(self) -> BoolArray: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def nbytes(self) -> int: ...  # noqa: D102

    def tile(self, rows: slice, columns: slice) -> Tensor:
        """R of some columns with some, float32 or float64, on the source's device; not to be written to."""
        ...

    def select(self, positions: IntArray) -> Similarity:
        """The same of some columns, by their positions, in the order given."""
        ...


@dataclass(frozen=True, eq=False)
class MatrixSimilarity:
    """R that is at hand (M × M), float32 or float64; ``chosen`` (N,) are the rows of it that count."""

    r: Tensor
    chosen: IntArray
    columns: IntArray
    constant: BoolArray
    rows: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the whole matrix."""
        return self.r.nbytes

    def tile(self, rows: slice, columns: slice) -> Tensor:
        """See `Similarity.tile`."""
        return _part(self.r, self.chosen[rows], self.chosen[columns])

    def select(self, positions: IntArray) -> MatrixSimilarity:
        """See `Similarity.select`; nothing is copied."""
        columns, constant = self.columns[positions], self.constant[positions]
        return replace(self, chosen=self.chosen[positions], columns=columns, constant=constant)


@dataclass(frozen=True, eq=False)
class MomentsSimilarity:
    """R from moments of M columns; ``chosen`` (N,) are those that count."""

    moments: Moments
    chosen: IntArray
    columns: IntArray
    constant: BoolArray
    rows: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the moments' products."""
        return self.moments.products.nbytes

    def tile(self, rows: slice, columns: slice) -> Tensor:
        """See `Similarity.tile`; bytes of `Moments.correlation`."""
        return self.moments.correlation_tile(*(_range(self.chosen[part]) for part in (rows, columns)))

    def select(self, positions: IntArray) -> MomentsSimilarity:
        """See `Similarity.select`; nothing is copied."""
        columns, constant = self.columns[positions], self.constant[positions]
        return replace(self, chosen=self.chosen[positions], columns=columns, constant=constant)


def similarity_of(
    source: Correlation | Similarity, constant: ArrayLike | Tensor | None = None, columns: IntArray | None = None
) -> Similarity:
    """A source from what `cluster` takes.

    Raises:
        ActivationsError: the matrix is not square, not finite, or not of as many columns as the flags or places; or
            flags or places came with a source that has its own.
    """
    if not isinstance(source, Moments | np.ndarray | Tensor):
        if constant is not None or columns is not None:
            raise ActivationsError("A Similarity knows its constants and columns; give them with r or moments only.")
        return source
    found = _moments(source) if isinstance(source, Moments) else _matrix(source)
    n = len(found.columns)
    still = found.constant if constant is None else np.asarray(constant, dtype=bool)
    places = found.columns if columns is None else np.asarray(columns, dtype=np.int64)
    if not n == len(still) == len(places):
        raise ActivationsError(f"r of {n} columns came with {len(still)} flags of constants and {len(places)} places.")
    return replace(found, constant=still, columns=places)


def _matrix(source: NDArray[np.floating] | Tensor) -> MatrixSimilarity:
    """R as it is where it is float32 or float64; a view."""
    with warnings.catch_warnings():  # torch warns of arrays that are not to be written to; nothing here writes
        warnings.simplefilter("ignore", UserWarning)
        r = torch.as_tensor(source)
    if r.ndim != 2 or r.shape[0] != r.shape[1] or not torch.isfinite(r.sum()):
        as_correlation(r)  # says what is wrong, and where
    if r.dtype not in (torch.float32, torch.float64):
        r = r.to(torch.float64)
    everyone = np.arange(len(r), dtype=np.int64)
    return MatrixSimilarity(r, everyone, everyone, np.zeros(len(r), dtype=bool))


def _moments(moments: Moments) -> MomentsSimilarity:
    if not torch.isfinite(moments.variance).all():
        as_correlation(moments)  # says where
    everyone = np.arange(len(moments.columns), dtype=np.int64)
    return MomentsSimilarity(moments, everyone, moments.columns, moments.constant.cpu().numpy())


def _range(positions: IntArray) -> slice | IntArray:
    """A slice where the positions are one: it can be a view."""
    if len(positions) and (np.diff(positions) == 1).all():
        return slice(int(positions[0]), int(positions[-1]) + 1)
    return positions


def _part(matrix: Tensor, rows: IntArray, columns: IntArray) -> Tensor:
    """A view where both are ranges, else a copy."""
    a, b = _range(rows), _range(columns)
    if isinstance(a, slice) and isinstance(b, slice):
        return matrix[a, b]
    at = [torch.from_numpy(positions).to(matrix.device) for positions in (rows, columns)]
    return matrix[at[0][:, None], at[1][None, :]]
