"""Copies of a model that share its weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import chain
from typing import Any

from torch import Tensor
from transformers import PreTrainedModel

from neurosieve.activations.placement import shared_maps


def twin(model: PreTrainedModel, instead: Mapping[int, Tensor] | None = None) -> PreTrainedModel:
    """A copy with modules and a config of its own; weights and buffers are those of the model.

    ``instead`` maps the ``id`` of a weight to another one that the copy has in its place.
    """
    tensors = chain(model.parameters(), model.buffers(), shared_maps(model))
    shared: dict[int, Any] = {id(one): one for one in tensors}
    return copy.deepcopy(model, {**shared, **(instead or {})})
