"""Nested selection on a small run: folds, what is chosen, pooled scores, resuming, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from neurosieve.corpus import Corpus, Example, Sentence, Split
from neurosieve.errors import ConfigError
from neurosieve.probes import Protocol
from neurosieve.report.nested import nested_page, nested_text
from neurosieve.run.facts import FineTuning
from neurosieve.run.nested import study as module
from neurosieve.run.nested.folds import Cut, repeated, together
from neurosieve.run.nested.predictions import LEFT_OUT, ON_DEV, all_rows
from neurosieve.run.nested.records import STUDY_FILE, NestedStudy
from neurosieve.run.nested.study import study_nested
from neurosieve.run.nested.summary import agreement
from neurosieve.run.schema import Scores
from tests.probes.planted import labelled, raw
from tests.run.small import settings, write_sst2, write_stsb

FOLDS = 3
MORE = {"tolerance": 0.15}


def cut_of(rows: int = 400, folds: int = 4) -> Cut:
    values, labels = raw(1, rows)
    return Cut(labelled(values, labels, 3), Protocol(), folds)


@pytest.fixture(scope="module")
def asked(model, data, tmp_path_factory):
    return settings(model, data, tmp_path_factory.mktemp("nested") / "out", **MORE)


@pytest.fixture(scope="module")
def study(asked) -> NestedStudy:
    return study_nested(asked, folds=FOLDS, command="neurosieve nested")


@pytest.mark.parametrize("folds", [3, 4, 7])
def test_every_sentence_is_left_out_once_and_chooses_once(folds):
    cut = cut_of(folds=folds)
    tasks = [cut.data(fold) for fold in range(folds)]
    groups = cut.rows.groups.tolist()
    for part in ("dev", "test"):
        assert sorted(g for task in tasks for g in getattr(task, part).groups.tolist()) == groups
    for fold, task in enumerate(tasks):
        parts = [set(part.groups.tolist()) for part in (task.train, task.dev, task.test)]
        assert sum(map(len, parts)) == len(set(groups)) == len(set.union(*parts))
        assert np.array_equal(cut.rows.groups[cut.places(fold)], task.test.groups)
        assert np.array_equal(cut.rows.groups[cut.places(cut.dev_of(fold))], task.dev.groups)
        assert np.array_equal(task.test.labels, cut.rows.labels[cut.places(fold)])
        values = torch.cat([block.dense() for block in task.train.rows.blocks()])
        assert task.moments.mean.numpy() == pytest.approx(values.mean(0).numpy(), abs=1e-5)


def test_predictions_come_back_to_their_rows():
    cut = cut_of()
    said = {
        fold: {name: cut.places(fold) for name in LEFT_OUT} | {name: cut.places(cut.dev_of(fold)) for name in ON_DEV}
        for fold in range(cut.folds)
    }
    for values in all_rows(said, cut).values():
        assert values.tolist() == list(range(400))


@pytest.mark.parametrize(
    ("rows", "folds", "message"),
    [(400, 2, "needs 3 folds or more"), (25, 3, "5 sentences or texts cannot be cut into 3 folds of two or more")],
)
def test_too_few_folds_or_sentences(rows, folds, message):
    with pytest.raises(ConfigError, match=message):
        cut_of(rows, folds)


def test_all_splits_come_together_but_a_test_that_is_kept():
    one, two, three = (Split((Sentence((name,), ("x",)),), {name: name * 2}) for name in ("a", "b", "c"))
    corpus = Corpus("mine", {"train": one, "dev": two, "test": three, "further": three})
    whole = together(corpus, keep_test=False).splits
    assert list(whole) == ["train"]
    assert [sentence.words for sentence in whole["train"].sentences] == [("a",), ("b",), ("c",)]
    assert whole["train"].sources == {"a": "aa", "b": "bb", "c": "cc"}
    kept = together(corpus, keep_test=True).splits["train"]
    assert [sentence.words for sentence in kept.sentences] == [("a",), ("b",)]


def test_copies_are_counted():
    words = [Sentence(tuple(text), tuple(text)) for text in ("ab", "cd", "ab", "e", "ab")]
    assert repeated(words) == 3
    assert repeated([Example(("a", "b"), "x"), Example(("a b",), "x"), Example(("a", "b"), "y")]) == 2
    assert repeated(words[:2]) == 0


def test_folds_are_what_they_say(study, asked):
    assert NestedStudy.load(asked.out / STUDY_FILE) == study
    assert [one.fold for one in study.found] == [0, 1, 2]
    assert study.sentences == 95
    assert not study.kept_test
    for one in study.found:
        assert sum(one.sentences) == study.sentences
        assert one.neurons == len(one.columns) == len(set(one.columns))
        assert one.layers == max(one.columns) // study.model.units + 1
        assert one.reached == (one.neurons < study.model.neurons)
    sizes = {one.sentences[2] for one in study.found}
    assert max(sizes) - min(sizes) <= 10  # ten blocks each, which differ by a sentence at most


def test_pooled_scores_are_those_of_every_row_once(study, asked):
    """By hand: accuracies of folds, weighted by their rows, are the accuracy of all rows."""
    whole = study.together
    files = [load_file(asked.out / one.predictions) for one in study.found]
    rows = [len(said["chosen"]) for said in files]
    assert sum(rows) == study.rows == whole.oracle.n
    for name in ("oracle", "chosen"):
        mean = np.average([getattr(one, name) for one in study.found], weights=rows)
        assert getattr(whole, name).value == pytest.approx(mean)
        dev = np.average([getattr(one, f"{name}_dev") for one in study.found], weights=[*rows[1:], rows[0]])
        assert getattr(whole, f"dev_{name}") == pytest.approx(dev)
    assert whole.difference.value == pytest.approx(whole.chosen.value - whole.oracle.value)
    assert whole.difference.interval[0] <= whole.difference.value <= whole.difference.interval[1]
    assert whole.over_random.value == pytest.approx(whole.chosen.value - whole.at_random.value)
    assert whole.dev_difference.value == pytest.approx(whole.dev_chosen - whole.dev_oracle)
    assert whole.majority.value < whole.oracle.value


def test_agreement_of_the_sets(study):
    sets = [set(one.columns) for one in study.found]
    agree = study.together.agreement
    assert agree.in_every_fold == len(set.intersection(*sets))
    assert agree.in_any_fold == len(set.union(*sets))
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert agree.jaccard == pytest.approx(np.mean([len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs]))
    everything = agreement([range(4), range(4)], 4)
    assert (everything.stability, everything.stability_interval) == (None, None)


@pytest.mark.parametrize("lost", ["the record", "the file", "half of the file"])
def test_what_is_done_is_not_done_again(study, asked, monkeypatch, lost):
    ran, fold = [], module._fold
    monkeypatch.setattr(module, "_fold", lambda *given: ran.append(given[2]) or fold(*given))
    path = asked.out / study.found[1].predictions
    if lost == "the record":
        study.model_copy(update={"found": [study.found[0], study.found[2]]}).save(asked.out / STUDY_FILE)
    elif lost == "the file":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = study_nested(asked, folds=FOLDS)
    assert ran == [1]
    assert again.together == study.together
    assert [one.columns for one in again.found] == [one.columns for one in study.found]
    assert not list(asked.out.glob("*.partial"))


def test_a_study_that_is_done_trains_nothing(study, asked, monkeypatch):
    monkeypatch.setattr(module, "_fold", lambda *_: pytest.fail("a fold was made again"))
    assert study_nested(asked, folds=FOLDS).together == study.together


def test_another_study_in_the_folder_is_not_overwritten(study, asked):
    with pytest.raises(ConfigError, match="holds another study: its folds differs"):
        study_nested(asked, folds=4)
    with pytest.raises(ConfigError, match="holds another study: its chooser differs"):
        study_nested(asked, folds=FOLDS, minimal="forward")
    with pytest.raises(ConfigError, match="holds another study: its settings differs"):
        study_nested(asked.model_copy(update={"tolerance": 0.2}), folds=FOLDS)


def test_a_damaged_record_is_named(asked, study, tmp_path):
    (tmp_path / STUDY_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"nested\.json is damaged or of another version: choose another --out"):
        study_nested(asked.model_copy(update={"out": tmp_path}), folds=FOLDS)


def test_the_test_split_can_be_kept_out(asked, tmp_path):
    kept = study_nested(asked.model_copy(update={"out": tmp_path}), folds=3, minimal="forward", keep_test=True)
    assert (kept.sentences, kept.kept_test, kept.chooser) == (70, True, "forward")
    assert all(one.threshold is None for one in kept.found)
    assert "the minimal set by forward selection" in nested_page(kept)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"folds": 2}, "There are 3 to 50 folds, not 2"),
        ({"folds": 51}, "There are 3 to 50 folds, not 51"),
        ({"minimal": "forwards"}, "There is no ranking 'forwards'; there are forward, "),
    ],
)
def test_what_cannot_be_studied_is_refused_before_anything_is_read(asked, monkeypatch, given, message):
    monkeypatch.setattr(module, "read_corpus", lambda *_: pytest.fail("the corpus was read"))
    with pytest.raises(ConfigError, match=message):
        study_nested(asked, **given)


def test_a_model_that_saw_the_labels_is_refused(asked, monkeypatch, study):
    tuned = FineTuning(
        base="before", base_sha256="0", task="pos", corpus="c", protocol="default", metric="accuracy", epochs=1,
        learning_rate=1e-3, batch=1, length=1, seed=0, rows=1, rows_available=1, inputs_sha256="0", steps=1,
        dev=Scores(value=0.5, n=2), seconds=1.0,
    )  # fmt: skip
    facts = study.model.model_copy(update={"finetuning": tuned})
    monkeypatch.setattr(module, "model_facts", lambda _: facts)
    with pytest.raises(ConfigError, match=r"was fine-tuned on the labels of pos.*Take the model before it \(before\)"):
        study_nested(asked, folds=FOLDS)
    other = facts.model_copy(update={"finetuning": tuned.model_copy(update={"task": "sst2"})})
    module._refuse_fine_tuned(other, "pos")


def test_texts_with_classes_and_with_numbers(model, tmp_path):
    for write, name in ((write_sst2, "sst2"), (write_stsb, "stsb")):
        folder = write(tmp_path / name, 60, 30)
        given = settings(model, folder, tmp_path / f"{name}-out", tasks=[name], pooling="mean", tolerance=0.3)
        study = study_nested(given, folds=3, minimal="forward")
        assert study.sentences == study.rows == 90
        assert (study.together.majority is None) == (study.kind == "regression")
        page = nested_page(study)
        assert "Each of 90 texts was scored once" in page
        assert ("Numbers of all folds are scored together" in page) == (study.kind == "regression")
        if study.kind == "regression":
            with pytest.raises(ConfigError, match="The ranking probeless needs classes, and stsb has numbers"):
                study_nested(given, folds=3, minimal="probeless")


def test_a_class_that_one_fold_alone_has_counts_as_wrong():
    cut = cut_of(200, 4)
    labels = cut.rows.labels.clone()
    labels[torch.from_numpy(cut.places(0)[:5])] = 3
    rows = replace(cut.rows, labels=labels, classes=("A", "B", "C", "rare"))
    alone = Cut(rows, cut.protocol, 4)
    assert not (alone.data(0).fit_all().predictions == 3).any()
    assert alone.data(2).fit_all().test <= 1.0


def test_the_command_says_the_same(call, study, asked, model, data, tmp_path):
    given = ["--model", model, "--task", "pos", "--data", data, "--seed", asked.seed, "--device", "cpu"]
    given += ["--cache", asked.cache_folder, "--folds", FOLDS, "--tolerance", MORE["tolerance"]]
    done = call("nested", *given, "--out", tmp_path, "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["together"] == study.together.model_dump(mode="json")
    told = call("nested", *given, "--out", tmp_path)
    assert (told.status, told.err) == (0, "")
    assert nested_text(NestedStudy.load(tmp_path / "nested.json")) in told.out
    assert f"Page: {tmp_path / 'nested.md'}" in told.out
    wrong = call("nested", *given, "--out", tmp_path / "no", "--folds", 2)
    assert (wrong.status, (tmp_path / "no").exists()) == (2, False)
    assert "--folds" in wrong.err
