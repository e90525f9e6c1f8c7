from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

from neurosieve.activations import LiveRows, Store, filling
from neurosieve.cli.options import MeasureChoice
from neurosieve.compact import CompactModel
from neurosieve.errors import ActivationsError, CompactError, ConfigError, CorpusError, ModelError
from neurosieve.general import MEASURES, compare_layers
from neurosieve.moments import moments_of
from neurosieve.run import pipeline
from neurosieve.run.extraction import run_extract
from neurosieve.run.pipeline import run, run_general
from neurosieve.run.reopen import reopen
from neurosieve.run.results import Results
from neurosieve.run.settings import MeasureName
from neurosieve.run.workers import open_encoder
from tests.run.small import sentences, settings, without_clocks, write, write_corpus
from tests.tiny_models import BLOCKS, UNITS

N = (BLOCKS + 1) * UNITS


def test_the_results_say_what_was_read(done, data):
    task = done.results.tasks["pos"]
    facts = task.corpus
    assert (facts.task, facts.dev_is_cut_from_train) == ("pos", True)
    assert facts.classes == [".", "DT", "JJ", "NN", "VB"]
    assert set(facts.sources) == {"train.txt", "test.txt"}
    assert [facts.splits[name].sentences for name in ("train", "dev", "test")] == [63, 7, 25]
    assert facts.splits["test"].words == task.oracle.test.n == sum(map(len, sentences(25, 2)))
    assert sum(facts.splits[name].words for name in ("train", "dev")) == sum(map(len, sentences(70, 1)))
    assert done.results.general.words == facts.splits["train"].words


def test_every_analysis_is_in_the_results(done):
    results = done.results
    task = results.tasks["pos"]
    assert Results.load(done.out / "results.json") == results
    assert len(results.general.cka) == len(results.general.audit) == BLOCKS + 1
    known = results.general.cka_debiased
    assert known.blocks > 20
    for plain, value, low, high in zip(results.general.cka, known.values, known.low, known.high, strict=True):
        assert value == pytest.approx(plain, abs=0.1)
        assert all(a <= b <= c for a, b, c in zip(low, value, high, strict=True))
    assert len(task.layers) == len(task.prefixes) == BLOCKS + 1
    assert task.prefixes[-1].test == task.oracle.test
    assert task.prefixes[0] == task.layers[0]
    assert set(task.minimal_set) == {"forward", "lca", "random"}
    assert {curve.ranking for curve in task.curves} == {"forward", "lca", "random", "random_per_layer"}
    assert set(task.sieve.baselines) == {"random", "random_per_layer", "lca", "last_layer", "principal_components"}
    assert [(one.probe, one.neurons) for one in task.selectivity] == [("oracle", N), ("sieve", len(task.sieve.neurons))]
    assert task.selectivity[0].task == task.oracle.test.value
    assert task.selectivity[1].task == task.sieve.test.value
    for one in task.selectivity:
        assert one.difference.value == pytest.approx(one.task - one.control)
        assert one.difference.interval[0] <= one.difference.value <= one.difference.interval[1]
    for found in task.minimal_set.values():
        assert sum(found.per_layer) == len(found.neurons) == len(set(found.neurons)) <= N
        assert found.dev.value > (1 - found.tolerance) * task.oracle.dev.value
        assert found.difference.value == pytest.approx(found.test.value - task.oracle.test.value)
    assert sum(one.support for one in task.oracle.per_class) == task.oracle.test.n


def test_the_sieve_only_ever_takes_away(done):
    task = done.results.tasks["pos"]
    sieve = task.sieve
    sizes = [step.kept_neurons for step in sieve.steps]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == len(sieve.neurons) == len(set(sieve.neurons)) == sum(sieve.per_layer)
    assert max(layer for layer, _ in sieve.neurons) < sieve.steps[0].kept_layers
    assert sieve.dev.value > (1 - sieve.tolerance) * task.oracle.dev.value


def test_stages_are_timed_and_told(done):
    told = [name for name in done.stages if not name.startswith("sieve: ")]
    assert [stage.name for stage in done.results.stages] == told
    assert len(done.stages) == len(told) + 3
    assert {"extract train", "moments", "sieve", "compact model"} <= set(done.stages)
    assert all(stage.seconds >= 0 and stage.peak_memory_mb > 1 for stage in done.results.stages)
    assert all(0 <= at <= total for at, total in done.steps)


