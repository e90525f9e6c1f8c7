from __future__ import annotations

import pytest

from neurosieve.compact import CompactModel
from neurosieve.run.config import read_config
from neurosieve.run.pipeline import run
from neurosieve.run.reopen import reopen
from neurosieve.run.results import Results
from tests.run.small import sentences, settings, write_corpus
from tests.tiny_models import BLOCKS, ENCODER_DECODERS, FAMILIES, UNITS, make_tiny


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_goes_through_the_whole_run(family, tmp_path):
    data, out = write_corpus(tmp_path / "data"), tmp_path / "out"
    results = run(settings(make_tiny(family, tmp_path / "model"), data, out, task="chunk"))
    assert Results.load(out / "results.json") == results
    assert (results.model.family, results.model.neurons) == (family, (BLOCKS + 1) * UNITS)

    task = results.tasks["chunk"]
    assert task.oracle.test.value > task.majority.value + 0.3
    assert len(task.layers) == len(task.prefixes) == BLOCKS + 1
    record, kept = task.compact, task.sieve.neurons
    assert record.parity == 0
    assert record.compact.layers == max(layer for layer, _ in kept) + 1
    assert record.compact.neurons == len(kept) < record.full.neurons
    assert record.compact.test == task.sieve.test

    model = CompactModel.from_pretrained(out / "compact", device="cpu")
    assert model.encoder.n_layers == record.compact.layers
    test = sentences(25, 2)
    predictions = model.predict([[word for word, _, _ in rows] for rows in test])
    right = [
        label == chunk
        for rows, prediction in zip(test, predictions, strict=True)
        for (_, _, chunk), label in zip(rows, prediction.labels, strict=True)
    ]
    assert sum(right) / len(right) == pytest.approx(task.sieve.test.value)


@pytest.mark.parametrize(("family", "side", "blocks"), [("t5", None, BLOCKS), ("bart", "decoder", 2)])
def test_a_side_of_an_encoder_decoder_goes_through_the_whole_run(family, side, blocks, tmp_path):
    assert family in ENCODER_DECODERS
    data, out = write_corpus(tmp_path / "data"), tmp_path / "out"
    asked = settings(make_tiny(family, tmp_path / "model"), data, out, task="chunk", side=side)
    results = run(asked)
    assert (results.model.family, results.model.neurons) == (family, (blocks + 1) * UNITS)
    assert results.tasks["chunk"].compact.parity == 0
    assert read_config(out / "run.toml").get("side") == side
    model = CompactModel.from_pretrained(out / "compact", device="cpu")
    assert model.encoder.side == (side or "encoder")
    assert reopen(out).encoder.side == (side or "encoder")
    card = (out / "compact" / "README.md").read_text(encoding="utf-8")
    assert ("T5EncoderModel" in card) == (family == "t5")
    assert ("also loads with `transformers.AutoModel`" in card) == (side == "decoder")
