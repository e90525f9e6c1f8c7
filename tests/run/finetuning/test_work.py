from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from neurosieve.activations import load_encoder
from neurosieve.corpus import Corpus, Example, Split
from neurosieve.errors import CorpusError, ModelError
from neurosieve.run.corpora import read_corpus
from neurosieve.run.environment import model_facts
from neurosieve.run.facts import FineTuning
from neurosieve.run.finetuning import training, work
from neurosieve.run.finetuning.folder import RECORD, last_checkpoint, read_record
from neurosieve.run.finetuning.inputs import read_inputs
from neurosieve.run.finetuning.settings import FineTuneSettings
from neurosieve.run.finetuning.work import finetune
from neurosieve.run.pipeline import run
from neurosieve.run.results import Results
from neurosieve.run.settings import TaskSettings
from tests.run.conftest import Listener
from tests.run.finetuning.conftest import Ask, Killer, Tuned, weights
from tests.run.small import settings as run_settings
from tests.tiny_models import make_tiny


def test_the_defaults_are_the_papers() -> None:
    asked = FineTuneSettings(task=TaskSettings(task="sst2", data="glue"), out=Path("out"))
    assert (asked.epochs, asked.learning_rate, asked.batch, asked.length) == (3, 5e-5, 8, 128)
    for wrong in ({"epochs": 0}, {"learning_rate": 0}, {"limit_train_rows": 0}, {"speed": 1}):
        with pytest.raises(ValidationError):
            FineTuneSettings(task=asked.task, out=asked.out, **wrong)


def test_the_record_says_what_was_done(tuned: Tuned, model: Path) -> None:
    asked, record, heard = tuned
    assert (record.base, record.base_sha256) == (str(model), load_encoder(model, device="cpu").fingerprint)
    assert (record.rows, record.rows_available, record.steps) == (135, 135, 34)
    assert (record.task, record.corpus, record.metric) == ("sst2", "SST-2", "accuracy")
    assert record.dev.n == 15
    assert set(record.dev.others) == {"macro_f1"}
    assert FineTuning.model_validate_json((asked.out / RECORD).read_text()) == record == read_record(asked.out)
    assert heard.stages == ["read corpus", "load model", "read texts", "fine-tune", "score dev", "write model"]
    assert heard.steps == [(step, 34) for step in range(1, 35)]


def test_the_folder_is_a_model_with_its_head(tuned: Tuned) -> None:
    out = tuned.settings.out
    names = {path.name for path in out.iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", RECORD}
    assert AutoConfig.from_pretrained(out).id2label == {0: "0", 1: "1"}
    with_head = AutoModelForSequenceClassification.from_pretrained(out)
    corpus = read_corpus(tuned.settings.task, 1)
    tokenizer = AutoTokenizer.from_pretrained(out)
    given = [int(with_head(**tokenizer(one.texts[0], return_tensors="pt")).logits.argmax()) for one in dev(corpus)]
    right = np.mean([corpus.classes[answer] == one.label for answer, one in zip(given, dev(corpus), strict=True)])
    assert right == tuned.record.dev.value


def dev(corpus: Corpus) -> list[Example]:
    return [one for one in corpus.splits["dev"].sentences if isinstance(one, Example)]


def test_the_encoder_is_another_than_the_base(tuned: Tuned, model: Path) -> None:
    before, after = load_encoder(model, device="cpu"), load_encoder(tuned.settings.out, device="cpu")
    assert after.grid == before.grid
    assert after.n_parameters == before.n_parameters
    assert after.fingerprint != before.fingerprint
    assert model_facts(after).finetuning == tuned.record
    assert model_facts(before).finetuning is None


def test_equal_seeds_give_equal_weights(tuned: Tuned, ask: Ask, tmp_path: Path) -> None:
    torch.rand(7)  # what was drawn before does not matter
    again = finetune(ask(tmp_path / "again"))
    assert weights(tmp_path / "again") == weights(tuned.settings.out)
    assert again.dev == tuned.record.dev


def test_a_killed_training_goes_on_as_if_nothing_had_been(tuned: Tuned, ask: Ask, tmp_path: Path) -> None:
    asked = ask(tmp_path / "out", checkpoint_seconds=0)
    for step in (6, 20):
        with pytest.raises(KeyboardInterrupt):
            finetune(asked, progress=Killer(step))
        assert not (asked.out / RECORD).exists()
    # What a kill in the middle of writing leaves behind is not gone on with.
    (asked.out / "checkpoints" / "checkpoint-20").mkdir()
    heard = Listener()
    record = finetune(asked, progress=heard)
    assert heard.steps[0] == (20, 34)  # the step before was the last that was saved
    # Bit for bit: the checkpoint holds weights, moments, learning rate and random state, and rows come in their order.
    assert weights(asked.out) == weights(tuned.settings.out)
    assert record.dev == tuned.record.dev
    assert not (asked.out / "checkpoints").exists()


def test_checkpoints_come_by_the_clock(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        finetune(ask(tmp_path), progress=Killer(3))
    assert last_checkpoint(tmp_path / "checkpoints") is None
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["recipe.json"]


def test_a_cap_on_rows_is_a_seeded_sample_and_stands_in_every_result(ask: Ask, sst2: Path, tmp_path: Path) -> None:
    record = finetune(ask(tmp_path / "capped", limit_train_rows=50))
    assert (record.rows, record.rows_available, record.steps) == (50, 135, 14)
    results = run(run_settings(tmp_path / "capped", sst2, tmp_path / "run", task="sst2"), compact=False)
    assert results.model.finetuning == record
    assert Results.load(tmp_path / "run" / "results.json").model.finetuning == record


def test_dev_is_never_trained_on_under_either_protocol(ask: Ask, sst2: Path, tmp_path: Path) -> None:
    digests = set()
    for protocol in ("default", "paper"):
        corpus = read_corpus(TaskSettings(task="sst2", data=sst2), 1, published_split=protocol == "paper")
        record = finetune(ask(tmp_path / protocol, protocol=protocol, epochs=1, batch=64))
        encoder = load_encoder(ask(tmp_path).model, device="cpu", window=32)
        assert record.inputs_sha256 == read_inputs(encoder, corpus, corpus.splits["train"]).sha256
        assert record.protocol == protocol
        digests.add(record.inputs_sha256)
    assert len(digests) == 2


def test_tasks_on_words_are_refused(ask: Ask, data: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="The task pos labels words; fine-tuning is for tasks on texts"):
        finetune(ask(tmp_path / "out", task="pos", data=data))
    assert not (tmp_path / "out").exists()


def test_no_piece_at_all_is_refused(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Corpus("made", {"train": Split((Example(("",), "0"), Example(("",), "1")))})
    monkeypatch.setattr(work, "read_corpus", lambda *given, **more: empty)
    with pytest.raises(CorpusError, match="No training text of made has a piece: the tokenizer drops them all"):
        finetune(ask(tmp_path / "out", model=str(make_tiny("gpt2", tmp_path / "model"))))


def test_what_is_missing_is_told_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="runs on the first CUDA device that torch sees, not on 'cuda:1'"):
        training.check_ready("cuda:1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="'cuda' was asked for, but torch finds no CUDA device"):
        training.check_ready("cuda")
    monkeypatch.setattr(training.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r'needs the package accelerate\. Install it: pip install "neurosieve\[finetu'):
        training.check_ready("cpu")


def test_a_length_beyond_the_model_is_refused(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"A window of 128 pieces does not fit .* takes 64 at most"):
        finetune(ask(tmp_path, length=128))
