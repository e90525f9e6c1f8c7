"""The product of a block of rows with itself, half of the square: in float32, or with factors of fewer digits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor

# "float32" leaves PyTorch's own setting as it is, which is full float32 unless somebody changed it. The others round
# the factors, to 11 or 8 binary digits, where the device has units for that, and still add in float32. On a CPU
# "bfloat16" needs AVX-512 and pays with AMX, and "tf32" is float32 on most; on CUDA both are TF32.
Products = Literal["float32", "tf32", "bfloat16"]

_TORCH_NAMES: dict[Products, str] = {"tf32": "high", "bfloat16": "medium"}

# Rows are multiplied in bands of columns, each by itself and what lies to its right: half of the square is never made.
# Narrow bands waste less beside the diagonal, wide ones multiply faster. Of 96 to 768 these were among the fastest.
BAND = 384
NARROW_BAND = 192
NARROW_BELOW = 1536  # columns


def band_width(n: int) -> int:
    """Columns of a band of N."""
    return min(n, NARROW_BAND if n < NARROW_BELOW else BAND)


def band_buffer(n: int, device: torch.device) -> Tensor:
    """Room for the products of one band (float32)."""
    return torch.empty(band_width(n) * n, device=device)


def add_products(sums: Tensor, rows: Tensor, buffer: Tensor, products: Products = "float32") -> None:
    """Add rowsᵀ·rows (N × N), rounded to whole numbers, to the upper triangle of ``sums`` (float64), in bands.

    T·N·(N + band) operations in float32, of which T·N·(N + 1) count; the float64 additions pass over 4·N² bytes.
    """
    n, width = rows.shape[1], band_width(rows.shape[1])
    with _precision(products):
        for start in range(0, n, width):
            stop = min(start + width, n)
            out = buffer[: (stop - start) * (n - start)].view(stop - start, n - start)
            torch.mm(rows[:, start:stop].T, rows[:, start:], out=out)
            sums[start:stop, start:] += out.round_()


def mirror(products: Tensor) -> Tensor:
    """Fill the lower triangle from the upper, in place."""
    n = len(products)
    for start in range(0, n, BAND):
        stop = min(start + BAND, n)
        corner = products[start:stop, start:stop]
        corner.copy_(corner.triu() + corner.triu(1).T)
        products[stop:, start:stop] = products[start:stop, stop:].T
    return products


@contextmanager
def _precision(products: Products) -> Iterator[None]:
    """PyTorch's setting for float32 products, which is one for the whole process, for as long as this lasts."""
    if products == "float32":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(_TORCH_NAMES[products])
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
