import json
import math

import pytest
from benchmarks.harness.case import Check, Settings
from benchmarks.harness.rounds import Compared, Spread, broken_checks, compare

from tests.benchmarks.sides import INTERPRETERS, answering, case_of, run_of, side

OURS, THEIRS = side("ours", ""), side("theirs", "", "peers")
RATES = run_of(1.0)


def compared(ours, theirs, *checks):
    return Compared(
        case_of(OURS, THEIRS, checks=checks), {"ours": ours, "theirs": theirs}, {}, [], (RATES, RATES), "now"
    )


def test_ratios_are_taken_round_by_round():
    found = compared([run_of(1.0), run_of(2.0), run_of(4.0)], [run_of(3.0), run_of(2.0), run_of(20.0)])

    assert found.ratios("theirs") == Spread(minimum=1.0, median=3.0, maximum=5.0, rounds=3)


def test_a_side_measured_once_is_compared_with_every_round_of_ours():
    found = compared([run_of(1.0), run_of(2.0)], [run_of(8.0)])

    assert found.ratios("theirs") == Spread(minimum=4.0, median=6.0, maximum=8.0, rounds=2)


def test_memory_ratios_come_from_the_rounds_in_which_somebody_looked():
    found = compared([run_of(1.0, peak=10, above=2), run_of(1.0)], [run_of(1.0, peak=30, above=8), run_of(1.0)])

    assert found.ratios("theirs", "peak_bytes") == Spread(3.0, 3.0, 3.0, 1)
    assert found.ratios("theirs", "peak_above_bytes") == Spread(4.0, 4.0, 4.0, 1)


def test_there_is_no_ratio_without_a_measurement():
    assert compared([run_of(1.0)], []).ratios("theirs") is None


@pytest.mark.parametrize(
    ("check", "own", "other", "holds"),
    [
        (Check("score", tolerance=0.1), 1.0, 1.05, True),
        (Check("score", tolerance=0.1), 1.0, 1.2, False),
        (Check("score", tolerance=0.1), math.nan, 1.0, False),
        (Check("score", "at least", tolerance=0.1), 1.0, 1.05, True),
        (Check("score", "at least", tolerance=0.1), 1.0, 1.2, False),
        (Check("score", "at most", tolerance=0.1), 1.0, 0.8, False),
        (Check("score", "at most", value=0.5), 0.5, 0.0, True),
        (Check("score", "at most", value=0.5), 0.6, 9.0, False),
        (Check("seconds", "at most", value=0.5), 0.0, 0.0, False),
        (Check("score", "equal", side="nobody"), 1.0, 9.0, True),
    ],
)
def test_bounds(check, own, other, holds):
    found = compared([run_of(1.0, score=own)], [run_of(1.0, score=other)], check)

    assert (broken_checks(found) == []) is holds


def test_a_broken_bound_says_what_and_by_how_much():
    found = compared([run_of(1.0, score=1.0)], [run_of(1.0, score=1.5)], Check("score", tolerance=0.1))

    assert broken_checks(found) == ["score is 1, which must be equal 1.5 (theirs), within 0.1"]


def test_a_bound_on_a_score_that_ours_does_not_have_is_broken():
    found = compared([run_of(1.0)], [run_of(1.0, score=1.5)], Check("score"))

    assert broken_checks(found) == ["ours has no score, on which there is a bound"]


def test_a_side_without_the_score_is_no_comparison():
    assert broken_checks(compared([run_of(1.0, score=1.0)], [run_of(1.0)], Check("score"))) == []


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small case, really run: two sides in turn, one that is run once, one that fails, one without environment."""
    out = tmp_path_factory.mktemp("bench")
    said, prepared = [], []
    sides = (
        side("ours", answering(1.0, score=1.0)),
        side("theirs", answering(3.0, score=1.0), "peers"),
        side("slow", answering(100.0), once=True),
        side("failing", "raise SystemExit('no such package')"),
    )
    case = case_of(*sides, checks=(Check("score"),), prepare=lambda: prepared.append(1), shapes=((8, 8, 8),))
    found = compare(case, Settings(None, out, rounds=2, threads=1, small=True), INTERPRETERS, said.append)
    return found, said, prepared


def test_sides_run_in_turn_and_slow_ones_once(run):
    found, said, prepared = run
    order = [line.split(": ")[1].split()[0] for line in said if "round" in line]

    assert order == ["ours", "theirs", "slow", "ours", "theirs"]
    assert prepared == [1]
    assert found.ratios("theirs") == Spread(3.0, 3.0, 3.0, 2)
    assert found.ratios("slow") == Spread(100.0, 100.0, 100.0, 2)
    assert found.broken == []


def test_slow_sides_run_in_every_round_when_asked_to(tmp_path):
    case = case_of(side("ours", answering(1.0)), side("slow", answering(100.0), once=True))
    settings = Settings(None, tmp_path, rounds=2, threads=1, small=True, again=True)

    found = compare(case, settings, INTERPRETERS, [].append)

    assert [run.seconds for run in found.runs["slow"]] == [100.0, 100.0]


def test_a_side_that_fails_is_named_and_not_tried_again(run):
    found, said, _ = run

    assert list(found.failed) == ["failing"]
    assert "no such package" in found.failed["failing"]
    assert sum("no such package" in line for line in said) == 1


def test_memory_is_looked_at_in_the_first_round(run):
    first, second = run[0].runs["ours"]

    assert first.peak_bytes > 0
    assert second.peak_bytes is None


def test_the_machine_is_measured_before_and_after(run):
    before, after = run[0].machine

    names = {"8x8x8 float32", "8x8x8 bfloat16", "copy_bytes_per_second", "triad_bytes_per_second"}
    assert names < before.scores.keys() == after.scores.keys()
    assert run[0].rate("8x8x8 float32") == max(m.scores["8x8x8 float32"] for m in run[0].machine)
    assert before.work["libraries"]["torch"]
    assert before.work["threads"] == 1


def test_what_came_out_survives_json(run):
    found = run[0]
    again = Compared.from_dict(json.loads(json.dumps(found.to_dict())))

    assert again.runs == found.runs
    assert again.to_dict() == found.to_dict()


def test_sides_without_an_environment_are_left_out_and_named(tmp_path):
    case = case_of(side("ours", answering(1.0)), side("theirs", answering(1.0), "peers"))
    settings = Settings(None, tmp_path, rounds=1, threads=1, small=True)

    found = compare(case, settings, {"ours": INTERPRETERS["ours"]}, lambda _: None)

    assert found.failed == {"theirs": "there is no environment for it"}
    assert len(found.ours) == 1
