"""Non-inferiority from the settings to the results, on a small run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from neurosieve.errors import ConfigError
from neurosieve.report import summary_sentences
from neurosieve.report.rankings import ranking_page
from neurosieve.run.judging import sieve_settings
from neurosieve.run.pipeline import run
from neurosieve.run.rankings.records import RankingStudy
from neurosieve.run.rankings.study import _decisive, study_rankings
from neurosieve.run.results import Results, Task
from neurosieve.run.settings import RunSettings
from tests.run.small import sentences as made_up
from tests.run.small import settings, write, write_corpus

LOOSE = {"tolerance": 0.4, "layer_tolerance": 0.3, "non_inferior": True}


def asked(**given: object) -> RunSettings:
    return RunSettings(**{"data": "d", "out": "o"} | given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def larger(tmp_path_factory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("larger"), train=260, test=30)


@pytest.fixture(scope="module")
def task(model, larger, tmp_path_factory) -> Task:
    out = tmp_path_factory.mktemp("surely") / "out"
    results = run(settings(model, larger, out, **LOOSE))
    assert Results.load(out / "results.json") == results
    return results.tasks["pos"]


def test_the_sieve_is_asked_for_it():
    assert not sieve_settings(asked()).non_inferior
    assert sieve_settings(asked(non_inferior=True, confidence=0.9)).non_inferior
    assert sieve_settings(asked(non_inferior=True, confidence=0.9)).confidence == 0.9


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"confidence": None}, "--non-inferior needs a --confidence between 0.5 and 1, such as 0.95"),
        ({"confidence": 0}, "--non-inferior needs a --confidence"),
        ({"protocol": "paper"}, "--non-inferior is no part of --protocol paper, which compares two numbers"),
        ({"reference": "stage"}, "--non-inferior is against the oracle; leave --reference stage out"),
    ],
)
def test_what_makes_no_statement_is_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        asked(non_inferior=True, **given)
    assert not asked(**given).non_inferior


def test_sets_carry_their_tests(task: Task):
    assert task.non_inferior == 0.95
    dev = task.corpus.splits["dev"].sentences
    reached = [one for one in task.minimal_set.values() if one.reached]
    assert reached
    for one in reached:
        assert one.non_inferior is not None
        assert one.non_inferior.confidence == 0.95
        assert one.non_inferior.bound > 0
        assert one.non_inferior.tests >= 1
        assert one.non_inferior.sentences == dev
        assert one.dev.value > (1 - one.tolerance) * task.oracle.dev.value
    assert all(one.non_inferior is None for one in task.minimal_set.values() if not one.reached)
    assert (task.sieve.non_inferior is not None) == task.sieve.reached
    if task.sieve.non_inferior:
        assert task.sieve.non_inferior.sentences == dev // 2


def test_prefixes_are_marked_down_to_the_first_that_fails(task: Task):
    marks = [one.within_tolerance for one in task.prefixes]
    assert marks == sorted(marks)
    assert marks[-1]


def test_a_run_without_says_nothing_of_tests(done):
    task = done.results.tasks["pos"]
    assert task.non_inferior is None
    assert task.sieve.non_inferior is None
    assert all(one.non_inferior is None for one in task.minimal_set.values())
    assert "confidence" not in "\n".join(summary_sentences(done.results))


def test_three_dev_sentences_are_refused(model, tmp_path):
    corpus = write_corpus(tmp_path / "data", train=20, test=8)
    write(corpus / "few.txt", made_up(3, 9))
    few = settings(model, corpus, tmp_path / "out", dev=corpus / "few.txt", **LOOSE)
    with pytest.raises(ConfigError, match="needs four dev sentences or texts at least, and there are 3"):
        run(few)


def test_rankings_by_tests(model, larger, tmp_path):
    study = study_rankings(
        settings(model, larger, tmp_path / "out", non_inferior=True),
        rankings=["forward", "random"],
        tolerances=(0.4,),
        splits=1,
    )
    assert RankingStudy.load(tmp_path / "out" / "rankings.json") == study
    for size in study.splits[0].sizes:
        assert (size.non_inferior is not None) == size.reached
        assert size.neurons == len(size.columns)
    assert any(size.reached for size in study.splits[0].sizes)
    page = " ".join(ranking_page(study).split())
    assert "a set that was reached is within its tolerance with 95 % confidence: a fixed sequence of tests" in page


def test_studies_from_before_there_was_the_choice_go_on():
    assert "non_inferior" not in _decisive(asked())
    assert _decisive(asked(non_inferior=True))["non_inferior"] is True


def test_the_commands_take_it(call, model, larger, tmp_path):
    where = ["--model", model, "--data", larger, "--cache", tmp_path / "cache", "--device", "cpu"]
    status, out, err = call(
        "task",
        *where,
        "--out",
        tmp_path / "task",
        "--non-inferior",
        "--confidence",
        0.9,
        "--tolerance",
        0.4,
        "--layer-tolerance",
        0.3,
        "--no-controls",
    )
    assert (status, err) == (0, "")
    said = " ".join(out.split())
    assert re.search(r"with 90 % confidence \(\d+ tests? on \d+ dev sentences, the largest set first\)", said)
    for command in ("run", "task", "rankings", "nested"):
        outcome = call(command, *where, "--out", tmp_path / "no", "--non-inferior", "--confidence", 0)
        assert outcome.status == 2
        assert "--non-inferior needs a --confidence" in outcome.err
    assert not (tmp_path / "no").exists()
