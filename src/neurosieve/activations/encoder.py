"""A pretrained model with its tokenizer, read through its hidden states: layer 0 is the output of the embeddings."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import PreTrainedModel

from neurosieve.activations.families import Family, family_of, for_reading, max_pieces
from neurosieve.activations.precision import with_cast_weights
from neurosieve.activations.quiet import quiet
from neurosieve.activations.sublayers import capturing, in_order, layer_at, place_of
from neurosieve.activations.truncation import NO_FINAL_NORM, all_hidden_states, check_cut, cut_after, drop_final_norm
from neurosieve.arrays import Grid
from neurosieve.errors import ModelError
from neurosieve.memory import keep_freed_memory, remember_few_kernels
from neurosieve.pieces.reader import PaddingSide
from neurosieve.pieces.tokenization import Segmenter

Dtype = Literal["float32", "bfloat16"]
LONGEST_WINDOW = 512
_VOLATILE = ("_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "use_cache")


@dataclass(frozen=True, eq=False)
class Encoder:
    """A model in evaluation mode, its tokenizer, and what has to be known to read it.

    Attributes:
        name: what the user called it.
        grid: L layers × H units; the layers are the embeddings and, for every block, its sublayers and itself.
        window: the most pieces it reads at once, special ones included.
        dtype: of the vectors that it gives; "bfloat16" computes in mixed precision, with copies of the weights of
            linear layers: a model that is changed after its first reading needs a new encoder.
        sublayers: the parts of a block that are layers of their own: "attention", "mlp", both, or none.
    """

    model: PreTrainedModel
    tokenizer: Any
    segmenter: Segmenter
    facts: Family
    name: str
    grid: Grid
    window: int
    device: torch.device
    dtype: torch.dtype
    sublayers: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The model type, as in its config."""
        return str(self.model.config.model_type)

    @property
    def n_layers(self) -> int:
        """L: the embeddings, the blocks, and the sublayers that were asked."""
        return self.grid.layers

    @property
    def layer_names(self) -> tuple[str, ...]:
        """A name for each layer: "0" (the embeddings), then block by block "attention 1", "mlp 1", "1", and so on."""
        return tuple(str(place_of(layer, self.sublayers)) for layer in range(self.n_layers))

    @property
    def n_units(self) -> int:
        """H: the units of a layer."""
        return self.grid.units

    @property
    def n_parameters(self) -> int:
        """Parameters of the model as it stands; shared ones count once, and there is no head and no pooler."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def n_pieces(self) -> int:
        """How many pieces the model has embeddings for."""
        return int(self.model.get_input_embeddings().weight.shape[0])  # type: ignore[index]

    @property
    def pad_id(self) -> int:
        """The piece that fills up short rows; the attention mask hides it."""
        known = (self.model.config.pad_token_id, self.tokenizer.pad_token_id)
        return next((int(token) for token in known if token is not None and token >= 0), 0)

    @property
    def padding_side(self) -> PaddingSide:
        """The tokenizer's side where the family is known to take either, else right."""
        left = self.facts.pads_either_side and self.tokenizer.padding_side == "left"
        return "left" if left else "right"

    @property
    def has_token_types(self) -> bool:
        """Whether types have embeddings of their own: GPT-2 would take a type for a word."""
        return self.facts.token_types or getattr(self.model.config, "type_vocab_size", 0) > 1

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of the model's config and of every weight: the same model has it wherever it was loaded from."""
        return _fingerprint(self.model)

    def hidden_states(
        self, input_ids: Tensor, attention_mask: Tensor, layers: Sequence[int], token_types: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """The asked layers of a batch.

        Args:
            input_ids: (batch × pieces), int64.
            attention_mask: (batch × pieces), int64, 0 for padding on either side.
            layers: which layers, in the order wanted; 0 is the output of the embeddings.
            token_types: (batch × pieces), int64, which text of a pair a piece is of; families that have none ignore it.

        Returns:
            A (batch × pieces × units) tensor for each layer; rows of padding hold nothing of use.
        """
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_types is not None and self.has_token_types:
            inputs["token_type_ids"] = token_types
        if self._takes_positions and not bool(attention_mask[:, 0].all()):
            inputs["position_ids"] = (attention_mask.cumsum(1) - 1).clamp(min=0)
        places = [place_of(range(self.n_layers)[layer], self.sublayers) for layer in layers]
        precision = torch.autocast(self.device.type, torch.bfloat16) if self.dtype == torch.bfloat16 else nullcontext()
        with capturing(self.reader, self.facts, places) as caught, precision:
            states = all_hidden_states(self.reader, self.facts, **inputs)
        return tuple(layer_at(place, states, caught, self.facts) for place in places)

    def truncated(self, last_layer: int) -> Encoder:
        """An encoder with layers 0 to ``last_layer`` only, which gives the same vectors; weights are shared.

        A block of which a sublayer is needed stays whole; saved and loaded, the encoder has all layers of its blocks.

        Raises:
            ModelError: there is no such layer, or the family cannot be cut (its row in `FAMILIES` says how).
        """
        if not 0 <= last_layer < self.n_layers:
            raise ModelError(f"{self.name} has layers 0 to {self.n_layers - 1}; there is no layer {last_layer}.")
        if last_layer == self.n_layers - 1:
            return self
        grid, n_blocks = Grid(last_layer + 1, self.n_units), place_of(last_layer, self.sublayers).block
        if n_blocks == self.model.config.num_hidden_layers:
            return replace(self, grid=grid)
        short = cut_after(self.model, self.facts, n_blocks)
        sample = _sample(self.segmenter, self.device)
        check_cut(
            all_hidden_states(short, self.facts, **sample),
            all_hidden_states(self.model, self.facts, **sample),
            self.family,
        )
        return replace(self, model=short, grid=grid)

    def save(self, folder: str | Path) -> None:
        """Write the model (safetensors), its config and the tokenizer's files; `load_encoder` reads them back.

        Raises:
            OSError: the folder cannot be written.
        """
        with quiet():
            self.model.save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)

    @cached_property
    def reader(self) -> PreTrainedModel:
        """The model that is run: in mixed precision a twin with cast weights, made at the first reading."""
        return self.model if self.dtype == torch.float32 else with_cast_weights(self.model, self.dtype)

    @property
    def _takes_positions(self) -> bool:
        accepted = "position_ids" in inspect.signature(self.model.forward).parameters
        return accepted and self.facts.pads_either_side and not self.facts.counts_from_pad


