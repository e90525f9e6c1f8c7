"""What is said of a point that became a compact model, on one that is made up."""

from __future__ import annotations

import pytest

from neurosieve.report.front import chosen_sentences
from neurosieve.run.front.records import Chosen, Front
from tests.report.example import example_results
from tests.run.front.example import example_front, latency, point, scores


@pytest.fixture(scope="module")
def front() -> Front:
    return example_front()


def chosen(front: Front, **changed: object) -> Chosen:
    """The smallest of the sets with layers 0 to 3 that has 256 neurons."""
    one = next(one for one in front.points if (one.last_layer, one.neurons) == (3, 256))
    made = Chosen(
        task="chunk",
        max_latency=3.0,
        min_score=None,
        by="bound",
        admitted=31,
        point=one,
        compact=example_results().tasks["chunk"].compact,
        latency=latency(2.93, 0.01),
        dev=one.dev,
        difference=one.difference,
        folder="small",
    )
    return made.model_copy(update=changed)


def said(front: Front, **changed: object) -> str:
    return " ".join(chosen_sentences(front, chosen(front, **changed)))


def test_why_it_was_taken(front: Front) -> None:
    best = (
        "Taken: 256 neurons of layers 0 to 3, the best dev accuracy of the 31 points that take 3 ms a sentence or less."
    )
    assert said(front).startswith(best)
    fastest = said(front, max_latency=None, min_score=0.9)
    assert (
        "the fastest of the 31 points that have a dev accuracy of 90.0 % or more by the lower end of its 95 % interval."
        in fastest
    )
    assert "of 90.0 % or more." in said(front, max_latency=None, min_score=0.9, by="score")
    only = said(front, min_score=0.9, by="score", admitted=1)
    assert "the only point that takes 3 ms a sentence or less and has a dev accuracy of 90.0 % or more." in only


def test_what_it_costs_and_what_was_written(front: Front) -> None:
    text, made = said(front), chosen(front)
    test = made.compact.compact.test
    assert f"On test {100 * test.value:.1f} % [" in text
    assert "the oracle 93.1 % [" in text
    assert "2.93 [2.90, 2.96] ms a sentence (the oracle 5.04 [4.74, 5.34])" in text
    assert f"Written: {made.compact.compact.layers} layers of 7" in text
    assert "chose nothing" in text
    assert "Measured again" not in text
    assert "slowest round" not in text
    assert "trained again" not in text


def test_what_to_beware_of(front: Front) -> None:
    assert "Measured again it takes longer than 3 ms" in said(front, latency=latency(3.1))
    assert "Its slowest round, 3.12 ms, is above 3 ms: the limit is of the median." in said(
        front, latency=latency(2.95, 0.0576)
    )
    assert "Measured again" not in said(front, latency=latency(9.0), max_latency=None, min_score=0.5)
    other = said(front, dev=scores(0.91))
    assert "Its head was trained again and differs a little: in the front its dev score was 9" in other
    compact = chosen(front).compact.model_copy(update={"parity": 2})
    assert "2 test words come out otherwise than from the activations" in said(front, compact=compact)


def test_what_is_as_fast_within_the_noise_and_better_is_named(front: Front) -> None:
    one = chosen(front).point
    rival = point(one.latency.ms * 1.05, 512, 0.9299, last_layer=4, threshold=0.3)
    with_rival = example_front(points=[*front.points, rival])
    assert (
        "As fast within the range of the rounds, and better on dev (93.0 %): 512 neurons of layers 0 to 4 (c_t 0.3)."
        in said(with_rival)
    )
    assert "As fast within" not in said(example_front(points=[one, front.oracle]))
