"""Two small runs side by side: what is taken from them, what differs, and the paired differences."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from neurosieve.compact import CompactModel
from neurosieve.errors import ConfigError
from neurosieve.metrics import Gold, difference, metric_named
from neurosieve.run.comparing.paired import paired, shared
from neurosieve.run.comparing.records import RECORD_FILE, RunComparison
from neurosieve.run.comparing.said import Said
from neurosieve.run.comparing.study import compare_runs
from neurosieve.run.pipeline import run
from neurosieve.run.results import Results
from tests.run.small import sentences, settings, write_corpus
from tests.tiny_models import make_tiny


class Two(NamedTuple):
    first: Path
    second: Path


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """A BERT and a DistilBERT on chunking, the BERT on POS as well."""

    folder = tmp_path_factory.mktemp("two")
    data = write_corpus(folder / "data", train=60, test=25)
    run(settings(make_tiny("bert", folder / "bert"), data, folder / "first", tasks=["chunk", "pos"]))
    distil = make_tiny("distilbert", folder / "distil")
    run(settings(distil, data, folder / "second", tasks=["chunk"], tolerance=0.1))
    return Two(folder / "first", folder / "second")


@pytest.fixture(scope="session")
def study(two: Two) -> RunComparison:
    return compare_runs([str(two.first), str(two.second)], device="cpu", seed=3)


def test_what_runs_found_stands_side_by_side(study, two):
    assert [run.label for run in study.runs] == ["first", "second"]
    assert study.tasks == ["chunk"]
    assert study.alone == {"pos": "first"}
    for side, folder in zip(study.runs, two, strict=True):
        results = Results.load(folder / "results.json")
        task, found = results.tasks["chunk"], side.tasks["chunk"]
        assert found.oracle == task.oracle.test
        assert found.sieve.neurons == len(task.sieve.neurons)
        assert found.sieve.layers == task.compact.compact.layers
        assert found.compact.speedup == task.compact.speedup
        assert {name: one.neurons for name, one in found.minimal.items()} == {
            name: len(one.neurons) for name, one in task.minimal_set.items()
        }
        assert [cut.clusters for cut in side.general.cuts] == [cut.clusters for cut in results.general.cuts]


def test_a_paired_difference_is_that_of_the_compact_models_on_the_same_rows(study, two):
    (found,) = study.paired
    rows = sentences(25, 2)
    words, gold = [[word for word, _, _ in one] for one in rows], [chunk for one in rows for _, _, chunk in one]
    said = []
    for folder, name in zip(two, ("chunk", None), strict=True):
        model = CompactModel.from_pretrained(folder / "compact", device="cpu")
        said.append([label for one in model.predict(words, name) for label in one.labels])
    right = [np.array(side) == np.array(gold) for side in said]
    assert found.first_score == pytest.approx(right[0].mean())
    assert found.difference.value == pytest.approx(right[1].mean() - right[0].mean())
    classes = tuple(sorted(set(gold)))
    coded = [np.array([classes.index(label) for label in side]) for side in (gold, said[1], said[0])]
    groups = np.repeat(np.arange(25), [len(one) for one in rows])
    low, high = difference(metric_named("accuracy", classes), Gold(coded[0], groups, classes), *coded[1:], seed=3)[1:]
    assert found.difference.interval == pytest.approx((low, high))
    assert (found.sentences, found.of, found.rows) == (25, (25, 25), len(gold))


def test_the_compact_models_still_score_what_their_runs_say(study):
    assert study.notes == []


def test_what_differs_is_named(study):
    (tolerance,) = study.unlike
    assert (tolerance.about, tolerance.what) == ("chunk", "tolerance")
    assert tolerance.values == {"first": "3 %", "second": "10 %"}


def test_without_pairs_no_model_is_read(two, monkeypatch):
    monkeypatch.setattr(CompactModel, "from_pretrained", None)
    found = compare_runs([str(two.first), str(two.second)], pair=False)
    assert (found.paired, found.notes) == ([], [])


@pytest.fixture
def copied(two, tmp_path) -> Two:
    return Two(*(Path(shutil.copytree(one, tmp_path / one.name)) for one in two))


def test_a_run_without_its_compact_model_is_compared_without_pairs(copied):
    shutil.rmtree(copied.second / "compact")
    found = compare_runs([str(copied.first), str(copied.second)], device="cpu")
    assert found.paired == []
    (note,) = found.notes
    assert note.startswith("second has no paired differences on chunk. ")
    assert found.runs[1].tasks["chunk"].sieve is not None


def test_a_compact_model_that_is_not_the_run_s_is_told(copied):
    path = copied.second / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["tasks"]["chunk"]["compact"]["compact"]["test"]["value"] = 0.25
    path.write_text(json.dumps(results), encoding="utf-8")
    found = compare_runs([str(copied.first), str(copied.second)], device="cpu")
    assert any("0.2500 in its results" in note for note in found.notes)


def test_a_corpus_that_has_changed_is_not_read_as_if_it_had_not(copied, tmp_path):
    toml = (copied.second / "run.toml").read_text(encoding="utf-8")
    other = write_corpus(tmp_path / "other", train=61, test=25)
    data = next(line.split('"')[1] for line in toml.splitlines() if line.startswith("data"))
    (copied.second / "run.toml").write_text(toml.replace(data, str(other)), encoding="utf-8")
    found = compare_runs([str(copied.first), str(copied.second)], device="cpu")
    assert any("is not what it was when the run" in note for note in found.notes)


def test_it_reads_back(study, tmp_path):
    study.save(tmp_path / RECORD_FILE)
    assert RunComparison.read(tmp_path / RECORD_FILE) == study


def test_what_cannot_be_compared_is_refused(two, copied, tmp_path):
    first, second = str(two.first), str(two.second)
    general = Results.load(copied.first / "results.json").model_copy(update={"tasks": {}, "general": None})
    (tmp_path / "bare").mkdir()
    general.save(tmp_path / "bare" / "results.json")
    for named, message in (
        ([first], "at least two runs"),
        ([first, first], "was given twice"),
        ([first, f"again={first}"], "was given twice"),
        ([first, str(copied.first)], "hold the same run"),
        ([f"a={first}", f"a={second}"], "would be called 'a'"),
        ([first, f"={second}"], "names no run"),
        ([first, str(tmp_path)], "is no finished run: it has no results.json"),
        ([first, str(tmp_path / "nowhere")], "There is no folder"),
        ([first, str(tmp_path / "bare")], "nothing in common.*first: chunk, pos, general redundancy; bare: nothing"),
    ):
        with pytest.raises(ConfigError, match=message):
            compare_runs(named, pair=False)


def said(keys, predictions, classes=("A", "B"), metric="accuracy") -> Said:
    return Said(keys, predictions, classes, metric)


def test_sentences_are_matched_by_words_and_labels_and_copies_in_turn():
    a, b, c = ((("x",), ("A",)), (("y",), ("A",)), (("x",), ("B",)))
    assert list(shared([a, b, a, c], [c, a, a])) == [(0, 1), (2, 2), (3, 0)]


def test_rows_without_a_vector_in_one_model_are_left_out_of_both():
    keys = [(("x", "y"), ("A", "B")), (("z",), ("A",)), (("w",), ("B",))]
    first = said(keys, [["A", None], ["A"], ["A"]])
    second = said(keys, [["B", "B"], ["A"], ["B"]])
    found = paired("t", ("a", "b"), first, second, 1)
    assert found.rows == 3
    assert found.first_score == pytest.approx(2 / 3)
    assert found.second_score == pytest.approx(2 / 3)


def test_labels_that_one_model_never_saw_count_as_wrong_for_it():
    keys = [(("x",), ("C",)), (("y",), ("A",))]
    first, second = said(keys, [["A"], ["A"]]), said(keys, [["C"], ["A"]], classes=("A", "B", "C"))
    found = paired("t", ("a", "b"), first, second, 1)
    assert (found.first_score, found.second_score) == (0.5, 1.0)


def test_numbers_are_paired_too():
    keys = [((str(n),), (float(n),)) for n in range(6)]
    first = said(keys, [[float(n)] for n in range(6)], (), "pearson")
    second = said(keys, [[float(-n)] for n in range(6)], (), "pearson")
    assert paired("t", ("a", "b"), first, second, 1).difference.value == pytest.approx(-2)


def test_what_does_not_go_together_is_not_paired():
    keys = [(("x",), ("A",)), (("y",), ("A",))]
    one = said(keys, [["A"], ["A"]])
    assert paired("t", ("a", "b"), one, said(keys, [["A"], ["A"]], metric="macro_f1"), 1) is None
    assert paired("t", ("a", "b"), one, said(keys[:1], [["A"]]), 1) is None
