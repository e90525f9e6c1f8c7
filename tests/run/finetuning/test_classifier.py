from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification

from neurosieve.activations import load_encoder
from neurosieve.corpus import Corpus, Example, Split
from neurosieve.errors import CorpusError, ModelError
from neurosieve.run.corpora import read_corpus
from neurosieve.run.finetuning.classifier import load_classifier
from neurosieve.run.finetuning.inputs import collator_for, read_inputs, sampled
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.finetuning.work import finetune
from neurosieve.run.settings import TaskSettings
from tests.run.finetuning.conftest import Ask, Tuned
from tests.run.small import write_stsb
from tests.tiny_models import FAMILIES, make_tiny


def example_corpus(*labels: str | float) -> Corpus:
    return Corpus("made", {"train": Split(tuple(Example(("the fox",), label) for label in labels))})


def loss(folder: Path, asked: FineTuneSettings) -> float:
    """Of the model in a folder, with the head that it has or is given, on the rows that are trained on."""
    encoder, corpus = load_encoder(folder, device="cpu", window=32), read_corpus(asked.task, 1)
    features = read_inputs(encoder, corpus, sampled(corpus.splits["train"], asked.limit_train_rows, 1)).features
    with torch.inference_mode():
        return float(load_classifier(encoder, corpus, 1).eval()(**collator_for(encoder)(features)).loss)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns(family: str, ask: Ask, tmp_path: Path) -> None:
    base = make_tiny(family, tmp_path / "model")
    asked = ask(tmp_path / "out", model=str(base), limit_train_rows=16, epochs=8)
    finetune(asked)
    assert loss(asked.out, asked) < loss(base, asked)
    after, before = load_encoder(asked.out, device="cpu"), load_encoder(base, device="cpu")
    assert after.grid == before.grid
    assert after.fingerprint != before.fingerprint


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_changes_no_prediction(family: str, sst2: Path, tmp_path: Path) -> None:
    encoder = load_encoder(make_tiny(family, tmp_path), device="cpu", window=32)
    corpus = read_corpus(TaskSettings(task="sst2", data=sst2), 1)
    model = load_classifier(encoder, corpus, 1).eval()
    features = read_inputs(encoder, corpus, corpus.splits["dev"]).features
    collate = collator_for(encoder)
    assert collate.left == (family == "xlnet")

    def logits(rows: list[dict[str, Any]]) -> torch.Tensor:
        with torch.inference_mode():
            return model(**{key: value for key, value in collate(rows).items() if key != "labels"}).logits

    together, alone = logits(features), torch.cat([logits([one]) for one in features])
    assert len({len(one["ids"]) for one in features}) > 1
    torch.testing.assert_close(together, alone, atol=2e-5, rtol=1e-4)  # float32 sums in another order


def test_numbers_are_regressed(ask: Ask, tmp_path: Path) -> None:
    data = write_stsb(tmp_path / "STS-B", train=60, dev=10)
    asked = ask(tmp_path / "out", task="stsb", data=data, epochs=4)
    record = finetune(asked)
    assert loss(asked.out, asked) < loss(Path(asked.model), asked)
    config = AutoConfig.from_pretrained(tmp_path / "out")
    assert (config.num_labels, config.problem_type) == (1, "regression")
    assert record.metric == "pearson"
    assert set(record.dev.others) == {"spearman", "pearson_spearman"}
    assert load_file(tmp_path / "out" / "model.safetensors")["classifier.weight"].shape == (1, 32)


def test_a_fine_tuned_model_can_be_fine_tuned_for_another_task(tuned: Tuned, ask: Ask, tmp_path: Path) -> None:
    data = write_stsb(tmp_path / "STS-B", train=40, dev=10)
    record = finetune(ask(tmp_path / "out", task="stsb", data=data, model=str(tuned.settings.out), epochs=1))
    assert record.base_sha256 == load_encoder(tuned.settings.out, device="cpu").fingerprint


def test_xlnet_with_learned_weights(ask: Ask, shared_models: Path, tmp_path: Path) -> None:
    asked = ask(tmp_path / "out", model=str(shared_models / "xlnet-mini"), limit_train_rows=16, epochs=1)
    assert finetune(asked).steps == 2
    encoder = load_encoder(asked.out, device="cpu")
    assert encoder.padding_side == "left"
    assert encoder.fingerprint != load_encoder(asked.model, device="cpu").fingerprint


def test_one_class_is_refused(model: Path) -> None:
    with pytest.raises(CorpusError, match="Every training text of made has the label 'yes'; nothing to learn"):
        load_classifier(load_encoder(model, device="cpu"), example_corpus("yes"), 1)


def test_a_model_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    load_encoder(make_tiny("gpt2", tmp_path / "whole"), device="cpu").truncated(2).save(tmp_path / "short")
    with pytest.raises(ModelError, match="was cut short by neurosieve; fine-tune the model that it was cut from"):
        load_classifier(load_encoder(tmp_path / "short", device="cpu"), example_corpus("a", "b"), 1)


def test_a_family_without_classification_head_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_encoder(make_tiny("bert", tmp_path), device="cpu")

    def unknown(*args: Any, **more: Any) -> None:
        raise ValueError("Unrecognized configuration class")

    monkeypatch.setattr(AutoModelForSequenceClassification, "from_pretrained", unknown)
    with pytest.raises(
        ModelError, match=r"family bert\) has no classification head in transformers and cannot be fine"
    ):
        load_classifier(encoder, example_corpus("a", "b"), 1)


def test_a_training_that_diverges_is_told(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not finite: the training diverged\. Lower the learning rate"):
        finetune(broken(ask(tmp_path / "out", limit_train_rows=8), tmp_path / "broken"))


def broken(asked: FineTuneSettings, folder: Path) -> FineTuneSettings:
    """The same with a model whose last layer overflows."""
    encoder = load_encoder(asked.model, device="cpu")
    with torch.no_grad():
        encoder.model.get_submodule("encoder.layer.2.output.LayerNorm").weight.fill_(3e38)
    encoder.save(folder)
    return asked.model_copy(update={"model": str(folder)})


def test_a_side_of_an_encoder_decoder_is_refused(tmp_path):
    encoder = load_encoder(make_tiny("t5", tmp_path), device="cpu")
    with pytest.raises(ModelError, match=r"\(family t5\) is an encoder-decoder, of which no classifier is made here"):
        load_classifier(encoder, example_corpus("a", "b"), 1)
