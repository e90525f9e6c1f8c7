"""Layers and references that the tests of layer similarity share."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def related(seed: int = 0, rows: int = 60, n: int = 3, units: int = 5, noise: float = 1.0) -> Tensor:
    """(T × L × H) float32: layers that are each a noisy mixture of the one before, with means."""
    generator = torch.Generator().manual_seed(seed)
    out = [torch.randn(rows, units, generator=generator) * torch.linspace(0.5, 2, units)]
    for _ in range(n - 1):
        mixed = out[-1] @ torch.randn(units, units, generator=generator) / units**0.5
        out.append(mixed + noise * torch.randn(rows, units, generator=generator))
    return torch.stack(out, dim=1) + torch.randn(n, units, generator=generator)


def unrelated(seed: int, rows: int, n: int, units: int) -> Tensor:
    """(T × L × H) float32: layers that share nothing."""
    return torch.randn(rows, n, units, generator=torch.Generator().manual_seed(seed))


def song(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Song et al. (2012), equation 5, through T × T matrices, nothing centred."""
    n, ones = len(x), np.ones(len(x))
    k, l = x @ x.T, y @ y.T  # noqa: E741 (the paper's names)
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    middle = (ones @ k @ ones) * (ones @ l @ ones) / ((n - 1) * (n - 2))
    return float((np.trace(k @ l) + middle - 2 / (n - 2) * (ones @ k @ l @ ones)) / (n * (n - 3)))


def debiased_by_definition(values: Tensor | NDArray[np.float64]) -> NDArray[np.float64]:
    """Debiased CKA (L × L) of (T × L × H) from T × T matrices in float64."""
    x = np.asarray(values, dtype=np.float64)
    layers = range(x.shape[1])
    hsic = np.array([[song(x[:, i], x[:, j]) for j in layers] for i in layers])
    return hsic / np.sqrt(np.outer(hsic.diagonal(), hsic.diagonal()))


def rotation(units: int, seed: int) -> Tensor:
    return torch.linalg.qr(torch.randn(units, units, generator=torch.Generator().manual_seed(seed)))[0]
