"""Weights that take less room: rounded to bfloat16, or to eight bits with a scale for each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from neurosieve.activations import Encoder
from neurosieve.activations.twins import twin
from neurosieve.compact.narrow import NarrowLinear
from neurosieve.errors import CompactError

Form = Literal["float32", "bfloat16", "int8"]
FORM = "neurosieve_weights"
"""What the config of a model calls the form that its weights are stored in; it travels with the weights."""

SCALE = ".scale"
LARGEST = 127
_TINY = 2.0**-100  # a scale at least: rows of zeros need one too
_SPARE_BITS = 7  # of a scale's 24 digits; without them 127 of it, and less, is exact


def form_of(model: PreTrainedModel) -> Form:
    """The form that a model's weights are stored in."""
    return cast("Form", getattr(model.config, FORM, "float32"))


def rounded(encoder: Encoder, form: Form) -> Encoder:
    """The encoder with the weights that it would have when it was saved in a form and loaded again: in float32.

    Raises:
        CompactError: there is no such form.
    """
    if form not in ("bfloat16", "int8"):
        raise CompactError(f"There are no weights {form!r}; choose 'bfloat16' or 'int8'.")
    axes = _axes(encoder.model)
    small = twin(
        encoder.model,
        {
            id(weight): nn.Parameter(_rounded(weight.detach(), axes.get(id(weight)), form), requires_grad=False)
            for weight in encoder.model.parameters()
        },
    )
    setattr(small.config, FORM, form)
    return replace(encoder, model=small)


def _rounded(weight: Tensor, axis: int | None, form: Form) -> Tensor:
    if form == "bfloat16":
        return weight.to(torch.bfloat16).to(torch.float32)
    return weight.to(torch.float32) if axis is None else restored(*quantised(weight, axis))


def _axes(model: PreTrainedModel) -> dict[int, int]:
    """For each matrix, by its ``id``, the axis that is summed over when it is multiplied: its rows get a scale each.

    Vectors (norms, biases) are not among them. Tensors with more axes (XLNet's projections) are matrices too.
    """
    axes: dict[int, int] = {}
    for module in model.modules():
        for weight in module.parameters(recurse=False):
            is_matrix = weight.ndim == 2 and isinstance(module, nn.Linear | Conv1D | nn.Embedding | NarrowLinear)
            if is_matrix or weight.ndim > 2:
                axes[id(weight)] = 0 if isinstance(module, Conv1D) else -1
    return axes


def quantised(weight: Tensor, axis: int = -1) -> tuple[Tensor, Tensor]:
    """Whole numbers from -127 to 127 and a scale, so that number × scale is near the weight.

    Symmetric: 0 stays 0. A scale is the largest size in its row over 127, rounded up to 17 binary digits: then each
    product is exact in float32, and what was rounded once is rounded to itself.

    Args:
        weight: a matrix; its rows run along ``axis``.
        axis: the one that has one scale.

    Returns:
        int8 of the weight's shape, and float32 with 1 in the place of the axis.
    """
    weight = weight.to(torch.float32)
    size = weight.abs().amax(dim=axis, keepdim=True) / LARGEST
    below = (1 << _SPARE_BITS) - 1
    scale = ((size.view(torch.int32) + below) & ~below).view(torch.float32).clamp(min=_TINY)
    return (weight / scale).round().to(torch.int8), scale


def restored(numbers: Tensor, scale: Tensor) -> Tensor:
    """The weights that numbers and scales stand for, float32."""
    return numbers.to(torch.float32) * scale


def encoded(model: PreTrainedModel) -> dict[str, Tensor]:
    """A model's tensors by name, in the form that its config names.

    An int8 matrix has one more axis in front, of length 1: a program that does not know the form finds a shape that
    does not fit, and refuses, where it would else take the numbers for weights.
    """
    form, axes = form_of(model), _axes(model)
    known = dict(model.named_parameters(remove_duplicate=False))
    tensors: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        axis = axes.get(id(known.get(name)))
        if form == "int8" and axis is not None:
            numbers, scale = quantised(tensor, axis)
            tensors |= {name: numbers[None], name + SCALE: scale}
        else:
            halved = form == "bfloat16" and name in known
            tensors[name] = tensor.to(torch.bfloat16) if halved else tensor
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def decoded(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `encoded` was given, parameters in float32.

    Raises:
        CompactError: numbers without a scale that fits them.
    """
    found = {}
    for name, tensor in tensors.items():
        if tensor.dtype == torch.int8:
            scale = tensors.get(name + SCALE)
            if scale is None or scale.ndim + 1 != tensor.ndim:
                raise CompactError(f"The int8 weights {name} have no scales that fit; save the model again.")
            found[name] = restored(tensor[0], scale)
        elif not name.endswith(SCALE) or name.removesuffix(SCALE) not in tensors:
            found[name] = tensor.to(torch.float32) if tensor.dtype == torch.bfloat16 else tensor
    return found