def encoder_from_model(
    model: PreTrainedModel,
    tokenizer: Any,
    *,
    name: str,
    device: str = "auto",
    dtype: Dtype = "float32",
    window: int | None = None,
    sublayers: Sequence[str] = (),
) -> Encoder:
    """Make an encoder of a model and a tokenizer in memory; the model moves to the device and into evaluation mode.

    With ``sublayers`` ("attention", "mlp") what these parts of every block add to its residual are layers as well.

    Raises:
        ModelError: it is no plain encoder or decoder, the window does not fit, there is no such device, there is no
            such sublayer, or the family is not known to have it.
    """
    where, parts = _device(device), in_order(sublayers)
    keep_freed_memory()
    remember_few_kernels()
    facts = family_of(model)
    if facts.final_norm is not None and getattr(model.config, NO_FINAL_NORM, False):
        drop_final_norm(model, facts.final_norm)
    model.to(where).eval().requires_grad_(False)  # type: ignore[arg-type]
    model = for_reading(model, facts)
    segmenter = Segmenter(tokenizer)
    encoder = Encoder(
        model=model,
        tokenizer=tokenizer,
        segmenter=segmenter,
        facts=facts,
        name=name,
        grid=_measure(model, facts, segmenter, where, name, parts),
        window=_window(model, facts, segmenter, window, name),
        device=where,
        dtype={"float32": torch.float32, "bfloat16": torch.bfloat16}[dtype],
        sublayers=parts,
    )
    if parts:  # raises here, not at the first batch, where the model lacks them
        encoder.hidden_states(**_sample(segmenter, where), layers=range(encoder.n_layers))
    return encoder


def _device(asked: str) -> torch.device:
    has_cuda = torch.cuda.is_available()
    if asked.startswith("cuda") and not has_cuda:
        raise ModelError(f"The device {asked!r} was asked for, but torch finds no CUDA device. Use 'cpu' or 'auto'.")
    try:
        return torch.device(("cuda" if has_cuda else "cpu") if asked == "auto" else asked)
    except RuntimeError as error:
        raise ModelError(f"{asked!r} is no device that torch knows. Use 'auto', 'cpu', 'cuda' or 'cuda:1'.") from error


def _measure(
    model: PreTrainedModel,
    facts: Family,
    segmenter: Segmenter,
    device: torch.device,
    name: str,
    sublayers: tuple[str, ...],
) -> Grid:
    """Layers and units, by looking at what the model gives for a few words."""
    try:
        states = all_hidden_states(model, facts, **_sample(segmenter, device))
    # Models of images or sound fail in ways of their own when they are given pieces of text.
    except Exception as error:
        raise ModelError(
            f"{name} (family {model.config.model_type!r}) cannot read text: {' '.join(str(error).split())[:200]}. "
            "Choose a plain encoder or decoder of text."
        ) from error
    widths = {state.shape[-1] for state in states}
    expected = model.config.num_hidden_layers + 1
    if len(widths) != 1 or len(states) != expected:
        raise ModelError(
            f"{name} (family {model.config.model_type!r}) gives {len(states)} hidden states of {sorted(widths)} units; "
            f"expected {expected}, the embeddings and one per block, all of one width. It cannot be analysed layer by "
            "layer; choose a plain encoder or decoder."
        )
    return Grid(1 + (len(states) - 1) * (1 + len(sublayers)), widths.pop())


def _window(model: PreTrainedModel, facts: Family, segmenter: Segmenter, asked: int | None, name: str) -> int:
    limit, least = max_pieces(model.config, facts), len(segmenter.wrapping) + 1
    longest = LONGEST_WINDOW if limit is None else limit
    window = min(longest, LONGEST_WINDOW) if asked is None else asked
    if window < least or (limit is not None and window > limit):
        raise ModelError(
            f"A window of {window} pieces does not fit {name}: it needs {least} at least (special pieces included) "
            f"and takes {'any number' if limit is None else limit} at most."
        )
    return window


def _sample(segmenter: Segmenter, device: torch.device) -> dict[str, Tensor]:
    pieces = segmenter([["a", "b", "c"]]).ids
    ids = torch.tensor([[*segmenter.wrapping.prefix, *pieces.tolist(), *segmenter.wrapping.suffix]], device=device)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def _fingerprint(model: PreTrainedModel) -> str:
    config = {key: value for key, value in model.config.to_dict().items() if key not in _VOLATILE}
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(memoryview(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()))
    return digest.hexdigest()
