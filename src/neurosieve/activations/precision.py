"""Mixed precision without casting the weights anew at every call."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from neurosieve.activations.twins import twin

_PRODUCTS = (nn.Linear, Conv1D)


def with_cast_weights(model: PreTrainedModel, dtype: torch.dtype) -> PreTrainedModel:
    """A twin whose linear layers have weights of a lower precision; all else is shared with the model.

    Under autocast it gives the model's own vectors to the bit: autocast would cast these weights at every call, since
    it remembers only those that need gradients. Costs the memory of the copies.
    """
    cast: dict[int, Tensor] = {}
    elsewhere = {
        id(tensor)
        for module in model.modules()
        if not isinstance(module, _PRODUCTS)
        for tensor in module.parameters(recurse=False)
    }
    for module in model.modules():
        if isinstance(module, _PRODUCTS):
            for tensor in module.parameters(recurse=False):
                if id(tensor) not in elsewhere:
                    cast[id(tensor)] = nn.Parameter(tensor.detach().to(dtype), requires_grad=False)
    return twin(model, cast)
