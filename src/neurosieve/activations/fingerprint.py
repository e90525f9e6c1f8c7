"""What a model is, whatever it is called and wherever it was loaded from."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import torch
from transformers import PreTrainedModel

from neurosieve.activations.placement import stored_tensors

_VOLATILE = ("_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache")


def fingerprint_of(model: PreTrainedModel) -> str:
    """The sha256 of a model's config and of every weight."""
    config = {key: value for key, value in model.config.to_dict().items() if key not in _VOLATILE}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for key, tensor in stored_tensors(model):
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        numbers: Any = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
        digest.update(memoryview(numbers))
    return digest.hexdigest()
