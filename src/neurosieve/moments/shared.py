"""The moments of rows that a team reads: each worker sums its units, and the sums are added in order.

Sums under one plan are whole numbers, so nothing depends on who summed what (see `plan`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neurosieve.arrays import Rows
from neurosieve.engines.team import Desk, Team
from neurosieve.errors import ActivationsError
from neurosieve.moments.fitter import MomentsFitter, Progress, moments_of
from neurosieve.moments.moving import moved
from neurosieve.moments.plan import Plan, Target
from neurosieve.moments.products import Products
from neurosieve.moments.result import Moments


@dataclass(frozen=True)
class _Part:
    """Some units of the rows with their labels, and where to leave their moments."""

    units: list[Rows]
    labels: list[NDArray[np.generic]] | None
    n_classes: int
    target: Target | None
    plan: tuple[NDArray[np.float32], NDArray[np.float32]]
    device: str
    products: Products
    file: Path


def moments_by(
    team: Team,
    rows: Rows,
    labels: Tensor | None = None,
    n_classes: int = 0,
    *,
    folder: str | Path,
    device: str = "cpu",
    products: Products = "float32",
    progress: Progress | None = None,
) -> Moments:
    """What `moments_of` gives, to the byte, from a team: 2·T·N² operations in all, 8·N² bytes for each worker.

    Args:
        team: who reads the rows; they must be there for every worker, as those of a store are.
        rows: T rows of N columns.
        labels: (T,), see `moments_of`.
        n_classes: see `moments_of`.
        folder: where parts lie on their way; every worker must see it.
        device: see `moments_of`.
        products: see `moments_of`.
        progress: see `moments_of`; other processes tell nothing.

    Raises:
        ActivationsError: see `moments_of`.
        WorkerError: a worker ended before its work.
    """
    if team.is_alone:
        return moments_of(rows, labels, n_classes, device=device, products=products, progress=progress)
    if labels is not None and len(labels) != rows.n_rows:
        raise ActivationsError(f"{rows.n_rows} rows of activations came with {len(labels)} labels.")
    plan = Plan.from_block(next(iter(rows.blocks())))
    numeric = labels is not None and labels.is_floating_point() and not n_classes
    target = Target.of(labels) if numeric and labels is not None else None
    units = rows.units()
    places = np.cumsum([0, *(unit.n_rows for unit in units)])
    of_units = None if labels is None else [labels[a:b].numpy() for a, b in pairwise(places.tolist())]
    with tempfile.TemporaryDirectory(prefix="moments-", dir=folder) as parts:
        jobs = [
            _Part(
                units[worker :: team.size],
                None if of_units is None else of_units[worker :: team.size],
                n_classes,
                target,
                (plan.shift.cpu().numpy(), plan.scale.cpu().numpy()),
                device,
                products,
                Path(parts) / f"{worker}.safetensors",
            )
            for worker in range(min(team.size, len(units)))
        ]
        return _added(list(team.each(_sum_part, jobs)), torch.device(device))


def _sum_part(_: Desk, part: _Part) -> Path:
    shift, scale = (torch.from_numpy(values) for values in part.plan)
    fitter = MomentsFitter(
        part.units[0].grid,
        Plan(shift, scale),
        part.n_classes,
        part.device,
        target=part.target,
        products=part.products,
    )
    for index, unit in enumerate(part.units):
        labels = None if part.labels is None else torch.from_numpy(part.labels[index])
        for block in unit.blocks():
            here = slice(block.start, block.start + len(block))
            fitter.update(block, None if labels is None else labels[here])
    fitter.finish().save(part.file)
    return part.file


def _added(files: Sequence[Path], device: torch.device) -> Moments:
    """Their sum; two are in memory at most."""
    total = moved(Moments.load(files[0]), device)
    for file in files[1:]:
        total = total + moved(Moments.load(file), device)
    return total
