"""Ablation: neurons that hold a fixed value inside the model, and what its own output loses by it.

A probe says what is encoded in some neurons; it does not say what the model uses. Here the neurons that an analysis
calls redundant are taken away where they live, in every forward pass, and the model's last hidden state is compared
with what it was: Ravichander, Belinkov and Hovy (2021), *Probing the Probing Paradigm*; Elazar et al. (2021), *Amnesic
Probing*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from neurosieve.activations.encoder import Encoder
from neurosieve.activations.families import n_blocks_of
from neurosieve.activations.texts import text_batches
from neurosieve.arrays import IntArray
from neurosieve.errors import ActivationsError, ModelError
from neurosieve.metrics.scores import FloatArray
from neurosieve.moments import Moments
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.texts import Pooling

Replacement = Literal["mean", "zero"]


def replacements(moments: Moments, columns: IntArray, how: Replacement = "mean") -> Tensor:
    """What ablated neurons hold instead (k,): their means over the rows of ``moments``, or zeros."""
    if how == "zero":
        return torch.zeros(len(columns))
    return moments.mean[torch.from_numpy(np.asarray(columns, dtype=np.int64))].float().cpu()


@contextmanager
def ablated(encoder: Encoder, columns: IntArray, values: Tensor) -> Iterator[None]:
    """Inside, some neurons hold fixed values in every forward call of the encoder's model, for every piece.

    A neuron (layer, unit) is replaced where the next block, the final norm's reader or the head reads it: behind the
    block that makes its layer, for layer 0 before the first block, for the last layer behind the final norm where
    there is one. Blocks above still add to their residual, so a unit comes to life again one layer up unless it is
    ablated there too.

    Args:
        encoder: without sublayers.
        columns: (k,) distinct columns of its grid.
        values: (k,) what they hold.

    Raises:
        ActivationsError: a column is not of the grid or comes twice, or the values are not as many.
        ModelError: the encoder has sublayers, or its blocks share one module, so that none stands for a layer.
    """
    handles: list[RemovableHandle] = []
    try:
        for layer, units, held in _by_layer(encoder, np.asarray(columns, dtype=np.int64), values):
            handles.append(_hold(encoder, layer, units, held))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _by_layer(encoder: Encoder, columns: IntArray, values: Tensor) -> list[tuple[int, Tensor, Tensor]]:
    """Layer, units and values of what is ablated, a layer each."""
    if encoder.sublayers:
        raise ModelError("Neurons of sublayers cannot be ablated. Load the encoder without sublayers.")
    if len(columns) != len(values) or len(np.unique(columns)) != len(columns):
        raise ActivationsError(
            f"{len(columns)} columns, {len(np.unique(columns))} of them distinct, came with {len(values)} values; "
            "give each column once, with one value."
        )
    if len(columns) and not 0 <= columns.min() <= columns.max() < encoder.grid.size:
        raise ActivationsError(f"Columns lie between 0 and {encoder.grid.size - 1}; one of those to ablate does not.")
    layers, units = np.divmod(columns, encoder.grid.units)
    return [
        (int(layer), torch.from_numpy(units[layers == layer]), values[torch.from_numpy(layers == layer)])
        for layer in np.unique(layers)
    ]


def _hold(encoder: Encoder, layer: int, units: Tensor, values: Tensor) -> RemovableHandle:
    """A hook that replaces units of one layer."""
    model, facts = encoder.reader, encoder.facts
    units, values = units.to(encoder.device), values.to(encoder.device)

    def replaced(hidden: Tensor) -> Tensor:
        changed = hidden.clone()
        changed[..., units] = values.to(hidden.dtype)
        return changed

    n_blocks = n_blocks_of(model.config, facts)
    if layer == n_blocks and facts.final_norm is not None:
        return model.get_submodule(facts.final_norm).register_forward_hook(_behind(replaced))
    if facts.blocks is None:
        raise ModelError(
            f"The blocks of {encoder.name} (family {encoder.family!r}) share one module; single layers of it cannot be "
            "ablated. Choose a model whose blocks are its own."
        )
    if layer == 0:
        first = model.get_submodule(f"{facts.blocks}.0")
        return first.register_forward_pre_hook(_before(replaced), with_kwargs=True)
    return model.get_submodule(f"{facts.blocks}.{layer - 1}").register_forward_hook(_behind(replaced))


def _behind(replaced: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, Any, Any], Any]:
    def hook(module: nn.Module, inputs: Any, output: Any) -> Any:
        return (replaced(output[0]), *output[1:]) if isinstance(output, tuple) else replaced(output)

    return hook


def _before(replaced: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, Any, dict[str, Any]], Any]:
    def hook(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], Any]:
        if inputs:
            return (replaced(inputs[0]), *inputs[1:]), named
        return inputs, named | {"hidden_states": replaced(named["hidden_states"])}

    return hook


def pooled(
    encoder: Encoder, texts: Sequence[str], pooling: Pooling = "mean", batch_tokens: int = BATCH_TOKENS
) -> Tensor:
    """The last layer's vector of each text (n × H) float32; NaN for a text that has none."""
    out = torch.full((len(texts), encoder.n_units), torch.nan)
    last, pairs = [encoder.n_layers - 1], [(text,) for text in texts]
    for batch in text_batches(encoder, pairs, layers=last, pooling=pooling, batch_tokens=batch_tokens):
        out[batch.words] = batch.layers[0].float().cpu()
    return out


def cosines(before: Tensor, after: Tensor) -> FloatArray:
    """(n,) the cosine of each text's vector with what it was; NaN where it has no vector."""
    found: FloatArray = torch.nn.functional.cosine_similarity(before.double(), after.double(), dim=1).numpy()
    return found
