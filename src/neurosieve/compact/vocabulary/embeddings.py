"""The model with the rows of its input embeddings that belong to the pieces that are left."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from neurosieve.activations.twins import twin
from neurosieve.arrays import IntArray
from neurosieve.errors import CompactError


def embedding_of(model: PreTrainedModel) -> nn.Embedding:
    """The table of the pieces.

    Raises:
        CompactError: the model has something else, or a head that reads the same vocabulary.
    """
    table: Any = model.get_input_embeddings()
    if not isinstance(table, nn.Embedding):
        raise CompactError(
            f"The vocabulary of a {type(model).__name__} cannot be reduced: its pieces have no plain table of "
            f"embeddings, but a {type(table).__name__}."
        )
    if model.get_output_embeddings() is not None:  # type: ignore[no-untyped-call]
        raise CompactError(
            f"The vocabulary of a {type(model).__name__} cannot be reduced: it has a head over the vocabulary. Load "
            "the encoder alone."
        )
    return table


def with_rows(model: PreTrainedModel, kept: IntArray, numbers: IntArray) -> PreTrainedModel:
    """A copy whose embeddings have some rows alone; all other weights are shared with the model.

    Args:
        model: its config is copied, and names pieces by their new ids.
        kept: (n,) the rows, in their new order.
        numbers: (V,) the new id of each old one, -1 where it is gone.
    """
    small = twin(model)
    table = embedding_of(small)
    rows = torch.from_numpy(kept).to(table.weight.device)
    table.weight = nn.Parameter(table.weight.detach()[rows].clone(), requires_grad=False)
    table.num_embeddings = len(kept)
    if table.padding_idx is not None:
        table.padding_idx = int(numbers[table.padding_idx])
    _renumber(small.config, numbers)
    small.config.vocab_size = len(kept)
    return small


def token_ids(config: Any, size: int) -> set[int]:
    """The pieces that a config names by id (padding, start, end and so on), of a vocabulary of some size."""
    listed = (one for value in _named(config).values() for one in (value if isinstance(value, list) else [value]))
    return {one for one in listed if isinstance(one, int) and 0 <= one < size}


def _named(config: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(config).items() if name.endswith("_token_id") and value is not None}


def _renumber(config: Any, numbers: IntArray) -> None:
    for name, value in _named(config).items():
        new = [_new(one, numbers) for one in value] if isinstance(value, list) else _new(value, numbers)
        setattr(config, name, new)


def _new(token: Any, numbers: IntArray) -> Any:
    """The new id; what names no piece (some configs say -1 for none) stays as it is."""
    return int(numbers[token]) if isinstance(token, int) and 0 <= token < len(numbers) else token
