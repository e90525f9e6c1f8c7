"""Models whose weights are spread over devices, by transformers and accelerate: ``device_map``."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from neurosieve.errors import ModelError

DeviceMap = str | Mapping[str, int | str]
"""One of `WAYS`, or the device (a number, "cpu" or "disk") of each module by its path."""

WAYS = ("auto", "balanced", "balanced_low_0", "sequential")
_NO_DEVICES = ("cpu", "disk", "meta")


def check_device_map(asked: DeviceMap | None) -> None:
    """Refuse a way that there is not.

    Raises:
        ModelError: it is none, or the package that does it is not installed.
    """
    if asked is None:
        return
    if isinstance(asked, str) and asked not in WAYS:
        raise ModelError(
            f"{asked!r} is no device map; choose from {', '.join(WAYS)}, or give the device of each module."
        )
    if importlib.util.find_spec("accelerate") is None:
        raise ModelError(
            'A device map needs the package accelerate. Install it with: pip install "neurosieve[device-map]"'
        )


def is_spread(model: PreTrainedModel) -> bool:
    """Whether hooks of accelerate bring weights and inputs together, so that the model must stay where it is."""
    return any(hasattr(module, "_hf_hook") for module in model.modules())


def first_device(model: PreTrainedModel) -> torch.device:
    """Where a spread model takes its pieces and gives its last layer: the first device that computes, else the CPU."""
    places = getattr(model, "hf_device_map", {}).values()
    computing = [place for place in places if str(place) not in _NO_DEVICES]
    found = computing[0] if computing else "cpu"
    return torch.device(f"cuda:{found}" if isinstance(found, int) else found)


def inherit_map(part: PreTrainedModel, path: str, whole: PreTrainedModel) -> None:
    """Tell a part of a spread model where its own modules are."""
    known: dict[str, Any] = getattr(whole, "hf_device_map", {})
    if known:
        inside = {
            name.removeprefix(path).removeprefix("."): place
            for name, place in known.items()
            if name in ("", path) or name.startswith(f"{path}.")
        }
        setattr(part, "hf_device_map", inside)  # noqa: B010 - no attribute that torch knows


def stored_tensors(model: PreTrainedModel) -> Iterator[tuple[str, Tensor]]:
    """All tensors of a model by name, in the order of names; weights that lie on the disk are read one at a time."""
    for key, tensor in sorted(model.state_dict().items()):
        yield key, _brought_back(model, key) if tensor.is_meta else tensor


def shared_maps(model: PreTrainedModel) -> list[Any]:
    """What the hooks of a spread model hold of weights: a copy of the model shares it."""
    hooks = (getattr(module, "_hf_hook", None) for module in model.modules())
    alone = (one for hook in hooks if hook is not None for one in getattr(hook, "hooks", (hook,)))
    held = (getattr(hook, name, None) for hook in alone for name in ("weights_map", "tied_params_map"))
    return [one for one in held if one is not None]


def _brought_back(model: PreTrainedModel, key: str) -> Tensor:
    """A weight that is not in memory, from the hook of the innermost module that has one."""
    parts = key.split(".")
    for length in range(len(parts) - 1, -1, -1):
        hook = getattr(model.get_submodule(".".join(parts[:length])), "_hf_hook", None)
        weights = getattr(hook, "weights_map", None)
        if weights is not None:
            found: Tensor = weights[".".join(parts[length:])]
            return found
    raise ModelError(f"The weight {key} is on no device, and no hook of its model knows where it lies. Load it again.")


def device_named(asked: str) -> torch.device:
    """The device: "auto" takes CUDA where there is any, and of several GPUs the one of this process's rank.

    Raises:
        ModelError: there is no such device.
    """
    has_cuda = torch.cuda.is_available()
    if asked.startswith("cuda") and not has_cuda:
        raise ModelError(f"The device {asked!r} was asked for, but torch finds no CUDA device. Use 'cpu' or 'auto'.")
    try:
        return torch.device((_own_gpu() if has_cuda else "cpu") if asked == "auto" else asked)
    except RuntimeError as error:
        raise ModelError(f"{asked!r} is no device that torch knows. Use 'auto', 'cpu', 'cuda' or 'cuda:1'.") from error


def _own_gpu() -> str:
    """By the name under which torchrun, and we ourselves, number the processes of a machine."""
    rank = os.environ.get("LOCAL_RANK", "")
    return f"cuda:{int(rank) % torch.cuda.device_count()}" if rank.isdecimal() else "cuda"
