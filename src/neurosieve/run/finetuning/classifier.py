"""The model with a head for classes or for a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel, set_seed

from neurosieve.activations import MINILM, Encoder
from neurosieve.activations.loading import minilm_folder
from neurosieve.activations.quiet import quiet
from neurosieve.activations.truncation import NO_FINAL_NORM
from neurosieve.corpus import Corpus
from neurosieve.errors import CorpusError, ModelError
from neurosieve.run.finetuning.inputs import Collator, Feature, padding_id


def load_classifier(encoder: Encoder, corpus: Corpus, seed: int) -> PreTrainedModel:
    """The encoder's model once more, from its files, with a head whose first weights the seed decides.

    Raises:
        CorpusError: there is only one class.
        ModelError: the model was cut short or is a side of an encoder-decoder, or transformers has no classification
            head for its family.
    """
    if corpus.kind == "classification" and len(corpus.classes) < 2:
        raise CorpusError(
            f"Every training text of {corpus.name} has the label {corpus.classes[0]!r}; nothing to learn."
        )
    if getattr(encoder.model.config, NO_FINAL_NORM, False):
        raise ModelError(f"{encoder.name} was cut short by neurosieve; fine-tune the model that it was cut from.")
    if encoder.side is not None:
        raise ModelError(
            f"{encoder.name} (family {encoder.family}) is an encoder-decoder, of which no classifier is made here; "
            "fine-tune a plain encoder or decoder."
        )
    source = minilm_folder() if encoder.name == MINILM else Path(encoder.name).expanduser()
    local = source.is_dir()
    where, options = (str(source), {"local_files_only": True}) if local else (encoder.name, {})
    set_seed(seed)
    with quiet():
        config = AutoConfig.from_pretrained(where, **options, **_head(corpus), pad_token_id=padding_id(encoder))
        try:
            # The head of a model that was fine-tuned before may have another size; then it is made anew.
            return AutoModelForSequenceClassification.from_pretrained(  # type: ignore[no-any-return]
                where,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                ignore_mismatched_sizes=True,
                **options,
            )
        except ValueError as error:
            raise ModelError(
                f"{encoder.name} (family {encoder.family}) has no classification head in transformers and cannot be "
                f"fine-tuned: {' '.join(str(error).split())[:200]}"
            ) from error


def predict(model: PreTrainedModel, features: list[Feature], collate: Collator, batch: int) -> NDArray[Any]:
    """Class indices, or numbers, of texts.

    Raises:
        ModelError: what the head gives is not finite.
    """
    parts = []
    by_length = np.argsort([len(one["ids"]) for one in features], kind="stable")  # less padding
    with torch.inference_mode():
        model.eval()  # type: ignore[no-untyped-call]
        for start in range(0, len(features), batch):
            inputs = collate([features[row] for row in by_length[start : start + batch]])
            inputs.pop("labels")
            on_device = {name: tensor.to(model.device) for name, tensor in inputs.items()}
            parts.append(model(**on_device).logits.float().cpu().numpy())
    logits = np.concatenate(parts)[np.argsort(by_length)]
    if not np.isfinite(logits).all():
        raise ModelError(
            "The fine-tuned model gives values that are not finite: the training diverged. Lower the learning rate, "
            "and write to another folder."
        )
    return np.asarray(logits[:, 0].astype(np.float64) if logits.shape[1] == 1 else logits.argmax(axis=1))


def _head(corpus: Corpus) -> dict[str, Any]:
    if corpus.kind == "regression":
        return {"num_labels": 1, "problem_type": "regression"}
    return {
        "num_labels": len(corpus.classes),
        "problem_type": "single_label_classification",
        "id2label": dict(enumerate(corpus.classes)),
        "label2id": {label: i for i, label in enumerate(corpus.classes)},
    }
