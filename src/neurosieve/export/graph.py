"""What is exported: the truncated encoder, the gather of the kept units, and the linear heads, as one module."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from neurosieve.activations import Encoder
from neurosieve.activations.sublayers import capturing, layer_at, place_of
from neurosieve.activations.truncation import traceable_hidden_states
from neurosieve.compact import CompactModel, Head
from neurosieve.errors import ExportError


class Scorer(nn.Module):
    """Pieces in, the scores of every piece out: (batch × pieces × C) for each head.

    Every piece is scored, and the reader picks or averages: heads are linear, so both give what the compact model
    gives. Rows are padded on the right: no piece then needs to be told its position.
    """

    def __init__(self, encoder: Encoder, heads: Mapping[str, Head]) -> None:
        super().__init__()
        self.model = encoder.model
        self.facts = encoder.facts
        self.layers = sorted({layer for head in heads.values() for layer in head.layers})
        self.places = [place_of(layer, encoder.sublayers) for layer in self.layers]
        self.heads = nn.ModuleList(_Linear(head) for head in heads.values())

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """The scores of every head; see the class."""
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None:
            inputs["token_type_ids"] = token_type_ids
        with capturing(self.model, self.facts, self.places) as caught:
            states = traceable_hidden_states(self.model, self.facts, **inputs)
        found = [layer_at(place, states, caught, self.facts) for place in self.places]
        vectors = dict(zip(self.layers, found, strict=True))
        return tuple(head(vectors) for head in self.heads)


class _Linear(nn.Module):
    """A head layer by layer: the kept units of each, and the rows of the weight that go with them."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.layers = head.layers
        self.register_buffer("bias", head.bias.clone())
        for layer in head.layers:
            rows = [row for row, neuron in enumerate(head.neurons) if neuron.layer == layer]
            self.register_buffer(f"units_{layer}", torch.tensor([head.neurons[row].unit for row in rows]))
            self.register_buffer(f"weight_{layer}", head.weight[rows].clone())

    def forward(self, vectors: Mapping[int, Tensor]) -> Tensor:
        """(batch × pieces × C)."""
        total = self.get_buffer("bias")
        for layer in self.layers:
            kept = vectors[layer].index_select(2, self.get_buffer(f"units_{layer}"))
            total = total + kept @ self.get_buffer(f"weight_{layer}")
        return total


def in_float32(model: CompactModel) -> CompactModel:
    """The same model on the CPU with float32 weights and vectors; what is so already is not copied."""
    encoder, cpu = model.encoder, torch.device("cpu")
    weights = {parameter.dtype for parameter in encoder.model.parameters()}
    if encoder.device != cpu or encoder.dtype != torch.float32 or weights != {torch.float32}:
        whole = copy.deepcopy(encoder.model).to(cpu, torch.float32)  # type: ignore[arg-type]
        encoder = replace(encoder, model=whole, device=cpu, dtype=torch.float32)
    return replace(model, encoder=encoder, heads={name: head.to(cpu) for name, head in model.heads.items()})


def takes_types(encoder: Encoder, heads: Mapping[str, Head]) -> bool:
    """Whether the graph is to be told which text of a pair a piece is of.

    Raises:
        ExportError: some heads need that and others must not have it.
    """
    templates = encoder.segmenter.templates
    of_texts = {name for name, head in heads.items() if head.unit == "texts"}
    told = bool(of_texts) and encoder.has_token_types and any(template.has_types for template in templates)
    # To XLNet pieces of one text are something else than pieces without types, and words are read without.
    if told and encoder.facts.token_types and len(of_texts) < len(heads):
        words, texts = (", ".join(map(repr, names)) for names in (set(heads) - of_texts, of_texts))
        raise ExportError(
            f"A model of the family {encoder.family!r} reads words without token types and texts with them, so {words} "
            f"and {texts} need a graph each: export them one by one, with task=… (--task)."
        )
    return told
