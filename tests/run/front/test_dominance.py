"""The front against the definition, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosieve.run.front.dominance import non_dominated

# Small whole numbers, so that ties of every kind come up.
POINTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14)
Triple = tuple[int, int, int]


def dominates(one: Triple, other: Triple, margin: float = 0.0) -> bool:
    """Two costs and a score: the definition."""
    no_dearer = one[0] <= other[0] and one[1] <= other[1]
    no_less = one[2] >= other[2] + margin
    return no_dearer and no_less and (one[:2] != other[:2] or one[2] > other[2] + margin)


def front(points: list[Triple], margin: float = 0.0) -> list[bool]:
    return non_dominated([one[:2] for one in points], [one[2] for one in points], margin).tolist()


@given(POINTS)
def test_no_point_on_the_front_is_dominated_and_every_other_is_by_one_on_it(points: list[Triple]) -> None:
    found = front(points)
    on_front = [one for one, is_on in zip(points, found, strict=True) if is_on]
    assert on_front, "something is always best"
    for one, is_on in zip(points, found, strict=True):
        assert any(dominates(other, one) for other in on_front) != is_on
        assert any(dominates(other, one) for other in points) != is_on


@given(POINTS, st.randoms(use_true_random=False))
def test_the_order_of_the_points_is_nothing_to_it(points: list[Triple], random) -> None:
    places = list(range(len(points)))
    random.shuffle(places)
    found = front(points)
    assert front([points[place] for place in places]) == [found[place] for place in places]


@given(POINTS, st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)))
def test_a_point_that_is_dominated_changes_nothing(points: list[Triple], more: Triple) -> None:
    if any(dominates(one, more) for one in points):
        assert front([*points, more]) == [*front(points), False]


@given(POINTS, st.sampled_from([0.5, 1.0, 1.5, 3.0]))
def test_a_margin_keeps_all_that_no_point_beats_by_so_much(points: list[Triple], margin: float) -> None:
    wide = front(points, margin)
    assert wide == [not any(dominates(other, one, margin) for other in points) for one in points]
    assert all(w for w, exact in zip(wide, front(points), strict=True) if exact)


@settings(max_examples=30)
@given(POINTS)
def test_one_cost_alone_gives_the_running_best(points: list[Triple]) -> None:
    """With one cost the front is where the best score so far rises, going from cheap to dear."""
    found = non_dominated([[one[0]] for one in points], [one[2] for one in points])
    for one, is_on in zip(points, found, strict=True):
        cheaper = [other[2] for other in points if other[0] < one[0]]
        equal = [other[2] for other in points if other[0] == one[0]]
        assert is_on == (one[2] == max(equal) and one[2] > max(cheaper, default=-1))


@pytest.mark.parametrize(
    ("costs", "scores", "margin", "said"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0, r"Costs are \(points × costs\), scores \(points,\); they are \(2,\) and \(2,\)"),
        ([[1.0], [2.0]], [1.0], 0.0, r"they are \(2, 1\) and \(1,\)"),
        ([[1.0], [np.nan]], [1.0, 2.0], 0.0, "must be finite"),
        ([[1.0]], [np.inf], 0.0, "must be finite"),
        ([[1.0]], [1.0], -0.1, r"The margin must be 0 or more; it is -0\.1"),
        ([[1.0]], [1.0], float("nan"), "The margin must be 0 or more; it is nan"),
    ],
)
def test_what_has_no_front_is_refused(costs, scores, margin, said) -> None:
    with pytest.raises(ValueError, match=said):
        non_dominated(costs, scores, margin)
