"""Which point is taken, and what is said where none can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosieve.errors import ConfigError
from neurosieve.run.front.choice import Limits, pick, sure_score
from tests.run.front.example import point

FEW = [
    point(1.0, 64, 0.80, last_layer=0),
    point(2.0, 64, 0.88, last_layer=2),
    point(2.0, 256, 0.90, last_layer=2),
    point(3.0, 64, 0.90, last_layer=3),
    point(4.0, 32, 0.92, last_layer=4),
]


@pytest.mark.parametrize(
    ("limits", "taken"),
    [
        (Limits(max_latency=1.0), 0),
        (Limits(max_latency=2.5), 2),
        (Limits(max_latency=3.5), 2),  # as good as the next, and faster
        (Limits(max_latency=99), 4),
        (Limits(min_score=0.90, by="score"), 2),
        (Limits(min_score=0.90), 4),  # the lower ends of 0.90 are 0.896
        (Limits(min_score=0.895), 2),
        (Limits(min_score=0.85), 2),  # as fast as the one before, and better
        (Limits(min_score=-1.0), 0),
        (Limits(max_latency=3.0, min_score=0.85), 2),
    ],
)
def test_the_best_within_the_limits_is_taken(limits: Limits, taken: int) -> None:
    assert pick(FEW, limits) is FEW[taken]
    assert pick(FEW[::-1], limits) is FEW[taken]


def test_without_an_interval_the_score_is_what_there_is() -> None:
    bare = FEW[0].model_copy(update={"dev": FEW[0].dev.model_copy(update={"interval": None})})
    assert sure_score(bare, "bound") == 0.80
    assert sure_score(FEW[0], "bound") == pytest.approx(0.796)
    assert sure_score(FEW[0], "score") == 0.80


MANY = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from([8, 16, 32]), st.integers(60, 95)), min_size=1, max_size=12
).map(lambda drawn: [point(ms, neurons, dev / 100) for ms, neurons, dev in drawn])


@given(MANY, st.integers(1, 6))
def test_nothing_within_the_latency_scores_more(points, most: int) -> None:
    admitted = [one for one in points if one.latency.ms <= most]
    if not admitted:
        with pytest.raises(ConfigError, match=f"No point takes {most} ms or less"):
            pick(points, Limits(max_latency=most))
        return
    taken = pick(points, Limits(max_latency=most))
    assert taken.latency.ms <= most
    assert taken.dev.value == max(one.dev.value for one in admitted)
    equal = [one for one in admitted if one.dev.value == taken.dev.value]
    assert taken.latency.ms == min(one.latency.ms for one in equal)


@given(MANY, st.integers(60, 95), st.sampled_from(["bound", "score"]))
def test_nothing_with_the_score_is_faster(points, least: int, by) -> None:
    limits = Limits(min_score=least / 100, by=by)
    admitted = [one for one in points if sure_score(one, by) >= least / 100]
    if not admitted:
        with pytest.raises(ConfigError, match="or more: the highest is"):
            pick(points, limits)
        return
    taken = pick(points, limits)
    assert taken in admitted
    assert taken.latency.ms == min(one.latency.ms for one in admitted)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(), "Say what the compact model must keep to"),
        (Limits(max_latency=0.0), "A latency lies above 0 milliseconds; this one is 0"),
        (Limits(max_latency=float("nan")), "this one is nan"),
        (Limits(min_score=90), "A score is 1 at most, such as 0.9 for 90 %; this one is 90"),
        (Limits(min_score=float("nan")), "this one is nan"),
        (
            Limits(max_latency=0.5),
            r"No point takes 0\.5 ms or less: the fastest, 64 neurons of layer 0, takes 1 ms\. Allow that much\.",
        ),
        (
            Limits(min_score=0.95),
            r"No point has a lower end of the dev score's 95 % interval of 0\.95 or more: the highest is 0\.9160, of "
            r"32 neurons of layers 0 to 4\. Ask for no more than that \(dev score 0\.9200\); or compare the dev score "
            r"itself: --by score\.",
        ),
        (
            Limits(max_latency=2.0, min_score=0.91, by="score"),
            r"No point within 2 ms has a dev score of 0\.91 or more: the highest is 0\.9000, of 256 neurons of "
            r"layers 0 to 2\. Ask for no more than that\.$",
        ),
    ],
)
def test_what_cannot_be_had_is_said_with_what_can(limits: Limits, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        pick(FEW, limits)
