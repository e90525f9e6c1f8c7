"""Where and with what a run is made."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import torch

from neurosieve.activations import MINILM, Encoder
from neurosieve.run.facts import Environment, ModelFacts
from neurosieve.run.finetuning.folder import read_record

_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "scipy")


def environment(encoder: Encoder) -> Environment:
    """The facts that a reader needs to judge timings and to repeat the run."""
    device = encoder.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return Environment(
        neurosieve=metadata.version("neurosieve"),
        python=platform.python_version(),
        packages={package: metadata.version(package) for package in _PACKAGES},
        platform=f"{platform.system()} {platform.machine()}",
        device=name,
        threads=torch.get_num_threads(),
        dtype=str(encoder.dtype).removeprefix("torch."),
    )


def model_facts(encoder: Encoder) -> ModelFacts:
    """What the full model is, and how it was fine-tuned where its folder says so.

    Raises:
        ModelError: the record of the fine-tuning is damaged.
    """
    return ModelFacts(
        name=encoder.name,
        family=encoder.family,
        sha256=encoder.fingerprint,
        layers=encoder.n_layers,
        units=encoder.n_units,
        neurons=encoder.grid.size,
        parameters=encoder.n_parameters,
        window=encoder.window,
        layer_names=list(encoder.layer_names) if encoder.sublayers else [],
        finetuning=None if encoder.name == MINILM else read_record(Path(encoder.name).expanduser()),
    )
