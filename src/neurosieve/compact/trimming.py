"""Rows of the last output projections that no kept neuron reads: in pre-norm families nothing else reads them.

There the last block adds its parts to the residual and no norm follows, once the final norm is gone; so unit u of the
last layer needs row u of the projections, and no other. A norm that follows (BERT's) reads all units: nothing can go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from neurosieve.activations import Encoder
from neurosieve.activations.sublayers import place_of
from neurosieve.activations.truncation import NO_FINAL_NORM
from neurosieve.activations.twins import twin
from neurosieve.arrays import Neuron
from neurosieve.compact.narrow import NarrowLinear
from neurosieve.errors import CompactError

ROWS = "neurosieve_rows"
"""What the config of a model calls the rows that are left: path of a projection -> its units, ascending."""

CHECKED = 16  # pieces
TOLERANCES = {torch.float32: 1e-4, torch.bfloat16: 3e-2}  # of the root mean square of a layer's neurons


@dataclass(frozen=True)
class Projections:
    """Where the blocks of a family add to the residual without a norm behind.

    Attributes:
        mlp: path in a block of the feed-forward's output projection.
        attention: that of the attention, where no part of the same block reads its sum with the residual; else None.
        parallel: what the config must say for that; else the feed-forward reads the sum.
        needs: what the config must say for this to hold.
        transposed: the weights are (inputs × outputs).
    """

    mlp: str
    attention: str | None = None
    parallel: Callable[[Any], bool] = lambda config: True
    needs: Callable[[Any], bool] = lambda config: True
    transposed: bool = False


_GPT2 = Projections("mlp.c_proj", transposed=True)
_LLAMA = Projections("mlp.down_proj")

PROJECTIONS: Mapping[str, Projections] = {
    "gpt2": _GPT2,
    "gpt_neo": Projections("mlp.c_proj"),
    "gptj": Projections("mlp.fc_out", "attn.out_proj"),
    "gpt_neox": Projections("mlp.dense_4h_to_h", "attention.dense", lambda config: config.use_parallel_residual),
    "opt": Projections("fc2", needs=lambda config: config.do_layer_norm_before),
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": _LLAMA,
    "qwen3": _LLAMA,
    "gemma": _LLAMA,
    "phi": Projections("mlp.fc2", "self_attn.dense"),
    "phi3": _LLAMA,
    "modernbert": Projections("mlp.Wo"),
}
"""Families with a norm before each part and none behind it. In GPT-J and Phi, and GPT-NeoX if its config says so, both
parts read the block's input."""


def trimmed_encoder(encoder: Encoder, neurons: Collection[Neuron]) -> Encoder:
    """The encoder without the rows of its last block's output projections that none of some neurons reads.

    Their vectors stay the same up to rounding; other units of the last layer lack what those rows added.

    Raises:
        CompactError: the family, or the model, has a norm behind them; the rows are gone already; or vectors differ.
    """
    found = _projections(encoder)
    units = {part: _read(encoder, neurons, part) for part in ("mlp", "attention")}
    block = f"{encoder.facts.blocks}.{_last_block(encoder) - 1}"
    both = found.attention is not None and found.parallel(encoder.model.config)
    paths = {"mlp": found.mlp, "attention": found.attention if both else None}
    rows = {f"{block}.{path}": units[part] for part, path in paths.items() if path is not None}
    if all(len(one) == encoder.n_units for one in rows.values()):
        raise CompactError(f"Nothing can be trimmed from {encoder.name}: some head reads every unit of its last layer.")
    small = twin(encoder.model)
    setattr(small.config, ROWS, {path: list(one) for path, one in rows.items()})
    narrow(small)
    short = replace(encoder, model=small)
    _check(encoder, short, neurons)
    return short


def cut(encoder: Encoder, last_layer: int) -> Encoder:
    """`Encoder.truncated`, and a config that no longer names the rows of blocks that are gone: they are in no file.

    Raises:
        ModelError: there is no such layer, or the family cannot be cut.
    """
    short = encoder.truncated(last_layer)
    rows = _present(short.model)
    if rows == rows_of(short.model.config):
        return short
    model = twin(short.model)
    delattr(model.config, ROWS)
    if rows:
        setattr(model.config, ROWS, rows)
    return replace(short, model=model)


def unread(encoder: Encoder, neurons: Collection[Neuron]) -> list[Neuron]:
    """Those of some neurons that an encoder no longer computes, since rows that they need are gone."""
    gone: set[Neuron] = set()
    for path, units in _present(encoder.model).items():
        part = "mlp" if path.endswith(f".{PROJECTIONS[encoder.family].mlp}") else "attention"
        gone |= {neuron for neuron in neurons if _needs(encoder, neuron, part) and neuron.unit not in units}
    return sorted(gone)


