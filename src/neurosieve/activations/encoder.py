"""A pretrained model with its tokenizer, read through its hidden states: layer 0 is the output of the embeddings."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import PreTrainedModel

from neurosieve.activations import measuring
from neurosieve.activations.families import Family, family_of, for_reading, n_blocks_of, side_of
from neurosieve.activations.fingerprint import fingerprint_of
from neurosieve.activations.handover import Handover, put_together
from neurosieve.activations.placement import device_named, first_device, is_spread
from neurosieve.activations.precision import with_cast_weights
from neurosieve.activations.quiet import quiet
from neurosieve.activations.reading import Keep, can_be_read, read_layers
from neurosieve.activations.sublayers import Place, capturing, in_order, layer_at, place_of
from neurosieve.activations.truncation import NO_FINAL_NORM, all_hidden_states, check_cut, cut_after, drop_final_norm
from neurosieve.arrays import Grid
from neurosieve.errors import ModelError, NeurosieveError
from neurosieve.memory import keep_freed_memory, remember_few_kernels
from neurosieve.pieces.reader import PaddingSide
from neurosieve.pieces.texts import Pooling
from neurosieve.pieces.tokenization import Segmenter

Dtype = Literal["float32", "bfloat16"]


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
        pooling: what stands for a text by the model's own files; None where they do not say.
        watched: layers are handed over as they are made; else the library gives all of them at the end of a call.
        apart: padding changes what this model says of pieces, so that a row is read with those of its length only.
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
    pooling: Pooling | None = None
    watched: bool = False
    apart: bool = False

    @property
    def family(self) -> str:
        """The model type, as in its config."""
        return str(self.model.config.model_type)

    @property
    def side(self) -> str | None:
        """The side of an encoder–decoder that it is: "encoder" or "decoder"; None where it is neither."""
        return side_of(self.model.config)

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
        known = (getattr(self.model.config, "pad_token_id", None), self.tokenizer.pad_token_id)
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
        return fingerprint_of(self.model)

    def hidden_states(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        layers: Sequence[int],
        token_types: Tensor | None = None,
        keep: Keep | None = None,
        to: torch.device | None = None,
    ) -> tuple[Tensor, ...]:
        """The asked layers of a batch.

        Args:
            input_ids: (batch × pieces), int64.
            attention_mask: (batch × pieces), int64, 0 for padding on either side.
            layers: which layers, in the order wanted; 0 is the output of the embeddings.
            token_types: (batch × pieces), int64, which text of a pair a piece is of; families that have none ignore it.
            keep: what of a layer, (batch × pieces × units), is kept; it is called while the model runs, when the layer
                is made, on the device that made it. By default all of it.
            to: where to move that at once; by default to the encoder's device.

        Returns:
            A (batch × pieces × units) tensor for each layer, or what ``keep`` made of it; rows of padding hold nothing
            of use.
        """
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_types is not None and self.has_token_types:
            inputs["token_type_ids"] = token_types
        if self._takes_positions and not bool(attention_mask[:, 0].all()):
            inputs["position_ids"] = (attention_mask.cumsum(1) - 1).clamp(min=0)
        places = [place_of(range(self.n_layers)[layer], self.sublayers) for layer in layers]
        handover = Handover(keep, to or self.device)
        with torch.autocast(self.device.type, torch.bfloat16) if self.dtype == torch.bfloat16 else nullcontext():
            read = self._read_apart if self.apart and not bool(attention_mask.all()) else self._read
            found = read(inputs, places, handover)
        handover.wait()
        return found

    def _read(self, inputs: dict[str, Tensor], places: Sequence[Place], keep: Keep) -> tuple[Tensor, ...]:
        if self.watched and can_be_read(self.facts):
            return read_layers(self.reader, self.facts, places, inputs, self.n_units, keep)
        with capturing(self.reader, self.facts, places) as caught:
            states = all_hidden_states(self.reader, self.facts, **inputs)
        return tuple(keep(layer_at(place, states, caught, self.facts)) for place in places)

    def _read_apart(self, inputs: dict[str, Tensor], places: Sequence[Place], keep: Keep) -> tuple[Tensor, ...]:
        """Rows of each length by themselves, put together again as one batch, padded on the right."""
        lengths = inputs["attention_mask"].sum(1)
        parts: list[tuple[Tensor, tuple[Tensor, ...]]] = []
        for length in sorted(set(lengths.tolist())):
            (rows,) = torch.nonzero(lengths == length, as_tuple=True)
            alike = {name: values[rows, :length] for name, values in inputs.items()}
            parts.append((rows, self._read(alike, places, lambda state: state)))
        return tuple(
            keep(put_together([(rows, found[i]) for rows, found in parts], inputs)) for i in range(len(places))
        )

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
        if n_blocks == n_blocks_of(self.model.config, self.facts):
            return replace(self, grid=grid)
        short = cut_after(self.model, self.facts, n_blocks)
        sample = measuring.sample_of(self.segmenter, self.device)
        full = all_hidden_states(self.model, self.facts, **sample)
        try:
            found = all_hidden_states(short, self.facts, **sample)
        except ModelError:
            raise
        # A family without a row, or with a wrong one, may fail in any way when blocks are missing.
        except Exception as error:
            raise ModelError(
                f"A model of the family {self.family!r} cannot be truncated: with {n_blocks} blocks it does not run "
                f"({' '.join(str(error).split())[:200]}). Its blocks were taken to be {self.facts.blocks!r}. Give the "
                "family a row in FAMILIES in neurosieve/activations/families.py."
            ) from error
        check_cut(found, full, self.family)
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
        """The model that is run: in mixed precision a twin with cast weights, made at the first reading.

        Weights that are spread over devices stay as they are: copies of them would need as much room again.
        """
        as_it_is = self.dtype == torch.float32 or is_spread(self.model)
        return self.model if as_it_is else with_cast_weights(self.model, self.dtype)

    @property
    def _takes_positions(self) -> bool:
        accepted = "position_ids" in inspect.signature(self.model.forward).parameters
        return accepted and self.facts.pads_either_side and not self.facts.counts_from_pad


def _segmenter(tokenizer: Any, name: str) -> Segmenter:
    try:
        return Segmenter(tokenizer)
    except NeurosieveError:
        raise
    # The library has no class of its own for a text that it cannot cut.
    except Exception as error:
        raise ModelError(f"The tokenizer of {name} cannot cut words: {' '.join(str(error).split())[:200]}.") from error


def encoder_from_model(
    model: PreTrainedModel,
    tokenizer: Any,
    *,
    name: str,
    device: str = "auto",
    dtype: Dtype = "float32",
    window: int | None = None,
    sublayers: Sequence[str] = (),
    pooling: Pooling | None = None,
) -> Encoder:
    """Make an encoder of a model and a tokenizer in memory; the model moves to the device and into evaluation mode.

    A model that is spread over devices stays there, and ``device`` says nothing. With ``sublayers`` ("attention",
    "mlp") what these parts of every block add to its residual are layers as well. ``pooling`` is what stands for a text
    where none is asked.

    Raises:
        ModelError: it is no plain encoder or decoder, the window does not fit, there is no such device, there is no
            such sublayer, or the family is not known to have it.
    """
    where, parts = first_device(model) if is_spread(model) else device_named(device), in_order(sublayers)
    keep_freed_memory()
    remember_few_kernels()
    facts = family_of(model)
    if facts.final_norm is not None and getattr(model.config, NO_FINAL_NORM, False):
        drop_final_norm(model, facts.final_norm)
    if not is_spread(model):
        model.to(where)  # type: ignore[arg-type]
    model.eval().requires_grad_(False)  # type: ignore[no-untyped-call]
    model = for_reading(model, facts)
    segmenter = _segmenter(tokenizer, name)
    sample = measuring.sample_of(segmenter, where)
    states = measuring.sample_states(model, facts, sample, name)
    encoder = Encoder(
        model=model,
        tokenizer=tokenizer,
        segmenter=segmenter,
        facts=facts,
        name=name,
        grid=measuring.measure(model, facts, states, name, parts),
        window=measuring.window_of(model, facts, segmenter, window, name),
        device=where,
        dtype={"float32": torch.float32, "bfloat16": torch.bfloat16}[dtype],
        sublayers=parts,
        pooling=pooling,
        watched=measuring.can_be_watched(model, facts, sample, states),
    )
    if encoder.padding_side == "right" and measuring.padding_matters(model, facts, sample, states, encoder.pad_id):
        encoder = replace(encoder, apart=True)
    if parts:  # raises here, not at the first batch, where the model lacks them
        encoder.hidden_states(sample["input_ids"], sample["attention_mask"], range(encoder.n_layers))
    return encoder
