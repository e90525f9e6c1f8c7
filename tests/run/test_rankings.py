"""The comparison of rankings on a small run: folds, what is found, resuming, and what is said of it."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
import torch

from neurosieve import task_specific as ts
from neurosieve.errors import ConfigError
from neurosieve.report.rankings import COLUMNS, CSV_FILE, ranking_page, ranking_table, write_rankings
from neurosieve.run.corpora import read_corpus
from neurosieve.run.rankings import study as module
from neurosieve.run.rankings.folds import FOLDS, pooled
from neurosieve.run.rankings.records import STUDY_FILE, RankingStudy
from neurosieve.run.rankings.study import study_rankings
from neurosieve.run.rankings.summary import found_by
from neurosieve.run.stages import Stopwatch
from neurosieve.run.workers import open_encoder
from tests.run.small import settings

NAMES = ("forward", "lca", "random")


@pytest.fixture(scope="module")
def asked(model, data, tmp_path_factory):
    return settings(model, data, tmp_path_factory.mktemp("rankings") / "out")


@pytest.fixture(scope="module")
def study(asked) -> RankingStudy:
    return study_rankings(asked, rankings=NAMES, tolerances=(0.1, 0.05), splits=2)


@pytest.fixture(scope="module")
def rows(asked):
    task = asked.tasks[0]
    return pooled(open_encoder(asked), read_corpus(task, asked.seed), task, asked, Stopwatch())


def values(rows) -> np.ndarray:
    return torch.cat([block.dense() for block in rows.blocks()]).numpy()


def test_folds_are_disjoint_together_everything_and_of_whole_sentences(rows):
    whole, n = values(rows.rows.rows), len(rows.rows.labels)
    folds = [rows.fold(index) for index in range(FOLDS)]

    assert sum(fold.dev.rows.n_rows for fold in folds) == n
    assert sorted(np.concatenate([fold.dev.groups for fold in folds]).tolist()) == sorted(rows.rows.groups.tolist())
    for fold in folds:
        assert fold.train.rows.n_rows + fold.dev.rows.n_rows == n
        assert not set(fold.train.groups.tolist()) & set(fold.dev.groups.tolist())
        assert fold.test is rows.test
    chosen = np.isin(rows.rows.groups, folds[3].dev.groups)
    assert np.array_equal(values(folds[3].dev.rows), whole[chosen])
    assert np.array_equal(values(folds[3].train.rows), whole[~chosen])
    assert folds[3].train.labels.tolist() == rows.rows.labels[torch.from_numpy(~chosen)].tolist()
    assert folds[3].moments.mean.numpy() == pytest.approx(whole[~chosen].mean(0, dtype=np.float64), abs=1e-5)


def test_dev_and_train_are_pooled_without_a_word_lost(rows, asked):
    corpus = read_corpus(asked.tasks[0], asked.seed)
    words = corpus.splits["train"].n_words + corpus.splits["dev"].n_words
    assert rows.rows.rows.n_rows == words
    assert rows.rows.classes == tuple(sorted(corpus.splits["train"].labels | corpus.splits["dev"].labels))


def test_a_set_is_the_head_of_its_ranking_and_passes_on_dev(study, rows, asked):
    fold = rows.fold(1)
    split = study.splits[1]
    oracle = fold.fit_all()
    assert split.oracle_dev == oracle.dev
    order = ts.rank("forward", fold)
    for tolerance in (0.1, 0.05):
        (found,) = [one for one in split.sizes if one.ranking == "forward" and one.tolerance == tolerance]
        assert found.columns == order[: found.neurons].tolist()
        assert found.dev > (1 - tolerance) * oracle.dev
        scored = fold.select(order[: found.neurons]).fit_all()
        assert found.test.value == pytest.approx(scored.test, abs=0.02)
        assert found.difference.value == pytest.approx(found.test.value - oracle.test, abs=1e-9)
        assert found.difference.interval[0] <= found.difference.value <= found.difference.interval[1]


def test_summaries_are_means_and_ranges_over_the_splits(study):
    assert [(line.tolerance, line.ranking) for line in study.summary] == [(c, n) for c in (0.1, 0.05) for n in NAMES]
    for line in study.summary:
        sets, published = (found_by(study, name, line.tolerance) for name in (line.ranking, "lca"))
        sizes = [one.neurons for one in sets]
        assert line.splits == 2
        assert line.neurons == pytest.approx(np.mean(sizes))
        assert line.neurons_range == (min(sizes), max(sizes))
        assert line.test == pytest.approx(np.mean([one.test.value for one in sets]))
        assert line.share_of_lca == pytest.approx(
            np.mean([a.neurons / b.neurons for a, b in zip(sets, published, strict=True)])
        )
        first, second = (set(one.columns) for one in sets)
        assert line.jaccard == pytest.approx(len(first & second) / len(first | second))
    assert {line.share_of_lca for line in study.summary if line.ranking == "lca"} == {1.0}


def test_what_is_written_can_be_read_and_goes_on(study, asked, monkeypatch):
    path = asked.out / STUDY_FILE
    assert RankingStudy.load(path) == study

    ran = []
    run = module._Split.run
    monkeypatch.setattr(module._Split, "run", lambda self: ran.append(self.split) or run(self))
    kept = study.model_copy(update={"splits": study.splits[:1]})
    kept.save(path)
    again = study_rankings(asked, rankings=NAMES, tolerances=(0.1, 0.05), splits=2)

    assert ran == [1], "the first split was there"
    assert again.splits[0] == study.splits[0]
    assert again.splits[1].sizes == study.splits[1].sizes
    assert again.summary == study.summary


def test_another_study_in_the_folder_is_not_overwritten(study, asked):
    with pytest.raises(ConfigError, match=r"holds another study: its tolerances differs"):
        study_rankings(asked, rankings=NAMES, tolerances=(0.2,), splits=2)
    assert RankingStudy.load(asked.out / STUDY_FILE).tolerances == [0.1, 0.05]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rankings": ["forwards"]}, "There is no ranking 'forwards'; there are forward, pruned, ridge"),
        ({"tolerances": [0.0]}, "Tolerances lie between 0 and 1"),
        ({"tolerances": []}, "Tolerances lie between 0 and 1"),
        ({"splits": 11}, "There are 1 to 10 splits, not 11"),
    ],
)
def test_what_cannot_be_studied_is_refused_before_anything_is_read(asked, monkeypatch, given, message):
    monkeypatch.setattr(module, "read_corpus", lambda *_: pytest.fail("the corpus was read"))
    with pytest.raises(ConfigError, match=message):
        study_rankings(asked, **given)


def test_the_table_has_a_row_for_each_ranking_and_tolerance(study, tmp_path):
    table = ranking_table(study)
    page = write_rankings(study, tmp_path)
    read = list(csv.DictReader(io.StringIO((tmp_path / CSV_FILE).read_text(encoding="utf-8"))))

    assert list(read[0]) == list(COLUMNS)
    assert len(table.rows) == len(read) == 6
    assert [float(row["neurons"]) for row in read] == [line.neurons for line in study.summary]
    assert page.read_text(encoding="utf-8") == ranking_page(study)
    assert not list(tmp_path.glob("*.partial"))


def test_the_page_says_who_needs_the_fewest_first(study):
    page = ranking_page(study)
    lines = [line for line in page.splitlines() if line.startswith("| ")]

    assert "2 splits of train and dev" in page
    assert "## 90 % of the oracle" in page
    assert "## 95 % of the oracle" in page
    sizes = [int(line.split("|")[2].split("(")[0].replace(",", "")) for line in lines if "ranking" not in line]
    assert sizes[:3] == sorted(sizes[:3])
    assert sizes[3:] == sorted(sizes[3:])


def test_one_split_has_no_stability_and_says_so(asked, study):
    one = study.model_copy(update={"splits": study.splits[:1]})
    lines = module.summarise(one)
    assert {(line.jaccard, line.stability, line.stability_interval) for line in lines} == {(None, None, None)}
    page = ranking_page(one.model_copy(update={"summary": lines}))
    assert "1 split of train and dev" in page
    assert "| – |" in page


def test_the_command_says_the_same(call, asked, study, model, data):
    options = [f"--ranking={name}" for name in NAMES] + ["--tolerance=0.1", "--tolerance=0.05", "--splits=2"]
    task = asked.tasks[0]
    given = ["--model", model, "--task", task.task, "--data", data, "--out", asked.out, "--seed", asked.seed]
    done = call("rankings", *given, *options, "--cache", asked.cache_folder, "--json")

    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert [line["ranking"] for line in found["summary"]] == [line.ranking for line in study.summary]
    assert found["summary"][0]["neurons"] == study.summary[0].neurons