def narrow(model: PreTrainedModel) -> None:
    """Put narrow layers in the place of the projections that the config names; in place."""
    for path, units in rows_of(model.config).items():
        parent, _, name = path.rpartition(".")
        whole: Any = model.get_submodule(path)
        weight = whole.weight.detach()
        chosen = torch.tensor(units, dtype=torch.int64, device=weight.device)
        by_rows = weight.T if isinstance(whole, Conv1D) else weight
        bias = None if whole.bias is None else whole.bias.detach()[chosen].clone()
        layer = NarrowLinear(by_rows[chosen].contiguous(), bias, chosen, len(by_rows))
        setattr(model.get_submodule(parent), name, layer)


def rows_of(config: Any) -> dict[str, list[int]]:
    """The projections that are narrow, each with the units that are left."""
    return dict(getattr(config, ROWS, None) or {})


def _present(model: PreTrainedModel) -> dict[str, list[int]]:
    """The same, without those of blocks that were cut off since."""
    narrower = {path for path, module in model.named_modules() if isinstance(module, NarrowLinear)}
    return {path: units for path, units in rows_of(model.config).items() if path in narrower}


def widened(tensors: Mapping[str, Tensor], config: Any) -> dict[str, Tensor]:
    """A narrow model's tensors with zeros in the place of the rows that are gone, as the whole model has them.

    Raises:
        CompactError: the family has no such projections, or the rows do not fit.
    """
    found = dict(tensors)
    for path, units in rows_of(config).items():
        projections = PROJECTIONS.get(config.model_type)
        if projections is None or f"{path}.weight" not in tensors or len(tensors[f"{path}.weight"]) != len(units):
            raise CompactError(f"The config names the rows of {path} that are left, and the weights do not fit it.")
        for key in (f"{path}.weight", f"{path}.bias"):
            if key in tensors:
                whole = tensors[key].new_zeros((config.hidden_size, *tensors[key].shape[1:]))
                whole[units] = tensors[key]
                found[key] = whole.T.contiguous() if projections.transposed and whole.ndim == 2 else whole
    return found


def _projections(encoder: Encoder) -> Projections:
    found, config = PROJECTIONS.get(encoder.family), encoder.model.config
    if found is None or not found.needs(config):
        raise CompactError(
            f"Nothing can be trimmed from {encoder.name}: in the family {encoder.family!r} a norm reads all units of "
            f"the last layer, or it is not known that none does. Known without: {', '.join(PROJECTIONS)}."
        )
    if rows_of(config):
        raise CompactError(f"The rows of {encoder.name} that no neuron reads are gone already.")
    if _last_block(encoder) == 0:
        raise CompactError(f"Nothing can be trimmed from {encoder.name}: it has no blocks, only embeddings.")
    if encoder.facts.final_norm is not None and not getattr(config, NO_FINAL_NORM, False):
        raise CompactError(
            f"Nothing can be trimmed from {encoder.name}: it has its last block, behind which a final norm reads all "
            "units."
        )
    return found


def _last_block(encoder: Encoder) -> int:
    return place_of(encoder.n_layers - 1, encoder.sublayers).block


def _read(encoder: Encoder, neurons: Collection[Neuron], part: str) -> list[int]:
    """The units of the last block that are read after it, or where one of its parts comes out; ascending."""
    return sorted({neuron.unit for neuron in neurons if _needs(encoder, neuron, part)})


def _needs(encoder: Encoder, neuron: Neuron, part: str) -> bool:
    """Whether a neuron is read after the last block, or where one of its parts comes out."""
    place = place_of(neuron.layer, encoder.sublayers)
    return place.block == _last_block(encoder) and place.part in (part, None)


def _check(encoder: Encoder, short: Encoder, neurons: Collection[Neuron]) -> None:
    """Compare the neurons on the embedded special and first pieces.

    Raises:
        CompactError: they differ by more than rounding.
    """
    ids = torch.arange(min(CHECKED, encoder.window), device=encoder.device)[None] % encoder.model.config.vocab_size
    layers = sorted({neuron.layer for neuron in neurons})
    pairs = zip(*(one.hidden_states(ids, torch.ones_like(ids), layers) for one in (encoder, short)), strict=True)
    for layer, (before, after) in zip(layers, pairs, strict=True):
        units = [neuron.unit for neuron in neurons if neuron.layer == layer]
        mine, theirs = after[..., units].float(), before[..., units].float()
        near = TOLERANCES[encoder.dtype] * float(theirs.square().mean().sqrt())
        if float((mine - theirs).abs().max()) > near:
            raise CompactError(
                f"Nothing can be trimmed from {encoder.name}: without the rows that no neuron reads, neurons of layer "
                f"{encoder.layer_names[layer]} change. Its family {encoder.family!r} is not what PROJECTIONS in "
                "neurosieve/compact/trimming.py says."
            )
