"""Parts of an N × N matrix: picked by slices or positions, and put together band by band."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from neurosieve.arrays import IntArray

Part = slice | Sequence[int] | IntArray

BAND_VALUES = 2**18  # float64 values that stay in a CPU's cache while a band is worked on
BAND_ROWS = 512  # of a band elsewhere, and of one that is only copied


def at(part: Part, device: torch.device) -> slice | Tensor:
    """What picks a part of a tensor on a device."""
    return part if isinstance(part, slice) else torch.from_numpy(np.array(part, dtype=np.int64)).to(device)


def centred(products: Tensor, mean: Tensor, factor: Tensor, share: float, rows: Part, columns: Part) -> Tensor:
    """A part of (products · share − mean meanᵀ) ∘ factor factorᵀ, a new tensor, all float64.

    No step is fused and each is symmetric, so a value's bytes depend neither on the part nor on the side of the
    diagonal.
    """
    a, b = at(rows, products.device), at(columns, products.device)
    picked = products[a, b] if isinstance(a, slice) or isinstance(b, slice) else products[a[:, None], b]
    block = picked * share
    block.sub_(torch.outer(mean[a], mean[b]))
    return block.mul_(torch.outer(factor[a], factor[b]))


def in_bands(make: Callable[[slice, slice], Tensor], n: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The whole N × N matrix from its bands of rows, which stay in the cache: one pass over memory."""
    out = torch.empty((n, n), dtype=dtype, device=device)
    step = max(1, BAND_VALUES // max(n, 1)) if device.type == "cpu" else BAND_ROWS
    for start in range(0, n, step):
        out[start : start + step] = make(slice(start, start + step), slice(None))
    return out


def sub_matrix(matrix: Tensor, positions: Tensor) -> Tensor:
    """Rows and columns of a matrix, in the order given; beside it and the result only a band is held."""
    out = matrix.new_empty((len(positions), len(positions)))
    for start in range(0, len(positions), BAND_ROWS):
        some = slice(start, start + BAND_ROWS)
        torch.index_select(matrix[positions[some]], 1, positions, out=out[some])
    return out