def test_the_compact_model_beside_the_full_one(done):
    record = done.results.tasks["pos"].compact
    assert record.parity == 0
    assert (record.full.layers, record.full.neurons) == (BLOCKS + 1, N)
    assert record.full.parameters == done.results.model.parameters + (N + 1) * 5
    assert record.full.test == done.results.tasks["pos"].oracle.test
    assert 0.8 < record.agreement <= 1
    for side in (record.full, record.compact):
        assert side.speed.spread[0] <= side.speed.per_second <= side.speed.spread[1]
    assert record.speedup_range[0] <= record.speedup <= record.speedup_range[1]
    loaded = CompactModel.from_pretrained(done.out / record.path, device="cpu")
    assert loaded.measured == {"pos": record.model_dump(mode="json")}


def test_a_second_run_reads_the_store_and_gives_the_same(done, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("the model was run again")

    monkeypatch.setattr(filling, "compute_shard", refuse)
    again = run(done.settings.model_copy(update={"out": done.out.parent / "again"}))
    assert without_clocks(again.model_dump(mode="json")) == without_clocks(done.results.model_dump(mode="json"))


def test_another_process_with_another_hash_seed_finds_the_same(done, tmp_path):
    asked = done.settings.model_copy(update={"out": tmp_path / "out", "cache": tmp_path / "cache"})
    code = (
        "import sys; from neurosieve.run.pipeline import run; from neurosieve.run.settings import RunSettings; "
        "run(RunSettings.model_validate_json(sys.argv[1]))"
    )
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    subprocess.run(
        [sys.executable, "-c", code, asked.model_dump_json()],
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )
    mine, theirs = (json.loads((at / "results.json").read_text()) for at in (done.out, tmp_path / "out"))
    mine["environment"].pop("threads"), theirs["environment"].pop("threads")
    assert without_clocks(theirs) == without_clocks(mine)
    heads = [(at / "compact" / "head.safetensors").read_bytes() for at in (done.out, tmp_path / "out")]
    assert heads[0] == heads[1]


def test_another_seed_is_another_dev_split(done, tmp_path):
    asked = done.settings.model_copy(update={"out": tmp_path / "out", "seed": 2})
    other = run(asked, compact=False).tasks["pos"]
    assert other.oracle.dev != done.results.tasks["pos"].oracle.dev
    assert other.corpus.splits["test"] == done.results.tasks["pos"].corpus.splits["test"]


def test_without_the_compact_model_the_run_ends_after_section_6(model, data, tmp_path):
    results = run(settings(model, data, tmp_path / "out"), compact=False)
    assert results.tasks["pos"].sieve is None
    assert results.tasks["pos"].compact is None
    assert not (tmp_path / "out" / "compact").exists()
    assert "sieve" not in [stage.name for stage in results.stages]


def test_the_paper_s_protocol_end_to_end(model, data, tmp_path):
    results = run(settings(model, data, tmp_path / "out", protocol="paper", tolerance=0.01))
    task = results.tasks["pos"]
    sieve = task.sieve
    assert (task.protocol, sieve.reference, sieve.ranking, sieve.confidence) == ("paper", "stage", "lca", None)
    assert [step.threshold for step in sieve.steps] == [None, 0.3, None]
    assert [step.tolerance for step in sieve.steps] == [0.01, None, 0.01]
    assert sieve.steps[2].target == pytest.approx(0.99 * sieve.steps[1].dev.value)
    grid = {p * N // 1000 for p in [*range(1, 6), *range(10, 101, 10), *range(150, 501, 50), *range(600, 901, 100)]}
    assert len(sieve.neurons) in grid - {0} | {sieve.steps[1].kept_neurons}
    assert len(task.minimal_set["lca"].neurons) in grid - {0} | {N}
    assert task.compact.parity == 0


def test_bfloat16_goes_through(model, data, tmp_path):
    results = run(settings(model, data, tmp_path / "out", dtype="bfloat16"))
    assert results.environment.dtype == "bfloat16"
    # Mixed precision rounds by batch, and the compact model is batched otherwise: a few words may flip.
    assert results.tasks["pos"].compact.parity <= 3


def test_one_class_only(model, tmp_path):
    rows = [[(word, "NN", "O") for word, _, _ in one] for one in sentences(20, 1)]
    write(tmp_path / "data" / "train.txt", rows)
    write(tmp_path / "data" / "test.txt", rows[:5])
    results = run(settings(model, tmp_path / "data", tmp_path / "out"))
    assert any("Every training label is 'NN'" in warning for warning in results.warnings)
    assert results.tasks["pos"].sieve.test.value == 1.0
    compact = CompactModel.from_pretrained(tmp_path / "out" / "compact", device="cpu")
    assert compact.predict(["the fox ."])[0].labels == ["NN"] * 3


def test_labels_that_training_never_saw_are_named_and_count_as_wrong(model, data, tmp_path):
    rows = [*sentences(20, 2), [("fox", "ZZ", "O"), ("fox", "AA", "O")] * 10]
    test = write(tmp_path / "strange.txt", rows)
    task = run(settings(model, data, tmp_path / "out", test=test)).tasks["pos"]
    assert task.corpus.unseen_labels == {"test": ["AA", "ZZ"]}
    assert task.oracle.test.n == sum(map(len, rows))
    assert task.oracle.test.value <= 1 - 20 / task.oracle.test.n
    assert sum(one.support for one in task.oracle.per_class) == task.oracle.test.n - 20
    assert task.compact.parity == 0


def test_words_without_a_vector_are_counted_and_left_out(model, data, tmp_path):
    rows = [*sentences(20, 2), [("the", "DT", "B-NP"), ("\u200b", "NN", "I-NP"), ("fox", "NN", "I-NP")]]
    test = write(tmp_path / "test.txt", rows)
    task = run(settings(model, data, tmp_path / "out", test=test)).tasks["pos"]
    facts = task.corpus.splits["test"]
    assert (facts.missing, facts.words) == (1, sum(map(len, rows)))
    assert task.oracle.test.n == task.sieve.test.n == facts.words - 1
    assert task.compact.parity == 0
    compact = CompactModel.from_pretrained(tmp_path / "out" / "compact", device="cpu")
    assert compact.predict([["the", "\u200b", "fox"]])[0].labels[1] is None


def test_a_split_without_any_vector_is_refused(model, data, tmp_path):
    test = write(tmp_path / "test.txt", [[("\u200b", "NN", "O")]])
    with pytest.raises(ActivationsError, match=r"No word of the test split of .* has a vector"):
        run(settings(model, data, tmp_path / "out", test=test))


def test_a_dev_file_is_taken_as_it_is(model, tmp_path):
    folder = write_corpus(tmp_path / "data", train=40)
    write(folder / "dev.txt", sentences(10, 3))
    facts = run(settings(model, folder, tmp_path / "out"), compact=False).tasks["pos"].corpus
    assert not facts.dev_is_cut_from_train
    assert (facts.splits["train"].sentences, facts.splits["dev"].sentences) == (40, 10)
    assert set(facts.sources) == {"train.txt", "dev.txt", "test.txt"}


def test_files_of_one_name_are_two_sources(model, tmp_path):
    train = write(tmp_path / "a" / "x.txt", sentences(40, 1))
    test = write(tmp_path / "b" / "x.txt", sentences(10, 2))
    asked = settings(model, None, tmp_path / "out", train=train, test=test, columns=(1, 2), task="mine")
    facts = run(asked, compact=False).tasks["mine"].corpus
    assert set(facts.sources) == {"x.txt", "test: x.txt"}
    assert len(set(facts.sources.values())) == 2


def test_training_words_are_limited_to_whole_sentences(model, data, tmp_path):
    facts = run(settings(model, data, tmp_path / "out", limit_train_words=100), compact=False).tasks["pos"].corpus
    used = facts.splits["train"].words + facts.splits["dev"].words
    assert 100 <= used < 107


def test_general_redundancy_can_be_measured_on_another_text(model, data, text, tmp_path):
    results = run(settings(model, data, tmp_path / "out", text=text), compact=False)
    assert (results.general.text, results.general.words) == ("text.txt", sum(map(len, sentences(12, 5))))


def test_a_text_that_is_missing_is_noticed_before_the_work(model, data, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "open_encoder", lambda _: pytest.fail("the model was loaded"))
    with pytest.raises(CorpusError, match="nowhere"):
        run(settings(model, data, tmp_path / "out", text=tmp_path / "nowhere.txt"))


def test_a_folder_in_the_compact_model_s_place_is_noticed_before_the_work(model, data, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "open_encoder", lambda _: pytest.fail("the model was loaded"))
    kept = write(tmp_path / "out" / "compact" / "mine.txt", sentences(1, 1))
    with pytest.raises(CompactError, match=r"mine\.txt"):
        run(settings(model, data, tmp_path / "out"))
    assert kept.is_file()


def test_general_alone_keeps_nothing_on_disk(model, text, tmp_path):
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text)
    results = run_general(asked)
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"text.txt", "results.json", "atlas.json"}
    assert not results.tasks
    assert results.general.words == sum(map(len, sentences(12, 5)))
    assert len(results.general.cka) == BLOCKS + 1
    assert Results.load(tmp_path / "out" / "results.json") == results


