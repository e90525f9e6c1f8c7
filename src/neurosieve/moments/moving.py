"""Moments on another device."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor

from neurosieve.moments.plan import Plan
from neurosieve.moments.result import Moments


def moved(moments: Moments, device: str | torch.device) -> Moments:
    """Copies on a device, aligned as torch aligns them: alignment can decide the last bits of what is made of them."""
    where = torch.device(device)
    held: dict[str, Any] = {field.name: getattr(moments, field.name) for field in fields(moments)}
    tensors: dict[str, Any] = {k: v.to(where, copy=True) for k, v in held.items() if isinstance(v, Tensor)}
    plan = Plan(moments.plan.shift.to(where, copy=True), moments.plan.scale.to(where, copy=True))
    return replace(moments, plan=plan, **tensors)
