"""Weights that are stored in a form of ours, written and read; others are left to transformers."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import MODEL_MAPPING, AutoConfig, AutoTokenizer, PreTrainedModel

from neurosieve.activations import Dtype, Encoder, encoder_from_model, load_encoder
from neurosieve.activations.claims import check_claims
from neurosieve.activations.families import family_of, side_of
from neurosieve.activations.loading import read_part, source_of, switch_off_limits
from neurosieve.activations.quiet import quiet
from neurosieve.activations.sides import class_for
from neurosieve.compact.trimming import ROWS, narrow, rows_of, widened
from neurosieve.compact.weights import FORM, decoded, encoded, form_of
from neurosieve.errors import CompactError

WEIGHTS = "model.safetensors"


def store_weights(encoder: Encoder, folder: Path) -> None:
    """Write the weights again, in the form that the encoder's config names; nothing where that is as they are.

    To be called after `Encoder.save`, which writes them as transformers does.

    Raises:
        OSError: the folder cannot be written.
    """
    if form_of(encoder.model) != "float32":
        save_file(encoded(encoder.model), folder / WEIGHTS, metadata={"format": "pt"})


def load_stored(
    folder: Path,
    *,
    device: str = "auto",
    dtype: Dtype = "float32",
    window: int | None = None,
    trust_remote_code: bool = False,
    sublayers: Sequence[str] = (),
) -> Encoder:
    """What `Encoder.save` and `store_weights` wrote; the arguments are those of `load_encoder`.

    Raises:
        CompactError: the weights do not fit the config.
        ModelError: the encoder cannot be loaded.
    """
    where, options = source_of(folder, trust_remote_code)
    with quiet():
        config = read_part("config", AutoConfig, where, options)
    check_claims(config, sorted(folder.glob("*.safetensors")), where)
    common: dict[str, Any] = {"device": device, "dtype": dtype, "window": window, "sublayers": sublayers}
    if not _is_own(folder):
        return load_encoder(folder, trust_remote_code=trust_remote_code, **common)
    with quiet():
        tokenizer = read_part("tokenizer", AutoTokenizer, where, options)
        model = _model(config, folder)
    switch_off_limits(tokenizer)
    narrow(model)
    return encoder_from_model(model, tokenizer, name=str(folder), **common)


def loads_plainly(encoder: Encoder) -> bool:
    """Whether plain transformers can read what is saved of it."""
    return form_of(encoder.model) != "int8" and not rows_of(encoder.model.config) and encoder.side != "encoder"


def plain_note(encoder: Encoder) -> str:
    """For the card: what other programs have to know of the encoder's weights; empty where there is nothing."""
    form, narrower = form_of(encoder.model), bool(rows_of(encoder.model.config))
    said = []
    if form == "int8":
        said.append("its matrices are stored as 8-bit whole numbers with a scale for each row")
    if narrower:
        said.append("its last projections lack the rows that no kept neuron reads")
    if said:
        return f"Plain `AutoModel` cannot load this encoder: {', and '.join(said)}. `CompactModel` loads it."
    if encoder.side == "encoder":
        kind = type(encoder.model)
        return (
            "Plain `AutoModel` would make a whole encoder–decoder of this, with a random decoder: the encoder alone "
            f"loads with `{kind.__module__}.{kind.__name__}`, or with `CompactModel`."
        )
    if form == "bfloat16":
        return "The weights are stored in bfloat16; `CompactModel` and plain `AutoModel` compute in float32 with them."
    return ""


def _is_own(folder: Path) -> bool:
    """Whether plain transformers cannot read the weights."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes()) if path.is_file() else {}
    except (ValueError, RecursionError) as error:
        raise CompactError(f"{path} is damaged: {error}. Copy the whole folder again.") from error
    if not isinstance(config, dict):
        raise CompactError(f"{path} is damaged: it holds no object. Copy the whole folder again.")
    return config.get(FORM) == "int8" or bool(config.get(ROWS))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file by name.

    Raises:
        CompactError: it is missing or damaged.
    """
    try:
        found: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise CompactError(f"The weights {path} cannot be read: {reason}. Copy the whole folder again.") from error
    return found


def _model(config: Any, folder: Path) -> PreTrainedModel:
    """The whole model, with zeros in the place of rows that are gone."""
    side = side_of(config)
    model_class: Any = class_for(config, "encoder") if side == "encoder" else MODEL_MAPPING.get(type(config), None)
    if model_class is None:
        raise CompactError(
            f"The weights in {folder} are stored in a form that only models of transformers itself can have; "
            f"{config.model_type!r} is none of them."
        )
    more: dict[str, Any] = {"dtype": torch.float32, "output_loading_info": True}
    if "add_pooling_layer" in inspect.signature(model_class).parameters:
        more["add_pooling_layer"] = False
    tensors = widened(decoded(read_tensors(folder / WEIGHTS)), config)
    model, found = model_class.from_pretrained(None, config=config, state_dict=tensors, **more)
    norm = family_of(model).final_norm
    missing = sorted(key for key in found["missing_keys"] if norm is None or not key.startswith(f"{norm}."))
    if missing or found["unexpected_keys"]:
        odd = [*missing, *sorted(found["unexpected_keys"])]
        raise CompactError(
            f"The weights in {folder} do not fit its config: {len(odd)} are missing or not known, first {odd[0]!r}. "
            "Save the model again."
        )
    return model  # type: ignore[no-any-return]