def test_general_from_text_and_from_a_store_are_one_measurement(model, tmp_path):
    train = tmp_path / "train.txt"
    write_corpus(tmp_path / "data", train=30)
    train.write_text("\n".join(" ".join(word for word, _, _ in one) for one in sentences(30, 1)), encoding="utf-8")
    write(tmp_path / "data" / "dev.txt", sentences(5, 3))
    stored = run(settings(model, tmp_path / "data", tmp_path / "a"), compact=False).general
    live = run_general(settings(model, None, tmp_path / "b", task="code-roles", text=train)).general
    assert live.words == stored.words
    assert live.cuts == stored.cuts
    assert [value for row in live.cka for value in row] == pytest.approx([v for row in stored.cka for v in row])
    assert live.cka_debiased.blocks == stored.cka_debiased.blocks > 20
    for part in ("values", "low", "high"):
        one, other = (np.array(getattr(general.cka_debiased, part)) for general in (live, stored))
        assert one == pytest.approx(other, abs=1e-4), part


def test_extract_a_text(model, text, tmp_path):
    stores = run_extract(settings(model, None, tmp_path / "out", task="code-roles", text=text))
    assert list(stores) == ["text"]
    assert stores["text"].n_words == sum(map(len, sentences(12, 5)))
    assert Store(stores["text"].folder).grid == stores["text"].grid


