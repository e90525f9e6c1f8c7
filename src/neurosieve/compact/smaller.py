"""Compact models made smaller: fewer pieces, fewer bits, fewer rows; each gives a new model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from neurosieve.compact.model import CompactModel
from neurosieve.compact.trimming import trimmed_encoder
from neurosieve.compact.vocabulary import Material, Vocabulary, reduced_encoder
from neurosieve.compact.weights import Form, rounded
from neurosieve.pieces.words import Splitting


def reduced_vocabulary(
    model: CompactModel, items: Iterable[str | Sequence[str]], *, splitting: Splitting = "punctuation"
) -> CompactModel:
    """The model with the pieces that some text needs, and those that any text may fall back on.

    It says the same of these items, and of others that are made of their words. Elsewhere words may be cut into more
    pieces than before, and what it says may differ; `side_by_side` measures that.

    Args:
        model: any compact model with a fast tokenizer.
        items: sentences or texts as `CompactModel.predict` takes them; those that it will read in use.
        splitting: how a string becomes words, where words are labelled.

    Raises:
        CompactError: there is no text, or the tokenizer's vocabulary cannot be reduced.
    """
    material = Material.of(items, {head.unit for head in model.heads.values()}, splitting)
    return with_vocabulary(model, material)[0]


def with_vocabulary(model: CompactModel, material: Material) -> tuple[CompactModel, Vocabulary]:
    """The same, and which pieces stayed.

    Raises:
        CompactError: see `reduced_vocabulary`.
    """
    encoder, vocabulary = reduced_encoder(model.encoder, material)
    return replace(model, encoder=encoder), vocabulary


def with_weights(model: CompactModel, form: Form) -> CompactModel:
    """The model with weights that take less room once it is saved; it computes with them, rounded, in float32.

    "bfloat16" takes half the room, "int8" about a quarter. In memory nothing gets smaller. It says the same before it
    is saved and after it was loaded.

    Raises:
        CompactError: there is no such form.
    """
    return replace(model, encoder=rounded(model.encoder, form))


def trimmed(model: CompactModel) -> CompactModel:
    """The model without the rows of its last projections that no kept neuron reads: smaller on disk and in memory.

    Predictions stay the same up to rounding. Only models with a norm before each part of a block, and none behind, have
    such rows (GPT-2, Llama and others).

    Raises:
        CompactError: the model has none.
    """
    return replace(model, encoder=trimmed_encoder(model.encoder, model.neurons))
