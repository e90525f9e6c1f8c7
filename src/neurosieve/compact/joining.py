"""Heads and encoders put together: a head must sit on its encoder, and several heads share the deepest one."""

from __future__ import annotations

from collections.abc import Mapping

from neurosieve.activations import Encoder, resolve_pooling
from neurosieve.compact.description import check_name
from neurosieve.compact.head import Head
from neurosieve.compact.trimming import cut, unread
from neurosieve.errors import CompactError


def check_head(head: Head, encoder: Encoder, task: str) -> None:
    """Refuse a head that cannot sit on the encoder under the name of a task.

    Raises:
        CompactError: the name is blank, the pooling does not go with the kind, or neurons or shapes do not fit.
        ModelError: texts shall be read by a classification token that the tokenizer does not put.
    """
    try:
        check_name(task)
    except ValueError as error:
        raise CompactError(f"{error}.") from error
    if (head.pooling is None) != (head.unit == "words"):
        raise CompactError(
            f"A head for {head.kind} came with pooling={head.pooling!r}: texts need 'cls', 'mean' or 'last', "
            "and single words need none."
        )
    if head.pooling is not None:
        resolve_pooling(encoder, head.pooling)
    k, c = len(head.neurons), head.n_outputs
    if not head.fits(encoder.grid):
        raise CompactError(
            f"A head on {k} neurons with {len(head.classes)} classes needs at least one of each (none, if it is a "
            f"regression: this is a {head.kind}), neurons of the encoder's {encoder.n_layers} layers × "
            f"{encoder.n_units} units, and finite numbers: a weight ({k} × {c}) and a bias ({c},); it got "
            f"{tuple(head.weight.shape)} and {tuple(head.bias.shape)}."
        )
    if gone := unread(encoder, head.neurons):
        few = ", ".join(f"{neuron.layer}:{neuron.unit}" for neuron in gone[:5])
        raise CompactError(
            f"{len(gone)} of the head's {k} neurons are no longer computed, {few} first (layer:unit): the encoder was "
            "trimmed for other neurons. Build on the model as it was before."
        )


def shared_encoder(encoders: Mapping[str, Encoder], last_layer: int) -> Encoder:
    """The deepest encoder, once it is shown to serve the others too, cut after ``last_layer``.

    Raises:
        CompactError: two of them were not cut from one model, or do not read it alike.
    """
    deep = max(encoders, key=lambda name: encoders[name].n_layers)
    for name, encoder in encoders.items():
        differs = _difference(encoders[deep], encoder)
        if differs is not None:
            raise CompactError(
                f"The models for {deep!r} and {name!r} cannot share an encoder: they differ in {differs}. "
                "Build both on one full model, read with the same settings."
            )
    return cut(encoders[deep], last_layer)


def _difference(deep: Encoder, other: Encoder) -> str | None:
    """The first thing in which an encoder is not the deepest one cut shorter."""
    for what in ("family", "n_units", "window", "dtype", "sublayers", "device"):
        mine, theirs = getattr(deep, what), getattr(other, what)
        if mine != theirs:
            return f"their {what.replace('n_', 'number of ')} ({mine} and {theirs})"
    if deep.segmenter.sha256 != other.segmenter.sha256:
        return "their tokenizers"
    if _in_one_memory(deep, other):
        return None
    same = cut(deep, other.n_layers - 1).fingerprint == other.fingerprint
    return None if same else "the weights or the config of their models"


def _in_one_memory(deep: Encoder, other: Encoder) -> bool:
    """Whether all weights of ``other`` are the very ones of ``deep``: then nothing has to be compared."""
    mine, theirs = deep.model.state_dict(), other.model.state_dict()
    return all(key in mine and mine[key].data_ptr() == tensor.data_ptr() for key, tensor in theirs.items())