def test_extract_the_splits_of_a_task(done):
    stores = run_extract(done.settings)
    assert {name: store.n_words for name, store in stores.items()} == {
        name: split.words for name, split in done.results.tasks["pos"].corpus.splits.items()
    }


def test_a_task_that_the_folder_lacks(model, data, tmp_path):
    with pytest.raises(CorpusError, match="not 'ccg'"):
        run(settings(model, data, tmp_path / "out", task="ccg"))


def test_a_corpus_without_labels_in_one_split(model, data, tmp_path):
    bare = tmp_path / "test.txt"
    bare.write_text("the\nfox\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"test\.txt, line 1"):
        run(settings(model, data, tmp_path / "out", test=bare))


def test_a_model_that_is_not_there(data, tmp_path):
    with pytest.raises(ModelError, match="There is no folder"):
        run(settings(tmp_path / "nothing", data, tmp_path / "out"))


def unbiased_hsic(first: np.ndarray, second: np.ndarray) -> float:
    """Song et al. (2012), equation 5, with T × T matrices."""
    n = len(first)
    k, other = (x @ x.T for x in (first, second))
    np.fill_diagonal(k, 0)
    np.fill_diagonal(other, 0)
    mixed = k.sum() * other.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (k.sum(0) @ other.sum(0))
    return float(((k * other).sum() + mixed) / (n * (n - 3)))


def test_debiased_cka_is_that_of_the_training_words(done):
    known, task = done.results.general.cka_debiased, reopen(done.out).prepared("pos").data.train
    layers = [np.concatenate([block.layers[i] for block in task.rows.blocks()]) for i in range(BLOCKS + 1)]
    layers = [layer.astype(np.float64) - layer.mean(0, dtype=np.float64) for layer in layers]
    hsic = np.array([[unbiased_hsic(one, other) for other in layers] for one in layers])
    expected = hsic / np.sqrt(np.outer(hsic.diagonal(), hsic.diagonal()))
    assert np.array(known.values) == pytest.approx(expected, abs=1e-4)


def test_intervals_can_be_left_out(model, text, tmp_path):
    found = run_general(settings(model, None, tmp_path / "out", text=text, task="code-roles", intervals=False))
    assert found.general.cka_debiased is None
    assert [stage.name for stage in found.stages if "interval" in stage.name] == []


def test_other_measures_are_those_of_the_library(model, text, tmp_path):
    asked = settings(model, None, tmp_path / "out", task="code-roles", text=text, measures=("svcca", "neighbours"))
    found = run_general(asked).general.similarities
    assert [one.measure for one in found] == ["svcca", "neighbours"]
    encoder = open_encoder(asked)
    rows = LiveRows(encoder, [[word for word, _, _ in one] for one in sentences(12, 5)])
    for one in found:
        expected = compare_layers(one.measure, moments_of(rows), rows, seed=asked.seed).values
        assert np.array(one.values) == pytest.approx(expected, abs=1e-6)
        assert one.title == MEASURES[one.measure].title


def test_a_run_measures_its_training_words(model, data, tmp_path):
    general = run(settings(model, data, tmp_path / "out", measures=("cca",)), compact=False).general
    assert [one.measure for one in general.similarities] == ["cca"]
    assert np.array(general.similarities[0].values).diagonal() == pytest.approx(np.ones(BLOCKS + 1), abs=1e-6)


def test_measures_by_tiles_are_refused(model, text, tmp_path):
    asked = settings(model, None, tmp_path, task="code-roles", text=text, threshold=0.5, measures=("cca",))
    with pytest.raises(ConfigError, match="--measure needs moments, and --threshold makes none"):
        run_general(asked)


def test_every_measure_that_may_be_asked_is_there():
    named = set(get_args(MeasureName))
    assert named == {one.value for one in MeasureChoice}
    assert named == set(MEASURES) - {"cka", "debiased_cka"}
