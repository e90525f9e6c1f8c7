"""What one pass over the activations leaves: count, mean, covariance, and class means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from neurosieve.arrays import Grid, IntArray
from neurosieve.errors import ActivationsError, StoreError
from neurosieve.moments.checking import check_whole
from neurosieve.moments.parts import Part, at, centred, in_bands, sub_matrix
from neurosieve.moments.plan import CONSTANT_RANGE, EXACT_BELOW, UNIT, Plan, Target
from neurosieve.writing import replacing


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and covariance of T rows of N columns, with per-class means of C classes, or with a number's.

    Everything public is a tensor on the device of the fitter. ``sums`` (N,), ``products`` (N × N, symmetric) and
    ``class_sums`` (C × N) are float64 sums of the rows under ``plan``, in whole units of 2^-20. ``class_counts`` (C,)
    is int64; rows of no class (a label that training never saw) count everywhere but there. ``minimum`` and ``maximum``
    (N,) are float32, as the rows were. ``columns`` (N,) names the columns within ``grid``: all of them, unless
    `select` chose some.
    """

    grid: Grid
    plan: Plan
    count: int
    sums: Tensor
    products: Tensor
    class_counts: Tensor
    class_sums: Tensor
    minimum: Tensor
    maximum: Tensor
    columns: IntArray
    chosen_rms: Tensor | None = None  # (L,) of the whole layers, once `select` has dropped some of their columns
    target: Target | None = None  # of a regression: then there are no classes, and ``class_sums`` has one row
    target_sum: float = 0.0  # of the standardised numbers, in whole units of 2^-20

    @cached_property
    def _scale(self) -> Tensor:
        return self.plan.scale.to(torch.float64)

    @cached_property
    def _scaled_mean(self) -> Tensor:
        return self.sums * (UNIT / self.count)

    @cached_property
    def mean(self) -> Tensor:
        """(N,) float64."""
        return self.plan.shift.to(torch.float64) + self._scale * self._scaled_mean

    @cached_property
    def variance(self) -> Tensor:
        """(N,) float64: the population variance, never negative."""
        scaled = self.products.diagonal() * (UNIT / self.count) - self._scaled_mean.square()
        return scaled.clamp_min(0.0) * self._scale.square()

    @property
    def std(self) -> Tensor:
        """(N,) float64: the population deviation."""
        return self.variance.sqrt()

    @cached_property
    def covariance(self) -> Tensor:
        """(N × N) float64: the population covariance; made at the first use and kept (8·N² bytes)."""
        return in_bands(self.covariance_block, len(self.columns), torch.float64, self.sums.device)

    def covariance_block(self, rows: Part, columns: Part) -> Tensor:
        """A part of the covariance, a new tensor with the bytes of the whole; slices, or positions in any order."""
        return self._centred(rows, columns, self._scale)

    @cached_property
    def layer_rms(self) -> Tensor:
        """(L,) float64: the root mean square of each layer's values."""
        if self.chosen_rms is not None:
            return self.chosen_rms
        squares = self.variance + self.mean.square()
        return squares.view(self.grid.layers, self.grid.units).mean(1).sqrt()

    @cached_property
    def constant(self) -> Tensor:
        """(N,) bool: columns whose range is at most 1e-6 of their layer's RMS; they have no correlation."""
        layer_of = torch.from_numpy(self.columns // self.grid.units)
        spread = self.maximum.to(torch.float64) - self.minimum.to(torch.float64)
        return (spread <= CONSTANT_RANGE * self.layer_rms[layer_of]) | (self.variance <= 0)

    def correlation(self, dtype: torch.dtype = torch.float64) -> Tensor:
        """Pearson's r, a new (N × N) tensor, symmetric to the byte.

        Constants correlate 0 with all others and 1 with themselves. It is made in float64, and rounded band by band to
        ``dtype``: nothing else of its size is held.
        """
        return in_bands(self.correlation_tile, len(self.columns), dtype, self.sums.device)

    def correlation_tile(self, rows: Part, columns: Part) -> Tensor:
        """A part of `correlation`, float64 and a new tensor with the bytes of the whole.

        Args:
            rows: a slice, or positions among these columns in any order.
            columns: likewise.
        """
        r = self._centred(rows, columns, self._inverse).clamp_(-1.0, 1.0)
        order = torch.arange(len(self.columns), device=r.device)
        return r.masked_fill_(order[at(rows, r.device)][:, None] == order[at(columns, r.device)], 1.0)

    @cached_property
    def _inverse(self) -> Tensor:
        """(N,) the inverse deviations of the scaled columns; 0 for constants."""
        return torch.where(self.constant, 0.0, self._scale / self.std)

    def _centred(self, rows: Part, columns: Part, factor: Tensor) -> Tensor:
        return centred(self.products, self._scaled_mean, factor, UNIT / self.count, rows, columns)

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.class_counts)

    @property
    def n_outputs(self) -> int:
        """Columns of the cross-covariance: C, or 1 for a number."""
        return len(self.class_sums)

    @property
    def response_means(self) -> Tensor:
        """(C,) float64: the shares of the classes among the rows of a class; or (1,), the mean number."""
        if self.target is None:
            return (self.class_counts / self.class_counts.sum().clamp_min(1)).to(torch.float64)
        return self.sums.new_tensor([self.target.shift + self.target.scale * self._response_sums.item() / self.count])

    @property
    def _response_sums(self) -> Tensor:
        """(C,) float64: how many rows each class has; or (1,), the sum of the standardised numbers."""
        if self.target is None:
            return self.class_counts.to(torch.float64)
        return self.sums.new_tensor([self.target_sum * UNIT])

    @property
    def class_means(self) -> Tensor:
        """(C × N) float64; a class without rows has the mean of all rows."""
        counts = self.class_counts[:, None]
        scaled = torch.where(counts > 0, self.class_sums * (UNIT / counts.clamp_min(1)), self._scaled_mean)
        return self.plan.shift.to(torch.float64) + self._scale * scaled

    @property
    def cross_covariance(self) -> Tensor:
        """(N × C) float64: covariance of the columns with the one-hot labels; a row of no class is all zeros there.

        For a number it is (N × 1), in the number's own unit.
        """
        centred = self.class_sums * (UNIT / self.count)
        if self.target is None:
            centred.addr_(self.class_counts / self.count, self._scaled_mean, alpha=-1.0)
            return (centred * self._scale).T.contiguous()
        centred.addr_(self._response_sums / self.count, self._scaled_mean, alpha=-1.0)
        return (centred * self._scale * self.target.scale).T.contiguous()

    @property
    def exact(self) -> bool:
        """Whether the sums stayed within the headroom in which grouping cannot change a byte."""
        return bool((self.products.diagonal() < EXACT_BELOW).all())

    def select(self, columns: Sequence[int] | IntArray) -> Moments:
        """The moments of some columns (positions among these columns), in the order given.

        Raises:
            ActivationsError: a position is out of range.
        """
        chosen = np.ascontiguousarray(columns, dtype=np.int64)
        if chosen.size and not (chosen.min() >= 0 and chosen.max() < len(self.columns)):
            raise ActivationsError(
                f"Columns {chosen.min()} to {chosen.max()} were asked for; there are {len(self.columns)}, from 0."
            )
        places = torch.from_numpy(chosen).to(self.sums.device)
        return Moments(
            grid=self.grid,
            plan=Plan(self.plan.shift[places], self.plan.scale[places]),
            count=self.count,
            sums=self.sums[places],
            products=sub_matrix(self.products, places),
            class_counts=self.class_counts,
            class_sums=self.class_sums[:, places],
            minimum=self.minimum[places],
            maximum=self.maximum[places],
            columns=self.columns[chosen],
            chosen_rms=self.layer_rms,
            target=self.target,
            target_sum=self.target_sum,
        )

    def __add__(self, other: Moments) -> Moments:
        """The moments of both sets of rows: exact under one plan; rounded to the first one's units otherwise.

        Raises:
            ActivationsError: the two are not about the same columns and classes.
        """
        if (self.grid, self.n_classes) != (other.grid, other.n_classes) or not np.array_equal(
            self.columns, other.columns
        ):
            raise ActivationsError(
                f"Moments add up only for the same columns and classes: {len(self.columns)} columns of {self.grid} and "
                f"{self.n_classes} classes came with {len(other.columns)} of {other.grid} and {other.n_classes}."
            )
        if self.target != other.target:
            raise ActivationsError(
                "Moments of numbers add up only under one target: make the target of all numbers first, and give it to "
                "every fitter."
            )
        first, second = self, other
        if not self.plan.same_as(other.plan):
            first, second = sorted((self, other), key=lambda part: -part.count)
            second = second.under(first.plan)
        return replace(
            first,
            count=first.count + second.count,
            sums=first.sums + second.sums,
            products=first.products + second.products,
            class_counts=first.class_counts + second.class_counts,
            class_sums=first.class_sums + second.class_sums,
            target_sum=first.target_sum + second.target_sum,
            minimum=torch.minimum(first.minimum, second.minimum),
            maximum=torch.maximum(first.maximum, second.maximum),
            chosen_rms=_joint_rms(first, second),
        )

    def under(self, plan: Plan) -> Moments:
        """The same moments, summed under another plan, to about 1e-7 of the deviations."""
        ratio = self._scale / plan.scale.to(torch.float64)
        moved = (self.plan.shift.to(torch.float64) - plan.shift.to(torch.float64)) / plan.scale.to(torch.float64)
        # With x'' = ratio·x' + moved, the sums of x''x''ᵀ follow from those of x'x'ᵀ and x'.
        products = (self.products * ratio[:, None]).mul_(ratio[None, :])
        scaled = ratio * self.sums
        products.addr_(scaled, moved).addr_(moved, scaled).addr_(moved, moved, alpha=self.count / UNIT)
        class_moved = torch.outer(self._response_sums, moved) / UNIT
        return replace(
            self,
            plan=plan,
            sums=(scaled + moved * (self.count / UNIT)).round_(),
            products=products.round_(),
            class_sums=(self.class_sums * ratio + class_moved).round_(),
        )

    def save(self, path: str | Path) -> None:
        """Write one safetensors file under a temporary name, then rename it.

        Raises:
            OSError: the folder cannot be written.
        """
        tensors = {name: getattr(self, name) for name in _SAVED} | {"shift": self.plan.shift, "scale": self.plan.scale}
        tensors |= {"columns": torch.from_numpy(self.columns)}
        if self.chosen_rms is not None:
            tensors |= {"chosen_rms": self.chosen_rms}
        about: dict[str, Any] = {"layers": self.grid.layers, "units": self.grid.units, "count": self.count}
        if self.target is not None:
            about |= {"target": [self.target.shift, self.target.scale], "target_sum": self.target_sum}
        contiguous = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
        with replacing(path) as partial:
            save_file(contiguous, partial, metadata={"moments": json.dumps(about)})

    @classmethod
    def load(cls, path: str | Path) -> Moments:
        """Read what `save` wrote, onto the CPU.

        Raises:
            StoreError: the file is not one of moments, or is damaged.
        """
        try:
            with safe_open(path, framework="pt") as file:
                about = json.loads(file.metadata()["moments"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
            plan = Plan(tensors.pop("shift"), tensors.pop("scale"))
            columns = tensors.pop("columns").numpy()
            target = Target(*about["target"]) if "target" in about else None
            more = {"target": target, "target_sum": about.get("target_sum", 0.0)}
            grid = Grid(about["layers"], about["units"])
            found = cls(grid, plan, about["count"], columns=columns, **tensors, **more)
            check_whole(found)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            reason = " ".join(str(error).split())[:300]
            raise StoreError(f"{path} does not hold moments ({reason}); make it again with Moments.save.") from error
        return found


_SAVED = ("sums", "products", "class_counts", "class_sums", "minimum", "maximum")


def _joint_rms(first: Moments, second: Moments) -> Tensor | None:
    if first.chosen_rms is None or second.chosen_rms is None:
        return None
    total = first.count * first.chosen_rms.square() + second.count * second.chosen_rms.square()
    return (total / (first.count + second.count)).sqrt()
