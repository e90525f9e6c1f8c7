"""What a config claims against what its weights hold: nothing is built that the files cannot fill.

A config is a few lines of text that anyone may have written. A million layers would be built for hours, and a layer
whose weights are missing would be made up in memory before anybody sees that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import MODEL_MAPPING, AutoModel

from neurosieve.activations.quiet import quiet
from neurosieve.errors import ModelError

MOST_LAYERS = 500
NUMBERS_PER_BYTE = 4  # weights of one byte, of which a part may be left out on disk
SPARE_NUMBERS = 10_000_000
_COUNTS = re.compile("^(num|n)_.*(layer|expert|group)|^(en|de)coder_layers$")


def check_claims(config: Any, weights: Iterable[Path], where: str) -> None:
    """Make sure that a model is no larger than its files are, before it is built.

    Args:
        config: as transformers read it.
        weights: the model's safetensors files.
        where: what to call the model.

    Raises:
        ModelError: it claims more layers than there are tensors (and than `MOST_LAYERS`), or more numbers than the
            files have bytes for; or the files cannot be read.
    """
    files = list(weights)
    tensors, n_bytes = sum(map(_tensors, files)), sum(path.stat().st_size for path in files)
    counts = {name: value for name, value in config.to_dict().items() if _COUNTS.match(name) and isinstance(value, int)}
    counts["num_hidden_layers"] = getattr(config, "num_hidden_layers", 0)
    for name, value in counts.items():
        if isinstance(value, int) and value > max(MOST_LAYERS, tensors):
            raise ModelError(f"The config of {where!r} says {name} = {value}, and its files hold {tensors} tensors.")
    if type(config) not in MODEL_MAPPING:
        return  # code of its own, if that is allowed at all
    build: Any = AutoModel.from_config
    try:
        with quiet(), torch.device("meta"):
            claimed = sum(one.numel() for one in build(config).parameters())
    except Exception:  # what does not go together is told when the model is loaded
        return
    if claimed > NUMBERS_PER_BYTE * n_bytes + SPARE_NUMBERS:
        raise ModelError(f"The config of {where!r} asks for {claimed:,} weights, and its files have {n_bytes:,} bytes.")


def _tensors(path: Path) -> int:
    """How many tensors a file says it holds; the data are not read."""
    try:
        with safe_open(path, framework="pt") as file:
            return len(file.keys())
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The weights {path} cannot be read: {error}. Copy or download them again.") from error
