"""What a model itself is worth as a language model: the loss of its own head, text by text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel

from neurosieve.activations.encoder import Dtype, Encoder, encoder_from_model
from neurosieve.activations.loading import read_part, source_of, switch_off_limits
from neurosieve.activations.quiet import quiet
from neurosieve.activations.texts import plan_texts
from neurosieve.arrays import IntArray
from neurosieve.metrics.scores import FloatArray
from neurosieve.pieces.batching import BATCH_TOKENS
from neurosieve.pieces.texts import Reading

MASKED = 0.15  # share of a text's pieces that a masked language model has to guess (Devlin et al. 2019)
_IGNORED = -100

Kind = Literal["causal", "masked"]


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A model with its language-model head. ``encoder`` reads the same weights: what is ablated there is missing here.

    ``kind`` says what the head predicts: the next piece, or pieces that are masked.
    """

    head: PreTrainedModel
    encoder: Encoder
    kind: Kind


@dataclass(frozen=True)
class Losses:
    """``total`` (n,) the summed cross-entropy of each text's predicted pieces, in nats; ``pieces`` (n,) how many."""

    total: FloatArray
    pieces: IntArray

    @property
    def mean(self) -> float:
        """Nats a piece, over all texts; NaN where nothing was predicted."""
        n = int(self.pieces.sum())
        return float(self.total.sum() / n) if n else float("nan")


def load_language_model(
    name: str, *, device: str = "auto", dtype: Dtype = "float32", trust_remote_code: bool = False
) -> LanguageModel | None:
    """The model with its head, or None where its files have none: the config says which class was saved.

    Raises:
        ModelError: it cannot be found, read, or used.
    """
    where, options = source_of(name, trust_remote_code)
    with quiet():
        config = read_part("config", AutoConfig, where, options)
        kind = _kind(config)
        if kind is None:
            return None
        loader: Any = AutoModelForCausalLM if kind == "causal" else AutoModelForMaskedLM
        more = {"config": config, "dtype": torch.float32, "use_safetensors": True, "output_loading_info": True}
        head, found = read_part("model", loader, where, options, **more)
        tokenizer = read_part("tokenizer", AutoTokenizer, where, options)
    if found["missing_keys"] or (kind == "masked" and tokenizer.mask_token_id is None):
        return None  # a head that would be random says nothing of the model
    switch_off_limits(tokenizer)
    return language_model(head, tokenizer, kind, name=name, device=device, dtype=dtype)


def language_model(
    head: PreTrainedModel, tokenizer: Any, kind: Kind, *, name: str, device: str = "auto", dtype: Dtype = "float32"
) -> LanguageModel:
    """The same from a model and a tokenizer in memory."""
    body = cast("PreTrainedModel", head.base_model)
    encoder = encoder_from_model(body, tokenizer, name=name, device=device, dtype=dtype)
    head.to(encoder.device).eval().requires_grad_(False)  # type: ignore[arg-type]
    return LanguageModel(head, encoder, kind)


def _kind(config: Any) -> Kind | None:
    saved = " ".join(getattr(config, "architectures", None) or ())
    if "ForMaskedLM" in saved:
        return "masked"
    return "causal" if "ForCausalLM" in saved or ("LMHead" in saved and config.model_type != "xlnet") else None


def language_model_losses(
    model: LanguageModel, texts: Sequence[str], *, seed: int = 0, batch_tokens: int = BATCH_TOKENS
) -> Losses:
    """The loss of every text: of each next piece, or of `MASKED` of the pieces, at least one, hidden by the mask.

    Which pieces are masked depends on the text and the seed alone, so losses with and without ablation are paired.
    Special pieces around a text are read and never predicted; texts longer than the window are cut from their end.

    Raises:
        ModelError: the tokenizer has pieces that the model lacks.
    """
    plan = plan_texts(model.encoder, [(text,) for text in texts], "mean")
    total, pieces = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.int64)
    for batch in plan.batches(model.encoder, batch_tokens):
        readings = [plan.readings[i] for i in batch.windows]
        loss, count = _batch_losses(model, readings, seed)
        rows = plan.first_rows[batch.members]
        total[rows], pieces[rows] = loss[batch.place], count[batch.place]
    return Losses(total, pieces)


def _batch_losses(model: LanguageModel, readings: Sequence[Reading], seed: int) -> tuple[FloatArray, IntArray]:
    ids, mask, gold = (tensor.to(model.encoder.device) for tensor in _inputs(model, readings, seed))
    precision = (
        torch.autocast(model.encoder.device.type, torch.bfloat16)
        if model.encoder.dtype == torch.bfloat16
        else nullcontext()
    )
    with torch.inference_mode(), precision:
        scores = model.head(input_ids=ids, attention_mask=mask, return_dict=True).logits
    if model.kind == "causal":
        scores, gold = scores[:, :-1], gold[:, 1:]
    losses = torch.nn.functional.cross_entropy(
        scores.float().transpose(1, 2), gold, ignore_index=_IGNORED, reduction="none"
    )
    counted = (gold != _IGNORED).sum(dim=1)
    return losses.double().sum(dim=1).cpu().numpy(), counted.cpu().numpy()


def _inputs(model: LanguageModel, readings: Sequence[Reading], seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Pieces, attention mask and the pieces to predict (`_IGNORED`: not this one), padded on the right."""
    width = max(len(reading.ids) for reading in readings)
    ids = np.full((len(readings), width), model.encoder.pad_id, dtype=np.int64)
    gold = np.full_like(ids, _IGNORED)
    for row, (reading, chosen) in enumerate(zip(readings, _predicted(model, readings, seed), strict=True)):
        ids[row, : len(reading.ids)] = reading.ids
        gold[row, chosen] = reading.ids[chosen]
        if model.kind == "masked":
            ids[row, chosen] = model.encoder.tokenizer.mask_token_id
    lengths = np.array([len(reading.ids) for reading in readings])
    mask = (np.arange(width) < lengths[:, None]).astype(np.int64)
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(gold)


def _predicted(model: LanguageModel, readings: Sequence[Reading], seed: int) -> Iterator[IntArray]:
    """The places to predict in each reading: all of the text but its very first piece, or a random share."""
    for reading in readings:
        if model.kind == "causal":
            yield reading.sources[reading.sources > 0]
        else:
            generator = np.random.default_rng([seed, int.from_bytes(reading.key[:8], "little")])
            count = max(1, round(MASKED * len(reading.sources)))
            yield np.sort(generator.choice(reading.sources, count, replace=False))
