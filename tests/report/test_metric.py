from __future__ import annotations

import pytest

from neurosieve.metrics import METRICS
from neurosieve.metrics import metric_named as measured
from neurosieve.report.metric import metric_named
from neurosieve.run.schema import Difference, Scores

NUMBERS = {"pearson", "spearman", "pearson_spearman", "r2"}


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_written_as_it_calls_itself(name: str) -> None:
    name = name.replace("LABEL", "B-NP")
    classes = () if name in NUMBERS else ("B-NP", "O")
    assert metric_named(name).title == measured(name, classes).title


@pytest.mark.parametrize("name", METRICS)
def test_percent_is_for_shares_alone(name: str) -> None:
    assert metric_named(name).in_percent == (name not in NUMBERS | {"matthews"})


def test_an_unknown_metric_keeps_its_name_and_its_number() -> None:
    metric = metric_named("my_own")
    assert (metric.title, metric.value(12.5)) == ("my own", "12.500")


def test_scores_and_differences_carry_their_intervals() -> None:
    share, number = metric_named("f1:a\nb"), metric_named("pearson")
    assert share.title == "F1 of a b"
    assert share.score(Scores(value=0.9312, interval=(0.9284, 0.9341), n=10)) == "93.1 % [92.8, 93.4]"
    assert share.score(Scores(value=0.9312, n=10)) == "93.1 %"
    assert number.score(Scores(value=0.8421, interval=(-0.0119, 0.8664), n=10)) == "0.842 [−0.012, 0.866]"
    assert number.score(Scores(value=0.8421, n=10)) == "0.842"
    loss = Difference(value=-0.0171, interval=(-0.0201, 0.0001))
    assert share.difference(loss) == "−1.7 points [−2.0, 0.0]"
    assert number.difference(loss) == "−0.017 [−0.020, 0.000]"
    assert [number.change(value) for value in (0.0132, 0.0001, -0.0001)] == ["+0.013", "0.000", "0.000"]
    assert share.change(0.0132) == "+1.3 points"
