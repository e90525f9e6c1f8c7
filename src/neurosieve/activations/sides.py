"""Which part of a model is read: a side of an encoder–decoder, or the text part of a model of images and text.

The encoder side is the encoder alone. The decoder side reads the text as its own input, behind its start piece, and
sees the encoder's reading of the same text: BART's way to represent each word (Lewis et al. 2020, Section 3.2). So it
needs the encoder, whole. Without the encoder's reading a decoder would run as it never did in training.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from transformers import MODEL_FOR_TEXT_ENCODING_MAPPING, MODEL_MAPPING, AutoModel, PreTrainedModel

from neurosieve.activations.families import FAMILIES, SIDE, side_of
from neurosieve.activations.placement import inherit_map
from neurosieve.errors import ModelError

Side = Literal["encoder", "decoder"]
SIDES: tuple[Side, ...] = ("encoder", "decoder")


def choose_side(config: Any, asked: Side | None, name: str) -> Side | None:
    """The side to read: what was asked, else what was saved, else the encoder; None where there are no sides.

    Raises:
        ModelError: there is no such side, the files have the other one alone, or it is not known how to read it.
    """
    if asked is not None and asked not in SIDES:
        raise ModelError(f"{asked!r} is no side of a model; choose 'encoder' or 'decoder'.")
    saved, family = side_of(config), config.model_type
    if saved is None and not getattr(config, "is_encoder_decoder", False):
        if asked == "decoder":
            raise ModelError(
                f"{name} (family {family!r}) is no encoder-decoder and has no decoder side; leave the side out."
            )
        return None
    if asked == "decoder" and saved == "encoder":
        raise ModelError(f"{name} is the encoder side of a {family!r} alone; its decoder was not saved with it.")
    side = asked or saved or "encoder"
    row = FAMILIES.get(family)
    if side == "decoder" and (row is None or row.decoder is None):
        raise ModelError(
            f"It is not known how to read the decoder side of {name} (family {family!r}). Choose the side 'encoder', "
            "or give the family a row with a `decoder` in FAMILIES in neurosieve/activations/families.py."
        )
    return side  # type: ignore[return-value]


def class_for(config: Any, side: Side | None) -> Any:
    """What loads the part that is read, or the whole that it is taken from."""
    if side == "encoder":
        alone = MODEL_FOR_TEXT_ENCODING_MAPPING.get(type(config), None)
        if alone is not None:
            config.is_encoder_decoder = False
            return alone
        if side_of(config) == "encoder":  # saved by itself
            whole: Any = MODEL_MAPPING[type(config)]
            with torch.device("meta"):
                return type(whole(config).get_encoder())
    return AutoModel


def mark(config: Any, side: Side | None) -> None:
    """Say in the config which side it is of; it travels with the weights."""
    if side is not None:
        setattr(config, SIDE, side)


def part_to_read(model: PreTrainedModel, side: Side | None, name: str) -> PreTrainedModel:
    """The side, or the text part, of a model that was loaded; the model itself where it is that already.

    Raises:
        ModelError: the model keeps its encoder or its text part where it is not found.
    """
    if side == "decoder":
        return model
    if side == "encoder":
        return _encoder_of(model, name)
    return _text_part(model, name)


def _encoder_of(model: PreTrainedModel, name: str) -> PreTrainedModel:
    if getattr(model, "decoder", None) is None:
        return model
    part = model.get_encoder()
    if part is model or not isinstance(part, PreTrainedModel):
        raise ModelError(
            f"{name} ({type(model).__name__}) keeps its encoder where it cannot be taken out by itself (its "
            f"get_encoder() gives a {type(part).__name__}, which has no config). Choose the side 'decoder', or another "
            "model."
        )
    return _alone(part, model, is_encoder_decoder=False, use_cache=False)


def _text_part(model: PreTrainedModel, name: str) -> PreTrainedModel:
    text = model.config.get_text_config()
    if text is model.config:
        return model
    inside = (part for part in model.modules() if isinstance(part, PreTrainedModel) and part is not model)
    part = next((part for part in inside if part.config.model_type == text.model_type), None)
    if part is None:
        found = sorted({child for child, _ in model.named_children()})
        raise ModelError(
            f"{name} (family {model.config.model_type!r}) has a text part (family {text.model_type!r}) that is no "
            f"model of its own; its parts are {', '.join(found)}. Save that part by itself and load it, or choose "
            "another model."
        )
    return _alone(part, model)


def _alone(part: PreTrainedModel, whole: PreTrainedModel, **config: Any) -> PreTrainedModel:
    path = next(path for path, module in whole.named_modules() if module is part)
    inherit_map(part, path, whole)
    for name, value in config.items():
        setattr(part.config, name, value)
    return part
